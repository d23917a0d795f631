//! Official firmware on the shipped command line: fetched from a server on loopback, then flashed without one.
//!
//! The server has firmware that is newer than the list in this program, so images made here can stand for it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code: a panic is a failure"
)]

#[path = "support/desk.rs"]
mod desk;
#[path = "support/http_server.rs"]
mod http_server;

use std::path::PathBuf;
#[cfg(unix)]
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
#[cfg(unix)]
use std::time::Duration;

use carto_flasher::board::{Mcu, Transport};
use carto_flasher::digest::Sha256;
#[cfg(unix)]
use carto_flasher::transport::Clock as _;
#[cfg(unix)]
use carto_flasher::transport::native::RealClock;
use carto_flasher::transport::sim::practice;
use desk::Desk;
use http_server::{Answer, Server};
use serde_json::Value;

const G4: Mcu = Mcu::Stm32G431;
const CAN: Transport = Transport::Can { bitrate: 1_000_000 };
const NEW: &str = "CARTOGRAPHER V4 6.3.0";
const NEW_LITE: &str = "CARTOGRAPHER V4 6.3.0 Lite";
const HEADER: &str = "filepath,filename,firmware_type,protocol,process,probe_version,firmware_version,can_speed,is_lite,min_plugin_version";

/// Path, the rest of its row in upstream's list, and bytes.
type Served = (&'static str, &'static str, Vec<u8>);

/// What the mirror has that is newer than this program. Made once: that takes long without optimization.
fn served() -> &'static [Served] {
    static SERVED: OnceLock<Vec<Served>> = OnceLock::new();
    SERVED.get_or_init(|| {
        vec![
            (
                "v4/firmware/6.3.0/USB_full.bin",
                "USB,Update,v4,6.3.0,,No,1.7.0",
                practice::app(G4, Transport::Usb, NEW),
            ),
            (
                "v4/firmware/6.3.0/USB_lite.bin",
                "USB,Update,v4,6.3.0,,Yes,1.7.0",
                practice::app(G4, Transport::Usb, NEW_LITE),
            ),
            (
                "v4/firmware/6.3.0/CAN_1M_full.bin",
                "CAN,Update,v4,6.3.0,1000000,No,1.7.0",
                practice::app(G4, CAN, NEW),
            ),
            (
                "v4/combined-firmware/6.3.0/USB_full.bin",
                "USB,DFU,v4,6.3.0,,No,1.7.0",
                practice::combined(G4, Transport::Usb, NEW),
            ),
        ]
    })
}

fn app() -> &'static [u8] {
    &served()[0].2
}

fn combined() -> &'static [u8] {
    &served()[3].2
}

fn mirror() -> Server {
    let server = Server::start();
    let mut rows = vec![HEADER.to_owned()];
    for (path, row, bytes) in served() {
        server.answer(&format!("/firmware/{path}"), Answer::File(bytes.clone()));
        rows.push(format!("{path},x,Cartographer,{row}"));
    }
    let list = rows.join("\n").into_bytes();
    server.answer("/firmware_list.csv", Answer::File(list));
    server
}

impl Desk {
    /// One who fetched everything from a mirror that is gone now.
    fn filled() -> Self {
        let desk = Self::new();
        let server = mirror();
        let (exit, answer) = desk.json(&["firmware", "fetch", "--all", "--source", &server.url()]);
        assert_eq!(exit, 0, "{answer}");
        assert_eq!(answer["fetch"]["fetched"], served().len(), "{answer}");
        desk
    }

    /// The kept copy of these bytes.
    fn object(&self, bytes: &[u8]) -> PathBuf {
        self.path("kept")
            .join("v1/objects")
            .join(Sha256::of(bytes).to_string())
    }
}

fn flip_a_byte(path: &PathBuf) {
    let mut bytes = std::fs::read(path).unwrap();
    bytes[1000] ^= 1;
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn once_fetched_the_newest_is_flashed_without_a_network() {
    let desk = Desk::filled();
    let (exit, answer, chip) = desk.flash("v4-usb", &["--firmware", "latest", "--offline"]);
    assert_eq!(exit, 0, "{answer}");
    assert!(chip[0x2000..].starts_with(app()));
    assert_eq!(answer["report"]["outcome"]["version"], NEW);
    assert_eq!(answer["firmware"]["id"], "v4-6.3.0-usb-full");
    assert_eq!(answer["firmware"]["min_plugin"], "1.7.0");
    let only_by = answer["firmware"]["only_by"].as_str().unwrap();
    assert!(
        only_by.starts_with("http://127.0.0.1:"),
        "a mirror's word is not upstream's: {only_by}"
    );
    // Again: nothing differs, and that is as good.
    let holds = format!("v4-usb,holds={}", desk.text("dump.bin"));
    let (exit, answer, _) = desk.flash(&holds, &["--firmware", "latest", "--offline"]);
    assert_eq!(exit, 0, "{answer}");
    assert_eq!(answer["report"]["pages_written"], 0);
}

#[test]
fn what_is_flashed_is_told_in_words() {
    let desk = Desk::filled();
    let output = desk.run(&[
        "flash",
        "--firmware",
        "latest",
        "--simulate",
        "v4-usb",
        "--yes",
    ]);
    let text = String::from_utf8_lossy(&output.stdout);
    for words in [
        "6.3.0",
        "v4-6.3.0-usb-full",
        "kept on this computer",
        "upstream has not vouched for it",
        "Done.",
        "needs cartographer3d-plugin 1.7.0",
    ] {
        assert!(text.contains(words), "{words} not in {text}");
    }
}

#[test]
fn dfu_gets_the_combined_image() {
    let desk = Desk::filled();
    for firmware in ["latest", "v4-6.3.0-usb-full-combined"] {
        let (exit, answer, chip) = desk.flash("v4-dfu", &["--firmware", firmware, "--offline"]);
        assert_eq!(exit, 0, "{answer}");
        assert!(chip.starts_with(combined()));
    }
}

#[test]
fn a_lite_probe_stays_lite_unless_asked() {
    let desk = Desk::filled();
    let lite = practice::combined(G4, Transport::Usb, "CARTOGRAPHER V4 6.1.0 Lite");
    std::fs::write(desk.path("lite.bin"), lite).unwrap();
    let bench = format!("v4-usb,holds={}", desk.text("lite.bin"));
    let (_, answer, _) = desk.flash(&bench, &["--firmware", "latest"]);
    assert_eq!(answer["firmware"]["id"], "v4-6.3.0-usb-lite", "{answer}");
    let (_, answer, _) = desk.flash(&bench, &["--firmware", "latest", "--variant", "full"]);
    assert_eq!(answer["firmware"]["id"], "v4-6.3.0-usb-full", "{answer}");
}

#[test]
fn firmware_for_can_through_a_katapult_on_usb_comes_with_a_warning() {
    let desk = Desk::filled();
    for bench in ["v4-usb", "v4-katapult"] {
        let (exit, answer, _) = desk.flash(bench, &["--firmware", "latest", "--bitrate", "1M"]);
        assert_eq!(exit, 0, "{answer}");
        assert_eq!(answer["firmware"]["id"], "v4-6.3.0-can-1m-full");
        assert_eq!(answer["report"]["outcome"]["kind"], "now_on_can");
        let notes = answer["notes"].to_string();
        assert!(
            notes.contains("Katapult on this probe talks USB"),
            "{notes}"
        );
    }
}

#[test]
fn a_flipped_byte_is_noticed_and_mended_or_refused() {
    let desk = Desk::new();
    let server = mirror();
    let source = ["--source", &server.url()];
    let fetch = [&["firmware", "fetch", "--all"], &source[..]].concat();
    assert_eq!(desk.json(&fetch).0, 0);
    let object = desk.object(app());

    flip_a_byte(&object);
    let (exit, code, answer) = desk.fails(&["firmware", "verify"]);
    assert_eq!((exit, code.as_str()), (4, "wrong_files"), "{answer}");
    let online = [&["--firmware", "latest"], &source[..]].concat();
    let (exit, answer, chip) = desk.flash("v4-usb", &online);
    assert_eq!(exit, 0, "{answer}");
    assert!(chip[0x2000..].starts_with(app()));
    assert_eq!(std::fs::read(&object).unwrap(), app(), "fetched again");

    flip_a_byte(&object);
    drop(server);
    let flash = [
        "flash",
        "--firmware",
        "latest",
        "--simulate",
        "v4-usb",
        "--yes",
        "--offline",
    ];
    let (exit, code, answer) = desk.fails(&flash);
    assert_eq!((exit, code.as_str()), (4, "kept_file_damaged"), "{answer}");
    assert!(!object.exists(), "it is set aside");
    let quarantine = desk.path("kept").join("v1/quarantine");
    assert!(std::fs::read_dir(quarantine).unwrap().count() > 0);
    let (exit, code, answer) = desk.fails(&flash);
    assert_eq!(
        (exit, code.as_str()),
        (4, "not_on_this_computer"),
        "{answer}"
    );
}

#[test]
fn an_empty_cache_says_what_to_fetch_and_touches_nothing() {
    let desk = Desk::new();
    for bench in ["v4-usb", "v4-dfu", "v3-usb", "v3-dfu"] {
        let untouched = desk.text("untouched.bin");
        desk.run(&[
            "devices",
            "--simulate",
            bench,
            "--simulate-dump",
            &untouched,
        ]);
        let (exit, answer, chip) = desk.flash(bench, &["--firmware", "latest"]);
        assert_eq!(
            (exit, &answer["code"]),
            (4, &"not_on_this_computer".into()),
            "{answer}"
        );
        let steps = answer["steps"].to_string();
        assert!(
            steps.contains("carto-flasher-cli firmware fetch v"),
            "{steps}"
        );
        assert_eq!(chip, std::fs::read(untouched).unwrap());
    }
}

#[test]
fn what_does_not_fit_is_refused_before_it_is_fetched() {
    let desk = Desk::new();
    let cases = [
        ("v4-usb", "v3-6.1.0-usb-full", 4, "other_mcu"),
        ("v3-dfu", "v4-6.1.0-usb-full-combined", 4, "other_mcu"),
        (
            "v4-usb",
            "v4-6.1.0-usb-full-combined",
            4,
            "not_through_katapult",
        ),
        ("v4-usb", "v4-katapult-usb", 4, "not_through_katapult"),
        ("v4-usb", "v4-9.9.9", 4, "unknown_firmware"),
        ("none", "latest", 3, "no_probe"),
        ("toolboard-dfu", "latest", 4, "only_strangers"),
    ];
    for (bench, firmware, exit, code) in cases {
        let (got, answer, _) = desk.flash(bench, &["--firmware", firmware]);
        assert_eq!(
            (got, &answer["code"]),
            (exit, &code.into()),
            "{firmware}: {answer}"
        );
    }
    let (_, answer, _) = desk.flash("v4-usb", &["--firmware", "v4-6.1.0-usb-full-combined"]);
    assert!(
        answer["steps"].to_string().contains("v4-6.1.0-usb-full\""),
        "{answer}"
    );
    let (_, answer, _) = desk.flash("v4-usb", &["--firmware", "v4-6.2.0"]);
    assert!(
        answer["steps"].to_string().contains("v4-6.2.0-usb-full"),
        "{answer}"
    );
}

#[test]
fn options_that_contradict_each_other_exit_with_2() {
    let desk = Desk::new();
    let both = [
        "flash",
        "x.bin",
        "--firmware",
        "latest",
        "--simulate",
        "v4-usb",
    ];
    for arguments in [
        &["flash", "--simulate", "v4-usb"][..],
        &both,
        &["firmware", "fetch"],
    ] {
        assert_eq!(desk.run(arguments).status.code(), Some(2), "{arguments:?}");
    }
    for arguments in [
        &[
            "--firmware",
            "latest",
            "--transport",
            "usb",
            "--bitrate",
            "1M",
        ][..],
        &["--firmware", "v4-6.2.0-usb-full", "--transport", "can"],
    ] {
        let (exit, answer, _) = desk.flash("v4-usb", arguments);
        assert_eq!(
            (exit, &answer["code"]),
            (2, &"contradictory_options".into()),
            "{answer}"
        );
    }
    let (exit, answer, _) = desk.flash("v4-usb", &["--firmware", "latest", "--bitrate", "125k"]);
    assert_eq!(
        (exit, &answer["code"]),
        (4, &"no_such_build".into()),
        "{answer}"
    );
}

#[test]
fn the_list_is_filtered_and_says_what_is_here() {
    let desk = Desk::new();
    let list = |arguments: &[&str]| {
        let (exit, answer) = desk.json(&[&["firmware", "list"], arguments].concat());
        assert_eq!(exit, 0, "{answer}");
        answer["firmware"].as_array().unwrap().clone()
    };
    let newest = &list(&["--board", "v4", "--transport", "usb", "--variant", "full"])[0];
    assert_eq!(newest["id"], "v4-6.2.0-usb-full");
    assert_eq!(newest["min_plugin"], "1.6.0");
    assert_eq!(newest["status"], "needs_download");
    assert_eq!(list(&["--all"]).len(), 121);
    assert!(list(&[]).len() < 121);
    assert!(
        list(&["--board", "v2"])
            .iter()
            .any(|entry| entry["board"] == "v3")
    );
    assert!(
        list(&["--board", "v4", "--all"])
            .iter()
            .all(|entry| entry["board"] == "v4")
    );
    let slow = list(&["--bitrate", "250k"]);
    assert!(!slow.is_empty() && slow.iter().all(|entry| entry["bitrate"] == 250_000));

    let server = mirror();
    let with_new = list(&["--refresh", "--source", &server.url(), "--board", "v4"]);
    assert_eq!(with_new[0]["id"], "v4-6.3.0-usb-full");
    let text = desk
        .run(&["firmware", "list", "--board", "v4", "--transport", "usb"])
        .stdout;
    let text = String::from_utf8(text).unwrap();
    assert!(text.contains("needs cartographer3d-plugin 1.6.0"), "{text}");
}

#[test]
fn fetching_some_files_to_a_folder() {
    let desk = Desk::new();
    let server = mirror();
    let to = desk.text("out");
    let fetch = |ids: &[&str]| {
        let fixed = ["firmware", "fetch", "--to", &to, "--source", &server.url()];
        desk.fails(&[&fixed, ids].concat())
    };
    let (exit, _, answer) = fetch(&["v4-6.3.0-usb-full"]);
    assert_eq!(exit, 0, "{answer}");
    let file = desk.path("out").join(served()[0].0);
    assert_eq!(std::fs::read(file).unwrap(), app());
    let (exit, code, answer) = fetch(&["v4-6.3.0-usb-full", "v4-6.2.0-usb-full"]);
    assert_eq!((exit, code.as_str()), (4, "not_served"), "{answer}");
    assert_eq!(answer["fetch"]["not_served"][0], "v4-6.2.0-usb-full");
    let (exit, code, _) = fetch(&["v5-1.0.0"]);
    assert_eq!((exit, code.as_str()), (4, "unknown_firmware"));
}

/// Sends Ctrl+C once something has happened, which it does soon or never.
#[cfg(unix)]
fn interrupted_when(mut child: Child, happened: impl Fn() -> bool) -> Child {
    let clock = RealClock::new();
    while !happened() {
        assert!(child.try_wait().unwrap().is_none(), "it ended early");
        assert!(clock.now() < Duration::from_secs(30), "it does not happen");
        clock.sleep(Duration::from_millis(2));
    }
    let kill = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(kill.unwrap().success());
    child
}

#[cfg(unix)]
fn piped(mut command: Command) -> Child {
    command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Also where the fetch is only the beginning of a flash, and before a server has listed what it has.
#[cfg(unix)]
#[test]
fn ctrl_c_before_a_probe_is_touched_has_the_same_code() {
    let desk = Desk::new();
    let server = mirror();
    let file = format!("/firmware/{}", served()[0].0);
    for silent in [file.as_str(), "/firmware_list.csv"] {
        server.answer(silent, Answer::Silent);
        let before = server.seen().len();
        let source = server.url();
        let flash = [
            "flash",
            "--firmware",
            "latest",
            "--simulate",
            "v4-usb",
            "--yes",
        ];
        let child = piped(desk.command(&[&flash[..], &["--source", &source, "--json"]].concat()));
        let asked = || {
            server.seen()[before..]
                .iter()
                .any(|seen| seen.target == silent)
        };
        let output = interrupted_when(child, asked).wait_with_output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(7), "{text}");
        assert_eq!(text.matches("\"code\":\"cancelled\"").count(), 1, "{text}");
    }
}

/// A list that could not be had makes "newest" a guess, and that is told to programs too.
#[test]
fn what_may_be_old_is_said_to_be() {
    let desk = Desk::filled();
    let gone = mirror().url();
    let (exit, answer) = desk.json(&["firmware", "list", "--refresh", "--source", &gone]);
    assert_eq!(exit, 0, "{answer}");
    let told = |answer: &Value| {
        answer["notes"]
            .to_string()
            .contains("going on with the list")
    };
    assert!(told(&answer), "{answer}");
    let (exit, answer, _) = desk.flash("v4-usb", &["--firmware", "latest", "--source", &gone]);
    assert_eq!(exit, 0, "{answer}");
    assert!(told(&answer), "{answer}");
}

/// Settings that cannot be read may have said never to use the network.
#[cfg(target_os = "linux")]
#[test]
fn damaged_settings_are_told_and_the_network_is_not_asked() {
    let desk = Desk::new();
    let settings = desk.settings();
    std::fs::create_dir_all(settings.parent().unwrap()).unwrap();
    for (text, said) in [("{", "are damaged"), (r#"{"offline": true}"#, "")] {
        std::fs::write(&settings, text).unwrap();
        let output = desk.run(&["firmware", "list"]);
        assert_eq!(output.status.code(), Some(0));
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains(said), "{text}");
        let (exit, code, answer) = desk.fails(&["firmware", "list", "--refresh"]);
        assert_eq!((exit, code.as_str()), (4, "offline_mode"), "{answer}");
        // Whoever names a source wants it asked.
        let server = mirror();
        let asked = ["firmware", "list", "--refresh", "--source", &server.url()];
        assert_eq!(desk.json(&asked).0, 0);
        assert!(!server.seen().is_empty());
    }
}

/// Ctrl+C while a server says nothing: the documented code, what was fetched is whole, and the next run goes on.
#[cfg(unix)]
#[test]
fn ctrl_c_ends_a_fetch_with_its_own_code_and_a_cache_in_order() {
    let desk = Desk::new();
    let server = mirror();
    let silent = format!("/firmware/{}", served()[2].0);
    server.answer(&silent, Answer::Silent);
    let source = server.url();
    let fetch = ["firmware", "fetch", "--source", &source];
    let ids = [
        "v4-6.3.0-usb-full",
        "v4-6.3.0-can-1m-full",
        "v4-6.3.0-usb-lite",
    ];
    let arguments = [&fetch[..], &ids].concat();
    for json in [true, false] {
        let before = server.seen().len();
        let mut command = desk.command(&arguments);
        if json {
            command.arg("--json");
        }
        let child = piped(command);
        let asked = || {
            server.seen()[before..]
                .iter()
                .any(|seen| seen.target == silent)
        };
        let child = interrupted_when(child, asked);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(7), "{output:?}");
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        let words = if json {
            "\"code\":\"cancelled\""
        } else {
            "Stopped"
        };
        assert_eq!(text.matches(words).count(), 1, "{text}");
        assert_eq!(std::fs::read(desk.object(app())).unwrap(), app());
        assert_eq!(desk.json(&["firmware", "verify"]).0, 0);
    }
    server.answer(&silent, Answer::File(served()[2].2.clone()));
    let (exit, answer) = desk.json(&arguments);
    assert_eq!(exit, 0, "{answer}");
    assert_eq!(answer["fetch"]["present"], 1, "{answer}");
    assert_eq!(answer["fetch"]["fetched"], 2, "{answer}");
}

/// The beginning of a file is kept, said to be that, and is neither wrong nor firmware.
#[test]
fn verify_tells_downloads_that_were_cut_off_from_wrong_files() {
    let desk = Desk::filled();
    let partial = desk.path("kept/v1/partial");
    std::fs::create_dir_all(&partial).unwrap();
    std::fs::write(partial.join(Sha256::of(b"whole").to_string()), b"who").unwrap();
    let (exit, answer) = desk.json(&["firmware", "verify"]);
    assert_eq!((exit, &answer["unfinished"]), (0, &1.into()), "{answer}");
    let text = desk.run(&["firmware", "verify"]).stdout;
    let text = String::from_utf8(text).unwrap();
    assert!(text.contains("Downloads that were cut off: 1."), "{text}");
    let (exit, answer) = desk.json(&["firmware", "verify", &desk.text("kept")]);
    assert_eq!(exit, 0, "{answer}");
    let files = answer["folders"][0]["files"].as_array().unwrap();
    let cut_off = files
        .iter()
        .filter(|file| file["verdict"]["verdict"] == "unfinished");
    assert_eq!(cut_off.count(), 1, "{answer}");
    // In a folder of files by their names, half a file is a wrong one.
    let folder = desk.path("folder/v4/katapult");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("Katapult_V4_USB.bin"), b"half").unwrap();
    let (exit, code, _) = desk.fails(&["firmware", "verify", &desk.text("folder")]);
    assert_eq!((exit, code.as_str()), (4, "wrong_files"));
}

#[test]
fn a_server_that_cannot_help_is_named() {
    let desk = Desk::new();
    let gone = mirror().url();
    for (source, code) in [
        (gone.as_str(), "no_connection"),
        ("ftp://example.org/", "bad_address"),
    ] {
        for what in ["--all", "v4-6.2.0-usb-full"] {
            let (exit, got, answer) = desk.fails(&["firmware", "fetch", what, "--source", source]);
            assert_eq!((exit, got.as_str()), (4, code), "{answer}");
            assert!(!answer["steps"].as_array().unwrap().is_empty());
        }
    }
    let server = mirror();
    let usb = format!("/firmware/{}", served()[0].0);
    server.answer(&usb, Answer::File(combined().to_vec()));
    let fetch = [
        "firmware",
        "fetch",
        "v4-6.3.0-usb-full",
        "--source",
        &server.url(),
    ];
    let (exit, code, answer) = desk.fails(&fetch);
    assert_eq!((exit, code.as_str()), (4, "not_as_listed"), "{answer}");
    assert!(!desk.object(combined()).exists());
}

#[test]
fn verify_and_clear() {
    let desk = Desk::new();
    let (exit, answer) = desk.json(&["firmware", "verify"]);
    assert_eq!((exit, &answer["folders"]), (0, &Value::Array(Vec::new())));

    let desk = Desk::filled();
    let (exit, answer) = desk.json(&["firmware", "verify"]);
    assert_eq!(
        (exit, &answer["folders"][0]["clean"]),
        (0, &true.into()),
        "{answer}"
    );
    assert_eq!(
        answer["folders"][0]["files"].as_array().unwrap().len(),
        served().len()
    );
    let (exit, code, _) = desk.fails(&["firmware", "verify", &desk.text("nowhere")]);
    assert_eq!((exit, code.as_str()), (4, "file_trouble"));
    // An official file's place with other bytes in it.
    let fake = desk.path("folder/v4/katapult/Katapult_V4_USB.bin");
    std::fs::create_dir_all(fake.parent().unwrap()).unwrap();
    std::fs::write(&fake, app()).unwrap();
    let (exit, code, answer) = desk.fails(&["firmware", "verify", &desk.text("folder")]);
    assert_eq!((exit, code.as_str()), (4, "wrong_files"), "{answer}");

    let (exit, answer) = desk.json(&["firmware", "clear"]);
    assert_eq!(exit, 0);
    assert!(
        answer["files"].as_u64().unwrap() >= served().len() as u64,
        "{answer}"
    );
    assert!(!desk.object(app()).exists());
    let (_, answer) = desk.json(&["firmware", "clear"]);
    assert_eq!(answer["files"], 0);
}

#[test]
fn inspect_knows_official_files_by_their_hash_only() {
    let desk = Desk::new();
    std::fs::write(desk.path("x.bin"), app()).unwrap();
    let (exit, answer) = desk.json(&["inspect", &desk.text("x.bin")]);
    assert_eq!(exit, 0);
    assert!(answer["image"]["official"].is_null(), "{answer}");
    assert_eq!(answer["image"]["variant"], "full");
    let text = desk.run(&["inspect", &desk.text("x.bin")]).stdout;
    assert!(String::from_utf8(text).unwrap().contains("official  no"));
}

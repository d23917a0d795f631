//! The shipped command line, as a user would run it, against the simulated bench.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::too_many_lines,
    clippy::cast_possible_truncation,
    reason = "test code: a panic is a failure, and what a test prints is its report"
)]

#[path = "support/desk.rs"]
mod desk;
mod support;

use carto_flasher::board::{Mcu, Transport};
use desk::Desk;
use support::{app, combined, katapult};

#[test]
fn flash_writes_the_file_and_exits_with_0() {
    let desk = Desk::new();
    for (persona, mcu) in [("v3-dfu", Mcu::Stm32F042), ("v4-dfu", Mcu::Stm32G431)] {
        let image = combined(mcu, Transport::Usb);
        let file = desk.file("fw.bin", image.bytes());
        let dump = desk.text("dump.bin");
        let output = desk.run(&[
            "flash",
            &file,
            "--simulate",
            persona,
            "--yes",
            "--simulate-dump",
            &dump,
        ]);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(
            output.status.code(),
            Some(0),
            "{text}{}",
            String::from_utf8_lossy(&output.stderr)
        );
        assert!(text.contains("Done"), "{text}");
        assert!(std::fs::read(dump).unwrap().starts_with(image.bytes()));
    }
}

#[test]
fn flash_goes_through_katapult_and_asks_the_version() {
    let desk = Desk::new();
    for (persona, mcu) in [
        ("v3-usb", Mcu::Stm32F042),
        ("v4-usb", Mcu::Stm32G431),
        ("v3-katapult", Mcu::Stm32F042),
        ("v4-katapult", Mcu::Stm32G431),
    ] {
        let image = app(mcu, Transport::Usb);
        let file = desk.file("app.bin", image.bytes());
        let (exit, answer, chip) = desk.flash(persona, &[&file]);
        assert_eq!(
            (exit, answer["code"].as_str()),
            (0, Some("done")),
            "{persona}: {answer}"
        );
        assert_eq!(
            answer["report"]["outcome"]["version"].as_str(),
            Some(support::new_version(mcu))
        );
        assert!(chip[0x2000..].starts_with(image.bytes()));
    }
}

#[test]
fn what_must_not_be_written_exits_with_4_and_says_what_to_do() {
    let desk = Desk::new();
    let huge = desk.text("huge.bin");
    std::fs::File::create(&huge)
        .unwrap()
        .set_len(4 << 30)
        .unwrap();
    let v3 = desk.file("v3.bin", combined(Mcu::Stm32F042, Transport::Usb).bytes());
    let v4 = desk.file("v4.bin", combined(Mcu::Stm32G431, Transport::Usb).bytes());
    let app = desk.file("app.bin", app(Mcu::Stm32F042, Transport::Usb).bytes());
    let text = desk.file(
        "notes.txt",
        b"shopping list: tweezers, probe, patience. "
            .repeat(200)
            .as_slice(),
    );
    let empty = desk.file("empty.bin", b"");
    let cases = [
        (app.as_str(), "v3-dfu", "app_without_bootloader"),
        (&v4, "v3-dfu", "other_mcu"),
        (&v3, "v4-dfu", "other_mcu"),
        (&v4, "toolboard-dfu", "only_strangers"),
        (&text, "v3-dfu", "text_file"),
        (&empty, "v3-dfu", "empty_file"),
        (&huge, "v3-dfu", "too_large"),
    ];
    for (file, persona, code) in cases {
        let untouched = desk.text("untouched.bin");
        desk.run(&[
            "devices",
            "--simulate",
            persona,
            "--simulate-dump",
            &untouched,
        ]);
        let (exit, answer, chip) = desk.flash(persona, &[file]);
        assert_eq!(
            (exit, answer["code"].as_str()),
            (4, Some(code)),
            "{file} on {persona}: {answer}"
        );
        assert!(
            answer["cause"]
                .as_str()
                .is_some_and(|cause| cause.len() > 20),
            "{answer}"
        );
        // A refusal before the bench was opened leaves no dump.
        if !chip.is_empty() {
            assert_eq!(chip, std::fs::read(&untouched).unwrap(), "{code}");
            std::fs::remove_file(desk.path("dump.bin")).unwrap();
        }
    }
}

#[test]
fn an_application_goes_with_its_bootloader() {
    let desk = Desk::new();
    let app = desk.file("app.bin", app(Mcu::Stm32F042, Transport::Usb).bytes());
    let katapult = desk.file(
        "katapult.bin",
        katapult(Mcu::Stm32F042, Transport::Usb).bytes(),
    );
    let (exit, answer, chip) = desk.flash("v3-dfu", &[&app, "--with-bootloader", &katapult]);
    assert_eq!(exit, 0, "{answer}");
    assert!(chip.starts_with(combined(Mcu::Stm32F042, Transport::Usb).bytes()));
}

#[test]
fn an_interrupted_flash_exits_with_5_and_a_second_run_finishes() {
    let desk = Desk::new();
    let image = combined(Mcu::Stm32F042, Transport::Usb);
    let file = desk.file("fw.bin", image.bytes());
    let (exit, answer, _) = desk.flash("v3-dfu,fault=unplug@40%", &[&file]);
    assert_eq!(
        (exit, answer["aftermath"].as_str()),
        (5, Some("returns_to_dfu_on_replug")),
        "{answer}"
    );
    let kept = answer["backup"].as_str().unwrap();
    assert_eq!(std::fs::read(kept).unwrap().len(), 32 * 1024, "{answer}");
    let torn = format!("v3-dfu,holds={}", desk.text("dump.bin"));
    let (exit, answer, chip) = desk.flash(&torn, &[&file]);
    assert_eq!(exit, 0, "{answer}");
    assert!(chip.starts_with(image.bytes()));
}

#[test]
fn backup_and_restore_bring_everything_back() {
    let desk = Desk::new();
    let file = desk.file("fw.bin", combined(Mcu::Stm32F042, Transport::Usb).bytes());
    let backup = desk.text("backup.bin");
    assert_eq!(desk.json(&["backup", &backup, "--simulate", "v3-dfu"]).0, 0);
    let (exit, answer) = desk.json(&["backup", &backup, "--simulate", "v3-dfu"]);
    assert_eq!((exit, answer["code"].as_str()), (4, Some("file_exists")));
    assert_eq!(desk.flash("v3-dfu", &[&file]).0, 0);
    let flashed = format!("v3-dfu,holds={}", desk.text("dump.bin"));
    let (exit, answer, chip) = desk.write("restore", &flashed, &[&backup]);
    assert_eq!(exit, 0, "{answer}");
    assert_eq!(chip, std::fs::read(backup).unwrap());
}

/// A name that is no Unicode is unusual, and no reason to fail after everything was written.
#[cfg(target_os = "linux")]
#[test]
fn a_folder_whose_name_is_no_text_does_not_spoil_the_end() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let desk = Desk::new();
    let odd = OsStr::from_bytes(b"x\xff");
    let file = desk.file("fw.bin", combined(Mcu::Stm32F042, Transport::Usb).bytes());
    let flash = ["flash", &file, "--simulate", "v3-dfu", "--yes"];
    let folder = [OsStr::new("--backup-folder"), odd];
    let backup = ["backup", "--simulate", "v3-dfu"];
    let out = OsStr::from_bytes(b"y\xff.bin");
    for json in [true, false] {
        let mut commands = [desk.command(&flash), desk.command(&backup)];
        commands[0].args(folder);
        commands[1].arg(out);
        for mut command in commands {
            if json {
                let (exit, answer) = desk::answer(command.arg("--json"));
                assert_eq!(exit, 0, "{answer}");
                let saved = answer["report"]["backup"].as_str().unwrap();
                assert!(saved.contains('\u{fffd}'), "{saved}");
            } else {
                let output = command.output().unwrap();
                assert_eq!(output.status.code(), Some(0), "{output:?}");
            }
        }
        std::fs::remove_file(desk.path("").join(out)).unwrap();
    }
    assert_eq!(
        std::fs::read_dir(desk.path("").join(odd)).unwrap().count(),
        2
    );
    // Nor where firmware is looked through.
    let inside = desk.path("").join(odd).join("z.bin");
    std::fs::write(inside, b"x").unwrap();
    for json in [true, false] {
        let mut command = desk.command(&["firmware", "verify"]);
        command.arg(odd);
        let exit = if json {
            desk::answer(command.arg("--json")).0
        } else {
            command.output().unwrap().status.code().unwrap()
        };
        assert_eq!(exit, 0);
    }
}

#[test]
fn no_probe_exits_with_3_and_a_bad_command_line_with_2() {
    let desk = Desk::new();
    let file = desk.file("fw.bin", combined(Mcu::Stm32F042, Transport::Usb).bytes());
    for (arguments, exit, code) in [
        (
            vec!["flash", &file, "--simulate", "none", "--yes"],
            3,
            "no_probe",
        ),
        (
            vec!["flash", &file, "--simulate", "v3-dfu+v3-dfu", "--yes"],
            3,
            "several_probes",
        ),
        (
            vec![
                "flash",
                &file,
                "--simulate",
                "v3-dfu",
                "--yes",
                "--device",
                "nowhere",
            ],
            3,
            "no_such_device",
        ),
        (
            vec!["flash", &file, "--simulate", "v9-dfu", "--yes"],
            2,
            "bad_bench",
        ),
        (vec!["flash", &file, "--simulate", "v3-dfu"], 2, "needs_yes"),
    ] {
        let (got, answer) = desk.json(&arguments);
        assert_eq!(
            (got, answer["code"].as_str()),
            (exit, Some(code)),
            "{arguments:?}: {answer}"
        );
    }
    assert_eq!(desk.run(&["--help"]).status.code(), Some(0));
    assert_eq!(
        desk.run(&["flash", "--help", "--json"]).status.code(),
        Some(0)
    );
}

/// A program that reads JSON gets JSON, also for what the parser of the command line refuses.
#[test]
fn a_command_line_that_cannot_be_understood_is_told_to_people_and_programs() {
    let desk = Desk::new();
    for arguments in [
        &["flash"][..],
        &["flash", "x.bin", "--fast"],
        &["flash", "x.bin", "--reconnect", "3601"],
        &["--simulate", "devices"],
        &[],
    ] {
        let output = desk.run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty() && !output.stderr.is_empty());
        let (exit, code, answer) = desk.fails(arguments);
        assert_eq!((exit, code.as_str()), (2, "usage"), "{answer}");
        assert_eq!(answer["ok"], false);
        assert!(
            answer["cause"]
                .as_str()
                .is_some_and(|cause| cause.len() > 10),
            "{answer}"
        );
    }
    let (_, _, answer) = desk.fails(&["--simulate", "devices"]);
    assert!(
        answer["cause"].as_str().unwrap().contains("is a command"),
        "{answer}"
    );
}

/// One code, one exit.
#[test]
fn a_file_that_cannot_be_written_is_refused_whichever_it_is() {
    let desk = Desk::new();
    let dump = desk.text("no/such/folder/dump.bin");
    let (exit, code, _) =
        desk.fails(&["devices", "--simulate", "v3-dfu", "--simulate-dump", &dump]);
    assert_eq!((exit, code.as_str()), (4, "cannot_write"));
}

#[test]
fn devices_lists_probes_with_their_version() {
    let desk = Desk::new();
    let (exit, answer) = desk.json(&["devices", "--simulate", "v4-usb"]);
    assert_eq!(exit, 0);
    assert!(
        answer["devices"][0]["version"]
            .as_str()
            .is_some_and(|v| v.contains("V4")),
        "{answer}"
    );
    let (_, answer) = desk.json(&["devices", "--no-identify", "--simulate", "v4-usb"]);
    assert!(answer["devices"][0]["version"].is_null(), "{answer}");
}

#[test]
fn inspect_tells_what_a_file_is() {
    let desk = Desk::new();
    let image = combined(Mcu::Stm32G431, Transport::Can { bitrate: 500_000 });
    let (exit, answer) = desk.json(&["inspect", &desk.file("fw.bin", image.bytes())]);
    assert_eq!(exit, 0);
    let image_json = &answer["image"];
    assert_eq!(image_json["role"], "combined");
    assert_eq!(image_json["mcu"], "stm32g431xx");
    assert_eq!(image_json["transport"], "can");
    assert_eq!(image_json["bitrate"], 500_000);
    assert_eq!(image_json["link_address"], "0x08000000");
    assert_eq!(image_json["sha256"], image.sha256());
}

#[test]
fn shells_get_a_script_that_completes_and_packages_get_manual_pages() {
    let desk = Desk::new();
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let output = desk.run(&["completions", shell]);
        let script = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(0), "{shell}");
        assert!(script.contains("carto-flasher-cli"), "{shell}");
        assert!(script.contains("install-udev-rule"), "{shell}");
    }
    assert_eq!(desk.run(&["completions", "dos"]).status.code(), Some(2));
    // Every command that the bash script recognizes has its words there.
    let script = String::from_utf8(desk.run(&["completions", "bash"]).stdout).unwrap();
    let recognized: Vec<&str> = script
        .lines()
        .filter_map(|line| line.trim().strip_prefix("cmd=\"")?.strip_suffix('"'))
        .filter(|command| !command.is_empty())
        .collect();
    assert!(recognized.len() > 10, "{recognized:?}");
    for command in recognized {
        let case = format!("        {command})");
        assert!(script.lines().any(|line| line == case), "{command}");
    }

    let folder = desk.text("");
    assert_eq!(desk.run(&["manual", &folder]).status.code(), Some(0));
    let page = std::fs::read_to_string(desk.text("carto-flasher-cli-flash.1")).unwrap();
    assert!(page.contains("accept\\-deployer\\-risk"), "{page}");
    let nowhere = desk.text("nowhere");
    let (exit, answer) = desk.json(&["manual", &nowhere]);
    assert_eq!((exit, answer["code"].as_str()), (4, Some("cannot_write")));
}

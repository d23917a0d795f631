//! The doctor on the shipped command line: what it says, and the rule it writes and removes.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code: a panic is a failure"
)]

#[path = "support/desk.rs"]
mod desk;

use carto_flasher::doctor::linux::rule;
use desk::Desk;
use serde_json::Value;

#[test]
fn a_report_has_what_was_found_and_no_serial() {
    const SERIAL: &str = "2A0041001850325035363220";
    let desk = Desk::new();
    let path = desk.path("report.txt");
    let bench = format!("v3-usb,serial={SERIAL},access=busy:klippy (process 612)");
    let arguments = [
        "doctor",
        "--report",
        path.to_str().unwrap(),
        "--simulate",
        &bench,
    ];
    let output = desk.run(&arguments);
    // It is saved although something stands in the way.
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let report = std::fs::read_to_string(&path).unwrap();
    for expected in [
        concat!("carto-flasher ", env!("CARGO_PKG_VERSION")),
        std::env::consts::OS,
        "Hardware: simulated",
        "serial …3220",
        "held_by_klipper",
        "Firmware known: 1",
        "check_for_updates: true",
        "Log of the window: 0 lines",
    ] {
        assert!(report.contains(expected), "{expected} in\n{report}");
    }
    assert!(!report.contains(SERIAL), "{report}");
    assert!(
        !report.contains(desk.text("").trim_end_matches('/')),
        "{report}"
    );
}

#[test]
fn a_report_that_cannot_be_written_is_told() {
    let desk = Desk::new();
    let arguments = [
        "doctor",
        "--report",
        "/no/such/folder/r.txt",
        "--simulate",
        "v3-dfu",
    ];
    let (exit, answer) = desk.json(&arguments);
    assert_eq!((exit, &answer["code"]), (4, &"cannot_write".into()));
    let file = desk.file("thesis.txt", b"years of work");
    let arguments = ["doctor", "--report", &file, "--simulate", "v3-dfu"];
    let (exit, answer) = desk.json(&arguments);
    assert_eq!((exit, &answer["code"]), (4, &"file_exists".into()));
    assert_eq!(std::fs::read(&file).unwrap(), b"years of work");
}

/// Only debug builds have the trap.
#[test]
#[cfg(all(debug_assertions, target_os = "linux"))]
fn a_program_that_fails_says_where_its_report_is() {
    let desk = Desk::new();
    let output = desk
        .command(&["devices", "--simulate"])
        .env("CARTO_FLASHER_PANIC", "cli")
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(101), "{said}");
    assert!(said.contains("run the same command again"), "{said}");
    let (_, path) = said.split_once("sent nowhere: ").unwrap();
    let folder = desk.path("XDG_STATE_HOME/carto-flasher/logs");
    assert!(
        std::path::Path::new(path.trim()).starts_with(&folder),
        "{path}"
    );
    let report = std::fs::read_to_string(path.trim()).unwrap();
    for expected in [
        "Thread: main",
        "the trap of a test",
        "crash.rs:",
        "Job: none",
    ] {
        assert!(report.contains(expected), "{expected} in\n{report}");
    }
}

#[test]
fn a_usable_probe_has_nothing_in_its_way() {
    let desk = Desk::new();
    let (exit, answer) = desk.json(&["doctor", "--simulate", "v3-dfu"]);
    assert_eq!((exit, &answer["probes"]), (0, &1.into()), "{answer}");
    let blocking = |diagnosis: &Value| diagnosis["blocks"] == true;
    assert!(!answer["diagnoses"].as_array().unwrap().iter().any(blocking));
    let text = desk.run(&["doctor", "--simulate", "v3-dfu"]).stdout;
    let text = String::from_utf8(text).unwrap();
    assert!(
        text.contains("in DFU mode") && text.contains("Nothing stands in the way"),
        "{text}"
    );
}

#[test]
fn what_blocks_is_named_with_its_repair_and_exits_with_3() {
    let desk = Desk::new();
    let cases = [
        (
            "v3-usb,access=busy:klippy (process 612)",
            "held_by_klipper",
            "systemctl stop klipper",
        ),
        (
            "v4-usb,access=busy:screen (process 7)",
            "held",
            "Close that program",
        ),
        (
            "v4-dfu,access=wrong-driver:STTub30",
            "old_st_driver",
            "WinUSB",
        ),
        ("v4-dfu,access=wrong-driver", "no_driver", "WinUSB"),
    ];
    for (bench, code, repair) in cases {
        let (exit, answer) = desk.json(&["doctor", "--simulate", bench]);
        assert_eq!((exit, &answer["code"]), (3, &code.into()), "{answer}");
        assert!(answer["steps"].to_string().contains(repair), "{answer}");
        assert_eq!(answer["diagnoses"][0]["code"], code);
        assert!(!answer["diagnoses"][0]["device"].is_null());
    }
    // What is in the way then depends on the computer the test runs on; that something is does not.
    let (exit, answer) = desk.json(&["doctor", "--simulate", "v3-dfu,access=not-permitted"]);
    assert_eq!((exit, &answer["ok"]), (3, &false.into()), "{answer}");
}

#[test]
fn the_rule_is_installed_and_removed_in_a_scratch_root() {
    let desk = Desk::new();
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().display().to_string();
    let file = rule::path(folder.path());
    let install = ["doctor", "install-udev-rule", "--root", &root];
    let remove = ["doctor", "remove-udev-rule", "--root", &root];

    let output = desk.run(&install);
    assert_eq!(output.status.code(), Some(0));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains(&file.display().to_string()), "{text}");
    assert!(
        text.contains(rule::CONTENTS),
        "exactly what was written is shown: {text}"
    );
    assert_eq!(std::fs::read_to_string(&file).unwrap(), rule::CONTENTS);
    let (exit, answer) = desk.json(&install);
    assert_eq!(
        (exit, &answer["before"]["rule"]),
        (0, &"current".into()),
        "{answer}"
    );
    assert_eq!(
        answer["applied"], false,
        "another system's udev is left alone"
    );

    let (exit, answer) = desk.json(&remove);
    assert_eq!((exit, answer["path"].is_null()), (0, false), "{answer}");
    assert!(!file.exists());
    let (exit, answer) = desk.json(&remove);
    assert_eq!((exit, answer["path"].is_null()), (0, true), "{answer}");

    std::fs::write(&file, "SUBSYSTEM==\"usb\"\n").unwrap();
    for command in [&install, &remove] {
        let (exit, answer) = desk.json(command);
        assert_eq!(
            (exit, &answer["code"]),
            (4, &"not_our_file".into()),
            "{answer}"
        );
    }
    std::fs::write(&file, "").unwrap();
    let (exit, answer) = desk.json(&install);
    assert_eq!(
        (exit, &answer["code"]),
        (4, &"udev_rule_masked".into()),
        "{answer}"
    );
}

#[test]
fn the_rule_is_printed_for_a_system_that_cannot_be_written_to() {
    let desk = Desk::new();
    let output = desk.run(&["doctor", "print-udev-rule"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8(output.stdout).unwrap(), rule::CONTENTS);
    let (exit, answer) = desk.json(&["doctor", "print-udev-rule"]);
    assert_eq!((exit, &answer["contents"]), (0, &rule::CONTENTS.into()));
}

#[cfg(not(windows))]
#[test]
fn drivers_are_changed_on_windows_only() {
    let desk = Desk::new();
    for command in ["install-winusb", "restore-driver"] {
        for instance in [None, Some(r"USB\VID_0483&PID_DF11\206A36945253")] {
            let arguments: Vec<&str> = ["doctor", command].into_iter().chain(instance).collect();
            let (exit, answer) = desk.json(&arguments);
            assert_eq!((exit, &answer["code"]), (4, &"windows_only".into()));
        }
    }
}

//! A window that does not start says so, also to who started it from an icon and sees no terminal.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "test code: a panic is a failure"
)]

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use carto_flasher::transport::Clock as _;
use carto_flasher::transport::native::RealClock;

/// A program that keeps what it was told.
fn fake(folder: &Path, name: &str) {
    let path = folder.join(name);
    std::fs::write(
        &path,
        "#!/bin/sh\nprintf '%s\\n' \"$0\" \"$@\" >>\"$TOLD\"\n",
    )
    .unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// Starts the window where there is no screen, as an icon does, and gives what was shown in a message box.
fn shown(boxes: &[&str], arguments: &[&str], trap: Option<&str>) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    for name in boxes {
        fake(folder.path(), name);
    }
    let told = folder.path().join("told");
    let mut command = Command::new(env!("CARGO_BIN_EXE_carto-flasher"));
    command
        .args(arguments)
        .env("PATH", folder.path())
        .env("TOLD", &told)
        .env("HOME", folder.path())
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .env_remove("WAYLAND_SOCKET");
    for name in [
        "XDG_CONFIG_HOME",
        "XDG_STATE_HOME",
        "XDG_CACHE_HOME",
        "XDG_RUNTIME_DIR",
    ] {
        command.env(name, folder.path());
    }
    if let Some(trap) = trap {
        command.env("CARTO_FLASHER_PANIC", trap);
    }
    let output = command.output().unwrap();
    // A failure is explained by another process.
    let clock = RealClock::new();
    while !boxes.is_empty() && clock.now() < Duration::from_secs(30) {
        if std::fs::read_to_string(&told).is_ok_and(|text| text.ends_with('\n')) {
            break;
        }
        clock.sleep(Duration::from_millis(50));
    }
    let told = std::fs::read_to_string(&told).unwrap_or_default();
    (output.status.code(), told)
}

#[test]
fn a_wrong_option_is_shown() {
    let (exit, told) = shown(&["zenity", "xmessage"], &["--no-such-option"], None);
    assert_eq!(exit, Some(2), "{told}");
    assert!(told.contains("zenity\n--error\n--no-markup\n"), "{told}");
    assert!(told.contains("--no-such-option"), "{told}");
    assert!(!told.contains("xmessage"), "told once: {told}");
}

#[test]
fn no_screen_is_shown_by_whatever_is_there() {
    let (exit, told) = shown(&["xmessage"], &["--simulate"], None);
    assert_eq!(exit, Some(1), "{told}");
    assert!(told.contains("xmessage\n-center\n"), "{told}");
    assert!(
        told.contains("There is no screen to open the window on"),
        "{told}"
    );
    assert!(!told.contains("graphics driver"), "{told}");
    let (exit, told) = shown(&[], &["--simulate"], None);
    assert_eq!((exit, told.as_str()), (Some(1), ""));
}

/// Only debug builds have the trap.
#[cfg(debug_assertions)]
#[test]
fn a_failure_before_the_window_is_shown_with_its_report() {
    let (exit, told) = shown(&["kdialog"], &["--simulate"], Some("starting"));
    assert_eq!(exit, Some(1), "{told}");
    assert!(told.contains("kdialog\n--title\n"), "{told}");
    assert!(told.contains("carto-flasher/logs/"), "its report: {told}");
}

#[test]
fn several_files_are_no_wrong_option() {
    let (exit, told) = shown(&["zenity"], &["--simulate", "--", "a.bin", "b.bin"], None);
    assert_eq!(exit, Some(1), "{told}");
    assert!(
        told.contains("There is no screen to open the window on"),
        "{told}"
    );
}

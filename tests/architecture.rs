//! The invariants of `src/lib.rs`, as absences in the source text.

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

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// A source file: its path below `src/`, and its shipped text (test modules and comments left out).
struct Source {
    path: String,
    shipped: String,
    lines: usize,
}

fn sources() -> &'static [Source] {
    static SOURCES: OnceLock<Vec<Source>> = OnceLock::new();
    SOURCES.get_or_init(read_sources)
}

fn read_sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    assert!(
        files.len() > 40,
        "only {} files found below src/",
        files.len()
    );
    files
        .into_iter()
        .filter(|file| !is_test_file(file))
        .map(|file| {
            let text = fs::read_to_string(&file).unwrap();
            let shipped = shipped_part(&text);
            let path = file
                .strip_prefix(&root)
                .unwrap()
                .to_string_lossy()
                .replace('\\', "/");
            Source {
                path,
                lines: shipped.lines().count(),
                shipped: without_comments(&shipped),
            }
        })
        .collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

fn is_test_file(path: &Path) -> bool {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    name == "tests.rs"
        || name.ends_with("_tests.rs")
        || path.components().any(|part| part.as_os_str() == "tests")
}

/// The text before the first inline test module: this project keeps tests at the end of a file.
fn shipped_part(text: &str) -> String {
    text.split("\n#[cfg(test)]\nmod tests {")
        .next()
        .unwrap_or_default()
        .to_owned()
}

fn without_comments(text: &str) -> String {
    text.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// Asserts that no file outside `allowed` contains any of `needles`.
fn only(allowed: &dyn Fn(&str) -> bool, needles: &[&str], rule: &str) {
    let offenders: Vec<String> = sources()
        .iter()
        .filter(|source| !allowed(&source.path))
        .flat_map(|source| {
            let found = needles
                .iter()
                .filter(|needle| source.shipped.contains(**needle));
            found
                .map(|needle| format!("{} names `{needle}`", source.path))
                .collect::<Vec<_>>()
        })
        .collect();
    assert!(offenders.is_empty(), "{rule}:\n{}", offenders.join("\n"));
}

/// Asserts that a rule about this file, or what is below this folder, is a rule about something.
fn assert_some(path: &str) {
    let is_there = |source: &Source| {
        source.path == path || (path.ends_with('/') && source.path.starts_with(path))
    };
    assert!(sources().iter().any(is_there), "there is no {path}");
}

fn is_ui(path: &str) -> bool {
    path.starts_with("ui/") || path == "main.rs" || path.starts_with("main/")
}

#[test]
fn only_ui_and_main_name_egui() {
    only(
        &is_ui,
        &["egui", "eframe", "AccessKit", "accesskit"],
        "Only ui and main name egui or eframe",
    );
}

#[test]
fn nothing_names_ui() {
    only(
        &is_ui,
        &["crate::ui", "carto_flasher::ui"],
        "Nothing names crate::ui",
    );
}

#[test]
fn only_the_transport_names_the_usb_and_serial_libraries() {
    let allowed = |path: &str| {
        ["native", "usb", "serial"].iter().any(|part| {
            path == format!("transport/{part}.rs")
                || path.starts_with(&format!("transport/{part}/"))
        })
    };
    only(
        &allowed,
        &["rusb", " nusb", "serialport::"],
        "Only transport/{native,usb,serial} name rusb or serialport",
    );
}

#[test]
fn only_fetch_names_the_http_client() {
    let allowed = |path: &str| path == "catalog/fetch.rs" || path.starts_with("catalog/fetch/");
    only(
        &allowed,
        &["reqwest", "rustls"],
        "Only catalog/fetch names the HTTP client",
    );
}

#[test]
fn only_the_native_transport_asks_the_real_clock() {
    let allowed =
        |path: &str| path == "transport/native.rs" || path.starts_with("transport/native/");
    let needles = ["Instant::now", "SystemTime::now", "thread::sleep"];
    only(
        &allowed,
        &needles,
        "Only transport::native asks the real clock or sleeps",
    );
}

#[test]
fn only_jobs_and_workers_spawn_threads() {
    let allowed = |path: &str| {
        path == "flash/job.rs"
            || path == "app/workers.rs"
            || path.starts_with("app/workers/")
            // A test tool behind a feature of its own: it serves several connections at once.
            || path == "transport/sim/usbip/server.rs"
    };
    let needles = ["thread::spawn", "thread::Builder", "rayon", "tokio::"];
    only(
        &allowed,
        &needles,
        "Only flash/job and app/workers spawn threads",
    );
}

#[test]
fn every_thread_has_a_name() {
    for source in sources() {
        let started = source.shipped.matches("thread::Builder::new()").count();
        let named = source.shipped.split("thread::Builder::new()").skip(1);
        let named = named
            .filter(|rest| rest.trim_start().starts_with(".name("))
            .count();
        assert_eq!(started, named, "{}: a thread without a name", source.path);
    }
}

/// Whatever is drawn comes from the state, and whatever is done goes through a command.
#[test]
fn the_ui_opens_nothing_and_locks_nothing() {
    only(
        &|path| !path.starts_with("ui/"),
        &[
            "Mutex",
            "RwLock",
            "mpsc",
            "std::fs",
            "std::thread",
            "&mut AppState",
        ],
        "ui takes the state and pushes commands",
    );
}

#[test]
fn codecs_do_no_io_ask_no_clock_log_nothing() {
    let codecs = [
        "dfu/request.rs",
        "dfu/status.rs",
        "dfu/functional.rs",
        "dfu/layout/",
        "katapult/frame.rs",
        "katapult/message.rs",
        "katapult/crc.rs",
        "klipper/frame.rs",
        "klipper/message.rs",
        "klipper/vlq.rs",
        "klipper/dictionary.rs",
        "klipper/canbus_uuid.rs",
        "board/",
        "image/recognize.rs",
        "image/fit.rs",
        "image/compose.rs",
        "image/hex.rs",
        "image/suffix.rs",
        "image/version.rs",
        "digest.rs",
        "catalog/embedded.rs",
        "catalog/entry.rs",
        "catalog/inspect.rs",
        "catalog/live/",
        "catalog/path.rs",
        "catalog/select.rs",
        "catalog/select/",
        "catalog/fetch/gzip.rs",
        "flash/order.rs",
        "flash/plan.rs",
        "flash/progress.rs",
        "app/coach.rs",
    ];
    for codec in codecs {
        assert_some(codec);
    }
    let not_codec = |path: &str| {
        !codecs
            .iter()
            .any(|codec| path == *codec || (codec.ends_with('/') && path.starts_with(codec)))
    };
    let needles = [
        "std::fs",
        "std::net",
        "std::io",
        "tracing::",
        "Clock",
        "SystemTime",
        "Hardware",
        "dyn DfuLink",
        "dyn SerialLink",
    ];
    only(
        &not_codec,
        &needles,
        "Codecs and pure modules do no I/O, ask no clock, log nothing",
    );
}

#[test]
fn the_engine_knows_no_threads_and_no_channels() {
    let others = |path: &str| {
        !path.starts_with("flash/") || path == "flash/job.rs" || path.starts_with("flash/job/")
    };
    only(
        &others,
        &["mpsc", "Mutex", "std::thread", "Atomic"],
        "flash (but for job) knows no threads, channels or locks",
    );
}

#[test]
fn the_simulator_never_uses_the_drivers_it_tests() {
    let others = |path: &str| !path.starts_with("transport/sim/");
    let needles = [
        "dfu::driver",
        "katapult::driver",
        "klipper::driver",
        "klipper::identify",
        "DfuSession",
        "KatapultSession",
        "crate::flash",
    ];
    only(
        &others,
        &needles,
        "transport::sim uses codecs, never drivers",
    );
}

#[test]
fn lower_layers_do_not_name_upper_ones() {
    let rows: [(&str, &[&str]); 8] = [
        (
            "board/",
            &[
                "crate::image",
                "crate::flash",
                "crate::app",
                "crate::catalog",
                "crate::advice",
            ],
        ),
        (
            "image/",
            &[
                "crate::transport",
                "crate::flash",
                "crate::app",
                "crate::catalog",
                "crate::advice",
            ],
        ),
        (
            "dfu/",
            &[
                "crate::katapult",
                "crate::klipper",
                "crate::image",
                "crate::flash",
                "crate::app",
                "crate::catalog",
            ],
        ),
        (
            "katapult/",
            &[
                "crate::dfu::driver",
                "crate::image",
                "crate::flash",
                "crate::app",
                "crate::catalog",
            ],
        ),
        (
            "klipper/",
            &[
                "crate::katapult::driver",
                "crate::image",
                "crate::flash",
                "crate::app",
                "crate::catalog",
            ],
        ),
        (
            "transport/",
            &[
                "crate::flash",
                "crate::app",
                "crate::catalog",
                "crate::advice",
            ],
        ),
        (
            "flash/",
            &[
                "crate::app",
                "crate::catalog",
                "crate::advice",
                "crate::doctor",
                "crate::settings",
            ],
        ),
        (
            "catalog/",
            &[
                "crate::flash",
                "crate::app",
                "crate::advice",
                "crate::dfu",
                "crate::katapult",
            ],
        ),
    ];
    let the_program = [
        ("log/", &["crate::flash", "crate::app", "crate::report"][..]),
        ("crash/", &["crate::app", "crate::catalog"][..]),
        ("instance.rs", &["crate::app", "crate::flash"][..]),
        (
            "update.rs",
            &["crate::app", "crate::flash", "crate::settings"][..],
        ),
    ];
    for (layer, forbidden) in rows.into_iter().chain(the_program) {
        assert_some(layer);
        only(
            &|path| !path.starts_with(layer),
            forbidden,
            &format!("{layer} must not know upper layers"),
        );
    }
}

#[test]
fn files_are_short() {
    let long: Vec<String> = sources()
        .iter()
        .filter(|source| source.lines > 600)
        .map(|source| format!("{}: {} lines", source.path, source.lines))
        .collect();
    assert!(
        long.is_empty(),
        "Files over 600 lines without their tests:\n{}",
        long.join("\n")
    );
}

#[test]
fn every_file_says_what_it_is() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    let silent: Vec<_> = files
        .iter()
        .filter(|file| !is_test_file(file))
        .filter(|file| !fs::read_to_string(file).unwrap().starts_with("//!"))
        .collect();
    assert!(silent.is_empty(), "Files without a module doc: {silent:?}");
}

#[test]
fn colors_live_in_the_theme() {
    let allowed = |path: &str| path == "ui/theme.rs" || path.starts_with("ui/theme/");
    only(&allowed, &["Color32::from_"], "Colors live in ui/theme");
}

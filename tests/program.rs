//! What the program does about itself, without its window: newer versions, further starts, reports.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code: a panic is a failure"
)]

#[path = "support/http_server.rs"]
mod http_server;
#[path = "support/ui.rs"]
mod ui;
#[path = "support/world.rs"]
mod world;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use carto_flasher::app::practice::Bus;
use carto_flasher::app::state::{Notice, Picked, Step};
use carto_flasher::app::{App, Command, Event, Purpose, Sender, Services, channel, listen};
use carto_flasher::board::{Mcu, Transport};
use carto_flasher::catalog::fetch::{Http, Patience};
use carto_flasher::flash::JobEnd;
use carto_flasher::instance::{self, Claim};
use carto_flasher::settings::Settings;
use carto_flasher::transport::native::RealClock;
use carto_flasher::transport::sim::{SimHardware, practice};
use carto_flasher::transport::{Clock as _, Hardware};
use http_server::{Answer, Server};
use ui::{FakeDialogs, FastClock, Unmarked};
use world::World;

/// The program on a bench, in a folder of its own, without a window.
struct Program {
    app: App,
    bench: SimHardware,
    sender: Sender,
    dialogs: Arc<FakeDialogs>,
    folder: tempfile::TempDir,
}

impl Program {
    fn new(bench: &str, marked: bool, settings: &Settings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        settings.save(&folder.path().join("settings.json")).unwrap();
        Self::again(bench, marked, folder)
    }

    /// A later start in the same folder.
    fn again(bench: &str, marked: bool, folder: tempfile::TempDir) -> Self {
        let bench = SimHardware::from_spec(bench, Arc::new(FastClock::new(20))).unwrap();
        let hardware: Arc<dyn Hardware> = if marked {
            Arc::new(bench.clone())
        } else {
            Arc::new(Unmarked(bench.clone()))
        };
        let dialogs = Arc::new(FakeDialogs::default());
        let patience = Patience {
            connect: Duration::from_secs(2),
            silence: Duration::from_millis(500),
        };
        let services = Services {
            bus: Bus {
                hardware,
                hands: None,
            },
            practise: None,
            catalog: Arc::new(World::default()).catalog(folder.path()),
            dialogs: dialogs.clone(),
            chime: Arc::new(|| ()),
            comfort: Arc::new(carto_flasher::app::comfort::SystemComfort::default),
            settings_path: Some(folder.path().join("settings.json")),
            fallback_backup_folder: folder.path().join("backups"),
            releases: Some(Arc::new(Http::with_patience(patience))),
            log_folder: None,
        };
        let channel = channel();
        let sender = channel.0.clone();
        Self {
            app: App::new(services, channel),
            bench,
            sender,
            dialogs,
            folder,
        }
    }

    fn until(&mut self, what: &str, is_so: impl Fn(&App) -> bool) {
        let clock = RealClock::new();
        while !is_so(&self.app) {
            self.app.logic();
            assert!(clock.now() < Duration::from_mins(1), "waited for {what}");
            clock.sleep(Duration::from_millis(2));
        }
    }

    /// Lets things happen for a while.
    fn for_a_while(&mut self) {
        let clock = RealClock::new();
        while clock.now() < Duration::from_millis(300) {
            self.app.logic();
            clock.sleep(Duration::from_millis(5));
        }
    }

    /// Drops a firmware file onto the window, and waits for the plan to write it.
    fn plan_for(&mut self, bytes: &[u8]) {
        let file = self.folder.path().join("fw.bin");
        std::fs::write(&file, bytes).unwrap();
        self.until("the probe", |app| app.state().probe().is_some());
        self.run(Command::Dropped(vec![file]));
        self.until("a plan", |app| app.state().plan().is_some());
    }

    fn run(&mut self, command: Command) {
        self.app.run(vec![command]);
        self.app.logic();
    }

    /// What is on the disk, once everything that was handed over is written.
    fn remembered(&self) -> Settings {
        let clock = RealClock::new();
        while self.on_disk() != self.app.state().settings {
            assert!(clock.now() < Duration::from_secs(30), "not written");
            clock.sleep(Duration::from_millis(5));
        }
        self.on_disk()
    }

    fn on_disk(&self) -> Settings {
        let (settings, warning) = Settings::load(&self.folder.path().join("settings.json"));
        assert!(warning.is_none(), "{warning:?}");
        settings
    }

    fn report(&mut self) -> String {
        let path = self.folder.path().join("report.txt");
        *self.dialogs.file.lock().unwrap() = Some(path.clone());
        self.app.run(vec![Command::SaveReport]);
        let saved = Notice::ReportSaved(path.clone());
        self.until("the report", |app| app.state().notices.contains(&saved));
        std::fs::read_to_string(path).unwrap()
    }
}

// ---- newer versions ----

const LATEST: &str = "/releases/latest";

fn github(tag: &str) -> Server {
    let server = Server::start();
    let answer = format!(r#"{{"tag_name":"{tag}","draft":false,"prerelease":false}}"#);
    server.answer(LATEST, Answer::Typed("application/json", answer.into()));
    server
}

fn asking(server: &Server) -> Settings {
    Settings {
        update_url: Some(server.url()),
        ..Settings::default()
    }
}

#[test]
fn a_newer_version_is_told_once_a_day_until_it_is_skipped() {
    let server = github("v99.1.0");
    let mut program = Program::new("none", false, &asking(&server));
    program.until("the notice", |app| app.state().release.is_some());
    let release = program.app.state().release.clone().unwrap();
    assert!(release.page().ends_with("/releases/tag/v99.1.0"));
    assert!(program.remembered().updates_asked_at.is_some());
    // The same day nobody is asked again, by this start or the next.
    program.for_a_while();
    let mut program = Program::again("none", false, program.folder);
    program.for_a_while();
    assert_eq!(server.seen().len(), 1, "{:?}", server.seen());
    // Another day.
    let settings = Settings {
        updates_asked_at: Some(0),
        ..program.remembered()
    };
    program.run(Command::Settings(Box::new(settings)));
    program.until("the notice", |app| app.state().release.is_some());
    program.run(Command::SkipRelease);
    assert_eq!(program.app.state().release, None);
    let settings = program.remembered();
    assert_eq!(settings.skipped_version.as_deref(), Some("99.1.0"));
    let settings = Settings {
        updates_asked_at: Some(0),
        ..settings
    };
    program.run(Command::Settings(Box::new(settings)));
    program.until("the third question", |_| server.seen().len() == 3);
    program.for_a_while();
    assert_eq!(program.app.state().release, None, "it was skipped");
}

#[test]
fn nothing_is_asked_when_it_is_switched_off_offline_or_practice() {
    let server = github("v99.1.0");
    let off = Settings {
        check_for_updates: false,
        ..asking(&server)
    };
    let offline = Settings {
        offline: true,
        ..asking(&server)
    };
    for (settings, marked) in [(off, false), (offline, false), (asking(&server), true)] {
        let mut program = Program::new("none", marked, &settings);
        program.for_a_while();
        assert_eq!(program.app.state().release, None);
        assert_eq!(program.remembered(), settings, "nothing to remember");
    }
    assert!(server.seen().is_empty(), "{:?}", server.seen());
}

#[test]
fn every_failure_is_silent() {
    let json = |text: &str| Answer::Typed("application/json", text.as_bytes().to_vec());
    for answer in [
        Answer::Status(404, Vec::new()),
        Answer::Status(403, vec!["X-RateLimit-Remaining: 0".into()]),
        Answer::Status(500, Vec::new()),
        Answer::Silent,
        Answer::HangUp,
        Answer::Garbage,
        Answer::Endless,
        Answer::Announce(1 << 40),
        Answer::Redirect("file:///etc/passwd".into()),
        Answer::Typed("text/html", b"<!DOCTYPE html>Please log in".to_vec()),
        json("{"),
        json(r#"{"tag_name":"v99.0.0","prerelease":true}"#),
        json(r#"{"tag_name":"v0.0.1"}"#),
    ] {
        let server = Server::start();
        server.answer(LATEST, answer);
        let mut program = Program::new("none", false, &asking(&server));
        let clock = RealClock::new();
        while server.seen().is_empty() {
            program.app.logic();
            assert!(clock.now() < Duration::from_secs(30), "nobody asked");
        }
        program.for_a_while();
        program.for_a_while();
        let state = program.app.state();
        assert_eq!(state.release, None);
        assert!(state.notices.is_empty(), "{:?}", state.notices);
    }
}

#[test]
fn settings_that_cannot_be_read_are_not_overwritten_by_asking() {
    let server = github("v99.1.0");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("settings.json");
    std::fs::write(&path, "{ damaged").unwrap();
    let mut program = Program::again("none", false, folder);
    program.for_a_while();
    assert_eq!(std::fs::read_to_string(path).unwrap(), "{ damaged");
    assert!(server.seen().is_empty());
}

// ---- further starts ----

/// Starts the program again, with a file.
fn start_again(folder: &Path, file: Option<&Path>) -> std::thread::JoinHandle<bool> {
    let (folder, file) = (folder.to_owned(), file.map(Path::to_owned));
    std::thread::Builder::new()
        .spawn(move || instance::hand_over(&folder, file.as_deref(), &RealClock::new()).is_ok())
        .unwrap()
}

#[test]
fn a_further_start_brings_its_file_to_the_open_window() {
    let mut program = Program::new("v3-dfu", true, &Settings::default());
    let session = tempfile::tempdir().unwrap();
    let Claim::First(first) = instance::claim(session.path()) else {
        panic!("not the first");
    };
    listen(Arc::new(*first), program.sender.clone()).unwrap();
    let second = start_again(session.path(), None);
    program.until("the call", |app| app.state().calls_to_front == 1);
    assert!(second.join().unwrap());
    let file = program.folder.path().join("fw.bin");
    let bytes = practice::combined(Mcu::Stm32F042, Transport::Usb, "CARTOGRAPHER V3 6.1.0");
    std::fs::write(&file, bytes).unwrap();
    let second = start_again(session.path(), Some(&file));
    program.until("the file", |app| {
        matches!(&app.state().firmware, Picked::Image { path, .. } if path.as_ref() == Some(&file))
    });
    assert!(second.join().unwrap());
    assert_eq!(program.app.state().calls_to_front, 2);
    assert_eq!(program.app.state().step, Step::Firmware, "as after a drop");
    // In the middle of a job the window comes forward and leaves the job alone.
    program.until("a plan", |app| app.state().plan().is_some());
    program.run(Command::Flash);
    program.until("the job", |app| app.state().is_flashing());
    let second = start_again(session.path(), Some(&file));
    let name = "fw.bin".to_owned();
    let told = Notice::FileWhileFlashing { name };
    program.until("the notice", |app| app.state().notices.contains(&told));
    assert!(second.join().unwrap());
    program.until("the end", |app| app.state().step == Step::Done);
}

#[test]
fn a_window_that_does_not_look_is_not_waited_for() {
    let program = Program::new("none", true, &Settings::default());
    let session = tempfile::tempdir().unwrap();
    let Claim::First(first) = instance::claim(session.path()) else {
        panic!("not the first");
    };
    listen(Arc::new(*first), program.sender.clone()).unwrap();
    assert!(!start_again(session.path(), None).join().unwrap());
}

// ---- workers ----

/// A wish to look at the bus, from a hand or from a repair that ends, must not take the bus from a job.
#[test]
fn a_job_gets_the_bus_whoever_wants_it_looked_at_meanwhile() {
    let mut program = Program::new("v3-dfu", true, &Settings::default());
    let bytes = practice::combined(Mcu::Stm32F042, Transport::Usb, "CARTOGRAPHER V3 6.2.0");
    program.plan_for(&bytes);
    program.run(Command::Flash);
    program.run(Command::LookAgain);
    program.until("the end", |app| app.state().step == Step::Done);
    let run = program.app.state().run.as_ref().unwrap();
    assert!(run.succeeded(), "{:?}", run.view.end);
}

/// The desktop's own code runs on that thread.
#[test]
fn a_dialog_that_fails_takes_nothing_with_it() {
    let mut program = Program::new("v3-dfu", true, &Settings::default());
    program.dialogs.broken.store(true, Ordering::Relaxed);
    program.run(Command::PickFile(Purpose::Firmware));
    program.until("the word of it", |app| app.state().no_file_dialog);
    let file = program.folder.path().join("fw.bin");
    let bytes = practice::katapult(Mcu::Stm32F042, Transport::Usb);
    std::fs::write(&file, bytes).unwrap();
    *program.dialogs.file.lock().unwrap() = Some(file);
    program.dialogs.broken.store(false, Ordering::Relaxed);
    program.run(Command::PickFile(Purpose::Firmware));
    program.until("the file", |app| app.state().firmware.image().is_some());
}

// ---- reports ----

#[test]
fn a_report_is_complete_and_has_no_serial() {
    const SERIAL: &str = "3F0041001850325035363220";
    let bench = format!("v3-usb,serial={SERIAL}");
    let mut program = Program::new(&bench, true, &Settings::default());
    program.app.set_renderer("OpenGL 4.5: a test".into());
    let bytes = practice::app(Mcu::Stm32F042, Transport::Usb, "CARTOGRAPHER V3 6.2.0");
    program.plan_for(&bytes);
    program.run(Command::Flash);
    program.until("the end", |app| app.state().step == Step::Done);
    let line = format!("a line about {SERIAL}");
    program.sender.send(Event::Log(line));
    program.app.logic();
    let report = program.report();
    for expected in [
        concat!("carto-flasher ", env!("CARGO_PKG_VERSION")),
        "System: ",
        "Drawn by: OpenGL 4.5: a test",
        "Hardware: simulated",
        "Firmware known: ",
        "Firmware: fw.bin",
        "recognized as",
        "Diagnoses: ",
        "Events on the bus: ",
        "came: 1d50:614e",
        "left: 1d50:614e",
        "Last job: ",
        "flash through Touch",
        "PhaseFinished { phase: Verify",
        "Finished(",
        "backup: true",
        "a line about …3220",
    ] {
        assert!(report.contains(expected), "{expected} in\n{report}");
    }
    if cfg!(target_os = "linux") {
        assert!(report.contains("Kernel: "), "{report}");
    }
    let lower = report.to_lowercase();
    assert!(!lower.contains(&SERIAL.to_lowercase()), "{report}");
}

#[test]
fn a_failure_is_reported_with_its_causes_after_it_left_the_page() {
    const SERIAL: &str = "3F0041001850325035363220";
    let bench = format!("v4-dfu,serial={SERIAL},fault=unplug@60%");
    let mut program = Program::new(&bench, true, &Settings::default());
    let serials: Vec<String> = program
        .bench
        .list()
        .unwrap()
        .into_iter()
        .filter_map(|device| device.serial)
        .collect();
    let bytes = practice::combined(Mcu::Stm32G431, Transport::Usb, "CARTOGRAPHER V4 6.2.0");
    program.plan_for(&bytes);
    program.run(Command::Flash);
    program.until("the end", |app| app.state().step == Step::Done);
    let end = program.app.state().run.as_ref().unwrap().view.end.clone();
    assert!(matches!(end, Some(JobEnd::Failed(_))), "{end:?}");
    program.run(Command::StartOver);
    assert!(program.app.state().run.is_none());
    let report = program.report();
    for expected in [
        "flash through Dfu",
        "WaitingForProbe",
        " at 0x0800",
        "failed in ",
        "aftermath ",
    ] {
        assert!(report.contains(expected), "{expected} in\n{report}");
    }
    let lower = report.to_lowercase();
    for serial in serials.iter().map(String::as_str).chain([SERIAL]) {
        assert!(
            !lower.contains(&serial.to_lowercase()),
            "{serial}: {report}"
        );
    }
}

/// What `pkexec` may end with, and what is said of it. Each in a process of its own, with a `pkexec` of its own.
#[cfg(unix)]
#[test]
fn the_permission_is_asked_for_by_pkexec() {
    use std::os::unix::fs::PermissionsExt as _;
    const CASE: &str = "CARTO_FLASHER_TEST_PKEXEC";
    if let Ok(said) = std::env::var(CASE) {
        assert_eq!(said_of_a_repair(), said);
        return;
    }
    let cases = [
        (Some(0), ""),
        (Some(126), ""),
        (Some(127), "NotRepaired(NotAuthorized)"),
        (Some(4), "NotRepaired(Failed { code: Some(4) })"),
        (None, "NotRepaired(Unavailable)"),
    ];
    for (exit, said) in cases {
        let folder = tempfile::tempdir().unwrap();
        let given = folder.path().join("given");
        if let Some(exit) = exit {
            let program = folder.path().join("pkexec");
            let script = format!(
                "#!/bin/sh\necho \"$*\" >'{}'\nexit {exit}\n",
                given.display()
            );
            std::fs::write(&program, script).unwrap();
            std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        let output = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "the_permission_is_asked_for_by_pkexec"])
            .env("PATH", folder.path())
            .env(CASE, said)
            .output()
            .unwrap();
        assert!(output.status.success(), "{exit:?}: {output:?}");
        if exit.is_some() {
            let given = std::fs::read_to_string(given).unwrap();
            assert_eq!(
                given.trim(),
                "/opt/cf/carto-flasher-cli doctor install-udev-rule"
            );
        }
    }
}

#[cfg(unix)]
fn said_of_a_repair() -> String {
    let mut program = Program::new("v3-usb", true, &Settings::default());
    let helper = Path::new("/opt/cf/carto-flasher-cli");
    let command = carto_flasher::doctor::linux::rule::install_command(Some(helper));
    program.run(Command::ChangeRule(command));
    program.until("the end of the repair", |app| !app.state().repairing);
    let notices = &program.app.state().notices;
    let said = notices.iter().filter_map(|notice| match notice {
        Notice::NotRepaired(outcome) => Some(format!("NotRepaired({outcome:?})")),
        _ => None,
    });
    said.collect()
}

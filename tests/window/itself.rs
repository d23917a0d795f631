//! What the window says about the program itself: newer versions, logs, and the window after a crash.

use carto_flasher::app::explain::Ask;
use carto_flasher::app::state::{AppState, Notice, Page, Step};
use carto_flasher::app::{Command, Place};
use carto_flasher::crash::Fate;
use carto_flasher::doctor::Undo;
use carto_flasher::doctor::linux::rule;
use carto_flasher::flash::Aftermath;
use carto_flasher::ui::crash_window::crash_ui;
use carto_flasher::update;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

use crate::states::{backed_up, cancelled, done, failed, flashing, probe_found};
use crate::ui::{self, View, view, view_of};

pub(crate) fn with_release(mut state: AppState) -> AppState {
    state.release = update::parse(br#"{"tag_name":"v0.2.0"}"#);
    state
}

fn says(harness: &Harness<'_, View>, words: &str) -> bool {
    harness.query_all_by_label_contains(words).next().is_some()
}

/// In a window so tall that nothing is below the fold.
fn asked(state: AppState, button: &str) -> Vec<Command> {
    let mut harness = view_of(state, egui::Theme::Light, (960.0, 1800.0));
    harness.run_steps(2);
    harness.get_by_label(button).click();
    harness.run_steps(2);
    harness.state().commands.clone()
}

#[test]
fn a_newer_version_is_offered_as_a_page_and_can_be_skipped() {
    for (button, command) in [
        ("See what is new", Command::Show(Place::ReleasePage)),
        ("Skip this version", Command::SkipRelease),
        ("Dismiss", Command::DismissRelease),
    ] {
        let state = with_release(probe_found());
        assert_eq!(asked(state, button), [command], "{button}");
    }
    let mut harness = view(with_release(probe_found()));
    harness.run_steps(2);
    assert!(says(&harness, "Carto Flasher 0.2.0 is available"));
}

#[test]
fn a_newer_version_disturbs_nobody_who_is_at_work() {
    let mut settings = with_release(probe_found());
    settings.page = Some(Page::Settings);
    let mut review = with_release(probe_found());
    review.step = Step::Firmware;
    for state in [with_release(flashing()), settings, review] {
        let mut harness = view(state);
        harness.run_steps(2);
        assert!(!says(&harness, "is available"));
    }
}

#[test]
fn asking_for_versions_can_be_switched_off() {
    let mut state = probe_found();
    state.page = Some(Page::Settings);
    let label = "Tell me when there is a newer version (asks GitHub once a day)";
    let asked = asked(state, label);
    assert!(
        matches!(asked.as_slice(), [Command::Settings(settings)] if !settings.check_for_updates),
        "{asked:?}"
    );
}

#[test]
fn the_log_folder_is_opened_from_settings_about_and_the_log() {
    let mut log = probe_found();
    log.log_open = true;
    let page = |page| {
        let mut state = probe_found();
        state.page = Some(page);
        state
    };
    for state in [page(Page::Settings), page(Page::About), log] {
        assert_eq!(
            asked(state, "Open log folder"),
            [Command::Show(Place::LogFolder)]
        );
    }
    let mut nowhere = page(Page::About);
    nowhere.log_folder = None;
    let mut harness = view(nowhere);
    harness.run_steps(2);
    assert!(!says(&harness, "Open log folder"));
}

/// A backup is no help to somebody who does not find it, least of all after a job that failed.
#[test]
fn the_backup_is_shown_however_the_job_ended() {
    for state in [
        done(),
        backed_up(),
        failed(Aftermath::NeedsPads),
        cancelled(),
    ] {
        let asked = asked(state, "Show in folder");
        assert_eq!(asked, [Command::Show(Place::BackupFolder)]);
    }
    let mut harness = view(flashing());
    harness.run_steps(2);
    assert!(!says(&harness, "Show in folder"), "not while it runs");
}

#[test]
fn what_repairs_changed_is_taken_back_in_the_settings() {
    let command = rule::undo(&rule::install_command(None));
    let mut state = probe_found();
    state.page = Some(Page::Settings);
    state.undoable = vec![Undo::UdevRule {
        path: "/etc/udev/rules.d/70-carto-flasher.rules".into(),
        command: command.clone(),
    }];
    assert_eq!(
        asked(state.clone(), "Remove the rule…"),
        [Command::ChangeRule(command.clone())]
    );
    state.repairing = true;
    assert_eq!(asked(state.clone(), "Remove the rule…"), []);
    state.repairing = false;
    state.undoable = vec![Undo::WinUsb {
        command: command.clone(),
    }];
    assert_eq!(
        asked(state, "Let Windows choose the driver…"),
        [Command::ChangeDriver(command)]
    );
}

#[test]
fn notices_of_the_program_itself_say_what_to_do() {
    for (notice, words) in [
        (Notice::Crashed(Some("/tmp/r.txt".into())), "/tmp/r.txt"),
        (Notice::Crashed(None), "start the program again"),
        (Notice::OtherWindowSilent, "Close it before you flash"),
        (
            Notice::FileWhileFlashing {
                name: "fw.bin".into(),
            },
            "fw.bin was not opened",
        ),
        (Notice::NotOpened("/tmp/logs".into()), "/tmp/logs"),
    ] {
        let mut state = probe_found();
        state.notices.push(notice);
        let mut harness = view(state);
        harness.run_steps(2);
        assert!(says(&harness, words), "{words}");
    }
}

// ---- the window after a crash ----

pub(crate) struct Crash {
    pub(crate) fate: Fate,
    pub(crate) asked: Vec<Ask>,
}

pub(crate) fn crash_view(fate: Fate, theme: egui::Theme) -> Harness<'static, Crash> {
    Harness::builder()
        .with_size(egui::vec2(620.0, 520.0))
        .with_theme(theme)
        .with_context_setup(|ctx| {
            carto_flasher::ui::theme::apply(ctx, 1.0);
            carto_flasher::ui::theme::set_reduced_motion(ctx, true);
        })
        .allow_missing_glyphs()
        .build_ui_state(
            |ui, crash: &mut Crash| {
                let report = "/home/jane/.local/state/carto-flasher/logs/crash-20261122-235800.txt";
                let mut whole = ui::whole_window(ui);
                let asked = crash_ui(&mut whole, &crash.fate, Some(report.as_ref()));
                crash.asked.extend(asked);
            },
            Crash {
                fate,
                asked: Vec::new(),
            },
        )
}

pub(crate) fn ended() -> Fate {
    Fate::Ended {
        good: true,
        title: "Done and verified".into(),
        lines: vec!["The job went on without the window and did everything it should.".into()],
    }
}

#[test]
fn a_crash_is_explained_with_what_it_means_for_the_probe() {
    for (fate, words, again) in [
        (Fate::NotConcerned, "No probe was being written", true),
        (Fate::BeingWritten, "Leave it plugged in", false),
        (ended(), "Done and verified", true),
        (Fate::Unknown, "goes on where it stopped", true),
    ] {
        let mut harness = crash_view(fate, egui::Theme::Light);
        harness.run_steps(2);
        for words in [words, "stopped unexpectedly", "crash-20261122-235800.txt"] {
            let found = harness.query_all_by_label_contains(words).next();
            assert!(found.is_some(), "{words}");
        }
        for button in ["Restart Carto Flasher", "Open its folder", "Close"] {
            harness.get_by_label(button).click();
            harness.run_steps(2);
        }
        let expected = [Ask::StartAgain, Ask::OpenFolder, Ask::Close];
        let skipped = usize::from(!again);
        assert_eq!(harness.state().asked, expected[skipped..]);
    }
}

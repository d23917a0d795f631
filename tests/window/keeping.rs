//! What the program keeps and gives back: the size of its window, firmware that was downloaded, and one sound.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use carto_flasher::app::Command;
use carto_flasher::app::comfort::SystemComfort;
use carto_flasher::app::firmware::Ask;
use carto_flasher::app::practice::Hand;
use carto_flasher::app::state::Page;
use carto_flasher::catalog::cache::Removed;
use carto_flasher::settings::Settings;
use egui_kittest::kittest::Queryable as _;

use crate::states::probe_found;
use crate::ui::{Stage, view};
use crate::world::World;

fn saved(stage: &Stage) -> Settings {
    Settings::load(&stage.folder.path().join("settings.json")).0
}

#[test]
fn the_window_remembers_the_size_it_was_given() {
    let mut stage = Stage::new("none");
    for _ in 0..8 {
        stage.harness.step();
    }
    assert_eq!(stage.state().settings.window_size, None, "nobody asked");
    stage.harness.set_size(egui::vec2(1100.0, 720.0));
    stage.until("the new size", |stage| {
        saved(stage).window_size == Some((1100, 720))
    });
}

#[test]
fn downloaded_firmware_is_removed_after_a_question_that_says_how_much() {
    let world = Arc::new(World::default());
    let mut stage = Stage::with_world("none", &world);
    stage.until("the catalog", |stage| stage.state().list.listing.is_some());
    stage.run(Command::Firmware(Ask::RemoveEverything));
    assert_eq!(stage.state().question, None, "there is nothing to remove");
    stage.run(Command::Firmware(Ask::FetchAll));
    stage.until("all of it", |stage| {
        let (here, all) = stage.state().list.counts();
        here == all && all > 0
    });
    let kept = stage.state().list.kept;
    assert!(kept.files > 0 && kept.bytes > 100_000, "{kept:?}");
    let own = stage.file("own.bin", b"mine");
    stage.run(Command::Open(Page::Settings));
    stage
        .harness
        .get_by_label("Remove everything…")
        .scroll_to_me();
    stage.harness.run_steps(4);
    stage.click("Remove everything…");
    stage.until_shows("Remove all downloaded firmware?");
    let freed = format!("This frees {:.1} KiB", kept.bytes as f64 / 1024.0);
    assert!(stage.shows(&freed), "{freed}");
    stage.click("Keep it");
    assert_eq!(stage.state().list.kept, kept);
    stage.run(Command::Firmware(Ask::RemoveEverything));
    stage.harness.step();
    stage.click("Remove everything");
    stage.until_shows("The downloaded firmware was removed");
    assert_eq!(stage.state().list.kept, Removed::default());
    assert_eq!(stage.state().list.counts().0, 0);
    assert!(own.exists());
}

#[test]
fn settings_say_what_is_kept_and_offer_nothing_to_remove_where_nothing_is() {
    let mut state = probe_found();
    state.page = Some(Page::Settings);
    let mut harness = view(state);
    harness.run_steps(2);
    assert!(harness.query_by_label("Nothing yet").is_some());
    assert!(harness.query_by_label("Remove everything…").is_none());
}

fn into_dfu(stage: &mut Stage) {
    stage.until_shows("USB ·");
    stage.click("Use DFU mode…");
    stage.click("V3");
    stage.run(Command::Hand(Hand::HoldBoot(true)));
    stage.run(Command::Hand(Hand::TapReset));
    stage.until_shows("The probe is ready");
}

#[test]
fn dfu_mode_is_heard_once() {
    let mut stage = Stage::new("v3-usb");
    into_dfu(&mut stage);
    stage.harness.run_steps(5);
    assert_eq!(stage.chimes.load(Ordering::Relaxed), 1);
}

#[test]
fn the_sound_can_be_switched_off() {
    let mut stage = Stage::new("v3-usb");
    let mut settings = stage.state().settings.clone();
    settings.sound = false;
    stage.run(Command::Settings(Box::new(settings)));
    into_dfu(&mut stage);
    assert_eq!(stage.chimes.load(Ordering::Relaxed), 0);
}

#[test]
fn a_backup_is_looked_for_where_backups_are() {
    let mut stage = Stage::new("v3-usb");
    stage.until_shows("USB ·");
    stage.click("Restore a backup…");
    stage.until("the dialog", |stage| {
        stage.dialogs.looked_in.lock().unwrap().is_some()
    });
    let looked_in = stage.dialogs.looked_in.lock().unwrap().clone();
    assert_eq!(looked_in, Some(stage.folder.path().join("backups")));
}

#[test]
fn settings_tell_what_the_system_decides() {
    let mut state = probe_found();
    state.page = Some(Page::Settings);
    state.comfort = SystemComfort {
        reduced_motion: true,
        text_percent: 125,
    };
    let mut harness = view(state);
    harness.run_steps(2);
    for words in [
        "The system asks for less motion, so they do",
        "This counts from the system's text size, 125%",
    ] {
        assert!(harness.query_by_label(words).is_some(), "{words}");
    }
}

/// Each change opens the catalog anew and ends what it fetches: not with every key.
#[test]
fn a_source_that_is_typed_is_taken_with_enter_and_never_half() {
    let mut state = probe_found();
    state.page = Some(Page::Settings);
    let mut harness = view(state);
    harness.run_steps(2);
    let mut sources = |text: &str, key: Option<egui::Key>| {
        let field =
            harness.get_by_role_and_label(egui::accesskit::Role::TextInput, "Source of firmware");
        field.scroll_to_me();
        field.focus();
        harness.run_steps(2);
        let field =
            harness.get_by_role_and_label(egui::accesskit::Role::TextInput, "Source of firmware");
        field.type_text(text);
        harness.run_steps(2);
        if let Some(key) = key {
            harness.key_press(key);
            harness.run_steps(2);
        }
        let asked = std::mem::take(&mut harness.state_mut().commands);
        let source = |command| match command {
            Command::Settings(settings) => settings.source_url,
            _ => None,
        };
        asked.into_iter().filter_map(source).collect::<Vec<_>>()
    };
    assert_eq!(sources("https:/", None), [""; 0]);
    assert_eq!(sources("", Some(egui::Key::Enter)), [""; 0], "half of one");
    let whole = "https://mirror.example/";
    assert_eq!(sources("/mirror.example/", Some(egui::Key::Enter)), [whole]);
}

#[test]
fn where_no_dialog_opens_a_folder_is_typed() {
    let mut state = probe_found();
    state.page = Some(Page::Settings);
    state.no_file_dialog = true;
    let mut harness = view(state);
    harness.run_steps(2);
    let field = |harness: &egui_kittest::Harness<'_, _>, then: &dyn Fn(egui_kittest::Node<'_>)| {
        let role = egui::accesskit::Role::TextInput;
        then(harness.get_by_role_and_label(role, "Another folder for backups"));
    };
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("backups");
    field(&harness, &|node| node.focus());
    harness.run_steps(2);
    field(&harness, &|node| {
        node.type_text(&folder.display().to_string());
    });
    harness.run_steps(2);
    harness.key_press(egui::Key::Enter);
    harness.run_steps(2);
    let asked = std::mem::take(&mut harness.state_mut().commands);
    let is_set = |command: &Command| matches!(command, Command::Settings(settings) if settings.backup_folder.as_ref() == Some(&folder));
    assert!(asked.iter().any(is_set), "{asked:?}");
}

//! The Firmware step: what it preselects, refuses and fetches, and that firmware comes all the way to a probe.

use std::path::Path;
use std::sync::Arc;

use carto_flasher::app::Command;
use carto_flasher::app::firmware::{Ask, Bulk, Load, follow};
use carto_flasher::app::state::{AppState, Page, Picked, Step};
use carto_flasher::board::Transport;
use carto_flasher::catalog::Status;
use carto_flasher::image::{FirmwareVersion, Image, Variant};
use carto_flasher::settings::Settings;
use carto_flasher::transport::sim::practice;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

use crate::states::{F042, G431, running, seen, with_list};
use crate::ui::{self, Stage, View, view};
use crate::world::{Net, World};

const CAN_1M: Transport = Transport::Can { bitrate: 1_000_000 };
const CAN_500K: Transport = Transport::Can { bitrate: 500_000 };

fn chosen(state: &AppState) -> &str {
    state.list.choice.as_ref().map_or("", |choice| &choice.id)
}

fn ids(state: &AppState) -> Vec<&str> {
    state.list.rows.iter().map(|row| row.id.as_str()).collect()
}

fn says(harness: &Harness<'_, View>, words: &str) -> bool {
    harness.query_all_by_label_contains(words).next().is_some()
}

/// A control is described like this to screen readers.
fn explains(harness: &Harness<'_, View>, words: &str) -> bool {
    let says = |text: Option<String>| text.is_some_and(|text| text.contains(words));
    let mut nodes = harness.query_all_by(|node| says(node.description()));
    nodes.next().is_some()
}

/// Clicks something that may be below the fold.
fn reach(stage: &mut Stage, label: &str) {
    stage.harness.get_by_label(label).scroll_to_me();
    stage.harness.run_steps(4);
    stage.click(label);
}

fn page_says(state: &AppState, words: &[&str]) -> Harness<'static, View> {
    let mut harness = view(state.clone());
    harness.run_steps(2);
    for word in words {
        assert!(says(&harness, word), "the page does not say {word:?}");
    }
    harness
}

fn click(mut harness: Harness<'static, View>, label: &str) -> Vec<Command> {
    harness.get_by_label(label).click();
    harness.run_steps(2);
    std::mem::take(&mut harness.state_mut().commands)
}

// ---- what is preselected, and what the button says ----

#[test]
fn the_newest_that_fits_is_preselected_and_the_button_says_what_it_does() {
    let rows = [
        (
            F042,
            "CARTOGRAPHER 5.1.0",
            "v3-6.1.0-usb-full",
            "Update to 6.1.0",
        ),
        (
            F042,
            "CARTOGRAPHER V3 6.1.0",
            "v3-6.1.0-usb-full",
            "Reinstall 6.1.0",
        ),
        (
            F042,
            "CARTOGRAPHER V3 6.1.0 lite",
            "v3-6.1.0-usb-lite",
            "Reinstall 6.1.0",
        ),
        (
            G431,
            "CARTOGRAPHER V4 6.1.0 lite",
            "v4-6.2.0-usb-lite",
            "Update to 6.2.0",
        ),
        (
            G431,
            "CARTOGRAPHER V4 6.1.0",
            "v4-6.2.0-usb-full",
            "Update to 6.2.0",
        ),
    ];
    for (mcu, version, id, label) in rows {
        let state = running(mcu, version);
        assert_eq!(chosen(&state), id, "{version}");
        let asked = click(page_says(&state, &[]), label);
        assert_eq!(asked, [Command::Firmware(Ask::Install)], "{version}");
    }
}

#[test]
fn the_first_step_offers_the_update_at_once() {
    let mut state = running(G431, "CARTOGRAPHER V4 6.1.0");
    state.step = Step::Probe;
    let asked = click(page_says(&state, &[]), "Update to 6.2.0");
    assert_eq!(asked, [Command::Firmware(Ask::Update)]);
    let asked = click(page_says(&state, &[]), "Another version…");
    assert_eq!(asked, [Command::GoTo(Step::Firmware)]);
}

#[test]
fn the_plugin_a_version_needs_is_said() {
    let state = running(G431, "CARTOGRAPHER V4 6.1.0");
    page_says(
        &state,
        &["6.2.0 needs cartographer3d-plugin 1.6.0 or newer on the printer"],
    );
}

#[test]
fn a_slow_host_gets_lite_firmware_and_the_reason() {
    let state = running(G431, "CARTOGRAPHER V4 6.1.0");
    let label = "My printer's host is slow (Creality K1, Qidi, Raspberry Pi 2)";
    let asked = click(page_says(&state, &[]), label);
    assert_eq!(asked, [Command::WantVariant(Variant::Lite)]);
    let mut state = state;
    state.options.variant = Some(Variant::Lite);
    follow(&mut state);
    assert_eq!(chosen(&state), "v4-6.2.0-usb-lite");
    page_says(&state, &["so that a slow host keeps up"]);
}

#[test]
fn a_probe_that_runs_lite_is_offered_lite_unless_full_is_asked_for() {
    let mut state = running(F042, "CARTOGRAPHER V3 6.1.0 lite");
    let label = "My printer's host is slow (Creality K1, Qidi, Raspberry Pi 2)";
    let asked = click(page_says(&state, &["so that a slow host keeps up"]), label);
    assert_eq!(asked, [Command::WantVariant(Variant::Full)]);
    // The same probe in its bootloader is the same.
    state.bus.devices = vec![ui::seen(ui::dfu("a", F042))];
    follow(&mut state);
    assert_eq!(chosen(&state), "v3-6.1.0-usb-lite-combined");
    state.options.variant = Some(Variant::Full);
    follow(&mut state);
    assert_eq!(chosen(&state), "v3-6.1.0-usb-full-combined");
}

#[test]
fn full_for_one_probe_is_not_full_for_the_next() {
    let mut stage = Stage::new("v3-usb");
    stage.until_shows("Update to 6.2.0");
    stage.run(Command::WantVariant(Variant::Full));
    assert_eq!(stage.state().options.variant, Some(Variant::Full));
    stage.bench.unplug(0);
    stage.until("it to go", |stage| stage.state().chosen.is_none());
    assert_eq!(stage.state().options.variant, None);
}

#[test]
fn going_from_lite_to_full_is_warned_of() {
    for (version, warned) in [
        ("CARTOGRAPHER V3 6.1.0 lite", true),
        ("CARTOGRAPHER V3 6.1.0", false),
    ] {
        let mut state = running(F042, version);
        ui::pick(&mut state, ui::app_image(F042, Transport::Usb));
        state.step = Step::Review;
        let harness = page_says(&state, &["Firmware 6.2.0 full · USB"]);
        assert_eq!(
            says(&harness, "The probe runs lite now"),
            warned,
            "{version}"
        );
    }
}

#[test]
fn an_older_version_is_never_preselected() {
    let newest = running(F042, "CARTOGRAPHER V3 9.0.0");
    let mut offline = running(G431, "CARTOGRAPHER V4 6.1.0");
    with_list(&mut offline, |id| id == "v4-6.0.0-usb-full");
    offline.settings.offline = true;
    follow(&mut offline);
    for (mut state, reason) in [
        (newest, "The probe runs a newer version"),
        (offline, "No newer firmware on this computer"),
    ] {
        assert_eq!(chosen(&state), "");
        page_says(&state, &[reason]);
        state.step = Step::Probe;
        let asked = click(page_says(&state, &[]), "Choose firmware");
        assert_eq!(asked, [Command::GoTo(Step::Firmware)]);
    }
}

#[test]
fn a_v2_is_told_that_firmware_alone_does_not_switch_it() {
    for (mcu, told) in [(F042, true), (G431, false)] {
        let mut state = running(mcu, "CARTOGRAPHER 5.1.0");
        state.options.wanted = Some(CAN_1M);
        follow(&mut state);
        let words = "two resistors on the board choose USB or CAN";
        assert_eq!(says(&page_says(&state, &[]), words), told);
        let mut state = ui::state(vec![ui::dfu("a", mcu)]);
        ui::pick(&mut state, ui::combined_image(mcu, CAN_1M));
        state.step = Step::Review;
        assert_eq!(says(&page_says(&state, &[]), words), told);
    }
}

#[test]
fn what_runs_on_usb_is_not_asked_and_has_a_side_door_to_can() {
    let mut state = running(F042, "CARTOGRAPHER V3 6.1.0");
    let harness = page_says(&state, &["stays on USB"]);
    assert!(!says(&harness, "How is the probe connected"));
    let asked = click(harness, "Switch to CAN…");
    assert_eq!(asked, [Command::Want(Some(CAN_1M))]);
    state.options.wanted = Some(CAN_1M);
    follow(&mut state);
    assert_eq!(chosen(&state), "");
    let words = [
        "Switching to CAN takes DFU mode",
        "that is success",
        "Bring the probe into DFU mode first",
    ];
    let asked = click(page_says(&state, &words), "Use DFU mode…");
    assert_eq!(asked, [Command::Open(Page::Coach)]);
    let asked = click(page_says(&state, &[]), "Stay with USB");
    assert_eq!(asked, [Command::Want(Some(Transport::Usb))]);
    // The same probe in DFU mode is not asked again.
    state.bus.devices = vec![ui::seen(ui::dfu("a", F042))];
    follow(&mut state);
    assert_eq!(chosen(&state), "v3-6.1.0-can-1m-full-combined");
}

#[test]
fn in_dfu_mode_only_the_user_can_tell_usb_from_can() {
    let mut state = seen(ui::dfu("a", G431), |_| {});
    let words = ["How is the probe connected", "Choose USB or CAN first"];
    let asked = click(page_says(&state, &words), "CAN");
    assert_eq!(asked, [Command::Want(Some(CAN_1M))]);
    state.options.wanted = Some(CAN_1M);
    follow(&mut state);
    assert_eq!(chosen(&state), "v4-6.2.0-can-1m-full");
    let asked = click(page_says(&state, &["Install 6.2.0"]), "500 kbit/s");
    assert_eq!(asked, [Command::Want(Some(CAN_500K))]);
    state.options.wanted = Some(CAN_500K);
    follow(&mut state);
    assert_eq!(chosen(&state), "v4-6.1.0-can-500k-full-combined");
    page_says(
        &state,
        &["6.2.0 is out, but there is no build of it for CAN 500 kbit/s"],
    );
}

#[test]
fn usb_or_can_is_remembered() {
    let remembered = |settings: &mut Settings| settings.transport = Some(CAN_1M);
    let mut state = seen(ui::dfu("a", F042), remembered);
    assert_eq!(chosen(&state), "v3-6.1.0-can-1m-full-combined");
    // What it talked a moment ago says more.
    state.bus.devices = vec![ui::seen(ui::running("a", F042))];
    follow(&mut state);
    state.bus.devices = vec![ui::seen(ui::dfu("a", F042))];
    follow(&mut state);
    assert_eq!(chosen(&state), "v3-6.1.0-usb-full-combined");
}

#[test]
fn older_and_archived_versions_are_shown_when_asked_for() {
    let mut state = running(F042, "CARTOGRAPHER V3 6.1.0");
    let newest = [
        "v3-6.1.0-usb-full",
        "v3-5.1.0-usb-full",
        "v3-5.0.0-usb-full",
    ];
    assert_eq!(ids(&state), newest);
    let label = format!(
        "Show older and archived versions ({} more)",
        state.list.older
    );
    let asked = click(page_says(&state, &[]), &label);
    let [Command::Settings(settings)] = &asked[..] else {
        panic!("{asked:?}");
    };
    state.settings = Settings::clone(settings);
    follow(&mut state);
    assert!(
        ids(&state).contains(&"v3-4.0.0-usb-full"),
        "{:?}",
        ids(&state)
    );
    assert!(state.list.rows.iter().any(|row| row.archived));
    assert_eq!(chosen(&state), "v3-6.1.0-usb-full");
}

#[test]
fn firmware_of_another_board_is_never_in_the_list() {
    for (mcu, board) in [(F042, "v3-"), (G431, "v4-")] {
        for wanted in [Transport::Usb, CAN_1M, CAN_500K] {
            let mut state = seen(ui::dfu("a", mcu), |settings| settings.show_older = true);
            state.options.wanted = Some(wanted);
            follow(&mut state);
            assert!(!state.list.rows.is_empty());
            let others = ids(&state);
            assert!(others.iter().all(|id| id.starts_with(board)), "{others:?}");
        }
    }
}

#[test]
fn a_choice_by_hand_stays_and_one_that_was_preselected_follows() {
    let mut state = running(G431, "CARTOGRAPHER V4 6.1.0");
    let asked = click(
        page_says(&state, &[]),
        "6.1.0, Full, USB, On the probe, Needs download",
    );
    let id = "v4-6.1.0-usb-full".to_owned();
    assert_eq!(asked, [Command::Firmware(Ask::Choose(id.clone()))]);
    if let Some(choice) = &mut state.list.choice {
        (choice.id, choice.by_hand) = (id, true);
    }
    state.list.revision += 1;
    follow(&mut state);
    assert_eq!(chosen(&state), "v4-6.1.0-usb-full");
    state.settings.prefer_lite = true;
    follow(&mut state);
    assert_eq!(chosen(&state), "v4-6.2.0-usb-lite");
}

// ---- offline ----

#[test]
fn offline_only_what_is_here_can_be_chosen_and_the_rest_says_why() {
    let mut state = running(G431, "CARTOGRAPHER V4 6.0.0");
    with_list(&mut state, |id| id == "v4-6.1.0-usb-full");
    state.settings.offline = true;
    follow(&mut state);
    assert_eq!(chosen(&state), "v4-6.1.0-usb-full");
    let words = [
        "Offline",
        "Only firmware that is on this computer can be chosen",
        "Update to 6.1.0",
        "The network is switched off in the settings",
    ];
    let harness = page_says(&state, &words);
    assert!(explains(&harness, "Not on this computer"));
    let label = "6.2.0, Full, USB, Newest · plugin 1.6.0+, Not on this computer";
    assert_eq!(click(harness, label), []);
    let harness = page_says(&state, &[]);
    assert_eq!(click(harness, "Fetch everything for offline use"), []);
    let asked = click(page_says(&state, &[]), "Go online");
    assert!(matches!(&asked[..], [Command::Settings(s)] if !s.offline));
}

#[test]
fn offline_with_nothing_here_says_so() {
    let mut state = running(G431, "CARTOGRAPHER V4 6.0.0");
    state.settings.offline = true;
    follow(&mut state);
    page_says(&state, &["None of these files is on this computer"]);
}

#[test]
fn a_source_that_cannot_be_reached_is_offline_too() {
    let mut state = running(G431, "CARTOGRAPHER V4 6.0.0");
    state.list.unreachable = true;
    follow(&mut state);
    let harness = page_says(
        &state,
        &["Offline", "The source of firmware cannot be reached"],
    );
    assert!(explains(&harness, "Not on this computer"));
    let asked = click(harness, "Try again");
    assert_eq!(asked, [Command::Firmware(Ask::Refresh)]);
}

// ---- files of the user's own ----

#[test]
fn a_wrong_file_is_refused_with_the_right_firmware_beside_it() {
    let mut state = running(F042, "CARTOGRAPHER V3 6.1.0");
    ui::pick(&mut state, ui::app_image(G431, Transport::Usb));
    let harness = page_says(&state, &["This firmware does not fit this probe"]);
    let asked = click(harness, "Use the official 6.1.0 instead");
    assert_eq!(asked, [Command::Firmware(Ask::Instead)]);
}

#[test]
fn the_inspector_names_an_official_file() {
    let mut state = running(F042, "CARTOGRAPHER V3 6.1.0");
    ui::pick(&mut state, ui::app_image(F042, Transport::Usb));
    let hash = state.firmware.image().unwrap().sha256().to_owned();
    let listing = state.list.listing.clone().unwrap();
    let entry = listing.entries.iter().find(|e| e.id == "v3-6.1.0-usb-full");
    state.list.official = Some((hash.clone(), entry.cloned()));
    page_says(&state, &["official 6.1.0"]);
    state.list.official = Some((hash, None));
    page_says(&state, &["not one of the official files"]);
}

// ---- practice, to the end ----

fn until_done(stage: &mut Stage) {
    stage.until("the end of the job", |stage| {
        stage.state().step == Step::Done
    });
    assert!(stage.shows("Done and verified"), "{:?}", stage.state().run);
}

#[test]
fn practice_firmware_goes_to_the_end_without_a_file_and_without_a_network() {
    let world = Arc::new(World::default());
    world.set(Net::Gone);
    for (spec, label) in [("v3-usb", "Update to 6.2.0"), ("v4-usb", "Update to 6.2.0")] {
        let mut stage = Stage::with_world(spec, &world);
        stage.until_shows(label);
        stage.click(label);
        stage.until_shows("This is what will happen");
        stage.click("Flash");
        until_done(&mut stage);
    }
}

#[test]
fn practice_firmware_is_labeled_and_goes_through_dfu_with_the_keyboard_alone() {
    let mut stage = Stage::new("v3-dfu");
    stage.until_shows("DFU mode");
    stage.press(Modifiers::COMMAND, Key::Enter);
    stage.until_shows("How is the probe connected");
    stage.harness.get_by_label("USB").focus();
    stage.harness.step();
    stage.press(Modifiers::NONE, Key::Space);
    stage.until_shows("No printer can run it");
    stage.until("the image", |stage| stage.state().plan().is_some());
    stage.press(Modifiers::COMMAND, Key::Enter);
    stage.until("the review", |stage| stage.state().step == Step::Review);
    stage.press(Modifiers::COMMAND, Key::Enter);
    until_done(&mut stage);
    let whole = practice::combined(F042, Transport::Usb, "CARTOGRAPHER V3 6.2.0");
    assert!(stage.bench.dump(0).starts_with(&whole));
}

#[test]
fn practice_is_not_offered_on_real_hardware() {
    let mut stage = Stage::real("v3-usb", &Arc::new(World::default()));
    stage.until_shows("Reinstall 6.1.0");
    stage.run(Command::GoTo(Step::Firmware));
    stage.until_shows("Official firmware");
    assert!(!stage.shows("Practice firmware"));
}

#[test]
fn an_application_in_dfu_mode_gets_its_katapult() {
    for real in [false, true] {
        let world = Arc::new(World::default());
        let mut stage = if real {
            Stage::real("v4-dfu", &world)
        } else {
            Stage::with_world("v4-dfu", &world)
        };
        stage.until_shows("DFU mode");
        let image = ui::app_image(G431, Transport::Usb);
        let path = stage.file(image.name(), image.bytes());
        stage.run(Command::Dropped(vec![path]));
        let label = if real {
            "Add the official Katapult"
        } else {
            "Add a practice Katapult"
        };
        stage.until_shows(label);
        stage.click(label);
        stage.until("the plan", |stage| stage.state().plan().is_some());
    }
}

// ---- over the network ----

#[test]
fn an_update_is_fetched_proven_and_kept_for_the_time_without_a_network() {
    let world = Arc::new(World::default());
    let mut stage = Stage::real("v4-usb", &world);
    stage.until_shows("Update to 6.2.0");
    stage.click("Update to 6.2.0");
    stage.until("the review", |stage| stage.state().step == Step::Review);
    let state = stage.state();
    let version = state.firmware.image().unwrap().facts().firmware_version();
    assert_eq!(
        version.map(|v: FirmwareVersion| v.to_string()),
        Some("6.2.0".into())
    );
    assert!(
        state.bootloader.image().is_some(),
        "in case the touch ends in DFU mode"
    );
    assert_eq!(
        state.list.chosen_row().map(|row| row.status),
        Some(Status::Checked)
    );
    world.set(Net::Gone);
    stage.run(Command::StartOver);
    stage.until_shows("Update to 6.2.0");
    stage.run(Command::GoTo(Step::Firmware));
    stage.until_shows("is ready and fits this probe");
    assert!(stage.shows("6.2.0, Full, USB, Newest · plugin 1.6.0+, Checked"));
    stage.click("Update to 6.2.0");
    stage.until("the review", |stage| stage.state().step == Step::Review);
    stage.click("Flash");
    until_done(&mut stage);
}

#[test]
fn firmware_on_its_way_shows_how_far_it_is_and_can_be_stopped() {
    let world = Arc::new(World::default());
    world.set(Net::Stuck);
    let mut stage = Stage::real("v4-usb", &world);
    stage.until_shows("Update to 6.2.0");
    stage.click("Update to 6.2.0");
    stage.until_shows("Getting 6.2.0");
    stage.until("bytes", |stage| {
        let load = stage
            .state()
            .list
            .choice
            .as_ref()
            .map(|choice| &choice.load);
        matches!(load, Some(Load::Loading { received, .. }) if *received > 0)
    });
    assert!(stage.shows("KiB of"));
    stage.click("Cancel");
    stage.until("it to stop", |stage| !stage.shows("Getting 6.2.0"));
    assert_eq!(stage.state().firmware, Picked::Nothing);
    world.set(Net::Good);
    stage.click("Update to 6.2.0");
    stage.until("the review", |stage| stage.state().step == Step::Review);
}

#[test]
fn without_a_network_it_says_why_and_what_is_here_can_still_be_chosen() {
    let world = Arc::new(World::default());
    let mut stage = Stage::real("v4-usb", &world);
    stage.until_shows("Update to 6.2.0");
    stage.run(Command::GoTo(Step::Firmware));
    stage.until_shows("Official firmware");
    stage.click("6.1.0, Full, USB, On the probe, Needs download");
    stage.until("6.1.0", |stage| stage.state().plan().is_some());
    world.set(Net::Gone);
    stage.click("6.2.0, Full, USB, Newest · plugin 1.6.0+, Needs download");
    stage.until_shows("6.2.0 for USB is not on this computer");
    assert!(stage.shows("Offline"));
    assert!(stage.shows("Try again") && !stage.shows("Update to 6.2.0"));
    assert!(!stage.shows("The source of firmware"), "it is said once");
    assert_eq!(stage.state().firmware, Picked::Nothing);
    stage.click("6.1.0, Full, USB, On the probe, Checked");
    stage.until("6.1.0 again", |stage| stage.state().plan().is_some());
}

#[test]
fn other_bytes_than_promised_are_refused() {
    let world = Arc::new(World::default());
    world.set(Net::Wrong);
    let mut stage = Stage::real("v4-usb", &world);
    stage.until_shows("Update to 6.2.0");
    stage.click("Update to 6.2.0");
    stage.until("the failure", |stage| {
        let load = stage
            .state()
            .list
            .choice
            .as_ref()
            .map(|choice| &choice.load);
        matches!(load, Some(Load::Failed(_)))
    });
    assert_eq!(stage.state().step, Step::Firmware);
    assert_eq!(stage.state().firmware, Picked::Nothing);
    world.set(Net::Good);
    stage.click("Try again");
    stage.until("the review", |stage| stage.state().step == Step::Review);
}

#[test]
fn everything_is_fetched_with_progress_and_can_be_stopped_and_finished() {
    let world = Arc::new(World::default());
    world.set(Net::Stuck);
    let mut stage = Stage::real("v3-usb", &world);
    stage.until_shows("Reinstall 6.1.0");
    stage.run(Command::GoTo(Step::Firmware));
    stage.until_shows("firmware files are on this computer");
    reach(&mut stage, "Fetch everything for offline use");
    stage.until(
        "bytes",
        |stage| matches!(&stage.state().list.bulk, Some(Bulk::Running { bytes, .. }) if *bytes > 0),
    );
    assert!(stage.shows("0 of"));
    reach(&mut stage, "Stop fetching");
    assert!(stage.shows("Stopping after this file"));
    world.set(Net::Good);
    stage.until_shows("Fetching was stopped");
    reach(&mut stage, "Fetch everything for offline use");
    stage.until_shows("Everything is on this computer");
    assert!(stage.shows("firmware files are on this computer"));
    let (here, all) = stage.state().list.counts();
    assert_eq!(here, all);
    reach(&mut stage, "Dismiss");
    stage.until("it to go", |stage| stage.state().list.bulk.is_none());
}

#[test]
fn the_filters_are_remembered() {
    let mut stage = Stage::real("v3-dfu", &Arc::new(World::default()));
    stage.until_shows("DFU mode");
    stage.run(Command::GoTo(Step::Firmware));
    stage.until_shows("How is the probe connected");
    stage.click("CAN");
    stage.until_shows("Bitrate of the printer's CAN bus");
    let text = std::fs::read_to_string(stage.folder.path().join("settings.json")).unwrap();
    assert!(text.contains("1000000"), "{text}");
    stage.until_shows("Install 6.1.0");
    stage.click("Install 6.1.0");
    stage.until("the review", |stage| stage.state().step == Step::Review);
    let whole = stage.state().firmware.image().cloned();
    let composed = practice::combined(F042, CAN_1M, "CARTOGRAPHER V3 6.1.0");
    assert_eq!(whole.as_deref().map(Image::bytes), Some(&composed[..]));
}

#[test]
fn nothing_is_read_before_the_firmware_step() {
    let world = Arc::new(World::default());
    let mut stage = Stage::real("v4-usb", &world);
    stage.until_shows("Update to 6.2.0");
    let load = stage
        .state()
        .list
        .choice
        .as_ref()
        .map(|choice| choice.load.clone());
    assert_eq!(load, Some(Load::NotYet));
    let objects = stage.folder.path().join("cache").join("objects");
    assert!(!Path::new(&objects).exists());
}

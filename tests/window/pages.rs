//! What the pages say and offer in each state.

use std::time::Duration;

use carto_flasher::app::Command;
use carto_flasher::app::coach::Saying;
use carto_flasher::app::firmware;
use carto_flasher::app::practice::{Bench, Hand};
use carto_flasher::app::state::{AppState, Notice, Page, Picked, Question, Running, Step};
use carto_flasher::board::{Mode, Model, Transport};
use carto_flasher::doctor::linux::rule;
use carto_flasher::flash::{Aftermath, Outcome, Phase};
use carto_flasher::image::Image;
use carto_flasher::transport::{Access, DeviceId, Location};
use egui::{Key, Modifiers, Theme};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

use crate::states::{
    F042, G431, coach_blocked, coach_state, done, failed, finished, flashing, half_way,
    not_permitted, now_on_can, phase_done, picked, probe_found, reviewed, run, running,
    waited_in_vain,
};
use crate::ui::{self, View, view, view_of};

fn says(harness: &Harness<'_, View>, words: &str) -> bool {
    harness.query_all_by_label_contains(words).next().is_some()
}

/// Draws a state and checks what it says.
fn page_says(state: AppState, words: &[&str]) -> Harness<'static, View> {
    let mut harness = view(state);
    harness.run_steps(2);
    for word in words {
        assert!(says(&harness, word), "the page does not say {word:?}");
    }
    harness
}

/// What a click asks for.
fn click(mut harness: Harness<'static, View>, label: &str) -> Vec<Command> {
    harness.get_by_label(label).click();
    harness.run_steps(2);
    std::mem::take(&mut harness.state_mut().commands)
}

/// The button is there and does nothing.
fn is_disabled(harness: Harness<'static, View>, label: &str) {
    assert_eq!(click(harness, label), [], "{label} can be pressed");
}

// ---- each row of the table in ux.md "Probe: what is on the bus" ----

#[test]
fn nothing_on_the_bus_is_helped_with() {
    let state = ui::state(Vec::new());
    let harness = page_says(
        state.clone(),
        &[
            "Plug the probe into this computer",
            "flashed for CAN",
            "only charge",
            "reversed",
            "24 V",
        ],
    );
    assert_eq!(
        click(harness, "Use DFU mode…"),
        [Command::Open(Page::Coach)]
    );
    let mut harness = page_says(state.clone(), &[]);
    let practice = "Practice on a simulated probe";
    harness.get_by_label(practice).scroll_to_me();
    harness.run_steps(4);
    assert_eq!(click(harness, practice), [Command::Practise]);
    is_disabled(
        page_says(state, &["Plug a probe in first"]),
        "Choose firmware",
    );
}

#[test]
fn before_the_first_look_nothing_is_claimed() {
    let mut state = ui::state(Vec::new());
    state.bus.looked = false;
    let harness = page_says(state, &["Looking at the USB ports"]);
    assert!(!says(&harness, "Plug the probe"));
}

#[test]
fn running_firmware_is_shown_with_its_version_and_a_masked_serial() {
    let harness = page_says(
        probe_found(),
        &[
            "Cartographer V2 or V3",
            "USB · firmware 6.1.0",
            "serial …3220",
        ],
    );
    assert!(!says(&harness, "2A0041001850325035363220"));
    assert_eq!(click(harness, "Back up this probe"), [Command::BackUpNow]);
}

#[test]
fn firmware_that_does_not_tell_its_version_is_still_offered() {
    let mut state = probe_found();
    state.bus.devices[0].running = Running::Silent;
    page_says(state, &["running firmware, version not told"]);
}

#[test]
fn katapult_is_shown_as_a_bootloader() {
    let state = ui::state(vec![ui::katapult("a", G431)]);
    page_says(
        state,
        &[
            "Cartographer V4",
            "Katapult bootloader, no firmware running",
        ],
    );
}

#[test]
fn dfu_mode_is_shown_with_its_chip() {
    for (mcu, board, chip) in [
        (F042, "Cartographer V2 or V3", "STM32F042"),
        (G431, "Cartographer V4", "STM32G431"),
    ] {
        let harness = page_says(
            ui::state(vec![ui::dfu("a", mcu)]),
            &[board, chip, "DFU mode"],
        );
        assert!(
            !says(&harness, "Use DFU mode…"),
            "it is in DFU mode already"
        );
    }
}

#[test]
fn a_probe_that_cannot_be_opened_says_why_and_what_to_do() {
    let rows = [
        (Access::NotPermitted, "use the probe"),
        (
            Access::WrongDriver {
                bound: Some("STTub30".into()),
            },
            "STTub30",
        ),
        (
            Access::WrongDriver { bound: None },
            "no driver for the probe",
        ),
        (
            Access::Busy {
                holder: Some("klippy (812)".into()),
            },
            "klippy (812) uses the probe",
        ),
        (
            Access::Busy { holder: None },
            "Another program uses the probe",
        ),
    ];
    for (access, words) in rows {
        let mut device = ui::running("a", G431);
        device.access = access;
        let state = ui::state(vec![device]);
        let harness = page_says(state.clone(), &[words, "The probe cannot be opened yet"]);
        assert_eq!(click(harness, "Look again"), [Command::LookAgain]);
        is_disabled(page_says(state, &[]), "Choose firmware");
    }
}

#[test]
fn a_missing_permission_is_set_by_a_button_that_shows_what_it_does() {
    let mut harness = page_says(not_permitted(), &["This page goes on by itself."]);
    assert!(!says(&harness, "sudo"), "the button comes first");
    harness.get_by_label("Details").click();
    harness.run_steps(3);
    for shown in [
        "sudo /usr/bin/carto-flasher-cli doctor install-udev-rule",
        "/etc/udev/rules.d/70-carto-flasher.rules",
        "sudo /usr/bin/carto-flasher-cli doctor remove-udev-rule",
    ] {
        assert!(says(&harness, shown), "{shown}");
    }
    let command = rule::install_command(Some("/usr/bin/carto-flasher-cli".as_ref()));
    assert_eq!(
        click(harness, "Set the permission…"),
        [Command::ChangeRule(command)]
    );
}

#[test]
fn of_several_probes_one_is_chosen_by_hand() {
    let mut other = ui::running("b", G431);
    other.location = Some(Location("1-3".into()));
    let mut state = ui::state(vec![ui::running("a", F042), other]);
    state.bus.devices[1].just_plugged_in = true;
    let harness = page_says(
        state.clone(),
        &[
            "Which probe?",
            "port 1-2",
            "port 1-3",
            "Just plugged in",
            "Choose one of the probes first",
        ],
    );
    assert_eq!(harness.query_all_by_label("Choose this one").count(), 2);
    state.chosen = Some(ui::chosen(&state.bus.devices[1]));
    let harness = page_says(state, &["Chosen"]);
    assert_eq!(
        click(harness, "Choose this one"),
        [Command::Choose(DeviceId("a".into()))]
    );
}

#[test]
fn two_f042_in_dfu_mode_cannot_be_told_apart() {
    let mut other = ui::dfu("b", F042);
    other.location = Some(Location("1-3".into()));
    let state = ui::state(vec![ui::dfu("a", F042), other]);
    page_says(
        state,
        &["These probes look alike", "Unplug all but the one"],
    );
}

#[test]
fn a_stranger_is_named_and_never_offered() {
    let state = ui::state(vec![ui::toolboard("a")]);
    let harness = page_says(
        state,
        &[
            "Another board in DFU mode",
            "left alone",
            "No probe found yet",
        ],
    );
    assert!(!says(&harness, "Choose this one"));
    is_disabled(harness, "Choose firmware");
}

#[test]
fn a_bus_that_cannot_be_read_is_told() {
    use carto_flasher::transport::{Doing, LinkError, LinkErrorKind};
    let mut state = ui::state(Vec::new());
    state.bus.failure = Some(LinkError::new(LinkErrorKind::Other, Doing::Listing));
    let harness = page_says(state, &["The USB bus cannot be read"]);
    assert_eq!(click(harness, "Look again"), [Command::LookAgain]);
}

// ---- the other steps ----

#[test]
fn the_inspector_says_what_a_file_is_and_that_it_fits() {
    let harness = page_says(
        picked(),
        &[
            "Fits this probe",
            "STM32F042",
            "0x08002000",
            "CARTOGRAPHER V3 6.2.0",
            "21,096 bytes",
        ],
    );
    assert_eq!(click(harness, "Review"), [Command::GoTo(Step::Review)]);
}

#[test]
fn a_file_for_another_chip_is_refused_with_what_to_do() {
    let mut state = probe_found();
    ui::pick(&mut state, ui::app_image(G431, Transport::Usb));
    let harness = page_says(state, &["This firmware does not fit this probe"]);
    is_disabled(harness, "Review");
}

#[test]
fn firmware_alone_in_dfu_mode_asks_for_katapult() {
    let mut state = ui::state(vec![ui::dfu("a", F042)]);
    ui::pick(&mut state, ui::app_image(F042, Transport::Usb));
    let harness = page_says(
        state,
        &["Katapult is written with it", "Add the Katapult file first"],
    );
    let asked = click(harness, "Add a Katapult file…");
    assert_eq!(
        asked,
        [Command::PickFile(carto_flasher::app::Purpose::Bootloader)]
    );
}

#[test]
fn a_file_that_is_no_firmware_is_refused() {
    let mut state = probe_found();
    let error = Image::parse("notes.txt", b"not firmware at all".to_vec()).unwrap_err();
    state.firmware = Picked::Refused {
        path: "/tmp/notes.txt".into(),
        error,
    };
    state.step = Step::Firmware;
    let harness = page_says(state, &["notes.txt", "This file cannot be used"]);
    is_disabled(harness, "Review");
}

#[test]
fn the_review_says_what_will_be_written_where_and_what_stays() {
    let mut harness = page_says(
        reviewed(),
        &[
            "Firmware 6.2.0 full · USB",
            "Stays as it is",
            "runs firmware 6.2.0 over USB",
        ],
    );
    let place = "21,096 bytes from 0x08002000";
    assert!(!says(&harness, place));
    harness.get_by_label("Details").click();
    harness.run_steps(2);
    assert!(says(&harness, place));
    assert_eq!(click(harness, "Flash"), [Command::Flash]);
    let harness = page_says(reviewed(), &[]);
    let box_label = "Keep a backup of what is on the probe now";
    assert_eq!(click(harness, box_label), [Command::Backup(false)]);
}

#[test]
fn switching_to_can_says_that_vanishing_is_success() {
    let mut state = ui::state(vec![ui::dfu("a", G431)]);
    ui::pick(
        &mut state,
        ui::combined_image(G431, Transport::Can { bitrate: 1_000_000 }),
    );
    state.step = Step::Review;
    page_says(
        state,
        &[
            "vanishes from USB: that is success",
            "Katapult is written too",
        ],
    );
}

#[test]
fn a_probe_unplugged_before_flashing_is_asked_for() {
    let mut state = reviewed();
    state.bus.devices.clear();
    state.verdict = None;
    is_disabled(page_says(state, &["plug it in again"]), "Flash");
}

#[test]
fn flashing_shows_every_phase_and_can_be_stopped() {
    let phases = [
        "Enter bootloader",
        "Read back",
        "Erase and write",
        "Verify",
        "Start",
        "Confirm",
    ];
    let harness = page_says(flashing(), &phases);
    assert!(says(&harness, "Keep the probe plugged in"));
    assert_eq!(click(harness, "Stop…"), [Command::AskStop]);
}

#[test]
fn unplugging_costs_what_it_costs_at_that_moment() {
    page_says(flashing(), &["56%", "comes back in its bootloader"]);
    let mut verified = reviewed();
    let mut events = half_way();
    events.extend(phase_done(Phase::Write, 5.9, 0.1, 21_096));
    events.extend(phase_done(Phase::Verify, 6.0, 0.1, 21_096));
    run(&mut verified, &events);
    let harness = page_says(verified, &["Everything is written and verified"]);
    assert!(!says(&harness, "comes back in its bootloader"));
}

#[test]
fn a_job_that_waits_for_the_probe_does_not_say_that_it_starts() {
    let mut state = flashing();
    if let Some(run) = &mut state.run {
        run.view.phases.clear();
        run.view.waiting_until = Some((Duration::from_mins(1), Aftermath::ReturnsToDfuOnReplug));
    }
    let harness = page_says(state, &["Waiting for the probe…", "plug it in again"]);
    assert!(!says(&harness, "Starting…"));
}

#[test]
fn the_last_step_is_done_when_nothing_is_left_to_do() {
    page_says(done(), &["Step 5, Done: Verified, current step, done"]);
    let stopped = failed(Aftermath::NeedsPads);
    let harness = page_says(stopped, &["Step 5, Done: Not finished, current step"]);
    assert!(!says(&harness, "current step, done"));
}

#[test]
fn after_a_backup_the_way_leads_back_to_the_probe() {
    let mut state = reviewed();
    finished(&mut state, Outcome::BackedUp);
    assert_eq!(
        click(page_says(state, &[]), "Back to the probe"),
        [Command::StartOver]
    );
}

#[test]
fn the_log_opens_without_moving_the_page() {
    let mut harness = page_says(probe_found(), &[]);
    let top = |harness: &Harness<'_, View>| harness.get_by_label("One probe found").rect().top();
    let before = top(&harness);
    harness.state_mut().state.log_open = true;
    harness.run_steps(3);
    assert!(says(&harness, "Close the log"));
    assert!((top(&harness) - before).abs() < 0.5);
}

#[test]
fn stopping_asks_and_says_what_it_costs() {
    let mut state = flashing();
    state.question = Some(Question::StopJob);
    let harness = page_says(
        state,
        &[
            "Stop flashing?",
            "no working firmware until you flash it again",
        ],
    );
    assert_eq!(click(harness, "Keep flashing"), [Command::NeverMind]);
}

#[test]
fn closing_while_flashing_asks() {
    let mut state = flashing();
    state.question = Some(Question::CloseWhileFlashing);
    let harness = page_says(state, &["Close while the probe is being flashed?"]);
    assert_eq!(click(harness, "Stop and close"), [Command::QuitAnyway]);
}

#[test]
fn a_success_is_told_in_numbers_and_with_what_to_do() {
    let harness = page_says(
        done(),
        &[
            "Done and verified",
            "19 of 21 pages; 2 were right already",
            "21,096 bytes, read back and equal",
            "8.4 s",
            "usb-Cartographer_stm32f042x6_2A0041001850325035363220-if00",
            "recalibrate",
        ],
    );
    assert_eq!(click(harness, "Flash another"), [Command::StartOver]);
}

#[test]
fn a_can_success_gives_the_uuid_for_printer_cfg_where_the_probe_was_met_before() {
    let words = [
        "canbus_uuid: ",
        "Switch the printer off",
        "Put this line into printer.cfg",
    ];
    for mcu in [F042, G431] {
        page_says(now_on_can(mcu, true), &words);
        let harness = page_says(
            now_on_can(mcu, false),
            &["canbus_query.py can0", "with this command"],
        );
        assert!(!says(&harness, "canbus_uuid: "));
    }
}

#[test]
fn the_card_says_whether_there_is_anything_newer() {
    for (version, badge, verb) in [
        ("CARTOGRAPHER V4 6.2.0", "Up to date", "Reinstall 6.2.0"),
        (
            "CARTOGRAPHER V4 6.2.0 lite",
            "Up to date",
            "Reinstall 6.2.0",
        ),
        (
            "CARTOGRAPHER V4 6.1.0",
            "6.2.0 available",
            "Update to 6.2.0",
        ),
    ] {
        let mut state = running(G431, version);
        state.step = Step::Probe;
        page_says(state, &[badge, verb]);
    }
    // Of one that is not in the list it is neither.
    for version in ["CARTOGRAPHER V4 7.0.0", "my own"] {
        let mut state = running(G431, version);
        state.step = Step::Probe;
        let harness = page_says(state, &[]);
        for badge in ["Up to date", "available"] {
            assert!(!says(&harness, badge), "{version}: {badge}");
        }
    }
}

#[test]
fn the_plugin_is_repeated_where_it_applies() {
    use carto_flasher::app::firmware::{Load, needed_plugin};
    let words = "6.2.0 needs cartographer3d-plugin 1.6.0 or newer on the printer";
    let mut state = running(G431, "CARTOGRAPHER V4 6.1.0");
    ui::pick(&mut state, ui::app_image(G431, Transport::Usb));
    state.step = Step::Review;
    let harness = page_says(state.clone(), &[]);
    assert!(
        !says(&harness, words),
        "a file of one's own is not the official one"
    );
    if let (Picked::Image { path, .. }, Some(choice)) =
        (&mut state.firmware, &mut state.list.choice)
    {
        *path = None;
        let (from, notes) = (None, Vec::new());
        choice.load = Load::Loaded { from, notes };
    }
    assert!(needed_plugin(&state).is_some());
    page_says(state.clone(), &[words]);
    let device = Box::new(ui::running("b", G431));
    finished(
        &mut state,
        Outcome::Returned {
            device,
            version: None,
        },
    );
    page_says(
        state,
        &["Update cartographer3d-plugin on the printer to 1.6.0 or newer"],
    );
    let older = running(F042, "CARTOGRAPHER 5.1.0");
    assert_eq!(needed_plugin(&older), None);
}

#[test]
fn keys_are_named_as_the_system_names_them() {
    use egui::os::OperatingSystem;
    for (system, names) in [
        (OperatingSystem::Nix, ["Ctrl+L", "Alt+", "Esc"]),
        (OperatingSystem::Windows, ["Ctrl+L", "Alt+", "Esc"]),
        (OperatingSystem::Mac, ["Cmd+L", "Option+", "Esc"]),
    ] {
        let mut state = probe_found();
        state.page = Some(Page::About);
        let mut harness = view(state);
        harness.ctx.set_os(system);
        harness.run_steps(2);
        for name in names {
            let symbols = name
                .replace("Cmd+", "\u{2318}")
                .replace("Option+", "\u{2325}");
            let named = says(&harness, name) || says(&harness, &symbols);
            assert!(named, "{system:?}: {name}");
        }
    }
}

#[test]
fn each_aftermath_has_its_own_words_and_can_be_tried_again() {
    let rows = [
        (Aftermath::Untouched, "unchanged"),
        (Aftermath::BootloaderStillThere, "bootloader is intact"),
        (Aftermath::ReturnsToDfuOnReplug, "no pads are needed"),
        (Aftermath::NeedsPads, "bridge BT0 and 3V3"),
        (Aftermath::Complete, "written and verified"),
    ];
    for (aftermath, words) in rows {
        let state = failed(aftermath);
        let harness = page_says(state, &[words, "Erase and write"]);
        assert_eq!(
            click(harness, "Save report…"),
            [Command::SaveReport],
            "{aftermath:?}"
        );
    }
}

#[test]
fn what_takes_the_pads_has_the_pictures_behind_a_button() {
    for aftermath in [Aftermath::NeedsPads, Aftermath::TornFirstPage] {
        let harness = page_says(failed(aftermath), &[]);
        let asked = click(harness, "Use DFU mode…");
        assert_eq!(asked, [Command::Open(Page::Coach)], "{aftermath:?}");
    }
}

/// A V4 that left DFU mode half written comes back in Katapult, which does not take the combined file.
#[test]
fn a_probe_back_in_katapult_says_why_the_same_cannot_be_tried_again() {
    let mut state = failed(Aftermath::NeedsPads);
    let device = ui::seen(ui::katapult("b", G431));
    state.chosen = Some(ui::chosen(&device));
    state.bus.devices = vec![device];
    let image = ui::combined_image(G431, Transport::Usb);
    ui::pick(&mut state, image);
    state.step = Step::Done;
    let harness = page_says(
        state,
        &["It is in Katapult now: bring it into DFU mode first"],
    );
    is_disabled(harness, "Try again");
}

#[test]
fn the_serial_line_is_said_to_be_new_only_if_it_is() {
    let state = |product: &str| {
        let mut device = ui::running("b", F042);
        device.product = Some(product.into());
        let mut state = reviewed();
        let device = Box::new(device);
        let version = None;
        finished(&mut state, Outcome::Returned { device, version });
        state
    };
    let same = ui::running("a", F042).product.unwrap_or_default();
    page_says(state(&same), &["The path is the same as before"]);
    // What Linux shows of firmware before 6.1.0, whose string is empty.
    page_says(state("614e"), &["The path changed"]);
}

#[test]
fn try_again_waits_for_the_probe() {
    is_disabled(
        page_says(
            failed(Aftermath::BootloaderStillThere),
            &["plug it in again"],
        ),
        "Try again",
    );
    let mut back = failed(Aftermath::BootloaderStillThere);
    back.bus.devices = vec![ui::seen(ui::dfu("a", F042))];
    back.step = Step::Done;
    assert_eq!(
        click(page_says(back, &[]), "Try again"),
        [Command::TryAgain]
    );
}

#[test]
fn nothing_moves_when_the_version_of_a_probe_becomes_known() {
    let place = |mut state: AppState| {
        state.step = Step::Probe;
        let harness = page_says(state, &[]);
        harness.get_by_label("Use DFU mode…").rect()
    };
    let known = running(G431, "CARTOGRAPHER V4 6.1.0");
    let mut asked = known.clone();
    asked.bus.devices[0].running = Running::NotAsked;
    firmware::follow(&mut asked);
    assert_eq!(place(asked), place(known));
}

// ---- the coach ----

#[test]
fn the_coach_asks_for_the_board_by_picture() {
    let harness = page_says(coach_state(None, None, &[]), &["Which board do you have?"]);
    assert_eq!(click(harness, "V4"), [Command::CoachModel(Some(Model::V4))]);
}

#[test]
fn the_coach_says_what_went_wrong() {
    let firmware = Some(Mode::Firmware);
    let v3 = Some(Model::V3);
    page_says(
        coach_state(v3, firmware, &[None, firmware]),
        &["RESET worked, but BOOT0 was not held"],
    );
    let again = [None, firmware, None, firmware];
    page_says(coach_state(v3, firmware, &again), &["second try"]);
    let state = coach_state(v3, firmware, &[None, Some(Mode::Katapult)]);
    let harness = page_says(state, &["You tapped RESET twice", "That is enough"]);
    let asked = click(harness, "Flash from here");
    assert_eq!(asked, [Command::ChooseAndContinue(DeviceId("2".into()))]);
}

#[test]
fn the_coach_warns_v4_of_the_short_circuit() {
    page_says(
        coach_state(Some(Model::V4), None, &[]),
        &["3V3 to GND, is a short circuit"],
    );
}

#[test]
fn the_coach_gives_hints_after_silence() {
    let mut state = coach_state(Some(Model::V3), None, &[]);
    if let Some(coach) = &mut state.coach {
        coach.tick(std::time::Duration::from_secs(30));
        assert_eq!(*coach.saying(), Saying::NothingForAWhile);
    }
    page_says(
        state,
        &["Nothing on the USB bus yet", "Many cables only charge"],
    );
}

#[test]
fn hints_fit_the_board() {
    let v2_only = "A V2 made for CAN";
    page_says(waited_in_vain(Model::V2), &[v2_only]);
    for model in [Model::V3, Model::V4] {
        let harness = page_says(waited_in_vain(model), &["Many cables only charge"]);
        assert!(harness.query_by_label_contains(v2_only).is_none());
    }
}

#[test]
fn a_probe_in_dfu_mode_that_is_kept_closed_is_not_to_be_unplugged() {
    let harness = page_says(coach_blocked(), &["WinUSB", "Leave it plugged in"]);
    assert!(
        harness
            .query_by_label_contains("plug it in again")
            .is_none()
    );
    assert_eq!(click(harness, "Look again"), [Command::LookAgain]);
}

#[test]
fn a_probe_that_runs_is_told_that_it_needs_no_dfu_mode() {
    let running = coach_state(Some(Model::V3), Some(Mode::Firmware), &[]);
    let harness = page_says(running.clone(), &["DFU mode is not needed"]);
    let asked = click(harness, "Choose firmware");
    assert_eq!(asked, [Command::ChooseAndContinue(DeviceId("0".into()))]);
    let mut to_can = running;
    to_can.options.wanted = Some(Transport::Can { bitrate: 1_000_000 });
    let harness = page_says(to_can, &["Hold 1, tap 2"]);
    assert!(
        harness
            .query_by_label_contains("mode is not needed")
            .is_none()
    );
}

#[test]
fn only_boards_with_the_chip_that_was_seen_are_offered() {
    let harness = page_says(coach_state(None, Some(Mode::Firmware), &[]), &["V2", "V3"]);
    assert!(harness.query_by_label("V4").is_none());
}

#[test]
fn success_fills_the_window() {
    let harness = page_says(
        coach_state(Some(Model::V3), None, &[Some(Mode::RomDfu)]),
        &["DFU mode"],
    );
    let asked = click(harness, "Choose firmware");
    assert_eq!(asked, [Command::ChooseAndContinue(DeviceId("1".into()))]);
}

// ---- around the steps ----

#[test]
fn a_notice_stays_until_it_is_dismissed() {
    let mut state = probe_found();
    state.notices.push(Notice::FirmwareDropped {
        name: "v4.bin".into(),
    });
    page_says(state, &["v4.bin does not fit this probe"]);
}

#[test]
fn badges_tell_simulated_and_offline() {
    let mut state = probe_found();
    state.simulated = true;
    state.settings.offline = true;
    page_says(state, &["Simulated", "Offline"]);
}

#[test]
fn the_practice_bench_has_hands() {
    let mut state = probe_found();
    state.bench = Some(Bench {
        plugged_in: true,
        boot_held: false,
    });
    assert_eq!(
        click(page_says(state.clone(), &[]), "Hold BOOT0 (B)"),
        [Command::Hand(Hand::HoldBoot(true))]
    );
    let mut harness = view(state);
    harness.run_steps(2);
    harness.key_press(Key::R);
    harness.run_steps(2);
    assert_eq!(harness.state().commands, [Command::Hand(Hand::TapReset)]);
}

#[test]
fn the_hands_of_the_bench_stand_in_one_line_in_a_narrow_window() {
    let mut state = probe_found();
    state.can_practise = true;
    state.bench = Some(Bench {
        plugged_in: true,
        boot_held: true,
    });
    for (width, leave) in [
        (720.0, "Leave"),
        (800.0, "Leave"),
        (960.0, "Leave practice"),
    ] {
        let mut harness = view_of(state.clone(), Theme::Light, (width, 600.0));
        harness.run_steps(2);
        let middle = |label| harness.get_by_label(label).rect().center().y;
        let plug = middle("Unplug (P)");
        for hand in ["Let go (B)", "Tap RESET (R)", leave] {
            assert!((middle(hand) - plug).abs() < 2.0, "{hand} at {width}");
        }
    }
}

#[test]
fn keys_work_on_every_page() {
    let rows = [
        (Modifiers::COMMAND, Key::L, Command::ToggleLog),
        (
            Modifiers::COMMAND,
            Key::Comma,
            Command::Open(Page::Settings),
        ),
        (
            Modifiers::COMMAND,
            Key::O,
            Command::PickFile(carto_flasher::app::Purpose::Firmware),
        ),
        (Modifiers::ALT, Key::ArrowLeft, Command::Back),
        (
            Modifiers::COMMAND,
            Key::Enter,
            Command::GoTo(Step::Firmware),
        ),
    ];
    for (modifiers, key, command) in rows {
        let mut harness = view(probe_found());
        harness.run_steps(2);
        harness.key_press_modifiers(modifiers, key);
        harness.run_steps(2);
        assert_eq!(harness.state().commands, [command]);
    }
}

#[test]
fn an_idle_page_asks_for_no_frames() {
    for state in [
        ui::state(Vec::new()),
        probe_found(),
        picked(),
        reviewed(),
        done(),
    ] {
        let mut harness = view(state);
        harness.run();
        let delay = harness.output().viewport_output[&egui::ViewportId::ROOT].repaint_delay;
        assert!(delay > std::time::Duration::from_secs(5), "{delay:?}");
    }
}

//! Whole jobs on the simulated bench, through the window.

use carto_flasher::app::Command;
use carto_flasher::app::practice::Hand;
use carto_flasher::app::state::{Question, Step};
use carto_flasher::board::Transport;
use carto_flasher::flash::JobEnd;
use carto_flasher::image::Image;
use carto_flasher::settings::Settings;
use carto_flasher::transport::sim::practice;
use egui::{Key, Modifiers};

use crate::states::{F042, G431};
use crate::ui::{self, Stage};

fn drop_file(stage: &mut Stage, image: &Image) {
    let path = stage.file(image.name(), image.bytes());
    stage.run(Command::Dropped(vec![path]));
}

/// How the job ended, if it has.
fn end(stage: &Stage) -> Option<JobEnd> {
    stage.state().run.as_ref()?.view.end.clone()
}

fn until_ended(stage: &mut Stage) {
    stage.until("the end of the job", |stage| {
        stage.state().step == Step::Done
    });
}

#[test]
fn a_probe_in_dfu_mode_is_flashed_by_clicking_through() {
    let mut stage = Stage::new("v3-dfu");
    stage.until_shows("DFU mode · STM32F042");
    let image = ui::combined_image(F042, Transport::Usb);
    drop_file(&mut stage, &image);
    stage.until_shows("Fits this probe");
    stage.click("Review");
    stage.until_shows("This is what will happen");
    stage.click("Flash");
    until_ended(&mut stage);
    assert!(stage.shows("Done and verified"), "{:?}", end(&stage));
    assert!(stage.bench.dump(0).starts_with(image.bytes()));
    assert!(
        stage
            .folder
            .path()
            .join("backups")
            .read_dir()
            .unwrap()
            .next()
            .is_some()
    );
    assert!(
        stage.bench.violations().is_empty(),
        "{:?}",
        stage.bench.violations()
    );
    stage.click("Flash another");
    stage.until("the first step", |stage| stage.state().step == Step::Probe);
}

#[test]
fn running_firmware_is_updated_with_the_keyboard_alone() {
    let mut stage = Stage::new("v4-usb");
    stage.until_shows("USB · firmware");
    let image = ui::app_image(G431, Transport::Usb);
    let path = stage.file(image.name(), image.bytes());
    *stage.dialogs.file.lock().unwrap() = Some(path);
    stage.press(Modifiers::COMMAND, Key::O);
    stage.until("the inspector", |stage| stage.state().plan().is_some());
    for step in [Step::Firmware, Step::Review] {
        stage.until("the next step", |stage| stage.state().step == step);
        stage.press(Modifiers::COMMAND, Key::Enter);
    }
    until_ended(&mut stage);
    assert!(stage.shows("Done and verified"), "{:?}", end(&stage));
    assert!(stage.shows("CARTOGRAPHER V4 6.2.0"));
}

#[test]
fn a_job_that_loses_its_probe_says_what_to_do_and_finishes_when_tried_again() {
    let mut stage = Stage::new("v3-dfu,fault=unplug@35%");
    stage.until_shows("DFU mode");
    let image = ui::combined_image(F042, Transport::Usb);
    drop_file(&mut stage, &image);
    stage.until_shows("Fits this probe");
    stage.click("Review");
    stage.click("Flash");
    stage.until("the job to wait or fail", |stage| {
        let view = stage.state().run.as_ref().map(|run| &run.view);
        view.is_some_and(|view| view.waiting_until.is_some() || view.end.is_some())
    });
    assert!(stage.state().is_flashing(), "{:?}", end(&stage));
    assert!(stage.shows("plug it in again and flashing goes on"));
    stage.run(Command::Stop);
    until_ended(&mut stage);
    let ended = end(&stage);
    assert!(!matches!(ended, Some(JobEnd::Finished(_))), "{ended:?}");
    stage.run(Command::Hand(Hand::Plug(false)));
    stage.until("the probe to be gone", |stage| {
        stage.state().probe().is_none()
    });
    stage.run(Command::Hand(Hand::Plug(true)));
    stage.until("the probe again", |stage| stage.state().plan().is_some());
    stage.click("Try again");
    stage.until("the second job", |stage| stage.state().step == Step::Flash);
    until_ended(&mut stage);
    assert!(stage.shows("Done and verified"), "{:?}", end(&stage));
    assert!(stage.bench.dump(0).starts_with(image.bytes()));
}

#[test]
fn closing_in_the_middle_asks_and_stopping_leaves_a_way_back() {
    let mut stage = Stage::new("v4-dfu");
    stage.until_shows("DFU mode");
    drop_file(&mut stage, &ui::combined_image(G431, Transport::Usb));
    stage.until_shows("Fits this probe");
    stage.click("Review");
    stage.click("Flash");
    stage.until("the job", |stage| stage.state().is_flashing());
    stage.run(Command::CloseRequested);
    assert_eq!(stage.state().question, Some(Question::CloseWhileFlashing));
    assert!(!stage.state().quit);
    stage.run(Command::Stop);
    until_ended(&mut stage);
    assert_eq!(stage.state().question, None);
}

#[test]
fn firmware_alone_gets_its_katapult_in_dfu_mode() {
    let mut stage = Stage::new("v3-dfu");
    stage.until_shows("DFU mode");
    drop_file(&mut stage, &ui::app_image(F042, Transport::Usb));
    stage.until_shows("Katapult is written with it");
    let katapult = practice::katapult(F042, Transport::Usb);
    *stage.dialogs.file.lock().unwrap() = Some(stage.file("katapult.bin", &katapult));
    stage.click("Add a Katapult file…");
    stage.until("the plan", |stage| stage.state().plan().is_some());
    stage.click("Review");
    stage.until_shows("Katapult is written too");
}

#[test]
fn the_coach_watches_two_failed_tries_and_the_one_that_works() {
    let mut stage = Stage::new("v3-usb");
    stage.until_shows("USB ·");
    stage.click("Use DFU mode…");
    stage.click("V3");
    stage.until_shows("Hold 1, tap 2");
    for _ in 0..2 {
        let tries = stage.state().coach.as_ref().unwrap().tries();
        stage.run(Command::Hand(Hand::TapReset));
        stage.until("a failed try", |stage| {
            stage
                .state()
                .coach
                .as_ref()
                .is_some_and(|coach| coach.tries() > tries)
        });
        stage.until_shows("BOOT0 was not held");
    }
    stage.run(Command::Hand(Hand::HoldBoot(true)));
    stage.run(Command::Hand(Hand::TapReset));
    stage.until_shows("The probe is ready");
    stage.press(Modifiers::NONE, Key::Enter);
    stage.until("the firmware step", |stage| {
        stage.state().step == Step::Firmware
    });
}

#[test]
fn a_probe_is_backed_up_and_nothing_is_written() {
    let mut stage = Stage::new("v3-dfu");
    stage.until_shows("DFU mode");
    let before = stage.bench.dump(0);
    stage.click("Back up this probe");
    until_ended(&mut stage);
    assert!(stage.shows("Backed up"), "{:?}", end(&stage));
    assert_eq!(stage.bench.dump(0), before);
    let backup = stage
        .folder
        .path()
        .join("backups")
        .read_dir()
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    assert_eq!(std::fs::read(backup.path()).unwrap(), before);
}

#[test]
fn a_probe_is_found_again_in_the_same_socket() {
    let mut stage = Stage::new("v3-usb");
    stage.until_shows("USB · firmware");
    stage.run(Command::GoTo(Step::Firmware));
    stage.run(Command::Hand(Hand::Plug(false)));
    stage.until("the probe to leave", |stage| {
        stage.state().probe().is_none()
    });
    assert!(
        stage.state().chosen.is_some(),
        "what was chosen is not forgotten in the middle"
    );
    stage.run(Command::Hand(Hand::HoldBoot(true)));
    stage.run(Command::Hand(Hand::Plug(true)));
    stage.until("the probe in DFU mode", |stage| {
        stage.state().probe().is_some()
    });
}

#[test]
fn the_program_remembers_its_settings() {
    let mut stage = Stage::new("none");
    stage.press(Modifiers::COMMAND, Key::Comma);
    stage.until_shows("Safety");
    stage.click("Back up the probe before every flash");
    stage.until("the change", |stage| !stage.state().settings.backup);
    let path = stage.folder.path().join("settings.json");
    stage.until("the file", |_| !Settings::load(&path).0.backup);
}

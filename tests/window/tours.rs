//! Whole tours as a newcomer makes them: with keys alone, through two failed tries, and from USB to CAN.

use carto_flasher::app::state::Step;
use egui::{Key, Modifiers};

use crate::ui::Stage;

/// Goes to a control with Tab alone; its name is what a screen reader says.
fn tab_to(stage: &mut Stage, name: &str) {
    const MOST: usize = 80;
    for _ in 0..MOST {
        stage.press(Modifiers::NONE, Key::Tab);
        stage.harness.step();
        if stage.focused().as_deref() == Some(name) {
            return;
        }
    }
    panic!(
        "Tab does not reach {name:?}; it ended on {:?}",
        stage.focused()
    );
}

fn enter(stage: &mut Stage, name: &str) {
    tab_to(stage, name);
    stage.press(Modifiers::NONE, Key::Enter);
    stage.harness.step();
}

#[test]
fn tab_and_enter_alone_lead_from_the_start_to_done_and_back() {
    let mut stage = Stage::new("v3-usb");
    stage.until_shows("6.2.0 available");
    enter(&mut stage, "Update to 6.2.0");
    stage.until("the review", |stage| stage.state().step == Step::Review);
    enter(&mut stage, "Flash");
    stage.until("the end", |stage| stage.state().step == Step::Done);
    stage.until_shows("Done and verified");
    stage.until_shows("CARTOGRAPHER V3 6.2.0");
    enter(&mut stage, "Copy");
    enter(&mut stage, "Flash another");
    stage.until_shows("Up to date");
    assert!(stage.shows("Reinstall 6.2.0"));
}

#[test]
fn keys_alone_lead_through_the_coach_and_two_failed_tries() {
    let mut stage = Stage::new("v4-none");
    stage.until_shows("Plug the probe into this computer");
    enter(&mut stage, "Use DFU mode…");
    enter(&mut stage, "V4");
    stage.until_shows("Bridge BT0 and 3V3, and plug the cable in");
    for words in ["BT0 was not bridged", "That was the second try"] {
        stage.press(Modifiers::NONE, Key::P);
        stage.until_shows(words);
        stage.press(Modifiers::NONE, Key::P);
        stage.until_shows("Good, it is off");
    }
    stage.press(Modifiers::NONE, Key::B);
    stage.press(Modifiers::NONE, Key::P);
    stage.until_shows("The probe is ready");
    stage.press(Modifiers::NONE, Key::B);
    // The button has the focus: both hands were busy.
    stage.press(Modifiers::NONE, Key::Enter);
    stage.until("the firmware step", |stage| {
        stage.state().step == Step::Firmware
    });
    stage.until_shows("Install 6.2.0");
    enter(&mut stage, "Install 6.2.0");
    stage.until("the review", |stage| stage.state().step == Step::Review);
    enter(&mut stage, "Flash");
    stage.until("the end", |stage| stage.state().step == Step::Done);
    stage.until_shows("Done and verified");
}

#[test]
fn a_switch_to_can_ends_with_the_uuid_of_the_probe_that_was_on_usb() {
    let mut stage = Stage::new("v3-usb");
    stage.until_shows("USB · firmware");
    stage.click("Switch to CAN…");
    stage.until_shows("Switching to CAN takes DFU mode");
    stage.click("Use DFU mode…");
    stage.click("V3");
    stage.press(Modifiers::NONE, Key::B);
    stage.press(Modifiers::NONE, Key::R);
    stage.until_shows("The probe is ready");
    stage.press(Modifiers::NONE, Key::B);
    stage.press(Modifiers::NONE, Key::Enter);
    stage.until_shows("Install 6.2.0");
    stage.click("Install 6.2.0");
    stage.until_shows("vanishes from USB: that is success");
    stage.click("Flash");
    stage.until("the end", |stage| stage.state().step == Step::Done);
    stage.until_shows("canbus_uuid: ");
    assert!(stage.shows("Never 24 V"), "the drawing of the wiring");
}

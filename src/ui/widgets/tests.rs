//! The parts as a person or a screen reader uses them.

use egui::Key;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::*;
use crate::ui::icons::Icon;
use crate::ui::theme;

/// A window with one thing in it; `state` is what the thing did.
fn window<'a, S: 'a>(state: S, draw: impl FnMut(&mut egui::Ui, &mut S) + 'a) -> Harness<'a, S> {
    let mut draw = draw;
    Harness::builder().with_size([600.0, 400.0]).build_ui_state(
        move |ui, state| {
            theme::apply(ui.ctx(), 1.0);
            draw(ui, state);
        },
        state,
    )
}

#[test]
fn a_button_that_cannot_be_used_says_why_and_does_nothing() {
    let mut harness = window(0, |ui, clicks| {
        let button = Button::primary("Flash").enabled_or(Err("Plug in a probe first"));
        *clicks += u32::from(button.show(ui).clicked());
    });
    assert!(harness.get_by_label("Flash").accesskit_node().is_disabled());
    harness.get_by_label("Plug in a probe first");
    harness.get_by_label("Flash").click();
    harness.run();
    assert_eq!(*harness.state(), 0);
}

#[test]
fn a_button_works_by_pointer_and_by_keyboard() {
    let mut harness = window(0, |ui, clicks| {
        *clicks += u32::from(Button::secondary("Back").show(ui).clicked());
    });
    harness.get_by_label("Back").click();
    harness.run();
    assert_eq!(*harness.state(), 1);
    harness.key_press(Key::Tab);
    harness.run();
    assert!(harness.get_by_label("Back").is_focused());
    for (key, clicks) in [(Key::Enter, 2), (Key::Space, 3)] {
        harness.key_press(key);
        harness.run();
        assert_eq!(*harness.state(), clicks);
    }
}

#[test]
fn targets_are_large_enough_at_every_text_size() {
    for text_scale in [0.8, 1.0, 2.0] {
        let mut harness = Harness::new_ui(move |ui| {
            theme::apply(ui.ctx(), text_scale);
            Button::ghost("Ghost").show(ui);
            IconButton::new(Icon::Gear, "Settings").show(ui);
            segmented(ui, "Transport", None, &["USB"]);
            check_box(ui, &mut false, "Backup");
            details(ui, "salt", "Details", |_| ());
            door(ui, Icon::File, "Open a file", "Of your own");
        });
        harness.run();
        for name in [
            "Ghost",
            "Settings",
            "USB",
            "Backup",
            "Details",
            "Open a file",
        ] {
            let rect = harness.get_by_label(name).rect();
            assert!(
                rect.height() >= theme::MIN_TARGET && rect.width() >= theme::MIN_TARGET,
                "{name} at {text_scale}: {rect:?}"
            );
        }
    }
}

#[test]
fn steps_have_numbers_and_a_single_one_has_none() {
    let shown = |steps: &'static [&'static str]| {
        let mut harness = window(false, move |ui, _| {
            numbered(ui, steps, |ui, step| {
                text::body(ui, step);
            });
        });
        harness.run();
        harness.query_by_label("1.").is_some()
    };
    assert!(shown(&["Unplug it", "Plug it in"]));
    assert!(!shown(&["Unplug it"]));
}

#[test]
fn copying_puts_the_whole_text_on_the_clipboard_and_says_so() {
    let mut harness = window(false, |ui, copied| {
        *copied |= copy_field(ui, "Serial path", "/dev/serial/by-id/x");
    });
    harness.get_by_label("Copy").click();
    let mut seen = false;
    for _ in 0..4 {
        harness.step();
        seen |= harness.output().platform_output.commands.iter().any(
            |command| matches!(command, egui::OutputCommand::CopyText(text) if text == "/dev/serial/by-id/x"),
        );
    }
    assert!(seen && *harness.state());
    harness.get_by_label("Copied");
}

#[test]
fn one_of_several_words_is_chosen() {
    let mut harness = window(Some(0), |ui, chosen| {
        if let Some(clicked) = segmented(ui, "Transport", *chosen, &["USB", "CAN"]) {
            *chosen = Some(clicked);
        }
    });
    harness.get_by_label("CAN").click();
    harness.run();
    assert_eq!(*harness.state(), Some(1));
}

#[test]
fn a_box_is_checked_by_its_words() {
    let mut harness = window(false, |ui, on| {
        check_box(ui, on, "Take a backup first");
    });
    harness.get_by_label("Take a backup first").click();
    harness.run();
    assert!(*harness.state());
}

#[test]
fn details_start_closed_and_open() {
    let mut harness = window((), |ui, ()| {
        details(ui, "hints", "Nothing happens?", |ui| {
            text::body(ui, "Another cable")
        });
    });
    assert!(harness.query_by_label("Another cable").is_none());
    harness.get_by_label("Nothing happens?").click();
    harness.run();
    harness.get_by_label("Another cable");
}

#[test]
fn only_a_done_step_can_be_gone_back_to() {
    let mut harness = window(Vec::new(), |ui, clicked| {
        for (number, title, state) in [
            (1, "Probe", StepState::Done),
            (2, "Firmware", StepState::Locked),
            (3, "Review", StepState::Current),
            (4, "Flash", StepState::Todo),
        ] {
            let item = StepItem {
                number,
                title,
                chosen: None,
                state,
            };
            if item.show(ui).clicked() {
                clicked.push(number);
            }
        }
    });
    for name in [
        "Step 4, Flash, to do",
        "Step 3, Review, current step",
        "Step 2, Firmware, done",
        "Step 1, Probe, done",
    ] {
        harness.get_by_label(name).click();
        harness.run();
    }
    assert_eq!(*harness.state(), vec![1]);
}

#[test]
fn a_row_that_cannot_be_chosen_is_not() {
    let mut harness = window(0, |ui, clicks| {
        let cells = [Cell::new("6.1.0", 1.0), Cell::new("Lite", 1.0)];
        let row = ListRow::new(&cells).enabled_or(Err("Not on this computer"));
        *clicks += u32::from(row.show(ui).clicked());
    });
    harness.get_by_label("6.1.0, Lite").click();
    harness.run();
    assert_eq!(*harness.state(), 0);
}

#[test]
fn a_path_is_taken_with_enter() {
    let mut harness = window((String::new(), None), |ui, (path, last)| {
        if let Some(event) = PathField::new("Firmware file").show(ui, path) {
            *last = Some(event);
        }
    });
    let field = harness.get_by_role(egui::Role::TextInput);
    field.focus();
    harness.run();
    harness
        .get_by_role(egui::Role::TextInput)
        .type_text("a.bin");
    harness.run();
    assert_eq!(harness.state().0, "a.bin");
    assert_eq!(harness.state().1, Some(PathEvent::Changed));
    harness.key_press(Key::Enter);
    harness.run();
    assert_eq!(harness.state().1, Some(PathEvent::Submitted));
}

#[test]
fn nothing_moves_by_itself() {
    let mut harness = window((), |ui, ()| {
        Progress::new("Job", None).big().show(ui);
        Progress::new("Half", Some(0.5)).show(ui);
        PhaseRow {
            name: "Verify",
            state: PhaseState::Running,
            fraction: None,
            numbers: "",
        }
        .show(ui);
        Notice::new(theme::Tone::Info, "Title").show(ui);
    });
    harness.run();
    let delay = harness
        .output()
        .viewport_output
        .values()
        .map(|viewport| viewport.repaint_delay)
        .min();
    assert_eq!(delay, Some(std::time::Duration::MAX));
}

#[test]
fn progress_that_is_not_a_number_is_drawn_as_none_done() {
    let mut harness = window((), |ui, ()| {
        Progress::new("Odd", Some(f32::NAN)).show(ui);
        Progress::new("Too much", Some(7.0)).show(ui);
    });
    harness.run();
    harness.get_by_label("Odd");
}

#[test]
fn a_notice_can_be_sent_away() {
    let mut harness = window(false, |ui, gone| {
        let notice = Notice::new(theme::Tone::Warning, "Several probes").dismissable();
        *gone |= notice.show(ui).dismissed;
    });
    harness.get_by_label("Dismiss").click();
    harness.run();
    assert!(*harness.state());
}

//! Hands for the simulated bench: plug, hold BOOT0, tap RESET.

use egui::{Frame, Margin, Panel, Ui};

use super::column;
use super::icons::Icon;
use super::theme::{self, space};
use super::widgets::{Button, text};
use super::words;
use crate::app::Command;
use crate::app::coach::Coach;
use crate::app::practice::{Bench, Hand};
use crate::app::state::{AppState, Seen};
use crate::board::{Mcu, Model};

/// With less room than this at text size 1, its title is left out.
const ROOMY: f32 = 600.0;

/// Draws the bench, if the hardware is one.
pub(super) fn practice_bar_ui(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    let Some(bench) = state.bench else {
        return;
    };
    let fill = theme::palette(ui).warning.soft;
    let frame = Frame::new()
        .fill(fill)
        .inner_margin(Margin::symmetric(0, 6));
    Panel::bottom("practice")
        .resizable(false)
        .frame(frame)
        .show(ui, |ui| {
            column(ui, |ui| {
                ui.horizontal_wrapped(|ui| hands_ui(ui, state, bench, out))
            });
        });
}

fn hands_ui(ui: &mut Ui, state: &AppState, bench: Bench, out: &mut Vec<Command>) {
    let strong = theme::palette(ui).warning.strong;
    Icon::Flask.show(ui, 18.0, strong);
    let scale = theme::text_scale(ui.ctx());
    // The rail says it as well: in a narrow window all hands stand in one line.
    let roomy = ui.available_width() > ROOMY * scale;
    if roomy {
        text::strong(ui, words::bench::TITLE);
        ui.add_space(space::S);
    }
    let plug = if bench.plugged_in {
        words::bench::UNPLUG
    } else {
        words::bench::PLUG_IN
    };
    let boot = if bench.boot_held {
        words::bench::LET_GO
    } else {
        words::bench::hold(has_holes(state))
    };
    // As wide as the longer of their words: no hand moves when another is used.
    let hands = [
        (plug, 104.0, Hand::Plug(!bench.plugged_in)),
        (boot, 140.0, Hand::HoldBoot(!bench.boot_held)),
        (words::bench::TAP, 0.0, Hand::TapReset),
    ];
    for (label, width, hand) in hands {
        let button = Button::secondary(label).min_width(width * scale);
        if button.show(ui).clicked() {
            out.push(Command::Hand(hand));
        }
    }
    let leave = state.can_practise && !state.is_flashing();
    let label = if roomy {
        words::bench::LEAVE
    } else {
        words::bench::LEAVE_SHORT
    };
    if leave && Button::ghost(label).show(ui).clicked() {
        out.push(Command::StopPractising);
    }
}

/// V4 has holes of other names instead of pads.
fn has_holes(state: &AppState) -> bool {
    let told = state.coach.as_ref().and_then(Coach::model).or(state.model);
    let model = told.and_then(Model::mcu);
    state.probe().and_then(Seen::mcu).or(model) == Some(Mcu::Stm32G431)
}

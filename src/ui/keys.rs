//! Keys that work on every page.

use egui::{Key, KeyboardShortcut, Modifiers, Ui};

use crate::app::practice::Hand;
use crate::app::primary::primary;
use crate::app::state::{AppState, Page};
use crate::app::{Command, Purpose};

/// Turns keys into commands.
pub(super) fn keys(ui: &Ui, state: &AppState, out: &mut Vec<Command>) {
    let ctx = ui.ctx();
    let pressed = |modifiers, key| {
        ctx.input_mut(|input| input.consume_shortcut(&KeyboardShortcut::new(modifiers, key)))
    };
    if state.question.is_some() {
        return;
    }
    if pressed(Modifiers::COMMAND, Key::L) {
        out.push(Command::ToggleLog);
    }
    if pressed(Modifiers::COMMAND, Key::Comma) {
        out.push(Command::Open(Page::Settings));
    }
    if pressed(Modifiers::COMMAND, Key::O) && !state.is_flashing() {
        out.push(Command::PickFile(Purpose::Firmware));
    }
    if pressed(Modifiers::ALT, Key::ArrowLeft) {
        out.push(if state.page.is_some() {
            Command::ClosePage
        } else {
            Command::Back
        });
    }
    if state.page.is_some() && pressed(Modifiers::NONE, Key::Escape) {
        out.push(Command::ClosePage);
    }
    if state.page.is_none() && pressed(Modifiers::COMMAND, Key::Enter) {
        let usable = primary(state).filter(|primary| primary.disabled.is_none());
        out.extend(usable.map(|primary| primary.command));
    }
    practice_keys(ui, state, out);
}

/// Hands on the simulated bench, while nothing is typed.
fn practice_keys(ui: &Ui, state: &AppState, out: &mut Vec<Command>) {
    let Some(bench) = state.bench else {
        return;
    };
    if ui.ctx().text_edit_focused() {
        return;
    }
    let hands = [
        (Key::P, Hand::Plug(!bench.plugged_in)),
        (Key::B, Hand::HoldBoot(!bench.boot_held)),
        (Key::R, Hand::TapReset),
    ];
    for (key, hand) in hands {
        let shortcut = KeyboardShortcut::new(Modifiers::NONE, key);
        if ui
            .ctx()
            .input_mut(|input| input.consume_shortcut(&shortcut))
        {
            out.push(Command::Hand(hand));
        }
    }
}

//! Keys that work on every page.

use egui::{Key, KeyboardShortcut, Modifiers, Ui};

use crate::app::practice::Hand;
use crate::app::primary::primary;
use crate::app::state::{AppState, Page};
use crate::app::{Command, Purpose};

/// The log drawer.
pub(super) const LOG: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::L);
/// The settings.
pub(super) const SETTINGS: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::Comma);
/// Opens a file.
pub(super) const OPEN: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::O);
/// The main button of the page.
pub(super) const PRIMARY: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::Enter);
/// A step back.
pub(super) const BACK: KeyboardShortcut = KeyboardShortcut::new(Modifiers::ALT, Key::ArrowLeft);
/// Closes a page or a question.
pub(super) const ESCAPE: KeyboardShortcut = KeyboardShortcut::new(Modifiers::NONE, Key::Escape);

/// Turns keys into commands.
pub(super) fn keys(ui: &Ui, state: &AppState, out: &mut Vec<Command>) {
    let ctx = ui.ctx();
    let pressed = |shortcut| ctx.input_mut(|input| input.consume_shortcut(&shortcut));
    if state.question.is_some() {
        return;
    }
    if pressed(LOG) {
        out.push(Command::ToggleLog);
    }
    if pressed(SETTINGS) {
        out.push(Command::Open(Page::Settings));
    }
    if pressed(OPEN) && !state.is_flashing() {
        out.push(Command::PickFile(Purpose::Firmware));
    }
    if pressed(BACK) {
        out.push(if state.page.is_some() {
            Command::ClosePage
        } else {
            Command::Back
        });
    }
    if state.page.is_some() && pressed(ESCAPE) {
        out.push(Command::ClosePage);
    }
    if state.page.is_none() && pressed(PRIMARY) {
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

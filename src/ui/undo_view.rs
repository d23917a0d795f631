//! What repairs have changed on this computer, each with the button that takes it back.

use egui::Ui;

use super::icons::Icon;
use super::widgets::{Button, copy_field, details, key_value_mono, text};
use super::words;
use super::words::undo as w;
use crate::app::Command;
use crate::app::state::AppState;
use crate::doctor::Undo;

/// Draws them; nothing where nothing was changed.
pub(super) fn undo_ui(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    for undo in &state.undoable {
        match undo {
            Undo::UdevRule { path, command } => {
                key_value_mono(ui, w::RULE, &words::path_text(path));
                text::small(ui, w::RULE_WHEN);
                let change = Command::ChangeRule(command.clone());
                button_ui(ui, state, w::REMOVE_RULE, change, out);
                details(ui, "undo", words::DETAILS, |ui| {
                    copy_field(ui, words::repair::BY_HAND, &command.to_string());
                });
            }
            Undo::WinUsb { command } => {
                text::body(ui, w::WINUSB);
                let change = Command::ChangeDriver(command.clone());
                button_ui(ui, state, w::RESTORE_DRIVER, change, out);
            }
        }
    }
}

fn button_ui(ui: &mut Ui, state: &AppState, label: &str, command: Command, out: &mut Vec<Command>) {
    let usable = if state.repairing {
        Err(words::repair::ASKING)
    } else {
        Ok(())
    };
    let button = Button::ghost(label).icon(Icon::Lock).enabled_or(usable);
    if button.show(ui).clicked() {
        out.push(command);
    }
}

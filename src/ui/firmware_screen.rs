//! The second step: which firmware.

use egui::Ui;

use super::icons::Icon;
use super::inspector::inspector_ui;
use super::theme::{self, Type, space};
use super::widgets::{Button, Card, PathEvent, PathField, text};
use super::words::firmware as w;
use crate::app::state::{AppState, Picked};
use crate::app::{Command, Purpose};

/// Draws the step.
pub(super) fn firmware_ui(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    text::title(ui, w::TITLE);
    if state.firmware == Picked::Nothing {
        file_ui(ui, state, out);
    } else {
        inspector_ui(ui, state, out);
    }
}

/// A file of the user's own.
fn file_ui(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    Card::new().show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = space::M;
        ui.horizontal_top(|ui| {
            let accent = theme::palette(ui).accent;
            Icon::Download.show(ui, theme::icon_size(ui, Type::Title), accent);
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing.y = 2.0;
                text::heading(ui, w::DROP);
                text::muted(ui, w::DROP_KINDS);
            });
        });
        let mut path = state.path_text.clone();
        let field = PathField::new(w::PATH).hint(w::PATH_HINT).browse(w::OPEN);
        let event = field.show(ui, &mut path);
        let given = path.trim().trim_matches('"').to_owned();
        match event {
            Some(PathEvent::Changed) => out.push(Command::PathText(path)),
            Some(PathEvent::Submitted) if !given.is_empty() => {
                out.push(Command::ReadFile(Purpose::Firmware, given.clone().into()));
            }
            Some(PathEvent::Browse) => out.push(Command::PickFile(Purpose::Firmware)),
            Some(PathEvent::Submitted) | None => {}
        }
        if !given.is_empty()
            && Button::secondary(w::INSPECT)
                .icon(Icon::Eye)
                .show(ui)
                .clicked()
        {
            out.push(Command::ReadFile(Purpose::Firmware, given.into()));
        }
    });
}

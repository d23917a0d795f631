//! A file of the user's own: dropped, opened, or named by its path.

use egui::Ui;

use super::words as w;
use crate::app::state::AppState;
use crate::app::{Command, Purpose};
use crate::ui::icons::Icon;
use crate::ui::theme::{self, Type, space};
use crate::ui::widgets::{Button, Card, PathEvent, PathField, text};
use crate::ui::words::firmware::{INSPECT, OPEN, PATH_HINT};

/// Draws the ways to it.
pub(super) fn own_file_ui(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    Card::new().show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = space::S;
        ui.horizontal_top(|ui| {
            let accent = theme::palette(ui).accent;
            Icon::File.show(ui, theme::icon_size(ui, Type::Title), accent);
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing.y = 2.0;
                text::heading(ui, w::OWN);
                text::muted(ui, w::OWN_HOW);
            });
        });
        let mut path = state.path_text.clone();
        let field = PathField::new(w::OWN_PATH).hint(PATH_HINT).browse(OPEN);
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
            && Button::secondary(INSPECT)
                .icon(Icon::Eye)
                .show(ui)
                .clicked()
        {
            out.push(Command::ReadFile(Purpose::Firmware, given.into()));
        }
    });
}

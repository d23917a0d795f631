//! What this program is, and its keys.

use egui::Ui;

use super::icons::Icon;
use super::keys;
use super::licenses::licenses_ui;
use super::program_settings::open_log_ui;
use super::theme::space;
use super::widgets::{Button, Card, key_value, text};
use super::words;
use super::words::about as w;
use crate::app::Command;
use crate::app::state::AppState;

/// Draws the page.
pub(super) fn about_ui(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    text::title(ui, w::TITLE);
    text::body(ui, w::WHAT);
    text::body(ui, w::PRIVACY);
    text::muted(ui, w::WHOSE);
    Card::new().show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = space::XS;
        key_value(ui, w::VERSION, env!("CARGO_PKG_VERSION"));
        let system = format!("{} {}", std::env::consts::OS, std::env::consts::ARCH);
        key_value(ui, w::SYSTEM, &system);
    });
    Card::new().show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = space::XS;
        text::heading(ui, w::KEYS);
        key_value(ui, w::TAB, w::TAB_DOES);
        key_value(ui, w::PRESS, w::PRESS_DOES);
        let shortcuts = [
            (keys::PRIMARY, w::PRIMARY_DOES),
            (keys::BACK, w::BACK_DOES),
            (keys::OPEN, w::OPEN_DOES),
            (keys::LOG, w::LOG_DOES),
            (keys::SETTINGS, w::SETTINGS_DOES),
            (keys::ESCAPE, w::ESCAPE_DOES),
        ];
        for (shortcut, does) in shortcuts {
            // Egui calls this key by its name.
            let keys = ui.ctx().format_shortcut(&shortcut).replace("Comma", ",");
            key_value(ui, &keys, does);
        }
    });
    licenses_ui(ui);
    ui.horizontal_wrapped(|ui| {
        if Button::secondary(words::SAVE_REPORT)
            .icon(Icon::Save)
            .show(ui)
            .clicked()
        {
            out.push(Command::SaveReport);
        }
        if state.log_folder.is_some() {
            open_log_ui(ui, out);
        }
    });
}

//! What this program is, and its keys.

use egui::Ui;

use super::icons::Icon;
use super::licenses::licenses_ui;
use super::theme::space;
use super::widgets::{Button, Card, key_value, text};
use super::words;
use super::words::about as w;
use crate::app::Command;

/// Draws the page.
pub(super) fn about_ui(ui: &mut Ui, out: &mut Vec<Command>) {
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
        for (keys, does) in w::KEY_LIST {
            key_value(ui, keys, does);
        }
    });
    licenses_ui(ui);
    if Button::secondary(words::SAVE_REPORT)
        .icon(Icon::Save)
        .show(ui)
        .clicked()
    {
        out.push(Command::SaveReport);
    }
}

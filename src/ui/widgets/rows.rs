//! Rows of a name and a value.

use egui::{Response, Ui, vec2};

use super::text;
use crate::ui::theme::{self, space};

/// A row of text.
pub fn key_value(ui: &mut Ui, key: &str, value: &str) -> Response {
    key_value_with(ui, key, |ui| text::body(ui, value))
}

/// A row whose value is code: a hash, a path, an address.
pub fn key_value_mono(ui: &mut Ui, key: &str, value: &str) -> Response {
    key_value_with(ui, key, |ui| text::mono(ui, value))
}

/// A row whose value is drawn by the caller.
pub fn key_value_with<R>(ui: &mut Ui, key: &str, value: impl FnOnce(&mut Ui) -> R) -> R {
    let scale = theme::text_scale(ui.ctx());
    let key_width = (150.0 * scale).min(ui.available_width() * 0.4);
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing = vec2(space::M, space::XS);
        ui.vertical(|ui| {
            ui.set_width(key_width);
            text::muted(ui, key);
        });
        ui.vertical(|ui| {
            ui.set_width(ui.available_width());
            value(ui)
        })
        .inner
    })
    .inner
}

//! Where drawings stand on the pages.

use egui::{Sense, Ui, vec2};

use std::time::Duration;

use super::icons::Icon;
use super::theme::{self};
use super::widgets::describe_image;
use super::words;
use crate::app::coach::Coach;
use crate::board::Model;

/// The cable from the probe to the computer.
pub(super) fn cable_ui(ui: &mut Ui) {
    let height = (ui.available_height() * 0.3).clamp(90.0, 170.0);
    let (rect, response) =
        ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    describe_image(&response, words::probe::PLUG_IN_PICTURE);
    Icon::Usb.paint(ui.painter(), rect.shrink(16.0), theme::palette(ui).muted);
}

/// The pads of the chosen board, with the ones to touch now.
pub(super) fn pads_ui(_ui: &mut Ui, _coach: &Coach, _now: Duration) {}

/// A small picture of a board.
pub(super) fn board(_ui: &mut Ui, _rect: egui::Rect, _model: Model) {}

//! The second step: which firmware.

mod chosen;
mod connection;
mod library;
mod list;
mod own_file;
pub(in crate::ui) mod words;

use egui::Ui;

use super::inspector::inspector_ui;
use super::theme;
use super::widgets::{segmented_height, text};
use super::words::firmware as w;
use crate::app::Command;
use crate::app::firmware::{Asked, asked};
use crate::app::primary::chooses_from_list;
use crate::app::state::AppState;

/// A line of words and buttons, each in the middle of its height; wrapped where there is no room.
fn level<R>(ui: &mut Ui, contents: impl FnOnce(&mut Ui) -> R) -> R {
    let height = theme::target(ui) + 2.0;
    level_of(ui, height, contents)
}

/// The same with words to choose from, which are as high as their frame.
fn level_choice<R>(ui: &mut Ui, contents: impl FnOnce(&mut Ui) -> R) -> R {
    let height = segmented_height(ui);
    level_of(ui, height, contents)
}

fn level_of<R>(ui: &mut Ui, height: f32, contents: impl FnOnce(&mut Ui) -> R) -> R {
    ui.scope(|ui| {
        ui.spacing_mut().interact_size.y = height;
        ui.horizontal_wrapped(contents).inner
    })
    .inner
}

/// Draws the step.
pub(super) fn firmware_ui(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    text::title(ui, w::TITLE);
    if !chooses_from_list(state) {
        inspector_ui(ui, state, out);
        return;
    }
    let asked = asked(state);
    connection::connection_ui(ui, state, &asked, out);
    if let Asked::Known(need) = &asked {
        list::lists_ui(ui, state, need, out);
        chosen::chosen_ui(ui, state, out);
    }
    own_file::own_file_ui(ui, state, out);
    library::library_ui(ui, state, out);
}

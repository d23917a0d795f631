//! The settings of the program itself: newer versions and the log.

use egui::Ui;

use super::icons::Icon;
use super::undo_view::undo_ui;
use super::widgets::{Button, check_box, key_value_mono};
use super::words;
use super::words::program as w;
use crate::app::state::AppState;
use crate::app::{Command, Place};
use crate::settings::Settings;

/// Draws the group's contents.
pub(super) fn program_ui(
    ui: &mut Ui,
    state: &AppState,
    settings: &mut Settings,
    out: &mut Vec<Command>,
) {
    check_box(ui, &mut settings.check_for_updates, w::CHECK);
    if let Some(folder) = &state.log_folder {
        key_value_mono(ui, w::LOG, &words::path_text(folder));
        open_log_ui(ui, out);
    }
    undo_ui(ui, state, out);
}

/// Draws the button that shows the folder of the log.
pub(super) fn open_log_ui(ui: &mut Ui, out: &mut Vec<Command>) {
    let button = Button::ghost(w::OPEN_LOG).icon(Icon::Folder);
    if button.show(ui).clicked() {
        out.push(Command::Show(Place::LogFolder));
    }
}

//! Questions that need an answer before anything else: the only dialogs of this program.

use egui::{Id, Modal, Ui};

use super::theme::space;
use super::widgets::{Button, text};
use super::words;
use crate::app::Command;
use crate::app::state::{AppState, Question};

/// Draws the open question, if there is one.
pub(super) fn question_ui(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    let Some(question) = state.question else {
        return;
    };
    let (title, no, yes, command) = match question {
        Question::CloseWhileFlashing => (
            words::question::CLOSE,
            words::question::CLOSE_NO,
            words::question::CLOSE_YES,
            Command::QuitAnyway,
        ),
        Question::StopJob => (
            words::question::STOP,
            words::question::STOP_NO,
            words::question::STOP_YES,
            Command::Stop,
        ),
    };
    let modal = Modal::new(Id::unique("question")).show(ui.ctx(), |ui| {
        ui.set_max_width(420.0);
        ui.spacing_mut().item_spacing.y = space::M;
        text::heading(ui, title);
        text::body(ui, cost(state));
        ui.add_space(space::S);
        ui.horizontal(|ui| {
            let stay = Button::primary(no).show(ui);
            if ui.ctx().memory(|memory| memory.focused().is_none()) {
                stay.request_focus();
            }
            if stay.clicked() {
                out.push(Command::NeverMind);
            }
            if Button::danger(yes).show(ui).clicked() {
                out.push(command);
            }
        });
    });
    if modal.should_close() {
        out.push(Command::NeverMind);
    }
}

/// What stopping now leaves behind.
fn cost(state: &AppState) -> &'static str {
    let Some(run) = &state.run else {
        return "";
    };
    let is_free = run
        .view
        .running()
        .is_none_or(|phase| phase.info.cancel_is_free);
    if is_free && !super::flash_screen::has_written(&run.view) {
        words::question::STOP_FREE
    } else {
        words::stop_costs(run.work.target().mcu)
    }
}

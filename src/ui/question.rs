//! Questions that need an answer before anything else: the only dialogs of this program.

use egui::{Frame, Id, Modal, Ui};

use super::theme::space;
use super::widgets::{Button, text};
use super::words;
use super::words::question as w;
use crate::app::Command;
use crate::app::firmware::Ask;
use crate::app::state::{AppState, Question};

/// A question in words, with its two answers.
struct Worded {
    title: &'static str,
    body: String,
    no: &'static str,
    yes: &'static str,
    command: Command,
}

/// Draws the open question, if there is one.
pub(super) fn question_ui(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    let Some(question) = state.question else {
        return;
    };
    let worded = worded(state, question);
    let frame = Frame::window(ui.style()).inner_margin(space::XL);
    let modal = Modal::new(Id::unique("question")).frame(frame);
    let modal = modal.show(ui.ctx(), |ui| {
        ui.set_max_width(420.0);
        ui.spacing_mut().item_spacing.y = space::M;
        text::heading(ui, worded.title);
        text::body(ui, &worded.body);
        ui.add_space(space::S);
        ui.horizontal_wrapped(|ui| {
            let stay = Button::primary(worded.no).show(ui);
            if ui.ctx().memory(|memory| memory.focused().is_none()) {
                stay.request_focus();
            }
            if stay.clicked() {
                out.push(Command::NeverMind);
            }
            if Button::danger(worded.yes).show(ui).clicked() {
                out.push(worded.command);
            }
        });
    });
    if modal.should_close() {
        out.push(Command::NeverMind);
    }
}

fn worded(state: &AppState, question: Question) -> Worded {
    match question {
        Question::CloseWhileFlashing => Worded {
            title: w::CLOSE,
            body: cost(state).to_owned(),
            no: w::CLOSE_NO,
            yes: w::CLOSE_YES,
            command: Command::QuitAnyway,
        },
        Question::StopJob => Worded {
            title: w::STOP,
            body: cost(state).to_owned(),
            no: w::STOP_NO,
            yes: w::STOP_YES,
            command: Command::Stop,
        },
        Question::RemoveFirmware => Worded {
            title: w::REMOVE,
            body: words::remove_costs(state.list.kept),
            no: w::REMOVE_NO,
            yes: w::REMOVE_YES,
            command: Command::Firmware(Ask::RemoveEverythingNow),
        },
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
        w::STOP_FREE
    } else {
        words::stop_costs(run.work.target().mcu)
    }
}

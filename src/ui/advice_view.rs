//! Advice as a page part: what happened, then numbered steps, each with its button.

use egui::Ui;

use super::theme::Tone;
use super::widgets::{self, Button, copy_field, numbered, text};
use super::words;
use crate::advice::{Action, Advice};
use crate::app::Command;
use crate::app::state::{AppState, Page, Step};

/// Draws advice as a notice with its steps under it.
pub(super) fn advice_notice_ui(
    ui: &mut Ui,
    state: &AppState,
    advice: &Advice,
    tone: Tone,
    out: &mut Vec<Command>,
) {
    widgets::Notice::new(tone, &advice.title)
        .body(&advice.cause)
        .show_with(ui, |ui| {
            steps_ui(ui, state, advice, out);
            details_ui(ui, advice);
        });
}

/// Draws the numbered steps.
pub(super) fn steps_ui(ui: &mut Ui, state: &AppState, advice: &Advice, out: &mut Vec<Command>) {
    numbered(ui, &advice.steps, |ui, step| {
        text::body(ui, &step.text);
        if let Some(command) = &step.command {
            copy_field(ui, words::repair::IN_TERMINAL, command);
        }
        if let Some((label, command)) = step.action.and_then(|action| button(state, action))
            && Button::secondary(label).show(ui).clicked()
        {
            out.push(command);
        }
    });
}

/// Draws the technical text, closed.
pub(super) fn details_ui(ui: &mut Ui, advice: &Advice) {
    if !advice.details.is_empty() {
        widgets::details(ui, advice.code, words::DETAILS, |ui| {
            text::mono(ui, &advice.details)
        });
    }
}

/// The button of a step, unless the page's own primary button does the same.
fn button(state: &AppState, action: Action) -> Option<(&'static str, Command)> {
    match action {
        Action::TryAgain => None,
        Action::OpenDfuCoach => Some((words::probe::USE_DFU, Command::Open(Page::Coach))),
        Action::ChooseFirmware if state.step == Step::Firmware => None,
        Action::ChooseFirmware => Some((words::CHOOSE_FIRMWARE, Command::GoTo(Step::Firmware))),
        Action::ChooseProbe | Action::OpenDoctor if state.step == Step::Probe => None,
        Action::ChooseProbe => Some((words::CHOOSE_PROBE, Command::GoTo(Step::Probe))),
        Action::OpenDoctor => Some((words::CHECK_ACCESS, Command::GoTo(Step::Probe))),
        Action::SaveReport => Some((words::SAVE_REPORT, Command::SaveReport)),
    }
}

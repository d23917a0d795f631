//! The fourth step: the job under way.

use egui::Ui;

use super::theme::{Tone, space};
use super::widgets::{Card, Notice, PhaseRow, PhaseState as RowState, Progress, numbered, text};
use super::words;
use super::words::flash as w;
use crate::advice;
use crate::app::Command;
use crate::app::state::{AppState, FlashRun, Work};
use crate::flash::{JobView, Phase, PhaseState, PhaseView, Unit};

/// Draws the step.
pub(super) fn flash_ui(ui: &mut Ui, state: &AppState, _out: &mut Vec<Command>) {
    let Some(run) = &state.run else {
        return;
    };
    let title = match run.work {
        Work::Flash(_) => w::TITLE,
        Work::Backup(_) => w::TITLE_BACKUP,
    };
    text::title(ui, title);
    overall_ui(ui, state, run);
    if let Some((until, aftermath)) = run.view.waiting_until {
        let (_, steps) = advice::for_aftermath(aftermath, run.work.target().mcu);
        let left = words::waits_for(until.saturating_sub(state.now));
        Notice::new(Tone::Warning, w::PLUG_IN_AGAIN)
            .body(&left)
            .show_with(ui, |ui| {
                numbered(ui, &steps, |ui, step| {
                    text::body(ui, &step.text);
                });
            });
    } else {
        let cost = if is_verified(&run.view) {
            w::KEEP_ALL_WRITTEN
        } else if has_written(&run.view) {
            words::keep_plugged_in(run.work.target().mcu)
        } else {
            w::KEEP_SAFE
        };
        Notice::new(Tone::Neutral, w::KEEP).body(cost).show(ui);
    }
    phases_ui(ui, &run.view);
    notes_ui(ui, &run.view.notes);
}

/// True once something was written, so that stopping costs something.
pub(super) fn has_written(view: &JobView) -> bool {
    view.phases.iter().any(|phase| {
        let touched = !matches!(phase.state, PhaseState::NotStarted | PhaseState::Skipped);
        phase.info.phase == Phase::Write && touched
    })
}

/// True once what was written was also read back: the last page, too, is written within this phase.
fn is_verified(view: &JobView) -> bool {
    view.phases
        .iter()
        .any(|phase| phase.info.phase == Phase::Verify && phase.state == PhaseState::Done)
}

fn overall_ui(ui: &mut Ui, state: &AppState, run: &FlashRun) {
    let running = run.view.running().map(|phase| phase.info.phase.label());
    let idle = if run.view.waiting_until.is_some() {
        w::WAITING
    } else {
        w::STARTING
    };
    let line = running.unwrap_or(idle);
    let part = overall(&run.view);
    Progress::new(line, Some(part)).big().show(ui);
    let numbers = [
        Some(words::percent(part)),
        Some(line.to_owned()),
        run.view.bytes_per_second().map(words::speed),
        run.view.remaining().map(words::remaining),
        Some(words::elapsed(run.view.elapsed(state.now))),
    ];
    text::muted(
        ui,
        &numbers
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" · "),
    );
    ui.add_space(space::XS);
}

/// All phases as one number: bytes count, a wait counts a little.
fn overall(view: &JobView) -> f32 {
    const WAIT_SHARE: f32 = 0.04;
    let waits = view
        .phases
        .iter()
        .filter(|phase| phase.info.unit == Unit::Wait)
        .count();
    let bytes: f32 = view
        .phases
        .iter()
        .filter(|phase| phase.info.unit == Unit::Bytes)
        .map(|phase| phase.total.max(1) as f32)
        .sum();
    let for_bytes = 1.0 - WAIT_SHARE * waits as f32;
    let part = |phase: &PhaseView| match phase.info.unit {
        Unit::Wait => WAIT_SHARE * phase.fraction(),
        Unit::Bytes => for_bytes * phase.fraction() * phase.total.max(1) as f32 / bytes.max(1.0),
    };
    view.phases.iter().map(part).sum()
}

/// Draws the phases, also on the result page.
pub(super) fn phases_ui(ui: &mut Ui, view: &JobView) {
    if view.phases.is_empty() {
        return;
    }
    Card::new().show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = space::S;
        for phase in &view.phases {
            let numbers = numbers(phase);
            let counts = phase.info.unit == Unit::Bytes && phase.total > 0;
            PhaseRow {
                name: phase.info.phase.label(),
                state: row_state(phase.state, view.end.is_some()),
                fraction: counts.then(|| phase.fraction()),
                numbers: &numbers,
            }
            .show(ui);
        }
    });
}

fn row_state(state: PhaseState, ended: bool) -> RowState {
    match state {
        PhaseState::NotStarted if ended => RowState::NotReached,
        PhaseState::NotStarted => RowState::Waiting,
        PhaseState::Running => RowState::Running,
        PhaseState::Done => RowState::Done,
        PhaseState::Skipped => RowState::Skipped,
        PhaseState::Stopped => RowState::Stopped,
        PhaseState::Failed => RowState::Failed,
    }
}

fn numbers(phase: &PhaseView) -> String {
    let counts = phase.info.unit == Unit::Bytes && phase.total > 0;
    match phase.state {
        PhaseState::Running | PhaseState::Stopped | PhaseState::Failed if counts => {
            words::progress_bytes(phase.done, phase.total)
        }
        PhaseState::Done => {
            let bytes = counts.then(|| words::bytes(phase.total));
            let took = phase.took.map(words::duration);
            [bytes, took]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(" · ")
        }
        _ => String::new(),
    }
}

/// Draws what happened besides.
pub(super) fn notes_ui(ui: &mut Ui, notes: &[String]) {
    if notes.is_empty() {
        return;
    }
    text::small(ui, w::NOTES);
    for note in notes {
        text::muted(ui, note);
    }
}

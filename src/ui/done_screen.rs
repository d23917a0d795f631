//! The last step: how it ended, and what to do now.

use std::path::Path;

use egui::Ui;

use super::advice_view::{details_ui, steps_ui};
use super::flash_screen::{notes_ui, phases_ui};
use super::icons::Icon;
use super::theme::{self, Tone, space};
use super::widgets::{
    Button, Card, Notice, copy_field, details, key_value, key_value_with, numbered, text,
};
use super::words;
use super::words::done as w;
use crate::advice;
use crate::app::state::{AppState, FlashRun, Work};
use crate::app::{Command, Place, firmware};
use crate::flash::plan::{Plan, Route};
use crate::flash::{Aftermath, FlashError, JobEnd, Outcome, Report};
use crate::klipper::CanbusUuid;

/// Draws the step.
pub(super) fn done_ui(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    let Some((run, end)) = state
        .run
        .as_ref()
        .and_then(|run| Some((run, run.view.end.as_ref()?)))
    else {
        return;
    };
    match end {
        JobEnd::Finished(report) => success_ui(ui, state, run, report, out),
        JobEnd::Failed(error) => failure_ui(ui, state, run, error, out),
        JobEnd::Cancelled(aftermath) => cancelled_ui(ui, state, run, *aftermath, out),
    }
}

fn success_ui(
    ui: &mut Ui,
    state: &AppState,
    run: &FlashRun,
    report: &Report,
    out: &mut Vec<Command>,
) {
    let (title, body) = match &run.work {
        Work::Flash(plan) => (w::SUCCESS, words::done_summary(plan)),
        Work::Backup(_) if report.backup.is_none() => (w::BLANK, w::BLANK_SUMMARY.into()),
        Work::Backup(_) => (w::SUCCESS_BACKUP, w::BACKUP_SUMMARY.into()),
    };
    Card::new().tone(Tone::Success).show(ui, |ui| {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = space::L;
            let green = theme::palette(ui).success.strong;
            Icon::CheckCircle.show(ui, 52.0, green);
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing.y = 2.0;
                text::title(ui, title);
                text::body(ui, &body);
            });
        });
    });
    if let Work::Flash(plan) = &run.work {
        now_what_ui(ui, state, plan, report);
    }
    Card::new().show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 6.0;
        text::heading(ui, w::NUMBERS);
        if let Work::Flash(_) = run.work {
            key_value(
                ui,
                w::WRITTEN,
                &words::done_written(report.pages_written, report.pages_total),
            );
            key_value(
                ui,
                w::VERIFIED,
                &words::done_verified(report.bytes_verified),
            );
        }
        let took = report.phases.iter().map(|(_, took)| *took).sum();
        key_value(ui, w::TOOK, &words::duration(took));
        if let Outcome::Returned {
            version: Some(version),
            ..
        } = &report.outcome
        {
            key_value(ui, w::REPORTS, version);
        }
        if let Some(backup) = &report.backup {
            key_value_with(ui, w::BACKUP, |ui| backup_ui(ui, backup, out));
        }
    });
    notes_ui(ui, &report.warnings);
    details(ui, "phases", words::DETAILS, |ui| phases_ui(ui, &run.view));
    if Button::ghost(words::SAVE_REPORT)
        .icon(Icon::Save)
        .show(ui)
        .clicked()
    {
        out.push(Command::SaveReport);
    }
}

/// The file in which what was on the probe is kept.
fn backup_ui(ui: &mut Ui, backup: &Path, out: &mut Vec<Command>) {
    text::mono(ui, &words::path_text(backup));
    let button = Button::ghost(w::SHOW_BACKUP).icon(Icon::Folder);
    if button.show(ui).clicked() {
        out.push(Command::Show(Place::BackupFolder));
    }
}

/// The same after a job that did not finish.
fn kept_ui(ui: &mut Ui, run: &FlashRun, out: &mut Vec<Command>) {
    let Some(backup) = &run.view.backup else {
        return;
    };
    Card::new().show(ui, |ui| {
        key_value_with(ui, w::BACKUP, |ui| backup_ui(ui, backup, out));
    });
}

/// What to do for this outcome.
fn now_what_ui(ui: &mut Ui, state: &AppState, plan: &Plan, report: &Report) {
    let uuid = canbus_uuid(state, plan, &report.outcome);
    let plugin = firmware::needed_plugin(state).map(|(_, plugin)| plugin);
    let before = (plan.target.route == Route::Touch).then_some(&plan.target.device);
    let steps = words::now_what(&report.outcome, before, uuid, plugin);
    text::section(ui, w::NOW_WHAT);
    numbered(ui, &steps, |ui, step| {
        text::body(ui, &step.text);
        if let Some((name, code)) = &step.copy {
            copy_field(ui, name, code);
        }
    });
    if report.outcome == Outcome::NowOnCan {
        super::pictures::can_wiring_ui(ui);
    }
    ui.add_space(space::S);
}

/// How the probe is called on the CAN bus, where that can be worked out.
fn canbus_uuid(state: &AppState, plan: &Plan, outcome: &Outcome) -> Option<CanbusUuid> {
    if *outcome != Outcome::NowOnCan {
        return None;
    }
    let serial = state.met.serial_of(&plan.target.device, plan.target.mcu)?;
    CanbusUuid::from_usb_serial(&serial)
}

fn failure_ui(
    ui: &mut Ui,
    state: &AppState,
    run: &FlashRun,
    error: &FlashError,
    out: &mut Vec<Command>,
) {
    let advice = advice::for_flash_error(error, run.work.target().mcu);
    let phase = words::failed_in(error.phase);
    let tone = if matches!(
        error.aftermath,
        Aftermath::NeedsPads | Aftermath::BootloaderWhilePowered
    ) {
        Tone::Danger
    } else {
        Tone::Warning
    };
    text::title(ui, &advice.title);
    Notice::new(tone, &phase).body(&advice.cause).show(ui);
    if !advice.steps.is_empty() {
        text::section(ui, w::WHAT_TO_DO);
        steps_ui(ui, state, &advice, out);
    }
    ui.add_space(space::S);
    phases_ui(ui, &run.view);
    kept_ui(ui, run, out);
    notes_ui(ui, &run.view.notes);
    details_ui(ui, &advice);
}

fn cancelled_ui(
    ui: &mut Ui,
    state: &AppState,
    run: &FlashRun,
    aftermath: Aftermath,
    out: &mut Vec<Command>,
) {
    let advice = advice::for_cancelled(aftermath, run.work.target().mcu);
    text::title(ui, &advice.title);
    let tone = if aftermath == Aftermath::Untouched {
        Tone::Info
    } else {
        Tone::Warning
    };
    Notice::new(tone, w::NOW_IT_IS).body(&advice.cause).show(ui);
    if !advice.steps.is_empty() {
        text::section(ui, w::WHAT_TO_DO);
        steps_ui(ui, state, &advice, out);
    }
    ui.add_space(space::S);
    phases_ui(ui, &run.view);
    kept_ui(ui, run, out);
}

//! What is in the way of using a probe, and its repair.

use std::collections::HashSet;

use egui::Ui;

use super::advice_view::{details_ui, steps_ui};
use super::icons::Icon;
use super::theme::{Tone, space};
use super::widgets::{Button, Notice, copy_field, details, text};
use super::words;
use super::words::repair as w;
use crate::advice;
use crate::app::Command;
use crate::app::state::{AppState, Seen};
use crate::doctor::{Diagnosis, Repair};

/// Draws why this device cannot be opened and what puts it right.
pub(super) fn blocked_ui(ui: &mut Ui, state: &AppState, seen: &Seen, out: &mut Vec<Command>) {
    ui.add_space(space::S);
    let mut found = state
        .diagnoses
        .iter()
        .filter(|diagnosis| diagnosis.device.as_ref() == Some(&seen.info.id))
        .peekable();
    if found.peek().is_some() {
        found.for_each(|diagnosis| diagnosis_ui(ui, state, diagnosis, Tone::Warning, out));
        return;
    }
    let (title, body) = words::blocked(seen);
    Notice::new(Tone::Warning, &title)
        .body(&body)
        .icon(Icon::Lock)
        .show_with(ui, |ui| {
            look_again_ui(ui, out);
        });
}

/// Draws what concerns the computer as a whole.
pub(super) fn computer_ui(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    let mut told = HashSet::new();
    for diagnosis in state
        .diagnoses
        .iter()
        .filter(|diagnosis| diagnosis.device.is_none())
    {
        let advice = advice::for_diagnosis(diagnosis);
        if told.insert(advice.code) {
            let tone = if diagnosis.situation.blocks() {
                Tone::Warning
            } else {
                Tone::Info
            };
            diagnosis_ui(ui, state, diagnosis, tone, out);
        }
    }
}

fn diagnosis_ui(
    ui: &mut Ui,
    state: &AppState,
    diagnosis: &Diagnosis,
    tone: Tone,
    out: &mut Vec<Command>,
) {
    let advice = advice::for_diagnosis(diagnosis);
    ui.push_id(advice.code, |ui| {
        Notice::new(tone, &advice.title)
            .body(&advice.cause)
            .show_with(ui, |ui| {
                steps_ui(ui, state, &advice, out);
                if let Some(repair) = &diagnosis.repair {
                    repair_ui(ui, state, repair, out);
                }
                details_ui(ui, &advice);
                if diagnosis.device.is_some() {
                    look_again_ui(ui, out);
                }
            });
    });
}

fn repair_ui(ui: &mut Ui, state: &AppState, repair: &Repair, out: &mut Vec<Command>) {
    match repair {
        Repair::InstallUdevRule { path, contents } => {
            if let Some(command) = &state.install_rule {
                let usable = if state.repairing {
                    Err(w::ASKING)
                } else {
                    Ok(())
                };
                let button = Button::primary(w::INSTALL)
                    .icon(Icon::Lock)
                    .enabled_or(usable);
                if button.show(ui).clicked() {
                    out.push(Command::InstallRule);
                }
                details(ui, "command", w::COMMAND, |ui| {
                    copy_field(ui, w::IN_TERMINAL, &command.to_string());
                });
            }
            details(ui, "rule", w::EXACT_FILE, |ui| {
                text::mono(ui, &words::path_text(path));
                copy_field(ui, w::CONTENTS, contents);
            });
        }
        Repair::InstallWinUsb { command } => {
            if let Some(command) = command {
                let usable = if state.repairing {
                    Err(w::ASKING)
                } else {
                    Ok(())
                };
                let button = Button::primary(w::INSTALL_WINUSB)
                    .icon(Icon::Lock)
                    .enabled_or(usable);
                if button.show(ui).clicked() {
                    out.push(Command::InstallWinUsb(command.clone()));
                }
                details(ui, "winusb", w::WHAT_CHANGES, |ui| {
                    text::body(ui, w::WINUSB_CHANGES);
                });
            }
        }
        Repair::JoinGroup { command }
        | Repair::StopService { command }
        | Repair::OpenSandbox { command }
        | Repair::RemoveQuarantine { command } => {
            copy_field(ui, w::IN_TERMINAL, &command.to_string());
        }
        Repair::ReloadUdev
        | Repair::LogInAgain
        | Repair::CloseHolder
        | Repair::EnableDevice
        | Repair::RestartComputer
        | Repair::Replug
        | Repair::OtherCable
        | Repair::AllowAccessory
        | Repair::MoveToApplications => {}
    }
}

fn look_again_ui(ui: &mut Ui, out: &mut Vec<Command>) {
    if Button::secondary(words::LOOK_AGAIN)
        .icon(Icon::Refresh)
        .show(ui)
        .clicked()
    {
        out.push(Command::LookAgain);
    }
}

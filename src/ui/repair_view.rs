//! What is in the way of using a probe, and its repair.

use std::collections::HashSet;

use egui::Ui;

use super::advice_view::steps_ui;
use super::icons::Icon;
use super::theme::{Tone, space};
use super::widgets::{Button, Notice, copy_field, details, text};
use super::words;
use super::words::repair as w;
use crate::advice;
use crate::app::Command;
use crate::app::state::{AppState, Seen};
use crate::doctor::linux::rule;
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
    let button = diagnosis.repair.as_ref().and_then(button);
    let advice = match &button {
        Some(_) => advice::for_situation(diagnosis),
        None => advice::for_diagnosis(diagnosis),
    };
    ui.push_id(advice.code, |ui| {
        Notice::new(tone, &advice.title)
            .body(&advice.cause)
            .show_with(ui, |ui| {
                steps_ui(ui, state, &advice, out);
                if let Some((label, command)) = button {
                    button_ui(ui, state, label, command, out);
                    details(ui, "repair", words::DETAILS, |ui| {
                        if let Some(repair) = &diagnosis.repair {
                            by_hand_ui(ui, repair);
                        }
                        look_again_ui(ui, out);
                    });
                } else if diagnosis.device.is_some() {
                    look_again_ui(ui, out);
                }
            });
    });
}

/// What this program does itself, once it is granted administrator rights.
fn button(repair: &Repair) -> Option<(&'static str, Command)> {
    match repair {
        Repair::InstallUdevRule { command, .. } => {
            Some((w::INSTALL, Command::ChangeRule(command.clone())))
        }
        Repair::ReloadUdev { command } => Some((w::APPLY, Command::ChangeRule(command.clone()))),
        Repair::InstallWinUsb { command } => {
            let command = command.clone()?;
            Some((w::INSTALL_WINUSB, Command::ChangeDriver(command)))
        }
        _ => None,
    }
}

fn button_ui(ui: &mut Ui, state: &AppState, label: &str, command: Command, out: &mut Vec<Command>) {
    let usable = if state.repairing {
        Err(w::ASKING)
    } else {
        Ok(())
    };
    ui.add_space(space::S);
    let button = Button::primary(label).icon(Icon::Lock).enabled_or(usable);
    if button.show(ui).clicked() {
        out.push(command);
    }
    text::small(ui, w::GOES_ON);
}

/// What the button does, exactly, and how it is done and undone without it.
fn by_hand_ui(ui: &mut Ui, repair: &Repair) {
    match repair {
        Repair::InstallUdevRule {
            path,
            contents,
            command,
        } => {
            copy_field(ui, w::BY_HAND, &command.to_string());
            text::small(ui, w::EXACT_FILE);
            copy_field(ui, &words::path_text(path), contents);
            copy_field(ui, w::UNDO, &rule::undo(command).to_string());
        }
        Repair::ReloadUdev { command } => {
            copy_field(ui, w::BY_HAND, &command.to_string());
        }
        Repair::InstallWinUsb { .. } => {
            text::body(ui, w::WINUSB_CHANGES);
        }
        _ => {}
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

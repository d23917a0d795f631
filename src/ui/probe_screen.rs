//! The first step: what is on the bus, in each of its states (ux.md "Probe: what is on the bus").

use egui::{Ui, vec2};

use super::device_card::{Among, probe_card_ui, stranger_card_ui};
use super::icons::Icon;
use super::repair_view::computer_ui;
use super::theme::{Tone, space};
use super::widgets::{Button, Card, Notice, bullets, details, text};
use super::words;
use super::words::probe as w;
use crate::app::primary::primary;
use crate::app::state::{AppState, Page, Seen, Step};
use crate::app::{Command, Purpose};
use crate::board::{Mcu, Mode};

/// Draws the step.
pub(super) fn probe_ui(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    if let Some(failure) = &state.bus.failure {
        Notice::new(Tone::Danger, w::BUS_FAILED)
            .body(w::BUS_FAILED_HOW)
            .show_with(ui, |ui| {
                if Button::secondary(words::LOOK_AGAIN)
                    .icon(Icon::Refresh)
                    .show(ui)
                    .clicked()
                {
                    out.push(Command::LookAgain);
                }
                details(ui, "bus failure", words::DETAILS, |ui| {
                    text::mono(ui, &failure.to_string())
                });
            });
    }
    computer_ui(ui, state, out);
    match state.probes().count() {
        _ if !state.bus.looked => {
            text::title(ui, w::LOOKING);
        }
        0 => nothing_ui(ui, state, out),
        1 => one_ui(ui, state, out),
        _ => several_ui(ui, state, out),
    }
}

fn nothing_ui(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    let strangers: Vec<&Seen> = state.bus.devices.iter().collect();
    if strangers.is_empty() {
        text::title(ui, w::PLUG_IN);
        text::muted(ui, w::PLUG_IN_HOW);
        ui.add_space(space::S);
        super::pictures::cable_ui(ui);
    } else {
        text::title(ui, w::NONE_OF_THESE);
        text::muted(ui, w::NONE_OF_THESE_HOW);
        for seen in strangers {
            ui.push_id(&seen.info.id, |ui| stranger_card_ui(ui, seen));
        }
    }
    ui.add_space(space::S);
    help_ui(ui, state, out);
}

/// Why nothing may show up, the likeliest first, with its way out beside it.
fn help_ui(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    Card::new().show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 6.0;
        // Rows of words are no controls: no height to hit.
        ui.spacing_mut().interact_size.y = 0.0;
        text::heading(ui, w::NOTHING_HAPPENS);
        for (beginning, rest) in w::REASONS {
            bullets(ui, [(beginning, rest)], |ui, (beginning, rest)| {
                ui.horizontal_wrapped(|ui| {
                    ui.spacing_mut().item_spacing = vec2(5.0, 2.0);
                    text::strong(ui, beginning);
                    text::muted(ui, rest);
                });
            });
            if beginning == w::CAN_REASON {
                doors_ui(ui, state, out);
            } else if beginning == w::PLUG_REASON {
                details(ui, "plug", words::PLUG_WAY_ROUND, super::pictures::plug_ui);
            }
        }
    });
}

fn doors_ui(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    ui.horizontal_wrapped(|ui| {
        ui.add_space(space::M);
        if Button::secondary(w::USE_DFU)
            .icon(Icon::Chip)
            .show(ui)
            .clicked()
        {
            out.push(Command::Open(Page::Coach));
        }
        let practise = state.can_practise && state.bench.is_none();
        if practise
            && Button::ghost(w::PRACTISE)
                .icon(Icon::Flask)
                .show(ui)
                .clicked()
        {
            out.push(Command::Practise);
        }
    });
}

fn one_ui(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    text::title(ui, w::ONE);
    if let Some(seen) = state.probes().next() {
        ui.push_id(&seen.info.id, |ui| {
            probe_card_ui(ui, state, seen, Among::Alone, out);
        });
        side_doors_ui(ui, state, seen, out);
    }
    strangers_ui(ui, state);
}

fn several_ui(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    text::title(ui, w::SEVERAL);
    if has_twins(state) {
        Notice::new(Tone::Warning, w::TWINS)
            .body(w::TWINS_HOW)
            .show(ui);
    }
    for seen in state.probes() {
        let chosen = state
            .chosen
            .as_ref()
            .is_some_and(|chosen| chosen.id == seen.info.id);
        ui.push_id(&seen.info.id, |ui| {
            probe_card_ui(ui, state, seen, Among::Several { chosen }, out);
        });
    }
    if let Some(seen) = state.probe() {
        side_doors_ui(ui, state, seen, out);
    }
    strangers_ui(ui, state);
}

fn strangers_ui(ui: &mut Ui, state: &AppState) {
    for seen in state.bus.devices.iter().filter(|seen| seen.is_stranger()) {
        ui.push_id(&seen.info.id, |ui| stranger_card_ui(ui, seen));
    }
}

/// Two F042 in DFU mode have the same constant serial.
fn has_twins(state: &AppState) -> bool {
    let is_mute =
        |seen: &&Seen| seen.mode() == Some(Mode::RomDfu) && seen.mcu() != Some(Mcu::Stm32G431);
    state.probes().filter(is_mute).count() > 1
}

fn side_doors_ui(ui: &mut Ui, state: &AppState, seen: &Seen, out: &mut Vec<Command>) {
    ui.add_space(space::S);
    text::small(ui, w::ALSO);
    ui.horizontal_wrapped(|ui| {
        // Where the primary button already means one version, the others are behind this door.
        let to_list = Command::GoTo(Step::Firmware);
        let listed = primary(state)
            .is_some_and(|primary| primary.disabled.is_none() && primary.command != to_list);
        if listed
            && Button::ghost(w::ANOTHER_VERSION)
                .icon(Icon::Log)
                .show(ui)
                .clicked()
        {
            out.push(to_list);
        }
        if Button::ghost(w::OPEN_FILE)
            .icon(Icon::File)
            .show(ui)
            .clicked()
        {
            out.push(Command::PickFile(Purpose::Firmware));
        }
        let usable = seen.is_usable_probe() && state.probe().is_some();
        if usable
            && Button::ghost(w::BACK_UP)
                .icon(Icon::Save)
                .show(ui)
                .clicked()
        {
            out.push(Command::BackUpNow);
        }
        if usable
            && Button::ghost(w::RESTORE)
                .icon(Icon::Folder)
                .show(ui)
                .clicked()
        {
            out.push(Command::PickBackup);
        }
        let in_dfu = seen.mode() == Some(Mode::RomDfu);
        // In DFU mode the firmware step asks for USB or CAN anyway.
        if usable
            && !in_dfu
            && Button::ghost(w::SWITCH_TO_CAN)
                .icon(Icon::Can)
                .show(ui)
                .clicked()
        {
            out.push(Command::SwitchToCan);
        }
        if !in_dfu
            && Button::ghost(w::USE_DFU)
                .icon(Icon::Chip)
                .show(ui)
                .clicked()
        {
            out.push(Command::Open(Page::Coach));
        }
    });
}

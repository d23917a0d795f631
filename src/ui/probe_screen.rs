//! The first step: what is on the bus, in each of its states (ux.md "Probe: what is on the bus").

use egui::{Ui, vec2};

use super::device_card::{Among, probe_card_ui, stranger_card_ui};
use super::icons::Icon;
use super::repair_view::computer_ui;
use super::theme::{self, Tone, Type, space};
use super::widgets::{Button, Card, Notice, bullets, details, door, text};
use super::words;
use super::words::probe as w;
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
    never_ui(ui);
    help_ui(ui, out);
    practise_ui(ui, state, out);
}

/// What must be known before anything is plugged in.
fn never_ui(ui: &mut Ui) {
    let p = theme::palette(ui);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().interact_size.y = 0.0;
        ui.spacing_mut().item_spacing = vec2(5.0, 2.0);
        Icon::Warning.show(ui, theme::icon_size(ui, Type::Body), p.warning.strong);
        text::strong(ui, w::NEVER_24_V);
        text::muted(ui, w::NEVER_24_V_WHY);
    });
}

/// Why nothing may show up, the likeliest first, with its way out beside it.
fn help_ui(ui: &mut Ui, out: &mut Vec<Command>) {
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
                dfu_ui(ui, out);
            } else if beginning == w::PLUG_REASON {
                details(ui, "plug", words::PLUG_WAY_ROUND, super::pictures::plug_ui);
            }
        }
    });
}

fn dfu_ui(ui: &mut Ui, out: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        ui.add_space(space::M);
        if Button::secondary(w::USE_DFU)
            .icon(Icon::Chip)
            .show(ui)
            .clicked()
        {
            out.push(Command::Open(Page::Coach));
        }
    });
}

fn practise_ui(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    let practise = state.can_practise && state.bench.is_none();
    if practise
        && Button::ghost(w::PRACTISE)
            .icon(Icon::Flask)
            .show(ui)
            .clicked()
    {
        out.push(Command::Practise);
    }
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
    Card::new().tight().show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        for (icon, name, hint, command) in side_doors(state, seen) {
            if door(ui, icon, name, hint).clicked() {
                out.push(command);
            }
        }
    });
}

type Door = (Icon, &'static str, &'static str, Command);

fn side_doors(state: &AppState, seen: &Seen) -> Vec<Door> {
    let usable = seen.is_usable_probe() && state.probe().is_some();
    let in_dfu = seen.mode() == Some(Mode::RomDfu);
    // The primary button of a probe that runs means one version as soon as its own is known. The row is there
    // from the start, so that no row moves under a pointer.
    let runs = usable && seen.mode() == Some(Mode::Firmware);
    let to_list = Command::GoTo(Step::Firmware);
    let pick = Command::PickFile(Purpose::Firmware);
    let coach = Command::Open(Page::Coach);
    let can = Command::SwitchToCan;
    [
        runs.then_some((
            Icon::Clock,
            w::ANOTHER_VERSION,
            w::ANOTHER_VERSION_HINT,
            to_list,
        )),
        Some((Icon::File, w::OPEN_FILE, w::OPEN_FILE_HINT, pick)),
        usable.then_some((Icon::Save, w::BACK_UP, w::BACK_UP_HINT, Command::BackUpNow)),
        usable.then_some((
            Icon::Folder,
            w::RESTORE,
            w::RESTORE_HINT,
            Command::PickBackup,
        )),
        // In DFU mode the firmware step asks for USB or CAN anyway.
        (usable && !in_dfu).then_some((Icon::Can, w::SWITCH_TO_CAN, w::SWITCH_TO_CAN_HINT, can)),
        (!in_dfu).then_some((Icon::Chip, w::USE_DFU, w::USE_DFU_HINT, coach)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

//! What a file is, and whether it fits the probe.

use egui::Ui;

use super::advice_view::{advice_notice_ui, details_ui, steps_ui};
use super::firmware::words as fw;
use super::icons::Icon;
use super::theme::{Tone, space};
use super::widgets::{
    Button, Card, Entered, Notice, PathField, check_box, key_value, key_value_mono, text,
};
use super::words;
use super::words::firmware as w;
use crate::advice;
use crate::app::firmware::{Ask, Item, Row};
use crate::app::state::{AppState, Picked};
use crate::app::{Command, Purpose, needs_bootloader};
use crate::flash::plan::Refusal;
use crate::image::{Image, Role};

/// Draws the file that was chosen.
pub(super) fn inspector_ui(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    match &state.firmware {
        Picked::Nothing => {}
        Picked::Reading { path } => {
            text::body(ui, &words::reading(path));
        }
        Picked::Refused { path, error } => {
            let advice = advice::for_image_error(error);
            Notice::new(Tone::Danger, &advice.title)
                .body(&advice.cause)
                .show_with(ui, |ui| {
                    text::mono(ui, &words::file_name(path));
                    steps_ui(ui, state, &advice, out);
                    details_ui(ui, &advice);
                    another_ui(ui, state, out);
                });
        }
        Picked::Image { image, .. } => {
            fit_ui(ui, state, image, out);
            facts_ui(ui, state, image, out);
        }
    }
}

fn facts_ui(ui: &mut Ui, state: &AppState, image: &Image, out: &mut Vec<Command>) {
    Card::new().show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 6.0;
        text::heading(ui, &words::image_kind(image.facts()));
        facts_rows_ui(ui, state, image);
        ui.add_space(space::XS);
        another_ui(ui, state, out);
    });
}

/// Draws what is known of an image, a row each.
pub(super) fn facts_rows_ui(ui: &mut Ui, state: &AppState, image: &Image) {
    let facts = image.facts();
    key_value(ui, w::FILE, image.name());
    let boards = format!("{} ({})", facts.mcu.boards_label(), facts.mcu.label());
    key_value(ui, w::FOR, &boards);
    if facts.transport.is_some() || facts.role != Role::Dump {
        key_value(ui, w::CONNECTION, &words::transport(facts.transport));
    }
    if let Some(version) = &facts.version {
        key_value(ui, w::VERSION, version);
    }
    if let Some(variant) = facts.variant {
        key_value(ui, w::VARIANT, words::variant(variant));
    }
    key_value_mono(ui, w::ADDRESS, &words::address(facts.link_address));
    key_value(ui, w::SIZE, &words::exact_bytes(image.bytes().len() as u64));
    if let Some(official) = official(state, image) {
        key_value(ui, w::OFFICIAL, &official);
    }
    key_value_mono(ui, w::SHA256, &words::hash(image.sha256()));
}

/// Which official file it is, once that was looked up.
fn official(state: &AppState, image: &Image) -> Option<String> {
    let (sha256, entry) = state.list.official.as_ref()?;
    let from_list = state.list.chosen_row().filter(|_| state.list.is_loaded());
    match entry {
        _ if sha256 != image.sha256() => None,
        Some(entry) => Some(fw::official(entry)),
        None if from_list.is_some_and(Row::is_composed) => Some(w::COMPOSED.to_owned()),
        None => Some(w::NOT_OFFICIAL.to_owned()),
    }
}

/// The ways to other firmware.
fn another_ui(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    ui.horizontal_wrapped(|ui| {
        // Only one button of a page is the loud one: the page's own, unless it cannot be pressed.
        if !matches!(state.verdict, Some(Ok(_)))
            && let Some(row) = state.list.recommended()
        {
            let is_practice = matches!(row.item, Item::Practice(_));
            let label = fw::instead(row.version, is_practice);
            if Button::primary(&label).show(ui).clicked() {
                out.push(Command::Firmware(Ask::Instead));
            }
        }
        if Button::ghost(w::ANOTHER)
            .icon(Icon::ArrowLeft)
            .show(ui)
            .clicked()
        {
            out.push(Command::Forget(Purpose::Firmware));
        }
    });
}

fn fit_ui(ui: &mut Ui, state: &AppState, image: &Image, out: &mut Vec<Command>) {
    match &state.verdict {
        None => {
            Notice::new(Tone::Info, w::NO_PROBE).show(ui);
        }
        Some(Ok(_)) => {
            Notice::new(Tone::Success, w::FITS).show(ui);
            if needs_bootloader(state) {
                bootloader_ui(ui, state, out);
            }
            if image.facts().role == Role::Deployer {
                consent_ui(ui, state, out);
            }
        }
        Some(Err(refusal)) => match refusal {
            _ if needs_bootloader(state) && same_chip(state, image) => {
                bootloader_ui(ui, state, out);
            }
            Refusal::Misfit(crate::image::Misfit::DeployerNeedsConsent) => {
                consent_ui(ui, state, out);
            }
            _ => {
                let advice = advice::for_refusal(refusal);
                advice_notice_ui(ui, state, &advice, Tone::Danger, out);
            }
        },
    }
}

fn same_chip(state: &AppState, image: &Image) -> bool {
    state
        .probe()
        .is_some_and(|seen| seen.mcu() == Some(image.facts().mcu))
}

/// An application in DFU mode goes together with Katapult.
fn bootloader_ui(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    let (tone, body) = match &state.bootloader {
        Picked::Image { .. } if state.plan().is_some() => (Tone::Neutral, ""),
        _ => (Tone::Warning, w::NEEDS_KATAPULT_WHY),
    };
    Notice::new(tone, w::NEEDS_KATAPULT)
        .body(body)
        .show_with(ui, |ui| {
            match &state.bootloader {
                Picked::Nothing => {}
                Picked::Reading { path } => {
                    text::body(ui, &words::reading(path));
                }
                Picked::Image { image, .. } => {
                    key_value(ui, w::KATAPULT, image.name());
                    if let Some(Err(refusal)) = &state.verdict {
                        let advice = advice::for_refusal(refusal);
                        text::strong(ui, &advice.title);
                        text::body(ui, &advice.cause);
                        steps_ui(ui, state, &advice, out);
                    }
                }
                Picked::Refused { path, error } => {
                    let advice = advice::for_image_error(error);
                    text::strong(ui, &advice.title);
                    text::body(ui, &format!("{}: {}", words::file_name(path), advice.cause));
                }
            }
            ui.horizontal_wrapped(|ui| {
                let missing = state.bootloader.image().is_none();
                if missing && (state.simulated || state.list.listing.is_some()) {
                    let label = if state.simulated {
                        fw::KATAPULT_PRACTICE
                    } else {
                        fw::KATAPULT_WITH_IT
                    };
                    if Button::secondary(label)
                        .icon(Icon::Check)
                        .show(ui)
                        .clicked()
                    {
                        out.push(Command::Firmware(Ask::AddKatapult));
                    }
                }
                if !state.no_file_dialog
                    && Button::secondary(w::OPEN_KATAPULT)
                        .icon(Icon::File)
                        .show(ui)
                        .clicked()
                {
                    out.push(Command::PickFile(Purpose::Bootloader));
                }
            });
            if state.no_file_dialog {
                let field = PathField::new(w::KATAPULT_PATH).browse(w::OPEN_KATAPULT);
                out.extend(field.enter(ui).map(|entered| match entered {
                    Entered::Path(path) => Command::ReadFile(Purpose::Bootloader, path),
                    Entered::Browse => Command::PickFile(Purpose::Bootloader),
                }));
            }
        });
}

fn consent_ui(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    Notice::new(Tone::Warning, w::DEPLOYER)
        .body(w::DEPLOYER_WHY)
        .show_with(ui, |ui| {
            let mut given = state.options.deployer_consent;
            if check_box(ui, &mut given, w::DEPLOYER_YES) {
                out.push(Command::DeployerConsent(given));
            }
        });
}

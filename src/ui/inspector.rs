//! What a file is, and whether it fits the probe.

use egui::Ui;

use super::advice_view::{advice_notice_ui, details_ui, steps_ui};
use super::icons::Icon;
use super::theme::{Tone, space};
use super::widgets::{Button, Card, Notice, check_box, key_value, key_value_mono, text};
use super::words;
use super::words::firmware as w;
use crate::advice;
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
                    another_ui(ui, out);
                });
        }
        Picked::Image { image, .. } => {
            fit_ui(ui, state, image, out);
            facts_ui(ui, image, out);
        }
    }
}

fn facts_ui(ui: &mut Ui, image: &Image, out: &mut Vec<Command>) {
    let facts = image.facts();
    Card::new().show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 6.0;
        text::heading(ui, &words::image_kind(facts));
        key_value(ui, w::FILE, image.name());
        let boards = format!("{} ({})", facts.mcu.boards_label(), facts.mcu.label());
        key_value(ui, w::FOR, &boards);
        if facts.transport.is_some() || facts.role != Role::Dump {
            key_value(ui, w::TALKS, &words::transport(facts.transport));
        }
        if let Some(version) = &facts.version {
            key_value(ui, w::VERSION, version);
        }
        if let Some(variant) = facts.variant {
            key_value(ui, w::VARIANT, words::variant(variant));
        }
        key_value_mono(ui, w::ADDRESS, &words::address(facts.link_address));
        key_value(ui, w::SIZE, &words::exact_bytes(image.bytes().len() as u64));
        key_value_mono(ui, w::SHA256, image.sha256());
        ui.add_space(space::XS);
        another_ui(ui, out);
    });
}

fn another_ui(ui: &mut Ui, out: &mut Vec<Command>) {
    if Button::ghost(w::ANOTHER)
        .icon(Icon::ArrowLeft)
        .show(ui)
        .clicked()
    {
        out.push(Command::Forget(Purpose::Firmware));
    }
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
            if Button::secondary(w::OPEN_KATAPULT)
                .icon(Icon::File)
                .show(ui)
                .clicked()
            {
                out.push(Command::PickFile(Purpose::Bootloader));
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

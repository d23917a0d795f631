//! The third step: in plain words, what will happen.

use egui::Ui;

use super::advice_view::advice_notice_ui;
use super::theme::{Tone, space};
use super::widgets::{Card, Notice, check_box, key_value, key_value_mono, text};
use super::words;
use super::words::review as w;
use crate::advice;
use crate::app::state::{AppState, Seen};
use crate::app::{Command, firmware};
use crate::flash::plan::{Expectation, Plan};

/// Draws the step.
pub(super) fn review_ui(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    text::title(ui, w::TITLE);
    let (Some(Ok(plan)), Some(seen)) = (&state.verdict, state.probe()) else {
        match &state.verdict {
            Some(Err(refusal)) => {
                let advice = advice::for_refusal(refusal);
                advice_notice_ui(ui, state, &advice, Tone::Warning, out);
            }
            _ => {
                Notice::new(Tone::Warning, w::NOTHING)
                    .body(w::NOTHING_HOW)
                    .show(ui);
            }
        }
        return;
    };
    plan_ui(ui, plan, seen);
    backup_ui(ui, state, out);
    afterwards_ui(ui, plan);
    if let Some((version, plugin)) = firmware::needed_plugin(state) {
        let (title, body) = super::firmware::words::plugin(version, plugin);
        Notice::new(Tone::Info, &title).body(&body).show(ui);
    }
}

fn plan_ui(ui: &mut Ui, plan: &Plan, seen: &Seen) {
    let facts = plan.image.facts();
    Card::new().show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 6.0;
        let kind = words::image_kind(facts);
        let talks = facts
            .transport
            .map_or(kind.clone(), |transport| format!("{kind} · {transport}"));
        key_value(ui, w::WRITE, &talks);
        key_value(ui, words::firmware::FILE, plan.image.name());
        // The name of a port stays in one line.
        let place = words::device_place(seen).replace("port ", "port\u{a0}");
        let onto = format!("{} · {place}", words::device_title(seen));
        key_value(ui, w::ONTO, onto.trim_end_matches(" · "));
        key_value(ui, w::WAY, words::route(plan.target.route));
        let length = plan.image.bytes().len() as u64;
        key_value(
            ui,
            w::WHERE,
            &words::review_where(facts.link_address, length),
        );
        let bootloader = if plan.writes_bootloader() {
            w::BOOTLOADER_WRITTEN
        } else {
            w::BOOTLOADER_STAYS
        };
        key_value(ui, w::BOOTLOADER, bootloader);
        key_value_mono(ui, w::SHA256, &words::hash(plan.image.sha256()));
    });
}

fn backup_ui(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    Card::new().show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = space::XS;
        let mut backup = state.options.backup;
        if check_box(ui, &mut backup, w::BACKUP) {
            out.push(Command::Backup(backup));
        }
        if backup {
            let folder = state.settings.backup_folder_or_default();
            text::small(ui, &words::review_backup(folder.as_deref()));
        }
    });
}

fn afterwards_ui(ui: &mut Ui, plan: &Plan) {
    let (title, body) = words::review_afterwards(&plan.expect, plan.image.facts().transport);
    let tone = if plan.expect == Expectation::NothingOnUsb {
        Tone::Warning
    } else {
        Tone::Info
    };
    text::small(ui, w::AFTERWARDS);
    Notice::new(tone, &title).body(&body).show(ui);
}

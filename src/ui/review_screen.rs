//! The third step: in plain words, what will happen.

use egui::Ui;

use super::advice_view::advice_notice_ui;
use super::theme::Tone;
use super::widgets::{
    Card, Notice, check_box, check_box_room, details, key_value, key_value_mono, key_value_with,
    text,
};
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
    plan_ui(ui, state, plan, seen, out);
    if firmware::leaves_lite(state) {
        Notice::new(Tone::Warning, w::LEAVES_LITE)
            .body(w::LEAVES_LITE_WHY)
            .show(ui);
    }
    afterwards_ui(ui, plan);
    if plan.expect == Expectation::NothingOnUsb && words::may_be_v2(state) {
        Notice::new(Tone::Warning, words::V2_STRAPS)
            .body(words::V2_STRAPS_HOW)
            .show(ui);
    }
    if let Some((version, plugin)) = firmware::needed_plugin(state) {
        let (title, body) = super::firmware::words::plugin(version, plugin);
        Notice::new(Tone::Info, &title).body(&body).show(ui);
    }
}

fn plan_ui(ui: &mut Ui, state: &AppState, plan: &Plan, seen: &Seen, out: &mut Vec<Command>) {
    Card::new().show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 6.0;
        key_value(ui, w::WRITE, &words::review_write(plan.image.facts()));
        // The name of a port stays in one line.
        let place = words::device_place(seen).replace("port ", "port\u{a0}");
        let onto = format!("{} · {place}", words::device_title(seen));
        key_value(ui, w::ONTO, onto.trim_end_matches(" · "));
        key_value(ui, w::HOW, words::route(plan.target.route));
        let bootloader = if plan.writes_bootloader() {
            w::BOOTLOADER_WRITTEN
        } else {
            w::BOOTLOADER_STAYS
        };
        key_value(ui, w::BOOTLOADER, bootloader);
        key_value_with(ui, w::BACKUP, |ui| backup_ui(ui, state, out));
        details(ui, "review", words::DETAILS, |ui| details_ui(ui, plan));
    });
}

fn backup_ui(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    let mut backup = state.options.backup;
    // Its words stand in line with the name of the row.
    ui.add_space(-check_box_room(ui, w::BACKUP_BOX));
    if check_box(ui, &mut backup, w::BACKUP_BOX) {
        out.push(Command::Backup(backup));
    }
    if backup {
        let folder = state.settings.backup_folder_or_default();
        text::small(ui, &words::review_backup(folder.as_deref()));
    }
}

/// File, place and hash, for those who compare them.
fn details_ui(ui: &mut Ui, plan: &Plan) {
    let image = &plan.image;
    key_value(ui, words::firmware::FILE, image.name());
    let length = image.bytes().len() as u64;
    let place = words::review_where(image.facts().link_address, length);
    key_value(ui, w::WHERE, &place);
    key_value_mono(ui, words::firmware::SHA256, &words::hash(image.sha256()));
}

fn afterwards_ui(ui: &mut Ui, plan: &Plan) {
    let (title, body) = words::review_afterwards(&plan.expect, plan.image.facts().transport);
    let tone = if plan.expect == Expectation::NothingOnUsb {
        Tone::Warning
    } else {
        Tone::Info
    };
    text::section(ui, w::AFTERWARDS);
    Notice::new(tone, &title).body(&body).show(ui);
}

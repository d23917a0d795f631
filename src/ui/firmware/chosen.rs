//! What became of the chosen row: on its way, ready, or not to be had.

use egui::Ui;

use super::level;
use super::words as w;
use crate::advice;
use crate::app::Command;
use crate::app::firmware::{Ask, Load, Row};
use crate::app::state::AppState;
use crate::catalog::{CatalogError, Note, Place};
use crate::ui::advice_view::{advice_notice_ui, details_ui, steps_ui};
use crate::ui::icons::Icon;
use crate::ui::inspector::facts_rows_ui;
use crate::ui::theme::{Tone, space};
use crate::ui::widgets::{Button, Card, Notice, Progress, details, text};

/// Draws what became of it.
pub(super) fn chosen_ui(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    let (Some(choice), Some(row)) = (&state.list.choice, state.list.chosen_row()) else {
        return;
    };
    match &choice.load {
        Load::NotYet => plugin_ui(ui, row),
        Load::Loading {
            received, total, ..
        } => loading_ui(ui, row, *received, *total, out),
        Load::Failed(error) => failed_ui(ui, state, row, error, out),
        Load::Loaded { from, notes } => {
            plugin_ui(ui, row);
            loaded_ui(ui, state, row, *from, notes, out);
        }
    }
}

fn plugin_ui(ui: &mut Ui, row: &Row) {
    if let Some(plugin) = row.min_plugin {
        let (title, body) = w::plugin(row.version, plugin);
        Notice::new(Tone::Info, &title).body(&body).show(ui);
    }
}

fn loading_ui(ui: &mut Ui, row: &Row, received: u64, total: Option<u64>, out: &mut Vec<Command>) {
    let title = w::loading(row.version);
    Card::new().show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = space::S;
        level(ui, |ui| {
            text::strong(ui, &title);
            text::muted(ui, &w::received(received, total));
            if Button::ghost(w::CANCEL).icon(Icon::Stop).show(ui).clicked() {
                out.push(Command::Firmware(Ask::StopLoading));
            }
        });
        let fraction = total
            .filter(|total| *total > 0 && received > 0)
            .map(|total| received as f32 / total as f32);
        Progress::new(&title, fraction).show(ui);
    });
}

/// The page's primary button tries again.
fn failed_ui(
    ui: &mut Ui,
    state: &AppState,
    row: &Row,
    error: &CatalogError,
    out: &mut Vec<Command>,
) {
    let mut advice = advice::for_catalog_error(error);
    if w::is_not_reached(error) {
        // Which file and which computer is for Details.
        (advice.title, advice.cause) = w::not_reached(row.version, row.transport);
    }
    Notice::new(Tone::Danger, &advice.title)
        .body(&advice.cause)
        .show_with(ui, |ui| {
            steps_ui(ui, state, &advice, out);
            details_ui(ui, &advice);
        });
}

fn loaded_ui(
    ui: &mut Ui,
    state: &AppState,
    row: &Row,
    from: Option<Place>,
    notes: &[Note],
    out: &mut Vec<Command>,
) {
    for note in notes {
        Notice::new(Tone::Warning, &advice::for_note(note)).show(ui);
    }
    if let Some(Err(refusal)) = &state.verdict {
        let advice = advice::for_refusal(refusal);
        advice_notice_ui(ui, state, &advice, Tone::Danger, out);
        return;
    }
    let title = w::ready(row.version, row.transport);
    Notice::new(Tone::Success, &title)
        .body(w::came_from(from))
        .show_with(ui, |ui| {
            if let Some(image) = state.firmware.image() {
                details(ui, "chosen firmware", w::DETAILS, |ui| {
                    facts_rows_ui(ui, state, image);
                });
            }
        });
}

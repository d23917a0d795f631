//! The lists: practice firmware on a simulated bench, official firmware always.

use egui::Ui;

use super::level;
use super::words as w;
use crate::app::Command;
use crate::app::firmware::{Ask, Item, Load, Need, Row};
use crate::app::state::AppState;
use crate::catalog::Status;
use crate::ui::icons::Icon;
use crate::ui::theme::{self, Tone, space};
use crate::ui::widgets::{
    Button, Card, Cell, ListRow, Notice, badge, check_box, list_header, text,
};

/// With less room than this at text size 1, the transport, which is the same in all rows and said above, is left
/// out.
const ROOMY: f32 = 520.0;

/// With even less, as with very large text, only the version and where it is are left: the rest is said around the
/// list.
const CRAMPED: f32 = 340.0;

/// Draws the lists.
pub(super) fn lists_ui(ui: &mut Ui, state: &AppState, need: &Need, out: &mut Vec<Command>) {
    if !state.list.practice.is_empty() {
        practice_ui(ui, state, out);
    }
    Card::new().show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = space::XS;
        heading_ui(ui, state);
        offline_ui(ui, state, out);
        if state.list.listing.is_none() {
            text::muted(ui, w::OPENING);
            return;
        }
        if state.list.rows.is_empty() {
            Notice::new(Tone::Neutral, w::NONE)
                .body(w::NONE_HOW)
                .show(ui);
        } else {
            header_ui(ui);
        }
        for row in &state.list.rows {
            row_ui(ui, state, row, out);
        }
        if let Some(version) = state.list.newer_elsewhere {
            text::small(
                ui,
                &w::newer_elsewhere(version, need.transport, need.variant),
            );
        }
        older_ui(ui, state, out);
    });
}

fn heading_ui(ui: &mut Ui, state: &AppState) {
    ui.horizontal(|ui| {
        text::heading(ui, w::OFFICIAL);
        if state.settings.offline || state.list.unreachable {
            badge(
                ui,
                Tone::Neutral,
                Some(Icon::Offline),
                crate::ui::words::OFFLINE,
            );
        }
    });
}

/// Says why some rows cannot be chosen, and offers the way out.
fn offline_ui(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    if state.settings.offline {
        level(ui, |ui| {
            text::muted(ui, w::OFFLINE_HOW);
            if Button::ghost(w::GO_ONLINE).show(ui).clicked() {
                let mut settings = state.settings.clone();
                settings.offline = false;
                out.push(Command::Settings(Box::new(settings)));
            }
        });
    } else if state.list.unreachable {
        level(ui, |ui| {
            text::muted(ui, w::UNREACHABLE_HOW);
            // A failure below has its own.
            let failed = state.list.choice.as_ref().map(|choice| &choice.load);
            if matches!(failed, Some(Load::Failed(_))) {
                return;
            }
            if Button::ghost(w::AGAIN)
                .icon(Icon::Refresh)
                .show(ui)
                .clicked()
            {
                out.push(Command::Firmware(Ask::Refresh));
            }
        });
    }
}

fn practice_ui(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    Card::new().show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = space::XS;
        ui.horizontal(|ui| {
            text::heading(ui, w::PRACTICE);
            badge(ui, Tone::Warning, Some(Icon::Flask), w::PRACTICE_ONLY);
        });
        text::muted(ui, w::PRACTICE_HOW);
        for row in &state.list.practice {
            row_ui(ui, state, row, out);
        }
    });
}

fn older_ui(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    let mut settings = state.settings.clone();
    if (state.list.older > 0 || settings.show_older)
        && check_box(ui, &mut settings.show_older, &w::older(state.list.older))
    {
        out.push(Command::Settings(Box::new(settings)));
    }
}

fn is_roomy(ui: &Ui) -> bool {
    ui.available_width() >= ROOMY * theme::text_scale(ui.ctx())
}

fn is_cramped(ui: &Ui) -> bool {
    ui.available_width() < CRAMPED * theme::text_scale(ui.ctx())
}

fn header_ui(ui: &mut Ui) {
    let [version, variant, talks, note, place] = w::COLUMNS;
    if is_roomy(ui) {
        list_header(
            ui,
            &[
                Cell::new(version, 0.12),
                Cell::new(variant, 0.10),
                Cell::new(talks, 0.22),
                Cell::new(note, 0.29),
                Cell::new(place, 0.27),
            ],
        );
    } else if is_cramped(ui) {
        list_header(ui, &[Cell::new(version, 0.35), Cell::new(place, 0.65)]);
    } else {
        list_header(
            ui,
            &[
                Cell::new(version, 0.27),
                Cell::new(note, 0.32),
                Cell::new(place, 0.41),
            ],
        );
    }
}

fn row_ui(ui: &mut Ui, state: &AppState, row: &Row, out: &mut Vec<Command>) {
    let roomy = is_roomy(ui);
    let version = row.version.to_string();
    let variant = w::variant(row.variant);
    let talks = row.transport.to_string();
    let is_practice = matches!(row.item, Item::Practice(_));
    let note = match (is_practice, row.on_probe) {
        (true, true) => "On the probe".to_owned(),
        (true, false) => w::PRACTICE_ONLY.to_owned(),
        (false, _) => w::note(row, roomy),
    };
    let place = if is_practice {
        Cell::new(w::BUILT_IN, 0.27).mark(Icon::Flask, Tone::Warning)
    } else {
        let (icon, tone) = match row.status {
            Status::NeedsDownload => (Icon::Download, Tone::Neutral),
            Status::Present => (Icon::Save, Tone::Info),
            Status::Checked => (Icon::CheckCircle, Tone::Success),
        };
        Cell::new(w::status(row.status), 0.27).mark(icon, tone)
    };
    let (wide, narrow, least, both);
    let cells: &[Cell<'_>] = if roomy {
        wide = [
            Cell::new(&version, 0.12),
            Cell::new(variant, 0.10),
            Cell::new(&talks, 0.22),
            Cell::new(&note, 0.29),
            place,
        ];
        &wide
    } else if is_cramped(ui) {
        least = [
            Cell::new(&version, 0.35),
            Cell {
                share: 0.65,
                ..place
            },
        ];
        &least
    } else {
        both = format!("{version} · {variant}");
        narrow = [
            Cell::new(&both, 0.27),
            Cell::new(&note, 0.32),
            Cell {
                share: 0.41,
                ..place
            },
        ];
        &narrow
    };
    let chosen = state.list.choice.as_ref();
    let selected = chosen.is_some_and(|choice| choice.id == row.id);
    let why = row.unusable.map(w::unusable);
    ui.push_id(&row.id, |ui| {
        let response = ListRow::new(cells)
            .selected(selected)
            .enabled_or(why.map_or(Ok(()), Err))
            .show(ui);
        if response.clicked() {
            out.push(Command::Firmware(Ask::Choose(row.id.clone())));
        }
    });
}

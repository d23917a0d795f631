//! The lists: practice firmware on a simulated bench, official firmware always.

use egui::Ui;

use super::level;
use super::words as w;
use crate::app::Command;
use crate::app::firmware::{Ask, Item, Load, Need, Row, Unusable};
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
    let offline = state.settings.offline || state.list.unreachable;
    let offline = offline.then_some((Tone::Neutral, Icon::Offline, crate::ui::words::OFFLINE));
    titled(ui, w::OFFICIAL, offline);
}

/// A heading, perhaps with a badge behind it, no higher than its words.
fn titled(ui: &mut Ui, title: &str, mark: Option<(Tone, Icon, &str)>) {
    ui.scope(|ui| {
        ui.spacing_mut().interact_size.y = 0.0;
        ui.horizontal(|ui| {
            text::heading(ui, title);
            if let Some((tone, icon, words)) = mark {
                badge(ui, tone, Some(icon), words);
            }
        });
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
    } else if state.list.unreachable && !has_failed(state) {
        level(ui, |ui| {
            text::muted(ui, w::UNREACHABLE_HOW);
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

/// A failure says the same below.
fn has_failed(state: &AppState) -> bool {
    let choice = state.list.choice.as_ref();
    choice.is_some_and(|choice| matches!(choice.load, Load::Failed(_)))
}

fn practice_ui(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    Card::new().show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = space::XS;
        let mark = (Tone::Warning, Icon::Flask, w::PRACTICE_ONLY);
        titled(ui, w::PRACTICE, Some(mark));
        text::muted(ui, w::PRACTICE_HOW);
        ui.add_space(space::XS);
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

/// How much of a row there is room for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Room {
    Roomy,
    Narrow,
    Cramped,
}

impl Room {
    fn of(ui: &Ui) -> Self {
        let width = ui.available_width() / theme::text_scale(ui.ctx());
        if width >= ROOMY {
            Self::Roomy
        } else if width >= CRAMPED {
            Self::Narrow
        } else {
            Self::Cramped
        }
    }
}

/// The columns there is room for, each with its share of the width: the same for the header and for every row.
fn layout<'a>(room: Room, [version, variant, bus, note, status]: [Cell<'a>; 5]) -> Vec<Cell<'a>> {
    let columns: &[(Cell<'a>, f32)] = match room {
        Room::Roomy => &[
            (version, 0.11),
            (variant, 0.10),
            (bus, 0.19),
            (note, 0.28),
            (status, 0.32),
        ],
        Room::Narrow => &[(version, 0.22), (note, 0.33), (status, 0.45)],
        Room::Cramped => &[(version, 0.35), (status, 0.65)],
    };
    let with_share = |(cell, share): &(Cell<'a>, f32)| Cell {
        share: *share,
        ..*cell
    };
    columns.iter().map(with_share).collect()
}

fn header_ui(ui: &mut Ui) {
    let names = w::COLUMNS.map(|name| Cell::new(name, 0.0));
    list_header(ui, &layout(Room::of(ui), names));
}

fn row_ui(ui: &mut Ui, state: &AppState, row: &Row, out: &mut Vec<Command>) {
    let room = Room::of(ui);
    let variant = w::variant(row.variant);
    let version = if room == Room::Narrow {
        format!("{} · {variant}", row.version)
    } else {
        row.version.to_string()
    };
    let bus = row.transport.to_string();
    let is_practice = matches!(row.item, Item::Practice(_));
    let note = match (is_practice, row.is_on_probe()) {
        (true, true) => w::ON_PROBE.to_owned(),
        (true, false) => String::new(),
        (false, _) => {
            let newest = match state.list.newer_elsewhere {
                Some(_) => w::NEWEST_HERE,
                None => w::NEWEST,
            };
            w::note(row, newest, room == Room::Roomy)
        }
    };
    // In a narrow column it would be cut short: there it is written under the row.
    let missing = room == Room::Roomy
        && matches!(
            row.unusable,
            Some(Unusable::OfflineMode | Unusable::Unreachable)
        );
    let (status, icon, tone) = match row.status {
        _ if is_practice => (w::BUILT_IN, Icon::Flask, Tone::Warning),
        _ if missing => (w::NOT_HERE, Icon::Offline, Tone::Neutral),
        status @ Status::NeedsDownload => (w::status(status), Icon::Download, Tone::Neutral),
        status @ Status::Present => (w::status(status), Icon::Save, Tone::Info),
        status @ Status::Checked => (w::status(status), Icon::CheckCircle, Tone::Success),
    };
    let cells = [&version, variant, &bus, &note, status].map(|words| Cell::new(words, 0.0));
    let [version, variant, bus, note, status] = cells;
    let status = status.mark(icon, tone);
    let cells = layout(room, [version, variant, bus, note, status]);
    let chosen = state.list.choice.as_ref();
    let selected = chosen.is_some_and(|choice| choice.id == row.id);
    let why = row.unusable.map(w::unusable);
    ui.push_id(&row.id, |ui| {
        let response = ListRow::new(&cells)
            .selected(selected)
            .says_why(missing)
            .enabled_or(why.map_or(Ok(()), Err))
            .show(ui);
        if response.clicked() {
            out.push(Command::Firmware(Ask::Choose(row.id.clone())));
        }
    });
}

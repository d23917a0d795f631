//! One device on the bus as a card: what it is, what it does, whether it can be used, and why not.

use egui::{Ui, vec2};

use super::icons::Icon;
use super::repair_view::blocked_ui;
use super::theme::{self, Tone, Type, space};
use super::widgets::{Button, Card, badge, text};
use super::words;
use crate::app::Command;
use crate::app::firmware::{self, News};
use crate::app::state::{AppState, Seen};

/// How the card stands among others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Among {
    /// It is the only probe.
    Alone,
    /// One of several; it is the chosen one or not.
    Several {
        /// Chosen.
        chosen: bool,
    },
}

/// Draws the card of a probe.
pub(super) fn probe_card_ui(
    ui: &mut Ui,
    state: &AppState,
    seen: &Seen,
    among: Among,
    out: &mut Vec<Command>,
) {
    let selected = match among {
        Among::Alone => seen.is_usable_probe(),
        Among::Several { chosen } => chosen,
    };
    Card::new().selected(selected).show(ui, |ui| {
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = space::L;
            // As high as the words with a badge: nothing below moves when one comes.
            let size = vec2(132.0, 99.0) * theme::text_scale(ui.ctx()).min(1.25);
            super::pictures::probe_ui(ui, seen, size);
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing.y = space::XS;
                text::heading(ui, &words::device_title(seen));
                text::body(ui, &words::device_line(seen));
                let place = words::device_place(seen);
                if !place.is_empty() {
                    text::small(ui, &place);
                }
                marks_ui(ui, state, seen, among, out);
            });
        });
        if !seen.info.access.is_usable() {
            blocked_ui(ui, state, seen, out);
        }
    });
}

/// Draws the card of something that is no probe.
pub(super) fn stranger_card_ui(ui: &mut Ui, seen: &Seen) {
    Card::new().tight().show(ui, |ui| {
        ui.horizontal_top(|ui| {
            let muted = theme::palette(ui).muted;
            Icon::Chip.show(ui, theme::icon_size(ui, Type::Heading), muted);
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing.y = 2.0;
                text::strong(ui, &words::device_title(seen));
                text::muted(ui, &words::device_line(seen));
                let place = words::device_place(seen);
                if !place.is_empty() {
                    text::small(ui, &place);
                }
            });
        });
    });
}

fn marks_ui(ui: &mut Ui, state: &AppState, seen: &Seen, among: Among, out: &mut Vec<Command>) {
    let news = firmware::news(state).filter(|_| is_chosen(state, seen));
    if among == Among::Alone && news.is_none() {
        return;
    }
    if among == (Among::Several { chosen: false }) {
        ui.add_space(space::XS);
    }
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        match among {
            Among::Alone => {}
            Among::Several { chosen: true } => {
                badge(ui, Tone::Info, Some(Icon::Check), words::probe::CHOSEN);
            }
            Among::Several { chosen: false } => {
                if seen.is_usable_probe()
                    && Button::secondary(words::probe::CHOOSE).show(ui).clicked()
                {
                    out.push(Command::Choose(seen.info.id.clone()));
                }
            }
        }
        match news {
            Some(News::UpToDate) => {
                let words = words::probe::UP_TO_DATE;
                badge(ui, Tone::Success, Some(Icon::Check), words);
            }
            Some(News::Newer(version)) => {
                badge(
                    ui,
                    Tone::Info,
                    Some(Icon::Download),
                    &words::available(version),
                );
            }
            None => {}
        }
        if seen.just_plugged_in && among != Among::Alone {
            badge(ui, Tone::Success, Some(Icon::Usb), words::probe::JUST_NOW);
        }
    });
}

fn is_chosen(state: &AppState, seen: &Seen) -> bool {
    let chosen = state.chosen.as_ref();
    chosen.is_some_and(|chosen| chosen.id == seen.info.id)
}

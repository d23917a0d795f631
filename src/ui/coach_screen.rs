//! The DFU coach: which pads to touch, what the bus did, what to do next.

use egui::{Rect, Ui, UiBuilder, vec2};

use super::icons::Icon;
use super::repair_view::blocked_ui;
use super::theme::{self, Tone, space};
use super::widgets::{Button, Card, Notice, PictureChoice, bullets, details, success_page, text};
use super::words;
use super::words::coach as w;
use crate::app::Command;
use crate::app::coach::{Coach, Saying};
use crate::app::state::{AppState, Step};
use crate::board::{Model, Transport};
use crate::transport::DeviceId;

/// Draws the page.
pub(super) fn coach_ui(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    let Some(coach) = &state.coach else {
        return;
    };
    let (title, body) = words::coach_says(coach.saying(), coach.model(), coach.tries());
    if *coach.saying() == Saying::ChooseBoard {
        choose_board_ui(ui, coach, &title, &body, out);
        return;
    }
    ui.horizontal_wrapped(|ui| {
        text::small(ui, w::TITLE);
        if Button::ghost(w::OTHER_BOARD).show(ui).clicked() {
            out.push(Command::CoachModel(None));
        }
        if two_sided(coach) && Button::ghost(w::OTHER_SIDE).show(ui).clicked() {
            super::pictures::turn_over(ui);
        }
    });
    not_needed_ui(ui, state, coach, out);
    text::title(ui, &title);
    text::body(ui, &body);
    match coach.saying() {
        Saying::Katapult { id, .. } => {
            let button = Button::primary(w::FLASH_FROM_KATAPULT)
                .icon(Icon::ArrowRight)
                .show(ui);
            if button.clicked() {
                out.push(Command::ChooseAndContinue(id.clone()));
            }
        }
        Saying::Blocked { id } => {
            // The pads are done: only what is in the way matters now.
            if let Some(seen) = state.bus.devices.iter().find(|seen| seen.info.id == *id) {
                blocked_ui(ui, state, seen, out);
            }
            return;
        }
        _ => {}
    }
    super::pictures::pads_ui(ui, coach, state.now);
    if *coach.saying() == Saying::NothingForAWhile {
        silence_ui(ui, coach);
    }
    if two_sided(coach) {
        Notice::new(Tone::Danger, w::V4_NEVER).show(ui);
    }
    if two_sided(coach) {
        text::muted(ui, w::LED_V4);
        details(ui, "ways", w::OTHER_WAYS_V4, |ui| points(ui, w::WAYS_V4));
    } else {
        text::muted(ui, w::LED);
        details(ui, "led", w::LED_MORE, |ui| {
            text::muted(ui, w::LED_WHERE);
            super::pictures::led_ui(ui);
        });
        details(ui, "ways", w::OTHER_WAYS, other_ways_ui);
    }
}

/// The holes of V4 can be bridged from both sides.
fn two_sided(coach: &Coach) -> bool {
    matches!(coach.model(), Some(Model::V4 | Model::Ht))
}

/// Ways to keep a hand free, on V2 and V3.
fn other_ways_ui(ui: &mut Ui) {
    ui.spacing_mut().item_spacing.y = space::S;
    text::body(ui, w::CLIP);
    super::pictures::clip_ui(ui);
    ui.add_space(space::S);
    text::body(ui, w::SOLDER);
    super::pictures::solder_ui(ui);
}

fn choose_board_ui(ui: &mut Ui, coach: &Coach, title: &str, body: &str, out: &mut Vec<Command>) {
    text::title(ui, title);
    text::muted(ui, body);
    let width = ((ui.available_width() - 2.0 * space::M) / 3.0).floor();
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = space::M;
        for model in coach.models() {
            let (title, hint) = words::model(model);
            let size = vec2(width, width * 1.1);
            let choice = PictureChoice::new(title, hint).show(ui, size, |ui, rect| {
                super::pictures::portrait(ui, rect, model);
            });
            if choice.clicked() {
                out.push(Command::CoachModel(Some(model)));
            }
        }
    });
    details(ui, "tell", w::HOW_TO_TELL, |ui| points(ui, w::TELL));
}

/// DFU mode is the rescue: a probe that runs is told so first. Not on the way to CAN or out of another failure.
fn not_needed_ui(ui: &mut Ui, state: &AppState, coach: &Coach, out: &mut Vec<Command>) {
    let to_can = matches!(state.options.wanted, Some(Transport::Can { .. }));
    if *coach.saying() != Saying::HoldAndReset || to_can || state.step != Step::Probe {
        return;
    }
    let Some(id) = coach.running() else { return };
    ui.horizontal_wrapped(|ui| {
        text::body(ui, w::NOT_NEEDED);
        if Button::ghost(w::GO_ON).show(ui).clicked() {
            out.push(Command::ChooseAndContinue(id.clone()));
        }
    });
}

/// What to check when nothing comes. Under the drawing, which hands may be following.
fn silence_ui(ui: &mut Ui, coach: &Coach) {
    Card::new().tight().show(ui, |ui| {
        points(ui, words::silence(coach.model()));
        details(ui, "plug", words::PLUG_WAY_ROUND, super::pictures::plug_ui);
    });
}

fn points<'a>(ui: &mut Ui, lines: impl IntoIterator<Item = &'a str>) {
    bullets(ui, lines, |ui, line| {
        text::body(ui, line);
    });
}

/// The whole window in green: seen from the corner of an eye.
pub(super) fn success_ui(ui: &mut Ui, id: &DeviceId, out: &mut Vec<Command>) {
    let whole = ui.max_rect();
    let below = success_page(ui, whole, w::SUCCESS, w::SUCCESS_LINE);
    let size = vec2(220.0, 56.0);
    let place = Rect::from_center_size(below.center_top() + vec2(0.0, size.y / 2.0), size);
    let mut inner = ui.new_child(UiBuilder::new().max_rect(place));
    let button = Button::secondary(w::GO_ON)
        .large()
        .min_width(size.x)
        .focus_color(theme::palette(ui).on_celebrate)
        .show(&mut inner);
    if inner.ctx().memory(|memory| memory.focused().is_none()) {
        button.request_focus();
    }
    if button.clicked() {
        out.push(Command::ChooseAndContinue(id.clone()));
    }
}

//! The DFU coach: which pads to touch, what the bus did, what to do next.

use egui::{Rect, Ui, UiBuilder, vec2};

use super::icons::Icon;
use super::theme::{Tone, space};
use super::widgets::{Button, Card, Notice, PictureChoice, bullets, details, success_page, text};
use super::words;
use super::words::coach as w;
use crate::app::Command;
use crate::app::coach::{Coach, Saying};
use crate::app::state::AppState;
use crate::board::Model;
use crate::transport::DeviceId;

/// Draws the page.
pub(super) fn coach_ui(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    let Some(coach) = &state.coach else {
        return;
    };
    let (title, body) = words::coach_says(coach.saying(), coach.model(), coach.tries());
    if *coach.saying() == Saying::ChooseBoard {
        choose_board_ui(ui, &title, &body, out);
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
    text::title(ui, &title);
    text::body(ui, &body);
    saying_ui(ui, state, coach, out);
    super::pictures::pads_ui(ui, coach, state.now);
    if two_sided(coach) {
        Notice::new(Tone::Danger, w::V4_NEVER).show(ui);
    }
    if two_sided(coach) {
        text::muted(ui, w::LED_V4);
        details(ui, "ways", w::OTHER_WAYS_V4, |ui| points(ui, &w::WAYS_V4));
    } else {
        text::muted(ui, w::LED);
        details(ui, "led", w::LED_MORE, super::pictures::led_ui);
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

fn choose_board_ui(ui: &mut Ui, title: &str, body: &str, out: &mut Vec<Command>) {
    text::title(ui, title);
    text::muted(ui, body);
    let models = [Model::V2, Model::V3, Model::V4];
    let width = ((ui.available_width() - 2.0 * space::M) / 3.0).floor();
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = space::M;
        for model in models {
            let (title, hint) = words::model(model);
            let size = vec2(width, width * 1.1);
            let choice = PictureChoice::new(title, hint)
                .show(ui, size, |ui, rect| super::pictures::board(ui, rect, model));
            if choice.clicked() {
                out.push(Command::CoachModel(Some(model)));
            }
        }
    });
    details(ui, "tell", w::HOW_TO_TELL, |ui| points(ui, &w::TELL));
}

/// What comes with what is said.
fn saying_ui(ui: &mut Ui, state: &AppState, coach: &Coach, out: &mut Vec<Command>) {
    match coach.saying() {
        Saying::Katapult { id, .. } => {
            let button = Button::primary(w::FLASH_FROM_KATAPULT)
                .icon(Icon::ArrowRight)
                .show(ui);
            if button.clicked() {
                out.push(Command::ChooseAndContinue(id.clone()));
            }
        }
        Saying::NothingForAWhile => {
            Card::new().tight().show(ui, |ui| {
                points(ui, &w::SILENCE);
                details(ui, "plug", words::PLUG_WAY_ROUND, super::pictures::plug_ui);
            });
        }
        Saying::Blocked { id } => {
            let access = state.bus.devices.iter().find(|seen| seen.info.id == *id);
            if let Some(seen) = access {
                let (title, body) = words::blocked(&seen.info.access);
                Notice::new(Tone::Warning, &title)
                    .body(&body)
                    .icon(Icon::Lock)
                    .show(ui);
            }
        }
        _ => {}
    }
}

fn points(ui: &mut Ui, lines: &[&str]) {
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
        .show(&mut inner);
    if inner.ctx().memory(|memory| memory.focused().is_none()) {
        button.request_focus();
    }
    if button.clicked() {
        out.push(Command::ChooseAndContinue(id.clone()));
    }
}

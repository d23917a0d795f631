//! Where drawings stand on the pages, and which moment of them is shown.

use std::time::Duration;

use egui::{Rect, Ui, Vec2, vec2};

use super::diagrams::{self, Board, Highlight, Step};
use super::theme;
use super::widgets::text;
use super::words;
use crate::app::coach::{Coach, Cue};
use crate::app::state::Seen;
use crate::board::{Mcu, Model};

/// Moving drawings are drawn this often.
const FRAME: Duration = Duration::from_millis(50);
/// After this long without anything new the drawing stands still: an idle window draws nothing.
const MOVES_FOR: Duration = Duration::from_secs(90);

/// The cable from the probe to the computer.
pub(super) fn cable_ui(ui: &mut Ui) {
    let width = ui.available_width().min(560.0);
    let size = vec2(
        width,
        (width * 0.34).min(ui.available_height() * 0.33).max(110.0),
    );
    diagrams::cable(ui, None, size);
}

/// A drawing with pads is not lower, even if that takes scrolling.
const LEAST_HEIGHT: f32 = 300.0;
/// Drawings beside text are no wider than this.
const ASIDE: f32 = 520.0;

/// Draws something as wide as there is room, `ratio` times as high.
fn aside(ui: &mut Ui, ratio: f32, draw: impl FnOnce(&mut Ui, Vec2) -> egui::Response) {
    let width = ui.available_width().min(ASIDE);
    draw(ui, vec2(width, (width * ratio).round()));
}

/// What the blue light says. It stands still: the line under each light tells the same.
pub(super) fn led_ui(ui: &mut Ui) {
    aside(ui, 0.34, |ui, size| diagrams::led_states(ui, None, size));
}

/// Which way round the wires of the plug are.
pub(super) fn plug_ui(ui: &mut Ui) {
    text::muted(ui, words::PLUG_SEEN_FROM);
    aside(ui, 0.34, diagrams::plug);
    text::muted(ui, words::PLUG_SURE_WAY);
}

/// The printed clip.
pub(super) fn clip_ui(ui: &mut Ui) {
    aside(ui, 0.36, diagrams::clip);
}

/// The drop of solder, and that it goes again.
pub(super) fn solder_ui(ui: &mut Ui) {
    aside(ui, 0.4, diagrams::solder_bridge);
}

/// From USB to the CAN bus.
pub(super) fn can_wiring_ui(ui: &mut Ui) {
    let width = ui.available_width().min(620.0);
    diagrams::can_wiring(ui, vec2(width, (width * 0.36).round()));
}

/// The pads of the chosen board, with the ones to touch now.
pub(super) fn pads_ui(ui: &mut Ui, coach: &Coach, now: Duration) {
    let Some(mut board) = coach.model().map(pad_side) else {
        return;
    };
    if board == Board::V4Bottom && is_turned_over(ui) {
        board = Board::V4Top;
    }
    let cues = coach.cues();
    let passed = now.saturating_sub(coach.since());
    let reduced_motion = theme::reduced_motion(ui.ctx()) || passed > MOVES_FOR;
    let (cue, time_secs) = cue_at(cues, passed.as_secs_f32(), reduced_motion);
    let step = cue.map_or(Step::None, |cue| step(cue, board));
    let highlight = Highlight {
        step,
        time_secs,
        reduced_motion,
    };
    if highlight.moves() {
        ui.ctx().request_repaint_after(FRAME);
    }
    let width = ui.available_width();
    // What is said under the drawing shall be seen without scrolling, where there is room for both.
    let said = ui.cursor().top() - ui.min_rect().top();
    let below = if board == Board::V4Top || board == Board::V4Bottom {
        150.0
    } else {
        104.0
    };
    let room = ui.clip_rect().height() - said - below;
    let height = room.max(LEAST_HEIGHT).min(width * diagrams::ratio(board));
    diagrams::board(ui, board, &highlight, vec2(width, height));
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        text::small(ui, &words::held(&words::drawings::orientation(board)));
        if matches!(board, Board::V2Rear | Board::V3Rear) {
            text::small(ui, words::coach::RIGHT_ANGLE);
        }
    });
}

/// Which side of the board is drawn: a matter of the drawing alone.
fn turned_over() -> egui::Id {
    egui::Id::unique("board turned over")
}

fn is_turned_over(ui: &Ui) -> bool {
    ui.data(|data| data.get_temp(turned_over()))
        .unwrap_or_default()
}

/// Draws the other side from now on.
pub(super) fn turn_over(ui: &Ui) {
    let turned = !is_turned_over(ui);
    ui.data_mut(|data| data.insert_temp(turned_over(), turned));
}

/// Which cue is shown at this time and how long it has been; the telling one if nothing may move.
fn cue_at(cues: &[Cue], secs: f32, reduced_motion: bool) -> (Option<Cue>, f32) {
    if reduced_motion {
        let telling = cues
            .iter()
            .find(|cue| matches!(cue, Cue::TapReset | Cue::PlugIn));
        return (telling.or(cues.first()).copied(), 0.0);
    }
    let all: f32 = cues.iter().copied().map(cue_secs).sum();
    let mut rest = secs % all.max(1.0);
    for cue in cues {
        if rest < cue_secs(*cue) {
            return (Some(*cue), rest);
        }
        rest -= cue_secs(*cue);
    }
    (None, 0.0)
}

/// How long one cue is shown before the next: whole loops of its drawing.
fn cue_secs(cue: Cue) -> f32 {
    match cue {
        Cue::HoldBoot | Cue::TapReset => 3.6,
        Cue::Release => 3.0,
        Cue::PlugIn => 5.6,
    }
}

fn step(cue: Cue, board: Board) -> Step {
    match (cue, board) {
        (Cue::HoldBoot, Board::V4Bottom | Board::V4Top) => Step::BridgeBoot,
        (Cue::HoldBoot, _) => Step::HoldBoot0,
        (Cue::TapReset, _) => Step::TapReset,
        (Cue::Release, _) => Step::Release,
        (Cue::PlugIn, _) => Step::PlugIn,
    }
}

fn pad_side(model: Model) -> Board {
    match model {
        Model::V2 => Board::V2Rear,
        Model::V1 | Model::V3 => Board::V3Rear,
        Model::V4 | Model::Ht => Board::V4Bottom,
    }
}

/// A picture of a board by which it is told apart.
pub(super) fn portrait(ui: &Ui, rect: Rect, model: Model) {
    diagrams::portrait(ui, pad_side(model), rect);
}

/// A small picture of a probe as far as its chip tells.
pub(super) fn probe_ui(ui: &mut Ui, seen: &Seen, size: Vec2) {
    let (rect, _) = ui.allocate_exact_size(size, egui::Sense::hover());
    let board = match seen.mcu() {
        Some(Mcu::Stm32G431) => Board::V4Top,
        Some(Mcu::Stm32F042) | None => Board::V3Rear,
    };
    diagrams::thumbnail(ui, board, rect);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cues_follow_each_other_and_begin_again() {
        let cues = [Cue::HoldBoot, Cue::TapReset, Cue::Release];
        let at = |secs| cue_at(&cues, secs, false).0;
        assert_eq!(at(0.0), Some(Cue::HoldBoot));
        assert_eq!(at(3.7), Some(Cue::TapReset));
        assert_eq!(at(7.3), Some(Cue::Release));
        assert_eq!(at(10.3), Some(Cue::HoldBoot));
        assert_eq!(cue_at(&[], 5.0, false), (None, 0.0));
    }

    #[test]
    fn without_motion_the_telling_cue_stands() {
        let cues = [Cue::HoldBoot, Cue::TapReset, Cue::Release];
        assert_eq!(cue_at(&cues, 0.0, true).0, Some(Cue::TapReset));
        assert_eq!(
            cue_at(&[Cue::HoldBoot, Cue::PlugIn], 9.0, true).0,
            Some(Cue::PlugIn)
        );
        assert_eq!(cue_at(&[Cue::HoldBoot], 9.0, true).0, Some(Cue::HoldBoot));
    }
}

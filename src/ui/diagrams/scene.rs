//! A board with tweezers, numbers, words and its lead: what the coach shows.

use egui::{Align2, Color32, Rect, Stroke, StrokeKind, Ui, vec2};

use super::callout::{never_label, pill};
use super::canvas::{Canvas, Mm, View, bezier};
use super::motion::{Motion, Tweezers, motion};
use super::paint::{self, Presence};
use super::part::{BoardArt, Contact};
use super::tools::{self, Facing};
use super::v2v3::{COIL_BOARD, COIL_BOARD_AT_MM, V2_REAR, V3_REAR};
use super::v4::{V4_BOTTOM, V4_TOP};
use super::zoom;
use super::{Board, Highlight, Step};
use crate::ui::theme;
use crate::ui::words::drawings::{NEVER_3V3_TO_GND, callouts};

/// One of the two pairs of contacts: where it is and how it is shown.
struct Pair {
    contacts: (Contact, Contact),
    number: u8,
    /// The ring around them leaves room for a name this wide between them.
    least_width_mm: f32,
    /// From where the tweezers come.
    from: Mm,
    /// Where the number stands.
    number_at: Mm,
    /// Where the words stand.
    words_at: Mm,
    /// Which side of the words is there.
    words_side: Align2,
    /// Where and around which place the pair is shown enlarged.
    lens: Option<(Mm, Mm)>,
}

/// A board's drawing: what is seen and where things stand around it.
struct Scene {
    art: &'static BoardArt,
    view: View,
    boot: Pair,
    reset: Pair,
    /// Pins of the connector from left to right.
    pins: [Mm; 4],
    /// To which side the lead bends to the computer.
    computer: Facing,
    /// Where V4's holes are shown enlarged.
    zoom_at: Mm,
}

pub(super) fn art(board: Board) -> &'static BoardArt {
    match board {
        Board::V2Rear => &V2_REAR,
        Board::V3Rear => &V3_REAR,
        Board::V4Bottom => &V4_BOTTOM,
        Board::V4Top => &V4_TOP,
    }
}

/// Draws the whole scene.
pub(super) fn draw(ui: &Ui, rect: Rect, board: Board, highlight: Highlight) {
    let scene = scene(board);
    let c = Canvas::fit(ui, rect, scene.view);
    let motion = motion(
        highlight.step,
        highlight.time_secs,
        highlight.reduced_motion,
    );
    draw_lead(&c, &scene, &motion);
    draw_boards(&c, board, scene.art);
    if !board.is_v4() {
        // Only where the coil board begins matters; the rest of it would make the pads smaller.
        c.fade_below(COIL_BOARD_AT_MM.1 + 2.0, scene.view.max.1 - 1.5);
    }
    let (boot_words, reset_words) = callouts(board, highlight.step);
    // V4 is held and plugged in; there is no second pair to let go of.
    let reset = motion
        .reset
        .filter(|_| !(board.is_v4() && highlight.step == Step::Release));
    if board.is_v4() {
        match (highlight.step, motion.boot) {
            (Step::None, _) | (_, None) => {}
            (Step::TapReset, _) => draw_never(ui, &c, board, scene.art),
            (_, Some(tweezers)) => zoom::draw(ui, &c, scene.art, scene.zoom_at, tweezers),
        }
    }
    for (pair, tweezers, words) in [
        (&scene.reset, reset, reset_words),
        (&scene.boot, motion.boot, boot_words),
    ] {
        let Some(tweezers) = tweezers else { continue };
        if let Some((at, focus)) = pair.lens {
            let lens = zoom::pads(&c, at, focus);
            draw_boards(&lens, board, scene.art);
            draw_target(&lens, scene.art, pair, tweezers, 0.14);
            draw_tweezers(&lens, scene.art, pair, tweezers);
        }
        draw_target(&c, scene.art, pair, tweezers, 0.32);
        draw_tweezers(&c, scene.art, pair, tweezers);
        c.number(ui, c.at(pair.number_at), pair.number);
        if let Some(words) = words {
            pill(ui, &c, pair.words_at, pair.words_side, pair.number, words);
        }
    }
}

/// Draws one board alone, as large as it can be.
pub(super) fn draw_portrait(ui: &Ui, rect: Rect, board: Board) {
    let art = art(board);
    let view = View {
        min: (-0.6, -0.6),
        max: (art.size_mm.0 + 0.6, art.size_mm.1 + 0.6),
    };
    paint::board(&Canvas::fit(ui, rect, view), art, Presence::Main);
}

/// How high the scene is for its width.
pub(super) fn ratio(board: Board) -> f32 {
    let view = scene(board).view;
    (view.max.1 - view.min.1) / (view.max.0 - view.min.0)
}

/// Draws the probe alone.
pub(super) fn draw_small(ui: &Ui, rect: Rect, board: Board) {
    if board.is_v4() {
        draw_portrait(ui, rect, board);
        return;
    }
    let view = View {
        min: (COIL_BOARD_AT_MM.0 - 0.6, -0.6),
        max: (
            COIL_BOARD_AT_MM.0 + COIL_BOARD.size_mm.0 + 0.6,
            COIL_BOARD_AT_MM.1 + COIL_BOARD.size_mm.1 + 0.6,
        ),
    };
    draw_boards(&Canvas::fit(ui, rect, view), board, art(board));
}

fn draw_boards(c: &Canvas, board: Board, art: &BoardArt) {
    paint::board(c, art, Presence::Main);
    if !board.is_v4() {
        // Seen from the bed the coil board lies in front of the lower end.
        paint::board(&c.moved(COIL_BOARD_AT_MM), &COIL_BOARD, Presence::Ghost);
    }
}

fn scene(board: Board) -> Scene {
    let art = art(board);
    let pins = |xs: [f32; 4], y: f32| xs.map(|x| art.mm((x, y)));
    match board {
        Board::V2Rear | Board::V3Rear => {
            // V3's names stand beside its pads, towards the middle; V2's between them.
            let (aside, names_mm) = if board == Board::V3Rear {
                (0.8, 0.0)
            } else {
                (0.0, 2.85)
            };
            let pair = |contact, number, side: f32| {
                let middle = art
                    .pair_mm((contact, contact))
                    .map_or((11.0, 9.6), |(at, _)| at);
                let lens_at = (11.0 + side * 24.4, 13.7);
                Pair {
                    contacts: (contact, contact),
                    number,
                    least_width_mm: names_mm,
                    from: (side, -0.6),
                    number_at: (middle.0, 13.1),
                    words_at: (lens_at.0, lens_at.1 - zoom::PADS_MM.1 / 2.0 - 1.3),
                    words_side: Align2::CENTER_CENTER,
                    lens: Some((lens_at, (middle.0 - side * aside, middle.1 + 0.2))),
                }
            };
            Scene {
                art,
                view: View {
                    min: (-19.5, -11.0),
                    max: (41.5, 20.0),
                },
                boot: pair(Contact::Boot0, 1, 1.0),
                reset: pair(Contact::Reset, 2, -1.0),
                pins: pins([0.364, 0.455, 0.546, 0.637], 0.0),
                computer: Facing::Left,
                zoom_at: (0.0, 0.0),
            }
        }
        Board::V4Bottom => v4_scene(
            art,
            |x| x,
            Align2::LEFT_CENTER,
            pins([0.417, 0.470, 0.523, 0.576], 0.0),
            Facing::Left,
        ),
        Board::V4Top => v4_scene(
            art,
            |x| 37.97 - x,
            Align2::RIGHT_CENTER,
            pins([0.424, 0.477, 0.530, 0.583], 0.0),
            Facing::Right,
        ),
    }
}

/// The top of V4 is the mirror of its bottom.
fn v4_scene(
    art: &'static BoardArt,
    x: impl Fn(f32) -> f32,
    words_side: Align2,
    pins: [Mm; 4],
    computer: Facing,
) -> Scene {
    let edge = [x(-11.0), x(62.0)];
    let outward = if computer == Facing::Left { 1.0 } else { -1.0 };
    Scene {
        art,
        view: View {
            min: (edge.into_iter().fold(f32::INFINITY, f32::min), -11.0),
            max: (edge.into_iter().fold(f32::NEG_INFINITY, f32::max), 31.0),
        },
        boot: Pair {
            contacts: (Contact::Bt0, Contact::V3v3),
            number: 1,
            least_width_mm: 0.0,
            from: (outward * 0.55, -0.84),
            number_at: (x(31.4), 7.66),
            words_at: (x(43.0), 1.6),
            words_side,
            lens: None,
        },
        reset: Pair {
            contacts: (Contact::Rst, Contact::Gnd),
            number: 2,
            least_width_mm: 0.0,
            from: (outward * 0.55, 0.84),
            number_at: (x(31.4), 9.95),
            words_at: (x(43.0), 21.0),
            words_side,
            lens: None,
        },
        pins,
        computer,
        zoom_at: (x(51.5), 16.6),
    }
}

/// The lead at the connector; while plugging in, all the way to the computer.
fn draw_lead(c: &Canvas, scene: &Scene, motion: &Motion) {
    let [first, _, _, last] = scene.pins;
    let x = f32::midpoint(first.0, last.0);
    let tools = &c.p.tool;
    let colors = match scene.computer {
        Facing::Left => [
            tools.wire_5v,
            tools.wire_canl,
            tools.wire_dp,
            tools.wire_gnd,
        ],
        Facing::Right => [
            tools.wire_gnd,
            tools.wire_dp,
            tools.wire_canl,
            tools.wire_5v,
        ],
    };
    let fork = (x, -4.2);
    match motion.plug {
        None => tools::lead(c, &[fork, (x, scene.view.min.1 - 60.0)]),
        Some(out) => {
            let sign = if scene.computer == Facing::Left {
                -1.0
            } else {
                1.0
            };
            let wall = if sign < 0.0 {
                scene.view.min.0
            } else {
                scene.view.max.0
            };
            let mouth = (wall - sign * 8.4, -6.0);
            tools::usb_port(c, mouth, scene.computer, (8.0, 9.0));
            let tail = (mouth.0 - sign * (5.6 + 6.0 * out), mouth.1);
            let lead = bezier(
                [
                    tail,
                    (tail.0 - sign * 4.0, mouth.1),
                    (x, mouth.1 - 4.0),
                    fork,
                ],
                24,
            );
            tools::lead(c, &lead);
            tools::usb_plug(c, tail, scene.computer);
            if out > 0.05 {
                let y = mouth.1 + 4.6;
                let end = mouth.0 - sign * 0.6;
                c.arrow((end - sign * 6.0, y), (end, y), 0.6, c.p.accent);
            }
        }
    }
    tools::fan(c, fork, scene.pins.map(|pin| (pin.0, 0.5)), colors);
}

/// The ring around the pair that is to be touched, and the bridge while it is.
fn draw_target(c: &Canvas, art: &BoardArt, pair: &Pair, tweezers: Tweezers, line_mm: f32) {
    let Some((middle, half)) = art.pair_mm(pair.contacts) else {
        return;
    };
    let colors = &c.p.board;
    let pad = art
        .pads
        .iter()
        .find(|pad| pad.contact == pair.contacts.0)
        .map_or((1.45, 1.45), |pad| pad.size_mm);
    let size = (
        (2.0 * half.0.abs() + pad.0).max(pair.least_width_mm) + 0.7,
        2.0 * half.1.abs() + pad.1 + 0.7,
    );
    let fill = if tweezers.touches() {
        theme::fade(colors.touch, 0.45)
    } else {
        Color32::TRANSPARENT
    };
    let area = Rect::from_center_size(c.at(middle), vec2(c.len(size.0), c.len(size.1)));
    let line = Stroke::new(c.len(line_mm).max(2.0), colors.touch);
    c.painter.rect(
        area,
        c.radius(0.6),
        Color32::TRANSPARENT,
        line,
        StrokeKind::Outside,
    );
    if tweezers.touches() {
        let ends = [
            (middle.0 - half.0, middle.1 - half.1),
            (middle.0 + half.0, middle.1 + half.1),
        ];
        c.line(&ends, c.pen(0.7, fill));
    }
}

fn draw_tweezers(c: &Canvas, art: &BoardArt, pair: &Pair, tweezers: Tweezers) {
    const AWAY_MM: f32 = 6.0;
    let Some((middle, half)) = art.pair_mm(pair.contacts) else {
        return;
    };
    let along = vec2(pair.from.0, pair.from.1).normalized() * (AWAY_MM * tweezers.away);
    let tip = (middle.0 + along.x, middle.1 + along.y);
    tools::tweezers(c, tip, half, pair.from);
}

/// The bridge that must not be made: from 3V3 down to GND, struck through.
fn draw_never(ui: &Ui, c: &Canvas, board: Board, art: &BoardArt) {
    let Some((middle, half)) = art.pair_mm((Contact::V3v3, Contact::Gnd)) else {
        return;
    };
    let (out, side, edge) = match board {
        Board::V4Top => (-1.0, Align2::RIGHT_CENTER, 0.0),
        _ => (1.0, Align2::LEFT_CENTER, art.size_mm.0),
    };
    let red = c.p.danger.strong;
    let reach = edge + out * 1.1;
    let (top, bottom) = (middle.1 - half.1, middle.1 + half.1);
    // A halo keeps the red readable where it crosses the board's edge.
    for pen in [c.pen(0.9, c.p.background), c.pen(0.45, red)] {
        let start = middle.0 + out * 0.75;
        c.line(
            &[(start, top), (reach, top), (reach, bottom), (start, bottom)],
            pen,
        );
    }
    for pen in [c.pen(1.1, c.p.background), c.pen(0.6, red)] {
        c.cross((reach + out * 0.1, middle.1), 2.0, pen);
    }
    never_label(ui, c, (reach + out * 2.4, middle.1), side, NEVER_3V3_TO_GND);
}

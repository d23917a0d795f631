//! Draws a board from its data.

use egui::{Color32, Stroke};

use super::canvas::{Canvas, Mm, rounded};
use super::part::{BoardArt, Pad, Part, Run};

/// How much a board stands out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    /// It is what the drawing is about.
    Main,
    /// It is there to show where we are.
    Ghost,
}

/// Draws a board with its upper left corner at the sheet's zero point.
pub(super) fn board(c: &Canvas, art: &BoardArt, presence: Presence) {
    let colors = &c.p.board;
    let (mask, edge) = match presence {
        Presence::Main => (colors.mask, colors.edge),
        Presence::Ghost => (colors.ghost_mask, colors.ghost_edge),
    };
    let outline = rounded(art.outline, art.size_mm);
    let heart = art.mm((0.5, 0.55));
    if presence == Presence::Main {
        let shadow = c.moved((0.25, 0.5));
        shadow.star(heart, &outline, c.p.shadow, Stroke::NONE);
    }
    c.star(heart, &outline, mask, c.pen(0.16, edge));
    for part in art.parts {
        draw_part(c, art, part, presence);
    }
    for pad in art.pads {
        draw_pad(c, art, pad);
    }
}

fn draw_part(c: &Canvas, art: &BoardArt, part: &Part, presence: Presence) {
    let colors = &c.p.board;
    let ghost = presence == Presence::Ghost;
    let silk = if ghost {
        colors.ghost_edge
    } else {
        colors.silk
    };
    match *part {
        Part::Joint {
            at,
            ring_mm,
            bore_mm,
        } => {
            let ring = if ghost {
                colors.ghost_edge
            } else {
                colors.gold
            };
            let at = art.mm(at);
            let bore = if ghost { c.p.background } else { colors.bore };
            c.disc(at, ring_mm, ring, Stroke::NONE);
            if bore_mm > 0.0 {
                c.disc(at, bore_mm, bore, Stroke::NONE);
            }
        }
        Part::Body { at, size, name } => {
            let size = (size.0 * art.size_mm.0, size.1 * art.size_mm.1);
            let at = art.mm(at);
            c.rect(at, size, 0.25, colors.chip, c.pen(0.1, colors.chip_line));
            if name.is_empty() {
                // The dot that marks the first leg.
                let dot = (at.0 - size.0 / 2.0 + 0.5, at.1 - size.1 / 2.0 + 0.5);
                if size.0 > 1.4 && size.1 > 1.4 {
                    c.disc(dot, 0.35, colors.chip_line, Stroke::NONE);
                }
            } else {
                let cap = (size.0 * 0.26).min(size.1 * 0.34);
                c.letters(at, cap, Run::Across, name, colors.chip_text);
            }
        }
        Part::Small { at, size_mm } => small(c, art.mm(at), size_mm),
        Part::Coil {
            at,
            outer_mm,
            rings_mm,
        } => coil(c, art.mm(at), outer_mm, rings_mm, ghost),
        Part::Box {
            min,
            max,
            radius_mm,
        } => {
            let (center, size) = span(art, min, max);
            c.rect(
                center,
                size,
                radius_mm,
                Color32::TRANSPARENT,
                c.pen(0.16, silk),
            );
        }
        Part::Blank { min, max } => {
            let (center, size) = span(art, min, max);
            let paper = crate::ui::theme::fade(silk, 0.16);
            c.rect(center, size, 0.3, paper, Stroke::NONE);
        }
        Part::Led { at } => {
            let at = art.mm(at);
            c.rect(
                at,
                (1.6, 0.9),
                0.15,
                colors.led_off,
                c.pen(0.08, colors.silk),
            );
        }
        Part::Label(label) => {
            c.letters(art.mm(label.at), label.cap_mm, label.run, label.text, silk);
        }
    }
}

fn small(c: &Canvas, at: Mm, size: Mm) {
    let colors = &c.p.board;
    c.rect(at, size, 0.1, colors.gold, Stroke::NONE);
    c.rect(at, (size.0 * 0.5, size.1), 0.0, colors.chip, Stroke::NONE);
}

fn span(art: &BoardArt, min: Mm, max: Mm) -> (Mm, Mm) {
    let (a, b) = (art.mm(min), art.mm(max));
    (
        (f32::midpoint(a.0, b.0), f32::midpoint(a.1, b.1)),
        (b.0 - a.0, b.1 - a.1),
    )
}

/// A flat spiral between the outer printed ring and the first inner one, and the cross hairs.
fn coil(c: &Canvas, at: Mm, outer_mm: f32, rings_mm: &[f32], ghost: bool) {
    const TURNS: u16 = 8;
    const STEPS_PER_TURN: u16 = 48;
    let colors = &c.p.board;
    let (copper, silk) = if ghost {
        (colors.ghost_edge, colors.ghost_edge)
    } else {
        (colors.copper, colors.silk)
    };
    let outside = outer_mm / 2.0 - 0.5;
    let inside = rings_mm
        .first()
        .map_or(outside * 0.5, |ring| ring / 2.0 + 0.4);
    let steps = TURNS.saturating_mul(STEPS_PER_TURN);
    let spiral: Vec<Mm> = (0..=steps)
        .map(|step| {
            let part = f32::from(step) / f32::from(steps);
            let radius = outside + (inside - outside) * part;
            let angle = std::f32::consts::TAU * f32::from(TURNS) * part;
            (at.0 + radius * angle.cos(), at.1 + radius * angle.sin())
        })
        .collect();
    c.line(&spiral, c.pen(0.2, copper));
    let ring_pen = c.pen(0.14, crate::ui::theme::fade(silk, 0.85));
    for ring in std::iter::once(&outer_mm).chain(rings_mm) {
        c.disc(at, *ring, Color32::TRANSPARENT, ring_pen);
    }
    let hair = c.pen(0.12, crate::ui::theme::fade(silk, 0.6));
    let reach = rings_mm.last().map_or(2.0, |ring| ring / 2.0 + 0.8);
    c.line(&[(at.0 - reach, at.1), (at.0 + reach, at.1)], hair);
    c.line(&[(at.0, at.1 - reach), (at.0, at.1 + reach)], hair);
}

/// Draws a contact.
pub(super) fn draw_pad(c: &Canvas, art: &BoardArt, pad: &Pad) {
    let colors = &c.p.board;
    let at = art.mm(pad.at);
    if pad.drilled {
        c.disc(at, pad.size_mm.0, colors.gold, Stroke::NONE);
        c.disc(at, pad.size_mm.0 * 0.58, colors.bore, Stroke::NONE);
    } else {
        c.rect(at, pad.size_mm, 0.12, colors.gold, Stroke::NONE);
    }
}

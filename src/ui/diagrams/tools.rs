//! Things hands hold: tweezers, a USB plug with its lead, a computer.

use egui::{Color32, Stroke, Vec2, vec2};

use super::canvas::{Canvas, Mm, bezier};
use crate::ui::theme;

/// Tweezers with their tips on both sides of `middle`, half a gap away in `half`, coming from the direction
/// `from` (away from the pads).
pub(super) fn tweezers(c: &Canvas, middle: Mm, half: Mm, from: Mm) {
    let along = vec2(from.0, from.1).normalized();
    let gap = vec2(half.0, half.1);
    // The arms bow at right angles to the tweezers, whichever way the pads lie.
    let side = if along.rot90().dot(gap) > 0.0 {
        along.rot90()
    } else {
        -along.rot90()
    };
    let tip = vec2(middle.0, middle.1);
    let mm = |point: Vec2| -> Mm { (point.x, point.y) };
    let arms = [1.0, -1.0].map(|sign| {
        let start = tip + gap * sign;
        bezier(
            [
                mm(start),
                mm(start + along * 3.5 + side * (sign * 0.5)),
                mm(tip + along * 7.5 + side * (sign * (gap.length() + 1.3))),
                mm(tip + along * 15.0 + side * (sign * 0.45)),
            ],
            24,
        )
    });
    for arm in &arms {
        blade(c, arm);
    }
    let handle = [mm(tip + along * 14.6), mm(tip + along * 19.0)];
    c.line(&handle, c.pen(2.3, c.p.tool.steel_line));
    c.line(&handle, c.pen(2.02, c.p.tool.steel));
    let shine = theme::fade(c.p.tool.steel_line, 0.5);
    c.line(
        &[mm(tip + along * 15.6), mm(tip + along * 17.6)],
        c.pen(0.14, shine),
    );
}

/// One arm: a strip that widens away from the tip.
fn blade(c: &Canvas, spine: &[Mm]) {
    let count = f32::from(u16::try_from(spine.len()).unwrap_or(2)).max(2.0);
    let mut part = 0.0;
    let mut normal = Vec2::ZERO;
    let (mut left, mut right) = (Vec::new(), Vec::new());
    for (here, next) in spine.iter().zip(spine.iter().skip(1).chain(spine.last())) {
        let (here, next) = (vec2(here.0, here.1), vec2(next.0, next.1));
        if next != here {
            normal = (next - here).normalized().rot90();
        }
        let half = 0.15 + 0.42 * (part / count * 1.8_f32).min(1.0);
        left.push((here + normal * half).into());
        right.push((here - normal * half).into());
        part += 1.0;
    }
    c.strip(&left, &right, c.p.tool.steel);
    let mut outline = left;
    outline.reverse();
    outline.extend(right);
    c.line(&outline, c.pen(0.14, c.p.tool.steel_line));
}

/// A lead along these points.
pub(super) fn lead(c: &Canvas, points: &[Mm]) {
    c.line(points, c.pen(1.5, c.p.tool.jacket));
    c.line(points, c.pen(0.25, theme::fade(c.p.tool.steel, 0.35)));
}

/// The four wires between a lead and a connector, fanned out from `from` to the pins at `pins`.
pub(super) fn fan(c: &Canvas, from: Mm, pins: [Mm; 4], colors: [Color32; 4]) {
    for (pin, color) in pins.into_iter().zip(colors) {
        let points = bezier(
            [
                from,
                (from.0, f32::midpoint(from.1, pin.1)),
                (pin.0, f32::midpoint(from.1, pin.1)),
                pin,
            ],
            12,
        );
        c.line(&points, c.pen(0.8, c.p.tool.wire_line));
        c.line(&points, c.pen(0.5, color));
    }
}

/// Which way a plug points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Facing {
    /// Its metal is on the left.
    Left,
    /// Its metal is on the right.
    Right,
}

impl Facing {
    fn sign(self) -> f32 {
        match self {
            Self::Left => -1.0,
            Self::Right => 1.0,
        }
    }
}

/// A USB-A plug whose lead leaves at `tail`.
pub(super) fn usb_plug(c: &Canvas, tail: Mm, facing: Facing) {
    let s = facing.sign();
    let steel_line = c.pen(0.14, c.p.tool.steel_line);
    c.rect(
        (tail.0 + s * 7.4, tail.1),
        (4.2, 3.6),
        0.2,
        c.p.tool.steel,
        steel_line,
    );
    for aside in [-0.8, 0.8] {
        c.rect(
            (tail.0 + s * 7.8, tail.1 + aside),
            (0.9, 0.7),
            0.0,
            c.p.tool.steel_line,
            Stroke::NONE,
        );
    }
    c.rect(
        (tail.0 + s * 2.9, tail.1),
        (5.6, 4.8),
        0.8,
        c.p.tool.jacket,
        Stroke::new(1.0, c.p.tool.steel_line),
    );
}

/// The side of a computer with a USB port; `mouth` is where the plug's metal enters.
pub(super) fn usb_port(c: &Canvas, mouth: Mm, facing: Facing, size: Mm) {
    let s = facing.sign();
    let center = (mouth.0 + s * size.0 / 2.0, mouth.1);
    c.rect(center, size, 1.2, c.p.sunken, Stroke::new(1.2, c.p.outline));
    c.rect(
        (mouth.0 + s * 2.3, mouth.1),
        (4.6, 4.0),
        0.2,
        c.p.board.chip,
        Stroke::new(1.0, c.p.outline),
    );
}

//! Things hands hold: tweezers, a USB plug with its lead, a computer.

use egui::{Color32, Stroke, Vec2, vec2};

use super::canvas::{Canvas, Mm, bezier};

/// Tweezers with their tips on both sides of `middle`, half a gap away in `half`, coming from the direction
/// `from` (a unit vector away from the pads).
pub(super) fn tweezers(c: &Canvas, middle: Mm, half: Mm, from: Mm) {
    const LENGTH_MM: f32 = 15.0;
    let along = vec2(from.0, from.1).normalized();
    let across = vec2(half.0, half.1);
    let side = across.normalized();
    let at = |forth: f32, aside: f32| -> Mm {
        let point = vec2(middle.0, middle.1) + along * forth + side * aside;
        (point.x, point.y)
    };
    let gap = across.length();
    for sign in [1.0, -1.0] {
        let spine = bezier(
            [
                at(0.0, sign * gap),
                at(4.0, sign * (gap + 0.5)),
                at(7.0, sign * (gap + 1.5)),
                at(LENGTH_MM, sign * 0.55),
            ],
            20,
        );
        blade(c, &spine);
    }
    // Where both arms are joined.
    let neck = [
        at(12.6, 1.15),
        at(18.0, 0.9),
        at(18.0, -0.9),
        at(12.6, -1.15),
    ];
    c.convex(&neck, c.p.tool.steel, c.pen(0.12, c.p.tool.steel_line));
}

/// One arm: a strip that widens away from the tip.
fn blade(c: &Canvas, spine: &[Mm]) {
    let count = f32::from(u16::try_from(spine.len()).unwrap_or(1).saturating_sub(1)).max(1.0);
    let mut left = Vec::new();
    let mut right = Vec::new();
    let mut part = 0.0;
    let next = spine.iter().skip(1).chain(spine.last());
    let mut normal = Vec2::ZERO;
    for (here, next) in spine.iter().zip(next) {
        let step = vec2(next.0 - here.0, next.1 - here.1);
        if step.length() > 0.0 {
            normal = step.normalized().rot90();
        }
        let half = 0.16 + 0.42 * (part / count * 1.8_f32).min(1.0);
        left.push((here.0 + normal.x * half, here.1 + normal.y * half));
        right.push((here.0 - normal.x * half, here.1 - normal.y * half));
        part += 1.0;
    }
    // Quads side by side: each is convex, the outline comes after.
    let pairs = left.iter().zip(&right);
    for ((a, b), (d, e)) in pairs.clone().zip(pairs.skip(1)) {
        c.convex(
            &[*a, *d, *e, *b],
            c.p.tool.steel,
            Stroke::new(0.6, c.p.tool.steel),
        );
    }
    let mut outline = left;
    outline.extend(right.into_iter().rev());
    let points = outline.into_iter().map(|mm| c.at(mm)).collect();
    c.painter.add(egui::Shape::closed_line(
        points,
        c.pen(0.12, c.p.tool.steel_line),
    ));
}

/// A lead along these points.
pub(super) fn lead(c: &Canvas, points: &[Mm]) {
    c.line(points, c.pen(1.5, c.p.tool.jacket));
    c.line(
        points,
        c.pen(0.25, crate::ui::theme::fade(c.p.tool.steel, 0.35)),
    );
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

//! What is to be touched, enlarged beside the board.

use egui::{Align2, Stroke, StrokeKind, Ui, vec2};

use super::callout::never_label;
use super::canvas::{Canvas, Mm};
use super::motion::Tweezers;
use super::paint;
use super::part::{BoardArt, Contact, Run};
use crate::ui::theme;
use crate::ui::words::drawings::NEVER_3V3_TO_GND;

/// How much larger than the board.
const FACTOR: f32 = 3.2;
/// Width and height of the enlarged part, in millimeters of the sheet.
const PANEL_MM: Mm = (18.0, 20.0);

/// Width and height of the enlarged pads of V2 and V3.
pub(super) const PADS_MM: Mm = (12.0, 11.6);

/// Draws the frame of V2's or V3's pads around `center`, with lines to `focus`; what is drawn on the lens is seen
/// inside.
pub(super) fn pads(c: &Canvas, center: Mm, focus: Mm) -> Canvas {
    const FACTOR: f32 = 2.2;
    const FRAME_MM: f32 = 0.5;
    let sign = if center.0 > focus.0 { 1.0 } else { -1.0 };
    let near = center.0 - sign * PADS_MM.0 / 2.0;
    for up in [-1.0, 1.0] {
        let ends = [
            (focus.0 + sign * 2.0, focus.1 + up * 2.0),
            (near, center.1 + up * (PADS_MM.1 / 2.0 - 1.2)),
        ];
        c.line(&ends, Stroke::new(1.0, c.p.outline));
    }
    let line = Stroke::new(1.5, c.p.outline);
    c.rect(center, PADS_MM, 1.4, c.p.board.mask, line);
    let inner = vec2(PADS_MM.0 - 2.0 * FRAME_MM, PADS_MM.1 - 2.0 * FRAME_MM);
    let inner = egui::Rect::from_center_size(c.at(center), inner * c.len(1.0));
    c.lens(center, focus, FACTOR).within(inner)
}

/// Draws V4's four holes: which two to bridge, and which never. Around `center`,
/// with lines to the holes it shows.
pub(super) fn draw(ui: &Ui, c: &Canvas, art: &BoardArt, center: Mm, tweezers: Tweezers) {
    let (Some((boot, boot_half)), Some((column, column_half))) = (
        art.pair_mm((Contact::Bt0, Contact::V3v3)),
        art.pair_mm((Contact::V3v3, Contact::Gnd)),
    ) else {
        return;
    };
    let focus = (boot.0, column.1);
    let colors = &c.p.board;
    // Lines from the holes to the panel.
    let sign = if center.0 > focus.0 { 1.0 } else { -1.0 };
    let near = center.0 - sign * PANEL_MM.0 / 2.0;
    for (from, to) in [(-2.2, -9.0), (2.2, 9.0)] {
        let ends = [
            (focus.0 + sign * 2.3, focus.1 + from),
            (near, center.1 + to),
        ];
        c.line(&ends, Stroke::new(1.0, c.p.outline));
    }
    c.rect(
        center,
        PANEL_MM,
        1.6,
        colors.mask,
        Stroke::new(1.5, c.p.outline),
    );

    let lens = c.lens(center, focus, FACTOR);
    let silk = lens.pen(0.12, colors.silk);
    for (row, radius_mm) in [(-column_half.1.abs(), 0.0), (column_half.1.abs(), 0.7)] {
        let size = (4.0, 1.74);
        lens.rect(
            (focus.0, focus.1 + row),
            size,
            radius_mm,
            egui::Color32::TRANSPARENT,
            silk,
        );
    }
    for pad in art.pads {
        paint::draw_pad(&lens, art, pad);
        let (name, dy) = match pad.contact {
            Contact::Bt0 => ("BT0", -1.52),
            Contact::V3v3 => ("3V3", -1.52),
            Contact::Rst => ("RST", 1.52),
            Contact::Gnd => ("GND", 1.52),
            Contact::Boot0 | Contact::Reset => continue,
        };
        let at = art.mm(pad.at);
        lens.letters((at.0, at.1 + dy), 0.58, Run::Across, name, colors.silk);
    }
    target(ui, &lens, boot, boot_half, tweezers);
    never(&lens, column, column_half);
    let below = (center.0, center.1 + PANEL_MM.1 / 2.0 + 2.0);
    never_label(ui, c, below, Align2::CENTER_CENTER, NEVER_3V3_TO_GND);
}

/// The ring around the upper box, and the bridge while it is made.
fn target(ui: &Ui, lens: &Canvas, middle: Mm, half: Mm, tweezers: Tweezers) {
    let colors = &lens.p.board;
    if tweezers.touches() {
        let ends = [(middle.0 - half.0, middle.1), (middle.0 + half.0, middle.1)];
        lens.line(&ends, lens.pen(0.52, lens.p.tool.steel_line));
        lens.line(&ends, lens.pen(0.42, lens.p.tool.steel));
    }
    let size = vec2(lens.len(4.05), lens.len(1.78));
    let area = egui::Rect::from_center_size(lens.at(middle), size);
    lens.painter.rect(
        area,
        lens.radius(0.3),
        theme::fade(colors.touch, 0.12),
        Stroke::new(lens.len(0.13).max(2.5), colors.touch),
        StrokeKind::Outside,
    );
    lens.number(ui, area.left_top(), 1);
}

/// The bridge down the column, struck through.
fn never(lens: &Canvas, middle: Mm, half: Mm) {
    let red = lens.p.board.never;
    let ends = [(middle.0, middle.1 - half.1), (middle.0, middle.1 + half.1)];
    lens.line(&ends, lens.pen(0.2, red));
    lens.cross(middle, 0.95, lens.pen(0.42, lens.p.board.mask));
    lens.cross(middle, 0.95, lens.pen(0.24, red));
}

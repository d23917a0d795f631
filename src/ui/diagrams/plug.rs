//! Which way round the wires sit in the probe's plug (boards-and-firmware.md §4 "Cable and electrics"): a
//! right-angle probe has them in the opposite order.

use egui::{Align2, Color32, Response, Stroke, Ui, Vec2};

use super::canvas::{Canvas, View};
use super::picture;
use crate::ui::words::drawings::plug as w;

/// From one wire to the next, and from the middle of one plug to the middle of the other, in millimeters of the
/// sheet.
const PITCH: f32 = 8.0;
const APART: f32 = 56.0;

/// Draws both plugs side by side.
pub fn plug(ui: &mut Ui, size: Vec2) -> Response {
    picture(ui, size, w::DESCRIPTION, |ui, rect| {
        let view = View {
            min: (0.0, 0.0),
            max: (2.0 * APART, 42.0),
        };
        let c = Canvas::fit(ui, rect, view);
        let tool = &c.p.tool;
        let wires = [
            ("GND", tool.wire_gnd),
            ("D+", tool.wire_dp),
            ("D−", tool.wire_canl),
            ("5V", tool.wire_5v),
        ];
        let mut reversed = wires;
        reversed.reverse();
        one(ui, &c, APART / 2.0, wires, w::STANDARD);
        one(ui, &c, APART * 1.5, reversed, w::RIGHT_ANGLE);
        c.line(&[(APART, 3.0), (APART, 39.0)], Stroke::new(1.0, c.p.border));
    })
}

fn one(ui: &Ui, c: &Canvas, x: f32, wires: [(&str, Color32); 4], name: &str) {
    let line = c.pen(0.3, c.p.tool.steel_line);
    let mut wire_x = x - 1.5 * PITCH;
    for (label, color) in wires {
        let wire = [(wire_x, 3.0), (wire_x, 15.0)];
        c.line(&wire, c.pen(2.4, c.p.tool.wire_line));
        c.line(&wire, c.pen(1.8, color));
        c.words(ui, (wire_x, 28.0), Align2::CENTER_CENTER, label, c.p.text);
        wire_x += PITCH;
    }
    let housing = (3.6 * PITCH, 9.0);
    c.rect((x, 19.5), housing, 1.0, c.p.tool.jacket, line);
    let mut slot_x = x - 1.5 * PITCH;
    for _ in wires {
        let gold = c.p.board.gold;
        c.rect((slot_x, 20.4), (2.0, 4.6), 0.3, gold, Stroke::NONE);
        slot_x += PITCH;
    }
    c.words(ui, (x, 37.0), Align2::CENTER_CENTER, name, c.p.muted);
}

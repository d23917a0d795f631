//! After a switch to CAN: unplug, power off, wire (boards-and-firmware.md §4 "Cable and electrics").

use egui::{Align2, Color32, Response, Stroke, Ui, Vec2};

use super::callout::never_label;
use super::canvas::{Canvas, Mm, View, bezier};
use super::picture;
use super::tools::{self, Facing};
use crate::ui::words::drawings::can as w;

/// Names of the wires, from the top down.
const NAMES: [&str; 4] = ["5V", "CANL", "CANH", "GND"];

/// Draws the three steps side by side.
pub fn can_wiring(ui: &mut Ui, size: Vec2) -> Response {
    picture(ui, size, w::DESCRIPTION, |ui, rect| {
        let view = View {
            min: (0.0, 0.0),
            max: (120.0, 46.0),
        };
        let c = Canvas::fit(ui, rect, view);
        for x in [32.5, 58.5] {
            c.line(&[(x, 3.0), (x, 43.0)], Stroke::new(1.0, c.p.border));
        }
        unplug(&c);
        power_off(&c);
        wires(ui, &c);
        for (x, words) in [16.0, 45.5, 89.5].into_iter().zip(w::STEPS) {
            c.words(ui, (x, 42.0), Align2::CENTER_CENTER, words, c.p.text);
        }
    })
}

fn unplug(c: &Canvas) {
    tools::usb_port(c, (23.0, 16.0), Facing::Right, (8.0, 14.0));
    let tail = (9.6, 16.0);
    tools::lead(
        c,
        &bezier([tail, (5.0, 16.0), (4.0, 20.0), (2.0, 30.0)], 16),
    );
    tools::usb_plug(c, tail, Facing::Right);
    c.arrow((20.0, 25.6), (11.0, 25.6), 0.8, c.p.accent);
}

fn power_off(c: &Canvas) {
    let center = (45.5, 17.5);
    let pen = c.pen(1.3, c.p.text);
    c.disc(center, 22.0, c.p.sunken, Stroke::new(1.0, c.p.outline));
    let ring: Vec<_> = crate::ui::icons::arc_points(c.at(center), c.len(6.0), -0.16, 0.66);
    c.pixel_line(ring, pen);
    c.line(&[(center.0, 9.6), (center.0, 17.0)], pen);
}

fn wires(ui: &Ui, c: &Canvas) {
    let tool = &c.p.tool;
    let colors = [tool.wire_5v, tool.wire_canl, tool.wire_canh, tool.wire_gnd];
    let y = |row: f32| 5.0 + 6.0 * row;
    let line = Stroke::new(1.0, c.p.outline);
    // Probe on the left, CAN board on the right.
    block(c, (67.5, 14.0), (9.0, 26.0), w::PROBE);
    block(c, (111.0, 17.0), (10.0, 32.0), w::BOARD);
    let mut row = 0.0;
    for (name, color) in NAMES.into_iter().zip(colors) {
        wire(c, [(72.0, y(row)), (106.0, y(row))], color);
        for x in [72.6, 105.4] {
            c.rect((x, y(row)), (2.4, 3.4), 0.3, c.p.board.gold, line);
        }
        let chip = c.at((89.0, y(row)));
        let font = crate::ui::theme::font(ui, crate::ui::theme::Type::Small);
        let galley = c.painter.layout_no_wrap(name.to_owned(), font, c.p.text);
        let back = egui::Rect::from_center_size(chip, galley.size() + egui::vec2(10.0, 2.0));
        c.painter.rect(
            back,
            egui::CornerRadius::same(255),
            c.p.surface,
            Stroke::new(1.0, c.p.border),
            egui::StrokeKind::Inside,
        );
        c.painter
            .galley(chip - galley.size() / 2.0, galley, c.p.text);
        row += 1.0;
    }
    // The supply that must stay away.
    let never = y(4.0) + 1.0;
    c.rect((105.4, never), (2.4, 3.4), 0.3, c.p.board.gold, line);
    c.dashes(
        &[(104.0, never), (97.5, never)],
        c.pen(0.5, c.p.danger.strong),
        1.2,
    );
    c.cross((100.4, never), 2.6, c.pen(0.7, c.p.danger.strong));
    never_label(ui, c, (96.0, never), Align2::RIGHT_CENTER, w::NEVER_24_V);
}

fn wire(c: &Canvas, [from, to]: [Mm; 2], color: Color32) {
    let bow = 1.4;
    let points = bezier(
        [
            from,
            (from.0 + 11.0, from.1 + bow),
            (to.0 - 11.0, to.1 - bow),
            to,
        ],
        20,
    );
    c.line(&points, c.pen(1.6, c.p.tool.wire_line));
    c.line(&points, c.pen(1.1, color));
}

fn block(c: &Canvas, center: Mm, size: Mm, name: &str) {
    let board = &c.p.board;
    c.rect(center, size, 1.0, board.mask, c.pen(0.25, board.edge));
    c.letters(center, 2.0, super::part::Run::Up, name, board.silk);
}

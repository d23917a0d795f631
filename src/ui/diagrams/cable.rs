//! The lead between the probe and the computer.

use egui::{Align2, Response, Ui, Vec2};

use super::canvas::{Canvas, View, bezier};
use super::motion::play;
use super::paint::{self, Presence};
use super::picture;
use super::tools::{self, Facing};
use super::v4::V4_TOP;
use crate::ui::words::drawings::cable as w;

/// Draws the lead going into the probe and into the computer. With `time_secs` the plug goes in again and again;
/// without, it stands before the port.
pub fn cable(ui: &mut Ui, time_secs: Option<f32>, size: Vec2) -> Response {
    picture(ui, size, w::DESCRIPTION, |ui, rect| {
        let view = View {
            min: (-2.0, -13.0),
            max: (112.0, 36.0),
        };
        let c = Canvas::fit(ui, rect, view);
        let out = time_secs.map_or(0.7, |time| {
            play(
                time,
                3.2,
                &[(0.0, 1.0), (0.6, 1.0), (1.4, 0.0), (2.8, 0.0), (3.2, 1.0)],
            )
        });
        let pins = [0.424, 0.477, 0.530, 0.583].map(|x| (x * 37.97, 0.4));
        let tools = &c.p.tool;
        let fork = (19.1, -4.4);
        let port = (84.0, 20.0);
        let tail = (port.0 - 5.6 - 6.0 * out, port.1);
        let lead = bezier([fork, (19.1, -20.0), (50.0, 20.0), tail], 40);
        tools::lead(&c, &lead);
        paint::board(&c, &V4_TOP, Presence::Main);
        tools::fan(
            &c,
            fork,
            pins,
            [
                tools.wire_gnd,
                tools.wire_dp,
                tools.wire_canl,
                tools.wire_5v,
            ],
        );
        computer(&c, port);
        tools::usb_plug(&c, tail, Facing::Right);
        if out > 0.05 {
            c.arrow((port.0 - 11.0, 25.4), (port.0 - 2.4, 25.4), 0.8, c.p.accent);
        }
        c.words(ui, (19.0, 32.6), Align2::CENTER_CENTER, w::PROBE, c.p.muted);
        c.words(
            ui,
            (97.5, 32.6),
            Align2::CENTER_CENTER,
            w::COMPUTER,
            c.p.muted,
        );
    })
}

/// A laptop whose port is at `port`, on its left side.
fn computer(c: &Canvas, port: (f32, f32)) {
    let line = egui::Stroke::new(1.5, c.p.outline);
    let x = port.0;
    // Screen, then the body that carries the port.
    c.rect(
        (x + 13.5, port.1 - 13.5),
        (23.0, 19.0),
        1.4,
        c.p.sunken,
        line,
    );
    c.rect(
        (x + 13.5, port.1 - 13.5),
        (19.6, 15.6),
        0.6,
        c.p.surface,
        egui::Stroke::new(1.0, c.p.border),
    );
    let center = c.at((x + 13.5, port.1 - 13.5));
    let mark = egui::Rect::from_center_size(center, Vec2::splat(c.len(8.0)));
    crate::ui::icons::Icon::Usb.paint(&c.painter, mark, c.p.accent);
    c.rect((x + 13.5, port.1), (27.0, 8.0), 1.4, c.p.sunken, line);
    c.rect(
        (x + 2.4, port.1),
        (4.6, 3.8),
        0.2,
        c.p.board.chip,
        egui::Stroke::new(1.0, c.p.outline),
    );
}

//! Bridging BOOT0 with solder instead of tweezers, and taking it off afterwards.

use egui::{Align2, Color32, Response, Stroke, Ui, Vec2};

use super::canvas::{Canvas, Mm, View};
use super::part::Run;
use super::picture;
use crate::ui::theme;
use crate::ui::words::drawings::solder as w;

/// Draws both halves: the bridge, and the pads clean again.
pub fn solder_bridge(ui: &mut Ui, size: Vec2) -> Response {
    picture(ui, size, w::DESCRIPTION, |ui, rect| {
        let view = View {
            min: (0.0, 0.0),
            max: (56.0, 26.0),
        };
        let c = Canvas::fit(ui, rect, view);
        pads(&c, (12.0, 10.5));
        drop_of_solder(
            &c,
            (12.0, 10.5),
            c.p.board.solder,
            c.pen(0.25, c.p.tool.steel_line),
        );
        iron(&c, (14.0, 9.4));
        c.arrow((25.4, 10.5), (30.6, 10.5), 0.8, c.p.accent);
        pads(&c, (44.0, 10.5));
        drop_of_solder(
            &c,
            (44.0, 10.5),
            Color32::TRANSPARENT,
            c.pen(0.25, theme::fade(c.p.board.solder, 0.7)),
        );
        c.cross((44.0, 10.5), 3.0, c.pen(0.6, c.p.board.never));
        c.words(ui, (12.0, 23.4), Align2::CENTER_CENTER, w::BRIDGE, c.p.text);
        c.words(ui, (44.0, 23.4), Align2::CENTER_CENTER, w::REMOVE, c.p.text);
    })
}

fn pads(c: &Canvas, center: Mm) {
    let board = &c.p.board;
    c.rect(
        center,
        (22.0, 18.0),
        1.4,
        board.mask,
        c.pen(0.25, board.edge),
    );
    for dy in [-3.9, 3.9] {
        c.rect(
            (center.0, center.1 + dy),
            (7.0, 5.4),
            0.5,
            board.gold,
            Stroke::NONE,
        );
    }
    c.letters(
        (center.0 - 7.2, center.1),
        2.4,
        Run::Up,
        "BOOT0",
        board.silk,
    );
}

/// Two bellies with a waist between the pads.
fn drop_of_solder(c: &Canvas, at: Mm, fill: Color32, line: Stroke) {
    const PIECES: u8 = 48;
    let points: Vec<Mm> = (0..PIECES)
        .map(|piece| {
            let angle = std::f32::consts::TAU * f32::from(piece) / f32::from(PIECES);
            let waist = 1.0 - 0.26 * angle.cos().powi(6);
            (at.0 + 2.7 * waist * angle.cos(), at.1 + 5.6 * angle.sin())
        })
        .collect();
    c.star(at, &points, fill, line);
    if fill != Color32::TRANSPARENT {
        let shine = c.pen(0.45, c.p.board.silk);
        c.line(&[(at.0 - 1.2, at.1 - 3.4), (at.0 - 1.5, at.1 - 1.8)], shine);
    }
}

fn iron(c: &Canvas, tip: Mm) {
    let line = c.pen(0.2, c.p.tool.steel_line);
    let at = |forth: f32, aside: f32| {
        let along = Vec2::new(0.86, -0.5);
        let side = along.rot90();
        (
            tip.0 + along.x * forth + side.x * aside,
            tip.1 + along.y * forth + side.y * aside,
        )
    };
    c.convex(
        &[at(0.0, 0.25), at(4.5, 0.9), at(4.5, -0.9), at(0.0, -0.25)],
        c.p.tool.steel,
        line,
    );
    c.convex(
        &[at(4.5, 1.1), at(8.4, 1.1), at(8.4, -1.1), at(4.5, -1.1)],
        c.p.tool.steel,
        line,
    );
    c.convex(
        &[at(8.4, 1.7), at(15.0, 1.9), at(15.0, -1.9), at(8.4, -1.7)],
        c.p.tool.plastic,
        line,
    );
}

//! A printed clip that holds BOOT0 so that both hands stay free (boards-and-firmware.md §3: 24.9 × 15.9 mm, V2
//! and V3 only). The shape drawn here is our own sketch, not the part's.

use egui::{Align2, Response, Stroke, Ui, Vec2};

use super::canvas::{Canvas, View};
use super::paint::{self, Presence};
use super::picture;
use super::v2v3::V3_REAR;
use crate::ui::theme;
use crate::ui::words::drawings::clip as w;

/// Draws the board in the clip.
pub fn clip(ui: &mut Ui, size: Vec2) -> Response {
    picture(ui, size, w::DESCRIPTION, |ui, rect| {
        let view = View {
            min: (-4.0, -3.0),
            max: (44.0, 17.0),
        };
        let c = Canvas::fit(ui, rect, view);
        paint::board(&c, &V3_REAR, Presence::Main);
        let plastic = c.p.tool.plastic;
        let line = c.pen(0.2, c.p.tool.steel_line);
        // The frame, in four bars around the board.
        let bars = [
            ((-0.75, 7.4), (1.4, 16.4)),
            ((11.0, 14.75), (24.9, 1.4)),
            ((22.75, 7.4), (1.4, 16.4)),
        ];
        for (center, size) in bars {
            c.rect(center, size, 0.5, plastic, line);
        }
        // The tongue over BOOT0, seen through.
        c.rect(
            (20.2, 9.6),
            (6.4, 5.0),
            0.7,
            theme::fade(plastic, 0.55),
            c.pen(0.25, plastic),
        );
        c.rect(
            (17.78, 9.6),
            (1.1, 3.6),
            0.3,
            c.p.tool.steel,
            Stroke::new(1.0, c.p.tool.steel_line),
        );
        let from = (25.6, 9.6);
        c.line(&[from, (18.4, 9.6)], c.pen(0.25, c.p.accent));
        c.disc((18.4, 9.6), 0.7, c.p.accent, Stroke::NONE);
        c.words(ui, (26.2, 9.6), Align2::LEFT_CENTER, w::FOIL, c.p.text);
        c.line(&[(25.6, 3.0), (22.75, 3.0)], c.pen(0.25, c.p.accent));
        c.disc((22.75, 3.0), 0.7, c.p.accent, Stroke::NONE);
        c.words(ui, (26.2, 3.0), Align2::LEFT_CENTER, w::CLIP, c.p.text);
    })
}

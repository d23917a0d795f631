//! Words beside a drawing, in a shape that stands out from it.

use egui::{Align2, CornerRadius, Rect, Stroke, StrokeKind, Ui, Vec2, vec2};

use super::canvas::{Canvas, Mm};
use crate::ui::icons::Icon;
use crate::ui::theme::{self, Type, radius, space};

/// Number and words in a pill.
pub(super) fn pill(ui: &Ui, c: &Canvas, at: Mm, side: Align2, number: u8, words: &str) {
    let p = c.p;
    let number_room = theme::font(ui, Type::Small).size * 1.44 + space::XS + 2.0;
    let galley = c
        .painter
        .layout_no_wrap(words.to_owned(), theme::font(ui, Type::Small), p.text);
    let size = galley.size() + vec2(number_room + 2.0 * space::S, 10.0);
    let rect = keep_inside(side.anchor_size(c.at(at), size), c.rect);
    c.painter.rect(
        rect,
        CornerRadius::same(255),
        p.surface,
        Stroke::new(1.0, p.outline),
        StrokeKind::Inside,
    );
    let disc = rect.left_center() + vec2(space::XS + number_room / 2.0, 0.0);
    c.number(ui, disc, number);
    let text_at = rect.left_center() + vec2(space::S + number_room, -galley.size().y / 2.0);
    c.painter.galley(text_at, galley, p.text);
}

/// Red words with the sign of danger.
pub(super) fn never_label(ui: &Ui, c: &Canvas, at: Mm, side: Align2, words: &str) -> Rect {
    let colors = c.p.danger;
    let font = theme::font(ui, Type::Small);
    let icon = font.size * 1.2;
    let galley = c
        .painter
        .layout_no_wrap(words.to_owned(), font, colors.strong);
    let size = galley.size() + vec2(icon + 3.0 * space::XS + space::S, 8.0);
    let rect = keep_inside(side.anchor_size(c.at(at), size), c.rect);
    c.painter.rect(
        rect,
        CornerRadius::same(radius::M),
        colors.soft,
        Stroke::new(1.0, colors.line),
        StrokeKind::Inside,
    );
    let mark = Rect::from_center_size(
        rect.left_center() + vec2(space::S + icon / 2.0, 0.0),
        Vec2::splat(icon),
    );
    Icon::Stop.paint(&c.painter, mark, colors.strong);
    let at = rect.left_center() + vec2(space::S + icon + space::XS, -galley.size().y / 2.0);
    c.painter.galley(at, galley, colors.strong);
    rect
}

fn keep_inside(rect: Rect, room: Rect) -> Rect {
    let right = (rect.max.x - room.max.x).max(0.0);
    let left = (room.min.x - rect.min.x).max(0.0);
    rect.translate(vec2(left - right, 0.0))
}

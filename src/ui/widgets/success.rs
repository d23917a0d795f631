//! The whole window in green: it worked, seen from the corner of an eye.

use egui::{CornerRadius, Rect, Role, Sense, Stroke, Ui, Vec2, WidgetInfo, pos2, vec2};

use super::{announce, text};
use crate::ui::icons::Icon;
use crate::ui::theme::{self, Type, space};

/// Fills `rect` with green, one huge check mark, a title and a line under it. Buttons are the caller's; the
/// rectangle below the words is returned for them.
pub fn success_page(ui: &mut Ui, rect: Rect, title: &str, line: &str) -> Rect {
    let p = theme::palette(ui);
    let painter = ui.painter();
    painter.rect_filled(rect, CornerRadius::ZERO, p.celebrate);
    let width = rect.width() - 2.0 * space::XXL;
    let heading = text::bold(ui, title, Type::Display, width);
    let below = text::layout(ui, line, Type::Heading, width);
    let words = heading.size().y + space::S + below.size().y;
    let room = rect.height() - words - 4.0 * space::XXL;
    let mark = room.min(rect.width() * 0.4).clamp(72.0, 260.0);
    let total = mark + space::XL + words;
    let top = (rect.center().y - total / 2.0 - rect.height() * 0.04).max(rect.min.y + space::L);
    let center = pos2(rect.center().x, top + mark / 2.0);
    painter.circle_stroke(
        center,
        mark / 2.0 - mark * 0.02,
        Stroke::new(mark * 0.04, p.on_celebrate),
    );
    Icon::Check.paint(
        painter,
        Rect::from_center_size(center, Vec2::splat(mark * 0.62)),
        p.on_celebrate,
    );
    let at = pos2(
        rect.center().x - heading.size().x / 2.0,
        top + mark + space::XL,
    );
    text::paint(painter, at, &heading, p.on_celebrate);
    let line_at = pos2(
        rect.center().x - below.size().x / 2.0,
        at.y + heading.size().y + space::S,
    );
    text::paint(painter, line_at, &below, p.on_celebrate);
    let bottom = line_at.y + below.size().y;
    let words_rect = Rect::from_min_max(pos2(rect.min.x, at.y), pos2(rect.max.x, bottom));
    let response = ui.interact(
        words_rect,
        ui.scope_id().with("success page"),
        Sense::hover(),
    );
    response.widget_info(|| WidgetInfo::labeled(Role::Heading, true, format!("{title}. {line}")));
    announce(ui, response.id);
    Rect::from_min_max(
        pos2(rect.min.x + space::XXL, bottom + space::L),
        rect.max - vec2(space::XXL, space::L),
    )
}

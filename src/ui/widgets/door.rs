//! A row that leads elsewhere: what it is called and what is behind it.

use egui::{CornerRadius, Rect, Response, Role, Sense, Ui, Vec2, WidgetInfo, pos2, vec2};

use super::{describe, text};
use crate::ui::icons::Icon;
use crate::ui::theme::{self, Type, radius, space};

/// Draws the row, as wide as there is room; all of it can be clicked.
pub fn door(ui: &mut Ui, icon: Icon, name: &str, hint: &str) -> Response {
    let p = theme::palette(ui);
    let side = theme::icon_size(ui, Type::Heading);
    let width = ui.available_width();
    let words_width = width - 2.0 * side - 4.0 * space::M;
    let name_words = text::layout(ui, name, Type::Body, words_width);
    let hint_words = text::layout(ui, hint, Type::Small, words_width);
    let words = name_words.size().y + 1.0 + hint_words.size().y;
    let height = theme::target(ui).max(words + 2.0 * space::S - 4.0);
    let (rect, response) = ui.allocate_exact_size(vec2(width, height), Sense::click());
    let enabled = ui.is_enabled();
    let painter = ui.painter();
    if enabled && response.hovered() {
        painter.rect_filled(rect, CornerRadius::same(radius::M), p.hover);
    }
    let middle = rect.center().y;
    let mark = pos2(rect.min.x + space::S + side / 2.0, middle);
    let mark = Rect::from_center_size(mark, Vec2::splat(side));
    icon.paint(painter, mark, p.accent);
    let at = pos2(mark.max.x + space::M, middle - words / 2.0);
    text::paint(painter, at, &name_words, p.text);
    let below = at + vec2(0.0, name_words.size().y + 1.0);
    text::paint(painter, below, &hint_words, p.muted);
    let side = theme::icon_size(ui, Type::Small);
    let end = pos2(rect.max.x - space::S - side / 2.0, middle);
    let end = Rect::from_center_size(end, Vec2::splat(side));
    Icon::ChevronRight.paint(painter, end, p.muted);
    if response.has_focus() {
        theme::focus_ring(ui, rect.shrink(2.0), radius::M);
    }
    response.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, name));
    describe(ui, response.id, hint);
    response
}

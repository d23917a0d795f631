//! A badge: one or two words in a pill.

use egui::{
    CornerRadius, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, pos2, vec2,
};

use super::text;
use crate::ui::icons::Icon;
use crate::ui::theme::{self, Tone, Type, space};

/// Draws a badge.
pub fn badge(ui: &mut Ui, tone: Tone, icon: Option<Icon>, words: &str) -> Response {
    let colors = theme::palette(ui).tone(tone);
    let galley = text::layout_line(ui, words, Type::Small, ui.available_width());
    let icon_size = theme::icon_size(ui, Type::Small) - 2.0;
    let icon_width = if icon.is_some() { icon_size + 5.0 } else { 0.0 };
    let size = galley.size() + vec2(icon_width + 2.0 * (space::S + 1.0), 6.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    ui.painter().rect(
        rect,
        CornerRadius::same(255),
        colors.soft,
        Stroke::new(1.0, colors.line),
        StrokeKind::Inside,
    );
    let mut x = rect.min.x + space::S + 1.0;
    if let Some(icon) = icon {
        let at = Rect::from_min_size(
            pos2(x, rect.center().y - icon_size / 2.0),
            Vec2::splat(icon_size),
        );
        icon.paint(ui.painter(), at, colors.strong);
        x += icon_width;
    }
    let at = pos2(x, rect.center().y - galley.size().y / 2.0);
    text::paint(ui.painter(), at, &galley, colors.strong);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, words));
    response
}

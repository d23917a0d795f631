//! Details that open and close.

use egui::{CornerRadius, Rect, Role, Sense, Ui, Vec2, WidgetInfo, pos2, vec2};

use super::text;
use crate::ui::icons::Icon;
use crate::ui::theme::{self, Type, radius, space};

/// A line that opens what is under it. Whether it is open is kept per `id_salt`; it starts closed. Returns what
/// the contents returned, while open.
pub fn details<R>(
    ui: &mut Ui,
    id_salt: impl std::hash::Hash + std::fmt::Debug,
    title: &str,
    contents: impl FnOnce(&mut Ui) -> R,
) -> Option<R> {
    let p = theme::palette(ui);
    let id = ui.make_persistent_id(("details", id_salt));
    let mut open: bool = ui.data(|data| data.get_temp(id)).unwrap_or_default();
    let icon = theme::icon_size(ui, Type::Small);
    let width = ui.available_width();
    let words = text::layout(ui, title, Type::Body, width - icon - 3.0 * space::S);
    // As with a quiet button, what is left of the mark hangs out, so that it stands under the text above.
    let size = vec2(
        words.size().x + icon + 2.0 * space::S,
        theme::target(ui).max(words.size().y),
    );
    let (_, mut rect) = ui.allocate_space(size);
    rect.min.x -= space::S;
    let response = ui.interact(rect, id, Sense::click());
    if response.clicked() {
        open = !open;
        ui.data_mut(|data| data.insert_temp(id, open));
    }
    if response.hovered() {
        ui.painter()
            .rect_filled(rect, CornerRadius::same(radius::M), p.hover);
    }
    if response.has_focus() {
        theme::focus_ring(ui, rect.shrink(1.0), radius::M);
    }
    let chevron = if open {
        Icon::ChevronDown
    } else {
        Icon::ChevronRight
    };
    let at = Rect::from_min_size(
        pos2(rect.min.x + space::S, rect.center().y - icon / 2.0),
        Vec2::splat(icon),
    );
    chevron.paint(ui.painter(), at, p.accent);
    let at = pos2(at.max.x + space::S, rect.center().y - words.size().y / 2.0);
    text::paint(ui.painter(), at, &words, p.accent);
    response.widget_info(|| WidgetInfo::labeled(Role::DisclosureTriangle, ui.is_enabled(), title));
    ui.ctx()
        .accesskit_node_builder(id, |node| node.set_expanded(open));
    open.then(|| {
        ui.horizontal_top(|ui| {
            ui.add_space(icon + space::S);
            ui.vertical(|ui| {
                ui.set_width(ui.available_width());
                contents(ui)
            })
            .inner
        })
        .inner
    })
}

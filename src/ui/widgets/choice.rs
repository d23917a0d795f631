//! Choosing: one of a few words, one of a few pictures, yes or no.

use egui::{
    CornerRadius, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, pos2, vec2,
};

use super::text;
use crate::ui::icons::Icon;
use crate::ui::theme::{self, Type, radius, space};

/// What stands around a row of words, on both sides together.
const FRAME: f32 = 6.0;

/// How high [`segmented`] is where all its words stand in one row.
pub fn segmented_height(ui: &Ui) -> f32 {
    theme::target(ui) + 2.0 + FRAME
}

/// A row of words of which exactly one or none is chosen. Returns the one that was clicked.
pub fn segmented(ui: &mut Ui, name: &str, chosen: Option<usize>, words: &[&str]) -> Option<usize> {
    let p = theme::palette(ui);
    let height = segmented_height(ui) - FRAME;
    // Any of them may become the chosen one, which is bold.
    let widest = words
        .iter()
        .map(|word| {
            text::bold_line(ui, word, Type::Body, f32::INFINITY)
                .size()
                .x
        })
        .fold(0.0, f32::max);
    let mark = theme::icon_size(ui, Type::Small);
    let cell = vec2(widest + mark + 2.0 * space::L + space::XS, height);
    // Large text may need more rows than one.
    let room = ((ui.available_width() - FRAME) / cell.x).floor().max(1.0);
    let columns = room.min(f32::from(u16::try_from(words.len()).unwrap_or(u16::MAX)));
    let rows = (words.len() as f32 / columns).ceil();
    let inner = vec2(cell.x * columns, cell.y * rows);
    let (id, area) = ui.allocate_space(inner + Vec2::splat(FRAME));
    ui.painter().rect(
        area,
        CornerRadius::same(radius::M + 2),
        p.sunken,
        Stroke::new(1.0, p.outline),
        StrokeKind::Inside,
    );
    let mut clicked = None;
    let mut at = area.min + Vec2::splat(3.0);
    for (index, word) in words.iter().enumerate() {
        if at.x + cell.x > area.max.x {
            at = pos2(area.min.x + 3.0, at.y + cell.y);
        }
        let rect = Rect::from_min_size(at, cell);
        at.x += cell.x;
        let selected = chosen == Some(index);
        let galley = if selected {
            text::bold_line(ui, word, Type::Body, f32::INFINITY)
        } else {
            text::layout_line(ui, word, Type::Body, f32::INFINITY)
        };
        let response = ui.interact(rect, id.with(index), Sense::click());
        let painter = ui.painter();
        let corner = CornerRadius::same(radius::M);
        if selected {
            painter.rect(
                rect,
                corner,
                p.surface,
                Stroke::new(1.5, p.accent),
                StrokeKind::Inside,
            );
        } else if response.hovered() && ui.is_enabled() {
            painter.rect_filled(rect, corner, p.hover);
        }
        let color = match (ui.is_enabled(), selected) {
            (false, _) => p.disabled_text,
            (true, true) => p.accent,
            (true, false) => p.text,
        };
        let total = galley.size().x + if selected { mark + space::XS } else { 0.0 };
        let mut left = rect.center().x - total / 2.0;
        if selected {
            let at =
                Rect::from_min_size(pos2(left, rect.center().y - mark / 2.0), Vec2::splat(mark));
            Icon::Check.paint(painter, at, color);
            left += mark + space::XS;
        }
        let at = pos2(left, rect.center().y - galley.size().y / 2.0);
        text::paint(painter, at, &galley, color);
        if response.has_focus() {
            theme::focus_ring(ui, rect.shrink(1.0), radius::M);
        }
        response.widget_info(|| {
            WidgetInfo::selected(Role::RadioButton, ui.is_enabled(), selected, *word)
        });
        super::describe(ui, response.id, name);
        if response.clicked() {
            clicked = Some(index);
        }
    }
    clicked
}

/// A card with a picture: a click chooses it and goes on.
#[must_use = "call show"]
#[derive(Debug, Clone, Copy)]
pub struct PictureChoice<'a> {
    title: &'a str,
    hint: &'a str,
}

impl<'a> PictureChoice<'a> {
    /// A choice with this title and a line under it.
    pub fn new(title: &'a str, hint: &'a str) -> Self {
        Self { title, hint }
    }

    /// Draws the card at this size; `picture` draws into the rectangle it is given.
    pub fn show(self, ui: &mut Ui, size: Vec2, picture: impl FnOnce(&mut Ui, Rect)) -> Response {
        let p = theme::palette(ui);
        let inner = (size.x - 2.0 * space::M).max(20.0);
        let title = text::bold(ui, self.title, Type::Body, inner - 24.0);
        let hint = text::layout(ui, self.hint, Type::Small, inner);
        let words = title.size().y + 2.0 + hint.size().y;
        let height = size.y.max(words + 60.0);
        let (rect, response) = ui.allocate_exact_size(vec2(size.x, height), Sense::click());
        let enabled = ui.is_enabled();
        let fill = if enabled && response.hovered() {
            p.hover
        } else {
            p.surface
        };
        ui.painter().rect(
            rect,
            CornerRadius::same(radius::L),
            fill,
            Stroke::new(1.0, p.outline),
            StrokeKind::Inside,
        );
        let image = Rect::from_min_max(
            rect.min + Vec2::splat(space::M),
            pos2(
                rect.max.x - space::M,
                rect.max.y - space::M - words - space::S,
            ),
        );
        picture(ui, image);
        let at = pos2(rect.min.x + space::M, rect.max.y - space::M - words);
        let painter = ui.painter();
        text::paint(painter, at, &title, p.text);
        let below = at + vec2(0.0, title.size().y + 2.0);
        text::paint(painter, below, &hint, p.muted);
        let side = theme::icon_size(ui, Type::Body);
        let mark = pos2(
            rect.max.x - space::M - side / 2.0,
            at.y + title.size().y / 2.0,
        );
        let mark = Rect::from_center_size(mark, Vec2::splat(side));
        Icon::ChevronRight.paint(painter, mark, p.accent);
        if response.has_focus() {
            theme::focus_ring(ui, rect, radius::L);
        }
        response.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, self.title));
        super::describe(ui, response.id, self.hint);
        response
    }
}

/// The side of a box, and the words beside it.
fn box_and_words(ui: &Ui, label: &str) -> (f32, text::Words) {
    let side = (20.0 * theme::text_scale(ui.ctx())).round();
    let width = ui.available_width() - side - 2.0 * space::S;
    (side, text::layout(ui, label, Type::Body, width))
}

/// The room over the words of a box, which is higher than they are so that it can be hit.
pub fn check_box_room(ui: &Ui, label: &str) -> f32 {
    let (_, words) = box_and_words(ui, label);
    ((theme::target(ui) - words.size().y) / 2.0).max(0.0)
}

/// A box to check, with words that are part of the target. Returns true when it was changed.
pub fn check_box(ui: &mut Ui, checked: &mut bool, label: &str) -> bool {
    let p = theme::palette(ui);
    let (side, words) = box_and_words(ui, label);
    let size = vec2(
        side + space::S + words.size().x + space::XS,
        theme::target(ui).max(words.size().y),
    );
    let (rect, mut response) = ui.allocate_exact_size(size, Sense::click());
    if response.clicked() {
        *checked = !*checked;
        response.mark_changed();
    }
    let enabled = ui.is_enabled();
    let square = Rect::from_center_size(
        pos2(rect.min.x + side / 2.0, rect.center().y),
        Vec2::splat(side - 2.0),
    );
    let (fill, line) = match (enabled, *checked) {
        (true, true) => (p.accent_fill, p.accent_fill),
        (true, false) if response.hovered() => (p.hover, p.outline),
        (true, false) => (p.surface, p.outline),
        (false, _) => (p.disabled_fill, p.outline),
    };
    ui.painter().rect(
        square,
        CornerRadius::same(radius::S),
        fill,
        Stroke::new(1.0, line),
        StrokeKind::Inside,
    );
    if *checked {
        let color = if enabled {
            p.on_accent
        } else {
            p.disabled_text
        };
        Icon::Check.paint(ui.painter(), square.shrink(2.5), color);
    }
    let color = if enabled { p.text } else { p.disabled_text };
    let at = pos2(
        rect.min.x + side + space::S,
        rect.center().y - words.size().y / 2.0,
    );
    text::paint(ui.painter(), at, &words, color);
    if response.has_focus() {
        theme::focus_ring(ui, rect.expand2(vec2(2.0, -2.0)), radius::S);
    }
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, enabled, *checked, label));
    response.changed()
}

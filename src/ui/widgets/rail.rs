//! One step of the rail on the left.

use egui::{CornerRadius, Rect, Response, Role, Sense, Stroke, Ui, Vec2, WidgetInfo, pos2, vec2};

use super::text;
use crate::ui::icons::Icon;
use crate::ui::theme::{self, Type, radius, space};
use crate::ui::words::widgets as w;

/// Where a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepState {
    /// Not reached.
    Todo,
    /// On the page now.
    Current,
    /// On the page now, and nothing is left to do.
    Reached,
    /// Done; clicking goes back to it.
    Done,
    /// Done, but cannot be gone back to now.
    Locked,
    /// Begun and not finished; cannot be gone back to.
    Missed,
}

/// A step: its number or check mark, its title and what was chosen in it.
#[must_use = "call show"]
#[derive(Debug, Clone, Copy)]
pub struct StepItem<'a> {
    /// From 1.
    pub number: u8,
    /// One word.
    pub title: &'a str,
    /// What was chosen, if anything.
    pub chosen: Option<&'a str>,
    /// Where it is.
    pub state: StepState,
}

impl StepItem<'_> {
    /// Draws the step, as wide as there is room. Only a done step can be clicked.
    pub fn show(self, ui: &mut Ui) -> Response {
        let p = theme::palette(ui);
        let mark = (28.0 * theme::text_scale(ui.ctx())).round();
        let left = space::M + mark + space::M;
        let width = ui.available_width();
        let words = (width - left - space::S).max(40.0);
        let here = matches!(self.state, StepState::Current | StepState::Reached);
        let title = if here {
            text::bold_line(ui, self.title, Type::Body, words)
        } else {
            text::layout_line(ui, self.title, Type::Body, words)
        };
        let chosen = self
            .chosen
            .map(|chosen| text::layout_line(ui, chosen, Type::Small, words));
        let words_height = title.size().y + chosen.as_ref().map_or(0.0, |line| line.size().y + 1.0);
        let height = (words_height + 2.0 * space::S).max(mark + 2.0 * space::S);
        let clickable = self.state == StepState::Done && ui.is_enabled();
        let sense = if clickable {
            Sense::click()
        } else {
            Sense::hover()
        };
        let (rect, response) = ui.allocate_exact_size(vec2(width, height), sense);

        let painter = ui.painter();
        let corner = CornerRadius::same(radius::M);
        if here {
            painter.rect_filled(rect, corner, p.accent_soft);
            let bar =
                Rect::from_min_size(rect.min + vec2(0.0, 8.0), vec2(3.0, rect.height() - 16.0));
            painter.rect_filled(bar, CornerRadius::same(2), p.accent);
        } else if clickable && response.hovered() {
            painter.rect_filled(rect, corner, p.hover);
        }
        let center = pos2(rect.min.x + space::M + mark / 2.0, rect.center().y);
        let radius_points = mark / 2.0 - 1.0;
        let (text_color, chosen_color) = match self.state {
            StepState::Todo => (p.muted, p.muted),
            _ => (p.text, p.muted),
        };
        match self.state {
            StepState::Reached | StepState::Done | StepState::Locked => {
                painter.circle(
                    center,
                    radius_points,
                    p.success.soft,
                    Stroke::new(1.5, p.success.strong),
                );
                let at = Rect::from_center_size(center, Vec2::splat(mark * 0.56));
                Icon::Check.paint(painter, at, p.success.strong);
            }
            StepState::Missed => {
                let line = Stroke::new(1.5, p.warning.strong);
                painter.circle(center, radius_points, p.warning.soft, line);
                let at = Rect::from_center_size(center, Vec2::splat(mark * 0.5));
                Icon::Cross.paint(painter, at, p.warning.strong);
            }
            StepState::Current => {
                painter.circle_filled(center, radius_points, p.accent_fill);
                self.number_mark(ui, center, p.on_accent);
            }
            StepState::Todo => {
                painter.circle_stroke(center, radius_points, Stroke::new(1.0, p.outline));
                self.number_mark(ui, center, p.muted);
            }
        }
        let at = pos2(rect.min.x + left, rect.center().y - words_height / 2.0);
        text::paint(painter, at, &title, text_color);
        if let Some(line) = chosen {
            text::paint(
                painter,
                at + vec2(0.0, title.size().y + 1.0),
                &line,
                chosen_color,
            );
        }
        if response.has_focus() {
            theme::focus_ring(ui, rect.shrink(2.0), radius::M);
        }
        response.widget_info(|| {
            let selected = here;
            WidgetInfo::selected(
                Role::Tab,
                clickable || selected,
                selected,
                w::rail_step(self),
            )
        });
        response
    }

    fn number_mark(self, ui: &Ui, center: egui::Pos2, color: egui::Color32) {
        let number = text::bold_line(ui, &self.number.to_string(), Type::Body, 40.0);
        text::paint(ui.painter(), center - number.size() / 2.0, &number, color);
    }
}

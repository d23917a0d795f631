//! A progress bar that moves only when it is told to.

use egui::{CornerRadius, Rect, Response, Role, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::announce;
use crate::ui::theme::{self, Tone};

/// A bar.
#[must_use = "call show"]
#[derive(Debug, Clone, Copy)]
pub struct Progress<'a> {
    name: &'a str,
    fraction: Option<f32>,
    height: f32,
    tone: Tone,
}

impl<'a> Progress<'a> {
    /// A bar of what is called `name`. Without a fraction it is a wait: hatched, and still.
    pub fn new(name: &'a str, fraction: Option<f32>) -> Self {
        Self {
            name,
            fraction: fraction.map(|part| {
                if part.is_finite() {
                    part.clamp(0.0, 1.0)
                } else {
                    0.0
                }
            }),
            height: 6.0,
            tone: Tone::Neutral,
        }
    }

    /// The one bar of a page.
    pub fn big(mut self) -> Self {
        self.height = 16.0;
        self
    }

    /// Filled in a tone's color instead of the accent.
    pub fn tone(mut self, tone: Tone) -> Self {
        self.tone = tone;
        self
    }

    /// Draws the bar, as wide as there is room.
    pub fn show(self, ui: &mut Ui) -> Response {
        let size = vec2(ui.available_width(), self.height);
        let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
        self.paint(ui, rect);
        let percent = self.fraction.map(|part| f64::from(part * 100.0).round());
        response.widget_info(|| {
            let mut info = WidgetInfo::labeled(Role::ProgressIndicator, true, self.name);
            info.value = percent;
            info
        });
        ui.ctx().accesskit_node_builder(response.id, |node| {
            node.set_min_numeric_value(0.0);
            node.set_max_numeric_value(100.0);
        });
        announce(ui, response.id);
        response
    }

    /// Draws the bar into `rect` and tells nobody.
    pub(super) fn paint(self, ui: &Ui, rect: Rect) {
        let p = theme::palette(ui);
        let corner = CornerRadius::same(if self.height > 10.0 { 6 } else { 3 });
        let color = match self.tone {
            Tone::Neutral => p.accent,
            tone => p.tone(tone).strong,
        };
        let track = if p.dark { p.hover } else { p.sunken };
        let painter = ui.painter();
        painter.rect(
            rect,
            corner,
            track,
            Stroke::new(1.0, p.border),
            egui::StrokeKind::Inside,
        );
        match self.fraction {
            Some(part) if part > 0.0 => {
                let width = (rect.width() * part).max(rect.height());
                let fill =
                    Rect::from_min_size(rect.min, vec2(width.min(rect.width()), rect.height()));
                painter.rect_filled(fill, corner, color);
            }
            Some(_) => {}
            None => hatch(ui, rect, theme::fade(color, 0.55)),
        }
    }
}

fn hatch(ui: &Ui, rect: Rect, color: egui::Color32) {
    let painter = ui
        .painter()
        .with_clip_rect(rect.shrink(1.0).intersect(ui.clip_rect()));
    let step = 12.0;
    let mut x = rect.min.x - rect.height();
    // At most a few hundred strokes even on a very wide window.
    while x < rect.max.x {
        let from = pos2(x, rect.max.y);
        let to = pos2(x + rect.height(), rect.min.y);
        painter.add(Shape::line_segment([from, to], Stroke::new(3.5, color)));
        x += step;
    }
}

//! A card: a surface with an outline that holds things together.

use egui::{CornerRadius, Frame, InnerResponse, Margin, Stroke, Ui};

use crate::ui::theme::{self, Tone, radius};

/// A card around other parts.
#[must_use = "call show"]
#[derive(Debug, Clone, Copy, Default)]
pub struct Card {
    tone: Tone,
    selected: bool,
    tight: bool,
}

impl Card {
    /// A plain card.
    pub fn new() -> Self {
        Self::default()
    }

    /// Filled with the tone's quiet color.
    pub fn tone(mut self, tone: Tone) -> Self {
        self.tone = tone;
        self
    }

    /// Drawn as the chosen one of several.
    pub fn selected(mut self, selected: bool) -> Self {
        self.selected = selected;
        self
    }

    /// With less space inside.
    pub fn tight(mut self) -> Self {
        self.tight = true;
        self
    }

    /// Draws the card, as wide as there is room, and what is in it.
    pub fn show<R>(self, ui: &mut Ui, contents: impl FnOnce(&mut Ui) -> R) -> InnerResponse<R> {
        let p = theme::palette(ui);
        let (fill, line) = match (self.selected, self.tone) {
            (true, _) => (p.surface, Stroke::new(2.0, p.accent)),
            (false, Tone::Neutral) => (p.surface, Stroke::new(1.0, p.border)),
            (false, tone) => (p.tone(tone).soft, Stroke::new(1.0, p.tone(tone).line)),
        };
        // The outline of a chosen card is thicker by this: what is in it stays where it was.
        let thicker = i8::from(self.selected);
        let margin = if self.tight { 10 } else { 16 } - thicker;
        Frame::new()
            .fill(fill)
            .stroke(line)
            .corner_radius(CornerRadius::same(radius::L))
            .inner_margin(Margin::same(margin))
            .show(ui, |ui| {
                ui.set_min_width(ui.available_width());
                contents(ui)
            })
    }
}

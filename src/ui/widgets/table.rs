//! Rows of a list of which one can be chosen: firmware versions, probes on the bus.

use egui::{
    Color32, CornerRadius, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2,
    vec2,
};

use super::text;
use crate::ui::icons::Icon;
use crate::ui::theme::{self, Tone, Type, radius, space};

/// One cell: words, perhaps with an icon, in a part of the width.
#[derive(Debug, Clone, Copy)]
pub struct Cell<'a> {
    /// What it says.
    pub words: &'a str,
    /// An icon before it.
    pub icon: Option<Icon>,
    /// Its tone.
    pub tone: Tone,
    /// Its share of the width.
    pub share: f32,
}

impl<'a> Cell<'a> {
    /// A plain cell that takes this share of the width.
    pub fn new(words: &'a str, share: f32) -> Self {
        Self {
            words,
            icon: None,
            tone: Tone::Neutral,
            share,
        }
    }

    /// With an icon in the color of a tone.
    #[must_use]
    pub fn mark(mut self, icon: Icon, tone: Tone) -> Self {
        self.icon = Some(icon);
        self.tone = tone;
        self
    }
}

/// Room left of the cells for the round mark.
const MARK: f32 = 36.0;

/// Draws the names of the columns over rows with the same shares.
pub fn list_header(ui: &mut Ui, cells: &[Cell<'_>]) {
    let p = theme::palette(ui);
    let height = theme::font(ui, Type::Small).size * 1.9;
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    for (cell, area) in cells.iter().zip(columns(rect, cells)) {
        let line = text::layout_line(ui, cell.words, Type::Small, area.width() - space::S);
        let at = pos2(area.min.x, area.center().y - line.size().y / 2.0);
        text::paint(ui.painter(), at, &line, p.muted);
    }
    ui.painter()
        .hline(rect.x_range(), rect.max.y, Stroke::new(1.0, p.border));
}

/// A row that can be chosen.
#[must_use = "call show"]
#[derive(Debug, Clone, Copy)]
pub struct ListRow<'a> {
    cells: &'a [Cell<'a>],
    selected: bool,
    usable: Result<(), &'a str>,
    says_why: bool,
}

impl<'a> ListRow<'a> {
    /// A row of these cells.
    pub fn new(cells: &'a [Cell<'a>]) -> Self {
        Self {
            cells,
            selected: false,
            usable: Ok(()),
            says_why: false,
        }
    }

    /// One of its cells says why it cannot be chosen: nothing is written under them.
    pub fn says_why(mut self, says_why: bool) -> Self {
        self.says_why = says_why;
        self
    }

    /// Drawn as chosen.
    pub fn selected(mut self, selected: bool) -> Self {
        self.selected = selected;
        self
    }

    /// Can be chosen, or the reason why not, which is written under the cells.
    pub fn enabled_or(mut self, usable: Result<(), &'a str>) -> Self {
        self.usable = usable;
        self
    }

    /// Draws the row, as wide as there is room.
    pub fn show(self, ui: &mut Ui) -> Response {
        let p = theme::palette(ui);
        let width = ui.available_width();
        let reason = self.usable.err().map(|reason| {
            (
                reason,
                text::layout(ui, reason, Type::Small, width - MARK - space::M),
            )
        });
        let line_height = theme::target(ui) + 4.0;
        let below = reason.as_ref().filter(|_| !self.says_why);
        let height = line_height + below.map_or(0.0, |(_, galley)| galley.size().y + space::XS);
        let usable = ui.is_enabled() && self.usable.is_ok();
        let sense = if usable {
            Sense::click()
        } else {
            Sense::hover()
        };
        let (rect, response) = ui.allocate_exact_size(vec2(width, height), sense);
        let corner = CornerRadius::same(radius::M);
        if self.selected {
            ui.painter().rect(
                rect,
                corner,
                p.accent_soft,
                Stroke::new(1.0, p.accent),
                StrokeKind::Inside,
            );
        } else if usable && response.hovered() {
            ui.painter().rect_filled(rect, corner, p.hover);
        }
        let line = Rect::from_min_size(rect.min, vec2(width, line_height));
        let mark = pos2(rect.min.x + MARK / 2.0, line.center().y);
        if self.selected {
            ui.painter()
                .circle_stroke(mark, 8.0, Stroke::new(2.0, p.accent));
            ui.painter().circle_filled(mark, 4.0, p.accent);
        } else {
            let color = if usable { p.outline } else { p.border };
            ui.painter()
                .circle_stroke(mark, 8.0, Stroke::new(1.0, color));
        }
        for (index, (cell, area)) in self.cells.iter().zip(columns(line, self.cells)).enumerate() {
            let color = match (usable, index) {
                (false, _) => p.disabled_text,
                (true, 0) => p.text,
                (true, _) => p.muted,
            };
            paint_cell(ui, cell, area, color, index == 0);
        }
        if let Some((_, galley)) = below {
            let at = pos2(rect.min.x + MARK, line.max.y - space::XS);
            text::paint(ui.painter(), at, galley, p.muted);
        }
        if response.has_focus() {
            theme::focus_ring(ui, rect.shrink(3.0), radius::M);
        }
        response.widget_info(|| {
            let words: Vec<&str> = self
                .cells
                .iter()
                .map(|cell| cell.words)
                .filter(|words| !words.is_empty())
                .collect();
            WidgetInfo::selected(Role::RadioButton, usable, self.selected, words.join(", "))
        });
        if let Some((reason, _)) = reason {
            super::describe(ui, response.id, reason);
        }
        response
    }
}

fn paint_cell(ui: &Ui, cell: &Cell<'_>, area: Rect, color: Color32, first: bool) {
    let p = theme::palette(ui);
    let mut x = area.min.x;
    if let Some(icon) = cell.icon {
        let size = theme::icon_size(ui, Type::Small);
        let at = Rect::from_min_size(
            pos2(x, area.center().y - size / 2.0),
            egui::Vec2::splat(size),
        );
        icon.paint(ui.painter(), at, p.tone(cell.tone).strong);
        x += size + space::XS + 2.0;
    }
    let room = area.max.x - x - space::S;
    let line = if first {
        text::bold_line(ui, cell.words, Type::Body, room)
    } else {
        text::layout_line(ui, cell.words, Type::Body, room)
    };
    let at = pos2(x, area.center().y - line.size().y / 2.0);
    text::paint(ui.painter(), at, &line, color);
}

fn columns<'a>(rect: Rect, cells: &'a [Cell<'a>]) -> impl Iterator<Item = Rect> + 'a {
    let total: f32 = cells.iter().map(|cell| cell.share.max(0.0)).sum();
    let width = rect.width() - MARK - space::M;
    let mut x = rect.min.x + MARK;
    cells.iter().map(move |cell| {
        let part = width * cell.share.max(0.0) / total.max(f32::EPSILON);
        let area = Rect::from_min_size(pos2(x, rect.min.y), vec2(part, rect.height()));
        x += part;
        area
    })
}

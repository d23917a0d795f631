//! Buttons. A button that cannot be used says why, under it.

use egui::{
    Align, Color32, CornerRadius, Id, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, Vec2,
    WidgetInfo, pos2, vec2,
};

use super::{describe, text};
use crate::ui::icons::Icon;
use crate::ui::theme::{self, Palette, Type, radius, space};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Primary,
    Secondary,
    Ghost,
    Danger,
}

/// A button with words, perhaps with an icon before them.
#[must_use = "call show"]
pub struct Button<'a> {
    label: &'a str,
    kind: Kind,
    icon: Option<Icon>,
    usable: Result<(), &'a str>,
    min_width: f32,
    large: bool,
    align: Align,
    focus: Option<Color32>,
}

impl<'a> Button<'a> {
    /// The one button of a page that goes on.
    pub fn primary(label: &'a str) -> Self {
        Self::new(label, Kind::Primary)
    }

    /// Another way.
    pub fn secondary(label: &'a str) -> Self {
        Self::new(label, Kind::Secondary)
    }

    /// A quiet button without outline; reads like a link.
    pub fn ghost(label: &'a str) -> Self {
        Self::new(label, Kind::Ghost)
    }

    /// Does what cannot be undone.
    pub fn danger(label: &'a str) -> Self {
        Self::new(label, Kind::Danger)
    }

    fn new(label: &'a str, kind: Kind) -> Self {
        Self {
            label,
            kind,
            icon: None,
            usable: Ok(()),
            min_width: 0.0,
            large: false,
            align: Align::Min,
            focus: None,
        }
    }

    /// An icon before the words.
    pub fn icon(mut self, icon: Icon) -> Self {
        self.icon = Some(icon);
        self
    }

    /// Usable, or the reason why not, which is written under the button; an empty one stands elsewhere on the page.
    pub fn enabled_or(mut self, usable: Result<(), &'a str>) -> Self {
        self.usable = usable;
        self
    }

    /// At least this wide.
    pub fn min_width(mut self, points: f32) -> Self {
        self.min_width = points;
        self
    }

    /// Taller: for the bottom bar.
    pub fn large(mut self) -> Self {
        self.large = true;
        self
    }

    /// The color of the keyboard's focus, where the theme's own would not stand out.
    pub fn focus_color(mut self, color: Color32) -> Self {
        self.focus = Some(color);
        self
    }

    /// Where the button stands over a wider reason: left, middle or right.
    pub fn align(mut self, align: Align) -> Self {
        self.align = align;
        self
    }

    /// Draws the button; `clicked()` of the answer is false while it cannot be used.
    pub fn show(self, ui: &mut Ui) -> Response {
        let p = theme::palette(ui);
        let words = if matches!(self.kind, Kind::Primary | Kind::Danger) {
            text::bold_line(ui, self.label, Type::Body, f32::INFINITY)
        } else {
            text::layout_line(ui, self.label, Type::Body, f32::INFINITY)
        };
        let icon = self
            .icon
            .map(|icon| (icon, theme::icon_size(ui, Type::Body)));
        let icon_width = icon.map_or(0.0, |(_, size)| size + space::S);
        // What is left of a quiet button's words hangs out of its place, so that they stand under the text above.
        let (padding, hang) = if self.kind == Kind::Ghost {
            (space::S, space::S)
        } else {
            (space::L, 0.0)
        };
        let height = theme::target(ui) + if self.large { 8.0 } else { 2.0 };
        let button_size = vec2(
            (words.size().x + icon_width + 2.0 * padding).max(self.min_width),
            height.max(words.size().y + space::S),
        );
        let reason = self.usable.err().filter(|reason| !reason.is_empty());
        let reason = reason.map(|reason| {
            let width = ui.available_width().min(button_size.x.max(300.0));
            (reason, text::layout(ui, reason, Type::Small, width))
        });
        let place = button_size - vec2(hang, 0.0);
        let total = reason.as_ref().map_or(place, |(_, galley)| {
            vec2(
                place.x.max(galley.size().x),
                place.y + space::XS + galley.size().y,
            )
        });
        let (id, area) = ui.allocate_space(total);
        let row = Rect::from_min_size(area.min, vec2(area.width(), button_size.y));
        let mut rect = aligned(row, place, self.align);
        rect.min.x -= hang;
        let usable = ui.is_enabled() && self.usable.is_ok();
        let sense = if usable {
            Sense::click()
        } else {
            Sense::hover()
        };
        let response = ui.interact(rect, id, sense);

        let look = look(p, self.kind, usable, &response);
        ui.painter().rect(
            rect,
            CornerRadius::same(radius::M),
            look.fill,
            Stroke::new(1.0, look.line),
            StrokeKind::Inside,
        );
        if usable && response.has_focus() {
            let color = self.focus.unwrap_or(p.focus);
            theme::focus_ring_in(ui, rect, radius::M, color);
        }
        let content_width = icon_width + words.size().x;
        let mut x = rect.center().x - content_width / 2.0;
        if let Some((icon, size)) = icon {
            let at = Rect::from_min_size(pos2(x, rect.center().y - size / 2.0), Vec2::splat(size));
            icon.paint(ui.painter(), at, look.text);
            x += icon_width;
        }
        let at = pos2(x, rect.center().y - words.size().y / 2.0);
        text::paint(ui.painter(), at, &words, look.text);

        response.widget_info(|| WidgetInfo::labeled(Role::Button, usable, self.label));
        if let Some((reason, galley)) = reason {
            let below = Rect::from_min_max(pos2(area.min.x, row.max.y + space::XS), area.max);
            let at = aligned(below, galley.size(), self.align);
            text::paint(ui.painter(), at.min, &galley, p.muted);
            describe(ui, id, reason);
            ui.interact(at, id.with("reason"), Sense::hover())
                .widget_info(|| WidgetInfo::labeled(Role::Label, true, reason));
        }
        response
    }
}

/// A square button with an icon and no words; its name is for screen readers and the tooltip.
#[must_use = "call show"]
pub struct IconButton<'a> {
    icon: Icon,
    name: &'a str,
    hint: Option<&'a str>,
    id: Option<Id>,
}

impl<'a> IconButton<'a> {
    /// A button of this icon that is called `name`.
    pub fn new(icon: Icon, name: &'a str) -> Self {
        Self {
            icon,
            name,
            hint: None,
            id: None,
        }
    }

    /// The key that does the same, for the tooltip.
    pub fn hint(mut self, hint: Option<&'a str>) -> Self {
        self.hint = hint;
        self
    }

    /// Draws the button.
    pub fn show(self, ui: &mut Ui) -> Response {
        let (auto, rect) = ui.allocate_space(Vec2::splat(theme::target(ui)));
        let usable = ui.is_enabled();
        let response = ui.interact(rect, self.id.unwrap_or(auto), Sense::click());
        let look = look(theme::palette(ui), Kind::Ghost, usable, &response);
        ui.painter()
            .rect_filled(rect, CornerRadius::same(radius::M), look.fill);
        if response.has_focus() {
            theme::focus_ring(ui, rect, radius::M);
        }
        let size = theme::icon_size(ui, Type::Body);
        let at = Rect::from_center_size(rect.center(), Vec2::splat(size));
        self.icon.paint(ui.painter(), at, look.text);
        response.widget_info(|| WidgetInfo::labeled(Role::Button, usable, self.name));
        response.on_hover_ui(|ui| {
            ui.label(self.name);
            if let Some(hint) = self.hint {
                ui.weak(hint);
            }
        })
    }
}

struct Look {
    fill: Color32,
    line: Color32,
    text: Color32,
}

fn look(p: &Palette, kind: Kind, usable: bool, response: &Response) -> Look {
    let pressed = response.is_pointer_button_down_on();
    let hovered = response.hovered();
    let none = Color32::TRANSPARENT;
    if !usable {
        return match kind {
            Kind::Ghost => Look {
                fill: none,
                line: none,
                text: p.disabled_text,
            },
            _ => Look {
                fill: p.disabled_fill,
                line: p.border,
                text: p.disabled_text,
            },
        };
    }
    match kind {
        Kind::Primary => {
            let fill = match (pressed, hovered) {
                (true, _) => p.accent_press,
                (false, true) => p.accent_hover,
                (false, false) => p.accent_fill,
            };
            Look {
                fill,
                line: fill,
                text: p.on_accent,
            }
        }
        Kind::Danger => Look {
            fill: p.danger_fill,
            line: if hovered || pressed {
                p.text
            } else {
                p.danger_fill
            },
            text: p.on_danger,
        },
        Kind::Secondary => Look {
            fill: if hovered || pressed {
                p.hover
            } else {
                p.surface
            },
            line: p.outline,
            text: p.text,
        },
        Kind::Ghost => Look {
            fill: if hovered || pressed { p.hover } else { none },
            line: none,
            text: p.accent,
        },
    }
}

fn aligned(area: Rect, size: Vec2, align: Align) -> Rect {
    let x = match align {
        Align::Min => area.min.x,
        Align::Center => area.center().x - size.x / 2.0,
        Align::Max => area.max.x - size.x,
    };
    Rect::from_min_size(pos2(x, area.min.y), size)
}

//! A notice: something happened or should be known. It stays on the page; it is never a pop-up.

use egui::{CornerRadius, Frame, Margin, Response, Role, Stroke, Ui, WidgetInfo, vec2};

use super::{IconButton, announce, text};
use crate::ui::icons::Icon;
use crate::ui::theme::{self, Tone, Type, radius, space};
use crate::ui::words::widgets as w;

/// An icon, a title, perhaps a body and buttons.
#[must_use = "call show or show_with"]
#[derive(Debug, Clone, Copy)]
pub struct Notice<'a> {
    tone: Tone,
    title: &'a str,
    body: &'a str,
    icon: Option<Icon>,
    dismissable: bool,
}

/// What was done to a notice.
#[derive(Debug)]
pub struct NoticeResponse<R> {
    /// What the contents returned.
    pub inner: R,
    /// It was told to go.
    pub dismissed: bool,
    /// The whole notice.
    pub response: Response,
}

impl<'a> Notice<'a> {
    /// A notice of this tone with this title.
    pub fn new(tone: Tone, title: &'a str) -> Self {
        Self {
            tone,
            title,
            body: "",
            icon: None,
            dismissable: false,
        }
    }

    /// Sentences under the title.
    pub fn body(mut self, body: &'a str) -> Self {
        self.body = body;
        self
    }

    /// Another icon than the tone's.
    pub fn icon(mut self, icon: Icon) -> Self {
        self.icon = Some(icon);
        self
    }

    /// With a cross to send it away.
    pub fn dismissable(mut self) -> Self {
        self.dismissable = true;
        self
    }

    /// Draws the notice.
    pub fn show(self, ui: &mut Ui) -> NoticeResponse<()> {
        self.show_with(ui, |_| ())
    }

    /// Draws the notice with more under its text: buttons, steps.
    pub fn show_with<R>(self, ui: &mut Ui, more: impl FnOnce(&mut Ui) -> R) -> NoticeResponse<R> {
        let p = theme::palette(ui);
        let colors = p.tone(self.tone);
        let icon = self.icon.unwrap_or(Icon::of(self.tone));
        let size = theme::icon_size(ui, Type::Heading);
        let mut dismissed = false;
        let shown = Frame::new()
            .fill(colors.soft)
            .stroke(Stroke::new(1.0, colors.line))
            .corner_radius(CornerRadius::same(radius::L))
            .inner_margin(Margin::symmetric(14, 12))
            .show(ui, |ui| {
                ui.set_min_width(ui.available_width());
                ui.horizontal_top(|ui| {
                    ui.spacing_mut().item_spacing = vec2(space::M, space::XS);
                    icon.show(ui, size, colors.strong);
                    let cross = if self.dismissable {
                        theme::target(ui) + space::M
                    } else {
                        0.0
                    };
                    let width = (ui.available_width() - cross).max(80.0);
                    let inner = ui
                        .vertical(|ui| {
                            ui.set_width(width);
                            let steps = vec2(space::S, space::S);
                            if self.body.is_empty() {
                                ui.spacing_mut().item_spacing = steps;
                            }
                            let heard = text::strong(ui, self.title);
                            announce(ui, heard.id);
                            if !self.body.is_empty() {
                                // What follows the sentences stands apart from them.
                                ui.spacing_mut().item_spacing = steps;
                                text::body(ui, self.body);
                            }
                            more(ui)
                        })
                        .inner;
                    if self.dismissable {
                        dismissed = IconButton::new(Icon::Cross, w::DISMISS).show(ui).clicked();
                    }
                    inner
                })
                .inner
            });
        shown
            .response
            .widget_info(|| WidgetInfo::labeled(Role::Group, true, w::notice_kind(self.tone)));
        NoticeResponse {
            inner: shown.inner,
            dismissed,
            response: shown.response,
        }
    }
}

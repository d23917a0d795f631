//! Code to copy: a path, an id, a snippet of printer.cfg.

use egui::{CornerRadius, Frame, Margin, Stroke, Ui, vec2};

use super::{Button, announce, text};
use crate::ui::icons::Icon;
use crate::ui::theme::{self, radius, space};
use crate::ui::words::widgets as w;

/// For how long the button says that it was done, in seconds.
const COPIED_SECS: f64 = 2.0;

/// Draws code with a button that copies all of it. True when it was copied.
///
/// `name` says what it is, for the label above it and for screen readers.
pub fn copy_field(ui: &mut Ui, name: &str, code: &str) -> bool {
    let p = theme::palette(ui);
    let id = ui.make_persistent_id(("copied", name));
    let now = ui.input(|input| input.time);
    let copied_at: Option<f64> = ui.data(|data| data.get_temp(id));
    let left = copied_at.map_or(0.0, |at| COPIED_SECS - (now - at));
    let fresh = left > 0.0;
    if fresh {
        ui.ctx()
            .request_repaint_after(std::time::Duration::from_secs_f64(left.min(COPIED_SECS)));
    }
    let mut copied = false;
    ui.vertical(|ui| {
        if !name.is_empty() {
            text::small(ui, name);
        }
        Frame::new()
            .fill(p.sunken)
            .stroke(Stroke::new(1.0, p.border))
            .corner_radius(CornerRadius::same(radius::M))
            .inner_margin(Margin {
                left: 12,
                right: 6,
                top: 6,
                bottom: 6,
            })
            .show(ui, |ui| {
                ui.set_min_width(ui.available_width());
                ui.horizontal(|ui| {
                    // One line stands in the middle of the button's height.
                    ui.set_min_height(theme::target(ui) + 2.0);
                    ui.spacing_mut().item_spacing = vec2(space::M, 0.0);
                    let button_width = 104.0 * theme::text_scale(ui.ctx());
                    let width = (ui.available_width() - button_width - space::M).max(60.0);
                    let row = ui.available_height();
                    ui.vertical(|ui| {
                        ui.set_width(width);
                        ui.add_space(((row - text::code_height(ui, code)) / 2.0).max(0.0));
                        text::code(ui, code);
                    });
                    ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                        let (label, icon) = if fresh {
                            (w::COPIED, Icon::Check)
                        } else {
                            (w::COPY, Icon::Copy)
                        };
                        let button = Button::secondary(label)
                            .icon(icon)
                            .min_width(button_width - space::S)
                            .show(ui);
                        announce(ui, button.id);
                        super::describe(ui, button.id, name);
                        copied = button.clicked();
                    });
                });
            });
    });
    if copied {
        ui.copy_text(code.to_owned());
        ui.data_mut(|data| data.insert_temp(id, now));
        ui.ctx().request_repaint();
    }
    copied
}

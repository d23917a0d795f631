//! Text in the roles of the type scale.
//!
//! The built-in face has one weight. Loud roles are drawn twice, a hair apart, which gives them body at no cost.

use std::sync::Arc;

use egui::emath::GuiRounding as _;
use egui::{
    Color32, Galley, Painter, Pos2, Response, RichText, Role, Sense, Ui, Vec2, WidgetInfo, vec2,
};

use crate::ui::theme::{self, Type};

/// One or two words over the whole window.
pub fn display(ui: &mut Ui, text: &str) -> Response {
    loud(
        ui,
        text,
        Type::Display,
        Role::Heading,
        theme::palette(ui).text,
    )
}

/// The title of a page.
pub fn title(ui: &mut Ui, text: &str) -> Response {
    loud(
        ui,
        text,
        Type::Title,
        Role::Heading,
        theme::palette(ui).text,
    )
}

/// The title of a card or a group.
pub fn heading(ui: &mut Ui, text: &str) -> Response {
    loud(
        ui,
        text,
        Type::Heading,
        Role::Heading,
        theme::palette(ui).text,
    )
}

/// Text that matters more than what is around it.
pub fn strong(ui: &mut Ui, text: &str) -> Response {
    loud(ui, text, Type::Body, Role::Label, theme::palette(ui).text)
}

/// Plain text, wrapped.
pub fn body(ui: &mut Ui, text: &str) -> Response {
    quiet(ui, text, Type::Body, theme::palette(ui).text)
}

/// Text that explains, wrapped.
pub fn muted(ui: &mut Ui, text: &str) -> Response {
    quiet(ui, text, Type::Body, theme::palette(ui).muted)
}

/// A caption, wrapped.
pub fn small(ui: &mut Ui, text: &str) -> Response {
    quiet(ui, text, Type::Small, theme::palette(ui).muted)
}

/// Code, hashes, paths; wrapped.
pub fn mono(ui: &mut Ui, text: &str) -> Response {
    quiet(ui, text, Type::Mono, theme::palette(ui).text)
}

/// Code that is copied as it stands: broken anywhere, because a gap would look like a space.
pub fn code(ui: &mut Ui, text: &str) -> Response {
    ui.add(egui::Label::new(code_job(ui, text)).wrap())
}

/// How high it is in the width there is.
pub fn code_height(ui: &Ui, text: &str) -> f32 {
    let mut job = code_job(ui, text);
    job.wrap.max_width = ui.available_width();
    ui.painter().layout_job(job).size().y
}

fn code_job(ui: &Ui, text: &str) -> egui::text::LayoutJob {
    let font = theme::font(ui, Type::Mono);
    let color = theme::palette(ui).text;
    let mut job = egui::text::LayoutJob::simple(text.to_owned(), font, color, f32::INFINITY);
    job.wrap.break_anywhere = true;
    job
}

fn quiet(ui: &mut Ui, text: &str, role: Type, color: Color32) -> Response {
    let font = theme::font(ui, role);
    ui.add(egui::Label::new(RichText::new(text).font(font).color(color)).wrap())
}

fn loud(ui: &mut Ui, text: &str, role: Type, spoken: Role, color: Color32) -> Response {
    let galley = layout(ui, text, role, ui.available_width());
    let (rect, response) = ui.allocate_exact_size(galley.size() + vec2(1.0, 0.0), Sense::hover());
    paint_bold(ui.painter(), rect.min, &galley, color);
    response.widget_info(|| WidgetInfo::labeled(spoken, true, text));
    response
}

/// Lays text out without a color; [`paint`] and [`paint_bold`] give it one.
pub fn layout(ui: &Ui, text: &str, role: Type, max_width: f32) -> Arc<Galley> {
    ui.painter().layout(
        text.to_owned(),
        theme::font(ui, role),
        Color32::PLACEHOLDER,
        max_width.max(1.0),
    )
}

/// Lays one line out, cut with an ellipsis where it does not fit.
pub fn layout_line(ui: &Ui, text: &str, role: Type, max_width: f32) -> Arc<Galley> {
    let mut job = egui::text::LayoutJob::simple_singleline(
        text.to_owned(),
        theme::font(ui, role),
        Color32::PLACEHOLDER,
    );
    job.wrap = egui::text::TextWrapping::truncate_at_width(max_width.max(1.0));
    ui.painter().layout_job(job)
}

/// Draws laid-out text.
pub fn paint(painter: &Painter, at: Pos2, galley: &Arc<Galley>, color: Color32) {
    painter.galley(at, Arc::clone(galley), color);
}

/// Draws laid-out text with more body.
pub fn paint_bold(painter: &Painter, at: Pos2, galley: &Arc<Galley>, color: Color32) {
    // Text is drawn on whole pixels: snap first, so that both draws always lie equally far apart.
    let pixels_per_point = painter.pixels_per_point();
    let at = at.round_to_pixels(pixels_per_point);
    let row_height = galley.rows.first().map_or(16.0, |row| row.height());
    let hair_pixels = (row_height * pixels_per_point * 0.028).round().max(1.0);
    painter.galley(at, Arc::clone(galley), color);
    painter.galley(
        at + Vec2::new(hair_pixels / pixels_per_point, 0.0),
        Arc::clone(galley),
        color,
    );
}

//! Text in the roles of the type scale.
//!
//! The built-in face has one weight. Loud roles are drawn twice, a hair apart, which gives them body at no cost.

use std::sync::Arc;

use egui::emath::GuiRounding as _;
use egui::text::{LayoutJob, TextWrapping};
use egui::{
    Color32, Galley, Painter, Pos2, Response, RichText, Role, Sense, Ui, Vec2, WidgetInfo, vec2,
};

use crate::ui::theme::{self, Type};

/// How much of the hair is put between the letters of loud text.
const SPACING: f32 = 0.5;

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

/// The title of a part of a page: nearer to what is under it than to what is over it.
pub fn section(ui: &mut Ui, text: &str) -> Response {
    ui.add_space(theme::space::S);
    heading(ui, text)
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

/// Code that is copied as it stands, or typed on another computer: a command is broken between its words, and
/// what has a word too long for a line anywhere, because a gap would look like a space.
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
    let width = ui.available_width();
    let fits = |word: &str| {
        let line = LayoutJob::simple_singleline(word.to_owned(), font.clone(), color);
        ui.painter().layout_job(line).size().x <= width
    };
    let break_anywhere = !text.split_whitespace().all(fits);
    let mut job = LayoutJob::simple(text.to_owned(), font, color, f32::INFINITY);
    job.wrap.break_anywhere = break_anywhere;
    job
}

fn quiet(ui: &mut Ui, text: &str, role: Type, color: Color32) -> Response {
    let font = theme::font(ui, role);
    ui.add(egui::Label::new(RichText::new(text).font(font).color(color)).wrap())
}

fn loud(ui: &mut Ui, text: &str, role: Type, spoken: Role, color: Color32) -> Response {
    let words = bold(ui, text, role, ui.available_width());
    let (rect, response) = ui.allocate_exact_size(words.size(), Sense::hover());
    paint(ui.painter(), rect.min, &words, color);
    response.widget_info(|| WidgetInfo::labeled(spoken, true, text));
    response
}

/// Text that is laid out but has no color yet; [`paint`] gives it one.
pub struct Words {
    galley: Arc<Galley>,
    /// How far apart loud text is drawn twice, in points.
    hair: Option<f32>,
}

impl Words {
    /// The room it takes.
    pub fn size(&self) -> Vec2 {
        self.galley.size() + vec2(self.hair.unwrap_or_default(), 0.0)
    }
}

/// Lays text out.
pub fn layout(ui: &Ui, text: &str, role: Type, max_width: f32) -> Words {
    let wrap = TextWrapping::wrap_at_width(max_width.max(1.0));
    words(ui, text, role, wrap, None)
}

/// Lays one line out, cut with an ellipsis where it does not fit.
pub fn layout_line(ui: &Ui, text: &str, role: Type, max_width: f32) -> Words {
    let wrap = TextWrapping::truncate_at_width(max_width.max(1.0));
    words(ui, text, role, wrap, None)
}

/// The same as [`layout`], with more body.
pub fn bold(ui: &Ui, text: &str, role: Type, max_width: f32) -> Words {
    let hair = hair(ui, role);
    let wrap = TextWrapping::wrap_at_width((max_width - hair).max(1.0));
    words(ui, text, role, wrap, Some(hair))
}

/// The same as [`layout_line`], with more body.
pub fn bold_line(ui: &Ui, text: &str, role: Type, max_width: f32) -> Words {
    let hair = hair(ui, role);
    let wrap = TextWrapping::truncate_at_width((max_width - hair).max(1.0));
    words(ui, text, role, wrap, Some(hair))
}

/// A hair of this role in points: whole pixels, so that both draws always lie equally far apart.
fn hair(ui: &Ui, role: Type) -> f32 {
    let pixels_per_point = ui.pixels_per_point();
    let pixels = (theme::font(ui, role).size * pixels_per_point * 0.034).round();
    pixels.max(1.0) / pixels_per_point
}

fn words(ui: &Ui, text: &str, role: Type, wrap: TextWrapping, hair: Option<f32>) -> Words {
    let font = theme::font(ui, role);
    let color = Color32::PLACEHOLDER;
    let mut job = if wrap.max_rows == 1 {
        LayoutJob::simple_singleline(text.to_owned(), font, color)
    } else {
        LayoutJob::simple(text.to_owned(), font, color, f32::INFINITY)
    };
    job.wrap = wrap;
    for section in &mut job.sections {
        // Letters grew by a hair: without some of it between them they would touch.
        section.format.extra_letter_spacing = hair.unwrap_or_default() * SPACING;
    }
    let galley = ui.painter().layout_job(job);
    Words { galley, hair }
}

/// Draws laid-out text.
pub fn paint(painter: &Painter, at: Pos2, words: &Words, color: Color32) {
    let Some(hair) = words.hair else {
        painter.galley(at, Arc::clone(&words.galley), color);
        return;
    };
    let at = at.round_to_pixels(painter.pixels_per_point());
    for at in [at, at + vec2(hair, 0.0)] {
        painter.galley(at, Arc::clone(&words.galley), color);
    }
}

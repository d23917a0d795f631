//! A sheet of paper in millimeters: everything is drawn through it, so everything scales together.

use std::f32::consts::{FRAC_PI_2, TAU};

use egui::emath::GuiRounding as _;
use egui::epaint::{Mesh, TextShape};
use egui::{
    Align2, Color32, CornerRadius, FontFamily, FontId, Painter, Pos2, Rect, Shape, Stroke,
    StrokeKind, Ui, Vec2, pos2, vec2,
};

use super::part::{Corner, Run};
use crate::ui::theme::{self, Palette};
use crate::ui::widgets::text;

/// A point in millimeters.
pub(super) type Mm = (f32, f32);

/// Letters smaller than this many points are left out instead of becoming dirt.
const LEAST_LETTER_POINTS: f32 = 5.8;
/// Height of a capital as a part of the font size, of the built-in face.
const CAP_HEIGHT: f32 = 0.69;

/// The part of the world that is shown: upper left and lower right, in millimeters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct View {
    /// Upper left.
    pub min: Mm,
    /// Lower right.
    pub max: Mm,
}

/// Paper, pen and colors.
pub(super) struct Canvas {
    /// The pen.
    pub painter: Painter,
    /// The colors.
    pub p: &'static Palette,
    /// Where all of it is on the screen.
    pub rect: Rect,
    /// Letters that would not be whole in here are left out.
    letters_in: Rect,
    origin: Pos2,
    scale: f32,
}

impl Canvas {
    /// Fits `view` into the middle of `rect`.
    pub(super) fn fit(ui: &Ui, rect: Rect, view: View) -> Self {
        let size = vec2(view.max.0 - view.min.0, view.max.1 - view.min.1);
        let scale = (rect.width() / size.x)
            .min(rect.height() / size.y)
            .max(0.01);
        let left = rect.center().x - size.x * scale / 2.0;
        let top = rect.center().y - size.y * scale / 2.0;
        Self {
            painter: ui.painter_at(rect),
            p: theme::palette(ui),
            rect,
            letters_in: Rect::EVERYTHING,
            origin: pos2(left - view.min.0 * scale, top - view.min.1 * scale),
            scale,
        }
    }

    /// The same sheet with another zero point.
    pub(super) fn moved(&self, by: Mm) -> Self {
        Self {
            painter: self.painter.clone(),
            p: self.p,
            rect: self.rect,
            letters_in: self.letters_in,
            origin: self.at(by),
            scale: self.scale,
        }
    }

    /// A lens: what is at `focus` is drawn larger, around `center`.
    pub(super) fn lens(&self, center: Mm, focus: Mm, factor: f32) -> Self {
        let mut sheet = self.moved((0.0, 0.0));
        sheet.scale = self.scale * factor;
        sheet.origin = self.at(center) - vec2(focus.0, focus.1) * sheet.scale;
        sheet
    }

    /// The same sheet, seen through a window.
    pub(super) fn within(mut self, window: Rect) -> Self {
        self.painter = self.painter.with_clip_rect(window.intersect(self.rect));
        self.letters_in = window;
        self
    }

    /// A point on the screen.
    pub(super) fn at(&self, mm: Mm) -> Pos2 {
        self.origin + vec2(mm.0, mm.1) * self.scale
    }

    /// A length on the screen.
    pub(super) fn len(&self, mm: f32) -> f32 {
        mm * self.scale
    }

    /// A line this many millimeters wide, and at least a hair.
    pub(super) fn pen(&self, width_mm: f32, color: Color32) -> Stroke {
        Stroke::new(self.len(width_mm).max(1.0), color)
    }

    /// A filled, outlined rectangle around a center.
    pub(super) fn rect(&self, center: Mm, size: Mm, radius_mm: f32, fill: Color32, line: Stroke) {
        let area = Rect::from_center_size(self.at(center), vec2(size.0, size.1) * self.scale);
        self.painter
            .rect(area, self.radius(radius_mm), fill, line, StrokeKind::Inside);
    }

    /// A filled, outlined circle.
    pub(super) fn disc(&self, center: Mm, diameter_mm: f32, fill: Color32, line: Stroke) {
        self.painter
            .circle(self.at(center), self.len(diameter_mm / 2.0), fill, line);
    }

    /// A line with round ends.
    pub(super) fn line(&self, points: &[Mm], pen: Stroke) {
        let points: Vec<Pos2> = points.iter().map(|mm| self.at(*mm)).collect();
        self.pixel_line(points, pen);
    }

    /// A dashed line.
    pub(super) fn dashes(&self, points: &[Mm], pen: Stroke, dash_mm: f32) {
        let points: Vec<Pos2> = points.iter().map(|mm| self.at(*mm)).collect();
        let dash = self.len(dash_mm).max(2.0);
        self.painter
            .extend(Shape::dashed_line(&points, pen, dash, dash * 0.8));
    }

    /// A line through screen points with round ends.
    pub(super) fn pixel_line(&self, points: Vec<Pos2>, pen: Stroke) {
        for end in [points.first(), points.last()].into_iter().flatten() {
            self.painter
                .circle_filled(*end, pen.width * 0.48, pen.color);
        }
        self.painter.add(Shape::line(points, pen));
    }

    /// A filled polygon that can be seen whole from `heart`, with an outline.
    pub(super) fn star(&self, heart: Mm, points: &[Mm], fill: Color32, line: Stroke) {
        let points: Vec<Pos2> = points.iter().map(|mm| self.at(*mm)).collect();
        let mut mesh = Mesh::default();
        mesh.colored_vertex(self.at(heart), fill);
        for point in &points {
            mesh.colored_vertex(*point, fill);
        }
        let count = u32::try_from(points.len()).unwrap_or(0);
        for index in 1..=count {
            let next = if index == count {
                1
            } else {
                index.saturating_add(1)
            };
            mesh.add_triangle(0, index, next);
        }
        self.painter.add(Shape::mesh(mesh));
        // The outline also hides the mesh's hard edge.
        let edge = if line.width > 0.0 {
            line
        } else {
            Stroke::new(1.0, fill)
        };
        self.painter.add(Shape::closed_line(points, edge));
    }

    /// Fills the band between two lines of as many points.
    pub(super) fn strip(&self, left: &[Mm], right: &[Mm], fill: Color32) {
        let mut mesh = Mesh::default();
        let mut last = None;
        for (left, right) in left.iter().zip(right) {
            let index = u32::try_from(mesh.vertices.len()).unwrap_or(0);
            mesh.colored_vertex(self.at(*left), fill);
            mesh.colored_vertex(self.at(*right), fill);
            if let Some(last) = last {
                let (a, b, d, e): (u32, u32, u32, u32) = (
                    last,
                    index,
                    u32::saturating_add(last, 1),
                    index.saturating_add(1),
                );
                mesh.add_triangle(a, b, d);
                mesh.add_triangle(d, b, e);
            }
            last = Some(index);
        }
        self.painter.add(Shape::mesh(mesh));
    }

    /// Lets everything fade into the page, from one height to another.
    pub(super) fn fade_below(&self, from_mm: f32, to_mm: f32) {
        let page = self.p.background;
        let (top, bottom) = (self.at((0.0, from_mm)).y, self.at((0.0, to_mm)).y);
        let mut mesh = Mesh::default();
        for (y, color) in [(top, theme::fade(page, 0.0)), (bottom, page)] {
            mesh.colored_vertex(pos2(self.rect.min.x, y), color);
            mesh.colored_vertex(pos2(self.rect.max.x, y), color);
        }
        mesh.add_triangle(0, 1, 2);
        mesh.add_triangle(2, 1, 3);
        self.painter.add(Shape::mesh(mesh));
        let rest = Rect::from_min_max(pos2(self.rect.min.x, bottom), self.rect.max);
        self.painter.rect_filled(rest, CornerRadius::ZERO, page);
    }

    /// A filled convex polygon with an outline.
    pub(super) fn convex(&self, points: &[Mm], fill: Color32, line: Stroke) {
        let points: Vec<Pos2> = points.iter().map(|mm| self.at(*mm)).collect();
        self.painter.add(Shape::convex_polygon(points, fill, line));
    }

    /// Letters that belong to the drawing and scale with it.
    pub(super) fn letters(&self, center: Mm, cap_mm: f32, run: Run, letters: &str, color: Color32) {
        // Half steps keep the number of glyph sizes small while the window is resized.
        let points = (self.len(cap_mm) / CAP_HEIGHT * 2.0).round() / 2.0;
        if points < LEAST_LETTER_POINTS || letters.is_empty() {
            return;
        }
        let galley = self.painter.layout_no_wrap(
            letters.to_owned(),
            FontId::new(points, FontFamily::Proportional),
            color,
        );
        let half = galley.size() / 2.0;
        let middle = self.at(center);
        let across = match run {
            Run::Across => galley.size(),
            Run::Up => vec2(galley.size().y, galley.size().x),
        };
        if !self
            .letters_in
            .contains_rect(Rect::from_center_size(middle, across))
        {
            return;
        }
        let hair = vec2(1.0 / self.painter.pixels_per_point(), 0.0);
        let snapped = |pos: Pos2| pos.round_to_pixels(self.painter.pixels_per_point());
        let (pos, angle, shift) = match run {
            Run::Across => (snapped(middle - half), 0.0, hair),
            Run::Up => (
                middle + vec2(-half.y, half.x),
                -FRAC_PI_2,
                vec2(0.0, -hair.x),
            ),
        };
        // Small letters would fill up if they were made bolder.
        let draws = if points < 8.0 { 1 } else { 2 };
        for pos in [pos, pos + shift].into_iter().take(draws) {
            let shape =
                TextShape::new(pos, std::sync::Arc::clone(&galley), color).with_angle(angle);
            self.painter.add(shape);
        }
    }

    /// Words of the program at their own readable size, at a place of the drawing.
    pub(super) fn words(&self, ui: &Ui, at: Mm, align: Align2, text: &str, color: Color32) -> Rect {
        let font = theme::font(ui, theme::Type::Small);
        self.painter.text(self.at(at), align, text, font, color)
    }

    /// An arrow from one point to another.
    pub(super) fn arrow(&self, from: Mm, to: Mm, width_mm: f32, color: Color32) {
        let (a, b) = (self.at(from), self.at(to));
        let along = (b - a).normalized();
        let head = self.len(width_mm * 3.2).max(6.0);
        let side = along.rot90() * head * 0.55;
        let neck = b - along * head;
        self.painter
            .line_segment([a, neck], self.pen(width_mm, color));
        self.painter.add(Shape::convex_polygon(
            vec![b, neck + side, neck - side],
            color,
            Stroke::NONE,
        ));
    }

    /// A cross over a place.
    pub(super) fn cross(&self, center: Mm, size_mm: f32, pen: Stroke) {
        let (x, y, half) = (center.0, center.1, size_mm / 2.0);
        self.line(&[(x - half, y - half), (x + half, y + half)], pen);
        self.line(&[(x + half, y - half), (x - half, y + half)], pen);
    }

    /// A number in a disc that is readable at every scale.
    pub(super) fn number(&self, ui: &Ui, center: Pos2, number: u8) {
        let radius = theme::font(ui, theme::Type::Small).size * 0.72;
        self.painter.circle(
            center,
            radius,
            self.p.board.touch,
            Stroke::new(1.5, self.p.board.on_touch),
        );
        let words = text::bold_line(ui, &number.to_string(), theme::Type::Small, f32::INFINITY);
        let at = center - words.size() / 2.0;
        text::paint(&self.painter, at, &words, self.p.board.on_touch);
    }

    /// A corner radius on the screen.
    pub(super) fn radius(&self, radius_mm: f32) -> CornerRadius {
        CornerRadius::from(self.len(radius_mm))
    }
}

/// The polygon of an outline in millimeters, with its corners rounded.
pub(super) fn rounded(outline: &[Corner], size_mm: Mm) -> Vec<Mm> {
    let place = |corner: &Corner| pos2(corner.at.0 * size_mm.0, corner.at.1 * size_mm.1);
    let before = outline.iter().cycle().skip(outline.len().saturating_sub(1));
    let after = outline.iter().cycle().skip(1);
    let mut points = Vec::new();
    for ((corner, before), after) in outline.iter().zip(before).zip(after) {
        round_corner(
            &mut points,
            [place(before), place(corner), place(after)],
            corner.radius_mm,
        );
    }
    points
}

fn round_corner(points: &mut Vec<Mm>, [before, here, after]: [Pos2; 3], radius_mm: f32) {
    const PIECES: u8 = 12;
    let back = (before - here).normalized();
    let forth = (after - here).normalized();
    let opening = back.dot(forth).clamp(-1.0, 1.0).acos();
    let tangent = radius_mm / (opening / 2.0).tan().max(0.01);
    let axis = (back + forth).normalized();
    let center = here + axis * (radius_mm / (opening / 2.0).sin().max(0.01));
    let from = (here + back * tangent - center).angle();
    let mut turn = (here + forth * tangent - center).angle() - from;
    if turn > TAU / 2.0 {
        turn -= TAU;
    } else if turn < -TAU / 2.0 {
        turn += TAU;
    }
    for piece in 0..=PIECES {
        let part = f32::from(piece) / f32::from(PIECES);
        let at = center + Vec2::angled(from + turn * part) * radius_mm;
        points.push((at.x, at.y));
    }
}

/// Points of a cubic Bézier curve.
pub(super) fn bezier([from, control_1, control_2, to]: [Mm; 4], pieces: u8) -> Vec<Mm> {
    let mix = |part: f32, values: [f32; 4]| {
        let rest = 1.0 - part;
        let weights = [
            rest * rest * rest,
            3.0 * rest * rest * part,
            3.0 * rest * part * part,
            part * part * part,
        ];
        weights
            .iter()
            .zip(values)
            .map(|(weight, value)| weight * value)
            .sum::<f32>()
    };
    (0..=pieces)
        .map(|piece| {
            let part = f32::from(piece) / f32::from(pieces.max(1));
            (
                mix(part, [from.0, control_1.0, control_2.0, to.0]),
                mix(part, [from.1, control_1.1, control_2.1, to.1]),
            )
        })
        .collect()
}

//! How everything looks: colors, type, space, and what the user asked for (text size, less motion).
//!
//! [`apply`] sets both themes of an egui context; egui then follows the system or the user's choice. Widgets
//! and drawings ask [`palette()`], [`font`] and the constants here. No state of the program is known here.

mod palette;

use std::collections::BTreeMap;

use egui::epaint::FontColorTransferFunction;
use egui::style::WidgetVisuals;
use egui::{
    Color32, Context, CornerRadius, FontFamily, FontId, Id, Margin, Shadow, Stroke, Style,
    TextStyle, Theme, Ui, Vec2,
};

pub use palette::{BoardColors, DARK, LIGHT, Palette, Tone, ToneColors, ToolColors};

/// Steps of space, in points.
pub mod space {
    /// Between an icon and its word.
    pub const XS: f32 = 4.0;
    /// Between parts of one thing.
    pub const S: f32 = 8.0;
    /// Between things that belong together.
    pub const M: f32 = 12.0;
    /// Inside cards, between paragraphs.
    pub const L: f32 = 16.0;
    /// Between groups.
    pub const XL: f32 = 24.0;
    /// Around a page.
    pub const XXL: f32 = 32.0;
}

/// Corner radii, in points.
pub mod radius {
    /// Badges, fields.
    pub const S: u8 = 4;
    /// Buttons, rows.
    pub const M: u8 = 6;
    /// Cards.
    pub const L: u8 = 10;
}

/// The least height and width of what can be clicked, in points (WCAG 2.2 2.5.8 asks 24).
pub const MIN_TARGET: f32 = 32.0;
/// Width of the focus ring, in points.
pub const FOCUS_WIDTH: f32 = 2.0;
/// The least and the most of the text size setting.
pub const TEXT_SCALE_RANGE: std::ops::RangeInclusive<f32> = 0.8..=2.0;

/// Roles of text, from loud to quiet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Type {
    /// One or two words over the whole window.
    Display,
    /// The title of a page.
    Title,
    /// The title of a card.
    Heading,
    /// Text.
    Body,
    /// Captions and badges.
    Small,
    /// Code, hashes, paths.
    Mono,
}

impl Type {
    /// Every role.
    pub const ALL: [Self; 6] = [
        Self::Display,
        Self::Title,
        Self::Heading,
        Self::Body,
        Self::Small,
        Self::Mono,
    ];

    /// Its size in points at text size 1.
    pub const fn points(self) -> f32 {
        match self {
            Self::Display => 40.0,
            Self::Title => 25.0,
            Self::Heading => 17.5,
            Self::Body => 15.0,
            Self::Small => 13.0,
            Self::Mono => 13.5,
        }
    }

    const fn family(self) -> FontFamily {
        match self {
            Self::Mono => FontFamily::Monospace,
            _ => FontFamily::Proportional,
        }
    }
}

/// What the user, or the system for them, asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comfort {
    /// 1 is normal.
    pub text_scale: f32,
    /// Nothing moves that does not have to.
    pub reduced_motion: bool,
}

impl Default for Comfort {
    fn default() -> Self {
        Self {
            text_scale: 1.0,
            reduced_motion: false,
        }
    }
}

/// Sets light and dark style of this context. Call at start and when the text size changes; which of the two
/// is shown is `ctx.set_theme`.
pub fn apply(ctx: &Context, text_scale: f32) {
    let text_scale = if text_scale.is_finite() {
        text_scale.clamp(*TEXT_SCALE_RANGE.start(), *TEXT_SCALE_RANGE.end())
    } else {
        1.0
    };
    let reduced_motion = reduced_motion(ctx);
    store(
        ctx,
        Comfort {
            text_scale,
            reduced_motion,
        },
    );
    ctx.set_style_of(Theme::Light, style(&LIGHT, text_scale, reduced_motion));
    ctx.set_style_of(Theme::Dark, style(&DARK, text_scale, reduced_motion));
}

/// Sets whether things may move, and applies it to both styles.
pub fn set_reduced_motion(ctx: &Context, reduced_motion: bool) {
    let comfort = comfort(ctx);
    store(
        ctx,
        Comfort {
            reduced_motion,
            ..comfort
        },
    );
    apply(ctx, comfort.text_scale);
}

/// The colors in force here.
pub fn palette(ui: &Ui) -> &'static Palette {
    if ui.visuals().dark_mode {
        &DARK
    } else {
        &LIGHT
    }
}

/// The text size setting.
pub fn text_scale(ctx: &Context) -> f32 {
    comfort(ctx).text_scale
}

/// Whether things should stand still.
pub fn reduced_motion(ctx: &Context) -> bool {
    comfort(ctx).reduced_motion
}

/// The font of a role at the text size in force.
pub fn font(ui: &Ui, role: Type) -> FontId {
    FontId::new(role.points() * text_scale(ui.ctx()), role.family())
}

/// The height of an icon beside text of this role.
pub fn icon_size(ui: &Ui, role: Type) -> f32 {
    (role.points() * text_scale(ui.ctx()) * 1.2).round()
}

/// The least height of a control at the text size in force.
pub fn target(ui: &Ui) -> f32 {
    (MIN_TARGET * text_scale(ui.ctx()).max(1.0)).round()
}

/// Draws the keyboard's focus around `rect`, outside of it.
pub fn focus_ring(ui: &Ui, rect: egui::Rect, corner: u8) {
    focus_ring_in(ui, rect, corner, palette(ui).focus);
}

/// The same in another color, for surfaces on which the usual one would not stand out.
pub fn focus_ring_in(ui: &Ui, rect: egui::Rect, corner: u8, color: Color32) {
    ui.painter().rect_stroke(
        rect.expand(2.0),
        CornerRadius::same(corner.saturating_add(2)),
        Stroke::new(FOCUS_WIDTH, color),
        egui::StrokeKind::Outside,
    );
}

/// A color as quiet as `part` of itself.
pub fn fade(color: Color32, part: f32) -> Color32 {
    color.gamma_multiply(part.clamp(0.0, 1.0))
}

fn comfort_id() -> Id {
    Id::unique("theme comfort")
}

fn comfort(ctx: &Context) -> Comfort {
    ctx.data(|data| data.get_temp(comfort_id()))
        .unwrap_or_default()
}

fn store(ctx: &Context, comfort: Comfort) {
    ctx.data_mut(|data| data.insert_temp(comfort_id(), comfort));
}

fn style(p: &Palette, text_scale: f32, reduced_motion: bool) -> Style {
    let mut style = Style {
        text_styles: text_styles(text_scale),
        animation_time: if reduced_motion { 0.0 } else { 0.1 },
        ..Style::default()
    };
    if reduced_motion {
        style.scroll_animation = egui::style::ScrollAnimation::none();
    }
    let target = (MIN_TARGET * text_scale.max(1.0)).round();
    let spacing = &mut style.spacing;
    spacing.item_spacing = Vec2::new(space::S, space::S);
    spacing.button_padding = Vec2::new(space::M, 6.0);
    spacing.interact_size = Vec2::new(target, target);
    spacing.icon_width = (18.0 * text_scale).round();
    spacing.icon_width_inner = (10.0 * text_scale).round();
    spacing.icon_spacing = space::S;
    spacing.indent = space::XL;
    spacing.combo_width = 140.0 * text_scale;
    spacing.text_edit_width = 280.0 * text_scale;
    spacing.tooltip_width = 360.0 * text_scale;
    spacing.window_margin = Margin::same(16);
    spacing.menu_margin = Margin::same(6);
    style.interaction.tooltip_delay = 0.4;
    style.visuals = visuals(p);
    style.visuals.text_cursor.blink = !reduced_motion;
    style
}

fn text_styles(text_scale: f32) -> BTreeMap<TextStyle, FontId> {
    let font = |role: Type| FontId::new(role.points() * text_scale, role.family());
    [
        (TextStyle::Heading, font(Type::Heading)),
        (TextStyle::Body, font(Type::Body)),
        (TextStyle::Button, font(Type::Body)),
        (TextStyle::Small, font(Type::Small)),
        (TextStyle::Monospace, font(Type::Mono)),
    ]
    .into()
}

fn visuals(p: &Palette) -> egui::Visuals {
    let mut v = if p.dark {
        egui::Visuals::dark()
    } else {
        egui::Visuals::light()
    };
    // The built-in face is a light cut: give it body in both themes.
    v.text_options.color_transfer_function = if p.dark {
        FontColorTransferFunction::TwoCoverageMinusCoverageSq
    } else {
        FontColorTransferFunction::Gamma(0.62)
    };
    v.weak_text_color = Some(p.muted);
    v.hyperlink_color = p.accent;
    v.faint_bg_color = p.sunken;
    v.extreme_bg_color = p.surface;
    v.text_edit_bg_color = Some(p.surface);
    v.code_bg_color = p.sunken;
    v.warn_fg_color = p.warning.strong;
    v.error_fg_color = p.danger.strong;
    v.window_fill = p.surface;
    v.window_stroke = Stroke::new(1.0, p.border);
    v.window_corner_radius = CornerRadius::same(radius::L);
    v.menu_corner_radius = CornerRadius::same(radius::M);
    v.panel_fill = p.background;
    v.window_shadow = Shadow {
        offset: [0, 8],
        blur: 24,
        spread: 0,
        color: p.shadow,
    };
    v.popup_shadow = Shadow {
        offset: [0, 4],
        blur: 12,
        spread: 0,
        color: p.shadow,
    };
    v.selection.bg_fill = if p.dark { p.accent_press } else { p.info.line };
    v.selection.stroke = Stroke::new(FOCUS_WIDTH, p.focus);
    v.text_cursor.stroke = Stroke::new(2.0, p.accent);
    v.widgets.noninteractive = look(p.surface, p.border, 1.0, p.text);
    v.widgets.inactive = look(p.surface, p.outline, 1.0, p.text);
    v.widgets.hovered = look(p.hover, p.outline, 1.0, p.text);
    // Also what has the keyboard's focus.
    v.widgets.active = look(p.hover, p.focus, FOCUS_WIDTH, p.text);
    v.widgets.open = look(p.sunken, p.outline, 1.0, p.text);
    v
}

fn look(fill: Color32, line: Color32, line_width: f32, text: Color32) -> WidgetVisuals {
    WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: Stroke::new(line_width, line),
        corner_radius: CornerRadius::same(radius::M),
        fg_stroke: Stroke::new(1.5, text),
        expansion: 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn apply_sets_both_themes_and_the_text_size() {
        let ctx = Context::default();
        apply(&ctx, 1.5);
        for (theme, dark) in [(Theme::Light, false), (Theme::Dark, true)] {
            let style = ctx.style_of(theme);
            assert_eq!(style.visuals.dark_mode, dark);
            let body = &style.text_styles[&TextStyle::Body];
            assert!((body.size - 22.5).abs() < 1e-4);
            assert!(style.spacing.interact_size.y >= MIN_TARGET);
        }
        assert!((text_scale(&ctx) - 1.5).abs() < 1e-6);
    }

    #[test]
    fn a_text_size_out_of_range_is_brought_back() {
        let ctx = Context::default();
        for (asked, got) in [(0.1, 0.8), (9.0, 2.0), (f32::NAN, 1.0), (1.2, 1.2)] {
            apply(&ctx, asked);
            assert!((text_scale(&ctx) - got).abs() < 1e-6, "{asked}");
        }
    }

    #[test]
    fn reduced_motion_stops_animation_and_outlives_a_new_text_size() {
        let ctx = Context::default();
        apply(&ctx, 1.0);
        assert!(ctx.style_of(Theme::Dark).animation_time > 0.0);
        set_reduced_motion(&ctx, true);
        apply(&ctx, 1.3);
        assert!(reduced_motion(&ctx));
        assert!(ctx.style_of(Theme::Light).animation_time.abs() < f32::EPSILON);
        assert!((text_scale(&ctx) - 1.3).abs() < 1e-6);
    }

    #[test]
    fn sizes_of_type_step_down_and_stay_readable() {
        let sizes: Vec<f32> = Type::ALL[..5].iter().map(|role| role.points()).collect();
        assert!(sizes.windows(2).all(|pair| pair[0] > pair[1]));
        assert!(Type::ALL.iter().all(|role| role.points() >= 13.0));
    }
}

//! WCAG 2.2 contrast over every pair of colors that is drawn together.

use super::*;

/// Relative luminance, WCAG 2.2.
fn luminance(color: Color32) -> f64 {
    let channel = |byte: u8| {
        let value = f64::from(byte) / 255.0;
        if value <= 0.040_45 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * channel(color.r()) + 0.7152 * channel(color.g()) + 0.0722 * channel(color.b())
}

fn contrast(a: Color32, b: Color32) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

type Pair = (&'static str, Color32, &'static str, Color32);

fn text_pairs(p: &Palette) -> Vec<Pair> {
    let surfaces = [
        ("background", p.background),
        ("surface", p.surface),
        ("sunken", p.sunken),
        ("hover", p.hover),
        ("accent_soft", p.accent_soft),
    ];
    let mut pairs = vec![
        (
            "disabled_text",
            p.disabled_text,
            "disabled_fill",
            p.disabled_fill,
        ),
        ("disabled_text", p.disabled_text, "background", p.background),
        ("disabled_text", p.disabled_text, "surface", p.surface),
        ("on_accent", p.on_accent, "accent_fill", p.accent_fill),
        ("on_accent", p.on_accent, "accent_hover", p.accent_hover),
        ("on_accent", p.on_accent, "accent_press", p.accent_press),
        ("on_danger", p.on_danger, "danger_fill", p.danger_fill),
        ("on_celebrate", p.on_celebrate, "celebrate", p.celebrate),
        ("silk", p.board.silk, "mask", p.board.mask),
        ("chip_text", p.board.chip_text, "chip", p.board.chip),
        ("on_touch", p.board.on_touch, "touch", p.board.touch),
        ("text", p.text, "ghost_mask", p.board.ghost_mask),
    ];
    for (name, surface) in surfaces {
        pairs.push(("text", p.text, name, surface));
        pairs.push(("muted", p.muted, name, surface));
        pairs.push(("accent", p.accent, name, surface));
    }
    for tone in Tone::ALL {
        let colors = p.tone(tone);
        pairs.push(("tone strong", colors.strong, "tone soft", colors.soft));
        pairs.push(("text", p.text, "tone soft", colors.soft));
        pairs.push(("muted", p.muted, "tone soft", colors.soft));
        for (name, surface) in surfaces {
            pairs.push(("tone strong", colors.strong, name, surface));
        }
    }
    pairs
}

fn mark_pairs(p: &Palette) -> Vec<Pair> {
    let mut pairs = vec![
        ("accent_fill", p.accent_fill, "background", p.background),
        ("accent_fill", p.accent_fill, "surface", p.surface),
        // The keyboard's focus on the success page.
        ("on_celebrate", p.on_celebrate, "celebrate", p.celebrate),
        ("gold", p.board.gold, "mask", p.board.mask),
        ("touch", p.board.touch, "mask", p.board.mask),
        ("never", p.board.never, "mask", p.board.mask),
        ("solder", p.board.solder, "mask", p.board.mask),
        ("led_blue", p.board.led_blue, "mask", p.board.mask),
        ("jacket", p.tool.jacket, "surface", p.surface),
        ("jacket", p.tool.jacket, "background", p.background),
        ("steel_line", p.tool.steel_line, "steel", p.tool.steel),
        ("plastic", p.tool.plastic, "mask", p.board.mask),
        ("wire_line", p.tool.wire_line, "surface", p.surface),
    ];
    for (name, surface) in [
        ("background", p.background),
        ("surface", p.surface),
        ("sunken", p.sunken),
        ("hover", p.hover),
    ] {
        pairs.push(("outline", p.outline, name, surface));
        pairs.push(("focus", p.focus, name, surface));
    }
    pairs
}

fn failures(palette: &Palette, pairs: Vec<Pair>, least: f64) -> Vec<String> {
    pairs
        .into_iter()
        .filter_map(|(front_name, front, back_name, back)| {
            let ratio = contrast(front, back);
            (ratio < least).then(|| {
                format!(
                    "{} {front_name} on {back_name}: {ratio:.2} < {least}",
                    if palette.dark { "dark" } else { "light" }
                )
            })
        })
        .collect()
}

#[test]
fn contrast_is_measured_as_wcag_says() {
    assert!((contrast(rgb(0), rgb(0x00ff_ffff)) - 21.0).abs() < 1e-9);
    // W3C's own example of a gray that just fails.
    assert!((contrast(rgb(0x0077_7777), rgb(0x00ff_ffff)) - 4.478).abs() < 0.001);
}

#[test]
fn text_has_contrast_aa() {
    let mut bad = failures(&LIGHT, text_pairs(&LIGHT), 4.5);
    bad.extend(failures(&DARK, text_pairs(&DARK), 4.5));
    assert!(bad.is_empty(), "{bad:#?}");
}

#[test]
fn marks_and_outlines_have_contrast_aa() {
    let mut bad = failures(&LIGHT, mark_pairs(&LIGHT), 3.0);
    bad.extend(failures(&DARK, mark_pairs(&DARK), 3.0));
    assert!(bad.is_empty(), "{bad:#?}");
}

#[test]
fn surfaces_can_be_told_apart() {
    for p in [LIGHT, DARK] {
        assert_ne!(p.background, p.surface);
        assert_ne!(p.surface, p.sunken);
        assert_ne!(p.sunken, p.hover);
    }
}

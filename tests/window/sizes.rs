//! Every screen at every size, scale and text size: nothing is cut off, nothing lies on something else, and what
//! goes on can be reached.

use carto_flasher::app::primary::primary;
use carto_flasher::app::state::AppState;
use carto_flasher::settings::Settings;
use carto_flasher::ui::words;
use egui::epaint::{ClippedShape, Shape};
use egui::{Rect, Theme};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

use crate::screens::screens;
use crate::ui::{View, view_at};

const SIZES: [(f32, f32); 3] = [(720.0, 540.0), (960.0, 680.0), (1920.0, 1080.0)];
const SCALES: [f32; 3] = [1.0, 1.5, 2.0];
/// Letters may touch by a hair: rounding to pixels, and bold that is drawn twice.
const HAIR: f32 = 2.5;

/// Text on the page, where it may be seen and where it is.
struct Line {
    words: String,
    clip: Rect,
    place: Rect,
    cut: bool,
}

fn lines_of(shape: &Shape, clip: Rect, into: &mut Vec<Line>) {
    match shape {
        // What is printed on a board sideways is part of the drawing.
        Shape::Text(text) if text.angle == 0.0 => {
            into.extend(text.galley.rows.iter().filter_map(|row| {
                Some(Line {
                    words: text.galley.text().to_owned(),
                    clip,
                    place: Rect::from_x_y_ranges(
                        row.glyphs.first()?.pos.x..=row.glyphs.last()?.max_x(),
                        0.0..=row.height(),
                    )
                    .translate(row.pos.to_vec2() + text.pos.to_vec2()),
                    cut: text.galley.elided,
                })
            }));
        }
        Shape::Vec(shapes) => shapes.iter().for_each(|shape| lines_of(shape, clip, into)),
        _ => {}
    }
}

fn lines(shapes: &[ClippedShape]) -> Vec<Line> {
    let mut lines = Vec::new();
    for clipped in shapes {
        lines_of(&clipped.shape, clipped.clip_rect, &mut lines);
    }
    lines.retain(|line| !line.words.trim().is_empty());
    lines
}

/// What is wrong with how a state is drawn.
fn complaints(harness: &mut Harness<'_, View>, at: &str, state: &AppState) -> Vec<String> {
    harness.state_mut().state = state.clone();
    harness.run_steps(3);
    let window = harness.ctx.content_rect();
    let mut wrong = Vec::new();
    let lines = lines(&harness.output().shapes);
    for line in &lines {
        let (place, clip) = (line.place, line.clip.intersect(window));
        if line.cut {
            wrong.push(format!("{at}: cut short: {:?}", line.words));
        }
        if place.left() < clip.left() - HAIR || place.right() > clip.right() + HAIR {
            wrong.push(format!(
                "{at}: beyond its place: {:?}, {place:?} in {clip:?}",
                line.words
            ));
        }
    }
    // A question lies over the page by intent.
    let flat = state.question.is_none();
    for (index, one) in lines.iter().enumerate().filter(|_| flat) {
        for other in lines.iter().skip(index + 1) {
            let both = one
                .place
                .intersect(one.clip)
                .intersect(other.place.intersect(other.clip));
            let lie_on_each_other = both.width() > HAIR && both.height() > HAIR;
            if lie_on_each_other && one.words != other.words {
                let (one, other) = (&one.words, &other.words);
                wrong.push(format!("{at}: {one:?} lies on {other:?}"));
            }
        }
    }
    if let Some(button) = primary(state).filter(|_| state.page.is_none() && flat) {
        let label = words::verb(button.verb);
        let found = harness.query_all_by_label(&label).find(|node| {
            let rect = node.rect();
            window.contains_rect(rect.shrink(1.0))
        });
        if found.is_none() {
            wrong.push(format!("{at}: {label:?} cannot be reached"));
        }
    }
    wrong
}

fn all_is_well(sizes: &[(f32, f32)], scales: &[f32], percents: &[u16]) {
    let mut wrong = Vec::new();
    let screens = screens();
    for (&percent, &size) in percents
        .iter()
        .flat_map(|p| sizes.iter().map(move |s| (p, s)))
    {
        for &scale in scales {
            let mut first = AppState::new(Settings::default());
            first.settings.text_percent = percent;
            first.settings.reduced_motion = true;
            let mut harness = view_at(first, Theme::Light, size, scale);
            for (name, state) in &screens {
                let at = format!("{name} at {}×{} ×{scale} {percent} %", size.0, size.1);
                wrong.extend(complaints(&mut harness, &at, state));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_screen_fits_at_every_size_and_scale() {
    all_is_well(&SIZES, &SCALES, &[100]);
}

#[test]
fn every_screen_fits_with_larger_and_smaller_text() {
    all_is_well(&[(960.0, 680.0)], &[1.0], &[80, 125, 150, 200]);
}

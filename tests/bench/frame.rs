//! What one frame of each main screen costs: laying out and tessellating, without a graphics card.
//! `cargo bench --bench frame`. At 60 frames a second there are 16 ms; a screen may take 4.

#![allow(
    missing_docs,
    unreachable_pub,
    dead_code,
    unused_imports,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::cast_precision_loss,
    reason = "measures; the states are those of the window's tests, of which each binary uses a part"
)]

#[path = "../window/states.rs"]
mod states;
#[path = "../support/ui.rs"]
mod ui;
#[path = "../support/world.rs"]
mod world;

use std::hint::black_box;
use std::time::Duration;

use carto_flasher::app::state::{AppState, Page};
use carto_flasher::board::{Mode, Model};
use carto_flasher::flash::Aftermath;
use carto_flasher::ui::{root_ui, theme};
use criterion::{Criterion, criterion_group, criterion_main};

use crate::states::{
    F042, G431, coach_state, done, failed, flashing, picked, probe_found, reviewed, running,
};

/// The window as it is first opened.
const SIZE: egui::Vec2 = egui::vec2(ui::SIZE.0, ui::SIZE.1);

fn screens() -> Vec<(&'static str, AppState)> {
    let on_page = |page| {
        let mut state = probe_found();
        state.page = Some(page);
        state
    };
    let mut everything = running(G431, "CARTOGRAPHER V4 6.1.0");
    everything.settings.show_older = true;
    carto_flasher::app::firmware::follow(&mut everything);
    vec![
        ("probe, nothing there", ui::state(Vec::new())),
        ("probe", probe_found()),
        ("firmware", running(G431, "CARTOGRAPHER V4 6.1.0")),
        ("firmware, older versions too", everything),
        ("firmware, own file", picked()),
        ("review", reviewed()),
        ("flash", flashing()),
        ("done", done()),
        ("failed", failed(Aftermath::ReturnsToDfuOnReplug)),
        (
            "coach, V3",
            coach_state(Some(Model::V3), Some(Mode::Firmware), &[]),
        ),
        ("coach, V4", coach_state(Some(Model::V4), None, &[])),
        (
            "coach, success",
            coach_state(Some(Model::V3), None, &[Some(Mode::RomDfu)]),
        ),
        ("settings", on_page(Page::Settings)),
        ("about", on_page(Page::About)),
    ]
}

/// The window's contents without a window.
struct Headless {
    context: egui::Context,
    time: f64,
}

impl Headless {
    fn new() -> Self {
        let context = egui::Context::default();
        theme::apply(&context, 1.0);
        Self { context, time: 0.0 }
    }

    /// One frame as the window draws it, up to the triangles.
    fn frame(&mut self, state: &AppState) -> usize {
        self.time += 1.0 / 60.0;
        let input = egui::RawInput {
            screen_rect: Some(egui::Rect::from_min_size(egui::Pos2::ZERO, SIZE)),
            time: Some(self.time),
            ..egui::RawInput::default()
        };
        let mut commands = Vec::new();
        let output = self
            .context
            .run_ui(input, |ui| root_ui(ui, state, &mut commands));
        let triangles = self
            .context
            .tessellate(output.shapes, output.pixels_per_point);
        triangles.len()
    }
}

fn frames(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("frame");
    for (name, mut state) in screens() {
        // What moves is drawn as well.
        state.settings.reduced_motion = false;
        let mut window = Headless::new();
        // Text is laid out and pictures are made in the first frames.
        for _ in 0..10 {
            assert!(window.frame(&state) > 0, "{name} draws nothing");
        }
        group.bench_function(name, |bencher| {
            bencher.iter(|| black_box(window.frame(&state)));
        });
    }
    group.finish();
}

criterion_group! {
    name = frame;
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(2))
        .sample_size(30);
    targets = frames
}
criterion_main!(frame);

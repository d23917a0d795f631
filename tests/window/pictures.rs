//! Pictures of every page in both themes, for eyes: `assets/screenshots/`, made anew by
//! `UPDATE_SNAPSHOTS=1 cargo test --test window pictures`.

use carto_flasher::app::state::{AppState, Page, Step};
use carto_flasher::board::{Mode, Model};
use carto_flasher::flash::Aftermath;
use egui::Theme;
use egui_kittest::{Harness, SnapshotOptions, SnapshotResults};

use crate::states::{coach_state, done, failed, flashing, picked, probe_found, reviewed};
use crate::ui::{self, View, view_of};

/// Pictures of one size, in both themes.
struct Album {
    windows: Vec<(&'static str, Harness<'static, View>)>,
    results: SnapshotResults,
}

impl Album {
    fn new(size: (f32, f32)) -> Self {
        let window = |theme| view_of(ui::state(Vec::new()), theme, size);
        Self {
            windows: vec![
                ("light", window(Theme::Light)),
                ("dark", window(Theme::Dark)),
            ],
            results: SnapshotResults::new(),
        }
    }

    fn picture(&mut self, name: &str, state: &AppState) {
        let options = SnapshotOptions::new()
            .output_path("assets/screenshots")
            .threshold(1.0)
            .max_failed_pixels(400_usize);
        for (theme, harness) in &mut self.windows {
            harness.state_mut().state = state.clone();
            harness.run_steps(4);
            harness.snapshot_options(format!("{name}-{theme}"), &options);
            self.results.extend_harness(harness);
        }
    }
}

#[test]
fn pictures_of_the_five_steps() {
    let mut album = Album::new(ui::SIZE);
    album.picture("1-probe-nothing", &ui::state(Vec::new()));
    album.picture("1-probe", &probe_found());
    album.picture("2-firmware", &{
        let mut state = probe_found();
        state.step = Step::Firmware;
        state
    });
    album.picture("2-firmware-inspected", &picked());
    album.picture("3-review", &reviewed());
    album.picture("4-flash", &flashing());
    album.picture("5-done", &done());
    album.picture("5-failed", &failed(Aftermath::ReturnsToDfuOnReplug));
}

#[test]
fn pictures_of_the_coach() {
    let mut album = Album::new(ui::SIZE);
    album.picture("coach-board", &coach_state(None, None, &[]));
    album.picture(
        "coach-v3-reset",
        &coach_state(Some(Model::V3), Some(Mode::Firmware), &[]),
    );
    album.picture("coach-v4", &coach_state(Some(Model::V4), None, &[]));
    let again = [None, Some(Mode::Firmware), None, Some(Mode::Firmware)];
    album.picture(
        "coach-try-again",
        &coach_state(Some(Model::V3), Some(Mode::Firmware), &again),
    );
    album.picture(
        "coach-success",
        &coach_state(Some(Model::V3), None, &[Some(Mode::RomDfu)]),
    );
}

#[test]
fn pictures_of_other_pages() {
    let mut album = Album::new(ui::SIZE);
    let mut state = probe_found();
    state.page = Some(Page::Settings);
    album.picture("settings", &state);
    state.page = Some(Page::About);
    album.picture("about", &state);
}

#[test]
fn pictures_of_a_small_window() {
    pictures_of_size("small", (720.0, 540.0));
}

#[test]
fn pictures_of_a_large_window() {
    pictures_of_size("large", (1920.0, 1080.0));
}

fn pictures_of_size(name: &str, size: (f32, f32)) {
    let mut album = Album::new(size);
    album.picture(&format!("size-{name}-probe"), &probe_found());
    album.picture(&format!("size-{name}-review"), &reviewed());
    album.picture(&format!("size-{name}-flash"), &flashing());
    let coach = coach_state(Some(Model::V3), Some(Mode::Firmware), &[]);
    album.picture(&format!("size-{name}-coach"), &coach);
}

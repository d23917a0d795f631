//! Pictures of every page in both themes, for eyes: `assets/screenshots/`, made anew by
//! `UPDATE_SNAPSHOTS=1 cargo test --test window pictures`.

use carto_flasher::app::firmware::{Bulk, Load, follow};
use carto_flasher::app::state::{AppState, Page, Picked, Question, Running, Step};
use carto_flasher::board::{Mode, Model, Transport};
use carto_flasher::catalog::cache::Removed;
use carto_flasher::catalog::fetch::FetchError;
use carto_flasher::catalog::{CatalogError, Place};
use carto_flasher::crash::Fate;
use carto_flasher::flash::Aftermath;
use carto_flasher::image::Image;
use carto_flasher::settings::Settings;
use carto_flasher::transport::sim::practice;
use carto_flasher::transport::{DeviceInfo, Location};
use egui::Theme;
use egui_kittest::kittest::Queryable as _;
use egui_kittest::{Harness, SnapshotOptions, SnapshotResults};

use crate::itself::{crash_view, ended, with_release};
use crate::states::{
    F042, G431, backed_up, cancelled, coach_blocked, coach_state, done, failed, flashing,
    no_driver, not_permitted, now_on_can, picked, probe_found, reviewed, running, seen,
    waited_in_vain, with_list,
};
use crate::ui::{self, View, view_at};

/// Pictures of one size, in both themes.
struct Album {
    windows: Vec<(&'static str, Harness<'static, View>)>,
    results: SnapshotResults,
}

impl Album {
    fn new(size: (f32, f32)) -> Self {
        Self::at(size, 1.0)
    }

    fn at(size: (f32, f32), scale: f32) -> Self {
        let window = |theme| view_at(ui::state(Vec::new()), theme, size, scale);
        Self {
            windows: vec![
                ("light", window(Theme::Light)),
                ("dark", window(Theme::Dark)),
            ],
            results: SnapshotResults::new(),
        }
    }

    fn picture(&mut self, name: &str, state: &AppState) {
        self.opened(name, state, &[]);
    }

    /// With these lines opened.
    fn opened(&mut self, name: &str, state: &AppState, lines: &[&str]) {
        let options = options();
        for (theme, harness) in &mut self.windows {
            harness.state_mut().state = state.clone();
            harness.run_steps(4);
            for line in lines {
                harness.get_by_label(line).click();
                harness.run_steps(4);
            }
            // A pointer left over one of them would light it up.
            harness.remove_cursor();
            harness.run_steps(2);
            harness.snapshot_options(format!("{name}-{theme}"), &options);
            self.results.extend_harness(harness);
        }
    }
}

fn options() -> SnapshotOptions {
    SnapshotOptions::new()
        .output_path("assets/screenshots")
        .threshold(1.0)
        .max_failed_pixels(400_usize)
}

#[test]
fn pictures_of_the_five_steps() {
    let mut album = Album::new(ui::SIZE);
    album.picture("1-probe-nothing", &ui::state(Vec::new()));
    album.picture("1-probe-not-permitted", &not_permitted());
    album.picture("1-probe-no-driver", &no_driver());
    album.picture("1-probe", &probe_found());
    album.picture("2-firmware-inspected", &picked());
    album.picture("3-review", &reviewed());
    album.picture("4-flash", &flashing());
    let update = running(G431, "CARTOGRAPHER V4 6.1.0");
    album.picture("1-probe-update", &at_probe(update));
    album.picture("5-done", &done());
    album.picture("5-done-can", &now_on_can(G431, true));
    album.picture("5-failed", &failed(Aftermath::ReturnsToDfuOnReplug));
    album.picture("5-failed-pads", &failed(Aftermath::NeedsPads));
    album.picture("5-cancelled", &cancelled());
    album.picture("5-done-backup", &backed_up());
    let mut can = ui::state(vec![ui::dfu("a", F042)]);
    let bus = Transport::Can { bitrate: 1_000_000 };
    ui::pick(&mut can, ui::combined_image(F042, bus));
    can.step = Step::Review;
    album.picture("3-review-can", &can);
}

#[test]
fn pictures_of_the_firmware_step() {
    let mut album = Album::new(ui::SIZE);
    let update = running(G431, "CARTOGRAPHER V4 6.1.0");
    album.picture("2-firmware", &update);
    let mut loading = update.clone();
    set_load(
        &mut loading,
        Load::Loading {
            received: 12_288,
            total: Some(33_920),
            then_review: true,
        },
    );
    album.picture("2-firmware-loading", &loading);
    album.picture("2-firmware-ready", &ready());
    let remembered = |bitrate| {
        move |settings: &mut Settings| settings.transport = Some(Transport::Can { bitrate })
    };
    let can = seen(ui::dfu("a", G431), remembered(500_000));
    album.picture("2-firmware-can", &can);
    album.picture("2-firmware-asked", &seen(ui::dfu("a", F042), |_| {}));
    let mut offline = update.clone();
    with_list(&mut offline, |id| id == "v4-6.1.0-usb-full");
    offline.settings.offline = true;
    follow(&mut offline);
    album.picture("2-firmware-offline", &offline);
    let mut practice = ui::state(vec![ui::running("a", F042)]);
    practice.bus.devices[0].running = Running::Version("CARTOGRAPHER V3 6.1.0".into());
    practice.simulated = true;
    with_list(&mut practice, |_| false);
    album.picture("2-firmware-practice", &practice);
    let mut switch = running(F042, "CARTOGRAPHER 5.1.0");
    switch.options.wanted = Some(Transport::Can { bitrate: 1_000_000 });
    follow(&mut switch);
    album.picture("2-firmware-switch", &switch);
    let mut wrong = running(F042, "CARTOGRAPHER V3 6.1.0");
    ui::pick(&mut wrong, ui::app_image(G431, Transport::Usb));
    album.picture("2-firmware-wrong", &wrong);
}

/// Taller, for what is below the fold; and small.
#[test]
fn pictures_of_the_firmware_step_below_the_fold() {
    let update = running(G431, "CARTOGRAPHER V4 6.1.0");
    let mut album = Album::new((960.0, 1000.0));
    let mut fetching = update.clone();
    fetching.settings.show_older = true;
    follow(&mut fetching);
    fetching.list.bulk = Some(Bulk::Running {
        done: 48,
        total: 121,
        bytes: 1_263_000,
        id: "v4-6.1.0-usb-full".into(),
        stopping: false,
    });
    album.picture("2-firmware-fetching", &fetching);
    let mut failed = update.clone();
    failed.list.unreachable = true;
    follow(&mut failed);
    let error = CatalogError::NotAvailable {
        id: "v4-6.2.0-usb-full".into(),
        damaged: Vec::new(),
        why: FetchError::Offline {
            host: "raw.githubusercontent.com".into(),
            detail: "no route to host".into(),
        },
    };
    failed.list.choice = update.list.choice.clone();
    set_load(&mut failed, Load::Failed(Box::new(error)));
    album.picture("2-firmware-failed", &failed);
}

fn set_load(state: &mut AppState, load: Load) {
    if let Some(choice) = &mut state.list.choice {
        choice.load = load;
    }
}

/// Firmware from the list that was got, with its notices.
fn ready() -> AppState {
    let mut state = running(F042, "CARTOGRAPHER 5.1.0");
    with_list(&mut state, |id| id.starts_with("v3-6.1.0"));
    let bytes = practice::app(F042, Transport::Usb, "CARTOGRAPHER V3 6.1.0");
    let image = Image::parse("CartographerV3_6.1.0_USB_full_8kib_offset.bin", bytes).unwrap();
    ui::pick(&mut state, image);
    if let Picked::Image { path, .. } = &mut state.firmware {
        *path = None;
    }
    set_load(
        &mut state,
        Load::Loaded {
            from: Some(Place::Cache),
            notes: Vec::new(),
        },
    );
    state
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
    album.picture("coach-blocked", &coach_blocked());
    album.picture("coach-silence", &waited_in_vain(Model::V3));
    album.picture(
        "coach-success",
        &coach_state(Some(Model::V3), None, &[Some(Mode::RomDfu)]),
    );
}

#[test]
fn pictures_of_what_may_be_on_the_bus() {
    let mut album = Album::new(ui::SIZE);
    let elsewhere = |mut device: DeviceInfo| {
        device.location = Some(Location("1-3".into()));
        device
    };
    let second = elsewhere(ui::running("b", F042));
    let mut several = ui::state(vec![ui::running("a", G431), second]);
    several.bus.devices[1].just_plugged_in = true;
    album.picture("1-probe-several", &several);
    let twins = vec![ui::dfu("a", F042), elsewhere(ui::dfu("b", F042))];
    album.picture("1-probe-twins", &ui::state(twins));
    let stranger = ui::state(vec![ui::toolboard("a")]);
    album.picture("1-probe-stranger", &stranger);
    let katapult = seen(ui::katapult("a", F042), |_| {});
    album.picture("1-probe-katapult", &at_probe(katapult));
    let newest = running(G431, "CARTOGRAPHER V4 6.2.0");
    album.picture("1-probe-up-to-date", &at_probe(newest));
}

fn at_probe(mut state: AppState) -> AppState {
    state.step = Step::Probe;
    state
}

#[test]
fn pictures_of_other_pages() {
    let mut album = Album::new(ui::SIZE);
    let mut state = settings();
    album.picture("settings", &state);
    state.page = Some(Page::About);
    album.picture("about", &state);
    state.page = Some(Page::Settings);
    state.question = Some(Question::RemoveFirmware);
    album.picture("question", &state);
}

#[test]
fn pictures_of_the_program_itself() {
    let mut album = Album::new(ui::SIZE);
    album.picture("1-probe-newer-version", &with_release(probe_found()));
    let mut log = probe_found();
    log.log_open = true;
    for line in [
        "2026-11-22T23:58:00.101Z  INFO carto-flasher 0.1.0 on linux x86_64",
        "2026-11-22T23:58:00.213Z  INFO drawn by OpenGL 4.6: Mesa Intel(R) UHD Graphics",
        "2026-11-22T23:58:02.570Z  WARN the bus cannot be listed: not permitted",
    ] {
        log.log.push(line);
    }
    album.picture("log", &log);
    for (name, fate) in [
        ("crash-writing", Fate::BeingWritten),
        ("crash-done", ended()),
    ] {
        for (theme, harness) in [("light", Theme::Light), ("dark", Theme::Dark)]
            .map(|(name, theme)| (name, crash_view(fate.clone(), theme)))
        {
            let mut harness = harness;
            harness.run_steps(4);
            harness.snapshot_options(format!("{name}-{theme}"), &options());
            album.results.extend_harness(&mut harness);
        }
    }
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
    let update = running(G431, "CARTOGRAPHER V4 6.1.0");
    album.picture(&format!("size-{name}-firmware"), &update);
    album.picture(&format!("size-{name}-review"), &reviewed());
    album.picture(&format!("size-{name}-flash"), &flashing());
    let coach = coach_state(Some(Model::V3), Some(Mode::Firmware), &[]);
    album.picture(&format!("size-{name}-coach"), &coach);
}

/// The whole of pages that are longer than the window, with everything on them opened.
#[test]
fn pictures_of_what_is_behind_a_line() {
    let mut album = Album::new((960.0, 1500.0));
    let reset = coach_state(Some(Model::V3), Some(Mode::Firmware), &[]);
    let open = ["What the light says", "Other ways to hold BOOT0"];
    album.opened("coach-v3-ways", &reset, &open);
}

#[test]
fn pictures_of_the_plug() {
    let mut album = Album::new((960.0, 960.0));
    album.opened(
        "1-probe-plug",
        &ui::state(Vec::new()),
        &["Which way round is the plug?"],
    );
}

/// Pixels, not points, on a dense screen.
#[test]
fn pictures_of_a_dense_screen() {
    let mut album = Album::at((960.0, 680.0), 2.0);
    album.picture("dense-coach", &coach_state(Some(Model::V4), None, &[]));
}

#[test]
fn pictures_of_a_small_window_on_a_dense_screen() {
    let mut album = Album::at((720.0, 540.0), 1.5);
    album.picture("dense-firmware", &running(G431, "CARTOGRAPHER V4 6.1.0"));
}

#[test]
fn pictures_of_all_settings() {
    let mut album = Album::new((960.0, 1060.0));
    album.picture("settings-all", &settings());
    let mut typed = settings();
    typed.no_file_dialog = true;
    album.picture("settings-typed", &typed);
}

fn settings() -> AppState {
    let mut state = probe_found();
    state.page = Some(Page::Settings);
    state.list.kept = Removed {
        files: 131,
        bytes: 3_417_000,
    };
    state.list.folder = Some("/home/jane/.cache/carto-flasher/firmware/v1".into());
    state
}

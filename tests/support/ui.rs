//! What the tests of the window share: states made by hand, the window on a bench, and waiting for something.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::redundant_closure_for_method_calls,
    reason = "each test binary uses its own part"
)]

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use carto_flasher::app::comfort::SystemComfort;
use carto_flasher::app::practice::Bus;
use carto_flasher::app::state::{AppState, Chosen, Picked, Running, Seen, Step};
use carto_flasher::app::{App, Command, Dialogs, Folder, Purpose, Services, channel};
use carto_flasher::board::{Mcu, Transport, recognise};
use carto_flasher::flash::plan::{Request, Via, plan};
use carto_flasher::image::Image;
use carto_flasher::settings::{Settings, ThemeChoice};
use carto_flasher::transport::native::RealClock;
use carto_flasher::transport::sim::{SimHardware, practice};
use carto_flasher::transport::{
    Access, AltSetting, Clock, DeviceId, DeviceInfo, DfuLink, Hardware, LinkError, Location,
    Rehearsal, SerialLink, UsbIds,
};
use carto_flasher::ui::theme;
use carto_flasher::ui::window::Window;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use crate::world::World;

pub const SIZE: (f32, f32) = (960.0, 680.0);

// ---- devices and states made by hand ----

pub fn device(id: &str, ids: (u16, u16), manufacturer: &str, product: &str) -> DeviceInfo {
    DeviceInfo {
        id: DeviceId(id.into()),
        location: Some(Location("1-2".into())),
        ids: UsbIds {
            vendor: ids.0,
            product: ids.1,
            bcd_device: 0x0200,
        },
        manufacturer: Some(manufacturer.into()),
        product: Some(product.into()),
        serial: Some("2A0041001850325035363220".into()),
        port: None,
        alt_settings: Vec::new(),
        access: Access::Usable,
    }
}

pub fn running(id: &str, mcu: Mcu) -> DeviceInfo {
    let mut device = device(id, (0x1d50, 0x614e), "Cartographer", mcu.klipper_name());
    device.port = Some("/dev/ttyACM0".into());
    device
}

pub fn katapult(id: &str, mcu: Mcu) -> DeviceInfo {
    let mut device = device(id, (0x1d50, 0x6177), "katapult", mcu.klipper_name());
    device.port = Some("/dev/ttyACM0".into());
    device
}

pub fn dfu(id: &str, mcu: Mcu) -> DeviceInfo {
    let mut device = device(
        id,
        (0x0483, 0xdf11),
        "STMicroelectronics",
        "STM32  BOOTLOADER",
    );
    let (serial, layout) = match mcu {
        Mcu::Stm32F042 => (
            "FFFFFFFEFFFF",
            [
                "@Internal Flash  /0x08000000/032*0001Kg",
                "@Option Bytes  /0x1FFFF800/01*016 e",
            ]
            .as_slice(),
        ),
        Mcu::Stm32G431 => (
            "2057364B4E41",
            [
                "@Internal Flash   /0x08000000/64*02Kg",
                "@Option Bytes   /0x1FFF7800/01*040 e",
                "@OTP Memory   /0x1FFF7000/01*0001Ke",
            ]
            .as_slice(),
        ),
    };
    device.serial = Some(serial.into());
    device.alt_settings = alts(layout);
    device
}

fn alts(names: &[&str]) -> Vec<AltSetting> {
    let alt = |(number, name): (u8, &&str)| AltSetting {
        number,
        name: (*name).into(),
    };
    (0..).zip(names).map(alt).collect()
}

/// A G0B1 toolboard in DFU mode.
pub fn toolboard(id: &str) -> DeviceInfo {
    let mut device = device(
        id,
        (0x0483, 0xdf11),
        "STMicroelectronics",
        "STM32  BOOTLOADER",
    );
    device.alt_settings = alts(&["@Internal Flash   /0x08000000/64*02Kg"; 3]);
    device.location = Some(Location("1-4".into()));
    device
}

pub fn seen(info: DeviceInfo) -> Seen {
    Seen {
        sighting: recognise(&info),
        info,
        running: Running::NotAsked,
        just_plugged_in: false,
    }
}

/// A state with these devices on the bus, and nothing done yet.
pub fn state(devices: Vec<DeviceInfo>) -> AppState {
    let settings = Settings {
        backup_folder: Some(PathBuf::from("/home/jane/carto-flasher/backups")),
        reduced_motion: true,
        ..Settings::default()
    };
    let mut state = AppState::new(settings);
    state.bus.looked = true;
    state.bus.devices = devices.into_iter().map(seen).collect();
    state.can_practise = true;
    state.log_folder = Some(PathBuf::from("/home/jane/.local/state/carto-flasher/logs"));
    let mut probes = state.probes().cloned();
    let only = probes.next().filter(|_| probes.next().is_none());
    drop(probes);
    state.chosen = only.map(|seen| chosen(&seen));
    state
}

pub fn chosen(seen: &Seen) -> Chosen {
    Chosen {
        id: seen.info.id.clone(),
        location: seen.info.location.clone(),
        serial: seen.info.serial.clone(),
        mcu: seen.mcu(),
        by_hand: true,
    }
}

pub fn version(mcu: Mcu) -> &'static str {
    match mcu {
        Mcu::Stm32F042 => "CARTOGRAPHER V3 6.2.0",
        Mcu::Stm32G431 => "CARTOGRAPHER V4 6.2.0",
    }
}

pub fn app_image(mcu: Mcu, transport: Transport) -> Image {
    let bytes = practice::app(mcu, transport, version(mcu));
    Image::parse("Cartographer_6.2.0_full.bin", bytes).unwrap()
}

pub fn combined_image(mcu: Mcu, transport: Transport) -> Image {
    let bytes = practice::combined(mcu, transport, version(mcu));
    Image::parse("katapult_and_carto_6.2.0_full.bin", bytes).unwrap()
}

/// Puts an image into the state and makes the plan, as the program would.
pub fn pick(state: &mut AppState, image: Image) {
    let image = Arc::new(image);
    let path = Some(PathBuf::from("/home/jane/Downloads").join(image.name()));
    let request = state.probe().map(|seen| Request {
        device: seen.info.clone(),
        image: Image::clone(&image),
        bootloader: None,
        via: Via::Auto,
        backup: true,
        deployer_consent: false,
    });
    state.firmware = Picked::Image { path, image };
    state.verdict = request.map(|request| plan(&request).map(Arc::new));
    state.step = Step::Firmware;
}

// ---- drawing a state ----

pub struct View {
    pub state: AppState,
    pub commands: Vec<Command>,
}

/// A window that shows a state and keeps what is asked of it.
pub fn view(state: AppState) -> Harness<'static, View> {
    view_of(state, egui::Theme::Light, SIZE)
}

pub fn view_of(state: AppState, theme: egui::Theme, size: (f32, f32)) -> Harness<'static, View> {
    view_at(state, theme, size, 1.0)
}

/// The same on a screen with this many pixels per point.
pub fn view_at(
    state: AppState,
    theme: egui::Theme,
    size: (f32, f32),
    scale: f32,
) -> Harness<'static, View> {
    let percent = f32::from(state.settings.text_percent) / 100.0;
    let reduced = state.settings.reduced_motion;
    let preference = match theme {
        egui::Theme::Light => ThemeChoice::Light,
        egui::Theme::Dark => ThemeChoice::Dark,
    };
    let mut state = state;
    state.settings.theme = preference;
    Harness::builder()
        .with_size(egui::vec2(size.0, size.1))
        .with_theme(theme)
        .with_pixels_per_point(scale)
        .with_context_setup(move |ctx| {
            theme::apply(ctx, percent);
            theme::set_reduced_motion(ctx, reduced);
        })
        .allow_missing_glyphs()
        .build_ui_state(
            |ui, view: &mut View| {
                let mut whole = whole_window(ui);
                carto_flasher::ui::root_ui(&mut whole, &view.state, &mut view.commands);
            },
            View {
                state,
                commands: Vec::new(),
            },
        )
}

/// The harness leaves a margin; the real window has none.
pub fn whole_window(ui: &egui::Ui) -> egui::Ui {
    let rect = ui.ctx().content_rect();
    let builder = egui::UiBuilder::new()
        .layer_id(ui.layer_id())
        .max_rect(rect);
    egui::Ui::new(ui.ctx().clone(), egui::Id::unique("whole window"), builder)
}

// ---- the whole program on a bench ----

/// Real time, some times faster: a simulated flash takes seconds, a test should not.
#[derive(Clone, Copy)]
pub struct FastClock {
    real: RealClock,
    times: u32,
}

impl FastClock {
    pub fn new(times: u32) -> Self {
        Self {
            real: RealClock::new(),
            times,
        }
    }
}

impl Clock for FastClock {
    fn now(&self) -> Duration {
        self.real.now() * self.times
    }

    fn sleep(&self, duration: Duration) {
        self.real.sleep(duration / self.times);
    }

    fn wall(&self) -> SystemTime {
        self.real.wall()
    }
}

/// Dialogs that answer what the test says.
#[derive(Default)]
pub struct FakeDialogs {
    /// They fail as a desktop's own code may.
    pub broken: AtomicBool,
    pub file: Mutex<Option<PathBuf>>,
    pub looked_in: Mutex<Option<PathBuf>>,
}

impl Dialogs for FakeDialogs {
    fn open_file(&self, _purpose: Purpose, folder: Option<&Path>) -> Option<PathBuf> {
        let broken = self.broken.load(Ordering::Relaxed);
        assert!(!broken, "a dialog that fails");
        *self.looked_in.lock().unwrap() = folder.map(Path::to_owned);
        self.file.lock().unwrap().clone()
    }

    fn save_file(&self, _suggested_name: &str) -> Option<PathBuf> {
        self.file.lock().unwrap().clone()
    }

    fn pick_folder(&self, _what_for: Folder) -> Option<PathBuf> {
        self.file.lock().unwrap().clone()
    }
}

/// The program before and after its window is open.
pub struct Slot {
    app: Option<App>,
    window: Option<Window>,
}

impl Slot {
    fn window(&self) -> &Window {
        self.window.as_ref().unwrap()
    }
}

/// A bench that does not say that it is one.
pub struct Unmarked(pub SimHardware);

impl Hardware for Unmarked {
    fn list(&self) -> Result<Vec<DeviceInfo>, LinkError> {
        self.0.list()
    }

    fn open_dfu(&self, device: &DeviceId) -> Result<Box<dyn DfuLink>, LinkError> {
        self.0.open_dfu(device)
    }

    fn open_serial(&self, device: &DeviceId) -> Result<Box<dyn SerialLink>, LinkError> {
        self.0.open_serial(device)
    }

    fn touch_1200(&self, device: &DeviceId) -> Result<(), LinkError> {
        self.0.touch_1200(device)
    }

    fn wait_for_change(&self, timeout: Duration) -> bool {
        self.0.wait_for_change(timeout)
    }

    fn clock(&self) -> &dyn Clock {
        self.0.clock()
    }

    fn rehearse(&self, job: &mut Rehearsal<'_>) {
        self.0.rehearse(job);
    }
}

/// The program on a bench, with files in a folder that goes with it.
pub struct Stage {
    pub harness: Harness<'static, Slot>,
    pub bench: SimHardware,
    pub dialogs: Arc<FakeDialogs>,
    /// Sounds that were asked for.
    pub chimes: Arc<AtomicUsize>,
    pub folder: tempfile::TempDir,
}

impl Stage {
    pub fn new(spec: &str) -> Self {
        Self::with_world(spec, &Arc::new(World::default()))
    }

    /// On a bench, with firmware to be had from `world`.
    pub fn with_world(spec: &str, world: &Arc<World>) -> Self {
        Self::start(spec, world, |bench| Arc::new(bench))
    }

    /// The same, on a bench that does not say that it is one.
    pub fn real(spec: &str, world: &Arc<World>) -> Self {
        Self::start(spec, world, |bench| Arc::new(Unmarked(bench)))
    }

    fn start(
        spec: &str,
        world: &Arc<World>,
        hardware: impl FnOnce(SimHardware) -> Arc<dyn Hardware>,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let catalog = world.catalog(&folder.path().join("cache"));
        let bench = SimHardware::from_spec(spec, Arc::new(FastClock::new(10))).unwrap();
        let dialogs = Arc::new(FakeDialogs::default());
        let chimes = Arc::new(AtomicUsize::new(0));
        let services = Services {
            bus: Bus {
                hardware: hardware(bench.clone()),
                hands: Some(Arc::new(bench.clone())),
            },
            practise: None,
            catalog,
            dialogs: dialogs.clone(),
            chime: {
                let chimes = Arc::clone(&chimes);
                Arc::new(move || {
                    chimes.fetch_add(1, Ordering::Relaxed);
                })
            },
            comfort: Arc::new(SystemComfort::default),
            settings_path: Some(folder.path().join("settings.json")),
            fallback_backup_folder: folder.path().join("backups"),
            releases: None,
            log_folder: None,
        };
        let mut app = App::new(services, channel());
        let settings = Settings {
            backup_folder: Some(folder.path().join("backups")),
            reduced_motion: true,
            ..Settings::default()
        };
        app.run(vec![Command::Settings(Box::new(settings))]);
        let harness = Harness::builder()
            .with_size(egui::vec2(SIZE.0, SIZE.1))
            .allow_missing_glyphs()
            .build_ui_state(
                |ui, slot: &mut Slot| {
                    if let Some(app) = slot.app.take() {
                        slot.window = Some(Window::new(app, ui.ctx()));
                    }
                    let window = slot.window.as_mut().unwrap();
                    window.logic(ui.ctx());
                    window.ui(&mut whole_window(ui));
                },
                Slot {
                    app: Some(app),
                    window: None,
                },
            );
        Self {
            harness,
            bench,
            dialogs,
            chimes,
            folder,
        }
    }

    /// Writes a file beside the program and returns its path.
    pub fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    pub fn state(&self) -> &AppState {
        self.harness.state().window().app().state()
    }

    pub fn run(&mut self, command: Command) {
        let window = self.harness.state_mut().window.as_mut();
        window.unwrap().app_mut().run(vec![command]);
        self.harness.step();
    }

    pub fn click(&mut self, label: &str) {
        self.harness.get_by_label(label).click();
        self.harness.step();
        self.harness.step();
    }

    pub fn press(&mut self, modifiers: egui::Modifiers, key: egui::Key) {
        self.harness.key_press_modifiers(modifiers, key);
        self.harness.step();
    }

    /// The name of what has the keyboard's focus.
    pub fn focused(&self) -> Option<String> {
        let node = self
            .harness
            .query_all_by(|node| node.is_focused() && node.label().is_some())
            .next()?;
        node.accesskit_node().label()
    }

    pub fn shows(&self, label: &str) -> bool {
        self.harness
            .query_all_by_label_contains(label)
            .next()
            .is_some()
    }

    /// Draws until something is so. A program that hangs is told by a picture and a panic.
    pub fn until(&mut self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let clock = RealClock::new();
        let began = clock.now();
        loop {
            self.harness.step();
            if is_so(self) {
                return;
            }
            if clock.now().saturating_sub(began) > Duration::from_mins(1) {
                let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("stuck.png");
                if let Ok(picture) = self.harness.render() {
                    picture.save(&path).unwrap();
                }
                panic!("waited for {what}; see {}", path.display());
            }
            clock.sleep(Duration::from_millis(5));
        }
    }

    pub fn until_shows(&mut self, label: &str) {
        self.until(label, |stage| stage.shows(label));
    }
}

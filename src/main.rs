//! The window: arguments, log, real or simulated hardware, and eframe with the first renderer that works.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::Receiver;

use carto_flasher::app::practice::Bus;
use carto_flasher::app::{
    self, App, Command, Event, LogTap, NativeDialogs, Purpose, Sender, Services,
};
use carto_flasher::settings::Settings;
use carto_flasher::transport::native::{NativeHardware, RealClock};
use carto_flasher::transport::sim::{SimHardware, bench_help};
use carto_flasher::ui::window::Window;
use carto_flasher::ui::words;
use clap::{CommandFactory as _, Parser};
use eframe::egui;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::writer::MakeWriterExt as _;

/// The desktop file, the icon and Wayland know the program by this name.
const APP_ID: &str = "io.github.carto_flasher.CartoFlasher";
/// Sizes of the window in points (ux.md "Shape").
const SIZE: (u16, u16) = (960, 680);
const SMALLEST: (u16, u16) = (720, 540);
/// What `--simulate` alone and the practice button start.
const PRACTICE_BENCH: &str = "v3-usb";

/// Puts firmware on Cartographer bed probes, with pictures and verification.
#[derive(Debug, Parser)]
#[command(version, about, after_long_help = bench_help())]
struct Args {
    /// A firmware file to inspect at once
    file: Option<PathBuf>,
    /// Use a simulated bench instead of real hardware, such as v3-usb or v4-dfu
    #[arg(long, value_name = "BENCH", num_args = 0..=1, default_missing_value = PRACTICE_BENCH)]
    simulate: Option<String>,
    /// How much to log, to standard error and into the log drawer: error, warn, info, debug or trace
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    log: String,
    /// For smoke tests: close by itself after this many frames; fails if the window shows none
    #[arg(long, value_name = "N", hide = true)]
    exit_after_frames: Option<u32>,
    /// For smoke tests: save a picture of the last of these frames
    #[arg(long, value_name = "PNG", hide = true, requires = "exit_after_frames")]
    screenshot: Option<PathBuf>,
    /// For packages: print the manual page
    #[arg(long, hide = true)]
    manual: bool,
}

fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // --help and --version come this way too and are not failures.
            error.print().ok();
            return if error.use_stderr() {
                ExitCode::from(2)
            } else {
                ExitCode::SUCCESS
            };
        }
    };
    if args.manual {
        return print_manual();
    }
    let (sender, receiver) = app::channel();
    start_log(&args.log, sender.clone());
    let bus = match bus(args.simulate.as_deref()) {
        Ok(bus) => bus,
        Err(why) => {
            tell(&why);
            return ExitCode::from(2);
        }
    };
    match run(&args, bus, (sender, receiver)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            tracing::error!("{why}");
            tell(&format!(
                "The window could not be opened.\n\n{why}\n\n{NO_WINDOW_ADVICE}"
            ));
            ExitCode::FAILURE
        }
    }
}

/// The same words as `--help`.
fn print_manual() -> ExitCode {
    let page = clap_mangen::Man::new(Args::command());
    match page.render(&mut std::io::stdout()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_nobody_listens) => ExitCode::FAILURE,
    }
}

const NO_WINDOW_ADVICE: &str = "Update the graphics driver, or try again outside the remote desktop. \
    The command line, carto-flasher-cli, does the same without a window.";

fn start_log(level: &str, sender: Sender) {
    let filter = EnvFilter::builder()
        .with_default_directive(tracing_subscriber::filter::LevelFilter::WARN.into())
        .parse_lossy(format!("warn,carto_flasher={level}"));
    let tap = LogTap::new(sender);
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_target(false)
        .with_writer(std::io::stderr.and(move || tap.clone()))
        .init();
}

/// The bus to work on: the computer's own, or the simulated bench in real time.
fn bus(simulate: Option<&str>) -> Result<Bus, String> {
    match simulate {
        None => Ok(Bus {
            hardware: Arc::new(NativeHardware::new()),
            hands: None,
        }),
        Some(spec) => bench(spec),
    }
}

fn bench(spec: &str) -> Result<Bus, String> {
    let bench = SimHardware::from_spec(spec, Arc::new(RealClock::new()))
        .map_err(|error| format!("This simulated bench does not exist: {error}"))?;
    Ok(Bus {
        hardware: Arc::new(bench.clone()),
        hands: Some(Arc::new(bench)),
    })
}

/// Opens the window with OpenGL, and if that does not work with wgpu: virtual machines and remote desktops often
/// have only one of the two.
fn run(args: &Args, bus: Bus, channel: (Sender, Receiver<Event>)) -> Result<(), String> {
    let practise: app::MakeBench = Arc::new(|| bench(PRACTICE_BENCH).ok());
    let services = Services {
        bus,
        practise: Some(practise),
        catalog: Arc::new(app::firmware::open_usual),
        dialogs: Arc::new(NativeDialogs),
        settings_path: Settings::default_path(),
        fallback_backup_folder: PathBuf::from("."),
    };
    let mut parts = Some((services, channel));
    let mut failures = Vec::new();
    for renderer in [eframe::Renderer::Glow, eframe::Renderer::Wgpu] {
        match open(args, renderer, &mut parts) {
            Ok(()) => return Ok(()),
            // It was open and broke later: a second window would only confuse.
            Err(why) if parts.is_none() => return Err(why),
            Err(why) => {
                tracing::warn!("{renderer}: {why}");
                failures.push(format!("{renderer}: {why}"));
            }
        }
    }
    Err(failures.join("\n"))
}

type Parts = Option<(Services, (Sender, Receiver<Event>))>;

fn open(args: &Args, renderer: eframe::Renderer, parts: &mut Parts) -> Result<(), String> {
    let smoke = args
        .exit_after_frames
        .map(|frames| Smoke::new(frames, args.screenshot.clone()));
    let drawn = smoke.as_ref().map(|smoke| Arc::clone(&smoke.drawn));
    let file = args.file.clone();
    let attempt = AssertUnwindSafe(|| {
        eframe::run_native(
            words::APP,
            options(renderer),
            Box::new(|context| {
                let (services, channel) = parts.take().ok_or("the window was opened twice")?;
                let mut app = App::new(services, channel);
                if let Some(file) = file {
                    app.run(vec![Command::ReadFile(Purpose::Firmware, file)]);
                }
                let window = Window::new(app, &context.egui_ctx);
                Ok(match smoke {
                    Some(smoke) => Box::new(smoke.around(window)),
                    None => Box::new(window),
                })
            }),
        )
    });
    // Graphics drivers are known to bring programs down instead of reporting a failure.
    match std::panic::catch_unwind(attempt) {
        Ok(Ok(())) => match drawn {
            Some(drawn) if drawn.load(Ordering::Relaxed) == 0 => Err("no frame was drawn".into()),
            _ => Ok(()),
        },
        Ok(Err(error)) => Err(error.to_string()),
        Err(_panic) => Err("the graphics driver failed".into()),
    }
}

fn options(renderer: eframe::Renderer) -> eframe::NativeOptions {
    let remembered = Settings::default_path().and_then(|path| Settings::load(&path).0.window_size);
    let (width, height) = remembered.unwrap_or(SIZE);
    let size = |(width, height): (u16, u16)| [f32::from(width), f32::from(height)];
    let viewport = egui::ViewportBuilder::default()
        .with_title(words::APP)
        .with_app_id(APP_ID)
        .with_inner_size(size((width.max(SMALLEST.0), height.max(SMALLEST.1))))
        .with_min_inner_size(size(SMALLEST))
        .with_drag_and_drop(true);
    eframe::NativeOptions {
        viewport,
        renderer,
        ..Default::default()
    }
}

/// Tells what keeps the window from opening: on standard error, and where that is not seen, in a message box.
fn tell(why: &str) {
    use std::io::Write as _;
    writeln!(std::io::stderr(), "{why}").ok();
    if cfg!(any(windows, target_os = "macos")) {
        rfd::MessageDialog::new()
            .set_level(rfd::MessageLevel::Error)
            .set_title(words::APP)
            .set_description(why)
            .show();
    }
}

/// The window with an end: for smoke tests.
struct Smoke {
    frames: u32,
    picture: Option<PathBuf>,
    drawn: Arc<AtomicU32>,
}

struct SmokeWindow {
    smoke: Smoke,
    window: Window,
}

impl Smoke {
    fn new(frames: u32, picture: Option<PathBuf>) -> Self {
        Self {
            frames: frames.max(1),
            picture,
            drawn: Arc::default(),
        }
    }

    fn around(self, window: Window) -> SmokeWindow {
        SmokeWindow {
            smoke: self,
            window,
        }
    }
}

impl eframe::App for SmokeWindow {
    fn logic(&mut self, ctx: &egui::Context, _frame: &mut eframe::Frame) {
        self.window.logic(ctx);
    }

    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        self.window.ui(ui);
        let drawn = self
            .smoke
            .drawn
            .fetch_add(1, Ordering::Relaxed)
            .saturating_add(1);
        let ctx = ui.ctx();
        ctx.request_repaint();
        if drawn < self.smoke.frames {
            return;
        }
        let Some(path) = &self.smoke.picture else {
            ctx.send_viewport_cmd(egui::ViewportCommand::Close);
            return;
        };
        if drawn == self.smoke.frames {
            let path = path.clone();
            let to_close = ctx.clone();
            let keep = egui::ScreenshotCallback::new(move |picture| {
                save_picture(&path, &picture);
                to_close.send_viewport_cmd(egui::ViewportCommand::Close);
            });
            ctx.send_viewport_cmd(egui::ViewportCommand::Screenshot(keep));
        }
    }
}

fn save_picture(path: &std::path::Path, picture: &egui::ColorImage) {
    let [width, height] = picture
        .size
        .map(|side| u32::try_from(side).unwrap_or_default());
    let saved = image::save_buffer(
        path,
        picture.as_raw(),
        width,
        height,
        image::ColorType::Rgba8,
    );
    if let Err(error) = saved {
        tracing::error!("the picture could not be saved: {error}");
    }
}

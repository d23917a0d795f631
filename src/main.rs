//! The window: arguments, one window per person, log, real or simulated hardware, and eframe with the first renderer
//! that works.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

#[path = "main/crash.rs"]
mod crash;
#[path = "main/logging.rs"]
mod logging;
#[path = "main/second.rs"]
mod second;
#[path = "main/show.rs"]
mod show;
#[path = "main/smoke.rs"]
mod smoke;
#[path = "main/tell.rs"]
mod tell;
#[cfg(debug_assertions)]
#[path = "main/trap.rs"]
mod trap;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Receiver;

use carto_flasher::app::practice::Bus;
use carto_flasher::app::{self, App, Command, Event, NativeDialogs, Sender, Services};
use carto_flasher::catalog::fetch::Http;
use carto_flasher::settings::Settings;
use carto_flasher::transport::native::{NativeHardware, RealClock};
use carto_flasher::transport::sim::{SimHardware, bench_help};
use carto_flasher::ui::window::Window;
use carto_flasher::ui::words;
use clap::{CommandFactory as _, Parser};

use crash::Keeper;
use logging::Logs;
use second::Start;
use show::{Shown, show};
use smoke::Smoke;
use tell::tell;

/// What `--simulate` alone and the practice button start.
const PRACTICE_BENCH: &str = "v3-usb";

/// Puts firmware on Cartographer bed probes, with pictures and verification.
#[derive(Debug, Parser)]
#[command(version, about, after_long_help = bench_help())]
struct Args {
    /// A firmware file to inspect at once; of several, as a desktop may hand them over, the first
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Use a simulated bench instead of real hardware, such as v3-usb or v4-dfu
    #[arg(long, value_name = "BENCH", num_args = 0..=1, default_missing_value = PRACTICE_BENCH)]
    simulate: Option<String>,
    /// How much to log, to standard error, into the log drawer and the log file: error, warn, info, debug or trace
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    log: String,
    /// For smoke tests: close by itself after this many frames; fails if the window shows none
    #[arg(long, value_name = "N", hide = true)]
    exit_after_frames: Option<u32>,
    /// For smoke tests: save a picture of the last of these frames
    #[arg(long, value_name = "PNG", hide = true, requires = "exit_after_frames")]
    screenshot: Option<PathBuf>,
    /// For the program itself: explain a crash, with this report if there is one
    #[arg(long, value_name = "REPORT", hide = true, num_args = 0..=1, default_missing_value = "", conflicts_with = "simulate")]
    crashed: Option<PathBuf>,
    /// For packages: print the manual page
    #[arg(long, hide = true)]
    manual: bool,
}

fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            if error.use_stderr() {
                // Who started it from an icon sees no terminal.
                tell(&error.to_string());
                return ExitCode::from(2);
            }
            // --help and --version come this way too and are not failures.
            error.print().ok();
            return ExitCode::SUCCESS;
        }
    };
    if let Some(report) = args.crashed {
        return crash::explain(report);
    }
    if args.manual {
        return print_manual();
    }
    let (sender, receiver) = app::channel();
    let logs = Logs::start(&args.log, sender.clone());
    let keeper = Keeper::install(&logs, sender.clone());
    let started = AssertUnwindSafe(|| start(&args, (sender, receiver), &logs, &keeper));
    catch_unwind(started).unwrap_or_else(|_panic| {
        keeper.end("the program failed outside of its window");
        ExitCode::FAILURE
    })
}

/// From the first window of this person to its end.
fn start(
    args: &Args,
    (sender, receiver): (Sender, Receiver<Event>),
    logs: &Logs,
    keeper: &Arc<Keeper>,
) -> ExitCode {
    #[cfg(debug_assertions)]
    trap::starting();
    // Practice stands beside the real thing.
    let start = match &args.simulate {
        None => second::start(args.files.first().map(PathBuf::as_path), &sender),
        Some(_) => Start::Alone,
    };
    let first = match start {
        Start::HandedOver => return ExitCode::SUCCESS,
        Start::First(first) => Some(first),
        Start::Alone => None,
    };
    let bus = match bus(args.simulate.as_deref()) {
        Ok(bus) => bus,
        Err(why) => {
            tell(&why);
            return ExitCode::from(2);
        }
    };
    let shown = run(args, bus, (sender, receiver), logs, keeper);
    if let Some(first) = first {
        first.close();
    }
    match shown {
        Shown::Closed => {
            keeper.wait_for_stopped_job();
            ExitCode::SUCCESS
        }
        Shown::NoScreen(why) => {
            tracing::error!("{why}");
            tell(&words::no_screen(&why));
            ExitCode::FAILURE
        }
        Shown::NotOpened(why) => {
            tracing::error!("{why}");
            tell(&words::no_window(&why));
            ExitCode::FAILURE
        }
        Shown::Broke(why) => {
            keeper.end(&why);
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

/// Shows the window until it is closed.
fn run(
    args: &Args,
    bus: Bus,
    channel: (Sender, Receiver<Event>),
    logs: &Logs,
    keeper: &Arc<Keeper>,
) -> Shown {
    let practise: app::MakeBench = Arc::new(|| bench(PRACTICE_BENCH).ok());
    let services = Services {
        bus,
        practise: Some(practise),
        catalog: Arc::new(app::firmware::open_usual),
        dialogs: Arc::new(NativeDialogs),
        chime: Arc::new(app::native_chime),
        comfort: Arc::new(app::comfort::system_comfort),
        settings_path: Settings::default_path(),
        fallback_backup_folder: PathBuf::from("."),
        releases: Some(Arc::new(Http::default())),
        log_folder: logs.folder.clone(),
    };
    let smoke = args
        .exit_after_frames
        .map(|frames| Smoke::new(frames, args.screenshot.clone()));
    let drawn = smoke.as_ref().map(|smoke| Arc::clone(&smoke.drawn));
    let mut parts = Some((services, channel, smoke));
    let shown = show(&show::usual_options(), &mut |context| {
        let (services, channel, smoke) = parts.take()?;
        keeper.window_opens();
        let mut app = App::new(services, channel);
        app.set_renderer(show::renderer(context));
        if !args.files.is_empty() {
            app.run(vec![Command::Dropped(args.files.clone())]);
        }
        let window = Window::new(app, &context.egui_ctx);
        Some(match smoke {
            Some(smoke) => Box::new(smoke.around(window)) as Box<dyn eframe::App>,
            #[cfg(debug_assertions)]
            None => trap::around(window),
            #[cfg(not(debug_assertions))]
            None => Box::new(window),
        })
    });
    match (shown, drawn) {
        (Shown::Closed, Some(drawn)) if drawn.load(Ordering::Relaxed) == 0 => {
            Shown::NotOpened("no frame was drawn".into())
        }
        (shown, _) => shown,
    }
}

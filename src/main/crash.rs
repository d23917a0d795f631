//! What is done when the window fails: a second process explains it, and this one stays until its flash job has ended.
//!
//! The panic hook does it, before anything is torn down: dropping what a window is made of could fail as well, which
//! would end the process and the job with it.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::ThreadId;
use std::time::Duration;

use carto_flasher::advice;
use carto_flasher::app::explain::Explainer;
use carto_flasher::app::state::Notice;
use carto_flasher::app::{Event, Sender};
use carto_flasher::crash::{self, Crash, Fate, Notebook};
use carto_flasher::flash::{JobEvent, Waited, running_jobs, wait_for_jobs};
use carto_flasher::settings::Settings;
use carto_flasher::transport::Clock as _;
use carto_flasher::transport::native::RealClock;
use carto_flasher::ui::crash_window::CrashWindow;
use carto_flasher::ui::words;

use crate::logging::Logs;
use crate::show::{Shown, show, small_options};
use crate::tell::tell;

/// A job that does nothing for so many looks in the hook may wait for something that only unwinding gives back; it is
/// waited for again after that.
const LOOKS_WITHOUT_PROGRESS: u32 = 10;
const LOOK: Duration = Duration::from_secs(1);
/// A job may wait a minute for its probe and then write it: longer than this, and it hangs.
const JOB_LASTS: Duration = Duration::from_mins(4);
/// A job that was told to stop ends after the block it is at.
const BLOCK_LASTS: Duration = Duration::from_secs(15);

/// Knows whether the window failed, and to whom that is explained.
pub(crate) struct Keeper {
    main: ThreadId,
    sender: Sender,
    window_is_open: AtomicBool,
    story: Mutex<Story>,
}

#[derive(Default)]
struct Story {
    failed: bool,
    report: Option<PathBuf>,
    listener: Option<ChildStdin>,
    fate: Option<Fate>,
}

impl Keeper {
    /// Sets the panic hook.
    pub(crate) fn install(logs: &Logs, sender: Sender) -> Arc<Self> {
        let keeper = Arc::new(Self {
            main: std::thread::current().id(),
            sender,
            window_is_open: AtomicBool::new(false),
            story: Mutex::default(),
        });
        let notebook = Notebook {
            folder: logs.folder.clone(),
            log: logs.file.clone(),
            memory: logs.memory.clone(),
            wall: || RealClock::new().wall(),
        };
        let told = Arc::clone(&keeper);
        crash::install(notebook, move |crash, report| told.crashed(crash, report));
        keeper
    }

    /// From now on a failure of the main thread is one of the window; before, it is one of a renderer, and there is
    /// another.
    pub(crate) fn window_opens(&self) {
        self.window_is_open.store(true, Ordering::SeqCst);
    }

    fn crashed(&self, _crash: &Crash, report: Option<&Path>) {
        if std::thread::current().id() != self.main {
            let report = report.map(Path::to_owned);
            self.sender.send(Event::Say(Notice::Crashed(report)));
            return;
        }
        if !self.window_is_open.load(Ordering::SeqCst) {
            // Told by whoever catches it, unless another renderer works.
            self.story().report = report.map(Path::to_owned);
            return;
        }
        // Whatever this thread holds locked stays so until it unwinds: no job may wait for it.
        self.sender.silence();
        self.begin(report);
        let mut looks = 0_u32;
        let mut before = running_jobs();
        while looks < LOOKS_WITHOUT_PROGRESS {
            let waited = wait_for_jobs(LOOK);
            if waited != Waited::StillRunning {
                self.job_ended(&waited);
                return;
            }
            let now = running_jobs();
            looks = if now == before {
                looks.saturating_add(1)
            } else {
                0
            };
            before = now;
        }
    }

    fn begin(&self, report: Option<&Path>) {
        let fate = match wait_for_jobs(Duration::ZERO) {
            Waited::StillRunning => Fate::BeingWritten,
            Waited::NoJob | Waited::Ended { .. } => Fate::NotConcerned,
        };
        let mut story = self.story();
        story.failed = true;
        story.report = report.map(Path::to_owned);
        story.listener = explainer(report);
        story.say(fate);
    }

    fn job_ended(&self, waited: &Waited) {
        if let Waited::Ended { mcu, event } = waited {
            self.story().say(fate(*mcu, event.as_deref()));
        }
    }

    /// After the window failed, or failed to open: waits for what is still running, and tells where nobody else does.
    pub(crate) fn end(&self, why: &str) {
        tracing::error!("{why}");
        if !self.story().failed {
            // It ended without a panic, or before it opened, and nothing was said yet.
            let report = self.story().report.clone();
            self.begin(report.as_deref());
        }
        let waited = wait_for_jobs(JOB_LASTS);
        self.job_ended(&waited);
        let mut story = self.story();
        let heard = story.listener.take().is_some();
        let fate = story.fate.clone().unwrap_or(Fate::NotConcerned);
        let text = words::crash_text(story.report.as_deref(), &fate.at_the_end());
        drop(story);
        if heard {
            writeln!(std::io::stderr(), "{text}").ok();
        } else {
            tell(&text);
        }
    }

    /// After the window was closed in the middle of a job: the job stops after its block, and not within it.
    pub(crate) fn wait_for_stopped_job(&self) {
        self.sender.silence();
        if wait_for_jobs(BLOCK_LASTS) == Waited::StillRunning {
            tracing::warn!("the job did not stop");
        }
    }

    fn story(&self) -> std::sync::MutexGuard<'_, Story> {
        self.story.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Story {
    fn say(&mut self, fate: Fate) {
        if let Some(listener) = &mut self.listener {
            writeln!(listener, "{}", fate.line()).ok();
        }
        self.fate = Some(fate);
    }
}

/// Starts the process that explains.
fn explainer(report: Option<&Path>) -> Option<ChildStdin> {
    let program = std::env::current_exe().ok()?;
    let mut command = Command::new(program);
    command.arg("--crashed");
    if let Some(report) = report {
        command.arg(report);
    }
    #[cfg(debug_assertions)]
    command.env_remove(crate::trap::VARIABLE);
    command.stdin(Stdio::piped()).stdout(Stdio::null());
    command.spawn().ok()?.stdin
}

fn fate(mcu: carto_flasher::board::Mcu, event: Option<&JobEvent>) -> Fate {
    let advice = match event {
        Some(JobEvent::Finished(_)) => {
            return Fate::Ended {
                good: true,
                title: words::done::SUCCESS.to_owned(),
                lines: vec![words::crash::JOB_DONE.to_owned()],
            };
        }
        Some(JobEvent::Failed(error)) => advice::for_flash_error(error, mcu),
        Some(JobEvent::Cancelled { aftermath }) => advice::for_cancelled(*aftermath, mcu),
        _ => return Fate::Unknown,
    };
    let steps = advice.steps.iter().zip(1_u32..);
    let steps = steps.map(|(step, number)| format!("{number}. {step}"));
    Fate::Ended {
        good: false,
        title: advice.title,
        lines: std::iter::once(advice.cause).chain(steps).collect(),
    }
}

/// The process that explains: a small window, or a message where none opens.
pub(crate) fn explain(report: PathBuf) -> ExitCode {
    let report = Some(report).filter(|path| !path.as_os_str().is_empty());
    let shown = show(&small_options(), &mut |context| {
        let settings = Settings::default_path().map(|path| Settings::load(&path).0);
        let ctx = context.egui_ctx.clone();
        let explainer = Explainer::new(report.clone(), Arc::new(move || ctx.request_repaint()));
        let window = CrashWindow::new(explainer, &settings.unwrap_or_default(), &context.egui_ctx);
        Some(Box::new(window))
    });
    match shown {
        Shown::Closed => ExitCode::SUCCESS,
        Shown::NoScreen(_) | Shown::NotOpened(_) | Shown::Broke(_) => {
            tell(&words::crash_text(report.as_deref(), &Fate::Unknown));
            ExitCode::FAILURE
        }
    }
}

//! What is kept and told when the program itself fails: a report in the log folder, and what it means for a probe
//! that was being written.
//!
//! [`install`] sets the panic hook. The hook writes the report, then hands the crash to whoever installed it, still on
//! the thread that failed and before anything is torn down: a window can wait there for its flash job. Nothing here may
//! panic, because that would end the process at once. Knows no pixels.

mod fate;
mod keep;

use std::backtrace::Backtrace;
use std::fmt::Write as _;
use std::panic::PanicHookInfo;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

pub use fate::Fate;
pub use keep::{keep, newest};

use crate::flash::{Running, running_jobs};
use crate::log::{LogFile, Memory};
use crate::report;

/// A thread of this program failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crash {
    /// The name of the thread.
    pub thread: String,
    /// File, line and column.
    pub place: String,
    /// What it said.
    pub message: String,
    /// How it came there.
    pub backtrace: String,
    /// What jobs were doing at that moment.
    pub jobs: Vec<Running>,
}

/// What a report is made with.
pub struct Notebook {
    /// The folder for reports; without one, or if it cannot be written, they go to the folder for temporary files.
    pub folder: Option<PathBuf>,
    /// The log file.
    pub log: Option<LogFile>,
    /// The last lines of the log.
    pub memory: Memory,
    /// The date.
    pub wall: fn() -> SystemTime,
}

/// From now on a panic on any thread is written to a report, then given to `told` with the path of that report.
pub fn install(notebook: Notebook, told: impl Fn(&Crash, Option<&Path>) + Send + Sync + 'static) {
    let previous = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        previous(info);
        let crash = Crash::of(info);
        let text = text(&crash, (notebook.wall)(), &notebook.memory.lines());
        let kept = keep(notebook.folder.as_deref(), (notebook.wall)(), &text);
        // Not through `tracing`: a log that wakes a window could wait for the very thread that failed.
        let line = format!(
            "thread {} failed at {}: {}",
            crash.thread, crash.place, crash.message
        );
        if let Some(log) = &notebook.log {
            log.try_line(&line);
        }
        told(&crash, kept.ok().as_deref());
    }));
}

impl Crash {
    fn of(info: &PanicHookInfo<'_>) -> Self {
        let payload = info.payload();
        let message = payload
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| payload.downcast_ref::<String>().cloned());
        Self {
            thread: std::thread::current().name().unwrap_or("?").to_owned(),
            place: info
                .location()
                .map_or_else(|| "?".to_owned(), ToString::to_string),
            message: message.unwrap_or_else(|| "nothing was said".to_owned()),
            backtrace: Backtrace::force_capture().to_string(),
            jobs: running_jobs(),
        }
    }
}

/// The report as text, masked.
pub fn text(crash: &Crash, wall: SystemTime, log: &[String]) -> String {
    let mut out = String::new();
    write_all(&mut out, crash, wall, log).ok();
    report::mask_text(&out, [])
}

fn write_all(
    out: &mut String,
    crash: &Crash,
    wall: SystemTime,
    log: &[String],
) -> std::fmt::Result {
    writeln!(out, "{}", report::basics())?;
    writeln!(out, "Time: {} UTC", crate::flash::file_stamp(wall))?;
    writeln!(out, "Thread: {}", crash.thread)?;
    writeln!(out, "Place: {}", crash.place)?;
    writeln!(out, "Message: {}", crash.message)?;
    match crash.jobs.as_slice() {
        [] => writeln!(out, "Job: none was running")?,
        jobs => jobs.iter().try_for_each(|job| {
            let phase = job.phase.map_or("not started", crate::flash::Phase::label);
            let (mcu, done, total) = (job.mcu, job.done, job.total);
            writeln!(out, "Job: on {mcu:?}, {phase}, {done} of {total}")
        })?,
    }
    writeln!(out, "\nBacktrace\n{}", crash.backtrace)?;
    writeln!(out, "Log: {} lines", log.len())?;
    log.iter().try_for_each(|line| writeln!(out, "{line}"))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;
    use crate::board::Mcu;
    use crate::flash::Phase;

    fn crash() -> Crash {
        Crash {
            thread: "main".into(),
            place: "src/ui/window.rs:1:2".into(),
            message: "index out of bounds on 2A0041001850325035363220".into(),
            backtrace: "0: carto_flasher::ui".into(),
            jobs: vec![Running {
                mcu: Mcu::Stm32F042,
                phase: Some(Phase::Write),
                done: 4096,
                total: 21_096,
            }],
        }
    }

    #[test]
    fn a_report_says_where_what_and_what_the_probe_was_doing() {
        let log = ["opened 2A0041001850325035363220".to_owned()];
        let text = text(&crash(), UNIX_EPOCH + Duration::from_hours(1), &log);
        for expected in [
            concat!("carto-flasher ", env!("CARGO_PKG_VERSION")),
            std::env::consts::OS,
            "Time: 19700101-010000 UTC",
            "Thread: main",
            "Place: src/ui/window.rs:1:2",
            "Message: index out of bounds on …3220",
            "Job: on Stm32F042, Erase and write, 4096 of 21096",
            "0: carto_flasher::ui",
            "opened …3220",
        ] {
            assert!(text.contains(expected), "{expected} in\n{text}");
        }
        assert!(!text.contains("2A0041001850325035363220"), "{text}");
    }

    #[test]
    fn without_a_job_it_says_so() {
        let crash = Crash {
            jobs: Vec::new(),
            ..crash()
        };
        assert!(text(&crash, UNIX_EPOCH, &[]).contains("Job: none was running"));
    }
}

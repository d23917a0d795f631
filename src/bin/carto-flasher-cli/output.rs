//! What is written to the terminal: sentences and a progress bar for people, one JSON object for programs.

use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;

use carto_flasher::flash::engine::Reporter;
use carto_flasher::flash::{JobEvent, Phase};
use serde_json::{Value, json};

use crate::exit::Failure;
use crate::interrupt::Interrupt;

/// Characters of a whole bar.
const BAR: u64 = 25;

/// Where answers go.
#[derive(Debug)]
pub(crate) struct Output {
    json: bool,
    live: bool,
    line_open: bool,
    interrupt: Interrupt,
}

impl Output {
    pub(crate) fn new(json: bool, interrupt: Interrupt) -> Self {
        Self {
            json,
            live: !json && std::io::stderr().is_terminal(),
            line_open: false,
            interrupt,
        }
    }

    /// What the terminal has to say in the middle of it: Ctrl+C.
    pub(crate) fn interrupt(&self) -> Interrupt {
        self.interrupt.clone()
    }

    /// A sentence for people; nothing in JSON.
    pub(crate) fn say(&mut self, text: &str) {
        if !self.json {
            self.close_line();
            write_line(&mut std::io::stdout(), text);
        }
    }

    /// The answer in JSON; nothing for people.
    pub(crate) fn answer(&mut self, value: impl FnOnce() -> Value) {
        if self.json {
            write_line(&mut std::io::stdout(), &value().to_string());
        }
    }

    /// Why the command did not do what it should.
    pub(crate) fn failure(&mut self, failure: &Failure) {
        if self.json {
            let advice = &failure.advice;
            let mut value = json!({
                "ok": false,
                "exit": failure.exit as u8,
                "code": advice.code,
                "title": advice.title,
                "cause": advice.cause,
                "steps": advice.steps,
                "details": advice.details,
            });
            if let (Some((phase, address, aftermath)), Some(object)) =
                (&failure.job, value.as_object_mut())
            {
                object.insert("phase".to_owned(), json!(phase));
                object.insert(
                    "address".to_owned(),
                    json!(address.map(|a| format!("{a:#010x}"))),
                );
                object.insert("aftermath".to_owned(), json!(aftermath));
            }
            if let (Some((name, found)), Some(object)) = (&failure.found, value.as_object_mut()) {
                object.insert((*name).to_owned(), found.clone());
            }
            self.answer(|| value);
        } else {
            self.close_line();
            write_line(&mut std::io::stderr(), &failure.advice.to_string());
        }
    }

    /// A bar that is drawn over itself while somebody watches.
    pub(crate) fn bar(&mut self, label: &str, done: u64, total: u64, text: &str) {
        if !self.live {
            return;
        }
        let filled = done
            .saturating_mul(BAR)
            .checked_div(total)
            .unwrap_or(0)
            .min(BAR);
        let bar: String = (0..BAR)
            .map(|at| if at < filled { '#' } else { '.' })
            .collect();
        let mut terminal = std::io::stderr();
        write!(terminal, "\r{label:<18} [{bar}] {text}\x1b[K")
            .and_then(|()| terminal.flush())
            .ok();
        self.line_open = true;
    }

    /// Ends a bar: what is said next stands in its place.
    pub(crate) fn end_bar(&mut self) {
        if self.line_open {
            write!(std::io::stderr(), "\r\x1b[K").ok();
            self.line_open = false;
        }
    }

    /// Asks a yes-or-no question; `None` if there is nobody to ask.
    pub(crate) fn ask(&mut self, question: &str) -> Option<bool> {
        if self.json || !std::io::stdin().is_terminal() {
            return None;
        }
        let mut terminal = std::io::stderr();
        write!(terminal, "{question} [y/N] ")
            .and_then(|()| terminal.flush())
            .ok()?;
        let mut answer = String::new();
        std::io::stdin().read_line(&mut answer).ok()?;
        Some(matches!(answer.trim(), "y" | "Y" | "yes"))
    }

    fn close_line(&mut self) {
        if self.line_open {
            write_line(&mut std::io::stderr(), "");
            self.line_open = false;
        }
    }
}

/// A closed pipe is nobody listening, not a failure.
fn write_line(to: &mut dyn std::io::Write, text: &str) {
    writeln!(to, "{text}").ok();
}

/// Shows a job as it runs, and stops it on Ctrl+C.
pub(crate) struct JobOutput<'o> {
    output: &'o mut Output,
    interrupt: Interrupt,
    total: u64,
    percent: u64,
    backup: Option<PathBuf>,
}

impl<'o> JobOutput<'o> {
    /// From here on Ctrl+C asks the job to stop between blocks.
    pub(crate) fn new(output: &'o mut Output) -> Self {
        let interrupt = output.interrupt();
        interrupt.listen();
        Self {
            output,
            interrupt,
            total: 0,
            percent: 0,
            backup: None,
        }
    }

    /// Where the job kept what was on the probe, if it did.
    pub(crate) fn into_backup(self) -> Option<PathBuf> {
        self.backup
    }

    fn bar(&mut self, phase: Phase, done: u64) {
        let percent = (done.saturating_mul(100))
            .checked_div(self.total)
            .unwrap_or(0)
            .min(100);
        if !self.output.live || percent == self.percent {
            return;
        }
        self.percent = percent;
        let kib = |bytes: u64| bytes as f64 / 1024.0;
        let text = format!("{:.1} of {:.1} KiB", kib(done), kib(self.total));
        self.output.bar(phase.label(), done, self.total, &text);
    }
}

impl Reporter for JobOutput<'_> {
    fn event(&mut self, event: JobEvent) {
        match event {
            JobEvent::PhaseStarted { phase, total } => {
                (self.total, self.percent) = (total, 0);
                if !self.output.live {
                    self.output.say(&format!("{}…", phase.label()));
                }
            }
            JobEvent::Progress { phase, done } => self.bar(phase, done),
            JobEvent::PhaseFinished { phase, took } if self.output.live => {
                self.output.end_bar();
                self.output.say(&format!(
                    "{:<18} done in {:.1} s",
                    phase.label(),
                    took.as_secs_f64()
                ));
            }
            JobEvent::PhaseSkipped { phase } => {
                self.output.say(&format!("{}: not needed", phase.label()));
            }
            JobEvent::Retry {
                attempt, because, ..
            } => self.output.say(&format!("{because} (try {attempt})")),
            JobEvent::BackedUp { path } => {
                self.output.end_bar();
                self.output.say(&format!("Backup    {}", path.display()));
                self.backup = Some(path);
            }
            JobEvent::Warning { text } => self.output.say(&text),
            JobEvent::WaitingForProbe { timeout, .. } => self.output.say(&format!(
                "The probe is gone. Plug it in again within {} s and the job goes on",
                timeout.as_secs()
            )),
            JobEvent::Started { .. }
            | JobEvent::PhaseFinished { .. }
            | JobEvent::Finished(_)
            | JobEvent::Failed(_)
            | JobEvent::Cancelled { .. } => {}
        }
    }

    fn cancelled(&self) -> bool {
        self.interrupt.asked()
    }
}

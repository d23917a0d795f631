//! Job events folded into what is shown. Pure: time is an argument.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::time::Duration;

use super::error::{Aftermath, FlashError};
use super::event::{JobEvent, Phase, PhaseInfo, Report, Unit};

/// Where a phase is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhaseState {
    /// It comes later.
    NotStarted,
    /// It is under way.
    Running,
    /// It is done.
    Done,
    /// It was not needed.
    Skipped,
    /// The user stopped the job in it.
    Stopped,
    /// The job failed in it.
    Failed,
}

/// One phase as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct PhaseView {
    /// What was announced.
    pub info: PhaseInfo,
    /// Where it is.
    pub state: PhaseState,
    /// How much of `total` is done.
    pub done: u64,
    /// How much there is.
    pub total: u64,
    /// How long it took, once it is done.
    pub took: Option<Duration>,
}

impl PhaseView {
    /// How much is done, 0 to 1; a wait is 0 until it is over.
    pub fn fraction(&self) -> f32 {
        match self.state {
            PhaseState::Done | PhaseState::Skipped => 1.0,
            PhaseState::NotStarted => 0.0,
            PhaseState::Running | PhaseState::Stopped | PhaseState::Failed if self.total == 0 => {
                0.0
            }
            PhaseState::Running | PhaseState::Stopped | PhaseState::Failed => {
                (self.done as f32 / self.total as f32).min(1.0)
            }
        }
    }
}

/// How a job ended.
#[derive(Debug, Clone, PartialEq)]
pub enum JobEnd {
    /// It did what it should.
    Finished(Box<Report>),
    /// It failed.
    Failed(Box<FlashError>),
    /// The user stopped it.
    Cancelled(Aftermath),
}

/// A job as it is shown.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct JobView {
    /// Its phases, in order.
    pub phases: Vec<PhaseView>,
    /// What happened besides, in order: retries and warnings.
    pub notes: Vec<String>,
    /// The probe left; the job waits for it until this time.
    pub waiting_until: Option<(Duration, Aftermath)>,
    /// Where what was on the probe is kept, once it is.
    pub backup: Option<PathBuf>,
    /// How it ended, once it has.
    pub end: Option<JobEnd>,
    started: Option<Duration>,
    /// (time, bytes done in the running phase), newest last: what speed is computed from.
    samples: VecDeque<(Duration, u64)>,
}

/// Speed is that of this last stretch.
const SPEED_WINDOW: Duration = Duration::from_secs(2);

impl JobView {
    /// A job of which nothing was heard yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in one event that arrived at `now`.
    pub fn apply(&mut self, event: &JobEvent, now: Duration) {
        if self.end.is_some() {
            return;
        }
        match event {
            JobEvent::Started { phases } => self.start(phases, now),
            JobEvent::PhaseStarted { phase, total } => {
                self.waiting_until = None;
                self.samples = VecDeque::from([(now, 0)]);
                self.update(*phase, |view| {
                    (view.state, view.done, view.total) = (PhaseState::Running, 0, *total);
                });
            }
            JobEvent::Progress { phase, done } => {
                self.update(*phase, |view| view.done = (*done).min(view.total));
                self.sample(now, *done);
            }
            JobEvent::PhaseFinished { phase, took } => self.update(*phase, |view| {
                (view.state, view.done, view.took) = (PhaseState::Done, view.total, Some(*took));
            }),
            JobEvent::PhaseSkipped { phase } => {
                self.update(*phase, |view| view.state = PhaseState::Skipped);
            }
            JobEvent::Retry {
                attempt, because, ..
            } => self.notes.push(format!("{because} (try {attempt})")),
            JobEvent::BackedUp { path } => self.backup = Some(path.clone()),
            JobEvent::Warning { text } => self.notes.push(text.clone()),
            JobEvent::WaitingForProbe { aftermath, timeout } => {
                self.waiting_until = Some((now.saturating_add(*timeout), *aftermath));
                self.reset_phases();
            }
            JobEvent::Finished(report) => self.finish(JobEnd::Finished(report.clone())),
            JobEvent::Failed(error) => self.finish(JobEnd::Failed(error.clone())),
            JobEvent::Cancelled { aftermath } => self.finish(JobEnd::Cancelled(*aftermath)),
        }
    }

    /// The phase that is under way.
    pub fn running(&self) -> Option<&PhaseView> {
        self.phases
            .iter()
            .find(|view| view.state == PhaseState::Running)
    }

    /// True until the job has ended.
    pub fn is_running(&self) -> bool {
        self.end.is_none()
    }

    /// Bytes a second over the last two seconds, in a phase that counts bytes.
    pub fn bytes_per_second(&self) -> Option<f64> {
        let ((from, from_bytes), (to, to_bytes)) = (self.samples.front()?, self.samples.back()?);
        let stretch = to.saturating_sub(*from).as_secs_f64();
        let bytes = to_bytes.saturating_sub(*from_bytes);
        self.running()
            .filter(|view| view.info.unit == Unit::Bytes)?;
        (stretch > 0.05 && bytes > 0).then(|| bytes as f64 / stretch)
    }

    /// How long the running phase will still take at its present speed.
    pub fn remaining(&self) -> Option<Duration> {
        let view = self.running()?;
        let left = view.total.saturating_sub(view.done) as f64 / self.bytes_per_second()?;
        Duration::try_from_secs_f64(left).ok()
    }

    /// How long the job has run.
    pub fn elapsed(&self, now: Duration) -> Duration {
        self.started
            .map_or(Duration::ZERO, |started| now.saturating_sub(started))
    }

    fn start(&mut self, phases: &[PhaseInfo], now: Duration) {
        self.started = Some(now);
        let view = |info: &PhaseInfo| PhaseView {
            info: info.clone(),
            state: PhaseState::NotStarted,
            done: 0,
            total: info.total,
            took: None,
        };
        self.phases = phases.iter().map(view).collect();
    }

    fn reset_phases(&mut self) {
        self.samples.clear();
        for view in &mut self.phases {
            (view.state, view.done, view.took) = (PhaseState::NotStarted, 0, None);
        }
    }

    fn finish(&mut self, end: JobEnd) {
        self.waiting_until = None;
        let cut_off = match end {
            JobEnd::Finished(_) => None,
            JobEnd::Failed(_) => Some(PhaseState::Failed),
            JobEnd::Cancelled(_) => Some(PhaseState::Stopped),
        };
        let running = |view: &&mut PhaseView| view.state == PhaseState::Running;
        if let (Some(state), Some(view)) = (cut_off, self.phases.iter_mut().find(running)) {
            view.state = state;
        }
        self.end = Some(end);
    }

    fn update(&mut self, phase: Phase, change: impl FnOnce(&mut PhaseView)) {
        if let Some(view) = self.phases.iter_mut().find(|view| view.info.phase == phase) {
            change(view);
        }
    }

    fn sample(&mut self, now: Duration, done: u64) {
        self.samples.push_back((now, done));
        while self.samples.len() > 2
            && self
                .samples
                .front()
                .is_some_and(|(at, _)| now.saturating_sub(*at) > SPEED_WINDOW)
        {
            self.samples.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flash::error::Cause;

    fn secs(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    fn started() -> JobView {
        let info = |phase, total| PhaseInfo {
            phase,
            unit: Unit::Bytes,
            total,
            cancel_is_free: true,
        };
        let mut view = JobView::new();
        let phases = vec![info(Phase::ReadBack, 100), info(Phase::Write, 1000)];
        view.apply(&JobEvent::Started { phases }, secs(10));
        view
    }

    #[test]
    fn speed_and_remaining_time_come_from_the_running_phase() {
        let mut view = started();
        view.apply(
            &JobEvent::PhaseStarted {
                phase: Phase::Write,
                total: 1000,
            },
            secs(10),
        );
        view.apply(
            &JobEvent::Progress {
                phase: Phase::Write,
                done: 250,
            },
            secs(11),
        );
        assert_eq!(view.bytes_per_second(), Some(250.0));
        assert_eq!(view.remaining(), Some(secs(3)));
        assert!((view.running().unwrap().fraction() - 0.25).abs() < f32::EPSILON);
        view.apply(
            &JobEvent::PhaseFinished {
                phase: Phase::Write,
                took: secs(4),
            },
            secs(14),
        );
        assert_eq!(view.remaining(), None);
        assert_eq!(view.elapsed(secs(14)), secs(4));
    }

    #[test]
    fn nothing_changes_after_the_terminal_event() {
        let mut view = started();
        view.apply(
            &JobEvent::PhaseStarted {
                phase: Phase::ReadBack,
                total: 100,
            },
            secs(10),
        );
        let error = FlashError {
            phase: Phase::ReadBack,
            address: None,
            cause: Cause::Disconnected,
            aftermath: Aftermath::Untouched,
        };
        view.apply(&JobEvent::Failed(Box::new(error)), secs(11));
        let ended = view.clone();
        view.apply(
            &JobEvent::Progress {
                phase: Phase::ReadBack,
                done: 50,
            },
            secs(12),
        );
        view.apply(
            &JobEvent::Cancelled {
                aftermath: Aftermath::NeedsPads,
            },
            secs(12),
        );
        assert_eq!(view, ended);
        assert_eq!(view.phases[0].state, PhaseState::Failed);
        assert_eq!(view.phases[1].state, PhaseState::NotStarted);
    }

    #[test]
    fn waiting_for_the_probe_starts_the_phases_again() {
        let mut view = started();
        view.apply(
            &JobEvent::PhaseStarted {
                phase: Phase::Write,
                total: 1000,
            },
            secs(10),
        );
        let aftermath = Aftermath::ReturnsToDfuOnReplug;
        view.apply(
            &JobEvent::WaitingForProbe {
                aftermath,
                timeout: secs(60),
            },
            secs(12),
        );
        assert_eq!(view.waiting_until, Some((secs(72), aftermath)));
        assert!(view.running().is_none());
        view.apply(
            &JobEvent::PhaseStarted {
                phase: Phase::ReadBack,
                total: 100,
            },
            secs(20),
        );
        assert_eq!(view.waiting_until, None);
    }

    #[test]
    fn progress_never_passes_the_total() {
        let mut view = started();
        view.apply(
            &JobEvent::PhaseStarted {
                phase: Phase::ReadBack,
                total: 100,
            },
            secs(10),
        );
        view.apply(
            &JobEvent::Progress {
                phase: Phase::ReadBack,
                done: 500,
            },
            secs(11),
        );
        assert_eq!(view.phases[0].done, 100);
    }
}

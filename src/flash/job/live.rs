//! The jobs of this process that have not ended: whoever ends the process waits for them, and a crash report tells
//! of them. One list for the whole process, because that is what ends.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::board::Mcu;
use crate::flash::event::{JobEvent, Phase};

/// What a running job is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Running {
    /// The chip it works on.
    pub mcu: Mcu,
    /// Its phase; none before the first.
    pub phase: Option<Phase>,
    /// How much of `total` is done.
    pub done: u64,
    /// How much the phase has.
    pub total: u64,
}

/// What came of waiting for jobs to end.
#[derive(Debug, Clone, PartialEq)]
pub enum Waited {
    /// None was running.
    NoJob,
    /// The last one ended.
    Ended {
        /// The chip it worked on.
        mcu: Mcu,
        /// Its last event; none if it died.
        event: Option<Box<JobEvent>>,
    },
    /// One is still running.
    StillRunning,
}

struct Live {
    jobs: Mutex<Jobs>,
    ended: Condvar,
}

struct Jobs {
    running: Vec<(u64, Running)>,
    started: u64,
    last: Option<(Mcu, Option<Box<JobEvent>>)>,
}

static LIVE: Live = Live {
    jobs: Mutex::new(Jobs {
        running: Vec::new(),
        started: 0,
        last: None,
    }),
    ended: Condvar::new(),
};

fn lock() -> MutexGuard<'static, Jobs> {
    LIVE.jobs.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the jobs of this process are doing. Never waits, so that a crash report may ask: while another thread writes
/// this down, nothing is known.
pub fn running_jobs() -> Vec<Running> {
    let jobs = match LIVE.jobs.try_lock() {
        Ok(jobs) => jobs,
        Err(std::sync::TryLockError::Poisoned(jobs)) => jobs.into_inner(),
        Err(std::sync::TryLockError::WouldBlock) => return Vec::new(),
    };
    jobs.running
        .iter()
        .map(|(_, running)| running.clone())
        .collect()
}

/// Waits until no job of this process runs any more, at most so long.
pub fn wait_for_jobs(patience: Duration) -> Waited {
    let jobs = lock();
    if jobs.running.is_empty() {
        return Waited::NoJob;
    }
    let (jobs, _timeout) = LIVE
        .ended
        .wait_timeout_while(jobs, patience, |jobs| !jobs.running.is_empty())
        .unwrap_or_else(PoisonError::into_inner);
    match &jobs.last {
        Some((mcu, event)) if jobs.running.is_empty() => Waited::Ended {
            mcu: *mcu,
            event: event.clone(),
        },
        _ => Waited::StillRunning,
    }
}

/// A job in the list; it leaves when this is dropped, however the job ends.
pub(super) struct Entry {
    id: u64,
    end: Option<Box<JobEvent>>,
}

impl Entry {
    pub(super) fn new(mcu: Mcu) -> Self {
        let mut jobs = lock();
        let id = jobs.started;
        jobs.started = id.saturating_add(1);
        let running = Running {
            mcu,
            phase: None,
            done: 0,
            total: 0,
        };
        jobs.running.push((id, running));
        Self { id, end: None }
    }

    pub(super) fn follow(&mut self, event: &JobEvent) {
        let (phase, done, total) = match event {
            JobEvent::PhaseStarted { phase, total } => (*phase, 0, Some(*total)),
            JobEvent::Progress { phase, done } => (*phase, *done, None),
            JobEvent::Finished(_) | JobEvent::Failed(_) | JobEvent::Cancelled { .. } => {
                self.end = Some(Box::new(event.clone()));
                return;
            }
            _ => return,
        };
        let mut jobs = lock();
        let mine = jobs.running.iter_mut().find(|(id, _)| *id == self.id);
        if let Some((_, running)) = mine {
            (running.phase, running.done) = (Some(phase), done);
            running.total = total.unwrap_or(running.total);
        }
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let mut jobs = lock();
        if let Some(at) = jobs.running.iter().position(|(id, _)| *id == self.id) {
            let (_, running) = jobs.running.remove(at);
            jobs.last = Some((running.mcu, self.end.take()));
        }
        drop(jobs);
        LIVE.ended.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flash::Aftermath;

    /// One test, because the list is the whole process's: other tests of this binary run jobs too.
    #[test]
    fn a_job_is_told_until_it_ends_or_dies() {
        let mut entry = Entry::new(Mcu::Stm32G431);
        entry.follow(&JobEvent::PhaseStarted {
            phase: Phase::Write,
            total: 100,
        });
        entry.follow(&JobEvent::Progress {
            phase: Phase::Write,
            done: 40,
        });
        let mine = Running {
            mcu: Mcu::Stm32G431,
            phase: Some(Phase::Write),
            done: 40,
            total: 100,
        };
        // `running_jobs` may find the list in use by another test.
        while !running_jobs().contains(&mine) {
            std::thread::yield_now();
        }
        assert_eq!(wait_for_jobs(Duration::ZERO), Waited::StillRunning);
        let cancelled = JobEvent::Cancelled {
            aftermath: Aftermath::Untouched,
        };
        entry.follow(&cancelled);
        let waiter = std::thread::Builder::new()
            .spawn(|| wait_for_jobs(Duration::from_mins(1)))
            .unwrap();
        drop(entry);
        assert_ne!(waiter.join().unwrap(), Waited::StillRunning);
        assert!(!running_jobs().contains(&mine));
    }
}

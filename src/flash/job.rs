//! A job on a thread of its own, with its events in a channel.
//!
//! The thread never waits for whoever listens: the channel is unbounded and progress is thinned here.

mod live;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::time::Duration;

use super::backup::BackupFolder;
use super::engine::{self, Patience, Reporter};
use super::error::{Aftermath, Cause, FlashError};
use super::event::{JobEvent, Phase};
use super::plan::{Plan, Target};
use crate::board::Mcu;
use crate::transport::Hardware;
pub use live::{Running, Waited, running_jobs, wait_for_jobs};

/// What a job does.
#[derive(Debug, Clone)]
pub enum Task {
    /// Writes an image.
    Flash(Box<Plan>),
    /// Reads the whole flash and keeps it.
    Backup(Box<Target>),
}

impl Task {
    fn mcu(&self) -> Mcu {
        match self {
            Self::Flash(plan) => plan.target.mcu,
            Self::Backup(target) => target.mcu,
        }
    }
}

/// Called after each event was sent: wakes whoever listens.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// A running job.
#[derive(Debug)]
pub struct Job {
    events: Receiver<JobEvent>,
    cancel: Arc<AtomicBool>,
    last_phase: Phase,
    ended: bool,
}

/// 20 progress events a second.
const PROGRESS_STEP: Duration = Duration::from_millis(50);
/// A probe that was unplugged in the middle may be plugged in again for this long.
const RECONNECT: Duration = Duration::from_mins(1);

impl Job {
    /// Starts a task on the thread `flash`.
    ///
    /// # Errors
    /// The system could not start a thread; nothing was touched.
    pub fn start(
        task: Task,
        hardware: Arc<dyn Hardware>,
        backup_folder: PathBuf,
        wake: Wake,
    ) -> std::io::Result<Self> {
        let (sender, events) = channel();
        let cancel = Arc::new(AtomicBool::new(false));
        let entry = live::Entry::new(task.mcu());
        let mut reporter = ChannelReporter {
            entry,
            sender,
            wake,
            cancel: Arc::clone(&cancel),
            hardware: Arc::clone(&hardware),
            last: None,
        };
        std::thread::Builder::new()
            .name("flash".to_owned())
            .spawn(move || {
                let mut backups = BackupFolder(backup_folder);
                let hardware = hardware.as_ref();
                match task {
                    Task::Flash(plan) => engine::run(
                        &plan,
                        hardware,
                        &mut backups,
                        Patience {
                            reconnect: RECONNECT,
                        },
                        &mut reporter,
                    ),
                    Task::Backup(target) => {
                        engine::backup(&target, hardware, &mut backups, &mut reporter)
                    }
                };
            })?;
        Ok(Self {
            events,
            cancel,
            last_phase: Phase::EnterBootloader,
            ended: false,
        })
    }

    /// The next event, if one has come. A worker that died is reported once, as [`Cause::Crashed`].
    pub fn try_event(&mut self) -> Option<JobEvent> {
        let event = match self.events.try_recv() {
            Ok(event) => event,
            Err(TryRecvError::Empty) => return None,
            Err(TryRecvError::Disconnected) if self.ended => return None,
            Err(TryRecvError::Disconnected) => JobEvent::Failed(Box::new(FlashError {
                phase: self.last_phase,
                address: None,
                cause: Cause::Crashed,
                aftermath: self.aftermath_of_a_crash(),
            })),
        };
        match &event {
            JobEvent::PhaseStarted { phase, .. } => self.last_phase = *phase,
            JobEvent::Finished(_) | JobEvent::Failed(_) | JobEvent::Cancelled { .. } => {
                self.ended = true;
            }
            _ => {}
        }
        Some(event)
    }

    /// Asks the job to stop between blocks.
    pub fn cancel(&self) {
        self.cancel.store(true, Ordering::Relaxed);
    }

    /// Nothing is known of the chip after a crash but the phase; the worst of it is assumed.
    fn aftermath_of_a_crash(&self) -> Aftermath {
        match self.last_phase {
            Phase::EnterBootloader | Phase::ReadBack => Aftermath::Untouched,
            Phase::Write | Phase::Verify => Aftermath::NeedsPads,
            Phase::Start | Phase::Confirm => Aftermath::Complete,
        }
    }
}

struct ChannelReporter {
    entry: live::Entry,
    sender: Sender<JobEvent>,
    wake: Wake,
    cancel: Arc<AtomicBool>,
    hardware: Arc<dyn Hardware>,
    last: Option<(Phase, Duration)>,
}

impl ChannelReporter {
    /// True for progress that comes too soon after the last one of its phase and is not the end of it.
    fn is_too_soon(&mut self, phase: Phase) -> bool {
        let now = self.hardware.clock().now();
        match self.last {
            Some((last_phase, at))
                if last_phase == phase && now.saturating_sub(at) < PROGRESS_STEP =>
            {
                true
            }
            _ => {
                self.last = Some((phase, now));
                false
            }
        }
    }
}

impl Reporter for ChannelReporter {
    fn event(&mut self, event: JobEvent) {
        if let JobEvent::Progress { phase, .. } = event
            && self.is_too_soon(phase)
        {
            return;
        }
        self.entry.follow(&event);
        // Nobody listening is no reason to stop half-way.
        self.sender.send(event).ok();
        (self.wake)();
    }

    fn cancelled(&self) -> bool {
        self.cancel.load(Ordering::Relaxed)
    }
}

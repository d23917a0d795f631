//! Waiting for what a DNLOAD asked for.
//!
//! The work starts on the first GETSTATUS (protocols.md §1.3). While flash is busy most ROMs do not answer at all
//! and the poll simply completes late, so it is sent just before the work should end; a ROM that stalls such a
//! poll gets its whole poll timeout from then on (protocols.md §8.3 item 4).

use std::time::Duration;

use super::{BUSY_DEADLINE, FLASH_TIMEOUT, STALLS_IN_A_ROW, Wire};
use crate::dfu::error::{DfuError, DfuStep};
use crate::dfu::status::{State, Status, StatusCode};
use crate::transport::LinkErrorKind;

/// Between two polls of a device that says it is busy (protocols.md §8.3 item 4).
const POLL_INTERVAL: Duration = Duration::from_millis(2);
/// The poll is sent this much before the work should end, so that its own bus time is not added to it.
const POLL_LEAD: Duration = Duration::from_millis(2);
/// After a stalled poll of which no poll timeout is known.
const STALL_PAUSE: Duration = Duration::from_millis(20);
/// A device that says "busy, ask at once" more often than this is stuck (protocols.md §1.3).
const INSTANT_POLLS_MAX: u32 = 100;

/// What is known while waiting for one operation.
#[derive(Default)]
struct Wait {
    /// The last busy reply and when it came.
    busy: Option<(Status, Duration)>,
    /// When the work was first known to have begun. A poll that gets lost costs more time than any work may take,
    /// and may be the one that should have begun it.
    began: Option<Duration>,
    instant_polls: u32,
    stalls: u32,
}

impl Wire<'_> {
    /// Starts what the last DNLOAD asked for and waits until it is done. `expected` is how long it should take.
    pub(in crate::dfu::driver) fn complete(
        &mut self,
        step: DfuStep,
        address: Option<u32>,
        expected: Option<Duration>,
    ) -> Result<(), DfuError> {
        let mut wait = Wait::default();
        loop {
            let pause = match self.get_status(FLASH_TIMEOUT) {
                Ok(status) if status.state.is_busy() => {
                    self.pause_while_busy(&mut wait, status, expected)
                }
                Ok(status) => return self.end(step, address, status),
                Err(DfuError::Link(error)) if error.kind == LinkErrorKind::Stalled => {
                    wait.stalls = wait.stalls.saturating_add(1);
                    if wait.stalls > STALLS_IN_A_ROW {
                        return Err(DfuError::Link(error));
                    }
                    self.pause_after_stall(&wait)
                }
                Err(error) => return Err(error),
            };
            let now = self.clock.now();
            let waited = now.saturating_sub(wait.began.unwrap_or(now));
            if waited >= BUSY_DEADLINE || wait.instant_polls > INSTANT_POLLS_MAX {
                return Err(DfuError::Stuck {
                    doing: step,
                    state: wait
                        .busy
                        .map_or(State::DfuDnBusy, |(status, _)| status.state),
                    waited,
                });
            }
            if !pause.is_zero() {
                self.clock
                    .sleep(pause.min(BUSY_DEADLINE.saturating_sub(waited)));
            }
        }
    }

    fn pause_while_busy(
        &self,
        wait: &mut Wait,
        status: Status,
        expected: Option<Duration>,
    ) -> Duration {
        let first = wait.busy.is_none();
        let now = self.clock.now();
        wait.busy = Some((status, now));
        wait.began.get_or_insert(now);
        wait.stalls = 0;
        if status.poll_timeout.is_zero() {
            wait.instant_polls = wait.instant_polls.saturating_add(1);
        }
        match (first, expected) {
            (true, Some(expected)) if !self.patient => {
                status.poll_timeout.min(expected.saturating_sub(POLL_LEAD))
            }
            (true, _) => status.poll_timeout,
            (false, _) if self.patient => status.poll_timeout.max(POLL_INTERVAL),
            (false, _) => POLL_INTERVAL,
        }
    }

    fn pause_after_stall(&mut self, wait: &Wait) -> Duration {
        if !self.patient {
            tracing::info!("an early poll was stalled; waiting whole poll timeouts from now on");
            self.patient = true;
        }
        match wait.busy {
            Some((status, since)) => {
                let passed = self.clock.now().saturating_sub(since);
                status
                    .poll_timeout
                    .saturating_sub(passed)
                    .max(POLL_INTERVAL)
            }
            None => STALL_PAUSE,
        }
    }

    /// The operation is over: done or refused. A poll timeout that comes with dfuDNLOAD-IDLE is not slept.
    fn end(&mut self, step: DfuStep, address: Option<u32>, status: Status) -> Result<(), DfuError> {
        match (status.state, status.status) {
            (State::DfuDnloadIdle, StatusCode::Ok) => {
                self.at = Some(State::DfuDnloadIdle);
                Ok(())
            }
            (state, _) if state.is_manifesting() => Err(DfuError::Manifesting { state }),
            (State::DfuError, _) => Err(self.refused(step, address, status)),
            (_, complaint) if complaint != StatusCode::Ok => {
                Err(self.refused(step, address, status))
            }
            (state, complaint) => Err(DfuError::UnexpectedState {
                doing: step,
                state,
                status: complaint,
            }),
        }
    }
}

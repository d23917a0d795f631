//! The walk from any state to dfuIDLE: every session starts with it, every failure is followed by it.

use std::time::Duration;

use super::{BUSY_DEADLINE, STALLS_IN_A_ROW, TIMEOUT, Wire};
use crate::dfu::error::{DfuError, DfuStep};
use crate::dfu::request::Request;
use crate::dfu::status::{State, StatusCode};
use crate::transport::LinkErrorKind;

/// Shortest wait between two looks at a device found busy at opening (protocols.md §1.1).
const SETTLE_PAUSE: Duration = Duration::from_millis(20);
/// Most steps from any state to dfuIDLE (protocols.md §1.1).
const SETTLE_STEPS: u32 = 10;

impl Wire<'_> {
    /// Walks from any state to dfuIDLE (protocols.md §1.1 "Session opener").
    pub(in crate::dfu::driver) fn settle(&mut self) -> Result<(), DfuError> {
        self.at = None;
        let started = self.clock.now();
        let mut complaint_cleared = false;
        let mut last_resort_tried = false;
        let mut steps = 0_u32;
        let mut stalls = 0_u32;
        loop {
            let status = match self.get_status(TIMEOUT) {
                Err(DfuError::Link(error))
                    if error.kind == LinkErrorKind::Stalled && stalls < STALLS_IN_A_ROW =>
                {
                    stalls = stalls.saturating_add(1);
                    self.clock.sleep(SETTLE_PAUSE);
                    continue;
                }
                other => other?,
            };
            stalls = 0;
            let waited = self.clock.now().saturating_sub(started);
            let stuck = DfuError::Stuck {
                doing: DfuStep::Settle,
                state: status.state,
                waited,
            };
            match status.state {
                State::DfuIdle if status.status == StatusCode::Ok || complaint_cleared => {
                    self.at = Some(State::DfuIdle);
                    return Ok(());
                }
                State::DfuIdle => {
                    complaint_cleared = true;
                    self.nudge(Request::ClrStatus)?;
                }
                State::DfuError => self.nudge(Request::ClrStatus)?,
                State::DfuDnloadIdle | State::DfuUploadIdle => self.nudge(Request::Abort)?,
                State::DfuDnloadSync | State::DfuDnBusy if waited < BUSY_DEADLINE => {
                    let left = BUSY_DEADLINE.saturating_sub(waited);
                    self.clock
                        .sleep(status.poll_timeout.max(SETTLE_PAUSE).min(left));
                    continue;
                }
                State::DfuDnloadSync | State::DfuDnBusy if !last_resort_tried => {
                    // ST's own programmer frees a stuck ROM this way (protocols.md §1.1).
                    last_resort_tried = true;
                    self.nudge(Request::ClrStatus)?;
                    self.nudge(Request::ClrStatus)?;
                }
                State::DfuDnloadSync | State::DfuDnBusy => return Err(stuck),
                state if state.is_manifesting() => return Err(DfuError::Manifesting { state }),
                state => {
                    return Err(DfuError::UnexpectedState {
                        doing: DfuStep::Settle,
                        state,
                        status: status.status,
                    });
                }
            }
            steps = steps.saturating_add(1);
            if steps >= SETTLE_STEPS {
                return Err(stuck);
            }
        }
    }
}

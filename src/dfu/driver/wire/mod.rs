//! Single requests, and the three walks through the state machine everything else is made of: come to rest
//! ([`Wire::settle`]), do what a DNLOAD asked for ([`Wire::complete`]), and find out why something was refused.

mod complete;
mod settle;

use std::time::Duration;

use crate::dfu::error::{DfuError, DfuStep};
use crate::dfu::request::{COMMAND_BLOCK, Command, Request};
use crate::dfu::status::{STATUS_LENGTH, State, Status};
use crate::transport::{Clock, DfuLink, LinkError, LinkErrorKind};

/// An ordinary control transfer (protocols.md §3.4 "Timeouts").
const TIMEOUT: Duration = Duration::from_secs(1);
/// DNLOAD, and GETSTATUS while flash works: the ROM answers late.
const FLASH_TIMEOUT: Duration = Duration::from_secs(5);
/// Longest that one operation, or a state found at opening, may stay busy (protocols.md §1.1).
const BUSY_DEADLINE: Duration = Duration::from_secs(5);
/// A GETSTATUS may be stalled this often in a row before that is an error (protocols.md §3.4).
const STALLS_IN_A_ROW: u32 = 3;

/// The link to one device and what is known of its state.
pub(super) struct Wire<'l> {
    link: &'l mut dyn DfuLink,
    clock: &'l dyn Clock,
    /// The state it is in between operations; `None` after one that failed half-way.
    at: Option<State>,
    /// It stalled an early poll: wait its whole poll timeout from now on (protocols.md §8.3 item 4).
    patient: bool,
    lost: u32,
}

impl<'l> Wire<'l> {
    pub(super) fn new(link: &'l mut dyn DfuLink, clock: &'l dyn Clock) -> Self {
        Self {
            link,
            clock,
            at: None,
            patient: false,
            lost: 0,
        }
    }

    pub(super) fn link(&mut self) -> &mut dyn DfuLink {
        self.link
    }

    /// Notes a transfer that got lost and is made good.
    pub(super) fn note_lost(&mut self) {
        self.lost = self.lost.saturating_add(1);
    }

    /// How many transfers got lost and were made good.
    pub(super) fn lost(&self) -> u32 {
        self.lost
    }

    // Whole operations.

    /// Sends a command and waits until it is done. Every command sent here may be sent twice without harm, so a
    /// transfer that got lost is made good once.
    pub(super) fn command(
        &mut self,
        command: Command,
        expected: Option<Duration>,
    ) -> Result<(), DfuError> {
        match self.command_once(command, expected) {
            Err(error) if error.is_transient() => {
                tracing::warn!(%error, ?command, "sending a command again");
                self.note_lost();
                self.settle()?;
                self.command_once(command, expected)
            }
            other => other,
        }
    }

    fn command_once(
        &mut self,
        command: Command,
        expected: Option<Duration>,
    ) -> Result<(), DfuError> {
        let step = match command {
            Command::SetAddress(_) => DfuStep::SetAddress,
            Command::ErasePage(_) | Command::MassErase | Command::ReadUnprotect => {
                DfuStep::ErasePage
            }
        };
        self.dnload(step, command.address(), COMMAND_BLOCK, &command.encode())?;
        self.complete(step, command.address(), expected)
    }

    /// Points the device at an address: it takes no time, so it is polled at once.
    pub(super) fn set_address(&mut self, address: u32) -> Result<(), DfuError> {
        self.command(Command::SetAddress(address), Some(Duration::ZERO))
    }

    /// Points the device at an address for reading: UPLOAD wants dfuIDLE, which SET_ADDRESS leaves.
    pub(super) fn set_read_address(&mut self, address: u32) -> Result<(), DfuError> {
        self.set_address(address)?;
        self.abort_to_idle()
    }

    /// Brings the device to dfuIDLE if it is not there.
    pub(super) fn rest(&mut self) -> Result<(), DfuError> {
        match self.at {
            Some(State::DfuIdle) => Ok(()),
            Some(_) => self.abort_to_idle(),
            None => self.settle(),
        }
    }

    /// ABORT, and makes sure of dfuIDLE (protocols.md §1.1).
    pub(super) fn abort_to_idle(&mut self) -> Result<(), DfuError> {
        self.nudge(Request::Abort)?;
        // One GETSTATUS if all is well.
        self.settle()
    }

    // Single requests.

    /// DNLOAD. A STALL is asked for its reason.
    pub(super) fn dnload(
        &mut self,
        step: DfuStep,
        address: Option<u32>,
        block: u16,
        data: &[u8],
    ) -> Result<(), DfuError> {
        if self.at != Some(State::DfuDnloadIdle) {
            self.rest()?;
        }
        self.at = None;
        match self
            .link
            .control_out(Request::Dnload.code(), block, data, FLASH_TIMEOUT)
        {
            Err(error) if error.kind == LinkErrorKind::Stalled => {
                Err(self.why_stalled(step, address, error))
            }
            other => Ok(other?),
        }
    }

    /// UPLOAD; returns how many bytes came. A STALL is asked for its reason.
    pub(super) fn upload(
        &mut self,
        address: u32,
        block: u16,
        buffer: &mut [u8],
    ) -> Result<usize, DfuError> {
        self.at = None;
        match self.request_in(Request::Upload, block, buffer, TIMEOUT) {
            Err(error) if error.kind == LinkErrorKind::Stalled => {
                Err(self.why_stalled(DfuStep::Read, Some(address), error))
            }
            other => {
                let received = other?;
                self.at = Some(State::DfuUploadIdle);
                Ok(received)
            }
        }
    }

    /// GETSTATUS, asked once more if the transfer got lost or came short.
    fn get_status(&mut self, timeout: Duration) -> Result<Status, DfuError> {
        match self.get_status_once(timeout) {
            Err(error) if error.is_transient() => {
                tracing::warn!(%error, "asking for the status again");
                self.note_lost();
                self.get_status_once(timeout)
            }
            other => other,
        }
    }

    fn get_status_once(&mut self, timeout: Duration) -> Result<Status, DfuError> {
        let mut reply = [0; STATUS_LENGTH];
        let received = self.request_in(Request::GetStatus, 0, &mut reply, timeout)?;
        let status = Status::decode(reply.get(..received).unwrap_or(&reply))?;
        tracing::trace!(?status, "status");
        Ok(status)
    }

    fn request_in(
        &mut self,
        request: Request,
        value: u16,
        buffer: &mut [u8],
        timeout: Duration,
    ) -> Result<usize, LinkError> {
        self.link.control_in(request.code(), value, buffer, timeout)
    }

    /// GETSTATUS as the last request of a session, which may well fail: asked once, whatever comes is handed on.
    pub(super) fn last_status(&mut self) -> Result<Status, DfuError> {
        self.get_status_once(TIMEOUT)
    }

    /// CLRSTATUS or ABORT. Whether it helped is seen at the next GETSTATUS, so a STALL or a lost transfer is not
    /// an error here.
    fn nudge(&mut self, request: Request) -> Result<(), DfuError> {
        match self.link.control_out(request.code(), 0, &[], TIMEOUT) {
            Err(error)
                if matches!(
                    error.kind,
                    LinkErrorKind::Stalled | LinkErrorKind::Io | LinkErrorKind::TimedOut
                ) =>
            {
                tracing::debug!(%error, ?request, "not taken");
                Ok(())
            }
            other => Ok(other?),
        }
    }

    // Refusals.

    /// Asks why a request was stalled and brings the device to rest.
    fn why_stalled(&mut self, step: DfuStep, address: Option<u32>, stall: LinkError) -> DfuError {
        match self.get_status(TIMEOUT) {
            Ok(status) => self.refused(step, address, status),
            Err(error) => {
                tracing::debug!(%error, "no status after a stall");
                DfuError::Link(stall)
            }
        }
    }

    /// The refusal this status tells of; brings the device to rest.
    fn refused(&mut self, step: DfuStep, address: Option<u32>, status: Status) -> DfuError {
        if status.state != State::DfuIdle
            && let Err(error) = self.recover(status.state)
        {
            tracing::debug!(%error, "not at rest after a refusal");
        }
        DfuError::Refused {
            doing: step,
            status: status.status,
            state: status.state,
            address,
        }
    }

    fn recover(&mut self, state: State) -> Result<(), DfuError> {
        if state == State::DfuError {
            self.nudge(Request::ClrStatus)?;
        }
        self.settle()
    }
}

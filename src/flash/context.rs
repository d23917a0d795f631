//! What a running job carries along: the probe, the hardware, who listens, and what has been done so far.

use std::path::PathBuf;
use std::time::Duration;

use super::engine::Reporter;
use super::error::{Aftermath, Cause, FlashError};
use super::event::{JobEvent, Outcome, Phase, Report};
use super::find::{self, Found};
use super::order::Guard;
use super::plan::Target;
use crate::board::{Chip, Mode};
use crate::dfu::DfuError;
use crate::katapult::KatapultError;
use crate::transport::{Clock, DeviceInfo, Hardware, LinkError, LinkErrorKind};

/// What has been done to the chip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Damage {
    /// Nothing.
    None,
    /// The first erase was asked for and not answered; if it happened, this guards the chip.
    Blanking(Guard),
    /// Something; this guards it.
    Guarded(Guard),
    /// All is written; the last page is not yet read back.
    Written,
    /// All is written and verified.
    Complete,
}

/// The numbers of a job.
#[derive(Debug, Clone, Default)]
pub(super) struct Numbers {
    pub(super) image_bytes: u64,
    pub(super) pages_total: u32,
    pub(super) pages_written: u32,
    pub(super) bytes_verified: u64,
    pub(super) backup: Option<PathBuf>,
}

/// See the module.
pub(super) struct Context<'a> {
    target: &'a Target,
    hardware: &'a dyn Hardware,
    reporter: &'a mut dyn Reporter,
    phase: Phase,
    phase_began: Duration,
    phase_total: u64,
    phase_done: u64,
    took: Vec<(Phase, Duration)>,
    warnings: Vec<String>,
    /// What has been done to the chip.
    pub(super) damage: Damage,
    /// The page that is being worked on.
    pub(super) address: Option<u32>,
    /// The bootloader in flash is the one that is wanted: what is left to do may also go through it.
    pub(super) bootloader_settled: bool,
    /// The bootloader that was entered.
    pub(super) entered: Option<DeviceInfo>,
    /// How many transfers got lost and were repeated, over all openings of the bootloader.
    pub(super) lost_transfers: u32,
    /// The numbers so far.
    pub(super) numbers: Numbers,
}

impl<'a> Context<'a> {
    pub(super) fn new(
        target: &'a Target,
        hardware: &'a dyn Hardware,
        reporter: &'a mut dyn Reporter,
    ) -> Self {
        Self {
            target,
            hardware,
            reporter,
            phase: Phase::EnterBootloader,
            phase_began: hardware.clock().now(),
            phase_total: 0,
            phase_done: 0,
            took: Vec::new(),
            warnings: Vec::new(),
            damage: Damage::None,
            address: None,
            bootloader_settled: false,
            entered: None,
            lost_transfers: 0,
            numbers: Numbers::default(),
        }
    }

    pub(super) fn target(&self) -> &'a Target {
        self.target
    }

    pub(super) fn hardware(&self) -> &'a dyn Hardware {
        self.hardware
    }

    pub(super) fn clock(&self) -> &'a dyn Clock {
        self.hardware.clock()
    }

    pub(super) fn chip(&self) -> &'static Chip {
        self.target.mcu.chip()
    }

    pub(super) fn cancelled(&self) -> bool {
        self.reporter.cancelled()
    }

    pub(super) fn report(&mut self, event: JobEvent) {
        self.reporter.event(event);
    }

    pub(super) fn begin(&mut self, phase: Phase, total: u64) {
        self.phase = phase;
        self.phase_began = self.clock().now();
        self.phase_total = total;
        self.phase_done = 0;
        self.report(JobEvent::PhaseStarted { phase, total });
    }

    /// Counts `bytes` of the running phase as done.
    pub(super) fn advance(&mut self, bytes: u64) {
        self.phase_done = self.phase_done.saturating_add(bytes).min(self.phase_total);
        self.report(JobEvent::Progress {
            phase: self.phase,
            done: self.phase_done,
        });
    }

    pub(super) fn end(&mut self) {
        let took = self.clock().now().saturating_sub(self.phase_began);
        self.took.push((self.phase, took));
        self.report(JobEvent::PhaseFinished {
            phase: self.phase,
            took,
        });
    }

    pub(super) fn skip(&mut self, phase: Phase) {
        self.report(JobEvent::PhaseSkipped { phase });
    }

    pub(super) fn warn(&mut self, text: String) {
        self.warnings.push(text.clone());
        self.report(JobEvent::Warning { text });
    }

    pub(super) fn retry(&mut self, attempt: u32, because: String) {
        self.report(JobEvent::Retry {
            phase: self.phase,
            attempt,
            because,
        });
    }

    pub(super) fn report_of(&self, outcome: Outcome) -> Report {
        Report {
            outcome,
            image_bytes: self.numbers.image_bytes,
            pages_total: self.numbers.pages_total,
            pages_written: self.numbers.pages_written,
            bytes_verified: self.numbers.bytes_verified,
            backup: self.numbers.backup.clone(),
            phases: self.took.clone(),
            warnings: self.warnings.clone(),
        }
    }

    pub(super) fn error_of(&self, cause: Cause) -> FlashError {
        let listed = self.in_bootloader();
        let gone = may_be_gone(&cause) && !listed;
        FlashError {
            phase: self.phase,
            address: self.address,
            aftermath: self.aftermath_if(listed && !cause.needs_power_cycle()),
            cause: if gone { Cause::Disconnected } else { cause },
        }
    }

    /// What the probe is now, asked of the bus.
    pub(super) fn aftermath(&self) -> Aftermath {
        self.aftermath_if(self.in_bootloader())
    }

    /// `answers`: the bootloader is on the bus and does what it is told. If not, what counts is what starts when
    /// power comes again.
    fn aftermath_if(&self, answers: bool) -> Aftermath {
        match self.damage {
            Damage::None => Aftermath::Untouched,
            Damage::Blanking(Guard::Nothing) if !answers => Aftermath::NeedsPads,
            Damage::Blanking(Guard::Nothing) => Aftermath::BootloaderWhilePowered,
            Damage::Blanking(_) => Aftermath::UnchangedOrErased,
            Damage::Written => Aftermath::WrittenNotVerified,
            Damage::Complete => Aftermath::Complete,
            Damage::Guarded(Guard::Katapult) => Aftermath::BootloaderStillThere,
            Damage::Guarded(Guard::Rom) if answers => Aftermath::BootloaderStillThere,
            Damage::Guarded(Guard::Rom) => Aftermath::ReturnsToDfuOnReplug,
            Damage::Guarded(_) if answers => Aftermath::BootloaderWhilePowered,
            Damage::Guarded(Guard::Nothing) => Aftermath::NeedsPads,
            Damage::Guarded(Guard::TornFirstPage) => Aftermath::TornFirstPage,
        }
    }

    /// True if reconnecting the probe lets the job go on: it is gone, and something was begun.
    pub(super) fn may_resume(&self, cause: &Cause) -> bool {
        let begun = match self.damage {
            Damage::None => matches!(self.phase, Phase::Write | Phase::Verify),
            Damage::Blanking(_) | Damage::Guarded(_) | Damage::Written => true,
            Damage::Complete => false,
        };
        begun && may_be_gone(cause) && !self.in_bootloader()
    }

    /// True if a failure may pass when the bootloader is opened again: what was written stays, so the job goes on.
    pub(super) fn is_transient(&self, cause: &Cause) -> bool {
        let passing = match cause {
            Cause::Link(error) => !matches!(
                error.kind,
                LinkErrorKind::NotPermitted | LinkErrorKind::Busy | LinkErrorKind::NoDriver
            ),
            Cause::Dfu(error) => matches!(
                error,
                DfuError::Link(_)
                    | DfuError::Refused { .. }
                    | DfuError::ShortRead { .. }
                    | DfuError::ShortStatus(_)
                    | DfuError::Stuck { .. }
                    | DfuError::UnexpectedState { .. }
            ),
            // If its parser is wedged, opening it again changes nothing: it is mute then.
            Cause::Katapult(error) => matches!(
                error,
                KatapultError::Link(_)
                    | KatapultError::StoppedAnswering { .. }
                    | KatapultError::BlockRefused { .. }
            ),
            _ => false,
        };
        passing && self.in_bootloader()
    }

    /// Katapult is there. If it was not known to be, it came by itself when power came again, and will once more.
    pub(super) fn met_katapult(&mut self) {
        if self.damage == Damage::Guarded(Guard::Nothing) {
            self.damage = Damage::Guarded(Guard::Katapult);
        }
    }

    fn in_bootloader(&self) -> bool {
        matches!(
            self.look(),
            Ok(Found::Here(Mode::RomDfu | Mode::Katapult, _))
        )
    }

    /// True for the very bootloader that this job went through, not for a later one in the same socket.
    pub(super) fn is_entered(&self, device: &DeviceInfo) -> bool {
        self.entered
            .as_ref()
            .is_some_and(|entered| entered.id == device.id && entered.ids == device.ids)
    }

    /// True while the very bootloader that this job went through is still on the bus.
    pub(super) fn still_entered(&self) -> bool {
        matches!(self.look(), Ok(Found::Here(_, device)) if self.is_entered(&device))
    }

    /// Gives the bus time to tell that the probe is gone: a transfer fails as soon as the cable is out, and until
    /// the list follows the probe seems to be there.
    pub(super) fn settle(&self, cause: &Cause) {
        /// A hub reports what changed at its ports at most this often: `bInterval` 12 at high speed is 256 ms
        /// (USB 2.0 §11.12.1); the rest is for the system.
        const TOLD_WITHIN: Duration = Duration::from_millis(750);
        if may_be_gone(cause) {
            self.leaves_within(TOLD_WITHIN);
        }
    }

    /// True as soon as the bootloader that this job went through is off the bus; false if it stays.
    pub(super) fn leaves_within(&self, timeout: Duration) -> bool {
        const STEP: Duration = Duration::from_millis(50);
        let deadline = self.clock().now().saturating_add(timeout);
        while self.still_entered() && !self.cancelled() {
            if self.clock().now() >= deadline {
                return false;
            }
            self.hardware.wait_for_change(STEP);
        }
        true
    }

    /// Why a probe that is not on the bus cannot be worked on.
    pub(super) fn absence(&self) -> Cause {
        match self.entered {
            Some(_) => Cause::Disconnected,
            None => Cause::PlanOutdated,
        }
    }

    /// Where this probe is now.
    pub(super) fn look(&self) -> Result<Found, LinkError> {
        Ok(find::find(&self.target.device, &self.hardware.list()?))
    }
}

/// True if an unplugged probe can fail like this; the device list decides (protocols.md §3.4).
fn may_be_gone(cause: &Cause) -> bool {
    match cause {
        Cause::Disconnected => true,
        Cause::Link(error) => error.may_be_gone(),
        Cause::Dfu(error) => error.is_disconnect_like(),
        Cause::Katapult(error) => error.is_disconnect_like(),
        _ => false,
    }
}

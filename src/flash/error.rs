//! What can go wrong in a job, and what the probe is afterwards.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::event::Phase;
use crate::dfu::DfuError;
use crate::katapult::KatapultError;
use crate::transport::{LinkError, LinkErrorKind};

/// What the probe is after a job that did not finish: what its owner most needs to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aftermath {
    /// Nothing was changed: it is what it was.
    Untouched,
    /// The first erase had just been asked for: it is what it was, or its bootloader waits.
    UnchangedOrErased,
    /// Its bootloader works and waits, also after a replug: try again.
    BootloaderStillThere,
    /// Its bootloader works and waits as long as it has power; what is in flash would not start without it.
    BootloaderWhilePowered,
    /// Unplugging and plugging in brings it back in DFU mode by itself (V2, V3).
    ReturnsToDfuOnReplug,
    /// It has no bootloader, or may have none: DFU mode must be entered by the pads (V4).
    NeedsPads,
    /// Katapult was writing the first page of the firmware: what is there starts and fails. Two quick taps on RESET
    /// bring Katapult back.
    TornFirstPage,
    /// Everything was written, but the last page not yet read back: it runs, or its bootloader waits.
    WrittenNotVerified,
    /// Everything was written and verified; only the start was cut off.
    Complete,
}

/// Why a job failed.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum Cause {
    /// The link broke and the probe is gone.
    #[error("the probe left the bus")]
    Disconnected,
    /// The link failed while the probe is still there.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// The ROM bootloader failed.
    #[error(transparent)]
    Dfu(#[from] DfuError),
    /// Katapult failed.
    #[error(transparent)]
    Katapult(#[from] KatapultError),
    /// A page does not hold what was written, after retries.
    #[error("page {address:#010x} does not hold what was written ({differing_bytes} bytes differ)")]
    VerifyMismatch {
        /// The page.
        address: u32,
        /// How many of its bytes are wrong.
        differing_bytes: u32,
    },
    /// The first page to be erased holds what it held, although the bootloader reported nothing.
    #[error("the page at {address:#010x} cannot be erased")]
    WriteProtected {
        /// The page.
        address: u32,
    },
    /// The firmware was asked for its bootloader and did nothing.
    #[error("the firmware did not start its bootloader")]
    TouchIgnored,
    /// The bootloader that came is not the one this plan was made for.
    #[error("the bootloader that came back belongs to another chip or probe")]
    WrongDeviceReturned,
    /// The touch ended in DFU mode because there is no Katapult, and no image with a bootloader was at hand.
    #[error("the probe has no Katapult and is now in DFU mode")]
    LandedInDfu,
    /// A job through DFU was interrupted before it exchanged the bootloader, and the probe came back in Katapult.
    #[error("the bootloader is still to be exchanged, which Katapult cannot do")]
    BootloaderPending,
    /// Katapult starts applications at another address than the image was linked for.
    #[error("Katapult starts at {app_start:#010x}, the image is linked at {image:#010x}")]
    OtherAppStart {
        /// What CONNECT said.
        app_start: u32,
        /// The image's link address.
        image: u32,
    },
    /// Several devices could be the probe.
    #[error("{count} devices could be the probe that was chosen")]
    Ambiguous {
        /// How many.
        count: usize,
    },
    /// The chip is read-protected.
    #[error("the chip is read-protected (level {level})")]
    ReadProtected {
        /// RDP level: 1 can be undone by erasing everything, 2 cannot.
        level: u8,
    },
    /// The backup could not be saved.
    #[error("the backup could not be saved: {reason}")]
    BackupFailed {
        /// What the system said.
        reason: String,
    },
    /// The firmware did not come back, or the bootloader came back instead.
    #[error("the firmware was written and verified but did not start")]
    DidNotStart,
    /// A deployer ran, and the Katapult that it installs did not come.
    #[error("the deployer was started, but no Katapult came of it")]
    NotDeployed,
    /// The firmware that came back is another version than the image.
    #[error("the probe reports version {reported:?}, the image is {expected:?}")]
    VersionMismatch {
        /// The image's version text.
        expected: String,
        /// The probe's.
        reported: String,
    },
    /// The probe is no longer on the bus in the mode the plan was made for.
    #[error("the probe is no longer what the plan was made for")]
    PlanOutdated,
    /// The worker died.
    #[error("the job stopped unexpectedly")]
    Crashed,
}

impl Cause {
    /// True if a probe that failed like this, also after the retries, is no use before it was unplugged.
    pub fn needs_power_cycle(&self) -> bool {
        let is_transfer = |error: &LinkError| {
            !matches!(
                error.kind,
                LinkErrorKind::NotPermitted | LinkErrorKind::Busy | LinkErrorKind::NoDriver
            )
        };
        match self {
            Self::Link(error)
            | Self::Dfu(DfuError::Link(error))
            | Self::Katapult(KatapultError::Link(error)) => is_transfer(error),
            Self::Dfu(error) => matches!(
                error,
                DfuError::Stuck { .. }
                    | DfuError::Manifesting { .. }
                    | DfuError::UnexpectedState { .. }
            ),
            Self::Katapult(error) => matches!(
                error,
                KatapultError::Mute
                    | KatapultError::StoppedAnswering { .. }
                    | KatapultError::Nack { .. }
            ),
            _ => false,
        }
    }
}

/// A failed job: in which phase, at which address, why, and what the probe is now.
#[derive(Debug, Clone, PartialEq, Error)]
#[error("{cause} (phase {phase:?}, afterwards {aftermath:?})")]
pub struct FlashError {
    /// Where.
    pub phase: Phase,
    /// At which address, where one was being worked on.
    pub address: Option<u32>,
    /// Why.
    #[source]
    pub cause: Cause,
    /// What the probe is now.
    pub aftermath: Aftermath,
}

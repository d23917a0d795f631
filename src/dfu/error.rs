//! What can go wrong while talking DfuSe.

use std::time::Duration;

use thiserror::Error;

use super::functional::FunctionalError;
use super::status::{ShortStatus, State, StatusCode};
use crate::transport::{LinkError, LinkErrorKind};

/// What was being asked of the ROM bootloader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DfuStep {
    /// Bringing it to dfuIDLE.
    Settle,
    /// SET_ADDRESS.
    SetAddress,
    /// ERASE of one page.
    ErasePage,
    /// Writing a block.
    Write,
    /// Reading a block.
    Read,
    /// Leaving DFU mode.
    Leave,
}

impl std::fmt::Display for DfuStep {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Settle => "coming to rest",
            Self::SetAddress => "setting the address",
            Self::ErasePage => "erasing a page",
            Self::Write => "writing",
            Self::Read => "reading",
            Self::Leave => "leaving",
        })
    }
}

/// A failure of the DfuSe dialogue.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DfuError {
    /// A transfer failed.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// Not a DfuSe device, or one that describes itself absurdly.
    #[error("not a usable DfuSe device")]
    NotDfuSe(#[from] FunctionalError),
    /// No alternate setting, or more than one, opens main flash.
    #[error("no single alternate setting opens main flash")]
    NoFlashAlt,
    /// The device said no.
    #[error("{doing} was refused: {status} in {state}{}", .address.map(|a| format!(" at {a:#010x}")).unwrap_or_default())]
    Refused {
        /// To what.
        doing: DfuStep,
        /// Why.
        status: StatusCode,
        /// The state it was in when it told.
        state: State,
        /// At which address, where one was meant.
        address: Option<u32>,
    },
    /// It stays busy or does not come to rest.
    #[error("{doing}: stuck in {state} for {} ms", .waited.as_millis())]
    Stuck {
        /// While doing what.
        doing: DfuStep,
        /// The last state seen.
        state: State,
        /// How long it was waited for.
        waited: Duration,
    },
    /// It is on its way out of DFU mode and needs a replug.
    #[error("the bootloader is already leaving ({state})")]
    Manifesting {
        /// The state seen.
        state: State,
    },
    /// It is in a state that no request of ours leads to.
    #[error("{doing}: unexpected {state} ({status})")]
    UnexpectedState {
        /// While doing what.
        doing: DfuStep,
        /// The state seen.
        state: State,
        /// The status that came with it.
        status: StatusCode,
    },
    /// An UPLOAD returned too little, twice.
    #[error("reading at {address:#010x} returned {received} of {expected} bytes")]
    ShortRead {
        /// The first byte of the block.
        address: u32,
        /// How many bytes were asked for.
        expected: usize,
        /// How many came.
        received: usize,
    },
    /// The range is not in the memory this device says it has, or does not allow this.
    #[error("{length} bytes at {address:#010x} are outside the device's memory layout")]
    OutsideLayout {
        /// First byte.
        address: u32,
        /// How many.
        length: usize,
    },
    /// Flash is programmed in units of at least two bytes.
    #[error("{length} bytes at {address:#010x} are not whole units of flash")]
    Misaligned {
        /// First byte.
        address: u32,
        /// How many.
        length: usize,
    },
    /// A GETSTATUS reply was too short.
    #[error(transparent)]
    ShortStatus(#[from] ShortStatus),
    /// Stopped between blocks because the caller asked.
    #[error("stopped on request")]
    Cancelled,
}

impl DfuError {
    /// True if an unplugged or resetting device can look like this; only the device list can tell.
    pub fn is_disconnect_like(&self) -> bool {
        matches!(self, Self::Link(error) if error.may_be_gone())
    }

    /// True if a read-protected chip answers like this: reading, erasing and writing are refused with errVENDOR
    /// or a STALL (protocols.md §2.3).
    pub fn may_be_read_protection(&self) -> bool {
        matches!(
            self,
            Self::Refused {
                doing: DfuStep::Read | DfuStep::ErasePage | DfuStep::Write,
                status: StatusCode::ErrVendor | StatusCode::ErrStalledPkt,
                ..
            }
        )
    }

    /// True if the same request may go through when it is sent again and if sending it twice does no harm.
    pub(super) fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::ShortStatus(_)
                | Self::Link(LinkError {
                    kind: LinkErrorKind::Io | LinkErrorKind::TimedOut | LinkErrorKind::Overflow,
                    ..
                })
        )
    }
}

//! What can go wrong while talking to Katapult.

use thiserror::Error;

use super::message::ReplyError;
use crate::transport::LinkError;

/// A failure of the Katapult dialogue.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum KatapultError {
    /// A transfer failed.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// It never answered: its parser is wedged and only a power cycle helps (protocols.md hazard 0.1).
    #[error("the bootloader does not answer")]
    Mute,
    /// It answered and then stopped: wedged or unplugged. Nothing more may be sent.
    #[error("the bootloader stopped answering{}", at(*.address))]
    StoppedAnswering {
        /// The block that got no answer, if it was a block.
        address: Option<u32>,
    },
    /// It answered ERROR to a block, also after its page was started again.
    #[error("the bootloader refused the block at {address:#010x}")]
    BlockRefused {
        /// The block.
        address: u32,
    },
    /// It answered ERROR to something that is no block.
    #[error("the bootloader refused command {command:#04x}")]
    Refused {
        /// The command.
        command: u8,
    },
    /// It could not read what was sent, twice: the line is not clean.
    #[error("the bootloader does not understand what it receives{}", at(*.address))]
    Nack {
        /// The block that was not understood, if it was a block.
        address: Option<u32>,
    },
    /// It answered something that is no reply.
    #[error("the bootloader's reply makes no sense")]
    BadReply(#[from] ReplyError),
    /// It keeps answering for another block.
    #[error("the bootloader answered for {answered:#010x} instead of {expected:#010x}")]
    WrongAddress {
        /// The block that was sent or asked for.
        expected: u32,
        /// The block it answered for.
        answered: u32,
    },
    /// It works with a block size that does not fit its protocol.
    #[error("the bootloader announces blocks of {block_size} bytes")]
    UnsupportedBlockSize {
        /// As announced.
        block_size: u32,
    },
    /// Not a range of this chip's main flash, or not a page that can be written. Nothing was sent: outside its
    /// memory the bootloader dies (protocols.md §4.4).
    #[error("{length} bytes at {address:#010x} cannot be read or written through this bootloader")]
    BadRange {
        /// First byte.
        address: u32,
        /// How many.
        length: usize,
    },
    /// Stopped on request; the page in flight is complete.
    #[error("stopped on request")]
    Cancelled,
}

impl KatapultError {
    /// True if an unplugged or resetting device can look like this; only the device list can tell.
    pub fn is_disconnect_like(&self) -> bool {
        match self {
            Self::Link(error) => error.may_be_gone(),
            Self::Mute | Self::StoppedAnswering { .. } => true,
            _ => false,
        }
    }
}

fn at(address: Option<u32>) -> String {
    address
        .map(|address| format!(" at {address:#010x}"))
        .unwrap_or_default()
}

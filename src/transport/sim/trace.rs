//! What happened on the bench: every transfer, every change of a flash, every rule broken. Data only.

use std::collections::VecDeque;
use std::time::Duration;

use thiserror::Error;

use crate::transport::LinkErrorKind;

/// How many transfers are remembered; older ones are forgotten, the count goes on.
const REMEMBERED_TRANSFERS: usize = 100_000;
/// How many bytes of a transfer are remembered: a whole Katapult frame (protocols.md §4.1).
const REMEMBERED_BYTES: usize = 128;

/// What kind of transfer it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransferKind {
    /// Class request, device to host.
    ControlIn {
        /// bRequest.
        request: u8,
        /// wValue.
        value: u16,
    },
    /// Class request, host to device.
    ControlOut {
        /// bRequest.
        request: u8,
        /// wValue.
        value: u16,
    },
    /// SET_INTERFACE.
    SelectAlt(u8),
    /// Serial data to the device.
    BulkOut,
    /// Serial data from the device.
    BulkIn,
}

/// One transfer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// Counted from 1 over the life of the bench; the number that faults name.
    pub number: u64,
    /// When it was completed, on the bench's clock.
    pub at: Duration,
    /// Which probe of the bench, counted from 0.
    pub probe: usize,
    /// What it was.
    pub kind: TransferKind,
    /// Its first bytes, as sent or received.
    pub bytes: Vec<u8>,
    /// How many bytes went through, or why not.
    pub result: Result<usize, LinkErrorKind>,
}

/// How a flash was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlashChange {
    /// Pages were erased.
    Erase,
    /// Cells were programmed.
    Program,
}

/// One change of one flash, noted when it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlashWrite {
    /// When it began.
    pub at: Duration,
    /// Which probe.
    pub probe: usize,
    /// Erase or program.
    pub change: FlashChange,
    /// First byte.
    pub address: u32,
    /// Bytes.
    pub length: u32,
}

/// A rule of a chip or of good conduct that the host broke. Tests assert that there is none.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Violation {
    /// Cells were programmed that were not erased (protocols.md §2.1 "Write unit").
    #[error("programmed {address:#010x} without erasing it")]
    NotErased {
        /// First such unit.
        address: u32,
    },
    /// A double word that had been programmed with ones was programmed again: with ECC nobody has tested that
    /// (protocols.md §4.5).
    #[error("programmed {address:#010x} twice, the first time with ones")]
    OnesReprogrammed {
        /// First such unit.
        address: u32,
    },
    /// A write began or ended inside a program unit.
    #[error("programmed {length} bytes at {address:#010x}, which is not whole units of {unit}")]
    Unaligned {
        /// Where.
        address: u32,
        /// How much.
        length: u32,
        /// Bytes of a unit.
        unit: u32,
    },
    /// Something outside of flash was to be erased or programmed.
    #[error("changed {length} bytes at {address:#010x}, outside of flash")]
    OutOfRange {
        /// Where.
        address: u32,
        /// How much.
        length: u32,
    },
    /// UPLOAD of an odd number of bytes (protocols.md §1.3 "Read length even").
    #[error("read {length} bytes, an odd number")]
    OddRead {
        /// How much.
        length: u32,
    },
    /// `leave` jumped to somewhere else than the start of flash (protocols.md §2.2).
    #[error("left the bootloader to {address:#010x}")]
    LeftElsewhere {
        /// Where to.
        address: u32,
    },
    /// Something was sent that changes a device that is not a probe.
    #[error("a device that is not a probe was given a command")]
    StrangerTouched,
    /// Katapult was made to write past the end of flash: it has no check (protocols.md §4.4).
    #[error("Katapult was told to write {address:#010x}")]
    KatapultWritesPastEnd {
        /// Where.
        address: u32,
    },
    /// Katapult was made to read where there is no memory: it has no check (protocols.md §4.4).
    #[error("Katapult was told to read {address:#010x}")]
    KatapultReadsNowhere {
        /// Where.
        address: u32,
    },
    /// A bad frame wedged Katapult's parser until the next power cycle (protocols.md §0.1).
    #[error("Katapult's parser was wedged by a bad frame")]
    KatapultWedged,
    /// Running firmware was sent a command other than `identify` (protocols.md §5.4).
    #[error("running firmware was sent command {id}")]
    FirmwareCommand {
        /// Its number.
        id: i32,
    },
}

/// A copy of what happened so far.
#[derive(Debug, Clone, Default)]
pub struct Trace {
    pub(super) transfers: VecDeque<Transfer>,
    pub(super) count: u64,
    pub(super) writes: Vec<FlashWrite>,
}

impl Trace {
    /// The transfers, oldest first.
    pub fn transfers(&self) -> impl Iterator<Item = &Transfer> {
        self.transfers.iter()
    }

    /// How many transfers there were.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Every erase and every programming of a flash. Empty: nothing was touched.
    pub fn writes(&self) -> &[FlashWrite] {
        &self.writes
    }

    /// Takes the next number.
    pub(super) fn next_number(&mut self) -> u64 {
        self.count = self.count.saturating_add(1);
        self.count
    }

    pub(super) fn record(&mut self, mut transfer: Transfer) {
        transfer.bytes.truncate(REMEMBERED_BYTES);
        if self.transfers.len() >= REMEMBERED_TRANSFERS {
            self.transfers.pop_front();
        }
        self.transfers.push_back(transfer);
    }
}

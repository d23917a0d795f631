//! The read-protection level, from the option bytes (protocols.md §2.3). They are only ever read.

use super::DfuSession;
use crate::board::Chip;
use crate::dfu::error::DfuError;
use crate::dfu::layout::{MemoryLayout, find_alt};
use crate::dfu::request::FIRST_DATA_BLOCK;
use crate::dfu::status::StatusCode;

/// Read-protection level of the chip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Protection {
    /// None.
    Level0,
    /// Flash cannot be read, erased or written until everything is wiped.
    Level1,
    /// For ever.
    Level2,
    /// The device does not show its option bytes.
    Unknown,
}

impl Protection {
    /// From the RDP option byte (RM0091 §4.1.1, RM0440 §3.4.1).
    pub fn from_rdp(rdp: u8) -> Self {
        match rdp {
            0xaa => Self::Level0,
            0xcc => Self::Level2,
            _ => Self::Level1,
        }
    }
}

impl DfuSession<'_> {
    /// Reads the protection level. Leaves the device in dfuIDLE with main flash selected. After an error the
    /// session is over.
    pub fn protection(&mut self, chip: &Chip) -> Result<Protection, DfuError> {
        let address = chip.option_bytes;
        let alts = self.wire.link().alt_settings();
        let Some(alt) = find_alt(alts, address) else {
            return Ok(Protection::Unknown);
        };
        // Option bytes are read whole: some ROMs take no other length (protocols.md §1.3).
        let length = alts
            .iter()
            .find(|setting| setting.number == alt)
            .and_then(|setting| MemoryLayout::parse(&setting.name).ok())
            .map_or(0, |layout| layout.readable_from(address));
        let length = usize::try_from(length)
            .unwrap_or(usize::MAX)
            .min(self.transfer_size);
        if length == 0 {
            return Ok(Protection::Unknown);
        }
        self.wire.rest()?;
        self.wire.link().select_alt(alt)?;
        let answer = self.read_rdp(address, length);
        // Whatever the answer: nothing else here may ever meet the option bytes.
        let back = self
            .wire
            .rest()
            .and_then(|()| Ok(self.wire.link().select_alt(self.flash_alt)?));
        answer.and_then(|level| back.map(|()| level))
    }

    /// Anything but "not protected" is asked for twice: one stray STALL looks like protection.
    fn read_rdp(&mut self, address: u32, length: usize) -> Result<Protection, DfuError> {
        match self.read_rdp_once(address, length) {
            Ok(Protection::Level0) => return Ok(Protection::Level0),
            Ok(_) => {}
            Err(error) if error.is_transient() => self.wire.settle()?,
            Err(error) => return Err(error),
        }
        self.read_rdp_once(address, length)
    }

    fn read_rdp_once(&mut self, address: u32, length: usize) -> Result<Protection, DfuError> {
        let mut bytes = vec![0; length];
        match self.try_option_bytes(address, &mut bytes) {
            Ok(received) => Ok(match bytes.get(..received) {
                Some([rdp, ..]) => Protection::from_rdp(*rdp),
                _ => Protection::Unknown,
            }),
            Err(DfuError::Refused {
                status: StatusCode::ErrVendor | StatusCode::ErrStalledPkt,
                ..
            }) => Ok(Protection::Level1),
            Err(DfuError::Refused { .. }) => Ok(Protection::Unknown),
            Err(error) => Err(error),
        }
    }

    fn try_option_bytes(&mut self, address: u32, bytes: &mut [u8]) -> Result<usize, DfuError> {
        self.wire.set_read_address(address)?;
        self.wire.upload(address, FIRST_DATA_BLOCK, bytes)
    }
}

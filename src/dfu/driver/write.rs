//! Writing erased flash: one SET_ADDRESS, then DNLOAD blocks 2, 3, 4… (protocols.md §1.3, §8.3 item 3).

use super::DfuSession;
use super::read::offset;
use crate::dfu::error::{DfuError, DfuStep};
use crate::dfu::request::FIRST_DATA_BLOCK;
use crate::transport::OnBytes;

impl DfuSession<'_> {
    /// Writes `data` to erased flash; address and length are even.
    ///
    /// A block whose transfer got lost is not sent again: it may have been programmed, and programming it twice
    /// is what flash forbids. The caller erases the page and writes it anew.
    pub fn write(
        &mut self,
        address: u32,
        data: &[u8],
        on_bytes: &mut OnBytes<'_>,
    ) -> Result<(), DfuError> {
        let length = data.len();
        if !self.layout.writable(address, length) {
            return Err(DfuError::OutsideLayout { address, length });
        }
        if !address.is_multiple_of(2) || !length.is_multiple_of(2) {
            return Err(DfuError::Misaligned { address, length });
        }
        let mut written = 0_usize;
        let mut next: Option<u16> = None;
        for block in data.chunks(self.transfer_size) {
            let at = offset(address, written).ok_or(DfuError::OutsideLayout { address, length })?;
            // A device may count blocks in units of this block's length: a short one starts a run of its own.
            let number = match next {
                Some(number) if block.len() == self.transfer_size => number,
                _ => {
                    self.wire.set_address(at)?;
                    FIRST_DATA_BLOCK
                }
            };
            self.wire.dnload(DfuStep::Write, Some(at), number, block)?;
            self.wire
                .complete(DfuStep::Write, Some(at), self.pace.program(block.len()))?;
            next = number.checked_add(1);
            written = written.saturating_add(block.len());
            if on_bytes(u64::try_from(block.len()).unwrap_or(u64::MAX)).is_break() {
                return Err(self.cancelled());
            }
        }
        Ok(())
    }
}

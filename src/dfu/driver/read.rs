//! Reading memory: SET_ADDRESS, ABORT, then UPLOAD blocks 2, 3, 4… without a GETSTATUS between them
//! (protocols.md §1.3).

use super::DfuSession;
use crate::dfu::error::DfuError;
use crate::dfu::request::FIRST_DATA_BLOCK;
use crate::transport::OnBytes;

/// Most bytes set aside before any arrived; a layout string may claim gigabytes.
const RESERVE_MAX: usize = 1024 * 1024;

/// Numbers the blocks of one run. `None`: the next block needs a SET_ADDRESS of its own.
type NextBlock = Option<u16>;

impl DfuSession<'_> {
    /// Reads `length` bytes. Leaves the device in dfuIDLE.
    pub fn read(
        &mut self,
        address: u32,
        length: usize,
        on_bytes: &mut OnBytes<'_>,
    ) -> Result<Vec<u8>, DfuError> {
        if !self.layout.readable(address, length) {
            return Err(DfuError::OutsideLayout { address, length });
        }
        if !address.is_multiple_of(2) {
            return Err(DfuError::Misaligned { address, length });
        }
        let mut bytes = Vec::with_capacity(length.min(RESERVE_MAX));
        let mut buffer = vec![0; self.transfer_size];
        let mut next: NextBlock = None;
        while bytes.len() < length {
            let left = length.saturating_sub(bytes.len());
            let at =
                offset(address, bytes.len()).ok_or(DfuError::OutsideLayout { address, length })?;
            let ask = self.block_length(at, left, next);
            if ask < self.transfer_size {
                next = None;
            }
            let block = buffer.get_mut(..ask).unwrap_or_default();
            self.read_block(at, block, &mut next)?;
            let wanted = block.get(..left.min(ask)).unwrap_or(block);
            bytes.extend_from_slice(wanted);
            if on_bytes(u64::try_from(wanted.len()).unwrap_or(u64::MAX)).is_break() {
                return Err(self.cancelled());
            }
        }
        self.wire.rest()?;
        Ok(bytes)
    }

    /// How much to ask for. Inside a run it is a full block, trimmed later, because the device may count blocks in
    /// units of the length asked for; only where that would pass the end of memory, and at the start of a run, it
    /// is what is left, made even (protocols.md §1.3).
    fn block_length(&self, at: u32, left: usize, next: NextBlock) -> usize {
        let in_memory = usize::try_from(self.layout.readable_from(at)).unwrap_or(usize::MAX);
        if next.is_some() && in_memory >= self.transfer_size {
            return self.transfer_size;
        }
        left.next_multiple_of(2)
            .min(in_memory)
            .min(self.transfer_size)
    }

    /// Reads one block, once more from its own address if it came short or got lost.
    fn read_block(
        &mut self,
        at: u32,
        block: &mut [u8],
        next: &mut NextBlock,
    ) -> Result<(), DfuError> {
        match self.try_block(at, block, next) {
            Ok(received) if received == block.len() => return Ok(()),
            Ok(received) => {
                self.wire.note_lost();
                tracing::warn!(at, received, "a short block, reading it again");
                self.wire.abort_to_idle()?;
            }
            Err(error) if error.is_transient() => {
                tracing::warn!(at, %error, "a lost block, reading it again");
                self.wire.note_lost();
                self.wire.settle()?;
            }
            Err(error) => return Err(error),
        }
        *next = None;
        let received = self.try_block(at, block, next)?;
        if received == block.len() {
            return Ok(());
        }
        if let Err(error) = self.wire.abort_to_idle() {
            tracing::debug!(%error, "not at rest after a short read");
        }
        Err(DfuError::ShortRead {
            address: at,
            expected: block.len(),
            received,
        })
    }

    fn try_block(
        &mut self,
        at: u32,
        block: &mut [u8],
        next: &mut NextBlock,
    ) -> Result<usize, DfuError> {
        let number = if let Some(number) = *next {
            number
        } else {
            self.wire.set_read_address(at)?;
            FIRST_DATA_BLOCK
        };
        let received = self.wire.upload(at, number, block)?;
        *next = number.checked_add(1);
        Ok(received)
    }

    /// Brings the device to rest after the caller asked to stop. If that fails the next opener will do it.
    pub(super) fn cancelled(&mut self) -> DfuError {
        if let Err(error) = self.wire.rest() {
            tracing::debug!(%error, "not at rest after stopping");
        }
        DfuError::Cancelled
    }
}

/// The address `bytes` further on.
pub(super) fn offset(address: u32, bytes: usize) -> Option<u32> {
    address.checked_add(u32::try_from(bytes).ok()?)
}

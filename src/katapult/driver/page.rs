//! Which blocks a page is sent as. Pure.

use crate::katapult::message::Command;

/// The SEND_BLOCKs of one page.
pub(super) struct PageBlocks {
    commands: Vec<Command>,
    block_size: usize,
    length: usize,
}

impl PageBlocks {
    /// Cuts `data` into blocks, the last one padded with 0xFF. Blank blocks at the end are left out: the first
    /// block erases the page (§4.4). The first is always there.
    pub(super) fn new(address: u32, data: &[u8], block_size: usize) -> Self {
        let used = data
            .iter()
            .rposition(|byte| *byte != 0xff)
            .map_or(1, |last| last + 1);
        let commands = block_addresses(address, used, block_size)
            .zip(data.chunks(block_size.max(1)))
            .map(|(address, chunk)| {
                let mut data = chunk.to_vec();
                data.resize(block_size, 0xff);
                Command::SendBlock { address, data }
            })
            .collect();
        Self {
            commands,
            block_size,
            length: data.len(),
        }
    }

    /// The block that erases the page.
    pub(super) fn first(&self) -> &[Command] {
        self.commands.get(..1).unwrap_or_default()
    }

    /// All others.
    pub(super) fn rest(&self) -> &[Command] {
        self.commands.get(1..).unwrap_or_default()
    }

    /// How many bytes of the page's data `count` blocks are.
    pub(super) fn bytes_of(&self, count: usize) -> usize {
        self.length.min(count.saturating_mul(self.block_size))
    }
}

/// The addresses of the blocks that cover `length` bytes; ends where addresses end.
pub(super) fn block_addresses(
    start: u32,
    length: usize,
    block_size: usize,
) -> impl Iterator<Item = u32> {
    (0..length)
        .step_by(block_size.max(1))
        .map_while(move |offset| start.checked_add(u32::try_from(offset).ok()?))
}

//! Klipper's message block (protocols.md §5.1) as bytes and back. Pure: knows no message and no link.
//!
//! `len | 0x10 + sequence | content | crc16 BE over len..content | 7e`, `len` counting everything.

use crate::katapult::crc::crc16;

/// Ends every block.
pub const SYNC: u8 = 0x7e;
/// High half of the second byte.
const SEQUENCE_MARK: u8 = 0x10;
/// Length and sequence.
const HEADER_LEN: usize = 2;
/// CRC and [`SYNC`].
const TRAILER_LEN: usize = 3;
/// A block without content: an acknowledgement.
pub const MIN_BLOCK_LEN: usize = HEADER_LEN + TRAILER_LEN;
/// The longest block.
pub const MAX_BLOCK_LEN: usize = 64;

/// A block number, 0 to 15 and round again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sequence(u8);

impl Sequence {
    /// The low four bits of `number`.
    pub fn new(number: u8) -> Self {
        Self(number & 0x0f)
    }

    /// The one after.
    #[must_use]
    pub fn next(self) -> Self {
        Self::new(self.0 + 1)
    }
}

/// One message block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// From the host: this block's number. From the device: the number it expects next.
    pub sequence: Sequence,
    /// Messages; empty in an acknowledgement.
    pub content: Vec<u8>,
}

impl Block {
    /// The bytes on the wire; `None` if the content is too long.
    pub fn encode(&self) -> Option<Vec<u8>> {
        let total = MIN_BLOCK_LEN + self.content.len();
        if total > MAX_BLOCK_LEN {
            return None;
        }
        let mut bytes = vec![u8::try_from(total).ok()?, SEQUENCE_MARK | self.sequence.0];
        bytes.extend_from_slice(&self.content);
        let crc = crc16(&bytes);
        bytes.extend_from_slice(&crc.to_be_bytes());
        bytes.push(SYNC);
        Some(bytes)
    }
}

/// Cuts a byte stream into blocks. After anything invalid it starts again behind the next [`SYNC`]. It holds less
/// than one block.
#[derive(Debug, Clone, Default)]
pub struct BlockDecoder {
    pending: Vec<u8>,
    lost: bool,
}

impl BlockDecoder {
    /// An empty decoder.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes bytes as they came and returns the blocks that are complete now.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Block> {
        let mut blocks = Vec::new();
        for byte in bytes {
            self.pending.push(*byte);
            self.settle(&mut blocks);
        }
        blocks
    }

    /// Deals with what is pending as far as it can be judged.
    fn settle(&mut self, blocks: &mut Vec<Block>) {
        loop {
            if self.lost {
                let Some(sync) = self.pending.iter().position(|byte| *byte == SYNC) else {
                    self.pending.clear();
                    return;
                };
                self.pending.drain(..=sync);
                self.lost = false;
            }
            match judge(&self.pending) {
                Judgement::Unfinished => return,
                Judgement::Block(block, len) => {
                    blocks.push(block);
                    self.pending.drain(..len);
                }
                Judgement::IdleSync => {
                    self.pending.drain(..1);
                }
                Judgement::Invalid => self.lost = true,
            }
        }
    }
}

enum Judgement {
    Unfinished,
    /// A [`SYNC`] between blocks.
    IdleSync,
    /// And how long it was.
    Block(Block, usize),
    Invalid,
}

/// Judges bytes that start where a block may start.
fn judge(bytes: &[u8]) -> Judgement {
    let Some((first, behind)) = bytes.split_first() else {
        return Judgement::Unfinished;
    };
    if *first == SYNC {
        return Judgement::IdleSync;
    }
    let len = usize::from(*first);
    if !(MIN_BLOCK_LEN..=MAX_BLOCK_LEN).contains(&len) {
        return Judgement::Invalid;
    }
    if behind
        .first()
        .is_some_and(|sequence| sequence & 0xf0 != SEQUENCE_MARK)
    {
        return Judgement::Invalid;
    }
    let Some(whole) = bytes.get(..len) else {
        return Judgement::Unfinished;
    };
    let (checked, trailer) = whole.split_at(len.saturating_sub(TRAILER_LEN));
    let (&[_, sequence, ref content @ ..], &[crc_high, crc_low, SYNC]) = (checked, trailer) else {
        return Judgement::Invalid;
    };
    if u16::from_be_bytes([crc_high, crc_low]) != crc16(checked) {
        return Judgement::Invalid;
    }
    let block = Block {
        sequence: Sequence::new(sequence),
        content: content.to_vec(),
    };
    Judgement::Block(block, len)
}

#[cfg(test)]
mod tests;

//! Asks a running probe who it is, over a [`SerialLink`] and a [`Clock`] (protocols.md §5.2, §5.4). Changes nothing
//! on the probe but its sequence counter. Never to be pointed at a Katapult port: it wedges there (hazard 0.1).

use std::collections::VecDeque;
use std::time::Duration;

use super::dictionary::{Dictionary, MAX_PACKED, parse_stream};
use super::error::KlipperError;
use super::frame::{Block, BlockDecoder, MAX_BLOCK_LEN, SYNC, Sequence};
use super::message::{Identify, IdentifyResponse};
use crate::board::{Mcu, Transport};
use crate::transport::{Clock, DeviceId, Hardware, LinkErrorKind, SerialLink};

/// Bytes asked for at once; what Klipper itself asks for.
const PIECE_LEN: u8 = 40;
/// After this much silence a request is sent again.
const RETRANSMIT_AFTER: Duration = Duration::from_millis(100);
/// How often a request is sent at most: once and five times again.
const TRIES: usize = 6;
/// The whole dialogue: at its slowest real one, 79 round trips, it takes a tenth.
const OVERALL: Duration = Duration::from_secs(5);
/// Bytes beyond which a probe is babbling: ten times the longest dictionary with its framing.
const BABBLE_LIMIT: usize = 1024 * 1024;
/// A pause for links that come back early with nothing.
const IDLE: Duration = Duration::from_millis(1);

/// What a running firmware says it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Free text, `CARTOGRAPHER V4 6.1.0`.
    pub version: String,
    /// `Cartographer`, from 6.1.0 on.
    pub app: Option<String>,
    /// The chip it was built for, if it is one of ours.
    pub mcu: Option<Mcu>,
    /// How it talks to the printer, if it says so.
    pub transport: Option<Transport>,
}

impl From<Dictionary> for Identity {
    fn from(dictionary: Dictionary) -> Self {
        Self {
            transport: dictionary.transport(),
            mcu: dictionary.mcu.as_deref().and_then(Mcu::from_klipper_name),
            version: dictionary.version,
            app: dictionary.app,
        }
    }
}

/// Opens the port of a running probe, asks it who it is, and closes the port again.
pub fn ask(hardware: &dyn Hardware, device: &DeviceId) -> Result<Identity, KlipperError> {
    let mut link = hardware.open_serial(device)?;
    identify(link.as_mut(), hardware.clock())
}

/// Reads the probe's dictionary. Takes at most five seconds, whatever the probe does.
pub fn identify(link: &mut dyn SerialLink, clock: &dyn Clock) -> Result<Identity, KlipperError> {
    let mut dialogue = Dialogue {
        link,
        clock,
        give_up_at: clock.now().saturating_add(OVERALL),
        sequence: Sequence::default(),
        decoder: BlockDecoder::new(),
        blocks: VecDeque::new(),
        heard: 0,
        packed: Vec::new(),
    };
    // Ends whatever an earlier program left unfinished in the probe's buffer.
    dialogue.write(&[SYNC])?;
    loop {
        let piece = dialogue.next_piece()?;
        if piece.is_empty() {
            break;
        }
        dialogue.packed.extend_from_slice(&piece);
        if dialogue.packed.len() > MAX_PACKED {
            return Err(KlipperError::TooLong);
        }
    }
    Ok(parse_stream(&dialogue.packed)?.into())
}

/// What an awaited piece turned out to be.
enum Awaited {
    Piece(Vec<u8>),
    /// Ask again, with the sequence number as it is now.
    Nothing,
}

struct Dialogue<'l> {
    link: &'l mut dyn SerialLink,
    clock: &'l dyn Clock,
    give_up_at: Duration,
    /// The number the probe expects next, as far as we know.
    sequence: Sequence,
    decoder: BlockDecoder,
    blocks: VecDeque<Block>,
    heard: usize,
    packed: Vec<u8>,
}

impl Dialogue<'_> {
    /// The piece behind what has come so far; empty at the end.
    fn next_piece(&mut self) -> Result<Vec<u8>, KlipperError> {
        let offset = u32::try_from(self.packed.len()).map_err(|_too_long| KlipperError::TooLong)?;
        for _ in 0..TRIES {
            let content = Identify {
                offset,
                count: PIECE_LEN,
            }
            .encode();
            let request = Block {
                sequence: self.sequence,
                content,
            };
            self.write(&request.encode().ok_or(KlipperError::TooLong)?)?;
            if let Awaited::Piece(piece) = self.await_piece(offset)? {
                return Ok(piece);
            }
        }
        Err(KlipperError::NoAnswer {
            offset: self.packed.len(),
        })
    }

    /// Waits for the answer to the request just sent. Messages of other kinds are passed over.
    fn await_piece(&mut self, offset: u32) -> Result<Awaited, KlipperError> {
        let deadline = self.clock.now().saturating_add(RETRANSMIT_AFTER);
        let mut accepted = false;
        while let Some(block) = self.next_block(deadline)? {
            if block.content.is_empty() {
                if block.sequence == self.sequence.next() {
                    // Accepted. Its answer is held back behind this, or lost.
                    accepted = true;
                } else if block.sequence != self.sequence {
                    // Another session left it at another number: adopt that.
                    self.sequence = block.sequence;
                    return Ok(Awaited::Nothing);
                }
            } else if let Some(response) = IdentifyResponse::decode(&block.content)
                && response.offset == offset
            {
                self.sequence = block.sequence;
                return Ok(Awaited::Piece(response.data));
            }
        }
        if accepted {
            self.sequence = self.sequence.next();
        }
        Ok(Awaited::Nothing)
    }

    /// The next block from the probe; `None` if there was none until `deadline`.
    fn next_block(&mut self, deadline: Duration) -> Result<Option<Block>, KlipperError> {
        loop {
            if let Some(block) = self.blocks.pop_front() {
                return Ok(Some(block));
            }
            let now = self.clock.now();
            if now >= self.give_up_at || self.heard > BABBLE_LIMIT {
                return Err(KlipperError::TooSlow {
                    received: self.packed.len(),
                });
            }
            let until = deadline.min(self.give_up_at);
            let Some(left) = until.checked_sub(now).filter(|left| !left.is_zero()) else {
                return Ok(None);
            };
            let mut buffer = [0; 4 * MAX_BLOCK_LEN];
            let len = match self.link.read(&mut buffer, left) {
                Ok(len) => len,
                Err(error) if error.kind == LinkErrorKind::TimedOut => 0,
                Err(error) => return Err(error.into()),
            };
            if len == 0 && self.clock.now().saturating_sub(now) < left.min(IDLE) {
                self.clock.sleep(left.min(IDLE));
            }
            self.heard = self.heard.saturating_add(len);
            self.blocks
                .extend(self.decoder.push(buffer.get(..len).unwrap_or(&buffer)));
        }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), KlipperError> {
        Ok(self.link.write(bytes, RETRANSMIT_AFTER)?)
    }
}

#[cfg(test)]
mod tests;

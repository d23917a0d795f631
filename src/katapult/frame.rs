//! Katapult's frame (protocols.md §4.1) as bytes and back. Pure: knows no command and no link.
//!
//! `01 88 | code | words | payload (4 × words) | crc16 LE over code..payload | 99 03`

use super::crc::crc16;

/// First bytes of every frame.
const START: [u8; 2] = [0x01, 0x88];
/// Last bytes of every frame.
const END: [u8; 2] = [0x99, 0x03];
/// `START`, code and word count.
const HEADER_LEN: usize = 4;
/// CRC and `END`.
const TRAILER_LEN: usize = 4;
/// Bytes of a payload word.
const WORD: usize = 4;
/// The most a one-byte word count can announce.
pub const MAX_PAYLOAD_LEN: usize = u8::MAX as usize * WORD;

/// One frame: a command or reply code and its payload of whole words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    code: u8,
    words: u8,
    payload: Vec<u8>,
}

impl Frame {
    /// A frame with this payload, padded with NUL to whole words; `None` if it is too long for the format.
    pub fn new(code: u8, mut payload: Vec<u8>) -> Option<Self> {
        payload.resize(payload.len().next_multiple_of(WORD), 0);
        let words = u8::try_from(payload.len() / WORD).ok()?;
        Some(Self {
            code,
            words,
            payload,
        })
    }

    /// The command or reply code.
    pub fn code(&self) -> u8 {
        self.code
    }

    /// The payload; its length is a multiple of four.
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The bytes on the wire.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER_LEN + self.payload.len() + TRAILER_LEN);
        bytes.extend_from_slice(&START);
        bytes.push(self.code);
        bytes.push(self.words);
        bytes.extend_from_slice(&self.payload);
        let crc = crc16(bytes.get(START.len()..).unwrap_or_default());
        bytes.extend_from_slice(&crc.to_le_bytes());
        bytes.extend_from_slice(&END);
        bytes
    }
}

/// What a [`FrameDecoder`] made of incoming bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Received {
    /// A whole frame with a correct checksum.
    Frame(Frame),
    /// This many bytes that belong to no frame.
    Noise(usize),
}

/// Cuts a byte stream into frames.
///
/// It goes by the announced length, since `01 88` and `99 03` may occur inside payloads. After noise or a damaged
/// frame it looks for the next start one byte further on. It holds at most one unfinished frame.
#[derive(Debug, Clone, Default)]
pub struct FrameDecoder {
    pending: Vec<u8>,
}

impl FrameDecoder {
    /// An empty decoder.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes bytes as they came and returns what is complete now.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Received> {
        self.pending.extend_from_slice(bytes);
        let mut out = Vec::new();
        let used = scan(&self.pending, &mut out);
        self.pending.drain(..used);
        out
    }

    /// Gives up on an unfinished frame: nothing came for so long that its header must have been noise. What is
    /// behind that header is looked at again, so a real frame swallowed by a false length is not lost.
    pub fn flush(&mut self) -> Vec<Received> {
        let mut out = Vec::new();
        while !self.pending.is_empty() {
            self.pending.drain(..1);
            note_noise(&mut out, 1);
            let used = scan(&self.pending, &mut out);
            self.pending.drain(..used);
        }
        out
    }
}

/// Appends everything complete in `bytes` to `out`; returns how many bytes are dealt with. What is left over is
/// a proper prefix of a frame.
fn scan(bytes: &[u8], out: &mut Vec<Received>) -> usize {
    let mut rest = bytes;
    loop {
        match parse(rest) {
            Parse::Frame(frame, len) => {
                out.push(Received::Frame(frame));
                rest = rest.get(len..).unwrap_or_default();
            }
            Parse::Noise => {
                note_noise(out, 1);
                rest = rest.get(1..).unwrap_or_default();
            }
            Parse::Unfinished => return bytes.len() - rest.len(),
        }
    }
}

fn note_noise(out: &mut Vec<Received>, more: usize) {
    if let Some(Received::Noise(count)) = out.last_mut() {
        *count = count.saturating_add(more);
    } else {
        out.push(Received::Noise(more));
    }
}

enum Parse {
    Frame(Frame, usize),
    /// The first byte starts no frame.
    Noise,
    /// So far it is a frame, or there is nothing.
    Unfinished,
}

fn parse(bytes: &[u8]) -> Parse {
    let looks_right = bytes
        .iter()
        .zip(START)
        .all(|(found, expected)| *found == expected);
    if !looks_right {
        return Parse::Noise;
    }
    let &[_, _, code, words, ref body @ ..] = bytes else {
        return Parse::Unfinished;
    };
    let payload_len = usize::from(words) * WORD;
    let Some((payload, trailer)) = body.split_at_checked(payload_len) else {
        return Parse::Unfinished;
    };
    let &[crc_low, crc_high, end_0, end_1, ..] = trailer else {
        return Parse::Unfinished;
    };
    let checked = bytes
        .get(START.len()..HEADER_LEN + payload_len)
        .unwrap_or_default();
    let intact = [end_0, end_1] == END && u16::from_le_bytes([crc_low, crc_high]) == crc16(checked);
    if !intact {
        return Parse::Noise;
    }
    let frame = Frame {
        code,
        words,
        payload: payload.to_vec(),
    };
    Parse::Frame(frame, HEADER_LEN + payload_len + TRAILER_LEN)
}

#[cfg(test)]
mod tests;

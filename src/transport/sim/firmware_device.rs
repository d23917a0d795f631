//! Running Cartographer firmware, as far as `identify` goes (protocols.md §5). It carries the dictionary that is in
//! its image. Everything else it could be told is a broken rule.

use std::time::Duration;

use super::cdc::CdcIn;
use super::klipper_frame::{DATA_MAX, Found, SYNC, decode, encode, find, frame};
use super::trace::Violation;

/// Message ids that never change (protocols.md §5.1).
const IDENTIFY: i32 = 1;
const IDENTIFY_RESPONSE: i32 = 0;
/// The id under which the bench's firmware streams measurements nobody asked it for.
const NOISE: i32 = 71;
/// And how often.
const NOISE_INTERVAL: Duration = Duration::from_millis(20);
/// It streams only while less than this is unread, so that answers find room.
const NOISE_ROOM: usize = 100;

/// A firmware at work.
#[derive(Debug, Clone)]
pub(super) struct FirmwareDevice {
    /// It gives no product name.
    pub(super) hides_product: bool,
    pub(super) cdc: CdcIn,
    dictionary: Vec<u8>,
    buffer: Vec<u8>,
    /// Skip to the next sync byte.
    need_sync: bool,
    /// Say nothing about errors until a frame is whole.
    need_valid: bool,
    /// The sequence number that the next frame must carry; it outlives sessions.
    expected: u8,
    latency: Duration,
    next_noise: Option<Duration>,
}

impl FirmwareDevice {
    /// Firmware with this packed dictionary.
    pub(super) fn new(dictionary: Vec<u8>, hides_product: bool, latency: Duration) -> Self {
        Self {
            hides_product,
            cdc: CdcIn::default(),
            dictionary,
            buffer: Vec::new(),
            need_sync: false,
            need_valid: false,
            expected: 0,
            latency,
            next_noise: None,
        }
    }

    /// It streams from now on.
    pub(super) fn stream_from(&mut self, now: Duration) {
        self.next_noise = Some(now);
    }

    /// When something may have changed for the host.
    pub(super) fn next_event(&self) -> Option<Duration> {
        [self.cdc.next_event(), self.next_noise]
            .into_iter()
            .flatten()
            .min()
    }

    /// Lets time pass.
    pub(super) fn settle(&mut self, now: Duration) {
        self.cdc.settle(now);
        if self.next_noise.is_some_and(|at| at <= now) {
            self.next_noise = Some(now.saturating_add(NOISE_INTERVAL));
            if self.cdc.unread() < NOISE_ROOM {
                let mut payload = Vec::new();
                encode(NOISE, &mut payload);
                payload.extend([0xdf, 0x7f, 0x28, SYNC, 0x05]);
                self.cdc.send(now, frame(self.expected, &payload));
                self.cdc.settle(now);
            }
        }
    }

    /// Bytes come from the host. Rules that they break are returned.
    pub(super) fn receive(&mut self, bytes: &[u8], now: Duration) -> Vec<Violation> {
        let mut violations = Vec::new();
        self.buffer.extend_from_slice(bytes);
        loop {
            if self.need_sync {
                match self.buffer.iter().position(|byte| *byte == SYNC) {
                    Some(position) => {
                        self.buffer.drain(..=position);
                        self.need_sync = false;
                    }
                    None => self.buffer.clear(),
                }
            }
            match find(&self.buffer) {
                Found::NeedMore => return violations,
                Found::Sync => drop(self.buffer.drain(..1)),
                Found::Error => {
                    self.need_sync = true;
                    if !self.need_valid {
                        self.need_valid = true;
                        self.send(now, frame(self.expected, &[]));
                    }
                }
                Found::Frame {
                    length,
                    sequence,
                    payload,
                } => {
                    self.buffer.drain(..length);
                    self.need_valid = false;
                    self.obey(sequence, &payload, now, &mut violations);
                }
            }
        }
    }

    fn obey(
        &mut self,
        sequence: u8,
        payload: &[u8],
        now: Duration,
        violations: &mut Vec<Violation>,
    ) {
        let mut answer = Vec::new();
        if sequence == self.expected {
            self.expected = sequence.wrapping_add(1) & 0x0f;
            let mut rest = payload;
            while !rest.is_empty() {
                match message(&mut rest) {
                    Ok(Some((offset, count))) => answer.extend(self.chunk(offset, count)),
                    Ok(None) => break,
                    Err(id) => {
                        violations.push(Violation::FirmwareCommand { id });
                        break;
                    }
                }
            }
        }
        // Answer and acknowledgement leave together; a wrong sequence number gets the second alone.
        answer.extend(frame(self.expected, &[]));
        self.send(now, answer);
    }

    /// One `identify_response`.
    fn chunk(&self, offset: i32, count: i32) -> Vec<u8> {
        let start = usize::try_from(offset).unwrap_or(usize::MAX);
        let count = usize::try_from(count).unwrap_or(0).min(DATA_MAX);
        let rest = self.dictionary.get(start..).unwrap_or_default();
        let data = rest.get(..count).unwrap_or(rest);
        let mut payload = Vec::new();
        encode(IDENTIFY_RESPONSE, &mut payload);
        encode(offset, &mut payload);
        payload.push(u8::try_from(data.len()).unwrap_or(u8::MAX));
        payload.extend_from_slice(data);
        frame(self.expected, &payload)
    }

    fn send(&mut self, now: Duration, bytes: Vec<u8>) {
        self.cdc.send(now.saturating_add(self.latency), bytes);
    }
}

/// Takes one message: the arguments of `identify`, nothing if it is cut off, or the id of another command.
fn message(rest: &mut &[u8]) -> Result<Option<(i32, i32)>, i32> {
    let Some(id) = decode(rest) else {
        return Ok(None);
    };
    if id != IDENTIFY {
        return Err(id);
    }
    let offset = decode(rest);
    let count = decode(rest);
    Ok(offset.zip(count))
}

#[cfg(test)]
mod tests;

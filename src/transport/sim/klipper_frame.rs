//! Klipper's frames and numbers as a device makes and reads them (protocols.md §5.1). Pure, and kept
//! apart from the driver's own, as `crc` is.

use super::crc::crc16;

/// The byte between frames.
pub(super) const SYNC: u8 = 0x7e;
/// Upper half of every sequence byte.
const DESTINATION: u8 = 0x10;
/// The shortest and the longest frame.
const FRAME_MIN: usize = 5;
const FRAME_MAX: usize = 64;

/// What is at the start of a buffer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    /// A frame of this length.
    Frame {
        /// All of its bytes.
        length: usize,
        /// Its sequence number, 0 to 15.
        sequence: u8,
        /// What it carries.
        payload: Vec<u8>,
    },
    /// Not enough.
    NeedMore,
    /// A lone sync byte: skipped without a word.
    Sync,
    /// Garbage.
    Error,
}

/// Looks at the start of a buffer.
pub(super) fn find(buffer: &[u8]) -> Found {
    if buffer.first() == Some(&SYNC) {
        return Found::Sync;
    }
    let [length, sequence, ..] = buffer else {
        return Found::NeedMore;
    };
    let size = usize::from(*length);
    if !(FRAME_MIN..=FRAME_MAX).contains(&size) || *sequence & 0xf0 != DESTINATION {
        return Found::Error;
    }
    let Some(frame) = buffer.get(..size) else {
        return Found::NeedMore;
    };
    match frame {
        [body @ .., high, low, SYNC] if crc16(body) == u16::from_be_bytes([*high, *low]) => {
            Found::Frame {
                length: size,
                sequence: *sequence & 0x0f,
                payload: body.get(2..).unwrap_or_default().to_vec(),
            }
        }
        _ => Found::Error,
    }
}

/// A frame. A payload that is too long is cut, which no caller does.
pub(super) fn frame(sequence: u8, payload: &[u8]) -> Vec<u8> {
    let payload = payload.get(..FRAME_MAX - FRAME_MIN).unwrap_or(payload);
    let length = u8::try_from(payload.len().saturating_add(FRAME_MIN)).unwrap_or(u8::MAX);
    let mut wire = vec![length, DESTINATION | (sequence & 0x0f)];
    wire.extend_from_slice(payload);
    let checksum = crc16(&wire).to_be_bytes();
    wire.extend(checksum);
    wire.push(SYNC);
    wire
}

/// The largest data that fits a frame beside an id, an offset of up to three bytes and a length.
pub(super) const DATA_MAX: usize = FRAME_MAX - FRAME_MIN - 5;

/// A number as 7-bit groups, the most significant first.
pub(super) fn encode(value: i32, out: &mut Vec<u8>) {
    for shift in [28, 21, 14, 7] {
        // The first group holds -32..=95: see the bounds in protocols.md §5.1.
        let low = -(1_i64 << (shift - 2));
        let high = 3_i64 << (shift - 2);
        if !(low..high).contains(&i64::from(value)) {
            out.push(group(value, shift) | 0x80);
        }
    }
    out.push(group(value, 0));
}

fn group(value: i32, shift: u32) -> u8 {
    let [low, ..] = (value >> shift).to_le_bytes();
    low & 0x7f
}

/// Takes a number from the front of `bytes`.
pub(super) fn decode(bytes: &mut &[u8]) -> Option<i32> {
    let (first, rest) = bytes.split_first()?;
    *bytes = rest;
    let mut value = i32::from(first & 0x7f);
    if first & 0x60 == 0x60 {
        value |= -32;
    }
    let mut current = *first;
    for _ in 0..4 {
        if current & 0x80 == 0 {
            break;
        }
        let (next, rest) = bytes.split_first()?;
        *bytes = rest;
        value = value.wrapping_shl(7) | i32::from(next & 0x7f);
        current = *next;
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// protocols.md §5.1 "Samples".
    #[test]
    fn numbers_are_the_samples() {
        for (value, bytes) in [
            (0, &[0x00][..]),
            (40, &[0x28]),
            (95, &[0x5f]),
            (96, &[0x80, 0x60]),
            (127, &[0x80, 0x7f]),
            (128, &[0x81, 0x00]),
            (1000, &[0x87, 0x68]),
            (2960, &[0x97, 0x10]),
            (12287, &[0xdf, 0x7f]),
            (12288, &[0x80, 0xe0, 0x00]),
            (-1, &[0x7f]),
            (-32, &[0x60]),
            (-33, &[0xff, 0x5f]),
        ] {
            let mut out = Vec::new();
            encode(value, &mut out);
            assert_eq!(out, bytes, "{value}");
            let mut rest = bytes;
            assert_eq!(decode(&mut rest), Some(value));
            assert!(rest.is_empty());
        }
        for value in [i32::MIN, i32::MAX, -524_289, 1_572_864] {
            let mut out = Vec::new();
            encode(value, &mut out);
            assert_eq!(decode(&mut out.as_slice()), Some(value));
        }
        assert_eq!(decode(&mut &[][..]), None);
        assert_eq!(decode(&mut &[0x80][..]), None);
    }

    /// protocols.md §5.3.
    #[test]
    fn frames_are_the_vectors() {
        assert_eq!(
            frame(0, &[1, 0, 40]),
            [0x08, 0x10, 0x01, 0x00, 0x28, 0x5e, 0x9f, 0x7e]
        );
        for (sequence, high, low) in [
            (0, 0x9e, 0x81),
            (1, 0x8f, 0x08),
            (2, 0xbd, 0x93),
            (3, 0xac, 0x1a),
            (15, 0x66, 0x76),
        ] {
            let wire = [0x05, 0x10 | sequence, high, low, 0x7e];
            assert_eq!(frame(sequence, &[]), wire);
            assert_eq!(
                find(&wire),
                Found::Frame {
                    length: 5,
                    sequence,
                    payload: vec![]
                }
            );
        }
        assert_eq!(find(&[0x08, 0x10, 0x01]), Found::NeedMore);
        assert_eq!(find(&[0x7e, 0x08]), Found::Sync);
        assert_eq!(find(&[0x04, 0x10]), Found::Error);
        assert_eq!(find(&[0x41, 0x10]), Found::Error);
        assert_eq!(find(&[0x08, 0x20]), Found::Error);
        assert_eq!(find(&[0x05, 0x10, 0x9e, 0x80, 0x7e]), Found::Error);
    }
}

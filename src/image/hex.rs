//! Intel HEX (Intel's specification, revision A, 1988; protocols.md §1.5). Pure.

use std::borrow::Cow;

use thiserror::Error;

use super::sparse::Segment;

/// Bytes of a record around its data: length, address, type, checksum.
const RECORD_OVERHEAD: usize = 5;
/// Digits of the longest record: 255 bytes of data and the rest.
const MAX_DIGITS: usize = 2 * (255 + RECORD_OVERHEAD);
/// A segmented address has 16 bits of offset.
const SEGMENT_SIZE: u32 = 0x1_0000;

/// Why an Intel HEX file was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("line {line} of the HEX file: {problem}")]
pub struct HexError {
    /// Which line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub problem: HexProblem,
}

/// What is wrong with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum HexProblem {
    /// It does not begin with a colon.
    #[error("it is not a record")]
    NotARecord,
    /// Something else than pairs of hexadecimal digits.
    #[error("it has something else than hexadecimal digits")]
    Digits,
    /// It is shorter or longer than it says, or than its type allows.
    #[error("its length is wrong")]
    Length,
    /// Its checksum is wrong.
    #[error("its checksum is {found:#04x} instead of {expected:#04x}")]
    Checksum {
        /// What it ends with.
        found: u8,
        /// What it should end with.
        expected: u8,
    },
    /// A record type that does not exist.
    #[error("record type {kind:#04x} does not exist")]
    RecordType {
        /// It.
        kind: u8,
    },
    /// Its data goes past the end of its segment or of the address space.
    #[error("its data goes past the end of its segment")]
    Wrap,
    /// A record after the end record: two files in one.
    #[error("there are records after the end record")]
    AfterEnd,
    /// The file ends without an end record: it is cut off.
    #[error("the end record is missing: the file is cut off")]
    NoEnd,
}

/// True if a file begins like Intel HEX.
pub(super) fn looks_like(file: &[u8]) -> bool {
    match file.trim_ascii_start() {
        [b':', rest @ ..] => rest
            .get(..8)
            .is_some_and(|head| head.iter().all(u8::is_ascii_hexdigit)),
        _ => false,
    }
}

/// The data of a whole file; records that follow each other are one segment.
pub(super) fn parse(file: &[u8]) -> Result<Vec<Segment<'static>>, HexError> {
    let mut memory = Memory::default();
    let mut ended = false;
    let mut lines = 0;
    for (line, text) in (1..).zip(file.split(|byte| *byte == b'\n')) {
        lines = line;
        let text = text.trim_ascii();
        if text.is_empty() {
            continue;
        }
        let at = |problem| HexError { line, problem };
        if ended {
            return Err(at(HexProblem::AfterEnd));
        }
        let record = Record::parse(text).map_err(at)?;
        ended = memory.apply(&record).map_err(at)?;
    }
    if ended {
        Ok(memory.segments)
    } else {
        Err(HexError {
            line: lines,
            problem: HexProblem::NoEnd,
        })
    }
}

struct Record {
    offset: u16,
    kind: u8,
    data: Vec<u8>,
}

impl Record {
    fn parse(line: &[u8]) -> Result<Self, HexProblem> {
        let Some((b':', digits)) = line.split_first() else {
            return Err(HexProblem::NotARecord);
        };
        if digits.len() > MAX_DIGITS {
            return Err(HexProblem::Length);
        }
        let bytes = decode(digits)?;
        let [length, high, low, kind, data @ .., found] = bytes.as_slice() else {
            return Err(HexProblem::Length);
        };
        if data.len() != usize::from(*length) {
            return Err(HexProblem::Length);
        }
        let sum = bytes
            .iter()
            .fold(0_u8, |sum, byte| sum.wrapping_add(*byte))
            .wrapping_sub(*found);
        let expected = sum.wrapping_neg();
        if *found != expected {
            let found = *found;
            return Err(HexProblem::Checksum { found, expected });
        }
        Ok(Self {
            offset: u16::from_be_bytes([*high, *low]),
            kind: *kind,
            data: data.to_vec(),
        })
    }
}

fn decode(digits: &[u8]) -> Result<Vec<u8>, HexProblem> {
    let (pairs, []) = digits.as_chunks::<2>() else {
        return Err(HexProblem::Length);
    };
    pairs
        .iter()
        .map(|[high, low]| Some(nibble(*high)? << 4 | nibble(*low)?))
        .collect::<Option<Vec<u8>>>()
        .ok_or(HexProblem::Digits)
}

fn nibble(digit: u8) -> Option<u8> {
    let value = char::from(digit).to_digit(16)?;
    u8::try_from(value).ok()
}

#[derive(Default)]
struct Memory {
    base: u32,
    segmented: bool,
    segments: Vec<Segment<'static>>,
}

impl Memory {
    /// True after the end record.
    fn apply(&mut self, record: &Record) -> Result<bool, HexProblem> {
        match (record.kind, record.data.as_slice()) {
            (0x00, data) => self.store(record.offset, data)?,
            (0x01, []) => return Ok(true),
            (0x02, [high, low]) => {
                self.base = u32::from(u16::from_be_bytes([*high, *low])) << 4;
                self.segmented = true;
            }
            (0x04, [high, low]) => {
                self.base = u32::from(u16::from_be_bytes([*high, *low])) << 16;
                self.segmented = false;
            }
            // Where the program starts: the vector table says that too.
            (0x03 | 0x05, [_, _, _, _]) => {}
            (0x01..=0x05, _) => return Err(HexProblem::Length),
            (kind, _) => return Err(HexProblem::RecordType { kind }),
        }
        Ok(false)
    }

    fn store(&mut self, offset: u16, data: &[u8]) -> Result<(), HexProblem> {
        let length = u32::try_from(data.len()).unwrap_or(u32::MAX);
        let offset = u32::from(offset);
        if self.segmented && offset.saturating_add(length) > SEGMENT_SIZE {
            return Err(HexProblem::Wrap);
        }
        let address = self.base.checked_add(offset).ok_or(HexProblem::Wrap)?;
        address.checked_add(length).ok_or(HexProblem::Wrap)?;
        if let Some(last) = self.segments.last_mut() {
            let end = u32::try_from(last.bytes.len())
                .ok()
                .and_then(|length| last.address.checked_add(length));
            if end == Some(address) {
                last.bytes.to_mut().extend_from_slice(data);
                return Ok(());
            }
        }
        self.segments.push(Segment {
            address,
            bytes: Cow::Owned(data.to_vec()),
        });
        Ok(())
    }
}

#[cfg(test)]
pub(super) mod tests;

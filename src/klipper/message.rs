//! The two messages with fixed numbers: `identify` and `identify_response` (protocols.md §5.1). Pure.

use super::vlq;

/// `identify_response offset=%u data=%.*s`
const IDENTIFY_RESPONSE: u32 = 0;
/// `identify offset=%u count=%c`
const IDENTIFY: u32 = 1;

/// Asks for a piece of the dictionary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identify {
    /// From where.
    pub offset: u32,
    /// How many bytes at most.
    pub count: u8,
}

impl Identify {
    /// As the content of a block.
    pub fn encode(self) -> Vec<u8> {
        let mut content = Vec::new();
        vlq::encode(IDENTIFY, &mut content);
        vlq::encode(self.offset, &mut content);
        vlq::encode(u32::from(self.count), &mut content);
        content
    }

    /// Reads a block's content; `None` if it is another message.
    pub fn decode(content: &[u8]) -> Option<Self> {
        let (IDENTIFY, rest) = vlq::decode(content)? else {
            return None;
        };
        let (offset, rest) = vlq::decode(rest)?;
        let (count, _) = vlq::decode(rest)?;
        let count = u8::try_from(count).ok()?;
        Some(Self { offset, count })
    }
}

/// A piece of the dictionary; empty at its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentifyResponse {
    /// From where it is.
    pub offset: u32,
    /// The piece.
    pub data: Vec<u8>,
}

impl IdentifyResponse {
    /// As the content of a block; `None` if the piece does not fit its length byte.
    pub fn encode(&self) -> Option<Vec<u8>> {
        let mut content = Vec::new();
        vlq::encode(IDENTIFY_RESPONSE, &mut content);
        vlq::encode(self.offset, &mut content);
        content.push(u8::try_from(self.data.len()).ok()?);
        content.extend_from_slice(&self.data);
        Some(content)
    }

    /// Reads a block's content; `None` if it is another message or unfinished.
    pub fn decode(content: &[u8]) -> Option<Self> {
        let (IDENTIFY_RESPONSE, rest) = vlq::decode(content)? else {
            return None;
        };
        let (offset, rest) = vlq::decode(rest)?;
        let (len, rest) = rest.split_first()?;
        let data = rest.get(..usize::from(*len))?.to_vec();
        Some(Self { offset, data })
    }
}

//! DfuSe memory-layout strings (UM0424 §10.3.2, protocols.md §1.4): which memory an alternate setting opens, and
//! whose chip a set of them describes. Pure; a string comes from a device and may be anything.

mod identify;
mod parse;

use thiserror::Error;

pub use identify::{DfuChip, find_alt, identify_chip};

/// Start of main flash on every STM32 (RM0091 §3.2.1, RM0440 §3.3.1).
pub const MAIN_FLASH: u32 = 0x0800_0000;

/// A parsed interface string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemoryLayout {
    /// The name without its trailing blanks, `Internal Flash`.
    pub name: String,
    /// Runs of equal pages, in the order of the string; at least one.
    pub regions: Vec<Segment>,
    /// What was odd about the string.
    pub warnings: Vec<LayoutWarning>,
}

/// A run of equal pages. It lies within 32-bit addresses and is not empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// Address of the first page.
    pub address: u32,
    /// How many pages.
    pub pages: u32,
    /// Bytes of a page.
    pub page_size: u32,
    /// What may be done to them.
    pub access: MemoryAccess,
}

/// What may be done to memory: the low three bits of the type letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemoryAccess(u8);

/// Something odd in a layout string that could still be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LayoutWarning {
    /// A size without a multiplier; bytes are meant.
    MissingMultiplier,
    /// Characters that cannot be printed were left out.
    NonPrintable,
    /// The string stops, or stops making sense, after the regions that were read.
    Cut,
}

/// A string that is no memory layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum LayoutError {
    /// It does not have the form `@name/…`.
    #[error("not a DfuSe memory layout")]
    NotALayout,
    /// It has no complete region.
    #[error("a DfuSe memory layout without a complete region")]
    NoRegion,
}

impl MemoryLayout {
    /// Reads an interface string.
    pub fn parse(text: &str) -> Result<Self, LayoutError> {
        parse::parse(text)
    }

    /// True if the address lies in any region.
    pub fn contains(&self, address: u32) -> bool {
        self.segment_at(address, |_| true).is_some()
    }

    /// True if all of the range can be read.
    pub fn readable(&self, address: u32, length: usize) -> bool {
        fits(self.readable_from(address), length)
    }

    /// True if all of the range can be erased.
    pub fn erasable(&self, address: u32, length: usize) -> bool {
        fits(self.extent(address, MemoryAccess::erasable), length)
    }

    /// True if all of the range can be written.
    pub fn writable(&self, address: u32, length: usize) -> bool {
        fits(self.extent(address, MemoryAccess::writable), length)
    }

    /// How many bytes can be read without a hole from this address on.
    pub fn readable_from(&self, address: u32) -> u64 {
        self.extent(address, MemoryAccess::readable)
    }

    /// Bytes without a hole from `address` on that allow it. Each step ends a segment further up: it ends.
    fn extent(&self, address: u32, allows: fn(MemoryAccess) -> bool) -> u64 {
        let start = u64::from(address);
        let mut end = start;
        while let Some(segment) = u32::try_from(end)
            .ok()
            .and_then(|at| self.segment_at(at, allows))
        {
            end = segment.end();
        }
        end.saturating_sub(start)
    }

    fn segment_at(&self, address: u32, allows: fn(MemoryAccess) -> bool) -> Option<&Segment> {
        self.regions
            .iter()
            .find(|segment| segment.contains(address) && allows(segment.access))
    }
}

fn fits(extent: u64, length: usize) -> bool {
    u64::try_from(length).is_ok_and(|length| length <= extent)
}

impl Segment {
    /// Its bytes.
    pub fn length(&self) -> u64 {
        u64::from(self.pages).saturating_mul(u64::from(self.page_size))
    }

    /// First address past it; may be 2^32.
    pub fn end(&self) -> u64 {
        u64::from(self.address).saturating_add(self.length())
    }

    /// True if the address lies in it.
    pub fn contains(&self, address: u32) -> bool {
        address >= self.address && u64::from(address) < self.end()
    }
}

impl MemoryAccess {
    /// Readable, erasable and writable: `g`.
    pub const ALL: Self = Self(7);

    /// From the type letter; `None` if it is not one of `a` to `g`.
    pub fn from_letter(letter: char) -> Option<Self> {
        Some(Self(match letter {
            'a' => 1,
            'b' => 2,
            'c' => 3,
            'd' => 4,
            'e' => 5,
            'f' => 6,
            'g' => 7,
            _ => return None,
        }))
    }

    /// It can be read.
    pub fn readable(self) -> bool {
        self.0 & 1 != 0
    }

    /// It can be erased.
    pub fn erasable(self) -> bool {
        self.0 & 2 != 0
    }

    /// It can be written.
    pub fn writable(self) -> bool {
        self.0 & 4 != 0
    }
}

#[cfg(test)]
mod tests;

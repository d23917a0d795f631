//! The grammar of a layout string (protocols.md §1.4):
//! `@name/0xADDRESS/segment[,segment…][/0xADDRESS/segment…]…`, a segment being `count*size`, a multiplier and a type
//! letter. Whatever is complete before the string stops making sense is kept.

use super::{LayoutError, LayoutWarning, MemoryAccess, MemoryLayout, Segment};

/// A USB string has at most 126 UTF-16 units; anything far beyond is not from a descriptor.
const MAX_CHARS: usize = 512;
/// ST's F4 ROMs list option-like features under this name with a type that means nothing (protocols.md §1.4).
const DEVICE_FEATURE: &str = "Device Feature";

/// Reads an interface string.
pub(super) fn parse(text: &str) -> Result<MemoryLayout, LayoutError> {
    let mut warnings = Vec::new();
    let printable: String = text
        .chars()
        .take(MAX_CHARS)
        .filter(|c| matches!(c, ' '..='~'))
        .collect();
    if printable.len() != text.len() {
        note(&mut warnings, LayoutWarning::NonPrintable);
    }
    let mut parts = printable.trim().split('/');
    let name = parts
        .next()
        .and_then(|part| part.strip_prefix('@'))
        .ok_or(LayoutError::NotALayout)?
        .trim();

    let mut regions = Vec::new();
    while let Some(address) = parts.next() {
        let complete = parts
            .next()
            .and_then(|list| region(address, list, &mut regions, &mut warnings));
        if complete.is_none() {
            note(&mut warnings, LayoutWarning::Cut);
            break;
        }
    }
    if regions.is_empty() {
        return Err(LayoutError::NoRegion);
    }
    if name == DEVICE_FEATURE {
        for segment in &mut regions {
            segment.access = MemoryAccess(5);
        }
    }
    Ok(MemoryLayout {
        name: name.to_owned(),
        regions,
        warnings,
    })
}

fn note(warnings: &mut Vec<LayoutWarning>, warning: LayoutWarning) {
    if !warnings.contains(&warning) {
        warnings.push(warning);
    }
}

/// Reads one address and its segments; `None` at the first thing that makes no sense.
fn region(
    address: &str,
    list: &str,
    regions: &mut Vec<Segment>,
    warnings: &mut Vec<LayoutWarning>,
) -> Option<()> {
    let mut at = u64::from(hex_address(address)?);
    for text in list.split(',') {
        let shape = shape(text)?;
        if !shape.multiplier_given {
            note(warnings, LayoutWarning::MissingMultiplier);
        }
        let segment = Segment {
            address: u32::try_from(at).ok()?,
            pages: shape.pages,
            page_size: shape.page_size,
            access: shape.access,
        };
        at = segment.end();
        if at > 1 << 32 {
            return None;
        }
        regions.push(segment);
    }
    Some(())
}

fn hex_address(text: &str) -> Option<u32> {
    let text = text.trim();
    let digits = text
        .strip_prefix("0x")
        .or_else(|| text.strip_prefix("0X"))?;
    // `from_str_radix` alone would let a sign through.
    if !digits.chars().all(|c| c.is_ascii_hexdigit()) {
        return None;
    }
    u32::from_str_radix(digits, 16).ok()
}

struct Shape {
    pages: u32,
    page_size: u32,
    access: MemoryAccess,
    multiplier_given: bool,
}

/// Reads `count*size`, multiplier, type.
fn shape(text: &str) -> Option<Shape> {
    let (count, rest) = text.trim().split_once('*')?;
    let pages = number(count)?;
    let end_of_size = rest.find(|c: char| !c.is_ascii_digit())?;
    let (size, letters) = rest.split_at_checked(end_of_size)?;
    let size = number(size)?;
    let mut letters = letters.chars();
    let (multiplier, letter, multiplier_given) =
        match (letters.next(), letters.next(), letters.next()) {
            (Some('K'), Some(letter), None) => (1024, letter, true),
            (Some('M'), Some(letter), None) => (1024 * 1024, letter, true),
            (Some('B' | ' '), Some(letter), None) => (1, letter, true),
            (Some(letter), None, None) => (1, letter, false),
            _ => return None,
        };
    Some(Shape {
        pages,
        page_size: size.checked_mul(multiplier)?,
        access: MemoryAccess::from_letter(letter)?,
        multiplier_given,
    })
}

/// A decimal number above 0, leading zeros allowed.
fn number(text: &str) -> Option<u32> {
    if !text.chars().all(|c| c.is_ascii_digit()) {
        return None;
    }
    text.parse().ok().filter(|&number| number > 0)
}

//! Which kind of file this is, by its content, and the program inside it. Pure.

use std::borrow::Cow;

use super::{ArchiveKind, ImageError, dfuse, hex, sparse, suffix};

/// The program in a file.
#[derive(Debug)]
pub(super) struct Unwrapped<'a> {
    pub(super) bytes: Cow<'a, [u8]>,
    /// Where the file says it goes. A bare `.bin` does not say.
    pub(super) placed_at: Option<u32>,
}

/// How much of a file is looked at to tell text from firmware.
const TEXT_PROBE: usize = 1024;
/// How much of a text is shown.
const FIRST_LINE: usize = 60;
/// First and second magic word of a UF2 block and the one at its end (UF2 specification).
const UF2_MAGIC: [u8; 8] = [0x55, 0x46, 0x32, 0x0a, 0x57, 0x51, 0x5d, 0x9e];
/// The family id is there, UF2 specification "Flags".
const UF2_FLAG_FAMILY: u32 = 0x2000;
/// RP2040, which V1 probes have (protocols.md §1.5).
const UF2_FAMILY_RP2040: u32 = 0xe48b_ff56;
/// How an ELF begins.
const ELF_MAGIC: &[u8] = b"\x7fELF";

const ARCHIVES: [(&[u8], ArchiveKind); 8] = [
    (b"PK\x03\x04", ArchiveKind::Zip),
    (b"PK\x05\x06", ArchiveKind::Zip),
    (b"\x1f\x8b", ArchiveKind::Gzip),
    (b"\xfd7zXZ\0", ArchiveKind::Xz),
    (b"BZh", ArchiveKind::Bzip2),
    (b"7z\xbc\xaf\x27\x1c", ArchiveKind::SevenZip),
    (b"Rar!\x1a\x07", ArchiveKind::Rar),
    (b"\x28\xb5\x2f\xfd", ArchiveKind::Zstd),
];

/// Takes the program out of a file.
pub(super) fn unwrap(file: &[u8]) -> Result<Unwrapped<'_>, ImageError> {
    refuse_other_files(file)?;
    if file.starts_with(dfuse::PREFIX_SIGNATURE) {
        return placed(dfuse::parse(file)?);
    }
    if hex::looks_like(file) {
        return placed(hex::parse(file)?);
    }
    refuse_text(file)?;
    let (bytes, _) = suffix::strip(file)?;
    refuse_blank(bytes)?;
    Ok(Unwrapped {
        bytes: bytes.into(),
        placed_at: None,
    })
}

fn placed(segments: Vec<sparse::Segment<'_>>) -> Result<Unwrapped<'static>, ImageError> {
    let (address, bytes) = sparse::join(segments)?;
    refuse_blank(&bytes)?;
    Ok(Unwrapped {
        bytes: bytes.into(),
        placed_at: Some(address),
    })
}

/// Refuses what holds no program at all.
pub(super) fn refuse_blank(bytes: &[u8]) -> Result<(), ImageError> {
    let all = |value| bytes.iter().all(|byte| *byte == value);
    match bytes {
        [] => Err(ImageError::Empty),
        [0xff, ..] if all(0xff) => Err(ImageError::Erased),
        [0x00, ..] if all(0x00) => Err(ImageError::Zeros),
        _ => Ok(()),
    }
}

fn refuse_other_files(file: &[u8]) -> Result<(), ImageError> {
    if file.starts_with(ELF_MAGIC) {
        return Err(ImageError::Elf);
    }
    for (magic, kind) in ARCHIVES {
        if file.starts_with(magic) {
            return Err(ImageError::Archive { kind });
        }
    }
    if file.starts_with(&UF2_MAGIC) {
        let family = uf2_family(file);
        return Err(ImageError::Uf2 {
            family,
            for_v1: family == Some(UF2_FAMILY_RP2040),
        });
    }
    Ok(())
}

/// The family id in the first block: word 7, if bit 13 of the flags in word 2 says so.
fn uf2_family(file: &[u8]) -> Option<u32> {
    let (words, _) = file.get(..32)?.as_chunks::<4>();
    match words {
        [_, _, flags, _, _, _, _, family] if u32::from_le_bytes(*flags) & UF2_FLAG_FAMILY != 0 => {
            Some(u32::from_le_bytes(*family))
        }
        _ => None,
    }
}

fn refuse_text(file: &[u8]) -> Result<(), ImageError> {
    let Some(text) = as_text(file) else {
        return Ok(());
    };
    let lower = text.to_ascii_lowercase();
    if lower.contains("<!doctype html") || lower.contains("<html") {
        return Err(ImageError::Html);
    }
    let first_line = text
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty())
        .unwrap_or_default()
        .chars()
        .take(FIRST_LINE)
        .collect();
    Err(ImageError::Text { first_line })
}

/// The beginning of a file, if it is text.
fn as_text(file: &[u8]) -> Option<String> {
    let head = file.get(..TEXT_PROBE).unwrap_or(file);
    let text = match head {
        // Byte order marks: what Windows editors save.
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes)?,
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes)?,
        _ => match std::str::from_utf8(head) {
            Ok(text) => text.to_owned(),
            // The probe may cut a character in two.
            Err(error) if error.error_len().is_none() && head.len() < file.len() => {
                let whole = head.get(..error.valid_up_to())?;
                std::str::from_utf8(whole).ok()?.to_owned()
            }
            Err(_) => return None,
        },
    };
    let text = text.trim_start_matches('\u{feff}');
    let is_text = text
        .chars()
        .all(|c| !c.is_control() || matches!(c, '\t' | '\n' | '\r' | '\u{c}' | '\u{1b}'));
    (is_text && !text.is_empty()).then(|| text.to_owned())
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Option<String> {
    let (pairs, _) = bytes.as_chunks::<2>();
    char::decode_utf16(pairs.iter().copied().map(unit))
        .collect::<Result<String, _>>()
        .ok()
}

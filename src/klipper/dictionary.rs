//! The data dictionary every Klipper firmware carries: zlib over JSON (protocols.md §5.2).
//!
//! The same bytes sit in an image file and come out of `identify`, so file and device can be compared.
//! Pure, and written for hostile input: memory and work are bounded whatever the bytes are.

use std::ops::Range;

use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress, inflate_flags};
use serde_json::{Map, Value};
use thiserror::Error;

use crate::board::Transport;

/// Largest dictionary accepted, unpacked. Official ones unpack to 8 to 12 KiB.
pub const MAX_UNPACKED: usize = 64 * 1024;
/// Largest dictionary accepted, packed. Official ones are 2.0 to 3.1 KB (protocols.md §5.2).
pub const MAX_PACKED: usize = 64 * 1024;
/// Longest version text kept, in characters.
const MAX_TEXT: usize = 120;
/// How much a search may do: bytes read and made by inflate, and [`TRY_COST`] for each place tried.
const SEARCH_BUDGET: usize = 4 * 1024 * 1024;
/// What one try costs even if it fails at once.
const TRY_COST: usize = 1024;
/// First byte of a zlib stream with a 32 KiB window, RFC 1950 §2.2.
const ZLIB_CMF: u8 = 0x78;
/// The second byte for each of the four compression levels, RFC 1950 §2.2.
const ZLIB_FLG: [u8; 4] = [0x01, 0x5e, 0x9c, 0xda];

/// What a firmware says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dictionary {
    /// Free-form: `CARTOGRAPHER V4 6.1.0`, `Cartographer HT 5.1.0`, `CARTOGRAPHER V3`.
    pub version: String,
    /// `Cartographer` from 6.1.0 on.
    pub app: Option<String>,
    /// `config.MCU`: `stm32f042x6`.
    pub mcu: Option<String>,
    /// `config.CANBUS_FREQUENCY` in bits per second; only in CAN builds.
    pub canbus_frequency: Option<u32>,
    /// `config.CLOCK_FREQ` in hertz.
    pub clock_frequency: Option<u64>,
    /// `config.RESERVE_PINS_USB` is there; only in USB builds.
    pub reserves_usb_pins: bool,
}

impl Dictionary {
    /// How this firmware talks to the printer, if it says so.
    pub fn transport(&self) -> Option<Transport> {
        match self.canbus_frequency {
            Some(bitrate) => Some(Transport::Can { bitrate }),
            None => self.reserves_usb_pins.then_some(Transport::Usb),
        }
    }
}

/// Why bytes are not a dictionary.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DictionaryError {
    /// The zlib stream ends too early.
    #[error("the dictionary is cut off")]
    CutOff,
    /// It would unpack to more than [`MAX_UNPACKED`], or is longer than [`MAX_PACKED`].
    #[error("the dictionary is larger than any real one")]
    TooLarge,
    /// Not zlib, or its checksum is wrong.
    #[error("the dictionary is damaged")]
    Corrupt,
    /// It unpacked, to something else than a JSON object.
    #[error("the dictionary is not a JSON object")]
    NotJson,
    /// A JSON object without a version.
    #[error("the dictionary has no version")]
    NoVersion,
}

/// What a search through an image found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Search {
    /// A whole dictionary.
    Found {
        /// Where its zlib stream is in the image.
        range: Range<usize>,
        /// What it says.
        dictionary: Dictionary,
    },
    /// A dictionary that the end of the image cuts off.
    CutOff {
        /// Where its zlib stream begins.
        offset: usize,
    },
    /// None.
    Nothing,
}

/// Reads the zlib stream that `identify` transfers. Bytes after its end are ignored.
pub fn parse_stream(packed: &[u8]) -> Result<Dictionary, DictionaryError> {
    if packed.len() > MAX_PACKED {
        return Err(DictionaryError::TooLarge);
    }
    let mut inflater = Inflater::new();
    inflater.run(packed).result.and_then(parse_json)
}

/// The first dictionary in an image.
pub fn find(image: &[u8]) -> Option<Dictionary> {
    match search(image) {
        Search::Found { dictionary, .. } => Some(dictionary),
        Search::CutOff { .. } | Search::Nothing => None,
    }
}

/// The first dictionary in an image, and where it is.
///
/// Offsets vary from 0x3190 to 0x9164 in official images (boards-and-firmware.md §2), so every place that could
/// begin a zlib stream is tried, until the budget is spent.
pub fn search(image: &[u8]) -> Search {
    search_counted(image).0
}

/// [`search`], and how much of the budget it spent.
fn search_counted(image: &[u8]) -> (Search, usize) {
    let mut inflater = Inflater::new();
    let mut spent = 0_usize;
    let mut cut_off = None;
    for offset in zlib_headers(image) {
        if spent >= SEARCH_BUDGET {
            break;
        }
        let rest = image.get(offset..).unwrap_or_default();
        let packed = rest.get(..MAX_PACKED).unwrap_or(rest);
        let unpacked = inflater.run(packed);
        spent = spent
            .saturating_add(TRY_COST)
            .saturating_add(unpacked.consumed)
            .saturating_add(unpacked.produced);
        match unpacked.result {
            Ok(json) => {
                if let Ok(dictionary) = parse_json(json) {
                    let range = offset..offset.saturating_add(unpacked.consumed);
                    return (Search::Found { range, dictionary }, spent);
                }
            }
            Err(DictionaryError::CutOff) if packed.len() == rest.len() => {
                // Chance bytes can look like a stream that goes on; ours is JSON from its first byte.
                if cut_off.is_none() && unpacked.looks_like_json {
                    cut_off = Some(offset);
                }
            }
            Err(_) => {}
        }
    }
    let found = cut_off.map_or(Search::Nothing, |offset| Search::CutOff { offset });
    (found, spent)
}

fn zlib_headers(image: &[u8]) -> impl Iterator<Item = usize> {
    image
        .windows(2)
        .enumerate()
        .filter_map(|(offset, pair)| match pair {
            [ZLIB_CMF, flags] if ZLIB_FLG.contains(flags) => Some(offset),
            _ => None,
        })
}

/// One output buffer for any number of tries.
struct Inflater {
    state: Box<DecompressorOxide>,
    output: Vec<u8>,
}

struct Unpacked<'a> {
    result: Result<&'a [u8], DictionaryError>,
    consumed: usize,
    produced: usize,
    looks_like_json: bool,
}

impl Inflater {
    fn new() -> Self {
        Self {
            state: Box::default(),
            output: vec![0; MAX_UNPACKED],
        }
    }

    fn run(&mut self, packed: &[u8]) -> Unpacked<'_> {
        self.state.init();
        let flags = inflate_flags::TINFL_FLAG_PARSE_ZLIB_HEADER
            | inflate_flags::TINFL_FLAG_COMPUTE_ADLER32
            | inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
        let (status, consumed, produced) =
            decompress(&mut self.state, packed, &mut self.output, 0, flags);
        let bytes = self.output.get(..produced).unwrap_or_default();
        let result = match status {
            TINFLStatus::Done => Ok(bytes),
            TINFLStatus::HasMoreOutput => Err(DictionaryError::TooLarge),
            TINFLStatus::FailedCannotMakeProgress | TINFLStatus::NeedsMoreInput => {
                Err(DictionaryError::CutOff)
            }
            _ => Err(DictionaryError::Corrupt),
        };
        Unpacked {
            result,
            consumed,
            produced,
            looks_like_json: bytes.starts_with(b"{\""),
        }
    }
}

/// Reads the JSON: unknown keys are ignored, and a known key of a wrong type counts as missing.
fn parse_json(json: &[u8]) -> Result<Dictionary, DictionaryError> {
    let Ok(Value::Object(root)) = serde_json::from_slice(json) else {
        return Err(DictionaryError::NotJson);
    };
    let version = text(&root, "version").ok_or(DictionaryError::NoVersion)?;
    let empty = Map::new();
    let config = match root.get("config") {
        Some(Value::Object(config)) => config,
        _ => &empty,
    };
    Ok(Dictionary {
        version,
        app: text(&root, "app"),
        mcu: text(config, "MCU"),
        canbus_frequency: number(config, "CANBUS_FREQUENCY")
            .and_then(|n| u32::try_from(n).ok())
            .filter(|n| *n > 0),
        clock_frequency: number(config, "CLOCK_FREQ"),
        reserves_usb_pins: config.contains_key("RESERVE_PINS_USB"),
    })
}

/// A non-empty text without control characters, not longer than [`MAX_TEXT`].
fn text(object: &Map<String, Value>, key: &str) -> Option<String> {
    let raw = object.get(key)?.as_str()?;
    let clean: String = raw
        .chars()
        .filter(|c| !c.is_control())
        .take(MAX_TEXT)
        .collect();
    let trimmed = clean.trim();
    (!trimmed.is_empty()).then(|| trimmed.to_owned())
}

fn number(object: &Map<String, Value>, key: &str) -> Option<u64> {
    match object.get(key)? {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests;

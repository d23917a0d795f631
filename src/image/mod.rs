//! Bytes of a file -> a checked [`Image`]. Parse once; whoever holds an `Image` never checks it again.
//!
//! Knows files and chips, not devices.

mod compose;
mod dfuse;
mod error;
mod file;
mod fit;
mod format;
mod hex;
mod recognize;
mod sparse;
mod suffix;
mod version;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::board::{Mcu, Transport};
use crate::digest::Sha256;
pub use compose::{ComposeError, app_part, bootloader_part, compose, katapult_talks_usb};
pub use dfuse::DfuSeError;
pub use error::{ArchiveKind, ImageError};
pub use file::{display_name, read_bounded};
pub use fit::{Misfit, Route, fit};
pub use hex::{HexError, HexProblem};
pub use version::FirmwareVersion;

/// The largest file that is looked at: an Intel HEX of the largest flash is less than half of it.
pub const MAX_FILE: u64 = 1024 * 1024;

/// What an image is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Firmware linked behind Katapult, at 0x08002000.
    App,
    /// Katapult alone, at 0x08000000.
    Bootloader,
    /// Katapult and firmware in one, at 0x08000000.
    Combined,
    /// A program that replaces Katapult from the firmware's place.
    Deployer,
    /// A whole flash as it was read from a probe: a backup.
    Dump,
}

/// Full or lite build (lite: for hosts that cannot keep up).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Variant {
    /// The normal build.
    Full,
    /// For K1, Qidi, Pi 2 class hosts; called "K1" before 6.0.
    Lite,
}

/// What the bytes say about themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// What it is for.
    pub role: Role,
    /// The chip it runs on.
    pub mcu: Mcu,
    /// Address of its first byte.
    pub link_address: u32,
    /// USB or CAN, from the dictionary. A bare bootloader or deployer tells only that it is for USB.
    pub transport: Option<Transport>,
    /// The dictionary's version text, as it is: `CARTOGRAPHER V4 6.1.0`.
    pub version: Option<String>,
    /// Full or lite, for images with a version text.
    pub variant: Option<Variant>,
}

/// A file whose contents were recognized as firmware for one of our chips.
#[derive(Clone, PartialEq, Eq)]
pub struct Image {
    name: String,
    bytes: Vec<u8>,
    sha256: String,
    facts: Facts,
}

/// Thousands of bytes would drown a log: their number and the beginning of their hash say as much.
impl std::fmt::Debug for Image {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Image")
            .field("name", &self.name)
            .field("bytes", &self.bytes.len())
            .field("sha256", &self.sha256.get(..12))
            .field("facts", &self.facts)
            .finish()
    }
}

impl Image {
    /// Recognizes a file by its contents: raw `.bin`, with or without DFU suffix, DfuSe, or Intel HEX.
    pub fn parse(name: &str, bytes: Vec<u8>) -> Result<Self, ImageError> {
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if size > MAX_FILE {
            let limit = MAX_FILE;
            return Err(ImageError::TooLarge { size, limit });
        }
        let unwrapped = format::unwrap(&bytes)?;
        let recognized = recognize::recognize(&unwrapped.bytes)?;
        let linked_at = recognized.facts.link_address;
        if let Some(placed_at) = unwrapped.placed_at.filter(|at| *at != linked_at) {
            return Err(ImageError::WrongPlace {
                placed_at,
                linked_at,
            });
        }
        let sha256 = Sha256::of(&bytes).to_string();
        let mut program = match unwrapped.bytes {
            Cow::Owned(program) => program,
            // It is the beginning of the file.
            Cow::Borrowed(_) => bytes,
        };
        program.truncate(recognized.length);
        Ok(Self {
            name: name.to_owned(),
            sha256,
            bytes: program,
            facts: recognized.facts,
        })
    }

    /// Recognizes a backup: the whole flash of a chip, whatever is in it.
    pub fn parse_dump(name: &str, bytes: Vec<u8>, mcu: Mcu) -> Result<Self, ImageError> {
        let expected = usize::try_from(mcu.chip().flash_size).unwrap_or(usize::MAX);
        if bytes.len() != expected {
            let length = bytes.len();
            return Err(ImageError::DumpSize {
                mcu,
                length,
                expected,
            });
        }
        format::refuse_blank(&bytes)?;
        let facts = recognize::recognize_dump(&bytes, mcu)?;
        Ok(Self::new(name.to_owned(), bytes, facts))
    }

    /// An image that is its own file.
    fn new(name: String, bytes: Vec<u8>, facts: Facts) -> Self {
        Self {
            name,
            sha256: Sha256::of(&bytes).to_string(),
            bytes,
            facts,
        }
    }

    /// Adds how it talks, from a catalog that knows this very file, where its bytes do not tell: a Katapult
    /// for CAN does not.
    #[must_use]
    pub fn with_known_transport(mut self, transport: Transport) -> Self {
        self.facts.transport.get_or_insert(transport);
        self
    }

    /// The file's name, without its folder.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The bytes that go into flash, starting at [`Facts::link_address`].
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// SHA-256 of the file as it was given, in lower-case hex.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// What it is.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }
}

#[cfg(test)]
mod tests;

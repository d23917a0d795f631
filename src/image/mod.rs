//! Bytes of a file -> a checked [`Image`]. Parse once; whoever holds an `Image` never checks it again.
//!
//! Knows files and chips, not devices.

mod error;

use serde::{Deserialize, Serialize};

use crate::board::{Mcu, Transport};
pub use error::ImageError;

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
    /// USB or CAN, from the dictionary; unknown for a bare bootloader or deployer.
    pub transport: Option<Transport>,
    /// The dictionary's version text, as it is: `CARTOGRAPHER V4 6.1.0`.
    pub version: Option<String>,
    /// Full or lite, for images with a version text.
    pub variant: Option<Variant>,
}

/// A file whose contents were recognised as firmware for one of our chips.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    name: String,
    bytes: Vec<u8>,
    sha256: String,
    facts: Facts,
}

impl Image {
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

//! One firmware file as the catalog knows it. Pure.

use std::str::FromStr;

use serde::{Serialize, Serializer};
use thiserror::Error;

use super::path::RepoPath;
use crate::board::{Model, Transport};
use crate::digest::{BlobSha1, Sha256};
use crate::image::{FirmwareVersion, Role, Variant};

/// One firmware file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Short and stable, what people type: `v4-6.2.0-usb-full`.
    pub id: String,
    /// Below upstream's `firmware/` folder.
    pub path: RepoPath,
    /// The board it is made for; see [`Entry::fits`].
    pub board: Model,
    /// What it is for.
    pub role: EntryRole,
    /// How the probe talks with this firmware, or once this bootloader is installed.
    pub transport: Transport,
    /// Full or lite; only firmware has variants.
    pub variant: Option<Variant>,
    /// Bootloaders and deployers have none.
    #[serde(serialize_with = "version_text")]
    pub version: Option<FirmwareVersion>,
    /// Bytes, if known before it is fetched.
    pub size: Option<u64>,
    /// What its bytes must hash to. Always known for the embedded list.
    pub sha256: Option<Sha256>,
    /// What its bytes must hash to as a git blob.
    pub git_blob_sha1: Option<BlobSha1>,
    /// The oldest cartographer3d-plugin on the printer that works with it.
    #[serde(serialize_with = "version_text")]
    pub min_plugin: Option<FirmwareVersion>,
    /// In upstream's `firmware_list.csv`.
    pub listed: bool,
    /// Kept for history: shown only when asked for.
    pub archived: bool,
    /// For combined images: upstream's file equals Katapult, 0xFF up to 0x2000 and the firmware, byte for byte.
    pub recomposes: Option<bool>,
    /// A peculiarity worth showing beside it.
    pub note: Option<String>,
    /// Who says that it exists.
    pub origin: Origin,
}

impl Entry {
    /// True if it may be offered to this board. V2 has no firmware of its own outside the archive: it runs
    /// V3's (upstream keeps both in `v2-v3`). HT is its own board (boards-and-firmware.md §2).
    pub fn fits(&self, board: Model) -> bool {
        self.board == board || (board == Model::V2 && self.board == Model::V3 && !self.archived)
    }

    /// CAN bitrate in bits per second.
    pub fn bitrate(&self) -> Option<u32> {
        match self.transport {
            Transport::Usb => None,
            Transport::Can { bitrate } => Some(bitrate),
        }
    }

    /// True if a hash proves its bytes; otherwise only the inspector can say whether they are what is claimed.
    pub fn has_hash(&self) -> bool {
        self.sha256.is_some() || self.git_blob_sha1.is_some()
    }

    /// False while the hash is missing without which it is not to be used.
    pub fn is_provable(&self) -> bool {
        let needs_hash = matches!(
            self.origin,
            Origin::Fetched {
                needs_hash: true,
                ..
            }
        );
        self.has_hash() || !needs_hash
    }
}

/// Where knowledge of an entry comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Origin {
    /// The list inside this program.
    Embedded,
    /// A list that was fetched.
    Fetched {
        /// The root it was fetched from.
        source: String,
        /// The source also has a tree listing, so that without a hash from it the file is not to be used.
        needs_hash: bool,
    },
}

/// What a file of the catalog is for: the roles of images, and the V1 format that this program only knows of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum EntryRole {
    /// Firmware behind Katapult.
    App,
    /// Katapult and firmware in one.
    Combined,
    /// Katapult alone.
    Bootloader,
    /// Replaces Katapult from the firmware's place.
    Deployer,
    /// RP2040 (V1): copied to a drive, never flashed by this program.
    Uf2,
}

impl EntryRole {
    /// The role of such an image, if this program reads it.
    pub fn image_role(self) -> Option<Role> {
        match self {
            Self::App => Some(Role::App),
            Self::Combined => Some(Role::Combined),
            Self::Bootloader => Some(Role::Bootloader),
            Self::Deployer => Some(Role::Deployer),
            Self::Uf2 => None,
        }
    }

    /// As in the list.
    pub fn name(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Combined => "combined",
            Self::Bootloader => "bootloader",
            Self::Deployer => "deployer",
            Self::Uf2 => "uf2",
        }
    }
}

impl FromStr for EntryRole {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        [
            Self::App,
            Self::Combined,
            Self::Bootloader,
            Self::Deployer,
            Self::Uf2,
        ]
        .into_iter()
        .find(|role| role.name() == text)
        .ok_or(UnknownRole)
    }
}

/// No role has this name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("unknown role")]
pub struct UnknownRole;

/// A version that is written as exactly three numbers.
pub(super) fn parse_version(text: &str) -> Option<FirmwareVersion> {
    // Reading is lenient, so what is read must give the same text.
    FirmwareVersion::from_text(text).filter(|version| version.to_string() == text)
}

#[expect(
    clippy::ref_option,
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature serde calls"
)]
fn version_text<S: Serializer>(
    version: &Option<FirmwareVersion>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match version {
        Some(version) => serializer.collect_str(version),
        None => serializer.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_three_numbers() {
        let newer = parse_version("6.10.0").unwrap();
        assert!(newer > parse_version("6.9.9").unwrap());
        assert_eq!(newer.to_string(), "6.10.0");
        for bad in [
            "",
            "6",
            "6.2",
            "6.2.0.1",
            "6.2.x",
            "+6.2.0",
            "6.2.70000",
            "6..0",
            " 6.2.0",
            "v6.2.0",
            "6.2.0-rc1",
        ] {
            assert_eq!(parse_version(bad), None, "{bad:?}");
        }
    }
}

//! Why a firmware cannot be had.

use std::path::PathBuf;

use thiserror::Error;

use super::cache::CacheError;
use super::fetch::FetchError;
use super::inspect::Mismatch;
use crate::digest::Sha256;
use crate::image::{ComposeError, ImageError};

/// Why a firmware cannot be had. Words for people: [`crate::advice`].
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum CatalogError {
    /// It is not on this computer, and could not be fetched.
    #[error("{id} is not on this computer and cannot be fetched: {why}")]
    NotAvailable {
        /// The entry.
        id: String,
        /// Copies on this computer that were wrong and are not used.
        damaged: Vec<PathBuf>,
        /// Why it could not be fetched.
        #[source]
        why: FetchError,
    },
    /// What was fetched is not what the list claims. It is not kept.
    #[error("{id} is not what the list says: {mismatches:?}")]
    NotAsListed {
        /// The entry.
        id: String,
        /// What differs.
        mismatches: Vec<Mismatch>,
    },
    /// What was fetched is not firmware that this program reads. It is not kept.
    #[error("{id} is not usable firmware: {why}")]
    NotFirmware {
        /// The entry.
        id: String,
        /// Why not.
        #[source]
        why: ImageError,
    },
    /// Nothing proves its bytes: upstream's listing has no hash for it yet.
    #[error("{id} cannot be proven: its hash is not known")]
    NoHash {
        /// The entry.
        id: String,
    },
    /// Bootloader and firmware do not fit together.
    #[error("{bootloader} and {app} cannot be put together: {why}")]
    CannotCompose {
        /// The bootloader's id.
        bootloader: String,
        /// The firmware's id.
        app: String,
        /// Why not.
        #[source]
        why: ComposeProblem,
    },
    /// The list could not be fetched.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// A file on this computer could not be read or written.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// No entry has this id.
    #[error("there is no firmware {id:?}")]
    UnknownId {
        /// What was asked for.
        id: String,
    },
}

/// Why a bootloader and a firmware cannot be put together.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum ComposeProblem {
    /// One of them is not firmware.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// They do not fit together.
    #[error(transparent)]
    Compose(#[from] ComposeError),
    /// Upstream's own image, made the same way, has another hash.
    #[error("the result is {actual}, upstream's is {official}")]
    NotOfficial {
        /// The hash upstream's image has.
        official: Sha256,
        /// The hash of what was put together.
        actual: Sha256,
    },
}

impl CatalogError {
    /// True if the user stopped it.
    pub fn is_cancelled(&self) -> bool {
        self.fetch() == Some(&FetchError::Cancelled)
    }

    /// The network's part in it.
    pub fn fetch(&self) -> Option<&FetchError> {
        match self {
            Self::NotAvailable { why, .. } | Self::Fetch(why) => Some(why),
            _ => None,
        }
    }
}

//! What can go wrong while asking a probe who it is.

use thiserror::Error;

use super::dictionary::DictionaryError;
use crate::transport::LinkError;

/// A failure of `identify`. Nothing was changed on the probe.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum KlipperError {
    /// A transfer failed.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// It does not answer, also when asked again.
    #[error("no answer to identify at offset {offset}")]
    NoAnswer {
        /// How much of the dictionary had come.
        offset: usize,
    },
    /// It answers, too slowly or among too much else.
    #[error("the dictionary did not come in time ({received} bytes did)")]
    TooSlow {
        /// How much of the dictionary had come.
        received: usize,
    },
    /// The dictionary has no end.
    #[error("the dictionary is longer than any real one")]
    TooLong,
    /// What it sent is no dictionary.
    #[error(transparent)]
    Dictionary(#[from] DictionaryError),
}

//! Why a file is not firmware that this program can use.

use thiserror::Error;

/// Why a file was not accepted. Words for people: [`crate::advice`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ImageError {
    /// The file is empty.
    #[error("the file is empty")]
    Empty,
}

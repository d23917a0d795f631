//! What can go wrong while talking DfuSe.

use thiserror::Error;

use crate::transport::LinkError;

/// A failure of the DfuSe dialogue.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DfuError {
    /// A transfer failed.
    #[error(transparent)]
    Link(#[from] LinkError),
}

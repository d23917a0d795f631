//! What can go wrong while talking to Katapult.

use thiserror::Error;

use crate::transport::LinkError;

/// A failure of the Katapult dialogue.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum KatapultError {
    /// A transfer failed.
    #[error(transparent)]
    Link(#[from] LinkError),
}

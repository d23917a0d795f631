//! Why a running job does not go on: it was stopped or it failed. Inside the engine only.

use super::error::Cause;
use crate::dfu::DfuError;
use crate::katapult::KatapultError;
use crate::transport::LinkError;

/// The engine's way out.
#[derive(Debug)]
pub(super) enum Stop {
    /// The user stopped the job.
    Cancelled,
    /// It failed.
    Failed(Cause),
}

impl From<Cause> for Stop {
    fn from(cause: Cause) -> Self {
        Self::Failed(cause)
    }
}

impl From<LinkError> for Stop {
    fn from(error: LinkError) -> Self {
        Self::Failed(Cause::Link(error))
    }
}

impl From<DfuError> for Stop {
    fn from(error: DfuError) -> Self {
        match error {
            DfuError::Cancelled => Self::Cancelled,
            other => Self::Failed(Cause::Dfu(other)),
        }
    }
}

impl From<KatapultError> for Stop {
    fn from(error: KatapultError) -> Self {
        match error {
            KatapultError::Cancelled => Self::Cancelled,
            other => Self::Failed(Cause::Katapult(other)),
        }
    }
}

//! What a flash job is: a [`Plan`] made before anything is opened, an engine that carries it out, events
//! that tell of it, and errors that say what state the probe is in. Never pixels, never HTTP.

mod error;
mod event;
pub mod plan;

pub use error::{Aftermath, Cause, FlashError};
pub use event::{JobEvent, Outcome, Phase, PhaseInfo, Report, Unit};

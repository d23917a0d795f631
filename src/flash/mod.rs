//! What a flash job is: a [`plan::Plan`] made before anything is opened, an [`engine`] that carries it out,
//! events that tell of it, and errors that say what state the probe is in. Never pixels, never HTTP.
//!
//! ```text
//! plan(request) -> Plan ---> Job::start (thread "flash") -> engine::run -> enter -> write -> confirm
//!   every refusal                     events, one terminal     |             |
//!                                     JobView::apply           find       order, programmer
//! ```

mod backup;
mod confirm;
mod context;
pub mod engine;
mod enter;
mod error;
mod event;
mod find;
mod job;
mod order;
mod pages;
pub mod plan;
mod programmer;
mod progress;
mod stop;
mod write;

pub(crate) use backup::file_stamp;
pub use backup::{BackupFolder, BackupStore};
pub use error::{Aftermath, Cause, FlashError};
pub use event::{JobEvent, Outcome, Phase, PhaseInfo, Report, Unit};
pub use job::{Job, Running, Task, Waited, Wake, running_jobs, wait_for_jobs};
pub use progress::{JobEnd, JobView, PhaseState, PhaseView};

//! Klipper `identify`: asks a running probe who it is. Never spoken to a Katapult port.

pub mod canbus_uuid;
pub mod dictionary;
mod driver;
mod error;
pub mod frame;
pub mod message;
pub mod vlq;

pub use canbus_uuid::CanbusUuid;
pub use dictionary::{Dictionary, DictionaryError};
pub use driver::{Identity, ask, identify};
pub use error::KlipperError;

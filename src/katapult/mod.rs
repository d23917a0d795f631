//! Katapult over USB CDC-ACM: frame and message codecs (pure) and a straight-line driver over
//! [`crate::transport::SerialLink`]. Knows no threads, no files, no events.

pub mod crc;
mod driver;
pub mod entry;
mod error;
pub mod frame;
pub mod message;

pub use driver::KatapultSession;
pub use error::KatapultError;
pub use message::{ConnectInfo, ProtocolVersion};

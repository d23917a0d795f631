//! Katapult over USB CDC-ACM: frame and message codecs (pure) and a straight-line driver over
//! [`crate::transport::SerialLink`]. Knows no threads, no files, no events.

mod error;

pub use error::KatapultError;

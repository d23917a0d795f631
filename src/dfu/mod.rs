//! DfuSe (DFU 1.1 with ST's extensions, UM0424 / AN3156): request, status and layout codecs, and a driver
//! that is a straight line over [`crate::transport::DfuLink`]. Knows no threads, no files, no events.

mod error;
pub mod layout;

pub use error::DfuError;

//! DfuSe (DFU 1.1 with ST's extensions, UM0424 / AN3156): request, status, functional-descriptor and layout codecs,
//! and a driver that is a straight line over [`crate::transport::DfuLink`]. Knows no threads, no files, no events.

pub mod driver;
mod error;
pub mod functional;
pub mod layout;
pub mod request;
pub mod status;

pub use driver::{DfuSession, Protection};
pub use error::{DfuError, DfuStep};

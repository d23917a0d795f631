//! Probes in the chip's ROM bootloader, over libusb: the listing, and [`DfuLink`](super::DfuLink).
//!
//! Opens devices with ST's bootloader numbers and no others. Knows descriptors, not DFU.

mod bus;
mod descriptor;
mod error;
mod link;

pub(in crate::transport) use bus::{Bootloaders, UsbBus};
pub use link::UsbDfuLink;

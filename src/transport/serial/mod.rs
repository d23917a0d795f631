//! Probes that are serial ports: running firmware and Katapult. The listing, opening with the right manners,
//! the 1200-baud touch, and [`SerialLink`](super::SerialLink).
//!
//! Opens ports with Klipper's or Katapult's numbers and no others. Knows nothing of either's protocol.

mod error;
pub mod holder;
mod link;
mod open;
mod ports;
#[cfg(target_os = "linux")]
mod sysfs;

pub use link::SerialPortLink;
pub use open::{open, touch};
pub(in crate::transport) use ports::{Port, SerialPorts};

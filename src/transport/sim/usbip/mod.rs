//! The bench over USB/IP: a Linux kernel takes its probes for real USB devices, with a real libusb and a real
//! ttyACM on top. For judging the simulator and the drivers by programs that nobody here wrote.
//!
//! ```text
//! kernel (vhci-hcd) -- op, urb (codecs) -- session (queues of one device) -- function: DFU or serial
//!                                              '-- descriptor, setup (codecs)        '-- Hardware (the bench)
//! ```
//!
//! A device that leaves the bus closes its connection and is not listed until it is back: a client attaches it
//! again, or [`Server::attach_here`] does. The bench has to live in real time.

mod descriptor;
mod device;
mod function;
mod op;
mod serial;
mod server;
mod session;
mod setup;
mod stream;
mod urb;
#[cfg(target_os = "linux")]
mod vhci;

pub use server::Server;

#[cfg(test)]
mod tests;

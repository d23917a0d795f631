//! What the program says of itself while it runs: the last lines in memory, and a file in the platform's folder.
//!
//! Knows no window and no devices. Lines come through `tracing`; nothing here is ever sent anywhere.

mod file;
mod memory;
mod ring;

pub use file::{LogFile, folder, tail};
pub use memory::Memory;
pub use ring::LogRing;

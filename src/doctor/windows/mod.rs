//! Windows: which driver the bootloader is reached through, and how WinUSB is put in its place.
//!
//! Decisions here are pure, so that device trees recorded on Windows are tests on every system. The window never
//! gets administrator rights: it asks Windows to start [`helper::PROGRAM`] with them, which serves one request
//! for one bootloader and ends. Only [`observe()`], [`run_elevated`] and `device_tree` talk to Windows.

#[cfg(windows)]
pub mod device_tree;
mod driver;
#[cfg(windows)]
mod elevate;
pub mod helper;
mod node;
mod observe;
pub mod running;
#[cfg(test)]
pub(in crate::doctor) mod tests;

pub use driver::{Driver, Trouble, driver, trouble};
pub use node::{BootloaderFacts, Instance, Node, NotABootloader};
pub(super) use observe::observe;

use std::path::PathBuf;

use super::CommandLine;
use helper::Outcome;

/// The helper, if it lies beside this program.
pub fn helper_beside_us() -> Option<PathBuf> {
    super::beside_us(helper::PROGRAM)
}

/// Every ST bootloader that is plugged in, whatever its driver.
#[cfg(windows)]
pub fn present_bootloaders() -> Vec<Instance> {
    crate::transport::native::device_tree::present_usb()
        .iter()
        .filter_map(|instance| Instance::parse(instance).ok())
        .collect()
}

/// Every ST bootloader that is plugged in, whatever its driver.
#[cfg(not(windows))]
pub fn present_bootloaders() -> Vec<Instance> {
    Vec::new()
}

/// Asks for administrator rights, runs the helper with them, and waits for its end and for the person.
#[cfg(windows)]
pub fn run_elevated(command: &CommandLine) -> Outcome {
    elevate::run(command)
}

/// Asks for administrator rights, runs the helper with them, and waits for its end and for the person.
#[cfg(not(windows))]
pub fn run_elevated(_command: &CommandLine) -> Outcome {
    Outcome::NotStarted
}

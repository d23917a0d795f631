//! Linux: what stands in the way, and the udev rule that clears it.

mod probe;
pub mod rule;

pub use probe::Probe;
pub use rule::{Installed, RuleError, apply_commands, install, reload_command, uninstall};

use super::facts::LinuxFacts;
use crate::transport::DeviceInfo;

/// Observes this computer.
pub(super) fn observe(devices: &[DeviceInfo]) -> LinuxFacts {
    Probe::of_this_system().observe(devices)
}

//! Asks a running probe which version it runs.

use crate::klipper;
use crate::transport::{DeviceInfo, Hardware};

/// The version text of running firmware, or nothing if it did not say. Takes some seconds at most.
pub(super) fn version(hardware: &dyn Hardware, device: &DeviceInfo) -> Option<String> {
    match klipper::ask(hardware, &device.id) {
        Ok(identity) => Some(identity.version),
        Err(error) => {
            tracing::info!(
                "the probe did not tell its version: {}",
                super::with_sources(&error)
            );
            None
        }
    }
}

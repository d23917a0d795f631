//! Asks a running probe which version it runs.

use crate::klipper::{self, KlipperError};
use crate::transport::{DeviceInfo, Hardware};

/// The version text of running firmware, or nothing if it did not say. Takes some seconds at most.
pub(super) fn version(hardware: &dyn Hardware, device: &DeviceInfo) -> Option<String> {
    let identity = hardware
        .open_serial(&device.id)
        .map_err(KlipperError::from)
        .and_then(|mut link| klipper::identify(link.as_mut(), hardware.clock()));
    match identity {
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

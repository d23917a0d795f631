//! What is known of a device before it is opened.

use serde::{Deserialize, Serialize};

/// Names one enumeration of one device: valid until it leaves the bus, never stored.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DeviceId(pub String);

impl std::fmt::Display for DeviceId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a device is plugged in: the bus and the chain of hub ports, written `1-2.4` as Linux does.
///
/// It is the same for the same socket whatever mode the probe is in, so it is how a probe is found again.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Location(pub String);

impl Location {
    /// The socket at the end of this chain of hub ports; `None` for a bus itself.
    pub fn of_chain(bus: &str, ports: &[u8]) -> Option<Self> {
        let ports: Vec<String> = ports.iter().map(u8::to_string).collect();
        (!ports.is_empty()).then(|| Self(format!("{bus}-{}", ports.join("."))))
    }
}

impl std::fmt::Display for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The numbers of a USB device descriptor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct UsbIds {
    /// idVendor.
    pub vendor: u16,
    /// idProduct.
    pub product: u16,
    /// bcdDevice; 0 where the system does not tell.
    pub bcd_device: u16,
}

/// One alternate setting of the DFU interface.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AltSetting {
    /// bAlternateSetting.
    pub number: u8,
    /// The interface string, as decoded from whatever bytes arrived.
    pub name: String,
}

/// Whether a device that is there can be used.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum Access {
    /// It can be opened.
    Usable,
    /// The system does not let this user open it.
    NotPermitted,
    /// The driver bound to it is not one we can talk through (Windows), or there is none.
    WrongDriver {
        /// The driver's name where the system tells.
        bound: Option<String>,
    },
    /// Another program holds it.
    Busy {
        /// Name and process number where the system tells.
        holder: Option<String>,
    },
}

impl Access {
    /// True if the device can be opened.
    pub fn is_usable(&self) -> bool {
        matches!(self, Self::Usable)
    }
}

/// One device on the bus that is, or might be, a probe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceInfo {
    /// Handle for opening it.
    pub id: DeviceId,
    /// The socket it is in, where the system tells.
    pub location: Option<Location>,
    /// Vendor, product and release numbers.
    pub ids: UsbIds,
    /// iManufacturer.
    pub manufacturer: Option<String>,
    /// iProduct; absent on probes that run V3 firmware up to 5.1.0.
    pub product: Option<String>,
    /// iSerialNumber: 24 hex digits of the chip's unique id for firmware and Katapult.
    pub serial: Option<String>,
    /// Path or name of the serial port, for devices that are one.
    pub port: Option<String>,
    /// Alternate settings of the DFU interface, for devices that have one and could be asked.
    pub alt_settings: Vec<AltSetting>,
    /// Whether it can be used.
    pub access: Access,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_is_written_as_linux_does() {
        let written = |bus, ports: &[u8]| Location::of_chain(bus, ports).map(|at| at.0);
        assert_eq!(written("1", &[2]), Some("1-2".into()));
        assert_eq!(written("3", &[2, 4, 1]), Some("3-2.4.1".into()));
        assert_eq!(written("1", &[]), None);
    }
}

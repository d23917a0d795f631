//! What Windows knows of its USB devices and libusb does not tell: the driver bound to each, the socket by a
//! name that serial ports share, and the strings of devices whose driver is not WinUSB. Elsewhere there is
//! nothing to add.
//!
//! The strings come from the hub, which remembers them or asks for them; the device is not opened. Without
//! this no probe could be told from any other Klipper board on Windows, where the system names the maker of
//! the *driver* (protocols.md §3.1).

use rusb::{Context, Device};

use crate::transport::Location;

/// One device as the system sees it.
#[derive(Debug, Clone)]
pub(in crate::transport) struct Seen {
    /// The driver's service name, `WinUSB` or `STTub30`.
    pub(in crate::transport) driver: Option<String>,
    /// The socket.
    pub(in crate::transport) location: Option<Location>,
    #[cfg(windows)]
    info: nusb::DeviceInfo,
}

/// The bus as the system sees it.
#[derive(Debug, Default)]
pub(in crate::transport) struct UsbView {
    #[cfg(windows)]
    devices: Vec<Seen>,
}

impl UsbView {
    /// Looks if there is anything to look for.
    #[cfg(windows)]
    pub(in crate::transport) fn when(wanted: bool) -> Self {
        use nusb::MaybeFuture;
        if !wanted {
            return Self::default();
        }
        let devices = nusb::list_devices().wait().map_or_else(
            |error| {
                tracing::debug!(%error, "the system's device list failed");
                Vec::new()
            },
            |devices| {
                devices
                    .map(|info| Seen {
                        driver: info.driver().map(str::to_owned),
                        location: Location::of_chain(info.bus_id(), info.port_chain()),
                        info,
                    })
                    .collect()
            },
        );
        Self { devices }
    }

    /// The same device as libusb names it. Its numbers of busses are its own, so the address and the chain
    /// of ports are compared; if that fails, a device that is alone with its numbers is the one.
    #[cfg(windows)]
    pub(in crate::transport) fn of(&self, device: &Device<Context>) -> Option<Seen> {
        let descriptor = device.device_descriptor().ok()?;
        let chain = device.port_numbers().unwrap_or_default();
        let same: Vec<&Seen> = self
            .devices
            .iter()
            .filter(|seen| {
                (seen.info.vendor_id(), seen.info.product_id())
                    == (descriptor.vendor_id(), descriptor.product_id())
            })
            .collect();
        let exact = same.iter().find(|seen| {
            seen.info.device_address() == device.address() && seen.info.port_chain() == chain
        });
        match (exact, same.as_slice()) {
            (Some(seen), _) => Some((**seen).clone()),
            (None, [alone]) => Some((*alone).clone()),
            (None, _) => None,
        }
    }

    /// The device in this socket.
    #[cfg(windows)]
    pub(in crate::transport) fn at(&self, location: &Location) -> Option<&Seen> {
        self.devices
            .iter()
            .find(|seen| seen.location.as_ref() == Some(location))
    }

    #[cfg(not(windows))]
    pub(in crate::transport) fn when(_wanted: bool) -> Self {
        Self::default()
    }

    #[cfg(not(windows))]
    #[expect(
        clippy::unused_self,
        reason = "the same signature as where there is something"
    )]
    pub(in crate::transport) fn of(&self, _device: &Device<Context>) -> Option<Seen> {
        None
    }
}

/// The device instance ID of the bootloader in each socket.
#[cfg(windows)]
pub(crate) fn instances() -> Vec<(Location, String)> {
    super::unlisted::tree()
        .into_iter()
        .filter_map(|found| Some((found.location?, found.instance)))
        .collect()
}

#[cfg(windows)]
impl Seen {
    /// The device's own strings and release number.
    pub(in crate::transport) fn strings(&self) -> (super::node::Strings, u16) {
        use nusb::MaybeFuture;
        let strings = super::node::Strings {
            manufacturer: self.info.get_manufacturer_string().wait().ok().flatten(),
            product: self.info.get_product_string().wait().ok().flatten(),
            serial: self.info.get_serial_number_string().wait().ok().flatten(),
        };
        (strings, self.info.device_version())
    }
}

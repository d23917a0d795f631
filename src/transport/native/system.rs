//! What Windows knows of its USB devices and libusb does not tell: the driver bound to each, the socket by a
//! name that serial ports share, and the strings of devices whose driver is not WinUSB. Elsewhere there is
//! nothing to add.
//!
//! The strings come from the hub, which remembers them or asks for them; the device is not opened. Without
//! this no probe could be told from any other Klipper board on Windows, where the system names the maker of
//! the *driver* (protocols.md §3.1).

#[cfg(windows)]
use std::cell::OnceCell;
#[cfg(any(test, windows))]
use std::collections::HashMap;

use rusb::{Context, Device};

use crate::transport::Location;

#[cfg(any(test, windows))]
use super::node::Strings;
#[cfg(any(test, windows))]
use crate::transport::{DeviceId, DeviceInfo};

/// One device as the system sees it.
#[derive(Debug, Clone)]
pub(in crate::transport) struct Seen {
    /// The driver's service name, `WinUSB` or `STTub30`.
    pub(in crate::transport) driver: Option<String>,
    /// The socket.
    pub(in crate::transport) location: Option<Location>,
    /// Vendor and product.
    #[cfg(any(test, windows))]
    ids: (u16, u16),
    /// iSerialNumber, which the hub remembers.
    #[cfg(any(test, windows))]
    serial: Option<String>,
    #[cfg(windows)]
    info: nusb::DeviceInfo,
}

/// The bus as the system sees it, read when first asked for.
#[derive(Debug, Default)]
pub(in crate::transport) struct UsbView {
    #[cfg(windows)]
    devices: OnceCell<Vec<Seen>>,
}

#[cfg(windows)]
impl UsbView {
    fn devices(&self) -> &[Seen] {
        use nusb::MaybeFuture;
        self.devices.get_or_init(|| {
            nusb::list_devices().wait().map_or_else(
                |error| {
                    tracing::debug!(%error, "the system's device list failed");
                    Vec::new()
                },
                |devices| {
                    devices
                        .map(|info| Seen {
                            driver: info.driver().map(str::to_owned),
                            location: Location::of_chain(info.bus_id(), info.port_chain()),
                            ids: (info.vendor_id(), info.product_id()),
                            serial: info.serial_number().map(str::to_owned),
                            info,
                        })
                        .collect()
                },
            )
        })
    }

    /// The same device as libusb names it. Its numbers of busses are its own, so the address and the chain
    /// of ports are compared; if that fails, a device that is alone with its numbers is the one.
    pub(in crate::transport) fn of(&self, device: &Device<Context>) -> Option<Seen> {
        let descriptor = device.device_descriptor().ok()?;
        let chain = device.port_numbers().unwrap_or_default();
        let same: Vec<&Seen> = self
            .devices()
            .iter()
            .filter(|seen| seen.ids == (descriptor.vendor_id(), descriptor.product_id()))
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

    /// The device behind a serial port.
    pub(in crate::transport) fn behind(
        &self,
        location: Option<&Location>,
        ids: (u16, u16),
        serial: Option<&str>,
    ) -> Option<&Seen> {
        behind(self.devices(), location, ids, serial)
    }
}

#[cfg(not(windows))]
impl UsbView {
    #[expect(
        clippy::unused_self,
        reason = "the same signature as where there is something"
    )]
    pub(in crate::transport) fn of(&self, _device: &Device<Context>) -> Option<Seen> {
        None
    }
}

/// The device behind a serial port: the one in its socket. The list of ports leaves the socket out when its names are
/// long, as behind a hub (serialport 4.10.1 has room for 130 characters; pyserial/pyserial#748 met the same), and then it
/// is the only one with these numbers or, if there are several, with this serial number.
#[cfg(any(test, windows))]
fn behind<'a>(
    devices: &'a [Seen],
    location: Option<&Location>,
    ids: (u16, u16),
    serial: Option<&str>,
) -> Option<&'a Seen> {
    if location.is_some() {
        return devices
            .iter()
            .find(|seen| seen.location.as_ref() == location);
    }
    let same: Vec<&Seen> = devices.iter().filter(|seen| seen.ids == ids).collect();
    if let [alone] = same.as_slice() {
        return Some(alone);
    }
    // The list of ports has it from the name of the device, which Windows writes in capitals.
    let named = |seen: &&&Seen| match (seen.serial.as_deref(), serial) {
        (Some(own), Some(listed)) => own.eq_ignore_ascii_case(listed),
        _ => false,
    };
    let mut named = same.iter().filter(named);
    match (named.next(), named.next()) {
        (Some(one), None) => Some(one),
        _ => None,
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

/// What a device says of itself.
#[cfg(any(test, windows))]
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::transport) struct Words {
    /// Its socket, which the system says for it.
    pub(in crate::transport) location: Option<Location>,
    pub(in crate::transport) strings: Strings,
    pub(in crate::transport) bcd_device: u16,
    /// Every string it has could be had. One that is asleep does not answer (kevinmehall/nusb#22).
    pub(in crate::transport) whole: bool,
}

#[cfg(windows)]
impl Seen {
    /// Asks the hub.
    pub(in crate::transport) fn words(&self) -> Words {
        use nusb::MaybeFuture;
        let manufacturer = self.info.get_manufacturer_string().wait();
        let product = self.info.get_product_string().wait();
        let serial = self.info.get_serial_number_string().wait();
        Words {
            location: self.location.clone(),
            whole: manufacturer.is_ok() && product.is_ok() && serial.is_ok(),
            strings: Strings {
                manufacturer: manufacturer.ok().flatten(),
                product: product.ok().flatten(),
                serial: serial.ok().flatten(),
            },
            bcd_device: self.info.device_version(),
        }
    }
}

/// What devices have said: asked for once while they are there, not at every look, and not of a device that is being
/// flashed.
#[cfg(any(test, windows))]
#[derive(Debug, Default)]
pub(in crate::transport) struct Heard {
    by_device: HashMap<DeviceId, Words>,
}

#[cfg(any(test, windows))]
impl Heard {
    /// What this device has said, or says now.
    pub(in crate::transport) fn of(
        &mut self,
        device: &DeviceId,
        ask: impl FnOnce() -> Words,
    ) -> Words {
        if let Some(known) = self.by_device.get(device) {
            return known.clone();
        }
        let words = ask();
        if words.whole {
            self.by_device.insert(device.clone(), words.clone());
        }
        words
    }

    /// Drops what those said that are not there any more.
    pub(in crate::transport) fn forget_all_but(&mut self, devices: &[DeviceInfo]) {
        self.by_device
            .retain(|id, _| devices.iter().any(|device| device.id == *id));
    }
}

#[cfg(all(test, not(windows)))]
mod tests {
    use super::*;

    const KLIPPER: (u16, u16) = (0x1d50, 0x614e);

    fn seen(location: &str, ids: (u16, u16), serial: Option<&str>) -> Seen {
        Seen {
            driver: None,
            location: Some(Location(location.into())),
            ids,
            serial: serial.map(str::to_owned),
        }
    }

    fn socket(found: Option<&Seen>) -> Option<&str> {
        Some(found?.location.as_ref()?.0.as_str())
    }

    #[test]
    fn a_port_without_a_socket_is_found_by_what_it_is() {
        let alone = [
            seen("X-1", KLIPPER, Some("160026001343565537353020")),
            seen("X-2", (0x046d, 0xc31c), None),
        ];
        assert_eq!(socket(behind(&alone, None, KLIPPER, None)), Some("X-1"));
        let several = [
            seen("X-1", KLIPPER, Some("160026001343565537353020")),
            seen("X-2.4", KLIPPER, Some("0c004a0014504b5735313920")),
            seen("X-3", KLIPPER, None),
        ];
        let by_serial = |serial| socket(behind(&several, None, KLIPPER, serial));
        assert_eq!(by_serial(Some("0C004A0014504B5735313920")), Some("X-2.4"));
        // What stands in the name of a device without a serial number.
        assert_eq!(by_serial(Some("6")), None);
        assert_eq!(by_serial(None), None);
        let twins = [several[0].clone(), several[0].clone()];
        let serial = several[0].serial.as_deref();
        assert_eq!(socket(behind(&twins, None, KLIPPER, serial)), None);
        assert_eq!(socket(behind(&[], None, KLIPPER, serial)), None);
    }

    #[test]
    fn a_port_with_a_socket_is_what_is_in_it() {
        let devices = [
            seen("X-1", KLIPPER, Some("A")),
            seen("X-2", KLIPPER, Some("B")),
        ];
        let at = |at: &str| {
            let location = Location(at.into());
            socket(behind(&devices, Some(&location), KLIPPER, Some("A"))).map(str::to_owned)
        };
        assert_eq!(at("X-2"), Some("X-2".into()));
        assert_eq!(at("X-3"), None);
    }

    fn words(manufacturer: Option<&str>, whole: bool) -> Words {
        Words {
            location: Some(Location("X-1".into())),
            strings: Strings {
                manufacturer: manufacturer.map(str::to_owned),
                ..Strings::default()
            },
            bcd_device: 0x0100,
            whole,
        }
    }

    #[test]
    fn a_device_that_falls_asleep_keeps_its_name() {
        let mut heard = Heard::default();
        let id = DeviceId("serial:614e:1:COM5".into());
        let asleep = || words(None, false);
        let awake = || words(Some("Cartographer"), true);
        assert_eq!(heard.of(&id, asleep), asleep(), "nothing is made up");
        assert_eq!(heard.of(&id, awake), awake());
        assert_eq!(heard.of(&id, asleep), awake());
        heard.of(&id, || panic!("asked again"));
        heard.forget_all_but(&[]);
        assert_eq!(heard.of(&id, asleep), asleep());
    }
}

//! The listing of serial ports that may be probes: by their numbers, without opening any.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::link::SerialPortLink;
use super::{holder, open, touch};
#[cfg(not(target_os = "linux"))]
use crate::transport::native::again_if_disturbed;
use crate::transport::native::node::{self, Strings};
use crate::transport::native::system::UsbView;
#[cfg(any(test, windows))]
use crate::transport::native::system::Words;
#[cfg(windows)]
use crate::transport::native::system::{Heard, Seen};
use crate::transport::native::{KATAPULT, KLIPPER, RealClock};
use crate::transport::{
    Access, Clock, DeviceId, DeviceInfo, Doing, LinkError, LinkErrorKind, Location, UsbIds,
};

/// Asking who holds a port looks through every process: not more often than this.
const HOLDER_AGE: Duration = Duration::from_secs(1);

/// One port with Klipper's or Katapult's numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::transport) struct Port {
    /// What to open.
    pub(super) path: String,
    /// Differs for each time a device came, where the system tells.
    pub(super) enumeration: String,
    pub(super) location: Option<Location>,
    pub(super) ids: UsbIds,
    pub(super) strings: Strings,
}

impl Port {
    fn id(&self) -> DeviceId {
        DeviceId(format!("serial:{}:{}", self.enumeration, self.path))
    }

    /// True for numbers that a probe can have.
    pub(super) fn is_of_interest(vendor: u16, product: u16) -> bool {
        [KLIPPER, KATAPULT].contains(&(vendor, product))
    }
}

/// Every serial port that may be a probe.
#[derive(Debug)]
pub(in crate::transport) struct SerialPorts {
    clock: RealClock,
    held: Mutex<HashMap<String, Held>>,
    /// Devices whose port would not open because somebody has it. On Windows and macOS, and of another user's
    /// programs on Linux, only trying to open it tells.
    refused: Mutex<HashSet<DeviceId>>,
    #[cfg(windows)]
    heard: Mutex<Heard>,
}

#[derive(Debug, Clone)]
struct Held {
    asked: Duration,
    holder: Option<String>,
}

impl SerialPorts {
    pub(in crate::transport) fn new(clock: RealClock) -> Self {
        Self {
            clock,
            held: Mutex::default(),
            refused: Mutex::default(),
            #[cfg(windows)]
            heard: Mutex::default(),
        }
    }

    /// Looks, and opens nothing.
    pub(in crate::transport) fn look(&self, system: &UsbView) -> Result<Vec<Port>, LinkError> {
        let mut ports = system_ports()?;
        for port in &mut ports {
            self.complete(port, system);
        }
        Ok(ports)
    }

    #[cfg(windows)]
    fn complete(&self, port: &mut Port, system: &UsbView) {
        let serial = port.strings.serial.as_deref();
        let ids = (port.ids.vendor, port.ids.product);
        let ask = || {
            system
                .behind(port.location.as_ref(), ids, serial)
                .map(Seen::words)
                .unwrap_or_default()
        };
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let words = heard.of(&port.id(), ask);
        port.complete(words);
    }

    #[cfg(not(windows))]
    #[expect(
        clippy::unused_self,
        reason = "the same signature as where there is something"
    )]
    fn complete(&self, _port: &mut Port, _system: &UsbView) {}

    /// Opens the port of a listed device.
    pub(in crate::transport) fn open(&self, id: &DeviceId) -> Result<SerialPortLink, LinkError> {
        let port = Self::port_of(id, Doing::Opening)?;
        self.remember(id, open(&port, self.clock))
    }

    /// Asks the firmware behind the port of a listed device for its bootloader.
    pub(in crate::transport) fn touch(&self, id: &DeviceId) -> Result<(), LinkError> {
        let port = Self::port_of(id, Doing::Touching)?;
        self.remember(id, touch(&port, self.clock))
    }

    /// Keeps whether somebody has the port, until it opens or the device goes.
    fn remember<T>(&self, id: &DeviceId, opened: Result<T, LinkError>) -> Result<T, LinkError> {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        match &opened {
            Ok(_) => {
                refused.remove(id);
            }
            Err(error) if error.kind == LinkErrorKind::Busy => {
                refused.insert(id.clone());
            }
            Err(_) => {}
        }
        opened
    }

    fn is_refused(&self, id: &DeviceId) -> bool {
        let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        refused.contains(id)
    }

    /// What is there.
    pub(in crate::transport) fn list(&self, ports: Vec<Port>) -> Vec<DeviceInfo> {
        ports
            .into_iter()
            .map(|port| {
                let access = self.access(&port);
                DeviceInfo {
                    id: port.id(),
                    location: port.location,
                    ids: port.ids,
                    manufacturer: port.strings.manufacturer,
                    product: port.strings.product,
                    serial: port.strings.serial,
                    port: Some(port.path),
                    alt_settings: Vec::new(),
                    access,
                }
            })
            .collect()
    }

    /// One line per port.
    pub(in crate::transport) fn traces(&self, ports: &[Port]) -> Vec<String> {
        ports
            .iter()
            .map(|port| {
                // Whether a port that was held still is; a free one is not worth the search.
                let holder = self
                    .last_holder(&port.path)
                    .and_then(|_| self.holder(&port.path));
                let id = port.id();
                let refused = if self.is_refused(&id) { "refused" } else { "" };
                format!(
                    "{id} {} {} {refused}",
                    node::stamp(&port.path),
                    holder.unwrap_or_default()
                )
            })
            .collect()
    }

    /// The port of a listed device, if it is still the same device.
    fn port_of(id: &DeviceId, doing: Doing) -> Result<String, LinkError> {
        system_ports()?
            .into_iter()
            .find(|port| port.id() == *id)
            .map(|port| port.path)
            .ok_or_else(|| LinkError::new(LinkErrorKind::Disconnected, doing))
    }

    /// Drops what is remembered of ports that are not there any more.
    pub(in crate::transport) fn forget_all_but(&self, devices: &[DeviceInfo]) {
        self.held
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|path, _| {
                devices
                    .iter()
                    .any(|device| device.port.as_ref() == Some(path))
            });
        self.refused
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|id| devices.iter().any(|device| device.id == *id));
        #[cfg(windows)]
        self.heard
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .forget_all_but(devices);
    }

    fn access(&self, port: &Port) -> Access {
        if !is_permitted(&port.path) {
            return Access::NotPermitted;
        }
        match self.holder(&port.path) {
            None if !self.is_refused(&port.id()) => Access::Usable,
            holder => Access::Busy { holder },
        }
    }

    fn last_holder(&self, path: &str) -> Option<String> {
        self.held
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(path)?
            .holder
            .clone()
    }

    fn holder(&self, path: &str) -> Option<String> {
        let now = self.clock.now();
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = held.get(path)
            && now.saturating_sub(known.asked) < HOLDER_AGE
        {
            return known.holder.clone();
        }
        let holder = holder::of(path).map(|holder| holder.to_string());
        held.insert(
            path.to_owned(),
            Held {
                asked: now,
                holder: holder.clone(),
            },
        );
        holder
    }
}

/// True if this user may read and write the node; a node that is missing although the kernel has the device
/// is hidden from us by a sandbox.
#[cfg(target_os = "linux")]
fn is_permitted(path: &str) -> bool {
    use rustix::fs::Access;
    rustix::fs::access(path, Access::READ_OK | Access::WRITE_OK).is_ok()
}

/// Elsewhere ports have no permissions worth asking for.
#[cfg(not(target_os = "linux"))]
fn is_permitted(_path: &str) -> bool {
    true
}

/// True if the system lists this port now, whatever it belongs to.
#[cfg(not(target_os = "linux"))]
pub(super) fn listed(path: &str) -> bool {
    again_if_disturbed(serialport::available_ports)
        .is_ok_and(|ports| ports.iter().any(|port| port.port_name == path))
}

/// True if this node is there.
#[cfg(target_os = "linux")]
pub(super) fn listed(path: &str) -> bool {
    std::path::Path::new(path).exists()
}

#[cfg(target_os = "linux")]
fn system_ports() -> Result<Vec<Port>, LinkError> {
    super::sysfs::ports(std::path::Path::new("/sys"), std::path::Path::new("/dev"))
}

#[cfg(not(target_os = "linux"))]
fn system_ports() -> Result<Vec<Port>, LinkError> {
    let ports = again_if_disturbed(serialport::available_ports).map_err(|error| {
        LinkError::new(LinkErrorKind::Other, Doing::Listing).with_detail(error.description)
    })?;
    Ok(ports.into_iter().filter_map(port).collect())
}

#[cfg(not(target_os = "linux"))]
fn port(port: serialport::SerialPortInfo) -> Option<Port> {
    let serialport::SerialPortType::UsbPort(usb) = port.port_type else {
        return None;
    };
    if !Port::is_of_interest(usb.vid, usb.pid) || is_dial_in(&port.port_name) {
        return None;
    }
    let serial = usb.serial_number.filter(|serial| !serial.is_empty());
    Some(Port {
        enumeration: format!("{:04x}:{}", usb.pid, serial.as_deref().unwrap_or_default()),
        path: port.port_name,
        location: usb
            .location
            .and_then(|at| Location::of_chain(at.bus_id(), at.port_chain())),
        ids: UsbIds {
            vendor: usb.vid,
            product: usb.pid,
            bcd_device: 0,
        },
        strings: Strings {
            manufacturer: usb.manufacturer.filter(|text| !text.is_empty()),
            product: usb.product.filter(|text| !text.is_empty()),
            serial,
        },
    })
}

/// macOS lists each port twice; `tty.*` waits for a carrier that never comes (protocols.md §3.3).
#[cfg(any(test, not(target_os = "linux")))]
fn is_dial_in(path: &str) -> bool {
    path.starts_with("/dev/tty.")
}

/// Windows names the maker of the driver and "USB Serial Device (COM5)": the device's own strings come from
/// its hub. A string that cannot be had is none, rather than one that is not the device's.
///
/// The serial number it has from the name of the device, and of a device without one that is a piece of something else:
/// it only stands in for one that could not be had.
#[cfg(any(test, windows))]
impl Port {
    fn complete(&mut self, words: Words) {
        let named = self.strings.serial.take();
        self.location = self.location.take().or(words.location);
        self.ids.bcd_device = words.bcd_device;
        self.strings = words.strings;
        if !words.whole && self.strings.serial.is_none() {
            self.strings.serial = named;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_interest() {
        assert!(Port::is_of_interest(0x1d50, 0x614e));
        assert!(Port::is_of_interest(0x1d50, 0x6177));
        assert!(!Port::is_of_interest(0x1d50, 0x606f));
        assert!(!Port::is_of_interest(0x0483, 0xdf11));
        assert!(!Port::is_of_interest(0x2341, 0x614e));
    }

    #[test]
    fn of_the_two_names_of_a_port_on_macos_one_is_listed() {
        assert!(is_dial_in("/dev/tty.usbmodem14201"));
        for listed in ["/dev/cu.usbmodem14201", "COM5", "/dev/ttyACM0"] {
            assert!(!is_dial_in(listed), "{listed}");
        }
    }

    fn port(path: &str, enumeration: &str) -> Port {
        Port {
            path: path.into(),
            enumeration: enumeration.into(),
            location: None,
            ids: UsbIds {
                vendor: 0x1d50,
                product: 0x614e,
                bcd_device: 0,
            },
            strings: Strings::default(),
        }
    }

    #[test]
    fn a_port_that_somebody_has_is_busy_until_it_opens_or_goes() {
        let ports = SerialPorts::new(RealClock::new());
        // Any file this user may open stands for a port.
        let file = tempfile::NamedTempFile::new().unwrap();
        let port = port(file.path().to_str().unwrap(), "1:7");
        let id = port.id();
        let failed = |kind| Err::<(), _>(LinkError::new(kind, Doing::Opening));
        let nobody = Access::Busy { holder: None };
        assert_eq!(ports.access(&port), Access::Usable);
        ports
            .remember(&id, failed(LinkErrorKind::TimedOut))
            .unwrap_err();
        assert_eq!(ports.access(&port), Access::Usable);
        ports
            .remember(&id, failed(LinkErrorKind::Busy))
            .unwrap_err();
        assert_eq!(ports.access(&port), nobody);
        ports.remember(&id, Ok(())).unwrap();
        assert_eq!(ports.access(&port), Access::Usable);
        ports
            .remember(&id, failed(LinkErrorKind::Busy))
            .unwrap_err();
        ports.forget_all_but(&[]);
        assert_eq!(ports.access(&port), Access::Usable);
    }

    #[test]
    fn a_port_on_windows_is_what_its_hub_says() {
        let listed = |serial: &str| Port {
            strings: Strings {
                manufacturer: Some("Microsoft".into()),
                product: Some("USB Serial Device (COM5)".into()),
                serial: Some(serial.into()),
            },
            ..port("COM5", "614e:6")
        };
        let own = |serial: Option<&str>, whole: bool| Words {
            location: Some(Location("X-2.4".into())),
            strings: Strings {
                manufacturer: whole.then(|| "Cartographer".into()),
                product: Some("stm32g431xx".into()),
                serial: serial.map(str::to_owned),
            },
            bcd_device: 0x0100,
            whole,
        };
        let completed = |serial: &str, words: Words| {
            let mut port = listed(serial);
            let location = words.location.clone();
            port.complete(words);
            assert_eq!(port.location, location);
            (port.strings.manufacturer, port.strings.serial)
        };
        let ours = Some("Cartographer".to_owned());
        let serial = Some("160026001343565537353020".to_owned());
        let named = serial.clone().unwrap();
        // The number in the name of a device without one is where it is plugged in.
        assert_eq!(completed("6", own(None, true)), (ours.clone(), None));
        assert_eq!(
            completed(&named, own(serial.as_deref(), true)),
            (ours, serial.clone())
        );
        assert_eq!(completed(&named, own(None, false)), (None, serial.clone()));
        assert_eq!(completed(&named, Words::default()), (None, serial));
    }

    #[test]
    fn an_id_names_one_enumeration() {
        let port = |enumeration| port("/dev/ttyACM0", enumeration);
        assert_eq!(port("1:7").id().0, "serial:1:7:/dev/ttyACM0");
        assert_ne!(port("1:7").id(), port("1:8").id());
    }
}

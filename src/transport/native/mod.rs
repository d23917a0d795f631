//! Real hardware and real time: libusb for probes in DFU mode, the system's serial ports for the rest.
//!
//! This file puts the two listings together and waits for them to change. What the bytes mean, and whether
//! a device is a probe, is not known here; numbers are only compared so as never to open a stranger.

mod clock;
#[cfg(windows)]
pub(crate) mod device_tree;
pub(in crate::transport) mod node;
mod os;
pub(in crate::transport) mod system;
pub(in crate::transport) mod unlisted;
mod watch;

use std::time::Duration;

pub use clock::RealClock;
pub use os::Os;
#[cfg(windows)]
pub(crate) use system::instances;

use self::system::UsbView;
use self::watch::{Hotplug, Seen};
use super::serial::{Port, SerialPorts};
use super::usb::{Bootloaders, UsbBus};
use super::{Clock, DeviceId, DeviceInfo, DfuLink, Hardware, LinkError, SerialLink};

/// Vendor and product of Klipper firmware on USB, V1 to V4 (boards-and-firmware.md §1 "USB identities").
pub(in crate::transport) const KLIPPER: (u16, u16) = (0x1d50, 0x614e);
/// Vendor and product of Katapult on USB (boards-and-firmware.md §1).
pub(in crate::transport) const KATAPULT: (u16, u16) = (0x1d50, 0x6177);
/// Vendor and product of every STM32 in its ROM bootloader (protocols.md §2.1).
pub(in crate::transport) const ST_DFU: (u16, u16) = (0x0483, 0xdf11);

/// How often the cheap listing is compared while waiting for a change: where there is no hot-plug event at
/// all (Windows), and for what such events do not tell (serial nodes, permissions). protocols.md §3.1.
const POLL: Duration = Duration::from_millis(250);

/// The USB bus and the serial ports of this computer.
#[derive(Debug)]
pub struct NativeHardware {
    clock: RealClock,
    usb: UsbBus,
    serial: SerialPorts,
    hotplug: Hotplug,
    seen: Seen,
}

impl NativeHardware {
    /// Opens nothing yet: what cannot be had is told by the first listing.
    pub fn new() -> Self {
        let clock = RealClock::new();
        Self {
            clock,
            usb: UsbBus::new(clock),
            serial: SerialPorts::new(clock),
            hotplug: Hotplug::default(),
            seen: Seen::default(),
        }
    }

    /// Everything of interest that the system lists now. No device is opened for it.
    fn look(&self) -> Look {
        let system = UsbView::default();
        Look {
            usb: self.usb.look(),
            ports: self.serial.look(&system),
            system,
        }
    }

    /// One line per device of interest that differs whenever its listing may.
    fn traces(&self, look: &Look) -> Vec<String> {
        let mut traces = Vec::new();
        if let Ok(bootloaders) = &look.usb {
            traces.extend(self.usb.traces(bootloaders));
        }
        if let Ok(ports) = &look.ports {
            traces.extend(self.serial.traces(ports));
        }
        traces.sort_unstable();
        traces
    }
}

/// The system's own lists, each read once: on Windows that is most of the work of a listing.
struct Look {
    system: UsbView,
    usb: Result<Bootloaders, LinkError>,
    ports: Result<Vec<Port>, LinkError>,
}

impl Default for NativeHardware {
    fn default() -> Self {
        Self::new()
    }
}

impl Hardware for NativeHardware {
    fn list(&self) -> Result<Vec<DeviceInfo>, LinkError> {
        let look = self.look();
        // Of what is listed, not of what is there afterwards: what changes meanwhile must still count as a change.
        self.seen.set(self.traces(&look));
        let devices = merge(
            look.usb
                .map(|bootloaders| self.usb.list(&bootloaders, &look.system)),
            look.ports.map(|ports| self.serial.list(ports)),
        );
        if let Ok(devices) = &devices {
            self.serial.forget_all_but(devices);
        }
        devices
    }

    fn open_dfu(&self, device: &DeviceId) -> Result<Box<dyn DfuLink>, LinkError> {
        Ok(Box::new(self.usb.open(device, &self.clock)?))
    }

    fn open_serial(&self, device: &DeviceId) -> Result<Box<dyn SerialLink>, LinkError> {
        Ok(Box::new(self.serial.open(device)?))
    }

    fn touch_1200(&self, device: &DeviceId) -> Result<(), LinkError> {
        self.serial.touch(device)
    }

    fn wait_for_change(&self, timeout: Duration) -> bool {
        let deadline = self.clock.now().saturating_add(timeout);
        let before = self.seen.get().unwrap_or_else(|| self.traces(&self.look()));
        loop {
            let now = self.traces(&self.look());
            if now != before {
                self.seen.set(now);
                return true;
            }
            let left = deadline.saturating_sub(self.clock.now());
            if left.is_zero() {
                return false;
            }
            self.hotplug.wait(left.min(POLL), &self.clock);
        }
    }

    fn clock(&self) -> &dyn Clock {
        &self.clock
    }
}

/// Asks for a list, and again if that fails. A device that leaves in the middle of it makes a whole list fail: a hub for
/// libusb on Windows (1.0.27, `winusb_get_device_list`), a port for the serialport crate on macOS (4.10.1,
/// `available_ports`). Taken as it comes that would say that every probe has left.
pub(in crate::transport) fn again_if_disturbed<T, E: std::fmt::Display>(
    list: impl Fn() -> Result<T, E>,
) -> Result<T, E> {
    list().or_else(|error| {
        tracing::debug!(%error, "a list failed");
        list()
    })
}

/// One listing out of two: a failure of one hides nothing the other found. In a container libusb may not
/// start at all while serial ports are there, or the other way round.
fn merge(
    usb: Result<Vec<DeviceInfo>, LinkError>,
    serial: Result<Vec<DeviceInfo>, LinkError>,
) -> Result<Vec<DeviceInfo>, LinkError> {
    let mut devices = match (usb, serial) {
        (Ok(mut usb), Ok(serial)) => {
            usb.extend(serial);
            usb
        }
        (Ok(devices), Err(error)) | (Err(error), Ok(devices)) => {
            tracing::debug!(%error, "one of two listings failed");
            devices
        }
        (Err(error), Err(_)) => return Err(error),
    };
    devices.sort_by(|a, b| (&a.location, &a.id).cmp(&(&b.location, &b.id)));
    Ok(devices)
}

#[cfg(test)]
mod tests;

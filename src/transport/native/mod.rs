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

use self::watch::{Hotplug, Seen};
use super::serial::SerialPorts;
use super::usb::UsbBus;
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
            usb: UsbBus::new(),
            serial: SerialPorts::new(clock),
            hotplug: Hotplug::default(),
            seen: Seen::default(),
        }
    }

    /// One line per device of interest that differs whenever its listing may: no device is opened for it.
    fn traces(&self) -> Vec<String> {
        let mut traces = self.usb.traces();
        traces.extend(self.serial.traces());
        traces.sort_unstable();
        traces
    }
}

impl Default for NativeHardware {
    fn default() -> Self {
        Self::new()
    }
}

impl Hardware for NativeHardware {
    fn list(&self) -> Result<Vec<DeviceInfo>, LinkError> {
        // Before the listing, not after it: what changes meanwhile must still count as a change.
        self.seen.set(self.traces());
        let devices = merge(self.usb.list(), self.serial.list());
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
        let before = self.seen.get().unwrap_or_else(|| self.traces());
        loop {
            let now = self.traces();
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

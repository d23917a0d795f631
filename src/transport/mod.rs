//! The only door to hardware and to real time.
//!
//! Everything above this module speaks to a device through [`DfuLink`] or [`SerialLink`], finds devices
//! through [`Hardware`] and waits through [`Clock`]; it cannot tell a probe from the simulated bench
//! ([`sim`]). This module moves bytes and does not know what they mean.

mod device;
mod error;
pub mod native;
pub mod serial;
pub mod sim;
pub mod usb;

use std::ops::ControlFlow;
use std::time::{Duration, SystemTime};

pub use device::{Access, AltSetting, DeviceId, DeviceInfo, Location, UsbIds};
pub use error::{Doing, LinkError, LinkErrorKind};

/// Time as this program sees it: a monotonic clock that may be virtual.
pub trait Clock: Send + Sync {
    /// Time since an arbitrary start; never goes back.
    fn now(&self) -> Duration;
    /// Waits. On the simulated bench in virtual time this only moves the clock.
    fn sleep(&self, duration: Duration);
    /// The date, for file names and reports. Virtual clocks give a fixed date plus [`Clock::now`].
    fn wall(&self) -> SystemTime;
}

/// A job that [`Hardware::rehearse`] may run on a copy of itself.
pub type Rehearsal<'a> = dyn FnMut(&dyn Hardware) + 'a;

/// Everything that can be plugged in, real or simulated.
pub trait Hardware: Send + Sync {
    /// What is on the bus now. Never opens a device that is not one of ours or an ST bootloader.
    ///
    /// A device that cannot be used is still listed, with the reason in [`DeviceInfo::access`].
    fn list(&self) -> Result<Vec<DeviceInfo>, LinkError>;
    /// Opens an ST bootloader: claims interface 0 and selects alternate setting 0.
    fn open_dfu(&self, device: &DeviceId) -> Result<Box<dyn DfuLink>, LinkError>;
    /// Opens the serial port of a probe, exclusively, never at 1200 baud.
    fn open_serial(&self, device: &DeviceId) -> Result<Box<dyn SerialLink>, LinkError>;
    /// The 1200-baud touch: asks running firmware to start its bootloader. Errors that mean "the device
    /// reset under us" are not errors here; whether it worked is seen on the bus.
    fn touch_1200(&self, device: &DeviceId) -> Result<(), LinkError>;
    /// Blocks until the bus may have changed or `timeout` is over. True if something may have changed.
    fn wait_for_change(&self, timeout: Duration) -> bool;
    /// The clock these devices live by.
    fn clock(&self) -> &dyn Clock;
    /// True for the simulated bench: only for a badge, never for a decision.
    fn simulated(&self) -> bool {
        false
    }
    /// Lets a simulated bench see a whole job once on a copy of itself, in virtual time, so that a fault
    /// "at 40 % of the job" knows where 40 % is. Hardware does nothing.
    fn rehearse(&self, _job: &mut Rehearsal<'_>) {}
}

/// Told by drivers how many bytes have gone through since the last call, between blocks: the one place where a
/// transfer can be stopped. `Break` makes the driver finish its block, bring the device to rest and return its
/// `Cancelled` error.
pub type OnBytes<'a> = dyn FnMut(u64) -> ControlFlow<()> + 'a;

/// Control transfers to the DFU interface of one open device (class requests to interface 0).
pub trait DfuLink: Send {
    /// Device-to-host class request; returns how many bytes came.
    fn control_in(
        &mut self,
        request: u8,
        value: u16,
        buffer: &mut [u8],
        timeout: Duration,
    ) -> Result<usize, LinkError>;
    /// Host-to-device class request; all of `data` or an error.
    fn control_out(
        &mut self,
        request: u8,
        value: u16,
        data: &[u8],
        timeout: Duration,
    ) -> Result<(), LinkError>;
    /// `SET_INTERFACE` on interface 0.
    fn select_alt(&mut self, alt: u8) -> Result<(), LinkError>;
    /// The DFU functional descriptor as the device sent it (USB DFU 1.1 §4.1.3), unparsed.
    fn functional_descriptor(&self) -> &[u8];
    /// The alternate settings with their interface strings (the DfuSe memory layouts), unparsed.
    fn alt_settings(&self) -> &[AltSetting];
}

/// A byte stream to one open serial port.
pub trait SerialLink: Send {
    /// Writes all of `data` in one piece or fails.
    fn write(&mut self, data: &[u8], timeout: Duration) -> Result<(), LinkError>;
    /// Reads what is there, waiting at most `timeout` for the first byte. `Ok(0)` means nothing came.
    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> Result<usize, LinkError>;
}

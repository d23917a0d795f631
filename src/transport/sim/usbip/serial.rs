//! The serial port of Katapult and of running firmware: line settings, the 1200-baud touch, bytes. USB PSTN 1.2
//! §6.3; protocols.md §4.5 "1200-baud touch". What the bytes mean is the bench's business.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::device::Outcome;
use super::function::{Function, PATIENCE, outcome_of};
use super::setup::Setup;
use crate::transport::{DeviceId, Hardware, LinkError, SerialLink};

const SET_LINE_CODING: u8 = 0x20;
const GET_LINE_CODING: u8 = 0x21;
const SET_CONTROL_LINE_STATE: u8 = 0x22;
/// Bit 0 of wValue of SET_CONTROL_LINE_STATE.
const DTR: u16 = 1;
/// The speed that asks firmware for its bootloader.
const TOUCH_BAUD: u32 = 1200;
/// dwDTERate, bCharFormat, bParityType, bDataBits: 250000 8N1, Klipper's own.
const DEFAULT_CODING: [u8; 7] = [0x90, 0xd0, 0x03, 0x00, 0, 0, 8];

/// The bytes of a serial port, shared by the endpoints that carry them.
pub(super) struct Port {
    hardware: Arc<dyn Hardware>,
    device: DeviceId,
    link: Mutex<Option<Box<dyn SerialLink>>>,
}

impl Port {
    /// Opens the bench's port.
    pub(super) fn open(hardware: Arc<dyn Hardware>, device: DeviceId) -> Result<Self, LinkError> {
        let link = hardware.open_serial(&device)?;
        Ok(Self {
            hardware,
            device,
            link: Mutex::new(Some(link)),
        })
    }

    /// Bytes from the host. An outcome is given if they did not all arrive.
    pub(super) fn write(&self, data: &[u8]) -> Result<(), Outcome> {
        self.with(|link| link.write(data, PATIENCE))
    }

    /// Bytes for the host; none if none came in time.
    pub(super) fn read(&self, buffer: &mut [u8], wait: Duration) -> Result<usize, Outcome> {
        self.with(|link| link.read(buffer, wait))
    }

    fn with<T>(
        &self,
        transfer: impl FnOnce(&mut dyn SerialLink) -> Result<T, LinkError>,
    ) -> Result<T, Outcome> {
        match self.link().as_mut() {
            Some(link) => transfer(link.as_mut()).map_err(|error| outcome_of(&error)),
            None => Err(Outcome::Gone),
        }
    }

    /// Gives the device the touch. It may not care, then the port goes on.
    fn touch(&self) -> Outcome {
        let mut link = self.link();
        *link = None;
        if let Err(error) = self.hardware.touch_1200(&self.device) {
            return outcome_of(&error);
        }
        match self.hardware.open_serial(&self.device) {
            Ok(opened) => {
                *link = Some(opened);
                Outcome::Done
            }
            Err(_it_left) => Outcome::Gone,
        }
    }

    fn link(&self) -> MutexGuard<'_, Option<Box<dyn SerialLink>>> {
        self.link.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The control interface of a serial port.
pub(super) struct Serial {
    port: Arc<Port>,
    lines: Lines,
}

impl Serial {
    pub(super) fn new(port: Arc<Port>) -> Self {
        Self {
            port,
            lines: Lines::default(),
        }
    }

    fn finish(&self, touched: bool) -> Outcome {
        if touched {
            self.port.touch()
        } else {
            Outcome::Done
        }
    }
}

impl Function for Serial {
    fn class_in(&mut self, setup: &Setup) -> Outcome {
        match (setup.request, setup.index) {
            (GET_LINE_CODING, 0) => Outcome::Data(self.lines.coding.to_vec()),
            _ => Outcome::Stall,
        }
    }

    fn class_out(&mut self, setup: &Setup, data: &[u8]) -> Outcome {
        match (setup.request, setup.index, data) {
            (SET_LINE_CODING, 0, data) => match <[u8; 7]>::try_from(data) {
                Ok(coding) => {
                    let touched = self.lines.set_coding(coding);
                    self.finish(touched)
                }
                Err(_wrong_length) => Outcome::Stall,
            },
            (SET_CONTROL_LINE_STATE, 0, []) => {
                let touched = self.lines.set_dtr(setup.value & DTR != 0);
                self.finish(touched)
            }
            _ => Outcome::Stall,
        }
    }

    fn select_alt(&mut self, interface: u16, alt: u8) -> Outcome {
        match (interface, alt) {
            (0 | 1, 0) => Outcome::Done,
            _ => Outcome::Stall,
        }
    }
}

/// Line settings as the device keeps them.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Lines {
    coding: [u8; 7],
    dtr: bool,
}

impl Default for Lines {
    fn default() -> Self {
        Self {
            coding: DEFAULT_CODING,
            dtr: false,
        }
    }
}

impl Lines {
    /// True if that is a touch. The device looks before it stores what comes: a new speed alone is none
    /// (protocols.md §4.5).
    fn set_coding(&mut self, coding: [u8; 7]) -> bool {
        let touched = self.is_touch();
        self.coding = coding;
        touched
    }

    /// True if that is a touch.
    fn set_dtr(&mut self, dtr: bool) -> bool {
        self.dtr = dtr;
        self.is_touch()
    }

    fn is_touch(&self) -> bool {
        let [a, b, c, d, ..] = self.coding;
        u32::from_le_bytes([a, b, c, d]) == TOUCH_BAUD && !self.dtr
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT_1200: [u8; 7] = [0xb0, 0x04, 0, 0, 0, 0, 8];
    const AT_9600: [u8; 7] = [0x80, 0x25, 0, 0, 0, 0, 8];

    #[test]
    fn dropping_dtr_at_1200_baud_is_a_touch() {
        let mut lines = Lines::default();
        assert!(!lines.set_dtr(true));
        assert!(!lines.set_coding(AT_1200));
        assert!(!lines.set_dtr(true));
        assert!(lines.set_dtr(false));
    }

    #[test]
    fn other_speeds_are_none() {
        let mut lines = Lines::default();
        assert!(!lines.set_dtr(true));
        assert!(!lines.set_coding(AT_1200));
        assert!(!lines.set_coding(AT_9600));
        assert!(!lines.set_dtr(false));
    }

    /// It is evaluated before the new speed is stored: only the next request sees it.
    #[test]
    fn a_speed_set_without_dtr_counts_from_the_next_request_on() {
        let mut lines = Lines::default();
        assert!(!lines.set_coding(AT_1200));
        assert!(lines.set_coding(AT_1200));
    }
}

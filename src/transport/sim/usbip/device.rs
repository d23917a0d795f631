//! Endpoint 0 of a simulated device: standard requests here, class requests to its function. USB 2.0 §9.4.

use super::descriptor::Descriptors;
use super::function::Function;
use super::setup::{Kind, Recipient, Setup};

/// bRequest of USB 2.0 table 9-4.
const GET_STATUS: u8 = 0;
const CLEAR_FEATURE: u8 = 1;
const SET_ADDRESS: u8 = 5;
const GET_DESCRIPTOR: u8 = 6;
const GET_CONFIGURATION: u8 = 8;
const SET_CONFIGURATION: u8 = 9;
const GET_INTERFACE: u8 = 10;
const SET_INTERFACE: u8 = 11;

/// How a control transfer ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// These bytes are the answer.
    Data(Vec<u8>),
    /// It is done; there is nothing to say.
    Done,
    /// The device refuses.
    Stall,
    /// The device does not answer: the host has to give up.
    Silence,
    /// The device is gone.
    Gone,
}

/// A device that somebody has imported.
pub(super) struct Device {
    descriptors: Descriptors,
    function: Box<dyn Function>,
    configuration: u8,
    alt: u8,
}

impl Device {
    pub(super) fn new(descriptors: Descriptors, function: Box<dyn Function>) -> Self {
        Self {
            descriptors,
            function,
            configuration: 0,
            alt: 0,
        }
    }

    /// One control transfer: `data` is what the host sends along.
    pub(super) fn control(&mut self, setup: &Setup, data: &[u8]) -> Outcome {
        let outcome = match (setup.kind, setup.to_host) {
            (Kind::Standard, true) => self.standard_in(setup),
            (Kind::Standard, false) => self.standard_out(setup),
            (Kind::Class, true) if setup.recipient == Recipient::Interface => {
                self.function.class_in(setup)
            }
            (Kind::Class, false) if setup.recipient == Recipient::Interface => {
                self.function.class_out(setup, data)
            }
            _ => Outcome::Stall,
        };
        match outcome {
            Outcome::Data(mut bytes) => {
                bytes.truncate(usize::from(setup.length));
                Outcome::Data(bytes)
            }
            other => other,
        }
    }

    fn standard_in(&self, setup: &Setup) -> Outcome {
        let [index, kind] = setup.value.to_le_bytes();
        match (setup.request, setup.recipient) {
            (GET_DESCRIPTOR, Recipient::Device | Recipient::Interface) => self
                .descriptors
                .get(kind, index)
                .map_or(Outcome::Stall, Outcome::Data),
            // Self-powered; no remote wake-up.
            (GET_STATUS, Recipient::Device) => Outcome::Data(vec![1, 0]),
            (GET_STATUS, _) => Outcome::Data(vec![0, 0]),
            (GET_CONFIGURATION, Recipient::Device) => Outcome::Data(vec![self.configuration]),
            (GET_INTERFACE, Recipient::Interface) => {
                let alt = if setup.index == 0 { self.alt } else { 0 };
                Outcome::Data(vec![alt])
            }
            _ => Outcome::Stall,
        }
    }

    fn standard_out(&mut self, setup: &Setup) -> Outcome {
        let [value, _] = setup.value.to_le_bytes();
        match (setup.request, setup.recipient, setup.value) {
            (SET_CONFIGURATION, Recipient::Device, 0 | 1) => {
                self.configuration = value;
                self.alt = 0;
                Outcome::Done
            }
            (SET_INTERFACE, Recipient::Interface, 0..=0xff) => {
                let outcome = self.function.select_alt(setup.index, value);
                if outcome == Outcome::Done && setup.index == 0 {
                    self.alt = value;
                }
                outcome
            }
            // Endpoints never halt, so there is nothing to clear; the address is the host controller's business.
            (SET_ADDRESS, Recipient::Device, _) | (CLEAR_FEATURE, Recipient::Endpoint, 0) => {
                Outcome::Done
            }
            _ => Outcome::Stall,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::{Access, DeviceId, DeviceInfo, UsbIds};
    use proptest::prelude::*;

    /// Answers class requests with their own number.
    struct Echo;

    impl Function for Echo {
        fn class_in(&mut self, setup: &Setup) -> Outcome {
            Outcome::Data(vec![setup.request; 64])
        }
        fn class_out(&mut self, _setup: &Setup, data: &[u8]) -> Outcome {
            if data.is_empty() {
                Outcome::Stall
            } else {
                Outcome::Done
            }
        }
        fn select_alt(&mut self, interface: u16, alt: u8) -> Outcome {
            if interface == 0 && alt < 2 {
                Outcome::Done
            } else {
                Outcome::Stall
            }
        }
    }

    fn device() -> Device {
        let info = DeviceInfo {
            id: DeviceId("x".into()),
            location: None,
            ids: UsbIds {
                vendor: 0x0483,
                product: 0xdf11,
                bcd_device: 0x2200,
            },
            manufacturer: None,
            product: None,
            serial: None,
            port: None,
            alt_settings: Vec::new(),
            access: Access::Usable,
        };
        Device::new(Descriptors::dfu(&info, &[], &[]), Box::new(Echo))
    }

    fn ask(device: &mut Device, bytes: [u8; 8], data: &[u8]) -> Outcome {
        device.control(&Setup::parse(bytes), data)
    }

    #[test]
    fn descriptors_are_cut_to_what_was_asked_for() {
        let mut device = device();
        let Outcome::Data(bytes) = ask(&mut device, [0x80, 6, 0, 1, 0, 0, 8, 0], &[]) else {
            panic!("no descriptor");
        };
        assert_eq!(bytes.len(), 8);
        assert_eq!(
            ask(&mut device, [0x80, 6, 0, 6, 0, 0, 10, 0], &[]),
            Outcome::Stall
        );
    }

    #[test]
    fn configuration_and_setting_are_kept() {
        let mut device = device();
        let configuration = [0x80, 8, 0, 0, 0, 0, 1, 0];
        let setting = [0x81, 10, 0, 0, 0, 0, 1, 0];
        assert_eq!(ask(&mut device, configuration, &[]), Outcome::Data(vec![0]));
        assert_eq!(
            ask(&mut device, [0, 9, 1, 0, 0, 0, 0, 0], &[]),
            Outcome::Done
        );
        assert_eq!(
            ask(&mut device, [0, 9, 2, 0, 0, 0, 0, 0], &[]),
            Outcome::Stall
        );
        assert_eq!(ask(&mut device, configuration, &[]), Outcome::Data(vec![1]));
        assert_eq!(
            ask(&mut device, [1, 11, 1, 0, 0, 0, 0, 0], &[]),
            Outcome::Done
        );
        assert_eq!(
            ask(&mut device, [1, 11, 2, 0, 0, 0, 0, 0], &[]),
            Outcome::Stall
        );
        assert_eq!(ask(&mut device, setting, &[]), Outcome::Data(vec![1]));
    }

    #[test]
    fn class_requests_reach_the_function() {
        let mut device = device();
        let status = ask(&mut device, [0xa1, 3, 0, 0, 0, 0, 6, 0], &[]);
        assert_eq!(status, Outcome::Data(vec![3; 6]));
        assert_eq!(
            ask(&mut device, [0x21, 1, 2, 0, 0, 0, 1, 0], &[7]),
            Outcome::Done
        );
        // A class request to the device is for nobody, and so is a vendor's.
        for first in [0xa0, 0xc1, 0x41] {
            assert_eq!(
                ask(&mut device, [first, 3, 0, 0, 0, 0, 6, 0], &[]),
                Outcome::Stall
            );
        }
    }

    proptest! {
        #[test]
        fn no_request_panics(setup: [u8; 8], data: Vec<u8>) {
            let _any = ask(&mut device(), setup, &data);
        }
    }
}

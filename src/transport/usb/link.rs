//! Control transfers to interface 0 of one open device. Knows no DFU state.

use std::time::Duration;

use rusb::{Context, DeviceHandle};

use super::bus::OpenGuard;
use super::descriptor::{self, Description, Failure};
use super::error::{failure, link_error};
use crate::transport::{AltSetting, DfuLink, Doing, LinkError};

/// Class request to an interface, device to host and host to device (DFU 1.1 §3).
const CLASS_IN: u8 = 0xa1;
const CLASS_OUT: u8 = 0x21;
/// Standard request to the device and to an interface, device to host (USB 2.0 §9.3).
const STANDARD_IN: u8 = 0x80;
const STANDARD_INTERFACE_IN: u8 = 0x81;
const GET_DESCRIPTOR: u8 = 6;
/// ST's bootloaders have one interface.
pub(super) const INTERFACE: u8 = 0;
/// Ordinary control transfers (protocols.md §3.4).
const DESCRIPTOR_TIMEOUT: Duration = Duration::from_secs(1);

/// An open ST bootloader whose interface 0 is ours.
#[derive(Debug)]
pub struct UsbDfuLink {
    handle: DeviceHandle<Context>,
    description: Description,
    /// Keeps listings away from the device while the link lives.
    _open: OpenGuard,
}

impl UsbDfuLink {
    pub(super) fn new(
        handle: DeviceHandle<Context>,
        description: Description,
        open: OpenGuard,
    ) -> Self {
        Self {
            handle,
            description,
            _open: open,
        }
    }
}

/// libusb takes 0 for "for ever".
fn bounded(timeout: Duration) -> Duration {
    timeout.max(Duration::from_millis(1))
}

impl DfuLink for UsbDfuLink {
    fn control_in(
        &mut self,
        request: u8,
        value: u16,
        buffer: &mut [u8],
        timeout: Duration,
    ) -> Result<usize, LinkError> {
        self.handle
            .read_control(
                CLASS_IN,
                request,
                value,
                u16::from(INTERFACE),
                buffer,
                bounded(timeout),
            )
            .map_err(|error| link_error(error, Doing::Receiving))
    }

    fn control_out(
        &mut self,
        request: u8,
        value: u16,
        data: &[u8],
        timeout: Duration,
    ) -> Result<(), LinkError> {
        let sent = self
            .handle
            .write_control(
                CLASS_OUT,
                request,
                value,
                u16::from(INTERFACE),
                data,
                bounded(timeout),
            )
            .map_err(|error| link_error(error, Doing::Sending))?;
        if sent == data.len() {
            Ok(())
        } else {
            Err(
                LinkError::new(crate::transport::LinkErrorKind::Io, Doing::Sending)
                    .with_detail(format!("{sent} of {} bytes went out", data.len())),
            )
        }
    }

    fn select_alt(&mut self, alt: u8) -> Result<(), LinkError> {
        self.handle
            .set_alternate_setting(INTERFACE, alt)
            .map_err(|error| link_error(error, Doing::SelectingAlt))
    }

    fn functional_descriptor(&self) -> &[u8] {
        &self.description.functional
    }

    fn alt_settings(&self) -> &[AltSetting] {
        &self.description.alt_settings
    }
}

/// Descriptors straight from the device.
pub(super) struct Descriptors<'a>(pub(super) &'a DeviceHandle<Context>);

impl descriptor::Source for Descriptors<'_> {
    type Error = rusb::Error;

    fn failure(error: &rusb::Error) -> Failure {
        failure(*error)
    }

    fn get(
        &self,
        kind: u8,
        index: u8,
        language: u16,
        buffer: &mut [u8],
    ) -> Result<usize, rusb::Error> {
        let value = u16::from_be_bytes([kind, index]);
        self.0.read_control(
            STANDARD_IN,
            GET_DESCRIPTOR,
            value,
            language,
            buffer,
            DESCRIPTOR_TIMEOUT,
        )
    }

    fn get_from_interface(&self, kind: u8, buffer: &mut [u8]) -> Result<usize, rusb::Error> {
        let value = u16::from_be_bytes([kind, 0]);
        self.0.read_control(
            STANDARD_INTERFACE_IN,
            GET_DESCRIPTOR,
            value,
            u16::from(INTERFACE),
            buffer,
            DESCRIPTOR_TIMEOUT,
        )
    }
}

//! What travels before a device is imported: the list of devices, and the choice of one. Bytes to values and back;
//! the kernel's Documentation/usb/usbip_protocol.rst, "Message Format". All numbers are big-endian.

use thiserror::Error;

use crate::transport::UsbIds;

/// Version 1.1.1, the documented one.
const VERSION: u16 = 0x0111;
const REQ_DEVLIST: u16 = 0x8005;
const REP_DEVLIST: u16 = 0x0005;
const REQ_IMPORT: u16 = 0x8003;
const REP_IMPORT: u16 = 0x0003;
/// Sizes of the texts that name a device.
const PATH: usize = 256;
/// Size of a bus id, closed with a zero.
pub(super) const BUS_ID: usize = 32;
/// Requests start with this many bytes.
pub(super) const HEADER: usize = 8;
/// USB_SPEED_FULL of Linux's usb/ch9.h: 12 Mbit/s, as all our chips.
pub(super) const FULL_SPEED: u32 = 2;

/// A request that is none of the protocol's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(super) enum OpError {
    /// Another major version.
    #[error("USB/IP version {version:#06x} is not spoken here")]
    Version {
        /// The client's.
        version: u16,
    },
    /// An unknown request.
    #[error("there is no USB/IP request {code:#06x}")]
    UnknownRequest {
        /// What was sent.
        code: u16,
    },
}

/// What a client asks for first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Request {
    /// Which devices there are.
    DevList,
    /// One device, whose bus id follows in [`BUS_ID`] bytes.
    Import,
}

impl Request {
    /// Reads the start of a request.
    pub(super) fn parse(header: [u8; HEADER]) -> Result<Self, OpError> {
        let [v0, v1, c0, c1, ..] = header;
        let version = u16::from_be_bytes([v0, v1]);
        if version != VERSION {
            return Err(OpError::Version { version });
        }
        match u16::from_be_bytes([c0, c1]) {
            REQ_DEVLIST => Ok(Self::DevList),
            REQ_IMPORT => Ok(Self::Import),
            code => Err(OpError::UnknownRequest { code }),
        }
    }
}

/// The bus id of an import request. A text that is not one names no device.
pub(super) fn bus_id(field: &[u8; BUS_ID]) -> Option<&str> {
    let end = field.iter().position(|byte| *byte == 0)?;
    std::str::from_utf8(field.get(..end)?).ok()
}

/// Why a device cannot be had (`enum` in Linux's tools/usb/usbip/src/usbip_network.h).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub(super) enum Refusal {
    /// Somebody has it.
    Busy = 2,
    /// It does not work.
    Error = 3,
    /// It is not there.
    NoDevice = 4,
}

/// A device in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Exported {
    /// `1-1`.
    pub(super) bus_id: String,
    pub(super) bus: u32,
    pub(super) number: u32,
    pub(super) ids: UsbIds,
    /// bDeviceClass, bDeviceSubClass, bDeviceProtocol.
    pub(super) class: [u8; 3],
    /// bInterfaceClass, bInterfaceSubClass, bInterfaceProtocol of each interface.
    pub(super) interfaces: Vec<[u8; 3]>,
}

impl Exported {
    /// Names the device in URBs: bus and number in one word.
    #[cfg_attr(
        not(any(target_os = "linux", test)),
        expect(dead_code, reason = "only a kernel's own vhci is told")
    )]
    pub(super) fn device_word(&self) -> u32 {
        (self.bus << 16) | self.number
    }

    fn encode(&self) -> Vec<u8> {
        let mut bytes = field(
            &format!("/sys/devices/simulated/usb{}/{}", self.bus, self.bus_id),
            PATH,
        );
        bytes.extend(field(&self.bus_id, BUS_ID));
        for word in [self.bus, self.number, FULL_SPEED] {
            bytes.extend(word.to_be_bytes());
        }
        for word in [self.ids.vendor, self.ids.product, self.ids.bcd_device] {
            bytes.extend(word.to_be_bytes());
        }
        bytes.extend(self.class);
        let interfaces = u8::try_from(self.interfaces.len()).unwrap_or(u8::MAX);
        // bConfigurationValue, bNumConfigurations, bNumInterfaces.
        bytes.extend([1, 1, interfaces]);
        bytes
    }
}

/// The answer to [`Request::DevList`].
pub(super) fn device_list(devices: &[Exported]) -> Vec<u8> {
    let mut message = reply(REP_DEVLIST, 0);
    message.extend(
        u32::try_from(devices.len())
            .unwrap_or(u32::MAX)
            .to_be_bytes(),
    );
    for device in devices {
        message.extend(device.encode());
        for [class, subclass, protocol] in &device.interfaces {
            message.extend([*class, *subclass, *protocol, 0]);
        }
    }
    message
}

/// The answer to [`Request::Import`].
pub(super) fn imported(device: Result<&Exported, Refusal>) -> Vec<u8> {
    match device {
        Ok(device) => {
            let mut message = reply(REP_IMPORT, 0);
            message.extend(device.encode());
            message
        }
        Err(refusal) => reply(REP_IMPORT, refusal as u32),
    }
}

fn reply(code: u16, status: u32) -> Vec<u8> {
    let mut message = Vec::new();
    message.extend(VERSION.to_be_bytes());
    message.extend(code.to_be_bytes());
    message.extend(status.to_be_bytes());
    message
}

/// A text closed and filled up with zeros.
fn field(text: &str, size: usize) -> Vec<u8> {
    let mut bytes: Vec<u8> = text.bytes().take(size.saturating_sub(1)).collect();
    bytes.resize(size, 0);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rom() -> Exported {
        Exported {
            bus_id: "1-2".into(),
            bus: 1,
            number: 5,
            ids: UsbIds {
                vendor: 0x0483,
                product: 0xdf11,
                bcd_device: 0x2200,
            },
            class: [0, 0, 0],
            interfaces: vec![[0xfe, 1, 2]],
        }
    }

    /// Offsets are those of the tables in usbip_protocol.rst.
    #[test]
    fn the_list_has_the_documented_layout() {
        let empty = device_list(&[]);
        assert_eq!(empty, [0x01, 0x11, 0x00, 0x05, 0, 0, 0, 0, 0, 0, 0, 0]);
        let list = device_list(&[rom(), rom()]);
        assert_eq!(list[8..0xc], [0, 0, 0, 2]);
        assert!(list[0xc..].starts_with(b"/sys/devices/simulated/usb1/1-2\0"));
        assert!(list[0x10c..].starts_with(b"1-2\0"));
        assert_eq!(list[0x12c..0x130], [0, 0, 0, 1]);
        assert_eq!(list[0x130..0x134], [0, 0, 0, 5]);
        assert_eq!(list[0x134..0x138], [0, 0, 0, 2]);
        assert_eq!(list[0x138..0x13e], [0x04, 0x83, 0xdf, 0x11, 0x22, 0x00]);
        assert_eq!(list[0x13e..0x144], [0, 0, 0, 1, 1, 1]);
        assert_eq!(list[0x144..0x148], [0xfe, 1, 2, 0]);
        assert_eq!(list.len(), 0xc + 2 * (0x138 + 4));
    }

    #[test]
    fn an_import_has_the_documented_layout() {
        let message = imported(Ok(&rom()));
        assert_eq!(message[..8], [0x01, 0x11, 0x00, 0x03, 0, 0, 0, 0]);
        assert!(message[0x108..].starts_with(b"1-2\0"));
        assert_eq!(message[0x134..0x136], [0x04, 0x83]);
        assert_eq!(message[0x13d..], [1, 1, 1]);
        assert_eq!(message.len(), 0x140);
        assert_eq!(
            imported(Err(Refusal::NoDevice)),
            [0x01, 0x11, 0x00, 0x03, 0, 0, 0, 4]
        );
        assert_eq!(rom().device_word(), 0x0001_0005);
    }

    #[test]
    fn requests_are_read() {
        let request = |bytes| Request::parse(bytes);
        assert_eq!(
            request([0x01, 0x11, 0x80, 0x05, 0, 0, 0, 0]),
            Ok(Request::DevList)
        );
        assert_eq!(
            request([0x01, 0x11, 0x80, 0x03, 0, 0, 0, 0]),
            Ok(Request::Import)
        );
        assert_eq!(
            request([0x01, 0x06, 0x80, 0x03, 0, 0, 0, 0]),
            Err(OpError::Version { version: 0x0106 })
        );
        assert_eq!(
            request([0x01, 0x11, 0x00, 0x05, 0, 0, 0, 0]),
            Err(OpError::UnknownRequest { code: 5 })
        );
    }

    #[test]
    fn a_bus_id_ends_at_its_zero() {
        let mut field = [0_u8; BUS_ID];
        field[..3].copy_from_slice(b"1-2");
        assert_eq!(bus_id(&field), Some("1-2"));
        assert_eq!(bus_id(&[b'1'; BUS_ID]), None);
        assert_eq!(bus_id(&[0; BUS_ID]), Some(""));
        field[0] = 0xff;
        assert_eq!(bus_id(&field), None);
    }
}

//! What the chips say of themselves in descriptors. Values to bytes; USB 2.0 §9.6, DFU 1.1 §4.2, USB CDC 1.1 §5.2,
//! protocols.md §1.2, §1.4, §2.1 and §4.6. Knows no requests.

use crate::transport::{AltSetting, DeviceInfo, UsbIds};

/// bDescriptorType of USB 2.0 table 9-5.
const DEVICE: u8 = 1;
const CONFIGURATION: u8 = 2;
const STRING: u8 = 3;
const INTERFACE: u8 = 4;
const ENDPOINT: u8 = 5;
/// DFU 1.1 §4.1.3 and, with another meaning, CDC 1.1 §5.2.3.
const DFU_FUNCTIONAL: u8 = 0x21;
const CS_INTERFACE: u8 = 0x24;
/// English (United States), USB Language Identifiers.
const LANGUAGE: u16 = 0x0409;
/// Self-powered, and the bit that is always set (protocols.md §4.6).
const SELF_POWERED: u8 = 0xc0;
/// 100 mA in units of 2 mA.
const HUNDRED_MA: u8 = 50;
/// A string descriptor has an 8-bit length: two bytes of header and whole UTF-16 units.
const STRING_UNITS_MAX: usize = 126;

/// Indexes of the device's strings. Those of alternate settings follow.
const MANUFACTURER: u8 = 1;
const PRODUCT: u8 = 2;
const SERIAL: u8 = 3;
const FIRST_ALT: u8 = 4;

/// Class, subclass and protocol of the DFU interface: DFU 1.1 §4.2.3, mode "DFU".
pub(super) const DFU_CLASS: [u8; 3] = [0xfe, 1, 2];
/// The two interfaces of a serial port: CDC 1.1 §5.1.3.
pub(super) const CDC_CLASSES: [[u8; 3]; 2] = [[2, 2, 1], [0x0a, 0, 0]];
/// Device classes: by interface, and CDC.
pub(super) const BY_INTERFACE: [u8; 3] = [0, 0, 0];
/// CDC 1.1 §5.1.1.
pub(super) const CDC_DEVICE: [u8; 3] = [2, 0, 0];

/// Endpoints of Katapult and of the firmware (protocols.md §4.6).
pub(super) const BULK_IN: u32 = 1;
/// Bulk OUT.
pub(super) const BULK_OUT: u32 = 2;
/// Interrupt IN: nothing ever comes.
pub(super) const INTERRUPT_IN: u32 = 3;
/// Bytes of a bulk packet.
const BULK_PACKET: u8 = 64;
/// Bytes of a notification packet.
const INTERRUPT_PACKET: u8 = 8;

/// All descriptors of one device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Descriptors {
    device: Vec<u8>,
    configuration: Vec<u8>,
    /// Index and text.
    strings: Vec<(u8, String)>,
    dfu_functional: Vec<u8>,
}

impl Descriptors {
    /// A ROM bootloader.
    pub(super) fn dfu(info: &DeviceInfo, functional: &[u8], alts: &[AltSetting]) -> Self {
        let mut body = Vec::new();
        let mut strings = strings(info);
        for (index, alt) in (FIRST_ALT..).zip(alts) {
            body.extend(interface(0, alt.number, 0, DFU_CLASS, index));
            strings.push((index, alt.name.clone()));
        }
        // Behind the last setting, where libusb hangs it (protocols.md §1.2).
        body.extend_from_slice(functional);
        Self {
            // DFU 1.1 §4.2.1 asks for USB 1.0. The packets of endpoint 0 have 64 bytes (protocols.md §2.1).
            device: device(0x0100, BY_INTERFACE, 64, info.ids, info.product.is_some()),
            configuration: configuration(1, &body),
            strings,
            dfu_functional: functional.to_vec(),
        }
    }

    /// Katapult or firmware: a serial port.
    pub(super) fn serial(info: &DeviceInfo) -> Self {
        let [control, data] = CDC_CLASSES;
        let body = [
            interface(0, 0, 1, control, 0).as_slice(),
            // Header (CDC 1.1), ACM with line coding and control lines, and which interfaces belong together.
            &[5, CS_INTERFACE, 0, 0x10, 0x01],
            &[4, CS_INTERFACE, 2, 0x06],
            &[5, CS_INTERFACE, 6, 0, 1],
            &endpoint(0x83, 3, INTERRUPT_PACKET, 255),
            &interface(1, 0, 2, data, 0),
            &endpoint(0x02, 2, BULK_PACKET, 0),
            &endpoint(0x81, 2, BULK_PACKET, 0),
        ]
        .concat();
        let mut strings = strings(info);
        if info.product.is_none() {
            // Firmware up to 5.1.0 has a product string without characters (boards-and-firmware.md §1).
            strings.push((PRODUCT, String::new()));
        }
        Self {
            // The packets of endpoint 0 have 16 bytes (protocols.md §4.1).
            device: device(0x0200, CDC_DEVICE, 16, info.ids, true),
            configuration: configuration(2, &body),
            strings,
            dfu_functional: Vec::new(),
        }
    }

    /// GET_DESCRIPTOR: the whole descriptor, or nothing if there is none.
    pub(super) fn get(&self, kind: u8, index: u8) -> Option<Vec<u8>> {
        match (kind, index) {
            (DEVICE, 0) => Some(self.device.clone()),
            (CONFIGURATION, 0) => Some(self.configuration.clone()),
            (STRING, 0) => {
                let [low, high] = LANGUAGE.to_le_bytes();
                Some(vec![4, STRING, low, high])
            }
            (STRING, _) => {
                let (_, text) = self.strings.iter().find(|(known, _)| *known == index)?;
                Some(string(text))
            }
            (DFU_FUNCTIONAL, 0) if !self.dfu_functional.is_empty() => {
                Some(self.dfu_functional.clone())
            }
            _ => None,
        }
    }
}

fn strings(info: &DeviceInfo) -> Vec<(u8, String)> {
    let all = [
        (MANUFACTURER, &info.manufacturer),
        (PRODUCT, &info.product),
        (SERIAL, &info.serial),
    ];
    all.into_iter()
        .filter_map(|(index, text)| Some((index, text.clone()?)))
        .collect()
}

fn device(usb: u16, class: [u8; 3], packet: u8, ids: UsbIds, names_product: bool) -> Vec<u8> {
    let mut bytes = vec![18, DEVICE];
    bytes.extend(usb.to_le_bytes());
    bytes.extend(class);
    bytes.push(packet);
    for number in [ids.vendor, ids.product, ids.bcd_device] {
        bytes.extend(number.to_le_bytes());
    }
    let product = if names_product { PRODUCT } else { 0 };
    bytes.extend([MANUFACTURER, product, SERIAL, 1]);
    bytes
}

fn configuration(interfaces: u8, body: &[u8]) -> Vec<u8> {
    let total = u16::try_from(body.len().saturating_add(9)).unwrap_or(u16::MAX);
    let [low, high] = total.to_le_bytes();
    let mut bytes = vec![
        9,
        CONFIGURATION,
        low,
        high,
        interfaces,
        1,
        0,
        SELF_POWERED,
        HUNDRED_MA,
    ];
    bytes.extend_from_slice(body);
    bytes
}

fn interface(number: u8, alt: u8, endpoints: u8, class: [u8; 3], name: u8) -> [u8; 9] {
    let [class, subclass, protocol] = class;
    [
        9, INTERFACE, number, alt, endpoints, class, subclass, protocol, name,
    ]
}

fn endpoint(address: u8, kind: u8, packet: u8, interval: u8) -> [u8; 7] {
    [7, ENDPOINT, address, kind, packet, 0, interval]
}

fn string(text: &str) -> Vec<u8> {
    let units: Vec<u8> = text
        .encode_utf16()
        .take(STRING_UNITS_MAX)
        .flat_map(u16::to_le_bytes)
        .collect();
    let length = u8::try_from(units.len().saturating_add(2)).unwrap_or(u8::MAX);
    let mut bytes = vec![length, STRING];
    bytes.extend(units);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::{Access, DeviceId};

    fn info(vendor: u16, product: u16, name: Option<&str>) -> DeviceInfo {
        DeviceInfo {
            id: DeviceId("sim-0-1".into()),
            location: None,
            ids: UsbIds {
                vendor,
                product,
                bcd_device: 0x2200,
            },
            manufacturer: Some("STMicroelectronics".into()),
            product: name.map(str::to_owned),
            serial: Some("FFFFFFFEFFFF".into()),
            port: None,
            alt_settings: Vec::new(),
            access: Access::Usable,
        }
    }

    fn alts() -> Vec<AltSetting> {
        [
            (0, "@Internal Flash  /0x08000000/032*0001Kg"),
            (1, "@Option Bytes  /0x1FFFF800/01*016 e"),
        ]
        .map(|(number, name)| AltSetting {
            number,
            name: name.into(),
        })
        .into()
    }

    #[test]
    fn the_f042_rom_describes_itself() {
        let functional = [0x09, 0x21, 0x0b, 0xff, 0x00, 0x00, 0x08, 0x1a, 0x01];
        let rom = Descriptors::dfu(
            &info(0x0483, 0xdf11, Some("STM32  BOOTLOADER")),
            &functional,
            &alts(),
        );
        assert_eq!(
            rom.get(DEVICE, 0).unwrap(),
            [
                18, 1, 0x00, 0x01, 0, 0, 0, 64, 0x83, 0x04, 0x11, 0xdf, 0x00, 0x22, 1, 2, 3, 1
            ]
        );
        assert_eq!(
            rom.get(CONFIGURATION, 0).unwrap(),
            [
                9, 2, 36, 0, 1, 1, 0, 0xc0, 50, // configuration
                9, 4, 0, 0, 0, 0xfe, 1, 2, 4, // flash
                9, 4, 0, 1, 0, 0xfe, 1, 2, 5, // option bytes
                9, 0x21, 0x0b, 0xff, 0, 0, 8, 0x1a, 1, // DFU functional
            ]
        );
        let name = rom.get(STRING, 4).unwrap();
        assert_eq!(name.len(), usize::from(name[0]));
        assert!(name.starts_with(&[80, 3, b'@', 0, b'I', 0]));
        assert_eq!(rom.get(STRING, 0).unwrap(), [4, 3, 0x09, 0x04]);
        assert_eq!(rom.get(STRING, 6), None);
        assert_eq!(rom.get(DFU_FUNCTIONAL, 0).unwrap(), functional);
        // A full-speed device has no device qualifier: USB 2.0 §9.6.2.
        assert_eq!(rom.get(6, 0), None);
    }

    #[test]
    fn a_serial_port_describes_itself() {
        let port = Descriptors::serial(&info(0x1d50, 0x6177, Some("stm32f042x6")));
        let configuration = port.get(CONFIGURATION, 0).unwrap();
        assert_eq!(configuration.len(), 62);
        assert_eq!(configuration[2..5], [62, 0, 2]);
        let mut rest = configuration.as_slice();
        let mut endpoints = Vec::new();
        while let [length, kind, ..] = rest {
            if *kind == ENDPOINT {
                endpoints.push((rest[2], rest[3] & 3));
            }
            rest = &rest[usize::from(*length)..];
        }
        assert!(rest.is_empty());
        assert_eq!(endpoints, [(0x83, 3), (0x02, 2), (0x81, 2)]);
        assert_eq!(port.get(DEVICE, 0).unwrap()[4..8], [2, 0, 0, 16]);
        assert_eq!(port.get(DFU_FUNCTIONAL, 0), None);
    }

    #[test]
    fn old_firmware_has_an_empty_product_string() {
        let port = Descriptors::serial(&info(0x1d50, 0x614e, None));
        assert_eq!(port.get(DEVICE, 0).unwrap()[15], PRODUCT);
        assert_eq!(port.get(STRING, PRODUCT).unwrap(), [2, 3]);
    }

    #[test]
    fn long_strings_are_cut_to_whole_characters() {
        let cut = string(&"x".repeat(300));
        assert_eq!((cut[0], cut.len()), (254, 254));
    }
}

//! What a device on the bus is, from its numbers and strings alone.
//!
//! Never by VID:PID alone: every Klipper board is 1d50:614e, every Katapult 1d50:6177 and every STM32 in
//! its ROM bootloader 0483:df11 (boards-and-firmware.md §1 "USB identities").

use serde::{Deserialize, Serialize};

use super::Mcu;
use crate::dfu::layout::{DfuChip, identify_chip};
use crate::transport::DeviceInfo;

/// The mode a probe shows itself in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Running Cartographer firmware.
    Firmware,
    /// In the Katapult bootloader.
    Katapult,
    /// In the chip's ROM bootloader (DFU).
    RomDfu,
}

/// Why a device that looks like one of ours is not.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum StrangerKind {
    /// An STM32 in DFU mode whose layout strings are another chip's: a toolboard or a mainboard.
    OtherDfu,
    /// Another Klipper board.
    OtherKlipper,
    /// Another board's Katapult.
    OtherKatapult,
    /// A V1 probe: real, but flashed by copying a UF2 file.
    ProbeV1,
}

/// What a device is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum Sighting {
    /// A probe. `mcu` is missing when the device cannot be opened to be asked.
    Probe {
        /// The mode it is in.
        mode: Mode,
        /// The chip, if known.
        mcu: Option<Mcu>,
    },
    /// Something else that shares our numbers; shown, never offered.
    Stranger(StrangerKind),
    /// Not of interest.
    Unrelated,
}

const VID_ST: u16 = 0x0483;
const PID_ST_DFU: u16 = 0xdf11;
const VID_OPENMOKO: u16 = 0x1d50;
const PID_KLIPPER: u16 = 0x614e;
const PID_KATAPULT: u16 = 0x6177;
/// Hex digits of an STM32 unique id; RP2040 chip ids have 16.
const STM32_SERIAL_DIGITS: usize = 24;

/// Says what a device is.
pub fn recognise(device: &DeviceInfo) -> Sighting {
    match (device.ids.vendor, device.ids.product) {
        (VID_ST, PID_ST_DFU) => recognise_dfu(device),
        (VID_OPENMOKO, PID_KLIPPER) => recognise_klipper(device),
        (VID_OPENMOKO, PID_KATAPULT) => recognise_katapult(device),
        _ => Sighting::Unrelated,
    }
}

fn recognise_dfu(device: &DeviceInfo) -> Sighting {
    if device.alt_settings.is_empty() {
        // It cannot be asked, or did not answer. bcdDevice tells F0 from the others but not whose board it is.
        return Sighting::Probe {
            mode: Mode::RomDfu,
            mcu: None,
        };
    }
    let names: Vec<&str> = device
        .alt_settings
        .iter()
        .map(|alt| alt.name.as_str())
        .collect();
    match identify_chip(&names) {
        DfuChip::Known(mcu) => Sighting::Probe {
            mode: Mode::RomDfu,
            mcu: Some(mcu),
        },
        DfuChip::Other => Sighting::Stranger(StrangerKind::OtherDfu),
    }
}

fn recognise_klipper(device: &DeviceInfo) -> Sighting {
    let made_by_us = device
        .manufacturer
        .as_deref()
        .is_some_and(|m| m.trim().eq_ignore_ascii_case("cartographer"));
    if !made_by_us {
        return Sighting::Stranger(StrangerKind::OtherKlipper);
    }
    // The operating system may put the product id where firmware before 6.1.0 has an empty string.
    let product = device
        .product
        .as_deref()
        .map(str::trim)
        .filter(|p| !p.is_empty() && !p.eq_ignore_ascii_case("614e"));
    match product {
        Some(name) => match Mcu::from_klipper_name(name) {
            Some(mcu) => Sighting::Probe {
                mode: Mode::Firmware,
                mcu: Some(mcu),
            },
            None => Sighting::Stranger(StrangerKind::ProbeV1),
        },
        None if device
            .serial
            .as_deref()
            .is_some_and(|s| s.trim().len() == STM32_SERIAL_DIGITS) =>
        {
            Sighting::Probe {
                mode: Mode::Firmware,
                mcu: Some(Mcu::Stm32F042),
            }
        }
        None => Sighting::Stranger(StrangerKind::ProbeV1),
    }
}

fn recognise_katapult(device: &DeviceInfo) -> Sighting {
    match device.product.as_deref().and_then(Mcu::from_klipper_name) {
        Some(mcu) => Sighting::Probe {
            mode: Mode::Katapult,
            mcu: Some(mcu),
        },
        None => Sighting::Stranger(StrangerKind::OtherKatapult),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::{Access, DeviceId, UsbIds};

    #[test]
    fn a_bootloader_that_did_not_answer_is_not_called_a_stranger() {
        let mute = DeviceInfo {
            id: DeviceId("usb:1:4".into()),
            location: None,
            ids: UsbIds {
                vendor: VID_ST,
                product: PID_ST_DFU,
                bcd_device: 0x2200,
            },
            manufacturer: None,
            product: None,
            serial: None,
            port: None,
            alt_settings: Vec::new(),
            access: Access::Usable,
        };
        let unknown = Sighting::Probe {
            mode: Mode::RomDfu,
            mcu: None,
        };
        assert_eq!(recognise(&mute), unknown);
    }
}

//! How ST's ROM bootloaders present themselves: descriptors and strings, a source per row. Data only.

use super::silicon::Silicon;
use crate::board::Mcu;
use crate::transport::{AltSetting, UsbIds};

/// The serial number of every F042 in DFU mode (protocols.md §0.4).
const F042_SERIAL: &str = "FFFFFFFEFFFF";

/// Whose ROM it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RomKind {
    /// STM32F042x6: V2, V3.
    F042,
    /// STM32G431xB: V4, HT.
    G431,
    /// STM32G0B1: a toolboard, whose ROM gives one layout for all three settings (protocols.md §1.4).
    G0b1,
}

impl RomKind {
    pub(super) fn of(mcu: Mcu) -> Self {
        match mcu {
            Mcu::Stm32F042 => Self::F042,
            Mcu::Stm32G431 => Self::G431,
        }
    }

    /// Numbers of the device descriptor (protocols.md §1.4 "Observed").
    pub(super) fn ids(self) -> UsbIds {
        UsbIds {
            vendor: 0x0483,
            product: 0xdf11,
            bcd_device: match self {
                Self::F042 => 0x2200,
                Self::G431 | Self::G0b1 => 0x0200,
            },
        }
    }

    /// iProduct (protocols.md §2.1).
    pub(super) fn product(self) -> &'static str {
        match self {
            Self::F042 => "STM32  BOOTLOADER",
            Self::G431 | Self::G0b1 => "DFU in FS Mode",
        }
    }

    /// iSerialNumber.
    pub(super) fn serial(self, silicon: &Silicon) -> String {
        match self {
            Self::F042 => F042_SERIAL.to_owned(),
            Self::G431 | Self::G0b1 => silicon.rom_serial(),
        }
    }

    /// wTransferSize (protocols.md §0.5).
    pub(super) fn transfer_size(self) -> u16 {
        match self {
            Self::F042 => 2048,
            Self::G431 | Self::G0b1 => 1024,
        }
    }

    /// The DFU functional descriptor (protocols.md §1.2).
    pub(super) fn functional_descriptor(self) -> Vec<u8> {
        let [low, high] = self.transfer_size().to_le_bytes();
        vec![0x09, 0x21, 0x0b, 0xff, 0x00, low, high, 0x1a, 0x01]
    }

    /// The interface strings (protocols.md §1.4 "Observed").
    pub(super) fn alt_settings(self) -> Vec<AltSetting> {
        let names: &[&str] = match self {
            Self::F042 => &[
                "@Internal Flash  /0x08000000/032*0001Kg",
                "@Option Bytes  /0x1FFFF800/01*016 e",
            ],
            Self::G431 => &[
                "@Internal Flash   /0x08000000/64*02Kg",
                "@Option Bytes   /0x1FFF7800/01*040 e",
                "@OTP Memory   /0x1FFF7000/01*0001Ke",
            ],
            Self::G0b1 => &["@Internal Flash   /0x08000000/64*02Kg"; 3],
        };
        (0_u8..)
            .zip(names)
            .map(|(number, name)| AltSetting {
                number,
                name: (*name).to_owned(),
            })
            .collect()
    }
}

//! Supported boards: what they are made of and how they are recognised. Data, with a source per row; no I/O.

mod identity;

use serde::{Deserialize, Serialize};

pub use identity::{Mode, Sighting, StrangerKind, recognise};

/// Microcontrollers of the probes this program flashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Mcu {
    /// STM32F042x6: V2 and V3.
    #[serde(rename = "stm32f042x6")]
    Stm32F042,
    /// STM32G431xB: V4 and HT.
    #[serde(rename = "stm32g431xx")]
    Stm32G431,
}

impl Mcu {
    /// Every supported microcontroller.
    pub const ALL: [Self; 2] = [Self::Stm32F042, Self::Stm32G431];

    /// The name Klipper and Katapult report (`MCU` in the dictionary, CONNECT's MCU string).
    pub fn klipper_name(self) -> &'static str {
        match self {
            Self::Stm32F042 => "stm32f042x6",
            Self::Stm32G431 => "stm32g431xx",
        }
    }

    /// The chip with this Klipper name, in any letter case.
    pub fn from_klipper_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|mcu| mcu.klipper_name().eq_ignore_ascii_case(name.trim()))
    }

    /// The facts of this chip.
    pub fn chip(self) -> &'static Chip {
        match self {
            Self::Stm32F042 => &STM32F042,
            Self::Stm32G431 => &STM32G431,
        }
    }

    /// The chip as a person would write it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Stm32F042 => "STM32F042",
            Self::Stm32G431 => "STM32G431",
        }
    }

    /// The boards with this chip, as a person would write them.
    pub fn boards_label(self) -> &'static str {
        match self {
            Self::Stm32F042 => "Cartographer V2 or V3",
            Self::Stm32G431 => "Cartographer V4",
        }
    }
}

/// What the engines need to know of a chip.
#[derive(Debug, PartialEq, Eq)]
pub struct Chip {
    /// Which chip.
    pub mcu: Mcu,
    /// First byte of main flash. RM0091 §3.2.1, RM0440 §3.3.1.
    pub flash_base: u32,
    /// Bytes of main flash.
    pub flash_size: u32,
    /// Bytes of one erase page.
    pub page_size: u32,
    /// Where every official application is linked: behind 8 KiB of Katapult (boards-and-firmware.md §1).
    pub app_start: u32,
    /// The initial stack pointer of applications and deployers.
    pub app_stack: u32,
    /// The initial stack pointer of Katapult and so of combined images: 8 bytes are kept for its request.
    pub katapult_stack: u32,
    /// Address of the option bytes; byte 0 is RDP.
    pub option_bytes: u32,
    /// The chip starts its ROM bootloader at power-on while the first word of flash is blank
    /// ("empty check", AN2606 pattern 6): true for F042, false for G431.
    pub blank_returns_to_dfu: bool,
    /// Offset of Katapult's `CanBoot!` signature in a Katapult or combined image.
    pub katapult_signature_offset: u32,
    /// Typical time of one page erase in microseconds (protocols.md §2.5).
    pub page_erase_us: u64,
    /// Typical time to program one KiB in microseconds.
    pub program_kib_us: u64,
}

impl Chip {
    /// First address past main flash.
    pub fn flash_end(&self) -> u32 {
        self.flash_base.saturating_add(self.flash_size)
    }
}

/// STM32F042x6. Sources: protocols.md §2.1, §2.5; boards-and-firmware.md §1.
static STM32F042: Chip = Chip {
    mcu: Mcu::Stm32F042,
    flash_base: 0x0800_0000,
    flash_size: 32 * 1024,
    page_size: 1024,
    app_start: 0x0800_2000,
    app_stack: 0x2000_1800,
    katapult_stack: 0x2000_17f8,
    option_bytes: 0x1fff_f800,
    blank_returns_to_dfu: true,
    katapult_signature_offset: 0xc0,
    page_erase_us: 30_000,
    program_kib_us: 27_392,
};

/// STM32G431xB. Sources: protocols.md §2.1, §2.5; boards-and-firmware.md §1.
static STM32G431: Chip = Chip {
    mcu: Mcu::Stm32G431,
    flash_base: 0x0800_0000,
    flash_size: 128 * 1024,
    page_size: 2048,
    app_start: 0x0800_2000,
    app_stack: 0x2000_8000,
    katapult_stack: 0x2000_7ff8,
    option_bytes: 0x1fff_7800,
    blank_returns_to_dfu: false,
    katapult_signature_offset: 0x98,
    page_erase_us: 22_000,
    program_kib_us: 10_458,
};

/// Probe generations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Model {
    /// RP2040 with a UF2 bootloader; recognised, not flashed by this program.
    V1,
    /// STM32F042, USB or CAN fixed by resistors.
    V2,
    /// STM32F042, USB or CAN by firmware.
    V3,
    /// STM32G431.
    V4,
    /// STM32G431 on another board.
    Ht,
}

impl Model {
    /// Short name, `V3`.
    pub fn label(self) -> &'static str {
        match self {
            Self::V1 => "V1",
            Self::V2 => "V2",
            Self::V3 => "V3",
            Self::V4 => "V4",
            Self::Ht => "HT",
        }
    }

    /// The chip, unless it is V1's RP2040.
    pub fn mcu(self) -> Option<Mcu> {
        match self {
            Self::V1 => None,
            Self::V2 | Self::V3 => Some(Mcu::Stm32F042),
            Self::V4 | Self::Ht => Some(Mcu::Stm32G431),
        }
    }
}

/// How a running firmware talks to the printer. Fixed when it was built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "kind")]
pub enum Transport {
    /// USB.
    Usb,
    /// CAN at this bitrate.
    Can {
        /// Bits per second: 1000000, 500000 or 250000 in official images.
        bitrate: u32,
    },
}

impl std::fmt::Display for Transport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Usb => f.write_str("USB"),
            Self::Can { bitrate } if bitrate % 1_000_000 == 0 => {
                write!(f, "CAN {} Mbit/s", bitrate / 1_000_000)
            }
            Self::Can { bitrate } => write!(f, "CAN {} kbit/s", bitrate / 1000),
        }
    }
}

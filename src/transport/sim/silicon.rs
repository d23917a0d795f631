//! One microcontroller: its flash, its option bytes, its unique number and what it can read. Knows the chip's
//! manual; not which program runs.

use super::flash::{FlashArray, index};
use crate::board::{Chip, Mcu};

/// Level 0 in the RDP option byte (RM0091 §4.1.1, RM0440 §3.4.2, protocols.md §2.1).
const RDP_LEVEL_0: u8 = 0xaa;
/// Level 2 in the RDP option byte.
const RDP_LEVEL_2: u8 = 0xcc;
/// Any other value is level 1; this one is what ST's tools write.
const RDP_LEVEL_1: u8 = 0xbb;
/// First byte of the G431's one-time programmable area (protocols.md §1.4).
const G431_OTP: u32 = 0x1fff_7000;
const G431_OTP_SIZE: usize = 1024;
/// First byte of RAM.
const RAM: u32 = 0x2000_0000;
/// Factory OPTR of a G431 (protocols.md §2.1).
const G431_OPTR: u32 = 0xffef_f8aa;

/// Read protection (RDP).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Protection {
    /// None.
    #[default]
    Level0,
    /// Reading and writing by a bootloader are refused.
    Level1,
    /// As level 1, but erases and writes are acknowledged and dropped (protocols.md §2.3, seen on a U5).
    Level1Silent,
    /// For ever.
    Level2,
}

impl Protection {
    pub(super) fn is_on(self) -> bool {
        self != Self::Level0
    }
}

/// One chip.
#[derive(Debug, Clone)]
pub(super) struct Silicon {
    /// The facts of its kind.
    pub(super) chip: &'static Chip,
    /// Main flash.
    pub(super) flash: FlashArray,
    /// Read protection.
    pub(super) protection: Protection,
    /// The unique number.
    pub(super) uid: [u8; 12],
    /// Its place on the bench, for the log.
    pub(super) probe: usize,
}

impl Silicon {
    /// A chip with erased flash.
    pub(super) fn new(chip: &'static Chip, uid: [u8; 12], probe: usize) -> Self {
        Self {
            chip,
            flash: FlashArray::new(chip),
            protection: Protection::Level0,
            uid,
            probe,
        }
    }

    /// The serial number that firmware and Katapult show: the unique number in upper-case hex (protocols.md §4.6).
    pub(super) fn usb_serial(&self) -> String {
        hex(&self.uid)
    }

    /// The serial number that the ROM bootloader of a G431 shows (boards-and-firmware.md §1 "DFU serial").
    pub(super) fn rom_serial(&self) -> String {
        let uid = u128::from_le_bytes({
            let mut bytes = [0; 16];
            for (to, from) in bytes.iter_mut().zip(self.uid) {
                *to = from;
            }
            bytes
        });
        let sum = (uid & 0xffff_ffff) + (uid >> 64);
        format!("{:08X}{:04X}", sum & 0xffff_ffff, (uid >> 48) & 0xffff)
    }

    /// The option bytes as the chip shows them.
    pub(super) fn option_bytes(&self) -> Vec<u8> {
        let rdp = match self.protection {
            Protection::Level0 => RDP_LEVEL_0,
            Protection::Level1 | Protection::Level1Silent => RDP_LEVEL_1,
            Protection::Level2 => RDP_LEVEL_2,
        };
        match self.chip.mcu {
            Mcu::Stm32F042 => self.f042_option_bytes(rdp),
            Mcu::Stm32G431 => g431_option_bytes(rdp),
        }
    }

    /// RDP, user, data and write-protection bytes, each with its complement (RM0091 §4, 16 bytes).
    fn f042_option_bytes(&self, rdp: u8) -> Vec<u8> {
        let mut sectors = 0xffff_ffff_u32;
        for page in self.flash.protected_pages() {
            sectors &= !(1_u32.checked_shl(page / 4).unwrap_or(0));
        }
        let [wrp0, wrp1, wrp2, wrp3] = sectors.to_le_bytes();
        [rdp, 0xff, 0xff, 0xff, wrp0, wrp1, wrp2, wrp3]
            .into_iter()
            .flat_map(|byte| [byte, !byte])
            .collect()
    }

    /// One-time programmable memory, where the chip has one.
    pub(super) fn otp() -> Vec<u8> {
        vec![0xff; G431_OTP_SIZE]
    }

    /// First address of [`Self::otp`].
    pub(super) fn otp_address() -> u32 {
        G431_OTP
    }

    /// What the processor reads there; `None` is a fault.
    pub(super) fn read_memory(&self, address: u32, length: usize) -> Option<Vec<u8>> {
        if let Some(cells) = self.flash.read(address, length) {
            return Some(cells.to_vec());
        }
        let (uid_address, ram_size) = match self.chip.mcu {
            // protocols.md §4.4 and the head of that file.
            Mcu::Stm32F042 => (0x1fff_f7ac_u32, 6 * 1024),
            Mcu::Stm32G431 => (0x1fff_7590_u32, 32 * 1024),
        };
        if address == uid_address && length <= 64 {
            let mut bytes = self.uid.to_vec();
            bytes.resize(length, 0xff);
            return Some(bytes);
        }
        let ram_offset = index(address.checked_sub(RAM)?);
        (ram_offset.checked_add(length)? <= ram_size).then(|| vec![0; length])
    }
}

/// OPTR and its neighbors, each word with its complement (RM0440 §3.4.1, 40 bytes).
fn g431_option_bytes(rdp: u8) -> Vec<u8> {
    let optr = (G431_OPTR & 0xffff_ff00) | u32::from(rdp);
    [optr, 0xffff_ffff, 0xff00_ffff, 0xff00_ffff, 0xff00_ffff]
        .into_iter()
        .flat_map(|word: u32| [word, !word])
        .flat_map(u32::to_le_bytes)
        .collect()
}

/// Bytes as upper-case hex.
fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _written = write!(text, "{byte:02X}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn silicon(mcu: Mcu) -> Silicon {
        let uid = [
            0x06, 0x00, 0x12, 0x00, 0x16, 0x43, 0x56, 0x55, 0x37, 0x35, 0x30, 0x20,
        ];
        Silicon::new(mcu.chip(), uid, 0)
    }

    #[test]
    fn serials_follow_the_unique_number() {
        let chip = silicon(Mcu::Stm32G431);
        assert_eq!(chip.usb_serial(), "060012001643565537353020");
        // w0 = 00120006, w1 = 55564316, w2 = 20303537: sum 2042353D, top half of w1 5556.
        assert_eq!(chip.rom_serial(), "2042353D5556");
    }

    #[test]
    fn option_bytes_show_the_protection() {
        for (mcu, size) in [(Mcu::Stm32F042, 16), (Mcu::Stm32G431, 40)] {
            let mut chip = silicon(mcu);
            assert_eq!(chip.option_bytes().len(), size);
            assert_eq!(chip.option_bytes()[0], 0xaa);
            chip.protection = Protection::Level1;
            assert!(![0xaa, 0xcc].contains(&chip.option_bytes()[0]));
            chip.protection = Protection::Level2;
            assert_eq!(chip.option_bytes()[0], 0xcc);
        }
        let mut f042 = silicon(Mcu::Stm32F042);
        assert_eq!(f042.option_bytes()[1], 0x55);
        f042.flash.protect(5);
        assert_eq!(f042.option_bytes()[8], 0b1111_1101);
    }

    #[test]
    fn nothing_is_read_where_nothing_is() {
        let chip = silicon(Mcu::Stm32F042);
        assert_eq!(chip.read_memory(0x0800_7fc0, 64).unwrap().len(), 64);
        assert_eq!(chip.read_memory(0x0800_7fc4, 64), None);
        assert_eq!(chip.read_memory(0x0800_8000, 64), None);
        assert_eq!(chip.read_memory(0xffff_ffff, 64), None);
        assert_eq!(chip.read_memory(0x1fff_f7ac, 64).unwrap()[..12], chip.uid);
        assert!(chip.read_memory(0x2000_0000, 64).is_some());
        assert_eq!(chip.read_memory(0x2000_17fc, 64), None);
    }
}

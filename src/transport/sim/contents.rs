//! What the probes of a bench hold when it starts. Data made from practice images; no devices.

use super::boot::word;
use super::flash::index;
use super::practice;
use crate::board::{Chip, Mcu, Transport};

/// The signature of the bench's own bootloader that is not Katapult: it starts the application and that is all.
pub(super) const PLAIN_BOOTLOADER: &[u8; 8] = b"PlainJmp";

/// Which bootloader is in front of the application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bootloader {
    /// Katapult.
    Katapult(Transport),
    /// Something else that starts the application: the touch then finds no Katapult.
    Plain,
}

/// The bootloader's bytes, without the gap behind them.
pub(super) fn bootloader(mcu: Mcu, which: Bootloader) -> Vec<u8> {
    match which {
        Bootloader::Katapult(transport) => practice::katapult(mcu, transport),
        Bootloader::Plain => {
            let mut image = practice::katapult(mcu, Transport::Usb);
            let offset = index(mcu.chip().katapult_signature_offset);
            for (byte, letter) in image.iter_mut().skip(offset).zip(PLAIN_BOOTLOADER) {
                *byte = *letter;
            }
            image
        }
    }
}

/// Where an image given by the user belongs: behind the bootloader if it was linked there, else at the start.
pub(super) fn place_of(chip: &Chip, image: &[u8]) -> u32 {
    let is_app = word(image, 0) == Some(chip.app_stack)
        && word(image, 4).is_some_and(|entry| entry >= chip.app_start);
    if is_app {
        chip.app_start
    } else {
        chip.flash_base
    }
}

/// True for builds that show no product name on USB: the F042's before 6.1.0 (boards-and-firmware.md §1).
pub(super) fn hides_product(mcu: Mcu, version: &str) -> bool {
    mcu == Mcu::Stm32F042 && release(version).is_some_and(|release| release < (6, 1))
}

/// Major and minor number in a free-form version text.
fn release(version: &str) -> Option<(u32, u32)> {
    version.split_whitespace().find_map(|token| {
        let (major, rest) = token.split_once('.')?;
        let minor = rest.split('.').next()?;
        Some((major.parse().ok()?, minor.parse().ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_product_name_came_with_6_1() {
        for (version, hidden) in [
            ("CARTOGRAPHER K1 5.1.0", true),
            ("Cartographer 4.0.0", true),
            ("CARTOGRAPHER V3 6.0.0", true),
            ("CARTOGRAPHER V3 6.1.0 lite", false),
            ("CARTOGRAPHER V3 10.0.0", false),
            ("CARTOGRAPHER V3", false),
        ] {
            assert_eq!(hides_product(Mcu::Stm32F042, version), hidden, "{version}");
            assert!(!hides_product(Mcu::Stm32G431, version));
        }
    }

    #[test]
    fn images_find_their_place() {
        for mcu in Mcu::ALL {
            let chip = mcu.chip();
            let app = practice::app(mcu, Transport::Usb, "v");
            assert_eq!(place_of(chip, &app), chip.app_start);
            let combined = practice::combined(mcu, Transport::Usb, "v");
            assert_eq!(place_of(chip, &combined), chip.flash_base);
        }
    }
}

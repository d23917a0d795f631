//! The boot table, row by row.

use super::*;
use crate::board::Mcu;
use crate::transport::sim::contents::{Bootloader, bootloader};

type Parts<'a> = &'a [(u32, &'a [u8])];

const CAN: Transport = Transport::Can { bitrate: 500_000 };
const VERSION: &str = "CARTOGRAPHER V9 6.1.0";

/// A flash with these images at these addresses.
fn flash(mcu: Mcu, parts: &[(u32, &[u8])]) -> Vec<u8> {
    let chip = mcu.chip();
    let mut cells = vec![ERASED; index(chip.flash_size)];
    for (address, bytes) in parts {
        let offset = index(address - chip.flash_base);
        cells[offset..offset + bytes.len()].copy_from_slice(bytes);
    }
    cells
}

fn power_on(mcu: Mcu, cells: &[u8]) -> Boots {
    started(mcu, cells, Cause::PowerOn, false)
}

fn started(mcu: Mcu, cells: &[u8], cause: Cause, boot0: bool) -> Boots {
    decide(
        mcu.chip(),
        cells,
        Start {
            cause,
            boot0,
            blank_at_power_on: false,
        },
    )
}

fn app(transport: Transport) -> Boots {
    Boots::App {
        transport: Some(transport),
        version: Some(VERSION.to_owned()),
    }
}

/// The boot table: what each kind of contents starts at power-on.
#[test]
fn contents_decide_what_starts() {
    for mcu in Mcu::ALL {
        let chip = mcu.chip();
        let (base, behind) = (chip.flash_base, chip.app_start);
        let usb = practice::combined(mcu, Transport::Usb, VERSION);
        let can = practice::combined(mcu, CAN, VERSION);
        let usb_app = practice::app(mcu, Transport::Usb, VERSION);
        let katapult = practice::katapult(mcu, Transport::Usb);
        let katapult_can = practice::katapult(mcu, CAN);
        let plain = bootloader(mcu, Bootloader::Plain);
        let mut invalid = usb.clone();
        invalid[0x2000..0x2004].fill(0);
        let other = match mcu {
            Mcu::Stm32F042 => Mcu::Stm32G431,
            Mcu::Stm32G431 => Mcu::Stm32F042,
        };
        let foreign = practice::combined(other, Transport::Usb, VERSION);
        let foreign = &foreign[..foreign.len().min(index(chip.flash_size))];
        let foreign_app = practice::app(other, Transport::Usb, VERSION);
        let foreign_app = &foreign_app[..20_000];
        let blank = if mcu == Mcu::Stm32F042 {
            Boots::RomDfu
        } else {
            Boots::Dead
        };
        let table: [(&str, Parts<'_>, Boots); 13] = [
            ("blank", &[], blank.clone()),
            ("only an app", &[(behind, &usb_app)], blank),
            ("usb", &[(base, &usb)], app(Transport::Usb)),
            ("can", &[(base, &can)], app(CAN)),
            ("katapult alone", &[(base, &katapult)], Boots::KatapultUsb),
            (
                "can katapult alone",
                &[(base, &katapult_can)],
                Boots::KatapultCan,
            ),
            ("first word 0", &[(base, &invalid)], Boots::KatapultUsb),
            (
                "can katapult, usb app",
                &[(base, &katapult_can), (behind, &usb_app)],
                app(Transport::Usb),
            ),
            (
                "another bootloader",
                &[(base, &plain), (behind, &usb_app)],
                app(Transport::Usb),
            ),
            ("another bootloader alone", &[(base, &plain)], Boots::Dead),
            ("app at the start", &[(base, &usb_app)], Boots::Dead),
            ("the other chip's", &[(base, foreign)], Boots::Dead),
            (
                "the other chip's app",
                &[(base, &katapult), (behind, foreign_app)],
                Boots::Dead,
            ),
        ];
        for (what, parts, expected) in table {
            assert_eq!(
                power_on(mcu, &flash(mcu, parts)),
                expected,
                "{mcu:?} {what}"
            );
        }
    }
}

#[test]
fn boot0_and_software_lead_into_rom() {
    for mcu in Mcu::ALL {
        let cells = flash(
            mcu,
            &[(0x0800_0000, &practice::combined(mcu, CAN, VERSION))],
        );
        for cause in [Cause::PowerOn, Cause::Reset, Cause::ResetIntoKatapult] {
            assert_eq!(started(mcu, &cells, cause, true), Boots::RomDfu);
        }
        assert_eq!(started(mcu, &cells, Cause::IntoRom, false), Boots::RomDfu);
        assert_eq!(started(mcu, &cells, Cause::Reset, false), app(CAN));
    }
}

#[test]
fn a_double_reset_stays_in_katapult() {
    for mcu in Mcu::ALL {
        let cells = flash(
            mcu,
            &[(
                0x0800_0000,
                &practice::combined(mcu, Transport::Usb, VERSION),
            )],
        );
        assert_eq!(
            started(mcu, &cells, Cause::ResetIntoKatapult, false),
            Boots::KatapultUsb
        );
    }
}

/// The F042 remembers from power-on whether flash was blank.
#[test]
fn the_empty_check_is_made_when_power_comes() {
    let mcu = Mcu::Stm32F042;
    let blank = flash(mcu, &[]);
    let full = flash(
        mcu,
        &[(
            0x0800_0000,
            &practice::combined(mcu, Transport::Usb, VERSION),
        )],
    );
    for (cells, blank_at_power_on, expected) in [
        (&blank, true, Boots::RomDfu),
        (&blank, false, Boots::Dead),
        (&full, true, app(Transport::Usb)),
        (&full, false, app(Transport::Usb)),
    ] {
        let start = Start {
            cause: Cause::Reset,
            boot0: false,
            blank_at_power_on,
        };
        assert_eq!(decide(mcu.chip(), cells, start), expected);
    }
}

#[test]
fn leave_jumps_to_what_is_there() {
    for mcu in Mcu::ALL {
        let chip = mcu.chip();
        let full = flash(
            mcu,
            &[(
                chip.flash_base,
                &practice::combined(mcu, Transport::Usb, VERSION),
            )],
        );
        let alone = flash(
            mcu,
            &[(chip.flash_base, &practice::katapult(mcu, Transport::Usb))],
        );
        let blank = flash(mcu, &[]);
        let base = Cause::Jump(chip.flash_base);
        assert_eq!(started(mcu, &full, base, false), app(Transport::Usb));
        // Katapult resets at once, and BOOT0 counts again.
        assert_eq!(started(mcu, &full, base, true), Boots::RomDfu);
        let behind = Cause::Jump(chip.app_start);
        assert_eq!(started(mcu, &full, behind, false), app(Transport::Usb));
        assert_eq!(
            started(mcu, &alone, base, false),
            if mcu == Mcu::Stm32F042 {
                Boots::Dead
            } else {
                Boots::KatapultUsb
            }
        );
        assert_eq!(started(mcu, &blank, base, false), Boots::Dead);
        let nowhere = Cause::Jump(0x2000_0000);
        assert_eq!(started(mcu, &full, nowhere, false), Boots::Dead);
    }
}

#[test]
fn incomplete_code_is_found_out() {
    for mcu in Mcu::ALL {
        let chip = mcu.chip();
        let image = practice::combined(mcu, Transport::Usb, VERSION);
        let app = practice::app(mcu, Transport::Usb, VERSION);
        let katapult = practice::katapult(mcu, Transport::Usb);
        let full = flash(mcu, &[(chip.flash_base, &image)]);
        assert!(!is_incomplete(chip, &full, &[&image]));
        assert!(!is_incomplete(chip, &full, &[&app, &katapult]));
        assert!(is_incomplete(chip, &full, &[&app]), "unknown bootloader");
        assert!(is_incomplete(chip, &full, &[&katapult]), "unknown app");

        let mut torn = full.clone();
        torn[0x4000..0x4400].fill(ERASED);
        assert!(is_incomplete(chip, &torn, &[&image]), "torn app");
        torn[0x2000..0x2004].fill(0);
        assert!(!is_incomplete(chip, &torn, &[&image]), "invalid first word");

        let mut torn = full.clone();
        torn[0x800..0xc00].fill(ERASED);
        assert!(is_incomplete(chip, &torn, &[&image]), "torn bootloader");
        torn[..4].fill(ERASED);
        assert!(!is_incomplete(chip, &torn, &[&image]), "blank first word");
    }
}

proptest::proptest! {
    #[test]
    fn any_flash_has_an_answer(cells in proptest::collection::vec(proptest::num::u8::ANY, 0..9000)) {
        for mcu in Mcu::ALL {
            let _boots = power_on(mcu, &cells);
            let _incomplete = is_incomplete(mcu.chip(), &cells, &[&cells]);
        }
    }
}

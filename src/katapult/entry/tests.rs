use super::*;
use crate::transport::{Access, AltSetting, DeviceId, Location, UsbIds};

const SERIAL: &str = "0C004A0014504B5735313920";
const OTHER_SERIAL: &str = "060012001643565537353020";
const F042_LAYOUT: [&str; 2] = [
    "@Internal Flash  /0x08000000/032*0001Kg",
    "@Option Bytes  /0x1FFFF800/01*016 e",
];
const G431_LAYOUT: [&str; 3] = [
    "@Internal Flash   /0x08000000/64*02Kg",
    "@Option Bytes   /0x1FFF7800/01*40Be",
    "@OTP Memory   /0x1FFF7000/01*01Ke",
];
const G0B1_LAYOUT: [&str; 3] = [
    "@Internal Flash   /0x08000000/64*02Kg",
    "@Internal Flash   /0x08000000/64*02Kg",
    "@Internal Flash   /0x08000000/64*02Kg",
];
const V3: &str = "stm32f042x6";
const V4: &str = "stm32g431xx";

fn device(ids: (u16, u16), location: Option<&str>, serial: Option<&str>) -> DeviceInfo {
    DeviceInfo {
        id: DeviceId(format!("{ids:?} {location:?} {serial:?}")),
        location: location.map(|l| Location(l.into())),
        ids: UsbIds {
            vendor: ids.0,
            product: ids.1,
            bcd_device: 0,
        },
        manufacturer: None,
        product: None,
        serial: serial.map(Into::into),
        port: None,
        alt_settings: vec![],
        access: Access::Usable,
    }
}

fn firmware(mcu: &str, location: Option<&str>, serial: Option<&str>) -> DeviceInfo {
    DeviceInfo {
        manufacturer: Some("Cartographer".into()),
        product: Some(mcu.into()),
        ..device((0x1d50, 0x614e), location, serial)
    }
}

fn katapult(mcu: &str, location: Option<&str>, serial: Option<&str>) -> DeviceInfo {
    DeviceInfo {
        manufacturer: Some("katapult".into()),
        product: Some(mcu.into()),
        ..device((0x1d50, 0x6177), location, serial)
    }
}

fn dfu(layout: &[&str], location: Option<&str>, serial: Option<&str>) -> DeviceInfo {
    let alt_settings = (0..).zip(layout).map(|(number, name)| AltSetting {
        number,
        name: (*name).into(),
    });
    DeviceInfo {
        alt_settings: alt_settings.collect(),
        ..device((0x0483, 0xdf11), location, serial)
    }
}

const HERE: Option<&str> = Some("1-2.4");
const THERE: Option<&str> = Some("1-3");

#[test]
fn rom_serial_formula() {
    // Words 004A000C, 574B5014, 20393135: computed apart.
    assert_eq!(rom_dfu_serial(SERIAL).as_deref(), Some("20833141574B"));
    assert_eq!(rom_dfu_serial("FFFFFFFEFFFF"), None);
}

#[test]
fn the_socket_finds_it_in_every_mode() {
    let before = firmware(V4, HERE, Some(SERIAL));
    let bystanders = [
        katapult(V4, THERE, Some(OTHER_SERIAL)),
        dfu(&G431_LAYOUT, THERE, Some("123456789ABC")),
        firmware(V3, Some("1-1"), Some("140032000E4330394D363620")),
    ];
    let cases = [
        (
            katapult(V4, HERE, Some(SERIAL)),
            FoundAgain::Katapult as fn(_) -> _,
        ),
        (katapult(V4, HERE, None), FoundAgain::Katapult),
        // The formula may not hold for every ROM: the socket is enough.
        (
            dfu(&G431_LAYOUT, HERE, Some("ABCDEF012345")),
            FoundAgain::RomDfu,
        ),
        (firmware(V4, HERE, Some(SERIAL)), FoundAgain::StillFirmware),
    ];
    for (came, found) in cases {
        let mut now = bystanders.to_vec();
        now.push(came.clone());
        assert_eq!(find_again(&before, &now), found(came));
    }
    assert_eq!(find_again(&before, &bystanders), FoundAgain::NotYet);
    assert_eq!(find_again(&before, &[]), FoundAgain::NotYet);
}

#[test]
fn the_serial_finds_it_where_sockets_are_not_told_or_changed() {
    for (was, is) in [(None, None), (HERE, None), (None, HERE), (HERE, THERE)] {
        let before = firmware(V4, was, Some(SERIAL));
        let came = katapult(V4, is, Some("0c004a0014504b5735313920"));
        let other = katapult(V4, is, Some(OTHER_SERIAL));
        let now = [other.clone(), came.clone()];
        assert_eq!(find_again(&before, &now), FoundAgain::Katapult(came));
        assert_eq!(find_again(&before, &[other]), FoundAgain::NotYet);
        let rom = dfu(&G431_LAYOUT, is, Some("20833141574b"));
        let now = [dfu(&F042_LAYOUT, is, Some("FFFFFFFEFFFF")), rom.clone()];
        assert_eq!(find_again(&before, &now), FoundAgain::RomDfu(rom));
    }
}

#[test]
fn the_serial_of_an_f042_rom_finds_nothing() {
    let rom = |location| dfu(&F042_LAYOUT, location, Some("FFFFFFFEFFFF"));
    let before = firmware(V3, HERE, Some(SERIAL));
    assert_eq!(find_again(&before, &[rom(THERE)]), FoundAgain::NotYet);
    assert_eq!(find_again(&before, &[rom(None)]), FoundAgain::Ambiguous(1));
    assert_eq!(
        find_again(&before, &[rom(None), rom(None)]),
        FoundAgain::Ambiguous(2)
    );
    assert_eq!(
        find_again(&before, &[rom(THERE), rom(HERE)]),
        FoundAgain::RomDfu(rom(HERE))
    );
    // Nor from one ROM session to the next.
    assert_eq!(
        find_again(&rom(None), &[rom(None)]),
        FoundAgain::Ambiguous(1)
    );
    assert_eq!(find_again(&rom(HERE), &[rom(THERE)]), FoundAgain::NotYet);
}

#[test]
fn another_probe_in_the_same_socket_is_told() {
    let before = firmware(V4, HERE, Some(SERIAL));
    for other in [
        katapult(V4, HERE, Some(OTHER_SERIAL)),
        katapult(V3, HERE, None),
        firmware(V4, HERE, Some(OTHER_SERIAL)),
        dfu(&F042_LAYOUT, HERE, Some("FFFFFFFEFFFF")),
    ] {
        assert_eq!(
            find_again(&before, std::slice::from_ref(&other)),
            FoundAgain::OtherProbe(other.clone())
        );
        // Unless ours is somewhere else now.
        let ours = katapult(V4, THERE, Some(SERIAL));
        assert_eq!(
            find_again(&before, &[other, ours.clone()]),
            FoundAgain::Katapult(ours)
        );
    }
}

#[test]
fn strangers_are_never_it() {
    let before = firmware(V4, HERE, Some(SERIAL));
    for stranger in [
        dfu(&G0B1_LAYOUT, HERE, Some("20833141574B")),
        dfu(&G0B1_LAYOUT, None, Some("20833141574B")),
        katapult("rp2040", HERE, Some(SERIAL)),
        device((0x1d50, 0x614e), HERE, Some(SERIAL)),
        device((0x0bda, 0x5411), HERE, None),
    ] {
        assert_eq!(find_again(&before, &[stranger]), FoundAgain::NotYet);
    }
}

#[test]
fn a_list_taken_in_mid_change_shows_the_bootloader() {
    let before = firmware(V4, HERE, Some(SERIAL));
    let came = katapult(V4, HERE, Some(SERIAL));
    assert_eq!(
        find_again(&before, &[before.clone(), came.clone()]),
        FoundAgain::Katapult(came.clone())
    );
    let twin = katapult(V4, THERE, Some(SERIAL));
    assert_eq!(find_again(&before, &[came, twin]), FoundAgain::Ambiguous(2));
}

#[test]
fn a_rom_that_cannot_be_opened_is_found_by_its_socket() {
    let before = firmware(V3, HERE, Some(SERIAL));
    let mut rom = dfu(&[], HERE, None);
    rom.access = Access::NotPermitted;
    assert_eq!(
        find_again(&before, std::slice::from_ref(&rom)),
        FoundAgain::RomDfu(rom)
    );
}

#[test]
fn firmware_is_found_after_the_rom() {
    let before = dfu(&G431_LAYOUT, None, Some("20833141574B"));
    let came = firmware(V4, None, Some(SERIAL));
    assert_eq!(
        find_again(&before, std::slice::from_ref(&came)),
        FoundAgain::StillFirmware(came)
    );
}

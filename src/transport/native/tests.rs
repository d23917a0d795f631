//! Two listings made one, and the real one on whatever this machine has.

use super::super::{Access, Doing, LinkErrorKind, Location, UsbIds};
use super::*;

fn device(id: &str, location: &str) -> DeviceInfo {
    DeviceInfo {
        id: DeviceId(id.into()),
        location: Some(Location(location.into())),
        ids: UsbIds {
            vendor: 0x1d50,
            product: 0x614e,
            bcd_device: 0,
        },
        manufacturer: None,
        product: None,
        serial: None,
        port: None,
        alt_settings: Vec::new(),
        access: Access::Usable,
    }
}

fn failed() -> LinkError {
    LinkError::new(LinkErrorKind::Other, Doing::Listing)
}

#[test]
fn one_listing_that_fails_hides_nothing_of_the_other() {
    let one = || Ok(vec![device("a", "1-2")]);
    let two = || Ok(vec![device("b", "1-1")]);
    let ids = |devices: Vec<DeviceInfo>| -> Vec<String> {
        devices.into_iter().map(|device| device.id.0).collect()
    };
    assert_eq!(
        merge(one(), two()).map(ids),
        Ok(vec!["b".into(), "a".into()])
    );
    assert_eq!(merge(one(), Err(failed())).map(ids), Ok(vec!["a".into()]));
    assert_eq!(merge(Err(failed()), two()).map(ids), Ok(vec!["b".into()]));
    assert_eq!(merge(Err(failed()), Err(failed())).map(ids), Err(failed()));
}

#[test]
fn a_list_that_was_disturbed_is_asked_for_again() {
    let asked = std::cell::Cell::new(0);
    let fails = |times: u32| {
        asked.set(0);
        let list = || {
            asked.set(asked.get() + 1);
            if asked.get() > times {
                Ok(asked.get())
            } else {
                Err(failed())
            }
        };
        again_if_disturbed(list)
    };
    assert_eq!(fails(0), Ok(1));
    assert_eq!(fails(1), Ok(2));
    assert_eq!(fails(2), Err(failed()), "that is no accident");
}

/// On this machine, whatever it has: a container without USB must neither panic nor claim a change.
#[test]
fn real_listing_and_waiting_end() {
    let hardware = NativeHardware::new();
    if let Ok(devices) = hardware.list() {
        for device in devices {
            assert!([KLIPPER, KATAPULT, ST_DFU].contains(&(device.ids.vendor, device.ids.product)));
        }
    }
    hardware.wait_for_change(Duration::from_millis(1));
    assert!(!hardware.simulated());
}

#[test]
fn what_has_left_cannot_be_opened() {
    let hardware = NativeHardware::new();
    let gone = DeviceId("serial:9:99:/dev/ttyACM99".into());
    let kind = |error: LinkError| error.kind;
    assert_eq!(
        hardware.open_serial(&gone).map(|_| ()).map_err(kind),
        Err(LinkErrorKind::Disconnected)
    );
    assert_eq!(
        hardware.touch_1200(&gone).map_err(kind),
        Err(LinkErrorKind::Disconnected)
    );
    // libusb itself may not start here; either way it is an error that says the device may be gone.
    assert!(
        hardware
            .open_dfu(&DeviceId("usb:9:99".into()))
            .is_err_and(|error| error.may_be_gone())
    );
}

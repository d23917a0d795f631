//! How a probe looks on the bus before it is opened: ids and strings (boards-and-firmware.md §1 "USB identities").

use super::probe::{Probe, Running};
use crate::transport::{DeviceId, DeviceInfo, Location, UsbIds};

/// The numbers of Klipper firmware and of Katapult, 1d50 being OpenMoko's.
const KLIPPER: UsbIds = UsbIds {
    vendor: 0x1d50,
    product: 0x614e,
    bcd_device: 0x0100,
};
const KATAPULT: UsbIds = UsbIds {
    vendor: 0x1d50,
    product: 0x6177,
    bcd_device: 0x0100,
};

/// What the bus shows of the probe in socket `index`; nothing if it is not there.
pub(super) fn describe(probe: &Probe, index: usize, enumeration: u32) -> Option<DeviceInfo> {
    let name = probe.silicon.chip.mcu.klipper_name();
    let mut info = DeviceInfo {
        id: DeviceId(format!("sim-{index}-{enumeration}")),
        location: Some(Location(format!("1-{}", index.saturating_add(1)))),
        ids: KLIPPER,
        manufacturer: None,
        product: None,
        serial: None,
        port: None,
        alt_settings: Vec::new(),
        access: probe.access.clone(),
    };
    match &probe.running {
        Running::Off | Running::Starting { .. } | Running::Quiet | Running::Deployer(_) => {
            return None;
        }
        Running::Rom(rom) => {
            info.ids = rom.kind().ids();
            // Strings and layout are read from the device, so it has to be opened for them.
            if probe.access.is_usable() {
                info.manufacturer = Some("STMicroelectronics".to_owned());
                info.product = Some(rom.kind().product().to_owned());
                info.serial = Some(rom.kind().serial(&probe.silicon));
                info.alt_settings = rom.kind().alt_settings();
            }
        }
        Running::Katapult(_) => {
            info.ids = KATAPULT;
            info.manufacturer = Some("katapult".to_owned());
            info.product = Some(name.to_owned());
        }
        Running::Firmware(firmware) => {
            info.manufacturer = Some("Cartographer".to_owned());
            info.product = (!firmware.hides_product).then(|| name.to_owned());
        }
    }
    if !matches!(probe.running, Running::Rom(_)) {
        info.serial = Some(probe.silicon.usb_serial());
        info.port = Some(format!("/dev/ttyACM{index}"));
        if probe.is_stranger() {
            info.manufacturer = Some("Klipper".to_owned());
            info.product = Some("stm32g0b1xx".to_owned());
        }
    }
    Some(info)
}

//! Probes that were met since the start, so that one in DFU mode is known by what it was before. Pure.
//!
//! In DFU mode an F042 has a constant for a serial number and a G431 a sum of its own
//! (boards-and-firmware.md §1); the CAN UUID comes from the whole number, which only firmware and Katapult tell.

use super::state::Seen;
use crate::board::Mcu;
use crate::klipper::canbus_uuid::parse_unique_id;
use crate::transport::{DeviceInfo, Location};

/// Probes that told their whole serial number.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MetProbes(Vec<Met>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Met {
    serial: String,
    mcu: Option<Mcu>,
    /// Where it was last.
    location: Option<Location>,
}

impl MetProbes {
    /// Remembers a probe that tells its serial number.
    pub fn meet(&mut self, seen: &Seen) {
        let (Some(_), Some(serial)) = (seen.mode(), whole_serial(&seen.info)) else {
            return;
        };
        self.0.retain(|met| met.serial != serial);
        self.0.push(Met {
            serial,
            mcu: seen.mcu(),
            location: seen.info.location.clone(),
        });
    }

    /// The whole serial number of a device: its own; that of the probe whose number in DFU mode this is; or that
    /// of the last probe of this chip in the same socket.
    pub fn serial_of(&self, device: &DeviceInfo, mcu: Mcu) -> Option<String> {
        let by_sum = |met: &&Met| {
            let sum = dfu_serial(&met.serial);
            mcu == Mcu::Stm32G431 && sum.is_some() && sum == short_serial(device)
        };
        let by_socket = |met: &&Met| {
            let same_chip = met.mcu.is_none_or(|chip| chip == mcu);
            same_chip && met.location.is_some() && met.location == device.location
        };
        let met = || self.0.iter().rev();
        whole_serial(device)
            .or_else(|| Some(met().find(by_sum)?.serial.clone()))
            .or_else(|| Some(met().find(by_socket)?.serial.clone()))
    }
}

fn whole_serial(device: &DeviceInfo) -> Option<String> {
    let serial = device.serial.as_deref()?.trim();
    parse_unique_id(serial).map(|_| serial.to_ascii_uppercase())
}

fn short_serial(device: &DeviceInfo) -> Option<String> {
    Some(device.serial.as_deref()?.trim().to_ascii_uppercase())
}

/// What a G431 of this whole number calls itself in DFU mode: ST's `Get_SerialNum`, as
/// boards-and-firmware.md §1 gives it.
fn dfu_serial(whole: &str) -> Option<String> {
    let id = parse_unique_id(whole)?;
    let mut words = id.chunks_exact(4).map(|bytes| {
        let (first, rest) = bytes.split_first_chunk::<4>()?;
        rest.is_empty().then(|| u32::from_le_bytes(*first))
    });
    let mut word = || words.next().flatten();
    let (low, middle, high) = (word()?, word()?, word()?);
    Some(format!(
        "{:08X}{:04X}",
        low.wrapping_add(high),
        middle >> 16
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::state::Running;
    use crate::board::recognise;
    use crate::transport::{Access, AltSetting, DeviceId, UsbIds};

    const SERIAL: &str = "2A0041001850325035363220";

    fn device(ids: (u16, u16), mcu: Mcu, serial: &str, socket: &str) -> DeviceInfo {
        DeviceInfo {
            id: DeviceId(format!("{serial}{socket}")),
            location: Some(Location(socket.into())),
            ids: UsbIds {
                vendor: ids.0,
                product: ids.1,
                bcd_device: 0x0200,
            },
            manufacturer: Some("Cartographer".into()),
            product: Some(mcu.klipper_name().into()),
            serial: Some(serial.into()),
            port: None,
            alt_settings: Vec::<AltSetting>::new(),
            access: Access::Usable,
        }
    }

    fn met(mcu: Mcu) -> MetProbes {
        let info = device((0x1d50, 0x614e), mcu, SERIAL, "1-2");
        let mut probes = MetProbes::default();
        probes.meet(&Seen {
            sighting: recognise(&info),
            info,
            running: Running::NotAsked,
            just_plugged_in: false,
        });
        probes
    }

    fn in_dfu(serial: &str, socket: &str) -> DeviceInfo {
        device((0x0483, 0xdf11), Mcu::Stm32F042, serial, socket)
    }

    #[test]
    fn a_g431_in_dfu_mode_is_known_by_its_sum_in_any_socket() {
        // Words 0x0041002a, 0x50325018, 0x20323635: 0x0041002a + 0x20323635 and 0x5032.
        assert_eq!(dfu_serial(SERIAL).unwrap(), "2073365F5032");
        let met = met(Mcu::Stm32G431);
        for (serial, socket, known) in [
            ("2073365F5032", "3-1", true),
            ("2073365f5032", "3-1", true),
            ("2057364B4E41", "3-1", false),
            ("2057364B4E41", "1-2", true),
        ] {
            let serial_of = met.serial_of(&in_dfu(serial, socket), Mcu::Stm32G431);
            assert_eq!(serial_of.is_some(), known, "{serial} in {socket}");
        }
    }

    #[test]
    fn an_f042_in_dfu_mode_is_known_by_its_socket_alone() {
        let met = met(Mcu::Stm32F042);
        let at = |socket| in_dfu("FFFFFFFEFFFF", socket);
        let known = met.serial_of(&at("1-2"), Mcu::Stm32F042);
        assert_eq!(known.as_deref(), Some(SERIAL));
        assert_eq!(met.serial_of(&at("1-3"), Mcu::Stm32F042), None);
        assert_eq!(met.serial_of(&at("1-2"), Mcu::Stm32G431), None);
    }

    #[test]
    fn a_probe_that_tells_its_number_needs_no_memory() {
        let info = device((0x1d50, 0x614e), Mcu::Stm32F042, SERIAL, "9-9");
        let known = MetProbes::default().serial_of(&info, Mcu::Stm32F042);
        assert_eq!(known.as_deref(), Some(SERIAL));
    }
}

//! The same probe, found again on the bus. Pure.

use crate::board::{Mode, Sighting, recognise};
use crate::katapult::entry::{FoundAgain, find_again};
use crate::transport::DeviceInfo;

/// What became of a probe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    /// It is there, in this mode.
    Here(Mode, Box<DeviceInfo>),
    /// So many devices could be it.
    Ambiguous(usize),
    /// It is not there; perhaps another one is in its socket.
    Absent,
}

/// Some systems give an id again to whatever comes next: socket and serial must not speak against it.
fn is_same_enumeration(before: &DeviceInfo, now: &DeviceInfo) -> bool {
    now.id == before.id
        && now.ids == before.ids
        && now.location == before.location
        && now.serial == before.serial
}

/// Looks for the probe that was `before` among the devices `now`.
pub(super) fn find(before: &DeviceInfo, now: &[DeviceInfo]) -> Found {
    // The very enumeration that was chosen, where the system tells neither socket nor serial.
    if let Some(device) = now
        .iter()
        .find(|device| is_same_enumeration(before, device))
        && let Sighting::Probe { mode, .. } = recognise(device)
        && mode != Mode::Firmware
    {
        return Found::Here(mode, Box::new(device.clone()));
    }
    match find_again(before, now) {
        FoundAgain::Katapult(device) => Found::Here(Mode::Katapult, Box::new(device)),
        FoundAgain::RomDfu(device) => Found::Here(Mode::RomDfu, Box::new(device)),
        FoundAgain::StillFirmware(device) => Found::Here(Mode::Firmware, Box::new(device)),
        FoundAgain::Ambiguous(count) => Found::Ambiguous(count),
        FoundAgain::OtherProbe(_) | FoundAgain::NotYet => Found::Absent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::Hardware as _;
    use crate::transport::sim::SimHardware;

    fn only(spec: &str) -> DeviceInfo {
        let bench = SimHardware::new_virtual(spec).unwrap();
        let mut devices = bench.list().unwrap();
        assert_eq!(devices.len(), 1);
        devices.remove(0)
    }

    /// macOS without sockets: the id is all there is.
    #[test]
    fn the_same_enumeration_is_the_same_probe() {
        let mut before = only("v3-dfu");
        before.location = None;
        let found = find(&before, std::slice::from_ref(&before));
        assert_eq!(found, Found::Here(Mode::RomDfu, Box::new(before)));
    }

    #[test]
    fn an_id_that_another_device_got_is_not_the_same_probe() {
        let before = only("v4-dfu");
        let mut elsewhere = before.clone();
        elsewhere.location = Some(crate::transport::Location("9-9".to_owned()));
        assert_eq!(find(&before, &[elsewhere]), Found::Absent);
        let mut other_serial = before.clone();
        other_serial.serial = Some("000000000000".to_owned());
        other_serial.location = None;
        let mut no_socket = before.clone();
        no_socket.location = None;
        assert_eq!(find(&no_socket, &[other_serial]), Found::Ambiguous(1));
    }
}

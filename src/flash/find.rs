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

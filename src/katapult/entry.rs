//! Finding the same probe again after it changed its mode. Pure: judges device lists, opens nothing.
//!
//! The socket it is plugged into is the first evidence, its serial number the second. A ROM bootloader that only
//! looks right is never taken for the probe: a printer's toolboard in DFU mode looks right too.

use crate::board::{Mcu, Mode, Sighting, recognise};
use crate::klipper::canbus_uuid::parse_unique_id;
use crate::transport::DeviceInfo;

/// What became of the probe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FoundAgain {
    /// It is in Katapult.
    Katapult(DeviceInfo),
    /// It is in the chip's ROM bootloader: it has no Katapult (protocols.md §7 #24).
    RomDfu(DeviceInfo),
    /// It still, or again, runs its firmware.
    StillFirmware(DeviceInfo),
    /// In its socket is a probe that is provably another one.
    OtherProbe(DeviceInfo),
    /// So many devices could be it and none can be told to be it. The list may become clearer: only final once
    /// waiting is over.
    Ambiguous(usize),
    /// It is not there.
    NotYet,
}

/// How sure it is that a device is the probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Same,
    /// Another probe in the probe's socket.
    Impostor,
    Possible,
    Other,
}

/// Looks for the probe that was `before` in the list of what is there `now`.
pub fn find_again(before: &DeviceInfo, now: &[DeviceInfo]) -> FoundAgain {
    let judged: Vec<(&DeviceInfo, Mode, Verdict)> = now
        .iter()
        .filter_map(|device| {
            let (mode, verdict) = judge(before, device)?;
            Some((device, mode, verdict))
        })
        .collect();
    let with = |wanted: Verdict| judged.iter().filter(move |(_, _, found)| *found == wanted);

    // A list taken in mid-change may still show the firmware beside the bootloader it became.
    let bootloaders: Vec<_> = with(Verdict::Same)
        .filter(|(_, mode, _)| *mode != Mode::Firmware)
        .collect();
    match bootloaders.as_slice() {
        [(device, Mode::RomDfu, _)] => return FoundAgain::RomDfu((*device).clone()),
        [(device, _, _)] => return FoundAgain::Katapult((*device).clone()),
        [] => {}
        several => return FoundAgain::Ambiguous(several.len()),
    }
    if let Some((device, _, _)) = with(Verdict::Same).next() {
        return FoundAgain::StillFirmware((*device).clone());
    }
    if let Some((device, _, _)) = with(Verdict::Impostor).next() {
        return FoundAgain::OtherProbe((*device).clone());
    }
    match with(Verdict::Possible)
        .filter(|(_, mode, _)| *mode != Mode::Firmware)
        .count()
    {
        0 => FoundAgain::NotYet,
        count => FoundAgain::Ambiguous(count),
    }
}

/// The mode of a device and whether it is the probe; `None` if it is no probe at all.
fn judge(before: &DeviceInfo, device: &DeviceInfo) -> Option<(Mode, Verdict)> {
    let Sighting::Probe { mode, mcu } = recognise(device) else {
        return None;
    };
    let same_socket = match (&before.location, &device.location) {
        (Some(before), Some(now)) => Some(before == now),
        _ => None,
    };
    let contradicted = match (mcu_of(before), mcu) {
        (Some(before), Some(now)) => before != now,
        _ => false,
    };
    let same_serial = if contradicted {
        Some(false)
    } else {
        same_serial(before, device)
    };
    let verdict = match (same_socket, same_serial) {
        (Some(true), Some(false)) => Verdict::Impostor,
        (Some(true), _) | (_, Some(true)) => Verdict::Same,
        (Some(false), _) | (None, Some(false)) => Verdict::Other,
        (None, None) => Verdict::Possible,
    };
    Some((mode, verdict))
}

fn mcu_of(device: &DeviceInfo) -> Option<Mcu> {
    match recognise(device) {
        Sighting::Probe { mcu, .. } => mcu,
        _ => None,
    }
}

/// Whether the serial numbers show one chip or two; `None` if they cannot show it.
fn same_serial(before: &DeviceInfo, now: &DeviceInfo) -> Option<bool> {
    let before = before.serial.as_deref()?.trim();
    let now = now.serial.as_deref()?.trim();
    match (parse_unique_id(before), parse_unique_id(now)) {
        (Some(before), Some(now)) => Some(before == now),
        // The formula is not measured on every ROM, so that only a match is evidence.
        (Some(_), None) => (rom_dfu_serial(before)?.eq_ignore_ascii_case(now)).then_some(true),
        (None, Some(_)) => (rom_dfu_serial(now)?.eq_ignore_ascii_case(before)).then_some(true),
        // Two ROM bootloaders. F042 ROMs all have the same serial number (hazard 0.4).
        (None, None) => None,
    }
}

/// The serial number a G431's ROM bootloader shows, from the one its firmware shows: `%08X%04X` of w0 + w2 and
/// w1 >> 16 of the unique id (boards-and-firmware.md §1). An F042's ROM never shows it.
pub fn rom_dfu_serial(usb_serial: &str) -> Option<String> {
    let id = parse_unique_id(usb_serial)?;
    let (words, _) = id.as_chunks::<4>();
    let &[w0, w1, w2] = words else {
        return None;
    };
    let sum = u32::from_le_bytes(w0).wrapping_add(u32::from_le_bytes(w2));
    let high = u32::from_le_bytes(w1) >> 16;
    Some(format!("{sum:08X}{high:04X}"))
}

#[cfg(test)]
mod tests;

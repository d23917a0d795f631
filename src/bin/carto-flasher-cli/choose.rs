//! Which probe is meant.

use carto_flasher::advice::CliFailure;
use carto_flasher::board::{Mode, Sighting, StrangerKind, recognise};
use carto_flasher::transport::DeviceInfo;

/// The probe that `wanted` names, or the only one there is.
pub(crate) fn choose(
    devices: Vec<DeviceInfo>,
    wanted: Option<&str>,
) -> Result<DeviceInfo, CliFailure> {
    if let Some(wanted) = wanted {
        let count = devices.len();
        let mut matching = devices
            .into_iter()
            .filter(|device| is_named(device, wanted));
        return match (matching.next(), matching.next()) {
            (Some(device), None) => Ok(device),
            (None, _) => Err(CliFailure::NoSuchDevice {
                name: wanted.to_owned(),
                count,
            }),
            (Some(_), Some(_)) => Err(CliFailure::SeveralMatch {
                name: wanted.to_owned(),
            }),
        };
    }
    let mut strangers = 0_usize;
    let mut probes = Vec::new();
    for device in devices {
        match recognise(&device) {
            Sighting::Probe { .. } => probes.push(device),
            Sighting::Stranger(_) => strangers += 1,
            Sighting::Unrelated => {}
        }
    }
    match (probes.pop(), probes.is_empty(), strangers) {
        (Some(device), true, _) => Ok(device),
        (Some(last), false, _) => {
            let probes = probes.iter().chain([&last]).map(describe).collect();
            Err(CliFailure::SeveralProbes { probes })
        }
        (None, _, 0) => Err(CliFailure::NoProbe),
        (None, _, _) => Err(CliFailure::OnlyStrangers),
    }
}

fn is_named(device: &DeviceInfo, wanted: &str) -> bool {
    device.id.0 == wanted
        || device
            .location
            .as_ref()
            .is_some_and(|location| location.0 == wanted)
        || device.port.as_deref() == Some(wanted)
        || device
            .serial
            .as_deref()
            .is_some_and(|serial| serial.eq_ignore_ascii_case(wanted))
}

/// One device in a line.
pub(crate) fn describe(device: &DeviceInfo) -> String {
    let what = match recognise(device) {
        Sighting::Probe { mode, mcu } => {
            let board = mcu.map_or("Cartographer probe", |mcu| mcu.boards_label());
            let mode = match mode {
                Mode::Firmware => "running firmware",
                Mode::Katapult => "in Katapult",
                Mode::RomDfu => "in DFU mode",
            };
            format!("{board}, {mode}")
        }
        Sighting::Stranger(StrangerKind::ProbeV1) => {
            "Cartographer V1: it takes its firmware as a file, copied onto its drive".to_owned()
        }
        Sighting::Stranger(StrangerKind::OtherDfu) => {
            "not a probe: another board in DFU mode, never flashed".to_owned()
        }
        Sighting::Stranger(StrangerKind::OtherKlipper) => {
            "not a probe: another Klipper board, never flashed".to_owned()
        }
        Sighting::Stranger(StrangerKind::OtherKatapult) => {
            "not a probe: another board in Katapult, never flashed".to_owned()
        }
        Sighting::Unrelated => "unrelated".to_owned(),
    };
    let place = device
        .location
        .as_ref()
        .map_or_else(|| device.id.to_string(), ToString::to_string);
    let port = device
        .port
        .as_deref()
        .map(|port| format!(", {port}"))
        .unwrap_or_default();
    format!("{place}{port}: {what}")
}

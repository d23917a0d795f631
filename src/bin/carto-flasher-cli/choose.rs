//! Which probe is meant.

use carto_flasher::board::{Mode, Sighting, StrangerKind, recognise};
use carto_flasher::transport::DeviceInfo;

use crate::exit::{Exit, Failure};

/// The probe that `wanted` names, or the only one there is.
pub(crate) fn choose(
    devices: Vec<DeviceInfo>,
    wanted: Option<&str>,
) -> Result<DeviceInfo, Failure> {
    if let Some(wanted) = wanted {
        let count = devices.len();
        let mut matching = devices
            .into_iter()
            .filter(|device| is_named(device, wanted));
        return match (matching.next(), matching.next()) {
            (Some(device), None) => Ok(device),
            (None, _) => Err(no_probe(
                "no_such_device",
                format!("No device is called {wanted}"),
                format!("{count} devices were found; `carto-flasher-cli devices` lists them."),
            )),
            (Some(_), Some(_)) => Err(no_probe(
                "several_match",
                format!("Several devices are called {wanted}"),
                "Name one by its location or port.".to_owned(),
            )),
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
        (Some(last), false, _) => Err(several(&probes, &last)),
        (None, _, 0) => Err(no_probe(
            "no_probe",
            "No probe was found".to_owned(),
            "Plug it into this computer with its USB cable. A probe that was flashed for CAN shows nothing on USB: use DFU mode."
                .to_owned(),
        )),
        (None, _, _) => Err(Failure::plain(
            Exit::Refused,
            "only_strangers",
            "The only boards found are not Cartographer probes".to_owned(),
            "They share our USB numbers but are other boards, perhaps a toolboard in DFU mode. They are never flashed. Unplug them and plug in the probe."
                .to_owned(),
        )),
    }
}

fn several(others: &[DeviceInfo], last: &DeviceInfo) -> Failure {
    let names: Vec<String> = others.iter().chain([last]).map(describe).collect();
    no_probe(
        "several_probes",
        "Several probes were found".to_owned(),
        format!(
            "Unplug the others, or choose with --device: {}.",
            names.join("; ")
        ),
    )
}

fn no_probe(code: &'static str, title: String, cause: String) -> Failure {
    Failure::plain(Exit::NoProbe, code, title, cause)
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

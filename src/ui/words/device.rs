//! Devices and files in words.

use crate::app::state::{Running, Seen};
use crate::board::{Mcu, Mode, Model, Sighting, StrangerKind, Transport};
use crate::image::{Facts, FirmwareVersion, Role, Variant};
use crate::report::mask_serial;
use crate::transport::{Access, DeviceInfo};

/// What a device on the bus is, as the title of its card.
pub fn device_title(seen: &Seen) -> String {
    match &seen.sighting {
        Sighting::Probe { mcu: Some(mcu), .. } => mcu.boards_label().to_owned(),
        Sighting::Probe {
            mcu: None,
            mode: Mode::RomDfu,
        } => "A device in DFU mode".to_owned(),
        Sighting::Probe { mcu: None, .. } => "A Cartographer probe".to_owned(),
        Sighting::Stranger(kind) => stranger_title(kind).to_owned(),
        Sighting::Unrelated => String::new(),
    }
}

/// What a device on the bus does, as the line under its title.
pub fn device_line(seen: &Seen) -> String {
    let Some(mode) = seen.mode() else {
        return match &seen.sighting {
            Sighting::Stranger(kind) => stranger_line(kind).to_owned(),
            _ => String::new(),
        };
    };
    match mode {
        Mode::Firmware => match &seen.running {
            Running::Version(version) => format!("USB · firmware {}", version_text(version)),
            Running::Silent => "USB · running firmware, version not told".into(),
            Running::NotAsked => "USB · running firmware".into(),
        },
        Mode::Katapult => "Katapult bootloader, no firmware running".into(),
        Mode::RomDfu => match seen.mcu() {
            Some(mcu) => format!("DFU mode · {}", mcu.label()),
            None => "DFU mode · chip not known yet".into(),
        },
    }
}

/// The number in a version text: `6.1.0` of `CARTOGRAPHER V4 6.1.0`.
pub fn version_text(version: &str) -> String {
    let is_number =
        |word: &&str| word.starts_with(|c: char| c.is_ascii_digit()) && word.contains('.');
    let number = version.split_whitespace().find(is_number);
    let lite = version
        .split_whitespace()
        .any(|word| word.eq_ignore_ascii_case("lite"));
    match number {
        Some(number) if lite => format!("{number} lite"),
        Some(number) => number.to_owned(),
        None => version.to_owned(),
    }
}

/// There is newer firmware.
pub fn available(version: FirmwareVersion) -> String {
    format!("{version} available")
}

/// Serial and socket of a device, masked.
pub fn device_place(seen: &Seen) -> String {
    // In DFU mode the F042's serial is a constant; it would only mislead.
    let tells_apart = seen.mode() != Some(Mode::RomDfu) || seen.mcu() == Some(Mcu::Stm32G431);
    let serial = seen
        .info
        .serial
        .as_deref()
        .filter(|serial| tells_apart && !serial.trim().is_empty());
    let serial = serial.map(|serial| format!("serial {}", mask_serial(serial)));
    let socket = seen
        .info
        .location
        .as_ref()
        .map(|location| format!("port {location}"));
    [serial, socket]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" · ")
}

fn stranger_title(kind: &StrangerKind) -> &'static str {
    match kind {
        StrangerKind::OtherDfu => "Another board in DFU mode",
        StrangerKind::OtherKlipper => "Another Klipper board",
        StrangerKind::OtherKatapult => "Another board in Katapult",
        StrangerKind::ProbeV1 => "Cartographer V1",
    }
}

fn stranger_line(kind: &StrangerKind) -> &'static str {
    match kind {
        StrangerKind::OtherDfu => {
            "Not a probe: its chip is that of a toolboard or mainboard. It is left alone."
        }
        StrangerKind::OtherKlipper | StrangerKind::OtherKatapult => {
            "Not a probe. It is left alone."
        }
        StrangerKind::ProbeV1 => {
            "V1 is updated by copying a UF2 file onto its drive: hold BOOTSEL while plugging it in"
        }
    }
}

/// The chosen probe in a word or two, for the rail.
pub fn probe_short(mcu: Option<Mcu>, mode: Option<Mode>) -> String {
    let board = match mcu {
        Some(Mcu::Stm32F042) => "V2/V3",
        Some(Mcu::Stm32G431) => "V4",
        None => "Unknown chip",
    };
    let mode = match mode {
        Some(Mode::Firmware) => " · USB",
        Some(Mode::Katapult) => " · Katapult",
        Some(Mode::RomDfu) => " · DFU",
        None => " · unplugged",
    };
    format!("{board}{mode}")
}

/// What an image is, in a line.
pub fn image_kind(facts: &Facts) -> String {
    let role = match facts.role {
        Role::App => "Firmware",
        Role::Bootloader => "Katapult bootloader",
        Role::Combined => "Katapult + firmware",
        Role::Deployer => "Katapult deployer",
        Role::Dump => "Backup of a whole probe",
    };
    let version = facts
        .version
        .as_deref()
        .map(|version| format!(" {}", version_text(version)));
    format!("{role}{}", version.unwrap_or_default())
}

/// Full or lite.
pub fn variant(variant: Variant) -> &'static str {
    match variant {
        Variant::Full => "Full",
        Variant::Lite => "Lite, for hosts that cannot keep up",
    }
}

/// USB or CAN of an image.
pub fn transport(transport: Option<Transport>) -> String {
    transport.map_or_else(
        || "Not told by the file".into(),
        |transport| transport.to_string(),
    )
}

/// The firmware in a word or two, for the rail.
pub fn image_short(facts: &Facts) -> String {
    let kind = match (facts.role, &facts.version) {
        (Role::Dump, _) => "Backup".into(),
        (Role::Bootloader, _) => "Katapult".into(),
        (Role::Deployer, _) => "Deployer".into(),
        (Role::App | Role::Combined, Some(version)) => version_text(version),
        (Role::App | Role::Combined, None) => "Firmware".into(),
    };
    match facts.transport {
        Some(Transport::Usb) => format!("{kind} · USB"),
        Some(Transport::Can { .. }) => format!("{kind} · CAN"),
        None => kind,
    }
}

/// Board names on the coach's cards: title and how to tell.
pub fn model(model: Model) -> (&'static str, &'static str) {
    match model {
        Model::V2 => (
            "V2",
            "Separate D+ and D− holes; USB and CAN printed at both sides",
        ),
        Model::V3 => ("V3", "BOOT0 and RESET printed beside pads on the rear"),
        Model::V4 => (
            "V4",
            "One board with the coil; a 2 × 2 of holes at its edge",
        ),
        Model::V1 => ("V1", "Raspberry Pi chip"),
        Model::Ht => ("HT", "High-temperature board"),
    }
}

/// Words for a probe that cannot be opened: title, what to do.
pub fn blocked(seen: &Seen) -> (String, String) {
    // Unplugged, it would leave DFU mode.
    let (then, again) = if seen.mode() == Some(Mode::RomDfu) {
        ("Leave it plugged in.", "")
    } else {
        (
            "Then plug it in again.",
            " Or plug the probe in again to be asked again.",
        )
    };
    match &seen.info.access {
        Access::Usable => (String::new(), String::new()),
        Access::NotPermitted if cfg!(target_os = "linux") => (
            "You have no permission to use the probe yet".into(),
            "Linux needs a udev rule for it. This page goes on by itself once the rule is there."
                .into(),
        ),
        Access::NotPermitted if cfg!(target_os = "macos") => (
            "macOS has not allowed this accessory yet".into(),
            format!("Answer the system's question with Allow.{again}"),
        ),
        Access::NotPermitted => (
            "The system does not let you use the probe".into(),
            format!("Close other programs that may use it. {then}"),
        ),
        Access::WrongDriver {
            bound: Some(driver),
        } => (
            format!("Windows uses the driver {driver} for the probe"),
            format!("This program needs WinUSB instead. Change the driver of this one device. {then}"),
        ),
        Access::WrongDriver { bound: None } => (
            "Windows has no driver for the probe".into(),
            format!("It needs Windows' own WinUSB driver. {then}"),
        ),
        Access::Busy {
            holder: Some(holder),
        } => (
            format!("{holder} uses the probe"),
            "Close or stop that program; this page goes on by itself.".into(),
        ),
        Access::Busy { holder: None } => (
            "Another program uses the probe".into(),
            "Stop Klipper, or close the program that has the port open; this page goes on by itself.".into(),
        ),
    }
}

/// The path by which Linux knows this probe, from its USB strings (systemd's `60-serial.rules`).
pub fn by_id_path(device: &DeviceInfo) -> Option<String> {
    let part = |text: &str| {
        let fits = |c: char| c.is_ascii_alphanumeric() || "#+-.:=@_".contains(c);
        text.trim()
            .chars()
            .map(|c| if fits(c) { c } else { '_' })
            .collect::<String>()
    };
    let manufacturer = part(device.manufacturer.as_deref()?);
    let product = match device.product.as_deref().map(str::trim) {
        Some(product) if !product.is_empty() => part(product),
        _ => format!("{:04x}", device.ids.product),
    };
    let serial = part(device.serial.as_deref()?);
    Some(format!(
        "/dev/serial/by-id/usb-{manufacturer}_{product}_{serial}-if00"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_text_is_shortened_to_its_number() {
        let rows = [
            ("CARTOGRAPHER V4 6.1.0", "6.1.0"),
            ("CARTOGRAPHER V3 6.2.0 lite", "6.2.0 lite"),
            ("CARTOGRAPHER 5.1.0", "5.1.0"),
            ("my own build", "my own build"),
        ];
        for (text, short) in rows {
            assert_eq!(version_text(text), short);
        }
    }
}

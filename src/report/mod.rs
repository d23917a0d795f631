//! What a bug report needs, as plain text: versions, the system, what was on the bus, what happened, the log.
//!
//! Serial numbers are masked and the home folder is written `~` wherever they stand. Knows no devices beyond
//! what [`DeviceInfo`] says. A report is written to a file and nowhere else.

mod mask;
mod parts;
mod system;

use std::fmt::Write as _;
use std::path::Path;

use crate::board::recognise;
use crate::files::{self, Durable};
use crate::transport::DeviceInfo;
pub use mask::{mask_serial, mask_text};
pub use parts::{diagnosis_lines, firmware_fact, settings_lines};
pub use system::{basics, system};

/// What goes into a report.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Contents {
    /// What is on the bus.
    pub devices: Vec<DeviceInfo>,
    /// Serial numbers of devices that have left, to be masked as well.
    pub serials: Vec<String>,
    /// Where in the program the user is, and what was chosen: label and value.
    pub facts: Vec<(String, String)>,
    /// What happened, what was found, the log: title and lines, newest last.
    pub sections: Vec<(String, Vec<String>)>,
}

impl Contents {
    /// Adds a line of the first part.
    pub fn fact(&mut self, label: &str, value: impl Into<String>) {
        self.facts.push((label.to_owned(), value.into()));
    }

    /// Adds a part of its own.
    pub fn section(&mut self, title: &str, lines: Vec<String>) {
        self.sections.push((title.to_owned(), lines));
    }
}

/// The report as text. Asks the system what it is, which may take a moment.
pub fn text(contents: &Contents) -> String {
    let mut out = String::new();
    write_all(&mut out, contents).ok();
    let present = contents
        .devices
        .iter()
        .filter_map(|device| device.serial.as_deref());
    let gone = contents.serials.iter().map(String::as_str);
    mask_text(&out, present.chain(gone))
}

/// Saves a report, in place of one that the user was asked about; or fails and leaves no half of it.
///
/// # Errors
/// The folder cannot be written.
pub fn save(path: &Path, text: &str) -> std::io::Result<()> {
    files::replace(path, text.as_bytes(), Durable::No)
}

fn write_all(out: &mut String, contents: &Contents) -> std::fmt::Result {
    writeln!(out, "{}", basics())?;
    for (label, value) in system() {
        writeln!(out, "{label}: {value}")?;
    }
    for (label, value) in &contents.facts {
        writeln!(out, "{label}: {value}")?;
    }
    writeln!(out, "\nOn the bus: {}", contents.devices.len())?;
    for device in &contents.devices {
        write_device(out, device)?;
    }
    for (title, lines) in &contents.sections {
        writeln!(out, "\n{title}: {} lines", lines.len())?;
        lines.iter().try_for_each(|line| writeln!(out, "{line}"))?;
    }
    Ok(())
}

fn write_device(out: &mut String, device: &DeviceInfo) -> std::fmt::Result {
    let or_dash = |text: Option<&str>| text.unwrap_or("-").to_owned();
    let location = device.location.as_ref().map(ToString::to_string);
    writeln!(
        out,
        "- {:04x}:{:04x} release {:04x} at {}",
        device.ids.vendor,
        device.ids.product,
        device.ids.bcd_device,
        or_dash(location.as_deref()),
    )?;
    writeln!(out, "  recognized as {:?}", recognise(device))?;
    writeln!(
        out,
        "  manufacturer {}, product {}, serial {}",
        or_dash(device.manufacturer.as_deref()),
        or_dash(device.product.as_deref()),
        or_dash(device.serial.as_deref()),
    )?;
    writeln!(
        out,
        "  port {}, access {:?}",
        or_dash(device.port.as_deref()),
        device.access
    )?;
    for alt in &device.alt_settings {
        writeln!(out, "  alternate setting {}: {}", alt.number, alt.name)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::{Access, AltSetting, DeviceId, Location, UsbIds};

    const SERIAL: &str = "2A0041001850325035363220";

    fn device() -> DeviceInfo {
        DeviceInfo {
            id: DeviceId("1".into()),
            location: Some(Location("1-2".into())),
            ids: UsbIds {
                vendor: 0x1d50,
                product: 0x614e,
                bcd_device: 0x0100,
            },
            manufacturer: Some("Cartographer".into()),
            product: Some("stm32g431xx".into()),
            serial: Some(SERIAL.into()),
            port: Some(format!("/dev/serial/by-id/usb-Cartographer_{SERIAL}-if00")),
            alt_settings: vec![AltSetting {
                number: 0,
                name: "@Internal Flash".into(),
            }],
            access: Access::Busy {
                holder: Some("klippy (812)".into()),
            },
        }
    }

    #[test]
    fn a_report_has_what_a_maintainer_asks_for() {
        let mut contents = Contents {
            devices: vec![device()],
            ..Contents::default()
        };
        contents.fact("Step", "Flash");
        contents.section("What happened", vec!["Write failed".into()]);
        contents.section("Log", vec!["12.5 watcher: list".into()]);
        let report = text(&contents);
        for expected in [
            concat!("carto-flasher ", env!("CARGO_PKG_VERSION")),
            std::env::consts::OS,
            "Step: Flash",
            "1d50:614e",
            "stm32g431xx",
            "klippy (812)",
            "@Internal Flash",
            "Write failed",
            "12.5 watcher: list",
        ] {
            assert!(
                report.contains(expected),
                "{expected} is missing in\n{report}"
            );
        }
    }

    #[test]
    fn no_serial_survives_wherever_it_stands() {
        let gone = "0123456789abcdef01234567";
        let mut contents = Contents {
            devices: vec![device()],
            serials: vec!["WXYZ-0000-1111".into()],
            ..Contents::default()
        };
        let line = format!("opened {SERIAL}, lost {gone}, then WXYZ-0000-1111");
        contents.section("Log", vec![line]);
        let report = text(&contents);
        assert!(!report.contains(SERIAL), "{report}");
        assert!(!report.contains(gone), "{report}");
        let masked = "opened …3220, lost …4567, then …1111";
        assert!(report.contains(masked), "{report}");
    }

    #[test]
    fn saving_replaces_the_file_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.txt");
        save(&path, "one").unwrap();
        save(&path, "two").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}

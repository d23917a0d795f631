//! What a bug report needs, as plain text: versions, the system, what was on the bus, what happened, the log.
//!
//! Serial numbers are masked and the home folder is written `~` wherever they stand. Knows no devices beyond
//! what [`DeviceInfo`] says.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use crate::board::recognise;
use crate::transport::DeviceInfo;

/// How many digits of a serial number stay readable: enough to tell two probes apart.
const SERIAL_DIGITS_SHOWN: usize = 4;
/// Shorter serials are constants such as the F042's DFU serial or tell nobody apart.
const SERIAL_DIGITS_SECRET: usize = 12;

/// The end of a serial number, for telling two probes apart without giving it away.
pub fn mask_serial(serial: &str) -> String {
    let serial = serial.trim();
    let count = serial.chars().count();
    if count < SERIAL_DIGITS_SECRET {
        return serial.to_owned();
    }
    let shown: String = serial
        .chars()
        .skip(count.saturating_sub(SERIAL_DIGITS_SHOWN))
        .collect();
    format!("…{shown}")
}

/// What goes into a report.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Contents<'a> {
    /// What is on the bus.
    pub devices: &'a [DeviceInfo],
    /// Where in the program the user is, and what was chosen: label and value.
    pub facts: Vec<(String, String)>,
    /// What happened, newest last.
    pub events: Vec<String>,
    /// The log, newest last.
    pub log: Vec<String>,
}

/// The report as text.
pub fn text(contents: &Contents<'_>) -> String {
    let mut out = String::new();
    write_all(&mut out, contents).ok();
    mask(&out, contents.devices, home().as_deref())
}

/// Saves a report, or fails and leaves no half of it.
///
/// # Errors
/// The folder cannot be written.
pub fn save(path: &Path, text: &str) -> std::io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

fn write_all(out: &mut String, contents: &Contents<'_>) -> std::fmt::Result {
    writeln!(out, "carto-flasher {}", env!("CARGO_PKG_VERSION"))?;
    writeln!(
        out,
        "System: {} {}",
        std::env::consts::OS,
        std::env::consts::ARCH
    )?;
    for (label, value) in &contents.facts {
        writeln!(out, "{label}: {value}")?;
    }
    writeln!(out, "\nOn the bus: {}", contents.devices.len())?;
    for device in contents.devices {
        write_device(out, device)?;
    }
    write_section(out, "What happened", &contents.events)?;
    write_section(out, "Log", &contents.log)
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

fn write_section(out: &mut String, title: &str, lines: &[String]) -> std::fmt::Result {
    writeln!(out, "\n{title}: {} lines", lines.len())?;
    lines.iter().try_for_each(|line| writeln!(out, "{line}"))
}

/// Masks every serial number of `devices` and the home folder wherever they stand in `text`.
fn mask(text: &str, devices: &[DeviceInfo], home: Option<&str>) -> String {
    let mut masked = mask_long_hex(text);
    for serial in devices.iter().filter_map(|device| device.serial.as_deref()) {
        if serial.chars().count() >= SERIAL_DIGITS_SECRET {
            masked = masked.replace(serial, &mask_serial(serial));
        }
    }
    match home {
        Some(home) if home.len() > 1 => masked.replace(home, "~"),
        _ => masked,
    }
}

/// Masks runs of exactly 24 hex digits, the unique id of an STM32, even of devices that have left.
fn mask_long_hex(text: &str) -> String {
    const UNIQUE_ID_DIGITS: usize = 24;
    let mut out = String::with_capacity(text.len());
    let mut run = String::new();
    let flush = |run: &mut String, out: &mut String| {
        if run.len() == UNIQUE_ID_DIGITS {
            out.push_str(&mask_serial(run));
        } else {
            out.push_str(run);
        }
        run.clear();
    };
    for character in text.chars() {
        if character.is_ascii_hexdigit() {
            run.push(character);
        } else {
            flush(&mut run, &mut out);
            out.push(character);
        }
    }
    flush(&mut run, &mut out);
    out
}

fn home() -> Option<String> {
    directories::BaseDirs::new().map(|dirs| dirs.home_dir().display().to_string())
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
        let devices = [device()];
        let report = text(&Contents {
            devices: &devices,
            facts: vec![("Step".into(), "Flash".into())],
            events: vec!["Write failed".into()],
            log: vec!["12.5 watcher: list".into()],
        });
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
        let devices = [device()];
        let gone = "0123456789abcdef01234567";
        let report = text(&Contents {
            devices: &devices,
            log: vec![format!("opened {SERIAL}, lost {gone}")],
            ..Contents::default()
        });
        assert!(!report.contains(SERIAL), "{report}");
        assert!(!report.contains(gone), "{report}");
        assert!(report.contains("opened …3220, lost …4567"), "{report}");
    }

    #[test]
    fn the_home_folder_is_not_told() {
        let masked = mask("read /home/jane/fw.bin", &[], Some("/home/jane"));
        assert_eq!(masked, "read ~/fw.bin");
    }

    #[test]
    fn masks_keep_the_end_and_leave_constants() {
        let rows = [
            (SERIAL, "…3220"),
            ("FFFFFFFEFFFF", "…FFFF"),
            ("STM32", "STM32"),
            ("", ""),
        ];
        for (serial, masked) in rows {
            assert_eq!(mask_serial(serial), masked);
        }
    }

    #[test]
    fn a_sha256_stays_readable() {
        let sha = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
        assert_eq!(mask_long_hex(sha), sha);
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

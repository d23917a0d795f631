//! A device in Windows' device tree, and the guard that keeps repairs to ST's bootloader.

use serde::Serialize;
use thiserror::Error;

use crate::transport::DeviceId;

/// The hardware ID of every STM32 in its ROM bootloader (protocols.md §2.1), as Windows writes it.
const BOOTLOADER: &str = r"USB\VID_0483&PID_DF11";
/// The longest name of a device (`MAX_DEVICE_ID_LEN` of Windows' `cfgmgr32.h`).
const LONGEST_INSTANCE: usize = 200;

/// What the device tree says of one device.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Node {
    /// Its device instance ID.
    pub instance: String,
    /// Its hardware IDs, the most exact first.
    pub hardware_ids: Vec<String>,
    /// The service name of its driver.
    pub service: Option<String>,
    /// The INF file its driver was installed from, as named in `%SystemRoot%\INF`.
    pub inf: Option<String>,
    /// It has a setup class: a driver was installed once, even if none is bound now.
    pub classed: bool,
    /// Its problem code (`CM_PROB_*`), if it has one.
    pub problem: Option<u32>,
}

impl Node {
    /// True if every hardware ID says ST bootloader: this, not the instance ID, is what drivers are chosen by.
    pub fn is_bootloader(&self) -> bool {
        let ours = |id: &String| {
            let id = id.to_ascii_uppercase();
            id.strip_prefix(BOOTLOADER)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with("&REV_"))
        };
        !self.hardware_ids.is_empty() && self.hardware_ids.iter().all(ours)
    }
}

/// A bootloader on the bus, with what the device tree says of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BootloaderFacts {
    /// The device.
    pub device: DeviceId,
    /// Its place in the tree.
    pub node: Node,
}

/// The device instance ID of an ST bootloader: the only kind of device a driver is ever changed for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Instance(String);

/// It names no ST bootloader.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is not the instance ID of an ST bootloader (USB\\VID_0483&PID_DF11\\…)")]
pub struct NotABootloader(pub String);

impl Instance {
    /// Checks what arrived. Wildcards, lists, other devices and interfaces of composite devices are refused, and
    /// so is every character that would need quoting on a command line.
    pub fn parse(text: &str) -> Result<Self, NotABootloader> {
        let refused = || NotABootloader(text.chars().take(LONGEST_INSTANCE).collect());
        let plain = |c: char| c.is_ascii_alphanumeric() || "&._#-".contains(c);
        let (device, own) = text.rsplit_once('\\').ok_or_else(refused)?;
        let fits = text.len() < LONGEST_INSTANCE
            && device.eq_ignore_ascii_case(BOOTLOADER)
            && !own.is_empty()
            && own.chars().all(plain);
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(refused())
        }
    }

    /// As Windows writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn instances_of_bootloaders_and_nothing_else() {
        for good in [
            // An STM32 with its own serial; the F042's constant one; a socket's name where there is no serial.
            r"USB\VID_0483&PID_DF11\206A36945253",
            r"USB\VID_0483&PID_DF11\FFFFFFFEFFFF",
            r"usb\vid_0483&pid_df11\5&2f8c2b3&0&2",
        ] {
            assert_eq!(Instance::parse(good).unwrap().as_str(), good);
        }
        let long = format!(r"USB\VID_0483&PID_DF11\{}", "0".repeat(LONGEST_INSTANCE));
        for bad in [
            "",
            r"USB\VID_0483&PID_DF11",
            r"USB\VID_0483&PID_DF11\",
            // ST-Link, Klipper, Katapult; a composite device's interface; a keyboard.
            r"USB\VID_0483&PID_374B\066BFF",
            r"USB\VID_1D50&PID_614E\1",
            r"USB\VID_1D50&PID_6177\1",
            r"USB\VID_0483&PID_DF11&MI_00\6&1&0&0",
            r"HID\VID_0483&PID_DF11\1",
            r"ACPI\PNP0303\4",
            // Not one device, or not only a device.
            r"USB\VID_0483&PID_DF11\*",
            r#"USB\VID_0483&PID_DF11\1" "x"#,
            r"USB\VID_0483&PID_DF11\1 2",
            r"USB\VID_0483&PID_DF11\1\2",
            r"USB\VID_0483&PID_DF11\é",
            r"..\USB\VID_0483&PID_DF11\1",
            &long,
        ] {
            assert!(Instance::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn every_hardware_id_must_say_bootloader() {
        let node = |ids: &[&str]| Node {
            hardware_ids: ids.iter().map(|&id| id.to_owned()).collect(),
            ..Node::default()
        };
        let table: [(&[&str], bool); 7] = [
            (
                &[r"USB\VID_0483&PID_DF11&REV_2200", r"USB\VID_0483&PID_DF11"],
                true,
            ),
            (&[r"usb\vid_0483&pid_df11"], true),
            (&[], false),
            (&[r"USB\VID_0483&PID_DF110"], false),
            (&[r"USB\VID_0483&PID_DF11&MI_00"], false),
            (&[r"USB\VID_046D&PID_C31C"], false),
            (&[r"USB\VID_0483&PID_DF11", r"USB\VID_046D&PID_C31C"], false),
        ];
        for (ids, bootloader) in table {
            assert_eq!(node(ids).is_bootloader(), bootloader, "{ids:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_passes_needs_no_quoting(text in "\\PC*", own in "\\PC{0,40}") {
            for text in [text, format!(r"USB\VID_0483&PID_DF11\{own}")] {
                if let Ok(instance) = Instance::parse(&text) {
                    prop_assert!(!instance.as_str().contains([' ', '"', '\t', '*', '%', '\'']));
                    prop_assert!(instance.as_str().len() < LONGEST_INSTANCE);
                }
            }
        }
    }
}

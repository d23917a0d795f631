//! What repairs have changed on this computer and can be taken back.

use std::path::{Path, PathBuf};

use super::linux::rule;
use super::windows::helper::{Action, Request, plan};
use super::windows::{Driver, Instance, Node, driver};
use super::{CommandLine, beside_us};
use crate::transport::DeviceInfo;
use crate::transport::native::Os;

/// One change, and what takes it back. Both ask for administrator rights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Undo {
    /// Linux: the rule that was installed by hand or by the button; a package's own is the package's.
    UdevRule {
        /// Where it lies.
        path: PathBuf,
        /// What removes it, in a terminal.
        command: CommandLine,
    },
    /// Windows: WinUSB on a probe in DFU mode.
    WinUsb {
        /// What has Windows choose a driver afresh.
        command: CommandLine,
    },
}

/// Looks at this computer.
pub fn undoable(devices: &[DeviceInfo]) -> Vec<Undo> {
    match Os::HERE {
        Os::Linux => {
            let helper = beside_us("carto-flasher-cli");
            of_rule(Path::new("/"), helper.as_deref())
                .into_iter()
                .collect()
        }
        Os::Windows => of_bootloaders(devices),
        Os::MacOs => Vec::new(),
    }
}

fn of_rule(root: &Path, helper: Option<&Path>) -> Option<Undo> {
    let path = rule::path(root);
    rule::is_ours(&path).then(|| Undo::UdevRule {
        path,
        command: rule::undo(&rule::install_command(helper)),
    })
}

#[cfg(windows)]
fn of_bootloaders(devices: &[DeviceInfo]) -> Vec<Undo> {
    use super::windows::{device_tree, helper_beside_us, present_bootloaders};

    let Some(helper) = helper_beside_us() else {
        return Vec::new();
    };
    // A serial port is none, and asking the device tree takes a moment.
    if devices.iter().all(|device| device.port.is_some()) {
        return Vec::new();
    }
    present_bootloaders()
        .into_iter()
        .filter_map(|instance| {
            let node = device_tree::read(instance.as_str())?;
            of_bootloader(&node, instance, &helper)
        })
        .collect()
}

/// There are no drivers to change here.
#[cfg(not(windows))]
fn of_bootloaders(_devices: &[DeviceInfo]) -> Vec<Undo> {
    Vec::new()
}

/// Offered only where the helper would not refuse.
#[cfg_attr(
    not(any(windows, test)),
    expect(dead_code, reason = "asked on Windows only, tested everywhere")
)]
fn of_bootloader(node: &Node, instance: Instance, helper: &Path) -> Option<Undo> {
    let bound = driver(node.service.as_deref()) == Driver::WinUsb;
    let action = Action::Restore;
    (bound && plan(action, node).is_ok()).then(|| Undo::WinUsb {
        command: Request { action, instance }.command(helper),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::windows::tests::{INSTANCE, node};

    #[test]
    fn the_rule_of_the_button_is_offered_and_a_packages_is_not() {
        let root = tempfile::tempdir().unwrap();
        let helper = Some(Path::new("/opt/cf/carto-flasher-cli"));
        assert_eq!(of_rule(root.path(), helper), None);
        let path = rule::install(root.path()).unwrap().path;
        let Some(Undo::UdevRule {
            path: told,
            command,
        }) = of_rule(root.path(), helper)
        else {
            panic!("nothing to undo");
        };
        assert_eq!(told, path);
        assert_eq!(
            command.to_string(),
            "sudo /opt/cf/carto-flasher-cli doctor remove-udev-rule"
        );
        std::fs::write(&path, "SUBSYSTEM==\"usb\"\n").unwrap();
        assert_eq!(of_rule(root.path(), helper), None, "somebody else's");
        std::fs::remove_file(&path).unwrap();
        let packaged = root
            .path()
            .join("usr/lib/udev/rules.d")
            .join(rule::FILE_NAME);
        std::fs::create_dir_all(packaged.parent().unwrap()).unwrap();
        std::fs::write(packaged, rule::CONTENTS).unwrap();
        assert_eq!(of_rule(root.path(), helper), None);
    }

    #[test]
    fn winusb_of_the_button_is_offered_and_another_is_not() {
        let offered = |node: &Node| {
            let instance = Instance::parse(INSTANCE).unwrap();
            of_bootloader(node, instance, Path::new("helper.exe"))
        };
        let command = CommandLine::new("helper.exe", &["restore", INSTANCE]);
        let bound = node(Some("WinUSB"), Some("winusb.inf"), None);
        assert_eq!(offered(&bound), Some(Undo::WinUsb { command }));
        for other in [
            node(Some("WinUSB"), Some("oem7.inf"), None),
            node(Some("STTub30"), Some("oem12.inf"), None),
            node(None, None, Some(28)),
        ] {
            assert_eq!(offered(&other), None, "{other:?}");
        }
    }
}

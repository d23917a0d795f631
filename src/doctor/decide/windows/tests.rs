//! Device trees as Windows shows them, and what is made of each.
//!
//! Written after Microsoft's documentation of hardware IDs and problem codes and after what users post from
//! Device Manager; none was taken from a probe.

use std::path::PathBuf;

use crate::doctor::decide::tests as decided;
use crate::doctor::facts::{Facts, WindowsFacts};
use crate::doctor::windows::tests::{INSTANCE, node};
use crate::doctor::windows::{BootloaderFacts, Node};
use crate::doctor::{Diagnosis, Evidence, Repair, Situation, diagnose};
use crate::transport::{Access, DeviceId, DeviceInfo, Location};

/// A bootloader as it is listed when libusb cannot open it: no strings, no alternate settings.
fn bootloader(access: Access) -> DeviceInfo {
    DeviceInfo {
        id: DeviceId("usb:1:7".into()),
        location: Some(Location("PCIROOT0-1.4".into())),
        serial: Some("206A36945253".into()),
        ..decided::bootloader(access)
    }
}

/// A probe that runs.
fn firmware(access: Access) -> DeviceInfo {
    let DeviceInfo { id, location, .. } = bootloader(access.clone());
    DeviceInfo {
        id,
        location,
        port: Some("COM7".into()),
        ..decided::firmware(access)
    }
}

fn wrong(bound: Option<&str>) -> DeviceInfo {
    bootloader(Access::WrongDriver {
        bound: bound.map(str::to_owned),
    })
}

fn facts(node: Node) -> WindowsFacts {
    WindowsFacts {
        bootloaders: vec![BootloaderFacts {
            device: DeviceId("usb:1:7".into()),
            node,
        }],
        helper: Some(PathBuf::from("carto-flasher-winusb.exe")),
        ..WindowsFacts::default()
    }
}

fn only(device: DeviceInfo, facts: WindowsFacts) -> Diagnosis {
    let mut found = diagnose(&[device], &Facts::Windows(facts));
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

fn installs(diagnosis: &Diagnosis) -> Option<String> {
    match &diagnosis.repair {
        Some(Repair::InstallWinUsb { command }) => {
            Some(command.as_ref().map_or_else(String::new, |command| {
                format!("{} {}", command.program, command.arguments.join(" "))
            }))
        }
        _ => None,
    }
}

#[test]
fn device_trees_and_their_repairs() {
    let other = |bound: &str| Situation::OtherDriver {
        bound: bound.into(),
    };
    let fails = |bound: &str, problem| Situation::DriverFails {
        bound: bound.into(),
        problem,
    };
    let libusb = |bound: &str| Situation::LibusbDriver {
        bound: bound.into(),
    };
    let install = Some(Repair::InstallWinUsb { command: None });
    let table = [
        // A computer that never saw a bootloader: "STM32  BOOTLOADER" under Other devices, Code 28.
        ((None, None, Some(28)), Situation::NoDriver, install.clone()),
        ((None, None, Some(1)), Situation::NoDriver, install.clone()),
        ((None, None, None), Situation::NoDriver, install.clone()),
        // "STM Device in DFU Mode" of ST's DfuSe.
        (
            (Some("STTub30"), Some("oem12.inf"), None),
            Situation::OldStDriver,
            install.clone(),
        ),
        // The same on a computer with memory integrity, which refuses to load it.
        (
            (Some("STTub30"), Some("oem12.inf"), Some(39)),
            Situation::OldStDriver,
            install.clone(),
        ),
        // Zadig, with the driver chosen that libusb needs libusbK.dll for.
        (
            (Some("libusbK"), Some("oem31.inf"), None),
            libusb("libusbK"),
            install.clone(),
        ),
        (
            (Some("libusb0"), Some("oem32.inf"), None),
            libusb("libusb0"),
            install.clone(),
        ),
        (
            (Some("libusb0"), Some("oem32.inf"), Some(52)),
            fails("libusb0", 52),
            install.clone(),
        ),
        // Zadig, with "USB Serial (CDC)" chosen.
        (
            (Some("usbser"), Some("oem40.inf"), Some(10)),
            other("usbser"),
            install.clone(),
        ),
        // WinUSB from ST's own package, from Zadig, from Windows.
        (
            (Some("WinUSB"), Some("oem7.inf"), Some(10)),
            fails("WinUSB", 10),
            install.clone(),
        ),
        (
            (Some("WINUSB"), Some("winusb.inf"), Some(43)),
            fails("WINUSB", 43),
            install.clone(),
        ),
        (
            (Some("WinUSB"), Some("winusb.inf"), None),
            Situation::DriverNotReady,
            Some(Repair::Replug),
        ),
        (
            (Some("WinUSB"), Some("winusb.inf"), Some(14)),
            Situation::RestartNeeded,
            Some(Repair::RestartComputer),
        ),
        (
            (Some("STTub30"), Some("oem12.inf"), Some(38)),
            Situation::RestartNeeded,
            Some(Repair::RestartComputer),
        ),
        (
            (Some("WinUSB"), Some("winusb.inf"), Some(22)),
            Situation::DeviceDisabled,
            Some(Repair::EnableDevice),
        ),
    ];
    for ((service, inf, problem), situation, repair) in table {
        let node = node(service, inf, problem);
        let name = format!("{node:?}");
        let found = only(wrong(service), facts(node.clone()));
        assert_eq!(found.situation, situation, "{name}");
        assert!(found.situation.blocks(), "{name}");
        assert_eq!(
            found.evidence,
            [
                Evidence::Driver {
                    bound: service.map(str::to_owned)
                },
                Evidence::DeviceTree(node),
            ]
        );
        match (&repair, installs(&found)) {
            (Some(Repair::InstallWinUsb { .. }), Some(command)) => {
                assert_eq!(
                    command,
                    format!("carto-flasher-winusb.exe install {INSTANCE}")
                );
            }
            _ => assert_eq!(found.repair, repair, "{name}"),
        }
    }
}

#[test]
fn without_the_device_tree_the_bus_is_believed_and_nothing_is_offered() {
    let table = [
        (None, Situation::NoDriver),
        (Some("STTub30"), Situation::OldStDriver),
        (
            Some("usbser"),
            Situation::OtherDriver {
                bound: "usbser".into(),
            },
        ),
    ];
    for (bound, situation) in table {
        let found = only(wrong(bound), WindowsFacts::default());
        assert_eq!(found.situation, situation);
        assert_eq!(installs(&found), Some(String::new()));
    }
}

#[test]
fn the_device_tree_wins_over_the_bus() {
    // What the listing says is older than what the tree says.
    let found = only(
        wrong(None),
        facts(node(Some("STTub30"), Some("oem12.inf"), None)),
    );
    assert_eq!(found.situation, Situation::OldStDriver);
}

#[test]
fn the_button_is_offered_only_where_the_helper_would_not_refuse() {
    let stranger = Node {
        hardware_ids: vec![r"USB\VID_046D&PID_C31C".into()],
        ..node(None, None, Some(28))
    };
    let keyboard = Node {
        instance: r"USB\VID_046D&PID_C31C\1".into(),
        ..node(None, None, Some(28))
    };
    let elsewhere = WindowsFacts {
        bootloaders: vec![BootloaderFacts {
            device: DeviceId("usb:2:9".into()),
            node: node(None, None, Some(28)),
        }],
        ..facts(node(None, None, Some(28)))
    };
    let no_helper = WindowsFacts {
        helper: None,
        ..facts(node(None, None, Some(28)))
    };
    for facts in [facts(stranger), facts(keyboard), elsewhere, no_helper] {
        let found = only(wrong(None), facts);
        assert_eq!(found.situation, Situation::NoDriver);
        assert_eq!(installs(&found), Some(String::new()));
    }
}

#[test]
fn a_busy_port_or_bootloader_names_who_may_hold_it() {
    let port = firmware(Access::Busy { holder: None });
    // WinUSB that another program has open looks like a missing permission (protocols.md §3.4).
    for device in [port, bootloader(Access::NotPermitted)] {
        let running = vec!["PuTTY".to_owned(), "Arduino IDE".to_owned()];
        let found = only(
            device,
            WindowsFacts {
                running: running.clone(),
                ..WindowsFacts::default()
            },
        );
        assert_eq!(found.situation, Situation::Held { holder: None });
        assert_eq!(found.repair, Some(Repair::CloseHolder));
        let names: Vec<Evidence> = running
            .into_iter()
            .map(|name| Evidence::Running { name })
            .collect();
        assert_eq!(found.evidence, names);
    }
}

#[test]
fn a_device_that_does_not_answer_is_a_guess_and_only_told_when_no_probe_is_seen() {
    let facts = WindowsFacts {
        unreadable: true,
        ..WindowsFacts::default()
    };
    let found = diagnose(&[], &Facts::Windows(facts.clone()));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].situation, Situation::UsbDeviceUnreadable);
    assert!(!found[0].situation.blocks());
    let seen = [firmware(Access::Usable)];
    assert_eq!(diagnose(&seen, &Facts::Windows(facts)), []);
    assert_eq!(diagnose(&[], &Facts::Windows(WindowsFacts::default())), []);
}

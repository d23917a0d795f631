//! Recorded situations.

use std::path::PathBuf;

use super::*;
use crate::transport::{DeviceId, UsbIds};

pub(super) fn bootloader(access: Access) -> DeviceInfo {
    DeviceInfo {
        id: DeviceId("probe".into()),
        location: None,
        ids: UsbIds {
            vendor: 0x0483,
            product: 0xdf11,
            bcd_device: 0x2200,
        },
        manufacturer: Some("STMicroelectronics".into()),
        product: Some("STM32  BOOTLOADER".into()),
        serial: Some("FFFFFFFEFFFF".into()),
        port: None,
        alt_settings: Vec::new(),
        access,
    }
}

pub(super) fn firmware(access: Access) -> DeviceInfo {
    DeviceInfo {
        ids: UsbIds {
            vendor: 0x1d50,
            product: 0x614e,
            bcd_device: 0x0100,
        },
        manufacturer: Some("Cartographer".into()),
        product: Some("stm32g431xx".into()),
        serial: Some("160026001343565537353020".into()),
        port: Some("/dev/ttyACM0".into()),
        ..bootloader(access)
    }
}

fn busy(holder: &str) -> Access {
    Access::Busy {
        holder: Some(holder.into()),
    }
}

/// A desktop at which somebody sits, with udev and everything, and no rule.
fn desktop() -> LinuxFacts {
    LinuxFacts {
        rule: RuleState::Absent,
        udev: true,
        usb: true,
        wsl: false,
        sandbox: None,
        session_bus: true,
        remote: false,
        user: Some("pi".into()),
        groups: vec!["pi".into()],
        groups_on_paper: Vec::new(),
        nodes: Vec::new(),
        running: Vec::new(),
        helper: Some("/opt/cf/carto-flasher-cli".into()),
    }
}

fn node(group: Option<&str>, exists: bool) -> Vec<NodeFacts> {
    vec![NodeFacts {
        device: DeviceId("probe".into()),
        path: "/dev/node".into(),
        exists,
        group: group.map(str::to_owned),
    }]
}

fn current() -> RuleState {
    RuleState::Current {
        path: PathBuf::from("/etc/udev/rules.d/70-carto-flasher.rules"),
    }
}

fn flatpak() -> Sandbox {
    Sandbox {
        kind: SandboxKind::Flatpak,
        name: "org.example.Flasher".into(),
    }
}

/// The repair as somebody would do it by hand.
fn shown(repair: Option<&Repair>) -> String {
    match repair {
        None => "nothing".into(),
        Some(Repair::InstallUdevRule {
            path,
            contents,
            command,
        }) => {
            assert_eq!(*contents, rule::CONTENTS);
            format!("write {}: {command}", path.display())
        }
        Some(Repair::InstallUdevRuleOnHost { print, .. }) => format!("{print} and write it"),
        Some(Repair::ReloadUdev { command }) => format!("reload: {command}"),
        Some(
            Repair::JoinGroup { command }
            | Repair::StopService { command }
            | Repair::OpenSandbox { command }
            | Repair::RemoveQuarantine { command },
        ) => command.to_string(),
        Some(other) => format!("{other:?}"),
    }
}

const WRITE: &str = "write /etc/udev/rules.d/70-carto-flasher.rules: \
    sudo /opt/cf/carto-flasher-cli doctor install-udev-rule";

type Row = (
    &'static str,
    DeviceInfo,
    LinuxFacts,
    Situation,
    &'static str,
);

/// What is told, what is seen, and what is decided.
type MacRow = (
    &'static str,
    Vec<DeviceInfo>,
    MacOsFacts,
    Option<(Situation, &'static str)>,
);

#[test]
fn linux_bootloader_without_permission() {
    let table: Vec<Row> = vec![
        (
            "a bootloader on a fresh desktop: the node is root's alone",
            bootloader(Access::NotPermitted),
            LinuxFacts {
                nodes: node(None, true),
                ..desktop()
            },
            Situation::UdevRuleMissing,
            WRITE,
        ),
        (
            "a bootloader whose node is group root's, as usbfs makes it",
            bootloader(Access::NotPermitted),
            LinuxFacts {
                nodes: node(Some("root"), true),
                remote: true,
                ..desktop()
            },
            Situation::UdevRuleMissing,
            WRITE,
        ),
        (
            "an edited or older rule",
            bootloader(Access::NotPermitted),
            LinuxFacts {
                rule: RuleState::Different {
                    path: "/etc/x".into(),
                },
                ..desktop()
            },
            Situation::UdevRuleMissing,
            WRITE,
        ),
        (
            "the rule came after the probe",
            bootloader(Access::NotPermitted),
            LinuxFacts {
                rule: current(),
                nodes: node(None, true),
                ..desktop()
            },
            Situation::UdevRuleNotInForce { remote: false },
            "reload: sudo /opt/cf/carto-flasher-cli doctor install-udev-rule",
        ),
        (
            "the rule, but over SSH and the node is root's alone",
            bootloader(Access::NotPermitted),
            LinuxFacts {
                rule: current(),
                nodes: node(None, true),
                remote: true,
                ..desktop()
            },
            Situation::UdevRuleNotInForce { remote: true },
            "nothing",
        ),
        (
            "the rule, but over SSH and not in plugdev",
            bootloader(Access::NotPermitted),
            LinuxFacts {
                rule: current(),
                nodes: node(Some("plugdev"), true),
                remote: true,
                ..desktop()
            },
            Situation::SerialGroupMissing {
                group: "plugdev".into(),
            },
            "sudo usermod -aG plugdev pi",
        ),
        (
            "masked by the administrator",
            bootloader(Access::NotPermitted),
            LinuxFacts {
                rule: RuleState::Masked {
                    path: "/etc/x".into(),
                },
                ..desktop()
            },
            Situation::UdevRuleMasked,
            "nothing",
        ),
        (
            "a container without udev",
            bootloader(Access::NotPermitted),
            LinuxFacts {
                udev: false,
                ..desktop()
            },
            Situation::NoUdev,
            "nothing",
        ),
    ];
    check(table);
}

#[test]
fn linux_port_without_permission() {
    let table: Vec<Row> = vec![
        (
            "a port of group dialout, sitting at the computer: the rule needs no new login",
            firmware(Access::NotPermitted),
            LinuxFacts {
                nodes: node(Some("dialout"), true),
                ..desktop()
            },
            Situation::UdevRuleMissing,
            WRITE,
        ),
        (
            "the same over SSH, where the rule gives nothing",
            firmware(Access::NotPermitted),
            LinuxFacts {
                nodes: node(Some("dialout"), true),
                remote: true,
                ..desktop()
            },
            Situation::SerialGroupMissing {
                group: "dialout".into(),
            },
            "sudo usermod -aG dialout pi",
        ),
        (
            "the same where udev does not run",
            firmware(Access::NotPermitted),
            LinuxFacts {
                nodes: node(Some("uucp"), true),
                udev: false,
                user: None,
                ..desktop()
            },
            Situation::SerialGroupMissing {
                group: "uucp".into(),
            },
            "sudo usermod -aG uucp YOUR-NAME",
        ),
        (
            "added to the group after logging in",
            firmware(Access::NotPermitted),
            LinuxFacts {
                nodes: node(Some("dialout"), true),
                groups_on_paper: vec!["dialout".into()],
                ..desktop()
            },
            Situation::SerialGroupPending {
                group: "dialout".into(),
            },
            "LogInAgain",
        ),
    ];
    check(table);
}

#[test]
fn linux_sandboxes() {
    let table: Vec<Row> = vec![
        (
            "a Flatpak without devices",
            firmware(Access::NotPermitted),
            LinuxFacts {
                nodes: node(None, false),
                sandbox: Some(flatpak()),
                ..desktop()
            },
            Situation::Sandboxed {
                kind: SandboxKind::Flatpak,
            },
            "flatpak override --user --device=all org.example.Flasher",
        ),
        (
            "a Flatpak with devices, but without the rule on the host",
            firmware(Access::NotPermitted),
            LinuxFacts {
                nodes: node(None, true),
                sandbox: Some(flatpak()),
                ..desktop()
            },
            Situation::UdevRuleMissing,
            "flatpak run --command=carto-flasher-cli org.example.Flasher doctor print-udev-rule and write it",
        ),
        (
            "a Flatpak that sees the host's rule, and cannot have it applied",
            firmware(Access::NotPermitted),
            LinuxFacts {
                nodes: node(None, true),
                sandbox: Some(flatpak()),
                rule: current(),
                ..desktop()
            },
            Situation::UdevRuleNotInForce { remote: false },
            "nothing",
        ),
        (
            "a Snap not connected to raw-usb",
            bootloader(Access::NotPermitted),
            LinuxFacts {
                sandbox: Some(Sandbox {
                    kind: SandboxKind::Snap,
                    name: "carto-flasher".into(),
                }),
                ..desktop()
            },
            Situation::Sandboxed {
                kind: SandboxKind::Snap,
            },
            "sudo snap connect carto-flasher:raw-usb",
        ),
    ];
    check(table);
}

#[test]
fn linux_held() {
    let table: Vec<Row> = vec![
        (
            "Klipper runs the printer",
            firmware(busy("klippy (process 812)")),
            desktop(),
            Situation::HeldByKlipper {
                holder: "klippy (process 812)".into(),
            },
            "sudo systemctl stop klipper",
        ),
        (
            "ModemManager: the rule keeps it off for good",
            firmware(busy("ModemManager (process 5)")),
            desktop(),
            Situation::HeldByModemManager {
                holder: Some("ModemManager (process 5)".into()),
            },
            WRITE,
        ),
        (
            "ModemManager in spite of the rule",
            firmware(busy("ModemManager (process 5)")),
            LinuxFacts {
                rule: current(),
                ..desktop()
            },
            Situation::HeldByModemManager {
                holder: Some("ModemManager (process 5)".into()),
            },
            "sudo systemctl stop ModemManager",
        ),
        (
            "brltty",
            firmware(busy("brltty (process 6)")),
            desktop(),
            Situation::HeldByBrltty {
                holder: Some("brltty (process 6)".into()),
            },
            "sudo systemctl stop 'brltty*'",
        ),
        (
            "somebody whose files this user may not see, and ModemManager runs",
            firmware(Access::Busy { holder: None }),
            LinuxFacts {
                running: vec!["ModemManager".into(), "fwupd".into()],
                ..desktop()
            },
            Situation::HeldByModemManager { holder: None },
            WRITE,
        ),
        (
            "the same with brltty",
            firmware(Access::Busy { holder: None }),
            LinuxFacts {
                running: vec!["brltty".into()],
                ..desktop()
            },
            Situation::HeldByBrltty { holder: None },
            "sudo systemctl stop 'brltty*'",
        ),
        (
            "either of the two: nobody is accused",
            firmware(Access::Busy { holder: None }),
            LinuxFacts {
                running: vec!["ModemManager".into(), "brltty".into()],
                ..desktop()
            },
            Situation::Held { holder: None },
            "CloseHolder",
        ),
        (
            "a bootloader has no port for them to take",
            bootloader(Access::Busy { holder: None }),
            LinuxFacts {
                running: vec!["ModemManager".into()],
                ..desktop()
            },
            Situation::Held { holder: None },
            "CloseHolder",
        ),
        (
            "a terminal program",
            firmware(busy("minicom (process 7)")),
            desktop(),
            Situation::Held {
                holder: Some("minicom (process 7)".into()),
            },
            "CloseHolder",
        ),
        (
            "somebody, on a bootloader",
            bootloader(Access::Busy { holder: None }),
            LinuxFacts {
                running: vec!["fwupd".into()],
                ..desktop()
            },
            Situation::Held { holder: None },
            "CloseHolder",
        ),
    ];
    check(table);
}

fn check(table: Vec<Row>) {
    for (name, device, facts, situation, repair) in table {
        let found = diagnose(&[device], &Facts::Linux(facts));
        assert_eq!(found.len(), 1, "{name}: {found:?}");
        assert_eq!(found[0].situation, situation, "{name}");
        assert_eq!(shown(found[0].repair.as_ref()), repair, "{name}");
        assert_eq!(found[0].device, Some(DeviceId("probe".into())), "{name}");
        assert!(found[0].situation.blocks(), "{name}");
    }
}

#[test]
fn the_evidence_names_suspects_and_files() {
    let facts = LinuxFacts {
        running: vec!["ModemManager".into(), "brltty".into()],
        ..desktop()
    };
    let found = diagnose(
        &[firmware(Access::Busy { holder: None })],
        &Facts::Linux(facts),
    );
    assert_eq!(
        found[0].evidence,
        [
            Evidence::Running {
                name: "ModemManager".into()
            },
            Evidence::Running {
                name: "brltty".into()
            }
        ]
    );
    let facts = LinuxFacts {
        nodes: node(Some("dialout"), true),
        ..desktop()
    };
    let found = diagnose(&[firmware(Access::NotPermitted)], &Facts::Linux(facts));
    assert_eq!(
        found[0].evidence,
        [
            Evidence::Node(node(Some("dialout"), true).remove(0)),
            Evidence::Rule {
                state: RuleState::Absent
            }
        ]
    );
}

#[test]
fn linux_as_a_whole() {
    let table = [
        ("all is well", desktop(), vec![]),
        (
            "a container",
            LinuxFacts {
                usb: false,
                ..desktop()
            },
            vec![Situation::NoUsb],
        ),
        (
            "WSL",
            LinuxFacts {
                usb: false,
                wsl: true,
                ..desktop()
            },
            vec![Situation::NoUsbInWsl],
        ),
        (
            "WSL with usbipd",
            LinuxFacts {
                wsl: true,
                ..desktop()
            },
            vec![],
        ),
        (
            "a Flatpak that hides /sys",
            LinuxFacts {
                usb: false,
                sandbox: Some(flatpak()),
                ..desktop()
            },
            vec![Situation::Sandboxed {
                kind: SandboxKind::Flatpak,
            }],
        ),
        (
            "a bare window manager, or sudo",
            LinuxFacts {
                session_bus: false,
                ..desktop()
            },
            vec![Situation::NoSessionBus],
        ),
    ];
    for (name, facts, situations) in table {
        let found: Vec<Situation> = diagnose(&[], &Facts::Linux(facts))
            .into_iter()
            .map(|diagnosis| diagnosis.situation)
            .collect();
        assert_eq!(found, situations, "{name}");
    }
    assert!(!Situation::NoSessionBus.blocks());
}

#[test]
fn usable_devices_and_strangers_need_no_doctor() {
    let stranger = DeviceInfo {
        manufacturer: Some("Klipper".into()),
        ..firmware(busy("klippy (process 812)"))
    };
    let devices = [firmware(Access::Usable), stranger];
    assert_eq!(diagnose(&devices, &Facts::Linux(desktop())), []);
}

#[test]
fn macos() {
    let quiet = MacOsFacts {
        asks_for_accessories: false,
        quarantined: None,
        translocated: false,
    };
    let asks = MacOsFacts {
        asks_for_accessories: true,
        ..quiet.clone()
    };
    let marked = |path: &str, translocated| MacOsFacts {
        quarantined: Some(path.into()),
        translocated,
        ..quiet.clone()
    };
    let installed = marked("/Applications/Carto Flasher.app", false);
    let copy = marked("/private/var/AppTranslocation/1/d/Carto Flasher.app", true);
    let held = || vec![bootloader(Access::Busy { holder: None })];
    let seen = || vec![firmware(Access::Usable)];
    let table: Vec<MacRow> = vec![
        (
            "nothing plugged in, a Mac that does not ask",
            vec![],
            quiet.clone(),
            None,
        ),
        (
            "nothing seen, on a Mac that asks",
            vec![],
            asks.clone(),
            Some((Situation::AccessoryPrompt, "AllowAccessory")),
        ),
        ("seen, so the question was answered", seen(), asks, None),
        (
            "started from a terminal, out of a download",
            seen(),
            installed,
            Some((
                Situation::Quarantined,
                "xattr -dr com.apple.quarantine '/Applications/Carto Flasher.app'",
            )),
        ),
        (
            "opened in the folder for downloads",
            seen(),
            copy,
            Some((Situation::Quarantined, "MoveToApplications")),
        ),
        (
            "another program has the bootloader",
            held(),
            quiet.clone(),
            Some((Situation::Held { holder: None }, "CloseHolder")),
        ),
        (
            "macOS says so of a claimed device, too (protocols.md §3.4)",
            vec![bootloader(Access::NotPermitted)],
            quiet,
            Some((Situation::Held { holder: None }, "CloseHolder")),
        ),
    ];
    for (name, devices, facts, expected) in table {
        let found = diagnose(&devices, &Facts::MacOs(facts));
        let Some((situation, repair)) = expected else {
            assert_eq!(found, [], "{name}");
            continue;
        };
        assert_eq!(found.len(), 1, "{name}: {found:?}");
        assert_eq!(found[0].situation, situation, "{name}");
        assert_eq!(shown(found[0].repair.as_ref()), repair, "{name}");
    }
    assert!(!Situation::AccessoryPrompt.blocks(), "it is a guess");
    assert!(!Situation::Quarantined.blocks(), "the program runs");
}

#[test]
fn a_diagnosis_can_be_written_down() {
    let found = diagnose(
        &[bootloader(Access::NotPermitted)],
        &Facts::Linux(desktop()),
    );
    let text = serde_json::to_string(&found).unwrap();
    assert!(text.contains("udev_rule_missing") && text.contains("install_udev_rule"));
}

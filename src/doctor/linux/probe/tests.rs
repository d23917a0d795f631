//! Recorded systems as files below a scratch root.

use super::*;
use crate::transport::{DeviceId, Location, UsbIds};

/// A recorded system: files below a scratch root.
struct Recorded(tempfile::TempDir);

impl Recorded {
    fn new(files: &[(&str, &str)]) -> Self {
        let recorded = Self(tempfile::tempdir().unwrap());
        for (path, contents) in files {
            recorded.add(path, contents);
        }
        recorded
    }

    fn add(&self, path: &str, contents: &str) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, contents).unwrap();
    }

    fn folder(&self, path: &str) {
        fs::create_dir_all(self.0.path().join(path)).unwrap();
    }

    fn observe(&self, environment: &[(&str, &str)], devices: &[DeviceInfo]) -> LinuxFacts {
        Probe::of(self.0.path(), environment).observe(devices)
    }
}

fn denied(id: &str, port: Option<&str>, location: Option<&str>) -> DeviceInfo {
    DeviceInfo {
        id: DeviceId(id.into()),
        location: location.map(|at| Location(at.into())),
        ids: UsbIds {
            vendor: 0x0483,
            product: 0xdf11,
            bcd_device: 0,
        },
        manufacturer: None,
        product: None,
        serial: None,
        port: port.map(str::to_owned),
        alt_settings: Vec::new(),
        access: Access::NotPermitted,
    }
}

#[test]
fn a_desktop_is_observed() {
    let recorded = Recorded::new(&[
        (
            "etc/group",
            "root:x:0:\ndialout:x:20:pi,klipper\nplugdev:x:46:pi\npi:x:1000:\n",
        ),
        (
            "etc/passwd",
            "root:x:0:0:root:/root:/bin/bash\npi:x:1000:1000:,,,:/home/pi:/bin/bash\n",
        ),
        (
            "proc/self/status",
            "Name:\tcarto-flasher\nUid:\t1000\t1000\t1000\t1000\nGid:\t1000\t1000\t1000\t1000\nGroups:\t46 1000 \n",
        ),
        ("proc/sys/kernel/osrelease", "6.12.0-rpi\n"),
        ("proc/812/comm", "ModemManager\n"),
        ("proc/813/comm", "bash\n"),
        ("proc/814/comm", "python\n"),
        (
            "proc/814/cmdline",
            "/home/pi/klippy-env/bin/python\0/home/pi/klipper/klippy/klippy.py\0/home/pi/printer.cfg\0",
        ),
        ("proc/self/comm", "brltty\n"),
        ("run/user/1000/bus", ""),
    ]);
    recorded.folder("run/udev");
    recorded.folder("sys/bus/usb/devices");
    let facts = recorded.observe(&[("XDG_RUNTIME_DIR", "/run/user/1000")], &[]);
    assert_eq!(
        facts,
        LinuxFacts {
            rule: RuleState::Absent,
            udev: true,
            usb: true,
            wsl: false,
            sandbox: None,
            session_bus: true,
            remote: false,
            user: Some("pi".into()),
            groups: vec!["plugdev".into(), "pi".into(), "pi".into()],
            groups_on_paper: vec!["dialout".into(), "plugdev".into()],
            nodes: Vec::new(),
            running: vec!["ModemManager".into(), "klippy".into()],
            helper: None,
        }
    );
}

#[test]
fn an_empty_root_is_observed_without_complaint() {
    let facts = Recorded::new(&[]).observe(&[], &[denied("usb:1:5", None, Some("1-2"))]);
    assert!(!facts.udev && !facts.usb && !facts.session_bus);
    assert_eq!(facts.user, None);
    assert!(facts.nodes.is_empty());
}

#[test]
fn sandboxes() {
    let flatpak = Recorded::new(&[(".flatpak-info", "[Application]\nname=org.example.Flasher\n")]);
    assert_eq!(
        flatpak.observe(&[], &[]).sandbox,
        Some(Sandbox {
            kind: SandboxKind::Flatpak,
            name: "org.example.Flasher".into()
        })
    );
    // udev and the rules are the host's.
    flatpak.add(
        "run/host/usr/lib/udev/rules.d/70-carto-flasher.rules",
        rule::CONTENTS,
    );
    let facts = flatpak.observe(&[("USER", "ann")], &[]);
    assert!(facts.udev && matches!(facts.rule, RuleState::Current { .. }));
    assert_eq!(facts.user.as_deref(), Some("ann"));
    let plain = Recorded::new(&[]);
    assert_eq!(
        plain
            .observe(&[("SNAP_NAME", "carto-flasher")], &[])
            .sandbox,
        Some(Sandbox {
            kind: SandboxKind::Snap,
            name: "carto-flasher".into()
        })
    );
}

#[test]
fn remote_sessions_wsl_and_buses() {
    let recorded = Recorded::new(&[(
        "proc/sys/kernel/osrelease",
        "5.15.153.1-microsoft-standard-WSL2\n",
    )]);
    let facts = recorded.observe(&[("SSH_CONNECTION", "10.0.0.2 5 10.0.0.1 22")], &[]);
    assert!(facts.wsl && facts.remote && !facts.session_bus);
    let facts = recorded.observe(
        &[
            ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/x"),
            ("SSH_TTY", ""),
        ],
        &[],
    );
    assert!(facts.session_bus && !facts.remote);
}

#[cfg(unix)]
#[test]
fn nodes_are_found_by_port_and_by_socket() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let recorded = Recorded::new(&[
        ("dev/ttyACM0", ""),
        ("dev/bus/usb/001/012", ""),
        ("sys/bus/usb/devices/1-2.4/busnum", "1\n"),
        ("sys/bus/usb/devices/1-2.4/devnum", "12\n"),
    ]);
    let mode = |path: &str, mode| {
        let path = recorded.0.path().join(path);
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    mode("dev/ttyACM0", 0o660);
    mode("dev/bus/usb/001/012", 0o664);
    let gid = recorded
        .0
        .path()
        .join("dev/ttyACM0")
        .metadata()
        .unwrap()
        .gid();
    recorded.add("etc/group", &format!("uucp:x:{gid}:\n"));
    let devices = [
        denied("a", Some("/dev/ttyACM0"), Some("1-1")),
        denied("b", None, Some("1-2.4")),
        denied("c", Some("/dev/ttyACM9"), None),
        denied("d", None, Some("9-9")),
    ];
    let facts = recorded.observe(&[], &devices);
    let seen: Vec<(&str, &str, bool, Option<&str>)> = facts
        .nodes
        .iter()
        .map(|node| {
            (
                node.device.0.as_str(),
                node.path.to_str().unwrap(),
                node.exists,
                node.group.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("a", "/dev/ttyACM0", true, Some("uucp")),
            ("b", "/dev/bus/usb/001/012", true, Some("uucp")),
            ("c", "/dev/ttyACM9", false, None),
        ]
    );
    // Read-only for the group is no way in.
    mode("dev/ttyACM0", 0o640);
    assert_eq!(recorded.observe(&[], &devices).nodes[0].group, None);
}

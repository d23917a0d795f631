//! Observations on Linux: files under a root, and a few variables of the environment. Opens no device.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::rule;
use crate::doctor::beside_us;
use crate::doctor::facts::{LinuxFacts, NodeFacts, RuleState, Sandbox, SandboxKind};
use crate::transport::serial::holder;
use crate::transport::{Access, DeviceInfo};

/// Programs known to take serial ports.
const SUSPECTS: [&str; 5] = ["ModemManager", "brltty", "klippy", "fwupd", "octoprint"];

/// Where to look.
#[derive(Debug, Clone)]
pub struct Probe {
    root: PathBuf,
    environment: HashMap<String, String>,
    helper: Option<PathBuf>,
}

impl Probe {
    /// Looks at this computer.
    pub fn of_this_system() -> Self {
        let wanted = [
            "SNAP_INSTANCE_NAME",
            "SNAP_NAME",
            "DBUS_SESSION_BUS_ADDRESS",
            "XDG_RUNTIME_DIR",
            "SSH_CONNECTION",
            "SSH_TTY",
            "USER",
        ];
        Self {
            root: PathBuf::from("/"),
            environment: wanted
                .into_iter()
                .filter_map(|name| Some((name.to_owned(), std::env::var(name).ok()?)))
                .collect(),
            helper: beside_us("carto-flasher-cli"),
        }
    }

    /// Looks at a recorded system: its files below `root`, and its environment.
    pub fn of(root: &Path, environment: &[(&str, &str)]) -> Self {
        Self {
            root: root.to_owned(),
            environment: environment
                .iter()
                .map(|&(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            helper: None,
        }
    }

    /// Everything the decision needs.
    pub fn observe(&self, devices: &[DeviceInfo]) -> LinuxFacts {
        let groups = Groups::parse(&self.text("etc/group"));
        let me = Process::parse(&self.text("proc/self/status"));
        // Users of a directory service are not in the file.
        let user = me
            .user
            .and_then(|uid| user_name(&self.text("etc/passwd"), uid))
            .or_else(|| self.environment.get("USER").cloned());
        let sandbox = self.sandbox();
        LinuxFacts {
            rule: self.rule(sandbox.is_some()),
            // A sandbox hides udev, which is the host's.
            udev: sandbox.is_some() || self.root.join("run/udev").is_dir(),
            usb: self.root.join("sys/bus/usb/devices").is_dir(),
            wsl: self
                .text("proc/sys/kernel/osrelease")
                .to_ascii_lowercase()
                .contains("microsoft"),
            sandbox,
            session_bus: self.session_bus(),
            remote: self.has("SSH_CONNECTION") || self.has("SSH_TTY"),
            groups: me
                .groups
                .iter()
                .filter_map(|&gid| groups.name(gid))
                .collect(),
            groups_on_paper: user
                .as_deref()
                .map(|user| groups.of(user))
                .unwrap_or_default(),
            user,
            nodes: devices
                .iter()
                .filter(|device| device.access == Access::NotPermitted)
                .filter_map(|device| self.node(device, &groups))
                .collect(),
            running: self.running(),
            helper: self.helper.clone(),
        }
    }

    fn text(&self, path: &str) -> String {
        fs::read_to_string(self.root.join(path)).unwrap_or_default()
    }

    fn has(&self, variable: &str) -> bool {
        self.environment
            .get(variable)
            .is_some_and(|value| !value.is_empty())
    }

    /// In a sandbox the host's files are below /run/host, if they are anywhere.
    fn rule(&self, sandboxed: bool) -> RuleState {
        match rule::state(&self.root) {
            RuleState::Absent if sandboxed => rule::state(&self.root.join("run/host")),
            state => state,
        }
    }

    fn sandbox(&self) -> Option<Sandbox> {
        let info = self.text(".flatpak-info");
        if !info.is_empty() || self.root.join(".flatpak-info").exists() {
            let name = info
                .lines()
                .find_map(|line| line.strip_prefix("name="))
                .unwrap_or_default();
            return Some(Sandbox {
                kind: SandboxKind::Flatpak,
                name: name.trim().to_owned(),
            });
        }
        ["SNAP_INSTANCE_NAME", "SNAP_NAME"]
            .into_iter()
            .find_map(|variable| self.environment.get(variable))
            .map(|name| Sandbox {
                kind: SandboxKind::Snap,
                name: name.clone(),
            })
    }

    fn session_bus(&self) -> bool {
        self.has("DBUS_SESSION_BUS_ADDRESS")
            || self
                .environment
                .get("XDG_RUNTIME_DIR")
                .is_some_and(|folder| self.below_root(Path::new(folder)).join("bus").exists())
    }

    fn below_root(&self, path: &Path) -> PathBuf {
        self.root.join(path.strip_prefix("/").unwrap_or(path))
    }

    /// A serial port is its own node; a bootloader's is found by its socket.
    fn node(&self, device: &DeviceInfo, groups: &Groups) -> Option<NodeFacts> {
        let path = match (&device.port, &device.location) {
            (Some(port), _) => PathBuf::from(port),
            (None, Some(location)) => {
                let number = |name: &str| -> Option<u32> {
                    self.text(&format!("sys/bus/usb/devices/{location}/{name}"))
                        .trim()
                        .parse()
                        .ok()
                };
                PathBuf::from(format!(
                    "/dev/bus/usb/{:03}/{:03}",
                    number("busnum")?,
                    number("devnum")?
                ))
            }
            (None, None) => return None,
        };
        let (exists, group) = owner(&self.below_root(&path));
        Some(NodeFacts {
            device: device.id.clone(),
            exists,
            group: group.and_then(|gid| groups.name(gid)),
            path,
        })
    }

    fn running(&self) -> Vec<String> {
        let Ok(processes) = fs::read_dir(self.root.join("proc")) else {
            return Vec::new();
        };
        let names: Vec<String> = processes
            .filter_map(Result::ok)
            .filter(|entry| {
                entry
                    .file_name()
                    .to_str()
                    .is_some_and(|name| name.bytes().all(|byte| byte.is_ascii_digit()))
            })
            .map(|entry| holder::name(&entry.path()))
            .collect();
        SUSPECTS
            .iter()
            .filter(|&&suspect| names.iter().any(|name| name == suspect))
            .map(|&suspect| suspect.to_owned())
            .collect()
    }
}

/// Whether a node is there, and its group if that may read and write.
#[cfg(unix)]
fn owner(path: &Path) -> (bool, Option<u32>) {
    use std::os::unix::fs::MetadataExt;
    /// Read and write for the group (inode(7)).
    const GROUP_RW: u32 = 0o060;
    match fs::metadata(path) {
        Ok(node) => (
            true,
            (node.mode() & GROUP_RW == GROUP_RW).then(|| node.gid()),
        ),
        Err(_) => (false, None),
    }
}

#[cfg(not(unix))]
fn owner(path: &Path) -> (bool, Option<u32>) {
    (path.exists(), None)
}

/// `/etc/group`.
#[derive(Debug, Default)]
struct Groups {
    groups: Vec<(u32, String, Vec<String>)>,
}

impl Groups {
    fn parse(text: &str) -> Self {
        let groups = text
            .lines()
            .filter_map(|line| {
                let mut fields = line.split(':');
                let name = fields.next()?.to_owned();
                let gid = fields.nth(1)?.parse().ok()?;
                let members = fields.next().unwrap_or_default();
                let members = members
                    .split(',')
                    .filter(|member| !member.is_empty())
                    .map(|member| member.trim().to_owned())
                    .collect();
                Some((gid, name, members))
            })
            .collect();
        Self { groups }
    }

    fn name(&self, gid: u32) -> Option<String> {
        self.groups
            .iter()
            .find(|(group, ..)| *group == gid)
            .map(|(_, name, _)| name.clone())
    }

    fn of(&self, user: &str) -> Vec<String> {
        self.groups
            .iter()
            .filter(|(_, _, members)| members.iter().any(|member| member == user))
            .map(|(_, name, _)| name.clone())
            .collect()
    }
}

/// `/proc/self/status`.
#[derive(Debug, Default, PartialEq, Eq)]
struct Process {
    user: Option<u32>,
    groups: Vec<u32>,
}

impl Process {
    fn parse(status: &str) -> Self {
        let numbers = |key: &str| -> Vec<u32> {
            status
                .lines()
                .find_map(|line| line.strip_prefix(key)?.strip_prefix(':'))
                .unwrap_or_default()
                .split_ascii_whitespace()
                .filter_map(|number| number.parse().ok())
                .collect()
        };
        // Real, effective, saved, file system (proc(5)); the effective one opens devices.
        let mut groups = numbers("Groups");
        groups.extend(numbers("Gid").get(1));
        Self {
            user: numbers("Uid").get(1).copied(),
            groups,
        }
    }
}

fn user_name(passwd: &str, uid: u32) -> Option<String> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(uid)).then(|| name.to_owned())
    })
}

#[cfg(test)]
mod tests;

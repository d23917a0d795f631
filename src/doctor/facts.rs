//! What was observed of a system. Values only; the probes that fill them are per system.

use std::path::PathBuf;

use serde::Serialize;

use super::windows::BootloaderFacts;
use super::{linux, macos, windows};
use crate::transport::native::Os;
use crate::transport::{DeviceId, DeviceInfo};

/// The system this program runs on, as far as it matters to reaching a probe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "os")]
pub enum Facts {
    /// Linux.
    Linux(LinuxFacts),
    /// macOS.
    MacOs(MacOsFacts),
    /// Windows.
    Windows(WindowsFacts),
}

impl Facts {
    /// Looks at this system.
    pub fn gather(devices: &[DeviceInfo]) -> Self {
        match Os::HERE {
            Os::Linux => Self::Linux(linux::observe(devices)),
            Os::MacOs => Self::MacOs(macos::observe()),
            Os::Windows => Self::Windows(windows::observe(devices)),
        }
    }
}

/// Observations on Linux.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent observations, not a state"
)]
pub struct LinuxFacts {
    /// Our udev rule.
    pub rule: RuleState,
    /// udev runs.
    pub udev: bool,
    /// The kernel has a USB system.
    pub usb: bool,
    /// This is the Windows Subsystem for Linux.
    pub wsl: bool,
    /// The sandbox this program runs in.
    pub sandbox: Option<Sandbox>,
    /// There is a session bus.
    pub session_bus: bool,
    /// The session came in over SSH.
    pub remote: bool,
    /// The user's name.
    pub user: Option<String>,
    /// Groups of this process.
    pub groups: Vec<String>,
    /// Groups that list the user, whether or not this process has them yet.
    pub groups_on_paper: Vec<String>,
    /// Nodes of the devices that cannot be used.
    pub nodes: Vec<NodeFacts>,
    /// Programs that run and are known to take serial ports.
    pub running: Vec<String>,
    /// The command line of this program, if it is there.
    pub helper: Option<PathBuf>,
}

/// A device node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NodeFacts {
    /// Whose it is.
    pub device: DeviceId,
    /// Where.
    pub path: PathBuf,
    /// It is there: a sandbox may hide it.
    pub exists: bool,
    /// Its group, if that group may read and write.
    pub group: Option<String>,
}

/// The rule file on this system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "rule")]
pub enum RuleState {
    /// Nowhere.
    Absent,
    /// As this version of the program has it.
    Current {
        /// Where.
        #[serde(serialize_with = "crate::files::as_text")]
        path: PathBuf,
    },
    /// There, with other text: another version's, or edited.
    Different {
        /// Where.
        #[serde(serialize_with = "crate::files::as_text")]
        path: PathBuf,
    },
    /// Switched off by an empty file or a link to /dev/null.
    Masked {
        /// Where.
        #[serde(serialize_with = "crate::files::as_text")]
        path: PathBuf,
    },
}

/// A sandbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sandbox {
    /// Which.
    pub kind: SandboxKind,
    /// The name this program has in it, for the command that opens it.
    pub name: String,
}

/// The kinds of sandbox programs are shipped in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SandboxKind {
    /// Flatpak.
    Flatpak,
    /// Snap.
    Snap,
}

/// Observations on macOS.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MacOsFacts {
    /// This Mac asks before it lets a USB accessory connect: a portable one with Apple silicon, macOS 13
    /// or later.
    pub asks_for_accessories: bool,
    /// The program, if it carries the mark of a download that nobody has allowed to run yet.
    pub quarantined: Option<PathBuf>,
    /// It runs from a hidden, read-only copy, as macOS does with a download that was not moved.
    pub translocated: bool,
}

/// Observations on Windows.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct WindowsFacts {
    /// What the device tree says of the bootloaders that cannot be used.
    pub bootloaders: Vec<BootloaderFacts>,
    /// Programs that run and are known to keep probes open.
    pub running: Vec<String>,
    /// No probe is seen, and some USB device did not answer when asked what it is.
    pub unreadable: bool,
    /// The program that changes drivers, if it is there.
    pub helper: Option<PathBuf>,
}

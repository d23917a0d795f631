//! Found but not usable: why, and the repair.
//!
//! [`Facts`] are gathered from the system; [`diagnose`] decides, purely, so that situations recorded on any
//! system are tests on every system. What is said to people about a [`Situation`] is in `advice`; nothing
//! here draws, and nothing is repaired unless asked.

pub(crate) mod command;
mod decide;
mod facts;
pub mod linux;
pub mod macos;
mod undo;
pub mod windows;

use std::path::PathBuf;

use serde::Serialize;

pub use command::{CommandError, CommandLine, Elevation, elevation_outcome};
pub use decide::diagnose;
pub use facts::{
    Facts, LinuxFacts, MacOsFacts, NodeFacts, RuleState, Sandbox, SandboxKind, WindowsFacts,
};
pub use undo::{Undo, undoable};

use crate::transport::{DeviceId, DeviceInfo};

/// Looks at the system and says what stands between this program and these devices.
pub fn examine(devices: &[DeviceInfo]) -> Vec<Diagnosis> {
    diagnose(devices, &Facts::gather(devices))
}

/// Another program of ours, if it lies beside this one.
fn beside_us(name: &str) -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?;
    Some(program.parent()?.join(name)).filter(|path| path.is_file())
}

/// One thing in the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnosis {
    /// The device it concerns; none for the computer as a whole.
    pub device: Option<DeviceId>,
    /// What is wrong.
    pub situation: Situation,
    /// What it was concluded from, for Details and reports.
    pub evidence: Vec<Evidence>,
    /// What would put it right, where this program or a command can.
    pub repair: Option<Repair>,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "situation")]
pub enum Situation {
    /// Linux: nothing gives this user access to the device.
    UdevRuleMissing,
    /// Linux: the rule is there but does not apply to this device yet, or not to this kind of session.
    UdevRuleNotInForce {
        /// The session is remote (SSH), where rules for "the person at this computer" give nothing.
        remote: bool,
    },
    /// Linux: the administrator has masked the rule.
    UdevRuleMasked,
    /// Linux: no udev runs, so no rule can help.
    NoUdev,
    /// Linux: the device belongs to a group this user is not in.
    SerialGroupMissing {
        /// `dialout`, `uucp` or `plugdev`.
        group: String,
    },
    /// Linux: the user was put into the group after logging in.
    SerialGroupPending {
        /// The group.
        group: String,
    },
    /// Klipper holds the port: the printer uses this probe.
    HeldByKlipper {
        /// Name and process number.
        holder: String,
    },
    /// Linux: ModemManager holds the port.
    HeldByModemManager {
        /// Name and process number; none if it is only the likely one.
        holder: Option<String>,
    },
    /// Linux: brltty, for Braille displays, holds the port.
    HeldByBrltty {
        /// Name and process number; none if it is only the likely one.
        holder: Option<String>,
    },
    /// Another program holds the device.
    Held {
        /// Name and process number where the system tells.
        holder: Option<String>,
    },
    /// Linux: a sandbox keeps the device from us.
    Sandboxed {
        /// Which.
        kind: SandboxKind,
    },
    /// Linux: this computer, container or virtual machine has no USB at all.
    NoUsb,
    /// Windows Subsystem for Linux has no USB unless it is attached by usbipd.
    NoUsbInWsl,
    /// Linux: no session bus, so no file dialogs; a path can be typed.
    NoSessionBus,
    /// Windows: no driver is bound to the bootloader.
    NoDriver,
    /// Windows: ST's old DFU driver is bound, through which we cannot talk.
    OldStDriver,
    /// Windows: libusbK or libusb-win32 is bound, and what libusb needs besides is not installed.
    LibusbDriver {
        /// Its service name.
        bound: String,
    },
    /// Windows: some other driver is bound.
    OtherDriver {
        /// Its service name.
        bound: String,
    },
    /// Windows: a driver that would do is bound and does not start.
    DriverFails {
        /// Its service name.
        bound: String,
        /// The problem code that Device Manager shows.
        problem: u32,
    },
    /// Windows: the right driver is bound and runs, yet the device cannot be opened: it was bound a moment ago.
    DriverNotReady,
    /// Windows: somebody has disabled the device.
    DeviceDisabled,
    /// Windows: a driver was changed and waits for a restart.
    RestartNeeded,
    /// Windows: no probe is seen, and some USB device did not answer when asked what it is.
    UsbDeviceUnreadable,
    /// macOS: nothing is seen, and this Mac asks before it lets a USB accessory connect.
    AccessoryPrompt,
    /// macOS: the program carries the mark of a download that nobody has allowed to run yet.
    Quarantined,
}

impl Situation {
    /// True if no probe can be flashed until it is put right; false if it only takes a comfort away or is a
    /// guess.
    pub fn blocks(&self) -> bool {
        !matches!(
            self,
            Self::NoSessionBus
                | Self::AccessoryPrompt
                | Self::Quarantined
                | Self::UsbDeviceUnreadable
        )
    }
}

/// One observation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "evidence")]
pub enum Evidence {
    /// A device node as it is.
    Node(NodeFacts),
    /// The rule file as found.
    Rule {
        /// What was found.
        state: RuleState,
    },
    /// A group this process has, or does not have.
    Group {
        /// Its name.
        group: String,
        /// True if this process has it.
        held: bool,
    },
    /// A program runs that takes serial ports.
    Running {
        /// Its name.
        name: String,
    },
    /// The session came in over the network.
    RemoteSession,
    /// Windows: the driver bound to the device.
    Driver {
        /// Its service name, if any.
        bound: Option<String>,
    },
    /// Windows: what the device tree says of the device.
    DeviceTree(windows::Node),
}

/// What would put it right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "repair")]
pub enum Repair {
    /// Write this file, as administrator.
    InstallUdevRule {
        /// Where.
        path: PathBuf,
        /// What, exactly.
        contents: &'static str,
        /// What does it, in a terminal.
        command: CommandLine,
    },
    /// Write this file from a terminal: a sandbox lets nobody write it from here.
    InstallUdevRuleOnHost {
        /// Where.
        path: PathBuf,
        /// What, exactly.
        contents: &'static str,
        /// What prints it outside of the sandbox.
        print: CommandLine,
    },
    /// Have the rules read and applied again, as administrator; unplugging and plugging in does the same.
    ReloadUdev {
        /// What does it, in a terminal.
        command: CommandLine,
    },
    /// Run this in a terminal, then log out and in.
    JoinGroup {
        /// The command.
        command: CommandLine,
    },
    /// Log out and in.
    LogInAgain,
    /// Run this in a terminal; the other program gives the port back.
    StopService {
        /// The command.
        command: CommandLine,
    },
    /// Close the other program.
    CloseHolder,
    /// Run this in a terminal: it opens the sandbox for USB.
    OpenSandbox {
        /// The command.
        command: CommandLine,
    },
    /// Put WinUSB in the place of what is bound, for the bootloader only.
    InstallWinUsb {
        /// What is run with administrator rights, where it can be.
        command: Option<CommandLine>,
    },
    /// Enable the device in Device Manager.
    EnableDevice,
    /// Start the computer again.
    RestartComputer,
    /// Unplug it and plug it in again.
    Replug,
    /// Try another cable or another socket.
    OtherCable,
    /// Answer "Allow" where the system asks.
    AllowAccessory,
    /// Move the program to Applications: from then on it runs from there and not from a copy.
    MoveToApplications,
    /// Run this in a terminal, if the program does not start by itself.
    RemoveQuarantine {
        /// The command.
        command: CommandLine,
    },
}

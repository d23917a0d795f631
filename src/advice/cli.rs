//! What only the command line can fail at: its arguments, the choice of a probe, the files it was asked for.

use std::path::PathBuf;

use super::Advice;
use crate::board::{Model, Transport};
use crate::image::Variant;

/// A failure of the command line's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CliFailure {
    /// It cannot be understood.
    Usage {
        /// What its parser said.
        why: String,
    },
    /// Options that exclude each other.
    ContradictoryOptions {
        /// Which, and why.
        why: &'static str,
    },
    /// There is no such simulated bench.
    BadBench {
        /// What is wrong with its description.
        why: String,
    },
    /// There is nobody to say yes.
    NeedsYes,
    /// Somebody said no.
    Declined,
    /// Somebody pressed Ctrl+C before there was anything to stop.
    Stopped,
    /// The system names no folder for backups.
    NoBackupFolder,
    /// No device has this name.
    NoSuchDevice {
        /// It.
        name: String,
        /// How many there are.
        count: usize,
    },
    /// More than one device has this name.
    SeveralMatch {
        /// It.
        name: String,
    },
    /// There is no probe.
    NoProbe,
    /// There are several, and none was chosen.
    SeveralProbes {
        /// What they are.
        probes: Vec<String>,
    },
    /// Other boards that share the probe's USB numbers, and no probe.
    OnlyStrangers,
    /// The bus cannot be listed.
    NoUsb {
        /// What the system said.
        why: String,
    },
    /// A file that is never replaced is there already.
    FileExists {
        /// It.
        path: PathBuf,
    },
    /// A file that was asked for cannot be written.
    CannotWrite {
        /// It.
        path: PathBuf,
        /// What the system said.
        why: String,
    },
    /// No official firmware is like that.
    NoSuchBuild {
        /// For which board.
        board: Model,
        /// How it shall talk.
        transport: Transport,
        /// Full or lite.
        variant: Variant,
    },
    /// The source answers, and has nothing of what was asked for.
    NotServed,
    /// Kept files are not what their names say.
    WrongFiles {
        /// Where.
        folders: Vec<String>,
    },
    /// udev on another system.
    LinuxOnly,
    /// Drivers on another system.
    WindowsOnly,
    /// No bootloader whose driver could be changed.
    NoBootloader,
    /// Several bootloaders, and none was chosen.
    SeveralBootloaders {
        /// Their names.
        names: Vec<String>,
    },
    /// A simulated bench cannot be offered over USB/IP.
    NoServer {
        /// What the system said.
        why: String,
    },
    /// There is nothing to plug a simulated bench into.
    NoVhci {
        /// What the system said.
        why: String,
    },
}

/// What the command line says of itself.
pub fn for_cli_failure(failure: &CliFailure) -> Advice {
    let advice = Advice::new(code(failure), title(failure), cause(failure));
    match step(failure) {
        Some(step) => advice.step(step),
        None => advice,
    }
}

fn code(failure: &CliFailure) -> &'static str {
    match failure {
        CliFailure::Usage { .. } => "usage",
        CliFailure::ContradictoryOptions { .. } => "contradictory_options",
        CliFailure::BadBench { .. } => "bad_bench",
        CliFailure::NeedsYes => "needs_yes",
        CliFailure::Declined => "declined",
        CliFailure::Stopped => "cancelled",
        CliFailure::NoBackupFolder => "no_backup_folder",
        CliFailure::NoSuchDevice { .. } => "no_such_device",
        CliFailure::SeveralMatch { .. } => "several_match",
        CliFailure::NoProbe => "no_probe",
        CliFailure::SeveralProbes { .. } => "several_probes",
        CliFailure::OnlyStrangers => "only_strangers",
        CliFailure::NoUsb { .. } => "no_usb",
        CliFailure::FileExists { .. } => "file_exists",
        CliFailure::CannotWrite { .. } => "cannot_write",
        CliFailure::NoSuchBuild { .. } => "no_such_build",
        CliFailure::NotServed => "not_served",
        CliFailure::WrongFiles { .. } => "wrong_files",
        CliFailure::LinuxOnly => "linux_only",
        CliFailure::WindowsOnly => "windows_only",
        CliFailure::NoBootloader => "no_bootloader",
        CliFailure::SeveralBootloaders { .. } => "several_bootloaders",
        CliFailure::NoServer { .. } => "no_server",
        CliFailure::NoVhci { .. } => "no_vhci",
    }
}

fn title(failure: &CliFailure) -> String {
    let title = match failure {
        CliFailure::NoSuchDevice { name, .. } => return format!("No device is called {name}"),
        CliFailure::SeveralMatch { name } => return format!("Several devices are called {name}"),
        CliFailure::FileExists { path } => return format!("{} exists already", path.display()),
        CliFailure::CannotWrite { path, .. } => {
            return format!("{} could not be written", path.display());
        }
        CliFailure::Usage { .. } => "The command line is wrong",
        CliFailure::ContradictoryOptions { .. } => "These options do not go together",
        CliFailure::BadBench { .. } => "This simulated bench does not exist",
        CliFailure::NeedsYes => "Nobody can be asked here",
        CliFailure::Declined => "Nothing was written",
        CliFailure::Stopped => "Stopped",
        CliFailure::NoBackupFolder => "There is no home folder for backups",
        CliFailure::NoProbe => "No probe was found",
        CliFailure::SeveralProbes { .. } => "Several probes were found",
        CliFailure::OnlyStrangers => "The only boards found are not Cartographer probes",
        CliFailure::NoUsb { .. } => "USB cannot be used on this computer",
        CliFailure::NoSuchBuild { .. } => "There is no such official firmware",
        CliFailure::NotServed => "The source does not have this firmware",
        CliFailure::WrongFiles { .. } => "Some files are not what their names say",
        CliFailure::LinuxOnly => "Only Linux has udev rules",
        CliFailure::WindowsOnly => "Only Windows needs a driver for DFU mode",
        CliFailure::NoBootloader => "No probe in DFU mode is seen",
        CliFailure::SeveralBootloaders { .. } => "Several bootloaders are plugged in",
        CliFailure::NoServer { .. } => "The bench cannot be offered",
        CliFailure::NoVhci { .. } => "There is no virtual host controller to attach to",
    };
    title.to_owned()
}

fn cause(failure: &CliFailure) -> String {
    let cause = match failure {
        CliFailure::NoUsb { why }
        | CliFailure::CannotWrite { why, .. }
        | CliFailure::NoServer { why }
        | CliFailure::NoVhci { why } => return format!("The system says: {}.", bare(why)),
        CliFailure::Usage { why } | CliFailure::BadBench { why } => return sentence(why),
        CliFailure::ContradictoryOptions { why } => return sentence(why),
        CliFailure::NoSuchDevice { count, .. } => return format!("There are {count} devices."),
        CliFailure::SeveralProbes { probes } => return format!("They are: {}.", probes.join("; ")),
        CliFailure::NoSuchBuild {
            board,
            transport,
            variant,
        } => {
            let (board, build) = (board.label(), build(*variant));
            return format!("For a {board} none is built for {transport}, {build}.");
        }
        CliFailure::WrongFiles { folders } => {
            return format!(
                "They are in {}, and are never flashed.",
                folders.join(" and ")
            );
        }
        CliFailure::SeveralBootloaders { names } => {
            return format!("They are: {}.", names.join(", "));
        }
        CliFailure::NeedsYes => "This is no terminal, or the answer shall be JSON.",
        CliFailure::Declined => "You said no.",
        CliFailure::Stopped => "You pressed Ctrl+C.",
        CliFailure::NoBackupFolder => "The system names none, so a backup has no place.",
        CliFailure::SeveralMatch { .. } => "They have the same serial number.",
        CliFailure::NoProbe => "A probe that was flashed for CAN shows nothing on USB.",
        CliFailure::OnlyStrangers => {
            "They share our USB numbers but are other boards, perhaps a toolboard in DFU mode. They are never flashed."
        }
        CliFailure::FileExists { .. } => "It is never replaced.",
        CliFailure::NotServed => "It answers, and knows nothing under these names.",
        CliFailure::LinuxOnly | CliFailure::WindowsOnly => {
            "On this system nothing of the kind is needed."
        }
        CliFailure::NoBootloader => "A driver is changed for a bootloader that is plugged in.",
    };
    cause.to_owned()
}

fn step(failure: &CliFailure) -> Option<String> {
    let step = match failure {
        CliFailure::NoSuchBuild { board, .. } => {
            return Some(format!(
                "See what there is: carto-flasher-cli firmware list --board {}",
                board.label().to_ascii_lowercase()
            ));
        }
        CliFailure::Declined
        | CliFailure::Stopped
        | CliFailure::LinuxOnly
        | CliFailure::WindowsOnly => return None,
        CliFailure::Usage { .. } => "See what can be asked for: carto-flasher-cli help",
        CliFailure::ContradictoryOptions { .. } => "Leave one of them out",
        CliFailure::BadBench { .. } => "Name another, such as v3-dfu or v4-usb",
        CliFailure::NeedsYes => "Add --yes to write without asking",
        CliFailure::NoBackupFolder => {
            "Say where backups go with --backup-folder, or skip them with --no-backup"
        }
        CliFailure::NoSuchDevice { .. } => "See what they are called: carto-flasher-cli devices",
        CliFailure::SeveralMatch { .. } => "Name one by its location or port",
        CliFailure::NoProbe => {
            "Plug it into this computer with its USB cable, or bring it into DFU mode"
        }
        CliFailure::SeveralProbes { .. } => "Unplug the others, or choose one with --device",
        CliFailure::OnlyStrangers => "Unplug them and plug in the probe",
        CliFailure::NoUsb { .. } => "See what stands in the way: carto-flasher-cli doctor",
        CliFailure::FileExists { .. } | CliFailure::CannotWrite { .. } => {
            "Choose another name or folder"
        }
        CliFailure::NotServed => {
            "Check the address given with --source: firmware/ must lie below it"
        }
        CliFailure::WrongFiles { .. } => {
            "Fetch them again: carto-flasher-cli firmware fetch --all replaces what is wrong in the cache; add --to for another folder"
        }
        CliFailure::NoBootloader => "Bring the probe into DFU mode",
        CliFailure::SeveralBootloaders { .. } => "Name one of them",
        CliFailure::NoServer { .. } => "Choose another address with --usbip",
        CliFailure::NoVhci { .. } => "As root: modprobe vhci-hcd",
    };
    Some(step.to_owned())
}

/// What somebody else said, as a sentence of ours.
fn sentence(text: &str) -> String {
    let mut letters = bare(text).chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).chain(['.']).collect()
}

fn bare(text: &str) -> &str {
    text.trim().trim_end_matches('.')
}

fn build(variant: Variant) -> &'static str {
    match variant {
        Variant::Full => "full build",
        Variant::Lite => "lite build",
    }
}

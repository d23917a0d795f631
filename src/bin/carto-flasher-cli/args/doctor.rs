//! What the doctor can be asked for.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Doctor {
    /// Also save what a bug report needs to this file, with serial numbers masked
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) repair: Option<Repair>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Repair {
    /// Linux: give probes to whoever sits at this computer, by a udev rule; needs administrator rights
    InstallUdevRule(RuleRoot),
    /// Linux: remove what install-udev-rule wrote; needs administrator rights
    RemoveUdevRule(RuleRoot),
    /// Linux: print what install-udev-rule writes, for a system that this program may not write to
    PrintUdevRule,
    /// Windows: bind WinUSB to a probe in DFU mode; Windows asks for administrator rights
    InstallWinusb(Driver),
    /// Windows: undo install-winusb and let Windows choose a driver as if the probe were new
    RestoreDriver(Driver),
}

#[derive(Debug, Args)]
pub(crate) struct Driver {
    /// Which bootloader, if there are several: USB\\VID_0483&PID_DF11\\..., as Device Manager shows it
    pub(crate) instance: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct RuleRoot {
    /// Work on the system in this folder instead of the running one
    #[arg(long, value_name = "FOLDER", default_value = "/")]
    pub(crate) root: PathBuf,
}

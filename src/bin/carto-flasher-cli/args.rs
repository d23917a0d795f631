//! What can be asked for.

mod doctor;
mod firmware;

use std::path::PathBuf;

use carto_flasher::flash::plan::Via;
use clap::{ArgGroup, Args as ClapArgs, CommandFactory as _, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

pub(crate) use doctor::{Doctor, Driver, Repair, RuleRoot};
pub(crate) use firmware::{Bus, Clear, Fetch, Firmware, Kept, List, Places, Verify, Wish};

/// Put firmware on a Cartographer bed probe, verified and recoverable
#[derive(Debug, Parser)]
#[command(name = "carto-flasher-cli", version, after_help = EXIT_CODES)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) common: Common,
}

const EXIT_CODES: &str = "Exit codes:
  0  done
  2  the command line is wrong
  3  no usable probe
  4  refused before any probe was touched; also firmware that could not be had
  5  failed; the probe is recoverable, and the message says how
  6  failed; DFU mode must be entered by the pads
  7  stopped on request";

const COMMON: &str = "For every command";
const BENCH: &str = "Without a probe";

/// What every command understands.
#[derive(Debug, ClapArgs)]
pub(crate) struct Common {
    /// The probe: its port, location or serial, as `devices` shows them
    #[arg(long, global = true, value_name = "DEVICE", help_heading = COMMON)]
    pub(crate) device: Option<String>,
    /// Use a simulated bench instead of real hardware, such as v3-dfu or v4-dfu,fault=unplug@40%
    #[arg(long, global = true, value_name = "BENCH", num_args = 0..=1, default_missing_value = "v3-usb", value_parser = bench, help_heading = BENCH)]
    pub(crate) simulate: Option<String>,
    /// Let a simulated bench take the time a real one takes
    #[arg(long, global = true, requires = "simulate", help_heading = BENCH)]
    pub(crate) real_time: bool,
    /// Afterwards, write what the simulated chip holds to this file
    #[arg(long, global = true, requires = "simulate", value_name = "OUT", help_heading = BENCH)]
    pub(crate) simulate_dump: Option<PathBuf>,
    /// Answer in JSON
    #[arg(long, global = true, help_heading = COMMON)]
    pub(crate) json: bool,
    /// Log to standard error: error, warn, info, debug or trace
    #[arg(long, global = true, value_name = "LEVEL", help_heading = COMMON)]
    pub(crate) log: Option<String>,
}

/// The value may be left out, and then what comes next is taken for it.
fn bench(text: &str) -> Result<String, String> {
    let program = Args::command();
    if program.find_subcommand(text).is_some() {
        return Err(format!(
            "`{text}` is a command, not a bench. Write it before --simulate, or name the bench: --simulate v3-usb {text}"
        ));
    }
    Ok(text.to_owned())
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the probes on the bus
    Devices(Devices),
    /// Say what a firmware file is
    Inspect(Inspect),
    /// Write firmware to a probe and verify it: a file, or official firmware by its name
    Flash(Flash),
    /// Save the whole flash of a probe to a file
    Backup(Backup),
    /// Write a backup back to a probe
    Restore(Restore),
    /// List, fetch and check official firmware
    #[command(subcommand)]
    Firmware(Firmware),
    /// Say what stands between this program and the probe, and repair it
    Doctor(Doctor),
    /// Print a script that completes this command line in a shell
    Completions(Completions),
    /// Write the manual pages, for packages
    #[command(hide = true)]
    Manual(Manual),
    /// Offer a simulated bench over USB/IP, so that this or another computer takes it for real USB devices
    #[cfg(feature = "usbip")]
    Sim(Sim),
}

#[derive(Debug, ClapArgs)]
#[command(after_help = COMPLETIONS_EXAMPLES)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: Shell,
}

const COMPLETIONS_EXAMPLES: &str = "Examples (the Linux packages have done this):
  completions bash > ~/.local/share/bash-completion/completions/carto-flasher-cli
  completions fish > ~/.config/fish/completions/carto-flasher-cli.fish";

#[derive(Debug, ClapArgs)]
pub(crate) struct Manual {
    /// Where they go; it must exist
    pub(crate) folder: PathBuf,
}

/// See [`Command::Sim`].
#[cfg(feature = "usbip")]
#[derive(Debug, ClapArgs)]
pub(crate) struct Sim {
    /// The bench, such as v3-dfu or v3-dfu+v4-usb,latency=0
    pub(crate) bench: String,
    /// Serve clients at this address; without it and without --attach, at 127.0.0.1:3240
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) usbip: Option<std::net::SocketAddr>,
    /// Plug the bench into this computer's own vhci-hcd, and again after each change of mode. Needs root
    #[cfg(target_os = "linux")]
    #[arg(long)]
    pub(crate) attach: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Devices {
    /// Do not ask running probes for their version
    #[arg(long)]
    pub(crate) no_identify: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Inspect {
    /// The file
    pub(crate) file: PathBuf,
}

#[derive(Debug, ClapArgs)]
#[command(group(ArgGroup::new("what").required(true).args(["file", "firmware"])), after_help = FLASH_EXAMPLES)]
pub(crate) struct Flash {
    /// The firmware file
    pub(crate) file: Option<PathBuf>,
    /// Official firmware instead of a file: `latest`, or an ID that `firmware list` shows
    #[arg(long, value_name = "latest|ID")]
    pub(crate) firmware: Option<String>,
    #[command(flatten)]
    pub(crate) wish: Wish,
    #[command(flatten)]
    pub(crate) places: Places,
    /// Katapult's file, to go in front of an application that is flashed through DFU
    #[arg(long, value_name = "FILE", conflicts_with = "firmware")]
    pub(crate) with_bootloader: Option<PathBuf>,
    /// Accept that a deployer replaces the bootloader: power lost in that half second needs the pads
    #[arg(long)]
    pub(crate) accept_deployer_risk: bool,
    #[command(flatten)]
    pub(crate) write: Write,
}

const FLASH_EXAMPLES: &str = "Examples:
  flash --firmware latest                    the newest, talking as the probe does now
  flash --firmware latest --transport can    the newest for CAN at 1 Mbit/s
  flash --firmware v4-6.1.0-usb-full         this very version
  flash firmware.bin                         a file";

#[derive(Debug, ClapArgs)]
pub(crate) struct Restore {
    /// The backup
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) write: Write,
}

/// What commands that write have in common.
#[derive(Debug, ClapArgs)]
pub(crate) struct Write {
    /// Which bootloader to go through
    #[arg(long, value_enum, default_value_t = ViaArg::Auto)]
    pub(crate) via: ViaArg,
    /// Do not ask before writing
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// Do not save what is on the probe first
    #[arg(long)]
    pub(crate) no_backup: bool,
    /// Where backups go
    #[arg(long, value_name = "FOLDER")]
    pub(crate) backup_folder: Option<PathBuf>,
    /// Wait this many seconds for a probe that is unplugged in the middle, and go on; an hour at most
    #[arg(long, value_name = "SECONDS", default_value_t = 0, value_parser = clap::value_parser!(u64).range(..=3600))]
    pub(crate) reconnect: u64,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Backup {
    /// The file to write; it must not exist yet
    pub(crate) out: PathBuf,
    /// Which bootloader to go through
    #[arg(long, value_enum, default_value_t = ViaArg::Auto)]
    pub(crate) via: ViaArg,
}

/// [`Via`] on the command line.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum ViaArg {
    /// Katapult where the probe runs firmware or Katapult, DFU where it is in DFU mode
    Auto,
    /// Katapult only
    Katapult,
    /// DFU only
    Dfu,
}

impl From<ViaArg> for Via {
    fn from(via: ViaArg) -> Self {
        match via {
            ViaArg::Auto => Self::Auto,
            ViaArg::Katapult => Self::Katapult,
            ViaArg::Dfu => Self::Dfu,
        }
    }
}

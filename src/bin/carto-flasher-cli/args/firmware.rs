//! What can be asked about official firmware.

use std::path::PathBuf;

use carto_flasher::board::Model;
use carto_flasher::catalog::select;
use carto_flasher::image::Variant;
use clap::{ArgGroup, Args, Subcommand, ValueEnum};

#[derive(Debug, Subcommand)]
pub(crate) enum Firmware {
    /// List the firmware there is, newest first, and what of it is on this computer
    List(List),
    /// Fetch firmware and keep it, so that flashing needs no network
    Fetch(Fetch),
    /// Check that every kept firmware file is what its name says
    Verify(Verify),
    /// Delete everything that was fetched
    Clear(Clear),
}

#[derive(Debug, Args)]
pub(crate) struct List {
    /// Only for this board
    #[arg(long, value_enum)]
    pub(crate) board: Option<Board>,
    #[command(flatten)]
    pub(crate) wish: Wish,
    /// Archived firmware too
    #[arg(long)]
    pub(crate) all: bool,
    /// Ask the source first what it has now
    #[arg(long, conflicts_with = "offline")]
    pub(crate) refresh: bool,
    #[command(flatten)]
    pub(crate) places: Places,
}

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("which").required(true).args(["ids", "all"])))]
pub(crate) struct Fetch {
    /// What to fetch, by the IDs that `firmware list` shows
    #[arg(value_name = "ID")]
    pub(crate) ids: Vec<String>,
    /// Everything, archived firmware too: about 3 MB
    #[arg(long)]
    pub(crate) all: bool,
    /// Put the files also into this folder, named as upstream names them
    #[arg(long, value_name = "FOLDER")]
    pub(crate) to: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) places: Places,
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// The folder to look through; without one, the places where this program keeps firmware
    #[arg(value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) kept: Kept,
}

#[derive(Debug, Args)]
pub(crate) struct Clear {
    #[command(flatten)]
    pub(crate) kept: Kept,
}

/// How the probe shall talk, and which build.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Wish {
    /// How the probe talks to the printer
    #[arg(long, value_enum)]
    pub(crate) transport: Option<Bus>,
    /// CAN bitrate: 1M, 500k or 250k
    #[arg(long, value_name = "N", value_parser = bitrate)]
    pub(crate) bitrate: Option<u32>,
    /// lite is for slow hosts: Creality K1, Qidi, Raspberry Pi 2
    #[arg(long, value_enum)]
    pub(crate) variant: Option<Build>,
}

impl Wish {
    /// True if nothing is wished for.
    pub(crate) fn is_empty(&self) -> bool {
        self.transport.is_none() && self.bitrate.is_none() && self.variant.is_none()
    }
}

const PLACES: &str = "Where firmware comes from";

/// Where firmware comes from and where it is kept.
#[derive(Debug, Args)]
pub(crate) struct Places {
    /// Fetch from a copy of the official repository: firmware_list.csv and firmware/ lie below this address
    #[arg(long, value_name = "URL", help_heading = PLACES)]
    pub(crate) source: Option<String>,
    /// Use only what is on this computer; never ask the network
    #[arg(long, help_heading = PLACES)]
    pub(crate) offline: bool,
    #[command(flatten)]
    pub(crate) kept: Kept,
}

#[derive(Debug, Args)]
pub(crate) struct Kept {
    /// Keep fetched firmware in this folder instead of the usual one
    #[arg(long, value_name = "FOLDER", help_heading = PLACES)]
    pub(crate) cache: Option<PathBuf>,
}

/// [`Model`] on the command line.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Board {
    V1,
    V2,
    V3,
    V4,
    Ht,
}

impl From<Board> for Model {
    fn from(board: Board) -> Self {
        match board {
            Board::V1 => Self::V1,
            Board::V2 => Self::V2,
            Board::V3 => Self::V3,
            Board::V4 => Self::V4,
            Board::Ht => Self::Ht,
        }
    }
}

/// [`select::Bus`] on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Bus {
    Usb,
    Can,
}

impl From<Bus> for select::Bus {
    fn from(bus: Bus) -> Self {
        match bus {
            Bus::Usb => Self::Usb,
            Bus::Can => Self::Can,
        }
    }
}

/// [`Variant`] on the command line.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Build {
    Full,
    Lite,
}

impl From<Build> for Variant {
    fn from(build: Build) -> Self {
        match build {
            Build::Full => Self::Full,
            Build::Lite => Self::Lite,
        }
    }
}

/// Reads `1000000`, `500k` or `1M`.
fn bitrate(text: &str) -> Result<u32, String> {
    let text = text.trim().to_ascii_lowercase();
    let (digits, unit) = match (text.strip_suffix('k'), text.strip_suffix('m')) {
        (Some(digits), _) => (digits, 1_000),
        (_, Some(digits)) => (digits, 1_000_000),
        _ => (text.as_str(), 1),
    };
    digits
        .parse::<u32>()
        .ok()
        .and_then(|number| number.checked_mul(unit))
        .ok_or_else(|| "write it as 1000000, 1M, 500k or 250k".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bitrates_as_people_write_them() {
        for (text, expected) in [
            ("1000000", 1_000_000),
            ("1M", 1_000_000),
            ("500k", 500_000),
            ("250K", 250_000),
        ] {
            assert_eq!(bitrate(text), Ok(expected));
        }
        for bad in ["", "k", "fast", "-1", "9999999M", "1.5M"] {
            bitrate(bad).unwrap_err();
        }
    }
}

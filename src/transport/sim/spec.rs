//! Bench strings: `v3-dfu`, `v4-usb,touch=ignored+toolboard-dfu,fault=unplug@40%`. Text to data; no devices.
//!
//! Probes are separated by `+`; options follow a probe's name after commas. `fault` and `latency` are of the
//! whole bench, wherever they stand.

use std::path::{Path, PathBuf};
use std::time::Duration;

use thiserror::Error;

use super::contents::{Bootloader, bootloader, place_of};
use super::fault::{Fault, FaultKind, When};
use super::flash::{ERASED, index};
use super::persona::{PERSONAS, Persona};
use super::practice;
use super::rom_dfu::{Leave, Stale};
use super::silicon::Protection;
use crate::board::Transport;
use crate::transport::{Access, LinkErrorKind};

/// Bitrate of the CAN builds on the bench: the commonest of the official ones.
pub(super) const CAN: Transport = Transport::Can { bitrate: 1_000_000 };
/// Turnaround of one transfer unless the bench says otherwise.
const DEFAULT_LATENCY: Duration = Duration::from_millis(1);
/// The most probes one bench may have.
const PROBES_MAX: usize = 16;

/// Options and their values, for messages.
const OPTIONS: [(&str, &str); 15] = [
    ("holds", "blank or the path of a .bin file"),
    ("katapult", "none or can"),
    ("serial", "24 hex digits"),
    (
        "access",
        "not-permitted, busy[:NAME] or wrong-driver[:NAME]",
    ),
    ("touch", "ignored or ignored-once"),
    ("rdp", "1, 1-silent or 2"),
    ("wrp", "the number of a page"),
    ("stale", "error, dnload, upload, manifest or stuck"),
    ("early-poll", "stall"),
    ("leave", "polite, pipe, io, timeout or gone"),
    ("mute", "nothing: it has no value"),
    ("noise", "nothing: it has no value"),
    ("boot0", "held"),
    ("latency", "milliseconds, at most 1000"),
    (
        "fault",
        "KIND@N or KIND@N%, where KIND is unplug, stall, timeout, short, corrupt, duplicate, delay, busy or silence",
    ),
];

/// Why a bench string is not one.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SpecError {
    /// Nothing was given.
    #[error("the bench is empty; there are: {}", persona_names())]
    Empty,
    /// No probe has this name.
    #[error("there is no simulated probe {name:?}; there are: {}", persona_names())]
    UnknownPersona {
        /// What was given.
        name: String,
    },
    /// No option has this name.
    #[error("there is no option {name:?}; there are: {}", option_names())]
    UnknownOption {
        /// What was given.
        name: String,
    },
    /// An option cannot have this value.
    #[error("{option}={value:?} means nothing; {option} takes {expected}")]
    BadValue {
        /// The option.
        option: &'static str,
        /// What was given.
        value: String,
        /// What it takes.
        expected: &'static str,
    },
    /// A file could not be read.
    #[error("{} cannot be read: {reason}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: std::io::ErrorKind,
    },
    /// A file is larger than the flash.
    #[error("{} has {size} bytes, the probe has room for {room}", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size.
        size: u64,
        /// What fits.
        room: u32,
    },
    /// More probes than a bench has sockets.
    #[error("a bench has at most {PROBES_MAX} probes")]
    TooMany,
}

/// How running firmware takes a 1200-baud touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Touch {
    /// As it should.
    #[default]
    Obeyed,
    /// Not at all.
    Ignored,
    /// Not the first time.
    IgnoredOnce,
}

/// One probe of a bench.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "options that have nothing to do with each other"
)]
pub(super) struct ProbeSpec {
    pub(super) persona: &'static Persona,
    /// Address and bytes of what is in flash.
    pub(super) contents: Vec<(u32, Vec<u8>)>,
    pub(super) uid: Option<[u8; 12]>,
    pub(super) access: Access,
    pub(super) touch: Touch,
    pub(super) protection: Protection,
    pub(super) protected_pages: Vec<u32>,
    pub(super) stale: Option<Stale>,
    pub(super) early_polls_stall: bool,
    pub(super) leave: Leave,
    pub(super) mute: bool,
    pub(super) noise: bool,
    pub(super) boot0: bool,
}

/// A whole bench.
#[derive(Debug, Clone)]
pub(super) struct BenchSpec {
    pub(super) probes: Vec<ProbeSpec>,
    pub(super) faults: Vec<Fault>,
    pub(super) latency: Duration,
}

/// Names of all simulated probes and all options, a line each: what `--simulate` can be given.
pub fn bench_help() -> String {
    let personas = PERSONAS
        .iter()
        .map(|persona| format!("  {:<14} {}\n", persona.name, persona.what));
    let options = OPTIONS
        .iter()
        .map(|(name, value)| format!("  {name:<14} {value}\n"));
    let none = "  none           an empty bench\n".to_owned();
    personas
        .chain([none, "options, as in v3-dfu,holds=blank:\n".to_owned()])
        .chain(options)
        .collect()
}

fn persona_names() -> String {
    let mut names: Vec<&str> = PERSONAS.iter().map(|persona| persona.name).collect();
    names.push("none");
    names.join(", ")
}

fn option_names() -> String {
    OPTIONS.map(|(name, _)| name).join(", ")
}

/// Reads a bench string.
pub(super) fn parse(text: &str) -> Result<BenchSpec, SpecError> {
    let mut bench = BenchSpec {
        probes: Vec::new(),
        faults: Vec::new(),
        latency: DEFAULT_LATENCY,
    };
    if text.trim().is_empty() {
        return Err(SpecError::Empty);
    }
    for probe in text.split('+') {
        parse_probe(probe, &mut bench)?;
    }
    if bench.probes.len() > PROBES_MAX {
        return Err(SpecError::TooMany);
    }
    Ok(bench)
}

fn parse_probe(text: &str, bench: &mut BenchSpec) -> Result<(), SpecError> {
    let mut parts = text.split(',').map(str::trim);
    let name = parts.next().unwrap_or_default();
    let persona = PERSONAS.iter().find(|persona| persona.name == name);
    if persona.is_none() && name != "none" {
        return Err(SpecError::UnknownPersona {
            name: name.to_owned(),
        });
    }
    let mut probe = persona.map(Draft::new);
    for part in parts {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let Some((option, expected)) = OPTIONS.iter().find(|(known, _)| *known == name) else {
            return Err(SpecError::UnknownOption {
                name: name.to_owned(),
            });
        };
        let understood = match *option {
            "fault" => parse_fault(value).map(|fault| bench.faults.push(fault)),
            "latency" => parse_latency(value).map(|latency| bench.latency = latency),
            "holds" if value != "blank" && !value.is_empty() => {
                if let Some(draft) = &mut probe {
                    draft.holds = Holds::File(PathBuf::from(value));
                }
                Some(())
            }
            option => probe.as_mut().and_then(|draft| draft.set(option, value)),
        };
        understood.ok_or_else(|| SpecError::BadValue {
            option,
            value: value.to_owned(),
            expected,
        })?;
    }
    if let Some(draft) = probe {
        bench.probes.push(draft.finish()?);
    }
    Ok(())
}

/// A probe while its options are being read.
struct Draft {
    spec: ProbeSpec,
    holds: Holds,
    bootloader: Option<Bootloader>,
}

enum Holds {
    Practice,
    Blank,
    File(PathBuf),
}

impl Draft {
    fn new(persona: &'static Persona) -> Self {
        Self {
            spec: ProbeSpec {
                persona,
                contents: Vec::new(),
                uid: None,
                access: Access::Usable,
                touch: Touch::Obeyed,
                protection: Protection::Level0,
                protected_pages: Vec::new(),
                stale: None,
                early_polls_stall: false,
                leave: Leave::Rude(LinkErrorKind::Io),
                mute: false,
                noise: false,
                boot0: false,
            },
            holds: Holds::Practice,
            bootloader: None,
        }
    }

    /// Sets one option; `None` if it cannot have this value.
    fn set(&mut self, option: &str, value: &str) -> Option<()> {
        let spec = &mut self.spec;
        match (option, value) {
            ("holds", "blank") => self.holds = Holds::Blank,
            ("katapult", "none") => self.bootloader = Some(Bootloader::Plain),
            ("katapult", "can") => self.bootloader = Some(Bootloader::Katapult(CAN)),
            ("serial", digits) => spec.uid = Some(parse_uid(digits)?),
            ("access", value) => spec.access = parse_access(value)?,
            ("touch", "ignored") => spec.touch = Touch::Ignored,
            ("touch", "ignored-once") => spec.touch = Touch::IgnoredOnce,
            ("rdp", "1") => spec.protection = Protection::Level1,
            ("rdp", "1-silent") => spec.protection = Protection::Level1Silent,
            ("rdp", "2") => spec.protection = Protection::Level2,
            ("wrp", page) => {
                let chip = spec.persona.mcu.chip();
                let pages = chip.flash_size / chip.page_size;
                let page = page.parse().ok().filter(|page| *page < pages)?;
                spec.protected_pages.push(page);
            }
            ("stale", "error") => spec.stale = Some(Stale::Error),
            ("stale", "dnload") => spec.stale = Some(Stale::Dnload),
            ("stale", "upload") => spec.stale = Some(Stale::Upload),
            ("stale", "manifest") => spec.stale = Some(Stale::Manifest),
            ("stale", "stuck") => spec.stale = Some(Stale::Stuck),
            ("early-poll", "stall") => spec.early_polls_stall = true,
            ("leave", "polite") => spec.leave = Leave::Polite,
            ("leave", "pipe") => spec.leave = Leave::Rude(LinkErrorKind::Stalled),
            ("leave", "io") => spec.leave = Leave::Rude(LinkErrorKind::Io),
            ("leave", "timeout") => spec.leave = Leave::Rude(LinkErrorKind::TimedOut),
            ("leave", "gone") => spec.leave = Leave::Rude(LinkErrorKind::Disconnected),
            ("mute", "") => spec.mute = true,
            ("noise", "") => spec.noise = true,
            ("boot0", "held") => spec.boot0 = true,
            _ => return None,
        }
        Some(())
    }

    fn finish(mut self) -> Result<ProbeSpec, SpecError> {
        let persona = self.spec.persona;
        let chip = persona.mcu.chip();
        let front = self
            .bootloader
            .unwrap_or(Bootloader::Katapult(persona.transport));
        let front = (chip.flash_base, bootloader(persona.mcu, front));
        self.spec.contents = match self.holds {
            Holds::Blank => Vec::new(),
            Holds::Practice => {
                let app = practice::app(persona.mcu, persona.transport, persona.version);
                vec![front, (chip.app_start, app)]
            }
            Holds::File(path) => {
                let image = read_image(&path, chip.flash_size)?;
                let place = place_of(chip, &image);
                let room = chip.flash_end().saturating_sub(place);
                if image.len() > index(room) {
                    return Err(SpecError::TooLarge {
                        path,
                        size: u64::try_from(image.len()).unwrap_or(u64::MAX),
                        room,
                    });
                }
                if place == chip.app_start {
                    vec![front, (place, image)]
                } else {
                    vec![(place, image)]
                }
            }
        };
        Ok(self.spec)
    }
}

fn read_image(path: &Path, room: u32) -> Result<Vec<u8>, SpecError> {
    let unreadable = |error: std::io::Error| SpecError::Unreadable {
        path: path.to_owned(),
        reason: error.kind(),
    };
    let metadata = std::fs::metadata(path).map_err(unreadable)?;
    // A device or a pipe may have no end.
    if !metadata.is_file() && !metadata.is_dir() {
        return Err(unreadable(std::io::ErrorKind::Unsupported.into()));
    }
    let size = metadata.len();
    if size > u64::from(room) {
        return Err(SpecError::TooLarge {
            path: path.to_owned(),
            size,
            room,
        });
    }
    std::fs::read(path).map_err(unreadable)
}

fn parse_fault(text: &str) -> Option<Fault> {
    let (kind, place) = text.split_once('@')?;
    let (_, kind) = FaultKind::NAMES
        .into_iter()
        .find(|(name, _)| *name == kind)?;
    let when = match place.strip_suffix('%') {
        Some(percent) => When::Percent(percent.parse().ok().filter(|percent| *percent <= 100)?),
        None => When::Transfer(place.parse().ok().filter(|number| *number > 0)?),
    };
    Some(Fault { kind, when })
}

fn parse_latency(text: &str) -> Option<Duration> {
    let milliseconds = text.parse().ok().filter(|number| *number <= 1000)?;
    Some(Duration::from_millis(milliseconds))
}

fn parse_uid(text: &str) -> Option<[u8; 12]> {
    let mut uid = [ERASED; 12];
    if text.len() != uid.len() * 2 || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    for (byte, position) in uid.iter_mut().zip((0..text.len()).step_by(2)) {
        let digits = text.get(position..position.saturating_add(2))?;
        *byte = u8::from_str_radix(digits, 16).ok()?;
    }
    Some(uid)
}

fn parse_access(text: &str) -> Option<Access> {
    let (state, name) = match text.split_once(':') {
        Some((state, name)) => (state, Some(name.to_owned())),
        None => (text, None),
    };
    match (state, name) {
        ("not-permitted", None) => Some(Access::NotPermitted),
        ("busy", holder) => Some(Access::Busy { holder }),
        ("wrong-driver", bound) => Some(Access::WrongDriver { bound }),
        _ => None,
    }
}

#[cfg(test)]
mod tests;

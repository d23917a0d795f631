//! Which firmware is for this board. Pure: knows entries, not files and not devices.

use std::cmp::Reverse;
use std::sync::Arc;

use serde::Serialize;

use super::digest::Sha256;
use super::entry::{Entry, EntryRole};
use crate::board::{Mcu, Model, Transport};
use crate::image::{FirmwareVersion, Route, Variant};

/// USB or CAN, whatever the bitrate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Bus {
    /// USB.
    Usb,
    /// CAN.
    Can,
}

impl Bus {
    /// The bus of a transport.
    pub fn of(transport: Transport) -> Self {
        match transport {
            Transport::Usb => Self::Usb,
            Transport::Can { .. } => Self::Can,
        }
    }
}

/// What a list is narrowed to. Everything empty: all that is not archived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Filter {
    /// Only what this board may be given.
    pub board: Option<Model>,
    /// Only this bus.
    pub bus: Option<Bus>,
    /// Only this CAN bitrate in bits per second.
    pub bitrate: Option<u32>,
    /// Only this variant.
    pub variant: Option<Variant>,
    /// Only this role.
    pub role: Option<EntryRole>,
    /// Archived files too.
    pub all: bool,
}

impl Filter {
    /// True if the entry passes.
    pub fn admits(&self, entry: &Entry) -> bool {
        (self.all || !entry.archived)
            && self.board.is_none_or(|board| entry.fits(board))
            && self.bus.is_none_or(|bus| Bus::of(entry.transport) == bus)
            && self
                .bitrate
                .is_none_or(|rate| entry.bitrate() == Some(rate))
            && self
                .variant
                .is_none_or(|variant| entry.variant == Some(variant))
            && self.role.is_none_or(|role| entry.role == role)
    }
}

/// The entries that pass, newest version first; what has no version comes last.
pub fn list(entries: &[Arc<Entry>], filter: &Filter) -> Vec<Arc<Entry>> {
    let mut found: Vec<_> = entries
        .iter()
        .filter(|e| filter.admits(e))
        .cloned()
        .collect();
    found.sort_by(|a, b| newest_first(a).cmp(&newest_first(b)));
    found
}

type SortKey<'a> = (
    Reverse<Option<FirmwareVersion>>,
    bool,
    EntryRole,
    Reverse<u32>,
    Option<Variant>,
    Model,
    &'a str,
);

fn newest_first(entry: &Entry) -> SortKey<'_> {
    (
        Reverse(entry.version),
        entry.archived,
        entry.role,
        // USB first, then the fastest CAN.
        Reverse(entry.bitrate().unwrap_or(u32::MAX)),
        entry.variant,
        entry.board,
        &entry.id,
    )
}

/// What a probe shall become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// Which board it is.
    pub board: Model,
    /// How it shall talk to the printer.
    pub transport: Transport,
    /// Full or lite.
    pub variant: Variant,
    /// How it gets there.
    pub route: Route,
}

/// Where the bytes of an offer come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// One file of the catalog.
    File {
        /// It.
        entry: Arc<Entry>,
    },
    /// Katapult, 0xFF up to the firmware's place, and the firmware: what upstream's combined images are.
    Composed {
        /// Katapult for this transport.
        bootloader: Arc<Entry>,
        /// The firmware.
        app: Arc<Entry>,
        /// The hash of upstream's own combined image, where there is one that was made the same way. The
        /// composed image must have it.
        official_sha256: Option<Sha256>,
    },
}

impl Source {
    /// The files it needs.
    pub fn files(&self) -> impl Iterator<Item = &Arc<Entry>> {
        let (first, second) = match self {
            Self::File { entry } => (entry, None),
            Self::Composed {
                bootloader, app, ..
            } => (bootloader, Some(app)),
        };
        std::iter::once(first).chain(second)
    }

    /// The file that has the firmware in it.
    pub fn firmware(&self) -> &Arc<Entry> {
        match self {
            Self::File { entry } => entry,
            Self::Composed { app, .. } => app,
        }
    }
}

/// One version that can be offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Its version.
    pub version: FirmwareVersion,
    /// The first choice.
    pub source: Source,
    /// What does as well if the first choice is not to be had, the best first.
    pub instead: Vec<Source>,
    /// The oldest cartographer3d-plugin that works with it.
    pub min_plugin: Option<FirmwareVersion>,
}

impl Offer {
    /// The name of the firmware in it, not of the file: `v4-6.2.0-usb-full`.
    pub fn id(&self) -> &str {
        &self.source.firmware().id
    }
}

/// Everything that makes of a probe what is wanted, newest first. Nothing archived.
pub fn offers(entries: &[Arc<Entry>], wanted: &Wanted) -> Vec<Offer> {
    let files = |role| {
        let filter = Filter {
            board: Some(wanted.board),
            variant: Some(wanted.variant),
            role: Some(role),
            ..Filter::default()
        };
        let mut files = list(entries, &filter);
        files.retain(|entry| entry.transport == wanted.transport);
        files
    };
    let apps = files(EntryRole::App);
    let mut offers: Vec<Offer> = match wanted.route {
        Route::Katapult => apps.iter().filter_map(as_is).collect(),
        Route::Dfu => {
            let combined = files(EntryRole::Combined);
            let bootloader = bootloader(entries, wanted.board, wanted.transport);
            let alone = |file: &&Arc<Entry>| !apps.iter().any(|app| app.version == file.version);
            apps.iter()
                .filter_map(|app| with_bootloader(app, &combined, bootloader.as_ref()))
                .chain(combined.iter().filter(alone).filter_map(as_is))
                .collect()
        }
    };
    offers.sort_by_key(|offer| Reverse(offer.version));
    // A file that upstream replaced under the same name is listed twice. The one this program knows comes first;
    // if upstream has it no more, the new one does as well.
    offers.dedup_by(|later, first| {
        let same = later.version == first.version;
        if same {
            first.instead.push(later.source.clone());
            first.instead.append(&mut later.instead);
        }
        same
    });
    offers
}

/// The Katapult to put under firmware for this transport.
pub fn bootloader(
    entries: &[Arc<Entry>],
    board: Model,
    transport: Transport,
) -> Option<Arc<Entry>> {
    let filter = Filter {
        board: Some(board),
        role: Some(EntryRole::Bootloader),
        ..Filter::default()
    };
    list(entries, &filter)
        .into_iter()
        .find(|entry| entry.transport == transport)
}

/// The board to take for a chip while nobody has said which it is: V2 and V3 share firmware, and HT is rare
/// and must be chosen.
pub fn usual_board(mcu: Mcu) -> Model {
    match mcu {
        Mcu::Stm32F042 => Model::V3,
        Mcu::Stm32G431 => Model::V4,
    }
}

fn as_is(entry: &Arc<Entry>) -> Option<Offer> {
    Some(Offer {
        version: entry.version?,
        source: Source::File {
            entry: Arc::clone(entry),
        },
        instead: Vec::new(),
        min_plugin: entry.min_plugin,
    })
}

/// A version for the DFU route: upstream's combined image if there is one, else a composed one.
fn with_bootloader(
    app: &Arc<Entry>,
    combined: &[Arc<Entry>],
    bootloader: Option<&Arc<Entry>>,
) -> Option<Offer> {
    let official = combined
        .iter()
        .filter(|file| file.version == app.version)
        // Where upstream replaced both, new goes with new.
        .min_by_key(|file| file.origin != app.origin);
    let composed = bootloader.map(|bootloader| Source::Composed {
        bootloader: Arc::clone(bootloader),
        app: Arc::clone(app),
        official_sha256: official
            .filter(|file| file.recomposes == Some(true))
            .and_then(|file| file.sha256),
    });
    let (source, instead) = match official {
        Some(entry) => (
            Source::File {
                entry: Arc::clone(entry),
            },
            composed.into_iter().collect(),
        ),
        None => (composed?, Vec::new()),
    };
    Some(Offer {
        version: app.version?,
        source,
        instead,
        min_plugin: app.min_plugin,
    })
}

#[cfg(test)]
mod tests;

//! Which firmware is for this board. Pure: knows entries, not files and not devices.

mod list;

use std::cmp::Reverse;
use std::sync::Arc;

use super::Status;
use super::entry::{Entry, EntryRole};
use crate::board::{Mcu, Model, Transport};
use crate::digest::Sha256;
use crate::image::{FirmwareVersion, Route, Variant};
pub use list::{Bus, Filter, list};

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

    /// Where its bytes are: the worst of its files.
    pub fn status(&self, of_file: impl Fn(&Entry) -> Status) -> Status {
        let worst = self.files().map(|entry| of_file(entry)).min();
        worst.unwrap_or(Status::NeedsDownload)
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

    /// Where its bytes are: the best of its sources.
    pub fn status(&self, of_file: impl Fn(&Entry) -> Status) -> Status {
        let sources = std::iter::once(&self.source).chain(&self.instead);
        let best = sources.map(|source| source.status(&of_file)).max();
        best.unwrap_or(Status::NeedsDownload)
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

/// The newest version of a board's firmware, however it talks and in whichever variant. Nothing archived.
pub fn newest(entries: &[Arc<Entry>], board: Model) -> Option<FirmwareVersion> {
    let filter = Filter {
        board: Some(board),
        role: Some(EntryRole::App),
        ..Filter::default()
    };
    list(entries, &filter).first()?.version
}

/// The same firmware in another form.
pub fn sibling(entries: &[Arc<Entry>], entry: &Entry, role: EntryRole) -> Option<Arc<Entry>> {
    let same = |other: &&Arc<Entry>| {
        other.role == role
            && (other.board, other.transport) == (entry.board, entry.transport)
            && (other.version, other.variant) == (entry.version, entry.variant)
            && other.archived == entry.archived
    };
    entries.iter().find(same).cloned()
}

/// How this very file gets onto a probe: firmware that goes through DFU comes with its bootloader.
pub fn source(entries: &[Arc<Entry>], entry: &Arc<Entry>, route: Route) -> Source {
    let bootloader = match (route, entry.role) {
        (Route::Dfu, EntryRole::App) => bootloader(entries, entry.board, entry.transport),
        _ => None,
    };
    match bootloader {
        Some(bootloader) => {
            let official = sibling(entries, entry, EntryRole::Combined);
            composed(&bootloader, entry, official.as_ref())
        }
        None => file(entry),
    }
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

/// What to take for a probe that is to stay what it is: a host that takes lite firmware now would not keep up with
/// full.
pub fn usual_variant(prefer_lite: bool, runs: Option<Variant>) -> Variant {
    if prefer_lite {
        Variant::Lite
    } else {
        runs.unwrap_or(Variant::Full)
    }
}

/// CAN bitrate in bits per second that Cartographer's instructions use, and most adapters are set to.
pub const USUAL_BITRATE: u32 = 1_000_000;

fn file(entry: &Arc<Entry>) -> Source {
    Source::File {
        entry: Arc::clone(entry),
    }
}

fn composed(bootloader: &Arc<Entry>, app: &Arc<Entry>, official: Option<&Arc<Entry>>) -> Source {
    Source::Composed {
        bootloader: Arc::clone(bootloader),
        app: Arc::clone(app),
        official_sha256: official
            .filter(|file| file.recomposes == Some(true))
            .and_then(|file| file.sha256),
    }
}

fn as_is(entry: &Arc<Entry>) -> Option<Offer> {
    Some(Offer {
        version: entry.version?,
        source: file(entry),
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
    let composed = bootloader.map(|bootloader| composed(bootloader, app, official));
    let (source, instead) = match official {
        Some(entry) => (file(entry), composed.into_iter().collect()),
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

//! The list of what there is: narrowed, and newest first. Pure.

use std::cmp::Reverse;
use std::sync::Arc;

use serde::Serialize;

use crate::board::{Model, Transport};
use crate::catalog::entry::{Entry, EntryRole};
use crate::image::{FirmwareVersion, Variant};

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

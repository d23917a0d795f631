//! The rows of the list, and which of them is chosen. Pure.

use std::cmp::Ordering;
use std::sync::Arc;

use super::need::{Asked, Need, asked, running_variant, running_version};
use super::practice::Practice;
use super::{Choice, FirmwareList, Load, Statuses};
use crate::app::selection::replan;
use crate::app::state::{AppState, Picked, Step};
use crate::board::{Mode, Transport};
use crate::catalog::live::Listing;
use crate::catalog::select::{self, Filter, Offer, Source, Wanted};
use crate::catalog::{Entry, EntryRole, Status};
use crate::image::{FirmwareVersion, Route, Variant};

/// So many versions are shown unless older ones are asked for.
const NEWEST: usize = 3;

/// One row of the list.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Names it.
    pub id: String,
    /// Where its bytes come from.
    pub item: Item,
    /// Its version.
    pub version: FirmwareVersion,
    /// Full or lite.
    pub variant: Variant,
    /// How it talks.
    pub transport: Transport,
    /// Where its bytes are.
    pub status: Status,
    /// The newest of the list.
    pub newest: bool,
    /// How its version compares with the one the probe runs, if that is known.
    pub against_running: Option<Ordering>,
    /// Kept for history.
    pub archived: bool,
    /// The oldest cartographer3d-plugin that works with it.
    pub min_plugin: Option<FirmwareVersion>,
    /// Why it cannot be chosen.
    pub unusable: Option<Unusable>,
}

/// Where the bytes of a row come from.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// The catalog.
    Official(Box<Offer>),
    /// Made on the spot for the simulated bench.
    Practice(Practice),
}

/// Why a row cannot be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unusable {
    /// It is not on this computer, and the network is switched off.
    OfflineMode,
    /// It is not on this computer, and the source could not be reached.
    Unreachable,
    /// Nothing proves its bytes yet.
    NotProvable,
}

/// What the rows were made for: as long as it stays, so do they.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, compared as a whole"
)]
pub(in crate::app) struct Key {
    asked: Asked,
    running: Option<FirmwareVersion>,
    revision: u64,
    unreachable: bool,
    offline: bool,
    older: bool,
    simulated: bool,
}

impl Row {
    /// True if it was put together here from Katapult and firmware.
    pub fn is_composed(&self) -> bool {
        matches!(&self.item, Item::Official(offer) if matches!(offer.source, Source::Composed { .. }))
    }

    /// True for the version that the probe runs.
    pub fn is_on_probe(&self) -> bool {
        self.against_running == Some(Ordering::Equal)
    }

    /// True if the probe runs a newer one.
    pub fn is_older(&self) -> bool {
        self.against_running == Some(Ordering::Less)
    }

    /// Bytes to get, if known.
    pub fn size(&self) -> Option<u64> {
        match &self.item {
            Item::Official(offer) => offer.source.files().map(|entry| entry.size).sum(),
            Item::Practice(_) => None,
        }
    }
}

/// Keeps the list in step with probe, settings and catalog, while it may still be chosen from it.
pub fn follow(state: &mut AppState) {
    if !matches!(state.step, Step::Probe | Step::Firmware) {
        return;
    }
    forget_lost_image(state);
    // A probe that restarts will be back in a moment.
    if state.chosen.is_some() && state.probe().is_none() {
        return;
    }
    if let Some(seen) = state.probe()
        && matches!(seen.mode(), Some(Mode::Firmware | Mode::Katapult))
    {
        let location = seen.info.location.clone();
        state.list.spoke_usb = location;
    }
    if let Some((seen, variant)) = state
        .probe()
        .and_then(|seen| Some((seen, running_variant(seen)?)))
    {
        let lite = variant == Variant::Lite;
        state.list.ran_lite = seen.info.location.clone().filter(|_| lite);
    }
    let key = Key {
        asked: asked(state),
        running: state.probe().and_then(running_version),
        revision: state.list.revision,
        unreachable: state.list.unreachable,
        offline: state.settings.offline,
        older: state.settings.show_older,
        simulated: state.simulated,
    };
    if state.list.key.as_ref() == Some(&key) {
        return;
    }
    make_rows(&mut state.list, &key);
    state.list.key = Some(key);
    choose(state);
}

/// The image of a loaded choice may have made room for a file of the user's, or have been put aside.
fn forget_lost_image(state: &mut AppState) {
    let is_there = matches!(state.firmware, Picked::Image { path: None, .. });
    if let Some(choice) = &mut state.list.choice
        && matches!(choice.load, Load::Loaded { .. })
        && !is_there
    {
        choice.load = Load::NotYet;
    }
}

fn make_rows(list: &mut FirmwareList, key: &Key) {
    list.rows.clear();
    list.practice.clear();
    list.older = 0;
    list.newer_elsewhere = None;
    let Asked::Known(need) = key.asked else {
        return;
    };
    if key.simulated {
        let rows = Practice::for_need(&need).map(|practice| practice_row(practice, key));
        list.practice.extend(rows);
    }
    let Some(listing) = list.listing.clone() else {
        return;
    };
    let statuses = Arc::clone(&list.statuses);
    let wanted = Wanted {
        board: need.board,
        transport: need.transport,
        variant: need.variant,
        route: need.route,
    };
    let offers = select::offers(&listing.entries, &wanted);
    let newest_here = offers.first().map(|offer| offer.version);
    list.newer_elsewhere =
        select::newest(&listing.entries, need.board).filter(|newest| newest_here < Some(*newest));
    let mut rows: Vec<Row> = offers
        .into_iter()
        .map(|offer| official_row(offer, &need, &statuses, key))
        .collect();
    rows.extend(archive(&listing, &need).map(|offer| official_row(offer, &need, &statuses, key)));
    if let Some(first) = rows.first_mut() {
        first.newest = !first.archived;
    }
    if !key.older {
        list.older = rows.len().saturating_sub(NEWEST);
        rows.truncate(NEWEST);
    }
    list.rows = rows;
}

fn official_row(offer: Offer, need: &Need, statuses: &Statuses, key: &Key) -> Row {
    let of_file = |entry: &Entry| statuses.get(&entry.id).copied();
    let status = offer.status(|entry| of_file(entry).unwrap_or(Status::NeedsDownload));
    let unusable = if status > Status::NeedsDownload {
        None
    } else if key.offline {
        Some(Unusable::OfflineMode)
    } else if key.unreachable {
        Some(Unusable::Unreachable)
    } else if !offer.source.files().all(|entry| entry.is_provable()) {
        Some(Unusable::NotProvable)
    } else {
        None
    };
    Row {
        id: offer.id().to_owned(),
        version: offer.version,
        variant: need.variant,
        transport: need.transport,
        status,
        newest: false,
        against_running: key.running.map(|running| offer.version.cmp(&running)),
        archived: offer.source.firmware().archived,
        min_plugin: offer.min_plugin,
        unusable,
        item: Item::Official(Box::new(offer)),
    }
}

fn practice_row(practice: Practice, key: &Key) -> Row {
    Row {
        id: practice.id(),
        item: Item::Practice(practice),
        version: practice.version,
        variant: Variant::Full,
        transport: practice.transport,
        status: Status::Present,
        newest: false,
        against_running: key.running.map(|running| practice.version.cmp(&running)),
        archived: false,
        min_plugin: None,
        unusable: None,
    }
}

/// Archived files for this need, newest first.
fn archive(listing: &Listing, need: &Need) -> impl Iterator<Item = Offer> {
    let filter = Filter {
        board: Some(need.board),
        variant: Some(need.variant),
        role: Some(match need.route {
            Route::Dfu => EntryRole::Combined,
            Route::Katapult => EntryRole::App,
        }),
        all: true,
        ..Filter::default()
    };
    let transport = need.transport;
    select::list(&listing.entries, &filter)
        .into_iter()
        .filter(move |entry| entry.archived && entry.transport == transport)
        .filter_map(|entry| {
            Some(Offer {
                version: entry.version?,
                min_plugin: entry.min_plugin,
                source: Source::File { entry },
                instead: Vec::new(),
            })
        })
}

/// Keeps what was chosen as long as it is there, else takes what is recommended.
fn choose(state: &mut AppState) {
    let stays = |choice: &Choice| {
        let failed = matches!(choice.load, Load::Failed(_));
        let row = state.list.row(&choice.id);
        let can_stay = row.is_some_and(|row| failed || row.unusable.is_none());
        let recommended = state
            .list
            .recommended()
            .is_some_and(|row| row.id == choice.id);
        can_stay && (choice.by_hand || failed || recommended)
    };
    if state.list.choice.as_ref().is_some_and(stays) {
        return;
    }
    let id = state.list.recommended().map(|row| row.id.clone());
    set_choice(state, id, false);
}

/// Chooses a row. What was loaded for another is put aside; a file of the user's is not touched.
pub(super) fn set_choice(state: &mut AppState, id: Option<String>, by_hand: bool) {
    if state.list.is_loaded() && matches!(state.firmware, Picked::Image { path: None, .. }) {
        state.firmware = Picked::Nothing;
        state.bootloader = Picked::Nothing;
        replan(state);
    }
    state.list.choice = id.map(|id| Choice {
        id,
        by_hand,
        load: Load::NotYet,
    });
}

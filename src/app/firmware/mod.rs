//! The Firmware step without pixels: which versions there are for the probe, which one is chosen, and how far its
//! bytes are. Plain data; [`follow`] keeps it in step with the rest of the state.
//!
//! Knows no files and no network: `app::workers` does; [`act`] starts them and [`arrive`] takes in what they bring.

mod act;
mod arrive;
mod need;
mod practice;
mod rows;
mod shelf;
mod verb;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

pub use need::{Asked, Need, asked, leaves_lite, usual_can};
pub use practice::Practice;
pub(super) use practice::katapult as practice_katapult;
pub use rows::{Item, Row, Unusable, follow};
pub(super) use shelf::Shelf;
pub use shelf::{OpenCatalog, open_usual};
pub use verb::{News, needed_plugin, news, primary, update_verb};

use crate::catalog::cache::Removed;
use crate::catalog::fetch::FetchError;
use crate::catalog::live::Listing;
pub use crate::catalog::select::USUAL_BITRATE;
use crate::catalog::{BulkReport, CatalogError, Entry, Note, Place, Status};
use crate::transport::Location;

/// Where the bytes of each entry are, by id.
pub type Statuses = HashMap<String, Status>;

/// What is on this computer.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Stock {
    /// Where the bytes of each entry are.
    pub statuses: Statuses,
    /// Files kept by this program; what lies beside it is not among them.
    pub kept: Removed,
    /// Where they are.
    pub folder: Option<PathBuf>,
}

/// Something the user asks for in the Firmware step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// Chooses a row and gets its bytes.
    Choose(String),
    /// Gets the bytes of the chosen row, then shows the review.
    Install,
    /// Chooses what is recommended, gets it and shows the review: the short way from the first step.
    Update,
    /// Stops getting the bytes.
    StopLoading,
    /// Puts a file of the user's aside and takes what is recommended.
    Instead,
    /// Adds the Katapult that belongs to an application of the user's.
    AddKatapult,
    /// Gets every file there is.
    FetchAll,
    /// Stops that.
    StopFetching,
    /// Takes the result of that off the page.
    DismissFetched,
    /// Asks the source what there is now.
    Refresh,
    /// Takes the result of that off the page.
    DismissRefreshed,
    /// Asks whether everything that is kept shall be deleted.
    RemoveEverything,
    /// Deletes it.
    RemoveEverythingNow,
}

/// The list of firmware as it is shown.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FirmwareList {
    /// What exists; `None` until the catalog is open.
    pub listing: Option<Arc<Listing>>,
    /// Where the bytes are.
    pub statuses: Arc<Statuses>,
    /// Files this program keeps.
    pub kept: Removed,
    /// Where they are.
    pub folder: Option<PathBuf>,
    /// They are being deleted.
    pub removing: bool,
    /// Counts changes of the list and of what is here.
    pub revision: u64,
    /// The source could not be reached the last time it was asked.
    pub unreachable: bool,
    /// Official firmware for this probe, newest first.
    pub rows: Vec<Row>,
    /// Firmware for a simulated probe.
    pub practice: Vec<Row>,
    /// Rows that are not listed unless older ones are asked for.
    pub older: usize,
    /// A newer version that exists only for another transport or variant.
    pub newer_elsewhere: Option<crate::image::FirmwareVersion>,
    /// The chosen row.
    pub choice: Option<Choice>,
    /// The official file that the firmware on the page is, by the hash it was looked up for.
    pub official: Option<(String, Option<Arc<Entry>>)>,
    /// Fetching everything.
    pub bulk: Option<Bulk>,
    /// Asking the source.
    pub refresh: Option<Refresh>,
    /// The socket in which firmware for USB was last seen: the same probe in DFU mode shall talk USB again.
    pub spoke_usb: Option<Location>,
    /// The socket in which lite firmware was last seen running.
    pub ran_lite: Option<Location>,
    pub(super) key: Option<rows::Key>,
}

/// The chosen row.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// Its id.
    pub id: String,
    /// The user clicked it; false if it was preselected.
    pub by_hand: bool,
    /// How far its bytes are.
    pub load: Load,
}

/// How far the bytes of the chosen row are.
#[derive(Debug, Clone, PartialEq)]
pub enum Load {
    /// Nobody asked for them yet.
    NotYet,
    /// They are on their way.
    Loading {
        /// Bytes that came over the network.
        received: u64,
        /// Bytes in all, if known.
        total: Option<u64>,
        /// The review is shown once they are here.
        then_review: bool,
    },
    /// They are the firmware that is written.
    Loaded {
        /// Where they came from; practice firmware is made on the spot.
        from: Option<Place>,
        /// What happened on the way.
        notes: Vec<Note>,
    },
    /// They are not to be had.
    Failed(Box<CatalogError>),
}

/// Fetching everything.
#[derive(Debug, Clone, PartialEq)]
pub enum Bulk {
    /// It runs.
    Running {
        /// Files done.
        done: usize,
        /// Files in all.
        total: usize,
        /// Bytes that came over the network.
        bytes: u64,
        /// The file being worked on.
        id: String,
        /// The user asked to stop.
        stopping: bool,
    },
    /// It ended.
    Ended(Box<BulkReport>),
}

/// Asking the source what there is now.
#[derive(Debug, Clone, PartialEq)]
pub enum Refresh {
    /// It was asked.
    Running,
    /// It answered.
    Done {
        /// Whether anything changed.
        changed: bool,
        /// Why files that are new cannot be proven yet.
        tree_problem: Option<FetchError>,
    },
    /// It did not.
    Failed(Box<CatalogError>),
}

impl FirmwareList {
    /// A row by its id, official or for practice.
    pub fn row(&self, id: &str) -> Option<&Row> {
        self.practice
            .iter()
            .chain(&self.rows)
            .find(|row| row.id == id)
    }

    /// The chosen row.
    pub fn chosen_row(&self) -> Option<&Row> {
        self.row(&self.choice.as_ref()?.id)
    }

    /// The row to choose for somebody who has no wish of his own: the newest that can be had, unless the probe runs a
    /// newer one.
    pub fn recommended(&self) -> Option<&Row> {
        let mut rows = self.practice.iter().chain(&self.rows);
        rows.find(|row| row.unusable.is_none() && !row.archived && !row.is_older())
    }

    /// The newest row, whether it can be had or not.
    pub fn newest(&self) -> Option<&Row> {
        let mut rows = self.practice.iter().chain(&self.rows);
        rows.find(|row| !row.archived)
    }

    /// What stays when another bus is looked at: what exists, and nothing of what was chosen.
    pub(super) fn on_another_bus(self) -> Self {
        Self {
            listing: self.listing,
            statuses: self.statuses,
            kept: self.kept,
            folder: self.folder,
            removing: self.removing,
            revision: self.revision,
            unreachable: self.unreachable,
            bulk: self.bulk,
            refresh: self.refresh,
            ..Self::default()
        }
    }

    /// True while the bytes of the chosen row are the firmware that is written.
    pub fn is_loaded(&self) -> bool {
        matches!(
            &self.choice,
            Some(Choice {
                load: Load::Loaded { .. },
                ..
            })
        )
    }

    /// Files on this computer, and files in all.
    pub fn counts(&self) -> (usize, usize) {
        let here = |status: &&Status| **status > Status::NeedsDownload;
        (
            self.statuses.values().filter(here).count(),
            self.statuses.len(),
        )
    }
}

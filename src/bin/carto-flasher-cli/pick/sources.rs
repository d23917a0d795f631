//! Which files of the catalog make of this probe what is wanted.

use std::sync::Arc;

use carto_flasher::advice;
use carto_flasher::board::Model;
use carto_flasher::catalog::select::{self, Source};
use carto_flasher::catalog::{Entry, EntryRole};
use carto_flasher::flash::plan::Route;
use carto_flasher::image::{FirmwareVersion, Misfit};

use super::Picker;
use crate::exit::{Exit, Failure};

impl Picker {
    /// Refuses before anything is fetched what the plan would refuse.
    pub(super) fn check(&self, entry: &Entry) -> Result<(), Failure> {
        let misfit = |misfit| Failure::new(Exit::Refused, advice::for_misfit(&misfit));
        let probe = self.target.mcu;
        if let Some(file) = entry.board.mcu().filter(|file| *file != probe) {
            return Err(misfit(Misfit::OtherMcu { file, probe }));
        }
        let needs_dfu = matches!(entry.role, EntryRole::Combined | EntryRole::Bootloader);
        match entry.role.image_role() {
            Some(role) if needs_dfu && self.target.route != Route::Dfu => {
                let failure = misfit(Misfit::NotThroughKatapult { role });
                Err(match self.sibling(entry, EntryRole::App) {
                    Some(app) => failure.step(format!("The firmware alone: --firmware {}", app.id)),
                    None => failure,
                })
            }
            _ => Ok(()),
        }
    }

    /// An application that goes through DFU comes with its bootloader.
    pub(super) fn source_of(&self, entry: &Arc<Entry>) -> Source {
        let as_is = Source::File {
            entry: Arc::clone(entry),
        };
        if self.target.route != Route::Dfu || entry.role != EntryRole::App {
            return as_is;
        }
        let combined = self
            .sibling(entry, EntryRole::Combined)
            .filter(|combined| combined.recomposes == Some(true));
        match self.katapult_for(entry) {
            Some(bootloader) => Source::Composed {
                bootloader,
                app: Arc::clone(entry),
                official_sha256: combined.and_then(|combined| combined.sha256),
            },
            None => as_is,
        }
    }

    /// The same firmware in another form.
    fn sibling(&self, entry: &Entry, role: EntryRole) -> Option<Arc<Entry>> {
        let listing = self.catalog.listing();
        let same = |other: &&Arc<Entry>| {
            other.role == role
                && (other.board, other.transport) == (entry.board, entry.transport)
                && (other.version, other.variant) == (entry.version, entry.variant)
                && other.archived == entry.archived
        };
        listing.entries.iter().find(same).cloned()
    }

    pub(super) fn katapult_for(&self, entry: &Entry) -> Option<Arc<Entry>> {
        select::bootloader(
            &self.catalog.listing().entries,
            entry.board,
            entry.transport,
        )
    }

    pub(super) fn newest_of(&self, board: Model) -> Option<FirmwareVersion> {
        let listing = self.catalog.listing();
        let apps = listing
            .entries
            .iter()
            .filter(|entry| entry.role == EntryRole::App && !entry.archived && entry.fits(board));
        apps.filter_map(|entry| entry.version).max()
    }
}

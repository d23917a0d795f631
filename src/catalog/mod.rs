//! Which firmware exists and where its bytes are.
//!
//! [`Catalog`] is the door: it knows what exists (the [`embedded`] list, with a fetched one over it), chooses
//! ([`select`]), and has the bytes or gets them: from the [`cache`], from a `firmware-cache` folder beside the
//! program, from the network ([`fetch`]). Bytes are proven by their hash at every use. Knows no device, starts
//! no thread; its calls may block on files and, where they take a [`Clock`], on the network.

mod bulk;
pub mod cache;
mod config;
mod download;
pub mod embedded;
mod entry;
mod error;
pub mod fetch;
mod inspect;
pub mod live;
mod load;
pub mod path;
mod refresh;
mod remember;
pub mod select;
mod verify;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use cache::{Cache, CacheError, Removed};
use fetch::{BaseUrl, Fetch, FetchError, Http};
use live::{Disagreement, Listing};
use remember::Remembered;
use select::{Offer, Wanted};

use crate::digest::Sha256;
use crate::image::Image;
use crate::transport::Clock;

pub use bulk::{BulkProgress, BulkReport, OnBulk};
pub use config::CatalogConfig;
pub use entry::{Entry, EntryRole, Origin, UnknownRole};
pub use error::{CatalogError, ComposeProblem};
pub use inspect::Mismatch;
pub use load::{Loaded, Note, Place};
pub use refresh::Refreshed;
pub use verify::{Verdict, Verified, VerifiedFile};

/// Where an entry's bytes are, as far as can be told without reading them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Only the network has it.
    NeedsDownload,
    /// A file of the right name and size is on this computer.
    Present,
    /// It is, and since this program started it was found to be right.
    Checked,
}

/// All there is to know of firmware files. Shared between threads.
pub struct Catalog {
    config: CatalogConfig,
    base: Result<BaseUrl, FetchError>,
    cache: Option<Cache>,
    fetch: Arc<dyn Fetch>,
    embedded: Vec<Arc<Entry>>,
    listing: RwLock<Arc<Listing>>,
    checked: Mutex<HashSet<Sha256>>,
}

impl Catalog {
    /// Opens the catalog. Reads the last fetched list if there is one, no image, and no network.
    pub fn open(config: CatalogConfig) -> Self {
        Self::with_fetch(config, Arc::new(Http::default()))
    }

    /// Opens the catalog with another way to the network.
    pub fn with_fetch(config: CatalogConfig, fetch: Arc<dyn Fetch>) -> Self {
        let cache = config.cache_root.as_deref().map(Cache::at);
        let embedded = config.embedded_entries();
        let listing = cache
            .as_ref()
            .and_then(Cache::list)
            .and_then(|bytes| Remembered::from_bytes(&bytes)?.listing(&embedded))
            .unwrap_or_else(|| Listing {
                entries: embedded.clone(),
                ..Listing::default()
            });
        let catalog = Self {
            base: BaseUrl::parse(&config.base_url),
            cache,
            fetch,
            embedded,
            listing: RwLock::default(),
            checked: Mutex::default(),
            config,
        };
        catalog.set_listing(catalog.without_unreachable(listing));
        catalog
    }

    /// What another source had is offered only if it is here: that source may be gone for good.
    fn without_unreachable(&self, mut listing: Listing) -> Listing {
        let here = self.base.as_ref().map(BaseUrl::as_str).ok();
        listing.entries.retain(|entry| match &entry.origin {
            Origin::Embedded => true,
            Origin::Fetched { source, .. } => {
                here == Some(source.as_str()) || self.status(entry) != Status::NeedsDownload
            }
        });
        listing
    }

    /// What exists, as known now. Costs nothing.
    pub fn listing(&self) -> Arc<Listing> {
        Arc::clone(&self.listing.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The entry with this id.
    pub fn entry(&self, id: &str) -> Result<Arc<Entry>, CatalogError> {
        let listing = self.listing();
        let found = listing.entries.iter().find(|entry| entry.id == id);
        found
            .cloned()
            .ok_or_else(|| CatalogError::UnknownId { id: id.to_owned() })
    }

    /// Everything that makes of a probe what is wanted, newest first.
    pub fn offers(&self, wanted: &Wanted) -> Vec<Offer> {
        select::offers(&self.listing().entries, wanted)
    }

    /// The newest offer; offline, the newest that is on this computer.
    pub fn recommend(&self, wanted: &Wanted) -> Option<Offer> {
        self.offers(wanted)
            .into_iter()
            .find(|offer| !self.config.offline || self.offer_status(offer) > Status::NeedsDownload)
    }

    /// The Katapult that belongs under this firmware.
    pub fn bootloader(&self, firmware: &Entry) -> Option<Arc<Entry>> {
        select::bootloader(&self.listing().entries, firmware.board, firmware.transport)
    }

    /// True if the network is never asked.
    pub fn is_offline(&self) -> bool {
        self.config.offline
    }

    /// Where an entry's bytes are. Looks at names and sizes only.
    pub fn status(&self, entry: &Entry) -> Status {
        let sha256 = self.known_sha256(entry);
        let is_there = |path: &Path| {
            path.metadata().is_ok_and(|facts| {
                facts.is_file() && entry.size.is_none_or(|size| size == facts.len())
            })
        };
        let in_cache = sha256.zip(self.cache.as_ref());
        let kept = in_cache.is_some_and(|(sha256, cache)| is_there(&cache.object_path(&sha256)));
        if !kept && !self.bundled_paths(entry).iter().any(|path| is_there(path)) {
            return Status::NeedsDownload;
        }
        let checked = self.checked.lock().unwrap_or_else(PoisonError::into_inner);
        if sha256.is_some_and(|sha256| checked.contains(&sha256)) {
            Status::Checked
        } else {
            Status::Present
        }
    }

    /// Where an offer's bytes are: the best of its sources.
    pub fn offer_status(&self, offer: &Offer) -> Status {
        offer.status(|entry| self.status(entry))
    }

    /// The official file that an image is, archived or not.
    pub fn official(&self, image: &Image) -> Option<Arc<Entry>> {
        embedded::official(&self.embedded, image)
    }

    /// Makes sure that everything is in the cache.
    pub fn fetch_all(&self, clock: &dyn Clock, on_progress: &mut OnBulk<'_>) -> BulkReport {
        if let Some(cache) = &self.cache {
            cache.tidy(clock.wall());
        }
        self.fetch_many(&self.to_be_had(), None, clock, on_progress)
    }

    /// Every file that is here or that the source may have: not what upstream has replaced by another since.
    pub fn to_be_had(&self) -> Vec<Arc<Entry>> {
        let listing = self.listing();
        let gone = |entry: &Entry| {
            let replaced = |disagreement: &Disagreement| matches!(disagreement, Disagreement::Replaced { path, .. } if *path == entry.path);
            entry.origin == Origin::Embedded
                && listing.disagreements.iter().any(replaced)
                && self.status(entry) == Status::NeedsDownload
        };
        let there = listing.entries.iter().filter(|entry| !gone(entry));
        there.cloned().collect()
    }

    /// Where an entry is below a folder. Of two that upstream had in one place, the new one is told by its hash.
    fn place(&self, entry: &Entry, folder: &Path) -> PathBuf {
        let place = entry.path.under(folder);
        let is_new = |known: &Arc<Entry>| known.path == entry.path && known.id != entry.id;
        match &entry.git_blob_sha1 {
            Some(blob) if self.embedded.iter().any(is_new) => {
                let stem = place.file_stem().unwrap_or_default().to_string_lossy();
                let extension = place.extension().unwrap_or_default().to_string_lossy();
                place.with_file_name(format!("{stem}-{}.{extension}", blob.short()))
            }
            _ => place,
        }
    }

    /// Makes sure that these are in the cache, or in a folder under upstream's names.
    pub fn fetch_many(
        &self,
        entries: &[Arc<Entry>],
        folder: Option<&Path>,
        clock: &dyn Clock,
        on_progress: &mut OnBulk<'_>,
    ) -> BulkReport {
        bulk::run(self, entries, folder, clock, on_progress)
    }

    /// Says of every firmware file in a folder whether it is what its name says.
    pub fn verify(&self, folder: &Path) -> Result<Verified, CacheError> {
        verify::verify(folder, &self.listing().entries)
    }

    /// The cache, if there is a place for one.
    pub fn cache(&self) -> Option<&Cache> {
        self.cache.as_ref()
    }

    /// Deletes everything that was kept and forgets the fetched list.
    pub fn remove_everything(&self) -> Result<Removed, CacheError> {
        let removed = self
            .cache
            .as_ref()
            .ok_or(CacheError::NoFolder)?
            .remove_everything()?;
        self.checked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
        self.set_listing(Listing {
            entries: self.embedded.clone(),
            ..Listing::default()
        });
        Ok(removed)
    }

    fn set_listing(&self, listing: Listing) -> Arc<Listing> {
        let listing = Arc::new(listing);
        *self.listing.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&listing);
        listing
    }

    fn known_sha256(&self, entry: &Entry) -> Option<Sha256> {
        entry
            .sha256
            .or_else(|| self.cache.as_ref()?.link(&download::key(entry)))
    }
}

//! The catalog that is open and the workers on it: what [`super::act`] starts and [`super::arrive`] takes in.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::app::workers::catalog::{Emptied, Fetched, Got, Opened, Refreshed};
use crate::app::workers::promise::{Awaited, Promised};
use crate::catalog::{Catalog, CatalogConfig};
use crate::settings::Settings;

/// Opens the catalog as the settings say. Called by a worker.
pub type OpenCatalog = Arc<dyn Fn(&Settings) -> Catalog + Send + Sync>;

/// The catalog of an installed program.
pub fn open_usual(settings: &Settings) -> Catalog {
    Catalog::open(CatalogConfig::usual().with_settings(settings))
}

/// The catalog and the workers on it.
#[derive(Default)]
pub(in crate::app) struct Shelf {
    pub(super) catalog: Option<Arc<Catalog>>,
    pub(super) opening: Awaited<Opened>,
    pub(super) loading: Option<Loading>,
    pub(super) katapult: Awaited<Got>,
    pub(super) fetching: Option<(Promised<Fetched>, Arc<AtomicBool>)>,
    pub(super) refreshing: Awaited<Refreshed>,
    pub(super) emptying: Awaited<Emptied>,
    /// Progress of an older worker is dropped.
    pub(super) ticket: u64,
}

/// Firmware on its way; dropping it stops its worker.
pub(super) struct Loading {
    pub(super) id: String,
    pub(super) promise: Promised<Got>,
    pub(super) stop: Arc<AtomicBool>,
    pub(super) ticket: u64,
}

impl Drop for Loading {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

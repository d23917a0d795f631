//! Many files at once: everything into the cache for offline use, or into a folder to carry along.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use super::cache::{CacheError, files};
use super::entry::Entry;
use super::error::CatalogError;
use super::fetch::FetchError;
use super::{Catalog, Note, Place};
use crate::transport::Clock;

/// How far a bulk job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BulkProgress<'a> {
    /// Files done, whatever came of them.
    pub files_done: usize,
    /// Files in all.
    pub files_total: usize,
    /// Bytes that came over the network.
    pub bytes_fetched: u64,
    /// The file being worked on.
    pub id: &'a str,
}

/// Told how far it is; may stop it.
pub type OnBulk<'a> = dyn FnMut(BulkProgress<'_>) -> ControlFlow<()> + 'a;

/// What a bulk job did.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BulkReport {
    /// Files that came over the network.
    pub fetched: usize,
    /// Files that were here and are right.
    pub present: usize,
    /// Ids of files the source does not have (404). Normal for a mirror with only some files.
    pub not_served: Vec<String>,
    /// Files that did not work, and why.
    pub failed: Vec<(String, CatalogError)>,
    /// Why the rest was not tried: cancelled, no network, disk full.
    pub stopped: Option<CatalogError>,
    /// How many were not tried.
    pub not_tried: usize,
}

impl BulkReport {
    /// True if everything the source has is here.
    pub fn is_complete(&self) -> bool {
        self.failed.is_empty() && self.stopped.is_none()
    }
}

/// Makes sure that every entry is in the cache, or in `folder` under upstream's names.
pub(super) fn run(
    catalog: &Catalog,
    entries: &[Arc<Entry>],
    folder: Option<&Path>,
    clock: &dyn Clock,
    on_progress: &mut OnBulk<'_>,
) -> BulkReport {
    let mut report = BulkReport::default();
    let mut bytes_fetched = 0_u64;
    for (entry, files_done) in entries.iter().zip(0_usize..) {
        let mut tell = |bytes_fetched| {
            on_progress(BulkProgress {
                files_done,
                files_total: entries.len(),
                bytes_fetched,
                id: &entry.id,
            })
        };
        let result = if tell(bytes_fetched) == ControlFlow::Break(()) {
            Err(FetchError::Cancelled.into())
        } else {
            one(catalog, entry, folder, clock, &mut |bytes| {
                bytes_fetched = bytes_fetched.saturating_add(bytes);
                tell(bytes_fetched)
            })
        };
        match result {
            Ok(Place::Network) => report.fetched += 1,
            Ok(_) => report.present += 1,
            Err(error) if concerns_everything(&error) => {
                report.not_tried = entries.len().saturating_sub(files_done);
                report.stopped = Some(error);
                break;
            }
            Err(error) => match error.fetch() {
                Some(FetchError::Status { code: 404, .. }) => {
                    report.not_served.push(entry.id.clone());
                }
                _ => report.failed.push((entry.id.clone(), error)),
            },
        }
    }
    report
}

fn one(
    catalog: &Catalog,
    entry: &Entry,
    folder: Option<&Path>,
    clock: &dyn Clock,
    on_bytes: &mut crate::transport::OnBytes<'_>,
) -> Result<Place, CatalogError> {
    let loaded = catalog.load(entry, clock, on_bytes)?;
    if let Some(folder) = folder {
        files::write(&catalog.place(entry, folder), &loaded.bytes)?;
        return Ok(loaded.from);
    }
    // What came with the program may go with it; what was asked for stays.
    if loaded.from == Place::Bundled {
        catalog.keep(entry, &loaded.bytes)?;
    }
    // Here it is not enough that the bytes were got: they must have been kept.
    match loaded.notes.into_iter().find_map(|note| match note {
        Note::NotKept { why } => Some(why),
        _ => None,
    }) {
        Some(why) => Err(why.into()),
        None => Ok(loaded.from),
    }
}

fn concerns_everything(error: &CatalogError) -> bool {
    match error {
        CatalogError::Cache(
            CacheError::DiskFull { .. } | CacheError::NotWritable { .. } | CacheError::NoFolder,
        ) => true,
        // What is already here is still worth counting and checking, so being told to stay offline is a
        // failure of this file only.
        _ => error
            .fetch()
            .is_some_and(|why| *why != FetchError::OfflineMode && why.concerns_everything()),
    }
}

//! The bytes of an entry: kept, bundled or fetched, and proven in each case.

use std::path::PathBuf;
use std::sync::PoisonError;

use super::cache::{CacheError, MAX_OBJECT, files};
use super::download::{check, download, key};
use super::entry::{Entry, Origin};
use super::error::{CatalogError, ComposeProblem};
use super::fetch::{BaseUrl, FetchError};
use super::inspect;
use super::select::{Offer, Source};
use super::{Catalog, Status};
use crate::digest::Sha256;
use crate::image::{self, Image, ImageError};
use crate::transport::{Clock, OnBytes};

/// Where bytes came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The cache.
    Cache,
    /// The folder beside the program.
    Bundled,
    /// The network, just now.
    Network,
}

/// Something that happened on the way and is worth telling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// A kept file was wrong. It is not used and was set aside, if possible.
    Damaged {
        /// The wrong file.
        path: PathBuf,
        /// Where it is now.
        set_aside: Option<PathBuf>,
    },
    /// A file beside the program is wrong. It is not used, and not touched.
    WrongBundled {
        /// The wrong file.
        path: PathBuf,
    },
    /// A file could not be read.
    Unreadable {
        /// Why.
        why: CacheError,
    },
    /// The bytes are right and could not be kept for the next time.
    NotKept {
        /// Why.
        why: CacheError,
    },
}

/// Proven bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    /// The name of the file they are, or would be.
    pub name: String,
    /// They.
    pub bytes: Vec<u8>,
    /// Where they came from; the network if any part did.
    pub from: Place,
    /// What happened on the way.
    pub notes: Vec<Note>,
}

impl Loaded {
    /// The image they are, with what only the catalog knows of it: how a Katapult for CAN talks.
    pub fn image(&self, entry: &Entry) -> Result<Image, ImageError> {
        let image = Image::parse(&self.name, self.bytes.clone())?;
        Ok(image.with_known_transport(entry.transport))
    }
}

impl Catalog {
    /// The bytes of an entry, from wherever they are. Each copy is hashed before it is used.
    pub fn load(
        &self,
        entry: &Entry,
        clock: &dyn Clock,
        on_bytes: &mut OnBytes<'_>,
    ) -> Result<Loaded, CatalogError> {
        let mut notes = Vec::new();
        let here = self
            .read_cache(entry, &mut notes)
            .map(|bytes| (bytes, Place::Cache))
            .or_else(|| {
                let bytes = self.read_bundled(entry, &mut notes)?;
                Some((bytes, Place::Bundled))
            });
        let (bytes, from) = match here {
            Some(found) => found,
            None => (
                self.read_network(entry, clock, on_bytes, &mut notes)?,
                Place::Network,
            ),
        };
        self.mark_checked(Sha256::of(&bytes));
        Ok(Loaded {
            name: entry.path.file_name().to_owned(),
            bytes,
            from,
            notes,
        })
    }

    /// The bytes of an offer: of its first source that is here, else of the first that can be fetched.
    pub fn load_offer(
        &self,
        offer: &Offer,
        clock: &dyn Clock,
        on_bytes: &mut OnBytes<'_>,
    ) -> Result<Loaded, CatalogError> {
        let sources = std::iter::once(&offer.source).chain(&offer.instead);
        let (here, away): (Vec<_>, Vec<_>) = sources
            .partition(|source| source.status(|entry| self.status(entry)) > Status::NeedsDownload);
        let mut sources = here.into_iter().chain(away);
        let first = sources.next().unwrap_or(&offer.source);
        let result = self.load_source(first, clock, on_bytes);
        // One that looks good and is not, or that cannot be fetched, is no reason to go without.
        sources.fold(result, |result, other| match result {
            Err(error) if !error.is_cancelled() => {
                let again = self.load_source(other, clock, on_bytes);
                again.map_err(|second| if second.is_cancelled() { second } else { error })
            }
            done => done,
        })
    }

    /// The bytes of a source: of its file, or put together from its two.
    pub fn load_source(
        &self,
        source: &Source,
        clock: &dyn Clock,
        on_bytes: &mut OnBytes<'_>,
    ) -> Result<Loaded, CatalogError> {
        let (bootloader, app, official) = match source {
            Source::File { entry } => return self.load(entry, clock, on_bytes),
            Source::Composed {
                bootloader,
                app,
                official_sha256,
            } => (bootloader, app, official_sha256),
        };
        let lower = self.load(bootloader, clock, on_bytes)?;
        let upper = self.load(app, clock, on_bytes)?;
        let image = compose(&lower, &upper, official.as_ref()).map_err(|why| {
            CatalogError::CannotCompose {
                bootloader: bootloader.id.clone(),
                app: app.id.clone(),
                why,
            }
        })?;
        let mut notes = lower.notes;
        notes.extend(upper.notes);
        Ok(Loaded {
            name: image.name().to_owned(),
            bytes: image.bytes().to_owned(),
            from: if lower.from == Place::Network {
                lower.from
            } else {
                upper.from
            },
            notes,
        })
    }

    /// Every place in the folder beside the program where an entry may be.
    pub(super) fn bundled_paths(&self, entry: &Entry) -> Vec<PathBuf> {
        let Some(folder) = &self.config.bundled else {
            return Vec::new();
        };
        let by_path =
            [folder.clone(), folder.join("firmware")].map(|root| self.place(entry, &root));
        let by_hash = entry.sha256.iter().flat_map(|sha256| {
            [
                folder.join(sha256.to_string()),
                folder.join(format!("{sha256}.bin")),
            ]
        });
        by_path.into_iter().chain(by_hash).collect()
    }

    fn read_cache(&self, entry: &Entry, notes: &mut Vec<Note>) -> Option<Vec<u8>> {
        let cache = self.cache.as_ref()?;
        let sha256 = self.known_sha256(entry)?;
        match cache.read(&sha256) {
            Ok(Some(bytes)) if check(entry, &bytes, "").is_ok() => Some(bytes),
            Ok(Some(_other_file)) => {
                // The link led to an intact file that is not this one.
                drop(cache.forget_link(&key(entry)));
                None
            }
            Ok(None) => None,
            Err(CacheError::Damaged { path, set_aside }) => {
                notes.push(Note::Damaged { path, set_aside });
                None
            }
            Err(why) => {
                notes.push(Note::Unreadable { why });
                None
            }
        }
    }

    fn read_bundled(&self, entry: &Entry, notes: &mut Vec<Note>) -> Option<Vec<u8>> {
        self.bundled_paths(entry).into_iter().find_map(|path| {
            match files::read(&path, MAX_OBJECT) {
                Ok(Some(bytes)) if Self::prove(entry, &bytes, "").is_ok() => Some(bytes),
                Ok(Some(_wrong)) => {
                    notes.push(Note::WrongBundled { path });
                    None
                }
                Ok(None) => None,
                Err(why) => {
                    notes.push(Note::Unreadable { why });
                    None
                }
            }
        })
    }

    fn read_network(
        &self,
        entry: &Entry,
        clock: &dyn Clock,
        on_bytes: &mut OnBytes<'_>,
        notes: &mut Vec<Note>,
    ) -> Result<Vec<u8>, CatalogError> {
        let not_available = |why| CatalogError::NotAvailable {
            id: entry.id.clone(),
            damaged: notes.iter().filter_map(wrong_file).collect(),
            why,
        };
        if self.config.offline {
            return Err(not_available(FetchError::OfflineMode));
        }
        if !entry.is_provable() {
            return Err(CatalogError::NoHash {
                id: entry.id.clone(),
            });
        }
        let base = match &entry.origin {
            // A mirror's own file is nowhere else.
            Origin::Fetched { source, .. } => BaseUrl::parse(source),
            Origin::Embedded => self.base.clone(),
        };
        let url = base.map_err(not_available)?.file(&entry.path);
        let cache = self.cache.as_ref();
        let bytes =
            download(&*self.fetch, cache, entry, &url, clock, on_bytes).map_err(not_available)?;
        Self::prove(entry, &bytes, &url)?;
        if let Err(why) = self.keep(entry, &bytes) {
            notes.push(Note::NotKept { why });
        }
        Ok(bytes)
    }

    /// By its hashes; without a SHA-256, also by what it says about itself.
    fn prove(entry: &Entry, bytes: &[u8], url: &str) -> Result<(), CatalogError> {
        check(entry, bytes, url)?;
        if entry.sha256.is_some() {
            return Ok(());
        }
        let id = || entry.id.clone();
        let image = Image::parse(entry.path.file_name(), bytes.to_owned())
            .map_err(|why| CatalogError::NotFirmware { id: id(), why })?;
        let mismatches = inspect::mismatches(entry, image.facts());
        if mismatches.is_empty() {
            Ok(())
        } else {
            Err(CatalogError::NotAsListed {
                id: id(),
                mismatches,
            })
        }
    }

    pub(super) fn keep(&self, entry: &Entry, bytes: &[u8]) -> Result<(), CacheError> {
        let cache = self.cache.as_ref().ok_or(CacheError::NoFolder)?;
        let sha256 = cache.store(bytes)?;
        if entry.sha256.is_none() {
            cache.set_link(&key(entry), &sha256)?;
        }
        Ok(())
    }

    fn mark_checked(&self, sha256: Sha256) {
        let mut checked = self.checked.lock().unwrap_or_else(PoisonError::into_inner);
        checked.insert(sha256);
    }
}

/// Puts a bootloader and a firmware together; the result must have the official hash if there is one.
fn compose(
    bootloader: &Loaded,
    app: &Loaded,
    official: Option<&Sha256>,
) -> Result<Image, ComposeProblem> {
    let bootloader = Image::parse(&bootloader.name, bootloader.bytes.clone())?;
    let app = Image::parse(&app.name, app.bytes.clone())?;
    let image = image::compose(&bootloader, &app)?;
    match official {
        Some(official) if Sha256::of(image.bytes()) != *official => {
            Err(ComposeProblem::NotOfficial {
                official: *official,
                actual: Sha256::of(image.bytes()),
            })
        }
        _ => Ok(image),
    }
}

fn wrong_file(note: &Note) -> Option<PathBuf> {
    match note {
        Note::Damaged { path, .. } | Note::WrongBundled { path } => Some(path.clone()),
        _ => None,
    }
}

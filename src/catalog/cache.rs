//! Files kept on this computer, named by their SHA-256.
//!
//! Trusts nothing it finds: every file is hashed at every use, and one that is wrong is set aside. Every write
//! is a new file renamed into place, so that two programs at once, a kill or a full disk leave whole files
//! only. Knows no catalog and no network, and asks no clock.
//!
//! ```text
//! v1/objects/<sha256>     images
//! v1/links/<key>          which image a file without a SHA-256 in any list turned out to be
//! v1/partial/<key>        the beginning of a download that was cut off
//! v1/quarantine/…         files that were wrong, for a bug report
//! v1/list/last.json       the last list that was fetched
//! ```

mod error;
pub(super) mod files;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::digest::Sha256;
use crate::files::UNFINISHED;
pub use error::{CacheError, FileDoing};

/// A later version of this program that stores files otherwise counts this up and leaves the old ones alone.
const LAYOUT: &str = "v1";
const OBJECTS: &str = "objects";
pub(super) const LINKS: &str = "links";
pub(super) const PARTIAL: &str = "partial";
const QUARANTINE: &str = "quarantine";
const LIST: &str = "list";
const LAST_LIST: &str = "last.json";
const FOLDERS: [&str; 5] = [OBJECTS, LINKS, PARTIAL, QUARANTINE, LIST];

/// Larger files are not kept: the largest official image has 42 072 bytes, a G431 has 128 KiB of flash.
pub const MAX_OBJECT: u64 = 512 * 1024;
/// The most bytes of a stored list.
pub(super) const MAX_LIST: u64 = 4 * 1024 * 1024;
/// Enough for a bug report; more are deleted instead of set aside.
const MAX_QUARANTINED: usize = 16;
/// Temporary files of that age belong to nobody any more.
const STALE: Duration = Duration::from_hours(24);

/// The folder of kept files.
#[derive(Debug, Clone)]
pub struct Cache {
    folder: PathBuf,
}

/// Kept files: what is there, or what [`Cache::remove_everything`] deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Removed {
    /// How many.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
}

impl Cache {
    /// The cache below this folder. Touches nothing yet.
    pub fn at(root: &Path) -> Self {
        Self {
            folder: root.join(LAYOUT),
        }
    }

    /// The folder the system keeps caches of this program in.
    pub fn usual_root() -> Result<PathBuf, CacheError> {
        directories::ProjectDirs::from("", "", "carto-flasher")
            .map(|folders| folders.cache_dir().join("firmware"))
            .ok_or(CacheError::NoFolder)
    }

    /// The folder of all that is kept.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder images are in, each named by its SHA-256.
    pub fn objects_folder(&self) -> PathBuf {
        self.folder.join(OBJECTS)
    }

    /// Where an image is or would be.
    pub fn object_path(&self, sha256: &Sha256) -> PathBuf {
        self.objects_folder().join(sha256.to_string())
    }

    /// Reads an image and hashes it. A wrong one is set aside and is an error once; then there is none.
    pub fn read(&self, sha256: &Sha256) -> Result<Option<Vec<u8>>, CacheError> {
        let path = self.object_path(sha256);
        let Some(bytes) = files::read(&path, MAX_OBJECT)? else {
            return Ok(None);
        };
        let actual = Sha256::of(&bytes);
        if actual == *sha256 {
            return Ok(Some(bytes));
        }
        let set_aside = self.quarantine(&path, sha256, &actual);
        Err(CacheError::Damaged { path, set_aside })
    }

    /// Keeps an image.
    pub fn store(&self, bytes: &[u8]) -> Result<Sha256, CacheError> {
        let sha256 = Sha256::of(bytes);
        let path = self.object_path(&sha256);
        match files::write(&path, bytes) {
            Ok(()) => Ok(sha256),
            // On Windows a file that another program has just stored and holds open cannot be replaced; if it
            // is right, that is as good.
            Err(error) => match files::read(&path, MAX_OBJECT) {
                Ok(Some(there)) if there == bytes => Ok(sha256),
                _ => Err(error),
            },
        }
    }

    /// Which image a key stands for.
    pub fn link(&self, key: &str) -> Option<Sha256> {
        let text = files::read(&self.folder.join(LINKS).join(key), 64).ok()??;
        std::str::from_utf8(&text).ok()?.parse().ok()
    }

    /// Remembers which image a key stands for.
    pub fn set_link(&self, key: &str, sha256: &Sha256) -> Result<(), CacheError> {
        files::write(
            &self.folder.join(LINKS).join(key),
            sha256.to_string().as_bytes(),
        )
    }

    /// Forgets a key.
    pub fn forget_link(&self, key: &str) -> Result<(), CacheError> {
        files::delete(&self.folder.join(LINKS).join(key))
    }

    /// How many downloads were cut off: the next fetch goes on with them.
    pub fn unfinished(&self) -> usize {
        fs::read_dir(self.folder.join(PARTIAL)).map_or(0, |entries| {
            let is_one = |name: &str| !name.starts_with(UNFINISHED);
            entries
                .flatten()
                .filter(|entry| entry.file_name().to_str().is_some_and(is_one))
                .count()
        })
    }

    /// The beginning of a file from a download that was cut off.
    pub(super) fn partial(&self, key: &str) -> Vec<u8> {
        files::read(&self.folder.join(PARTIAL).join(key), MAX_OBJECT)
            .ok()
            .flatten()
            .unwrap_or_default()
    }

    /// Keeps or forgets (if empty) the beginning of a file. Only saves time, so failures do not matter.
    pub(super) fn set_partial(&self, key: &str, bytes: &[u8]) {
        let path = self.folder.join(PARTIAL).join(key);
        let done = if bytes.is_empty() {
            files::delete(&path)
        } else {
            files::write(&path, bytes)
        };
        drop(done);
    }

    /// The last list that was fetched, as it was stored.
    pub(super) fn list(&self) -> Option<Vec<u8>> {
        files::read(&self.folder.join(LIST).join(LAST_LIST), MAX_LIST).ok()?
    }

    pub(super) fn set_list(&self, bytes: &[u8]) -> Result<(), CacheError> {
        files::write(&self.folder.join(LIST).join(LAST_LIST), bytes)
    }

    /// Deletes what killed programs left behind. `wall` may be wrong: then nothing or too little is deleted.
    pub(super) fn tidy(&self, wall: SystemTime) {
        for name in FOLDERS {
            let Ok(entries) = fs::read_dir(self.folder.join(name)) else {
                continue;
            };
            for entry in entries.flatten() {
                let ours = entry
                    .file_name()
                    .to_str()
                    .is_some_and(|name| name.starts_with(UNFINISHED));
                let age = entry
                    .metadata()
                    .and_then(|facts| facts.modified())
                    .ok()
                    .and_then(|modified| wall.duration_since(modified).ok());
                if ours && age.is_some_and(|age| age > STALE) {
                    // If it stays, it only costs space.
                    drop(files::delete(&entry.path()));
                }
            }
        }
    }

    /// What [`Cache::remove_everything`] would delete now. What cannot be read counts as nothing.
    pub fn kept(&self) -> Removed {
        let mut kept = Removed::default();
        for name in FOLDERS {
            let Ok(entries) = fs::read_dir(self.folder.join(name)) else {
                continue;
            };
            for entry in entries.flatten() {
                let bytes = entry.metadata().map_or(0, |facts| facts.len());
                kept.files = kept.files.saturating_add(1);
                kept.bytes = kept.bytes.saturating_add(bytes);
            }
        }
        kept
    }

    /// Deletes everything this program has kept here, and nothing else.
    pub fn remove_everything(&self) -> Result<Removed, CacheError> {
        let mut removed = Removed::default();
        for name in FOLDERS {
            let folder = self.folder.join(name);
            let entries = match fs::read_dir(&folder) {
                Ok(entries) => entries,
                Err(error) if files::is_absent(&error) => continue,
                Err(error) => {
                    return Err(CacheError::from_io(FileDoing::Deleting, &folder, &error));
                }
            };
            for entry in entries.flatten() {
                let bytes = entry.metadata().map_or(0, |facts| facts.len());
                files::delete(&entry.path())?;
                removed.files = removed.files.saturating_add(1);
                removed.bytes = removed.bytes.saturating_add(bytes);
            }
            // A folder with something foreign in it stays.
            drop(fs::remove_dir(&folder));
        }
        drop(fs::remove_dir(&self.folder));
        Ok(removed)
    }

    /// Moves a wrong file out of the way; deletes it if there is no room for it.
    fn quarantine(&self, path: &Path, expected: &Sha256, actual: &Sha256) -> Option<PathBuf> {
        let folder = self.folder.join(QUARANTINE);
        let kept = fs::read_dir(&folder).map_or(0, Iterator::count);
        let target = folder.join(format!("{}-is-{}.bin", expected.short(), actual.short()));
        let moved = kept < MAX_QUARANTINED
            && fs::create_dir_all(&folder).is_ok()
            && fs::rename(path, &target).is_ok();
        if moved {
            return Some(target);
        }
        // If it cannot be deleted either, it stays and fails its check at the next use too.
        drop(files::delete(path));
        None
    }
}

#[cfg(test)]
mod tests;

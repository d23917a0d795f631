//! Looks through a folder and says of every firmware file in it whether it is what its name says.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;

use super::cache::{CacheError, FileDoing, LINKS, MAX_OBJECT, PARTIAL, files};
use super::entry::Entry;
use super::path::{RepoPath, has_firmware_extension};
use crate::digest::{BlobSha1, Sha256};

/// Folders deeper than this are not looked into, nor more files than this.
const MAX_DEPTH: usize = 12;
const MAX_FILES: usize = 10_000;

/// What a folder holds.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Verified {
    /// Every firmware file that was found, in the order of their names.
    pub files: Vec<VerifiedFile>,
    /// Entries, other than archived ones, no right copy of which is there.
    pub missing: Vec<String>,
}

impl Verified {
    /// True if nothing that was found is wrong or unreadable.
    pub fn is_clean(&self) -> bool {
        !self.files.iter().any(|file| {
            matches!(
                file.verdict,
                Verdict::Wrong { .. } | Verdict::Unreadable { .. }
            )
        })
    }
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VerifiedFile {
    /// Below the folder.
    #[serde(serialize_with = "crate::files::as_text")]
    pub path: PathBuf,
    /// What it is.
    pub verdict: Verdict,
}

/// What a file is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "verdict")]
pub enum Verdict {
    /// An official file, byte for byte.
    Official {
        /// Which.
        id: String,
    },
    /// Named by its hash, and has it, but no list knows it.
    Intact,
    /// It has an official file's place or a hash for a name, and other bytes.
    Wrong {
        /// The entry whose place it has.
        id: Option<String>,
        /// The hash it has.
        actual: Sha256,
    },
    /// The beginning of a download that was cut off; the next fetch goes on with it.
    Unfinished,
    /// Some other firmware file.
    Unknown,
    /// It cannot be read.
    Unreadable {
        /// What the system said.
        detail: String,
    },
}

/// Looks through a folder.
pub(super) fn verify(folder: &Path, entries: &[Arc<Entry>]) -> Result<Verified, CacheError> {
    let mut found = Vec::new();
    walk(folder, Path::new(""), 0, &mut found)?;
    found.sort();
    let mut right = HashSet::new();
    let files = found
        .into_iter()
        .map(|path| {
            let verdict = match files::read(&folder.join(&path), MAX_OBJECT) {
                Ok(bytes) => judge(&path, &bytes.unwrap_or_default(), entries),
                Err(error) => Verdict::Unreadable {
                    detail: error.to_string(),
                },
            };
            if let Verdict::Official { id } = &verdict {
                right.extend(twins(id, entries));
            }
            VerifiedFile { path, verdict }
        })
        .collect();
    let missing = entries
        .iter()
        .filter(|entry| !entry.archived && !right.contains(entry.id.as_str()))
        .map(|entry| entry.id.clone())
        .collect();
    Ok(Verified { files, missing })
}

/// Entries with the same bytes as this one: upstream has some files twice.
fn twins<'a>(id: &str, entries: &'a [Arc<Entry>]) -> impl Iterator<Item = &'a str> {
    let sha256 = entries
        .iter()
        .find(|entry| entry.id == id)
        .map(|entry| (entry.sha256, entry.git_blob_sha1));
    entries
        .iter()
        .filter(move |entry| sha256 == Some((entry.sha256, entry.git_blob_sha1)))
        .map(|entry| entry.id.as_str())
}

fn judge(path: &Path, bytes: &[u8], entries: &[Arc<Entry>]) -> Verdict {
    let actual = Sha256::of(bytes);
    let blob = BlobSha1::of(bytes);
    let is_it = |entry: &&Arc<Entry>| match (&entry.sha256, &entry.git_blob_sha1) {
        (Some(sha256), _) => *sha256 == actual,
        (None, Some(known)) => *known == blob,
        (None, None) => false,
    };
    let official = |entry: &Arc<Entry>| Verdict::Official {
        id: entry.id.clone(),
    };
    if let Some(entry) = place_of(path, entries) {
        return if is_it(&entry) {
            official(entry)
        } else {
            Verdict::Wrong {
                id: Some(entry.id.clone()),
                actual,
            }
        };
    }
    let stem = path.file_stem().and_then(|stem| stem.to_str());
    let named = stem.and_then(|stem| stem.parse::<Sha256>().ok());
    if named.is_some_and(|named| named != actual) {
        if is_in(PARTIAL, path) {
            return Verdict::Unfinished;
        }
        return Verdict::Wrong { id: None, actual };
    }
    match entries.iter().find(is_it) {
        Some(entry) => official(entry),
        None if named.is_some() => Verdict::Intact,
        None => Verdict::Unknown,
    }
}

/// A folder of the cache in which something else than whole images is named by hashes.
fn is_in(folder: &str, path: &Path) -> bool {
    let parent = path.parent().and_then(Path::file_name);
    parent.is_some_and(|parent| parent == folder)
}

/// The entry whose place below upstream's `firmware` folder this is.
fn place_of<'a>(path: &Path, entries: &'a [Arc<Entry>]) -> Option<&'a Arc<Entry>> {
    let parts: Option<Vec<_>> = path.iter().map(|part| part.to_str()).collect();
    let text = parts?.join("/");
    let text = text.strip_prefix("firmware/").unwrap_or(&text);
    let path = RepoPath::parse(text).ok()?;
    entries
        .iter()
        .find(|entry| entry.path == path && entry.sha256.is_some())
}

fn walk(
    root: &Path,
    below: &Path,
    depth: usize,
    found: &mut Vec<PathBuf>,
) -> Result<(), CacheError> {
    let folder = root.join(below);
    let entries = fs::read_dir(&folder)
        .map_err(|error| CacheError::from_io(FileDoing::Reading, &folder, &error))?;
    for entry in entries.flatten() {
        let path = below.join(entry.file_name());
        // Links are not followed, so that there is no loop.
        let Ok(kind) = entry.file_type() else {
            continue;
        };
        if kind.is_dir() && depth < MAX_DEPTH {
            // A folder that cannot be read does not hide the others.
            drop(walk(root, &path, depth + 1, found));
        } else if kind.is_file() && is_firmware(&path) && found.len() < MAX_FILES {
            found.push(path);
        }
    }
    Ok(())
}

fn is_firmware(path: &Path) -> bool {
    path.file_name()
        .and_then(|name| name.to_str())
        .is_some_and(|name| {
            let named_by_hash = name.parse::<Sha256>().is_ok() && !is_in(LINKS, path);
            has_firmware_extension(name) || named_by_hash
        })
}

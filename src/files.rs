//! Files this program leaves behind: whole or not at all. And paths as they stand in JSON.
//!
//! Every write is a new file beside, put into place when it is complete, so that a kill or a full disk leaves what
//! was there. Until somebody widens it, such a file is its owner's alone.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Serialize, Serializer};
use tempfile::NamedTempFile;

/// Unfinished files start with this, so that ones a killed process left can be told.
pub(crate) const UNFINISHED: &str = ".part-";

/// Whether a file must be on the disk before anything else happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durable {
    /// It survives a power failure.
    Yes,
    /// It may be lost then: it can be had again, or is checked before it is used.
    No,
}

/// Writes a file, in place of one that is there.
///
/// # Errors
/// What the system said; a file that was there is as it was.
pub fn replace(path: &Path, bytes: &[u8], durable: Durable) -> io::Result<()> {
    let file = beside(path, durable, |file| file.write_all(bytes))?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// Writes a file where there is none, and makes sure that it is on the disk.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`] if there is one, else what the system said.
pub fn create_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let file = beside(path, Durable::Yes, |file| file.write_all(bytes))?;
    file.persist_noclobber(path).map_err(|error| error.error)?;
    Ok(())
}

fn beside(
    path: &Path,
    durable: Durable,
    fill: impl FnOnce(&mut File) -> io::Result<()>,
) -> io::Result<NamedTempFile> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    // Dropping the temporary file deletes it.
    let mut file = tempfile::Builder::new()
        .prefix(UNFINISHED)
        .tempfile_in(folder)?;
    fill(file.as_file_mut())?;
    if durable == Durable::Yes {
        file.as_file().sync_all()?;
    }
    Ok(file)
}

/// A path as text. What is no Unicode in it is replaced, where serde would refuse the whole answer.
pub(crate) fn as_text<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    path.to_string_lossy().serialize(serializer)
}

/// As [`as_text`], where there may be none.
#[expect(clippy::ref_option, reason = "the signature serde calls")]
pub(crate) fn as_text_if_any<S: Serializer>(
    path: &Option<PathBuf>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    path.as_deref()
        .map(Path::to_string_lossy)
        .serialize(serializer)
}

/// What is in a folder, sorted.
#[cfg(test)]
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_only_where_that_is_meant() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        create_new(&path, b"one").unwrap();
        let error = create_new(&path, b"two").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(std::fs::read(&path).unwrap(), b"one");
        for durable in [Durable::Yes, Durable::No] {
            replace(&path, b"three", durable).unwrap();
            assert_eq!(std::fs::read(&path).unwrap(), b"three");
        }
        assert_eq!(names(folder.path()), ["file"]);
    }

    #[test]
    fn a_full_disk_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        replace(&path, b"old", Durable::No).unwrap();
        let error = beside(&path, Durable::No, |file| {
            file.write_all(b"ne")?;
            Err(io::ErrorKind::StorageFull.into())
        });
        assert_eq!(error.unwrap_err().kind(), io::ErrorKind::StorageFull);
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        assert_eq!(names(folder.path()), ["file"]);
    }
}

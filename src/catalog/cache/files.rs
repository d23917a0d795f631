//! Reading and writing whole small files so that nobody ever sees half of one.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

use super::error::{CacheError, FileDoing};
use crate::files::{self, Durable};

/// Reads a file of at most `limit` bytes; a larger one is read to one byte more, so that it fails its check.
/// Nothing if there is none.
pub(in crate::catalog) fn read(path: &Path, limit: u64) -> Result<Option<Vec<u8>>, CacheError> {
    let failed = |error: &io::Error| CacheError::from_io(FileDoing::Reading, path, error);
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if is_absent(&error) => return Ok(None),
        Err(error) => return Err(failed(&error)),
    };
    // A folder or a pipe of this name is not a file.
    if !file.metadata().map_err(|error| failed(&error))?.is_file() {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    file.take(limit.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|error| failed(&error))?;
    Ok(Some(bytes))
}

/// Writes a file: all of it or nothing. Makes the folders it needs.
///
/// It is not flushed to the disk: whoever reads it checks it, and 121 flushes take seconds on a slow disk.
pub(in crate::catalog) fn write(path: &Path, bytes: &[u8]) -> Result<(), CacheError> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder)
        .map_err(|error| CacheError::from_io(FileDoing::MakingFolder, folder, &error))?;
    files::replace(path, bytes, Durable::No)
        .map_err(|error| CacheError::from_io(FileDoing::Writing, path, &error))?;
    share(path);
    Ok(())
}

/// New files are for one user's eyes only; firmware is no secret, and a portable folder is shared.
#[cfg(unix)]
fn share(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    // If it does not work, the file is still good for whoever made it.
    drop(fs::set_permissions(path, fs::Permissions::from_mode(0o644)));
}

#[cfg(not(unix))]
fn share(_path: &Path) {}

/// Deletes a file; that there is none is fine.
pub(super) fn delete(path: &Path) -> Result<(), CacheError> {
    match fs::remove_file(path) {
        Err(error) if !is_absent(&error) => {
            Err(CacheError::from_io(FileDoing::Deleting, path, &error))
        }
        _ => Ok(()),
    }
}

pub(super) fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::IsADirectory
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_as_that() {
        let path = Path::new("file");
        let full = io::ErrorKind::StorageFull.into();
        assert_eq!(
            CacheError::from_io(FileDoing::Writing, path, &full),
            CacheError::DiskFull { path: path.into() }
        );
    }

    #[test]
    fn reading_is_bounded_and_absence_is_not_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b");
        assert_eq!(read(&path, 10), Ok(None));
        write(&path, &[7; 100]).unwrap();
        assert_eq!(read(&path, 10), Ok(Some(vec![7; 11])));
        assert_eq!(read(folder.path(), 10), Ok(None));
        assert_eq!(read(&path.join("below a file"), 10), Ok(None));
        delete(&path).unwrap();
        delete(&path).unwrap();
    }

    #[test]
    fn a_file_in_the_place_of_a_folder_is_said_to_be_unwritable() {
        let folder = tempfile::tempdir().unwrap();
        let blocker = folder.path().join("blocker");
        write(&blocker, b"").unwrap();
        let error = write(&blocker.join("x/y"), b"z");
        assert!(
            matches!(error, Err(CacheError::NotWritable { .. })),
            "{error:?}"
        );
    }
}

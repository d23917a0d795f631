//! Reading and writing whole small files so that nobody ever sees half of one.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use tempfile::NamedTempFile;

use super::error::{CacheError, FileDoing};

/// Temporary files start with this, so that ones a killed process left can be told.
pub(super) const TEMPORARY: &str = ".part-";

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
    write_with(path, |file| file.write_all(bytes))
}

fn write_with(
    path: &Path,
    fill: impl FnOnce(&mut File) -> io::Result<()>,
) -> Result<(), CacheError> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder)
        .map_err(|error| CacheError::from_io(FileDoing::MakingFolder, folder, &error))?;
    let failed = |error: &io::Error| CacheError::from_io(FileDoing::Writing, path, error);
    let mut file = tempfile::Builder::new()
        .prefix(TEMPORARY)
        .tempfile_in(folder)
        .map_err(|error| failed(&error))?;
    // Dropping the temporary file deletes it.
    fill(file.as_file_mut()).map_err(|error| failed(&error))?;
    share(&file);
    file.persist(path).map_err(|error| failed(&error.error))?;
    Ok(())
}

/// Temporary files are made for one user's eyes only; firmware is no secret, and a portable folder is shared.
#[cfg(unix)]
fn share(file: &NamedTempFile) {
    use std::os::unix::fs::PermissionsExt as _;
    // If it does not work, the file is still good for whoever made it.
    drop(
        file.as_file()
            .set_permissions(fs::Permissions::from_mode(0o644)),
    );
}

#[cfg(not(unix))]
fn share(_file: &NamedTempFile) {}

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

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_full_disk_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        write(&path, b"old").unwrap();
        let error = write_with(&path, |file| {
            file.write_all(b"ne")?;
            Err(io::ErrorKind::StorageFull.into())
        });
        assert_eq!(error, Err(CacheError::DiskFull { path: path.clone() }));
        assert_eq!(read(&path, 100), Ok(Some(b"old".to_vec())));
        assert_eq!(names(folder.path()), ["file"]);
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

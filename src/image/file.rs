//! A file on disk -> bytes, never more than a firmware file can have.

use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

use super::{Image, ImageError, MAX_FILE};

impl Image {
    /// Reads and parses a file. A folder, a device or a file of 4 GiB is refused without being read.
    pub fn read_file(path: &Path) -> Result<Self, ImageError> {
        let bytes = read_bounded(path)?;
        Self::parse(&display_name(path), bytes)
    }
}

/// The bytes of a file that may be firmware: for backups, which are parsed with [`Image::parse_dump`].
pub fn read_bounded(path: &Path) -> Result<Vec<u8>, ImageError> {
    let unreadable = |error: &io::Error| ImageError::Unreadable {
        path: path.to_owned(),
        kind: error.kind(),
    };
    // Before opening: to open a pipe can wait for ever.
    let metadata = fs::metadata(path).map_err(|error| unreadable(&error))?;
    if !metadata.is_file() {
        return Err(ImageError::NotAFile {
            path: path.to_owned(),
        });
    }
    let too_large = |size| ImageError::TooLarge {
        size,
        limit: MAX_FILE,
    };
    if metadata.len() > MAX_FILE {
        return Err(too_large(metadata.len()));
    }
    let mut bytes = Vec::new();
    let read = fs::File::open(path)
        .and_then(|file| file.take(MAX_FILE + 1).read_to_end(&mut bytes))
        .map_err(|error| unreadable(&error))?;
    // It may have grown since.
    match u64::try_from(read) {
        Ok(size) if size <= MAX_FILE => Ok(bytes),
        _ => Err(too_large(MAX_FILE + 1)),
    }
}

/// The file's name without its folder.
pub fn display_name(path: &Path) -> String {
    path.file_name().map_or_else(
        || path.display().to_string(),
        |name| name.to_string_lossy().into_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::{Mcu, Transport};
    use crate::transport::sim::practice;

    #[test]
    fn reads_a_file_and_keeps_its_name_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("Probe 6.1.0.bin");
        fs::write(&path, practice::katapult(Mcu::Stm32F042, Transport::Usb)).unwrap();
        assert_eq!(
            Image::read_file(&path).map(|image| image.name().to_owned()),
            Ok("Probe 6.1.0.bin".to_owned())
        );
    }

    #[test]
    fn a_sparse_file_of_4_gib_is_refused_unread() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("huge.bin");
        let size = 4 * 1024 * 1024 * 1024;
        fs::File::create(&path).unwrap().set_len(size).unwrap();
        assert_eq!(
            Image::read_file(&path),
            Err(ImageError::TooLarge {
                size,
                limit: MAX_FILE
            })
        );
    }

    #[test]
    fn the_limit_itself_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("limit.bin");
        for (size, fits) in [(MAX_FILE, true), (MAX_FILE + 1, false)] {
            fs::File::create(&path).unwrap().set_len(size).unwrap();
            assert_eq!(read_bounded(&path).is_ok(), fits);
        }
    }

    #[test]
    fn what_is_not_a_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_owned();
        assert_eq!(
            Image::read_file(&path),
            Err(ImageError::NotAFile { path: path.clone() })
        );
        let missing = path.join("none.bin");
        assert_eq!(
            Image::read_file(&missing),
            Err(ImageError::Unreadable {
                path: missing,
                kind: io::ErrorKind::NotFound
            })
        );
    }

    #[cfg(unix)]
    #[test]
    fn devices_are_refused_unopened() {
        let path = Path::new("/dev/zero");
        assert_eq!(
            Image::read_file(path),
            Err(ImageError::NotAFile { path: path.into() })
        );
    }
}

//! The log on disk. It starts anew before it grows too large, and two older files are kept.
//!
//! A log that cannot be written is given up in silence: it never keeps the program from working. Rotation is by
//! size and not by day, because one day at level trace has no bound; no crate in wide use does that alone.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Name of the newest file; older ones have a number behind it.
const FILE_NAME: &str = "carto-flasher.log";
/// A file is no longer than this.
const MAX_FILE_BYTES: u64 = 1024 * 1024;
/// Older files that are kept.
const OLDER_FILES: u32 = 2;

/// The folder for logs and crash reports: `~/.local/state/carto-flasher/logs` (XDG base directories 0.8),
/// `~/Library/Logs/carto-flasher`, or `logs` in `%LOCALAPPDATA%`.
pub fn folder() -> Option<PathBuf> {
    let dirs = directories::ProjectDirs::from("", "", "carto-flasher")?;
    if cfg!(target_os = "macos") {
        let home = directories::BaseDirs::new()?.home_dir().to_owned();
        return Some(home.join("Library/Logs/carto-flasher"));
    }
    let state = dirs.state_dir().unwrap_or(dirs.data_local_dir());
    Some(state.join("logs"))
}

/// The log file. A writer for `tracing`; cheap to clone.
#[derive(Debug, Clone)]
pub struct LogFile {
    shared: Arc<Mutex<Writer>>,
}

#[derive(Debug)]
struct Writer {
    folder: PathBuf,
    max_bytes: u64,
    /// `None` once it was given up.
    file: Option<File>,
    /// Length of the file. Another process may write to it too; then each is bounded by itself.
    bytes: u64,
}

impl LogFile {
    /// Opens the log in this folder, which is made if it is missing.
    ///
    /// # Errors
    /// The folder or the file cannot be written: go on without.
    pub fn open(folder: &Path) -> std::io::Result<Self> {
        Self::with_limit(folder, MAX_FILE_BYTES)
    }

    fn with_limit(folder: &Path, max_bytes: u64) -> std::io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let (file, bytes) = open(folder)?;
        let writer = Writer {
            folder: folder.to_owned(),
            max_bytes,
            file: Some(file),
            bytes,
        };
        Ok(Self {
            shared: Arc::new(Mutex::new(writer)),
        })
    }

    /// Writes a line unless somebody is writing one at this moment.
    pub fn try_line(&self, line: &str) {
        if let Ok(mut writer) = self.shared.try_lock() {
            writer.write(format!("{line}\n").as_bytes());
        }
    }
}

impl Write for LogFile {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let mut writer = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        writer.write(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Writer {
    fn write(&mut self, bytes: &[u8]) {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        // One enormous line is cut by not being written at all.
        if length > self.max_bytes {
            return;
        }
        if self.bytes.saturating_add(length) > self.max_bytes {
            self.file = None;
            if let Ok((file, bytes)) = rotate(&self.folder).and_then(|()| open(&self.folder)) {
                (self.file, self.bytes) = (Some(file), bytes);
            }
        }
        let Some(file) = &mut self.file else {
            return;
        };
        match file.write_all(bytes) {
            Ok(()) => self.bytes = self.bytes.saturating_add(length),
            // A full disk, for example.
            Err(_gone) => self.file = None,
        }
    }
}

fn open(folder: &Path) -> std::io::Result<(File, u64)> {
    let file = OpenOptions::new()
        .append(true)
        .create(true)
        .open(path(folder, 0))?;
    let bytes = file.metadata()?.len();
    Ok((file, bytes))
}

fn path(folder: &Path, age: u32) -> PathBuf {
    match age {
        0 => folder.join(FILE_NAME),
        age => folder.join(format!("{FILE_NAME}.{age}")),
    }
}

/// Makes each file one older; the oldest goes.
fn rotate(folder: &Path) -> std::io::Result<()> {
    for age in (0..OLDER_FILES).rev() {
        match std::fs::rename(path(folder, age), path(folder, age.saturating_add(1))) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// The last lines of the log in this folder, at most so many bytes; nothing if there is none. A file that was begun
/// a moment ago is preceded by the end of the one before.
pub fn tail(folder: &Path, max_bytes: u64) -> Vec<String> {
    let mut lines = Vec::new();
    let mut left = max_bytes;
    for age in 0..=OLDER_FILES {
        let path = path(folder, age);
        let Ok(older) = read_tail(&path, left) else {
            break;
        };
        lines.splice(..0, older);
        let length = path.metadata().map_or(left, |file| file.len());
        left = left.saturating_sub(length);
        if left == 0 {
            break;
        }
    }
    lines
}

fn read_tail(path: &Path, max_bytes: u64) -> std::io::Result<Vec<String>> {
    let mut file = File::open(path)?;
    let skipped = file.metadata()?.len().saturating_sub(max_bytes);
    file.seek(SeekFrom::Start(skipped))?;
    let mut bytes = Vec::new();
    file.take(max_bytes).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    // The first line is cut in two unless it is the file's first.
    let lines = text.lines().skip(usize::from(skipped > 0));
    Ok(lines.map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::names;

    #[test]
    fn three_files_of_bounded_size_are_kept_with_the_newest_lines() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = LogFile::with_limit(folder.path(), 100).unwrap();
        for number in 0..1000 {
            writeln!(log, "line {number:04}").unwrap();
        }
        let names = names(folder.path());
        let file = |age: &str| format!("{FILE_NAME}{age}");
        assert_eq!(names, [file(""), file(".1"), file(".2")]);
        for name in names {
            let bytes = std::fs::metadata(folder.path().join(name)).unwrap().len();
            assert!(bytes <= 100, "{bytes}");
        }
        assert_eq!(tail(folder.path(), 100).last().unwrap(), "line 0999");
    }

    #[test]
    fn what_was_logged_before_the_file_was_begun_anew_is_told_too() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = LogFile::with_limit(folder.path(), 100).unwrap();
        for number in 0..25 {
            writeln!(log, "line {number:04}").unwrap();
        }
        let told = tail(folder.path(), 100);
        assert_eq!(told.first().unwrap(), "line 0016", "{told:?}");
        assert_eq!(told.last().unwrap(), "line 0024");
        assert_eq!(tail(folder.path(), 10_000).len(), 25);
    }

    #[test]
    fn a_second_start_goes_on_in_the_same_file() {
        let folder = tempfile::tempdir().unwrap();
        for text in ["one", "two"] {
            let mut log = LogFile::open(folder.path()).unwrap();
            writeln!(log, "{text}").unwrap();
        }
        assert_eq!(tail(folder.path(), 1000), ["one", "two"]);
        assert_eq!(tail(folder.path(), 6), ["two"], "a cut line is left out");
        assert_eq!(tail(Path::new("/no/such/folder"), 10), Vec::<String>::new());
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_an_error_and_a_lost_one_is_not() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(LogFile::open(&file.path().join("logs")).is_err());
        let folder = tempfile::tempdir().unwrap();
        let mut log = LogFile::with_limit(&folder.path().join("logs"), 10).unwrap();
        drop(folder);
        for _ in 0..5 {
            log.write_all(b"12345678").unwrap();
        }
        log.write_all(&[b'x'; 100]).unwrap();
    }
}

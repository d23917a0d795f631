//! Where crash reports lie: in the log folder, the newest few.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::files;
use crate::flash::file_stamp;

const PREFIX: &str = "crash-";
const SUFFIX: &str = ".txt";
/// Older ones go.
const KEPT: usize = 5;

/// Writes a report into this folder, or where temporary files go if that cannot be, and says where it is.
///
/// # Errors
/// Nothing can be written anywhere.
pub fn keep(folder: Option<&Path>, wall: SystemTime, text: &str) -> std::io::Result<PathBuf> {
    let kept = folder.map(|folder| keep_in(folder, wall, text));
    match kept {
        Some(Ok(path)) => Ok(path),
        Some(Err(_)) | None => keep_anywhere(text),
    }
}

fn keep_in(folder: &Path, wall: SystemTime, text: &str) -> std::io::Result<PathBuf> {
    std::fs::create_dir_all(folder)?;
    prune(folder);
    let path = folder.join(format!("{PREFIX}{}{SUFFIX}", file_stamp(wall)));
    // Of several crashes in one second the first is the cause of the others.
    match files::create_new(&path, text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(path),
    }
}

fn keep_anywhere(text: &str) -> std::io::Result<PathBuf> {
    let mut file = tempfile::Builder::new()
        .prefix("carto-flasher-crash-")
        .suffix(SUFFIX)
        .tempfile()?;
    file.write_all(text.as_bytes())?;
    let (_file, path) = file.keep().map_err(|error| error.error)?;
    Ok(path)
}

/// The lines of the newest report in this folder, its name first; nothing if there is none.
pub fn newest(folder: &Path) -> Vec<String> {
    let Some(path) = reports(folder).pop() else {
        return Vec::new();
    };
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let text = std::fs::read(&path).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines = text.lines().map(str::to_owned);
    std::iter::once(name.into_owned()).chain(lines).collect()
}

/// Makes room for one more.
fn prune(folder: &Path) {
    let reports = reports(folder);
    let spare = reports.len().saturating_sub(KEPT.saturating_sub(1));
    for report in reports.iter().take(spare) {
        std::fs::remove_file(report).ok();
    }
}

/// The reports, the newest last: their names are dates.
fn reports(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut reports: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with(PREFIX) && name.ends_with(SUFFIX)
        })
        .collect();
    reports.sort();
    reports
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    #[test]
    fn the_newest_few_are_kept_and_nothing_else_is_touched() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("carto-flasher.log"), "log").unwrap();
        let mut paths = Vec::new();
        for day in 0..9 {
            let wall = UNIX_EPOCH + Duration::from_hours(24 * day);
            let text = format!("day {day}\nlog");
            paths.push(keep(Some(folder.path()), wall, &text).unwrap());
        }
        let newest = newest(folder.path());
        assert_eq!(newest[1..], ["day 8", "log"], "under its name: {newest:?}");
        let (old, new) = paths.split_at(paths.len() - KEPT);
        assert!(old.iter().all(|path| !path.exists()));
        assert!(new.iter().all(|path| path.exists()));
        assert!(folder.path().join("carto-flasher.log").exists());
    }

    #[test]
    fn the_first_of_several_crashes_in_a_second_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let first = keep(Some(folder.path()), UNIX_EPOCH, "cause").unwrap();
        let second = keep(Some(folder.path()), UNIX_EPOCH, "effect").unwrap();
        assert_eq!(first, second);
        assert_eq!(std::fs::read_to_string(first).unwrap(), "cause");
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_no_reason_to_lose_it() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let path = keep(Some(&file.path().join("logs")), UNIX_EPOCH, "text").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "text");
        std::fs::remove_file(path).unwrap();
    }
}

//! Where a backup goes before anything is written.

use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::board::Mcu;
use crate::files;

/// Keeps the flash of a probe as it was.
pub trait BackupStore {
    /// Saves `bytes`, the whole flash of a chip, and says where.
    ///
    /// # Errors
    /// Whatever the system said; the job stops before it writes anything.
    fn save(&mut self, mcu: Mcu, taken: SystemTime, bytes: &[u8]) -> std::io::Result<PathBuf>;
}

/// Keeps backups as files in a folder, one per job, never over an older one.
#[derive(Debug, Clone)]
pub struct BackupFolder(pub PathBuf);

impl BackupStore for BackupFolder {
    fn save(&mut self, mcu: Mcu, taken: SystemTime, bytes: &[u8]) -> std::io::Result<PathBuf> {
        std::fs::create_dir_all(&self.0)?;
        let stem = format!("{}-backup-{}", mcu.klipper_name(), file_stamp(taken));
        for copy in 1..=99_u32 {
            let suffix = if copy == 1 {
                String::new()
            } else {
                format!("-{copy}")
            };
            let path = self.0.join(format!("{stem}{suffix}.bin"));
            match files::create_new(&path, bytes) {
                Ok(()) => return Ok(path),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(std::io::ErrorKind::AlreadyExists.into())
    }
}

/// Forgets what it is given: for rehearsals.
#[derive(Debug, Clone, Copy)]
pub(super) struct NoBackup;

impl BackupStore for NoBackup {
    fn save(&mut self, _: Mcu, _: SystemTime, _: &[u8]) -> std::io::Result<PathBuf> {
        Ok(PathBuf::new())
    }
}

/// `20260101-120000` in UTC; the days-to-date step is Howard Hinnant's `civil_from_days`.
pub(crate) fn file_stamp(time: SystemTime) -> String {
    let secs = time
        .duration_since(UNIX_EPOCH)
        .unwrap_or(Duration::ZERO)
        .as_secs();
    let (days, rest) = (secs / 86_400, secs % 86_400);
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_index = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_index + 2) / 5 + 1;
    let month = if month_index < 10 {
        month_index + 3
    } else {
        month_index - 9
    };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (rest / 3_600, rest / 60 % 60, rest % 60);
    format!("{year:04}{month:02}{day:02}-{hour:02}{minute:02}{second:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_are_dates() {
        for (secs, stamp) in [
            (0, "19700101-000000"),
            (951_782_400, "20000229-000000"),
            (1_767_268_800, "20260101-120000"),
            (4_102_444_799, "20991231-235959"),
        ] {
            assert_eq!(file_stamp(UNIX_EPOCH + Duration::from_secs(secs)), stamp);
        }
    }

    #[test]
    fn a_second_backup_in_the_same_second_does_not_replace_the_first() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = BackupFolder(folder.path().join("new"));
        let first = store.save(Mcu::Stm32F042, UNIX_EPOCH, b"one").unwrap();
        let second = store.save(Mcu::Stm32F042, UNIX_EPOCH, b"two").unwrap();
        assert_eq!(std::fs::read(first).unwrap(), b"one");
        assert_eq!(std::fs::read(second).unwrap(), b"two");
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_an_error() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(
            BackupFolder(file.path().join("x"))
                .save(Mcu::Stm32F042, UNIX_EPOCH, b"")
                .is_err()
        );
    }
}

//! What is remembered between starts: one JSON file in the platform's configuration folder.
//!
//! Reading never fails: what cannot be read becomes the default, with a warning. Writing is atomic. Knows no
//! devices and no pixels.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::board::Transport;
use crate::files::{self, Durable};

/// Name of the file.
const FILE_NAME: &str = "settings.json";
/// A settings file is a few hundred bytes; more than this is not one.
const MAX_FILE_BYTES: u64 = 64 * 1024;

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ThemeChoice {
    /// As the system.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// Everything that is remembered. Unknown fields are ignored and missing ones are the default, so that
/// versions can be mixed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent switches, each shown as one"
)]
pub struct Settings {
    /// Light or dark.
    pub theme: ThemeChoice,
    /// Size of text, in percent.
    pub text_percent: u16,
    /// Pictures stand still.
    pub reduced_motion: bool,
    /// Read the whole probe and keep it before writing.
    pub backup: bool,
    /// Where backups go; `None` is the default place.
    #[serde(with = "folder")]
    pub backup_folder: Option<PathBuf>,
    /// Where downloaded firmware is kept; `None` is the default place.
    #[serde(with = "folder")]
    pub cache_folder: Option<PathBuf>,
    /// Where firmware comes from; `None` is the official source.
    pub source_url: Option<String>,
    /// Never use the network.
    pub offline: bool,
    /// Offer builds for slow hosts first.
    pub prefer_lite: bool,
    /// Show older and archived firmware too.
    pub show_older: bool,
    /// USB or CAN, as it was chosen last for a probe that cannot tell.
    pub transport: Option<Transport>,
    /// Play a sound when the coach sees DFU mode.
    pub sound: bool,
    /// Inner size of the window in points.
    pub window_size: Option<(u16, u16)>,
    /// Ask once a day whether there is a newer version of this program.
    pub check_for_updates: bool,
    /// When that was asked last, in seconds since 1970.
    pub updates_asked_at: Option<u64>,
    /// The version the user does not want to hear of.
    pub skipped_version: Option<String>,
    /// Where releases are asked for; `None` is the official place.
    pub update_url: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: ThemeChoice::default(),
            text_percent: Self::TEXT_DEFAULT_PERCENT,
            reduced_motion: false,
            backup: true,
            backup_folder: None,
            cache_folder: None,
            source_url: None,
            offline: false,
            prefer_lite: false,
            show_older: false,
            transport: None,
            sound: true,
            window_size: None,
            check_for_updates: true,
            updates_asked_at: None,
            skipped_version: None,
            update_url: None,
        }
    }
}

/// A folder as people write it. One whose name is no text is written as the system's own units, so that it is the
/// same folder when it is read again.
mod folder {
    use serde::{Deserializer, Serializer};

    use super::{Deserialize, OsString, PathBuf, Serialize};

    #[derive(Serialize, Deserialize)]
    #[serde(untagged)]
    enum Written {
        Text(String),
        Units(OsString),
    }

    #[expect(clippy::ref_option, reason = "the signature serde calls")]
    pub(super) fn serialize<S: Serializer>(
        folder: &Option<PathBuf>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let written = folder.as_ref().map(|folder| {
            let name = folder.as_os_str().to_owned();
            name.into_string()
                .map_or_else(Written::Units, Written::Text)
        });
        written.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<PathBuf>, D::Error> {
        let written = Option::<Written>::deserialize(deserializer)?;
        Ok(written.map(|written| match written {
            Written::Text(text) => text.into(),
            Written::Units(units) => units.into(),
        }))
    }
}

/// Why the settings could not be read or written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// The file could not be read.
    #[error("could not read the settings in {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The file is not one of ours.
    #[error("the settings in {} are damaged", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        #[source]
        source: serde_json::Error,
    },
    /// The file could not be written.
    #[error("could not save the settings in {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}

impl Settings {
    /// Normal size of text.
    pub const TEXT_DEFAULT_PERCENT: u16 = 100;
    /// Smallest and largest size of text.
    pub const TEXT_RANGE_PERCENT: std::ops::RangeInclusive<u16> = 80..=200;

    /// The file in the platform's configuration folder, where there is one.
    pub fn default_path() -> Option<PathBuf> {
        project_dirs().map(|dirs| dirs.config_dir().join(FILE_NAME))
    }

    /// Reads the settings. A missing file is not worth a warning.
    pub fn load(path: &Path) -> (Self, Option<SettingsError>) {
        match Self::read(path) {
            Ok(settings) => (settings, None),
            Err(SettingsError::Read { source, .. })
                if source.kind() == std::io::ErrorKind::NotFound =>
            {
                (Self::default(), None)
            }
            Err(error) => (Self::default(), Some(error)),
        }
    }

    fn read(path: &Path) -> Result<Self, SettingsError> {
        let read_error = |source| SettingsError::Read {
            path: path.to_owned(),
            source,
        };
        let size = std::fs::metadata(path).map_err(read_error)?.len();
        if size > MAX_FILE_BYTES {
            return Err(read_error(std::io::ErrorKind::FileTooLarge.into()));
        }
        let text = std::fs::read(path).map_err(read_error)?;
        let settings: Self =
            serde_json::from_slice(&text).map_err(|source| SettingsError::Damaged {
                path: path.to_owned(),
                source,
            })?;
        Ok(settings.within_bounds())
    }

    /// Writes the settings, whole or not at all.
    ///
    /// # Errors
    /// The folder or the file cannot be written; nothing is remembered.
    pub fn save(&self, path: &Path) -> Result<(), SettingsError> {
        self.write(path).map_err(|source| SettingsError::Write {
            path: path.to_owned(),
            source,
        })
    }

    fn write(&self, path: &Path) -> std::io::Result<()> {
        let folder = path.parent().unwrap_or_else(|| Path::new("."));
        std::fs::create_dir_all(folder)?;
        files::replace(path, &serde_json::to_vec_pretty(self)?, Durable::Yes)
    }

    fn within_bounds(mut self) -> Self {
        let (low, high) = (
            *Self::TEXT_RANGE_PERCENT.start(),
            *Self::TEXT_RANGE_PERCENT.end(),
        );
        self.text_percent = self.text_percent.clamp(low, high);
        self
    }

    /// Where backups go.
    pub fn backup_folder_or_default(&self) -> Option<PathBuf> {
        self.backup_folder.clone().or_else(default_backup_folder)
    }
}

/// Where backups go unless the user says otherwise.
pub fn default_backup_folder() -> Option<PathBuf> {
    project_dirs().map(|dirs| dirs.data_dir().join("backups"))
}

fn project_dirs() -> Option<directories::ProjectDirs> {
    directories::ProjectDirs::from("", "", "carto-flasher")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deeper").join(FILE_NAME);
        (folder, path)
    }

    #[test]
    fn what_is_saved_is_loaded() {
        let (_folder, path) = folder();
        let settings = Settings {
            theme: ThemeChoice::Dark,
            text_percent: 125,
            backup: false,
            backup_folder: Some("/somewhere".into()),
            show_older: true,
            transport: Some(Transport::Can { bitrate: 500_000 }),
            window_size: Some((1000, 700)),
            ..Settings::default()
        };
        settings.save(&path).unwrap();
        let (loaded, warning) = Settings::load(&path);
        assert_eq!(loaded, settings);
        assert!(warning.is_none());
        let names: Vec<_> = std::fs::read_dir(path.parent().unwrap()).unwrap().collect();
        assert_eq!(names.len(), 1, "no temporary file stays behind");
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_that_is_no_text_is_the_same_folder_after_all() {
        use std::os::unix::ffi::OsStringExt as _;
        let (_folder, path) = folder();
        let odd = PathBuf::from(OsString::from_vec(b"/backups/x\xff".to_vec()));
        let settings = Settings {
            backup_folder: Some(odd.clone()),
            cache_folder: Some(odd),
            ..Settings::default()
        };
        settings.save(&path).unwrap();
        let (loaded, warning) = Settings::load(&path);
        assert!(warning.is_none(), "{warning:?}");
        assert_eq!(loaded, settings);
    }

    #[test]
    fn a_missing_file_is_the_default_without_a_warning() {
        let (_folder, path) = folder();
        let (settings, warning) = Settings::load(&path);
        assert_eq!(settings, Settings::default());
        assert!(warning.is_none());
    }

    #[test]
    fn a_damaged_file_is_the_default_with_a_warning() {
        let (_folder, path) = folder();
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        for text in [
            "",
            "{",
            "[1]",
            "{\"text_percent\": \"large\"}",
            "\u{0}\u{0}",
        ] {
            std::fs::write(&path, text).unwrap();
            let (settings, warning) = Settings::load(&path);
            assert_eq!(settings, Settings::default(), "{text:?}");
            assert!(
                matches!(warning, Some(SettingsError::Damaged { .. })),
                "{text:?}"
            );
        }
    }

    #[test]
    fn an_enormous_file_is_not_read() {
        let (_folder, path) = folder();
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let file = std::fs::File::create(&path).unwrap();
        file.set_len(1 << 32).unwrap();
        let (settings, warning) = Settings::load(&path);
        assert_eq!(settings, Settings::default());
        assert!(matches!(warning, Some(SettingsError::Read { .. })));
    }

    #[test]
    fn older_and_newer_files_are_understood_and_kept_in_bounds() {
        let (_folder, path) = folder();
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, r#"{"text_percent": 9000, "of_the_future": 1}"#).unwrap();
        let (settings, warning) = Settings::load(&path);
        assert!(warning.is_none());
        assert_eq!(
            settings,
            Settings {
                text_percent: 200,
                ..Settings::default()
            }
        );
    }
}

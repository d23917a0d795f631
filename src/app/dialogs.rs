//! File dialogs of the system. They block, so they are only ever called on a thread of their own.

use std::path::{Path, PathBuf};

use super::event::Purpose;

/// What a folder is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Folder {
    /// Backups.
    Backups,
    /// Downloaded firmware.
    Firmware,
}

/// What the system's dialogs can do. `None` is "closed without choosing" or "no dialog on this system": the
/// two cannot be told apart, except that the second answers at once.
pub trait Dialogs: Send + Sync {
    /// Asks for a file to read, in this folder first.
    fn open_file(&self, purpose: Purpose, folder: Option<&Path>) -> Option<PathBuf>;
    /// Asks where to save a file.
    fn save_file(&self, suggested_name: &str) -> Option<PathBuf>;
    /// Asks for a folder.
    fn pick_folder(&self, what_for: Folder) -> Option<PathBuf>;
}

/// The dialogs of the desktop: the portal on Linux, the native ones elsewhere.
#[derive(Debug, Clone, Copy, Default)]
pub struct NativeDialogs;

impl Dialogs for NativeDialogs {
    fn open_file(&self, purpose: Purpose, folder: Option<&Path>) -> Option<PathBuf> {
        let title = match purpose {
            Purpose::Firmware => "Open firmware",
            Purpose::Bootloader => "Open a Katapult file",
        };
        let dialog = rfd::FileDialog::new();
        // A folder that is not there makes some dialogs fail.
        let dialog = match folder.filter(|folder| folder.is_dir()) {
            Some(folder) => dialog.set_directory(folder),
            None => dialog,
        };
        dialog
            .set_title(title)
            .add_filter("Firmware", &["bin", "dfu", "hex", "uf2"])
            .add_filter("All files", &["*"])
            .pick_file()
    }

    fn save_file(&self, suggested_name: &str) -> Option<PathBuf> {
        rfd::FileDialog::new()
            .set_title("Save report")
            .set_file_name(suggested_name)
            .save_file()
    }

    fn pick_folder(&self, what_for: Folder) -> Option<PathBuf> {
        let title = match what_for {
            Folder::Backups => "Folder for backups",
            Folder::Firmware => "Folder for downloaded firmware",
        };
        rfd::FileDialog::new().set_title(title).pick_folder()
    }
}

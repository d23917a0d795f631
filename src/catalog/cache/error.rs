//! What can go wrong with files on this computer.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// What was being done with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileDoing {
    /// Reading it.
    Reading,
    /// Writing it.
    Writing,
    /// Making the folder.
    MakingFolder,
    /// Deleting it.
    Deleting,
}

/// Why the cache could not do something. Words for people: [`crate::advice`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CacheError {
    /// The system names no folder for caches and none was given.
    #[error("this system has no folder for caches")]
    NoFolder,
    /// The disk or the quota is full.
    #[error("the disk is full: {path}")]
    DiskFull {
        /// What was being written.
        path: PathBuf,
    },
    /// We may not write there.
    #[error("{path} cannot be written to: {detail}")]
    NotWritable {
        /// What was being written.
        path: PathBuf,
        /// What the system said.
        detail: String,
    },
    /// Anything else the system says.
    #[error("{doing:?} {path}: {detail}")]
    Io {
        /// What was being done.
        doing: FileDoing,
        /// With what.
        path: PathBuf,
        /// The kind of failure.
        kind: io::ErrorKind,
        /// What the system said.
        detail: String,
    },
    /// A stored file had other bytes than its name says. It is never used.
    #[error("{path} was damaged")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where it is now; nothing if it was deleted or could not be moved.
        set_aside: Option<PathBuf>,
    },
}

impl CacheError {
    pub(in crate::catalog) fn from_io(doing: FileDoing, path: &Path, error: &io::Error) -> Self {
        use io::ErrorKind::{
            NotADirectory, PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull,
        };
        let path = path.to_owned();
        let writing = matches!(doing, FileDoing::Writing | FileDoing::MakingFolder);
        match error.kind() {
            StorageFull | QuotaExceeded if writing => Self::DiskFull { path },
            PermissionDenied | ReadOnlyFilesystem | NotADirectory if writing => Self::NotWritable {
                path,
                detail: error.to_string(),
            },
            kind => Self::Io {
                doing,
                path,
                kind,
                detail: error.to_string(),
            },
        }
    }
}

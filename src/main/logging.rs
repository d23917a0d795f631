//! Where log lines go: to standard error, into the log drawer, into the log file, and into memory for crash reports.

use std::path::PathBuf;

use carto_flasher::app::{LogTap, Sender};
use carto_flasher::log::{self, LogFile, Memory};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::writer::{MakeWriterExt as _, OptionalWriter};

/// The logs of this program.
pub(crate) struct Logs {
    /// Where the log file is, if it can be written.
    pub(crate) folder: Option<PathBuf>,
    /// The log file.
    pub(crate) file: Option<LogFile>,
    /// The last lines.
    pub(crate) memory: Memory,
}

impl Logs {
    /// From now on everything is logged. A folder that cannot be written is worth a line, and no more.
    pub(crate) fn start(level: &str, sender: Sender) -> Self {
        let filter = EnvFilter::builder()
            .with_default_directive(tracing_subscriber::filter::LevelFilter::WARN.into())
            .parse_lossy(format!("warn,carto_flasher={level}"));
        let tap = LogTap::new(sender);
        let memory = Memory::default();
        let folder = log::folder();
        let opened = folder.as_deref().map(LogFile::open);
        let (file, failure) = match opened {
            Some(Ok(file)) => (Some(file), None),
            Some(Err(error)) => (None, Some(error)),
            None => (None, None),
        };
        let kept = file.clone();
        let for_memory = memory.clone();
        let writer = std::io::stderr
            .and(move || tap.clone())
            .and(move || for_memory.clone())
            .and(move || {
                file.clone()
                    .map_or_else(OptionalWriter::none, OptionalWriter::some)
            });
        tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_ansi(false)
            .with_target(false)
            .with_writer(writer)
            .init();
        if let Some(error) = failure {
            tracing::warn!("there is no log file: {error}");
        }
        tracing::info!(
            "carto-flasher {} on {} {}",
            env!("CARGO_PKG_VERSION"),
            std::env::consts::OS,
            std::env::consts::ARCH
        );
        Self {
            folder: folder.filter(|_| kept.is_some()),
            file: kept,
            memory,
        }
    }
}

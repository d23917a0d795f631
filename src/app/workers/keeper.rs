//! The thread that writes the settings: a disk may be slow, and no frame waits for it.

use std::path::PathBuf;
use std::sync::mpsc;
use std::thread::{Builder, JoinHandle};

use super::super::event::{Event, Sender};
use super::super::with_sources;
use crate::settings::Settings;

/// Writes settings in the order they come; of several that wait, only the last. What was handed over is written
/// before this is gone.
pub(in crate::app) struct Keeper {
    orders: Option<mpsc::Sender<Settings>>,
    writer: Option<JoinHandle<()>>,
}

impl Keeper {
    /// Starts the thread.
    pub(in crate::app) fn start(path: PathBuf, sender: Sender) -> std::io::Result<Self> {
        let (orders, waiting) = mpsc::channel::<Settings>();
        let write = move || {
            while let Ok(first) = waiting.recv() {
                let settings = waiting.try_iter().last().unwrap_or(first);
                if let Err(error) = settings.save(&path) {
                    tracing::warn!("{}", with_sources(&error));
                    sender.send(Event::SettingsUnsaved(with_sources(&error)));
                }
            }
        };
        let writer = Builder::new().name("settings-writer".into()).spawn(write)?;
        Ok(Self {
            orders: Some(orders),
            writer: Some(writer),
        })
    }

    /// Hands settings over.
    pub(in crate::app) fn keep(&self, settings: Settings) {
        if let Some(orders) = &self.orders {
            // A writer that is gone has panicked and said so.
            orders.send(settings).ok();
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.orders = None;
        if let Some(writer) = self.writer.take() {
            drop(writer.join());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::channel;

    fn of_size(width: u16) -> Settings {
        Settings {
            window_size: Some((width, 600)),
            ..Settings::default()
        }
    }

    #[test]
    fn the_last_of_what_was_handed_over_is_on_the_disk_when_the_keeper_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.json");
        let (sender, _receiver) = channel();
        let keeper = Keeper::start(path.clone(), sender).unwrap();
        for width in 800..820 {
            keeper.keep(of_size(width));
        }
        drop(keeper);
        assert_eq!(Settings::load(&path).0, of_size(819));
    }

    #[test]
    fn what_cannot_be_written_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, b"in the way").unwrap();
        let (sender, receiver) = channel();
        let keeper = Keeper::start(file.join("settings.json"), sender).unwrap();
        keeper.keep(of_size(800));
        drop(keeper);
        let event = receiver.try_recv().unwrap();
        assert!(matches!(event, Event::SettingsUnsaved(_)), "{event:?}");
    }
}

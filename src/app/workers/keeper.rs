//! The thread that writes the settings: a disk may be slow, and no frame waits for it.

use std::path::PathBuf;
use std::sync::mpsc;
use std::thread::{Builder, JoinHandle};

use super::super::event::{Event, Sender};
use super::super::state::Notice;
use super::super::with_sources;
use crate::settings::Settings;

/// Writes settings in the order they come; of several that wait, only the last. What was handed over is written
/// before this is gone.
pub(in crate::app) struct Keeper {
    orders: Option<mpsc::Sender<Order>>,
    writer: Option<JoinHandle<()>>,
}

struct Order {
    settings: Settings,
    /// The user changed something and wants to know if it is lost.
    told: bool,
}

impl Order {
    /// This one is written for both.
    fn after(self, earlier: &Self) -> Self {
        Self {
            told: self.told || earlier.told,
            ..self
        }
    }
}

impl Keeper {
    /// Starts the thread.
    pub(in crate::app) fn start(path: PathBuf, sender: Sender) -> std::io::Result<Self> {
        let (orders, waiting) = mpsc::channel::<Order>();
        let write = move || {
            while let Ok(first) = waiting.recv() {
                let last = waiting.try_iter().fold(first, |one, next| next.after(&one));
                if let Err(error) = last.settings.save(&path) {
                    tracing::warn!("{}", with_sources(&error));
                    if last.told {
                        sender.send(Event::Say(Notice::SettingsUnsaved(with_sources(&error))));
                    }
                }
            }
        };
        let writer = Builder::new().name("settings-writer".into()).spawn(write)?;
        Ok(Self {
            orders: Some(orders),
            writer: Some(writer),
        })
    }

    /// Hands over what the user changed.
    pub(in crate::app) fn keep(&self, settings: Settings) {
        self.order(settings, true);
    }

    /// Hands over what the program remembers for itself: nobody is told if it is lost.
    pub(in crate::app) fn keep_quietly(&self, settings: Settings) {
        self.order(settings, false);
    }

    fn order(&self, settings: Settings, told: bool) {
        if let Some(orders) = &self.orders {
            // A writer that is gone has panicked and said so.
            orders.send(Order { settings, told }).ok();
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
        assert!(
            matches!(event, Event::Say(Notice::SettingsUnsaved(_))),
            "{event:?}"
        );
    }

    #[test]
    fn what_the_program_remembers_for_itself_is_lost_in_silence() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let (sender, receiver) = channel();
        let keeper = Keeper::start(file.path().join("settings.json"), sender).unwrap();
        keeper.keep_quietly(of_size(800));
        drop(keeper);
        assert!(receiver.try_recv().is_err());
    }
}

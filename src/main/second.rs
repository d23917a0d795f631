//! One window per person: hands the file to the window that is open, or becomes that window.

use std::path::Path;
use std::sync::Arc;

use carto_flasher::app::state::Notice;
use carto_flasher::app::{self, Event, Sender};
use carto_flasher::instance::{self, Claim, First, HandOverError};
use carto_flasher::transport::native::RealClock;

/// How this start goes on.
pub(crate) enum Start {
    /// As the window that others hand their files to.
    First(Arc<First>),
    /// As a window of its own.
    Alone,
    /// Not at all: the open window took over.
    HandedOver,
}

/// Decides.
pub(crate) fn start(file: Option<&Path>, sender: &Sender) -> Start {
    let Some(folder) = instance::folder() else {
        return Start::Alone;
    };
    // It must mean the same to a program in another folder.
    let file = file.map(|path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned()));
    // The open window may close at this very moment: then its place is free.
    for _try in 0..2 {
        match instance::claim(&folder) {
            Claim::First(first) => return listen(Arc::new(*first), sender),
            Claim::Unknown(error) => {
                tracing::info!("other windows are not looked for: {error}");
                return Start::Alone;
            }
            Claim::Taken => {}
        }
        match instance::hand_over(&folder, file.as_deref(), &RealClock::new()) {
            Ok(()) => {
                tracing::info!("the window that is open already took over");
                return Start::HandedOver;
            }
            Err(error @ HandOverError::Unreachable(_)) => tracing::info!("{error}"),
            Err(error) => {
                tracing::warn!("{error}");
                break;
            }
        }
    }
    sender.send(Event::Say(Notice::OtherWindowSilent));
    Start::Alone
}

fn listen(first: Arc<First>, sender: &Sender) -> Start {
    if let Err(error) = app::listen(Arc::clone(&first), sender.clone()) {
        tracing::warn!("further starts are not noticed: {error}");
        return Start::Alone;
    }
    Start::First(first)
}

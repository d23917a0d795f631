//! The thread that waits for further starts of the program.

use std::sync::Arc;
use std::sync::mpsc::{Sender as Giver, channel};
use std::thread::Builder;
use std::time::Duration;

use crate::app::event::{Event, Sender};
use crate::instance::First;

/// A window that has not looked for this long hangs; whoever knocked starts without it.
const PATIENCE: Duration = Duration::from_secs(3);

/// Tells whoever knocked that the window has taken over.
#[derive(Debug, Clone)]
pub struct Receipt {
    giver: Giver<()>,
}

impl Receipt {
    /// Says so.
    pub fn give(&self) {
        self.giver.send(()).ok();
    }
}

/// What is compared of an event is what it says, and a receipt says nothing.
impl PartialEq for Receipt {
    fn eq(&self, _other: &Self) -> bool {
        true
    }
}

/// Tells the window of each further start of the program, as long as the program runs.
///
/// # Errors
/// The system could not start a thread.
pub fn listen(first: Arc<First>, sender: Sender) -> std::io::Result<()> {
    Builder::new()
        .name("second-starts".into())
        .spawn(move || {
            loop {
                let knock = match first.wait() {
                    Ok(knock) => knock,
                    Err(error) => {
                        tracing::warn!("further starts are not noticed any more: {error}");
                        return;
                    }
                };
                let (giver, given) = channel();
                sender.send(Event::SecondStart {
                    file: knock.file.clone(),
                    receipt: Receipt { giver },
                });
                if given.recv_timeout(PATIENCE).is_ok() {
                    knock.taken();
                }
            }
        })
        .map(drop)
}

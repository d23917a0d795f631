//! The door through which `tracing` fills the log drawer.

use std::io::Write;

use super::event::{Event, Sender};

/// Gives each line written by a `tracing` subscriber to the window.
#[derive(Clone)]
pub struct LogTap {
    sender: Sender,
}

impl LogTap {
    /// A tap that writes into the channel of `sender`.
    pub fn new(sender: Sender) -> Self {
        Self { sender }
    }
}

impl Write for LogTap {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        for line in String::from_utf8_lossy(bytes).lines() {
            self.sender.send(Event::Log(line.to_owned()));
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

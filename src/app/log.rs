//! The log lines shown in the drawer: a bounded ring, and the door through which `tracing` fills it.

use std::collections::VecDeque;
use std::io::Write;

use super::event::{Event, Sender};

/// Lines kept: some hundred kilobytes, a few jobs' worth.
const MAX_LINES: usize = 2000;
/// A line longer than this is cut: what devices say is never trusted to be short.
const MAX_LINE_CHARS: usize = 500;

/// The last lines of the log, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LogRing {
    lines: VecDeque<String>,
}

impl LogRing {
    /// Adds a line; the oldest goes when there are too many.
    pub fn push(&mut self, line: &str) {
        if self.lines.len() >= MAX_LINES {
            self.lines.pop_front();
        }
        let visible = line
            .chars()
            .filter(|c| !c.is_control())
            .take(MAX_LINE_CHARS);
        self.lines.push_back(visible.collect());
    }

    /// The lines, oldest first.
    pub fn lines(&self) -> impl ExactSizeIterator<Item = &str> {
        self.lines.iter().map(String::as_str)
    }

    /// True if nothing was logged.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ring_keeps_the_newest_lines() {
        let mut ring = LogRing::default();
        for number in 0..MAX_LINES + 3 {
            ring.push(&number.to_string());
        }
        assert_eq!(ring.lines().len(), MAX_LINES);
        assert_eq!(ring.lines().next(), Some("3"));
        assert_eq!(ring.lines().last(), Some("2002"));
    }

    #[test]
    fn a_line_is_cut_and_cannot_break_the_drawer() {
        let mut ring = LogRing::default();
        ring.push(&format!("a\u{1b}[31m\n{}", "é".repeat(10_000)));
        let line = ring.lines().next().unwrap();
        assert_eq!(line.chars().count(), MAX_LINE_CHARS);
        assert!(!line.chars().any(char::is_control));
    }
}

//! The last lines of the log: a bounded ring. Pure.

use std::collections::VecDeque;

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

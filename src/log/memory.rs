//! The last lines where a crash report finds them, whatever thread wrote them.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use super::LogRing;

/// The last lines of the log, shared. A writer for `tracing`; cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    ring: Arc<Mutex<LogRing>>,
}

impl Memory {
    /// The lines, oldest first; nothing while another thread is writing one, so that a crash never waits.
    pub fn lines(&self) -> Vec<String> {
        match self.ring.try_lock() {
            Ok(ring) => ring.lines().map(str::to_owned).collect(),
            Err(std::sync::TryLockError::Poisoned(ring)) => {
                ring.into_inner().lines().map(str::to_owned).collect()
            }
            Err(std::sync::TryLockError::WouldBlock) => Vec::new(),
        }
    }
}

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let mut ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        for line in String::from_utf8_lossy(bytes).lines() {
            ring.push(line);
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
    fn lines_are_kept_and_never_waited_for() {
        let mut memory = Memory::default();
        memory.write_all(b"one\ntwo\n").unwrap();
        assert_eq!(memory.clone().lines(), ["one", "two"]);
        let held = memory.ring.lock().unwrap();
        assert!(memory.lines().is_empty());
        drop(held);
    }
}

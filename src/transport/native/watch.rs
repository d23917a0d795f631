//! Waking up when something is plugged in, and remembering what each caller saw last.
//!
//! A hot-plug event only ends a wait early; whether anything changed is decided by comparing listings, so
//! that several threads can wait at once and none takes another's event.

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread::ThreadId;
use std::time::Duration;

use rusb::{Context, Device, HotplugBuilder, Registration, UsbContext};

use crate::transport::Clock;

/// libusb's hot-plug events, where it has them (not on Windows with libusb 1.0.27, protocols.md §3.1).
///
/// It has a libusb context of its own: events are then never handled in the middle of somebody's transfer.
#[derive(Debug, Default)]
pub(super) struct Hotplug {
    listening: OnceLock<Option<Listening>>,
}

#[derive(Debug)]
struct Listening {
    context: Context,
    /// Held so that the context keeps being told; nobody looks into it.
    _registration: Mutex<Registration<Context>>,
}

impl Hotplug {
    /// Waits until something was plugged in or out, or `timeout` is over. May also return for no reason.
    pub(super) fn wait(&self, timeout: Duration, clock: &dyn Clock) {
        let before = clock.now();
        let handled = match self.listening.get_or_init(listen) {
            Some(listening) => listening.context.handle_events(Some(timeout)).is_ok(),
            None => false,
        };
        // An event loop that gives up at once must not become a busy loop.
        let waited = clock.now().saturating_sub(before);
        if !handled {
            clock.sleep(timeout.saturating_sub(waited));
        } else if waited < BREATH {
            clock.sleep(BREATH.min(timeout));
        }
    }
}

/// After an event the system still needs a moment until nodes and permissions are there, and one plug-in is
/// several events.
const BREATH: Duration = Duration::from_millis(10);

fn listen() -> Option<Listening> {
    // First, because `has_hotplug` panics where libusb cannot start, as in many containers.
    let context = Context::new().ok()?;
    if !rusb::has_hotplug() {
        return None;
    }
    let registration = HotplugBuilder::new()
        .register(&context, Box::new(WakeOnly))
        .ok()?;
    Some(Listening {
        context,
        _registration: Mutex::new(registration),
    })
}

/// The events themselves are of no interest: that `handle_events` returns is.
struct WakeOnly;

impl rusb::Hotplug<Context> for WakeOnly {
    fn device_arrived(&mut self, _device: Device<Context>) {}
    fn device_left(&mut self, _device: Device<Context>) {}
}

/// What each thread saw when it last listed devices.
#[derive(Debug, Default)]
pub(super) struct Seen {
    by_thread: Mutex<HashMap<ThreadId, Vec<String>>>,
}

/// Threads come and go with jobs; what they saw is not kept for ever.
const MAX_THREADS: usize = 32;

impl Seen {
    /// Remembers for the calling thread.
    pub(super) fn set(&self, traces: Vec<String>) {
        let mut by_thread = self
            .by_thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let thread = std::thread::current().id();
        if by_thread.len() >= MAX_THREADS && !by_thread.contains_key(&thread) {
            by_thread.clear();
        }
        by_thread.insert(thread, traces);
    }

    /// What the calling thread saw, if it ever looked.
    pub(super) fn get(&self) -> Option<Vec<String>> {
        self.by_thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&std::thread::current().id())
            .cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_thread_has_its_own_memory() {
        let seen = Seen::default();
        assert_eq!(seen.get(), None);
        seen.set(vec!["a".into()]);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                assert_eq!(seen.get(), None, "another thread has not looked yet");
                seen.set(vec!["b".into()]);
                assert_eq!(seen.get(), Some(vec!["b".into()]));
            });
        });
        assert_eq!(seen.get(), Some(vec!["a".into()]));
    }

    #[test]
    fn a_computer_without_usb_is_no_reason_to_panic() {
        drop(listen());
    }

    #[test]
    fn memory_is_bounded() {
        let seen = Seen::default();
        for _ in 0..3 * MAX_THREADS {
            std::thread::scope(|scope| {
                scope.spawn(|| seen.set(Vec::new()));
            });
        }
        assert!(seen.by_thread.lock().unwrap().len() <= MAX_THREADS);
    }
}

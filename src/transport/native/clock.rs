//! Real time. The only place that asks the system for it.

use std::time::{Duration, Instant, SystemTime};

use crate::transport::Clock;

/// The system's monotonic clock, counted from when this value was made.
#[derive(Debug, Clone, Copy)]
pub struct RealClock {
    start: Instant,
}

impl RealClock {
    /// Starts counting.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the real clock everybody else is given"
    )]
    pub fn new() -> Self {
        Self {
            start: Instant::now(),
        }
    }
}

impl Default for RealClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for RealClock {
    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "this is the real clock everybody else is given"
    )]
    fn sleep(&self, duration: Duration) {
        std::thread::sleep(duration);
    }

    fn wall(&self) -> SystemTime {
        SystemTime::now()
    }
}

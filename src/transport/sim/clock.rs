//! Time that only moves when somebody sleeps. Must not know what is being waited for.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::transport::Clock;

/// 2026-01-01T12:00:00Z in seconds since 1970: the date at which every virtual clock starts.
const WALL_START_S: u64 = 1_767_268_800;

/// A clock whose [`Clock::sleep`] returns at once and moves it forward.
#[derive(Debug, Default)]
pub struct VirtualClock {
    now_ns: AtomicU64,
}

impl VirtualClock {
    /// A clock that starts at zero.
    pub fn new() -> Self {
        Self::default()
    }

    /// A clock that starts at `now`.
    pub fn starting_at(now: Duration) -> Self {
        Self {
            now_ns: AtomicU64::new(nanoseconds(now)),
        }
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Duration {
        Duration::from_nanos(self.now_ns.load(Ordering::SeqCst))
    }

    fn sleep(&self, duration: Duration) {
        let step = nanoseconds(duration);
        // The closure always gives a value, so the update cannot fail.
        let _previous = self
            .now_ns
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |now| {
                Some(now.saturating_add(step))
            });
    }

    fn wall(&self) -> SystemTime {
        let start = UNIX_EPOCH + Duration::from_secs(WALL_START_S);
        start.checked_add(self.now()).unwrap_or(start)
    }
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sleeping_moves_the_clock_and_the_date() {
        let clock = VirtualClock::starting_at(Duration::from_secs(2));
        clock.sleep(Duration::from_millis(1500));
        assert_eq!(clock.now(), Duration::from_millis(3500));
        let wall = clock.wall().duration_since(UNIX_EPOCH).unwrap();
        assert_eq!(wall, Duration::from_millis(WALL_START_S * 1000 + 3500));
    }

    #[test]
    fn an_endless_sleep_saturates() {
        let clock = VirtualClock::new();
        clock.sleep(Duration::MAX);
        clock.sleep(Duration::MAX);
        assert_eq!(clock.now(), Duration::from_nanos(u64::MAX));
        let _date = clock.wall();
    }
}

//! Ctrl+C while something is fetched: stops between two pieces; if the network keeps silent, soon after.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use carto_flasher::transport::Clock as _;
use carto_flasher::transport::native::RealClock;

use crate::exit::Failure;
use crate::output::Output;

/// A read from a silent server cannot be interrupted; after this long the program ends without it.
const GRACE: Duration = Duration::from_secs(1);

/// Watches for Ctrl+C until [`Self::settle`].
#[derive(Debug)]
pub(crate) struct Interrupt {
    asked: Arc<AtomicBool>,
    settled: Arc<AtomicBool>,
}

impl Interrupt {
    /// From here on Ctrl+C asks to stop. If nobody has heard of it in time, the program says `why` and ends: only for
    /// work that leaves whole files at any moment.
    pub(crate) fn watch(json: bool, why: impl Fn() -> Failure + Send + 'static) -> Self {
        let asked = Arc::new(AtomicBool::new(false));
        let settled = Arc::new(AtomicBool::new(false));
        let (heard, is_settled) = (Arc::clone(&asked), Arc::clone(&settled));
        let handler = move || {
            heard.store(true, Ordering::Relaxed);
            RealClock::new().sleep(GRACE);
            if !is_settled.swap(true, Ordering::SeqCst) {
                let failure = why();
                Output::new(json).failure(&failure);
                end(&failure);
            }
        };
        // Without the handler Ctrl+C kills the program, which leaves whole files too.
        if let Err(error) = ctrlc::set_handler(handler) {
            tracing::warn!("Ctrl+C cannot be caught: {error}");
        }
        Self { asked, settled }
    }

    /// True once Ctrl+C was pressed.
    pub(crate) fn asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }

    /// The work is over; what came of it is said by whoever did it.
    pub(crate) fn settle(&self) {
        if self.settled.swap(true, Ordering::SeqCst) {
            // The handler was faster and is ending the program.
            RealClock::new().sleep(GRACE);
        }
    }
}

#[expect(
    clippy::exit,
    reason = "the main thread waits for a server and cannot be told; nothing is half written"
)]
fn end(failure: &Failure) {
    std::process::exit(failure.exit as i32)
}

//! Ctrl+C, whatever is being done: one handler for the whole program, and one exit code.
//!
//! Before and between the work the program ends at once. A fetch is asked to stop between two pieces, and if the
//! network keeps silent the program soon ends without it. A job is asked, and stops between two blocks.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::time::Duration;

use carto_flasher::advice::CliFailure;
use carto_flasher::catalog::fetch::FetchError;
use carto_flasher::transport::Clock as _;
use carto_flasher::transport::native::RealClock;

use crate::exit::Failure;
use crate::firmware::not_had;
use crate::output::Output;

/// A read from a silent server cannot be interrupted; after this long the program ends without it.
const GRACE: Duration = Duration::from_secs(1);

/// Nothing runs that could be asked: the handler ends the program.
const IDLE: u8 = 0;
/// Something is fetched: the handler ends the program if nobody listens. Whole files only are left at any moment.
const FETCHING: u8 = 1;
/// The main thread listens, and says what came of it.
const LISTENING: u8 = 2;
/// The handler is ending the program.
const ENDING: u8 = 3;

/// What Ctrl+C meets.
#[derive(Debug, Clone, Default)]
pub(crate) struct Interrupt {
    asked: Arc<AtomicBool>,
    state: Arc<AtomicU8>,
}

impl Interrupt {
    /// From here on Ctrl+C is heard.
    pub(crate) fn watch(json: bool) -> Self {
        let interrupt = Self::default();
        let heard = interrupt.clone();
        // Without the handler Ctrl+C kills the program: a probe still recovers, only less gently.
        if let Err(error) = ctrlc::set_handler(move || heard.hear(json)) {
            tracing::warn!("Ctrl+C cannot be caught: {error}");
        }
        interrupt
    }

    fn hear(&self, json: bool) {
        self.asked.store(true, Ordering::SeqCst);
        let end = |from: u8, failure: &dyn Fn() -> Failure| {
            let ours =
                self.state
                    .compare_exchange(from, ENDING, Ordering::SeqCst, Ordering::SeqCst);
            if ours.is_ok() {
                let failure = failure();
                Output::new(json, Self::default()).failure(&failure);
                exit(&failure);
            }
        };
        end(IDLE, &|| CliFailure::Stopped.into());
        RealClock::new().sleep(GRACE);
        end(FETCHING, &|| not_had(&FetchError::Cancelled.into()));
    }

    /// True once Ctrl+C was pressed.
    pub(crate) fn asked(&self) -> bool {
        self.asked.load(Ordering::SeqCst)
    }

    /// Something is fetched: [`Self::asked`] is looked at between two pieces.
    pub(crate) fn while_fetching<T>(&self, fetch: impl FnOnce() -> T) -> T {
        self.enter(FETCHING);
        let fetched = fetch();
        self.enter(if self.asked() { LISTENING } else { IDLE });
        fetched
    }

    /// From here on the main thread listens and has the last word.
    pub(crate) fn listen(&self) {
        self.enter(LISTENING);
    }

    fn enter(&self, state: u8) {
        if self.state.swap(state, Ordering::SeqCst) == ENDING {
            // The handler was faster and is ending the program.
            RealClock::new().sleep(GRACE);
        }
    }
}

#[expect(
    clippy::exit,
    reason = "the main thread waits for a server or a person and cannot be told; nothing is half written"
)]
fn exit(failure: &Failure) {
    std::process::exit(failure.exit as i32)
}

//! Threads that promise something, and what came of a promise. A promise is kept also by a thread that dies.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::Builder;

use poll_promise::Promise;

use crate::app::event::Sender;

/// A promise of a worker; `None` from one that died.
pub(in crate::app) type Promised<T> = Promise<Option<T>>;

/// A promise of a worker, while there is one.
pub(in crate::app) type Awaited<T> = Option<Promised<T>>;

/// What came of a promise.
pub(in crate::app) enum Came<T> {
    /// Nothing yet, or nobody promised anything.
    NothingYet,
    /// The worker died.
    Died,
    /// This.
    This(T),
}

/// Starts a named thread; the promise is kept before the window is woken, with nothing if the work panicked.
pub(super) fn start<T: Send + 'static>(
    name: &str,
    sender: Sender,
    work: impl FnOnce() -> T + Send + 'static,
) -> std::io::Result<Promised<T>> {
    let (keep, promise) = Promise::new();
    Builder::new().name(name.to_owned()).spawn(move || {
        let done = catch_unwind(AssertUnwindSafe(work));
        if done.is_err() {
            tracing::error!("a background task failed");
        }
        keep.send(done.ok());
        sender.wake();
    })?;
    Ok(promise)
}

/// Takes what a promise brought; puts it back if it is not there yet.
pub(in crate::app) fn take<T: Send>(slot: &mut Awaited<T>) -> Came<T> {
    match slot.take().map(Promise::try_take) {
        None => Came::NothingYet,
        Some(Ok(Some(result))) => Came::This(result),
        Some(Ok(None)) => Came::Died,
        Some(Err(promise)) => {
            *slot = Some(promise);
            Came::NothingYet
        }
    }
}

//! Counts what has gone through for the caller, each byte once, and remembers whether the caller wants to stop.

use std::ops::ControlFlow;

use crate::transport::OnBytes;

pub(super) struct Meter<'a, 'b> {
    on_bytes: &'a mut OnBytes<'b>,
    told: usize,
    cancelled: bool,
}

impl<'a, 'b> Meter<'a, 'b> {
    pub(super) fn new(on_bytes: &'a mut OnBytes<'b>) -> Self {
        Self {
            on_bytes,
            told: 0,
            cancelled: false,
        }
    }

    /// `total` bytes are through. A page that is started again tells nothing until it is further than before.
    pub(super) fn reached(&mut self, total: usize) {
        let more = total.saturating_sub(self.told);
        if more == 0 {
            return;
        }
        self.told = total;
        let more = u64::try_from(more).unwrap_or(u64::MAX);
        if (self.on_bytes)(more).is_break() {
            self.cancelled = true;
        }
    }

    /// True once the caller wants to stop.
    pub(super) fn cancelled(&self) -> bool {
        self.cancelled
    }

    /// [`Meter::cancelled`] for whoever can stop at once.
    pub(super) fn wish(&self) -> ControlFlow<()> {
        if self.cancelled {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }
}

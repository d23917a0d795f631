//! What the interfaces of a device do with class requests; here DFU, which the bench's chip answers itself.

use std::time::Duration;

use super::device::Outcome;
use super::setup::Setup;
use crate::transport::{DfuLink, LinkError, LinkErrorKind};

/// A chip that has not answered by then is taken for silent. Hosts of real devices give up after 1 to 5 s
/// (protocols.md §3.4); the slowest honest answer, a mass erase, takes 40 ms (protocols.md §2.5).
pub(super) const PATIENCE: Duration = Duration::from_secs(2);

/// The interfaces of one device.
pub(super) trait Function: Send {
    /// A class request that reads.
    fn class_in(&mut self, setup: &Setup) -> Outcome;
    /// A class request that writes `data`.
    fn class_out(&mut self, setup: &Setup, data: &[u8]) -> Outcome;
    /// SET_INTERFACE.
    fn select_alt(&mut self, interface: u16, alt: u8) -> Outcome;
}

/// What a host sees of a link's error.
pub(super) fn outcome_of(error: &LinkError) -> Outcome {
    match error.kind {
        LinkErrorKind::Disconnected | LinkErrorKind::Io => Outcome::Gone,
        LinkErrorKind::TimedOut => Outcome::Silence,
        LinkErrorKind::Stalled
        | LinkErrorKind::NotPermitted
        | LinkErrorKind::Busy
        | LinkErrorKind::NoDriver
        | LinkErrorKind::NotFound
        | LinkErrorKind::Overflow
        | LinkErrorKind::Other => Outcome::Stall,
    }
}

/// The DFU interface of a ROM bootloader.
pub(super) struct Dfu {
    link: Box<dyn DfuLink>,
}

impl Dfu {
    pub(super) fn new(link: Box<dyn DfuLink>) -> Self {
        Self { link }
    }
}

impl Function for Dfu {
    fn class_in(&mut self, setup: &Setup) -> Outcome {
        if setup.index != 0 {
            return Outcome::Stall;
        }
        let mut buffer = vec![0; usize::from(setup.length)];
        match self
            .link
            .control_in(setup.request, setup.value, &mut buffer, PATIENCE)
        {
            Ok(length) => {
                buffer.truncate(length);
                Outcome::Data(buffer)
            }
            Err(error) => outcome_of(&error),
        }
    }

    fn class_out(&mut self, setup: &Setup, data: &[u8]) -> Outcome {
        if setup.index != 0 {
            return Outcome::Stall;
        }
        let sent = self
            .link
            .control_out(setup.request, setup.value, data, PATIENCE);
        sent.map_or_else(|error| outcome_of(&error), |()| Outcome::Done)
    }

    fn select_alt(&mut self, interface: u16, alt: u8) -> Outcome {
        if interface != 0 {
            return Outcome::Stall;
        }
        let selected = self.link.select_alt(alt);
        selected.map_or_else(|error| outcome_of(&error), |()| Outcome::Done)
    }
}

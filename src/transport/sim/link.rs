//! Links to devices of the bench: they wait, outside of the bench's lock, and hand transfers over.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::bench::{Admission, Bench, Handle};
use super::rom_dfu::{Request, Stage};
use super::rom_identity::RomKind;
use crate::transport::{AltSetting, Clock, DfuLink, Doing, LinkError, LinkErrorKind};

/// How long libusb waits for SET_INTERFACE; it cannot be told.
const SELECT_TIMEOUT: Duration = Duration::from_secs(1);

/// The bench and the clock it lives by.
pub(super) struct Shared {
    pub(super) clock: Arc<dyn Clock>,
    bench: Mutex<Bench>,
}

impl Shared {
    pub(super) fn new(clock: Arc<dyn Clock>, bench: Bench) -> Arc<Self> {
        Arc::new(Self {
            clock,
            bench: Mutex::new(bench),
        })
    }

    /// The bench. Held for moments only: nothing sleeps while it has it.
    pub(super) fn bench(&self) -> MutexGuard<'_, Bench> {
        self.bench.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn now(&self) -> Duration {
        self.clock.now()
    }

    /// One control transfer.
    fn control(
        &self,
        handle: Handle,
        request: Request<'_>,
        timeout: Duration,
    ) -> Result<Vec<u8>, LinkErrorKind> {
        let admission = self
            .bench()
            .admit_control(handle, request, timeout, self.now());
        let (number, fault) = match admission {
            Admission::Proceed {
                number,
                cost,
                fault,
            } => {
                self.clock.sleep(cost);
                (number, fault)
            }
            Admission::Refuse { cost, kind } => {
                self.clock.sleep(cost);
                return Err(kind);
            }
        };
        self.bench()
            .carry_out_control(handle, request, number, fault, self.now())
    }
}

/// A ROM bootloader that is open.
pub(super) struct SimDfuLink {
    shared: Arc<Shared>,
    handle: Handle,
    functional_descriptor: Vec<u8>,
    alt_settings: Vec<AltSetting>,
}

impl SimDfuLink {
    /// Takes over an opened device and selects setting 0, as real links do.
    pub(super) fn open(
        shared: Arc<Shared>,
        handle: Handle,
        kind: RomKind,
    ) -> Result<Self, LinkError> {
        let mut link = Self {
            shared,
            handle,
            functional_descriptor: kind.functional_descriptor(),
            alt_settings: kind.alt_settings(),
        };
        link.select_alt(0)?;
        Ok(link)
    }
}

impl DfuLink for SimDfuLink {
    fn control_in(
        &mut self,
        request: u8,
        value: u16,
        buffer: &mut [u8],
        timeout: Duration,
    ) -> Result<usize, LinkError> {
        let length = u16::try_from(buffer.len()).map_err(|_too_long| {
            LinkError::new(LinkErrorKind::Other, Doing::Receiving)
                .with_detail("a control transfer has at most 65535 bytes")
        })?;
        let request = Request {
            code: request,
            value,
            stage: Stage::In(length),
        };
        let reply = self
            .shared
            .control(self.handle, request, timeout)
            .map_err(|kind| LinkError::new(kind, Doing::Receiving))?;
        for (to, from) in buffer.iter_mut().zip(&reply) {
            *to = *from;
        }
        Ok(reply.len())
    }

    fn control_out(
        &mut self,
        request: u8,
        value: u16,
        data: &[u8],
        timeout: Duration,
    ) -> Result<(), LinkError> {
        let request = Request {
            code: request,
            value,
            stage: Stage::Out(data),
        };
        self.shared
            .control(self.handle, request, timeout)
            .map(drop)
            .map_err(|kind| LinkError::new(kind, Doing::Sending))
    }

    fn select_alt(&mut self, alt: u8) -> Result<(), LinkError> {
        let failed = |kind| LinkError::new(kind, Doing::SelectingAlt);
        if !self.alt_settings.iter().any(|known| known.number == alt) {
            return Err(failed(LinkErrorKind::NotFound));
        }
        self.shared
            .control(self.handle, Request::select_alt(alt), SELECT_TIMEOUT)
            .map(drop)
            .map_err(failed)
    }

    fn functional_descriptor(&self) -> &[u8] {
        &self.functional_descriptor
    }

    fn alt_settings(&self) -> &[AltSetting] {
        &self.alt_settings
    }
}

impl Drop for SimDfuLink {
    fn drop(&mut self) {
        self.shared.bench().close(self.handle);
    }
}

//! Links to devices of the bench: they wait, outside of the bench's lock, and hand transfers over.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::WATCH_INTERVAL;
use super::bench::{Admission, Bench, Handle};
use super::fault::FaultKind;
use super::rom_dfu::{Request, Stage};
use super::rom_identity::RomKind;
use super::serial_bus::Poll;
use crate::transport::{AltSetting, Clock, DfuLink, Doing, LinkError, LinkErrorKind, SerialLink};

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
        let (number, fault) = self.wait_for(admission)?;
        let now = self.now();
        self.bench()
            .carry_out_control(handle, request, number, fault, now)
    }

    /// Waits as a transfer does, outside of the bench's lock.
    fn wait_for(&self, admission: Admission) -> Result<(u64, Option<FaultKind>), LinkErrorKind> {
        match admission {
            Admission::Proceed {
                number,
                cost,
                fault,
            } => {
                self.clock.sleep(cost);
                Ok((number, fault))
            }
            Admission::Refuse { cost, kind } => {
                self.clock.sleep(cost);
                Err(kind)
            }
        }
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
        Ok(copy(&reply, buffer))
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

/// Puts `from` at the start of `to`, as much as there is room for.
fn copy(from: &[u8], to: &mut [u8]) -> usize {
    let length = from.len().min(to.len());
    if let Some((to, from)) = to.get_mut(..length).zip(from.get(..length)) {
        to.copy_from_slice(from);
    }
    length
}

/// A serial port that is open.
pub(super) struct SimSerialLink {
    shared: Arc<Shared>,
    handle: Handle,
}

impl SimSerialLink {
    pub(super) fn new(shared: Arc<Shared>, handle: Handle) -> Self {
        Self { shared, handle }
    }
}

impl SerialLink for SimSerialLink {
    fn write(&mut self, data: &[u8], timeout: Duration) -> Result<(), LinkError> {
        let now = self.shared.now();
        let admission = self
            .shared
            .bench()
            .admit_write(self.handle, data, timeout, now);
        let failed = |kind| LinkError::new(kind, Doing::Sending);
        let (number, fault) = self.shared.wait_for(admission).map_err(failed)?;
        let now = self.shared.now();
        self.shared
            .bench()
            .carry_out_write(self.handle, data, number, fault, now)
            .map_err(failed)
    }

    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> Result<usize, LinkError> {
        let deadline = self.shared.now().saturating_add(timeout);
        loop {
            let now = self.shared.now();
            let poll = self
                .shared
                .bench()
                .poll_read(self.handle, buffer.len(), deadline, now);
            match poll {
                Poll::Data { bytes, cost } => {
                    self.shared.clock.sleep(cost);
                    return Ok(copy(&bytes, buffer));
                }
                Poll::Failed { kind, cost } => {
                    self.shared.clock.sleep(cost);
                    return Err(LinkError::new(kind, Doing::Receiving));
                }
                Poll::Nothing => return Ok(0),
                Poll::Wait { until } => {
                    let pause = until.saturating_sub(now).min(WATCH_INTERVAL);
                    self.shared.clock.sleep(pause.max(Duration::from_micros(1)));
                }
            }
        }
    }
}

impl Drop for SimSerialLink {
    fn drop(&mut self) {
        self.shared.bench().close(self.handle);
    }
}

impl Drop for SimDfuLink {
    fn drop(&mut self) {
        self.shared.bench().close(self.handle);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::OnceLock;
    use std::time::SystemTime;

    use super::*;
    use crate::transport::sim::VirtualClock;
    use crate::transport::sim::spec;

    /// A clock that looks whether the bench is free whenever somebody sleeps.
    #[derive(Default)]
    struct NosyClock {
        time: VirtualClock,
        watched: OnceLock<Arc<Shared>>,
        sleeps: Mutex<u32>,
    }

    impl Clock for NosyClock {
        fn now(&self) -> Duration {
            self.time.now()
        }

        fn sleep(&self, duration: Duration) {
            let shared = self.watched.get().unwrap();
            assert!(shared.bench.try_lock().is_ok(), "asleep with the lock");
            *self.sleeps.lock().unwrap() += 1;
            self.time.sleep(duration);
        }

        fn wall(&self) -> SystemTime {
            self.time.wall()
        }
    }

    #[test]
    fn nobody_sleeps_with_the_lock() {
        let clock = Arc::new(NosyClock::default());
        let bench = Bench::new(spec::parse("v3-dfu+v4-usb").unwrap());
        let shared = Shared::new(Arc::<NosyClock>::clone(&clock), bench);
        assert!(clock.watched.set(Arc::clone(&shared)).is_ok());
        let list = shared.bench().list(shared.now());
        let (handle, kind) = shared.bench().open_dfu(&list[0].id, shared.now()).unwrap();
        let mut dfu = SimDfuLink::open(Arc::clone(&shared), handle, kind).unwrap();
        dfu.control_out(1, 0, &[0x41], SELECT_TIMEOUT).unwrap();
        for _ in 0..3 {
            dfu.control_in(3, 0, &mut [0; 6], SELECT_TIMEOUT).unwrap();
        }
        let handle = shared
            .bench()
            .open_serial(&list[1].id, shared.now())
            .unwrap();
        let mut serial = SimSerialLink::new(Arc::clone(&shared), handle);
        serial.write(&[0x7e; 8], SELECT_TIMEOUT).unwrap();
        serial.read(&mut [0; 64], SELECT_TIMEOUT).unwrap();
        assert!(*clock.sleeps.lock().unwrap() > 10);
    }
}

//! All probes of a bench and the bus they share: admits each transfer, lets its fault strike, carries it out.
//! Knows time as it is told; never sleeps and never waits.

use std::time::Duration;

use super::fault::{FaultKind, Faults, torn_at};
use super::probe::{Probe, Running};
use super::rom_dfu::{Request, Stage};
use super::rom_identity::RomKind;
use super::spec::BenchSpec;
use super::trace::{Trace, Transfer, TransferKind, Violation};
use crate::transport::{Access, DeviceId, DeviceInfo, Doing, LinkError, LinkErrorKind};

/// A control transfer takes this long for each KiB, besides the latency (protocols.md §8.1 "Bus cost").
const CONTROL_KIB: Duration = Duration::from_millis(1);
/// How much longer a delayed transfer takes.
const DELAY: Duration = Duration::from_millis(800);
/// How much longer flash takes when it is busy.
const BUSY: Duration = Duration::from_millis(200);

/// A link that is open: which probe, and which opening of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Handle {
    pub(super) probe: usize,
    pub(super) number: u64,
}

/// What is to be done about a transfer that somebody wants to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Admission {
    /// Wait this long, then carry it out.
    Proceed {
        /// Its number.
        number: u64,
        /// What it costs on the bus, and waiting for flash.
        cost: Duration,
        /// What will be wrong with it.
        fault: Option<FaultKind>,
    },
    /// Wait this long, then fail.
    Refuse {
        /// How long.
        cost: Duration,
        /// Why.
        kind: LinkErrorKind,
    },
}

/// What opening gives, or why not.
pub(super) type Opened<T> = Result<T, LinkError>;

/// The bench.
#[derive(Debug, Clone)]
pub(super) struct Bench {
    pub(super) probes: Vec<Probe>,
    pub(super) faults: Faults,
    pub(super) trace: Trace,
    latency: Duration,
    handles: u64,
    changes_seen: u64,
}

impl Bench {
    pub(super) fn new(spec: BenchSpec) -> Self {
        let probes = spec.probes.into_iter().enumerate();
        Self {
            probes: probes
                .map(|(index, probe)| Probe::new(index, probe, spec.latency))
                .collect(),
            faults: Faults::new(spec.faults),
            trace: Trace::default(),
            latency: spec.latency,
            handles: 0,
            changes_seen: 0,
        }
    }

    /// The same bench as it would be without faults and with nothing open.
    pub(super) fn rehearsal(&self) -> Self {
        let mut copy = self.clone();
        copy.faults = Faults::default();
        for probe in &mut copy.probes {
            probe.close();
        }
        copy
    }

    /// Lets everything happen that happens until `now`.
    pub(super) fn settle(&mut self, now: Duration) {
        for probe in &mut self.probes {
            probe.settle(now);
        }
    }

    /// What is on the bus.
    pub(super) fn list(&mut self, now: Duration) -> Vec<DeviceInfo> {
        self.settle(now);
        self.changes_seen = self.changes();
        self.probes.iter().filter_map(Probe::info).collect()
    }

    /// True if the bus is not what [`Self::list`] last showed, or was when this last returned true.
    pub(super) fn take_change(&mut self, now: Duration) -> bool {
        self.settle(now);
        let changes = self.changes();
        let changed = changes != self.changes_seen;
        self.changes_seen = changes;
        changed
    }

    /// When something will come or go by itself.
    pub(super) fn next_change(&self) -> Option<Duration> {
        self.probes.iter().filter_map(Probe::next_change).min()
    }

    /// Opens a ROM bootloader.
    pub(super) fn open_dfu(
        &mut self,
        device: &DeviceId,
        now: Duration,
    ) -> Opened<(Handle, RomKind)> {
        self.settle(now);
        let probe = self.find(device)?;
        match self.probes.get(probe).map(|probe| &probe.running) {
            Some(Running::Rom(rom)) => {
                let kind = rom.kind();
                Ok((self.open(probe)?, kind))
            }
            _ => Err(not_found(Doing::Opening)),
        }
    }

    /// Sends a device the 1200-baud touch, which opens its port for a moment.
    pub(super) fn touch(&mut self, device: &DeviceId, now: Duration) -> Opened<()> {
        self.settle(now);
        let index = self.find(device)?;
        if let Some(Running::Rom(_)) = self.probes.get(index).map(|probe| &probe.running) {
            return Err(not_found(Doing::Touching));
        }
        let handle = self.open(index)?;
        self.close(handle);
        if let Some(probe) = self.probes.get_mut(index) {
            if probe.is_stranger() {
                probe.silicon.flash.violate(Violation::StrangerTouched);
            }
            probe.touch(now);
        }
        Ok(())
    }

    pub(super) fn open(&mut self, probe: usize) -> Opened<Handle> {
        let number = self.handles.saturating_add(1);
        let there = self
            .probes
            .get_mut(probe)
            .ok_or_else(|| not_found(Doing::Opening))?;
        let refusal = match &there.access {
            Access::Usable if there.opened.is_some() => Some(
                LinkError::new(LinkErrorKind::Busy, Doing::Opening)
                    .with_detail("this program has it open already"),
            ),
            Access::Usable => None,
            Access::NotPermitted => {
                Some(LinkError::new(LinkErrorKind::NotPermitted, Doing::Opening))
            }
            Access::WrongDriver { bound } => Some(with_optional_detail(
                LinkErrorKind::NoDriver,
                bound.as_deref(),
            )),
            Access::Busy { holder } => {
                Some(with_optional_detail(LinkErrorKind::Busy, holder.as_deref()))
            }
        };
        if let Some(refusal) = refusal {
            return Err(refusal);
        }
        there.opened = Some(number);
        self.handles = number;
        Ok(Handle { probe, number })
    }

    /// Closes a link; one that is closed already stays so.
    pub(super) fn close(&mut self, handle: Handle) {
        if let Some(probe) = self.probes.get_mut(handle.probe)
            && probe.opened == Some(handle.number)
        {
            probe.close();
        }
    }

    /// The place of a device that is there now.
    pub(super) fn find(&self, device: &DeviceId) -> Opened<usize> {
        let is_it = |probe: &Probe| probe.info().is_some_and(|info| info.id == *device);
        self.probes
            .iter()
            .position(is_it)
            .ok_or_else(|| not_found(Doing::Opening))
    }

    /// What a control transfer will cost, and the fault that strikes it. An unplugging happens here.
    pub(super) fn admit_control(
        &mut self,
        handle: Handle,
        request: Request<'_>,
        timeout: Duration,
        now: Duration,
    ) -> Admission {
        self.settle(now);
        if self.opened(handle).is_none() {
            return gone();
        }
        let number = self.trace.next_number();
        let from_device = request.is_from_device();
        let fault = self.faults.strike(number, from_device);
        let latency = self.latency;
        let mut cost = latency.saturating_add(kib_cost(request.stage));
        match fault {
            Some(FaultKind::Unplug) => {
                self.unplug_during_control(handle, request, number, now);
                return self.refused(
                    handle,
                    number,
                    request,
                    cost,
                    LinkErrorKind::Disconnected,
                    now,
                );
            }
            Some(FaultKind::Timeout) => {
                return self.refused(
                    handle,
                    number,
                    request,
                    timeout,
                    LinkErrorKind::TimedOut,
                    now,
                );
            }
            Some(FaultKind::Delay) => cost = cost.saturating_add(DELAY),
            _ => {}
        }
        let mut kind = None;
        if let Some(probe) = self.opened(handle) {
            match fault {
                Some(FaultKind::Silence) => probe.silenced = true,
                Some(FaultKind::Busy) => probe.silicon.flash.prolong(BUSY),
                Some(FaultKind::Corrupt) if !from_device || request.is_poll() => {
                    probe.silicon.flash.corrupt_next_program();
                }
                _ => {}
            }
            let busy_until = probe.silicon.flash.busy_until();
            if let Some(wait) = busy_until.and_then(|end| end.checked_sub(now)) {
                if probe.early_polls_stall() && request.is_poll() {
                    kind = Some(LinkErrorKind::Stalled);
                } else {
                    cost = cost.max(wait.saturating_add(latency));
                }
            }
            if probe.silenced || (kind.is_none() && cost > timeout) {
                kind = Some(LinkErrorKind::TimedOut);
                cost = timeout;
            }
        }
        match kind {
            Some(kind) => self.refused(handle, number, request, cost, kind, now),
            None => Admission::Proceed {
                number,
                cost,
                fault,
            },
        }
    }

    /// Carries out a control transfer that was admitted.
    pub(super) fn carry_out_control(
        &mut self,
        handle: Handle,
        request: Request<'_>,
        number: u64,
        fault: Option<FaultKind>,
        now: Duration,
    ) -> Result<Vec<u8>, LinkErrorKind> {
        self.settle(now);
        let result = match self.opened(handle) {
            None => Err(LinkErrorKind::Disconnected),
            Some(probe) if fault == Some(FaultKind::Stall) => {
                if let Running::Rom(rom) = &mut probe.running {
                    rom.stall_for_no_reason(request);
                }
                Err(LinkErrorKind::Stalled)
            }
            Some(probe) => probe.answer(request, now).map(|mut reply| {
                match fault {
                    Some(FaultKind::Short) => reply.truncate(reply.len() / 2),
                    Some(FaultKind::Corrupt) if !request.is_poll() => {
                        let middle = reply.len() / 2;
                        if let Some(byte) = reply.get_mut(middle) {
                            *byte ^= 0x10;
                        }
                    }
                    _ => {}
                }
                reply
            }),
        };
        let (bytes, outcome) = match &result {
            Ok(reply) if request.is_from_device() => (reply.clone(), Ok(reply.len())),
            Ok(_) => (request.sent().to_vec(), Ok(request.sent().len())),
            Err(kind) => (request.sent().to_vec(), Err(*kind)),
        };
        self.record(handle, number, control_kind(request), bytes, outcome, now);
        result
    }

    /// Rules broken on any probe.
    pub(super) fn violations(&self) -> Vec<Violation> {
        self.probes
            .iter()
            .flat_map(|probe| probe.silicon.flash.violations())
            .cloned()
            .collect()
    }

    /// What happened, with the changes of every flash in order of time.
    pub(super) fn trace(&self) -> Trace {
        let mut trace = self.trace.clone();
        trace.writes = self
            .probes
            .iter()
            .flat_map(|probe| probe.silicon.flash.writes())
            .cloned()
            .collect();
        trace.writes.sort_by_key(|write| write.at);
        trace
    }

    /// The probe behind an open link, if it is still there.
    pub(super) fn opened(&mut self, handle: Handle) -> Option<&mut Probe> {
        self.probes
            .get_mut(handle.probe)
            .filter(|probe| probe.opened == Some(handle.number))
    }

    /// The cable is pulled in the middle of a transfer: what flash was doing is torn where it is, and what this
    /// transfer makes it do is torn further on.
    fn unplug_during_control(
        &mut self,
        handle: Handle,
        request: Request<'_>,
        number: u64,
        now: Duration,
    ) {
        let Some(probe) = self.opened(handle) else {
            return;
        };
        if probe.silicon.flash.busy_until().is_some() {
            return probe.unplug(now);
        }
        // The device acts on it; nobody hears the answer.
        drop(probe.answer(request, now));
        cut_power_in_the_middle(probe, number, now);
    }

    fn refused(
        &mut self,
        handle: Handle,
        number: u64,
        request: Request<'_>,
        cost: Duration,
        kind: LinkErrorKind,
        now: Duration,
    ) -> Admission {
        let at = now.saturating_add(cost);
        let bytes = request.sent().to_vec();
        self.record(handle, number, control_kind(request), bytes, Err(kind), at);
        Admission::Refuse { cost, kind }
    }

    pub(super) fn record(
        &mut self,
        handle: Handle,
        number: u64,
        kind: TransferKind,
        bytes: Vec<u8>,
        result: Result<usize, LinkErrorKind>,
        at: Duration,
    ) {
        self.trace.record(Transfer {
            number,
            at,
            probe: handle.probe,
            kind,
            bytes,
            result,
        });
    }

    fn changes(&self) -> u64 {
        self.probes
            .iter()
            .fold(0, |sum, probe| sum.saturating_add(probe.changes()))
    }
}

/// Power fails while flash works: at a moment that depends on the transfer's number if the work began just now.
pub(super) fn cut_power_in_the_middle(probe: &mut Probe, number: u64, now: Duration) {
    let (numerator, denominator) = torn_at(number);
    let moment = probe.silicon.flash.moment_within(numerator, denominator);
    probe.unplug(moment.unwrap_or(now).max(now));
}

fn control_kind(request: Request<'_>) -> TransferKind {
    let Request {
        code: request,
        value,
        stage,
    } = request;
    match stage {
        Stage::In(_) => TransferKind::ControlIn { request, value },
        Stage::Out(_) => TransferKind::ControlOut { request, value },
        Stage::SelectAlt(alt) => TransferKind::SelectAlt(alt),
    }
}

fn kib_cost(stage: Stage<'_>) -> Duration {
    let length = match stage {
        Stage::In(length) => u32::from(length),
        Stage::Out(data) => u32::try_from(data.len()).unwrap_or(u32::MAX),
        Stage::SelectAlt(_) => 0,
    };
    CONTROL_KIB.saturating_mul(length) / 1024
}

fn gone() -> Admission {
    Admission::Refuse {
        cost: Duration::from_millis(1),
        kind: LinkErrorKind::Disconnected,
    }
}

pub(super) fn not_found(doing: Doing) -> LinkError {
    LinkError::new(LinkErrorKind::NotFound, doing)
}

fn with_optional_detail(kind: LinkErrorKind, detail: Option<&str>) -> LinkError {
    let error = LinkError::new(kind, Doing::Opening);
    match detail {
        Some(detail) => error.with_detail(detail),
        None => error,
    }
}

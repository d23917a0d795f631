//! Bulk transfers of serial devices: admitted, struck by faults and carried out, as control transfers are in
//! `bench`. Knows time as it is told.

use std::time::Duration;

use super::bench::{Admission, Bench, Handle, Opened, cut_power_in_the_middle, not_found};
use super::fault::FaultKind;
use super::probe::{Probe, Running};
use super::trace::TransferKind;
use crate::transport::{DeviceId, Doing, LinkErrorKind};

/// A bulk transfer on the bus, without the reply's latency (protocols.md §8.1 "Bulk 76 B + 16 B reply").
const BULK: Duration = Duration::from_micros(500);
/// How much later a delayed transfer comes.
const DELAY: Duration = Duration::from_millis(800);

/// What a read comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Poll {
    /// These bytes, after this long.
    Data {
        /// What came.
        bytes: Vec<u8>,
        /// What it costs.
        cost: Duration,
    },
    /// Nothing in time.
    Nothing,
    /// Nothing yet: look again.
    Wait {
        /// When.
        until: Duration,
    },
    /// It failed.
    Failed {
        /// Why.
        kind: LinkErrorKind,
        /// After how long.
        cost: Duration,
    },
}

impl Bench {
    /// Opens a serial port.
    pub(super) fn open_serial(&mut self, device: &DeviceId, now: Duration) -> Opened<Handle> {
        self.settle(now);
        let index = self.find(device)?;
        match self.probes.get(index).map(|probe| &probe.running) {
            Some(Running::Katapult(_) | Running::Firmware(_)) => self.open(index),
            _ => Err(not_found(Doing::Opening)),
        }
    }

    /// What a write will cost, and the fault that strikes it. An unplugging happens here.
    pub(super) fn admit_write(
        &mut self,
        handle: Handle,
        data: &[u8],
        timeout: Duration,
        now: Duration,
    ) -> Admission {
        self.settle(now);
        if self.opened(handle).is_none() {
            return Admission::Refuse {
                cost: BULK,
                kind: LinkErrorKind::Disconnected,
            };
        }
        let number = self.trace.next_number();
        let fault = self.faults.strike(number, false);
        let mut refusal = None;
        if let Some(probe) = self.opened(handle) {
            match fault {
                Some(FaultKind::Unplug) => {
                    unplug_during_write(probe, data, number, now);
                    refusal = Some((BULK, LinkErrorKind::Disconnected));
                }
                Some(FaultKind::Stall) => refusal = Some((BULK, LinkErrorKind::Stalled)),
                Some(FaultKind::Timeout) => refusal = Some((timeout, LinkErrorKind::TimedOut)),
                Some(FaultKind::Silence) => probe.silenced = true,
                Some(FaultKind::Corrupt) => probe.silicon.flash.corrupt_next_program(),
                Some(FaultKind::Busy) => say_busy(probe),
                Some(FaultKind::Short | FaultKind::Duplicate | FaultKind::Delay) | None => {}
            }
        }
        if let Some((cost, kind)) = refusal {
            let at = now.saturating_add(cost);
            let out = TransferKind::BulkOut;
            self.record(handle, number, out, data.to_vec(), Err(kind), at);
            return Admission::Refuse { cost, kind };
        }
        let late = if fault == Some(FaultKind::Delay) {
            DELAY
        } else {
            Duration::ZERO
        };
        Admission::Proceed {
            number,
            cost: BULK.saturating_add(late),
            fault,
        }
    }

    /// Carries out a write that was admitted.
    pub(super) fn carry_out_write(
        &mut self,
        handle: Handle,
        data: &[u8],
        number: u64,
        fault: Option<FaultKind>,
        now: Duration,
    ) -> Result<(), LinkErrorKind> {
        self.settle(now);
        let result = match self.opened(handle) {
            None => Err(LinkErrorKind::Disconnected),
            Some(probe) => {
                let twice = fault == Some(FaultKind::Duplicate) && probe.receive(data, now);
                if probe.receive(data, now) || twice {
                    Ok(())
                } else {
                    Err(LinkErrorKind::TimedOut)
                }
            }
        };
        let outcome = result.map(|()| data.len());
        let out = TransferKind::BulkOut;
        self.record(handle, number, out, data.to_vec(), outcome, now);
        result
    }

    /// Looks for something to read. Only a read that finds something is a transfer.
    pub(super) fn poll_read(
        &mut self,
        handle: Handle,
        most: usize,
        deadline: Duration,
        now: Duration,
    ) -> Poll {
        self.settle(now);
        let Some(probe) = self.opened(handle) else {
            return Poll::Failed {
                kind: LinkErrorKind::Disconnected,
                cost: BULK,
            };
        };
        let is_ready = probe.cdc().is_some_and(|cdc| cdc.poll(now));
        if !is_ready || most == 0 {
            if now >= deadline || most == 0 {
                return Poll::Nothing;
            }
            let next = probe.next_serial_event().unwrap_or(deadline);
            return Poll::Wait {
                until: next.min(deadline),
            };
        }
        let number = self.trace.next_number();
        let fault = self.faults.strike(number, true);
        let poll = self.read(handle, most, fault, deadline, now);
        let (bytes, outcome) = match &poll {
            Poll::Data { bytes, .. } => (bytes.clone(), Ok(bytes.len())),
            Poll::Failed { kind, .. } => (Vec::new(), Err(*kind)),
            Poll::Nothing | Poll::Wait { .. } => (Vec::new(), Err(LinkErrorKind::TimedOut)),
        };
        self.record(handle, number, TransferKind::BulkIn, bytes, outcome, now);
        poll
    }

    /// A read that finds something, and its fault.
    fn read(
        &mut self,
        handle: Handle,
        most: usize,
        fault: Option<FaultKind>,
        deadline: Duration,
        now: Duration,
    ) -> Poll {
        let cost = BULK;
        let Some(probe) = self.opened(handle) else {
            return Poll::Nothing;
        };
        match fault {
            Some(FaultKind::Unplug) => {
                probe.unplug(now);
                let kind = LinkErrorKind::Disconnected;
                return Poll::Failed { kind, cost };
            }
            Some(FaultKind::Stall) => {
                let kind = LinkErrorKind::Stalled;
                return Poll::Failed { kind, cost };
            }
            Some(FaultKind::Silence) => {
                probe.silenced = true;
                return Poll::Wait { until: deadline };
            }
            Some(FaultKind::Busy) => say_busy(probe),
            _ => {}
        }
        let Some(cdc) = probe.cdc() else {
            return Poll::Nothing;
        };
        let hold_until = match fault {
            Some(FaultKind::Timeout) => Some(deadline.saturating_add(BULK)),
            Some(FaultKind::Delay) => Some(now.saturating_add(DELAY)),
            _ => None,
        };
        if let Some(until) = hold_until {
            cdc.hold(until);
            return Poll::Wait {
                until: until.min(deadline),
            };
        }
        let most = if fault == Some(FaultKind::Short) {
            1
        } else {
            most
        };
        let mut bytes = cdc.take(most);
        match fault {
            Some(FaultKind::Duplicate) => cdc.repeat(&bytes),
            Some(FaultKind::Corrupt) => {
                let middle = bytes.len() / 2;
                if let Some(byte) = bytes.get_mut(middle) {
                    *byte ^= 0x10;
                }
            }
            _ => {}
        }
        Poll::Data { bytes, cost }
    }
}

/// The cable is pulled in the middle of a write: the device has got it, and gets no further than some of it.
fn unplug_during_write(probe: &mut Probe, data: &[u8], number: u64, now: Duration) {
    if probe.silicon.flash.busy_until().is_some() {
        return probe.unplug(now);
    }
    probe.receive(data, now);
    cut_power_in_the_middle(probe, number, now);
}

fn say_busy(probe: &mut Probe) {
    if let Running::Katapult(katapult) = &mut probe.running {
        katapult.say_busy_next();
    }
}

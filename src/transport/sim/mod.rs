//! The simulated bench: probes in software that behave as the chips do, and are stricter where a chip would be
//! merciful. `--simulate` runs the whole program on it, and so do the tests, in virtual time.
//!
//! A bench is made from a string ([`bench_help`] lists what there is). Everything above sees it as
//! [`Hardware`]; tests and the practice window also have hands: they plug, bridge BOOT0 and tap RESET.
//!
//! Written from protocols.md, never from the drivers it is there to test.

mod bench;
mod boot;
mod cdc;
mod clock;
mod contents;
mod crc;
mod deployer;
mod fault;
mod firmware_device;
mod flash;
mod katapult_device;
mod katapult_parser;
mod klipper_frame;
mod link;
mod persona;
pub mod practice;
mod presence;
mod probe;
mod rom_dfu;
mod rom_identity;
mod serial_bus;
mod silicon;
mod spec;
mod trace;
#[cfg(feature = "usbip")]
pub mod usbip;

use std::sync::{Arc, MutexGuard};
use std::time::Duration;

pub use boot::Boots;
pub use clock::VirtualClock;
pub use spec::{SpecError, bench_help};
pub use trace::{FlashChange, FlashWrite, Trace, Transfer, TransferKind, Violation};

use self::bench::Bench;
use self::link::{Shared, SimDfuLink, SimSerialLink};
use self::probe::Probe;
use super::{
    Access, Clock, DeviceId, DeviceInfo, DfuLink, Hardware, LinkError, Rehearsal, SerialLink,
};

/// The bus is looked at this often while somebody waits for it: hands may move in between.
const WATCH_INTERVAL: Duration = Duration::from_millis(20);

/// A simulated bench. Clones are the same bench.
#[derive(Clone)]
pub struct SimHardware {
    shared: Arc<Shared>,
}

impl SimHardware {
    /// A bench that lives by `clock`.
    pub fn from_spec(spec: &str, clock: Arc<dyn Clock>) -> Result<Self, SpecError> {
        let bench = Bench::new(spec::parse(spec)?);
        Ok(Self {
            shared: Shared::new(clock, bench),
        })
    }

    /// A bench in virtual time.
    pub fn new_virtual(spec: &str) -> Result<Self, SpecError> {
        Self::from_spec(spec, Arc::new(VirtualClock::new()))
    }

    /// How many probes there are, plugged in or not. They are numbered from 0, as in the bench string.
    pub fn probe_count(&self) -> usize {
        self.shared.bench().probes.len()
    }

    /// Puts the cable of a probe in.
    pub fn plug(&self, probe: usize) {
        self.with(probe, Probe::plug);
    }

    /// Pulls the cable of a probe. Power is gone at once.
    pub fn unplug(&self, probe: usize) {
        self.with(probe, Probe::unplug);
    }

    /// Pulls the cable and puts it back.
    pub fn power_cycle(&self, probe: usize) {
        self.with(probe, |probe, now| {
            probe.unplug(now);
            probe.plug(now);
        });
    }

    /// Bridges BOOT0, or takes the tweezers away. It counts at the next reset or when power comes.
    pub fn hold_boot0(&self, probe: usize, held: bool) {
        self.with(probe, |probe, _now| probe.hold_boot0(held));
    }

    /// Taps RESET. Two taps within half a second start Katapult.
    pub fn tap_reset(&self, probe: usize) {
        self.with(probe, Probe::tap_reset);
    }

    /// Changes whether a probe can be opened.
    pub fn set_access(&self, probe: usize, access: Access) {
        self.with(probe, |probe, _now| probe.set_access(access));
    }

    /// True while a probe's cable is in.
    pub fn is_plugged(&self, probe: usize) -> bool {
        self.with(probe, |probe, _now| probe.plugged())
            .unwrap_or(false)
    }

    /// True while a probe's BOOT0 is bridged.
    pub fn is_boot0_held(&self, probe: usize) -> bool {
        self.with(probe, |probe, _now| probe.boot0())
            .unwrap_or(false)
    }

    /// The whole flash of a probe as it is now; empty if there is no such probe.
    pub fn dump(&self, probe: usize) -> Vec<u8> {
        self.with(probe, |probe, _now| probe.silicon.flash.cells().to_vec())
            .unwrap_or_default()
    }

    /// Puts bytes into the flash of a probe, as a factory would: at once and without rules.
    pub fn load(&self, probe: usize, address: u32, bytes: &[u8]) {
        self.with(probe, |probe, _now| {
            probe.silicon.flash.load(address, bytes);
        });
    }

    /// What a probe would start if its power came now, with BOOT0 as it is held.
    pub fn what_boots(&self, probe: usize) -> Boots {
        self.with(probe, |probe, _now| probe.what_boots())
            .unwrap_or(Boots::Dead)
    }

    /// True if a probe would start code that is not whole: neither what it held when the bench began nor one of
    /// `images` (applications, bootloaders or both in one). Nothing must ever make this true.
    pub fn boots_incomplete(&self, probe: usize, images: &[&[u8]]) -> bool {
        self.with(probe, |probe, _now| probe.boots_incomplete(images))
            .unwrap_or(false)
    }

    /// Every rule the host broke so far. Tests assert that there is none.
    pub fn violations(&self) -> Vec<Violation> {
        self.settled().violations()
    }

    /// A copy of what happened so far.
    pub fn trace(&self) -> Trace {
        self.settled().trace()
    }

    /// The bench as it is now.
    fn settled(&self) -> MutexGuard<'_, Bench> {
        let now = self.shared.now();
        let mut bench = self.shared.bench();
        bench.settle(now);
        bench
    }

    /// Does something to a probe, after everything that happened until now.
    fn with<T>(&self, probe: usize, hand: impl FnOnce(&mut Probe, Duration) -> T) -> Option<T> {
        let now = self.shared.now();
        let mut bench = self.shared.bench();
        bench.settle(now);
        bench.probes.get_mut(probe).map(|probe| hand(probe, now))
    }
}

impl Hardware for SimHardware {
    fn list(&self) -> Result<Vec<DeviceInfo>, LinkError> {
        Ok(self.shared.bench().list(self.shared.now()))
    }

    fn open_dfu(&self, device: &DeviceId) -> Result<Box<dyn DfuLink>, LinkError> {
        let (handle, kind) = self.shared.bench().open_dfu(device, self.shared.now())?;
        let link = SimDfuLink::open(Arc::clone(&self.shared), handle, kind)?;
        Ok(Box::new(link))
    }

    fn open_serial(&self, device: &DeviceId) -> Result<Box<dyn SerialLink>, LinkError> {
        let handle = self.shared.bench().open_serial(device, self.shared.now())?;
        let link = SimSerialLink::new(Arc::clone(&self.shared), handle);
        Ok(Box::new(link))
    }

    fn touch_1200(&self, device: &DeviceId) -> Result<(), LinkError> {
        self.shared.bench().touch(device, self.shared.now())
    }

    fn wait_for_change(&self, timeout: Duration) -> bool {
        let deadline = self.shared.now().saturating_add(timeout);
        loop {
            let now = self.shared.now();
            let mut bench = self.shared.bench();
            if bench.take_change(now) {
                return true;
            }
            if now >= deadline {
                return false;
            }
            let next = bench.next_change().unwrap_or(deadline).min(deadline);
            drop(bench);
            let pause = next.saturating_sub(now).min(WATCH_INTERVAL);
            self.shared.clock.sleep(pause.max(Duration::from_micros(1)));
        }
    }

    fn clock(&self) -> &dyn Clock {
        self.shared.clock.as_ref()
    }

    fn simulated(&self) -> bool {
        true
    }

    fn rehearse(&self, job: &mut Rehearsal<'_>) {
        let now = self.shared.now();
        let (before, copy) = {
            let mut bench = self.shared.bench();
            if !bench.faults.need_rehearsal() {
                return;
            }
            bench.settle(now);
            (bench.trace.count(), bench.rehearsal())
        };
        let stage = Self {
            shared: Shared::new(Arc::new(VirtualClock::starting_at(now)), copy),
        };
        job(&stage);
        let length = stage.shared.bench().trace.count().saturating_sub(before);
        self.shared.bench().faults.resolve(before, length);
    }
}

impl std::fmt::Debug for SimHardware {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SimHardware").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;

//! Faults as data: what goes wrong, and at which transfer. Knows numbers, not devices.

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FaultKind {
    /// The cable is pulled in the middle of it. What flash was doing, or was told to do, is torn.
    Unplug,
    /// A STALL for no reason.
    Stall,
    /// The transfer is lost and times out; the device never saw it.
    Timeout,
    /// Fewer bytes come than there are. Strikes the next transfer from the device.
    Short,
    /// One bit is wrong: in what is read, or in what flash stores next.
    Corrupt,
    /// Serial data goes through twice. Does nothing to control transfers: the bus cannot do that.
    Duplicate,
    /// It takes 800 ms longer.
    Delay,
    /// The device is busy for longer: flash takes 200 ms more, or Katapult says BUSY.
    Busy,
    /// The device says nothing any more until its power is cut, and stays on the bus.
    Silence,
}

impl FaultKind {
    pub(super) const NAMES: [(&'static str, Self); 9] = [
        ("unplug", Self::Unplug),
        ("stall", Self::Stall),
        ("timeout", Self::Timeout),
        ("short", Self::Short),
        ("corrupt", Self::Corrupt),
        ("duplicate", Self::Duplicate),
        ("delay", Self::Delay),
        ("busy", Self::Busy),
        ("silence", Self::Silence),
    ];
}

/// When it goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    /// At this transfer, counted from 1 over the life of the bench.
    Transfer(u64),
    /// At this percentage of the next job's transfers; needs a rehearsal to become a number.
    Percent(u32),
}

/// One thing that goes wrong, once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) kind: FaultKind,
    pub(super) when: When,
}

/// The faults that have not struck yet.
#[derive(Debug, Clone, Default)]
pub(super) struct Faults(Vec<Fault>);

impl Faults {
    pub(super) fn new(faults: Vec<Fault>) -> Self {
        Self(faults)
    }

    /// The fault of transfer `number`, if one is due. `from_device` is its direction.
    pub(super) fn strike(&mut self, number: u64, from_device: bool) -> Option<FaultKind> {
        let position = self.0.iter().position(|fault| {
            let is_due = matches!(fault.when, When::Transfer(at) if at <= number);
            is_due && (from_device || fault.kind != FaultKind::Short)
        })?;
        Some(self.0.remove(position).kind)
    }

    /// True if some fault needs a rehearsal.
    pub(super) fn need_rehearsal(&self) -> bool {
        self.0
            .iter()
            .any(|fault| matches!(fault.when, When::Percent(_)))
    }

    /// Turns percentages into numbers: the job begins after transfer `before` and has `length` transfers.
    pub(super) fn resolve(&mut self, before: u64, length: u64) {
        for fault in &mut self.0 {
            if let When::Percent(percent) = fault.when {
                let offset = length.saturating_mul(u64::from(percent)).div_ceil(100);
                fault.when = When::Transfer(before.saturating_add(offset.max(1)));
            }
        }
    }
}

/// How far a torn flash operation got, varied by the transfer's number so that a sweep meets several.
pub(super) fn torn_at(number: u64) -> (u32, u32) {
    match number % 4 {
        0 => (1, 2),
        1 => (1, 4),
        2 => (3, 4),
        // Late enough to meet the programming that follows an erase.
        _ => (63, 64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(kind: FaultKind, when: When) -> Fault {
        Fault { kind, when }
    }

    #[test]
    fn each_fault_strikes_once_at_its_transfer() {
        let mut faults = Faults::new(vec![
            fault(FaultKind::Stall, When::Transfer(2)),
            fault(FaultKind::Delay, When::Transfer(2)),
        ]);
        assert_eq!(faults.strike(1, true), None);
        assert_eq!(faults.strike(2, true), Some(FaultKind::Stall));
        assert_eq!(faults.strike(3, false), Some(FaultKind::Delay));
        assert_eq!(faults.strike(4, false), None);
    }

    #[test]
    fn short_waits_for_something_that_is_read() {
        let mut faults = Faults::new(vec![fault(FaultKind::Short, When::Transfer(1))]);
        assert_eq!(faults.strike(1, false), None);
        assert_eq!(faults.strike(2, true), Some(FaultKind::Short));
    }

    #[test]
    fn percentages_become_numbers() {
        for (percent, before, length, expected) in [
            (0, 10, 200, 11),
            (1, 10, 200, 12),
            (50, 10, 200, 110),
            (100, 10, 200, 210),
            (50, 0, 0, 1),
        ] {
            let mut faults = Faults::new(vec![fault(FaultKind::Unplug, When::Percent(percent))]);
            assert!(faults.need_rehearsal());
            assert_eq!(faults.strike(u64::MAX, true), None);
            faults.resolve(before, length);
            assert!(!faults.need_rehearsal());
            assert_eq!(faults.strike(expected - 1, true), None, "{percent} %");
            assert_eq!(faults.strike(expected, true), Some(FaultKind::Unplug));
        }
    }
}

//! A look at the bus that gives what has just come the moment in which the system sets its permissions: until then a
//! probe that may be used looks like one that may not.

use std::time::Duration;

use crate::transport::{Access, DeviceInfo, Hardware, LinkError};

/// A fresh node gets its permissions a little later (protocols.md §4.5); who has to wait for a page waits no longer.
const SETTLE: Duration = Duration::from_secs(1);
const STEP: Duration = Duration::from_millis(100);

/// What is there now. `before`: what was there when it was last looked at, if it was.
pub(super) fn look(
    hardware: &dyn Hardware,
    before: Option<&[DeviceInfo]>,
) -> Result<Vec<DeviceInfo>, LinkError> {
    settled(hardware, before, &|| hardware.list())
}

fn settled(
    hardware: &dyn Hardware,
    before: Option<&[DeviceInfo]>,
    list: &dyn Fn() -> Result<Vec<DeviceInfo>, LinkError>,
) -> Result<Vec<DeviceInfo>, LinkError> {
    let deadline = hardware.clock().now().saturating_add(SETTLE);
    let has_just_come = |device: &DeviceInfo| {
        before.is_some_and(|before| !before.iter().any(|known| known.id == device.id))
    };
    loop {
        let devices = list()?;
        let left = deadline.saturating_sub(hardware.clock().now());
        let settling = devices
            .iter()
            .any(|device| device.access == Access::NotPermitted && has_just_come(device));
        if !settling || left.is_zero() {
            return Ok(devices);
        }
        hardware.wait_for_change(left.min(STEP));
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::transport::sim::SimHardware;

    /// The only probe of a bench.
    fn probe() -> Vec<DeviceInfo> {
        SimHardware::new_virtual("v3-dfu").unwrap().list().unwrap()
    }

    /// How the only probe is seen, and how long that took, if it is refused until it was listed so often.
    fn seen(refusals: u32, before: Option<&[DeviceInfo]>) -> (Access, Duration) {
        let bench = SimHardware::new_virtual("v3-dfu").unwrap();
        let left = Cell::new(refusals);
        let list = || {
            let mut devices = bench.list()?;
            if let Some(fewer) = left.get().checked_sub(1) {
                left.set(fewer);
                for device in &mut devices {
                    device.access = Access::NotPermitted;
                }
            }
            Ok(devices)
        };
        let began = bench.clock().now();
        let devices = settled(&bench, before, &list).unwrap();
        let took = bench.clock().now().saturating_sub(began);
        (devices.into_iter().next().unwrap().access, took)
    }

    #[test]
    fn a_refusal_that_passes_is_not_told() {
        let (access, took) = seen(3, Some(&[]));
        assert_eq!(access, Access::Usable);
        assert!(took < SETTLE, "{took:?}");
    }

    #[test]
    fn a_refusal_that_stays_is_told_after_a_moment() {
        let (access, took) = seen(u32::MAX, Some(&[]));
        assert_eq!(access, Access::NotPermitted);
        assert!(took >= SETTLE && took < 2 * SETTLE, "{took:?}");
    }

    #[test]
    fn what_was_there_before_or_at_the_first_look_is_told_at_once() {
        for before in [Some(probe()), None] {
            let (access, took) = seen(u32::MAX, before.as_deref());
            assert_eq!((access, took), (Access::NotPermitted, Duration::ZERO));
        }
    }
}

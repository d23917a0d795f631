//! A cable is out before the system knows: transfers fail at once, the hub tells of it up to 256 ms later, and the
//! device list follows. A job must not take a probe for present because a list is old.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code: a panic is a failure"
)]

mod support;

use std::sync::Mutex;
use std::time::Duration;

use carto_flasher::board::{Mcu, Transport};
use carto_flasher::flash::engine::{self, Patience};
use carto_flasher::flash::plan::Plan;
use carto_flasher::flash::{Aftermath, Cause, JobEnd};
use carto_flasher::transport::sim::SimHardware;
use carto_flasher::transport::{
    Clock, DeviceId, DeviceInfo, DfuLink, Hardware, LinkError, Rehearsal, SerialLink,
};
use support::{Heard, Kept, app, bench, check_contract, combined, plan_for};

/// A bench whose list is late: what has left it is still listed for `LAG`.
struct LateBus {
    bench: SimHardware,
    shown: Mutex<Shown>,
}

struct Shown {
    devices: Vec<DeviceInfo>,
    outdated_since: Option<Duration>,
}

/// A hub is asked for its changes every 256 ms (USB 2.0 §11.12.1, `bInterval` 12 at high speed).
const LAG: Duration = Duration::from_millis(256);

impl LateBus {
    fn new(bench: &SimHardware) -> Self {
        Self {
            bench: bench.clone(),
            shown: Mutex::new(Shown {
                devices: bench.list().unwrap(),
                outdated_since: None,
            }),
        }
    }
}

impl Hardware for LateBus {
    fn list(&self) -> Result<Vec<DeviceInfo>, LinkError> {
        let devices = self.bench.list()?;
        let mut shown = self.shown.lock().unwrap();
        if devices == shown.devices {
            shown.outdated_since = None;
            return Ok(devices);
        }
        let now = self.bench.clock().now();
        let since = *shown.outdated_since.get_or_insert(now);
        if now.saturating_sub(since) >= LAG {
            *shown = Shown {
                devices,
                outdated_since: None,
            };
        }
        Ok(shown.devices.clone())
    }

    fn open_dfu(&self, device: &DeviceId) -> Result<Box<dyn DfuLink>, LinkError> {
        self.bench.open_dfu(device)
    }

    fn open_serial(&self, device: &DeviceId) -> Result<Box<dyn SerialLink>, LinkError> {
        self.bench.open_serial(device)
    }

    fn touch_1200(&self, device: &DeviceId) -> Result<(), LinkError> {
        self.bench.touch_1200(device)
    }

    fn wait_for_change(&self, timeout: Duration) -> bool {
        self.bench.wait_for_change(timeout)
    }

    fn clock(&self) -> &dyn Clock {
        self.bench.clock()
    }

    fn rehearse(&self, job: &mut Rehearsal<'_>) {
        self.bench.rehearse(job);
    }
}

fn run(bench: &SimHardware, plan: &Plan, reconnect: Duration) -> JobEnd {
    let mut heard = Heard {
        plug_again: Some(bench.clone()),
        ..Heard::default()
    };
    let late = LateBus::new(bench);
    let patience = Patience { reconnect };
    let end = engine::run(plan, &late, &mut Kept::default(), patience, &mut heard);
    check_contract(&heard.events);
    end
}

fn cases() -> impl Iterator<Item = (String, Mcu, bool)> {
    [
        ("v3-dfu,holds=blank", Mcu::Stm32F042, true),
        ("v4-dfu", Mcu::Stm32G431, true),
        ("v3-katapult", Mcu::Stm32F042, false),
        ("v4-katapult", Mcu::Stm32G431, false),
    ]
    .into_iter()
    .flat_map(|(persona, mcu, dfu)| {
        (5..100)
            .step_by(5)
            .map(move |percent| (format!("{persona},fault=unplug@{percent}%"), mcu, dfu))
    })
}

fn image(mcu: Mcu, dfu: bool) -> carto_flasher::image::Image {
    if dfu {
        combined(mcu, Transport::Usb)
    } else {
        app(mcu, Transport::Usb)
    }
}

#[test]
fn a_probe_that_is_unplugged_is_said_to_be_gone() {
    for (case, mcu, dfu) in cases() {
        let bench = bench(&case);
        let plan = plan_for(&bench, image(mcu, dfu)).unwrap();
        match run(&bench, &plan, Duration::ZERO) {
            // Unplugged after it was told to start: nothing is lost.
            JobEnd::Finished(_) => {}
            JobEnd::Failed(error) => {
                let told = error.cause == Cause::Disconnected
                    || error.aftermath == Aftermath::Complete && error.cause == Cause::DidNotStart;
                assert!(told, "{case}: {error:?}");
                assert_ne!(
                    error.aftermath,
                    Aftermath::BootloaderWhilePowered,
                    "{case}: {error:?}"
                );
            }
            JobEnd::Cancelled(aftermath) => panic!("{case}: {aftermath:?}"),
        }
    }
}

#[test]
fn a_probe_that_is_plugged_in_again_goes_on_by_itself() {
    let mut went_on = 0;
    for (case, mcu, dfu) in cases() {
        let bench = bench(&case);
        let image = image(mcu, dfu);
        let plan = plan_for(&bench, image.clone()).unwrap();
        match run(&bench, &plan, Duration::from_mins(1)) {
            JobEnd::Finished(_) => {
                went_on += 1;
                let dump = bench.dump(0);
                let start = (image.facts().link_address - mcu.chip().flash_base) as usize;
                assert!(dump[start..].starts_with(image.bytes()), "{case}");
            }
            // Before anything was written there is nothing to go on with.
            JobEnd::Failed(error) => assert!(
                matches!(
                    error.aftermath,
                    Aftermath::Untouched | Aftermath::TornFirstPage | Aftermath::Complete
                ),
                "{case}: {error:?}"
            ),
            JobEnd::Cancelled(aftermath) => panic!("{case}: {aftermath:?}"),
        }
    }
    assert!(went_on >= 40, "only {went_on} went on");
}

use std::sync::Mutex;
use std::time::Duration;

use super::*;
use crate::app::channel;
use crate::transport::sim::SimHardware;
use crate::transport::{Clock, DfuLink, Doing, LinkError, SerialLink};

/// A bench whose ports another program has until it is closed; only trying to open one tells.
struct Guarded {
    bench: SimHardware,
    held: Mutex<bool>,
    refused: Mutex<bool>,
}

impl Hardware for Guarded {
    fn list(&self) -> Result<Vec<DeviceInfo>, LinkError> {
        let mut devices = self.bench.list()?;
        if *self.refused.lock().unwrap() {
            for device in &mut devices {
                device.access = Access::Busy { holder: None };
            }
        }
        Ok(devices)
    }

    fn open_dfu(&self, device: &DeviceId) -> Result<Box<dyn DfuLink>, LinkError> {
        self.bench.open_dfu(device)
    }

    fn open_serial(&self, device: &DeviceId) -> Result<Box<dyn SerialLink>, LinkError> {
        let held = *self.held.lock().unwrap();
        *self.refused.lock().unwrap() = held;
        if held {
            return Err(LinkError::new(LinkErrorKind::Busy, Doing::Opening));
        }
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
}

#[test]
fn a_port_that_somebody_has_is_no_silent_probe_and_is_asked_when_given_back() {
    let hardware = Arc::new(Guarded {
        bench: SimHardware::new_virtual("v3-usb").unwrap(),
        held: Mutex::new(true),
        refused: Mutex::new(false),
    });
    let (sender, events) = channel();
    let mut askers = Askers::new(hardware.clone(), sender);
    let mut look = || {
        let devices = hardware.list().unwrap();
        askers.look(&devices);
        askers.finish();
        devices.first().unwrap().access.clone()
    };
    assert_eq!(look(), Access::Usable, "nobody has tried yet");
    assert_eq!(look(), Access::Busy { holder: None });
    assert!(events.try_recv().is_err(), "nothing is said of its version");
    *hardware.held.lock().unwrap() = false;
    look();
    assert_eq!(look(), Access::Usable);
    let said = events.try_recv().unwrap();
    assert!(
        matches!(&said, Event::Identified { version: Some(version), .. } if version.contains("CARTOGRAPHER")),
        "{said:?}"
    );
}

#[test]
fn a_probe_is_asked_anew_after_a_job_also_where_it_keeps_its_id() {
    let bench = Arc::new(SimHardware::new_virtual("v3-usb").unwrap());
    let (sender, events) = channel();
    let mut askers = Askers::new(bench.clone(), sender);
    let devices = bench.list().unwrap();
    for _job in 0..2 {
        askers.look(&devices);
        askers.finish();
    }
    let identified = |event: &Event| matches!(event, Event::Identified { .. });
    assert_eq!(events.try_iter().filter(identified).count(), 2);
}

//! What happened, in lines for a report: on the bus, and in the last job. Pure; time is an argument.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use super::with_sources;
use crate::board::recognise;
use crate::flash::JobEvent;
use crate::transport::{DeviceInfo, LinkError};

/// Lines kept of each.
const MAX_LINES: usize = 300;
/// Serial numbers remembered, so that a report can mask those of devices that have left.
const MAX_SERIALS: usize = 100;

/// What happened.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct History {
    bus: VecDeque<String>,
    job: VecDeque<String>,
    serials: BTreeSet<String>,
    present: Vec<DeviceInfo>,
}

impl History {
    /// The bus was looked at.
    pub fn see(&mut self, now: Duration, devices: &Result<Vec<DeviceInfo>, LinkError>) {
        let devices = match devices {
            Ok(devices) => devices,
            Err(error) => {
                push(&mut self.bus, now, &format!("cannot be listed: {error}"));
                return;
            }
        };
        for gone in &self.present {
            if !devices.iter().any(|device| device.id == gone.id) {
                push(&mut self.bus, now, &format!("left: {}", name(gone)));
            }
        }
        for device in devices {
            let before = self.present.iter().find(|known| known.id == device.id);
            match before {
                None => {
                    let line = format!("came: {}, {:?}", name(device), recognise(device));
                    push(&mut self.bus, now, &line);
                }
                Some(before) if before.access != device.access => {
                    let line = format!("access of {}: {:?}", name(device), device.access);
                    push(&mut self.bus, now, &line);
                }
                Some(_) => {}
            }
            if self.serials.len() < MAX_SERIALS {
                self.serials.extend(device.serial.clone());
            }
        }
        self.present.clone_from(devices);
    }

    /// A job was started; the one before is forgotten.
    pub fn job_starts(&mut self, now: Duration, what: &str) {
        self.job.clear();
        push(&mut self.job, now, what);
    }

    /// Something happened in the job.
    pub fn job_event(&mut self, now: Duration, event: &JobEvent) {
        let line = match event {
            JobEvent::Progress { .. } => return,
            JobEvent::Failed(error) => {
                let address = error
                    .address
                    .map_or_else(String::new, |address| format!(" at {address:#010x}"));
                format!(
                    "failed in {:?}{address}, aftermath {:?}: {}",
                    error.phase,
                    error.aftermath,
                    with_sources(error.as_ref())
                )
            }
            other => format!("{other:?}"),
        };
        push(&mut self.job, now, &line);
    }

    /// What happened on the bus, oldest first.
    pub fn bus_lines(&self) -> Vec<String> {
        self.bus.iter().cloned().collect()
    }

    /// What happened in the last job, oldest first.
    pub fn job_lines(&self) -> Vec<String> {
        self.job.iter().cloned().collect()
    }

    /// Every serial number that was seen.
    pub fn serials(&self) -> Vec<String> {
        self.serials.iter().cloned().collect()
    }
}

fn name(device: &DeviceInfo) -> String {
    let place = device
        .location
        .as_ref()
        .map_or_else(|| "?".to_owned(), ToString::to_string);
    let (vendor, product) = (device.ids.vendor, device.ids.product);
    format!("{vendor:04x}:{product:04x} at {place}")
}

fn push(lines: &mut VecDeque<String>, now: Duration, line: &str) {
    if lines.len() >= MAX_LINES {
        lines.pop_front();
    }
    lines.push_back(format!("{:9.3} s  {line}", now.as_secs_f64()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flash::{Aftermath, Cause, FlashError, Phase};
    use crate::transport::{Access, Doing, LinkErrorKind};
    use crate::transport::{DeviceId, Location, UsbIds};

    fn device(id: &str) -> DeviceInfo {
        DeviceInfo {
            id: DeviceId(id.into()),
            location: Some(Location("1-2".into())),
            ids: UsbIds {
                vendor: 0x1d50,
                product: 0x614e,
                bcd_device: 0,
            },
            manufacturer: None,
            product: None,
            serial: Some(format!("serial of {id}")),
            port: None,
            alt_settings: Vec::new(),
            access: Access::Usable,
        }
    }

    #[test]
    fn coming_leaving_and_access_are_told_once() {
        let mut history = History::default();
        let mut busy = device("a");
        busy.access = Access::NotPermitted;
        let listing = LinkError::new(LinkErrorKind::Other, Doing::Listing);
        for (second, devices) in [
            Ok(vec![device("a")]),
            Ok(vec![device("a")]),
            Ok(vec![busy]),
            Ok(vec![device("b")]),
            Err(listing),
        ]
        .into_iter()
        .enumerate()
        {
            history.see(Duration::from_secs(second as u64), &devices);
        }
        let lines = history.bus_lines();
        let expected = [
            "came: 1d50",
            "access of",
            "left: ",
            "came: ",
            "cannot be listed",
        ];
        assert_eq!(lines.len(), expected.len(), "{lines:?}");
        for (line, expected) in lines.iter().zip(expected) {
            assert!(line.contains(expected), "{line}");
        }
        assert_eq!(history.serials(), ["serial of a", "serial of b"]);
    }

    #[test]
    fn a_failure_is_told_with_its_causes_and_the_next_job_starts_afresh() {
        let mut history = History::default();
        history.job_starts(Duration::ZERO, "flash");
        let progress = JobEvent::Progress {
            phase: Phase::Write,
            done: 1,
        };
        history.job_event(Duration::ZERO, &progress);
        let error = FlashError {
            phase: Phase::Write,
            address: Some(0x0800_2000),
            cause: Cause::Disconnected,
            aftermath: Aftermath::BootloaderStillThere,
        };
        history.job_event(Duration::from_secs(2), &JobEvent::Failed(Box::new(error)));
        let lines = history.job_lines();
        assert_eq!(lines.len(), 2, "{lines:?}");
        for expected in ["2.000 s", "in Write at 0x08002000", "BootloaderStillThere"] {
            assert!(lines[1].contains(expected), "{lines:?}");
        }
        history.job_starts(Duration::ZERO, "backup");
        assert_eq!(history.job_lines().len(), 1);
    }

    #[test]
    fn it_is_bounded() {
        let mut history = History::default();
        for number in 0..1000 {
            history.see(Duration::ZERO, &Ok(vec![device(&number.to_string())]));
        }
        assert_eq!(history.bus_lines().len(), MAX_LINES);
        assert_eq!(history.serials().len(), MAX_SERIALS);
    }
}

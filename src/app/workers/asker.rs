//! Asks probes that run which version they run, each on a thread of its own.

use std::collections::HashSet;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};

use super::super::event::{Event, Sender};
use super::super::with_sources;
use crate::board::{Mode, Sighting, recognise};
use crate::klipper::{self, KlipperError};
use crate::transport::{Access, DeviceId, DeviceInfo, Hardware, LinkErrorKind};

/// The threads that ask.
pub(super) struct Askers {
    hardware: Arc<dyn Hardware>,
    sender: Sender,
    asked: HashSet<DeviceId>,
    threads: Vec<JoinHandle<()>>,
}

impl Askers {
    /// Nobody was asked yet.
    pub(super) fn new(hardware: Arc<dyn Hardware>, sender: Sender) -> Self {
        Self {
            hardware,
            sender,
            asked: HashSet::new(),
            threads: Vec::new(),
        }
    }

    /// Asks each running probe, once for each time it is plugged in or given back by another program.
    pub(super) fn look(&mut self, devices: &[DeviceInfo]) {
        self.threads.retain(|thread| !thread.is_finished());
        self.asked.retain(|id| {
            let same = |device: &&DeviceInfo| device.id == *id;
            let device = devices.iter().find(same);
            device.is_some_and(|device| device.access.is_usable())
        });
        for device in devices {
            if runs(device) && device.access.is_usable() && self.asked.insert(device.id.clone()) {
                let (hardware, sender) = (Arc::clone(&self.hardware), self.sender.clone());
                let id = device.id.clone();
                self.spawn("identify", move || ask(hardware.as_ref(), id, &sender));
            }
        }
        if self.threads.is_empty() {
            self.knock(devices);
        }
    }

    /// Tries whether a port that somebody has is free again, where only that tells.
    fn knock(&mut self, devices: &[DeviceInfo]) {
        for device in devices {
            if device.port.is_some() && device.access == (Access::Busy { holder: None }) {
                let (hardware, id) = (Arc::clone(&self.hardware), device.id.clone());
                self.spawn("knock", move || drop(hardware.open_serial(&id)));
            }
        }
    }

    /// Waits until every port is given back, and asks anew afterwards. A thread that panicked has given back its own.
    pub(super) fn finish(&mut self) {
        self.threads
            .drain(..)
            .for_each(|thread| drop(thread.join()));
        // A job may change what a probe runs, and not every system gives it a new id for that.
        self.asked.clear();
    }

    fn spawn(&mut self, name: &str, work: impl FnOnce() + Send + 'static) {
        let thread = Builder::new().name(name.into()).spawn(work);
        self.threads.extend(thread);
    }
}

fn runs(device: &DeviceInfo) -> bool {
    matches!(
        recognise(device),
        Sighting::Probe {
            mode: Mode::Firmware,
            ..
        }
    )
}

/// Takes some seconds at most.
fn ask(hardware: &dyn Hardware, device: DeviceId, sender: &Sender) {
    let version = match klipper::ask(hardware, &device) {
        Ok(identity) => Some(identity.version),
        Err(error) => {
            let why = with_sources(&error);
            tracing::info!("the probe did not tell its version: {why}");
            if matches!(&error, KlipperError::Link(link) if link.kind == LinkErrorKind::Busy) {
                // It was not asked, and the next look at the bus says who stands in the way.
                return;
            }
            None
        }
    };
    sender.send(Event::Identified { device, version });
}

#[cfg(test)]
mod tests;

//! Everything that can happen outside the window, over one channel so that all of it has one order.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, OnceLock};

use super::comfort::SystemComfort;
use super::state::Notice;
use super::workers::instance::Receipt;
use crate::doctor::windows::helper::Outcome;
use crate::doctor::{Diagnosis, Elevation, Undo};
use crate::image::{Image, ImageError};
use crate::transport::{DeviceId, DeviceInfo, LinkError};
use crate::update::Release;

/// Asks the window to look again.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// What a file is wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// The firmware to write.
    Firmware,
    /// The Katapult to write with it.
    Bootloader,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The bus was looked at.
    Bus {
        /// Which watcher looked: events of one that was stopped are dropped.
        watcher: u64,
        /// What it saw.
        devices: Result<Vec<DeviceInfo>, LinkError>,
    },
    /// The system was looked at for what is in the way.
    Diagnosed {
        /// Which watcher looked.
        watcher: u64,
        /// What it found.
        diagnoses: Vec<Diagnosis>,
        /// What earlier repairs changed.
        undoable: Vec<Undo>,
    },
    /// Administrator rights were asked for.
    Repaired(Elevation),
    /// A driver was changed, or not (Windows).
    DriverChanged(Outcome),
    /// A running probe was asked for its version.
    Identified {
        /// Which enumeration.
        device: DeviceId,
        /// What it said.
        version: Option<String>,
    },
    /// The watcher holds still and holds nothing open: a job may start.
    BusQuiet {
        /// Which watcher.
        watcher: u64,
    },
    /// A file was read.
    FileRead {
        /// What for.
        purpose: Purpose,
        /// Which request; older answers are dropped.
        ticket: u64,
        /// The file.
        path: PathBuf,
        /// What it holds.
        result: Result<Arc<Image>, ImageError>,
    },
    /// Bytes of firmware came.
    Catalog(CatalogProgress),
    /// There is this version of the program.
    Release(Release),
    /// The program was started again.
    SecondStart {
        /// The file it was given, if any.
        file: Option<PathBuf>,
        /// To be given once the window has taken over.
        receipt: Receipt,
    },
    /// Something outside the window is worth saying.
    Say(Notice),
    /// The system told about text and motion.
    Comfort(SystemComfort),
    /// A line of the log.
    Log(String),
}

/// How far a worker on the catalog is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CatalogProgress {
    /// One firmware.
    Loading {
        /// Which request.
        ticket: u64,
        /// Bytes that came so far.
        bytes: u64,
    },
    /// Everything there is.
    Fetching {
        /// Files done.
        done: usize,
        /// Files in all.
        total: usize,
        /// Bytes that came over the network.
        bytes: u64,
        /// The file being worked on.
        id: String,
    },
}

/// The sending half of the window's channel: sends, then wakes the window. Cheap to clone.
#[derive(Clone)]
pub struct Sender {
    channel: mpsc::Sender<Event>,
    wake: Arc<OnceLock<Wake>>,
    silent: Arc<AtomicBool>,
}

impl Sender {
    /// Sends, then wakes. A window that is gone is no failure of the sender's.
    pub fn send(&self, event: Event) {
        self.channel.send(event).ok();
        self.wake();
    }

    /// Never wakes the window again: it has failed, and whoever woke it might wait for it forever.
    pub fn silence(&self) {
        self.silent.store(true, Ordering::SeqCst);
    }

    /// Asks the window to look again.
    pub fn wake(&self) {
        if self.silent.load(Ordering::SeqCst) {
            return;
        }
        if let Some(wake) = self.wake.get() {
            wake();
        }
    }

    /// Says how the window is woken; the first call counts.
    pub fn set_wake(&self, wake: Wake) {
        self.wake.set(wake).ok();
    }
}

/// The window's channel. Not bounded: a hidden window drains nothing, and no worker may wait for it; what
/// comes is thinned at its source.
pub fn channel() -> (Sender, mpsc::Receiver<Event>) {
    let (channel, receiver) = mpsc::channel();
    (
        Sender {
            channel,
            wake: Arc::default(),
            silent: Arc::default(),
        },
        receiver,
    )
}

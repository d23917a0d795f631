//! Threads that wait so that the window need not: the watcher of the bus, readers of files, file dialogs, the catalog.
//!
//! Every thread is named. Every worker sends first and wakes the window afterwards.

mod asker;
pub(super) mod catalog;
pub(super) mod chime;
pub(super) mod explain;
pub(super) mod instance;
pub(super) mod keeper;
mod newcomer;
pub(super) mod open;
pub(super) mod promise;
pub(super) mod repair;
pub(super) mod update;

use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::Builder;
use std::time::Duration;

use asker::Askers;
use promise::Promised;

use super::AskComfort;
use super::dialogs::{Dialogs, Folder};
use super::event::{Event, Purpose, Sender};
use crate::doctor::{self, Diagnosis, Undo};
use crate::image::Image;
use crate::report;
use crate::transport::{DeviceInfo, Hardware, LinkError};

/// How long the watcher listens for a change before it looks at its orders.
const LISTEN: Duration = Duration::from_millis(250);
/// How often the bus is looked at even if nothing seems to change: permissions and drivers change silently.
const LOOK_EVERY: u32 = 8;
/// A dialog that "was closed" sooner than this was never open.
const QUICKEST_PERSON: Duration = Duration::from_millis(300);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Watch,
    LookNow,
    HoldStill,
    Stop,
}

struct Orders {
    order: Mutex<Order>,
    changed: Condvar,
}

impl Orders {
    fn lock(&self) -> MutexGuard<'_, Order> {
        self.order.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn give(&self, order: Order) {
        let mut now = self.lock();
        if *now != Order::Stop {
            *now = order;
        }
        drop(now);
        self.changed.notify_all();
    }

    /// Asks for a look. Not while a job has the bus for itself: when that ends, it is looked at anyway.
    fn ask_for_a_look(&self) {
        let mut now = self.lock();
        if *now == Order::Watch {
            *now = Order::LookNow;
        }
        drop(now);
        self.changed.notify_all();
    }

    /// Waits while the watcher is to hold still; returns the order that ended it.
    fn wait_while_still(&self) -> Order {
        let still = |order: &mut Order| *order == Order::HoldStill;
        *(self.changed.wait_while(self.lock(), still)).unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes "look now" as done.
    fn take(&self) -> Order {
        let mut now = self.lock();
        let order = *now;
        if order == Order::LookNow {
            *now = Order::Watch;
        }
        order
    }
}

/// The thread that looks at the bus. Stops when dropped.
pub(super) struct Watcher {
    serial: u64,
    orders: Arc<Orders>,
}

impl Watcher {
    /// Starts watching; `serial` marks its events.
    pub(super) fn start(
        serial: u64,
        hardware: Arc<dyn Hardware>,
        sender: Sender,
    ) -> std::io::Result<Self> {
        let orders = Arc::new(Orders {
            order: Mutex::new(Order::Watch),
            changed: Condvar::new(),
        });
        let watch = Watch {
            serial,
            hardware,
            sender,
            orders: Arc::clone(&orders),
        };
        Builder::new()
            .name("bus-watcher".into())
            .spawn(move || watch.run())?;
        Ok(Self { serial, orders })
    }

    /// Which watcher this is.
    pub(super) fn serial(&self) -> u64 {
        self.serial
    }

    /// Looks at the bus now, unless it holds still.
    pub(super) fn look_now(&self) {
        self.orders.ask_for_a_look();
    }

    /// Opens nothing and lists nothing from [`Event::BusQuiet`] on, so that a job has the bus for itself.
    pub(super) fn hold_still(&self) {
        self.orders.give(Order::HoldStill);
    }

    /// Goes on watching.
    pub(super) fn resume(&self) {
        self.orders.give(Order::LookNow);
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.orders.give(Order::Stop);
    }
}

struct Watch {
    serial: u64,
    hardware: Arc<dyn Hardware>,
    sender: Sender,
    orders: Arc<Orders>,
}

impl Watch {
    fn run(&self) {
        let mut last: Option<Result<Vec<DeviceInfo>, LinkError>> = None;
        let mut askers = Askers::new(Arc::clone(&self.hardware), self.sender.clone());
        let mut told = (Vec::new(), Vec::new());
        let mut listens = 0_u32;
        let mut look = true;
        let mut ordered = false;
        loop {
            match self.orders.take() {
                Order::Stop => return,
                Order::HoldStill => {
                    // Whoever has a port open gives it back first.
                    askers.finish();
                    self.sender.send(Event::BusQuiet {
                        watcher: self.serial,
                    });
                    if self.orders.wait_while_still() == Order::Stop {
                        return;
                    }
                    last = None;
                    continue;
                }
                Order::LookNow => (look, ordered) = (true, true),
                Order::Watch => {}
            }
            if look {
                let before = last.as_ref().and_then(|last| last.as_deref().ok());
                let devices = newcomer::look(self.hardware.as_ref(), before);
                if last.as_ref() != Some(&devices) {
                    let event = Event::Bus {
                        watcher: self.serial,
                        devices: devices.clone(),
                    };
                    self.sender.send(event);
                }
                let changed = last.as_ref() != Some(&devices);
                self.examine(&devices, changed || ordered, &mut told);
                if let Ok(devices) = &devices {
                    askers.look(devices);
                }
                last = Some(devices);
            }
            let changed = self.hardware.wait_for_change(LISTEN);
            listens = if look { 0 } else { listens.saturating_add(1) };
            look = changed || listens >= LOOK_EVERY;
            ordered = false;
        }
    }

    /// Looks at the system for what keeps a probe that is there from being used, and for what repairs have changed:
    /// when the bus has changed or somebody asks, and as long as something is in the way. Nothing of that is true of
    /// a bench.
    fn examine(
        &self,
        devices: &Result<Vec<DeviceInfo>, LinkError>,
        changed: bool,
        told: &mut (Vec<Diagnosis>, Vec<Undo>),
    ) {
        let Ok(devices) = devices else {
            return;
        };
        let blocked = devices.iter().any(|device| !device.access.is_usable());
        if self.hardware.simulated() || !(changed || blocked) {
            return;
        }
        let found = (doctor::examine(devices), doctor::undoable(devices));
        if *told != found {
            told.clone_from(&found);
            self.sender.send(Event::Diagnosed {
                watcher: self.serial,
                diagnoses: found.0,
                undoable: found.1,
            });
        }
    }
}

/// Asks the system about text and motion.
pub(super) fn ask_comfort(ask: AskComfort, sender: Sender) -> std::io::Result<()> {
    Builder::new()
        .name("comfort".into())
        .spawn(move || sender.send(Event::Comfort(ask())))
        .map(drop)
}

/// Reads a file and says what it is.
pub(super) fn read_file(
    purpose: Purpose,
    ticket: u64,
    path: PathBuf,
    sender: Sender,
) -> std::io::Result<()> {
    Builder::new()
        .name("file-reader".into())
        .spawn(move || {
            let result = Image::read_file(&path).map(Arc::new);
            sender.send(Event::FileRead {
                purpose,
                ticket,
                path,
                result,
            });
        })
        .map(drop)
}

/// What a dialog is opened for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Ask {
    /// A file to read, looked for here first.
    File(Purpose, Option<PathBuf>),
    /// A folder.
    Folder(Folder),
    /// Where to save this report.
    Report(Box<report::Contents>),
}

/// What came of a dialog.
#[derive(Debug)]
pub(super) enum Answer {
    /// A file was chosen.
    File(Purpose, PathBuf),
    /// A folder was chosen.
    Folder(Folder, PathBuf),
    /// The report was saved, or not.
    Report(PathBuf, std::io::Result<()>),
    /// Closed without choosing.
    Nothing,
    /// No dialog appeared.
    NoDialog,
}

/// Opens a dialog on a thread of its own.
pub(super) fn ask(
    ask: Ask,
    dialogs: Arc<dyn Dialogs>,
    hardware: Arc<dyn Hardware>,
    sender: Sender,
) -> std::io::Result<Promised<Answer>> {
    promise::start("file-dialog", sender, move || {
        let asked_at = hardware.clock().now();
        answer(ask, dialogs.as_ref(), &|| {
            hardware.clock().now().saturating_sub(asked_at) < QUICKEST_PERSON
        })
    })
}

fn answer(ask: Ask, dialogs: &dyn Dialogs, too_quick: &dyn Fn() -> bool) -> Answer {
    let nothing = || {
        if too_quick() {
            Answer::NoDialog
        } else {
            Answer::Nothing
        }
    };
    match ask {
        Ask::File(purpose, folder) => match dialogs.open_file(purpose, folder.as_deref()) {
            Some(path) => Answer::File(purpose, path),
            None => nothing(),
        },
        Ask::Folder(folder) => match dialogs.pick_folder(folder) {
            Some(path) => Answer::Folder(folder, path),
            None => nothing(),
        },
        Ask::Report(contents) => {
            let path = dialogs.save_file(REPORT_NAME).or_else(|| {
                let folder = directories::UserDirs::new()?;
                let folder = folder
                    .document_dir()
                    .unwrap_or(folder.home_dir())
                    .to_owned();
                too_quick().then(|| folder.join(REPORT_NAME))
            });
            match path {
                Some(path) => {
                    let saved = report::save(&path, &report::text(&contents));
                    Answer::Report(path, saved)
                }
                None => Answer::Nothing,
            }
        }
    }
}

const REPORT_NAME: &str = "carto-flasher-report.txt";

//! The listing of ST bootloaders, and opening one.
//!
//! Its strings and alternate settings need an open device, so each is opened once, read, and closed again;
//! what was read is remembered until it leaves the bus. A device that a link of ours holds is never touched.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusb::{Context, Device, DeviceHandle, UsbContext};

use super::descriptor::{Description, StringIndexes, describe};
use super::error::{access_after, link_error};
use super::link::{Descriptors, INTERFACE, UsbDfuLink};
use crate::transport::native::system::UsbView;
use crate::transport::native::unlisted::{self, Arrivals, Bootloader};
use crate::transport::native::{RealClock, ST_DFU, again_if_disturbed, node};
use crate::transport::serial::holder;
use crate::transport::{
    Access, Clock, DeviceId, DeviceInfo, Doing, LinkError, LinkErrorKind, Location, UsbIds,
};

/// How long a node just made may still be without its permissions (protocols.md §4.5).
const SETTLE: Duration = Duration::from_secs(3);
const RETRY: Duration = Duration::from_millis(100);

/// Names one enumeration of a device: addresses are not given again while it is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    bus: u8,
    address: u8,
}

impl Key {
    fn of(device: &Device<Context>) -> Self {
        Self {
            bus: device.bus_number(),
            address: device.address(),
        }
    }

    fn id(self) -> DeviceId {
        DeviceId(format!("usb:{}:{}", self.bus, self.address))
    }

    /// Its node on Linux.
    fn node(self) -> String {
        format!("/dev/bus/usb/{:03}/{:03}", self.bus, self.address)
    }
}

/// Every ST bootloader on this computer.
#[derive(Debug)]
pub(in crate::transport) struct UsbBus {
    clock: RealClock,
    state: Mutex<State>,
    open: Arc<Mutex<HashSet<Key>>>,
}

#[derive(Debug, Default)]
struct State {
    /// Made when first needed, and again if that failed: a USB system may come later.
    context: Option<Context>,
    read: HashMap<Key, Description>,
    arrivals: Arrivals,
}

/// What the system's lists say of bootloaders now.
pub(in crate::transport) struct Bootloaders {
    devices: Vec<Device<Context>>,
    tree: Vec<Bootloader>,
}

impl UsbBus {
    pub(in crate::transport) fn new(clock: RealClock) -> Self {
        Self {
            clock,
            state: Mutex::default(),
            open: Arc::default(),
        }
    }

    /// Looks, and opens nothing.
    pub(in crate::transport) fn look(&self) -> Result<Bootloaders, LinkError> {
        let mut state = self.lock();
        let devices = state.bootloaders()?;
        let tree = unlisted::tree();
        state.arrivals.note(&tree, self.clock.now());
        Ok(Bootloaders { devices, tree })
    }

    /// What is there; a device that cannot be used is listed with the reason.
    pub(in crate::transport) fn list(
        &self,
        found: &Bootloaders,
        system: &UsbView,
    ) -> Vec<DeviceInfo> {
        let mut state = self.lock();
        let present: HashSet<Key> = found.devices.iter().map(Key::of).collect();
        // Another thread may have opened one since the look, which is then not asked again.
        state
            .read
            .retain(|key, _| present.contains(key) || self.is_open(*key));
        let mut listed: Vec<DeviceInfo> = found
            .devices
            .iter()
            .filter_map(|device| self.look_at(device, &mut state, system))
            .collect();
        listed.extend(unlisted::missing(&found.tree, &listed));
        let now = self.clock.now();
        let binding: Vec<&Bootloader> = found
            .tree
            .iter()
            .filter(|found| state.arrivals.is_binding(found, now))
            .collect();
        unlisted::hold_back(&mut listed, &binding);
        listed
    }

    /// One line per bootloader, from lists the system keeps anyway.
    pub(in crate::transport) fn traces(&self, found: &Bootloaders) -> Vec<String> {
        let (state, now) = (self.lock(), self.clock.now());
        let in_tree = found.tree.iter().map(|found| {
            let binding = state.arrivals.is_binding(found, now);
            let (driver, problem) = (&found.driver, found.problem);
            format!("{} {driver:?} {problem:?} {binding}", found.id())
        });
        found
            .devices
            .iter()
            .map(|device| {
                let key = Key::of(device);
                format!("{} {}", key.id(), node::stamp(&key.node()))
            })
            .chain(in_tree)
            .collect()
    }

    /// Opens one of them, waiting a little if it has only just come and its permissions are not set yet.
    pub(in crate::transport) fn open(
        &self,
        id: &DeviceId,
        clock: &dyn Clock,
    ) -> Result<UsbDfuLink, LinkError> {
        let deadline = clock.now().saturating_add(SETTLE);
        loop {
            let failed = match self.try_open(id) {
                Ok(link) => return Ok(link),
                Err(failed) => failed,
            };
            let settling = failed.error.kind == LinkErrorKind::NotPermitted
                && failed
                    .node
                    .is_some_and(|node| node::is_fresh(&node, clock.wall(), SETTLE));
            if !settling || clock.now() >= deadline {
                let there = self.is_there(id);
                return Err(as_it_is(failed.error, there));
            }
            clock.sleep(RETRY);
        }
    }

    /// Whether the system still lists it, if it lists anything.
    fn is_there(&self, id: &DeviceId) -> Option<bool> {
        let devices = self.lock().bootloaders().ok()?;
        Some(devices.iter().any(|device| Key::of(device).id() == *id))
    }

    fn try_open(&self, id: &DeviceId) -> Result<UsbDfuLink, Failed> {
        let mut state = self.lock();
        let devices = state.bootloaders().map_err(|mut error| {
            error.doing = Doing::Opening;
            Failed { error, node: None }
        })?;
        let device = devices
            .iter()
            .find(|device| Key::of(device).id() == *id)
            .ok_or(Failed {
                error: LinkError::new(LinkErrorKind::Disconnected, Doing::Opening),
                node: None,
            })?;
        let key = Key::of(device);
        let Some(guard) = OpenGuard::take(&self.open, key) else {
            let error = LinkError::new(LinkErrorKind::Busy, Doing::Opening)
                .with_detail("already open in this program");
            return Err(Failed { error, node: None });
        };
        let fail = |error: rusb::Error| {
            let mut error = link_error(error, Doing::Opening);
            if error.kind == LinkErrorKind::Busy
                && let Some(holder) = holder::of(&key.node())
            {
                error.detail = Some(holder.to_string());
            }
            Failed {
                error,
                node: Some(key.node()),
            }
        };
        let handle = claim(device).map_err(fail)?;
        handle.set_alternate_setting(INTERFACE, 0).map_err(fail)?;
        let description = match state.read.get(&key) {
            Some(known) => known.clone(),
            None => read(&handle, device).map_err(fail)?,
        };
        state.read.insert(key, description.clone());
        Ok(UsbDfuLink::new(handle, description, guard))
    }

    fn look_at(
        &self,
        device: &Device<Context>,
        state: &mut State,
        system: &UsbView,
    ) -> Option<DeviceInfo> {
        let key = Key::of(device);
        let ours = self.is_open(key);
        let (access, description) = match state.read.get(&key) {
            Some(known) => (Access::Usable, known.clone()),
            // Being flashed by us and never read: the link will have put it there in a moment.
            None if ours => (Access::Usable, Description::default()),
            None => match claim(device).and_then(|handle| read(&handle, device)) {
                Ok(description) => {
                    state.read.insert(key, description.clone());
                    (Access::Usable, description)
                }
                Err(error) => {
                    tracing::debug!(device = %key.id(), %error, "a bootloader could not be read");
                    let kind = link_error(error, Doing::Listing).kind;
                    (access_after(kind)?, Description::default())
                }
            },
        };
        Some(info(device, key, access, description, system))
    }

    fn is_open(&self, key: Key) -> bool {
        self.open
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .contains(&key)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A device that leaves while it is opened looks like one that is in use: libusb's claim says so on Windows for every
/// code but one (1.0.27, `winusbx_claim_interface`).
fn as_it_is(error: LinkError, there: Option<bool>) -> LinkError {
    if error.may_be_gone() || there != Some(false) {
        return error;
    }
    LinkError::new(LinkErrorKind::Disconnected, error.doing).with_detail(error.to_string())
}

struct Failed {
    error: LinkError,
    /// The node whose permissions may still be on their way.
    node: Option<String>,
}

impl State {
    fn bootloaders(&mut self) -> Result<Vec<Device<Context>>, LinkError> {
        let fail = |error| link_error(error, Doing::Listing);
        let context = match &mut self.context {
            Some(context) => context,
            none => none.insert(Context::new().map_err(fail)?),
        };
        let devices = again_if_disturbed(|| context.devices()).map_err(fail)?;
        Ok(devices
            .iter()
            .filter(|device| {
                device.device_descriptor().is_ok_and(|descriptor| {
                    (descriptor.vendor_id(), descriptor.product_id()) == ST_DFU
                })
            })
            .collect())
    }
}

/// Claiming comes before any request: a device that another program is flashing must not be talked to.
fn claim(device: &Device<Context>) -> rusb::Result<DeviceHandle<Context>> {
    let handle = device.open()?;
    handle.claim_interface(INTERFACE)?;
    Ok(handle)
}

fn read(
    handle: &DeviceHandle<Context>,
    device: &Device<Context>,
) -> Result<Description, rusb::Error> {
    let descriptor = device.device_descriptor()?;
    let index = |index: Option<u8>| index.unwrap_or(0);
    describe(
        &Descriptors(handle),
        StringIndexes {
            manufacturer: index(descriptor.manufacturer_string_index()),
            product: index(descriptor.product_string_index()),
            serial: index(descriptor.serial_number_string_index()),
        },
    )
}

fn info(
    device: &Device<Context>,
    key: Key,
    mut access: Access,
    description: Description,
    system: &UsbView,
) -> DeviceInfo {
    let bcd_device = device.device_descriptor().map_or(0, |descriptor| {
        let rusb::Version(major, minor, sub_minor) = descriptor.device_version();
        // rusb reads each nibble of the binary-coded number apart; put back as the device sent it.
        (u16::from(major / 10) << 12)
            | (u16::from(major % 10) << 8)
            | (u16::from(minor) << 4)
            | u16::from(sub_minor)
    });
    let seen = system.of(device);
    let chain = device.port_numbers().unwrap_or_default();
    let location = seen
        .as_ref()
        .and_then(|seen| seen.location.clone())
        .or_else(|| Location::of_chain(&key.bus.to_string(), &chain));
    let mut strings = description;
    match &mut access {
        Access::Busy { holder } => *holder = holder::of(&key.node()).map(|held| held.to_string()),
        Access::WrongDriver { bound } => bound.clone_from(&seen.and_then(|seen| seen.driver)),
        Access::Usable | Access::NotPermitted => {}
    }
    if !access.is_usable()
        && let Some(known) = location.as_ref().and_then(node::strings)
    {
        strings.manufacturer = known.manufacturer;
        strings.product = known.product;
        strings.serial = known.serial;
    }
    DeviceInfo {
        id: key.id(),
        location,
        ids: UsbIds {
            vendor: ST_DFU.0,
            product: ST_DFU.1,
            bcd_device,
        },
        manufacturer: strings.manufacturer,
        product: strings.product,
        serial: strings.serial,
        port: None,
        alt_settings: strings.alt_settings,
        access,
    }
}

/// One device is open in this program; ends when dropped.
#[derive(Debug)]
pub(super) struct OpenGuard {
    open: Arc<Mutex<HashSet<Key>>>,
    key: Key,
}

impl OpenGuard {
    fn take(open: &Arc<Mutex<HashSet<Key>>>, key: Key) -> Option<Self> {
        open.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(key)
            .then(|| Self {
                open: Arc::clone(open),
                key,
            })
    }
}

impl Drop for OpenGuard {
    fn drop(&mut self) {
        self.open
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_open_once_until_its_link_is_dropped() {
        let bus = UsbBus::new(RealClock::new());
        let key = Key { bus: 1, address: 5 };
        let guard = OpenGuard::take(&bus.open, key);
        assert!(guard.is_some() && bus.is_open(key));
        assert!(OpenGuard::take(&bus.open, key).is_none());
        drop(guard);
        assert!(!bus.is_open(key));
        assert!(OpenGuard::take(&bus.open, key).is_some());
    }

    #[test]
    fn what_leaves_while_it_is_opened_is_not_said_to_be_in_use() {
        let refused = |kind| LinkError::new(kind, Doing::Opening);
        let table = [
            (
                LinkErrorKind::Busy,
                Some(false),
                LinkErrorKind::Disconnected,
            ),
            (
                LinkErrorKind::NoDriver,
                Some(false),
                LinkErrorKind::Disconnected,
            ),
            (LinkErrorKind::Busy, Some(true), LinkErrorKind::Busy),
            (LinkErrorKind::Busy, None, LinkErrorKind::Busy),
            (
                LinkErrorKind::TimedOut,
                Some(false),
                LinkErrorKind::TimedOut,
            ),
        ];
        for (kind, there, expected) in table {
            assert_eq!(as_it_is(refused(kind), there).kind, expected, "{kind:?}");
        }
    }

    #[test]
    fn names() {
        let key = Key {
            bus: 1,
            address: 12,
        };
        assert_eq!(key.id().0, "usb:1:12");
        assert_eq!(key.node(), "/dev/bus/usb/001/012");
    }
}

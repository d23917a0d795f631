//! ST bootloaders that Windows has on its bus and libusb does not list: Windows leaves a device without a driver
//! unconfigured, and libusb passes over devices that are (1.0.27, `windows_winusb.c`, "not configured"). On a
//! computer that never met one, that is every probe in DFU mode: just the one that needs its driver repaired.

use std::collections::HashMap;
use std::time::Duration;

use super::ST_DFU;
use crate::transport::{Access, DeviceId, DeviceInfo, Location, UsbIds};

/// How long Windows may take to bind a driver it has to a device that has just come.
const BINDS_WITHIN: Duration = Duration::from_secs(5);
/// `CM_PROB_NOT_CONFIGURED` of Windows' `cfg.h`: it has not looked for a driver yet. A device for which it found none has
/// another code.
const NOT_CONFIGURED: u32 = 1;

/// A bootloader in Windows' device tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::transport) struct Bootloader {
    /// Its device instance ID.
    pub(in crate::transport) instance: String,
    /// Its socket, by the name that the other lists have for it.
    pub(in crate::transport) location: Option<Location>,
    /// The service name of its driver, if it has one.
    pub(in crate::transport) driver: Option<String>,
    /// Its problem code (`CM_PROB_*`), if it has one.
    pub(in crate::transport) problem: Option<u32>,
    /// Its release number.
    pub(in crate::transport) bcd_device: u16,
}

impl Bootloader {
    pub(in crate::transport) fn id(&self) -> DeviceId {
        DeviceId(format!("usb:{}", self.instance))
    }

    /// True for what a device looks like between its arrival and the start of the driver it will have.
    fn may_be_binding(&self) -> bool {
        let driver = self.driver.as_deref().unwrap_or_default();
        let on_its_way = driver.is_empty() || driver.eq_ignore_ascii_case("WinUSB");
        on_its_way && matches!(self.problem, None | Some(NOT_CONFIGURED))
    }
}

/// Since when each bootloader has been there. Windows shows a device before the driver it has for it runs: a probe that
/// comes back in DFU mode in the middle of a job must not be taken for one without a driver.
#[derive(Debug, Default)]
pub(in crate::transport) struct Arrivals {
    /// `None` for what was there at the first look: it may have been there for days.
    since: Option<HashMap<DeviceId, Option<Duration>>>,
}

impl Arrivals {
    /// Notes who is there.
    pub(in crate::transport) fn note(&mut self, tree: &[Bootloader], now: Duration) {
        let arrived = self.since.is_some().then_some(now);
        let since = self.since.get_or_insert_default();
        since.retain(|id, _| tree.iter().any(|found| found.id() == *id));
        for found in tree {
            since.entry(found.id()).or_insert(arrived);
        }
    }

    /// True if this one's driver may be on its way.
    pub(in crate::transport) fn is_binding(&self, found: &Bootloader, now: Duration) -> bool {
        let arrived = self
            .since
            .as_ref()
            .and_then(|since| since.get(&found.id()).copied().flatten());
        found.may_be_binding()
            && arrived.is_some_and(|arrived| now.saturating_sub(arrived) < BINDS_WITHIN)
    }
}

/// Leaves out what has no driver as long as it may be on its way: it is there once it can be used, or cannot.
pub(in crate::transport) fn hold_back(listed: &mut Vec<DeviceInfo>, binding: &[&Bootloader]) {
    listed.retain(|device| {
        !matches!(device.access, Access::WrongDriver { .. })
            || !binding
                .iter()
                .any(|found| device.id == found.id() || device.location == found.location)
    });
}

/// Those of the tree that are not among the `listed`, as devices that cannot be used yet.
pub(in crate::transport) fn missing(tree: &[Bootloader], listed: &[DeviceInfo]) -> Vec<DeviceInfo> {
    let is_listed = |found: &Bootloader| {
        listed
            .iter()
            .any(|device| device.location.is_none() || device.location == found.location)
    };
    tree.iter()
        .filter(|found| !is_listed(found))
        .map(|found| DeviceInfo {
            id: found.id(),
            location: found.location.clone(),
            ids: UsbIds {
                vendor: ST_DFU.0,
                product: ST_DFU.1,
                bcd_device: found.bcd_device,
            },
            manufacturer: None,
            product: None,
            serial: None,
            port: None,
            alt_settings: Vec::new(),
            access: Access::WrongDriver {
                bound: found.driver.clone(),
            },
        })
        .collect()
}

/// What the tree holds now.
#[cfg(windows)]
pub(in crate::transport) fn tree() -> Vec<Bootloader> {
    use super::device_tree::{DevNode, present_usb};
    use windows_sys::Win32::Devices::DeviceAndDriverInstallation::{
        CM_DRP_HARDWAREID, CM_DRP_SERVICE,
    };
    use windows_sys::Win32::Devices::Properties::DEVPKEY_Device_LocationPaths;

    present_usb()
        .into_iter()
        .filter(|instance| is_bootloader(instance))
        .filter_map(|instance| {
            let node = DevNode::of(&instance)?;
            Some(Bootloader {
                location: node
                    .texts_of(DEVPKEY_Device_LocationPaths)
                    .iter()
                    .find_map(|path| location(path)),
                driver: node.texts(CM_DRP_SERVICE).into_iter().next(),
                problem: node.problem(),
                bcd_device: node
                    .texts(CM_DRP_HARDWAREID)
                    .iter()
                    .find_map(|id| release(id))
                    .unwrap_or(0),
                instance,
            })
        })
        .collect()
}

/// Elsewhere libusb lists what has no driver, too.
#[cfg(not(windows))]
pub(in crate::transport) fn tree() -> Vec<Bootloader> {
    Vec::new()
}

/// True for `USB\VID_0483&PID_DF11\…`: a whole device, not an interface of one.
#[cfg(any(test, windows))]
fn is_bootloader(instance: &str) -> bool {
    let wanted = format!("USB\\VID_{:04X}&PID_{:04X}", ST_DFU.0, ST_DFU.1);
    instance
        .rsplit_once('\\')
        .is_some_and(|(device, _own)| device.eq_ignore_ascii_case(&wanted))
}

/// `PCIROOT(0)#PCI(1400)#USBROOT(0)#USB(3)#USB(1)` is the socket that nusb calls bus `PCIROOT(0)#PCI(1400)#USBROOT(0)`,
/// ports 3, 1.
#[cfg(any(test, windows))]
fn location(path: &str) -> Option<Location> {
    let root = path.find("#USBROOT(")?;
    let (bus, ports) = match path.get(root..)?.split_once(")#") {
        Some((root_name, ports)) => {
            let end = root.checked_add(root_name.len())?.checked_add(1)?;
            (path.get(..end)?, ports)
        }
        None => return None,
    };
    let ports: Option<Vec<u8>> = ports
        .split('#')
        .map(|part| part.strip_prefix("USB(")?.strip_suffix(')')?.parse().ok())
        .collect();
    Location::of_chain(bus, &ports?)
}

/// `USB\VID_0483&PID_DF11&REV_2200` has release 0x2200.
#[cfg(any(test, windows))]
fn release(hardware_id: &str) -> Option<u16> {
    let (_, digits) = hardware_id.rsplit_once("&REV_")?;
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bootloader(location: Option<&str>, driver: Option<&str>) -> Bootloader {
        Bootloader {
            instance: r"USB\VID_0483&PID_DF11\FFFFFFFEFFFF".into(),
            location: location.map(|at| Location(at.into())),
            driver: driver.map(str::to_owned),
            problem: None,
            bcd_device: 0x2200,
        }
    }

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_driver_that_windows_has_is_waited_for() {
        let coming = |driver, problem| Bootloader {
            problem,
            ..bootloader(Some("X-1"), driver)
        };
        let mut arrivals = Arrivals::default();
        arrivals.note(&[], SECOND);
        arrivals.note(&[coming(None, Some(1))], 2 * SECOND);
        // As a probe comes back into DFU mode, seen from one look to the next.
        let table = [
            (coming(None, Some(1)), true),
            (coming(None, None), true),
            (coming(Some("WinUSB"), Some(1)), true),
            (coming(Some("WINUSB"), None), true),
            // Windows has looked and found none; it is disabled; a driver is bound that is not ours.
            (coming(None, Some(28)), false),
            (coming(Some("WinUSB"), Some(22)), false),
            (coming(Some("STTub30"), None), false),
        ];
        for (found, binding) in table {
            arrivals.note(std::slice::from_ref(&found), 3 * SECOND);
            assert_eq!(
                arrivals.is_binding(&found, 6 * SECOND),
                binding,
                "{found:?}"
            );
            assert!(!arrivals.is_binding(&found, 7 * SECOND), "{found:?}");
        }
        let found = coming(None, Some(1));
        arrivals.note(&[], 8 * SECOND);
        assert!(!arrivals.is_binding(&found, 8 * SECOND), "it has left");
        arrivals.note(std::slice::from_ref(&found), 9 * SECOND);
        assert!(arrivals.is_binding(&found, 9 * SECOND), "it is back");
    }

    #[test]
    fn what_was_there_at_the_first_look_is_as_it_is() {
        let found = bootloader(Some("X-1"), None);
        let mut arrivals = Arrivals::default();
        arrivals.note(std::slice::from_ref(&found), Duration::ZERO);
        assert!(!arrivals.is_binding(&found, Duration::ZERO));
        arrivals.note(std::slice::from_ref(&found), SECOND);
        assert!(!arrivals.is_binding(&found, SECOND));
    }

    #[test]
    fn only_what_has_no_driver_is_held_back() {
        let found = [bootloader(Some("X-1"), None), bootloader(Some("X-2"), None)];
        let listed = || missing(&found, &[]);
        let held_back = |mut listed: Vec<DeviceInfo>, binding: &[&Bootloader]| {
            hold_back(&mut listed, binding);
            let at = |device: DeviceInfo| device.location.map(|at| at.0);
            listed.into_iter().filter_map(at).collect::<Vec<_>>()
        };
        assert_eq!(held_back(listed(), &[]), ["X-1", "X-2"]);
        // Two F042s have one serial number, but Windows names them apart: here the socket tells.
        let mut second = found[1].clone();
        second.instance = r"USB\VID_0483&PID_DF11\5&2F8C2B3&0&2".into();
        let mut two = listed();
        two[1].id = second.id();
        assert_eq!(held_back(two, &[&second]), ["X-1"]);
        let mut usable = listed();
        usable[0].access = Access::Usable;
        usable[1].access = Access::Busy { holder: None };
        assert_eq!(held_back(usable, &[&found[0], &found[1]]), ["X-1", "X-2"]);
    }

    #[test]
    fn a_bootloader_without_a_driver_is_a_device_that_needs_one() {
        let found = missing(&[bootloader(Some("X-1"), None)], &[]);
        let [device] = found.as_slice() else {
            panic!("{found:?}");
        };
        assert_eq!(device.access, Access::WrongDriver { bound: None });
        assert_eq!(device.ids.bcd_device, 0x2200);
        assert_eq!(device.location, Some(Location("X-1".into())));
        assert_eq!(device.id.0, r"usb:USB\VID_0483&PID_DF11\FFFFFFFEFFFF");
    }

    #[test]
    fn what_libusb_lists_is_not_listed_twice() {
        let listed = missing(&[bootloader(Some("X-1"), None)], &[]);
        let again = [bootloader(Some("X-1"), Some("WinUSB"))];
        assert_eq!(missing(&again, &listed), []);
        let other = missing(&[bootloader(Some("X-2"), None)], &listed);
        assert_eq!(other.len(), 1, "{other:?}");
        // Where libusb's cannot be told by its socket, one more would be a guess.
        let nowhere = missing(&[bootloader(None, None)], &[]);
        assert_eq!(missing(&again, &nowhere), []);
    }

    #[test]
    fn instances_of_whole_bootloaders() {
        for yes in [
            r"USB\VID_0483&PID_DF11\FFFFFFFEFFFF",
            r"usb\vid_0483&pid_df11\6&2B1C&0&3",
        ] {
            assert!(is_bootloader(yes), "{yes}");
        }
        for no in [
            r"USB\VID_0483&PID_DF11&MI_00\6&2B1C&0&0000",
            r"USB\VID_0483&PID_5740\1234",
            r"USB\ROOT_HUB30\4&1",
            "",
        ] {
            assert!(!is_bootloader(no), "{no}");
        }
    }

    #[test]
    fn sockets_have_the_names_of_the_other_lists() {
        assert_eq!(
            location("PCIROOT(0)#PCI(1400)#USBROOT(0)#USB(3)#USB(1)"),
            Location::of_chain("PCIROOT(0)#PCI(1400)#USBROOT(0)", &[3, 1])
        );
        for none in [
            "ACPI(_SB_)#ACPI(PCI0)#ACPI(RHUB)#ACPI(HS04)",
            "PCIROOT(0)#USBROOT(0)",
            "PCIROOT(0)#USBROOT(0)#USBMI(1)",
            "PCIROOT(0)#USBROOT(0)#USB(999)",
            "",
        ] {
            assert_eq!(location(none), None, "{none}");
        }
    }

    #[test]
    fn releases() {
        assert_eq!(release(r"USB\VID_0483&PID_DF11&REV_2200"), Some(0x2200));
        assert_eq!(release(r"USB\VID_0483&PID_DF11"), None);
        assert_eq!(release(r"USB\VID_0483&PID_DF11&REV_zzzz"), None);
    }
}

//! Serial ports of USB devices as Linux lists them under /sys. Read here rather than by the serialport crate,
//! which without libudev panics where there is no /sys/class/tty and drops a device that has no string.

use std::fs;
use std::path::Path;

use super::ports::Port;
use crate::transport::native::node::{Strings, attribute};
use crate::transport::{Doing, LinkError, LinkErrorKind, Location, UsbIds};

/// What the kernel's cdc-acm driver calls a port, whose class Klipper and Katapult are (protocols.md §4). The dozens
/// of consoles that every computer has are told from ports by their names alone: following the link of each took
/// longer than reading a whole probe.
const CDC_ACM: &str = "ttyACM";

/// The ports that may be probes. One that cannot be read hides no other.
pub(super) fn ports(sys: &Path, dev: &Path) -> Result<Vec<Port>, LinkError> {
    let class = sys.join("class/tty");
    let entries = fs::read_dir(&class).map_err(|error| {
        LinkError::new(LinkErrorKind::NotFound, Doing::Listing)
            .with_detail(format!("{}: {error}", class.display()))
    })?;
    let mut ports: Vec<Port> = entries
        .filter_map(Result::ok)
        .filter_map(|entry| port(&entry.path(), dev))
        .collect();
    ports.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(ports)
}

/// `/sys/class/tty/ttyACM0/device` is the USB interface; its parent is the device.
fn port(entry: &Path, dev: &Path) -> Option<Port> {
    let name = entry.file_name()?.to_str()?;
    if !name.starts_with(CDC_ACM) {
        return None;
    }
    let interface = entry.join("device").canonicalize().ok()?;
    let device = interface.parent()?;
    let hexadecimal =
        |name| u16::from_str_radix(&attribute(device, name).unwrap_or_default(), 16).ok();
    let ids = UsbIds {
        vendor: hexadecimal("idVendor")?,
        product: hexadecimal("idProduct")?,
        bcd_device: hexadecimal("bcdDevice").unwrap_or(0),
    };
    if !Port::is_of_interest(ids.vendor, ids.product) {
        return None;
    }
    let bus = attribute(device, "busnum")?;
    Some(Port {
        path: dev.join(name).to_str()?.to_owned(),
        enumeration: format!("{bus}:{}", attribute(device, "devnum")?),
        location: attribute(device, "devpath").and_then(|chain| location(&bus, &chain)),
        ids,
        strings: Strings {
            manufacturer: attribute(device, "manufacturer"),
            product: attribute(device, "product"),
            serial: attribute(device, "serial"),
        },
    })
}

/// `devpath` is `2.4`, or `0` for a root hub.
fn location(bus: &str, chain: &str) -> Option<Location> {
    let ports: Vec<u8> = chain
        .split('.')
        .map(str::parse)
        .collect::<Result<_, _>>()
        .ok()?;
    (ports != [0])
        .then(|| Location::of_chain(bus, &ports))
        .flatten()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::path::PathBuf;

    use super::*;

    struct Tree {
        root: tempfile::TempDir,
    }

    impl Tree {
        fn new() -> Self {
            let root = tempfile::tempdir().unwrap();
            fs::create_dir_all(root.path().join("sys/class/tty")).unwrap();
            Self { root }
        }

        /// A CDC-ACM device as the kernel shows it.
        fn add(&self, tty: &str, name: &str, attributes: &[(&str, &str)]) -> PathBuf {
            let device = self.root.path().join("sys/devices/usb1").join(name);
            let interface = device.join(format!("{name}:1.0"));
            let node = interface.join("tty").join(tty);
            fs::create_dir_all(&node).unwrap();
            symlink(&interface, node.join("device")).unwrap();
            symlink(&node, self.root.path().join("sys/class/tty").join(tty)).unwrap();
            for (key, value) in attributes {
                fs::write(device.join(key), format!("{value}\n")).unwrap();
            }
            device
        }

        fn ports(&self) -> Vec<Port> {
            ports(&self.root.path().join("sys"), Path::new("/dev")).unwrap()
        }
    }

    const V4: &[(&str, &str)] = &[
        ("idVendor", "1d50"),
        ("idProduct", "614e"),
        ("bcdDevice", "0100"),
        ("busnum", "1"),
        ("devnum", "7"),
        ("devpath", "2.4"),
        ("manufacturer", "Cartographer"),
        ("product", "stm32g431xx"),
        ("serial", "160026001343565537353020"),
    ];

    #[test]
    fn a_probe_is_listed_with_all_that_is_known() {
        let tree = Tree::new();
        tree.add("ttyACM0", "1-2.4", V4);
        let found = tree.ports();
        assert_eq!(
            found,
            [Port {
                path: "/dev/ttyACM0".into(),
                enumeration: "1:7".into(),
                location: Some(Location("1-2.4".into())),
                ids: UsbIds {
                    vendor: 0x1d50,
                    product: 0x614e,
                    bcd_device: 0x0100,
                },
                strings: Strings {
                    manufacturer: Some("Cartographer".into()),
                    product: Some("stm32g431xx".into()),
                    serial: Some("160026001343565537353020".into()),
                },
            }]
        );
    }

    #[test]
    fn old_firmware_has_an_empty_product_string() {
        let tree = Tree::new();
        let device = tree.add("ttyACM0", "1-2", V4);
        fs::write(device.join("product"), "\n").unwrap();
        assert_eq!(tree.ports()[0].strings.product, None);
        fs::remove_file(device.join("product")).unwrap();
        assert_eq!(tree.ports()[0].strings.product, None);
        assert!(tree.ports()[0].strings.manufacturer.is_some());
    }

    #[test]
    fn strangers_and_broken_entries_hide_nobody() {
        let tree = Tree::new();
        tree.add(
            "ttyUSB0",
            "1-1",
            &[("idVendor", "1a86"), ("idProduct", "7523")],
        );
        tree.add(
            "ttyACM1",
            "1-3",
            &[("idVendor", "zzzz"), ("idProduct", "614e")],
        );
        tree.add(
            "ttyACM2",
            "1-4",
            &[("idVendor", "1d50"), ("idProduct", "6177")],
        );
        fs::create_dir(tree.root.path().join("sys/class/tty/tty0")).unwrap();
        symlink("/nowhere", tree.root.path().join("sys/class/tty/ttyACM9")).unwrap();
        tree.add("ttyACM0", "1-2.4", V4);
        let found: Vec<String> = tree.ports().into_iter().map(|port| port.path).collect();
        assert_eq!(found, ["/dev/ttyACM0"]);
    }

    #[test]
    fn only_ports_are_looked_into() {
        let tree = Tree::new();
        tree.add("tty28", "1-2", V4);
        tree.add("ttyS4", "1-3", V4);
        assert_eq!(
            tree.ports(),
            [],
            "a console is no port, whatever is behind it"
        );
    }

    #[test]
    fn no_sysfs_is_an_error_not_a_panic() {
        let error = ports(Path::new("/nonexistent"), Path::new("/dev")).unwrap_err();
        assert_eq!(error.kind, LinkErrorKind::NotFound);
        assert_eq!(error.doing, Doing::Listing);
    }

    #[test]
    fn locations() {
        assert_eq!(location("1", "2.4"), Some(Location("1-2.4".into())));
        assert_eq!(location("1", "0"), None);
        assert_eq!(location("1", ""), None);
        assert_eq!(location("1", "2.x"), None);
    }
}

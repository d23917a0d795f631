//! Device nodes and what sysfs says beside them, on Linux; elsewhere there is nothing to read. No device is
//! opened here.

use std::time::{Duration, SystemTime};

use crate::transport::Location;

/// The strings of a USB device as the kernel read them when it came.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::transport) struct Strings {
    pub(in crate::transport) manufacturer: Option<String>,
    pub(in crate::transport) product: Option<String>,
    pub(in crate::transport) serial: Option<String>,
}

/// A text that differs once the owner, mode or access list of a node differs; empty if there is none.
#[cfg(target_os = "linux")]
pub(in crate::transport) fn stamp(path: &str) -> String {
    use std::os::unix::fs::MetadataExt;
    // The time of the last change tells of access lists (udev's uaccess), which the mode does not show.
    std::fs::metadata(path).map_or_else(
        |_| String::new(),
        |node| {
            format!(
                "{:o}:{}:{}:{}.{}",
                node.mode(),
                node.uid(),
                node.gid(),
                node.ctime(),
                node.ctime_nsec()
            )
        },
    )
}

/// True if the node was made, or its permissions changed, less than `age` ago: udev may not be done with it.
#[cfg(target_os = "linux")]
pub(in crate::transport) fn is_fresh(path: &str, now: SystemTime, age: Duration) -> bool {
    use std::os::unix::fs::MetadataExt;
    let Ok(node) = std::fs::metadata(path) else {
        return false;
    };
    let (Ok(seconds), Ok(now)) = (
        u64::try_from(node.ctime()),
        now.duration_since(SystemTime::UNIX_EPOCH),
    ) else {
        return false;
    };
    now.saturating_sub(Duration::from_secs(seconds)) < age
}

/// The strings of the device in this socket.
#[cfg(target_os = "linux")]
pub(in crate::transport) fn strings(location: &Location) -> Option<Strings> {
    strings_under(std::path::Path::new("/sys/bus/usb/devices"), location)
}

#[cfg(target_os = "linux")]
fn strings_under(devices: &std::path::Path, location: &Location) -> Option<Strings> {
    let device = devices.join(&location.0);
    device.is_dir().then(|| Strings {
        manufacturer: attribute(&device, "manufacturer"),
        product: attribute(&device, "product"),
        serial: attribute(&device, "serial"),
    })
}

/// One attribute of a device; `None` if absent or empty.
#[cfg(target_os = "linux")]
pub(in crate::transport) fn attribute(device: &std::path::Path, name: &str) -> Option<String> {
    // Bytes, not text: a device may send a string that is not UTF-8 once the kernel has written it down.
    let bytes = std::fs::read(device.join(name)).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let text = text.trim_end_matches(['\n', '\0']).trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(not(target_os = "linux"))]
pub(in crate::transport) fn stamp(_path: &str) -> String {
    String::new()
}

#[cfg(not(target_os = "linux"))]
pub(in crate::transport) fn is_fresh(_path: &str, _now: SystemTime, _age: Duration) -> bool {
    false
}

#[cfg(not(target_os = "linux"))]
pub(in crate::transport) fn strings(_location: &Location) -> Option<Strings> {
    None
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_stamp_changes_with_permissions() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let path = file.path().to_str().unwrap();
        let before = stamp(path);
        assert_eq!(stamp(path), before);
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert_ne!(stamp(path), before);
        assert_eq!(stamp("/no/such/node"), "");
    }

    #[test]
    fn a_node_is_fresh_for_a_while() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let path = file.path().to_str().unwrap();
        let made = file.as_file().metadata().unwrap().modified().unwrap();
        let age = Duration::from_secs(3);
        assert!(is_fresh(path, made, age));
        assert!(is_fresh(path, made + Duration::from_secs(2), age));
        assert!(!is_fresh(path, made + Duration::from_secs(5), age));
        assert!(!is_fresh("/no/such/node", made, age));
    }

    #[test]
    fn strings_are_read_as_the_kernel_wrote_them() {
        let devices = tempfile::tempdir().unwrap();
        let device = devices.path().join("1-2.4");
        std::fs::create_dir(&device).unwrap();
        std::fs::write(device.join("manufacturer"), "STMicroelectronics\n").unwrap();
        std::fs::write(device.join("product"), "STM32  BOOTLOADER\n").unwrap();
        std::fs::write(device.join("serial"), b"\xff\n").unwrap();
        assert_eq!(
            strings_under(devices.path(), &Location("1-2.4".into())),
            Some(Strings {
                manufacturer: Some("STMicroelectronics".into()),
                product: Some("STM32  BOOTLOADER".into()),
                serial: Some("\u{fffd}".into()),
            })
        );
        assert_eq!(strings_under(devices.path(), &Location("1-3".into())), None);
    }
}

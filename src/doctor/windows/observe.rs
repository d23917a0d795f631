//! Observations on Windows: the device tree, running programs, and whether the helper is there.

use crate::doctor::facts::WindowsFacts;
use crate::transport::DeviceInfo;

/// Looks at the device tree for what the bus has shown.
#[cfg(windows)]
pub(in crate::doctor) fn observe(devices: &[DeviceInfo]) -> WindowsFacts {
    use super::{BootloaderFacts, device_tree, helper_beside_us, running};
    use crate::transport::Access;
    use crate::transport::native;

    let blocked: Vec<&DeviceInfo> = devices
        .iter()
        .filter(|device| !device.access.is_usable())
        .collect();
    let asked = blocked
        .iter()
        .any(|device| matches!(device.access, Access::WrongDriver { .. }));
    let instances = if asked {
        native::instances()
    } else {
        Vec::new()
    };
    let bootloaders = blocked
        .iter()
        .filter_map(|device| {
            let location = device.location.as_ref()?;
            let (_, instance) = instances.iter().find(|(at, _)| at == location)?;
            Some(BootloaderFacts {
                device: device.id.clone(),
                node: device_tree::read(instance)?,
            })
        })
        .collect();
    let executables = if blocked.is_empty() {
        Vec::new()
    } else {
        device_tree::executables()
    };
    WindowsFacts {
        bootloaders,
        running: running::known(executables.iter().map(String::as_str)),
        unreadable: devices.is_empty() && device_tree::has_unreadable(),
        helper: helper_beside_us(),
    }
}

/// There is nothing of Windows to look at here.
#[cfg(not(windows))]
pub(in crate::doctor) fn observe(_devices: &[DeviceInfo]) -> WindowsFacts {
    WindowsFacts::default()
}

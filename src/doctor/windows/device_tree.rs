//! What Windows' device tree and its list of processes say of what stands in the way. Changes nothing and needs no
//! rights.
//!
//! One of the four files that call Windows directly; what comes back is copied into plain values at once.
#![expect(
    unsafe_code,
    reason = "Windows lists its processes through its C interface only; every pointer passed is to a local"
)]

use windows_sys::Win32::Devices::DeviceAndDriverInstallation::{
    CM_DRP_CLASSGUID, CM_DRP_HARDWAREID, CM_DRP_SERVICE,
};
use windows_sys::Win32::Devices::Properties::DEVPKEY_Device_DriverInfPath;
use windows_sys::Win32::Foundation::{CloseHandle, INVALID_HANDLE_VALUE};
use windows_sys::Win32::System::Diagnostics::ToolHelp::{
    CreateToolhelp32Snapshot, PROCESSENTRY32W, Process32FirstW, Process32NextW, TH32CS_SNAPPROCESS,
};

use super::node::Node;
pub use crate::transport::native::device_tree::wide;
use crate::transport::native::device_tree::{DevNode, present_usb, strings};

/// What Windows names a device that did not answer when asked what it is.
const UNREADABLE: &str = r"USB\VID_0000&PID_0002\";

/// What the tree says of this device; `None` if it is not there now.
pub fn read(instance: &str) -> Option<Node> {
    let device = DevNode::of(instance)?;
    let first = |texts: Vec<String>| texts.into_iter().next();
    Some(Node {
        instance: instance.to_owned(),
        hardware_ids: device.texts(CM_DRP_HARDWAREID),
        service: first(device.texts(CM_DRP_SERVICE)),
        inf: first(device.texts_of(DEVPKEY_Device_DriverInfPath)),
        classed: !device.texts(CM_DRP_CLASSGUID).is_empty(),
        problem: device.problem(),
    })
}

/// True if some USB device on this computer did not answer when asked what it is.
pub(super) fn has_unreadable() -> bool {
    present_usb()
        .iter()
        .any(|instance| instance.to_ascii_uppercase().starts_with(UNREADABLE))
}

/// The executables that run.
pub(super) fn executables() -> Vec<String> {
    // SAFETY: no pointer is passed; the handle is closed below.
    let snapshot = unsafe { CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0) };
    if snapshot == INVALID_HANDLE_VALUE {
        return Vec::new();
    }
    let mut names = Vec::new();
    let mut entry = PROCESSENTRY32W {
        dwSize: size_of::<PROCESSENTRY32W>().try_into().unwrap_or_default(),
        ..PROCESSENTRY32W::default()
    };
    // SAFETY: the entry is a local whose size is in it, and the handle is a snapshot.
    let mut more = unsafe { Process32FirstW(snapshot, &raw mut entry) } != 0;
    while more {
        names.extend(strings(&entry.szExeFile).into_iter().next());
        // SAFETY: as above.
        more = unsafe { Process32NextW(snapshot, &raw mut entry) } != 0;
    }
    // SAFETY: the handle is ours and not used again.
    unsafe { CloseHandle(snapshot) };
    names
}

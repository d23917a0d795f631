//! Reads Windows' device tree and its list of processes. Changes nothing and needs no rights.
//!
//! One of three files that call Windows directly; what comes back is copied into plain values at once.
#![expect(
    unsafe_code,
    reason = "Windows tells problem codes and INF names through its C interface only; every pointer passed is to a \
              local buffer whose length is passed with it"
)]

use std::ptr::null_mut;

use windows_sys::Win32::Devices::DeviceAndDriverInstallation::{
    CM_DRP_CLASSGUID, CM_DRP_HARDWAREID, CM_DRP_SERVICE, CM_GETIDLIST_FILTER_ENUMERATOR,
    CM_GETIDLIST_FILTER_PRESENT, CM_Get_DevNode_PropertyW, CM_Get_DevNode_Registry_PropertyW,
    CM_Get_DevNode_Status, CM_Get_Device_ID_List_SizeW, CM_Get_Device_ID_ListW,
    CM_LOCATE_DEVNODE_NORMAL, CM_Locate_DevNodeW, CR_SUCCESS, DN_HAS_PROBLEM,
};
use windows_sys::Win32::Devices::Properties::{DEVPKEY_Device_DriverInfPath, DEVPROP_TYPE_STRING};
use windows_sys::Win32::Foundation::{CloseHandle, INVALID_HANDLE_VALUE};
use windows_sys::Win32::System::Diagnostics::ToolHelp::{
    CreateToolhelp32Snapshot, PROCESSENTRY32W, Process32FirstW, Process32NextW, TH32CS_SNAPPROCESS,
};

use super::node::Node;

/// Longest property read: hardware IDs of one device are far below it.
const LONGEST_PROPERTY: usize = 4096;
/// Where a computer with more devices than this is not believed.
const LONGEST_LIST: u32 = 1 << 20;
/// What Windows names a device that did not answer when asked what it is.
const UNREADABLE: &str = r"USB\VID_0000&PID_0002\";

/// What the tree says of this device; `None` if it is not there now.
pub fn read(instance: &str) -> Option<Node> {
    let device = locate(instance)?;
    let service = text(device, CM_DRP_SERVICE).into_iter().next();
    Some(Node {
        instance: instance.to_owned(),
        hardware_ids: text(device, CM_DRP_HARDWAREID),
        service,
        inf: inf(device),
        classed: !text(device, CM_DRP_CLASSGUID).is_empty(),
        problem: problem(device),
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

/// The number of this device in the tree, if it is there now.
fn locate(instance: &str) -> Option<u32> {
    let name = wide(instance);
    let mut device = 0;
    // SAFETY: the name ends with a zero and both outlive the call.
    let answer =
        unsafe { CM_Locate_DevNodeW(&raw mut device, name.as_ptr(), CM_LOCATE_DEVNODE_NORMAL) };
    (answer == CR_SUCCESS).then_some(device)
}

fn text(device: u32, property: u32) -> Vec<String> {
    let mut buffer = [0_u16; LONGEST_PROPERTY / 2];
    let mut bytes = u32::try_from(LONGEST_PROPERTY).unwrap_or_default();
    // SAFETY: the buffer is a local of the length passed, in bytes.
    let answer = unsafe {
        CM_Get_DevNode_Registry_PropertyW(
            device,
            property,
            null_mut(),
            buffer.as_mut_ptr().cast(),
            &raw mut bytes,
            0,
        )
    };
    if answer == CR_SUCCESS {
        strings(&buffer)
    } else {
        Vec::new()
    }
}

fn inf(device: u32) -> Option<String> {
    let mut buffer = [0_u16; LONGEST_PROPERTY / 2];
    let mut bytes = u32::try_from(LONGEST_PROPERTY).unwrap_or_default();
    let key = DEVPKEY_Device_DriverInfPath;
    let mut kind = 0;
    // SAFETY: the buffer is a local of the length passed, in bytes; the key is a local.
    let answer = unsafe {
        CM_Get_DevNode_PropertyW(
            device,
            &raw const key,
            &raw mut kind,
            buffer.as_mut_ptr().cast(),
            &raw mut bytes,
            0,
        )
    };
    (answer == CR_SUCCESS && kind == DEVPROP_TYPE_STRING)
        .then(|| strings(&buffer).into_iter().next())
        .flatten()
}

fn problem(device: u32) -> Option<u32> {
    let (mut status, mut problem) = (0, 0);
    // SAFETY: both are locals.
    let answer = unsafe { CM_Get_DevNode_Status(&raw mut status, &raw mut problem, device, 0) };
    (answer == CR_SUCCESS && status & DN_HAS_PROBLEM != 0).then_some(problem)
}

/// Every device on a USB bus now.
pub(super) fn present_usb() -> Vec<String> {
    let filter = wide("USB");
    let flags = CM_GETIDLIST_FILTER_ENUMERATOR | CM_GETIDLIST_FILTER_PRESENT;
    let mut length = 0;
    // SAFETY: the filter ends with a zero and both outlive the call.
    let answer = unsafe { CM_Get_Device_ID_List_SizeW(&raw mut length, filter.as_ptr(), flags) };
    if answer != CR_SUCCESS || length > LONGEST_LIST {
        return Vec::new();
    }
    let mut buffer = vec![0_u16; usize::try_from(length).unwrap_or_default()];
    // SAFETY: the buffer has the length passed, in characters.
    let answer =
        unsafe { CM_Get_Device_ID_ListW(filter.as_ptr(), buffer.as_mut_ptr(), length, flags) };
    if answer == CR_SUCCESS {
        strings(&buffer)
    } else {
        Vec::new()
    }
}

/// The texts in a buffer: each ends with a zero, the list with an empty one.
fn strings(buffer: &[u16]) -> Vec<String> {
    buffer
        .split(|&unit| unit == 0)
        .take_while(|text| !text.is_empty())
        .map(String::from_utf16_lossy)
        .collect()
}

/// As Windows takes texts: UTF-16 with a zero at the end.
pub(super) fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}

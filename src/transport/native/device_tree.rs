//! Windows' device tree, read node by node. Changes nothing and needs no rights.
//!
//! One of the four files that call Windows directly; what comes back is copied into plain values at once.
#![expect(
    unsafe_code,
    reason = "Windows tells its device tree through its C interface only; every pointer passed is to a local buffer \
              whose length is passed with it"
)]

use std::ptr::null_mut;

use windows_sys::Win32::Devices::DeviceAndDriverInstallation::{
    CM_GETIDLIST_FILTER_ENUMERATOR, CM_GETIDLIST_FILTER_PRESENT, CM_Get_DevNode_PropertyW,
    CM_Get_DevNode_Registry_PropertyW, CM_Get_DevNode_Status, CM_Get_Device_ID_List_SizeW,
    CM_Get_Device_ID_ListW, CM_LOCATE_DEVNODE_NORMAL, CM_Locate_DevNodeW, CR_SUCCESS,
    DN_HAS_PROBLEM,
};
use windows_sys::Win32::Devices::Properties::{DEVPROP_TYPE_STRING, DEVPROP_TYPE_STRING_LIST};
use windows_sys::Win32::Foundation::DEVPROPKEY;

/// Longest property read: hardware IDs of one device are far below it.
const LONGEST_PROPERTY: usize = 4096;
/// Where a computer with more devices than this is not believed.
const LONGEST_LIST: u32 = 1 << 20;

/// A device that is there now.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DevNode(u32);

impl DevNode {
    /// The device of this instance ID, if it is there now.
    pub(crate) fn of(instance: &str) -> Option<Self> {
        let name = wide(instance);
        let mut device = 0;
        // SAFETY: the name ends with a zero and both outlive the call.
        let answer =
            unsafe { CM_Locate_DevNodeW(&raw mut device, name.as_ptr(), CM_LOCATE_DEVNODE_NORMAL) };
        (answer == CR_SUCCESS).then_some(Self(device))
    }

    /// A property of texts that has a number, such as `CM_DRP_SERVICE`.
    pub(crate) fn texts(self, property: u32) -> Vec<String> {
        let mut buffer = [0_u16; LONGEST_PROPERTY / 2];
        let mut bytes = u32::try_from(LONGEST_PROPERTY).unwrap_or_default();
        // SAFETY: the buffer is a local of the length passed, in bytes.
        let answer = unsafe {
            CM_Get_DevNode_Registry_PropertyW(
                self.0,
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

    /// A property of texts that has a key, such as `DEVPKEY_Device_LocationPaths`.
    pub(crate) fn texts_of(self, key: DEVPROPKEY) -> Vec<String> {
        let mut buffer = [0_u16; LONGEST_PROPERTY / 2];
        let mut bytes = u32::try_from(LONGEST_PROPERTY).unwrap_or_default();
        let mut kind = 0;
        // SAFETY: the buffer is a local of the length passed, in bytes; the key is a local.
        let answer = unsafe {
            CM_Get_DevNode_PropertyW(
                self.0,
                &raw const key,
                &raw mut kind,
                buffer.as_mut_ptr().cast(),
                &raw mut bytes,
                0,
            )
        };
        if answer == CR_SUCCESS && [DEVPROP_TYPE_STRING, DEVPROP_TYPE_STRING_LIST].contains(&kind) {
            strings(&buffer)
        } else {
            Vec::new()
        }
    }

    /// What Windows says is wrong with it, by its number.
    pub(crate) fn problem(self) -> Option<u32> {
        let (mut status, mut problem) = (0, 0);
        // SAFETY: both are locals.
        let answer = unsafe { CM_Get_DevNode_Status(&raw mut status, &raw mut problem, self.0, 0) };
        (answer == CR_SUCCESS && status & DN_HAS_PROBLEM != 0).then_some(problem)
    }
}

/// The instance IDs of every device on a USB bus now, whatever its driver.
pub(crate) fn present_usb() -> Vec<String> {
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
pub(crate) fn strings(buffer: &[u16]) -> Vec<String> {
    buffer
        .split(|&unit| unit == 0)
        .take_while(|text| !text.is_empty())
        .map(String::from_utf16_lossy)
        .collect()
}

/// As Windows takes texts: UTF-16 with a zero at the end.
pub fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}

//! This computer's own virtual host controller: Linux's `vhci-hcd`, through its files in sysfs. Knows no devices.

use std::fs;
use std::io;
use std::os::fd::AsRawFd as _;
use std::os::unix::net::UnixStream;

use super::op::{Exported, FULL_SPEED};

/// Documentation/ABI/testing/sysfs-platform-… of the kernel's tools/usb/usbip: "port sockfd devid speed".
const ATTACH: &str = "/sys/devices/platform/vhci_hcd.0/attach";

/// Fails if there is no such controller, or if it is not ours to use.
pub(super) fn check() -> io::Result<()> {
    fs::OpenOptions::new().write(true).open(ATTACH).map(drop)
}

/// Plugs the device at the other end of this socket pair in, at the port of its socket on the bench. The kernel
/// keeps `socket` open for itself.
pub(super) fn attach(socket: &UnixStream, device: &Exported) -> io::Result<()> {
    let port = device.number.saturating_sub(1);
    let order = format!(
        "{port} {} {} {FULL_SPEED}",
        socket.as_raw_fd(),
        device.device_word()
    );
    fs::write(ATTACH, order)
}

//! Which Windows drivers the bootloader can be reached through. Pure; which one is bound comes with each
//! device ([`Access::WrongDriver`](crate::transport::Access::WrongDriver)).

use super::facts::WindowsFacts;

/// A driver, by its service name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Driver {
    /// None is bound: what a computer that never saw a bootloader has (protocols.md §3.1).
    None,
    /// ST's DfuSe driver of old (`STTub30.sys`).
    OldSt,
    /// libusb talks through it.
    Reachable,
    /// Anything else.
    Other,
}

/// What a service name means for us.
pub fn driver(bound: Option<&str>) -> Driver {
    let name = bound.unwrap_or_default().trim().to_ascii_lowercase();
    match name.as_str() {
        "" => Driver::None,
        "sttub30" => Driver::OldSt,
        "winusb" | "libusbk" | "libusb0" => Driver::Reachable,
        _ => Driver::Other,
    }
}

/// Nothing of the computer as a whole is needed.
pub(super) fn observe() -> WindowsFacts {
    WindowsFacts {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drivers() {
        let table = [
            (None, Driver::None),
            (Some(""), Driver::None),
            (Some("STTub30"), Driver::OldSt),
            (Some("WinUSB"), Driver::Reachable),
            (Some("WINUSB"), Driver::Reachable),
            (Some("libusbK"), Driver::Reachable),
            (Some("libusb0"), Driver::Reachable),
            (Some("usbser"), Driver::Other),
        ];
        for (bound, expected) in table {
            assert_eq!(driver(bound), expected, "{bound:?}");
        }
    }
}

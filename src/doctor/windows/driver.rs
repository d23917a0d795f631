//! What the name of a driver and the problem code of a device mean for us.

/// A driver, by its service name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Driver {
    /// None is bound: what a computer that never saw a bootloader has (protocols.md §3.1).
    None,
    /// ST's DfuSe driver of old (`STTub30.sys`, before it `GuSTDFU.sys`).
    OldSt,
    /// Windows' own: what libusb talks through.
    WinUsb,
    /// libusbK or libusb-win32: libusb talks through them if `libusbK.dll` is installed besides.
    Libusb,
    /// Anything else.
    Other,
}

/// What a service name means for us.
pub fn driver(bound: Option<&str>) -> Driver {
    let name = bound.unwrap_or_default().trim().to_ascii_lowercase();
    match name.as_str() {
        "" => Driver::None,
        "sttub30" | "gustdfu" => Driver::OldSt,
        "winusb" => Driver::WinUsb,
        "libusbk" | "libusb0" => Driver::Libusb,
        _ => Driver::Other,
    }
}

/// What a problem code asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// A driver, because none is installed.
    NoDriver,
    /// That somebody enables the device again.
    Disabled,
    /// That the computer is started again.
    NeedsRestart,
    /// The driver is there and does not start.
    Fails,
}

/// What a problem code means for us: `CM_PROB_*` of Windows' `cfg.h`, which Device Manager shows as "Code N".
pub fn trouble(problem: u32) -> Trouble {
    match problem {
        // NOT_CONFIGURED, REINSTALL, FAILED_INSTALL.
        1 | 18 | 28 => Trouble::NoDriver,
        // DISABLED; HARDWARE_DISABLED.
        22 | 29 => Trouble::Disabled,
        // NEED_RESTART; DRIVER_FAILED_PRIOR_UNLOAD: the earlier driver is still in memory; SYSTEM_SHUTDOWN.
        14 | 38 | 46 => Trouble::NeedsRestart,
        // FAILED_START 10, FAILED_ADD 31, DRIVER_FAILED_LOAD 39, FAILED_POST_START 43, UNSIGNED_DRIVER 52 …
        _ => Trouble::Fails,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drivers() {
        let table = [
            (None, Driver::None),
            (Some(""), Driver::None),
            (Some(" "), Driver::None),
            (Some("STTub30"), Driver::OldSt),
            (Some("GuSTDFU"), Driver::OldSt),
            (Some("WinUSB"), Driver::WinUsb),
            (Some("WINUSB"), Driver::WinUsb),
            (Some("libusbK"), Driver::Libusb),
            (Some("libusb0"), Driver::Libusb),
            (Some("usbser"), Driver::Other),
        ];
        for (bound, expected) in table {
            assert_eq!(driver(bound), expected, "{bound:?}");
        }
    }

    #[test]
    fn problems() {
        let table = [
            (1, Trouble::NoDriver),
            (28, Trouble::NoDriver),
            (22, Trouble::Disabled),
            (14, Trouble::NeedsRestart),
            (38, Trouble::NeedsRestart),
            (10, Trouble::Fails),
            (31, Trouble::Fails),
            (39, Trouble::Fails),
            (43, Trouble::Fails),
            (52, Trouble::Fails),
            (u32::MAX, Trouble::Fails),
        ];
        for (problem, expected) in table {
            assert_eq!(trouble(problem), expected, "code {problem}");
        }
    }
}

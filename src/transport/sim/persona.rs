//! The probes a bench can be made of. Data.

use crate::board::{Mcu, Transport};

use super::spec::CAN;

/// What a probe does when the bench begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StartsAs {
    /// Somebody held BOOT0 while plugging it in, and let go.
    Dfu,
    /// Somebody tapped RESET twice.
    Katapult,
    /// It was plugged in and starts what it holds.
    Running,
    /// It lies beside the computer.
    Unplugged,
}

/// One kind of probe.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Persona {
    /// How bench strings call it.
    pub(super) name: &'static str,
    /// What it is, for people.
    pub(super) what: &'static str,
    /// Its chip. A toolboard's is close to a G431.
    pub(super) mcu: Mcu,
    /// How its firmware and its Katapult talk.
    pub(super) transport: Transport,
    /// The version text of its firmware: the release before the newest, unless its identity matters.
    pub(super) version: &'static str,
    /// What it does first.
    pub(super) starts_as: StartsAs,
    /// It is somebody else's board.
    pub(super) stranger: bool,
}

/// Version texts as free-form as the official ones (boards-and-firmware.md §2).
const V3_OLD: &str = "CARTOGRAPHER 5.1.0";
const V3_NEW: &str = "CARTOGRAPHER V3 6.1.0";
const V4: &str = "CARTOGRAPHER V4 6.1.0";
const TOOLBOARD: &str = "v0.12.0-85-gd785b396";

/// All of them.
pub(super) static PERSONAS: [Persona; 15] = [
    f042(
        "v2-dfu",
        "V2 in DFU mode",
        Transport::Usb,
        V3_OLD,
        StartsAs::Dfu,
    ),
    f042(
        "v3-dfu",
        "V3 in DFU mode",
        Transport::Usb,
        V3_OLD,
        StartsAs::Dfu,
    ),
    g431("v4-dfu", "V4 in DFU mode", Transport::Usb, StartsAs::Dfu),
    f042(
        "v3-usb",
        "V3 running 6.1.0",
        Transport::Usb,
        V3_NEW,
        StartsAs::Running,
    ),
    f042(
        "v3-usb-old",
        "V3 running 5.1.0, which has no product name",
        Transport::Usb,
        V3_OLD,
        StartsAs::Running,
    ),
    g431(
        "v4-usb",
        "V4 running 6.1.0",
        Transport::Usb,
        StartsAs::Running,
    ),
    f042(
        "v3-katapult",
        "V3 in Katapult",
        Transport::Usb,
        V3_OLD,
        StartsAs::Katapult,
    ),
    g431(
        "v4-katapult",
        "V4 in Katapult",
        Transport::Usb,
        StartsAs::Katapult,
    ),
    f042(
        "v3-can",
        "V3 built for CAN: nothing on USB",
        CAN,
        V3_OLD,
        StartsAs::Running,
    ),
    g431(
        "v4-can",
        "V4 built for CAN: nothing on USB",
        CAN,
        StartsAs::Running,
    ),
    f042(
        "v3-none",
        "V3 not plugged in",
        Transport::Usb,
        V3_OLD,
        StartsAs::Unplugged,
    ),
    g431(
        "v4-none",
        "V4 not plugged in",
        Transport::Usb,
        StartsAs::Unplugged,
    ),
    f042(
        "v2-none",
        "V2 not plugged in",
        Transport::Usb,
        V3_OLD,
        StartsAs::Unplugged,
    ),
    toolboard(
        "toolboard-dfu",
        "somebody else's toolboard in DFU mode",
        StartsAs::Dfu,
    ),
    toolboard(
        "toolboard-usb",
        "somebody else's toolboard, running",
        StartsAs::Running,
    ),
];

const fn f042(
    name: &'static str,
    what: &'static str,
    transport: Transport,
    version: &'static str,
    starts_as: StartsAs,
) -> Persona {
    Persona {
        name,
        what,
        mcu: Mcu::Stm32F042,
        transport,
        version,
        starts_as,
        stranger: false,
    }
}

const fn g431(
    name: &'static str,
    what: &'static str,
    transport: Transport,
    starts_as: StartsAs,
) -> Persona {
    Persona {
        name,
        what,
        mcu: Mcu::Stm32G431,
        transport,
        version: V4,
        starts_as,
        stranger: false,
    }
}

const fn toolboard(name: &'static str, what: &'static str, starts_as: StartsAs) -> Persona {
    Persona {
        name,
        what,
        mcu: Mcu::Stm32G431,
        transport: Transport::Usb,
        version: TOOLBOARD,
        starts_as,
        stranger: true,
    }
}

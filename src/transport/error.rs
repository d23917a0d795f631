//! Why bytes did not get through.

use thiserror::Error;

/// What kind of failure a link met; the same set on every system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LinkErrorKind {
    /// The device left the bus.
    Disconnected,
    /// It answered with a STALL: an illegal request in this state (`LIBUSB_ERROR_PIPE`).
    Stalled,
    /// Nothing came in time.
    TimedOut,
    /// The system does not let us open it.
    NotPermitted,
    /// Another program holds it.
    Busy,
    /// No usable driver is bound (Windows).
    NoDriver,
    /// The device, interface or setting is not there.
    NotFound,
    /// More bytes came than were asked for.
    Overflow,
    /// A transfer error: cable, hub, or a device that is going away.
    Io,
    /// Anything else; see the source.
    Other,
}

/// What was being done when a link failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Doing {
    /// Listing devices.
    Listing,
    /// Opening a device.
    Opening,
    /// A control or bulk transfer towards the device.
    Sending,
    /// A control or bulk transfer from the device.
    Receiving,
    /// Selecting an alternate setting.
    SelectingAlt,
    /// The 1200-baud touch.
    Touching,
}

impl std::fmt::Display for Doing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Listing => "listing devices",
            Self::Opening => "opening the device",
            Self::Sending => "sending",
            Self::Receiving => "receiving",
            Self::SelectingAlt => "selecting the alternate setting",
            Self::Touching => "asking the firmware for its bootloader",
        })
    }
}

/// A failure of a link, with what the operating system said.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{kind:?} while {doing}{}", .detail.as_deref().map(|d| format!(" ({d})")).unwrap_or_default())]
pub struct LinkError {
    /// The failure.
    pub kind: LinkErrorKind,
    /// What was being done.
    pub doing: Doing,
    /// The system's own words or the holder of a busy port, for Details only.
    pub detail: Option<String>,
}

impl LinkError {
    /// An error without further detail.
    pub fn new(kind: LinkErrorKind, doing: Doing) -> Self {
        Self {
            kind,
            doing,
            detail: None,
        }
    }

    /// Adds what the system said.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// True if this is how an unplugged or resetting device can look from here (protocols.md §3.4):
    /// only the device list can tell.
    ///
    /// A STALL is among them for the sake of Windows, whose one code for "the device refused" and "the device is going
    /// away" (`ERROR_GEN_FAILURE`) libusb takes for the former (1.0.27, `windows_common.c`; libusb/libusb#297).
    pub fn may_be_gone(&self) -> bool {
        matches!(
            self.kind,
            LinkErrorKind::Disconnected
                | LinkErrorKind::Stalled
                | LinkErrorKind::Io
                | LinkErrorKind::TimedOut
                | LinkErrorKind::NotFound
                | LinkErrorKind::Other
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_refusal_to_open_says_that_the_device_is_there() {
        let table = [
            (LinkErrorKind::Disconnected, true),
            (LinkErrorKind::Stalled, true),
            (LinkErrorKind::TimedOut, true),
            (LinkErrorKind::NotFound, true),
            (LinkErrorKind::Io, true),
            (LinkErrorKind::Other, true),
            (LinkErrorKind::NotPermitted, false),
            (LinkErrorKind::Busy, false),
            (LinkErrorKind::NoDriver, false),
            (LinkErrorKind::Overflow, false),
        ];
        for (kind, may_be_gone) in table {
            let error = LinkError::new(kind, Doing::Receiving);
            assert_eq!(error.may_be_gone(), may_be_gone, "{kind:?}");
        }
    }
}

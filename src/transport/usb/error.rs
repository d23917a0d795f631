//! What libusb's errors mean here (protocols.md §3.4). Pure.

use super::descriptor::Failure;
use crate::transport::native::Os;
use crate::transport::{Access, Doing, LinkError, LinkErrorKind};

/// The failure behind a libusb error.
///
/// While opening, the same number means different things on different systems: without a udev rule Linux
/// says ACCESS, but Windows and macOS say it when another program has the device.
pub(super) fn kind_of(error: rusb::Error, doing: Doing, os: Os) -> LinkErrorKind {
    use rusb::Error as E;
    let opening = doing == Doing::Opening || doing == Doing::Listing;
    match error {
        E::Access if opening && os != Os::Linux => LinkErrorKind::Busy,
        E::Access => LinkErrorKind::NotPermitted,
        E::NotFound if opening && os == Os::Windows => LinkErrorKind::NoDriver,
        E::NotFound => LinkErrorKind::NotFound,
        E::NotSupported => LinkErrorKind::NoDriver,
        E::Busy => LinkErrorKind::Busy,
        E::NoDevice => LinkErrorKind::Disconnected,
        E::Pipe => LinkErrorKind::Stalled,
        E::Timeout => LinkErrorKind::TimedOut,
        E::Overflow => LinkErrorKind::Overflow,
        E::Io => LinkErrorKind::Io,
        E::InvalidParam | E::Interrupted | E::NoMem | E::BadDescriptor | E::Other => {
            LinkErrorKind::Other
        }
    }
}

/// The error with libusb's own words.
pub(super) fn link_error(error: rusb::Error, doing: Doing) -> LinkError {
    let kind = kind_of(error, doing, Os::HERE);
    let refused = LinkError::new(kind, doing);
    // The detail of this kind is who has it, and libusb does not say.
    if kind == LinkErrorKind::Busy {
        return refused;
    }
    refused.with_detail(format!("libusb: {error}"))
}

/// What a failed request for a descriptor says of the device.
pub(super) fn failure(error: rusb::Error) -> Failure {
    use rusb::Error as E;
    match error {
        E::Pipe => Failure::Refused,
        E::Io | E::Overflow | E::Interrupted | E::Other => Failure::Lost,
        E::Timeout
        | E::NoDevice
        | E::NotFound
        | E::Access
        | E::Busy
        | E::InvalidParam
        | E::NoMem
        | E::NotSupported
        | E::BadDescriptor => Failure::Mute,
    }
}

/// How a device that could not be opened is listed; `None` if it is not there any more.
pub(super) fn access_after(kind: LinkErrorKind) -> Option<Access> {
    match kind {
        LinkErrorKind::NotPermitted => Some(Access::NotPermitted),
        LinkErrorKind::Busy => Some(Access::Busy { holder: None }),
        LinkErrorKind::NoDriver => Some(Access::WrongDriver { bound: None }),
        LinkErrorKind::Disconnected | LinkErrorKind::NotFound => None,
        // It is there and lets itself be opened, but does not answer: it is listed without its strings, so that no
        // job is begun with it.
        LinkErrorKind::Stalled
        | LinkErrorKind::TimedOut
        | LinkErrorKind::Overflow
        | LinkErrorKind::Io
        | LinkErrorKind::Other => Some(Access::Usable),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusb::Error as E;

    #[test]
    fn every_error_in_a_transfer() {
        let table = [
            (E::Io, LinkErrorKind::Io),
            (E::InvalidParam, LinkErrorKind::Other),
            (E::Access, LinkErrorKind::NotPermitted),
            (E::NoDevice, LinkErrorKind::Disconnected),
            (E::NotFound, LinkErrorKind::NotFound),
            (E::Busy, LinkErrorKind::Busy),
            (E::Timeout, LinkErrorKind::TimedOut),
            (E::Overflow, LinkErrorKind::Overflow),
            (E::Pipe, LinkErrorKind::Stalled),
            (E::Interrupted, LinkErrorKind::Other),
            (E::NoMem, LinkErrorKind::Other),
            (E::NotSupported, LinkErrorKind::NoDriver),
            (E::BadDescriptor, LinkErrorKind::Other),
            (E::Other, LinkErrorKind::Other),
        ];
        for os in [Os::Linux, Os::MacOs, Os::Windows] {
            for (error, kind) in table {
                assert_eq!(
                    kind_of(error, Doing::Receiving, os),
                    kind,
                    "{error:?} on {os:?}"
                );
            }
        }
    }

    #[test]
    fn the_same_error_while_opening_differs_by_system() {
        use LinkErrorKind as K;
        let table = [
            (E::Access, Os::Linux, K::NotPermitted),
            (E::Access, Os::MacOs, K::Busy),
            (E::Access, Os::Windows, K::Busy),
            (E::NotFound, Os::Linux, K::NotFound),
            (E::NotFound, Os::MacOs, K::NotFound),
            (E::NotFound, Os::Windows, K::NoDriver),
            (E::NotSupported, Os::Windows, K::NoDriver),
            (E::Busy, Os::Linux, K::Busy),
        ];
        for (error, os, kind) in table {
            assert_eq!(
                kind_of(error, Doing::Opening, os),
                kind,
                "{error:?} on {os:?}"
            );
        }
    }

    #[test]
    fn what_is_lost_is_asked_for_again_and_what_is_mute_is_not() {
        let table = [
            (E::Pipe, Failure::Refused),
            // What Linux makes of EPROTO and EILSEQ, and macOS of kIOReturnNotResponding and kIOReturnAborted.
            (E::Io, Failure::Lost),
            (E::Other, Failure::Lost),
            (E::Overflow, Failure::Lost),
            (E::Timeout, Failure::Mute),
            (E::NoDevice, Failure::Mute),
            (E::NotFound, Failure::Mute),
        ];
        for (error, expected) in table {
            assert_eq!(failure(error), expected, "{error:?}");
        }
    }

    #[test]
    fn what_cannot_be_opened_is_still_listed_unless_gone() {
        assert_eq!(
            access_after(LinkErrorKind::NotPermitted),
            Some(Access::NotPermitted)
        );
        assert_eq!(
            access_after(LinkErrorKind::Busy),
            Some(Access::Busy { holder: None })
        );
        assert_eq!(
            access_after(LinkErrorKind::NoDriver),
            Some(Access::WrongDriver { bound: None })
        );
        assert_eq!(access_after(LinkErrorKind::Disconnected), None);
        assert_eq!(access_after(LinkErrorKind::NotFound), None);
        assert_eq!(access_after(LinkErrorKind::TimedOut), Some(Access::Usable));
    }
}

//! What the errors of a serial port mean. Pure.
//!
//! The serialport crate keeps no error number on Unix, only a kind and strerror's words; on Windows an error
//! of an open port has its number, one of opening has only words in the system's language.

use std::io;

use crate::transport::native::Os;
use crate::transport::{Doing, LinkError, LinkErrorKind};

/// The failure behind an error of reading or writing an open port.
pub(super) fn kind_of_io(error: &io::Error, os: Os) -> LinkErrorKind {
    if os == Os::Windows
        && let Some(kind) = error.raw_os_error().and_then(windows)
    {
        return kind;
    }
    match error.kind() {
        io::ErrorKind::TimedOut => LinkErrorKind::TimedOut,
        io::ErrorKind::PermissionDenied => LinkErrorKind::NotPermitted,
        io::ErrorKind::NotFound => LinkErrorKind::NotFound,
        io::ErrorKind::BrokenPipe
        | io::ErrorKind::NotConnected
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::ConnectionReset
        | io::ErrorKind::UnexpectedEof => LinkErrorKind::Disconnected,
        io::ErrorKind::ResourceBusy => LinkErrorKind::Busy,
        _ => unix(&error.to_string()),
    }
}

/// The failure behind an error of opening a port. `listed` says whether the port is still in the system's
/// list: Windows has one kind for "no such port" and "in use" (protocols.md §3.1).
pub(super) fn kind_of_open(error: &serialport::Error, listed: bool) -> LinkErrorKind {
    use serialport::ErrorKind as K;
    match error.kind {
        // EBUSY of TIOCEXCL, a refused flock, or access denied on Windows.
        K::NoDevice if listed => LinkErrorKind::Busy,
        K::NoDevice => LinkErrorKind::NotFound,
        K::InvalidInput => LinkErrorKind::Other,
        K::Unknown => unix(&error.description),
        K::Io(kind) => {
            let error = io::Error::new(kind, error.description.clone());
            kind_of_io(&error, Os::Linux)
        }
    }
}

/// Windows error codes of a port whose device left (winerror.h).
fn windows(code: i32) -> Option<LinkErrorKind> {
    Some(match code {
        // FILE_NOT_FOUND, ACCESS_DENIED, INVALID_HANDLE, BAD_COMMAND, NO_SUCH_DEVICE, DEVICE_NOT_CONNECTED,
        // DEVICE_REMOVED: all seen on an open port or device after an unplug (libusb's windows_common.c;
        // ziglang/zig#23648).
        2 | 5 | 6 | 22 | 433 | 1167 | 1617 => LinkErrorKind::Disconnected,
        // SEM_TIMEOUT.
        121 => LinkErrorKind::TimedOut,
        // GEN_FAILURE: a device that is going away, or a cable. OPERATION_ABORTED: what was under way when it left,
        // and now and then a healthy port (see `after_read`).
        31 | OPERATION_ABORTED => LinkErrorKind::Io,
        _ => return None,
    })
}

/// `ERROR_OPERATION_ABORTED`, which the standard library counts among the time-outs.
const OPERATION_ABORTED: i32 = 995;

/// What follows from an error of reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AfterRead {
    /// Nothing came in time.
    Nothing,
    /// Nothing happened: the call may be made again, if there is time.
    Again,
    /// The call may be made again, but a second such end is no accident.
    Aborted,
    /// It failed.
    Failed,
}

/// What follows from an error of reading an open port. Windows' own driver for such ports is known to end a read as
/// aborted although the device is well (sigrokproject/libserialport#17), and ends all of them so when it is pulled.
pub(super) fn after_read(error: &io::Error, os: Os) -> AfterRead {
    if os == Os::Windows && error.raw_os_error() == Some(OPERATION_ABORTED) {
        return AfterRead::Aborted;
    }
    match error.kind() {
        io::ErrorKind::TimedOut => AfterRead::Nothing,
        io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock => AfterRead::Again,
        _ => AfterRead::Failed,
    }
}

/// strerror's words, as far as they matter here.
fn unix(words: &str) -> LinkErrorKind {
    const WORDS: [(&str, LinkErrorKind); 8] = [
        ("No such device or address", LinkErrorKind::Disconnected),
        ("Device not configured", LinkErrorKind::Disconnected),
        ("No such device", LinkErrorKind::Disconnected),
        ("Broken pipe", LinkErrorKind::Disconnected),
        ("I/O error", LinkErrorKind::Io),
        ("Input/output error", LinkErrorKind::Io),
        ("Operation not permitted", LinkErrorKind::NotPermitted),
        ("Device or resource busy", LinkErrorKind::Busy),
    ];
    WORDS
        .iter()
        .find(|(known, _)| words.contains(known))
        .map_or(LinkErrorKind::Other, |&(_, kind)| kind)
}

/// The error of an open port, with the system's words.
pub(super) fn link_error(error: &io::Error, doing: Doing) -> LinkError {
    LinkError::new(kind_of_io(error, Os::HERE), doing).with_detail(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use LinkErrorKind as L;
    use serialport::ErrorKind as K;

    #[test]
    fn errors_of_opening() {
        // What serialport 4.10 makes of each error number, with its own words.
        let table = [
            (K::NoDevice, "Device or resource busy", true, L::Busy),
            (
                K::NoDevice,
                "Unable to acquire exclusive lock on serial port",
                true,
                L::Busy,
            ),
            (K::NoDevice, "Access is denied.", true, L::Busy),
            (K::NoDevice, "Zugriff verweigert", true, L::Busy),
            (
                K::NoDevice,
                "The system cannot find the file specified.",
                false,
                L::NotFound,
            ),
            (
                K::Io(io::ErrorKind::PermissionDenied),
                "Permission denied",
                true,
                L::NotPermitted,
            ),
            (
                K::Io(io::ErrorKind::NotFound),
                "No such file or directory",
                false,
                L::NotFound,
            ),
            (K::Unknown, "No such device", true, L::Disconnected),
            (
                K::Unknown,
                "No such device or address",
                true,
                L::Disconnected,
            ),
            (K::Unknown, "I/O error", true, L::Io),
            (
                K::Unknown,
                "Settings did not apply correctly",
                true,
                L::Other,
            ),
            (K::InvalidInput, "Invalid argument", true, L::Other),
            (
                K::Io(io::ErrorKind::Other),
                "A device attached to the system is not functioning.",
                true,
                L::Other,
            ),
        ];
        for (kind, words, listed, expected) in table {
            let error = serialport::Error::new(kind, words);
            assert_eq!(kind_of_open(&error, listed), expected, "{words}");
        }
    }

    #[test]
    fn errors_of_an_open_port() {
        let table = [
            (io::ErrorKind::TimedOut, "Operation timed out", L::TimedOut),
            (io::ErrorKind::BrokenPipe, "Broken pipe", L::Disconnected),
            (io::ErrorKind::Other, "I/O error", L::Io),
            (io::ErrorKind::Other, "No such device", L::Disconnected),
            (io::ErrorKind::Other, "something new", L::Other),
        ];
        for (kind, words, expected) in table {
            let error = io::Error::new(kind, words);
            assert_eq!(kind_of_io(&error, Os::Linux), expected, "{words}");
        }
    }

    #[test]
    fn windows_codes() {
        let table = [
            (2, L::Disconnected),
            (5, L::Disconnected),
            (6, L::Disconnected),
            (22, L::Disconnected),
            (31, L::Io),
            (121, L::TimedOut),
            (433, L::Disconnected),
            (995, L::Io),
            (1167, L::Disconnected),
            (1617, L::Disconnected),
        ];
        for (code, expected) in table {
            let error = io::Error::from_raw_os_error(code);
            assert_eq!(kind_of_io(&error, Os::Windows), expected, "{code}");
        }
    }

    #[test]
    fn ends_of_reading() {
        let aborted = io::Error::from_raw_os_error(OPERATION_ABORTED);
        assert_eq!(after_read(&aborted, Os::Windows), AfterRead::Aborted);
        let table = [
            (io::ErrorKind::TimedOut, AfterRead::Nothing),
            (io::ErrorKind::Interrupted, AfterRead::Again),
            (io::ErrorKind::WouldBlock, AfterRead::Again),
            (io::ErrorKind::BrokenPipe, AfterRead::Failed),
            (io::ErrorKind::PermissionDenied, AfterRead::Failed),
            (io::ErrorKind::Other, AfterRead::Failed),
        ];
        for (kind, expected) in table {
            for os in [Os::Linux, Os::MacOs, Os::Windows] {
                assert_eq!(after_read(&kind.into(), os), expected, "{kind:?} on {os:?}");
            }
        }
    }
}

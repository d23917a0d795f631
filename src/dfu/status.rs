//! The GETSTATUS reply (DFU 1.1 §6.1.2, protocols.md §1.1). Pure, in both directions: the driver decodes, the
//! simulated bench encodes.

use std::time::Duration;

use thiserror::Error;

/// Bytes of a GETSTATUS reply.
pub const STATUS_LENGTH: usize = 6;

/// bState: where the device is in the DFU state machine (DFU 1.1 §6.1.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// 0: running its application.
    AppIdle,
    /// 1: asked to detach.
    AppDetach,
    /// 2: ready.
    DfuIdle,
    /// 3: a block has arrived; GETSTATUS starts the work.
    DfuDnloadSync,
    /// 4: working.
    DfuDnBusy,
    /// 5: done, ready for the next block.
    DfuDnloadIdle,
    /// 6: asked to leave.
    DfuManifestSync,
    /// 7: leaving.
    DfuManifest,
    /// 8: waits for a reset.
    DfuManifestWaitReset,
    /// 9: between the blocks of an upload.
    DfuUploadIdle,
    /// 10: something failed; only CLRSTATUS helps.
    DfuError,
    /// A number DFU 1.1 does not have.
    Unknown(u8),
}

impl State {
    /// The byte on the wire.
    pub fn code(self) -> u8 {
        match self {
            Self::AppIdle => 0,
            Self::AppDetach => 1,
            Self::DfuIdle => 2,
            Self::DfuDnloadSync => 3,
            Self::DfuDnBusy => 4,
            Self::DfuDnloadIdle => 5,
            Self::DfuManifestSync => 6,
            Self::DfuManifest => 7,
            Self::DfuManifestWaitReset => 8,
            Self::DfuUploadIdle => 9,
            Self::DfuError => 10,
            Self::Unknown(code) => code,
        }
    }

    /// True while the device works on a command or a block. Devices that report dfuDNLOAD-SYNC for dfuDNBUSY
    /// exist (protocols.md §1.1).
    pub fn is_busy(self) -> bool {
        matches!(self, Self::DfuDnloadSync | Self::DfuDnBusy)
    }

    /// True if the device is on its way out of DFU mode.
    pub fn is_manifesting(self) -> bool {
        matches!(
            self,
            Self::DfuManifestSync | Self::DfuManifest | Self::DfuManifestWaitReset
        )
    }
}

impl From<u8> for State {
    fn from(code: u8) -> Self {
        match code {
            0 => Self::AppIdle,
            1 => Self::AppDetach,
            2 => Self::DfuIdle,
            3 => Self::DfuDnloadSync,
            4 => Self::DfuDnBusy,
            5 => Self::DfuDnloadIdle,
            6 => Self::DfuManifestSync,
            7 => Self::DfuManifest,
            8 => Self::DfuManifestWaitReset,
            9 => Self::DfuUploadIdle,
            10 => Self::DfuError,
            _ => Self::Unknown(code),
        }
    }
}

impl std::fmt::Display for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::AppIdle => "appIDLE",
            Self::AppDetach => "appDETACH",
            Self::DfuIdle => "dfuIDLE",
            Self::DfuDnloadSync => "dfuDNLOAD-SYNC",
            Self::DfuDnBusy => "dfuDNBUSY",
            Self::DfuDnloadIdle => "dfuDNLOAD-IDLE",
            Self::DfuManifestSync => "dfuMANIFEST-SYNC",
            Self::DfuManifest => "dfuMANIFEST",
            Self::DfuManifestWaitReset => "dfuMANIFEST-WAIT-RESET",
            Self::DfuUploadIdle => "dfuUPLOAD-IDLE",
            Self::DfuError => "dfuERROR",
            Self::Unknown(code) => return write!(f, "state {code}"),
        })
    }
}

/// bStatus: what the device thinks of the last request (DFU 1.1 §6.1.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StatusCode {
    /// 0: no error.
    Ok,
    /// 1: not for this target; ST also uses it for a bad address.
    ErrTarget,
    /// 2: the file fails a vendor's test.
    ErrFile,
    /// 3: cannot write memory.
    ErrWrite,
    /// 4: erasing failed.
    ErrErase,
    /// 5: memory is not erased.
    ErrCheckErased,
    /// 6: programming failed.
    ErrProg,
    /// 7: programmed memory does not verify.
    ErrVerify,
    /// 8: the address is out of range.
    ErrAddress,
    /// 9: a zero-length DNLOAD came too early.
    ErrNotDone,
    /// 10: the firmware is corrupt; ST ROMs show it on first contact.
    ErrFirmware,
    /// 11: vendor's own error; ST: read protection.
    ErrVendor,
    /// 12: an unexpected USB reset.
    ErrUsbr,
    /// 13: an unexpected power-on reset.
    ErrPor,
    /// 14: unknown.
    ErrUnknown,
    /// 15: the request was not expected and was stalled.
    ErrStalledPkt,
    /// A number DFU 1.1 does not have.
    Unknown(u8),
}

impl StatusCode {
    /// The byte on the wire.
    pub fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::ErrTarget => 1,
            Self::ErrFile => 2,
            Self::ErrWrite => 3,
            Self::ErrErase => 4,
            Self::ErrCheckErased => 5,
            Self::ErrProg => 6,
            Self::ErrVerify => 7,
            Self::ErrAddress => 8,
            Self::ErrNotDone => 9,
            Self::ErrFirmware => 10,
            Self::ErrVendor => 11,
            Self::ErrUsbr => 12,
            Self::ErrPor => 13,
            Self::ErrUnknown => 14,
            Self::ErrStalledPkt => 15,
            Self::Unknown(code) => code,
        }
    }
}

impl From<u8> for StatusCode {
    fn from(code: u8) -> Self {
        match code {
            0 => Self::Ok,
            1 => Self::ErrTarget,
            2 => Self::ErrFile,
            3 => Self::ErrWrite,
            4 => Self::ErrErase,
            5 => Self::ErrCheckErased,
            6 => Self::ErrProg,
            7 => Self::ErrVerify,
            8 => Self::ErrAddress,
            9 => Self::ErrNotDone,
            10 => Self::ErrFirmware,
            11 => Self::ErrVendor,
            12 => Self::ErrUsbr,
            13 => Self::ErrPor,
            14 => Self::ErrUnknown,
            15 => Self::ErrStalledPkt,
            _ => Self::Unknown(code),
        }
    }
}

impl std::fmt::Display for StatusCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Ok => "OK",
            Self::ErrTarget => "errTARGET",
            Self::ErrFile => "errFILE",
            Self::ErrWrite => "errWRITE",
            Self::ErrErase => "errERASE",
            Self::ErrCheckErased => "errCHECK_ERASED",
            Self::ErrProg => "errPROG",
            Self::ErrVerify => "errVERIFY",
            Self::ErrAddress => "errADDRESS",
            Self::ErrNotDone => "errNOTDONE",
            Self::ErrFirmware => "errFIRMWARE",
            Self::ErrVendor => "errVENDOR",
            Self::ErrUsbr => "errUSBR",
            Self::ErrPor => "errPOR",
            Self::ErrUnknown => "errUNKNOWN",
            Self::ErrStalledPkt => "errSTALLEDPKT",
            Self::Unknown(code) => return write!(f, "status {code}"),
        })
    }
}

/// A GETSTATUS reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    /// What the device thinks of the last request.
    pub status: StatusCode,
    /// The state it is in after this GETSTATUS.
    pub state: State,
    /// bwPollTimeout: how long the host should wait before it asks again. It governs waiting in dfuDNBUSY only.
    pub poll_timeout: Duration,
    /// iString: index of a string that describes the status; 0 for none.
    pub string: u8,
}

/// A GETSTATUS reply that is too short: an error, not zeros (protocols.md §1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a GETSTATUS reply of {received} bytes")]
pub struct ShortStatus {
    /// How many bytes came.
    pub received: usize,
}

/// bwPollTimeout has 24 bits.
const POLL_TIMEOUT_MAX_MS: u32 = 0x00ff_ffff;

impl Status {
    /// Reads a reply.
    pub fn decode(bytes: &[u8]) -> Result<Self, ShortStatus> {
        let [status, low, middle, high, state, string, ..] = *bytes else {
            return Err(ShortStatus {
                received: bytes.len(),
            });
        };
        let poll_ms = u32::from_le_bytes([low, middle, high, 0]);
        Ok(Self {
            status: StatusCode::from(status),
            state: State::from(state),
            poll_timeout: Duration::from_millis(u64::from(poll_ms)),
            string,
        })
    }

    /// The reply as a device sends it. A poll timeout that does not fit 24 bits is sent as the longest that does.
    pub fn encode(&self) -> [u8; STATUS_LENGTH] {
        let poll_ms = u32::try_from(self.poll_timeout.as_millis())
            .unwrap_or(u32::MAX)
            .min(POLL_TIMEOUT_MAX_MS);
        let [low, middle, high, _] = poll_ms.to_le_bytes();
        [
            self.status.code(),
            low,
            middle,
            high,
            self.state.code(),
            self.string,
        ]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_reply_has_its_bytes() {
        let status = Status {
            status: StatusCode::ErrVendor,
            state: State::DfuError,
            poll_timeout: Duration::from_millis(0x01_0203),
            string: 7,
        };
        let bytes = [11, 0x03, 0x02, 0x01, 10, 7];
        assert_eq!(status.encode(), bytes);
        assert_eq!(Status::decode(&bytes), Ok(status));
    }

    #[test]
    fn a_short_reply_is_an_error() {
        for received in 0..STATUS_LENGTH {
            assert_eq!(
                Status::decode(&vec![0; received]),
                Err(ShortStatus { received })
            );
        }
    }

    #[test]
    fn every_code_survives() {
        for code in 0..=u8::MAX {
            assert_eq!(State::from(code).code(), code);
            assert_eq!(StatusCode::from(code).code(), code);
            assert_eq!(matches!(State::from(code), State::Unknown(_)), code > 10);
            assert_eq!(
                matches!(StatusCode::from(code), StatusCode::Unknown(_)),
                code > 15
            );
        }
    }

    #[test]
    fn a_poll_timeout_too_long_is_the_longest() {
        let status = Status {
            status: StatusCode::Ok,
            state: State::DfuDnBusy,
            poll_timeout: Duration::MAX,
            string: 0,
        };
        assert_eq!(status.encode(), [0, 0xff, 0xff, 0xff, 4, 0]);
    }

    proptest! {
        #[test]
        fn decoding_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..12)) {
            if let Ok(status) = Status::decode(&bytes) {
                prop_assert_eq!(&status.encode()[..], &bytes[..STATUS_LENGTH]);
            } else {
                prop_assert!(bytes.len() < STATUS_LENGTH);
            }
        }
    }
}

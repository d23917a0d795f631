//! DFU requests and the DfuSe commands inside DNLOAD (DFU 1.1 §3, UM0424 §10.3.3, protocols.md §1.1 and §1.3).
//! Pure: bytes in, values out. Knows no device and no order of requests.

use thiserror::Error;

/// wValue of a DNLOAD or UPLOAD that carries a DfuSe command (protocols.md §1.3).
pub const COMMAND_BLOCK: u16 = 0;
/// wValue of the first data block; 1 is reserved (protocols.md §1.3).
pub const FIRST_DATA_BLOCK: u16 = 2;

/// Code of SET_ADDRESS.
pub const SET_ADDRESS_CODE: u8 = 0x21;
/// Code of ERASE, of one page or of everything.
pub const ERASE_CODE: u8 = 0x41;
/// Code of READ_UNPROTECT.
pub const READ_UNPROTECT_CODE: u8 = 0x92;

/// bRequest of the DFU class (DFU 1.1 §3, table 3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Request {
    /// DFU_DETACH: unused in ROM DFU mode.
    Detach = 0,
    /// DFU_DNLOAD: host to device.
    Dnload = 1,
    /// DFU_UPLOAD: device to host.
    Upload = 2,
    /// DFU_GETSTATUS: also starts what a DNLOAD asked for.
    GetStatus = 3,
    /// DFU_CLRSTATUS: out of dfuERROR.
    ClrStatus = 4,
    /// DFU_GETSTATE: one byte, changes nothing.
    GetState = 5,
    /// DFU_ABORT: back to dfuIDLE.
    Abort = 6,
}

impl Request {
    /// The byte on the wire.
    pub fn code(self) -> u8 {
        self as u8
    }
}

/// A DfuSe command: the data of a DNLOAD with wValue 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Command {
    /// Sets the pointer data blocks count from.
    SetAddress(u32),
    /// Erases the page this address is in.
    ErasePage(u32),
    /// Erases all of main flash, bootloader included. Codec only: no driver here sends it.
    MassErase,
    /// Lifts read protection level 1 by erasing everything. Codec only: no driver here sends it.
    ReadUnprotect,
}

/// Bytes that are no DfuSe command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CommandError {
    /// No byte at all: a zero-length DNLOAD is the request to leave, not a command.
    #[error("an empty DfuSe command")]
    Empty,
    /// The first byte names no command.
    #[error("unknown DfuSe command {code:#04x}")]
    Unknown {
        /// The first byte.
        code: u8,
    },
    /// The command does not have this length.
    #[error("DfuSe command {code:#04x} with {length} bytes")]
    Length {
        /// The first byte.
        code: u8,
        /// How many bytes there are.
        length: usize,
    },
}

impl Command {
    /// The bytes of the DNLOAD.
    pub fn encode(self) -> Vec<u8> {
        match self {
            Self::SetAddress(address) => with_address(SET_ADDRESS_CODE, address),
            Self::ErasePage(address) => with_address(ERASE_CODE, address),
            Self::MassErase => vec![ERASE_CODE],
            Self::ReadUnprotect => vec![READ_UNPROTECT_CODE],
        }
    }

    /// What a device makes of the bytes of a DNLOAD with wValue 0.
    pub fn decode(bytes: &[u8]) -> Result<Self, CommandError> {
        match *bytes {
            [] => Err(CommandError::Empty),
            [SET_ADDRESS_CODE, a, b, c, d] => {
                Ok(Self::SetAddress(u32::from_le_bytes([a, b, c, d])))
            }
            [ERASE_CODE, a, b, c, d] => Ok(Self::ErasePage(u32::from_le_bytes([a, b, c, d]))),
            [ERASE_CODE] => Ok(Self::MassErase),
            [READ_UNPROTECT_CODE] => Ok(Self::ReadUnprotect),
            [
                code @ (SET_ADDRESS_CODE | ERASE_CODE | READ_UNPROTECT_CODE),
                ..,
            ] => Err(CommandError::Length {
                code,
                length: bytes.len(),
            }),
            [code, ..] => Err(CommandError::Unknown { code }),
        }
    }

    /// The address it is about, where there is one.
    pub fn address(self) -> Option<u32> {
        match self {
            Self::SetAddress(address) | Self::ErasePage(address) => Some(address),
            Self::MassErase | Self::ReadUnprotect => None,
        }
    }
}

fn with_address(code: u8, address: u32) -> Vec<u8> {
    let [a, b, c, d] = address.to_le_bytes();
    vec![code, a, b, c, d]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// protocols.md §1.3.
    #[test]
    fn commands_have_their_bytes() {
        let table: [(Command, &[u8]); 4] = [
            (
                Command::SetAddress(0x0800_2000),
                &[0x21, 0x00, 0x20, 0x00, 0x08],
            ),
            (
                Command::ErasePage(0x0800_0000),
                &[0x41, 0x00, 0x00, 0x00, 0x08],
            ),
            (Command::MassErase, &[0x41]),
            (Command::ReadUnprotect, &[0x92]),
        ];
        for (command, bytes) in table {
            assert_eq!(command.encode(), bytes);
            assert_eq!(Command::decode(bytes), Ok(command));
        }
    }

    #[test]
    fn wrong_commands_are_told_apart() {
        assert_eq!(Command::decode(&[]), Err(CommandError::Empty));
        assert_eq!(
            Command::decode(&[0x21]),
            Err(CommandError::Length {
                code: 0x21,
                length: 1
            })
        );
        assert_eq!(
            Command::decode(&[0x41, 0, 0]),
            Err(CommandError::Length {
                code: 0x41,
                length: 3
            })
        );
        assert_eq!(
            Command::decode(&[0x22, 0, 0, 0, 8]),
            Err(CommandError::Unknown { code: 0x22 })
        );
    }

    proptest! {
        #[test]
        fn decoding_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..16)) {
            if let Ok(command) = Command::decode(&bytes) {
                prop_assert_eq!(command.encode(), bytes.clone());
            }
        }
    }
}

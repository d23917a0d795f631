//! Katapult's commands and replies (protocols.md §4.1, §4.2), both directions. Pure: knows no link, no order.
//! Protocol 1.0.0 and 1.1.0 differ only in the CONNECT reply.

use thiserror::Error;

use super::frame::{Frame, MAX_PAYLOAD_LEN};

const CONNECT: u8 = 0x11;
const SEND_BLOCK: u8 = 0x12;
const EOF: u8 = 0x13;
const REQUEST_BLOCK: u8 = 0x14;
const COMPLETE: u8 = 0x15;
/// No such command: a valid frame the device answers with ERROR and nothing else (§4.3, §4.6).
const PRIME: u8 = 0x90;

const ACK: u8 = 0xa0;
const NACK: u8 = 0xf1;
const ERROR: u8 = 0xf2;
const BUSY: u8 = 0xf3;

/// The longest block a SEND_BLOCK frame can carry behind its address.
pub const MAX_BLOCK_LEN: usize = MAX_PAYLOAD_LEN - size_of::<u32>();

/// What a host may ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Who are you?
    Connect,
    /// Program one block; at the start of a page this erases the page first.
    SendBlock {
        /// Where.
        address: u32,
        /// One block, at most [`MAX_BLOCK_LEN`] bytes.
        data: Vec<u8>,
    },
    /// How many pages were written?
    Eof,
    /// Read one block.
    RequestBlock {
        /// Where.
        address: u32,
    },
    /// Start the application.
    Complete,
    /// A harmless frame whose ERROR pushes out a reply that is held back.
    Prime,
}

impl Command {
    /// The code on the wire, which an ACK repeats.
    pub fn code(&self) -> u8 {
        match self {
            Self::Connect => CONNECT,
            Self::SendBlock { .. } => SEND_BLOCK,
            Self::Eof => EOF,
            Self::RequestBlock { .. } => REQUEST_BLOCK,
            Self::Complete => COMPLETE,
            Self::Prime => PRIME,
        }
    }

    /// The block it is about.
    pub fn address(&self) -> Option<u32> {
        match self {
            Self::SendBlock { address, .. } | Self::RequestBlock { address } => Some(*address),
            _ => None,
        }
    }

    /// The whole frame; `None` if a block is too long for the format.
    pub fn encode(&self) -> Option<Vec<u8>> {
        let payload = match self {
            Self::SendBlock { address, data } => [&address.to_le_bytes(), data.as_slice()].concat(),
            Self::RequestBlock { address } => address.to_le_bytes().to_vec(),
            _ => Vec::new(),
        };
        Frame::new(self.code(), payload).map(|frame| frame.encode())
    }

    /// What a device understands of a frame; `None` for an unknown code or a payload that does not fit.
    pub fn decode(frame: &Frame) -> Option<Self> {
        match (frame.code(), frame.payload()) {
            (CONNECT, _) => Some(Self::Connect),
            (SEND_BLOCK, payload) => {
                let (address, data) = split_u32(payload)?;
                let data = data.to_vec();
                Some(Self::SendBlock { address, data })
            }
            (EOF, _) => Some(Self::Eof),
            (REQUEST_BLOCK, payload) => {
                let (address, _) = split_u32(payload)?;
                Some(Self::RequestBlock { address })
            }
            (COMPLETE, _) => Some(Self::Complete),
            (PRIME, _) => Some(Self::Prime),
            _ => None,
        }
    }
}

/// What a device answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// To CONNECT.
    Connected(ConnectInfo),
    /// To SEND_BLOCK: it is programmed and compared.
    Written {
        /// Where.
        address: u32,
    },
    /// To EOF.
    Ended {
        /// Pages erased and written since power-on.
        pages: u32,
    },
    /// To REQUEST_BLOCK.
    Block {
        /// Where.
        address: u32,
        /// What is there.
        data: Vec<u8>,
    },
    /// To COMPLETE: the reset follows in 100 ms.
    Completing,
    /// What came before was no valid frame.
    Nack,
    /// The command was refused or is unknown; it does not say which.
    Error,
    /// Documented, never sent by an STM32 build.
    Busy,
}

/// Why a frame is no reply we know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ReplyError {
    /// Neither ACK, NACK, ERROR nor BUSY.
    #[error("unknown reply code {code:#04x}")]
    UnknownCode {
        /// It.
        code: u8,
    },
    /// An ACK that does not say to what.
    #[error("an acknowledgement without a command")]
    NoCommand,
    /// An ACK for a command that does not exist.
    #[error("an acknowledgement of unknown command {command:#x}")]
    UnknownCommand {
        /// It.
        command: u32,
    },
    /// An ACK with less than its command's reply holds.
    #[error("the acknowledgement of command {command:#04x} is too short")]
    TooShort {
        /// The command.
        command: u8,
    },
    /// A CONNECT reply that names no microcontroller.
    #[error("the bootloader does not name its microcontroller")]
    NoMcu,
}

impl Reply {
    /// The block it is about.
    pub fn address(&self) -> Option<u32> {
        match self {
            Self::Written { address } | Self::Block { address, .. } => Some(*address),
            _ => None,
        }
    }

    /// Reads a device's frame.
    pub fn decode(frame: &Frame) -> Result<Self, ReplyError> {
        match frame.code() {
            ACK => decode_ack(frame.payload()),
            NACK => Ok(Self::Nack),
            ERROR => Ok(Self::Error),
            BUSY => Ok(Self::Busy),
            code => Err(ReplyError::UnknownCode { code }),
        }
    }

    /// The whole frame as a device sends it; `None` if a block or text is too long for the format.
    pub fn encode(&self) -> Option<Vec<u8>> {
        let (code, payload) = match self {
            Self::Connected(info) => (ACK, ack(CONNECT, &info.encode())),
            Self::Written { address } => (ACK, ack(SEND_BLOCK, &address.to_le_bytes())),
            Self::Ended { pages } => (ACK, ack(EOF, &pages.to_le_bytes())),
            Self::Block { address, data } => {
                let body = [&address.to_le_bytes(), data.as_slice()].concat();
                (ACK, ack(REQUEST_BLOCK, &body))
            }
            Self::Completing => (ACK, ack(COMPLETE, &[])),
            Self::Nack => (NACK, Vec::new()),
            Self::Error => (ERROR, Vec::new()),
            Self::Busy => (BUSY, Vec::new()),
        };
        Frame::new(code, payload).map(|frame| frame.encode())
    }
}

fn ack(command: u8, body: &[u8]) -> Vec<u8> {
    [&u32::from(command).to_le_bytes(), body].concat()
}

fn decode_ack(payload: &[u8]) -> Result<Reply, ReplyError> {
    let (echoed, body) = split_u32(payload).ok_or(ReplyError::NoCommand)?;
    let Ok(command) = u8::try_from(echoed) else {
        return Err(ReplyError::UnknownCommand { command: echoed });
    };
    let short = ReplyError::TooShort { command };
    match command {
        CONNECT => ConnectInfo::decode(body).map(Reply::Connected),
        SEND_BLOCK => {
            let (address, _) = split_u32(body).ok_or(short)?;
            Ok(Reply::Written { address })
        }
        EOF => {
            let (pages, _) = split_u32(body).ok_or(short)?;
            Ok(Reply::Ended { pages })
        }
        REQUEST_BLOCK => {
            let (address, data) = split_u32(body).ok_or(short)?;
            let data = data.to_vec();
            Ok(Reply::Block { address, data })
        }
        COMPLETE => Ok(Reply::Completing),
        _ => Err(ReplyError::UnknownCommand { command: echoed }),
    }
}

/// A protocol version; ordered. 1.0.0 is Katapult until 2024-08, and CanBoot: V2 and V3; 1.1.0 Katapult since: V4
/// (§4.9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProtocolVersion {
    /// Incompatible changes.
    pub major: u8,
    /// 1 since the CONNECT reply carries a software version.
    pub minor: u8,
    /// Fixes.
    pub patch: u8,
}

impl ProtocolVersion {
    /// `major.minor.patch`.
    pub const fn new(major: u8, minor: u8, patch: u8) -> Self {
        Self {
            major,
            minor,
            patch,
        }
    }

    fn from_word(word: u32) -> Self {
        let [patch, minor, major, _] = word.to_le_bytes();
        Self::new(major, minor, patch)
    }

    fn to_word(self) -> u32 {
        u32::from_le_bytes([self.patch, self.minor, self.major, 0])
    }
}

impl std::fmt::Display for ProtocolVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// The answer to CONNECT: who the bootloader is and what it works with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectInfo {
    /// The protocol it speaks.
    pub protocol: ProtocolVersion,
    /// Where the application starts; nothing below can be written.
    pub app_start: u32,
    /// Bytes per block.
    pub block_size: u32,
    /// The microcontroller's Klipper name, `stm32f042x6`.
    pub mcu: String,
    /// The bootloader's own version text; missing before protocol 1.1.0.
    pub version: Option<String>,
}

impl ConnectInfo {
    fn decode(body: &[u8]) -> Result<Self, ReplyError> {
        let short = ReplyError::TooShort { command: CONNECT };
        let (protocol, body) = split_u32(body).ok_or(short)?;
        let (app_start, body) = split_u32(body).ok_or(short)?;
        let (block_size, texts) = split_u32(body).ok_or(short)?;
        // Any number of NULs stands between the texts (hazard 0.7), and the last may fill its word completely.
        let mut texts = texts.split(|byte| *byte == 0).filter(|run| !run.is_empty());
        let mcu = texts.next().map(text).ok_or(ReplyError::NoMcu)?;
        let version = texts.next().map(text);
        Ok(Self {
            protocol: ProtocolVersion::from_word(protocol),
            app_start,
            block_size,
            mcu,
            version,
        })
    }

    fn encode(&self) -> Vec<u8> {
        let mut body = Vec::new();
        body.extend_from_slice(&self.protocol.to_word().to_le_bytes());
        body.extend_from_slice(&self.app_start.to_le_bytes());
        body.extend_from_slice(&self.block_size.to_le_bytes());
        body.extend_from_slice(self.mcu.as_bytes());
        body.resize(body.len().next_multiple_of(4), 0);
        if let Some(version) = &self.version {
            body.extend_from_slice(&[0; 4]);
            body.extend_from_slice(version.as_bytes());
        }
        body
    }
}

/// Text of a device for people: never a control character.
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes)
        .chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}

fn split_u32(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (word, rest) = bytes.split_first_chunk::<4>()?;
    Some((u32::from_le_bytes(*word), rest))
}

#[cfg(test)]
mod tests;

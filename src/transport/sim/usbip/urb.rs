//! What travels once a device is imported: URBs to the device, their completions back. Bytes to values and back;
//! the kernel's Documentation/usb/usbip_protocol.rst, "Message Format". All numbers are big-endian.

use thiserror::Error;

/// Every message starts with this many bytes.
pub(super) const HEADER: usize = 48;
/// The most bytes of one URB that are believed. Clients here send at most a few KiB.
pub(super) const URB_MAX: u32 = 1 << 20;

const CMD_SUBMIT: u32 = 1;
const CMD_UNLINK: u32 = 2;
const RET_SUBMIT: u32 = 3;
const RET_UNLINK: u32 = 4;
/// Linux's errno values, negated as URBs carry them.
const EPIPE: i32 = -32;
const ECONNRESET: i32 = -104;

/// A message that is none of the protocol's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(super) enum UrbError {
    /// An unknown command.
    #[error("there is no USB/IP command {command:#010x}")]
    UnknownCommand {
        /// What was sent.
        command: u32,
    },
    /// A direction that is neither in nor out.
    #[error("there is no direction {direction}")]
    BadDirection {
        /// What was sent.
        direction: u32,
    },
    /// An URB of absurd length.
    #[error("an URB of {length} bytes is too long")]
    TooLong {
        /// What was announced.
        length: u32,
    },
    /// An isochronous URB: none of our devices has such an endpoint.
    #[error("an isochronous URB of {packets} packets, but no device here has such an endpoint")]
    Isochronous {
        /// What was announced.
        packets: u32,
    },
}

/// Which way the data of an URB goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    /// To the device.
    Out,
    /// To the host.
    In,
}

/// Header of an URB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Submit {
    /// Names this URB.
    pub(super) seqnum: u32,
    pub(super) direction: Direction,
    /// Endpoint number without its direction.
    pub(super) endpoint: u32,
    /// Bytes of data that follow (out) or for which there is room (in).
    pub(super) length: u32,
    /// The setup packet, for endpoint 0.
    pub(super) setup: [u8; 8],
}

impl Submit {
    /// How many bytes follow the header.
    pub(super) fn payload(&self) -> u32 {
        match self.direction {
            Direction::Out => self.length,
            Direction::In => 0,
        }
    }
}

/// What a client asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Command {
    /// Carry out an URB.
    Submit(Submit),
    /// Forget an URB.
    Unlink {
        /// Names this request.
        seqnum: u32,
        /// The URB to forget.
        victim: u32,
    },
}

impl Command {
    /// Reads a header.
    pub(super) fn parse(header: &[u8; HEADER]) -> Result<Self, UrbError> {
        let mut words = [0_u32; HEADER / 4];
        for (word, bytes) in words.iter_mut().zip(header.as_chunks::<4>().0) {
            *word = u32::from_be_bytes(*bytes);
        }
        // Words 2 (device), 5 (flags), 7 (start frame) and 9 (interval) mean nothing to our devices.
        let [
            command,
            seqnum,
            _,
            direction,
            endpoint,
            victim,
            length,
            _,
            packets,
            _,
            high,
            low,
        ] = words;
        match command {
            CMD_SUBMIT => {
                let direction = match direction {
                    0 => Direction::Out,
                    1 => Direction::In,
                    _ => return Err(UrbError::BadDirection { direction }),
                };
                if length > URB_MAX {
                    return Err(UrbError::TooLong { length });
                }
                if !matches!(packets, 0 | u32::MAX) {
                    return Err(UrbError::Isochronous { packets });
                }
                let setup = ((u64::from(high) << 32) | u64::from(low)).to_be_bytes();
                Ok(Self::Submit(Submit {
                    seqnum,
                    direction,
                    endpoint,
                    length,
                    setup,
                }))
            }
            CMD_UNLINK => Ok(Self::Unlink { seqnum, victim }),
            _ => Err(UrbError::UnknownCommand { command }),
        }
    }
}

/// How an URB ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Completion<'a> {
    /// This was read.
    Read(&'a [u8]),
    /// This many bytes were written.
    Written(u32),
    /// The endpoint stalled.
    Stalled,
}

/// The answer to [`Command::Submit`].
pub(super) fn submitted(seqnum: u32, completion: Completion<'_>) -> Vec<u8> {
    let (status, length, data): (i32, u32, &[u8]) = match completion {
        Completion::Read(data) => (0, u32::try_from(data.len()).unwrap_or(u32::MAX), data),
        Completion::Written(length) => (0, length, &[]),
        Completion::Stalled => (EPIPE, 0, &[]),
    };
    let mut message = header(RET_SUBMIT, seqnum, status, length);
    message.extend_from_slice(data);
    message
}

/// The answer to [`Command::Unlink`]: whether the URB was forgotten in time.
pub(super) fn unlinked(seqnum: u32, in_time: bool) -> Vec<u8> {
    let status = if in_time { ECONNRESET } else { 0 };
    header(RET_UNLINK, seqnum, status, 0)
}

fn header(command: u32, seqnum: u32, status: i32, length: u32) -> Vec<u8> {
    // Device, direction and endpoint are 0 in answers; the kernel takes 0 packets for "not isochronous".
    let mut message: Vec<u8> = [command, seqnum, 0, 0, 0, status.cast_unsigned(), length]
        .iter()
        .flat_map(|word| word.to_be_bytes())
        .collect();
    message.resize(HEADER, 0);
    message
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// usbip_protocol.rst writes messages as big-endian words.
    fn bytes(words: &str) -> Vec<u8> {
        let digits: String = words.split_whitespace().collect();
        (0..digits.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap())
            .collect()
    }

    fn parse(words: &str) -> Result<Command, UrbError> {
        Command::parse(bytes(words).as_slice().try_into().unwrap())
    }

    #[test]
    fn the_documents_example_commands_are_read() {
        let read = parse(
            "00000001 00000d05 0001000f 00000001 00000001 00000200 00000040 ffffffff 00000000 00000004 00000000 00000000",
        );
        let expected = Submit {
            seqnum: 0xd05,
            direction: Direction::In,
            endpoint: 1,
            length: 64,
            setup: [0; 8],
        };
        assert_eq!(read, Ok(Command::Submit(expected)));
        assert_eq!(expected.payload(), 0);
        let write = parse(
            "00000001 00000d06 0001000f 00000000 00000001 00000000 00000040 ffffffff 00000000 00000004 00000000 00000000",
        );
        let expected = Submit {
            seqnum: 0xd06,
            direction: Direction::Out,
            endpoint: 1,
            length: 64,
            setup: [0; 8],
        };
        assert_eq!(write, Ok(Command::Submit(expected)));
        assert_eq!(expected.payload(), 64);
    }

    #[test]
    fn the_documents_example_answers_are_written() {
        let out = bytes(
            "00000003 00000d06 00000000 00000000 00000000 00000000 00000040 ffffffff 00000000 00000000 00000000 00000000",
        );
        // The example echoes the start frame; the text above it asks for 0.
        let text = |mut example: Vec<u8>| {
            example[28..32].fill(0);
            example
        };
        assert_eq!(submitted(0xd06, Completion::Written(64)), text(out));
        let data = bytes(
            "ffffffff 860011a7 84ce5ae2 12376361 2891b102 01000004 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000",
        );
        let mut read = bytes(
            "00000003 00000d05 00000000 00000000 00000000 00000000 00000040 ffffffff 00000000 00000000 00000000 00000000",
        );
        read.extend_from_slice(&data);
        assert_eq!(submitted(0xd05, Completion::Read(&data)), text(read));
    }

    #[test]
    fn setup_packets_keep_their_order() {
        let command = parse(
            "00000001 00000001 00010002 00000001 00000000 00000200 00000040 00000000 ffffffff 00000000 80060001 00004000",
        );
        let Ok(Command::Submit(submit)) = command else {
            panic!("{command:?}");
        };
        assert_eq!(
            submit.setup,
            [0x80, 0x06, 0x00, 0x01, 0x00, 0x00, 0x40, 0x00]
        );
    }

    #[test]
    fn unlinking_is_read_and_answered() {
        let command = parse(
            "00000002 00000d07 0001000f 00000000 00000000 00000d05 00000000 00000000 00000000 00000000 00000000 00000000",
        );
        let expected = Command::Unlink {
            seqnum: 0xd07,
            victim: 0xd05,
        };
        assert_eq!(command, Ok(expected));
        assert_eq!(
            unlinked(0xd07, true),
            bytes(
                "00000004 00000d07 00000000 00000000 00000000 ffffff98 00000000 00000000 00000000 00000000 00000000 00000000"
            )
        );
        assert_eq!(unlinked(0xd07, false)[20..24], [0; 4]);
    }

    #[test]
    fn a_stall_is_a_broken_pipe() {
        let answer = submitted(7, Completion::Stalled);
        assert_eq!(answer.len(), HEADER);
        assert_eq!(answer[20..24], [0xff, 0xff, 0xff, 0xe0]);
    }

    #[test]
    fn nonsense_is_refused() {
        let words = |command: &str, direction: &str, length: &str, packets: &str| {
            parse(&format!(
                "{command} 00000001 00000000 {direction} 00000000 00000000 {length} 00000000 {packets} 00000000 00000000 00000000"
            ))
        };
        let (zero, one) = ("00000000", "00000001");
        assert_eq!(
            words("00000009", zero, zero, zero),
            Err(UrbError::UnknownCommand { command: 9 })
        );
        assert_eq!(
            words(one, "00000002", zero, zero),
            Err(UrbError::BadDirection { direction: 2 })
        );
        assert!(words(one, zero, "00100000", zero).is_ok());
        assert_eq!(
            words(one, zero, "00100001", zero),
            Err(UrbError::TooLong {
                length: 0x0010_0001
            })
        );
        assert_eq!(
            words(one, zero, zero, one),
            Err(UrbError::Isochronous { packets: 1 })
        );
    }

    proptest! {
        #[test]
        fn parsing_never_panics(header: [u8; HEADER]) {
            let _any = Command::parse(&header);
        }
    }
}

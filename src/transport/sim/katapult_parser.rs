//! Katapult's receive parser with its flaw (protocols.md §0.1, §4.1): a frame error whose first byte is the start
//! byte itself never goes away. Bytes in, frames out.

use super::crc::crc16;

/// The first byte of a frame.
const START: u8 = 0x01;
const START_2: u8 = 0x88;
const END: [u8; 2] = [0x99, 0x03];
/// The shortest frame: start, command, length, checksum, end.
const FRAME_MIN: usize = 8;
/// The longest, and the size of the receive buffer.
const FRAME_MAX: usize = 128;

/// A frame that arrived whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) command: u8,
    pub(super) payload: Vec<u8>,
}

/// What the parser came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Parsed {
    /// A frame.
    Frame(Frame),
    /// The first error since the last whole frame: it is answered.
    Nack,
    /// It needs more bytes, or will never say anything again.
    Nothing,
}

/// The parser and its buffer.
#[derive(Debug, Clone, Default)]
pub(super) struct Parser {
    buffer: Vec<u8>,
    need_valid: bool,
    wedged: bool,
}

impl Parser {
    /// Takes as many bytes as there is room for; says how many.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> usize {
        let room = FRAME_MAX.saturating_sub(self.buffer.len());
        let taken = bytes.get(..room).unwrap_or(bytes);
        self.buffer.extend_from_slice(taken);
        taken.len()
    }

    /// True once it will never say anything again.
    pub(super) fn is_wedged(&self) -> bool {
        self.wedged
    }

    /// Puts it into that state.
    pub(super) fn wedge(&mut self) {
        self.wedged = true;
    }

    /// Looks at what has arrived.
    pub(super) fn parse(&mut self) -> Parsed {
        if self.wedged {
            return Parsed::Nothing;
        }
        match self.frame_length() {
            Ok(None) => Parsed::Nothing,
            Ok(Some(length)) => {
                let rest = self.buffer.split_off(length);
                let frame = std::mem::replace(&mut self.buffer, rest);
                self.need_valid = false;
                let [_, _, command, _, payload @ .., _, _, _, _] = frame.as_slice() else {
                    return Parsed::Nothing;
                };
                Parsed::Frame(Frame {
                    command: *command,
                    payload: payload.to_vec(),
                })
            }
            Err(()) => self.skip(),
        }
    }

    /// The length of a whole frame at the start of the buffer; `None` if it may become one, an error if not.
    fn frame_length(&self) -> Result<Option<usize>, ()> {
        let [first, second, _, words, ..] = self.buffer.as_slice() else {
            return Ok(None);
        };
        if self.buffer.len() < FRAME_MIN {
            return Ok(None);
        }
        let length = usize::from(*words)
            .saturating_mul(4)
            .saturating_add(FRAME_MIN);
        if *first != START || *second != START_2 || length > FRAME_MAX {
            return Err(());
        }
        let Some(frame) = self.buffer.get(..length) else {
            return Ok(None);
        };
        let [_, _, body @ .., low, high, end_1, end_2] = frame else {
            return Err(());
        };
        let is_whole = [*end_1, *end_2] == END && u16::from_le_bytes([*low, *high]) == crc16(body);
        if is_whole { Ok(Some(length)) } else { Err(()) }
    }

    /// Skips to the next start byte, which may be the one it is at.
    fn skip(&mut self) -> Parsed {
        match self.buffer.iter().position(|byte| *byte == START) {
            Some(0) => self.wedged = true,
            Some(position) => drop(self.buffer.drain(..position)),
            None => self.buffer.clear(),
        }
        if self.need_valid {
            return self.parse();
        }
        self.need_valid = true;
        Parsed::Nack
    }
}

/// A frame as it goes over the wire; the payload is whole words.
pub(super) fn frame(command: u8, payload: &[u8]) -> Vec<u8> {
    let words = u8::try_from(payload.len() / 4).unwrap_or(u8::MAX);
    let mut body = vec![command, words];
    body.extend_from_slice(payload);
    let checksum = crc16(&body).to_le_bytes();
    [&[START, START_2], body.as_slice(), &checksum, &END].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_all(parser: &mut Parser, bytes: &[u8]) -> Vec<Parsed> {
        let mut seen = Vec::new();
        assert_eq!(parser.feed(bytes), bytes.len());
        loop {
            match parser.parse() {
                Parsed::Nothing => return seen,
                parsed => seen.push(parsed),
            }
        }
    }

    fn connect() -> Vec<u8> {
        vec![0x01, 0x88, 0x11, 0x00, 0xf1, 0x7c, 0x99, 0x03]
    }

    fn connected() -> Parsed {
        Parsed::Frame(Frame {
            command: 0x11,
            payload: vec![],
        })
    }

    #[test]
    fn frames_are_the_vectors() {
        for (command, expected) in [
            (0x11, [0xf1, 0x7c]),
            (0x13, [0x41, 0x4f]),
            (0x15, [0x91, 0x1b]),
            (0x16, [0xf9, 0x31]),
            (0x90, [0xe5, 0xe9]),
            (0xf1, [0x68, 0x95]),
            (0xf2, [0x00, 0xbf]),
            (0xf3, [0xd8, 0xa6]),
        ] {
            let [low, high] = expected;
            let wire = [0x01, 0x88, command, 0x00, low, high, 0x99, 0x03];
            assert_eq!(frame(command, &[]), wire);
        }
    }

    #[test]
    fn whole_frames_pass_however_they_are_cut() {
        let mut parser = Parser::default();
        let mut wire = connect();
        wire.extend(frame(0x14, &[1, 0x88, 0x99, 3]));
        let (last, rest) = wire.split_last().unwrap();
        for byte in rest {
            parser.feed(&[*byte]);
            if let Parsed::Frame(frame) = parser.parse() {
                assert_eq!(frame.command, 0x11);
            }
        }
        assert_eq!(
            parse_all(&mut parser, &[*last]),
            [Parsed::Frame(Frame {
                command: 0x14,
                payload: vec![1, 0x88, 0x99, 3]
            })]
        );
    }

    /// protocols.md §0.1, each of the cases named there.
    #[test]
    fn bad_bytes_wedge_it_for_ever() {
        let mut damaged = connect();
        damaged[4] ^= 1;
        let truncated = frame(0x12, &[7; 68])[..40].to_vec();
        for (what, bytes) in [
            ("damaged frame", damaged),
            ("lone start", vec![0x01]),
            ("truncated SEND_BLOCK", truncated),
            (
                "identify",
                vec![0x08, 0x10, 0x01, 0x00, 0x28, 0x5e, 0x9f, 0x7e],
            ),
            ("too long", vec![0x01, 0x88, 0x11, 31, 0, 0, 0x99, 0x03]),
        ] {
            let mut parser = Parser::default();
            let mut nacks = parse_all(&mut parser, &bytes);
            for _ in 0..12 {
                parser.feed(&connect());
                let parsed = parser.parse();
                assert!(!matches!(parsed, Parsed::Frame(_)), "{what}");
                nacks.extend((parsed == Parsed::Nack).then_some(parsed));
            }
            assert_eq!(nacks, [Parsed::Nack], "{what}: one, then silence");
            assert!(parser.is_wedged(), "{what}");
        }
    }

    #[test]
    fn what_a_modem_manager_sends_does_not() {
        for bytes in [&b"AT"[..], b"AT\r", &[0x7e, 0x00, 0x78, 0xf0, 0x7e]] {
            let mut parser = Parser::default();
            let mut seen = parse_all(&mut parser, bytes);
            seen.extend(parse_all(&mut parser, &connect()));
            assert_eq!(seen, [Parsed::Nack, connected()], "{bytes:?}");
            assert_eq!(parse_all(&mut parser, &connect()), [connected()]);
        }
    }

    #[test]
    fn a_full_buffer_takes_no_more() {
        let mut parser = Parser::default();
        parser.wedge();
        assert_eq!(parser.feed(&[0; 100]), 100);
        assert_eq!(parser.feed(&[0; 100]), 28);
        assert_eq!(parser.feed(&[0]), 0);
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic_or_hang(bytes in proptest::collection::vec(0_u8..4, 0..128)) {
            let mut parser = Parser::default();
            let seen = parse_all(&mut parser, &bytes);
            proptest::prop_assert!(seen.len() <= 1 + bytes.len() / FRAME_MIN);
        }
    }
}

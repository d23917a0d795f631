use proptest::prelude::*;

use super::super::frame::{FrameDecoder, Received};
use super::*;

/// `"01 88"` as bytes.
fn hex(text: &str) -> Vec<u8> {
    text.split_whitespace()
        .map(|byte| u8::from_str_radix(byte, 16).unwrap())
        .collect()
}

fn counting_block() -> Vec<u8> {
    (0..64).collect()
}

fn blank_block(first_word: u8) -> Vec<u8> {
    let mut data = vec![0xff; 64];
    data[..4].fill(first_word);
    data
}

fn only_frame(bytes: &[u8]) -> Frame {
    let mut received = FrameDecoder::new().push(bytes);
    assert_eq!(received.len(), 1, "{received:?}");
    match received.remove(0) {
        Received::Frame(frame) => frame,
        Received::Noise(_) => panic!("noise"),
    }
}

fn decoded(bytes: &[u8]) -> Result<Reply, ReplyError> {
    Reply::decode(&only_frame(bytes))
}

fn v4() -> ConnectInfo {
    ConnectInfo {
        protocol: ProtocolVersion::new(1, 1, 0),
        app_start: 0x0800_2000,
        block_size: 64,
        mcu: "stm32g431xx".into(),
        version: Some("v0.0.1-104-gfcb2f84-dirty".into()),
    }
}

fn v3() -> ConnectInfo {
    ConnectInfo {
        protocol: ProtocolVersion::new(1, 0, 0),
        mcu: "stm32f042x6".into(),
        version: None,
        ..v4()
    }
}

const V4_CONNECT: &str = "01 88 a0 0f 11 00 00 00 00 01 01 00 00 20 00 08 40 00 00 00 \
    73 74 6d 33 32 67 34 33 31 78 78 00 00 00 00 00 76 30 2e 30 2e 31 2d 31 30 34 2d 67 66 63 62 32 66 38 34 2d \
    64 69 72 74 79 00 00 00 00 f5 99 03";
const V3_CONNECT: &str = "01 88 a0 07 11 00 00 00 00 00 01 00 00 20 00 08 40 00 00 00 \
    73 74 6d 33 32 66 30 34 32 78 36 00 8f 5e 99 03";

#[test]
fn golden_commands() {
    let cases = [
        (Command::Connect, "01 88 11 00 f1 7c 99 03"),
        (
            Command::RequestBlock {
                address: 0x0800_2000,
            },
            "01 88 14 01 00 20 00 08 5b de 99 03",
        ),
        (
            Command::RequestBlock {
                address: 0x0800_0000,
            },
            "01 88 14 01 00 00 00 08 60 dd 99 03",
        ),
        (Command::Eof, "01 88 13 00 41 4f 99 03"),
        (Command::Complete, "01 88 15 00 91 1b 99 03"),
        (Command::Prime, "01 88 90 00 e5 e9 99 03"),
    ];
    for (command, wire) in cases {
        assert_eq!(command.encode().unwrap(), hex(wire), "{command:?}");
        assert_eq!(Command::decode(&only_frame(&hex(wire))), Some(command));
    }
}

#[test]
fn golden_send_blocks() {
    let cases = [
        (0x0800_2000, counting_block(), "d2 f3 99 03"),
        (0x0800_2000, blank_block(0xff), "07 ea 99 03"),
        (0x0800_2000, blank_block(0x00), "ff 6a 99 03"),
        (0x0800_1fc0, counting_block(), "a4 d9 99 03"),
    ];
    for (address, data, tail) in cases {
        let command = Command::SendBlock {
            address,
            data: data.clone(),
        };
        let wire = command.encode().unwrap();
        assert_eq!(wire.len(), 76);
        assert_eq!(wire[..4], [0x01, 0x88, 0x12, 0x11]);
        assert_eq!(wire[4..8], u32::to_le_bytes(address));
        assert_eq!(wire[8..72], data);
        assert_eq!(wire[72..], hex(tail));
        assert_eq!(Command::decode(&only_frame(&wire)), Some(command));
    }
}

#[test]
fn golden_replies() {
    let mut block_wire = hex("01 88 a0 12 14 00 00 00 00 20 00 08");
    block_wire.extend(counting_block());
    block_wire.extend(hex("f2 6b 99 03"));
    let cases = [
        (Reply::Connected(v4()), hex(V4_CONNECT)),
        (Reply::Connected(v3()), hex(V3_CONNECT)),
        (
            Reply::Written {
                address: 0x0800_2000,
            },
            hex("01 88 a0 02 12 00 00 00 00 20 00 08 5a d6 99 03"),
        ),
        (
            Reply::Block {
                address: 0x0800_2000,
                data: counting_block(),
            },
            block_wire,
        ),
        (
            Reply::Ended { pages: 17 },
            hex("01 88 a0 02 13 00 00 00 11 00 00 00 8c 07 99 03"),
        ),
        (
            Reply::Completing,
            hex("01 88 a0 01 15 00 00 00 00 2e 99 03"),
        ),
        (Reply::Nack, hex("01 88 f1 00 68 95 99 03")),
        (Reply::Error, hex("01 88 f2 00 00 bf 99 03")),
        (Reply::Busy, hex("01 88 f3 00 d8 a6 99 03")),
    ];
    for (reply, wire) in cases {
        assert_eq!(reply.encode().unwrap(), wire, "{reply:?}");
        assert_eq!(decoded(&wire), Ok(reply));
    }
}

/// The body of a CONNECT reply after the three numbers, as any bootloader may pad it.
fn connect_with(texts: &[u8]) -> Result<Reply, ReplyError> {
    let mut payload = hex("11 00 00 00 00 01 01 00 00 20 00 08 40 00 00 00");
    payload.extend_from_slice(texts);
    Reply::decode(&Frame::new(0xa0, payload).unwrap())
}

#[test]
fn connect_texts_are_split_on_any_run_of_nul() {
    let cases: [(&[u8], &str, Option<&str>); 8] = [
        (b"stm32f042x6\0", "stm32f042x6", None),
        (b"stm32f042x6\0\0\0\0\0", "stm32f042x6", None),
        (b"stm32f042x6\0v1\0\0", "stm32f042x6", Some("v1")),
        (b"stm32f042x6\0\0\0\0\0v1\0\0", "stm32f042x6", Some("v1")),
        (b"twelve_chars\0\0\0\0v1.2", "twelve_chars", Some("v1.2")),
        (b"four", "four", None),
        (
            b"\0\0\0\0four\0\0\0\0v2.0\0\0\0\0junk",
            "four",
            Some("v2.0"),
        ),
        (
            b"bad\x1b\0\0\0\0\xff\xfe\x07\0",
            "bad\u{fffd}",
            Some("\u{fffd}\u{fffd}\u{fffd}"),
        ),
    ];
    for (texts, mcu, version) in cases {
        match connect_with(texts) {
            Ok(Reply::Connected(info)) => {
                assert_eq!(info.mcu, mcu);
                assert_eq!(info.version.as_deref(), version);
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn version_words_are_ordered() {
    assert_eq!(
        ProtocolVersion::from_word(0x0001_0100),
        ProtocolVersion::new(1, 1, 0)
    );
    assert_eq!(ProtocolVersion::new(1, 1, 0).to_string(), "1.1.0");
    assert!(ProtocolVersion::new(1, 0, 0) < ProtocolVersion::new(1, 1, 0));
}

#[test]
fn replies_that_are_none_are_named() {
    let cases = [
        (0x11, vec![], ReplyError::UnknownCode { code: 0x11 }),
        (0xa0, vec![], ReplyError::NoCommand),
        (
            0xa0,
            hex("99 00 00 00"),
            ReplyError::UnknownCommand { command: 0x99 },
        ),
        (
            0xa0,
            hex("11 01 00 00"),
            ReplyError::UnknownCommand { command: 0x111 },
        ),
        (
            0xa0,
            hex("11 00 00 00"),
            ReplyError::TooShort { command: 0x11 },
        ),
        (
            0xa0,
            hex("12 00 00 00"),
            ReplyError::TooShort { command: 0x12 },
        ),
        (
            0xa0,
            hex("13 00 00 00"),
            ReplyError::TooShort { command: 0x13 },
        ),
        (
            0xa0,
            hex("14 00 00 00"),
            ReplyError::TooShort { command: 0x14 },
        ),
        (
            0xa0,
            hex("16 00 00 00 01 02 03 04"),
            ReplyError::UnknownCommand { command: 0x16 },
        ),
    ];
    for (code, payload, error) in cases {
        assert_eq!(
            Reply::decode(&Frame::new(code, payload).unwrap()),
            Err(error)
        );
    }
    assert_eq!(connect_with(&[]), Err(ReplyError::NoMcu));
    assert_eq!(connect_with(&[0; 8]), Err(ReplyError::NoMcu));
}

#[test]
fn blocks_that_do_not_fit_are_refused() {
    let block = |len| {
        Command::SendBlock {
            address: 0,
            data: vec![0; len],
        }
        .encode()
    };
    assert!(block(MAX_BLOCK_LEN).is_some());
    assert!(block(MAX_BLOCK_LEN + 1).is_none());
}

proptest! {
    #[test]
    fn no_payload_panics(code: u8, command: u8, payload in prop::collection::vec(any::<u8>(), 0..200)) {
        drop(Reply::decode(&Frame::new(code, payload.clone()).unwrap()));
        let acknowledged = [&[command, 0, 0, 0], payload.as_slice()].concat();
        drop(Reply::decode(&Frame::new(0xa0, acknowledged).unwrap()));
        drop(Command::decode(&Frame::new(command, payload).unwrap()));
    }

    #[test]
    fn any_connect_round_trips(mcu in "[a-z0-9]{1,24}", version in prop::option::of("[a-z0-9.-]{1,40}"), block_size: u32, app_start: u32) {
        let info = ConnectInfo { app_start, block_size, mcu, version, ..v4() };
        let reply = Reply::Connected(info);
        prop_assert_eq!(decoded(&reply.encode().unwrap()), Ok(reply));
    }
}

use proptest::prelude::*;

use super::super::message::{Identify, IdentifyResponse};
use super::*;

/// `"01 88"` as bytes.
const MAX_CONTENT_LEN: usize = MAX_BLOCK_LEN - MIN_BLOCK_LEN;

fn hex(text: &str) -> Vec<u8> {
    text.split_whitespace()
        .map(|byte| u8::from_str_radix(byte, 16).unwrap())
        .collect()
}

fn block(sequence: u8, content: Vec<u8>) -> Block {
    Block {
        sequence: Sequence::new(sequence),
        content,
    }
}

/// The V4 6.1.0 USB reply to seq0/off0, protocols.md §5.3.
const FIRST_REPLY: &str = "30 11 00 00 28 78 da 9d 59 e9 6e db 48 12 7e 15 42 c0 60 81 85 33 2b 92 ba 1c 60 7e 28 \
    b2 9c 18 13 1f 23 c9 c9 60 17 0b a2 4d b6 24 c2 a1 73 7e";

#[test]
fn golden_requests() {
    let cases = [
        (0, 0, "08 10 01 00 28 5e 9f 7e"),
        (1, 0, "08 11 01 00 28 42 24 7e"),
        (2, 40, "08 12 01 28 28 8a 1a 7e"),
        (3, 80, "08 13 01 50 28 a8 a5 7e"),
        (5, 120, "09 15 01 80 78 28 3c 0e 7e"),
        (6, 2960, "09 16 01 97 10 28 83 c7 7e"),
    ];
    for (sequence, offset, wire) in cases {
        let request = Identify { offset, count: 40 };
        let sent = block(sequence, request.encode());
        assert_eq!(sent.encode().unwrap(), hex(wire));
        assert_eq!(BlockDecoder::new().push(&hex(wire)), [sent]);
        assert_eq!(Identify::decode(&request.encode()), Some(request));
    }
}

#[test]
fn golden_acknowledgements() {
    let cases = [
        (0, "05 10 9e 81 7e"),
        (1, "05 11 8f 08 7e"),
        (2, "05 12 bd 93 7e"),
        (3, "05 13 ac 1a 7e"),
        (15, "05 1f 66 76 7e"),
    ];
    for (sequence, wire) in cases {
        let ack = block(sequence, vec![]);
        assert_eq!(ack.encode().unwrap(), hex(wire));
        assert_eq!(BlockDecoder::new().push(&hex(wire)), [ack]);
    }
}

#[test]
fn golden_responses() {
    let blocks = BlockDecoder::new().push(&hex(FIRST_REPLY));
    let [first] = blocks.as_slice() else {
        panic!("{blocks:?}");
    };
    assert_eq!(first.sequence, Sequence::new(1));
    let response = IdentifyResponse::decode(&first.content).unwrap();
    assert_eq!(response.offset, 0);
    assert_eq!(response.data.len(), 40);
    assert_eq!(response.data[..2], [0x78, 0xda]);
    assert_eq!(response.encode().unwrap(), first.content);

    let end = block(5, hex("00 97 1e 00"));
    assert_eq!(end.encode().unwrap(), hex("09 15 00 97 1e 00 b5 ea 7e"));
    assert_eq!(
        IdentifyResponse::decode(&end.content),
        Some(IdentifyResponse {
            offset: 2974,
            data: vec![]
        })
    );
}

#[test]
fn a_block_survives_being_split_at_every_byte() {
    // Its content holds 7e twice.
    let bytes = hex(FIRST_REPLY);
    for cut in 0..=bytes.len() {
        let mut decoder = BlockDecoder::new();
        let mut got = decoder.push(&bytes[..cut]);
        got.extend(decoder.push(&bytes[cut..]));
        assert_eq!(got.len(), 1, "cut at {cut}");
    }
}

#[test]
fn anything_invalid_is_skipped_to_the_next_sync() {
    let good = hex("05 12 bd 93 7e");
    let cases = [
        "",
        "7e",
        "7e 7e 7e",
        "00 7e",
        "41 10 7e",
        "ff ff ff 7e",
        "05 22 bd 93 7e",
        "05 12 bd 94 7e",
        "05 12 bd 93 00 7e",
        "30 11 00 7e",
    ];
    for noise in cases {
        let mut bytes = hex(noise);
        bytes.extend_from_slice(&good);
        // A false length may swallow the first good block, never the second.
        bytes.extend_from_slice(&good.repeat(9));
        bytes.extend_from_slice(&hex("05 1f 66 76 7e"));
        let got = BlockDecoder::new().push(&bytes);
        assert_eq!(got.last(), Some(&block(15, vec![])), "{noise}");
    }
}

#[test]
fn blocks_inside_a_false_length_are_not_lost() {
    let good = hex("05 12 bd 93 7e");
    let mut bytes = hex("10 11 7e");
    bytes.extend_from_slice(&good.repeat(4));
    assert_eq!(BlockDecoder::new().push(&bytes).len(), 4);
}

#[test]
fn content_is_bounded() {
    assert!(block(0, vec![0; MAX_CONTENT_LEN]).encode().is_some());
    assert!(block(0, vec![0; MAX_CONTENT_LEN + 1]).encode().is_none());
}

#[test]
fn other_messages_are_not_taken_for_responses() {
    for content in [
        "",
        "01",
        "05 00 00",
        "00",
        "00 00",
        "00 00 02 aa",
        "00 80",
        "80",
    ] {
        assert_eq!(IdentifyResponse::decode(&hex(content)), None, "{content}");
    }
    for content in ["", "00 00 28", "01 00", "01 00 82 00"] {
        assert_eq!(Identify::decode(&hex(content)), None, "{content}");
    }
}

#[test]
fn sequences_go_round() {
    assert_eq!(Sequence::new(15).next(), Sequence::new(0));
    assert_eq!(Sequence::new(0x1f), Sequence::new(15));
}

proptest! {
    #[test]
    fn any_bytes_are_survived(chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..100), 0..20)) {
        let mut decoder = BlockDecoder::new();
        for chunk in &chunks {
            for block in decoder.push(chunk) {
                let _ = IdentifyResponse::decode(&block.content);
                let _ = Identify::decode(&block.content);
            }
            prop_assert!(decoder.pending.len() < MAX_BLOCK_LEN);
        }
    }

    #[test]
    fn any_block_round_trips(sequence in 0u8..16, content in prop::collection::vec(any::<u8>(), 0..=MAX_CONTENT_LEN), step in 1usize..70) {
        let wanted = block(sequence, content);
        let mut decoder = BlockDecoder::new();
        let mut got = Vec::new();
        for chunk in wanted.encode().unwrap().chunks(step) {
            got.extend(decoder.push(chunk));
        }
        prop_assert_eq!(got, vec![wanted]);
    }
}

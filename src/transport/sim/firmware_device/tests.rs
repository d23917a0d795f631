//! `identify` against the vectors of protocols.md §5.3.

use super::*;

const NOTHING: [u8; 0] = [];
const STEP: Duration = Duration::from_millis(5);

struct Bed {
    firmware: FirmwareDevice,
    now: Duration,
}

impl Bed {
    /// Firmware that has said something already.
    fn new(dictionary: Vec<u8>) -> Self {
        let mut bed = Self {
            firmware: FirmwareDevice::new(dictionary, false, Duration::ZERO),
            now: Duration::ZERO,
        };
        bed.firmware.cdc.send(bed.now, vec![0; 8]);
        bed.firmware.cdc.send(bed.now, vec![0; 8]);
        bed.heard();
        bed
    }

    fn heard(&mut self) -> Vec<u8> {
        self.now += STEP;
        self.firmware.settle(self.now);
        self.firmware.cdc.poll(self.now);
        self.firmware.cdc.take(usize::MAX)
    }

    fn ask(&mut self, wire: &[u8]) -> Vec<u8> {
        assert_eq!(self.firmware.receive(wire, self.now), []);
        self.heard()
    }

    fn identify(&mut self, sequence: u8, offset: i32, count: i32) -> Vec<u8> {
        let mut payload = vec![1];
        encode(offset, &mut payload);
        encode(count, &mut payload);
        self.ask(&frame(sequence, &payload))
    }
}

fn bytes(hex: &str) -> Vec<u8> {
    hex.split_whitespace()
        .map(|byte| u8::from_str_radix(byte, 16).unwrap())
        .collect()
}

/// protocols.md §5.3: the beginning of the V4's dictionary, and its end.
#[test]
fn answers_are_the_vectors() {
    let start = bytes(
        "78 da 9d 59 e9 6e db 48 12 7e 15 42 c0 60 81 85 33 2b 92 ba 1c 60 7e 28 b2 9c 18 13 1f 23 \
         c9 c9 60 17 0b a2 4d b6 24 c2",
    );
    let mut dictionary = start;
    dictionary.resize(2974, 0x42);
    let mut bed = Bed::new(dictionary);
    assert_eq!(
        bed.ask(&bytes("08 10 01 00 28 5e 9f 7e")),
        bytes(
            "30 11 00 00 28 78 da 9d 59 e9 6e db 48 12 7e 15 42 c0 60 81 85 33 2b 92 ba 1c 60 7e 28 b2 9c 18 13 1f 23 \
             c9 c9 60 17 0b a2 4d b6 24 c2 a1 73 7e \
             05 11 8f 08 7e"
        )
    );
    for sequence in 1..4 {
        bed.identify(sequence, 0, 40);
    }
    assert_eq!(
        bed.identify(4, 2974, 40)[..9],
        bytes("09 15 00 97 1e 00 b5 ea 7e")
    );
}

#[test]
fn a_whole_dictionary_comes_in_pieces() {
    let dictionary: Vec<u8> = (0..=255).cycle().take(1003).collect();
    let mut bed = Bed::new(dictionary.clone());
    let mut got: Vec<u8> = Vec::new();
    for sequence in (0_u8..16).cycle() {
        let offset = i32::try_from(got.len()).unwrap();
        let answer = bed.identify(sequence, offset, 40);
        let length = usize::from(answer[0]);
        let Found::Frame { payload, .. } = find(&answer[..length]) else {
            panic!("{answer:?}");
        };
        let mut rest = payload.as_slice();
        assert_eq!(decode(&mut rest), Some(0));
        assert_eq!(decode(&mut rest), Some(offset));
        if rest[0] == 0 {
            break;
        }
        got.extend(&rest[1..]);
    }
    assert_eq!(got, dictionary);
}

#[test]
fn a_wrong_sequence_number_gets_the_expected_one() {
    let mut bed = Bed::new(vec![7; 100]);
    bed.identify(0, 0, 40);
    assert_eq!(bed.identify(9, 0, 40), frame(1, &[]));
    assert_eq!(bed.identify(0, 0, 40), frame(1, &[]), "a repetition too");
    assert_eq!(bed.identify(1, 0, 40).len(), 48 + 5);
}

#[test]
fn garbage_gets_one_answer() {
    let mut bed = Bed::new(vec![7; 100]);
    assert_eq!(bed.ask(b"AT\r\n"), frame(0, &[]));
    assert_eq!(bed.ask(&[0xff; 200]), NOTHING);
    // A sync byte ends it, and a whole frame is heard again.
    assert_eq!(bed.ask(&[SYNC]), NOTHING);
    assert_eq!(bed.identify(0, 0, 40).len(), 48 + 5);
    assert_eq!(bed.ask(&[SYNC, SYNC, SYNC]), NOTHING, "ignored silently");
    assert_eq!(bed.identify(1, 0, 40).len(), 48 + 5);
    // Half a frame, flushed by a sync byte.
    assert_eq!(bed.ask(&[0x08, 0x12, 0x01]), NOTHING);
    let answers = bed.ask(&[SYNC, SYNC, SYNC, SYNC, SYNC]);
    assert_eq!(answers, frame(2, &[]));
}

#[test]
fn sixty_four_bytes_get_stuck() {
    let mut bed = Bed::new(vec![7; 200]);
    assert_eq!(
        bed.identify(0, 0, 51),
        NOTHING,
        "59 and 5 are a full packet"
    );
    assert_eq!(bed.identify(1, 0, 40).len(), 64 + 48 + 5);
}

#[test]
fn other_commands_break_the_rules() {
    for (id, payload) in [(2, vec![2]), (74, vec![74]), (200, vec![0x81, 0x48])] {
        let mut bed = Bed::new(vec![]);
        assert_eq!(
            bed.firmware.receive(&frame(0, &payload), bed.now),
            [Violation::FirmwareCommand { id }]
        );
    }
    let mut bed = Bed::new(vec![]);
    assert_eq!(
        bed.ask(&frame(0, &[1, 0])),
        frame(1, &[]),
        "cut off: ignored"
    );
    assert_eq!(bed.identify(1, -5, 40).len(), 8 + 5, "nothing there");
}

#[test]
fn noise_is_frames_of_another_id() {
    let mut bed = Bed::new(vec![7; 100]);
    bed.firmware.stream_from(bed.now);
    let mut heard = bed.heard();
    for _ in 0..20 {
        heard.extend(bed.heard());
    }
    assert!(heard.len() > 40);
    let mut rest = heard.as_slice();
    while !rest.is_empty() {
        let Found::Frame {
            length, payload, ..
        } = find(rest)
        else {
            panic!("{rest:?}");
        };
        assert_eq!(decode(&mut payload.as_slice()), Some(NOISE));
        rest = &rest[length..];
    }
    // Unread, it does not crowd out the answers.
    bed.now += Duration::from_secs(5);
    for _ in 0..300 {
        bed.now += STEP;
        bed.firmware.settle(bed.now);
    }
    assert!(bed.identify(0, 0, 40).len() > 53);
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_it_panic_or_hang(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
        let mut bed = Bed::new(vec![7; 100]);
        let _violations = bed.firmware.receive(&bytes, bed.now);
    }
}

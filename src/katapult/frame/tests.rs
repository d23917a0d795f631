use proptest::prelude::*;

use super::*;

fn frame(code: u8, payload: &[u8]) -> Frame {
    Frame::new(code, payload.to_vec()).unwrap()
}

fn all(decoder: &mut FrameDecoder, bytes: &[u8]) -> Vec<Received> {
    let mut out = Vec::new();
    for byte in bytes {
        out.extend(decoder.push(&[*byte]));
    }
    out
}

fn only_frames(received: Vec<Received>) -> Vec<Frame> {
    received
        .into_iter()
        .filter_map(|r| match r {
            Received::Frame(frame) => Some(frame),
            Received::Noise(_) => None,
        })
        .collect()
}

/// A payload that holds a whole frame, a start and an end.
fn nasty() -> Frame {
    let mut payload = frame(0xa0, &[1, 0x88, 0x99, 3]).encode();
    payload.extend_from_slice(&[0x99, 0x03, 0x01, 0x88, 0x01, 0x01, 0x88]);
    frame(0xa0, &payload)
}

#[test]
fn golden_empty_frame() {
    assert_eq!(
        frame(0x11, &[]).encode(),
        [0x01, 0x88, 0x11, 0x00, 0xf1, 0x7c, 0x99, 0x03]
    );
}

#[test]
fn payloads_are_padded_to_words_and_bounded() {
    assert_eq!(
        frame(0xa0, &[1, 2, 3, 4, 5]).payload(),
        [1, 2, 3, 4, 5, 0, 0, 0]
    );
    assert!(Frame::new(0xa0, vec![0; MAX_PAYLOAD_LEN]).is_some());
    assert!(Frame::new(0xa0, vec![0; MAX_PAYLOAD_LEN + 1]).is_none());
}

#[test]
fn a_frame_survives_being_split_at_every_byte() {
    let wanted = nasty();
    let bytes = wanted.encode();
    for cut in 0..=bytes.len() {
        let mut decoder = FrameDecoder::new();
        let mut got = decoder.push(&bytes[..cut]);
        got.extend(decoder.push(&bytes[cut..]));
        assert_eq!(got, [Received::Frame(wanted.clone())], "cut at {cut}");
    }
    let mut decoder = FrameDecoder::new();
    assert_eq!(all(&mut decoder, &bytes), [Received::Frame(wanted)]);
}

#[test]
fn glued_frames_come_one_by_one() {
    let frames = [frame(0xf2, &[]), nasty(), frame(0xa0, &[9; 80])];
    let bytes: Vec<u8> = frames.iter().flat_map(Frame::encode).collect();
    let mut decoder = FrameDecoder::new();
    assert_eq!(only_frames(decoder.push(&bytes)), frames);
}

#[test]
fn noise_before_and_between_is_counted_and_skipped() {
    let wanted = frame(0xa0, &[7; 12]);
    let mut bytes = vec![0x00, 0x01, 0x01, 0x99, 0x03];
    bytes.extend(wanted.encode());
    bytes.extend([0x88, 0x7e]);
    bytes.extend(wanted.encode());
    let mut decoder = FrameDecoder::new();
    assert_eq!(
        decoder.push(&bytes),
        [
            Received::Noise(5),
            Received::Frame(wanted.clone()),
            Received::Noise(2),
            Received::Frame(wanted),
        ]
    );
}

#[test]
fn a_damaged_frame_is_noise_and_the_next_is_found() {
    let wanted = frame(0xa0, &[7; 12]);
    let good = wanted.encode();
    for index in 0..good.len() {
        let mut bytes = good.clone();
        bytes[index] ^= 0x40;
        bytes.extend_from_slice(&good);
        let mut decoder = FrameDecoder::new();
        let mut got = decoder.push(&bytes);
        got.extend(decoder.flush());
        assert_eq!(
            only_frames(got),
            std::slice::from_ref(&wanted),
            "damage at {index}"
        );
    }
}

#[test]
fn a_false_length_hides_a_frame_only_until_flush() {
    let wanted = frame(0xa0, &[7; 12]);
    let mut bytes = vec![0x01, 0x88, 0xa0, 0xff];
    bytes.extend(wanted.encode());
    let mut decoder = FrameDecoder::new();
    assert_eq!(decoder.push(&bytes), []);
    assert_eq!(
        decoder.flush(),
        [Received::Noise(4), Received::Frame(wanted)]
    );
    assert_eq!(decoder.flush(), []);
}

#[test]
fn nothing_makes_it_grow() {
    let mut decoder = FrameDecoder::new();
    for chunk in [[0x01u8, 0x88, 0xa0, 0xff], [0x01, 0x01, 0x01, 0x01], [0; 4]] {
        for _ in 0..5000 {
            decoder.push(&chunk);
            assert!(decoder.pending.len() < HEADER_LEN + MAX_PAYLOAD_LEN + TRAILER_LEN);
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_are_survived_and_accounted_for(chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..20)) {
        let mut decoder = FrameDecoder::new();
        let mut accounted = 0;
        let mut count = |received: Vec<Received>| {
            for item in received {
                accounted += match item {
                    Received::Frame(frame) => frame.encode().len(),
                    Received::Noise(bytes) => bytes,
                };
            }
        };
        for chunk in &chunks {
            count(decoder.push(chunk));
        }
        count(decoder.flush());
        prop_assert_eq!(accounted, chunks.iter().map(Vec::len).sum::<usize>());
    }

    #[test]
    fn any_frame_round_trips_in_any_chunks(code: u8, payload in prop::collection::vec(prop::sample::select(vec![0u8, 1, 0x88, 0x99, 3, 0xff]), 0..300), step in 1usize..70) {
        let wanted = Frame::new(code, payload).unwrap();
        let mut decoder = FrameDecoder::new();
        let mut got = Vec::new();
        for chunk in wanted.encode().chunks(step) {
            got.extend(decoder.push(chunk));
        }
        prop_assert_eq!(got, vec![Received::Frame(wanted)]);
    }
}

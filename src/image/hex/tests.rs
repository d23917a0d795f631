use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;

fn record(kind: u8, offset: u16, data: &[u8]) -> String {
    let mut bytes = vec![u8::try_from(data.len()).unwrap()];
    bytes.extend_from_slice(&offset.to_be_bytes());
    bytes.push(kind);
    bytes.extend_from_slice(data);
    let sum = bytes.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
    bytes.push(sum.wrapping_neg());
    let mut line = String::from(":");
    for byte in bytes {
        write!(line, "{byte:02X}").unwrap();
    }
    line.push_str("\r\n");
    line
}

/// A HEX file with linear addresses and an end record, 16 bytes to a line.
pub(in crate::image) fn build(pieces: &[(u32, &[u8])]) -> Vec<u8> {
    let mut text = String::new();
    let mut high = None;
    for (start, bytes) in pieces {
        for (chunk, address) in bytes.chunks(16).zip((*start..).step_by(16)) {
            let [h0, h1, l0, l1] = address.to_be_bytes();
            if high != Some([h0, h1]) {
                high = Some([h0, h1]);
                text.push_str(&record(4, 0, &[h0, h1]));
            }
            text.push_str(&record(0, u16::from_be_bytes([l0, l1]), chunk));
        }
    }
    text.push_str(":00000001FF\r\n");
    text.into_bytes()
}

fn read(file: &str) -> Vec<(u32, Vec<u8>)> {
    parse(file.as_bytes())
        .unwrap()
        .into_iter()
        .map(|segment| (segment.address, segment.bytes.into_owned()))
        .collect()
}

fn problem(file: &str) -> (usize, HexProblem) {
    let HexError { line, problem } = parse(file.as_bytes()).unwrap_err();
    (line, problem)
}

#[test]
fn reads_linear_records_in_any_case_with_gaps() {
    let file = [
        "\n:020000040800f2\r\n",
        &record(0, 0x2000, &[0, 1, 2, 0xff]),
        &record(0, 0x2004, &[0x10, 0x20]).to_lowercase(),
        &record(5, 0, &[8, 0, 0x20, 1]),
        &record(3, 0, &[0, 0, 0, 0]),
        &record(0, 0x3000, &[0xaa]),
        ":00000001FF\n \n",
    ]
    .concat();
    assert_eq!(
        read(&file),
        [
            (0x0800_2000, vec![0, 1, 2, 0xff, 0x10, 0x20]),
            (0x0800_3000, vec![0xaa])
        ]
    );
}

#[test]
fn the_published_examples_have_the_checksums_published() {
    // Intel's specification, §3 to §8: extended segment, extended linear and end records.
    for line in [":020000021200EA", ":02000004FFFFFC", ":00000001FF"] {
        assert!(Record::parse(line.as_bytes()).is_ok(), "{line}");
    }
}

#[test]
fn segment_records_count_in_paragraphs_and_linear_ones_in_64_kib() {
    let file = [
        record(2, 0, &[0x12, 0x00]),
        record(0, 0x0010, &[1]),
        record(4, 0, &[0x08, 0x01]),
        record(0, 0xffff, &[2, 3]),
        record(1, 0, &[]),
    ]
    .concat();
    assert_eq!(
        read(&file),
        [(0x0001_2010, vec![1]), (0x0801_ffff, vec![2, 3])]
    );
}

#[test]
fn each_flaw_has_its_error_and_its_line() {
    let good = record(0, 0, &[1, 2, 3]);
    for (flaw, expected) in [
        ("00000001FF".to_owned(), HexProblem::NotARecord),
        (":0000000".into(), HexProblem::Length),
        (":".into(), HexProblem::Length),
        (":00".into(), HexProblem::Length),
        (":0G000001FF".into(), HexProblem::Digits),
        (":01000000FF".into(), HexProblem::Length),
        (format!(":{}", "0".repeat(600)), HexProblem::Length),
        (
            ":00000001FE".into(),
            HexProblem::Checksum {
                found: 0xfe,
                expected: 0xff,
            },
        ),
        (record(6, 0, &[]), HexProblem::RecordType { kind: 6 }),
        (record(4, 0, &[1]), HexProblem::Length),
        (record(0, 0, &[]), HexProblem::NoEnd),
        (record(1, 0, &[1]), HexProblem::Length),
        (
            [record(2, 0, &[0, 0]), record(0, 0xffff, &[1, 2])].concat(),
            HexProblem::Wrap,
        ),
        (
            [record(4, 0, &[0xff, 0xff]), record(0, 0xffff, &[1])].concat(),
            HexProblem::Wrap,
        ),
        (format!(":00000001FF\n{good}"), HexProblem::AfterEnd),
    ] {
        let (line, found) = problem(&format!("{good}{flaw}"));
        assert_eq!(found, expected, "{flaw}");
        assert!(line == 2 || line == 3, "{flaw}");
    }
}

#[test]
fn a_cut_file_is_refused_wherever_it_is_cut() {
    let file = build(&[(0x0800_2000, &[7; 40])]);
    let end = file.trim_ascii_end().len();
    for length in 0..end {
        assert!(parse(&file[..length]).is_err(), "{length}");
    }
    assert!(parse(&file[..end]).is_ok());
}

#[test]
fn is_told_from_text() {
    assert!(looks_like(b" \r\n:020000040800F2"));
    assert!(!looks_like(b":wq and some text"));
    assert!(!looks_like(b":0200"));
    assert!(!looks_like(b""));
}

proptest! {
    #[test]
    fn never_panics(file in "(:[0-9A-Fa-f]{0,24}\n?|[ -~]|\n){0,40}") {
        if let Ok(segments) = parse(file.as_bytes()) {
            let total: usize = segments.iter().map(|s| s.bytes.len()).sum();
            prop_assert!(total <= file.len());
        }
    }

    #[test]
    fn what_is_written_is_read(start in 0x0800_0000_u32..0x0800_8000, data in proptest::collection::vec(any::<u8>(), 1..200)) {
        let segments = parse(&build(&[(start, &data)])).unwrap();
        // Lines of 16 bytes may pass a 64 KiB border, never here.
        prop_assert_eq!(segments.len(), 1);
        prop_assert_eq!(segments[0].address, start);
        prop_assert_eq!(&*segments[0].bytes, &data[..]);
    }
}

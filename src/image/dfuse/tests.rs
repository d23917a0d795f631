use proptest::prelude::*;

use super::*;

/// One target of a file to build: alternate setting and elements.
type Target<'a> = (u8, &'a [(u32, &'a [u8])]);

/// Builds a DfuSe file; `bcdDFU` is 0x011A as UM0391 has it.
pub(in crate::image) fn build(targets: &[Target<'_>]) -> Vec<u8> {
    suffix::append(&contents(targets), 0x011a, 0x0483, 0xdf11)
}

fn contents(targets: &[Target<'_>]) -> Vec<u8> {
    let mut body = Vec::new();
    for (alt, elements) in targets {
        let mut data = Vec::new();
        for (address, bytes) in *elements {
            data.extend_from_slice(&address.to_le_bytes());
            data.extend_from_slice(&u32::try_from(bytes.len()).unwrap().to_le_bytes());
            data.extend_from_slice(bytes);
        }
        body.extend_from_slice(TARGET_SIGNATURE);
        body.push(*alt);
        body.extend_from_slice(&1_u32.to_le_bytes());
        let mut name = b"Internal Flash".to_vec();
        name.resize(TARGET_NAME, 0);
        body.extend_from_slice(&name);
        body.extend_from_slice(&u32::try_from(data.len()).unwrap().to_le_bytes());
        body.extend_from_slice(&u32::try_from(elements.len()).unwrap().to_le_bytes());
        body.extend_from_slice(&data);
    }
    let mut file = PREFIX_SIGNATURE.to_vec();
    file.push(VERSION);
    file.extend_from_slice(&u32::try_from(11 + body.len()).unwrap().to_le_bytes());
    file.push(u8::try_from(targets.len()).unwrap());
    file.extend_from_slice(&body);
    file
}

const A: u32 = 0x0800_0000;

#[test]
fn reads_every_element_of_every_target() {
    let file = build(&[
        (0, &[(A, b"one"), (A + 3, b"two")]),
        (0, &[(A + 0x2000, b"three"), (A + 0x3000, b"")]),
    ]);
    let segments = parse(&file).unwrap();
    let read: Vec<(u32, &[u8])> = segments.iter().map(|s| (s.address, &*s.bytes)).collect();
    assert_eq!(
        read,
        [
            (A, &b"one"[..]),
            (A + 3, b"two"),
            (A + 0x2000, b"three"),
            (A + 0x3000, b"")
        ]
    );
}

#[test]
fn cut_at_every_byte_it_is_refused() {
    let file = build(&[(0, &[(A, &[1; 40])]), (0, &[(A + 100, &[2; 9])])]);
    for length in 5..file.len() {
        let result = parse(&file[..length]);
        assert!(
            matches!(result, Err(ImageError::DfuSe(DfuSeError::NoSuffix))),
            "{length}: {result:?}"
        );
    }
    // The contents alone, as if a suffix had been put behind the cut.
    let inside = contents(&[(0, &[(A, &[1; 40])]), (0, &[(A + 100, &[2; 9])])]);
    for length in 0..inside.len() {
        assert!(parse_contents(&inside[..length]).is_err(), "{length}");
    }
}

#[test]
fn each_flaw_has_its_error() {
    let good = contents(&[(0, &[(A, b"data")])]);
    let size = good.len();
    let patched = |at: usize, value: u8| {
        let mut bad = good.clone();
        bad[at] = value;
        parse_contents(&bad).unwrap_err()
    };
    assert_eq!(patched(5, 2), DfuSeError::Version { version: 2 });
    assert!(matches!(patched(6, 0), DfuSeError::Size { actual, .. } if actual == size));
    assert_eq!(patched(10, 0), DfuSeError::NoTarget);
    assert_eq!(patched(10, 2), DfuSeError::CutOff { offset: size });
    assert_eq!(patched(11, b't'), DfuSeError::NotATarget { offset: 11 });
    assert_eq!(patched(17, 1), DfuSeError::AltSetting { alt: 1 });
    let target_size = 11 + 6 + 1 + 4 + TARGET_NAME;
    assert_eq!(
        patched(target_size, 11),
        DfuSeError::TargetSize {
            declared: 11,
            actual: 12
        }
    );
    // One more element than there is; and one that claims 16 MiB.
    let elements = target_size + 4;
    assert_eq!(patched(elements, 2), DfuSeError::CutOff { offset: size });
    assert_eq!(
        patched(elements + 4 + 4 + 3, 1),
        DfuSeError::CutOff {
            offset: elements + 4
        }
    );
    assert_eq!(
        patched(elements, 0),
        DfuSeError::TargetSize {
            declared: 12,
            actual: 0
        }
    );
    let mut long = good.clone();
    long.extend_from_slice(b"tail");
    let length = u32::try_from(long.len()).unwrap();
    long[6..10].copy_from_slice(&length.to_le_bytes());
    assert_eq!(
        parse_contents(&long),
        Err(DfuSeError::Trailing { length: 4 })
    );
}

proptest! {
    #[test]
    fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let mut file = b"DfuSe\x01".to_vec();
        file.extend_from_slice(&bytes);
        let sealed = suffix::append(&file, 0x011a, 0x0483, 0xdf11);
        prop_assert!(parse(&sealed).is_err());
    }

    #[test]
    fn damage_never_panics(at in 0_usize..340, value in any::<u8>()) {
        let mut inside = contents(&[(0, &[(A, &[1; 40])])]);
        let length = inside.len();
        inside[at % length] = value;
        if let Ok(segments) = parse_contents(&inside) {
            prop_assert_eq!(segments.len(), 1);
            prop_assert_eq!(segments[0].bytes.len(), 40);
        }
    }
}

//! Klipper's variable-length integers (protocols.md §5.1). Pure.
//!
//! Groups of 7 bits, highest first; bit 7 says that more follow. A first group with `0x60` set is negative.

/// More groups follow.
const MORE: u8 = 0x80;
/// First group: both set for a negative number.
const SIGN: u8 = 0x60;
/// A 32-bit number never takes more groups.
const MAX_GROUPS: usize = 5;

/// Appends `value` to `out`.
pub fn encode(value: u32, out: &mut Vec<u8>) {
    // The firmware treats every argument as a signed 32-bit number; what is above is a negative one.
    let signed = i64::from(value.cast_signed());
    for shift in [28, 21, 14, 7] {
        // One group fewer holds −2^(shift−2) .. 3·2^(shift−2)−1, so that 0x60 in the first group means negative.
        let quarter = 1i64 << (shift - 2);
        if !(-quarter..3 * quarter).contains(&signed) {
            out.push(group(signed >> shift) | MORE);
        }
    }
    out.push(group(signed));
}

fn group(bits: i64) -> u8 {
    let [low, ..] = bits.to_le_bytes();
    low & !MORE
}

/// Takes one number off the front of `bytes`; `None` if it is unfinished or longer than a 32-bit number can be.
pub fn decode(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (first, _) = bytes.split_first()?;
    let negative = first & SIGN == SIGN;
    let mut value: u32 = if negative { u32::MAX << 5 } else { 0 };
    let mut rest = bytes;
    for index in 0..MAX_GROUPS {
        let (byte, behind) = rest.split_first()?;
        rest = behind;
        let bits = u32::from(byte & !MORE);
        value = if index == 0 && negative {
            value | (bits & 0x1f)
        } else {
            (value << 7) | bits
        };
        if byte & MORE == 0 {
            return Some((value, rest));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn encoded(value: i32) -> Vec<u8> {
        let mut out = Vec::new();
        encode(value.cast_unsigned(), &mut out);
        out
    }

    #[test]
    fn golden_samples() {
        // protocols.md §5.1
        let cases: [(i32, &[u8]); 12] = [
            (0, &[0x00]),
            (40, &[0x28]),
            (95, &[0x5f]),
            (96, &[0x80, 0x60]),
            (127, &[0x80, 0x7f]),
            (128, &[0x81, 0x00]),
            (1000, &[0x87, 0x68]),
            (2960, &[0x97, 0x10]),
            (12287, &[0xdf, 0x7f]),
            (12288, &[0x80, 0xe0, 0x00]),
            (-1, &[0x7f]),
            (-33, &[0xff, 0x5f]),
        ];
        for (value, wire) in cases {
            assert_eq!(encoded(value), wire, "{value}");
            assert_eq!(
                decode(wire),
                Some((value.cast_unsigned(), &[][..])),
                "{value}"
            );
        }
    }

    #[test]
    fn lengths_change_at_the_documented_bounds() {
        let cases = [
            (-32, 1),
            (95, 1),
            (-4096, 2),
            (-4097, 3),
            (12287, 2),
            (-(1 << 19), 3),
            ((3 << 19) - 1, 3),
            (3 << 19, 4),
            (i32::MIN, 5),
            (i32::MAX, 5),
        ];
        for (value, len) in cases {
            assert_eq!(encoded(value).len(), len, "{value}");
        }
    }

    #[test]
    fn unfinished_and_overlong_numbers_are_refused() {
        assert_eq!(decode(&[]), None);
        assert_eq!(decode(&[0x80]), None);
        assert_eq!(decode(&[0x80; 6]), None);
    }

    proptest! {
        #[test]
        fn any_number_round_trips(value: u32, tail: Vec<u8>) {
            let mut wire = Vec::new();
            encode(value, &mut wire);
            wire.extend_from_slice(&tail);
            prop_assert_eq!(decode(&wire), Some((value, tail.as_slice())));
        }

        #[test]
        fn any_bytes_are_survived(bytes: Vec<u8>) {
            if let Some((_, rest)) = decode(&bytes) {
                prop_assert!(rest.len() < bytes.len());
            }
        }
    }
}

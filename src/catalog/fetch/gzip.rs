//! Unpacks a gzip body (RFC 1952) that a server or proxy sent without being asked. Pure and bounded.

use miniz_oxide::inflate::{TINFLStatus, decompress_to_vec_with_limit};

use crate::digest::crc32;

/// Why a body cannot be unpacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GzipError {
    /// It has more bytes than allowed.
    TooLarge,
    /// It is not one whole gzip member.
    Damaged,
}

const HEADER: usize = 10;
const TRAILER: usize = 8;
const FLAG_HEADER_CRC: u8 = 0x02;
const FLAG_EXTRA: u8 = 0x04;
const FLAG_NAME: u8 = 0x08;
const FLAG_COMMENT: u8 = 0x10;

/// Unpacks one gzip member to at most `limit` bytes.
pub(super) fn gunzip(packed: &[u8], limit: usize) -> Result<Vec<u8>, GzipError> {
    let (deflated, trailer) = deflate_part(packed).ok_or(GzipError::Damaged)?;
    let bytes =
        decompress_to_vec_with_limit(deflated, limit).map_err(|error| match error.status {
            TINFLStatus::HasMoreOutput => GzipError::TooLarge,
            _ => GzipError::Damaged,
        })?;
    let [c0, c1, c2, c3, s0, s1, s2, s3] = *trailer;
    let size_matches = u32::try_from(bytes.len()) == Ok(u32::from_le_bytes([s0, s1, s2, s3]));
    if !size_matches || crc32(&bytes) != u32::from_le_bytes([c0, c1, c2, c3]) {
        return Err(GzipError::Damaged);
    }
    Ok(bytes)
}

fn deflate_part(packed: &[u8]) -> Option<(&[u8], &[u8; TRAILER])> {
    let (rest, trailer) = packed.split_last_chunk::<TRAILER>()?;
    let ([0x1f, 0x8b, 8, flags, ..], mut rest) = rest.split_first_chunk::<HEADER>()? else {
        return None;
    };
    if flags & FLAG_EXTRA != 0 {
        let ([low, high], after) = rest.split_first_chunk::<2>()?;
        rest = after.get(usize::from(u16::from_le_bytes([*low, *high]))..)?;
    }
    for flag in [FLAG_NAME, FLAG_COMMENT] {
        if flags & flag != 0 {
            let end = rest.iter().position(|byte| *byte == 0)?;
            rest = rest.get(end.checked_add(1)?..)?;
        }
    }
    if flags & FLAG_HEADER_CRC != 0 {
        rest = rest.get(2..)?;
    }
    Some((rest, trailer))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gzip(bytes: &[u8], flags: u8, extra: &[u8]) -> Vec<u8> {
        let mut packed = vec![0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 255];
        packed.extend_from_slice(extra);
        packed.extend(miniz_oxide::deflate::compress_to_vec(bytes, 6));
        packed.extend(crc32(bytes).to_le_bytes());
        packed.extend(u32::try_from(bytes.len()).unwrap().to_le_bytes());
        packed
    }

    #[test]
    fn round_trip_with_every_header_field() {
        let text = b"filepath,filename\n".repeat(50);
        assert_eq!(gunzip(&gzip(&text, 0, &[]), 10_000), Ok(text.clone()));
        let fields = [2, 0, 9, 9, b'n', 0, b'c', b'c', 0, 1, 2];
        assert_eq!(
            gunzip(&gzip(&text, 0x1e, &fields), 10_000),
            Ok(text.clone())
        );
        assert_eq!(gunzip(&gzip(&[], 0, &[]), 0), Ok(vec![]));
    }

    #[test]
    fn a_bomb_stops_at_the_limit() {
        let bomb = gzip(&vec![0; 5_000_000], 0, &[]);
        assert_eq!(gunzip(&bomb, 100_000), Err(GzipError::TooLarge));
    }

    #[test]
    fn damage_is_noticed() {
        let good = gzip(b"some text, some text", 0, &[]);
        for index in 0..good.len() {
            if (3..10).contains(&index) {
                continue; // The text flag, time, extra flags and system mean nothing here.
            }
            let mut bad = good.clone();
            bad[index] ^= 0x01;
            assert!(gunzip(&bad, 1000).is_err(), "byte {index}");
            assert!(gunzip(&good[..index], 1000).is_err(), "length {index}");
        }
    }

    proptest::proptest! {
        #[test]
        fn never_panics(flags: u8, body in proptest::collection::vec(0u8.., 0..200)) {
            let mut packed = vec![0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 255];
            packed.extend(body);
            if let Ok(bytes) = gunzip(&packed, 1000) {
                proptest::prop_assert!(bytes.len() <= 1000);
            }
        }
    }
}

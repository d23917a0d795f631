//! The DFU file suffix (DFU 1.1 appendix B; protocols.md §1.5). Never flashed. Pure.

use super::ImageError;
use crate::digest;

/// Bytes of a suffix, DFU 1.1 table B.1.
const SUFFIX_LENGTH: usize = 16;
/// `DFU` backwards: the suffix is read from its end.
const SIGNATURE: [u8; 3] = *b"UFD";
/// "Any device", DFU 1.1 appendix B.
const ANY_ID: u16 = 0xffff;
/// Every STM32 in its ROM bootloader (AN2606).
const ST_DFU: (u16, u16) = (0x0483, 0xdf11);

/// Splits a file into its contents and whether a suffix was taken off its end.
pub(super) fn strip(file: &[u8]) -> Result<(&[u8], bool), ImageError> {
    let Some((_, suffix)) = file.split_last_chunk::<SUFFIX_LENGTH>() else {
        return Ok((file, false));
    };
    let &[
        _,
        _,
        product_lo,
        product_hi,
        vendor_lo,
        vendor_hi,
        _,
        _,
        sig0,
        sig1,
        sig2,
        length,
        crc @ ..,
    ] = suffix;
    if [sig0, sig1, sig2] != SIGNATURE {
        return Ok((file, false));
    }
    let stored = u32::from_le_bytes(crc);
    let summed = file.len().saturating_sub(size_of::<u32>());
    let computed = crc32(file.get(..summed).unwrap_or_default());
    if stored != computed {
        return Err(ImageError::DfuSuffixCrc { stored, computed });
    }
    let contents = usize::from(length)
        .checked_sub(SUFFIX_LENGTH)
        .and_then(|_| file.len().checked_sub(length.into()))
        .and_then(|end| file.get(..end))
        .ok_or(ImageError::DfuSuffixLength { length })?;
    let vendor = u16::from_le_bytes([vendor_lo, vendor_hi]);
    let product = u16::from_le_bytes([product_lo, product_hi]);
    let ours = |id, expected| id == ANY_ID || id == expected;
    if !ours(vendor, ST_DFU.0) || !ours(product, ST_DFU.1) {
        return Err(ImageError::DfuSuffixDevice { vendor, product });
    }
    Ok((contents, true))
}

/// Without the final inversion: what DFU 1.1 appendix B calls for.
pub(super) fn crc32(bytes: &[u8]) -> u32 {
    !digest::crc32(bytes)
}

#[cfg(test)]
pub(super) fn append(contents: &[u8], dfu_version: u16, vendor: u16, product: u16) -> Vec<u8> {
    let mut file = contents.to_vec();
    file.extend_from_slice(&[0xff, 0xff]);
    for field in [product, vendor, dfu_version] {
        file.extend_from_slice(&field.to_le_bytes());
    }
    file.extend_from_slice(b"UFD\x10");
    let crc = crc32(&file);
    file.extend_from_slice(&crc.to_le_bytes());
    file
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// protocols.md §1.5.
    const VECTOR: [u8; 20] = [
        0, 0, 0, 0, 0xff, 0xff, 0x11, 0xdf, 0x83, 0x04, 0x00, 0x01, 0x55, 0x46, 0x44, 0x10, 0x46,
        0x29, 0x49, 0x29,
    ];

    fn seal(mut file: Vec<u8>) -> Vec<u8> {
        let body = file.len() - 4;
        let crc = crc32(&file[..body]);
        file[body..].copy_from_slice(&crc.to_le_bytes());
        file
    }

    #[test]
    fn takes_off_the_suffix_of_the_vector() {
        assert_eq!(strip(&VECTOR), Ok((&[0_u8; 4][..], true)));
        assert_eq!(append(&[0; 4], 0x0100, 0x0483, 0xdf11), VECTOR);
    }

    #[test]
    fn a_file_without_suffix_stays_whole() {
        for file in [&[][..], b"UFD", &[7; 15], &[7; 16], &VECTOR[..19]] {
            assert_eq!(strip(file), Ok((file, false)));
        }
    }

    #[test]
    fn any_changed_byte_is_noticed() {
        for at in 0..VECTOR.len() {
            let mut file = VECTOR;
            file[at] ^= 0x20;
            match strip(&file) {
                Err(ImageError::DfuSuffixCrc { .. }) => assert!(!(12..15).contains(&at)),
                Ok((_, false)) => assert!((12..15).contains(&at)),
                other => panic!("byte {at}: {other:?}"),
            }
        }
    }

    #[test]
    fn impossible_lengths_are_refused() {
        for length in [0, 15, 21, 255] {
            let mut file = VECTOR.to_vec();
            file[15] = length;
            assert_eq!(
                strip(&seal(file)),
                Err(ImageError::DfuSuffixLength { length })
            );
        }
    }

    #[test]
    fn a_longer_suffix_is_taken_off_whole() {
        let mut file = VECTOR.to_vec();
        file[15] = 18;
        assert_eq!(strip(&seal(file)), Ok((&[0_u8; 2][..], true)));
    }

    #[test]
    fn only_wildcards_and_st_are_ours() {
        for (vendor, product, accepted) in [
            (0x0483, 0xdf11, true),
            (0xffff, 0xffff, true),
            (0x0483, 0xffff, true),
            (0x0483, 0x5740, false),
            (0x1d50, 0x614e, false),
        ] {
            let file = append(b"body", 0x0100, vendor, product);
            let expected = if accepted {
                Ok((&b"body"[..], true))
            } else {
                Err(ImageError::DfuSuffixDevice { vendor, product })
            };
            assert_eq!(strip(&file), expected);
        }
    }

    proptest! {
        #[test]
        fn never_panics(body in proptest::collection::vec(any::<u8>(), 0..64), length in any::<u8>()) {
            let mut file = body;
            file.extend_from_slice(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 1, 0x55, 0x46, 0x44, length]);
            file.extend_from_slice(&[0; 4]);
            let file = seal(file);
            if let Ok((contents, true)) = strip(&file) {
                prop_assert_eq!(contents.len() + usize::from(length), file.len());
            }
        }
    }
}

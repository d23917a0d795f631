//! Pieces with addresses -> one contiguous piece. Pure.

use std::borrow::Cow;

use super::ImageError;
use super::recognize::chip_by_stack;
use crate::board::Mcu;

/// Bytes and where they go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Segment<'a> {
    pub(super) address: u32,
    pub(super) bytes: Cow<'a, [u8]>,
}

/// What erased flash reads as.
const ERASED: u8 = 0xff;
/// The smallest page of a supported chip, for programs whose chip cannot be told.
const SMALLEST_PAGE: u32 = 1024;

/// Joins segments, filling what is missing inside a page with 0xFF.
///
/// A file that leaves out whole pages is refused: it would be guessing to erase or to keep them. The one gap
/// that is known to be blank is the one between Katapult and the application.
pub(super) fn join(mut segments: Vec<Segment<'_>>) -> Result<(u32, Vec<u8>), ImageError> {
    segments.retain(|segment| !segment.bytes.is_empty());
    for segment in &segments {
        check_range(segment)?;
    }
    segments.sort_by_key(|segment| segment.address);
    let Some((first, rest)) = segments.split_first() else {
        return Err(ImageError::Empty);
    };
    let page = page_size(&first.bytes);
    let mut joined = first.bytes.to_vec();
    for segment in rest {
        let end = first.address.saturating_add(length(&joined));
        if segment.address < end {
            let address = segment.address;
            return Err(ImageError::Overlap { address });
        }
        check_gap(first.address, end, segment.address, page)?;
        let target = segment.address.saturating_sub(first.address);
        joined.resize(usize::try_from(target).unwrap_or(usize::MAX), ERASED);
        joined.extend_from_slice(&segment.bytes);
    }
    Ok((first.address, joined))
}

/// Everything must be in the main flash of the largest chip, which also bounds what is joined.
fn check_range(segment: &Segment<'_>) -> Result<(), ImageError> {
    let end = segment.address.checked_add(length(&segment.bytes));
    let inside = Mcu::ALL.map(Mcu::chip).into_iter().any(|chip| {
        segment.address >= chip.flash_base && end.is_some_and(|end| end <= chip.flash_end())
    });
    if inside {
        Ok(())
    } else {
        Err(ImageError::OutsideFlash {
            address: segment.address,
            length: segment.bytes.len(),
        })
    }
}

fn check_gap(start: u32, from: u32, to: u32, page: u32) -> Result<(), ImageError> {
    let first_whole_page = from.next_multiple_of(page);
    let within_pages = first_whole_page.saturating_add(page) > to;
    let behind_katapult = Mcu::ALL
        .map(Mcu::chip)
        .into_iter()
        .any(|chip| start == chip.flash_base && to == chip.app_start);
    if within_pages || behind_katapult {
        Ok(())
    } else {
        Err(ImageError::Gap { from, to })
    }
}

fn page_size(program: &[u8]) -> u32 {
    program
        .first_chunk()
        .and_then(|word| chip_by_stack(u32::from_le_bytes(*word)))
        .map_or(SMALLEST_PAGE, |(chip, _)| chip.page_size)
}

fn length(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: u32 = 0x0800_0000;
    const APP: u32 = 0x0800_2000;

    fn run(pieces: &[(u32, &[u8])]) -> Result<(u32, Vec<u8>), ImageError> {
        join(
            pieces
                .iter()
                .map(|(address, bytes)| Segment {
                    address: *address,
                    bytes: Cow::Borrowed(*bytes),
                })
                .collect(),
        )
    }

    #[test]
    fn order_does_not_matter_and_small_gaps_are_erased_flash() {
        assert_eq!(
            run(&[(APP + 6, b"cd"), (APP + 2, b""), (APP, b"ab")]),
            Ok((APP, b"ab\xff\xff\xff\xffcd".to_vec()))
        );
    }

    #[test]
    fn a_whole_missing_page_is_refused() {
        // The F042's page has 1024 bytes, the G431's 2048.
        let f042 = 0x2000_1800_u32.to_le_bytes();
        let g431 = 0x2000_8000_u32.to_le_bytes();
        let gap = |to| ImageError::Gap { from: APP + 4, to };
        assert!(run(&[(APP, &f042), (APP + 2047, b"x")]).is_ok());
        assert_eq!(
            run(&[(APP, &f042), (APP + 2048, b"x")]),
            Err(gap(APP + 2048))
        );
        assert!(run(&[(APP, &g431), (APP + 4095, b"x")]).is_ok());
        assert_eq!(
            run(&[(APP, &g431), (APP + 4096, b"x")]),
            Err(gap(APP + 4096))
        );
    }

    #[test]
    fn the_gap_behind_katapult_is_known_to_be_blank() {
        let (start, joined) = run(&[(BASE, b"katapult"), (APP, b"app")]).unwrap();
        assert_eq!((start, joined.len()), (BASE, 0x2003));
        assert_eq!(joined[8], 0xff);
        assert!(run(&[(BASE, b"katapult"), (APP + 1, b"app")]).is_err());
    }

    #[test]
    fn nothing_is_written_twice_or_outside_flash() {
        assert_eq!(
            run(&[(APP, b"abc"), (APP + 2, b"c")]),
            Err(ImageError::Overlap { address: APP + 2 })
        );
        for address in [0, 0x1fff_f800, 0x1fff_7800, BASE - 1, 0x0801_fffe, u32::MAX] {
            assert_eq!(
                run(&[(address, b"xyz")]),
                Err(ImageError::OutsideFlash { address, length: 3 })
            );
        }
        assert!(run(&[(0x0801_fffd, b"xyz")]).is_ok());
        assert_eq!(run(&[]), Err(ImageError::Empty));
        assert_eq!(run(&[(0x1fff_f800, b"")]), Err(ImageError::Empty));
    }
}

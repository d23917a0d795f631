//! A bootloader and a firmware as one image, as upstream makes its combined images. Pure.

use super::digest::Sha256;
use super::error::ComposeProblem;

/// Where firmware starts in a combined image: Katapult's 8 KiB (boards-and-firmware.md §1 "Katapult facts").
const APP_OFFSET: usize = 0x2000;
/// Erased flash.
const BLANK: u8 = 0xff;

/// Puts them together; the result must have the official hash if there is one.
pub(super) fn compose(
    bootloader: &[u8],
    app: &[u8],
    official: Option<&Sha256>,
) -> Result<Vec<u8>, ComposeProblem> {
    // Some of upstream's Katapult files are padded already.
    let end = bootloader.iter().rposition(|byte| *byte != BLANK);
    let used = end.map_or(0, |end| end.saturating_add(1));
    if used == 0 || used > APP_OFFSET || app.is_empty() {
        return Err(ComposeProblem::DoesNotFit);
    }
    let mut image = bootloader.to_owned();
    image.resize(APP_OFFSET, BLANK);
    image.extend_from_slice(app);
    match official {
        Some(official) if Sha256::of(&image) != *official => Err(ComposeProblem::NotOfficial {
            official: *official,
            actual: Sha256::of(&image),
        }),
        _ => Ok(image),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gap_is_blank_and_padding_makes_no_difference() {
        let mut padded = vec![1, 2, 3];
        let image = compose(&padded, &[9, 9], None).unwrap();
        assert_eq!(image.len(), APP_OFFSET + 2);
        assert_eq!(image[..3], [1, 2, 3]);
        assert!(image[3..APP_OFFSET].iter().all(|byte| *byte == BLANK));
        assert_eq!(image[APP_OFFSET..], [9, 9]);
        padded.resize(APP_OFFSET + 100, BLANK);
        assert_eq!(
            compose(&padded, &[9, 9], Some(&Sha256::of(&image))),
            Ok(image)
        );
    }

    #[test]
    fn what_cannot_be_put_together() {
        let long = vec![1; APP_OFFSET + 1];
        for (bootloader, app) in [
            (&long[..], &[1][..]),
            (&[], &[1]),
            (&[BLANK; 8], &[1]),
            (&[1], &[]),
        ] {
            assert_eq!(
                compose(bootloader, app, None),
                Err(ComposeProblem::DoesNotFit)
            );
        }
        let other = Sha256::of(b"other");
        assert!(matches!(
            compose(&[1], &[1], Some(&other)),
            Err(ComposeProblem::NotOfficial { official, .. }) if official == other
        ));
    }
}

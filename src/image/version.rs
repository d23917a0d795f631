//! What can be read out of a free-form version text. Pure.
//!
//! Seen: `CARTOGRAPHER V3`, `Cartographer 4.0.0`, `CARTOGRAPHER 5.0.0 K1`, `CARTOGRAPHER K1 5.1.0`,
//! `Cartographer HT 5.1.0` (also what V4 5.1.0 calls itself), `CARTOGRAPHER v4 6.2.0 Lite`
//! (boards-and-firmware.md §2).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Facts, Variant};

/// The numbers in a version text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FirmwareVersion {
    /// 6 in 6.1.0.
    pub major: u16,
    /// 1 in 6.1.0.
    pub minor: u16,
    /// 0 in 6.1.0.
    pub patch: u16,
}

impl FirmwareVersion {
    /// The first `major.minor.patch` or `major.minor` in a text. `V3` alone is a board, not a version.
    pub fn from_text(text: &str) -> Option<Self> {
        words(text).find_map(Self::from_word)
    }

    fn from_word(word: &str) -> Option<Self> {
        let word = word.strip_prefix(['v', 'V']).unwrap_or(word);
        let mut parts = word.splitn(3, '.');
        let major = parts.next()?.parse().ok()?;
        let minor = parts.next()?;
        let Some(patch) = parts.next() else {
            return Some(Self {
                major,
                minor: leading_number(minor)?,
                patch: 0,
            });
        };
        Some(Self {
            major,
            minor: minor.parse().ok()?,
            patch: leading_number(patch)?,
        })
    }
}

impl fmt::Display for FirmwareVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl Variant {
    /// Lite builds say `lite`, in any case, or `K1` before 6.0.
    pub fn from_text(text: &str) -> Self {
        let is_lite =
            |word: &str| word.eq_ignore_ascii_case("lite") || word.eq_ignore_ascii_case("k1");
        if words(text).any(is_lite) {
            Self::Lite
        } else {
            Self::Full
        }
    }
}

impl Facts {
    /// The numbers in the version text.
    pub fn firmware_version(&self) -> Option<FirmwareVersion> {
        FirmwareVersion::from_text(self.version.as_deref()?)
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || matches!(c, '_' | '(' | ')' | ','))
        .filter(|word| !word.is_empty())
}

fn leading_number(text: &str) -> Option<u16> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    text.get(..end)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_every_official_text() {
        use Variant::{Full, Lite};
        for (text, numbers, variant) in [
            ("CARTOGRAPHER V3", None, Full),
            ("CARTOGRAPHER 2.2.0", Some((2, 2, 0)), Full),
            ("Cartographer 4.0.0", Some((4, 0, 0)), Full),
            ("CARTOGRAPHER 5.0.0 K1", Some((5, 0, 0)), Lite),
            ("CARTOGRAPHER K1 5.1.0", Some((5, 1, 0)), Lite),
            ("Cartographer HT 5.1.0", Some((5, 1, 0)), Full),
            ("CARTOGRAPHER V3 6.1.0 lite", Some((6, 1, 0)), Lite),
            ("Cartographer V4 6.0.0 Lite", Some((6, 0, 0)), Lite),
            ("CARTOGRAPHER v4 6.2.0", Some((6, 2, 0)), Full),
            ("v0.12.0-339-gfcb2f84-dirty", Some((0, 12, 0)), Full),
            ("elite V12 6.10", Some((6, 10, 0)), Full),
            ("6.1.x 1..2 . v. 70000.1.1", None, Full),
            ("", None, Full),
        ] {
            let numbers = numbers.map(|(major, minor, patch)| FirmwareVersion {
                major,
                minor,
                patch,
            });
            assert_eq!(FirmwareVersion::from_text(text), numbers, "{text}");
            assert_eq!(Variant::from_text(text), variant, "{text}");
        }
    }

    #[test]
    fn versions_are_ordered_as_numbers() {
        let parse = |text| FirmwareVersion::from_text(text).unwrap();
        assert!(parse("6.10.0") > parse("6.2.0"));
        assert!(parse("6.1.0") > parse("5.9.9"));
        assert_eq!(parse("v6.2").to_string(), "6.2.0");
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,40}") {
            if let Some(version) = FirmwareVersion::from_text(&text) {
                prop_assert_eq!(FirmwareVersion::from_text(&version.to_string()), Some(version));
            }
        }
    }
}

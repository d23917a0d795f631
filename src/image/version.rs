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

/// The board a version text names. A hint: V4 5.1.0 says `HT`, and many texts name none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProductLine {
    /// `V3`, which V2 runs too.
    V3,
    /// `V4`.
    V4,
    /// `HT`.
    Ht,
    /// `K1`: a V3 for Creality's K1.
    K1,
}

impl ProductLine {
    /// The first board name in a text.
    pub fn from_text(text: &str) -> Option<Self> {
        words(text).find_map(|word| match word.to_ascii_lowercase().as_str() {
            "v3" => Some(Self::V3),
            "v4" => Some(Self::V4),
            "ht" => Some(Self::Ht),
            "k1" => Some(Self::K1),
            _ => None,
        })
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

    /// The board the version text names.
    pub fn product_line(&self) -> Option<ProductLine> {
        ProductLine::from_text(self.version.as_deref()?)
    }

    /// True if the version text says Cartographer, as every official one does; nothing without a text.
    pub fn names_cartographer(&self) -> Option<bool> {
        let text = self.version.as_deref()?;
        Some(text.to_ascii_lowercase().contains("cartographer"))
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
        use ProductLine::{Ht, K1, V3, V4};
        use Variant::{Full, Lite};
        for (text, numbers, line, variant) in [
            ("CARTOGRAPHER V3", None, Some(V3), Full),
            ("CARTOGRAPHER 2.2.0", Some((2, 2, 0)), None, Full),
            ("Cartographer 4.0.0", Some((4, 0, 0)), None, Full),
            ("CARTOGRAPHER 5.0.0 K1", Some((5, 0, 0)), Some(K1), Lite),
            ("CARTOGRAPHER K1 5.1.0", Some((5, 1, 0)), Some(K1), Lite),
            ("Cartographer HT 5.1.0", Some((5, 1, 0)), Some(Ht), Full),
            (
                "CARTOGRAPHER V3 6.1.0 lite",
                Some((6, 1, 0)),
                Some(V3),
                Lite,
            ),
            (
                "Cartographer V4 6.0.0 Lite",
                Some((6, 0, 0)),
                Some(V4),
                Lite,
            ),
            ("CARTOGRAPHER v4 6.2.0", Some((6, 2, 0)), Some(V4), Full),
            ("v0.12.0-339-gfcb2f84-dirty", Some((0, 12, 0)), None, Full),
            ("elite V12 6.10", Some((6, 10, 0)), None, Full),
            ("6.1.x 1..2 . v. 70000.1.1", None, None, Full),
            ("", None, None, Full),
        ] {
            let numbers = numbers.map(|(major, minor, patch)| FirmwareVersion {
                major,
                minor,
                patch,
            });
            assert_eq!(FirmwareVersion::from_text(text), numbers, "{text}");
            assert_eq!(ProductLine::from_text(text), line, "{text}");
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
            prop_assert!(ProductLine::from_text(&text).is_none() || text.len() >= 2);
        }
    }
}

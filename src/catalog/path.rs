//! Names of files as upstream writes them, made safe before anything is done with them. Pure.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Serialize;
use thiserror::Error;

/// Longer than any name upstream has (93), short enough for every file system together with a folder.
const MAX_LENGTH: usize = 200;
const MAX_DEPTH: usize = 10;

/// A path below upstream's `firmware/` folder that is also a harmless relative path on every system.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct RepoPath(String);

/// Why a path is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Error, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BadPath {
    /// Nothing, or an empty part (`a//b`, a slash at either end).
    #[error("a part of the path is empty")]
    EmptyPart,
    /// Too long or too deep.
    #[error("the path is too long")]
    TooLong,
    /// It starts at a root or at a drive.
    #[error("the path is absolute")]
    Absolute,
    /// It climbs out: `.` or `..`.
    #[error("the path leaves its folder")]
    Traversal,
    /// A character that some file system or server treats specially.
    #[error("the path has a character that is not allowed")]
    BadCharacter,
    /// A part Windows reads as a device, or one that ends in a dot or a space.
    #[error("the path has a name that is not allowed")]
    BadName,
    /// Neither `.bin` nor `.uf2`.
    #[error("the file is neither .bin nor .uf2")]
    BadExtension,
}

impl RepoPath {
    /// Checks a path.
    pub fn parse(text: &str) -> Result<Self, BadPath> {
        if text.len() > MAX_LENGTH || text.split('/').count() > MAX_DEPTH {
            return Err(BadPath::TooLong);
        }
        let drive = text.as_bytes().get(1) == Some(&b':');
        if text.starts_with(['/', '\\']) || drive {
            return Err(BadPath::Absolute);
        }
        text.split(['/', '\\']).try_for_each(check_part)?;
        if !text.chars().all(is_harmless) {
            return Err(BadPath::BadCharacter);
        }
        if !has_firmware_extension(text) {
            return Err(BadPath::BadExtension);
        }
        Ok(Self(text.to_owned()))
    }

    /// The path with slashes.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last part.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// The path below a local folder.
    pub fn under(&self, folder: &Path) -> PathBuf {
        let mut path = folder.to_owned();
        path.extend(self.0.split('/'));
        path
    }
}

/// True for the two kinds of files upstream keeps firmware in.
pub(super) fn has_firmware_extension(text: &str) -> bool {
    let extension = text.rsplit_once('.').map(|(_, extension)| extension);
    matches!(extension, Some("bin" | "uf2"))
}

fn check_part(part: &str) -> Result<(), BadPath> {
    match part {
        "" => Err(BadPath::EmptyPart),
        "." | ".." => Err(BadPath::Traversal),
        _ if part.ends_with(['.', ' ']) || part.starts_with([' ', '-']) || is_device(part) => {
            Err(BadPath::BadName)
        }
        _ => Ok(()),
    }
}

/// Names Windows gives to devices, with any extension.
fn is_device(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or(part).trim_end();
    let upper = stem.to_ascii_uppercase();
    matches!(upper.as_str(), "CON" | "PRN" | "AUX" | "NUL")
        || upper
            .strip_prefix("COM")
            .or_else(|| upper.strip_prefix("LPT"))
            .is_some_and(|n| n.len() == 1 && n.bytes().all(|b| b.is_ascii_digit()))
}

/// Letters, digits and the punctuation upstream uses; `%` is out so that nobody decodes twice.
fn is_harmless(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, ' ' | '(' | ')' | '+' | '-' | '.' | '/' | '_')
}

impl fmt::Display for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn upstream_names_are_accepted() {
        let path = RepoPath::parse(
            "v2-v3/archive/Firmware v3 (3.0.0 badly named)/Full_Cartographer_CAN_1M_v3-UPDATED.bin",
        )
        .unwrap();
        assert_eq!(path.file_name(), "Full_Cartographer_CAN_1M_v3-UPDATED.bin");
        let local = path.under(Path::new("base"));
        assert!(local.starts_with("base"));
        assert_eq!(local.components().count(), 5);
    }

    #[test]
    fn dangerous_names_are_refused() {
        let long = format!("{}.bin", "a".repeat(MAX_LENGTH));
        let deep = format!("{}x.bin", "a/".repeat(MAX_DEPTH));
        let cases = [
            ("", BadPath::EmptyPart),
            ("a//b.bin", BadPath::EmptyPart),
            ("a/", BadPath::EmptyPart),
            ("/etc/passwd.bin", BadPath::Absolute),
            ("\\\\host\\x.bin", BadPath::Absolute),
            ("C:/x.bin", BadPath::Absolute),
            ("C:x.bin", BadPath::Absolute),
            ("../../x.bin", BadPath::Traversal),
            ("a/../../x.bin", BadPath::Traversal),
            ("a\\..\\x.bin", BadPath::Traversal),
            ("a/./x.bin", BadPath::Traversal),
            ("a\\x.bin", BadPath::BadCharacter),
            ("%2e%2e/x.bin", BadPath::BadCharacter),
            ("a\0.bin", BadPath::BadCharacter),
            ("a\n.bin", BadPath::BadCharacter),
            ("a?.bin", BadPath::BadCharacter),
            ("é.bin", BadPath::BadCharacter),
            ("nul.bin", BadPath::BadName),
            ("a/com1.bin", BadPath::BadName),
            ("a./x.bin", BadPath::BadName),
            ("a /x.bin", BadPath::BadName),
            ("-rf.bin", BadPath::BadName),
            ("v4/readme.md", BadPath::BadExtension),
            ("v4/x", BadPath::BadExtension),
            (long.as_str(), BadPath::TooLong),
            (deep.as_str(), BadPath::TooLong),
        ];
        for (text, reason) in cases {
            assert_eq!(RepoPath::parse(text), Err(reason), "{text:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn an_accepted_path_stays_below_its_folder(text in "[a-zA-Z./\\\\: ()%0-9-]{0,40}") {
            if let Ok(path) = RepoPath::parse(&text) {
                let plain = path.under(Path::new("base")).components().skip(1)
                    .all(|c| matches!(c, std::path::Component::Normal(_)));
                proptest::prop_assert!(plain, "{text:?}");
            }
        }
    }
}

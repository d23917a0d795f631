//! Digests of files: SHA-256, which this program trusts; git's blob SHA-1, which upstream's tree listing gives for
//! files this program has never seen; and the CRC-32 that formats carry. Pure.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use sha2::Digest as _;
use thiserror::Error;

/// A digest of `N` bytes, written in lower-case hex.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest<const N: usize>([u8; N]);

/// SHA-256 of a file's bytes.
pub type Sha256 = Digest<32>;
/// SHA-1 of a file as a git blob: of `blob <length>\0` and the bytes.
pub type BlobSha1 = Digest<20>;

/// The text is not a digest of this length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not a digest of {digits} hex digits")]
pub struct BadDigest {
    /// How many hex digits it should have.
    pub digits: usize,
}

impl Sha256 {
    /// Hashes `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(sha2::Sha256::digest(bytes).into())
    }
}

impl BlobSha1 {
    /// Hashes `bytes` as git does.
    pub fn of(bytes: &[u8]) -> Self {
        let mut hasher = sha1::Sha1::new();
        hasher.update(format!("blob {}\0", bytes.len()));
        hasher.update(bytes);
        Self(hasher.finalize().into())
    }
}

/// CRC-32 of ISO 3309 (RFC 1952 §8): of gzip, and without the final inversion of DFU files.
pub fn crc32(bytes: &[u8]) -> u32 {
    /// The reflected polynomial of IEEE 802.3.
    const POLYNOMIAL: u32 = 0xedb8_8320;
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _bit| {
            if crc & 1 == 1 {
                (crc >> 1) ^ POLYNOMIAL
            } else {
                crc >> 1
            }
        })
    })
}

impl<const N: usize> Digest<N> {
    /// Its first 12 hex digits, for names that people see.
    pub fn short(&self) -> String {
        self.to_string().chars().take(12).collect()
    }
}

impl<const N: usize> FromStr for Digest<N> {
    type Err = BadDigest;

    fn from_str(text: &str) -> Result<Self, BadDigest> {
        let bad = BadDigest { digits: N * 2 };
        let (pairs, []) = text.as_bytes().as_chunks::<2>() else {
            return Err(bad);
        };
        if pairs.len() != N {
            return Err(bad);
        }
        let mut digest = [0; N];
        for (byte, [high, low]) in digest.iter_mut().zip(pairs) {
            *byte = (nibble(*high).ok_or(bad)? << 4) | nibble(*low).ok_or(bad)?;
        }
        Ok(Self(digest))
    }
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

impl<const N: usize> fmt::Display for Digest<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl<const N: usize> fmt::Debug for Digest<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<const N: usize> Serialize for Digest<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_digests() {
        // FIPS 180-4 example and the empty blob of every git repository.
        assert_eq!(
            Sha256::of(b"abc").to_string(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(
            BlobSha1::of(b"").to_string(),
            "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"
        );
        assert_eq!(
            BlobSha1::of(b"hello\n").to_string(),
            "ce013625030ba8dba906f756967f9e9ca394464a"
        );
    }

    #[test]
    fn crc_of_the_standard_example() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn hex_round_trip_and_refusals() {
        let digest = Sha256::of(b"x");
        assert_eq!(digest.to_string().parse(), Ok(digest));
        assert_eq!(digest.to_string().to_uppercase().parse(), Ok(digest));
        for bad in [
            "",
            "0",
            "zz",
            &"0".repeat(63),
            &"0".repeat(66),
            &"é".repeat(32),
        ] {
            assert_eq!(
                bad.parse::<Sha256>(),
                Err(BadDigest { digits: 64 }),
                "{bad:?}"
            );
        }
    }
}

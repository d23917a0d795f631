//! DfuSe container files (UM0391; protocols.md §1.5). Pure.

use thiserror::Error;

use super::ImageError;
use super::sparse::Segment;
use super::suffix;

/// How every DfuSe file begins.
pub(super) const PREFIX_SIGNATURE: &[u8; 5] = b"DfuSe";
const TARGET_SIGNATURE: &[u8; 6] = b"Target";
/// The only format version, UM0391 §2.1.
const VERSION: u8 = 1;
/// Bytes of szTargetName.
const TARGET_NAME: usize = 255;
/// Bytes of an element's header: address and size.
const ELEMENT_HEADER: usize = 8;

/// Why a DfuSe file was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DfuSeError {
    /// The DFU suffix is missing: the file is cut off.
    #[error("the DfuSe file has no suffix: it is cut off")]
    NoSuffix,
    /// Another format version.
    #[error("DfuSe version {version} is not known")]
    Version {
        /// It.
        version: u8,
    },
    /// The prefix claims another size.
    #[error("the DfuSe prefix claims {declared} bytes, there are {actual}")]
    Size {
        /// In the prefix.
        declared: u32,
        /// In the file.
        actual: usize,
    },
    /// It holds nothing.
    #[error("the DfuSe file has no target")]
    NoTarget,
    /// A target does not begin with its signature.
    #[error("there is no DfuSe target at offset {offset:#x}")]
    NotATarget {
        /// Where.
        offset: usize,
    },
    /// A target for another alternate setting: not main flash.
    #[error("the DfuSe file writes alternate setting {alt}, which is not flash")]
    AltSetting {
        /// Which.
        alt: u8,
    },
    /// A target's size is not the sum of its elements.
    #[error("a DfuSe target claims {declared} bytes, its elements have {actual}")]
    TargetSize {
        /// In the target's header.
        declared: u32,
        /// Of its elements.
        actual: usize,
    },
    /// Something claims more bytes than there are.
    #[error("the DfuSe file ends inside the part at offset {offset:#x}")]
    CutOff {
        /// Where that part begins.
        offset: usize,
    },
    /// Bytes after the last target.
    #[error("the DfuSe file has {length} bytes after its last target")]
    Trailing {
        /// How many.
        length: usize,
    },
}

/// The elements of a whole DfuSe file, in the order they are in.
pub(super) fn parse(file: &[u8]) -> Result<Vec<Segment<'_>>, ImageError> {
    let (contents, true) = suffix::strip(file)? else {
        return Err(DfuSeError::NoSuffix.into());
    };
    Ok(parse_contents(contents)?)
}

fn parse_contents(contents: &[u8]) -> Result<Vec<Segment<'_>>, DfuSeError> {
    let mut reader = Reader {
        whole: contents.len(),
        rest: contents,
    };
    reader.take(PREFIX_SIGNATURE.len())?;
    let version = reader.byte()?;
    if version != VERSION {
        return Err(DfuSeError::Version { version });
    }
    let declared = reader.word()?;
    if usize::try_from(declared) != Ok(contents.len()) {
        return Err(DfuSeError::Size {
            declared,
            actual: contents.len(),
        });
    }
    let targets = reader.byte()?;
    if targets == 0 {
        return Err(DfuSeError::NoTarget);
    }
    let mut segments = Vec::new();
    for _ in 0..targets {
        parse_target(&mut reader, &mut segments)?;
    }
    match reader.rest.len() {
        0 => Ok(segments),
        length => Err(DfuSeError::Trailing { length }),
    }
}

fn parse_target<'a>(
    reader: &mut Reader<'a>,
    segments: &mut Vec<Segment<'a>>,
) -> Result<(), DfuSeError> {
    let offset = reader.offset();
    if reader.take(TARGET_SIGNATURE.len())? != TARGET_SIGNATURE {
        return Err(DfuSeError::NotATarget { offset });
    }
    let alt = reader.byte()?;
    if alt != 0 {
        return Err(DfuSeError::AltSetting { alt });
    }
    let _named = reader.word()?;
    reader.take(TARGET_NAME)?;
    let declared = reader.word()?;
    let elements = reader.word()?;
    let start = reader.offset();
    // The claimed count allocates nothing: each element must be there before it is kept.
    for _ in 0..elements {
        segments.push(parse_element(reader)?);
    }
    let actual = reader.offset().saturating_sub(start);
    if usize::try_from(declared) == Ok(actual) {
        Ok(())
    } else {
        Err(DfuSeError::TargetSize { declared, actual })
    }
}

fn parse_element<'a>(reader: &mut Reader<'a>) -> Result<Segment<'a>, DfuSeError> {
    let offset = reader.offset();
    let mut header = Reader {
        whole: reader.whole,
        rest: reader.take(ELEMENT_HEADER)?,
    };
    let address = header.word()?;
    let length = header.word()?;
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    match reader.take(length) {
        Ok(bytes) => Ok(Segment {
            address,
            bytes: bytes.into(),
        }),
        Err(_) => Err(DfuSeError::CutOff { offset }),
    }
}

/// Takes bytes from the front and knows where it is.
struct Reader<'a> {
    whole: usize,
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn offset(&self) -> usize {
        self.whole.saturating_sub(self.rest.len())
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], DfuSeError> {
        let offset = self.offset();
        let (taken, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or(DfuSeError::CutOff { offset })?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], DfuSeError> {
        let offset = self.offset();
        let (taken, rest) = self
            .rest
            .split_first_chunk::<N>()
            .ok_or(DfuSeError::CutOff { offset })?;
        self.rest = rest;
        Ok(*taken)
    }

    fn byte(&mut self) -> Result<u8, DfuSeError> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn word(&mut self) -> Result<u32, DfuSeError> {
        self.array().map(u32::from_le_bytes)
    }
}

#[cfg(test)]
pub(super) mod tests;

//! The descriptors of one device, as bytes: walked here rather than by libusb, so that nothing a device
//! sends is trusted. Pure; reading them is [`Source`]'s business.

use crate::transport::AltSetting;

/// Standard descriptor types (USB 2.0 table 9-5).
pub(super) const CONFIGURATION: u8 = 2;
/// String descriptor.
pub(super) const STRING: u8 = 3;
const INTERFACE: u8 = 4;
/// The DFU functional descriptor (DFU 1.1 §4.1.3).
pub(super) const DFU_FUNCTIONAL: u8 = 0x21;
/// Without `bcdDFUVersion`, as DFU 1.0 has it (protocols.md §1.2).
const DFU_FUNCTIONAL_MIN: usize = 7;
/// US English, which every ST ROM has.
const US_ENGLISH: u16 = 0x0409;
/// ST's ROMs have two to four; a device with more is not one of ours and need not be asked for all.
const MAX_ALT_SETTINGS: usize = 16;
/// Control transfers end at 4096 bytes with usbfs (protocols.md §3.2); ST's configurations have 40 to 60.
const MAX_CONFIGURATION: usize = 4096;

/// What a failed request says of the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    /// It has no such descriptor.
    Refused,
    /// The request got lost on the way: it may go through the next time.
    Lost,
    /// It does not answer, or is not there any more.
    Mute,
}

/// Answers GET_DESCRIPTOR.
pub(super) trait Source {
    /// Why it failed.
    type Error;
    /// What that says of the device.
    fn failure(error: &Self::Error) -> Failure;
    /// Fills the buffer with a descriptor of the device, returning how much came.
    fn get(
        &self,
        kind: u8,
        index: u8,
        language: u16,
        buffer: &mut [u8],
    ) -> Result<usize, Self::Error>;
    /// The same request to interface 0.
    fn get_from_interface(&self, kind: u8, buffer: &mut [u8]) -> Result<usize, Self::Error>;
}

/// String indexes of the device descriptor; 0 for none.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct StringIndexes {
    pub(super) manufacturer: u8,
    pub(super) product: u8,
    pub(super) serial: u8,
}

/// What only an open device tells.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Description {
    pub(super) manufacturer: Option<String>,
    pub(super) product: Option<String>,
    pub(super) serial: Option<String>,
    pub(super) alt_settings: Vec<AltSetting>,
    pub(super) functional: Vec<u8>,
}

/// Reads everything. Only what the device refuses is left out: its strings say whose it is, and one that got lost must
/// not make a stranger of a probe for as long as it is plugged in.
pub(super) fn describe<S: Source>(
    source: &S,
    strings: StringIndexes,
) -> Result<Description, S::Error> {
    let mut header = [0; 9];
    let got = ask::<S>(|| source.get(CONFIGURATION, 0, 0, &mut header))?;
    let total = total_length(header.get(..got).unwrap_or_default());
    let mut bytes = vec![0; total];
    let got = ask::<S>(|| source.get(CONFIGURATION, 0, 0, &mut bytes))?;
    bytes.truncate(got);
    let configuration = walk(&bytes);

    let language = language(source)?;
    let string = |index| read_string(source, index, language);
    let mut alt_settings = Vec::new();
    for &(number, index) in &configuration.alts {
        alt_settings.push(AltSetting {
            number,
            name: string(index)?.unwrap_or_default(),
        });
    }
    Ok(Description {
        manufacturer: string(strings.manufacturer)?,
        product: string(strings.product)?,
        serial: string(strings.serial)?,
        alt_settings,
        functional: match configuration.functional {
            Some(bytes) => bytes,
            None => ask_for_functional(source)?,
        },
    })
}

/// Asks, and once more if that got lost. A device that does not answer is not asked again: that takes as long as the
/// time-out each time.
fn ask<S: Source>(mut request: impl FnMut() -> Result<usize, S::Error>) -> Result<usize, S::Error> {
    match request() {
        Err(error) if S::failure(&error) == Failure::Lost => request(),
        other => other,
    }
}

/// The same for what a device need not have: nothing, if it refuses.
fn ask_for_optional<S: Source>(
    request: impl FnMut() -> Result<usize, S::Error>,
) -> Result<usize, S::Error> {
    match ask::<S>(request) {
        Err(error) if S::failure(&error) == Failure::Refused => Ok(0),
        other => other,
    }
}

/// Asked for by itself where the configuration does not carry it (protocols.md §1.2); empty if there is none.
fn ask_for_functional<S: Source>(source: &S) -> Result<Vec<u8>, S::Error> {
    let good = |buffer: &[u8], got: usize| -> Option<Vec<u8>> {
        let bytes = buffer.get(..got)?;
        let kind = *bytes.get(1)?;
        (bytes.len() >= DFU_FUNCTIONAL_MIN && kind == DFU_FUNCTIONAL).then(|| bytes.to_vec())
    };
    let mut buffer = [0; 9];
    let got = ask_for_optional::<S>(|| source.get_from_interface(DFU_FUNCTIONAL, &mut buffer))?;
    if let Some(bytes) = good(&buffer, got) {
        return Ok(bytes);
    }
    let got = ask_for_optional::<S>(|| source.get(DFU_FUNCTIONAL, 0, 0, &mut buffer))?;
    Ok(good(&buffer, got).unwrap_or_default())
}

/// `wTotalLength` of a configuration descriptor, bounded by what a control transfer can bring.
fn total_length(header: &[u8]) -> usize {
    match header {
        [_, _, low, high, ..] => {
            usize::from(u16::from_le_bytes([*low, *high])).clamp(header.len(), MAX_CONFIGURATION)
        }
        _ => header.len(),
    }
}

/// What a configuration says of interface 0.
#[derive(Debug, PartialEq, Eq, Default)]
struct Configuration {
    /// bAlternateSetting and iInterface, in order.
    alts: Vec<(u8, u8)>,
    functional: Option<Vec<u8>>,
}

fn walk(mut rest: &[u8]) -> Configuration {
    let mut found = Configuration::default();
    while let [length, kind, ..] = rest {
        let length = usize::from(*length);
        // A length below 2 would never get on.
        let (Some(one), Some(next)) = (rest.get(..length), rest.get(length..)) else {
            break;
        };
        if length < 2 {
            break;
        }
        match (*kind, one) {
            // bLength, bDescriptorType, bInterfaceNumber, bAlternateSetting, bNumEndpoints, class, subclass,
            // protocol, iInterface (USB 2.0 table 9-12).
            (INTERFACE, [_, _, 0, alt, _, _, _, _, index, ..])
                if found.alts.len() < MAX_ALT_SETTINGS =>
            {
                found.alts.push((*alt, *index));
            }
            (DFU_FUNCTIONAL, _) if length >= DFU_FUNCTIONAL_MIN && found.functional.is_none() => {
                found.functional = Some(one.to_vec());
            }
            _ => {}
        }
        rest = next;
    }
    found
}

/// The first language the device has strings in.
fn language<S: Source>(source: &S) -> Result<u16, S::Error> {
    let mut buffer = [0; 255];
    let got = ask_for_optional::<S>(|| source.get(STRING, 0, 0, &mut buffer))?;
    Ok(match buffer.get(..got) {
        Some([_, STRING, low, high, ..]) => u16::from_le_bytes([*low, *high]),
        _ => US_ENGLISH,
    })
}

fn read_string<S: Source>(
    source: &S,
    index: u8,
    language: u16,
) -> Result<Option<String>, S::Error> {
    if index == 0 {
        return Ok(None);
    }
    let mut buffer = [0; 255];
    let got = ask_for_optional::<S>(|| source.get(STRING, index, language, &mut buffer))?;
    Ok(buffer.get(..got).and_then(decode_string))
}

/// A string descriptor as text; `None` if it is none or empty.
pub(in crate::transport) fn decode_string(bytes: &[u8]) -> Option<String> {
    let [length, STRING, ..] = bytes else {
        return None;
    };
    let units: Vec<u16> = bytes
        .get(2..usize::from(*length).min(bytes.len()))?
        .chunks_exact(2)
        .filter_map(|pair| <[u8; 2]>::try_from(pair).ok())
        .map(u16::from_le_bytes)
        .take_while(|&unit| unit != 0)
        .collect();
    let text = String::from_utf16_lossy(&units);
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests;

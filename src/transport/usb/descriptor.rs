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

/// Answers GET_DESCRIPTOR.
pub(super) trait Source {
    /// Why it failed.
    type Error;
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

/// Reads everything. Only the configuration must come; a string that does not is left out.
pub(super) fn describe<S: Source>(
    source: &S,
    strings: StringIndexes,
) -> Result<Description, S::Error> {
    let mut header = [0; 9];
    let got = source.get(CONFIGURATION, 0, 0, &mut header)?;
    let total = total_length(header.get(..got).unwrap_or_default());
    let mut bytes = vec![0; total];
    let got = source.get(CONFIGURATION, 0, 0, &mut bytes)?;
    bytes.truncate(got);
    let configuration = walk(&bytes);

    let language = language(source);
    let string = |index| read_string(source, index, language);
    Ok(Description {
        manufacturer: string(strings.manufacturer),
        product: string(strings.product),
        serial: string(strings.serial),
        alt_settings: configuration
            .alts
            .iter()
            .map(|&(number, index)| AltSetting {
                number,
                name: string(index).unwrap_or_default(),
            })
            .collect(),
        functional: configuration
            .functional
            .or_else(|| ask_for_functional(source))
            .unwrap_or_default(),
    })
}

/// Asked for by itself where the configuration does not carry it (protocols.md §1.2).
fn ask_for_functional<S: Source>(source: &S) -> Option<Vec<u8>> {
    let mut buffer = [0; 9];
    let good = |buffer: &[u8], got: usize| -> Option<Vec<u8>> {
        let bytes = buffer.get(..got)?;
        let kind = *bytes.get(1)?;
        (bytes.len() >= DFU_FUNCTIONAL_MIN && kind == DFU_FUNCTIONAL).then(|| bytes.to_vec())
    };
    if let Ok(got) = source.get_from_interface(DFU_FUNCTIONAL, &mut buffer)
        && let Some(bytes) = good(&buffer, got)
    {
        return Some(bytes);
    }
    let got = source.get(DFU_FUNCTIONAL, 0, 0, &mut buffer).ok()?;
    good(&buffer, got)
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
fn language<S: Source>(source: &S) -> u16 {
    let mut buffer = [0; 255];
    let got = source.get(STRING, 0, 0, &mut buffer).unwrap_or(0);
    match buffer.get(..got) {
        Some([_, STRING, low, high, ..]) => u16::from_le_bytes([*low, *high]),
        _ => US_ENGLISH,
    }
}

fn read_string<S: Source>(source: &S, index: u8, language: u16) -> Option<String> {
    if index == 0 {
        return None;
    }
    let mut buffer = [0; 255];
    let got = source.get(STRING, index, language, &mut buffer).ok()?;
    decode_string(buffer.get(..got)?)
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

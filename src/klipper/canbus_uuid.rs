//! The CAN UUID of a probe, predicted from its USB serial number (protocols.md §6.1): Klipper and Katapult hash
//! the chip's unique id with fasthash64 and keep six bytes. Pure.

/// Bytes of an STM32 unique id.
const UNIQUE_ID_LEN: usize = 12;
/// The seed Klipper and Katapult hash with (src/generic/canserial.c).
const SEED: u64 = 0xa162_31a7;
/// fasthash64's multiplier.
const MULTIPLIER: u64 = 0x8803_55f2_1e6d_1965;
/// The multiplier of its mixing step.
const MIX_MULTIPLIER: u64 = 0x2127_599b_f432_5c37;

/// How a probe is addressed on the CAN bus, `canbus_uuid` in `printer.cfg`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CanbusUuid(pub [u8; 6]);

impl CanbusUuid {
    /// From the USB serial number of firmware or Katapult: 24 hex digits. `None` if it is none.
    pub fn from_usb_serial(serial: &str) -> Option<Self> {
        let hash = fasthash64(&parse_unique_id(serial)?, SEED).to_le_bytes();
        hash.first_chunk().copied().map(Self)
    }
}

impl std::fmt::Display for CanbusUuid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The unique id in a USB serial number; `None` if it is not 24 hex digits.
pub fn parse_unique_id(serial: &str) -> Option<[u8; UNIQUE_ID_LEN]> {
    let serial = serial.trim().as_bytes();
    if serial.len() != UNIQUE_ID_LEN * 2 {
        return None;
    }
    let mut id = [0; UNIQUE_ID_LEN];
    for (byte, digits) in id.iter_mut().zip(serial.chunks_exact(2)) {
        for digit in digits {
            let value = char::from(*digit).to_digit(16)?;
            *byte = (*byte << 4) | u8::try_from(value).ok()?;
        }
    }
    Some(id)
}

fn fasthash64(bytes: &[u8; UNIQUE_ID_LEN], seed: u64) -> u64 {
    let start = seed ^ (UNIQUE_ID_LEN as u64).wrapping_mul(MULTIPLIER);
    // Eight bytes a step; the last four count as a number of their own.
    let hash = bytes.chunks(8).fold(start, |hash, chunk| {
        let number = chunk
            .iter()
            .rev()
            .fold(0, |number, byte| (number << 8) | u64::from(*byte));
        (hash ^ mix(number)).wrapping_mul(MULTIPLIER)
    });
    mix(hash)
}

fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 23)).wrapping_mul(MIX_MULTIPLIER);
    number ^ (number >> 47)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_vectors() {
        // protocols.md §6.1, boards-and-firmware.md §1.
        let cases = [
            ("0C004A0014504B5735313920", "d0365d9737d2"),
            ("060012001643565537353020", "52431664a8b3"),
            ("140032000E4330394D363620", "c14f5f34e622"),
            ("140032000e4330394d363620", "c14f5f34e622"),
            (" 140032000E4330394D363620\n", "c14f5f34e622"),
        ];
        for (serial, uuid) in cases {
            let computed = CanbusUuid::from_usb_serial(serial).map(|uuid| uuid.to_string());
            assert_eq!(computed.as_deref(), Some(uuid), "{serial}");
        }
        let id = parse_unique_id("0C004A0014504B5735313920").unwrap();
        assert_eq!(fasthash64(&id, SEED), 0x19c5_d237_975d_36d0);
    }

    #[test]
    fn what_is_no_unique_id_has_no_uuid() {
        let cases = [
            "",
            "FFFFFFFEFFFF",
            "0C004A0014504B573531392",
            "0C004A0014504B57353139200",
            "0C004A0014504B573531392g",
            "+C004A0014504B5735313920",
            "éC004A0014504B573531392",
        ];
        for serial in cases {
            assert_eq!(CanbusUuid::from_usb_serial(serial), None, "{serial:?}");
        }
    }
}

//! The checksum of both serial protocols: CRC-16/MCRF4XX (protocols.md §4.1). Katapult stores it little-endian,
//! Klipper big-endian. Pure.

/// Initial register value.
const INITIAL: u16 = 0xffff;
/// The CCITT polynomial 0x1021, bit-reversed because bytes enter low bit first.
const POLYNOMIAL: u16 = 0x8408;

/// CRC-16/MCRF4XX of `bytes`.
pub fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(INITIAL, |register, byte| {
        (0..8).fold(register ^ u16::from(*byte), |register, _| {
            let shifted = register >> 1;
            if register & 1 == 1 {
                shifted ^ POLYNOMIAL
            } else {
                shifted
            }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::crc16;

    #[test]
    fn matches_the_catalogued_check_value() {
        assert_eq!(crc16(b"123456789"), 0x6f91);
        assert_eq!(crc16(&[]), 0xffff);
    }
}

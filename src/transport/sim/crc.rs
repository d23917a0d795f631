//! The checksum of Katapult's and Klipper's frames, as their devices compute it (protocols.md §4.1). Pure, and kept
//! apart from the drivers' own, so that one cannot hide a mistake in the other.

/// CRC-16/MCRF4XX: initial value 0xFFFF, reflected polynomial 0x8408, no final exclusive-or.
pub(super) fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xffff, |crc, byte| {
        (0..8).fold(crc ^ u16::from(*byte), |crc, _| {
            if crc & 1 == 1 {
                (crc >> 1) ^ 0x8408
            } else {
                crc >> 1
            }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::crc16;

    #[test]
    fn check_value() {
        assert_eq!(crc16(b"123456789"), 0x6f91);
    }
}

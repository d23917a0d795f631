//! The checksum of Katapult's and Klipper's frames, as their devices compute it (protocols.md §4.1). Pure, and kept
//! apart from the drivers' own, so that one cannot hide a mistake in the other.

/// CRC-16/MCRF4XX: initial value 0xFFFF, reflected polynomial 0x8408, no final exclusive-or.
pub(super) fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xffff, |crc, byte| {
        let [low, high] = crc.to_le_bytes();
        // Eight steps at once: the taps of the polynomial are at bits 3, 10 and 15.
        let mixed = low ^ byte;
        let mixed = mixed ^ (mixed << 4);
        u16::from_be_bytes([mixed, high]) ^ (u16::from(mixed) << 3) ^ u16::from(mixed >> 4)
    })
}

#[cfg(test)]
mod tests {
    use super::crc16;

    #[test]
    fn check_value() {
        assert_eq!(crc16(b"123456789"), 0x6f91);
        assert_eq!(crc16(b""), 0xffff);
    }

    #[test]
    fn eight_steps_at_once_are_eight_steps() {
        for byte in 0..=255_u8 {
            let slow = (0..8).fold(0xffff ^ u16::from(byte), |crc: u16, _| {
                (crc >> 1) ^ (if crc & 1 == 1 { 0x8408 } else { 0 })
            });
            assert_eq!(crc16(&[byte]), slow);
        }
    }
}

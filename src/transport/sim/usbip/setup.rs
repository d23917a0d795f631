//! Setup packets: USB 2.0 §9.3. Bytes to values; no device.

/// The type of a request, bits 6..5 of bmRequestType.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// USB 2.0 §9.4.
    Standard,
    /// Of the interface's class.
    Class,
    /// Of nobody we know.
    Vendor,
}

/// Whom a request is for, bits 4..0 of bmRequestType.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Recipient {
    Device,
    Interface,
    Endpoint,
    Other,
}

/// A setup packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Setup {
    /// The data goes to the host.
    pub(super) to_host: bool,
    pub(super) kind: Kind,
    pub(super) recipient: Recipient,
    /// bRequest.
    pub(super) request: u8,
    /// wValue.
    pub(super) value: u16,
    /// wIndex.
    pub(super) index: u16,
    /// wLength.
    pub(super) length: u16,
}

impl Setup {
    /// Reads eight bytes; numbers are little-endian.
    pub(super) fn parse(bytes: [u8; 8]) -> Self {
        let [kind, request, v0, v1, i0, i1, l0, l1] = bytes;
        Self {
            to_host: kind & 0x80 != 0,
            kind: match (kind >> 5) & 3 {
                0 => Kind::Standard,
                1 => Kind::Class,
                _ => Kind::Vendor,
            },
            recipient: match kind & 0x1f {
                0 => Recipient::Device,
                1 => Recipient::Interface,
                2 => Recipient::Endpoint,
                _ => Recipient::Other,
            },
            request,
            value: u16::from_le_bytes([v0, v1]),
            index: u16::from_le_bytes([i0, i1]),
            length: u16::from_le_bytes([l0, l1]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dfu_getstatus_is_read() {
        let setup = Setup::parse([0xa1, 3, 0, 0, 0, 0, 6, 0]);
        let expected = Setup {
            to_host: true,
            kind: Kind::Class,
            recipient: Recipient::Interface,
            request: 3,
            value: 0,
            index: 0,
            length: 6,
        };
        assert_eq!(setup, expected);
    }

    #[test]
    fn kinds_and_recipients_are_told_apart() {
        let read = |first| {
            let setup = Setup::parse([first, 0, 0x34, 0x12, 0, 0, 0, 0]);
            assert_eq!(setup.value, 0x1234);
            (setup.to_host, setup.kind, setup.recipient)
        };
        assert_eq!(read(0x00), (false, Kind::Standard, Recipient::Device));
        assert_eq!(read(0x02), (false, Kind::Standard, Recipient::Endpoint));
        assert_eq!(read(0xc0), (true, Kind::Vendor, Recipient::Device));
        assert_eq!(read(0xe3), (true, Kind::Vendor, Recipient::Other));
    }
}

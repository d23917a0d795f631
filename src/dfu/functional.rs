//! The DFU functional descriptor (DFU 1.1 §4.1.3, protocols.md §1.2). Pure.

use std::time::Duration;

use thiserror::Error;

/// bDescriptorType of the functional descriptor.
pub const DESCRIPTOR_TYPE: u8 = 0x21;
/// bcdDFUVersion of a DfuSe device (UM0424 §10.1).
pub const DFUSE_VERSION: u16 = 0x011a;

/// Longest control transfer every system passes on: Linux usbfs stops at one 4 KiB page.
const TRANSFER_SIZE_MAX: u16 = 4096;
/// A block must not split the 64-bit unit the G431 programs at once (RM0440 §3.3.7).
const TRANSFER_SIZE_UNIT: u16 = 8;

const CAN_DOWNLOAD: u8 = 0x01;
const CAN_UPLOAD: u8 = 0x02;
const MANIFESTATION_TOLERANT: u8 = 0x04;
const WILL_DETACH: u8 = 0x08;

/// What a device says of itself as a DFU device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the four bits of bmAttributes, under their names in the standard"
)]
pub struct FunctionalDescriptor {
    /// It takes DNLOAD.
    pub can_download: bool,
    /// It answers UPLOAD.
    pub can_upload: bool,
    /// It stays on the bus after a download.
    pub manifestation_tolerant: bool,
    /// It detaches by itself when asked.
    pub will_detach: bool,
    /// wDetachTimeOut.
    pub detach_timeout: Duration,
    /// wTransferSize: most bytes in one DNLOAD or UPLOAD.
    pub transfer_size: u16,
    /// bcdDFUVersion; DFU 1.0 descriptors do not have it.
    pub dfu_version: Option<u16>,
}

/// A functional descriptor this program cannot work with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum FunctionalError {
    /// There is none.
    #[error("no DFU functional descriptor")]
    Missing,
    /// wTransferSize is zero or absurd.
    #[error("a DFU transfer size of {size} bytes")]
    TransferSize {
        /// It.
        size: u16,
    },
    /// It speaks plain DFU, not ST's extension.
    #[error("DFU version {version:04x?} instead of DfuSe")]
    Version {
        /// bcdDFUVersion, where there is one.
        version: Option<u16>,
    },
    /// It cannot both read and write.
    #[error("a DFU device that cannot both download and upload")]
    OneWay,
}

impl FunctionalDescriptor {
    /// Finds and reads the descriptor in a blob of descriptors that may hold others before it.
    pub fn parse(blob: &[u8]) -> Result<Self, FunctionalError> {
        let mut rest = blob;
        loop {
            let [length, kind, ..] = *rest else {
                return Err(FunctionalError::Missing);
            };
            // A length below 2 cannot hold itself; following it would never end.
            let Some((descriptor, next)) = rest
                .split_at_checked(usize::from(length))
                .filter(|_| length >= 2)
            else {
                return Err(FunctionalError::Missing);
            };
            if kind == DESCRIPTOR_TYPE
                && let Some(found) = Self::read(descriptor)
            {
                return found.checked();
            }
            rest = next;
        }
    }

    /// Refuses a device that is not DfuSe or cannot both read and write.
    pub fn require_dfuse(&self) -> Result<(), FunctionalError> {
        if self.dfu_version != Some(DFUSE_VERSION) {
            return Err(FunctionalError::Version {
                version: self.dfu_version,
            });
        }
        if !(self.can_download && self.can_upload) {
            return Err(FunctionalError::OneWay);
        }
        Ok(())
    }

    /// The descriptor as a device sends it: 9 bytes, or 7 for DFU 1.0.
    pub fn encode(&self) -> Vec<u8> {
        let bit = |set: bool, mask: u8| if set { mask } else { 0 };
        let attributes = bit(self.can_download, CAN_DOWNLOAD)
            | bit(self.can_upload, CAN_UPLOAD)
            | bit(self.manifestation_tolerant, MANIFESTATION_TOLERANT)
            | bit(self.will_detach, WILL_DETACH);
        let detach_ms = u16::try_from(self.detach_timeout.as_millis()).unwrap_or(u16::MAX);
        let length = if self.dfu_version.is_some() { 9 } else { 7 };
        let mut bytes = vec![length, DESCRIPTOR_TYPE, attributes];
        bytes.extend(detach_ms.to_le_bytes());
        bytes.extend(self.transfer_size.to_le_bytes());
        bytes.extend(self.dfu_version.map(u16::to_le_bytes).into_iter().flatten());
        bytes
    }

    fn read(descriptor: &[u8]) -> Option<Self> {
        let [
            _,
            _,
            attributes,
            detach_low,
            detach_high,
            size_low,
            size_high,
            version @ ..,
        ] = descriptor
        else {
            return None;
        };
        let detach_ms = u16::from_le_bytes([*detach_low, *detach_high]);
        Some(Self {
            can_download: attributes & CAN_DOWNLOAD != 0,
            can_upload: attributes & CAN_UPLOAD != 0,
            manifestation_tolerant: attributes & MANIFESTATION_TOLERANT != 0,
            will_detach: attributes & WILL_DETACH != 0,
            detach_timeout: Duration::from_millis(u64::from(detach_ms)),
            transfer_size: u16::from_le_bytes([*size_low, *size_high]),
            dfu_version: match version {
                [low, high, ..] => Some(u16::from_le_bytes([*low, *high])),
                _ => None,
            },
        })
    }

    fn checked(self) -> Result<Self, FunctionalError> {
        let size = self.transfer_size;
        if size == 0 || size > TRANSFER_SIZE_MAX || !size.is_multiple_of(TRANSFER_SIZE_UNIT) {
            return Err(FunctionalError::TransferSize { size });
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// protocols.md §1.2: attributes 0x0B, detach 255 ms, 1024 bytes, 0x011A.
    const G431: [u8; 9] = [0x09, 0x21, 0x0b, 0xff, 0x00, 0x00, 0x04, 0x1a, 0x01];

    #[test]
    fn the_g431_descriptor() {
        let descriptor = FunctionalDescriptor::parse(&G431).unwrap();
        assert_eq!(
            descriptor,
            FunctionalDescriptor {
                can_download: true,
                can_upload: true,
                manifestation_tolerant: false,
                will_detach: true,
                detach_timeout: Duration::from_millis(255),
                transfer_size: 1024,
                dfu_version: Some(0x011a),
            }
        );
        assert_eq!(descriptor.require_dfuse(), Ok(()));
        assert_eq!(descriptor.encode(), G431);
    }

    #[test]
    fn seven_bytes_are_dfu_1_0() {
        let bytes = [0x07, 0x21, 0x03, 0xff, 0x00, 0x00, 0x08];
        let descriptor = FunctionalDescriptor::parse(&bytes).unwrap();
        assert_eq!(descriptor.transfer_size, 2048);
        assert_eq!(descriptor.dfu_version, None);
        assert_eq!(descriptor.encode(), bytes);
        assert_eq!(
            descriptor.require_dfuse(),
            Err(FunctionalError::Version { version: None })
        );
    }

    #[test]
    fn it_is_found_behind_others() {
        let mut blob = vec![9, 4, 0, 0, 0, 0xfe, 1, 2, 4, 2, 0x21];
        assert_eq!(
            FunctionalDescriptor::parse(&blob),
            Err(FunctionalError::Missing)
        );
        blob.truncate(9);
        blob.extend([3, 0x24, 0, 4, 0x21, 0, 0]);
        blob.extend(G431);
        assert_eq!(
            FunctionalDescriptor::parse(&blob).unwrap().transfer_size,
            1024
        );
    }

    #[test]
    fn broken_blobs_have_none() {
        for blob in [
            &[][..],
            &[9],
            &[0, 0x21, 0, 0],
            &[1, 0x21, 9, 0x21],
            &G431[..8],
            &[6, 0x21, 0x0b, 0xff, 0, 0],
        ] {
            assert_eq!(
                FunctionalDescriptor::parse(blob),
                Err(FunctionalError::Missing),
                "{blob:?}"
            );
        }
    }

    #[test]
    fn absurd_transfer_sizes_are_refused() {
        for size in [0_u16, 1, 7, 1023, 4097, 4104, u16::MAX] {
            let mut bytes = G431;
            bytes[5..7].copy_from_slice(&size.to_le_bytes());
            assert_eq!(
                FunctionalDescriptor::parse(&bytes),
                Err(FunctionalError::TransferSize { size })
            );
        }
        for size in [64_u16, 1024, 2048, 4096] {
            let mut bytes = G431;
            bytes[5..7].copy_from_slice(&size.to_le_bytes());
            assert!(FunctionalDescriptor::parse(&bytes).is_ok());
        }
    }

    #[test]
    fn plain_dfu_and_one_way_devices_are_refused() {
        let mut bytes = G431;
        bytes[7..9].copy_from_slice(&0x0110_u16.to_le_bytes());
        assert_eq!(
            FunctionalDescriptor::parse(&bytes).unwrap().require_dfuse(),
            Err(FunctionalError::Version {
                version: Some(0x0110)
            })
        );
        for attributes in [0x08, 0x09, 0x0a] {
            let mut bytes = G431;
            bytes[2] = attributes;
            assert_eq!(
                FunctionalDescriptor::parse(&bytes).unwrap().require_dfuse(),
                Err(FunctionalError::OneWay)
            );
        }
    }

    proptest! {
        #[test]
        fn parsing_never_panics(blob in prop::collection::vec(any::<u8>(), 0..64)) {
            if let Ok(found) = FunctionalDescriptor::parse(&blob) {
                prop_assert_eq!(FunctionalDescriptor::parse(&found.encode()).map(|d| d.transfer_size),
                    Ok(found.transfer_size));
            }
        }
    }
}

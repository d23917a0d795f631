//! Why a file is not firmware that this program can use.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use super::dfuse::DfuSeError;
use super::hex::HexError;
use crate::board::Mcu;

/// Why a file was not accepted. Words for people: [`crate::advice`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ImageError {
    /// The system would not let us read it.
    #[error("{} cannot be read: {kind}", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        kind: io::ErrorKind,
    },
    /// A folder, a pipe or a device.
    #[error("{} is not a file", path.display())]
    NotAFile {
        /// Which.
        path: PathBuf,
    },
    /// Larger than any firmware file can be.
    #[error("the file has {size} bytes, more than the {limit} any firmware file has")]
    TooLarge {
        /// Its bytes.
        size: u64,
        /// The most that is looked at.
        limit: u64,
    },
    /// The file is empty, or holds no bytes for the chip.
    #[error("the file is empty")]
    Empty,
    /// Nothing but 0xFF: an erased chip was read.
    #[error("the file holds nothing but 0xff")]
    Erased,
    /// Nothing but 0x00.
    #[error("the file holds nothing but 0x00")]
    Zeros,
    /// A web page, saved instead of the file behind it.
    #[error("the file is a web page")]
    Html,
    /// Some other text.
    #[error("the file is text: {first_line:?}")]
    Text {
        /// How it begins.
        first_line: String,
    },
    /// An ELF: the linker's output, before the image is taken out of it.
    #[error("the file is an ELF executable")]
    Elf,
    /// An archive to be unpacked first.
    #[error("the file is a {kind:?} archive")]
    Archive {
        /// Which kind.
        kind: ArchiveKind,
    },
    /// UF2, which only a V1 probe takes, by copying.
    #[error("the file is UF2 (family {family:08x?})")]
    Uf2 {
        /// The family id of its first block, if it has one.
        family: Option<u32>,
        /// True if it is for an RP2040 and so for a V1 probe.
        for_v1: bool,
    },
    /// The DFU suffix does not match the file.
    #[error("the DFU suffix has CRC {stored:#010x}, the file {computed:#010x}")]
    DfuSuffixCrc {
        /// As it stands in the suffix.
        stored: u32,
        /// Of the file.
        computed: u32,
    },
    /// The DFU suffix claims an impossible length.
    #[error("the DFU suffix claims {length} bytes")]
    DfuSuffixLength {
        /// Its bLength.
        length: u8,
    },
    /// The DFU suffix names a device that is not an ST bootloader.
    #[error("the DFU suffix is for device {vendor:04x}:{product:04x}")]
    DfuSuffixDevice {
        /// idVendor.
        vendor: u16,
        /// idProduct.
        product: u16,
    },
    /// A DfuSe file that is damaged or not for flash.
    #[error(transparent)]
    DfuSe(#[from] DfuSeError),
    /// An Intel HEX file that is damaged.
    #[error(transparent)]
    Hex(#[from] HexError),
    /// The file wants to write elsewhere than main flash, such as the option bytes.
    #[error("the file writes {length} bytes at {address:#010x}, which is not in flash")]
    OutsideFlash {
        /// Where.
        address: u32,
        /// How much.
        length: usize,
    },
    /// The file writes one address twice.
    #[error("the file writes address {address:#010x} twice")]
    Overlap {
        /// Which.
        address: u32,
    },
    /// The file leaves out whole pages in the middle.
    #[error("the file leaves out {from:#010x} to {to:#010x}")]
    Gap {
        /// First missing address.
        from: u32,
        /// First address that is there again.
        to: u32,
    },
    /// The file puts the program where it cannot run.
    #[error("the file puts at {placed_at:#010x} a program linked for {linked_at:#010x}")]
    WrongPlace {
        /// Where the file puts it.
        placed_at: u32,
        /// Where it runs.
        linked_at: u32,
    },
    /// No vector table at the start.
    #[error("the file does not begin with a vector table")]
    NotFirmware,
    /// Firmware for a chip that no probe of ours has.
    #[error("the program is for another chip: stack pointer {stack_pointer:#010x}, {name:?}")]
    OtherChip {
        /// The first word.
        stack_pointer: u32,
        /// The chip, if it can be told.
        name: Option<String>,
    },
    /// The dictionary names one of our chips, the first word fits none.
    #[error("the program names {mcu:?} but has stack pointer {stack_pointer:#010x}")]
    UnexpectedStack {
        /// The chip it names.
        mcu: Mcu,
        /// The first word.
        stack_pointer: u32,
    },
    /// The first word is one chip's, the name inside another's.
    #[error("the stack pointer is that of {stack:?}, the name inside is {named:?}")]
    McuMismatch {
        /// The chip by its stack pointer, or the chip that was read for a backup.
        stack: Mcu,
        /// The chip by name.
        named: String,
    },
    /// The end of the file is missing.
    #[error("the file is cut off after {length} bytes")]
    Truncated {
        /// How many bytes are there.
        length: usize,
        /// How many there must be at least, if that is known.
        at_least: Option<usize>,
    },
    /// A program for our chip that is neither Klipper firmware nor Katapult.
    #[error("a program for {mcu:?} that is neither Cartographer firmware nor Katapult")]
    UnknownProgram {
        /// The chip.
        mcu: Mcu,
    },
    /// Katapult, and then something else than an application.
    #[error("Katapult for {mcu:?} followed by something that is not an application")]
    CombinedWithoutApp {
        /// The chip.
        mcu: Mcu,
    },
    /// It does not fit into the chip.
    #[error("{length} bytes at {link_address:#010x} do not fit into the flash of {mcu:?}")]
    PastFlashEnd {
        /// The chip.
        mcu: Mcu,
        /// Where it goes.
        link_address: u32,
        /// Its bytes.
        length: usize,
    },
    /// A backup must be exactly as long as the chip's flash.
    #[error("a backup of {mcu:?} has {expected} bytes, the file has {length}")]
    DumpSize {
        /// The chip.
        mcu: Mcu,
        /// Bytes of the file.
        length: usize,
        /// Bytes of the flash.
        expected: usize,
    },
}

/// Kinds of archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ArchiveKind {
    /// `.zip`.
    Zip,
    /// `.gz`, `.tgz`.
    Gzip,
    /// `.xz`.
    Xz,
    /// `.bz2`.
    Bzip2,
    /// `.7z`.
    SevenZip,
    /// `.rar`.
    Rar,
    /// `.zst`.
    Zstd,
}

//! Whose chip the layout strings describe, and which alternate setting opens which memory.
//!
//! Settings are found by what their strings say, never by their index: the order of a listing is arbitrary
//! (protocols.md §1.4).

use super::{LayoutWarning, MAIN_FLASH, MemoryAccess, MemoryLayout, Segment};
use crate::board::{Chip, Mcu};
use crate::transport::AltSetting;

/// Whose chip a set of layout strings describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DfuChip {
    /// One of ours.
    Known(Mcu),
    /// Somebody else's: a toolboard, a mainboard.
    Other,
}

/// Recognises a chip from the interface strings of all its alternate settings.
///
/// Exactly one setting may open main flash: a G0B1 calls all three of its settings that, with a G431's numbers.
pub fn identify_chip(alt_names: &[&str]) -> DfuChip {
    let layouts: Vec<MemoryLayout> = alt_names
        .iter()
        .filter_map(|name| MemoryLayout::parse(name).ok())
        .collect();
    let mut flashes = layouts.iter().filter(|layout| layout.contains(MAIN_FLASH));
    let (Some(flash), None) = (flashes.next(), flashes.next()) else {
        return DfuChip::Other;
    };
    Mcu::ALL
        .into_iter()
        .find(|mcu| is_flash_of(flash, mcu.chip()) && option_bytes_fit(&layouts, mcu.chip()))
        .map_or(DfuChip::Other, DfuChip::Known)
}

/// The alternate setting that opens this address; `None` if there is none or more than one.
pub fn find_alt(alts: &[AltSetting], address: u32) -> Option<u8> {
    let mut found = alts
        .iter()
        .filter(|alt| MemoryLayout::parse(&alt.name).is_ok_and(|layout| layout.contains(address)));
    match (found.next(), found.next()) {
        (Some(alt), None) => Some(alt.number),
        _ => None,
    }
}

/// True if the string describes this chip's main flash, whole and nothing else.
fn is_flash_of(layout: &MemoryLayout, chip: &Chip) -> bool {
    let whole = Segment {
        address: chip.flash_base,
        pages: chip.flash_size / chip.page_size,
        page_size: chip.page_size,
        access: MemoryAccess::ALL,
    };
    layout.regions == [whole] && !layout.warnings.contains(&LayoutWarning::Cut)
}

/// True if the option bytes are where this chip has them.
///
/// 64 pages of 2 KiB are common, so a G431 must show its option bytes. 32 pages of 1 KiB are not, so an F042 is
/// believed unless it shows option bytes elsewhere.
fn option_bytes_fit(layouts: &[MemoryLayout], chip: &Chip) -> bool {
    let here = layouts.iter().any(|layout| {
        layout
            .regions
            .iter()
            .any(|segment| segment.address == chip.option_bytes)
    });
    let anywhere = layouts
        .iter()
        .any(|layout| layout.name.eq_ignore_ascii_case("Option Bytes"));
    match chip.mcu {
        Mcu::Stm32F042 => here || !anywhere,
        Mcu::Stm32G431 => here,
    }
}

//! DfuSe memory-layout strings (UM0424 §10.3.2). Pure.

use crate::board::Mcu;

/// Whose chip a set of layout strings describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DfuChip {
    /// One of ours.
    Known(Mcu),
    /// Somebody else's: a toolboard, a mainboard.
    Other,
}

/// Recognises a chip from the interface strings of all its alternate settings.
pub fn identify_chip(_alt_names: &[&str]) -> DfuChip {
    DfuChip::Other
}

//! How long an operation should take, from the facts of the chip (protocols.md §2.5, §8.3 item 4).

use std::time::Duration;

use crate::board::Chip;
use crate::dfu::layout::DfuChip;

/// Expected times of one chip. `None` means: unknown chip, trust the device's own poll timeout.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    chip: Option<&'static Chip>,
}

impl Pace {
    pub(super) fn of(chip: DfuChip) -> Self {
        Self {
            chip: match chip {
                DfuChip::Known(mcu) => Some(mcu.chip()),
                DfuChip::Other => None,
            },
        }
    }

    /// Of erasing one page.
    pub(super) fn page_erase(self) -> Option<Duration> {
        self.chip
            .map(|chip| Duration::from_micros(chip.page_erase_us))
    }

    /// Of programming this many bytes.
    pub(super) fn program(self, bytes: usize) -> Option<Duration> {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.chip
            .map(|chip| Duration::from_micros(chip.program_kib_us.saturating_mul(bytes) / 1024))
    }
}

//! The program that puts another Katapult in the place of the one that started it (protocols.md §4.8). Knows its
//! silicon; not links, faults or other devices.

use std::ops::Range;
use std::time::Duration;

use super::flash::{ERASED, index};
use super::silicon::Silicon;
use crate::board::{Chip, Mcu};

const SIGNATURE: &[u8; 8] = b"CanBoot!";
/// Before it begins (protocols.md §4.8).
const HESITATION: Duration = Duration::from_millis(100);
/// The Katapult inside begins before this: at 0x538 to 0x5cc (boards-and-firmware.md §2 "Deployers").
const CODE_MAX: usize = 0x1000;
/// So many blank bytes are not inside a Katapult: it ended before them.
const GAP: [u8; 64] = [ERASED; 64];

/// A deployer at work.
#[derive(Debug, Clone)]
pub(super) struct Deployer {
    /// What is still to be written, the last page first.
    pages: Vec<(Range<u32>, Vec<u8>)>,
    next_at: Duration,
    /// A flash error stopped it for ever.
    halted: bool,
}

/// The Katapult that an application carries, if it is a deployer.
pub(super) fn embedded_katapult<'a>(chip: &Chip, app: &'a [u8]) -> Option<&'a [u8]> {
    let signature_at = app
        .windows(SIGNATURE.len())
        .take(CODE_MAX)
        .position(|window| window == SIGNATURE)?;
    let start = signature_at.checked_sub(index(chip.katapult_signature_offset))?;
    // 5 pages on the F042, 3 on the G431.
    let pages = match chip.mcu {
        Mcu::Stm32F042 => 5,
        Mcu::Stm32G431 => 3,
    };
    let image = app.get(start..)?;
    let image = image.get(..pages * index(chip.page_size)).unwrap_or(image);
    let end = image.windows(GAP.len()).position(|window| window == GAP);
    let image = image.get(..end.unwrap_or(image.len()))?;
    let stack = image.first_chunk::<4>()?;
    (u32::from_le_bytes(*stack) == chip.katapult_stack).then_some(image)
}

impl Deployer {
    /// A deployer that started at `now`.
    pub(super) fn new(silicon: &Silicon, now: Duration) -> Self {
        let chip = silicon.chip;
        let app = silicon.flash.cells();
        let app = app.get(index(chip.app_start.saturating_sub(chip.flash_base))..);
        let katapult = app
            .and_then(|app| embedded_katapult(chip, app))
            .unwrap_or_default();
        // Deployers end with a few zeros of their own.
        let end = katapult.iter().rposition(|byte| *byte != 0);
        let own = katapult.get(..=end.unwrap_or_default()).unwrap_or_default();
        let is_there = silicon.flash.cells().starts_with(own);
        let wanted = if is_there { &[] } else { katapult };
        let starts = (chip.flash_base..).step_by(index(chip.page_size));
        let mut pages: Vec<_> = starts
            .zip(wanted.chunks(index(chip.page_size)))
            .filter_map(|(start, bytes)| {
                let page = silicon.flash.page_of(start)?;
                let mut bytes = bytes.to_vec();
                bytes.resize(bytes.len().next_multiple_of(8), ERASED);
                Some((page, bytes))
            })
            .collect();
        pages.reverse();
        Self {
            pages,
            next_at: now.saturating_add(HESITATION),
            halted: false,
        }
    }

    /// Lets it work until `now`. Says when it was done and reset.
    pub(super) fn settle(&mut self, silicon: &mut Silicon, now: Duration) -> Option<Duration> {
        while !self.halted && self.next_at <= now {
            silicon.flash.settle(self.next_at);
            self.halted = silicon.flash.outcome().is_err();
            let Some((page, bytes)) = self.pages.pop().filter(|_| !self.halted) else {
                break;
            };
            let program = Some((page.start, bytes));
            let at = self.next_at;
            self.next_at = silicon.flash.begin(silicon.probe, at, Some(page), program);
        }
        let is_done = !self.halted && self.pages.is_empty() && self.next_at <= now;
        is_done.then_some(self.next_at)
    }
}

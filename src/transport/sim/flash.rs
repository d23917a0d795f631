//! A flash memory: pages are erased, units are programmed once, both take time and can be torn by power loss.
//! Knows cells and time; not who asks.

use std::collections::BTreeSet;
use std::ops::Range;
use std::time::Duration;

use super::trace::{FlashChange, FlashWrite, Violation};
use crate::board::{Chip, Mcu};

/// What erased cells read as.
pub(super) const ERASED: u8 = 0xff;
/// Pages of one write-protection sector of the F042: 4 KiB (RM0091 §3.5.5, protocols.md §2.1).
const F042_PROTECTION_PAGES: u32 = 4;
/// Changes and violations remembered; a bound, not a rule.
const REMEMBERED: usize = 65_536;

/// Why an operation did not do what it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FlashFault {
    /// The page is write-protected: nothing changed.
    WriteProtected,
    /// Some units were not erased: they kept their old contents.
    NotErased,
    /// There is no flash at this address.
    OutOfRange,
    /// The address is inside a unit.
    Unaligned,
}

/// Something the flash controller is busy with: an erase, a programming, or first one and then the other.
#[derive(Debug, Clone)]
struct Operation {
    start: Duration,
    erase: Option<Range<u32>>,
    erased_at: Duration,
    program: Option<(u32, Vec<u8>)>,
    end: Duration,
}

/// The flash of one chip.
#[derive(Debug, Clone)]
pub(super) struct FlashArray {
    chip: &'static Chip,
    cells: Vec<u8>,
    /// Addresses of ECC units that were programmed with ones since their last erase.
    programmed_ones: BTreeSet<u32>,
    protected_pages: BTreeSet<u32>,
    operation: Option<Operation>,
    outcome: Result<(), FlashFault>,
    corrupt_next: bool,
    /// How much longer the next operation takes than it should.
    extra: Duration,
    violations: Vec<Violation>,
    writes: Vec<FlashWrite>,
}

impl FlashArray {
    /// An erased flash.
    pub(super) fn new(chip: &'static Chip) -> Self {
        Self {
            chip,
            cells: vec![ERASED; index(chip.flash_size)],
            programmed_ones: BTreeSet::new(),
            protected_pages: BTreeSet::new(),
            operation: None,
            outcome: Ok(()),
            corrupt_next: false,
            extra: Duration::ZERO,
            violations: Vec::new(),
            writes: Vec::new(),
        }
    }

    /// Puts bytes into the cells without any ceremony, as a factory would. What does not fit is ignored.
    pub(super) fn load(&mut self, address: u32, bytes: &[u8]) {
        let offset = index(address.saturating_sub(self.chip.flash_base));
        for (cell, byte) in self.cells.iter_mut().skip(offset).zip(bytes) {
            *cell = *byte;
        }
    }

    /// Protects a page, or the sector it is in where the chip protects sectors.
    pub(super) fn protect(&mut self, page: u32) {
        let pages = match self.chip.mcu {
            Mcu::Stm32F042 => {
                let first = page - page % F042_PROTECTION_PAGES;
                first..first.saturating_add(F042_PROTECTION_PAGES)
            }
            Mcu::Stm32G431 => page..page.saturating_add(1),
        };
        self.protected_pages.extend(pages);
    }

    /// The protected pages.
    pub(super) fn protected_pages(&self) -> &BTreeSet<u32> {
        &self.protected_pages
    }

    /// All cells.
    pub(super) fn cells(&self) -> &[u8] {
        &self.cells
    }

    /// Cells from `address` on, if all of them exist.
    pub(super) fn read(&self, address: u32, length: usize) -> Option<&[u8]> {
        let offset = index(address.checked_sub(self.chip.flash_base)?);
        self.cells.get(offset..offset.checked_add(length)?)
    }

    /// The page that `address` is in, as a range of addresses.
    pub(super) fn page_of(&self, address: u32) -> Option<Range<u32>> {
        let offset = address.checked_sub(self.chip.flash_base)?;
        if offset >= self.chip.flash_size {
            return None;
        }
        let first = address - offset % self.chip.page_size;
        Some(first..first.saturating_add(self.chip.page_size))
    }

    /// Every page.
    pub(super) fn everything(&self) -> Range<u32> {
        self.chip.flash_base..self.chip.flash_end()
    }

    /// Starts erasing `erase` (whole pages) and then programming `program`. Returns when it will be done.
    ///
    /// What cannot be started is refused at once: see [`Self::outcome`].
    pub(super) fn begin(
        &mut self,
        probe: usize,
        now: Duration,
        erase: Option<Range<u32>>,
        program: Option<(u32, Vec<u8>)>,
    ) -> Duration {
        self.settle(now);
        self.outcome = Ok(());
        let program = match program.map(|(address, data)| self.checked(address, data)) {
            None => None,
            Some(Ok(program)) => Some(program),
            Some(Err(fault)) => {
                self.outcome = Err(fault);
                return now;
            }
        };
        if let Some(range) = &erase {
            let length = range.end.saturating_sub(range.start);
            self.note(FlashWrite {
                at: now,
                probe,
                change: FlashChange::Erase,
                address: range.start,
                length,
            });
        }
        if let Some((address, data)) = &program {
            self.note(FlashWrite {
                at: now,
                probe,
                change: FlashChange::Program,
                address: *address,
                length: length_of(data),
            });
        }
        // A mass erase takes no longer than one page (protocols.md §2.5).
        let erase_us = erase.as_ref().map_or(0, |_| self.chip.page_erase_us);
        let program_us = program.as_ref().map_or(0, |(_, data)| {
            self.chip
                .program_kib_us
                .saturating_mul(u64::from(length_of(data)))
                / 1024
        });
        let erased_at = now.saturating_add(Duration::from_micros(erase_us));
        let end = erased_at
            .saturating_add(Duration::from_micros(program_us))
            .saturating_add(std::mem::take(&mut self.extra));
        self.operation = Some(Operation {
            start: now,
            erase,
            erased_at,
            program,
            end,
        });
        end
    }

    /// When the running operation ends.
    pub(super) fn busy_until(&self) -> Option<Duration> {
        self.operation.as_ref().map(|operation| operation.end)
    }

    /// Makes the running operation, or the next one, take this much longer.
    pub(super) fn prolong(&mut self, by: Duration) {
        match &mut self.operation {
            Some(operation) => operation.end = operation.end.saturating_add(by),
            None => self.extra = by,
        }
    }

    /// Finishes the running operation if its time has come.
    pub(super) fn settle(&mut self, now: Duration) {
        if let Some(operation) = self.operation.take_if(|operation| operation.end <= now) {
            self.carry_out(operation, Duration::MAX);
        }
    }

    /// How the last operation went.
    pub(super) fn outcome(&self) -> Result<(), FlashFault> {
        self.outcome
    }

    /// Power fails at `now`: a running operation is left where it got to.
    pub(super) fn cut_power(&mut self, now: Duration) {
        if let Some(operation) = self.operation.take() {
            self.carry_out(operation, now);
        }
        self.outcome = Ok(());
        self.corrupt_next = false;
        self.extra = Duration::ZERO;
    }

    /// The moment at which `numerator`/`denominator` of the running operation is done.
    pub(super) fn moment_within(&self, numerator: u32, denominator: u32) -> Option<Duration> {
        let operation = self.operation.as_ref()?;
        let length = operation.end.saturating_sub(operation.start);
        let part = length.saturating_mul(numerator) / denominator.max(1);
        Some(operation.start.saturating_add(part))
    }

    /// The next programming stores one wrong bit.
    pub(super) fn corrupt_next_program(&mut self) {
        self.corrupt_next = true;
    }

    /// Notes a broken rule.
    pub(super) fn violate(&mut self, violation: Violation) {
        if self.violations.len() < REMEMBERED && self.violations.last() != Some(&violation) {
            self.violations.push(violation);
        }
    }

    /// Rules broken so far.
    pub(super) fn violations(&self) -> &[Violation] {
        &self.violations
    }

    /// Changes begun so far.
    pub(super) fn writes(&self) -> &[FlashWrite] {
        &self.writes
    }

    /// Bytes that are programmed at once: 16 bits, or 64 bits with ECC (protocols.md §2.1).
    pub(super) fn unit(&self) -> u32 {
        match self.chip.mcu {
            Mcu::Stm32F042 => 2,
            Mcu::Stm32G431 => 8,
        }
    }

    fn note(&mut self, write: FlashWrite) {
        if self.writes.len() < REMEMBERED {
            self.writes.push(write);
        }
    }

    /// Range and alignment of a programming. A tail shorter than a unit is padded with ones.
    fn checked(&mut self, address: u32, mut data: Vec<u8>) -> Result<(u32, Vec<u8>), FlashFault> {
        let length = length_of(&data);
        let unit = self.unit();
        if self.read(address, data.len()).is_none() {
            self.violate(Violation::OutOfRange { address, length });
            return Err(FlashFault::OutOfRange);
        }
        if !address.is_multiple_of(unit) || !length.is_multiple_of(unit) {
            self.violate(Violation::Unaligned {
                address,
                length,
                unit,
            });
        }
        if !address.is_multiple_of(unit) {
            return Err(FlashFault::Unaligned);
        }
        data.resize(data.len().next_multiple_of(index(unit)), ERASED);
        Ok((address, data))
    }

    /// Does what of `operation` is done by `until`.
    fn carry_out(&mut self, operation: Operation, until: Duration) {
        let Operation {
            start,
            erase,
            erased_at,
            program,
            end,
        } = operation;
        if let Some(range) = erase {
            let length = range.end.saturating_sub(range.start);
            self.erase(range.start, share(length, start, erased_at, until));
        }
        if let Some((address, data)) = program {
            let done = share(length_of(&data), erased_at, end, until);
            self.program(address, data.get(..index(done)).unwrap_or(&data));
        }
    }

    /// Erases from the first cell on. A torn erase therefore takes the vectors first, which is what a real one
    /// tends to be read as: weak cells read as ones.
    fn erase(&mut self, address: u32, length: u32) {
        let end = address.saturating_add(length);
        if self.is_protected(address..end) {
            self.outcome = Err(FlashFault::WriteProtected);
            return;
        }
        let offset = index(address.saturating_sub(self.chip.flash_base));
        for cell in self.cells.iter_mut().skip(offset).take(index(length)) {
            *cell = ERASED;
        }
        self.programmed_ones
            .retain(|unit| !(address..end).contains(unit));
    }

    fn program(&mut self, address: u32, data: &[u8]) {
        if self.is_protected(address..address.saturating_add(length_of(data))) {
            self.outcome = Err(FlashFault::WriteProtected);
            return;
        }
        let unit = self.unit();
        let mut at = address;
        for piece in data.chunks(index(unit)) {
            self.program_unit(at, piece);
            at = at.saturating_add(unit);
        }
        if self.corrupt_next && !data.is_empty() {
            self.corrupt_next = false;
            let middle = index(address.saturating_sub(self.chip.flash_base)) + data.len() / 2;
            if let Some(cell) = self.cells.get_mut(middle) {
                *cell ^= 0x10;
            }
        }
    }

    fn program_unit(&mut self, address: u32, piece: &[u8]) {
        let has_ecc = self.unit() == 8;
        let offset = index(address.saturating_sub(self.chip.flash_base));
        let Some(cells) = self
            .cells
            .get_mut(offset..offset.saturating_add(piece.len()))
        else {
            return;
        };
        let erased = cells.iter().all(|cell| *cell == ERASED);
        // All zeros may be written over anything (protocols.md §2.1).
        if !erased && piece.iter().any(|byte| *byte != 0) {
            self.outcome = Err(FlashFault::NotErased);
            self.violate(Violation::NotErased { address });
            return;
        }
        cells.copy_from_slice(piece);
        if has_ecc && self.programmed_ones.contains(&address) {
            self.violate(Violation::OnesReprogrammed { address });
        }
        if has_ecc && piece.iter().all(|byte| *byte == ERASED) {
            self.programmed_ones.insert(address);
        }
    }

    fn is_protected(&self, range: Range<u32>) -> bool {
        if range.is_empty() {
            return false;
        }
        let page =
            |address: u32| address.saturating_sub(self.chip.flash_base) / self.chip.page_size;
        self.protected_pages
            .range(page(range.start)..=page(range.end.saturating_sub(1)))
            .next()
            .is_some()
    }
}

/// How much of `length` is done at `until` by something that lasts from `start` to `end`.
fn share(length: u32, start: Duration, end: Duration, until: Duration) -> u32 {
    if until >= end {
        return length;
    }
    let whole = end.saturating_sub(start).as_nanos().max(1);
    let done = until.saturating_sub(start).as_nanos();
    let bytes = u128::from(length).saturating_mul(done) / whole;
    // Whole double words, so that tearing never breaks an alignment rule by itself.
    u32::try_from(bytes).unwrap_or(length) / 8 * 8
}

/// A 32-bit size as an index.
pub(super) fn index(value: u32) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}

/// A length as the chip counts it.
pub(super) fn length_of(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;

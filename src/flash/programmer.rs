//! What the engine needs of a bootloader, and the two bootloaders as that.

use std::ops::ControlFlow;

use super::error::Cause;
use super::stop::Stop;
use crate::board::Chip;
use crate::dfu::driver::DfuSession;
use crate::katapult::KatapultSession;
use crate::transport::OnBytes;

/// One page to replace.
#[derive(Debug, Clone)]
pub(super) struct PageWrite {
    /// Its address.
    pub(super) address: u32,
    /// What it shall hold: a whole page.
    pub(super) data: Vec<u8>,
    /// It is blank already and needs no erase.
    pub(super) blank_now: bool,
}

/// A bootloader that pages can be read from and written through.
pub(super) trait Programmer {
    /// Reads flash.
    fn read(
        &mut self,
        address: u32,
        length: usize,
        on_bytes: &mut OnBytes<'_>,
    ) -> Result<Vec<u8>, Stop>;
    /// Makes a page unbootable.
    fn blank(&mut self, page: u32) -> Result<(), Stop>;
    /// Replaces pages, in ascending order of address.
    fn write(&mut self, pages: &[PageWrite], on_bytes: &mut OnBytes<'_>) -> Result<(), Stop>;
    /// Writes a page that was blanked, all but what makes it bootable.
    fn seal_rest(&mut self, page: &PageWrite) -> Result<(), Stop>;
    /// Makes it bootable.
    fn seal_vectors(&mut self, page: &PageWrite) -> Result<(), Stop>;
    /// True if power lost while the anchor is sealed leaves a first page that starts and fails.
    fn tears_while_sealing(&self) -> bool;
    /// Where the bootloader starts applications, if it says so.
    fn app_start(&self) -> Option<u32>;
    /// How many transfers got lost and were made good.
    fn lost_transfers(&self) -> u32;
    /// Leaves the bootloader for the firmware.
    fn start(self: Box<Self>) -> Result<(), Stop>;
}

/// Pages through the ROM bootloader.
pub(super) struct DfuProgrammer<'l> {
    pub(super) session: DfuSession<'l>,
    pub(super) chip: &'static Chip,
}

/// Initial stack pointer and reset vector: until they are written, nothing boots. Two words, so that it is one
/// program unit on G431 (64 bit).
const VECTORS_LEN: usize = 8;

impl Programmer for DfuProgrammer<'_> {
    fn read(
        &mut self,
        address: u32,
        length: usize,
        on_bytes: &mut OnBytes<'_>,
    ) -> Result<Vec<u8>, Stop> {
        Ok(self.session.read(address, length, on_bytes)?)
    }

    fn blank(&mut self, page: u32) -> Result<(), Stop> {
        Ok(self.session.erase_page(page)?)
    }

    fn write(&mut self, pages: &[PageWrite], on_bytes: &mut OnBytes<'_>) -> Result<(), Stop> {
        // Erasing takes about as long as programming: each counts for half of the bytes.
        for page in pages {
            if !page.blank_now {
                self.session.erase_page(page.address)?;
            }
            if on_bytes(page.data.len() as u64 / 2).is_break() {
                return Err(Stop::Cancelled);
            }
        }
        for run in runs(pages) {
            self.session
                .write(run.address, trim_blank(&run.data), &mut |n| on_bytes(n / 2))?;
        }
        Ok(())
    }

    fn seal_rest(&mut self, page: &PageWrite) -> Result<(), Stop> {
        let rest_address = page.address.saturating_add(8);
        let rest = trim_blank(page.data.get(VECTORS_LEN..).unwrap_or_default());
        if rest.is_empty() {
            return Ok(());
        }
        self.session.write(rest_address, rest, &mut carry_on)?;
        let held = self.session.read(rest_address, rest.len(), &mut carry_on)?;
        match count_differing(&held, rest) {
            0 => Ok(()),
            differing_bytes => {
                let address = page.address;
                Err(Cause::VerifyMismatch {
                    address,
                    differing_bytes,
                }
                .into())
            }
        }
    }

    fn seal_vectors(&mut self, page: &PageWrite) -> Result<(), Stop> {
        let vectors = page.data.get(..VECTORS_LEN).unwrap_or_default();
        if vectors.iter().any(|byte| *byte != 0xff) {
            self.session.write(page.address, vectors, &mut carry_on)?;
        }
        Ok(())
    }

    fn tears_while_sealing(&self) -> bool {
        // The vectors are one program unit on G431 and 0.2 ms on F042.
        false
    }

    fn app_start(&self) -> Option<u32> {
        None
    }

    fn lost_transfers(&self) -> u32 {
        self.session.lost_transfers()
    }

    fn start(self: Box<Self>) -> Result<(), Stop> {
        // Always to the image at the base: the application itself would run without Katapult (protocols.md §2.2).
        Ok(self.session.leave(self.chip.flash_base)?)
    }
}

/// Pages through Katapult.
pub(super) struct KatapultProgrammer<'l> {
    pub(super) session: KatapultSession<'l>,
    pub(super) chip: &'static Chip,
}

impl KatapultProgrammer<'_> {
    fn write_page(&mut self, page: &PageWrite, on_bytes: &mut OnBytes<'_>) -> Result<(), Stop> {
        Ok(self
            .session
            .write_page(page.address, &page.data, self.chip.page_size, on_bytes)?)
    }
}

impl Programmer for KatapultProgrammer<'_> {
    fn read(
        &mut self,
        address: u32,
        length: usize,
        on_bytes: &mut OnBytes<'_>,
    ) -> Result<Vec<u8>, Stop> {
        Ok(self.session.read(address, length, on_bytes)?)
    }

    fn blank(&mut self, page: u32) -> Result<(), Stop> {
        Ok(self.session.invalidate_page(page)?)
    }

    fn write(&mut self, pages: &[PageWrite], on_bytes: &mut OnBytes<'_>) -> Result<(), Stop> {
        pages
            .iter()
            .try_for_each(|page| self.write_page(page, on_bytes))
    }

    fn seal_rest(&mut self, _: &PageWrite) -> Result<(), Stop> {
        // Katapult erases a page when its first block comes, so the first block cannot be last (protocols.md §4.4).
        Ok(())
    }

    fn seal_vectors(&mut self, page: &PageWrite) -> Result<(), Stop> {
        self.write_page(page, &mut carry_on)
    }

    fn tears_while_sealing(&self) -> bool {
        true
    }

    fn app_start(&self) -> Option<u32> {
        Some(self.session.info().app_start)
    }

    fn lost_transfers(&self) -> u32 {
        self.session.lost_transfers()
    }

    fn start(mut self: Box<Self>) -> Result<(), Stop> {
        self.session.finish()?;
        Ok(self.session.complete()?)
    }
}

/// How many bytes of `held` are not those of `wanted`.
pub(super) fn count_differing(held: &[u8], wanted: &[u8]) -> u32 {
    let differing = held.iter().zip(wanted).filter(|(a, b)| a != b).count();
    let missing = wanted.len().saturating_sub(held.len());
    u32::try_from(differing.saturating_add(missing)).unwrap_or(u32::MAX)
}

pub(super) fn carry_on(_: u64) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// Pages that follow each other, joined; pages that shall be blank are left out.
fn runs(pages: &[PageWrite]) -> Vec<PageWrite> {
    let mut runs: Vec<PageWrite> = Vec::new();
    for page in pages
        .iter()
        .filter(|page| page.data.iter().any(|byte| *byte != 0xff))
    {
        let follows = |run: &PageWrite| {
            u32::try_from(run.data.len())
                .is_ok_and(|len| run.address.checked_add(len) == Some(page.address))
        };
        match runs.last_mut().filter(|run| follows(run)) {
            Some(run) => run.data.extend_from_slice(&page.data),
            None => runs.push(page.clone()),
        }
    }
    runs
}

/// Without the blank bytes at the end, in whole program units of 8 bytes.
fn trim_blank(data: &[u8]) -> &[u8] {
    let used = data
        .iter()
        .rposition(|byte| *byte != 0xff)
        .map_or(0, |last| last + 1);
    data.get(..used.next_multiple_of(VECTORS_LEN).min(data.len()))
        .unwrap_or(data)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(address: u32, byte: u8) -> PageWrite {
        PageWrite {
            address,
            data: vec![byte; 16],
            blank_now: false,
        }
    }

    #[test]
    fn runs_join_neighbours_and_skip_blank_pages() {
        let pages = [
            page(0, 1),
            page(16, 2),
            page(32, 0xff),
            page(48, 3),
            page(96, 4),
        ];
        let runs = runs(&pages);
        let shape: Vec<(u32, usize)> = runs
            .iter()
            .map(|run| (run.address, run.data.len()))
            .collect();
        assert_eq!(shape, [(0, 32), (48, 16), (96, 16)]);
    }

    #[test]
    fn trailing_blanks_are_cut_in_program_units() {
        assert_eq!(trim_blank(&[0xff; 32]), &[] as &[u8]);
        let mut data = [0xff; 32];
        data[8] = 0;
        assert_eq!(trim_blank(&data).len(), 16);
        data[31] = 0;
        assert_eq!(trim_blank(&data).len(), 32);
    }

    #[test]
    fn a_short_reply_counts_as_different() {
        assert_eq!(count_differing(&[1, 2], &[1, 3, 4]), 2);
    }
}

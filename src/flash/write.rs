//! Read back, compare, write what differs, verify every byte, seal.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use super::backup::BackupStore;
use super::context::{Context, Damage};
use super::error::Cause;
use super::event::{JobEvent, Phase};
use super::order::{self, Guard, Order, Swap, Through};
use super::pages::{Pages, is_blank};
use super::programmer::{PageWrite, Programmer, count_differing};
use super::stop::Stop;
use crate::board::Chip;
use crate::image::{self, Image};

/// What to write and how.
pub(super) struct Write<'a> {
    pub(super) image: &'a Image,
    pub(super) through: Through,
    pub(super) backup: bool,
}

/// A page that does not hold what was written is written again this often (protocols.md §7 row 8).
const REWRITES: u32 = 2;

/// Brings the flash to hold the image.
pub(super) fn write(
    context: &mut Context<'_>,
    programmer: &mut dyn Programmer,
    job: &Write<'_>,
    backups: &mut dyn BackupStore,
) -> Result<(), Stop> {
    let chip = context.chip();
    let target = Pages::of_image(chip, job.image);
    let wants_backup = job.backup && context.numbers.backup.is_none();
    let read_total = if wants_backup {
        u64::from(chip.flash_size)
    } else {
        target.bytes.len() as u64
    };
    context.begin(Phase::ReadBack, read_total);
    let bytes = read(context, programmer, target.base, target.bytes.len())?;
    let held = Pages::new(chip, target.base, bytes);
    context.numbers.image_bytes = job.image.bytes().len() as u64;
    context.numbers.pages_total = u32::try_from(target.addresses().count()).unwrap_or(u32::MAX);
    context.numbers.bytes_verified = context.numbers.image_bytes;
    let differing: BTreeSet<u32> = target
        .addresses()
        .filter(|page| held.page(*page) != target.page(*page))
        .collect();
    // What already is as it should be is not written, and so needs no backup.
    if wants_backup && !differing.is_empty() {
        let all = read_around(context, programmer, &held)?;
        save(context, backups, &all)?;
    }
    context.end();
    if differing.is_empty() {
        context.skip(Phase::Write);
        context.skip(Phase::Verify);
        context.damage = Damage::Complete;
        return Ok(());
    }
    if context.damage == Damage::Complete {
        // It was complete, and does not read so any more: what is done now may be cut off again.
        context.damage = Damage::Written;
    }
    let katapult = katapult_in(chip, &held);
    let guards = katapult.is_some() && target.page(chip.app_start).is_some();
    let order = order::order(chip, job.through, &differing, guards);
    context.bootloader_settled = order.guard == Guard::Katapult && order.swap.is_none();
    let guard = match order.guard {
        Guard::Katapult if job.through == Through::Dfu => guard_by(katapult),
        guard => guard,
    };
    Writer {
        context,
        programmer,
        held,
        target: &target,
        guard,
    }
    .run(&order)
}

/// Reads the whole flash and keeps it, unless it is blank.
pub(super) fn keep_backup(
    context: &mut Context<'_>,
    programmer: &mut dyn Programmer,
    backups: &mut dyn BackupStore,
) -> Result<(), Stop> {
    let chip = context.chip();
    context.begin(Phase::ReadBack, u64::from(chip.flash_size));
    let nothing = Pages::new(chip, chip.flash_base, Vec::new());
    let all = read_around(context, programmer, &nothing)?;
    save(context, backups, &all)?;
    context.end();
    Ok(())
}

/// The whole flash: what is held already, and what is before and behind it.
fn read_around(
    context: &mut Context<'_>,
    programmer: &mut dyn Programmer,
    held: &Pages,
) -> Result<Vec<u8>, Stop> {
    let chip = context.chip();
    let held_length = u32::try_from(held.bytes.len()).unwrap_or(u32::MAX);
    let held_end = held.base.saturating_add(held_length);
    let mut all = read_between(context, programmer, chip.flash_base, held.base)?;
    all.extend_from_slice(&held.bytes);
    all.extend(read_between(
        context,
        programmer,
        held_end,
        chip.flash_end(),
    )?);
    Ok(all)
}

fn read_between(
    context: &mut Context<'_>,
    programmer: &mut dyn Programmer,
    from: u32,
    to: u32,
) -> Result<Vec<u8>, Stop> {
    match usize::try_from(to.saturating_sub(from)) {
        Ok(0) | Err(_) => Ok(Vec::new()),
        Ok(length) => read(context, programmer, from, length),
    }
}

fn save(
    context: &mut Context<'_>,
    backups: &mut dyn BackupStore,
    flash: &[u8],
) -> Result<(), Stop> {
    if is_blank(flash) {
        return Ok(());
    }
    let saved = backups.save(context.target().mcu, context.clock().wall(), flash);
    let path = saved.map_err(|error| Cause::BackupFailed {
        reason: error.to_string(),
    })?;
    context.numbers.backup = Some(path.clone());
    context.report(JobEvent::BackedUp { path });
    Ok(())
}

fn read(
    context: &mut Context<'_>,
    programmer: &mut dyn Programmer,
    address: u32,
    length: usize,
) -> Result<Vec<u8>, Stop> {
    context.address = Some(address);
    let bytes = programmer.read(address, length, &mut |n| step(context, n))?;
    context.address = None;
    Ok(bytes)
}

fn step(context: &mut Context<'_>, bytes: u64) -> ControlFlow<()> {
    context.advance(bytes);
    if context.cancelled() {
        ControlFlow::Break(())
    } else {
        ControlFlow::Continue(())
    }
}

struct Writer<'w, 'c, 'p> {
    context: &'w mut Context<'c>,
    programmer: &'w mut (dyn Programmer + 'p),
    held: Pages,
    target: &'w Pages,
    /// What boots while the anchor is blank.
    guard: Guard,
}

impl Writer<'_, '_, '_> {
    /// Body, verify, swap of the bootloader if there is one, seal; see [`order`].
    fn run(&mut self, order: &Order) -> Result<(), Stop> {
        let swapped = order
            .swap
            .as_ref()
            .map_or(0, |swap| swap.body.len().saturating_add(1));
        let written = order.body.len().saturating_add(swapped).saturating_add(1);
        self.context.numbers.pages_written = u32::try_from(written).unwrap_or(u32::MAX);

        self.context
            .begin(Phase::Write, self.bytes_of(order.body.iter()));
        self.blank_anchor(order.anchor)?;
        self.write_body(&order.body)?;
        self.context.end();

        self.context
            .begin(Phase::Verify, self.target.bytes.len() as u64);
        let mut unsealed: BTreeSet<u32> = BTreeSet::from([order.anchor]);
        if let Some(swap) = &order.swap {
            unsealed.extend(swap.body.iter().copied().chain([swap.anchor]));
        }
        self.verify(&unsealed)?;
        if let Some(swap) = &order.swap {
            self.swap_bootloader(swap)?;
        }
        let sealing = match self.guard {
            _ if self.programmer.tears_while_sealing() => Damage::Guarded(Guard::TornFirstPage),
            // Whether the vectors arrived is not known until the write is answered.
            Guard::Nothing => Damage::Guarded(Guard::Nothing),
            Guard::Katapult | Guard::Rom | Guard::TornFirstPage => Damage::Written,
        };
        self.seal(order.anchor, sealing, Damage::Written)?;
        self.context.damage = Damage::Complete;
        self.context.end();
        Ok(())
    }

    fn swap_bootloader(&mut self, swap: &Swap) -> Result<(), Stop> {
        let bare = Damage::Guarded(Guard::Nothing);
        self.blank_for_sure(swap.anchor, bare)?;
        self.context.damage = bare;
        let writes = self.page_writes(&swap.body);
        self.programmer
            .write(&writes, &mut |_| ControlFlow::Continue(()))?;
        for page in &swap.body {
            self.verify_page(*page)?;
        }
        self.seal(swap.anchor, bare, bare)?;
        let new_katapult = katapult_in(self.context.chip(), self.target);
        self.guard = guard_by(new_katapult);
        self.context.bootloader_settled = true;
        self.context.damage = Damage::Guarded(self.guard);
        Ok(())
    }

    /// Makes sure that what is being written does not boot before it is complete.
    fn blank_anchor(&mut self, page: u32) -> Result<(), Stop> {
        // Until the erase was answered, nobody knows whether it happened. A retry adds no new doubt.
        let unanswered = match self.context.damage {
            Damage::None => Damage::Blanking(self.guard),
            known => known,
        };
        self.blank_for_sure(page, unanswered)?;
        self.context.damage = Damage::Guarded(self.guard);
        Ok(())
    }

    /// Blanks a page and reads it back: one that is write-protected can answer "done" and stay as it was
    /// (protocols.md §7 row 16).
    fn blank_for_sure(&mut self, page: u32, unanswered: Damage) -> Result<(), Stop> {
        let before = self.context.damage;
        self.blank(page, unanswered)?;
        self.read_page(page)?;
        if self.starts_nothing(page) {
            return Ok(());
        }
        self.context.damage = before;
        Err(Cause::WriteProtected { address: page }.into())
    }

    /// True if the first word of a page is blank or zero.
    fn starts_nothing(&self, page: u32) -> bool {
        let first_word = self.held.page(page).and_then(|held| held.get(..4));
        matches!(first_word, Some([0xff, 0xff, 0xff, 0xff] | [0, 0, 0, 0]))
    }

    /// `unanswered`: what has been done to the chip if the erase is not answered.
    fn blank(&mut self, page: u32, unanswered: Damage) -> Result<(), Stop> {
        if self.held.page(page).is_some_and(is_blank) {
            return Ok(());
        }
        if self.context.cancelled() {
            return Err(Stop::Cancelled);
        }
        self.context.address = Some(page);
        self.context.damage = unanswered;
        self.programmer.blank(page)?;
        self.held.blank(page);
        Ok(())
    }

    fn write_body(&mut self, pages: &[u32]) -> Result<(), Stop> {
        let writes = self.page_writes(pages);
        self.context.address = pages.first().copied();
        let context = &mut *self.context;
        self.programmer.write(&writes, &mut |n| step(context, n))?;
        self.context.address = None;
        Ok(())
    }

    /// Reads the whole range back and writes pages again that are wrong. Pages in `skip` are not written yet.
    fn verify(&mut self, skip: &BTreeSet<u32>) -> Result<(), Stop> {
        let bytes = read(
            self.context,
            self.programmer,
            self.target.base,
            self.target.bytes.len(),
        )?;
        let held = Pages::new(self.context.chip(), self.target.base, bytes);
        let before = std::mem::replace(&mut self.held, held);
        let wrong: Vec<u32> = self
            .target
            .addresses()
            .filter(|page| !skip.contains(page) && self.held.page(*page) != self.target.page(*page))
            .collect();
        wrong
            .into_iter()
            .try_for_each(|page| self.rewrite(page, before.page(page)))
    }

    fn verify_page(&mut self, page: u32) -> Result<(), Stop> {
        if self.read_page(page)? == 0 {
            Ok(())
        } else {
            self.rewrite(page, None)
        }
    }

    /// Writes a page again that is wrong. `before`: what it held before this job wrote it.
    fn rewrite(&mut self, page: u32, before: Option<&[u8]>) -> Result<(), Stop> {
        let mut differing_bytes = self.differing(page);
        for attempt in 2..=REWRITES.saturating_add(1) {
            self.context.retry(
                attempt,
                format!("Page {page:#010x} does not hold what was written"),
            );
            let writes = self.page_writes(&[page]);
            self.programmer
                .write(&writes, &mut |_| ControlFlow::Continue(()))?;
            differing_bytes = self.read_page(page)?;
            if differing_bytes == 0 {
                return Ok(());
            }
        }
        self.context.address = Some(page);
        let never_changed = before.is_some() && self.held.page(page) == before;
        Err(if never_changed {
            Cause::WriteProtected { address: page }
        } else {
            Cause::VerifyMismatch {
                address: page,
                differing_bytes,
            }
        }
        .into())
    }

    /// Writes the page that makes the rest bootable, and makes sure of it.
    fn seal(&mut self, page: u32, sealing: Damage, sealed: Damage) -> Result<(), Stop> {
        self.context.address = Some(page);
        let blanked = self.context.damage;
        for attempt in 1..=REWRITES.saturating_add(1) {
            if attempt > 1 {
                self.context.retry(
                    attempt,
                    format!("Page {page:#010x} does not hold what was written"),
                );
                self.programmer.blank(page)?;
                self.context.damage = blanked;
            }
            let Some(data) = self.target.page(page).map(<[u8]>::to_vec) else {
                return Ok(());
            };
            let write = PageWrite {
                address: page,
                data,
                blank_now: true,
            };
            match self.programmer.seal_rest(&write) {
                Err(Stop::Failed(Cause::VerifyMismatch { .. })) => continue,
                other => other?,
            }
            self.context.damage = sealing;
            if let Err(stop) = self.programmer.seal_vectors(&write) {
                // What was written of it may start already (protocols.md §7 row 9).
                if self.programmer.blank(page).is_ok() {
                    self.context.damage = blanked;
                }
                return Err(stop);
            }
            self.context.damage = sealed;
            if self.read_page(page)? == 0 {
                self.context.address = None;
                return Ok(());
            }
        }
        self.programmer.blank(page)?;
        self.context.damage = blanked;
        Err(Cause::VerifyMismatch {
            address: page,
            differing_bytes: self.differing(page),
        }
        .into())
    }

    fn read_page(&mut self, page: u32) -> Result<u32, Stop> {
        self.context.address = Some(page);
        let size = usize::try_from(self.context.chip().page_size).unwrap_or(usize::MAX);
        let bytes = self
            .programmer
            .read(page, size, &mut |_| ControlFlow::Continue(()))?;
        self.held.replace(page, &bytes);
        Ok(self.differing(page))
    }

    fn differing(&self, page: u32) -> u32 {
        let wanted = self.target.page(page).unwrap_or_default();
        count_differing(self.held.page(page).unwrap_or_default(), wanted)
    }

    fn page_writes(&self, pages: &[u32]) -> Vec<PageWrite> {
        let write = |page: &u32| {
            let data = self.target.page(*page)?.to_vec();
            let blank_now = self.held.page(*page).is_some_and(is_blank);
            Some(PageWrite {
                address: *page,
                data,
                blank_now,
            })
        };
        pages.iter().filter_map(write).collect()
    }

    fn bytes_of<'i>(&self, pages: impl Iterator<Item = &'i u32>) -> u64 {
        pages
            .filter_map(|page| self.target.page(*page))
            .map(|page| page.len() as u64)
            .sum()
    }
}

/// A Katapult that is in flash now.
#[derive(Debug, Clone, Copy)]
struct Katapult {
    usb: bool,
}

/// A Katapult that only speaks CAN is no help to somebody at a USB port.
fn guard_by(katapult: Option<Katapult>) -> Guard {
    if katapult.is_some_and(|katapult| katapult.usb) {
        Guard::Katapult
    } else {
        Guard::Nothing
    }
}

fn katapult_in(chip: &Chip, held: &Pages) -> Option<Katapult> {
    let end = usize::try_from(chip.app_start.checked_sub(held.base)?).ok()?;
    let region = held
        .bytes
        .get(..end)
        .filter(|_| held.base == chip.flash_base)?;
    image::katapult_talks_usb(region, chip.mcu).map(|usb| Katapult { usb })
}

#[cfg(test)]
mod tests;

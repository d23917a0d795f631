//! The DfuSe dialogue with one open ROM bootloader: a straight line over a link and a clock.
//!
//! It knows the state machine and nothing of images, plans or progress. Rules it keeps (protocols.md §1, §8.3):
//! transfer size and layout are the device's own; DNLOAD of data is never sent twice blindly; every wait ends.

mod pace;
mod protection;
mod read;
mod wire;
mod write;

use self::pace::Pace;
pub use self::protection::Protection;
use self::wire::Wire;
use super::error::{DfuError, DfuStep};
use super::functional::FunctionalDescriptor;
use super::layout::{DfuChip, MAIN_FLASH, MemoryLayout, find_alt, identify_chip};
use super::request::{Command, FIRST_DATA_BLOCK};
use super::status::State;
use crate::transport::{Clock, DfuLink};

/// An open ROM bootloader, at rest and with its main flash selected.
pub struct DfuSession<'l> {
    wire: Wire<'l>,
    flash_alt: u8,
    layout: MemoryLayout,
    chip: DfuChip,
    pace: Pace,
    transfer_size: usize,
}

impl std::fmt::Debug for DfuSession<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DfuSession")
            .field("chip", &self.chip)
            .field("flash_alt", &self.flash_alt)
            .field("transfer_size", &self.transfer_size)
            .finish_non_exhaustive()
    }
}

impl<'l> DfuSession<'l> {
    /// Selects main flash and brings the device to rest from whatever state an earlier program left it in
    /// (protocols.md §1.1 "Session opener").
    pub fn open(link: &'l mut dyn DfuLink, clock: &'l dyn Clock) -> Result<Self, DfuError> {
        let functional = FunctionalDescriptor::parse(link.functional_descriptor())?;
        functional.require_dfuse()?;
        let alts = link.alt_settings();
        let flash_alt = find_alt(alts, MAIN_FLASH).ok_or(DfuError::NoFlashAlt)?;
        let names: Vec<&str> = alts.iter().map(|alt| alt.name.as_str()).collect();
        let chip = identify_chip(&names);
        let layout = alts
            .iter()
            .find(|alt| alt.number == flash_alt)
            .and_then(|alt| MemoryLayout::parse(&alt.name).ok())
            .ok_or(DfuError::NoFlashAlt)?;
        tracing::debug!(?chip, ?layout, ?functional, "DfuSe session");
        link.select_alt(flash_alt)?;
        let mut wire = Wire::new(link, clock);
        wire.settle()?;
        Ok(Self {
            wire,
            flash_alt,
            layout,
            chip,
            pace: Pace::of(chip),
            transfer_size: usize::from(functional.transfer_size),
        })
    }

    /// The layout of main flash.
    pub fn layout(&self) -> &MemoryLayout {
        &self.layout
    }

    /// Whose chip the layout strings describe.
    pub fn chip(&self) -> DfuChip {
        self.chip
    }

    /// Most bytes in one transfer, as the device says.
    pub fn transfer_size(&self) -> usize {
        self.transfer_size
    }

    /// How many transfers got lost or came short and were made good: a bad cable or hub (protocols.md §7 row 18).
    pub fn lost_transfers(&self) -> u32 {
        self.wire.lost()
    }

    /// Erases the page this address is in.
    pub fn erase_page(&mut self, address: u32) -> Result<(), DfuError> {
        if !self.layout.erasable(address, 1) {
            return Err(DfuError::OutsideLayout { address, length: 1 });
        }
        self.wire
            .command(Command::ErasePage(address), self.pace.page_erase())
    }

    /// Starts the program at `address` (its vector table). The device leaves the bus while it answers, so a
    /// failure of that answer is no failure; only the device list can tell what came of it (protocols.md §2.2).
    pub fn leave(mut self, address: u32) -> Result<(), DfuError> {
        if !self.layout.contains(address) {
            return Err(DfuError::OutsideLayout { address, length: 0 });
        }
        self.wire.set_address(address)?;
        self.wire
            .dnload(DfuStep::Leave, Some(address), FIRST_DATA_BLOCK, &[])?;
        match self.wire.last_status() {
            Ok(status) if status.state == State::DfuError => Err(DfuError::Refused {
                doing: DfuStep::Leave,
                status: status.status,
                state: status.state,
                address: Some(address),
            }),
            answer => {
                tracing::debug!(?answer, "the bootloader leaves, with or without an answer");
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests;

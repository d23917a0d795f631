//! A stretch of flash, page by page. Pure.

use crate::board::Chip;
use crate::image::Image;

/// A stretch of flash, in pages.
pub(super) struct Pages {
    /// Address of the first byte.
    pub(super) base: u32,
    page_size: u32,
    /// What they hold.
    pub(super) bytes: Vec<u8>,
}

impl Pages {
    pub(super) fn new(chip: &Chip, base: u32, bytes: Vec<u8>) -> Self {
        Self {
            base,
            page_size: chip.page_size,
            bytes,
        }
    }

    /// The pages an image covers, filled up with blanks.
    pub(super) fn of_image(chip: &Chip, image: &Image) -> Self {
        let mut bytes = image.bytes().to_vec();
        let page_size = usize::try_from(chip.page_size).unwrap_or(1);
        bytes.resize(bytes.len().next_multiple_of(page_size), 0xff);
        Self::new(chip, image.facts().link_address, bytes)
    }

    pub(super) fn addresses(&self) -> impl Iterator<Item = u32> + use<> {
        let length = u32::try_from(self.bytes.len()).unwrap_or(u32::MAX);
        let step = usize::try_from(self.page_size).unwrap_or(usize::MAX);
        (self.base..self.base.saturating_add(length)).step_by(step)
    }

    pub(super) fn page(&self, address: u32) -> Option<&[u8]> {
        self.bytes.get(self.range(address)?)
    }

    pub(super) fn replace(&mut self, address: u32, bytes: &[u8]) {
        if let Some(page) = self
            .range(address)
            .and_then(|range| self.bytes.get_mut(range))
        {
            page.iter_mut()
                .zip(bytes)
                .for_each(|(held, byte)| *held = *byte);
        }
    }

    pub(super) fn blank(&mut self, address: u32) {
        if let Some(page) = self
            .range(address)
            .and_then(|range| self.bytes.get_mut(range))
        {
            page.fill(0xff);
        }
    }

    fn range(&self, address: u32) -> Option<std::ops::Range<usize>> {
        let start = usize::try_from(address.checked_sub(self.base)?).ok()?;
        let end = start.checked_add(usize::try_from(self.page_size).ok()?)?;
        Some(start..end)
    }
}

/// True if nothing is written there.
pub(super) fn is_blank(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| *byte == 0xff)
}

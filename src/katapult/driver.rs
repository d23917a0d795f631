//! A session with a Katapult bootloader: a straight line over a [`SerialLink`] and a [`Clock`]. Knows no image,
//! no plan and no order of pages.
//!
//! Whatever the device does, every call ends: with a result, or with an error that says what happened. After an
//! error that leaves the device's parser in doubt not one more byte is sent (protocols.md hazard 0.1).

mod connect;
mod exchange;
mod meter;
mod page;
mod wire;

use std::ops::ControlFlow;
use std::time::Duration;

use exchange::Exchange;
use meter::Meter;
use page::PageBlocks;
use wire::Wire;

use super::error::KatapultError;
use super::message::{Command, ConnectInfo, Reply};
use crate::board::{Chip, Mcu};
use crate::transport::{Clock, OnBytes, SerialLink};

/// How long a reply may take, protocols.md §4.7.
const REPLY_TIMEOUT: Duration = Duration::from_secs(1);
/// How long the reply to a block may take; an erase is at most 40 ms. protocols.md §4.7.
const WRITE_TIMEOUT: Duration = Duration::from_secs(2);
/// Blocks that may be written without an answer: 3 ACKs of 16 bytes stay below one USB packet, protocols.md §4.6.
const WRITE_WINDOW: usize = 3;
/// Blocks that may be asked for without an answer, protocols.md §4.6.
const READ_WINDOW: usize = 2;
/// The device drops whole replies when more than this is unread, protocols.md §4.6.
const DEVICE_SEND_BUFFER: usize = 192;
/// Bytes of a block reply beside the block: frame, echoed command and address.
const BLOCK_REPLY_OVERHEAD: usize = 16;

/// How many blocks may be under way at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Pace {
    /// As many as the device's buffers hold.
    #[default]
    Windowed,
    /// One: after a refusal, and for comparison in tests.
    StopAndWait,
}

/// An open dialogue with a bootloader that has introduced itself.
pub struct KatapultSession<'l> {
    wire: Wire<'l>,
    info: ConnectInfo,
    block_size: usize,
    chip: Option<&'static Chip>,
    pace: Pace,
}

impl std::fmt::Debug for KatapultSession<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KatapultSession")
            .field("info", &self.info)
            .field("pace", &self.pace)
            .finish_non_exhaustive()
    }
}

impl<'l> KatapultSession<'l> {
    /// Makes the bootloader introduce itself (protocols.md §4.3). [`KatapultError::Mute`] after three tries.
    pub fn connect(
        link: &'l mut dyn SerialLink,
        clock: &'l dyn Clock,
    ) -> Result<Self, KatapultError> {
        let mut wire = Wire::new(link, clock);
        let info = connect::connect(&mut wire)?;
        let block_size = connect::usable_block_size(&info)?;
        let chip = Mcu::from_klipper_name(&info.mcu).map(Mcu::chip);
        Ok(Self {
            wire,
            info,
            block_size,
            chip,
            pace: Pace::default(),
        })
    }

    /// Who the bootloader is.
    pub fn info(&self) -> &ConnectInfo {
        &self.info
    }

    /// How many frames got lost and were made good: a bad cable or hub (protocols.md §7 row 18).
    pub fn lost_transfers(&self) -> u32 {
        self.wire.lost()
    }

    /// Reads main flash, whole blocks at a time.
    pub fn read(
        &mut self,
        address: u32,
        length: usize,
        on_bytes: &mut OnBytes<'_>,
    ) -> Result<Vec<u8>, KatapultError> {
        let rounded = self.check_in_flash(address, length)?;
        let window = match self.pace {
            Pace::Windowed => {
                let fit = DEVICE_SEND_BUFFER / (BLOCK_REPLY_OVERHEAD + self.block_size);
                fit.clamp(1, READ_WINDOW)
            }
            Pace::StopAndWait => 1,
        };
        let mut contents = vec![0; rounded];
        let mut received = 0;
        let mut meter = Meter::new(on_bytes);
        let mut commands = page::block_addresses(address, rounded, self.block_size)
            .map(|address| Command::RequestBlock { address });
        self.exchange(window, REPLY_TIMEOUT)
            .run(&mut commands, &mut |reply| {
                if let Reply::Block { address: at, data } = reply {
                    received += place(&mut contents, address, at, &data);
                }
                meter.reached(received.min(length));
                meter.wish()
            })?;
        if meter.cancelled() {
            return Err(KatapultError::Cancelled);
        }
        contents.truncate(length);
        Ok(contents)
    }

    /// Makes the application unbootable before its pages are touched: erases its first page and leaves a zero word
    /// there (protocols.md §4.5), so that power loss ends in Katapult.
    pub fn invalidate_page(&mut self, address: u32) -> Result<(), KatapultError> {
        let mut block = vec![0xff; self.block_size];
        block.iter_mut().take(4).for_each(|byte| *byte = 0);
        self.check_writable(address, self.block_size)?;
        let blocks = PageBlocks::new(address, &block, self.block_size);
        self.write_blocks(&blocks, &mut Meter::new(&mut |_| ControlFlow::Continue(())))
    }

    /// Erases and writes one page. What is behind `data` in the page is blank afterwards.
    ///
    /// A refused page is started again once. `Break` from `on_bytes` lets the page be finished and gives
    /// [`KatapultError::Cancelled`].
    pub fn write_page(
        &mut self,
        address: u32,
        data: &[u8],
        page_size: u32,
        on_bytes: &mut OnBytes<'_>,
    ) -> Result<(), KatapultError> {
        self.check_page(address, data.len(), page_size)?;
        let blocks = PageBlocks::new(address, data, self.block_size);
        let mut meter = Meter::new(on_bytes);
        self.write_blocks(&blocks, &mut meter)?;
        meter.reached(data.len());
        if meter.cancelled() {
            return Err(KatapultError::Cancelled);
        }
        Ok(())
    }

    /// Ends writing; returns how many pages were written since power-on.
    pub fn finish(&mut self) -> Result<u32, KatapultError> {
        self.ask(Command::Eof, |reply| match reply {
            Reply::Ended { pages } => Some(pages),
            _ => None,
        })
    }

    /// Starts the application. The device resets 100 ms after its answer, so a link that breaks once the command is
    /// out counts as an answer.
    pub fn complete(mut self) -> Result<(), KatapultError> {
        let before = self.wire.frames_sent();
        match self.ask(Command::Complete, |reply| {
            (reply == Reply::Completing).then_some(())
        }) {
            Err(KatapultError::Link(_)) if self.wire.frames_sent() > before => Ok(()),
            answer => answer,
        }
    }

    fn exchange(&mut self, window: usize, timeout: Duration) -> Exchange<'_, 'l> {
        Exchange::new(&mut self.wire, self.block_size, window, timeout)
    }

    fn ask<T>(
        &mut self,
        command: Command,
        pick: impl Fn(Reply) -> Option<T>,
    ) -> Result<T, KatapultError> {
        let mut answer = None;
        self.exchange(1, REPLY_TIMEOUT)
            .run(&mut std::iter::once(command), &mut |reply| {
                answer = pick(reply);
                ControlFlow::Continue(())
            })?;
        answer.ok_or(KatapultError::StoppedAnswering { address: None })
    }

    fn write_blocks(
        &mut self,
        blocks: &PageBlocks,
        meter: &mut Meter<'_, '_>,
    ) -> Result<(), KatapultError> {
        match self.try_write_blocks(blocks, self.pace, meter) {
            // One block at a time now, so that a second refusal names the right one.
            Err(KatapultError::BlockRefused { .. }) => {
                self.try_write_blocks(blocks, Pace::StopAndWait, meter)
            }
            result => result,
        }
    }

    /// The first block goes alone: sent again after a lost answer, it would erase what followed it (§4.4).
    fn try_write_blocks(
        &mut self,
        blocks: &PageBlocks,
        pace: Pace,
        meter: &mut Meter<'_, '_>,
    ) -> Result<(), KatapultError> {
        let window = match pace {
            Pace::Windowed => WRITE_WINDOW,
            Pace::StopAndWait => 1,
        };
        let mut written = 0;
        for (commands, window) in [(blocks.first(), 1), (blocks.rest(), window)] {
            self.exchange(window, WRITE_TIMEOUT)
                .run(&mut commands.iter().cloned(), &mut |_| {
                    written += 1;
                    meter.reached(blocks.bytes_of(written));
                    ControlFlow::Continue(())
                })?;
        }
        Ok(())
    }

    fn check_page(&self, address: u32, length: usize, page_size: u32) -> Result<(), KatapultError> {
        let page = usize::try_from(page_size).unwrap_or(usize::MAX);
        let is_page = length > 0
            && length <= page
            && address.is_multiple_of(page_size)
            && page.is_multiple_of(self.block_size);
        if !is_page {
            return Err(KatapultError::BadRange { address, length });
        }
        self.check_writable(address, length)
    }

    fn check_writable(&self, address: u32, length: usize) -> Result<(), KatapultError> {
        if address < self.info.app_start {
            return Err(KatapultError::BadRange { address, length });
        }
        self.check_in_flash(address, length).map(drop)
    }

    /// The bootloader checks no bounds and dies outside its memory (§4.4). Returns `length` in whole blocks.
    fn check_in_flash(&self, address: u32, length: usize) -> Result<usize, KatapultError> {
        let rounded = length.checked_next_multiple_of(self.block_size);
        let end = rounded
            .and_then(|rounded| u32::try_from(rounded).ok())
            .and_then(|rounded| address.checked_add(rounded));
        let in_flash = |end: u32| match self.chip {
            Some(chip) => address >= chip.flash_base && end <= chip.flash_end(),
            None => true,
        };
        rounded
            .filter(|_| end.is_some_and(in_flash))
            .ok_or(KatapultError::BadRange { address, length })
    }
}

/// Puts a block of the device into `contents`, which begin at `start`; returns how many bytes that were.
fn place(contents: &mut [u8], start: u32, address: u32, data: &[u8]) -> usize {
    let target = address
        .checked_sub(start)
        .and_then(|offset| usize::try_from(offset).ok())
        .and_then(|offset| contents.get_mut(offset..)?.get_mut(..data.len()));
    match target {
        Some(target) => {
            target.copy_from_slice(data);
            data.len()
        }
        None => 0,
    }
}

#[cfg(test)]
mod tests;

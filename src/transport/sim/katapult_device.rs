//! Katapult on USB as the shipped builds are: 1.0.0 on the F042, 1.1.0 on the G431 (protocols.md §4). Written from
//! the protocol. Knows its silicon; not links, faults or other devices.

use std::collections::VecDeque;
use std::time::Duration;

use super::cdc::CdcIn;
use super::flash::ERASED;
use super::katapult_parser::{Frame, Parsed, Parser, frame};
use super::silicon::Silicon;
use super::trace::Violation;
use crate::board::Mcu;

const CONNECT: u8 = 0x11;
const SEND_BLOCK: u8 = 0x12;
const EOF: u8 = 0x13;
const REQUEST_BLOCK: u8 = 0x14;
const COMPLETE: u8 = 0x15;
const ACK: u8 = 0xa0;
const NACK: u8 = 0xf1;
const ERROR: u8 = 0xf2;
const BUSY: u8 = 0xf3;
/// Block size of every shipped build (protocols.md §4.9).
const BLOCK: usize = 64;
const BLOCK_SIZE: u32 = 64;
/// Between COMPLETE and the reset (protocols.md §4.4).
const RESET_DELAY: Duration = Duration::from_millis(100);
/// What the V4's build calls itself (protocols.md §4.2).
const G431_VERSION: &[u8] = b"v0.0.1-104-gfcb2f84-dirty";
/// What the host's system takes for a device that takes nothing.
const BACKLOG_MAX: usize = 1024;

/// A block that flash is busy with.
#[derive(Debug, Clone)]
struct Work {
    end: Duration,
    address: u32,
    data: Vec<u8>,
}

/// A Katapult at work.
#[derive(Debug, Clone)]
pub(super) struct KatapultDevice {
    parser: Parser,
    /// Bytes that wait for the processor, and when they came.
    inbox: VecDeque<(Duration, Vec<u8>)>,
    work: Option<Work>,
    pub(super) cdc: CdcIn,
    page_writes: u32,
    /// How far it got.
    clock: Duration,
    /// How long a reply is on its way.
    latency: Duration,
    reset_at: Option<Duration>,
    /// The processor stands still after a fault.
    crashed: bool,
    say_busy: bool,
}

impl KatapultDevice {
    pub(super) fn new(latency: Duration) -> Self {
        Self {
            parser: Parser::default(),
            inbox: VecDeque::new(),
            work: None,
            cdc: CdcIn::default(),
            page_writes: 0,
            clock: Duration::ZERO,
            latency,
            reset_at: None,
            crashed: false,
            say_busy: false,
        }
    }

    /// Its parser is wedged from the start.
    pub(super) fn mute(&mut self) {
        self.parser.wedge();
    }

    /// The next command is answered with BUSY and not carried out.
    pub(super) fn say_busy_next(&mut self) {
        self.say_busy = true;
    }

    /// Bytes come from the host. False if there is no room for them: the device takes none.
    pub(super) fn receive(&mut self, bytes: &[u8], now: Duration) -> bool {
        let backlog: usize = self.inbox.iter().map(|(_, bytes)| bytes.len()).sum();
        if backlog.saturating_add(bytes.len()) > BACKLOG_MAX {
            return false;
        }
        self.inbox.push_back((now, bytes.to_vec()));
        true
    }

    /// When it will reset itself.
    pub(super) fn reset_at(&self) -> Option<Duration> {
        self.reset_at
    }

    /// When something may have changed for the host.
    pub(super) fn next_event(&self) -> Option<Duration> {
        let work = self.work.as_ref().map(|work| work.end);
        [work, self.cdc.next_event(), self.reset_at]
            .into_iter()
            .flatten()
            .min()
    }

    /// Lets it work until `now`.
    pub(super) fn settle(&mut self, silicon: &mut Silicon, now: Duration) {
        while !self.crashed {
            if let Some(work) = self.work.take_if(|work| work.end <= now) {
                self.finish(silicon, &work);
            } else if self.work.is_some() || !self.step(silicon, now) {
                break;
            }
        }
        self.cdc.settle(now);
    }

    /// One frame, or one piece of what came. False if there is nothing to do.
    fn step(&mut self, silicon: &mut Silicon, now: Duration) -> bool {
        let was_wedged = self.parser.is_wedged();
        let parsed = self.parser.parse();
        if self.parser.is_wedged() && !was_wedged {
            silicon.flash.violate(Violation::KatapultWedged);
        }
        match parsed {
            Parsed::Frame(frame) => {
                self.obey(silicon, &frame);
                return true;
            }
            Parsed::Nack => {
                self.reply(NACK, &[]);
                return true;
            }
            Parsed::Nothing => {}
        }
        let Some((at, bytes)) = self.inbox.front_mut().filter(|(at, _)| *at <= now) else {
            return false;
        };
        self.clock = self.clock.max(*at);
        let taken = self.parser.feed(bytes);
        bytes.drain(..taken);
        if bytes.is_empty() {
            self.inbox.pop_front();
        }
        taken > 0
    }

    fn obey(&mut self, silicon: &mut Silicon, frame: &Frame) {
        if std::mem::take(&mut self.say_busy) {
            return self.reply(BUSY, &[]);
        }
        let argument = frame
            .payload
            .first_chunk::<4>()
            .map(|word| u32::from_le_bytes(*word));
        match (frame.command, argument) {
            (CONNECT, _) => self.acknowledge(CONNECT, &identity(silicon)),
            (SEND_BLOCK, Some(address)) => self.write_block(silicon, address, &frame.payload),
            (REQUEST_BLOCK, argument) => self.read_block(silicon, argument),
            (EOF, _) => self.acknowledge(EOF, &self.page_writes.to_le_bytes()),
            (COMPLETE, _) => {
                self.acknowledge(COMPLETE, &[]);
                self.reset_at = Some(self.clock.saturating_add(RESET_DELAY));
            }
            // GET_CANBUS_ID among them: this is a USB build.
            _ => self.reply(ERROR, &[]),
        }
    }

    /// SEND_BLOCK (protocols.md §4.4).
    fn write_block(&mut self, silicon: &mut Silicon, address: u32, payload: &[u8]) {
        let chip = silicon.chip;
        let data = match payload.split_first_chunk::<4>() {
            Some((_, data)) if data.len() == BLOCK => data,
            _ => return self.reply(ERROR, &[]),
        };
        if address < chip.app_start || !address.is_multiple_of(BLOCK_SIZE) {
            return self.reply(ERROR, &[]);
        }
        let Some(there) = silicon.flash.read(address, BLOCK) else {
            silicon
                .flash
                .violate(Violation::KatapultWritesPastEnd { address });
            self.crashed = true;
            return;
        };
        let is_same = there == data;
        let is_blank = is_erased(there);
        let page = silicon.flash.page_of(address);
        let erase = match page.filter(|page| page.start == address) {
            Some(page) => {
                let length = chip.page_size.saturating_sub(BLOCK_SIZE);
                let rest = silicon.flash.read(
                    address.saturating_add(BLOCK_SIZE),
                    super::flash::index(length),
                );
                let rest_is_blank = rest.is_some_and(is_erased);
                if is_blank && rest_is_blank {
                    self.page_writes = self.page_writes.saturating_add(1);
                    None
                } else if is_same && rest_is_blank {
                    return self.acknowledge(SEND_BLOCK, &address.to_le_bytes());
                } else {
                    self.page_writes = self.page_writes.saturating_add(1);
                    Some(page)
                }
            }
            None if is_blank => None,
            None if is_same => return self.acknowledge(SEND_BLOCK, &address.to_le_bytes()),
            None => return self.reply(ERROR, &[]),
        };
        let data = data.to_vec();
        let program = Some((address, data.clone()));
        let end = silicon
            .flash
            .begin(silicon.probe, self.clock, erase, program);
        self.work = Some(Work { end, address, data });
    }

    /// The processor goes on after flash is done, and compares.
    fn finish(&mut self, silicon: &mut Silicon, work: &Work) {
        self.clock = self.clock.max(work.end);
        silicon.flash.settle(work.end);
        if silicon.flash.read(work.address, BLOCK) == Some(work.data.as_slice()) {
            self.acknowledge(SEND_BLOCK, &work.address.to_le_bytes());
        } else {
            self.reply(ERROR, &[]);
        }
    }

    /// REQUEST_BLOCK: a copy from any address, without a check (protocols.md §4.4). Without an argument it takes
    /// whatever follows the frame in its buffer for one.
    fn read_block(&mut self, silicon: &mut Silicon, address: Option<u32>) {
        let block = address.and_then(|address| silicon.read_memory(address, BLOCK));
        let (Some(address), Some(block)) = (address, block) else {
            let address = address.unwrap_or(0x0399_0000);
            silicon
                .flash
                .violate(Violation::KatapultReadsNowhere { address });
            self.crashed = true;
            return;
        };
        let answer = [address.to_le_bytes().as_slice(), &block].concat();
        self.acknowledge(REQUEST_BLOCK, &answer);
    }

    fn acknowledge(&mut self, command: u8, payload: &[u8]) {
        let echo = u32::from(command).to_le_bytes();
        self.reply(ACK, &[echo.as_slice(), payload].concat());
    }

    fn reply(&mut self, command: u8, payload: &[u8]) {
        let at = self.clock.saturating_add(self.latency);
        self.cdc.send(at, frame(command, payload));
    }
}

/// What CONNECT is answered with (protocols.md §4.1 "CONNECT payload layout").
fn identity(silicon: &Silicon) -> Vec<u8> {
    let chip = silicon.chip;
    let protocol: u32 = match chip.mcu {
        Mcu::Stm32F042 => 0x0001_0000,
        Mcu::Stm32G431 => 0x0001_0100,
    };
    let mut answer: Vec<u8> = [protocol, chip.app_start, BLOCK_SIZE]
        .into_iter()
        .flat_map(u32::to_le_bytes)
        .collect();
    answer.extend(padded(chip.mcu.klipper_name().as_bytes()));
    if chip.mcu == Mcu::Stm32G431 {
        answer.extend([0; 4]);
        answer.extend(padded(G431_VERSION));
    }
    answer
}

/// A text in whole words.
fn padded(text: &[u8]) -> Vec<u8> {
    let mut bytes = text.to_vec();
    bytes.resize(text.len().next_multiple_of(4), 0);
    bytes
}

fn is_erased(cells: &[u8]) -> bool {
    cells.iter().all(|cell| *cell == ERASED)
}

#[cfg(test)]
mod tests;

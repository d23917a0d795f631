//! ST's ROM bootloader: DFU 1.1 with the DfuSe extensions, as the chip plays it (protocols.md §1, §2). Written
//! from the protocol, stricter than a chip. Knows its silicon; not links, faults or other devices.

use std::time::Duration;

use super::flash::{FlashFault, length_of};
use super::rom_identity::RomKind;
use super::silicon::{Protection, Silicon};
use super::trace::Violation;
use crate::transport::LinkErrorKind;

const DNLOAD: u8 = 1;
const UPLOAD: u8 = 2;
const GETSTATUS: u8 = 3;
const CLRSTATUS: u8 = 4;
const GETSTATE: u8 = 5;
const ABORT: u8 = 6;
/// What GET_COMMANDS answers (protocols.md §1.3).
const COMMANDS: [u8; 4] = [0x00, 0x21, 0x41, 0x92];
/// bwPollTimeout of a device that is stuck in dfuDNBUSY, in milliseconds.
const STUCK_POLL_MS: u64 = 100;
/// The F042 gives its option bytes only in one piece of this size (protocols.md §1.3).
const F042_OPTION_BYTES: u16 = 16;

/// DFU 1.1 §6.1.2 states that this ROM can be in, by their bState.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum State {
    Idle = 2,
    DnloadSync = 3,
    DnBusy = 4,
    DnloadIdle = 5,
    ManifestSync = 6,
    Manifest = 7,
    UploadIdle = 9,
    Error = 10,
}

/// DFU 1.1 §6.1.2 status codes, by their bStatus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Status {
    Ok = 0,
    Target = 1,
    Write = 3,
    Prog = 6,
    Address = 8,
    Firmware = 10,
    Vendor = 11,
    Unknown = 14,
    StalledPkt = 15,
}

/// What the bootloader was left in by whoever used it before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stale {
    /// dfuERROR with errFIRMWARE.
    Error,
    /// dfuDNLOAD-IDLE.
    Dnload,
    /// dfuUPLOAD-IDLE.
    Upload,
    /// dfuMANIFEST: only power helps.
    Manifest,
    /// dfuDNBUSY until CLRSTATUS was sent twice (protocols.md §1.1).
    Stuck,
}

/// How the GETSTATUS that starts the program ends: politely, or as the host's stack words a vanished device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leave {
    /// With (OK, dfuMANIFEST).
    Polite,
    /// With this error.
    Rude(LinkErrorKind),
}

/// One class request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Request<'a> {
    pub(super) code: u8,
    pub(super) value: u16,
    pub(super) stage: Stage<'a>,
}

impl Request<'_> {
    /// SET_INTERFACE.
    pub(super) fn select_alt(alt: u8) -> Self {
        Self {
            code: 0,
            value: u16::from(alt),
            stage: Stage::SelectAlt(alt),
        }
    }

    /// GETSTATUS.
    pub(super) fn is_poll(&self) -> bool {
        self.code == GETSTATUS && matches!(self.stage, Stage::In(_))
    }

    /// The device answers with data.
    pub(super) fn is_from_device(&self) -> bool {
        matches!(self.stage, Stage::In(_))
    }

    /// What the host sends along.
    pub(super) fn sent(&self) -> &[u8] {
        match self.stage {
            Stage::Out(data) => data,
            Stage::In(_) | Stage::SelectAlt(_) => &[],
        }
    }
}

/// The data stage of a request.
#[derive(Debug, Clone, Copy)]
pub(super) enum Stage<'a> {
    /// Device to host, at most this much.
    In(u16),
    /// Host to device.
    Out(&'a [u8]),
    /// Not a class request but SET_INTERFACE, which costs and fails like one.
    SelectAlt(u8),
}

/// What the ROM does with a request.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// These bytes, or an empty status stage.
    Data(Vec<u8>),
    /// A STALL.
    Stall,
    /// The answer, then it jumps to the program at this address.
    Leaves {
        /// The image.
        address: u32,
        /// What the host sees.
        reply: Result<Vec<u8>, LinkErrorKind>,
    },
    /// The answer, then the chip erases itself, reloads its options and resets.
    Unprotects(Vec<u8>),
}

/// What a DNLOAD asked for, to be done at the next GETSTATUS.
#[derive(Debug, Clone)]
enum Pending {
    SetAddress(u32),
    ErasePage(u32),
    MassErase,
    ReadUnprotect,
    Write { block: u16, data: Vec<u8> },
    Nonsense,
}

/// A ROM bootloader at work.
#[derive(Debug, Clone)]
pub(super) struct RomDfu {
    kind: RomKind,
    state: State,
    status: Status,
    alt: u8,
    pointer: u32,
    pending: Option<Pending>,
    poll_ms: u64,
    stuck: bool,
    leave: Leave,
}

impl RomDfu {
    pub(super) fn new(kind: RomKind, silicon: &Silicon, leave: Leave) -> Self {
        Self {
            kind,
            state: State::Idle,
            status: Status::Ok,
            alt: 0,
            pointer: silicon.chip.flash_base,
            pending: None,
            poll_ms: 0,
            stuck: false,
            leave,
        }
    }

    /// Puts it into the state somebody left behind.
    pub(super) fn make_stale(&mut self, stale: Stale) {
        match stale {
            Stale::Error => self.fail(Status::Firmware),
            Stale::Dnload => self.state = State::DnloadIdle,
            Stale::Upload => self.state = State::UploadIdle,
            Stale::Manifest => self.state = State::Manifest,
            Stale::Stuck => {
                self.state = State::DnBusy;
                self.stuck = true;
            }
        }
    }

    pub(super) fn kind(&self) -> RomKind {
        self.kind
    }

    /// Answers one request. The caller has waited until flash was ready: while it is not, the processor stands
    /// still and the USB core answers nothing (protocols.md §8.3).
    pub(super) fn answer(
        &mut self,
        request: Request<'_>,
        silicon: &mut Silicon,
        now: Duration,
    ) -> Answer {
        if let Stage::SelectAlt(alt) = request.stage {
            return self.select_alt(alt);
        }
        if self.state == State::Manifest && !matches!(request.code, GETSTATUS | GETSTATE) {
            return Answer::Stall;
        }
        match (request.code, request.stage) {
            (GETSTATUS, Stage::In(length)) => self.get_status(length, silicon, now),
            (GETSTATE, Stage::In(1..)) => Answer::Data(vec![self.state as u8]),
            (DNLOAD, Stage::Out(data)) => self.dnload(request.value, data),
            (UPLOAD, Stage::In(length)) => self.upload(request.value, length, silicon),
            (CLRSTATUS, Stage::Out([])) => self.clear_status(),
            (ABORT, Stage::Out([])) => self.abort(),
            _ => self.stall(),
        }
    }

    /// A STALL that is not the host's doing: requests for the state leave the state alone.
    pub(super) fn stall_for_no_reason(&mut self, request: Request<'_>) {
        if matches!(request.code, DNLOAD | UPLOAD | CLRSTATUS | ABORT) {
            self.fail(Status::StalledPkt);
        }
    }

    fn select_alt(&mut self, alt: u8) -> Answer {
        if usize::from(alt) >= self.kind.alt_settings().len() {
            return Answer::Stall;
        }
        self.alt = alt;
        done()
    }

    fn dnload(&mut self, block: u16, data: &[u8]) -> Answer {
        if !matches!(self.state, State::Idle | State::DnloadIdle)
            || data.len() > usize::from(self.kind.transfer_size())
        {
            return self.stall();
        }
        if data.is_empty() {
            self.state = State::ManifestSync;
            return done();
        }
        let pending = match (block, data) {
            (0, [0x21, a, b, c, d]) => Pending::SetAddress(u32::from_le_bytes([*a, *b, *c, *d])),
            (0, [0x41, a, b, c, d]) => Pending::ErasePage(u32::from_le_bytes([*a, *b, *c, *d])),
            (0, [0x41]) => Pending::MassErase,
            (0, [0x92]) => Pending::ReadUnprotect,
            (0 | 1, _) => Pending::Nonsense,
            _ => Pending::Write {
                block,
                data: data.to_vec(),
            },
        };
        self.pending = Some(pending);
        self.state = State::DnloadSync;
        done()
    }

    fn get_status(&mut self, length: u16, silicon: &mut Silicon, now: Duration) -> Answer {
        match self.state {
            State::DnloadSync => {
                if let Some(Pending::ReadUnprotect) = self.pending
                    && silicon.protection != Protection::Level2
                    && self.kind != RomKind::G0b1
                {
                    self.state = State::DnBusy;
                    self.poll_ms = 20;
                    return Answer::Unprotects(self.status_bytes(length));
                }
                match self.execute(silicon, now) {
                    Ok(()) => self.state = State::DnBusy,
                    Err(status) => self.fail(status),
                }
            }
            State::DnBusy if self.stuck => self.poll_ms = STUCK_POLL_MS,
            State::DnBusy => self.finish(silicon),
            State::ManifestSync => {
                self.state = State::Manifest;
                if self.pointer != silicon.chip.flash_base {
                    silicon.flash.violate(Violation::LeftElsewhere {
                        address: self.pointer,
                    });
                }
                return Answer::Leaves {
                    address: self.pointer,
                    reply: match self.leave {
                        Leave::Polite => Ok(self.status_bytes(length)),
                        Leave::Rude(kind) => Err(kind),
                    },
                };
            }
            State::Idle
            | State::DnloadIdle
            | State::Manifest
            | State::UploadIdle
            | State::Error => {}
        }
        Answer::Data(self.status_bytes(length))
    }

    /// Starts what DNLOAD asked for. An error is the bStatus of a refusal.
    fn execute(&mut self, silicon: &mut Silicon, now: Duration) -> Result<(), Status> {
        self.poll_ms = 1;
        let Some(pending) = self.pending.take() else {
            return Ok(());
        };
        let (erase, program) = match pending {
            Pending::SetAddress(address) => {
                if !self.is_mapped(address, silicon) {
                    return Err(Status::Target);
                }
                self.pointer = address;
                return Ok(());
            }
            Pending::Nonsense => return Err(Status::StalledPkt),
            Pending::ReadUnprotect => return Err(Status::Vendor),
            Pending::ErasePage(address) => {
                let page = silicon.flash.page_of(address).filter(|_| self.alt == 0);
                (Some(page.ok_or(Status::Target)?), None)
            }
            Pending::MassErase => (Some(silicon.flash.everything()), None),
            Pending::Write { block, data } => {
                let address = self
                    .block_address(block, data.len())
                    .ok_or(Status::Address)?;
                if self.alt != 0 {
                    return Err(Status::Vendor);
                }
                (None, Some((address, data)))
            }
        };
        if self.kind == RomKind::G0b1 {
            silicon.flash.violate(Violation::StrangerTouched);
        }
        match silicon.protection {
            Protection::Level0 => {}
            Protection::Level1Silent => return Ok(()),
            Protection::Level1 | Protection::Level2 => return Err(Status::Vendor),
        }
        let end = silicon.flash.begin(silicon.probe, now, erase, program);
        if let Err(FlashFault::OutOfRange | FlashFault::Unaligned) = silicon.flash.outcome() {
            return Err(Status::Target);
        }
        // The ROM announces the worst case, a quarter more than is usual (protocols.md §2.5 typ / max).
        let length = end.saturating_sub(now).saturating_mul(5) / 4;
        self.poll_ms = u64::try_from(length.as_millis()).unwrap_or(1).max(1);
        Ok(())
    }

    /// What became of it.
    fn finish(&mut self, silicon: &Silicon) {
        self.state = State::DnloadIdle;
        match (silicon.flash.outcome(), self.kind) {
            (Ok(()), _)
            // The F042 keeps the old contents and says nothing, the G431 raises PROGERR (protocols.md §2.3).
            | (Err(FlashFault::NotErased), RomKind::F042)
            // A write-protected page: an error, or "OK with unchanged content" (protocols.md §2.3).
            | (Err(FlashFault::WriteProtected), RomKind::G431 | RomKind::G0b1) => {}
            (Err(FlashFault::NotErased), _) => self.fail(Status::Prog),
            (Err(FlashFault::WriteProtected), _) => self.fail(Status::Write),
            (Err(FlashFault::OutOfRange | FlashFault::Unaligned), _) => self.fail(Status::Target),
        }
    }

    fn upload(&mut self, block: u16, length: u16, silicon: &mut Silicon) -> Answer {
        if !matches!(self.state, State::Idle | State::UploadIdle)
            || length > self.kind.transfer_size()
            || length == 0
            || block == 1
        {
            return self.stall();
        }
        if block == 0 {
            let reply: Vec<u8> = COMMANDS.into_iter().take(usize::from(length)).collect();
            return self.uploaded(reply, length);
        }
        let Some(address) = self.block_address(block, usize::from(length)) else {
            return self.refuse(Status::Address);
        };
        match (self.alt, self.kind) {
            (0, _) | (_, RomKind::G0b1) => self.upload_flash(address, length, silicon),
            (1, RomKind::F042) if length != F042_OPTION_BYTES => self.stall(),
            (1, _) => {
                let bytes = silicon.option_bytes();
                self.upload_area(address, length, silicon.chip.option_bytes, &bytes)
            }
            _ => self.upload_area(address, length, Silicon::otp_address(), &Silicon::otp()),
        }
    }

    fn upload_flash(&mut self, address: u32, length: u16, silicon: &mut Silicon) -> Answer {
        if silicon.protection.is_on() {
            return self.refuse(Status::Vendor);
        }
        if !length.is_multiple_of(2) {
            silicon.flash.violate(Violation::OddRead {
                length: u32::from(length),
            });
        }
        match silicon.flash.read(address, usize::from(length)) {
            Some(cells) => {
                let reply = cells.to_vec();
                self.uploaded(reply, length)
            }
            None => self.refuse(Status::Address),
        }
    }

    /// A small area: what is left of it, up to the length asked for.
    fn upload_area(&mut self, address: u32, length: u16, start: u32, area: &[u8]) -> Answer {
        let offset = address
            .checked_sub(start)
            .and_then(|offset| usize::try_from(offset).ok());
        match offset.and_then(|offset| area.get(offset..)) {
            Some(rest @ [_, ..]) => {
                let reply: Vec<u8> = rest.iter().copied().take(usize::from(length)).collect();
                self.uploaded(reply, length)
            }
            _ => self.refuse(Status::Address),
        }
    }

    /// A short reply ends the transfer (protocols.md §1.3).
    fn uploaded(&mut self, reply: Vec<u8>, asked: u16) -> Answer {
        self.state = if reply.len() < usize::from(asked) {
            State::Idle
        } else {
            State::UploadIdle
        };
        Answer::Data(reply)
    }

    /// `pointer + (wBlockNum − 2) × length of this buffer`, as ST's text has it (protocols.md §1.3).
    fn block_address(&self, block: u16, length: usize) -> Option<u32> {
        let length = u32::try_from(length).ok()?;
        let blocks = u32::from(block).checked_sub(2)?;
        self.pointer.checked_add(blocks.checked_mul(length)?)
    }

    /// True if the selected setting describes memory at `address`.
    fn is_mapped(&self, address: u32, silicon: &Silicon) -> bool {
        let (start, size) = match (self.alt, self.kind) {
            (0, _) | (_, RomKind::G0b1) => (silicon.chip.flash_base, silicon.chip.flash_size),
            (1, _) => (
                silicon.chip.option_bytes,
                length_of(&silicon.option_bytes()),
            ),
            _ => (Silicon::otp_address(), length_of(&Silicon::otp())),
        };
        address
            .checked_sub(start)
            .is_some_and(|offset| offset < size)
    }

    fn clear_status(&mut self) -> Answer {
        if self.state == State::Error {
            self.state = State::Idle;
            self.status = Status::Ok;
            self.pending = None;
            return done();
        }
        let status = if self.stuck {
            Status::Unknown
        } else {
            Status::StalledPkt
        };
        self.refuse(status)
    }

    fn abort(&mut self) -> Answer {
        match self.state {
            State::Idle
            | State::DnloadSync
            | State::DnloadIdle
            | State::ManifestSync
            | State::UploadIdle => {
                self.state = State::Idle;
                self.pending = None;
                done()
            }
            State::DnBusy | State::Manifest | State::Error => self.stall(),
        }
    }

    /// An illegal request: STALL, and dfuERROR (DFU 1.1 §A.2).
    fn stall(&mut self) -> Answer {
        if self.state == State::Error {
            return Answer::Stall;
        }
        self.refuse(Status::StalledPkt)
    }

    fn refuse(&mut self, status: Status) -> Answer {
        self.fail(status);
        Answer::Stall
    }

    fn fail(&mut self, status: Status) {
        self.state = State::Error;
        self.status = status;
        self.pending = None;
        self.stuck = false;
        self.poll_ms = 0;
    }

    /// bStatus, bwPollTimeout, bState, iString (DFU 1.1 §6.1.2).
    fn status_bytes(&self, length: u16) -> Vec<u8> {
        let [p0, p1, p2, ..] = self.poll_ms.to_le_bytes();
        [self.status as u8, p0, p1, p2, self.state as u8, 0]
            .into_iter()
            .take(usize::from(length))
            .collect()
    }
}

fn done() -> Answer {
    Answer::Data(Vec::new())
}

#[cfg(test)]
mod tests;

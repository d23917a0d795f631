//! A ROM bootloader written from protocols.md §1 and §2, stricter than any chip: a request that is illegal in its
//! state, or a block number whose address depends on how one reads UM0424, is an error.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use crate::board::{Chip, Mcu};
use crate::dfu::request::{Command, Request};
use crate::dfu::status::{State, Status, StatusCode};
use crate::transport::{AltSetting, Clock, DfuLink, Doing, LinkError, LinkErrorKind};

/// Virtual time in microseconds.
#[derive(Clone, Default)]
pub(super) struct MockClock(Arc<AtomicU64>);

impl Clock for MockClock {
    fn now(&self) -> Duration {
        Duration::from_micros(self.0.load(Ordering::Relaxed))
    }

    fn sleep(&self, duration: Duration) {
        let micros = u64::try_from(duration.as_micros()).unwrap();
        self.0.fetch_add(micros, Ordering::Relaxed);
    }

    fn wall(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + self.now()
    }
}

/// One transfer as the device saw it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    Alt(u8),
    Dnload(u16, usize),
    Upload(u16, usize),
    GetStatus,
    ClrStatus,
    Abort,
}

/// What a poll gets while flash is busy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WhenPolled {
    /// No answer until the work is done.
    Nak,
    /// A STALL.
    Stall,
    /// "Still busy".
    Report,
}

/// How a device found busy behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Jam {
    None,
    /// Until CLRSTATUS came twice (protocols.md §1.1).
    UntilCleared,
    ForEver,
}

/// What goes wrong with the n-th transfer of a kind, from 0.
#[derive(Debug, Clone, Copy)]
pub(super) enum Fault {
    /// The request never arrived.
    Lost(LinkErrorKind),
    /// It was carried out, the answer got lost.
    AnswerLost(LinkErrorKind),
    /// Only so many bytes came.
    Short(usize),
}

#[expect(
    clippy::struct_excessive_bools,
    reason = "independent quirks of a device"
)]
pub(super) struct MockRom {
    pub(super) chip: &'static Chip,
    pub(super) clock: MockClock,
    pub(super) functional: Vec<u8>,
    pub(super) alts: Vec<AltSetting>,
    pub(super) transfer_size: usize,
    pub(super) state: State,
    pub(super) status: StatusCode,
    pub(super) alt: u8,
    pub(super) flash: Vec<u8>,
    pub(super) option_bytes: Vec<u8>,
    pub(super) poll: Duration,
    /// bwPollTimeout that comes with dfuDNLOAD-IDLE.
    pub(super) idle_poll: Duration,
    pub(super) when_polled: WhenPolled,
    /// Reports dfuDNLOAD-SYNC for dfuDNBUSY.
    pub(super) says_sync: bool,
    pub(super) jam: Jam,
    /// Reports errFIRMWARE in dfuIDLE whatever one does.
    pub(super) complains: bool,
    /// The next SET_INTERFACE is a session's first.
    pub(super) opening: bool,
    pub(super) refuse: Option<(u32, StatusCode)>,
    pub(super) read_protected: bool,
    pub(super) at_leave: Option<LinkErrorKind>,
    pub(super) faults: Vec<(Request, usize, Fault)>,
    pub(super) log: Vec<Seen>,
    /// Time spent in flash, so that the rest is overhead.
    pub(super) flash_time: Duration,
    pub(super) left_to: Option<u32>,
    counts: [usize; 7],
    pointer: u32,
    pending: Option<Pending>,
    busy_until: Duration,
    cleared: u32,
}

enum Pending {
    Command(Command),
    Write(u32, Vec<u8>),
    Leave,
}

fn stall() -> LinkError {
    LinkError::new(LinkErrorKind::Stalled, Doing::Sending)
}

impl MockRom {
    pub(super) fn new(mcu: Mcu) -> Self {
        let (transfer_size, names, version): (u16, &[&str], u16) = match mcu {
            Mcu::Stm32F042 => (
                2048,
                &[
                    "@Internal Flash  /0x08000000/032*0001Kg",
                    "@Option Bytes  /0x1FFFF800/01*016 e",
                ],
                0x011a,
            ),
            Mcu::Stm32G431 => (
                1024,
                &[
                    "@Internal Flash   /0x08000000/64*02Kg",
                    "@Option Bytes   /0x1FFF7800/01*040 e",
                    "@OTP Memory   /0x1FFF7000/01*0001Ke",
                ],
                0x011a,
            ),
        };
        let mut functional = vec![9, 0x21, 0x0b, 0xff, 0];
        functional.extend(transfer_size.to_le_bytes());
        functional.extend(version.to_le_bytes());
        let chip = mcu.chip();
        let mut option_bytes = vec![0xff; if mcu == Mcu::Stm32F042 { 16 } else { 40 }];
        option_bytes[0] = 0xaa;
        Self {
            chip,
            clock: MockClock::default(),
            functional,
            alts: (0..)
                .zip(names)
                .map(|(number, name)| AltSetting {
                    number,
                    name: (*name).to_owned(),
                })
                .collect(),
            transfer_size: usize::from(transfer_size),
            state: State::DfuIdle,
            status: StatusCode::Ok,
            alt: 0,
            flash: vec![0xff; usize::try_from(chip.flash_size).unwrap()],
            option_bytes,
            poll: Duration::from_millis(100),
            idle_poll: Duration::ZERO,
            when_polled: WhenPolled::Nak,
            says_sync: false,
            jam: Jam::None,
            complains: false,
            opening: true,
            refuse: None,
            read_protected: false,
            at_leave: Some(LinkErrorKind::Io),
            faults: Vec::new(),
            log: Vec::new(),
            flash_time: Duration::ZERO,
            left_to: None,
            counts: [0; 7],
            // Not main flash: a driver that forgets SET_ADDRESS must not get away with it.
            pointer: 0,
            pending: None,
            busy_until: Duration::ZERO,
            cleared: 0,
        }
    }

    pub(super) fn seen(&self, kind: fn(&Seen) -> bool) -> usize {
        self.log.iter().filter(|seen| kind(seen)).count()
    }

    /// The data blocks and commands sent, in order.
    pub(super) fn dnloads(&self) -> Vec<(u16, usize)> {
        self.log
            .iter()
            .filter_map(|seen| match *seen {
                Seen::Dnload(block, length) => Some((block, length)),
                _ => None,
            })
            .collect()
    }

    pub(super) fn uploads(&self) -> Vec<(u16, usize)> {
        self.log
            .iter()
            .filter_map(|seen| match *seen {
                Seen::Upload(block, length) => Some((block, length)),
                _ => None,
            })
            .collect()
    }

    /// 1 ms for a small transfer, 3 ms for one of 2048 bytes (protocols.md §8.1).
    fn spend(&self, bytes: usize) {
        let extra = u64::try_from(bytes).unwrap() * 2000 / 2048;
        let extra = if bytes > 64 { extra } else { 0 };
        self.clock.sleep(Duration::from_micros(1000 + extra));
    }

    fn fault(&mut self, request: Request) -> Option<Fault> {
        let count = &mut self.counts[usize::from(request.code())];
        let nth = *count;
        *count += 1;
        self.faults
            .iter()
            .find(|(kind, at, _)| *kind == request && *at == nth)
            .map(|(_, _, fault)| *fault)
    }

    fn illegal(&mut self) -> LinkError {
        self.state = State::DfuError;
        self.status = StatusCode::ErrStalledPkt;
        stall()
    }

    /// Both readings of UM0424 must give the same address.
    fn block_address(&self, block: u16, length: usize) -> u32 {
        assert!(block >= 2, "block {block} is reserved");
        assert!(
            block == 2 || length == self.transfer_size,
            "block {block} of {length} bytes has two addresses"
        );
        self.pointer + u32::from(block - 2) * u32::try_from(self.transfer_size).unwrap()
    }

    fn flash_range(&self, address: u32, length: usize) -> Option<std::ops::Range<usize>> {
        let start = usize::try_from(address.checked_sub(self.chip.flash_base)?).unwrap();
        (self.alt == 0 && start + length <= self.flash.len()).then(|| start..start + length)
    }

    fn dnload(&mut self, block: u16, data: &[u8]) -> Result<(), LinkError> {
        let legal = matches!(self.state, State::DfuIdle | State::DfuDnloadIdle);
        if !legal || data.len() > self.transfer_size {
            return Err(self.illegal());
        }
        self.pending = Some(match (block, data) {
            (0, data) => Pending::Command(Command::decode(data).unwrap()),
            (2, []) => Pending::Leave,
            (block, data) => {
                assert!(!data.is_empty());
                Pending::Write(self.block_address(block, data.len()), data.to_vec())
            }
        });
        self.state = State::DfuDnloadSync;
        Ok(())
    }

    fn refusal(&self, address: u32, in_flash: bool) -> Option<StatusCode> {
        match self.refuse {
            Some((at, status)) if at == address => Some(status),
            _ if in_flash && self.read_protected => Some(StatusCode::ErrVendor),
            _ => None,
        }
    }

    /// Starts the pending work; returns how long it takes.
    fn execute(&mut self, work: Pending) -> Result<Duration, StatusCode> {
        match work {
            Pending::Command(Command::SetAddress(address)) => {
                if let Some(status) = self.refusal(address, false) {
                    return Err(status);
                }
                self.pointer = address;
                Ok(Duration::ZERO)
            }
            Pending::Command(Command::ErasePage(address)) => {
                if let Some(status) = self.refusal(address, true) {
                    return Err(status);
                }
                let page = usize::try_from(self.chip.page_size).unwrap();
                let range = self.flash_range(address, 1).ok_or(StatusCode::ErrTarget)?;
                let start = range.start / page * page;
                self.flash[start..start + page].fill(0xff);
                Ok(Duration::from_micros(self.chip.page_erase_us))
            }
            Pending::Command(other) => panic!("{other:?} must never be sent"),
            Pending::Write(address, data) => {
                if let Some(status) = self.refusal(address, true) {
                    return Err(status);
                }
                let range = self
                    .flash_range(address, data.len())
                    .ok_or(StatusCode::ErrAddress)?;
                let cells = &mut self.flash[range];
                if cells.iter().any(|cell| *cell != 0xff) {
                    return Err(StatusCode::ErrProg);
                }
                cells.copy_from_slice(&data);
                Ok(Duration::from_micros(
                    self.chip.program_kib_us * u64::try_from(data.len()).unwrap() / 1024,
                ))
            }
            Pending::Leave => unreachable!(),
        }
    }

    fn get_status(&mut self) -> Result<Status, LinkError> {
        let mut poll_timeout = Duration::ZERO;
        if self.jam != Jam::None && self.state == State::DfuDnBusy {
            return Ok(self.reply(self.poll));
        }
        if self.clock.now() < self.busy_until {
            match self.when_polled {
                WhenPolled::Nak => {
                    let left = self.busy_until.saturating_sub(self.clock.now());
                    self.clock.sleep(left);
                }
                WhenPolled::Stall => return Err(stall()),
                WhenPolled::Report => return Ok(self.reply(self.poll)),
            }
        }
        match (self.state, self.pending.take()) {
            (State::DfuDnloadSync, Some(Pending::Leave)) => {
                self.left_to = Some(self.pointer);
                self.state = State::DfuManifest;
                if let Some(kind) = self.at_leave {
                    return Err(LinkError::new(kind, Doing::Receiving));
                }
            }
            (State::DfuDnloadSync, Some(work)) => match self.execute(work) {
                Ok(time) => {
                    self.state = State::DfuDnBusy;
                    self.flash_time += time;
                    self.busy_until = self.clock.now() + time;
                    poll_timeout = self.poll;
                }
                Err(status) => {
                    self.state = State::DfuError;
                    self.status = status;
                }
            },
            (State::DfuDnBusy, _) => {
                self.state = State::DfuDnloadIdle;
                poll_timeout = self.idle_poll;
            }
            _ => {}
        }
        Ok(self.reply(poll_timeout))
    }

    fn reply(&self, poll_timeout: Duration) -> Status {
        Status {
            status: match self.state {
                State::DfuIdle if self.complains => StatusCode::ErrFirmware,
                _ => self.status,
            },
            state: match self.state {
                State::DfuDnBusy if self.says_sync => State::DfuDnloadSync,
                state => state,
            },
            poll_timeout,
            string: 0,
        }
    }

    fn clear_status(&mut self) -> Result<(), LinkError> {
        match (self.state, self.jam) {
            (State::DfuError, _) => {
                self.state = State::DfuIdle;
                self.status = StatusCode::Ok;
                self.jam = Jam::None;
                Ok(())
            }
            (State::DfuDnBusy, Jam::UntilCleared) => {
                self.cleared += 1;
                self.state = State::DfuError;
                self.status = StatusCode::ErrUnknown;
                Ok(())
            }
            (State::DfuDnBusy, Jam::ForEver) => Err(stall()),
            _ => Err(self.illegal()),
        }
    }

    fn abort(&mut self) -> Result<(), LinkError> {
        if matches!(
            self.state,
            State::DfuIdle | State::DfuDnloadIdle | State::DfuUploadIdle
        ) {
            self.state = State::DfuIdle;
            return Ok(());
        }
        Err(self.illegal())
    }

    fn upload(&mut self, block: u16, buffer: &mut [u8]) -> Result<usize, LinkError> {
        if !matches!(self.state, State::DfuIdle | State::DfuUploadIdle)
            || buffer.len() > self.transfer_size
        {
            return Err(self.illegal());
        }
        let address = self.block_address(block, buffer.len());
        let source = if self.alt == 0 {
            if let Some(status) = self.refusal(address, true) {
                self.state = State::DfuError;
                self.status = status;
                return Err(stall());
            }
            match self.flash_range(address, buffer.len()) {
                Some(range) => &self.flash[range],
                None => return Err(self.illegal()),
            }
        } else {
            if self.refuse.is_some_and(|(at, _)| at == address) {
                return Err(self.illegal());
            }
            assert_eq!(address, self.chip.option_bytes);
            assert_eq!(buffer.len(), self.option_bytes.len());
            &self.option_bytes[..]
        };
        buffer.copy_from_slice(source);
        self.state = State::DfuUploadIdle;
        Ok(buffer.len())
    }
}

fn request_of(code: u8) -> Request {
    [
        Request::Dnload,
        Request::Upload,
        Request::GetStatus,
        Request::ClrStatus,
        Request::Abort,
    ]
    .into_iter()
    .find(|request| request.code() == code)
    .expect("a request this driver makes")
}

impl DfuLink for MockRom {
    fn control_in(
        &mut self,
        request: u8,
        value: u16,
        buffer: &mut [u8],
        _timeout: Duration,
    ) -> Result<usize, LinkError> {
        let request = request_of(request);
        self.log.push(match request {
            Request::Upload => Seen::Upload(value, buffer.len()),
            Request::GetStatus => Seen::GetStatus,
            other => panic!("{other:?} is not expected"),
        });
        let fault = self.fault(request);
        if let Some(Fault::Lost(kind)) = fault {
            self.spend(0);
            return Err(LinkError::new(kind, Doing::Receiving));
        }
        let received = if request == Request::Upload {
            self.spend(buffer.len());
            self.upload(value, buffer)?
        } else {
            // A poll held back by NAKs ends with the work; its bus time runs meanwhile.
            self.spend(0);
            let bytes = self.get_status()?.encode();
            buffer.copy_from_slice(&bytes);
            bytes.len()
        };
        match fault {
            Some(Fault::AnswerLost(kind)) => Err(LinkError::new(kind, Doing::Receiving)),
            Some(Fault::Short(length)) => {
                if request == Request::Upload {
                    self.state = State::DfuIdle;
                }
                Ok(length.min(received))
            }
            _ => Ok(received),
        }
    }

    fn control_out(
        &mut self,
        request: u8,
        value: u16,
        data: &[u8],
        _timeout: Duration,
    ) -> Result<(), LinkError> {
        let request = request_of(request);
        self.log.push(match request {
            Request::Dnload => Seen::Dnload(value, data.len()),
            Request::ClrStatus => Seen::ClrStatus,
            Request::Abort => Seen::Abort,
            other => panic!("{other:?} is not expected"),
        });
        let fault = self.fault(request);
        self.spend(data.len());
        if let Some(Fault::Lost(kind)) = fault {
            return Err(LinkError::new(kind, Doing::Sending));
        }
        match request {
            Request::Dnload => self.dnload(value, data),
            Request::ClrStatus => self.clear_status(),
            _ => self.abort(),
        }?;
        match fault {
            Some(Fault::AnswerLost(kind)) => Err(LinkError::new(kind, Doing::Sending)),
            _ => Ok(()),
        }
    }

    fn select_alt(&mut self, alt: u8) -> Result<(), LinkError> {
        // Only the first one comes before the device is known to be at rest.
        assert!(self.opening || self.state == State::DfuIdle);
        self.opening = false;
        self.log.push(Seen::Alt(alt));
        self.spend(0);
        self.alt = alt;
        Ok(())
    }

    fn functional_descriptor(&self) -> &[u8] {
        &self.functional
    }

    fn alt_settings(&self) -> &[AltSetting] {
        &self.alts
    }
}

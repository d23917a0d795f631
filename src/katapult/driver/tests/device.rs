//! A Katapult written from protocols.md §4.4 for these tests, stricter than the real one, in virtual time.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use crate::katapult::frame::{Frame, FrameDecoder, Received};
use crate::katapult::message::{Command, ConnectInfo, ProtocolVersion, Reply};
use crate::transport::{Clock, Doing, LinkError, LinkErrorKind, SerialLink};

pub(super) const BASE: u32 = 0x0800_0000;
pub(super) const APP: u32 = 0x0800_2000;
/// Replies beyond this are lost on the device, §4.6.
const SEND_BUFFER: usize = 192;
/// No test takes longer than this, whatever the device does.
const PATIENCE: Duration = Duration::from_mins(1);

/// Time that moves only when someone waits; panics when a test would hang.
#[derive(Default)]
pub(super) struct VirtualClock(Mutex<Duration>);

impl VirtualClock {
    fn advance_to(&self, time: Duration) {
        let mut now = self.0.lock().unwrap();
        *now = time.max(*now);
        assert!(*now < PATIENCE, "the driver hangs");
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Duration {
        *self.0.lock().unwrap()
    }
    fn sleep(&self, duration: Duration) {
        self.advance_to(self.now() + duration);
    }
    fn wall(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + self.now()
    }
}

/// What goes wrong. Frames are counted from the first one written, replies from the first one sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    None,
    /// The link breaks at this transfer.
    Unplug {
        transfer: usize,
    },
    /// Everything from this frame on is swallowed.
    Mute {
        frame: usize,
    },
    /// This frame is answered by NACK and not executed.
    Nack {
        frame: usize,
    },
    /// This frame is answered by BUSY and not executed.
    Busy {
        frame: usize,
    },
    /// This frame and all after it are answered by NACK, except CONNECT.
    NackForever {
        frame: usize,
    },
    /// This SEND_BLOCK address is refused so many times.
    Refuse {
        address: u32,
        times: usize,
    },
    Lose {
        reply: usize,
    },
    Duplicate {
        reply: usize,
    },
    Delay {
        reply: usize,
    },
    NoiseBefore {
        reply: usize,
    },
    /// A false start swallows what follows it.
    FalseStartBefore {
        reply: usize,
    },
    /// A valid frame that is no reply comes first.
    OddBefore {
        reply: usize,
    },
    /// Every block is answered for the next address.
    WrongAddress,
    /// Every block ACK comes without its address.
    ShortAck,
    /// Answers everything with noise that never ends.
    Babble,
    /// The host takes no more bytes from this frame on.
    Clogged {
        frame: usize,
    },
}

pub(super) struct Device<'c> {
    clock: &'c VirtualClock,
    pub(super) fault: Fault,
    pub(super) info: ConnectInfo,
    pub(super) flash: Vec<u8>,
    page_size: usize,
    erase_time: Duration,
    program_time: Duration,
    /// One way.
    pub(super) latency: Duration,
    /// The most bytes one read gives.
    pub(super) read_chunk: usize,
    /// The first reply waits for a second one, as after enumeration (§4.3).
    pub(super) holds_first: bool,
    /// A reply of whole 64-byte packets waits for the next one (§4.6).
    pub(super) holds_full_packets: bool,
    held: Vec<u8>,
    outbox: VecDeque<(Duration, Vec<u8>)>,
    busy_until: Duration,
    transfers: usize,
    pub(super) frames: usize,
    replies: usize,
    pub(super) commands: Vec<Command>,
    pub(super) pages_written: u32,
    pub(super) started: Option<Duration>,
    unplugged: bool,
    /// When the replies the host did not read yet can be read, and their lengths.
    unread: VecDeque<(Duration, usize)>,
    pub(super) most_unread: usize,
}

impl<'c> Device<'c> {
    /// A V3: F042, protocol 1.0.0.
    pub(super) fn v3(clock: &'c VirtualClock) -> Self {
        Self::new(
            clock,
            ConnectInfo {
                protocol: ProtocolVersion::new(1, 0, 0),
                app_start: APP,
                block_size: 64,
                mcu: "stm32f042x6".into(),
                version: None,
            },
            (32 * 1024, 1024),
            (30_000, 1_712),
        )
    }

    /// A V4: G431, protocol 1.1.0.
    pub(super) fn v4(clock: &'c VirtualClock) -> Self {
        Self::new(
            clock,
            ConnectInfo {
                protocol: ProtocolVersion::new(1, 1, 0),
                app_start: APP,
                block_size: 64,
                mcu: "stm32g431xx".into(),
                version: Some("v0.0.1-104-gfcb2f84-dirty".into()),
            },
            (128 * 1024, 2048),
            (22_000, 654),
        )
    }

    fn new(
        clock: &'c VirtualClock,
        info: ConnectInfo,
        (flash_size, page_size): (usize, usize),
        (erase_us, program_us): (u64, u64),
    ) -> Self {
        // Nothing in flash is blank before.
        let flash = (0..flash_size).map(|i| (i % 251) as u8).collect();
        Self {
            clock,
            fault: Fault::None,
            info,
            flash,
            page_size,
            erase_time: Duration::from_micros(erase_us),
            program_time: Duration::from_micros(program_us),
            latency: Duration::from_millis(1),
            read_chunk: 4096,
            holds_first: true,
            holds_full_packets: true,
            held: Vec::new(),
            outbox: VecDeque::new(),
            busy_until: Duration::ZERO,
            transfers: 0,
            frames: 0,
            replies: 0,
            commands: Vec::new(),
            pages_written: 0,
            started: None,
            unplugged: false,
            unread: VecDeque::new(),
            most_unread: 0,
        }
    }

    pub(super) fn page_size(&self) -> u32 {
        self.page_size as u32
    }

    pub(super) fn app(&self) -> &[u8] {
        &self.flash[(self.info.app_start - BASE) as usize..]
    }

    pub(super) fn transfers(&self) -> usize {
        self.transfers
    }

    pub(super) fn replies(&self) -> usize {
        self.replies
    }

    fn transfer(&mut self, doing: Doing) -> Result<(), LinkError> {
        if self.fault
            == (Fault::Unplug {
                transfer: self.transfers,
            })
        {
            self.unplugged = true;
        }
        self.transfers += 1;
        let reset = self
            .started
            .is_some_and(|at| self.clock.now() >= at + Duration::from_millis(100));
        if self.unplugged || reset {
            return Err(LinkError::new(LinkErrorKind::Disconnected, doing));
        }
        Ok(())
    }

    fn execute(&mut self, command: &Command) -> (Reply, Duration) {
        let quick = Duration::from_micros(50);
        match command {
            Command::Connect => (Reply::Connected(self.info.clone()), quick),
            Command::SendBlock { address, data } => self.program(*address, data),
            Command::Eof => (
                Reply::Ended {
                    pages: self.pages_written,
                },
                quick,
            ),
            Command::RequestBlock { address } => {
                let at = address.checked_sub(BASE).expect("HardFault") as usize;
                let data = self.flash[at..at + self.info.block_size as usize].to_vec();
                (
                    Reply::Block {
                        address: *address,
                        data,
                    },
                    quick,
                )
            }
            Command::Complete => {
                self.started = Some(self.clock.now());
                (Reply::Completing, quick)
            }
            Command::Prime => (Reply::Error, quick),
        }
    }

    fn program(&mut self, address: u32, data: &[u8]) -> (Reply, Duration) {
        let block_size = self.info.block_size as usize;
        assert_eq!(data.len(), block_size);
        if let Fault::Refuse {
            address: bad,
            times,
        } = &mut self.fault
            && *bad == address
            && *times > 0
        {
            *times -= 1;
            return (Reply::Error, Duration::ZERO);
        }
        if address < self.info.app_start || !(address as usize).is_multiple_of(block_size) {
            return (Reply::Error, Duration::ZERO);
        }
        let at = (address - BASE) as usize;
        assert!(at < self.flash.len(), "bus fault");
        let mut took = Duration::ZERO;
        if at.is_multiple_of(self.page_size) {
            let page = &mut self.flash[at..at + self.page_size];
            let repeated = page[..block_size] == *data && blank(&page[block_size..]);
            if repeated && !blank(page) {
                return (Reply::Written { address }, took);
            }
            if !blank(page) {
                page.fill(0xff);
                took += self.erase_time;
            }
            self.pages_written += 1;
        } else {
            let there = &self.flash[at..at + block_size];
            if there == data {
                return (Reply::Written { address }, took);
            }
            if !blank(there) {
                return (Reply::Error, took);
            }
        }
        self.flash[at..at + block_size].copy_from_slice(data);
        (Reply::Written { address }, took + self.program_time)
    }

    /// Sends a reply, with whatever is to go wrong with it.
    fn send(&mut self, reply: &Reply, ready_at: Duration) {
        let index = self.replies;
        self.replies += 1;
        let mut bytes = match (self.fault, reply) {
            (Fault::WrongAddress, Reply::Written { address }) => Reply::Written {
                address: address + 64,
            }
            .encode()
            .unwrap(),
            (Fault::ShortAck, Reply::Written { .. }) => {
                Frame::new(0xa0, vec![0x12, 0, 0, 0]).unwrap().encode()
            }
            _ => reply.encode().unwrap(),
        };
        self.unread.push_back((ready_at, bytes.len()));
        let unread: usize = self.unread.iter().map(|(_, len)| len).sum();
        assert!(
            unread <= SEND_BUFFER || self.unread.len() == 1,
            "replies would be dropped"
        );
        self.most_unread = self.most_unread.max(self.unread.len());
        let mut ready_at = ready_at;
        match self.fault {
            Fault::Lose { reply } if reply == index => return,
            Fault::Duplicate { reply } if reply == index => bytes = bytes.repeat(2),
            Fault::Delay { reply } if reply == index => ready_at += Duration::from_millis(2500),
            Fault::NoiseBefore { reply } if reply == index => {
                // With a false start and a length that the reply itself fulfills.
                bytes.splice(0..0, [0x00, 0x01, 0x88, 0xa0, 0x01, 0x01]);
            }
            Fault::FalseStartBefore { reply } if reply == index => {
                bytes.splice(0..0, [0x01, 0x88, 0xa0, 0xff]);
            }
            Fault::OddBefore { reply } if reply == index => {
                let odd = Frame::new(0x77, vec![1; 8]).unwrap().encode();
                bytes.splice(0..0, odd);
            }
            Fault::Babble => bytes = vec![0x55; 200_000],
            _ => {}
        }
        self.held.extend(bytes);
        let waits = (self.holds_first && index == 0)
            || (self.holds_full_packets && self.held.len().is_multiple_of(64));
        if !waits {
            self.outbox
                .push_back((ready_at, std::mem::take(&mut self.held)));
        }
    }
}

fn blank(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| *byte == 0xff)
}

impl SerialLink for Device<'_> {
    fn write(&mut self, data: &[u8], timeout: Duration) -> Result<(), LinkError> {
        self.transfer(Doing::Sending)?;
        let received = FrameDecoder::new().push(data);
        let [Received::Frame(frame)] = received.as_slice() else {
            panic!("not one whole frame: {data:02x?}");
        };
        let command = Command::decode(frame).expect("a known command");
        let index = self.frames;
        self.frames += 1;
        match self.fault {
            Fault::Mute { frame } if index >= frame => return Ok(()),
            Fault::Clogged { frame } if index >= frame => {
                self.clock.sleep(timeout);
                return Err(LinkError::new(LinkErrorKind::TimedOut, Doing::Sending));
            }
            _ => {}
        }
        let instead = match self.fault {
            Fault::Nack { frame } if index == frame => Some(Reply::Nack),
            Fault::NackForever { frame } if index >= frame && command != Command::Connect => {
                Some(Reply::Nack)
            }
            Fault::Busy { frame } if index == frame => Some(Reply::Busy),
            _ => None,
        };
        let start = self.busy_until.max(self.clock.now() + self.latency);
        let (reply, took) = if let Some(reply) = instead {
            (reply, Duration::ZERO)
        } else {
            self.commands.push(command.clone());
            self.execute(&command)
        };
        self.busy_until = start + took;
        self.send(&reply, self.busy_until + self.latency);
        Ok(())
    }

    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> Result<usize, LinkError> {
        self.transfer(Doing::Receiving)?;
        let until = self.clock.now() + timeout;
        // A late reply does not hold up the ones behind it.
        let next = (0..self.outbox.len()).min_by_key(|index| self.outbox[*index].0);
        let Some(index) = next.filter(|index| self.outbox[*index].0 <= until) else {
            self.clock.advance_to(until);
            return Ok(0);
        };
        let (ready_at, bytes) = &mut self.outbox[index];
        self.clock.advance_to(*ready_at);
        let len = bytes.len().min(self.read_chunk).min(buffer.len());
        for (target, byte) in buffer.iter_mut().zip(bytes.drain(..len)) {
            *target = byte;
        }
        if bytes.is_empty() {
            self.outbox.remove(index);
        }
        let now = self.clock.now();
        self.unread.retain(|(ready_at, _)| *ready_at > now);
        Ok(len)
    }
}

//! One imported device: its URBs wait in queues, each endpoint carries them out in order, and the client may have
//! them forgotten at any time. Knows no sockets but the one it was given, and no devices but its own.

use std::collections::VecDeque;
use std::io::Write as _;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::descriptor::{BULK_IN, BULK_OUT, INTERRUPT_IN};
use super::device::{Device, Outcome};
use super::serial::Port;
use super::setup::Setup;
use super::stream::Stream;
use super::urb::{self, Command, Completion, Direction, HEADER, Submit};
use crate::transport::Clock;

/// How long a read of the bench's serial port may keep bytes for it waiting.
const READ_SLICE: Duration = Duration::from_millis(1);
/// Without traffic for this long the port is looked at only now and then.
const BUSY_FOR: Duration = Duration::from_millis(500);
/// That is how often.
const IDLE_SLICE: Duration = Duration::from_millis(20);
/// Room for what the port gives at a time; a Katapult frame has at most 128 bytes.
const READ_ROOM: usize = 512;
/// URBs a client may have open. Linux's cdc-acm has 16 each way.
const OPEN_MAX: usize = 1024;

/// An URB that waits.
#[derive(Debug)]
struct Waiting {
    submit: Submit,
    data: Vec<u8>,
}

/// What an endpoint has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lane {
    Control,
    BulkOut,
    BulkIn,
    /// Waits for a notification, which never comes.
    Notification,
    /// There is no such endpoint.
    None,
}

impl Lane {
    fn of(submit: &Submit) -> Self {
        match (submit.endpoint, submit.direction) {
            (0, _) => Self::Control,
            (BULK_OUT, Direction::Out) => Self::BulkOut,
            (BULK_IN, Direction::In) => Self::BulkIn,
            (INTERRUPT_IN, Direction::In) => Self::Notification,
            _ => Self::None,
        }
    }
}

struct Queues {
    stream: Box<dyn Stream>,
    control: VecDeque<Waiting>,
    bulk_out: VecDeque<Waiting>,
    bulk_in: VecDeque<Waiting>,
    notifications: Vec<u32>,
    /// Taken by an endpoint and not completed yet.
    taken: Vec<u32>,
    closed: bool,
}

/// Where URBs of one device wait.
pub(super) struct Desk {
    queues: Mutex<Queues>,
    arrived: Condvar,
}

impl Desk {
    pub(super) fn new(stream: Box<dyn Stream>) -> Self {
        Self {
            queues: Mutex::new(Queues {
                stream,
                control: VecDeque::new(),
                bulk_out: VecDeque::new(),
                bulk_in: VecDeque::new(),
                notifications: Vec::new(),
                taken: Vec::new(),
                closed: false,
            }),
            arrived: Condvar::new(),
        }
    }

    /// The device is gone: the connection ends and every endpoint stops.
    pub(super) fn close(&self) {
        let mut queues = self.queues();
        queues.closed = true;
        queues.stream.hang_up();
        self.arrived.notify_all();
    }

    /// Takes what the client sends until it hangs up or the device is gone.
    pub(super) fn receive(&self, stream: &mut dyn Stream) {
        if let Err(reason) = self.receive_until_error(stream) {
            tracing::debug!("a USB/IP client is gone: {reason}");
        }
        self.close();
    }

    fn receive_until_error(&self, stream: &mut dyn Stream) -> std::io::Result<()> {
        loop {
            let mut header = [0; HEADER];
            stream.read_exact(&mut header)?;
            match Command::parse(&header).map_err(std::io::Error::other)? {
                Command::Submit(submit) => {
                    // Its size was checked when the header was read.
                    let mut data = vec![0; usize::try_from(submit.payload()).unwrap_or(0)];
                    stream.read_exact(&mut data)?;
                    self.admit(Waiting { submit, data })?;
                }
                Command::Unlink { seqnum, victim } => self.unlink(seqnum, victim)?,
            }
        }
    }

    fn admit(&self, urb: Waiting) -> std::io::Result<()> {
        let mut queues = self.queues();
        if queues.open_count() >= OPEN_MAX {
            return Err(std::io::Error::other("too many URBs at once"));
        }
        let seqnum = urb.submit.seqnum;
        match Lane::of(&urb.submit) {
            Lane::Control => queues.control.push_back(urb),
            Lane::BulkOut => queues.bulk_out.push_back(urb),
            Lane::BulkIn => queues.bulk_in.push_back(urb),
            Lane::Notification => queues.notifications.push(seqnum),
            Lane::None => queues.send(&urb::submitted(seqnum, Completion::Stalled)),
        }
        self.arrived.notify_all();
        Ok(())
    }

    /// Forgets an URB that was not completed yet. Under the same lock as completions, so that never both answers
    /// are sent.
    fn unlink(&self, seqnum: u32, victim: u32) -> std::io::Result<()> {
        let mut queues = self.queues();
        let before = queues.open_count();
        queues.control.retain(|urb| urb.submit.seqnum != victim);
        queues.bulk_out.retain(|urb| urb.submit.seqnum != victim);
        queues.bulk_in.retain(|urb| urb.submit.seqnum != victim);
        queues.notifications.retain(|known| *known != victim);
        queues.taken.retain(|known| *known != victim);
        let in_time = queues.open_count() != before;
        queues.stream.write_all(&urb::unlinked(seqnum, in_time))
    }

    /// The next control transfer; waits for it. Nothing once the device is gone.
    fn next_control(&self) -> Option<Waiting> {
        let mut queues = self.queues();
        loop {
            if queues.closed {
                return None;
            }
            if let Some(urb) = queues.control.pop_front() {
                queues.taken.push(urb.submit.seqnum);
                return Some(urb);
            }
            queues = self
                .arrived
                .wait(queues)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// What the bulk endpoints have to do; waits at most `patience` for it.
    fn next_bulk(&self, patience: Duration) -> Bulk {
        let mut queues = self.queues();
        for attempt in 0..2 {
            if queues.closed {
                return Bulk::Closed;
            }
            if let Some(urb) = queues.bulk_out.pop_front() {
                queues.taken.push(urb.submit.seqnum);
                return Bulk::Write(urb);
            }
            if attempt == 0 && !patience.is_zero() {
                queues = self
                    .arrived
                    .wait_timeout(queues, patience)
                    .unwrap_or_else(PoisonError::into_inner)
                    .0;
            }
        }
        if queues.bulk_in.is_empty() {
            Bulk::Nothing
        } else {
            Bulk::Read
        }
    }

    /// Answers an URB that was taken, unless it was forgotten meanwhile.
    fn complete(&self, seqnum: u32, completion: Completion<'_>) {
        let mut queues = self.queues();
        let Some(place) = queues.taken.iter().position(|known| *known == seqnum) else {
            return;
        };
        queues.taken.swap_remove(place);
        queues.send(&urb::submitted(seqnum, completion));
    }

    /// Hands bytes to the URBs that wait for some; what is left over stays in `bytes`.
    fn deliver(&self, bytes: &mut Vec<u8>) {
        let mut queues = self.queues();
        while !bytes.is_empty() {
            let Some(urb) = queues.bulk_in.pop_front() else {
                return;
            };
            let room = usize::try_from(urb.submit.length).unwrap_or(usize::MAX);
            let rest = bytes.split_off(room.min(bytes.len()));
            queues.send(&urb::submitted(
                urb.submit.seqnum,
                Completion::Read(bytes.as_slice()),
            ));
            *bytes = rest;
        }
    }

    fn queues(&self) -> MutexGuard<'_, Queues> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queues {
    fn open_count(&self) -> usize {
        [self.control.len(), self.bulk_out.len(), self.bulk_in.len()]
            .iter()
            .fold(self.notifications.len(), |sum, count| {
                sum.saturating_add(*count)
            })
            .saturating_add(self.taken.len())
    }

    fn send(&mut self, message: &[u8]) {
        // A client that does not listen any more is noticed where it is read from.
        if let Err(reason) = self.stream.write_all(message) {
            tracing::debug!("an answer could not be sent: {reason}");
        }
    }
}

#[derive(Debug)]
enum Bulk {
    Closed,
    Write(Waiting),
    Read,
    Nothing,
}

/// Endpoint 0, until the device is gone.
pub(super) fn serve_control(desk: &Desk, device: &mut Device) {
    while let Some(urb) = desk.next_control() {
        let seqnum = urb.submit.seqnum;
        match device.control(&Setup::parse(urb.submit.setup), &urb.data) {
            Outcome::Data(bytes) => desk.complete(seqnum, Completion::Read(&bytes)),
            Outcome::Done => {
                let sent = u32::try_from(urb.data.len()).unwrap_or(u32::MAX);
                desk.complete(seqnum, Completion::Written(sent));
            }
            Outcome::Stall => desk.complete(seqnum, Completion::Stalled),
            // It stays open until the client gives up.
            Outcome::Silence => {}
            Outcome::Gone => desk.close(),
        }
    }
}

/// The bulk endpoints of a serial port, until the device is gone.
pub(super) fn serve_bulk(desk: &Desk, port: &Arc<Port>, clock: &dyn Clock) {
    let mut held = Vec::new();
    let mut room = vec![0; READ_ROOM];
    let mut last_traffic = clock.now();
    loop {
        let quiet = clock.now().saturating_sub(last_traffic) > BUSY_FOR;
        let patience = if quiet { IDLE_SLICE } else { Duration::ZERO };
        match desk.next_bulk(patience) {
            Bulk::Closed => return,
            Bulk::Write(urb) => {
                let seqnum = urb.submit.seqnum;
                match port.write(&urb.data) {
                    Ok(()) => {
                        desk.complete(seqnum, Completion::Written(urb.submit.length));
                    }
                    Err(Outcome::Gone) => desk.close(),
                    Err(Outcome::Stall) => desk.complete(seqnum, Completion::Stalled),
                    // The device takes no more: the URB stays open.
                    Err(Outcome::Silence | Outcome::Done | Outcome::Data(_)) => {}
                }
                last_traffic = clock.now();
            }
            Bulk::Read => {
                if held.is_empty() {
                    match port.read(&mut room, READ_SLICE) {
                        Ok(length) => held.extend(room.iter().take(length)),
                        Err(Outcome::Gone) => desk.close(),
                        Err(_nothing) => {}
                    }
                }
                if !held.is_empty() {
                    last_traffic = clock.now();
                }
                desk.deliver(&mut held);
            }
            // Nobody reads: bytes wait in the device.
            Bulk::Nothing if !quiet => clock.sleep(READ_SLICE),
            Bulk::Nothing => {}
        }
    }
}

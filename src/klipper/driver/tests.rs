use std::sync::{LazyLock, Mutex};
use std::time::SystemTime;

use proptest::prelude::*;

use super::*;
use crate::klipper::dictionary::{DictionaryError, Search, search};
use crate::transport::sim::practice;
use crate::transport::{Doing, LinkError};

/// Time that moves only when someone waits; panics when a test would hang.
#[derive(Default)]
struct VirtualClock(Mutex<Duration>);

impl VirtualClock {
    fn advance_to(&self, time: Duration) {
        let mut now = self.0.lock().unwrap();
        *now = time.max(*now);
        assert!(*now <= Duration::from_secs(6), "the driver hangs");
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

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    /// The link breaks at this transfer.
    Unplug(usize),
    /// Nothing is answered from this request on.
    Mute(usize),
    /// This block from the probe is lost.
    Lose(usize),
    /// This one arrives damaged.
    Damage(usize),
    /// It streams sensor data around every answer.
    Streams,
    /// It streams so much that time hardly passes.
    Floods,
    /// Another number is expected every time.
    Moody,
}

/// A running firmware written from protocols.md §5 for these tests.
struct Firmware<'c> {
    clock: &'c VirtualClock,
    fault: Fault,
    dictionary: Vec<u8>,
    expected: Sequence,
    holds_first: bool,
    /// Bytes an earlier program left in the probe's buffer.
    leftover: Vec<u8>,
    read_chunk: usize,
    held: Vec<u8>,
    packets: usize,
    outbox: VecDeque<u8>,
    blocks_sent: usize,
    requests: usize,
    transfers: usize,
}

impl<'c> Firmware<'c> {
    fn new(clock: &'c VirtualClock, dictionary: Vec<u8>) -> Self {
        Self {
            clock,
            fault: Fault::None,
            dictionary,
            expected: Sequence::default(),
            holds_first: true,
            leftover: vec![],
            read_chunk: 4096,
            held: vec![],
            packets: 0,
            outbox: VecDeque::new(),
            blocks_sent: 0,
            requests: 0,
            transfers: 0,
        }
    }

    fn transfer(&mut self, doing: Doing) -> Result<(), LinkError> {
        self.transfers += 1;
        match self.fault {
            Fault::Unplug(at) if self.transfers > at => {
                Err(LinkError::new(LinkErrorKind::Disconnected, doing))
            }
            _ => Ok(()),
        }
    }

    fn block(&mut self, content: Vec<u8>) -> Vec<u8> {
        let block = Block {
            sequence: self.expected,
            content,
        };
        let mut bytes = block.encode().unwrap();
        let index = self.blocks_sent;
        self.blocks_sent += 1;
        match self.fault {
            Fault::Lose(at) if at == index => bytes.clear(),
            Fault::Damage(at) if at == index => bytes[2] ^= 4,
            _ => {}
        }
        bytes
    }

    /// One transfer towards the host; the first waits for the second (§4.3).
    fn packet(&mut self, bytes: &[u8]) {
        self.held.extend_from_slice(bytes);
        self.packets += 1;
        if !self.holds_first || self.packets > 1 {
            self.outbox.extend(std::mem::take(&mut self.held));
        }
    }

    fn handle(&mut self, received: &[u8]) {
        let mut bytes = std::mem::take(&mut self.leftover);
        bytes.extend_from_slice(received);
        if bytes == [SYNC] {
            return;
        }
        let blocks = BlockDecoder::new().push(&bytes);
        let [request] = blocks.as_slice() else {
            let nak = self.block(vec![]);
            self.packet(&nak);
            return;
        };
        assert_eq!(blocks.len(), 1);
        self.requests += 1;
        if matches!(self.fault, Fault::Mute(at) if self.requests > at) {
            return;
        }
        if self.fault == Fault::Moody {
            self.expected = request.sequence.next().next();
        }
        if request.sequence != self.expected {
            let nak = self.block(vec![]);
            self.packet(&nak);
            return;
        }
        let ask = Identify::decode(&request.content).expect("nothing but identify");
        self.expected = self.expected.next();
        let rest = self
            .dictionary
            .get(ask.offset as usize..)
            .unwrap_or_default();
        let data = rest[..rest.len().min(usize::from(ask.count))].to_vec();
        let response = IdentifyResponse {
            offset: ask.offset,
            data,
        };
        let mut out = Vec::new();
        if self.fault == Fault::Streams {
            // Another message, and a response nobody asked for.
            out.extend(self.block(vec![0x52, 1, 2, 3]));
            out.extend(self.block(vec![0, 0x7f, 1, 9]));
        }
        out.extend(self.block(response.encode().unwrap()));
        out.extend(self.block(vec![]));
        self.packet(&out);
    }
}

impl SerialLink for Firmware<'_> {
    fn write(&mut self, data: &[u8], _timeout: Duration) -> Result<(), LinkError> {
        let first = self.transfers == 0;
        self.transfer(Doing::Sending)?;
        assert_eq!(data == [SYNC], first, "a dialogue begins with a lone sync");
        self.handle(data);
        Ok(())
    }

    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> Result<usize, LinkError> {
        self.transfer(Doing::Receiving)?;
        if self.fault == Fault::Floods {
            let message = self.block(vec![0x52, 1, 2, 3]);
            self.outbox.extend(message);
        } else if self.outbox.is_empty() {
            self.clock.sleep(timeout);
            return Ok(0);
        } else {
            self.clock.sleep(Duration::from_millis(1));
        }
        let len = self.outbox.len().min(self.read_chunk).min(buffer.len());
        for (target, byte) in buffer.iter_mut().zip(self.outbox.drain(..len)) {
            *target = byte;
        }
        Ok(len)
    }
}

/// The packed dictionary of a V4's practice firmware.
fn packed() -> Vec<u8> {
    static PACKED: LazyLock<Vec<u8>> = LazyLock::new(packed_dictionary);
    PACKED.clone()
}

fn packed_dictionary() -> Vec<u8> {
    let image = practice::app(Mcu::Stm32G431, Transport::Usb, "CARTOGRAPHER V4 6.1.0");
    let Search::Found { range, .. } = search(&image) else {
        panic!("a practice image has a dictionary");
    };
    image[range].to_vec()
}

fn run(fault: Fault) -> Result<Identity, KlipperError> {
    let clock = VirtualClock::default();
    let mut firmware = Firmware::new(&clock, packed());
    firmware.fault = fault;
    identify(&mut firmware, &clock)
}

fn v4() -> Identity {
    Identity {
        version: "CARTOGRAPHER V4 6.1.0".into(),
        app: Some("Cartographer".into()),
        mcu: Some(Mcu::Stm32G431),
        transport: Some(Transport::Usb),
    }
}

#[test]
fn a_probe_says_who_it_is() {
    for holds_first in [true, false] {
        for read_chunk in [1, 5, 7, 48, 53, 4096] {
            let clock = VirtualClock::default();
            let mut firmware = Firmware::new(&clock, packed());
            firmware.holds_first = holds_first;
            firmware.read_chunk = read_chunk;
            assert_eq!(
                identify(&mut firmware, &clock),
                Ok(v4()),
                "{holds_first} {read_chunk}"
            );
        }
    }
}

#[test]
fn any_sequence_number_is_adopted_and_used_again() {
    for number in 0..16 {
        for holds_first in [true, false] {
            let clock = VirtualClock::default();
            let mut firmware = Firmware::new(&clock, packed());
            firmware.expected = Sequence::new(number);
            firmware.holds_first = holds_first;
            assert_eq!(identify(&mut firmware, &clock), Ok(v4()), "{number}");
            firmware.transfers = 0;
            assert_eq!(identify(&mut firmware, &clock), Ok(v4()), "{number} again");
            assert!(clock.now() < Duration::from_secs(1), "{:?}", clock.now());
        }
    }
}

#[test]
fn what_an_earlier_program_left_is_flushed() {
    for leftover in [
        &[0x08, 0x10, 0x01][..],
        &[0x40],
        b"AT\r",
        &[0x7e],
        &[0x01, 0x88],
    ] {
        let clock = VirtualClock::default();
        let mut firmware = Firmware::new(&clock, packed());
        firmware.expected = Sequence::new(9);
        firmware.leftover = leftover.to_vec();
        assert_eq!(identify(&mut firmware, &clock), Ok(v4()), "{leftover:?}");
    }
}

#[test]
fn one_lost_or_damaged_block_changes_nothing() {
    let clock = VirtualClock::default();
    let mut firmware = Firmware::new(&clock, packed());
    identify(&mut firmware, &clock).unwrap();
    let blocks = firmware.blocks_sent;
    assert!(blocks > 50, "{blocks}");
    for index in 0..blocks {
        for fault in [Fault::Lose(index), Fault::Damage(index)] {
            assert_eq!(run(fault), Ok(v4()), "{fault:?}");
        }
    }
}

#[test]
fn other_messages_are_passed_over() {
    assert_eq!(run(Fault::Streams), Ok(v4()));
}

#[test]
fn unplugging_at_any_transfer_is_a_disconnect() {
    let clock = VirtualClock::default();
    let mut firmware = Firmware::new(&clock, packed());
    identify(&mut firmware, &clock).unwrap();
    for transfer in 0..firmware.transfers {
        match run(Fault::Unplug(transfer)) {
            Err(KlipperError::Link(error)) => assert_eq!(error.kind, LinkErrorKind::Disconnected),
            other => panic!("{transfer}: {other:?}"),
        }
    }
}

#[test]
fn silence_and_nonsense_have_an_end() {
    assert_eq!(
        run(Fault::Mute(0)),
        Err(KlipperError::NoAnswer { offset: 0 })
    );
    assert_eq!(
        run(Fault::Mute(4)),
        Err(KlipperError::NoAnswer { offset: 120 })
    );
    assert_eq!(run(Fault::Moody), Err(KlipperError::NoAnswer { offset: 0 }));
    assert_eq!(
        run(Fault::Floods),
        Err(KlipperError::TooSlow { received: 0 })
    );
}

#[test]
fn a_dictionary_without_end_is_cut_short() {
    let clock = VirtualClock::default();
    let mut firmware = Firmware::new(&clock, vec![0x78; MAX_PACKED * 2]);
    assert_eq!(identify(&mut firmware, &clock), Err(KlipperError::TooLong));
    // One that is no dictionary is named, and so is none.
    for (stream, error) in [
        (vec![], DictionaryError::CutOff),
        (vec![0; 100], DictionaryError::Corrupt),
    ] {
        let clock = VirtualClock::default();
        let mut firmware = Firmware::new(&clock, stream);
        let found = identify(&mut firmware, &clock);
        assert_eq!(found, Err(KlipperError::Dictionary(error)));
    }
}

/// Answers every read with the next of these bytes, whatever is asked.
struct Scripted<'c>(&'c VirtualClock, VecDeque<u8>);

impl SerialLink for Scripted<'_> {
    fn write(&mut self, _: &[u8], _: Duration) -> Result<(), LinkError> {
        Ok(())
    }
    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> Result<usize, LinkError> {
        let len = buffer.len().min(self.1.len());
        if len == 0 {
            self.0.sleep(timeout);
        }
        for (target, byte) in buffer.iter_mut().zip(self.1.drain(..len)) {
            *target = byte;
        }
        Ok(len)
    }
}

proptest! {
    #[test]
    fn any_answers_are_survived(contents in prop::collection::vec((0u8..16, prop::collection::vec(0u8..3, 0..20)), 0..50), noise in prop::collection::vec(any::<u8>(), 0..50)) {
        let mut bytes: VecDeque<u8> = noise.into();
        for (sequence, content) in contents {
            let block = Block { sequence: Sequence::new(sequence), content };
            bytes.extend(block.encode().unwrap());
        }
        let clock = VirtualClock::default();
        prop_assert!(identify(&mut Scripted(&clock, bytes), &clock).is_err());
    }
}

//! Katapult against the vectors and rules of protocols.md §4.

use super::*;

const APP: u32 = 0x0800_2000;

/// A Katapult, its silicon, a clock, and a host that reads everything at once.
struct Bed {
    katapult: KatapultDevice,
    silicon: Silicon,
    now: Duration,
}

impl Bed {
    fn new(mcu: Mcu) -> Self {
        let mut bed = Self {
            katapult: KatapultDevice::new(Duration::ZERO),
            silicon: Silicon::new(mcu.chip(), [7; 12], 0),
            now: Duration::ZERO,
        };
        // Two primes let the endpoint go.
        bed.send(&frame(0x90, &[]));
        bed.send(&frame(0x90, &[]));
        bed.heard();
        bed
    }

    fn send(&mut self, wire: &[u8]) {
        assert!(self.katapult.receive(wire, self.now));
        self.katapult.settle(&mut self.silicon, self.now);
    }

    /// Waits for all work and takes what was said.
    fn heard(&mut self) -> Vec<u8> {
        for _ in 0..100 {
            self.now += Duration::from_millis(1);
            self.katapult.settle(&mut self.silicon, self.now);
        }
        self.katapult.cdc.poll(self.now);
        self.katapult.cdc.take(usize::MAX)
    }

    fn ask(&mut self, command: u8, payload: &[u8]) -> Vec<u8> {
        self.send(&frame(command, payload));
        self.heard()
    }

    /// SEND_BLOCK; true if acknowledged with its address.
    fn write(&mut self, address: u32, data: &[u8]) -> bool {
        let payload = [&address.to_le_bytes(), data].concat();
        let expected = [[0x12, 0, 0, 0], address.to_le_bytes()].concat();
        let answer = self.ask(SEND_BLOCK, &payload);
        if answer == frame(ERROR, &[]) {
            return false;
        }
        assert_eq!(answer, frame(ACK, &expected));
        true
    }

    fn page_writes(&mut self) -> u8 {
        self.ask(EOF, &[])[8]
    }

    fn cells(&self, address: u32, length: usize) -> Vec<u8> {
        self.silicon.flash.read(address, length).unwrap().to_vec()
    }
}

/// 0, 1, 2, … 63.
fn count() -> Vec<u8> {
    (0..64).collect()
}

fn bytes(hex: &str) -> Vec<u8> {
    hex.split_whitespace()
        .map(|byte| u8::from_str_radix(byte, 16).unwrap())
        .collect()
}

/// protocols.md §4.2, made by running the real device code.
#[test]
fn answers_are_the_vectors() {
    let mut v4 = Bed::new(Mcu::Stm32G431);
    assert_eq!(
        v4.ask(CONNECT, &[]),
        bytes(
            "01 88 a0 0f 11 00 00 00 00 01 01 00 00 20 00 08 40 00 00 00 73 74 6d 33 32 67 34 33 31 78 78 00 \
             00 00 00 00 76 30 2e 30 2e 31 2d 31 30 34 2d 67 66 63 62 32 66 38 34 2d 64 69 72 74 79 00 00 00 \
             00 f5 99 03"
        )
    );
    let mut v3 = Bed::new(Mcu::Stm32F042);
    assert_eq!(
        v3.ask(CONNECT, &[]),
        bytes(
            "01 88 a0 07 11 00 00 00 00 00 01 00 00 20 00 08 40 00 00 00 73 74 6d 33 32 66 30 34 32 78 36 00 \
             8f 5e 99 03"
        )
    );
    // SEND_BLOCK, with the request's checksum from the document.
    let mut wire = bytes("01 88 12 11 00 20 00 08");
    wire.extend(count());
    wire.extend(bytes("d2 f3 99 03"));
    v3.send(&wire);
    let acknowledged = bytes("01 88 a0 02 12 00 00 00 00 20 00 08 5a d6 99 03");
    assert_eq!(v3.heard(), acknowledged);
    v3.send(&bytes("01 88 14 01 00 20 00 08 5b de 99 03"));
    let mut block = bytes("01 88 a0 12 14 00 00 00 00 20 00 08");
    block.extend(count());
    block.extend(bytes("f2 6b 99 03"));
    // Exactly 80 bytes: a full packet and a short one.
    assert_eq!(v3.heard(), block);
    let mut below = bytes("01 88 12 11 c0 1f 00 08");
    below.extend(count());
    below.extend(bytes("a4 d9 99 03"));
    v3.send(&below);
    assert_eq!(v3.heard(), bytes("01 88 f2 00 00 bf 99 03"));
    assert_eq!(v3.ask(EOF, &[]), frame(ACK, &[0x13, 0, 0, 0, 1, 0, 0, 0]));
    assert_eq!(v3.ask(0x16, &[]), frame(ERROR, &[]), "this is a USB build");
    assert_eq!(
        v3.ask(COMPLETE, &[]),
        bytes("01 88 a0 01 15 00 00 00 00 2e 99 03")
    );
}

#[test]
fn seventeen_pages_are_counted() {
    let mut bed = Bed::new(Mcu::Stm32G431);
    for page in 0..17 {
        assert!(bed.write(APP + page * 2048, &count()));
        assert!(bed.write(APP + page * 2048 + 64, &count()));
    }
    assert_eq!(
        bed.ask(EOF, &[]),
        bytes("01 88 a0 02 13 00 00 00 11 00 00 00 8c 07 99 03")
    );
}

#[test]
fn the_start_of_a_page_erases_it() {
    for mcu in Mcu::ALL {
        let mut bed = Bed::new(mcu);
        bed.silicon.flash.load(APP, &[0; 4096]);
        let page = bed.silicon.chip.page_size;
        assert!(bed.write(APP, &count()));
        assert_eq!(bed.cells(APP, 64), count());
        let rest = super::super::flash::index(page) - 64;
        assert!(is_erased(&bed.cells(APP + 64, rest)));
        assert!(!is_erased(&bed.cells(APP + page, 64)));
        assert_eq!(bed.page_writes(), 1);
        assert_eq!(bed.silicon.flash.violations(), []);
    }
}

#[test]
fn a_blank_page_is_not_erased() {
    let mut bed = Bed::new(Mcu::Stm32F042);
    assert!(bed.write(APP, &count()));
    assert_eq!(bed.page_writes(), 1);
    assert_eq!(bed.silicon.flash.writes().len(), 1, "programmed only");
}

#[test]
fn the_same_first_block_of_a_blank_page_is_a_repetition() {
    let mut bed = Bed::new(Mcu::Stm32F042);
    assert!(bed.write(APP, &count()));
    assert!(bed.write(APP, &count()));
    assert_eq!(bed.page_writes(), 1);
    assert_eq!(bed.silicon.flash.writes().len(), 1);
    // But not if more of the page has been written.
    assert!(bed.write(APP + 64, &count()));
    assert!(bed.write(APP, &count()));
    assert_eq!(bed.page_writes(), 2);
    assert!(is_erased(&bed.cells(APP + 64, 64)));
}

#[test]
fn inside_a_page_only_blank_or_equal_blocks_pass() {
    let mut bed = Bed::new(Mcu::Stm32F042);
    assert!(bed.write(APP + 128, &count()), "any order");
    assert!(bed.write(APP + 128, &count()), "again");
    assert!(!bed.write(APP + 128, &[1; 64]), "something else");
    assert_eq!(bed.cells(APP + 128, 64), count());
    assert_eq!(bed.page_writes(), 0);
    assert_eq!(bed.silicon.flash.violations(), []);
}

#[test]
fn addresses_are_checked_below_and_for_alignment_but_not_above() {
    for mcu in Mcu::ALL {
        let end = mcu.chip().flash_end();
        let mut bed = Bed::new(mcu);
        assert!(!bed.write(APP - 64, &count()));
        assert!(!bed.write(APP + 32, &count()));
        assert!(bed.write(end - 64, &count()));
        assert_eq!(bed.silicon.flash.violations(), []);
        let payload = [end.to_le_bytes().as_slice(), &count()].concat();
        assert!(bed.ask(SEND_BLOCK, &payload).is_empty());
        assert_eq!(
            bed.silicon.flash.violations(),
            [Violation::KatapultWritesPastEnd { address: end }]
        );
        assert!(bed.ask(CONNECT, &[]).is_empty(), "dead");
    }
}

#[test]
fn a_block_of_another_size_is_refused() {
    for length in [0, 4, 60, 68, 96] {
        let mut bed = Bed::new(Mcu::Stm32F042);
        let payload = [APP.to_le_bytes().as_slice(), &vec![1; length]].concat();
        assert_eq!(bed.ask(SEND_BLOCK, &payload), frame(ERROR, &[]));
    }
    let mut bed = Bed::new(Mcu::Stm32F042);
    assert_eq!(bed.ask(SEND_BLOCK, &[]), frame(ERROR, &[]));
}

#[test]
fn any_memory_can_be_read_and_none_kills_it() {
    let mut bed = Bed::new(Mcu::Stm32F042);
    bed.silicon.flash.load(0x0800_0000, &count());
    let answer = bed.ask(REQUEST_BLOCK, &0x0800_0000_u32.to_le_bytes());
    assert_eq!(answer[12..76], count());
    let answer = bed.ask(REQUEST_BLOCK, &0x1fff_f7ac_u32.to_le_bytes());
    assert_eq!(answer[12..24], [7; 12], "the unique number");
    for payload in [&0x0800_8000_u32.to_le_bytes()[..], &[]] {
        let mut bed = Bed::new(Mcu::Stm32F042);
        assert!(bed.ask(REQUEST_BLOCK, payload).is_empty());
        assert_eq!(bed.silicon.flash.violations().len(), 1);
        assert!(bed.ask(CONNECT, &[]).is_empty(), "dead");
    }
}

#[test]
fn flash_stops_everything_else() {
    let mut bed = Bed::new(Mcu::Stm32F042);
    bed.silicon.flash.load(APP, &[0; 64]);
    let payload = [APP.to_le_bytes().as_slice(), &count()].concat();
    bed.send(&frame(SEND_BLOCK, &payload));
    bed.send(&frame(CONNECT, &[]));
    bed.now += Duration::from_millis(31);
    bed.katapult.settle(&mut bed.silicon, bed.now);
    assert!(
        !bed.katapult.cdc.poll(bed.now),
        "30 ms of erasing, 1.7 of programming"
    );
    assert!(bed.katapult.next_event().unwrap() > bed.now);
    bed.now += Duration::from_millis(1);
    bed.katapult.settle(&mut bed.silicon, bed.now);
    assert!(bed.katapult.cdc.poll(bed.now));
    assert_eq!(bed.katapult.cdc.take(999).len(), 16 + 36);
}

#[test]
fn a_page_that_does_not_take_is_an_error() {
    let mut bed = Bed::new(Mcu::Stm32F042);
    bed.silicon.flash.corrupt_next_program();
    assert!(!bed.write(APP, &count()));
    assert!(bed.write(APP, &count()), "from its start again");
    bed.silicon.flash.protect(16);
    assert!(!bed.write(APP + 8 * 1024, &count()));
}

#[test]
fn complete_resets_a_tenth_of_a_second_later() {
    let mut bed = Bed::new(Mcu::Stm32F042);
    bed.send(&frame(COMPLETE, &[]));
    assert_eq!(
        bed.katapult.reset_at(),
        Some(bed.now + Duration::from_millis(100))
    );
}

#[test]
fn the_first_answer_waits_for_a_second() {
    let mut bed = Bed::new(Mcu::Stm32F042);
    bed.katapult = KatapultDevice::new(Duration::ZERO);
    assert!(bed.ask(CONNECT, &[]).is_empty());
    assert_eq!(bed.ask(CONNECT, &[]).len(), 72);
    let mut bed = Bed::new(Mcu::Stm32F042);
    bed.katapult = KatapultDevice::new(Duration::ZERO);
    bed.send(&frame(0x90, &[]));
    assert_eq!(bed.ask(CONNECT, &[]).len(), 8 + 36, "primed");
}

#[test]
fn too_many_requests_lose_answers() {
    let mut bed = Bed::new(Mcu::Stm32F042);
    for block in 0..3_u32 {
        let address = APP + block * 64;
        bed.send(&frame(REQUEST_BLOCK, &address.to_le_bytes()));
    }
    assert_eq!(bed.heard().len(), 160, "two of three");
}

#[test]
fn a_wedge_is_noted_and_blocks_for_ever() {
    let mut bed = Bed::new(Mcu::Stm32F042);
    bed.send(&[0x08, 0x10, 0x01, 0x00, 0x28, 0x5e, 0x9f, 0x7e]);
    assert_eq!(bed.ask(CONNECT, &[]), frame(NACK, &[]));
    assert_eq!(bed.silicon.flash.violations(), [Violation::KatapultWedged]);
    let mut taken = 0;
    while bed.katapult.receive(&frame(CONNECT, &[]), bed.now) {
        bed.katapult.settle(&mut bed.silicon, bed.now);
        taken += 1;
        assert!(taken < 1000, "its buffers are finite");
    }
    assert!(bed.heard().is_empty());
}

#[test]
fn busy_is_said_instead_of_done() {
    let mut bed = Bed::new(Mcu::Stm32F042);
    bed.katapult.say_busy_next();
    let payload = [APP.to_le_bytes().as_slice(), &count()].concat();
    assert_eq!(bed.ask(SEND_BLOCK, &payload), frame(BUSY, &[]));
    assert_eq!(bed.silicon.flash.writes(), []);
    assert!(bed.write(APP, &count()));
}

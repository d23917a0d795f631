//! The ROM bootloader's states, request by request.

use super::*;
use crate::board::Mcu;

const BASE: u32 = 0x0800_0000;

/// A ROM with its silicon, a clock that waits for flash, and a host that knows the requests.
struct Bed {
    rom: RomDfu,
    silicon: Silicon,
    now: Duration,
}

impl Bed {
    fn new(mcu: Mcu) -> Self {
        Self::of(RomKind::of(mcu), mcu)
    }

    fn of(kind: RomKind, mcu: Mcu) -> Self {
        let silicon = Silicon::new(mcu.chip(), [7; 12], 0);
        let leave = Leave::Rude(LinkErrorKind::Io);
        Self {
            rom: RomDfu::new(kind, &silicon, leave),
            silicon,
            now: Duration::ZERO,
        }
    }

    fn ask(&mut self, code: u8, value: u16, stage: Stage<'_>) -> Answer {
        if let Some(end) = self.silicon.flash.busy_until() {
            self.now = end;
        }
        self.silicon.flash.settle(self.now);
        let request = Request { code, value, stage };
        self.rom.answer(request, &mut self.silicon, self.now)
    }

    fn out(&mut self, code: u8, value: u16, data: &[u8]) -> Answer {
        self.ask(code, value, Stage::Out(data))
    }

    /// bStatus and bState.
    fn status(&mut self) -> (u8, u8) {
        match self.ask(GETSTATUS, 0, Stage::In(6)) {
            Answer::Data(bytes) => (bytes[0], bytes[4]),
            other => panic!("GETSTATUS: {other:?}"),
        }
    }

    /// A command or a block with both its GETSTATUS; what the two say.
    fn run(&mut self, block: u16, data: &[u8]) -> [(u8, u8); 2] {
        assert_eq!(self.out(DNLOAD, block, data), done());
        [self.status(), self.status()]
    }

    fn command(&mut self, code: u8, address: u32) -> [(u8, u8); 2] {
        let [a, b, c, d] = address.to_le_bytes();
        self.run(0, &[code, a, b, c, d])
    }

    fn upload(&mut self, block: u16, length: u16) -> Answer {
        self.ask(UPLOAD, block, Stage::In(length))
    }
}

const WORKED: [(u8, u8); 2] = [(0, 4), (0, 5)];

fn refused(status: u8) -> [(u8, u8); 2] {
    [(status, 10), (status, 10)]
}

#[test]
fn commands_are_carried_out_by_the_first_getstatus() {
    let mut bed = Bed::new(Mcu::Stm32F042);
    bed.silicon.flash.load(BASE, &[0; 1024]);
    assert_eq!(bed.out(DNLOAD, 0, &[0x41, 0, 0, 0, 8]), done());
    assert_eq!(bed.ask(GETSTATE, 0, Stage::In(1)), Answer::Data(vec![3]));
    assert!(bed.silicon.flash.busy_until().is_none());
    assert_eq!(bed.status(), (0, 4));
    assert!(bed.silicon.flash.busy_until().is_some());
    assert_eq!(bed.status(), (0, 5));
    assert_eq!(bed.silicon.flash.cells()[..1024], [0xff; 1024]);
}

#[test]
fn poll_timeouts_cover_the_work() {
    for mcu in Mcu::ALL {
        let mut bed = Bed::new(mcu);
        for data in [&[0x41, 0, 0, 0, 8][..], &[0x41]] {
            bed.out(DNLOAD, 0, data);
            let Answer::Data(bytes) = bed.ask(GETSTATUS, 0, Stage::In(6)) else {
                panic!()
            };
            let poll_ms = u32::from_le_bytes([bytes[1], bytes[2], bytes[3], 0]);
            let work_ms = u32::try_from(mcu.chip().page_erase_us / 1000).unwrap();
            assert!((work_ms..2 * work_ms).contains(&poll_ms), "{poll_ms}");
            bed.status();
        }
    }
}

#[test]
fn blocks_are_addressed_by_their_own_length() {
    let mut bed = Bed::new(Mcu::Stm32G431);
    assert_eq!(bed.command(0x21, BASE + 2048), WORKED);
    assert_eq!(bed.run(2, &[1; 1024]), WORKED);
    assert_eq!(bed.run(3, &[2; 1024]), WORKED);
    // A short block is not where the constant would put it.
    assert_eq!(bed.run(4, &[3; 8]), [(0, 4), (Status::Prog as u8, 10)]);
    let cells = bed.silicon.flash.cells();
    assert!(cells[2048..3072].iter().all(|cell| *cell == 1));
    assert!(cells[3072..4096].iter().all(|cell| *cell == 2));
    assert!(cells[4096..].iter().all(|cell| *cell == 0xff));
    assert!(matches!(
        bed.silicon.flash.violations(),
        [Violation::NotErased { address }] if *address == BASE + 2048 + 16
    ));
}

#[test]
fn unerased_cells_fail_as_the_chip_does() {
    for (mcu, expected, units) in [
        (Mcu::Stm32F042, WORKED, 32),
        (Mcu::Stm32G431, [(0, 4), (Status::Prog as u8, 10)], 8),
    ] {
        let mut bed = Bed::new(mcu);
        bed.silicon.flash.load(BASE, &[0; 1024]);
        assert_eq!(bed.run(2, &[5; 64]), expected);
        assert_eq!(bed.silicon.flash.violations().len(), units);
    }
}

#[test]
fn oversized_blocks_stall() {
    for (mcu, size) in [(Mcu::Stm32F042, 2048), (Mcu::Stm32G431, 1024)] {
        let mut bed = Bed::new(mcu);
        assert_eq!(bed.run(2, &vec![1; size]), WORKED);
        assert_eq!(bed.out(DNLOAD, 3, &vec![1; size + 8]), Answer::Stall);
        assert_eq!(bed.status(), (Status::StalledPkt as u8, 10));
        assert_eq!(bed.out(CLRSTATUS, 0, &[]), done());
        assert_eq!(bed.status(), (0, 2));
    }
}

#[test]
fn each_state_takes_what_it_may() {
    type Enter = fn(&mut Bed);
    let idle: Enter = |_| {};
    let sync: Enter = |bed| drop(bed.out(DNLOAD, 0, &[0x21, 0, 0, 0, 8]));
    let busy: Enter = |bed| {
        bed.out(DNLOAD, 0, &[0x21, 0, 0, 0, 8]);
        bed.status();
    };
    let download: Enter = |bed| assert_eq!(bed.command(0x21, BASE), WORKED);
    let upload: Enter = |bed| drop(bed.upload(2, 64));
    let error: Enter = |bed| drop(bed.out(9, 0, &[]));
    // DNLOAD, UPLOAD, CLRSTATUS, ABORT.
    for (state, enter, legal) in [
        (2, idle, [true, true, false, true]),
        (3, sync, [false, false, false, true]),
        (4, busy, [false, false, false, false]),
        (5, download, [true, false, false, true]),
        (9, upload, [false, true, false, true]),
        (10, error, [false, false, true, false]),
    ] {
        for (request, legal) in [DNLOAD, UPLOAD, CLRSTATUS, ABORT].into_iter().zip(legal) {
            let mut bed = Bed::new(Mcu::Stm32F042);
            enter(&mut bed);
            assert_eq!(
                bed.ask(GETSTATE, 0, Stage::In(1)),
                Answer::Data(vec![state])
            );
            let answer = match request {
                DNLOAD => bed.out(DNLOAD, 0, &[0x21, 0, 0, 0, 8]),
                UPLOAD => bed.upload(2, 64),
                code => bed.out(code, 0, &[]),
            };
            assert_eq!(answer != Answer::Stall, legal, "{request} in state {state}");
            if !legal {
                assert_eq!(bed.status().1, 10, "{request} in state {state}");
            } else if request == ABORT || request == CLRSTATUS {
                assert_eq!(bed.status(), (0, 2));
            }
        }
    }
}

#[test]
fn upload_reads_flash_and_lists_commands() {
    let mut bed = Bed::new(Mcu::Stm32F042);
    let image: Vec<u8> = (0..=255).cycle().take(4096).collect();
    bed.silicon.flash.load(BASE, &image);
    assert_eq!(bed.upload(2, 2048), Answer::Data(image[..2048].to_vec()));
    assert_eq!(bed.upload(3, 2048), Answer::Data(image[2048..].to_vec()));
    assert_eq!(bed.status(), (0, 9));
    bed.out(ABORT, 0, &[]);
    assert_eq!(bed.upload(0, 64), Answer::Data(COMMANDS.to_vec()));
    assert_eq!(bed.status(), (0, 2), "a short answer ends the transfer");
    // SET_ADDRESS, ABORT, UPLOAD.
    assert_eq!(bed.command(0x21, BASE + 1024), WORKED);
    assert_eq!(bed.out(ABORT, 0, &[]), done());
    assert_eq!(bed.upload(2, 64), Answer::Data(image[1024..1088].to_vec()));
    assert_eq!(bed.silicon.flash.violations(), []);
    bed.upload(2, 63);
    assert_eq!(
        bed.silicon.flash.violations(),
        [Violation::OddRead { length: 63 }]
    );
}

#[test]
fn upload_past_the_end_or_too_long_stalls() {
    for (block, length, status) in [
        (17, 2048, Some(0)),
        (18, 2048, Some(Status::Address as u8)),
        (u16::MAX, 2048, Some(Status::Address as u8)),
        (2, 2049, Some(Status::StalledPkt as u8)),
        (1, 64, Some(Status::StalledPkt as u8)),
        (2, 0, Some(Status::StalledPkt as u8)),
    ] {
        let mut bed = Bed::new(Mcu::Stm32F042);
        let answer = bed.upload(block, length);
        assert_eq!(answer == Answer::Stall, status != Some(0), "block {block}");
        assert_eq!(Some(bed.status().0), status, "block {block}");
    }
}

#[test]
fn addresses_outside_of_the_setting_are_refused() {
    for (alt, address, expected) in [
        (0, BASE + 0x7fff, WORKED),
        (0, BASE + 0x8000, refused(Status::Target as u8)),
        (0, BASE - 1, refused(Status::Target as u8)),
        (0, 0x1fff_f800, refused(Status::Target as u8)),
        (1, 0x1fff_f800, WORKED),
        (1, 0x1fff_f810, refused(Status::Target as u8)),
        (1, BASE, refused(Status::Target as u8)),
    ] {
        let mut bed = Bed::new(Mcu::Stm32F042);
        assert_eq!(bed.ask(0, 0, Stage::SelectAlt(alt)), done());
        assert_eq!(bed.command(0x21, address), expected, "{address:#x}");
    }
    let mut bed = Bed::new(Mcu::Stm32F042);
    assert_eq!(
        bed.command(0x41, BASE + 0x8000),
        refused(Status::Target as u8)
    );
    assert_eq!(bed.ask(0, 0, Stage::SelectAlt(2)), Answer::Stall);
}

#[test]
fn option_bytes_are_read_on_their_own_setting() {
    for (mcu, length) in [(Mcu::Stm32F042, 16), (Mcu::Stm32G431, 40)] {
        let mut bed = Bed::new(mcu);
        bed.silicon.protection = Protection::Level1;
        bed.ask(0, 0, Stage::SelectAlt(1));
        let address = mcu.chip().option_bytes;
        assert_eq!(bed.command(0x21, address), WORKED);
        bed.out(ABORT, 0, &[]);
        let Answer::Data(bytes) = bed.upload(2, length) else {
            panic!("{mcu:?}")
        };
        assert_eq!(bytes, bed.silicon.option_bytes());
    }
    let mut bed = Bed::new(Mcu::Stm32F042);
    bed.ask(0, 0, Stage::SelectAlt(1));
    bed.command(0x21, 0x1fff_f800);
    bed.out(ABORT, 0, &[]);
    assert_eq!(bed.upload(2, 8), Answer::Stall, "exactly 16");
    // Programming them is refused whatever the protection.
    let mut bed = Bed::new(Mcu::Stm32G431);
    bed.ask(0, 0, Stage::SelectAlt(1));
    bed.command(0x21, 0x1fff_7800);
    assert_eq!(bed.run(2, &[0; 8]), refused(Status::Vendor as u8));
    let mut bed = Bed::new(Mcu::Stm32G431);
    bed.ask(0, 0, Stage::SelectAlt(2));
    assert_eq!(bed.command(0x21, 0x1fff_7000), WORKED);
    bed.out(ABORT, 0, &[]);
    assert_eq!(bed.upload(2, 1024), Answer::Data(vec![0xff; 1024]));
}

#[test]
fn read_protection_refuses() {
    for protection in [Protection::Level1, Protection::Level2] {
        let mut bed = Bed::new(Mcu::Stm32F042);
        bed.silicon.protection = protection;
        assert_eq!(bed.upload(2, 64), Answer::Stall);
        assert_eq!(bed.status(), (Status::Vendor as u8, 10));
        bed.out(CLRSTATUS, 0, &[]);
        for (block, data) in [
            (0, &[0x41, 0, 0, 0, 8][..]),
            (0, &[0x41]),
            (2, &[1, 2, 3, 4]),
        ] {
            assert_eq!(bed.run(block, data), refused(Status::Vendor as u8));
            bed.out(CLRSTATUS, 0, &[]);
        }
        assert_eq!(bed.silicon.flash.writes(), []);
    }
}

#[test]
fn silent_protection_drops_writes() {
    let mut bed = Bed::new(Mcu::Stm32G431);
    bed.silicon.protection = Protection::Level1Silent;
    bed.silicon.flash.load(BASE, &[0; 64]);
    assert_eq!(bed.command(0x41, BASE), WORKED);
    assert_eq!(bed.run(2, &[1; 8]), WORKED);
    assert_eq!(bed.silicon.flash.cells()[..64], [0; 64]);
    assert_eq!(bed.upload(2, 64), Answer::Stall);
}

#[test]
fn read_unprotect_is_one_last_answer() {
    for (protection, works) in [
        (Protection::Level0, true),
        (Protection::Level1, true),
        (Protection::Level2, false),
    ] {
        let mut bed = Bed::new(Mcu::Stm32G431);
        bed.silicon.protection = protection;
        bed.out(DNLOAD, 0, &[0x92]);
        let answer = bed.ask(GETSTATUS, 0, Stage::In(6));
        assert_eq!(matches!(answer, Answer::Unprotects(_)), works);
        if !works {
            assert_eq!(bed.status(), (Status::Vendor as u8, 10));
        }
    }
}

#[test]
fn write_protected_pages_fail_each_in_its_way() {
    for (mcu, expected) in [
        (Mcu::Stm32F042, [(0, 4), (Status::Write as u8, 10)]),
        (Mcu::Stm32G431, WORKED),
    ] {
        let mut bed = Bed::new(mcu);
        bed.silicon.flash.load(BASE, &[0; 64]);
        bed.silicon.flash.protect(0);
        assert_eq!(bed.command(0x41, BASE), expected);
        assert_eq!(bed.silicon.flash.cells()[..64], [0; 64]);
    }
}

#[test]
fn nonsense_is_refused_late() {
    for (block, data) in [(0, &[0x21_u8, 0, 0][..]), (0, &[0x77]), (1, &[1, 2])] {
        let mut bed = Bed::new(Mcu::Stm32F042);
        let expected = refused(Status::StalledPkt as u8);
        assert_eq!(bed.run(block, data), expected);
    }
}

#[test]
fn leaving_needs_an_empty_block_and_a_getstatus() {
    for (leave, reply) in [
        (Leave::Polite, Ok(vec![0, 1, 0, 0, 7, 0])),
        (
            Leave::Rude(LinkErrorKind::Stalled),
            Err(LinkErrorKind::Stalled),
        ),
    ] {
        let mut bed = Bed::new(Mcu::Stm32F042);
        bed.rom.leave = leave;
        bed.command(0x21, BASE);
        assert_eq!(bed.out(DNLOAD, 2, &[]), done());
        assert_eq!(bed.ask(GETSTATE, 0, Stage::In(1)), Answer::Data(vec![6]));
        assert_eq!(
            bed.ask(GETSTATUS, 0, Stage::In(6)),
            Answer::Leaves {
                address: BASE,
                reply
            }
        );
        assert_eq!(bed.silicon.flash.violations(), []);
    }
    let mut bed = Bed::new(Mcu::Stm32F042);
    bed.command(0x21, BASE + 0x2000);
    bed.out(DNLOAD, 2, &[]);
    bed.ask(GETSTATUS, 0, Stage::In(6));
    assert_eq!(
        bed.silicon.flash.violations(),
        [Violation::LeftElsewhere {
            address: BASE + 0x2000
        }]
    );
}

#[test]
fn stale_states_are_what_they_are_called() {
    for (stale, expected) in [
        (Stale::Error, (Status::Firmware as u8, 10)),
        (Stale::Dnload, (0, 5)),
        (Stale::Upload, (0, 9)),
        (Stale::Manifest, (0, 7)),
        (Stale::Stuck, (0, 4)),
    ] {
        let mut bed = Bed::new(Mcu::Stm32F042);
        bed.rom.make_stale(stale);
        assert_eq!(bed.status(), expected, "{stale:?}");
        assert_eq!(bed.status(), expected, "{stale:?} again");
    }
}

#[test]
fn a_stuck_rom_needs_clrstatus_twice() {
    let mut bed = Bed::new(Mcu::Stm32F042);
    bed.rom.make_stale(Stale::Stuck);
    assert_eq!(bed.out(CLRSTATUS, 0, &[]), Answer::Stall);
    assert_eq!(bed.status(), (Status::Unknown as u8, 10));
    assert_eq!(bed.out(CLRSTATUS, 0, &[]), done());
    assert_eq!(bed.status(), (0, 2));
}

#[test]
fn a_manifesting_rom_stays_so() {
    let mut bed = Bed::new(Mcu::Stm32F042);
    bed.rom.make_stale(Stale::Manifest);
    for code in [DNLOAD, CLRSTATUS, ABORT] {
        assert_eq!(bed.out(code, 0, &[]), Answer::Stall);
    }
    assert_eq!(bed.status(), (0, 7));
}

#[test]
fn strangers_notice() {
    let mut bed = Bed::of(RomKind::G0b1, Mcu::Stm32G431);
    assert_eq!(bed.command(0x21, BASE), WORKED);
    assert_eq!(bed.silicon.flash.violations(), []);
    bed.command(0x41, BASE);
    assert_eq!(bed.silicon.flash.violations(), [Violation::StrangerTouched]);
}

proptest::proptest! {
    #[test]
    fn no_request_makes_it_panic(
        requests in proptest::collection::vec(
            (0_u8..8, 0_u16..5, proptest::collection::vec(proptest::num::u8::ANY, 0..12), proptest::bool::ANY),
            0..40,
        )
    ) {
        let mut bed = Bed::new(Mcu::Stm32G431);
        for (code, value, data, read) in requests {
            let stage = if read { Stage::In(64) } else { Stage::Out(&data) };
            let _answer = bed.ask(code, value, stage);
        }
    }
}

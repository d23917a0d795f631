//! How near a whole job through the ROM bootloader comes to what cannot be avoided, in virtual time.
//!
//! Three times are compared, for a flash that differs in every page:
//!
//! * the *chip*: erasing and programming what is not blank, and nothing else (protocols.md §2.5, as in `src/board`);
//! * a *perfect host*: besides, each transfer that no host can do without, at the bench's 1 ms and 1 ms a KiB
//!   (protocols.md §8.1). An erase is a DNLOAD, the GETSTATUS that starts it and the GETSTATUS that sees its end; so is
//!   a block of the device's own wTransferSize. Everything is read once to know what differs and once to verify, and
//!   `leave` is a SET_ADDRESS, an empty DNLOAD and a GETSTATUS. No opening, no protection test, nothing twice;
//! * the *job*, from its start to the bootloader's leaving.
//!
//! `cargo test --no-default-features --test chip_floor -- --nocapture` prints the tables of `tests/bench/README.md`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::cast_possible_truncation,
    reason = "test code: a panic is a failure, and what a test prints is its report"
)]

mod support;

use std::time::Duration;

use carto_flasher::board::{Mcu, Transport};
use carto_flasher::flash::Phase;
use carto_flasher::transport::sim::{FlashChange, SimHardware, Transfer, TransferKind};
use support::{Ran, bench, combined, flash_without_backup};

const PROBES: [(&str, Mcu); 2] = [("v3-dfu", Mcu::Stm32F042), ("v4-dfu", Mcu::Stm32G431)];

/// One control transfer without data (protocols.md §8.1).
const TURNAROUND: Duration = Duration::from_millis(1);
/// A DNLOAD or UPLOAD has its GETSTATUS twice: one starts the work, one sees its end.
const STATUS: u32 = 2;

/// wTransferSize (protocols.md §2.1).
fn transfer_size(mcu: Mcu) -> u64 {
    match mcu {
        Mcu::Stm32F042 => 2048,
        Mcu::Stm32G431 => 1024,
    }
}

fn on_the_wire(bytes: u64) -> Duration {
    Duration::from_micros(bytes * 1000 / 1024)
}

/// A job that ran, and what it did.
struct Done {
    bench: SimHardware,
    ran: Ran,
    mcu: Mcu,
    image_bytes: u64,
}

impl Done {
    /// The image onto a chip that holds `held`.
    fn new(persona: &str, mcu: Mcu, held: &[u8]) -> Self {
        let image = combined(mcu, Transport::Usb);
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(&file, held).unwrap();
        let bench = bench(&format!("{persona},holds={}", file.path().display()));
        let ran = flash_without_backup(&bench, &image);
        ran.report();
        Self {
            bench,
            ran,
            mcu,
            image_bytes: image.bytes().len() as u64,
        }
    }

    /// Onto a chip that differs in every byte.
    fn full(persona: &str, mcu: Mcu) -> Self {
        let image = combined(mcu, Transport::Usb);
        let other: Vec<u8> = image.bytes().iter().map(|byte| byte ^ 0x5a).collect();
        Self::new(persona, mcu, &other)
    }

    /// Until the bootloader leaves: waiting for the firmware is not flashing.
    fn took(&self) -> Duration {
        let phases = &self.ran.report().phases;
        let own = phases.iter().filter(|(phase, _)| *phase != Phase::Confirm);
        own.map(|(_, took)| *took).sum()
    }

    /// Pages erased and bytes programmed.
    fn changes(&self) -> (u64, u64) {
        let page = self.mcu.chip().page_size;
        let trace = self.bench.trace();
        trace
            .writes()
            .iter()
            .fold((0, 0), |(pages, bytes), write| match write.change {
                FlashChange::Erase => (pages + u64::from(write.length / page), bytes),
                FlashChange::Program => (pages, bytes + u64::from(write.length)),
            })
    }

    /// What the chip needs for what was done.
    fn chip(&self) -> Duration {
        let chip = self.mcu.chip();
        let (pages, bytes) = self.changes();
        Duration::from_micros(pages * chip.page_erase_us + bytes * chip.program_kib_us / 1024)
    }

    /// What the chip needs for as many bytes as the image has, blank or not: how protocols.md §8.1 counts.
    fn chip_by_length(&self) -> Duration {
        let chip = self.mcu.chip();
        let pages = self.image_bytes.div_ceil(u64::from(chip.page_size));
        Duration::from_micros(
            pages * chip.page_erase_us + self.image_bytes * chip.program_kib_us / 1024,
        )
    }

    fn perfect_host(&self) -> Duration {
        let (pages, bytes) = self.changes();
        let blocks = |bytes: u64| bytes.div_ceil(transfer_size(self.mcu)) as u32;
        let work = pages as u32 + blocks(bytes);
        let asked = TURNAROUND * (work * (1 + STATUS)) + on_the_wire(bytes);
        let read = TURNAROUND * blocks(self.image_bytes) + on_the_wire(self.image_bytes);
        let leave = TURNAROUND * (1 + STATUS + 2);
        self.chip() + asked + 2 * read + leave
    }

    /// Transfers of the bootloader, by kind.
    fn transfers(&self) -> Vec<(&'static str, usize)> {
        let trace = self.bench.trace();
        let kinds: Vec<&str> = trace.transfers().filter_map(kind).collect();
        KINDS
            .into_iter()
            .map(|name| (name, kinds.iter().filter(|kind| **kind == name).count()))
            .collect()
    }
}

const KINDS: [&str; 8] = [
    "DNLOAD, data",
    "DNLOAD, erase",
    "DNLOAD, set address",
    "GETSTATUS, busy",
    "GETSTATUS, at rest",
    "UPLOAD",
    "ABORT",
    "other",
];

fn kind(transfer: &Transfer) -> Option<&'static str> {
    Some(match transfer.kind {
        TransferKind::ControlIn { request: 2, .. } => "UPLOAD",
        TransferKind::ControlIn { request: 3, .. } if transfer.bytes.get(4) == Some(&4) => {
            "GETSTATUS, busy"
        }
        TransferKind::ControlIn { request: 3, .. } => "GETSTATUS, at rest",
        TransferKind::ControlOut {
            request: 1,
            value: 0,
        } if transfer.bytes.first() == Some(&0x21) => "DNLOAD, set address",
        TransferKind::ControlOut {
            request: 1,
            value: 0,
        } => "DNLOAD, erase",
        TransferKind::ControlOut { request: 1, .. } if !transfer.bytes.is_empty() => "DNLOAD, data",
        TransferKind::ControlOut { request: 6, .. } => "ABORT",
        TransferKind::BulkIn | TransferKind::BulkOut => return None,
        _ => "other",
    })
}

fn ratio(a: Duration, b: Duration) -> f64 {
    a.as_secs_f64() / b.as_secs_f64()
}

#[test]
fn a_full_job_is_near_what_no_host_can_do_without() {
    println!("job | whole job | perfect host | ratio | chip | ratio | chip, by length | ratio");
    for (persona, mcu) in PROBES {
        let done = Done::full(persona, mcu);
        let took = done.took();
        let floors = [done.perfect_host(), done.chip(), done.chip_by_length()];
        let columns: Vec<String> = floors
            .iter()
            .map(|floor| format!("{:.3} s | {:.2}", floor.as_secs_f64(), ratio(took, *floor)))
            .collect();
        println!(
            "{persona} | {:.3} s | {}",
            took.as_secs_f64(),
            columns.join(" | ")
        );
        for (name, count) in done.transfers() {
            println!("    {name:<20} {count:>4}");
        }
        // The rest: opening, the protection test, and reading the page that makes it boot after it was blanked, before
        // its first words are written, and after.
        assert!(ratio(took, floors[0]) <= 1.08, "{persona}: {took:?}");
    }
    // What the chip alone would need for 29 KiB is the limit that was set.
    let done = Done::full("v3-dfu", Mcu::Stm32F042);
    assert!(ratio(done.took(), done.chip_by_length()) <= 1.15);
}

/// Each block is one DNLOAD and two GETSTATUS; addresses are set only where they jump.
#[test]
fn no_block_costs_more_than_three_transfers() {
    for (persona, mcu) in PROBES {
        let done = Done::full(persona, mcu);
        let count = |wanted: &str| {
            let all = done.transfers();
            all.iter().find(|(name, _)| *name == wanted).unwrap().1
        };
        let commands =
            count("DNLOAD, data") + count("DNLOAD, erase") + count("DNLOAD, set address");
        assert_eq!(count("GETSTATUS, busy"), commands, "{persona}");
        assert!(count("DNLOAD, set address") <= 15, "{persona}");
        // Every command's end, every ABORT, the opening, and the start that is not answered.
        let rest = count("GETSTATUS, at rest") - commands - count("ABORT");
        assert!(rest <= 2, "{persona}: {rest} needless GETSTATUS");
        let blocks = done.image_bytes.div_ceil(transfer_size(mcu)) as usize;
        let page = (u64::from(mcu.chip().page_size)).div_ceil(transfer_size(mcu)) as usize;
        // Before, after, the option bytes; the anchor's page blanked, its rest, and whole.
        assert!(
            count("UPLOAD") <= 2 * blocks + 1 + 3 * page,
            "{persona}: {} reads",
            count("UPLOAD")
        );
    }
}

/// An image that is there already costs one read of its length.
#[test]
fn an_unchanged_image_is_read_once() {
    for (persona, mcu) in PROBES {
        let image = combined(mcu, Transport::Usb);
        let done = Done::new(persona, mcu, image.bytes());
        assert_eq!(done.changes(), (0, 0));
        let read = on_the_wire(done.image_bytes)
            + TURNAROUND * done.image_bytes.div_ceil(transfer_size(mcu)) as u32;
        println!(
            "{persona}, unchanged | {:?} | reading alone {read:?}",
            done.took()
        );
        // Opening, the protection test and leaving: 26 transfers.
        assert!(done.took() <= read + TURNAROUND * 30, "{:?}", done.took());
    }
}

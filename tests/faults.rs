//! Faults by the thousand: every transfer of a whole job, every kind of fault, in virtual time.
//!
//! Each case ends in one of the named aftermaths, which must be true of the chip; none hangs; none leaves a chip
//! that boots something incomplete except in the two windows that the hardware leaves no choice about, which are
//! measured; and after each failure the same job, run again, finishes.
//!
//! By default a sample of the transfers is struck, half a minute of one core in a debug build. `CARTO_FAULTS=all` strikes
//! every one, ten minutes with `--config 'profile.test.package.carto-flasher.opt-level=2'`: what came of that is in
//! `tests/faults/README.md`.

#![allow(
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::too_many_lines,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "test code: a panic is a failure, and what a test prints is its report"
)]

#[path = "faults/judge.rs"]
mod judge;
#[path = "faults/scene.rs"]
mod scene;
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

use carto_flasher::board::{Mcu, Transport};
use carto_flasher::flash::{Aftermath, Cause, JobEnd, Outcome};
use carto_flasher::transport::sim::{FlashChange, FlashWrite, Transfer, TransferKind};
use judge::judge;
use proptest::prelude::*;
use scene::{Engine, Fault, Hands, NextStart, Scene};

/// Cases of one kind of fault on one job, unless all transfers are struck.
const SAMPLE: u64 = 12;

/// One case: what is struck, and by what.
struct Case {
    scene: usize,
    fault: Fault,
    /// Somebody plugs the probe in again while the job waits for it.
    helped: bool,
}

/// How many cases ended how, by job and fault.
type Table = BTreeMap<(Engine, String, &'static str), BTreeMap<String, u32>>;

#[derive(Default)]
struct Tally {
    table: Table,
    failures: Vec<String>,
    longest: Duration,
}

#[test]
fn every_fault_at_every_transfer_ends_in_a_true_aftermath() {
    let all = strike_all();
    let scenes: Vec<(Scene, &str)> = Scene::all()
        .into_iter()
        .map(|scene| (scene, "first try"))
        .chain(
            Scene::all()
                .into_iter()
                .map(|scene| (scene.resumed(), "resumed")),
        )
        .collect();
    let cases = cases(&scenes, all);
    let tally = Mutex::new(Tally::default());
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for number in 0..2 {
            std::thread::Builder::new()
                .name(format!("faults-{number}"))
                .spawn_scoped(scope, || {
                    while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let (scene, how) = &scenes[case.scene];
                        run_case(case, scene, how, &tally);
                    }
                })
                .unwrap();
        }
    });
    let tally = tally.into_inner().unwrap();
    print_table(&tally, cases.len(), all);
    print_outcomes(&tally);
    assert!(
        tally.failures.is_empty(),
        "{} of {} cases broke a promise:\n{}",
        tally.failures.len(),
        cases.len(),
        tally
            .failures
            .iter()
            .take(40)
            .cloned()
            .collect::<Vec<_>>()
            .join("\n")
    );
}

/// Every transfer, not a sample.
fn strike_all() -> bool {
    std::env::var("CARTO_FAULTS").is_ok_and(|value| value == "all")
}

/// Which transfers are struck. The sample of each kind of fault begins elsewhere, so that together they meet more.
fn cases(scenes: &[(Scene, &str)], all: bool) -> Vec<Case> {
    let mut cases = Vec::new();
    for (index, (scene, _)) in scenes.iter().enumerate() {
        let helped = (0..scene.engine.faults().len())
            .map(|_| false)
            .chain([true]);
        for (number, (kind, helped)) in scene
            .engine
            .faults()
            .iter()
            .chain(["unplug"].iter())
            .zip(helped)
            .enumerate()
        {
            let step = if all {
                1
            } else {
                (scene.transfers / SAMPLE).max(1)
            };
            let first = 1 + number as u64 * step / 10;
            cases.extend(
                (first..=scene.transfers)
                    .step_by(step as usize)
                    .map(|transfer| Case {
                        scene: index,
                        fault: (kind, transfer),
                        helped,
                    }),
            );
        }
    }
    cases
}

fn run_case(case: &Case, scene: &Scene, how: &str, tally: &Mutex<Tally>) {
    let faults = [case.fault];
    let hands = if case.helped {
        Hands::that_help(scene.engine, scene.mcu)
    } else {
        Hands::default()
    };
    let mut took = Duration::ZERO;
    let verdict = catch_unwind(AssertUnwindSafe(|| {
        let played = scene.play(&faults, hands);
        took = played.took;
        judge(scene, &faults, played)
    }))
    .unwrap_or_else(|_| Err("panicked".to_owned()));
    let kind = if case.helped {
        "unplug+plug"
    } else {
        case.fault.0
    };
    let mut tally = tally.lock().unwrap();
    tally.longest = tally.longest.max(took);
    let verdict = verdict.unwrap_or_else(|why| {
        println!(
            "{:?} {} {how}, {kind}@{}: {why}",
            scene.engine, scene.name, case.fault.1
        );
        tally.failures.push(format!(
            "{:?} {} {how}, {kind}@{}: {why}",
            scene.engine, scene.name, case.fault.1
        ));
        "BROKEN".to_owned()
    });
    *tally
        .table
        .entry((scene.engine, format!("{}, {how}", scene.name), kind))
        .or_default()
        .entry(verdict)
        .or_default() += 1;
}

// The two windows in which the hardware leaves no choice.

/// When a job without faults began to leave a chip that starts something incomplete if power goes, and for how long.
fn window(scene: &Scene, begins: fn(&Scene, &FlashWrite) -> bool) -> Duration {
    let played = scene.play(&[], Hands::default());
    let trace = played.bench.trace();
    let writes = trace.writes();
    let first = writes
        .iter()
        .rposition(|write| begins(scene, write))
        .unwrap();
    let anchor = writes[first].address;
    let chip = scene.mcu.chip();
    let last = writes[first..]
        .iter()
        .rfind(|write| write.address < anchor + chip.page_size)
        .unwrap();
    let took = Duration::from_micros(chip.program_kib_us * u64::from(last.length) / 1024);
    (last.at + took).saturating_sub(writes[first].at)
}

/// Katapult erases the first page of the application with the block that makes it start, so that block cannot be
/// last (protocols.md §4.4): until the page is whole, power loss leaves an application that starts and fails.
/// A V4 whose Katapult is exchanged through DFU has none for a moment, and no empty check to save it.
#[test]
fn the_windows_that_the_hardware_forces_are_short() {
    let app_page_written = |scene: &Scene, write: &FlashWrite| {
        write.address == scene.mcu.chip().app_start && write.change == FlashChange::Program
    };
    let page_0_erased = |scene: &Scene, write: &FlashWrite| {
        write.address == scene.mcu.chip().flash_base && write.change == FlashChange::Erase
    };
    let windows = [
        (
            "Katapult V3",
            "first page torn",
            app_page_written as fn(&Scene, &FlashWrite) -> bool,
            60,
        ),
        ("Katapult V4", "first page torn", app_page_written, 60),
        ("Dfu V4 new Katapult", "no bootloader", page_0_erased, 250),
    ];
    for (name, what, begins, at_most_ms) in windows {
        let scene = Scene::named(name);
        let took = window(&scene, begins);
        println!(
            "{name}: {what} for {:.1} ms of a job",
            took.as_secs_f64() * 1e3
        );
        assert!(took > Duration::ZERO, "{name}");
        assert!(took < Duration::from_millis(at_most_ms), "{name}: {took:?}");
    }
    // With the Katapult that is there already no moment needs the pads, and F042 never does.
    for name in ["Dfu V3", "Dfu V4"] {
        let scene = Scene::named(name);
        let played = scene.play(&[], Hands::default());
        let base = scene.mcu.chip().flash_base;
        let touched = played
            .bench
            .trace()
            .writes()
            .iter()
            .any(|write| write.address == base);
        assert_eq!(touched, scene.mcu == Mcu::Stm32F042, "{name}");
    }
}

// What the sweep found, each as small as it gets.

fn end_of(scene: &Scene, fault: Fault) -> JobEnd {
    scene.play(&[fault], Hands::default()).end
}

/// The numbers of the job's transfers that are as wanted.
fn transfers(scene: &Scene, wanted: impl Fn(&Transfer) -> bool) -> Vec<u64> {
    let trace = scene.play(&[], Hands::default()).bench.trace();
    trace
        .transfers()
        .filter(|transfer| wanted(transfer))
        .map(|transfer| transfer.number)
        .collect()
}

/// A DNLOAD of data that has none: `leave`.
fn is_leave(transfer: &Transfer) -> bool {
    is_download(transfer, 2) && transfer.result == Ok(0)
}

fn is_download(transfer: &Transfer, value: u16) -> bool {
    transfer.kind == TransferKind::ControlOut { request: 1, value }
}

fn is_status(transfer: &Transfer) -> bool {
    matches!(transfer.kind, TransferKind::ControlIn { request: 3, .. })
}

/// The one that is lost may be the one that should have started the work: five seconds later the work begins.
#[test]
fn a_lost_poll_is_not_a_stuck_bootloader() {
    let scene = Scene::named("Dfu V3");
    let polls = transfers(&scene, is_status);
    for poll in polls.iter().step_by(polls.len() / 30) {
        let end = end_of(&scene, ("timeout", *poll));
        assert!(matches!(end, JobEnd::Finished(_)), "{poll}: {end:?}");
    }
}

#[test]
fn a_status_that_comes_short_is_asked_for_again() {
    let scene = Scene::named("Dfu V4");
    let polls = transfers(&scene, is_status);
    for poll in polls.iter().step_by(polls.len() / 20) {
        let end = end_of(&scene, ("short", *poll));
        assert!(matches!(end, JobEnd::Finished(_)), "{poll}: {end:?}");
    }
}

#[test]
fn one_stray_stall_is_not_read_protection() {
    for name in ["Dfu V3", "Dfu V4"] {
        let scene = Scene::named(name);
        for transfer in 1..20 {
            let end = end_of(&scene, ("stall", transfer));
            assert!(
                matches!(end, JobEnd::Finished(_)),
                "{name}, {transfer}: {end:?}"
            );
        }
    }
}

/// `leave` or COMPLETE that was not taken is asked for again. It is never blamed on a bridged BOOT0.
#[test]
fn a_start_that_was_not_taken_is_asked_for_again() {
    for (name, kind) in [
        ("Dfu V3", "stall"),
        ("Dfu V4", "stall"),
        ("Dfu V4", "timeout"),
    ] {
        let scene = Scene::named(name);
        let [leave] = transfers(&scene, is_leave)[..] else {
            panic!("one leave")
        };
        // The request itself, and the GETSTATUS that carries it out.
        for transfer in [leave, leave + 1] {
            match end_of(&scene, (kind, transfer)) {
                JobEnd::Finished(report) => assert!(
                    matches!(report.outcome, Outcome::Returned { .. }),
                    "{name}, {kind}@{transfer}: {report:?}"
                ),
                other => panic!("{name}, {kind}@{transfer}: {other:?}"),
            }
        }
    }
}

/// A probe that is silent from there on is verified, and is not said to have its BOOT0 bridged.
#[test]
fn a_probe_that_falls_silent_at_its_start_wants_a_replug() {
    for name in ["Dfu V3", "Dfu V4"] {
        let scene = Scene::named(name);
        let leave = transfers(&scene, is_leave)[0];
        match end_of(&scene, ("silence", leave)) {
            JobEnd::Finished(report) => assert_eq!(report.outcome, Outcome::ReplugToStart),
            other => panic!("{name}: {other:?}"),
        }
    }
}

/// Unplugged while the first erase is asked for, the probe may never have heard of it.
#[test]
fn an_erase_that_was_not_answered_is_not_said_to_have_happened() {
    let scene = Scene::named("Dfu V3");
    let is_erase =
        |transfer: &Transfer| is_download(transfer, 0) && transfer.bytes.first() == Some(&0x41);
    let erase = transfers(&scene, is_erase)[0];
    let played = scene.play(&[("unplug", erase)], Hands::default());
    assert_eq!(
        played.bench.dump(0),
        scene.contents,
        "ROM begins with the next GETSTATUS"
    );
    match played.end {
        JobEnd::Failed(error) => assert_eq!(error.aftermath, Aftermath::UnchangedOrErased),
        other => panic!("{other:?}"),
    }
}

/// It is still listed, but it does not answer: what counts is what it does when power comes again.
#[test]
fn a_silent_bootloader_is_not_said_to_wait() {
    for (name, aftermath) in [
        ("Dfu V3", Aftermath::ReturnsToDfuOnReplug),
        ("Dfu V4 blank", Aftermath::NeedsPads),
        ("Dfu V4", Aftermath::BootloaderStillThere),
        ("Katapult V3", Aftermath::BootloaderStillThere),
    ] {
        let scene = Scene::named(name);
        match end_of(&scene, ("silence", scene.transfers * 9 / 20)) {
            JobEnd::Failed(error) => assert_eq!(error.aftermath, aftermath, "{name}"),
            other => panic!("{name}: {other:?}"),
        }
    }
}

/// A page that answers "erased" and is not would boot while the rest is exchanged behind it.
#[test]
fn a_first_page_that_cannot_be_erased_stops_the_job() {
    for spec in ["v3-dfu,wrp=0", "v4-dfu,wrp=4"] {
        let bench = support::bench(spec);
        let before = bench.dump(0);
        let mcu = if spec.starts_with("v3") {
            Mcu::Stm32F042
        } else {
            Mcu::Stm32G431
        };
        let ran = support::flash_without_backup(&bench, &support::combined(mcu, Transport::Usb));
        assert!(
            matches!(
                ran.error().aftermath,
                Aftermath::Untouched | Aftermath::UnchangedOrErased
            ),
            "{:?}",
            ran.error()
        );
        assert_eq!(bench.dump(0), before, "{spec}");
    }
}

/// The lost frame was not seen by the device, so its parser is sound: opening the port again finds it. Only one that
/// is lost before the bootloader ever answered ends the job, as a mute bootloader does; nothing was touched then.
#[test]
fn a_frame_that_was_lost_does_not_end_a_katapult_job() {
    let scene = Scene::named("Katapult V3");
    let frames = transfers(&scene, |transfer| transfer.kind == TransferKind::BulkOut);
    for frame in frames.iter().skip(3).step_by(frames.len() / 20) {
        let end = end_of(&scene, ("timeout", *frame));
        assert!(matches!(end, JobEnd::Finished(_)), "{frame}: {end:?}");
    }
}

/// Unplugged again while the job picks up after the first time: it waits again.
#[test]
fn a_second_unplugging_is_waited_for_too() {
    let scene = Scene::named("Dfu V3");
    let half = scene.transfers / 2;
    for second in [half + 2, half + 12, half + 30] {
        let hands = Hands::that_help(scene.engine, scene.mcu);
        let played = scene.play(&[("unplug", half), ("unplug", second)], hands);
        assert!(
            matches!(played.end, JobEnd::Finished(_)),
            "{second}: {:?}",
            played.end
        );
    }
}

/// Unplugged while its Katapult is exchanged, and back in Katapult all the same: what came by itself will come again.
#[test]
fn a_katapult_that_came_back_by_itself_is_said_to_be_intact() {
    let scene = Scene::named("Dfu V4 new Katapult");
    let mut met = 0;
    for transfer in scene.transfers / 2..scene.transfers {
        let hands = Hands::that_help(scene.engine, scene.mcu).without_pads();
        let faults = [("unplug", transfer), ("silence", transfer + 4)];
        let played = scene.play(&faults, hands);
        let JobEnd::Failed(error) = &played.end else {
            continue;
        };
        if error.cause == Cause::BootloaderPending {
            met += 1;
            assert_eq!(error.aftermath, Aftermath::BootloaderStillThere);
            assert_eq!(scene.next_start(&played.bench), NextStart::Katapult);
        }
    }
    assert!(met > 0);
}

// Several faults in one job.

proptest! {
    #![proptest_config(ProptestConfig { cases: if strike_all() { 60 * PROPERTY_CASES } else { PROPERTY_CASES }, failure_persistence: None, ..ProptestConfig::default() })]

    /// Two to four faults anywhere, with and without hands that plug the probe in again.
    #[test]
    fn any_sequence_of_faults_ends_in_a_true_aftermath(
        scene in 0..Scene::NAMES.len(),
        faults in proptest::collection::vec((0_usize..72, 0..1200_u64), 2..=4),
        helped in any::<bool>(),
        with_pads in any::<bool>(),
    ) {
        let scene = &property_scenes()[scene];
        let kinds = scene.engine.faults();
        let faults: Vec<Fault> = faults
            .iter()
            .map(|(kind, place)| (kinds[*kind % kinds.len()], 1 + place * scene.transfers / 1000))
            .collect();
        let hands = if helped { Hands::that_help(scene.engine, scene.mcu) } else { Hands::default() };
        let hands = if with_pads { hands } else { hands.without_pads() };
        let verdict = judge(scene, &faults, scene.play(&faults, hands));
        prop_assert!(verdict.is_ok(), "{:?} {} {faults:?} helped={helped} with_pads={with_pads}: {}", scene.engine, scene.name, verdict.unwrap_err());
    }
}

/// Cases of the property test.
const PROPERTY_CASES: u32 = 150;

fn property_scenes() -> &'static [Scene] {
    static SCENES: OnceLock<Vec<Scene>> = OnceLock::new();
    SCENES.get_or_init(Scene::all)
}

fn print_table(tally: &Tally, cases: usize, all: bool) {
    let verdicts: BTreeSet<&String> = tally.table.values().flat_map(BTreeMap::keys).collect();
    println!(
        "{cases} cases ({}), longest {:?} of virtual time",
        if all { "every transfer" } else { "a sample" },
        tally.longest
    );
    let columns: Vec<&&String> = verdicts.iter().collect();
    for (number, column) in columns.iter().enumerate() {
        println!("  [{number}] {column}");
    }
    print!("{:<38}", "");
    for number in 0..columns.len() {
        print!("{:>7}", format!("[{number}]"));
    }
    println!();
    for ((engine, name, kind), counts) in &tally.table {
        print!("{:<38}", format!("{engine:?} {name}, {kind}"));
        for column in &columns {
            match counts.get(**column) {
                Some(count) => print!("{count:>7}"),
                None => print!("{:>7}", "."),
            }
        }
        println!();
    }
}

/// The table of `tests/faults/README.md`: how many cases ended how, by job.
fn print_outcomes(tally: &Tally) {
    let mut sums: BTreeMap<&str, BTreeMap<String, u32>> = BTreeMap::new();
    for ((engine, name, _), counts) in &tally.table {
        let board = name.split(',').next().unwrap_or(name);
        let job = format!("{engine:?} {board}");
        for (verdict, count) in counts {
            *sums
                .entry(verdict)
                .or_default()
                .entry(job.clone())
                .or_default() += count;
        }
    }
    println!("| outcome | {} | all |", Scene::NAMES.join(" | "));
    println!("|---|{}---:|", "---:|".repeat(Scene::NAMES.len()));
    for (verdict, by_job) in &sums {
        let of = |name: &&str| by_job.get(*name).copied().unwrap_or(0).to_string();
        let columns: Vec<String> = Scene::NAMES.iter().map(of).collect();
        let all: u32 = by_job.values().sum();
        println!("| {verdict} | {} | {all} |", columns.join(" | "));
    }
}

//! Whole jobs through the ROM bootloader, on the simulated bench in virtual time.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::too_many_lines,
    clippy::cast_possible_truncation,
    reason = "test code: a panic is a failure, and what a test prints is its report"
)]

mod support;

use std::time::Duration;

use carto_flasher::advice;
use carto_flasher::board::{Mcu, Transport};
use carto_flasher::flash::plan::{Refusal, plan};
use carto_flasher::flash::{Aftermath, Cause, JobEnd, Outcome, Phase};
use carto_flasher::image::Misfit;
use carto_flasher::transport::Hardware as _;
use carto_flasher::transport::sim::Boots;
use support::{
    Heard, app, bench, bench_holding, combined, device, flash, flash_without_backup, katapult,
    new_version, plan_for, request, run, run_with, writes,
};

const DFU_PROBES: [(&str, Mcu); 3] = [
    ("v2-dfu", Mcu::Stm32F042),
    ("v3-dfu", Mcu::Stm32F042),
    ("v4-dfu", Mcu::Stm32G431),
];

#[test]
fn a_combined_image_is_written_verified_and_started() {
    for (persona, mcu) in DFU_PROBES {
        for holds in ["", ",holds=blank"] {
            let bench = bench(&format!("{persona}{holds}"));
            let image = combined(mcu, Transport::Usb);
            let ran = flash(&bench, image.clone());
            let report = ran.report();
            match &report.outcome {
                Outcome::Returned { version, .. } => {
                    assert_eq!(version.as_deref(), Some(new_version(mcu)));
                }
                other => panic!("{persona}{holds}: {other:?}"),
            }
            assert_eq!(report.bytes_verified, image.bytes().len() as u64);
            assert!(bench.dump(0).starts_with(image.bytes()), "{persona}{holds}");
            assert_eq!(bench.violations(), [], "{persona}{holds}");
            assert_eq!(
                ran.backups.len(),
                usize::from(holds.is_empty()),
                "a blank flash needs no backup"
            );
        }
    }
}

#[test]
fn the_second_time_nothing_is_written() {
    for (persona, mcu) in DFU_PROBES {
        let bench = bench_holding(persona, combined(mcu, Transport::Usb).bytes());
        let ran = flash(&bench, combined(mcu, Transport::Usb));
        assert_eq!(ran.report().pages_written, 0);
        assert!(
            ran.backups.is_empty(),
            "what is not written needs no backup"
        );
        assert_eq!(writes(&bench), 0, "{persona}");
        assert!(matches!(ran.report().outcome, Outcome::Returned { .. }));
    }
}

#[test]
fn a_can_image_is_expected_to_vanish_from_usb() {
    for (persona, mcu) in DFU_PROBES {
        let bench = bench(persona);
        let ran = flash(&bench, combined(mcu, Transport::Can { bitrate: 1_000_000 }));
        assert_eq!(ran.report().outcome, Outcome::NowOnCan, "{persona}");
    }
}

#[test]
fn a_bootloader_alone_comes_back_as_katapult() {
    for (persona, mcu) in DFU_PROBES {
        let bench = bench(&format!("{persona},holds=blank"));
        let ran = flash(&bench, katapult(mcu, Transport::Usb));
        match (mcu, &ran.report().outcome) {
            // Katapult alone may not enumerate after the jump out of an F042's ROM (protocols.md §2.2).
            (Mcu::Stm32F042, Outcome::ReplugToStart)
            | (Mcu::Stm32G431, Outcome::Returned { version: None, .. }) => {}
            (_, other) => panic!("{persona}: {other:?}"),
        }
        bench.power_cycle(0);
        assert_eq!(bench.what_boots(0), Boots::KatapultUsb, "{persona}");
    }
}

#[test]
fn an_application_is_composed_with_its_bootloader() {
    for (persona, mcu) in DFU_PROBES {
        let bench = bench(persona);
        let mut request = request(&bench, app(mcu, Transport::Usb));
        request.bootloader = Some(katapult(mcu, Transport::Usb));
        let ran = run(&bench, &plan(&request).unwrap());
        ran.report();
        assert!(
            bench
                .dump(0)
                .starts_with(combined(mcu, Transport::Usb).bytes()),
            "{persona}"
        );
    }
}

#[test]
fn a_backup_restores_the_flash_as_it_was() {
    for (persona, mcu) in DFU_PROBES {
        let first = bench(persona);
        let before = first.dump(0);
        let ran = flash(&first, combined(mcu, Transport::Usb));
        assert!(ran.backups == std::slice::from_ref(&before), "{persona}");
        let second = bench_holding(persona, &first.dump(0));
        let dump =
            carto_flasher::image::Image::parse_dump("backup.bin", before.clone(), mcu).unwrap();
        flash(&second, dump).report();
        assert!(second.dump(0) == before, "{persona}");
    }
}

#[test]
fn what_does_not_fit_is_refused_and_nothing_is_touched() {
    let v3 = bench("v3-dfu");
    let v4 = bench("v4-dfu");
    let toolboard = bench("toolboard-dfu");
    let usb = Transport::Usb;
    let cases = [
        (&v3, combined(Mcu::Stm32G431, usb), "other_mcu"),
        (&v4, combined(Mcu::Stm32F042, usb), "other_mcu"),
        (&v3, app(Mcu::Stm32F042, usb), "app_without_bootloader"),
        (&v4, app(Mcu::Stm32G431, usb), "app_without_bootloader"),
        (&toolboard, combined(Mcu::Stm32G431, usb), "stranger_in_dfu"),
    ];
    for (bench, image, code) in cases {
        let refusal = plan_for(bench, image).expect_err(code);
        let advice = advice::for_refusal(&refusal);
        assert_eq!(advice.code, code, "{refusal:?}");
        assert!(!advice.steps.is_empty(), "{code} does not say what to do");
        assert_eq!(writes(bench), 0);
    }
}

#[test]
fn an_application_at_the_flash_base_is_offered_with_its_bootloader() {
    let bench = bench("v3-dfu");
    let refusal = plan_for(&bench, app(Mcu::Stm32F042, Transport::Usb)).unwrap_err();
    assert!(
        matches!(refusal, Refusal::Misfit(Misfit::AppWithoutBootloader)),
        "{refusal:?}"
    );
}

/// Unplugged at any percent of the job, the chip holds something whole or waits in a bootloader, but for a V4 without
/// a Katapult to keep; and a second run finishes. Whether what is said of it is true: `tests/faults.rs`.
#[test]
fn unplugging_at_any_moment_leaves_a_way_back() {
    for (persona, holds, mcu) in [
        ("v3-dfu", "", Mcu::Stm32F042),
        ("v4-dfu", "", Mcu::Stm32G431),
        ("v4-dfu", ",holds=blank", Mcu::Stm32G431),
    ] {
        let image = combined(mcu, Transport::Usb);
        for percent in 1..=99 {
            let case = format!("{persona}{holds},fault=unplug@{percent}%");
            let first = bench(&case);
            let before = first.dump(0);
            let end = flash_without_backup(&first, &image).end;
            let held = first.dump(0);
            let boots = first.what_boots(0);
            let whole = held.starts_with(image.bytes()) || held == before;
            let waits = matches!(boots, Boots::RomDfu | Boots::KatapultUsb);
            let wants_pads =
                matches!(&end, JobEnd::Failed(error) if error.aftermath == Aftermath::NeedsPads);
            assert!(
                whole || waits || (wants_pads && !holds.is_empty()),
                "{case}: {end:?}, boots {boots:?}"
            );
            let second = bench_holding(persona, &held);
            flash_without_backup(&second, &image).report();
            assert!(second.dump(0).starts_with(image.bytes()), "{case}");
        }
    }
}

#[test]
fn v4_needs_its_pads_only_while_the_bootloader_itself_is_exchanged() {
    // Katapult is the same in both images, so it stays: no moment needs the pads.
    let image = combined(Mcu::Stm32G431, Transport::Usb);
    for percent in 1..=99 {
        let bench = bench(&format!("v4-dfu,fault=unplug@{percent}%"));
        if let JobEnd::Failed(error) = flash(&bench, image.clone()).end {
            assert_ne!(error.aftermath, Aftermath::NeedsPads, "at {percent} %");
        }
    }
}

#[test]
fn a_probe_that_stays_away_is_waited_for_in_vain() {
    // The bench cannot replug by itself, so the job gives up after its patience and says so.
    let bench = bench("v3-dfu,fault=unplug@50%");
    let plan = plan_for(&bench, combined(Mcu::Stm32F042, Transport::Usb)).unwrap();
    let began = bench.clock().now();
    let ran = run_with(&bench, &plan, Duration::from_mins(1), Heard::default());
    assert_eq!(ran.error().cause, Cause::Disconnected);
    assert!(bench.clock().now().checked_sub(began).unwrap() >= Duration::from_mins(1));
}

#[test]
fn a_full_flash_takes_little_longer_than_the_chip_needs() {
    let chip = Mcu::Stm32F042.chip();
    // Every page holds something else.
    let bench = bench_holding("v3-dfu", &vec![0x5a; chip.flash_size as usize]);
    let image = combined(Mcu::Stm32F042, Transport::Usb);
    let plan = plan_for(&bench, image.clone()).unwrap();
    let ran = run(&bench, &plan);
    let report = ran.report();
    let took = |phase| {
        report
            .phases
            .iter()
            .filter(|(of, _)| *of == phase)
            .map(|(_, took)| *took)
            .sum::<Duration>()
    };
    let all = took(Phase::ReadBack) + took(Phase::Write) + took(Phase::Verify);
    let pages = u64::from(report.pages_written);
    let floor = Duration::from_micros(pages * chip.page_erase_us + pages * chip.program_kib_us);
    let ratio = all.as_secs_f64() / floor.as_secs_f64();
    println!(
        "F042, {} bytes, {pages} pages: read {:?}, write {:?}, verify {:?}; chip floor {floor:?}; ratio {ratio:.3}",
        image.bytes().len(),
        took(Phase::ReadBack),
        took(Phase::Write),
        took(Phase::Verify)
    );
    assert!(pages >= 20, "a full flash, not a difference");
    assert!(ratio <= 1.15, "{ratio}");
}

#[test]
fn stopping_says_what_the_probe_is() {
    let (mut untouched, mut torn) = (0, 0);
    for (persona, mcu) in [("v3-dfu", Mcu::Stm32F042), ("v4-dfu", Mcu::Stm32G431)] {
        for after in [3, 10, 40, 60] {
            let bench = bench(persona);
            let plan = plan_for(&bench, combined(mcu, Transport::Usb)).unwrap();
            let heard = Heard {
                cancel_after: Some(after),
                ..Heard::default()
            };
            match run_with(&bench, &plan, Duration::ZERO, heard).end {
                JobEnd::Cancelled(Aftermath::Untouched) => {
                    untouched += 1;
                    assert_eq!(writes(&bench), 0);
                }
                JobEnd::Cancelled(aftermath) => {
                    torn += 1;
                    assert_eq!(
                        aftermath,
                        Aftermath::BootloaderStillThere,
                        "{persona} after {after}"
                    );
                    flash(&bench, combined(mcu, Transport::Usb)).report();
                }
                other => panic!("{persona} after {after}: {other:?}"),
            }
        }
    }
    assert!(
        untouched > 0 && torn > 0,
        "{untouched} untouched, {torn} torn"
    );
}

#[test]
fn a_protected_chip_is_never_erased() {
    for (spec, level, code) in [
        ("v3-dfu,rdp=1", 1, "read_protected"),
        ("v4-dfu,rdp=1", 1, "read_protected"),
        ("v3-dfu,rdp=2", 2, "read_protected_for_ever"),
    ] {
        let bench = bench(spec);
        let mcu = if spec.starts_with("v4") {
            Mcu::Stm32G431
        } else {
            Mcu::Stm32F042
        };
        let ran = flash(&bench, combined(mcu, Transport::Usb));
        assert_eq!(ran.error().cause, Cause::ReadProtected { level }, "{spec}");
        assert_eq!(ran.error().aftermath, Aftermath::Untouched);
        assert_eq!(advice::for_flash_error(ran.error(), mcu).code, code);
        assert_eq!(writes(&bench), 0, "{spec}");
    }
}

#[test]
fn any_stale_state_is_cleared_or_named() {
    for stale in ["error", "dnload", "upload", "stuck"] {
        let bench = bench(&format!("v3-dfu,stale={stale}"));
        flash(&bench, combined(Mcu::Stm32F042, Transport::Usb)).report();
    }
    let bench = bench("v3-dfu,stale=manifest");
    let ran = flash(&bench, combined(Mcu::Stm32F042, Transport::Usb));
    let advice = advice::for_flash_error(ran.error(), Mcu::Stm32F042);
    let said = (advice.code, ran.error().aftermath);
    assert_eq!(said, ("bootloader_stuck", Aftermath::Untouched));
}

#[test]
fn a_write_protected_page_is_named_and_nothing_boots_half() {
    // The F042's ROM refuses; the G431's says yes and changes nothing, which only the read-back shows.
    for (spec, mcu, code) in [
        ("v3-dfu,wrp=12", Mcu::Stm32F042, "refused_by_bootloader"),
        ("v4-dfu,wrp=12", Mcu::Stm32G431, "write_protected"),
    ] {
        let bench = bench(spec);
        let ran = flash(&bench, combined(mcu, Transport::Usb));
        let error = ran.error();
        assert_eq!(advice::for_flash_error(error, mcu).code, code, "{error:?}");
        assert_eq!(error.aftermath, Aftermath::BootloaderStillThere, "{spec}");
        let boots = bench.what_boots(0);
        assert!(
            matches!(boots, Boots::RomDfu | Boots::KatapultUsb),
            "{spec}: {boots:?}"
        );
    }
}

#[test]
fn boot0_still_bridged_after_the_job_is_said_not_failed() {
    for (persona, mcu) in DFU_PROBES {
        let bench = bench(persona);
        bench.hold_boot0(0, true);
        let image = combined(mcu, Transport::Usb);
        let ran = flash(&bench, image.clone());
        let outcome = &ran.report().outcome;
        // The jump out of the ROM starts the image all the same; only a reset looks at BOOT0 again.
        assert!(
            matches!(outcome, Outcome::ReleaseBoot0 | Outcome::Returned { .. }),
            "{persona}: {outcome:?}"
        );
        assert!(bench.dump(0).starts_with(image.bytes()));
    }
}

#[test]
fn several_probes_in_dfu_mode_are_told_apart_by_their_port() {
    let bench = bench("v3-dfu+v3-dfu");
    let devices = bench.list().unwrap();
    assert_eq!(devices.len(), 2);
    let mut request = request(
        &support::bench("v3-dfu"),
        combined(Mcu::Stm32F042, Transport::Usb),
    );
    request.device = devices[1].clone();
    run(&bench, &plan(&request).unwrap()).report();
    assert!(bench.dump(1).starts_with(request.image.bytes()));
    assert_ne!(
        bench.dump(0),
        bench.dump(1),
        "only the chosen one is written"
    );
}

#[test]
fn a_probe_that_is_gone_before_the_job_starts_is_said_to_be_gone() {
    let bench = bench("v3-dfu");
    let plan = plan_for(&bench, combined(Mcu::Stm32F042, Transport::Usb)).unwrap();
    bench.unplug(0);
    let ran = run(&bench, &plan);
    assert_eq!(
        (ran.error().phase, ran.error().aftermath),
        (Phase::EnterBootloader, Aftermath::Untouched)
    );
    assert_eq!(ran.error().cause, Cause::PlanOutdated);
}

#[test]
fn no_permission_and_a_busy_device_are_refused_with_their_reason() {
    for (access, code) in [
        ("not-permitted", "not_permitted"),
        ("busy:STM32CubeProgrammer", "busy"),
        ("wrong-driver:STTub30", "no_driver"),
    ] {
        let bench = bench(&format!("v3-dfu,access={access}"));
        let refusal = plan_for(&bench, combined(Mcu::Stm32F042, Transport::Usb)).unwrap_err();
        assert_eq!(advice::for_refusal(&refusal).code, code);
    }
    let _ = device(&bench("v3-dfu"));
}

#[test]
fn a_probe_that_is_plugged_in_again_goes_on_by_itself() {
    let mut went_on = 0;
    for (persona, mcu) in [("v3-dfu", Mcu::Stm32F042), ("v4-dfu", Mcu::Stm32G431)] {
        for percent in [8, 16, 24, 32] {
            let case = format!("{persona},fault=unplug@{percent}%");
            let bench = bench(&case);
            let image = combined(mcu, Transport::Usb);
            let plan = plan_for(&bench, image.clone()).unwrap();
            let heard = Heard {
                plug_again: Some(bench.clone()),
                ..Heard::default()
            };
            let ran = run_with(&bench, &plan, Duration::from_mins(1), heard);
            if let JobEnd::Failed(error) = &ran.end {
                assert_eq!(error.aftermath, Aftermath::Untouched, "{case}: {error:?}");
                continue;
            }
            went_on += 1;
            ran.report();
            assert!(bench.dump(0).starts_with(image.bytes()), "{case}");
        }
    }
    assert!(went_on > 0, "every job failed before it wrote anything");
}

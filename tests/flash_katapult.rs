//! Whole jobs through Katapult, from running firmware or from the bootloader, on the simulated bench.

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
use carto_flasher::board::{Mcu, Mode, Sighting, Transport, recognise};
use carto_flasher::flash::engine;
use carto_flasher::flash::plan::{Refusal, Route, Via, plan, target};
use carto_flasher::flash::{Aftermath, Cause, JobEnd, Outcome, Phase};
use carto_flasher::image::{Image, Misfit};
use carto_flasher::transport::Hardware as _;
use carto_flasher::transport::sim::{Boots, practice};
use support::{
    Heard, Kept, app, bench, bench_holding, combined, device, flash, flash_without_backup,
    katapult, new_version, plan_for, request, run, run_with, writes,
};

const PROBES: [(&str, Mcu); 5] = [
    ("v3-usb", Mcu::Stm32F042),
    ("v3-usb-old", Mcu::Stm32F042),
    ("v4-usb", Mcu::Stm32G431),
    ("v3-katapult", Mcu::Stm32F042),
    ("v4-katapult", Mcu::Stm32G431),
];
const APP_OFFSET: usize = 0x2000;

#[test]
fn an_application_is_written_verified_and_asked_for_its_version() {
    for (persona, mcu) in PROBES {
        let bench = bench(persona);
        let before = bench.dump(0);
        let image = app(mcu, Transport::Usb);
        let ran = flash(&bench, image.clone());
        match &ran.report().outcome {
            Outcome::Returned { device, version } => {
                assert_eq!(version.as_deref(), Some(new_version(mcu)), "{persona}");
                assert!(matches!(
                    recognise(device),
                    Sighting::Probe {
                        mode: Mode::Firmware,
                        ..
                    }
                ));
            }
            other => panic!("{persona}: {other:?}"),
        }
        let after = bench.dump(0);
        assert!(after[APP_OFFSET..].starts_with(image.bytes()), "{persona}");
        assert_eq!(
            after[..APP_OFFSET],
            before[..APP_OFFSET],
            "{persona}: the bootloader changed"
        );
        assert_eq!(bench.violations(), [], "{persona}");
        let kept = if ran.report().pages_written == 0 {
            ran.backups.is_empty()
        } else {
            ran.backups == [before]
        };
        assert!(
            kept,
            "{persona}: the backup is the whole flash, and taken only before writing"
        );
    }
}

#[test]
fn the_same_image_again_writes_nothing_and_still_starts() {
    for (persona, mcu) in PROBES {
        let bench = bench(persona);
        flash(&bench, app(mcu, Transport::Usb)).report();
        let written = writes(&bench);
        let ran = flash(&bench, app(mcu, Transport::Usb));
        assert_eq!(ran.report().pages_written, 0, "{persona}");
        assert_eq!(writes(&bench), written, "{persona}");
        assert!(
            matches!(ran.report().outcome, Outcome::Returned { .. }),
            "{persona}"
        );
    }
}

#[test]
fn what_does_not_go_through_katapult_is_refused() {
    let usb = Transport::Usb;
    for (persona, mcu) in PROBES {
        let other = if mcu == Mcu::Stm32F042 {
            Mcu::Stm32G431
        } else {
            Mcu::Stm32F042
        };
        let bench = bench(persona);
        for (image, code) in [
            (combined(mcu, usb), "not_through_katapult"),
            (katapult(mcu, usb), "not_through_katapult"),
            (app(other, usb), "other_mcu"),
        ] {
            let refusal = plan_for(&bench, image).unwrap_err();
            assert_eq!(advice::for_refusal(&refusal).code, code, "{persona}");
        }
        assert_eq!(writes(&bench), 0);
    }
}

#[test]
fn a_deployer_needs_its_own_consent() {
    let bench = bench("v3-usb");
    let image = Image::parse(
        "deployer.bin",
        practice::deployer(Mcu::Stm32F042, Transport::Usb),
    )
    .unwrap();
    let mut request = request(&bench, image);
    let refusal = plan(&request).unwrap_err();
    assert!(
        matches!(refusal, Refusal::Misfit(Misfit::DeployerNeedsConsent)),
        "{refusal:?}"
    );
    let words = advice::for_refusal(&refusal).to_string();
    assert!(
        words.contains("bootloader") && words.contains("power"),
        "{words}"
    );
    request.deployer_consent = true;
    assert!(plan(&request).is_ok());
}

#[test]
fn a_touch_that_is_ignored_once_is_repeated_and_twice_is_named() {
    let once = bench("v3-usb,touch=ignored-once");
    flash(&once, app(Mcu::Stm32F042, Transport::Usb)).report();
    let never = bench("v3-usb,touch=ignored");
    let ran = flash(&never, app(Mcu::Stm32F042, Transport::Usb));
    assert_eq!(
        (&ran.error().cause, ran.error().aftermath),
        (&Cause::TouchIgnored, Aftermath::Untouched)
    );
}

#[test]
fn a_touch_that_lands_in_dfu_goes_on_with_a_combined_image() {
    // Without Katapult, the firmware of a V4 jumps into the ROM bootloader instead.
    let bench = bench("v4-usb,katapult=none");
    let mut request = request(&bench, app(Mcu::Stm32G431, Transport::Usb));
    let without = run(&bench, &plan(&request).unwrap());
    assert_eq!(without.error().cause, Cause::LandedInDfu);
    assert_eq!(writes(&bench), 0);

    let again = support::bench("v4-usb,katapult=none");
    request.device = device(&again);
    request.bootloader = Some(katapult(Mcu::Stm32G431, Transport::Usb));
    run(&again, &plan(&request).unwrap()).report();
    assert!(
        again
            .dump(0)
            .starts_with(combined(Mcu::Stm32G431, Transport::Usb).bytes())
    );
}

#[test]
fn a_mute_bootloader_is_named() {
    let bench = bench("v3-katapult,mute");
    let ran = flash(&bench, app(Mcu::Stm32F042, Transport::Usb));
    let advice = advice::for_flash_error(ran.error(), Mcu::Stm32F042);
    assert_eq!(
        (advice.code, ran.error().aftermath),
        ("bootloader_mute", Aftermath::Untouched)
    );
}

#[test]
fn another_probe_that_is_plugged_in_is_never_taken_for_the_chosen_one() {
    let bench = bench("v3-usb+v3-katapult");
    let chosen = bench.list().unwrap().into_iter().find(|device| {
        matches!(
            recognise(device),
            Sighting::Probe {
                mode: Mode::Firmware,
                ..
            }
        )
    });
    let mut request = request(
        &support::bench("v3-usb"),
        app(Mcu::Stm32F042, Transport::Usb),
    );
    request.device = chosen.unwrap();
    let other_before = bench.dump(1);
    run(&bench, &plan(&request).unwrap()).report();
    assert_eq!(bench.dump(1), other_before);
    assert!(bench.dump(0)[APP_OFFSET..].starts_with(request.image.bytes()));
}

#[test]
fn a_backup_reads_everything_and_the_firmware_runs_again() {
    for (persona, mcu) in PROBES {
        let bench = bench(persona);
        let target = target(&device(&bench), Via::Auto).unwrap();
        let mut kept = Kept::default();
        let end = engine::backup(&target, &bench, &mut kept, &mut Heard::default());
        assert!(matches!(end, JobEnd::Finished(_)), "{persona}: {end:?}");
        assert!(
            kept.0 == [bench.dump(0)],
            "{persona}: the backup is the whole flash"
        );
        assert_eq!(kept.0[0].len(), mcu.chip().flash_size as usize);
        assert_eq!(writes(&bench), 0);
        if target.route == Route::Touch {
            bench.clock().sleep(Duration::from_secs(3));
            assert!(
                matches!(
                    recognise(&device(&bench)),
                    Sighting::Probe {
                        mode: Mode::Firmware,
                        ..
                    }
                ),
                "{persona}"
            );
        }
    }
}

/// Unplugged at any percent of the job, the chip runs a whole application or waits in Katapult, but for the time in
/// which Katapult itself writes the first page (protocols.md §4.5): there a double tap on RESET still reaches it. A
/// second run finishes. Whether what is said of it is true: `tests/faults.rs`.
#[test]
fn unplugging_at_any_moment_leaves_a_way_back() {
    let mut torn = 0;
    for (persona, katapult, mcu) in [
        ("v3-usb", "v3-katapult", Mcu::Stm32F042),
        ("v4-usb", "v4-katapult", Mcu::Stm32G431),
        ("v3-katapult", "v3-katapult", Mcu::Stm32F042),
        ("v4-katapult", "v4-katapult", Mcu::Stm32G431),
    ] {
        let image = app(mcu, Transport::Usb);
        for percent in 1..=99 {
            let case = format!("{persona},fault=unplug@{percent}%");
            let first = bench(&case);
            let before = first.dump(0);
            let end = flash_without_backup(&first, &image).end;
            let held = first.dump(0);
            let boots = first.what_boots(0);
            let whole = held[APP_OFFSET..].starts_with(image.bytes()) || held == before;
            if !whole && boots != Boots::KatapultUsb {
                torn += 1;
                let JobEnd::Failed(error) = &end else {
                    panic!("{case}: {end:?}, boots {boots:?}");
                };
                assert_eq!(
                    (error.phase, error.aftermath),
                    (Phase::Verify, Aftermath::TornFirstPage),
                    "{case}: torn outside the sealing of the first page"
                );
            }
            let second = bench_holding(katapult, &held);
            flash_without_backup(&second, &image).report();
            assert!(
                second.dump(0)[APP_OFFSET..].starts_with(image.bytes()),
                "{case}"
            );
        }
    }
    assert!(torn <= 20, "{torn} of 396 moments tear the first page");
}

#[test]
fn a_can_application_on_a_usb_katapult_is_expected_to_vanish() {
    let bench = bench("v3-usb");
    let ran = flash(
        &bench,
        app(Mcu::Stm32F042, Transport::Can { bitrate: 1_000_000 }),
    );
    assert_eq!(ran.report().outcome, Outcome::NowOnCan);
}

#[test]
fn stopping_says_what_the_probe_is() {
    let (mut untouched, mut torn) = (0, 0);
    for after in [3, 500, 530, 560, 600, 640, 700, 800, 900, 1200] {
        let bench = bench("v3-katapult");
        let plan = plan_for(&bench, app(Mcu::Stm32F042, Transport::Usb)).unwrap();
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
                assert_eq!(aftermath, Aftermath::BootloaderStillThere);
            }
            JobEnd::Finished(_) if after >= 200 => {}
            other => panic!("after {after}: {other:?}"),
        }
    }
    assert!(
        untouched > 0 && torn > 0,
        "{untouched} untouched, {torn} torn"
    );
}

#[test]
fn a_probe_that_is_plugged_in_again_goes_on_by_itself() {
    let mut went_on = 0;
    for (persona, mcu) in [("v3-usb", Mcu::Stm32F042), ("v4-katapult", Mcu::Stm32G431)] {
        for percent in [16, 40, 60, 80] {
            let case = format!("{persona},fault=unplug@{percent}%");
            let bench = bench(&case);
            let image = app(mcu, Transport::Usb);
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
            assert!(
                bench.dump(0)[APP_OFFSET..].starts_with(image.bytes()),
                "{case}"
            );
        }
    }
    assert!(went_on > 0, "every job failed before it wrote anything");
}

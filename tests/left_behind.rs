//! What a probe is after a job that did not go to its end, or went to one that is out of the ordinary: what is said
//! must be true of the chip and of the bus.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code: a panic is a failure"
)]

mod support;

use std::io;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use carto_flasher::advice;
use carto_flasher::board::{Mcu, Mode, Sighting, Transport, recognise};
use carto_flasher::flash::engine::{self, Patience};
use carto_flasher::flash::plan::plan;
use carto_flasher::flash::{Aftermath, BackupStore, Cause, JobEnd, JobEvent, Outcome, Phase};
use carto_flasher::image::Image;
use carto_flasher::transport::Hardware as _;
use carto_flasher::transport::sim::{Boots, SimHardware, practice};
use support::{
    Heard, app, bench, combined, device, flash, katapult, plan_for, request, run, run_with, writes,
};

fn mode(bench: &SimHardware) -> Mode {
    match recognise(&device(bench)) {
        Sighting::Probe { mode, .. } => mode,
        other => panic!("{other:?}"),
    }
}

/// Stopped at its `after`th event; `None` if it was over before.
fn stopped(bench: &SimHardware, image: Image, after: usize) -> Option<Aftermath> {
    let plan = plan_for(bench, image).unwrap();
    let heard = Heard {
        cancel_after: Some(after),
        ..Heard::default()
    };
    match run_with(bench, &plan, Duration::ZERO, heard).end {
        JobEnd::Cancelled(aftermath) => Some(aftermath),
        JobEnd::Finished(_) => None,
        other @ JobEnd::Failed(_) => panic!("{other:?}"),
    }
}

/// A G431 in DFU mode with no Katapult that could catch it: without power it is lost until its pads are bridged, so
/// nobody may be told to unplug it.
#[test]
fn a_bootloader_that_lasts_as_long_as_the_power_is_not_said_to_be_intact() {
    for spec in ["v4-dfu,holds=blank", "v4-dfu,katapult=can"] {
        let mut said = Vec::new();
        for after in (5..400).step_by(20) {
            let bench = bench(spec);
            let image = combined(Mcu::Stm32G431, Transport::Usb);
            let Some(aftermath) = stopped(&bench, image, after) else {
                break;
            };
            let survives = matches!(bench.what_boots(0), Boots::RomDfu | Boots::KatapultUsb);
            match aftermath {
                Aftermath::Untouched => assert_eq!(writes(&bench), 0, "{spec}, {after}"),
                Aftermath::BootloaderWhilePowered => {
                    assert!(!survives, "{spec}, {after}: it needs no power");
                    assert_eq!(mode(&bench), Mode::RomDfu);
                    let advice = advice::for_cancelled(aftermath, Mcu::Stm32G431);
                    assert!(
                        advice.steps[0].text.starts_with("Do not unplug"),
                        "{advice:?}"
                    );
                }
                Aftermath::BootloaderStillThere => {
                    assert!(survives, "{spec}, {after}: {:?}", bench.what_boots(0));
                }
                other => panic!("{spec}, {after}: {other:?}"),
            }
            said.push(aftermath);
        }
        assert!(
            said.contains(&Aftermath::BootloaderWhilePowered),
            "{spec}: {said:?}"
        );
    }
}

/// Stopped before anything was written, a probe that ran firmware runs it again: in its bootloader Klipper would not
/// find it.
#[test]
fn a_probe_that_was_only_read_runs_its_firmware_again() {
    for (spec, mcu) in [("v3-usb", Mcu::Stm32F042), ("v4-usb", Mcu::Stm32G431)] {
        let bench = bench(spec);
        let aftermath = stopped(&bench, app(mcu, Transport::Usb), 6);
        assert_eq!(aftermath, Some(Aftermath::Untouched), "{spec}");
        bench.clock().sleep(Duration::from_secs(2));
        assert_eq!(mode(&bench), Mode::Firmware, "{spec}");
        assert_eq!(bench.violations(), [], "{spec}");
    }
}

/// A disk that is full.
struct Full;

impl BackupStore for Full {
    fn save(&mut self, _: Mcu, _: SystemTime, _: &[u8]) -> io::Result<PathBuf> {
        Err(io::Error::from(io::ErrorKind::StorageFull))
    }
}

#[test]
fn a_backup_that_cannot_be_kept_leaves_the_firmware_running() {
    let bench = bench("v4-usb");
    let plan = plan_for(&bench, app(Mcu::Stm32G431, Transport::Usb)).unwrap();
    let patience = Patience {
        reconnect: Duration::ZERO,
    };
    let end = engine::run(&plan, &bench, &mut Full, patience, &mut Heard::default());
    match end {
        JobEnd::Failed(error) => {
            assert!(
                matches!(error.cause, Cause::BackupFailed { .. }),
                "{error:?}"
            );
            assert_eq!(error.aftermath, Aftermath::Untouched);
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(writes(&bench), 0);
    bench.clock().sleep(Duration::from_secs(2));
    assert_eq!(mode(&bench), Mode::Firmware);
}

/// A Katapult alone leaves the firmware behind it, and starts it.
#[test]
fn a_bootloader_in_front_of_firmware_is_seen_to_start_it() {
    let bench = bench("v3-dfu");
    let ran = flash(&bench, katapult(Mcu::Stm32F042, Transport::Usb));
    match &ran.report().outcome {
        Outcome::Returned { device, version } => {
            let sighting = recognise(device);
            let runs = matches!(
                sighting,
                Sighting::Probe {
                    mode: Mode::Firmware,
                    ..
                }
            );
            assert!(runs && version.is_some(), "{sighting:?}, {version:?}");
        }
        other => panic!("{other:?}"),
    }
}

/// A page of the body that keeps what it held is protected, not worn.
#[test]
fn a_page_that_never_changes_is_said_to_be_protected() {
    let bench = bench("v4-dfu,wrp=12");
    let ran = flash(&bench, combined(Mcu::Stm32G431, Transport::Usb));
    let error = ran.error();
    assert_eq!(error.phase, Phase::Verify);
    assert!(
        matches!(
            error.cause,
            Cause::WriteProtected {
                address: 0x0800_6000
            }
        ),
        "{error:?}"
    );
}

/// The first page of a Katapult that is to be exchanged is protected: the old one still guards the chip, so nobody may
/// be sent to the pads.
#[test]
fn a_protected_bootloader_is_named_and_still_guards() {
    let bench = bench("v4-dfu,wrp=0");
    let page = 0x800;
    let mut before = bench.dump(0)[..page].to_vec();
    // Another build of Katapult than the image's.
    before[page - 1] ^= 1;
    bench.load(0, Mcu::Stm32G431.chip().flash_base, &before);
    let ran = flash(&bench, combined(Mcu::Stm32G431, Transport::Usb));
    let error = ran.error();
    let address = Mcu::Stm32G431.chip().flash_base;
    assert_eq!(error.cause, Cause::WriteProtected { address }, "{error:?}");
    assert_eq!(error.aftermath, Aftermath::BootloaderStillThere);
    assert_eq!(bench.dump(0)[..page], before);
    assert_eq!(bench.what_boots(0), Boots::KatapultUsb);
}

/// A deployer that meets a flash error halts without a word, and nothing comes back.
#[test]
fn a_deployer_that_halts_is_not_called_a_success() {
    for (spec, deployed) in [("v3-usb", true), ("v3-usb,wrp=3", false)] {
        let bench = bench(spec);
        let chip = Mcu::Stm32F042.chip();
        // Another build of Katapult than the deployer brings: it has something to do.
        bench.load(0, chip.flash_base + 0xe00, &[0; 8]);
        let image = Image::parse(
            "deployer.bin",
            practice::deployer(Mcu::Stm32F042, Transport::Usb),
        )
        .unwrap();
        let mut request = request(&bench, image);
        request.deployer_consent = true;
        let ran = run(&bench, &plan(&request).unwrap());
        if deployed {
            assert!(matches!(ran.report().outcome, Outcome::Returned { .. }));
            assert_eq!(mode(&bench), Mode::Katapult);
        } else {
            let error = ran.error();
            assert_eq!(error.cause, Cause::NotDeployed, "{error:?}");
        }
    }
}

/// A cable that loses one transfer is forgiven; one that goes on losing them is named (protocols.md §7 row 18).
#[test]
fn a_bad_cable_is_named_in_the_report() {
    for (percents, told) in [(vec![20, 30, 40], false), (vec![20, 30, 40, 50], true)] {
        let faults = percents
            .iter()
            .map(|percent| format!(",fault=timeout@{percent}%"));
        let bench = bench(&format!("v3-dfu{}", faults.collect::<String>()));
        let ran = flash(&bench, combined(Mcu::Stm32F042, Transport::Usb));
        let named = ran.events.iter().any(
            |event| matches!(event, JobEvent::Warning { text } if text.contains("another cable")),
        );
        assert_eq!(named, told, "{percents:?}: {:?}", ran.lifecycle());
    }
}

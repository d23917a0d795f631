//! The Katapult and identify drivers on the simulated bench, which was written from the specification and not
//! from them: both protocol versions, entry and return, and every fault of the bench at many places.
#![expect(clippy::expect_used, clippy::panic, reason = "a test")]

use std::ops::ControlFlow;
use std::time::Duration;

use carto_flasher::board::{Mcu, Mode, Sighting, Transport, recognise};
use carto_flasher::katapult::entry::{FoundAgain, find_again};
use carto_flasher::katapult::{KatapultError, KatapultSession, ProtocolVersion};
use carto_flasher::klipper::identify;
use carto_flasher::transport::sim::{SimHardware, practice};
use carto_flasher::transport::{DeviceInfo, Hardware, LinkErrorKind};

const VERSION: &str = "CARTOGRAPHER V9 9.9.9";

fn go(_: u64) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn bench(spec: &str) -> SimHardware {
    SimHardware::new_virtual(spec).expect("a bench string")
}

fn only_device(bench: &SimHardware) -> DeviceInfo {
    let devices = bench.list().expect("a list");
    assert_eq!(devices.len(), 1, "{devices:?}");
    devices.into_iter().next().expect("one")
}

/// Waits until `found` says so.
fn wait<T>(bench: &SimHardware, found: impl Fn(&[DeviceInfo]) -> Option<T>) -> T {
    for _ in 0..100 {
        if let Some(found) = found(&bench.list().expect("a list")) {
            return found;
        }
        bench.wait_for_change(Duration::from_millis(100));
    }
    panic!("it did not come in 10 s");
}

/// An application for the only probe of the bench, in Katapult, written and started as the engine does.
fn flash(bench: &SimHardware, mcu: Mcu, image: &[u8]) -> Result<(), KatapultError> {
    let device = only_device(bench);
    let mut link = bench.open_serial(&device.id)?;
    let mut session = KatapultSession::connect(link.as_mut(), bench.clock())?;
    let start = session.info().app_start;
    let page_size = mcu.chip().page_size;
    session.read(start, image.len(), &mut go)?;
    session.invalidate_page(start)?;
    let pages: Vec<(u32, &[u8])> = (start..)
        .step_by(page_size as usize)
        .zip(image.chunks(page_size as usize))
        .collect();
    let (first, others) = pages.split_first().expect("a page");
    for (address, data) in others {
        session.write_page(*address, data, page_size, &mut go)?;
    }
    session.write_page(first.0, first.1, page_size, &mut go)?;
    let held = session.read(start, image.len(), &mut go)?;
    assert!(held == image, "what was acknowledged is there");
    session.finish()?;
    session.complete()
}

const PROBES: [(&str, Mcu, ProtocolVersion); 2] = [
    ("v3-katapult", Mcu::Stm32F042, ProtocolVersion::new(1, 0, 0)),
    ("v4-katapult", Mcu::Stm32G431, ProtocolVersion::new(1, 1, 0)),
];

#[test]
fn bootloaders_introduce_themselves() {
    for (spec, mcu, protocol) in PROBES {
        let bench = bench(spec);
        let device = only_device(&bench);
        for again in [false, true] {
            let mut link = bench.open_serial(&device.id).expect("a port");
            let session =
                KatapultSession::connect(link.as_mut(), bench.clock()).expect("an answer");
            let info = session.info();
            assert_eq!(info.protocol, protocol, "{spec} {again}");
            assert_eq!(info.mcu, mcu.klipper_name());
            assert_eq!(info.app_start, 0x0800_2000);
            assert_eq!(info.block_size, 64);
            assert_eq!(
                info.version.is_some(),
                protocol >= ProtocolVersion::new(1, 1, 0)
            );
        }
        assert_eq!(bench.violations(), []);
    }
}

#[test]
fn an_application_is_written_started_and_says_who_it_is() {
    for (spec, mcu, _) in PROBES {
        let bench = bench(spec);
        let before = only_device(&bench);
        let image = practice::app(mcu, Transport::Usb, VERSION);
        flash(&bench, mcu, &image).expect("a whole job");
        let flash = bench.dump(0);
        let app = &flash[0x2000..];
        assert!(app[..image.len()] == image, "{spec}");
        let device = wait(&bench, |now| match find_again(&before, now) {
            FoundAgain::StillFirmware(device) => Some(device),
            _ => None,
        });
        let mut link = bench.open_serial(&device.id).expect("a port");
        let identity = identify(link.as_mut(), bench.clock()).expect("an answer");
        assert_eq!(identity.version, VERSION);
        assert_eq!(identity.mcu, Some(mcu));
        assert_eq!(identity.transport, Some(Transport::Usb));
        assert_eq!(bench.violations(), []);
    }
}

#[test]
fn a_touch_leads_from_firmware_to_katapult_and_the_probe_is_found_again() {
    for (spec, mcu) in [("v3-usb", Mcu::Stm32F042), ("v4-usb", Mcu::Stm32G431)] {
        let bench = bench(spec);
        let before = only_device(&bench);
        assert_eq!(
            find_again(&before, std::slice::from_ref(&before)),
            FoundAgain::StillFirmware(before.clone())
        );
        bench.touch_1200(&before.id).expect("a touch");
        let device = wait(&bench, |now| match find_again(&before, now) {
            FoundAgain::Katapult(device) => Some(device),
            _ => None,
        });
        let katapult = Sighting::Probe {
            mode: Mode::Katapult,
            mcu: Some(mcu),
        };
        assert_eq!(recognise(&device), katapult);
        let mut link = bench.open_serial(&device.id).expect("a port");
        let session = KatapultSession::connect(link.as_mut(), bench.clock()).expect("an answer");
        assert_eq!(session.info().mcu, mcu.klipper_name());
    }
}

#[test]
fn running_firmware_says_who_it_is_as_often_as_it_is_asked() {
    for (spec, mcu) in [
        ("v3-usb", Mcu::Stm32F042),
        ("v4-usb", Mcu::Stm32G431),
        ("v4-usb,noise", Mcu::Stm32G431),
    ] {
        let bench = bench(spec);
        let device = only_device(&bench);
        for _ in 0..3 {
            let mut link = bench.open_serial(&device.id).expect("a port");
            let identity = identify(link.as_mut(), bench.clock()).expect("an answer");
            assert_eq!(identity.mcu, Some(mcu), "{spec}");
            assert_eq!(identity.transport, Some(Transport::Usb), "{spec}");
        }
        assert_eq!(bench.violations(), [], "{spec}");
    }
}

#[test]
fn a_mute_bootloader_is_named() {
    for (spec, _, _) in PROBES {
        let bench = bench(&format!("{spec},mute"));
        let device = only_device(&bench);
        let mut link = bench.open_serial(&device.id).expect("a port");
        let error = KatapultSession::connect(link.as_mut(), bench.clock()).expect_err("silence");
        assert_eq!(error, KatapultError::Mute);
        assert!(bench.clock().now() < Duration::from_secs(5));
    }
}

#[test]
fn every_fault_ends_well_or_has_a_name() {
    for (spec, mcu, _) in PROBES {
        // Three pages are enough to meet every kind of transfer.
        let mut image = practice::app(mcu, Transport::Usb, VERSION);
        image.truncate(mcu.chip().page_size as usize * 2 + 500);
        let whole = bench(spec);
        flash(&whole, mcu, &image).expect("a whole job");
        let transfers = whole.trace().count();
        for kind in [
            "unplug",
            "stall",
            "timeout",
            "short",
            "corrupt",
            "duplicate",
            "delay",
            "busy",
            "silence",
        ] {
            for at in (1..=transfers).step_by(23) {
                let spec = format!("{spec},fault={kind}@{at}");
                let bench = bench(&spec);
                let started = bench.clock().now();
                let result = flash(&bench, mcu, &image);
                let took = bench.clock().now().saturating_sub(started);
                assert!(took < Duration::from_secs(30), "{spec}: {took:?}");
                match (kind, result) {
                    (_, Ok(())) => {
                        assert!(bench.dump(0)[0x2000..][..image.len()] == image, "{spec}");
                    }
                    ("unplug", Err(KatapultError::Link(error))) => {
                        assert_eq!(error.kind, LinkErrorKind::Disconnected, "{spec}");
                    }
                    ("stall", Err(KatapultError::Link(error))) => {
                        assert_eq!(error.kind, LinkErrorKind::Stalled, "{spec}");
                    }
                    // A frame that may be half out must not be followed by another.
                    (
                        "timeout" | "silence",
                        Err(KatapultError::Mute | KatapultError::StoppedAnswering { .. }),
                    ) => {}
                    (_, Err(error)) => panic!("{spec}: {error}"),
                }
            }
        }
    }
}

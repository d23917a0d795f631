//! The driver against a scripted device.
#![expect(
    clippy::cast_possible_truncation,
    reason = "addresses and lengths of a 32-bit chip"
)]

mod babble;
mod device;
mod faults;

use std::ops::ControlFlow;
use std::time::Duration;

use device::{APP, BASE, Device, VirtualClock};

use super::*;
use crate::katapult::message::ProtocolVersion;
use crate::transport::SerialLink;

/// An application with everything a frame is made of inside, blank stretches, and an odd length.
fn image(length: usize) -> Vec<u8> {
    let mut state = 0x1234_5678_u32;
    let mut image: Vec<u8> = (0..length)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            [0x01, 0x88, 0x99, 0x03, 0xa0, 0x12, 0x00, 0x5a][(state >> 29) as usize]
        })
        .collect();
    if length > 1400 {
        image[1100..1400].fill(0xff);
    }
    if length > 3000 {
        image[2048 + 700..3000].fill(0xff);
    }
    image
}

fn go(_: u64) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// A whole job, as the engine does it.
fn flash(
    link: &mut dyn SerialLink,
    clock: &dyn Clock,
    image: &[u8],
    page_size: u32,
    pace: Pace,
) -> Result<u32, KatapultError> {
    let mut session = KatapultSession::connect(link, clock)?;
    session.pace = pace;
    let start = session.info().app_start;
    let pages: Vec<(u32, &[u8])> = (start..)
        .step_by(page_size as usize)
        .zip(image.chunks(page_size as usize))
        .collect();
    session.read(start, image.len(), &mut go)?;
    session.invalidate_page(start)?;
    for (address, data) in &pages[1..] {
        session.write_page(*address, data, page_size, &mut go)?;
    }
    session.write_page(start, pages[0].1, page_size, &mut go)?;
    let back = session.read(start, image.len(), &mut go)?;
    assert!(back == image, "what is read back is what was written");
    let count = session.finish()?;
    session.complete()?;
    Ok(count)
}

#[test]
fn whole_job_on_both_protocols() {
    for (make, pages, version) in [
        (
            Device::v3 as fn(&'static VirtualClock) -> Device<'static>,
            6,
            ProtocolVersion::new(1, 0, 0),
        ),
        (Device::v4, 4, ProtocolVersion::new(1, 1, 0)),
    ] {
        for pace in [Pace::Windowed, Pace::StopAndWait] {
            let clock: &VirtualClock = Box::leak(Box::default());
            let mut device = make(clock);
            assert_eq!(device.info.protocol, version);
            let image = image(5000);
            let page_size = device.page_size();
            let before = device.app().to_vec();
            // The invalidated page is written twice.
            assert_eq!(
                flash(&mut device, clock, &image, page_size, pace),
                Ok(pages)
            );
            assert_eq!(device.app()[..5000], image);
            let end = 5000_usize.next_multiple_of(page_size as usize);
            assert!(device.app()[5000..end].iter().all(|byte| *byte == 0xff));
            assert_eq!(
                device.app()[end..],
                before[end..],
                "no other page is touched"
            );
            assert!(device.started.is_some());
            assert!(device.most_unread <= if pace == Pace::Windowed { 3 } else { 2 });
        }
    }
}

#[test]
fn the_bootloader_introduces_itself() {
    for (texts, wanted) in [
        (("stm32f042x6", None), ProtocolVersion::new(1, 0, 0)),
        (
            ("stm32g431xx", Some("v0.0.1-104-gfcb2f84-dirty")),
            ProtocolVersion::new(1, 1, 0),
        ),
        // 64 bytes exactly: held back by the host until something follows.
        (
            ("stm32g431xx", Some("v0.0.1-104-gfcb2f84-d")),
            ProtocolVersion::new(1, 1, 0),
        ),
    ] {
        for holds_first in [true, false] {
            let clock = VirtualClock::default();
            let mut device = Device::v4(&clock);
            device.holds_first = holds_first;
            device.info.protocol = wanted;
            device.info.mcu = texts.0.into();
            device.info.version = texts.1.map(Into::into);
            let expected = device.info.clone();
            let session = KatapultSession::connect(&mut device, &clock).unwrap();
            assert_eq!(session.info(), &expected);
            drop(session);
            assert!(
                clock.now() < Duration::from_millis(800),
                "{:?}",
                clock.now()
            );
        }
    }
}

#[test]
fn the_device_decides_block_size_and_app_start() {
    for block_size in [64, 128, 256, 512] {
        let clock = VirtualClock::default();
        let mut device = Device::v4(&clock);
        device.info.block_size = block_size;
        device.info.app_start = BASE + 0x4000;
        let image = image(5000);
        assert_eq!(
            flash(&mut device, &clock, &image, 2048, Pace::Windowed),
            Ok(4)
        );
        assert_eq!(device.app()[..5000], image);
    }
    for block_size in [0, 32, 96, 1024, u32::MAX] {
        let clock = VirtualClock::default();
        let mut device = Device::v4(&clock);
        device.info.block_size = block_size;
        let refused = KatapultSession::connect(&mut device, &clock).unwrap_err();
        assert_eq!(refused, KatapultError::UnsupportedBlockSize { block_size });
    }
}

#[test]
fn a_page_is_its_first_block_then_what_is_not_blank_behind() {
    let clock = VirtualClock::default();
    let mut device = Device::v3(&clock);
    let mut session = KatapultSession::connect(&mut device, &clock).unwrap();
    let mut page = vec![0xff; 1024];
    page[64 * 3] = 0;
    session
        .write_page(APP + 1024, &page, 1024, &mut go)
        .unwrap();
    session
        .write_page(APP, &[0xff; 1024], 1024, &mut go)
        .unwrap();
    session.invalidate_page(APP).unwrap();
    drop(session);
    let sent: Vec<u32> = device
        .commands
        .iter()
        .filter_map(Command::address)
        .collect();
    assert_eq!(
        sent,
        [APP + 1024, APP + 1088, APP + 1152, APP + 1216, APP, APP]
    );
    assert_eq!(device.app()[..4], [0; 4]);
    assert!(device.app()[4..1024].iter().all(|byte| *byte == 0xff));
    assert_eq!(device.app()[1024..2048], page);
}

#[test]
fn progress_counts_every_byte_once() {
    let clock = VirtualClock::default();
    let mut device = Device::v3(&clock);
    device.fault = device::Fault::Refuse {
        address: APP + 640,
        times: 1,
    };
    let mut session = KatapultSession::connect(&mut device, &clock).unwrap();
    let mut told = Vec::new();
    let mut count = |bytes| {
        told.push(bytes);
        ControlFlow::Continue(())
    };
    session
        .write_page(APP, &image(1000), 1024, &mut count)
        .unwrap();
    assert_eq!(told.iter().sum::<u64>(), 1000);
    assert_eq!(told.len(), 16);
    let mut told = 0;
    let back = session
        .read(APP, 1000, &mut |bytes| {
            told += bytes;
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!((back, told), (image(1000), 1000));
}

#[test]
fn a_cancelled_page_is_finished_and_a_cancelled_read_stops() {
    let clock = VirtualClock::default();
    let mut device = Device::v3(&clock);
    let mut session = KatapultSession::connect(&mut device, &clock).unwrap();
    let mut stop = |_| ControlFlow::Break(());
    assert_eq!(
        session.write_page(APP, &image(1024), 1024, &mut stop),
        Err(KatapultError::Cancelled)
    );
    assert_eq!(
        session.read(APP, 1024, &mut stop),
        Err(KatapultError::Cancelled)
    );
    // The line is clean: the session goes on.
    assert_eq!(session.finish(), Ok(1));
    drop(session);
    assert_eq!(device.app()[..1024], image(1024));
    let reads = device
        .commands
        .iter()
        .filter(|command| matches!(command, Command::RequestBlock { .. }))
        .count();
    assert!(reads <= 3, "{reads}");
}

#[test]
fn nothing_outside_flash_is_ever_asked_for() {
    let clock = VirtualClock::default();
    let mut device = Device::v3(&clock);
    let mut session = KatapultSession::connect(&mut device, &clock).unwrap();
    let end = BASE + 32 * 1024;
    let block = vec![0; 64];
    for (address, length) in [
        (BASE - 64, 64),
        (end, 64),
        (end - 64, 65),
        (0, 64),
        (0x1fff_f7ac, 12),
        (u32::MAX - 63, 64),
        (BASE, usize::MAX / 2),
        (BASE, usize::MAX),
    ] {
        let refused = session.read(address, length, &mut go).unwrap_err();
        assert!(
            matches!(refused, KatapultError::BadRange { .. }),
            "{refused}"
        );
    }
    for (address, data, page_size) in [
        (BASE, block.as_slice(), 1024),
        (APP - 1024, &block, 1024),
        (APP + 64, &block, 1024),
        (end, &block, 1024),
        (APP, &[], 1024),
        (APP, &[0; 1025], 1024),
        (APP, &block, 0),
        (APP, &block, 100),
    ] {
        let refused = session
            .write_page(address, data, page_size, &mut go)
            .unwrap_err();
        assert!(
            matches!(refused, KatapultError::BadRange { .. }),
            "{refused}"
        );
    }
    assert!(session.invalidate_page(BASE).is_err());
    // The bounds themselves are fine, and so is Katapult's own part.
    assert_eq!(
        session.read(BASE, 32 * 1024, &mut go).unwrap().len(),
        32 * 1024
    );
    assert_eq!(session.read(BASE, 0, &mut go), Ok(vec![]));
    session
        .write_page(end - 1024, &[1; 1024], 1024, &mut go)
        .unwrap();
    drop(session);
    assert_eq!(device.flash[31 * 1024..], [1; 1024]);
}

#[test]
#[expect(clippy::print_stdout, reason = "a measured number is worth seeing")]
fn the_window_hides_the_latency() {
    let image = image(21 * 1024);
    let mut took = Vec::new();
    for pace in [Pace::StopAndWait, Pace::Windowed] {
        let clock = VirtualClock::default();
        let mut device = Device::v3(&clock);
        flash(&mut device, &clock, &image, 1024, pace).unwrap();
        took.push(clock.now());
    }
    let ratio = took[1].as_secs_f64() / took[0].as_secs_f64();
    println!("21 KB at 1 ms each way: {took:?}, ratio {ratio:.2}");
    assert!(ratio <= 0.7, "{took:?}: {ratio:.2}");
}

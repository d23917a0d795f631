//! The shipped serial code against a pseudo-terminal: what a fake link could not show. First the link itself,
//! then whole jobs with the simulated probe at the other end.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code: a panic is a failure"
)]

mod support;

use std::fs::File;
use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread::Builder;
use std::time::Duration;

use carto_flasher::board::{Mcu, Transport};
use carto_flasher::flash::engine::{self, Patience};
use carto_flasher::flash::{JobEnd, Outcome};
use carto_flasher::katapult::KatapultSession;
use carto_flasher::klipper::identify;
use carto_flasher::transport::native::RealClock;
use carto_flasher::transport::serial::{self, holder};
use carto_flasher::transport::sim::SimHardware;
use carto_flasher::transport::{
    Clock, DeviceId, DeviceInfo, DfuLink, Hardware, LinkError, LinkErrorKind, SerialLink,
};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use support::{Heard, Kept, app, device, new_version, plan_for};

const SHORT: Duration = Duration::from_millis(20);
const LONG: Duration = Duration::from_secs(5);

/// The device's end of a terminal, and the path of ours.
struct Pty {
    device: File,
    path: String,
}

impl Pty {
    fn new() -> Self {
        let device =
            openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&device).unwrap();
        unlockpt(&device).unwrap();
        let path = ptsname(&device, Vec::new()).unwrap();
        Self {
            path: path.to_str().unwrap().to_owned(),
            device: File::from(device),
        }
    }

    /// Another process that has the terminal open, as its standard input.
    fn held_by(&self, mut program: Command) -> Child {
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let terminal = rustix::fs::open(self.path.as_str(), flags, Mode::empty()).unwrap();
        program
            .stdin(Stdio::from(terminal))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }
}

fn sleeping() -> Command {
    let mut program = Command::new("sleep");
    program.arg("600");
    program
}

fn end(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Reads until `count` bytes are there or the time is over.
fn collect(link: &mut dyn SerialLink, count: usize) -> Vec<u8> {
    let clock = RealClock::new();
    let mut all = Vec::new();
    while all.len() < count && clock.now() < LONG {
        let mut buffer = [0; 64];
        let got = link.read(&mut buffer, SHORT).unwrap();
        all.extend_from_slice(buffer.get(..got).unwrap());
    }
    all
}

#[test]
fn every_byte_passes_both_ways_unchanged() {
    let mut pty = Pty::new();
    let mut link = serial::open(&pty.path, RealClock::new()).unwrap();
    // Every value: a terminal that is not raw eats or changes several.
    let bytes: Vec<u8> = (0..=255).collect();
    link.write(&bytes, LONG).unwrap();
    let mut heard = vec![0; bytes.len()];
    pty.device.read_exact(&mut heard).unwrap();
    assert_eq!(heard, bytes);
    pty.device.write_all(&bytes).unwrap();
    assert_eq!(collect(&mut link, bytes.len()), bytes);
    // And nothing of it came back to the device as an echo.
    link.write(b"end", LONG).unwrap();
    let mut heard = [0; 16];
    let got = pty.device.read(&mut heard).unwrap();
    assert_eq!(heard.get(..got), Some(b"end".as_slice()));
}

#[test]
fn nothing_to_read_is_no_error_and_takes_its_time() {
    let pty = Pty::new();
    let mut link = serial::open(&pty.path, RealClock::new()).unwrap();
    let clock = RealClock::new();
    assert_eq!(link.read(&mut [0; 8], SHORT), Ok(0));
    assert!(clock.now() >= SHORT);
    assert_eq!(link.read(&mut [0; 8], Duration::ZERO), Ok(0));
    assert_eq!(link.read(&mut [], LONG), Ok(0));
}

#[test]
fn a_read_ends_with_the_first_bytes() {
    let mut pty = Pty::new();
    let mut link = serial::open(&pty.path, RealClock::new()).unwrap();
    pty.device.write_all(&[1, 2, 3]).unwrap();
    let clock = RealClock::new();
    let mut buffer = [0; 64];
    assert_eq!(link.read(&mut buffer, LONG), Ok(3));
    assert!(clock.now() < LONG);
}

#[test]
fn a_device_that_takes_nothing_is_a_timeout_and_closing_does_not_hang() {
    let pty = Pty::new();
    let clock = RealClock::new();
    let mut link = serial::open(&pty.path, clock).unwrap();
    // Frames as they are sent, until the terminal's buffer is full.
    let error = (0..100_000)
        .find_map(|_| link.write(&[0x55; 64], SHORT).err())
        .unwrap();
    assert_eq!(error.kind, LinkErrorKind::TimedOut);
    assert!(error.may_be_gone());
    drop(link);
    assert!(clock.now() < LONG * 2);
}

#[test]
fn a_port_opens_once_at_a_time() {
    let pty = Pty::new();
    let first = serial::open(&pty.path, RealClock::new()).unwrap();
    let error = serial::open(&pty.path, RealClock::new()).unwrap_err();
    assert_eq!(error.kind, LinkErrorKind::Busy);
    drop(first);
    serial::open(&pty.path, RealClock::new()).unwrap();
}

#[test]
fn an_unplug_is_told_by_the_next_read_and_write() {
    let pty = Pty::new();
    let mut link = serial::open(&pty.path, RealClock::new()).unwrap();
    drop(pty.device);
    let gone = [LinkErrorKind::Disconnected, LinkErrorKind::Io];
    let error = link.read(&mut [0; 8], LONG).unwrap_err();
    assert!(gone.contains(&error.kind), "{error:?}");
    let error = link.write(&[0; 8], LONG).unwrap_err();
    assert!(gone.contains(&error.kind), "{error:?}");
}

#[test]
fn a_port_that_is_not_there() {
    let error = serial::open("/dev/ttyACM99", RealClock::new()).unwrap_err();
    assert_eq!(error.kind, LinkErrorKind::NotFound);
}

/// A program that opens the port without locking it, as Klipper's could be opened in spite of: the kernel
/// would let us in, so we must look first.
#[test]
fn a_port_that_another_process_has_open_is_refused_with_its_name() {
    let pty = Pty::new();
    assert_eq!(holder::of(&pty.path), None);
    let child = pty.held_by(sleeping());
    let pid = child.id();
    let clock = RealClock::new();
    let error = serial::open(&pty.path, clock).unwrap_err();
    let took = clock.now();
    let touched = serial::touch(&pty.path, RealClock::new()).unwrap_err();
    end(child);
    assert_eq!(error.kind, LinkErrorKind::Busy);
    assert_eq!(error.detail, Some(format!("sleep (process {pid})")));
    assert_eq!(touched.kind, LinkErrorKind::Busy);
    assert!(took < LONG, "a named holder is not waited for");
    serial::open(&pty.path, RealClock::new()).unwrap();
}

#[test]
fn the_touch_leaves_the_port_at_1200() {
    let pty = Pty::new();
    serial::touch(&pty.path, RealClock::new()).unwrap();
    let speed = rustix::termios::tcgetattr(&pty.device)
        .unwrap()
        .output_speed();
    assert_eq!(speed, 1200);
    // And an ordinary open puts it back.
    let _link = serial::open(&pty.path, RealClock::new()).unwrap();
    let speed = rustix::termios::tcgetattr(&pty.device)
        .unwrap()
        .output_speed();
    assert_eq!(speed, 115_200);
}

/// A simulated bench in real time whose serial ports are terminals, opened by the code that is shipped.
struct BehindPty {
    bench: SimHardware,
    clock: RealClock,
}

impl BehindPty {
    fn new(spec: &str) -> Self {
        let clock = RealClock::new();
        Self {
            bench: SimHardware::from_spec(spec, Arc::new(clock)).unwrap(),
            clock,
        }
    }

    fn open(&self) -> Box<dyn SerialLink> {
        self.open_serial(&device(&self.bench).id).unwrap()
    }
}

impl Hardware for BehindPty {
    fn list(&self) -> Result<Vec<DeviceInfo>, LinkError> {
        self.bench.list()
    }

    fn open_dfu(&self, device: &DeviceId) -> Result<Box<dyn DfuLink>, LinkError> {
        self.bench.open_dfu(device)
    }

    fn open_serial(&self, device: &DeviceId) -> Result<Box<dyn SerialLink>, LinkError> {
        let probe = self.bench.open_serial(device)?;
        let pty = Pty::new();
        let link = serial::open(&pty.path, self.clock)?;
        Builder::new()
            .name("pump".to_owned())
            .spawn(move || pump(pty.device, probe))
            .unwrap();
        Ok(Box::new(link))
    }

    fn touch_1200(&self, device: &DeviceId) -> Result<(), LinkError> {
        self.bench.touch_1200(device)
    }

    fn wait_for_change(&self, timeout: Duration) -> bool {
        self.bench.wait_for_change(timeout)
    }

    fn clock(&self) -> &dyn Clock {
        &self.clock
    }
}

/// Carries bytes between the terminal and the simulated probe until either end is gone.
fn pump(mut terminal: File, mut probe: Box<dyn SerialLink>) {
    const TICK: Duration = Duration::from_millis(1);
    let tick = Timespec {
        tv_sec: 0,
        tv_nsec: 1_000_000,
    };
    let mut buffer = [0; 4096];
    loop {
        let mut ready = [PollFd::new(&terminal, PollFlags::IN)];
        if poll(&mut ready, Some(&tick)).unwrap() > 0 {
            let Ok(got @ 1..) = terminal.read(&mut buffer) else {
                return;
            };
            if probe.write(&buffer[..got], LONG).is_err() {
                return;
            }
        }
        match probe.read(&mut buffer, TICK) {
            Ok(got) if terminal.write_all(&buffer[..got]).is_ok() => {}
            _ => return,
        }
    }
}

#[test]
fn katapult_introduces_itself_and_is_read() {
    for (persona, mcu) in [
        ("v3-katapult", Mcu::Stm32F042),
        ("v4-katapult", Mcu::Stm32G431),
    ] {
        let behind = BehindPty::new(persona);
        let flash = behind.bench.dump(0);
        let mut link = behind.open();
        let mut session = KatapultSession::connect(link.as_mut(), behind.clock()).unwrap();
        assert_eq!(session.info().mcu, mcu.klipper_name());
        let base = mcu.chip().flash_base;
        let read = session
            .read(base, flash.len(), &mut |_| {
                std::ops::ControlFlow::Continue(())
            })
            .unwrap();
        assert_eq!(read, flash, "{persona}");
        assert_eq!(behind.bench.violations(), [], "{persona}");
    }
}

#[test]
fn running_firmware_tells_its_version() {
    for (persona, mcu) in [
        ("v3-usb", Mcu::Stm32F042),
        ("v3-usb-old", Mcu::Stm32F042),
        ("v4-usb", Mcu::Stm32G431),
    ] {
        let behind = BehindPty::new(persona);
        let mut link = behind.open();
        let identity = identify(link.as_mut(), behind.clock()).unwrap();
        assert_eq!(identity.mcu, Some(mcu), "{persona}");
        assert_eq!(identity.transport, Some(Transport::Usb), "{persona}");
        assert_eq!(behind.bench.violations(), [], "{persona}");
    }
}

#[test]
fn a_whole_update_goes_through_the_shipped_serial_code() {
    for (persona, mcu) in [("v3-usb", Mcu::Stm32F042), ("v4-usb", Mcu::Stm32G431)] {
        let behind = BehindPty::new(persona);
        let image = app(mcu, Transport::Usb);
        let plan = plan_for(&behind.bench, image.clone()).unwrap();
        let mut heard = Heard::default();
        let patience = Patience {
            reconnect: Duration::ZERO,
        };
        let end = engine::run(&plan, &behind, &mut Kept::default(), patience, &mut heard);
        let JobEnd::Finished(report) = end else {
            panic!("{persona}: {end:?} {:#?}", heard.events.last());
        };
        let Outcome::Returned { version, .. } = &report.outcome else {
            panic!("{persona}: {:?}", report.outcome);
        };
        assert_eq!(version.as_deref(), Some(new_version(mcu)), "{persona}");
        let after = behind.bench.dump(0);
        assert!(after[0x2000..].starts_with(image.bytes()), "{persona}");
        assert_eq!(behind.bench.violations(), [], "{persona}");
    }
}

#[test]
fn an_unplug_in_mid_read_is_told() {
    let behind = BehindPty::new("v4-katapult");
    let mut link = behind.open();
    let mut session = KatapultSession::connect(link.as_mut(), behind.clock()).unwrap();
    let mut reports = 0;
    let error = session
        .read(0x0800_0000, 0x8000, &mut |_| {
            reports += 1;
            if reports == 5 {
                behind.bench.unplug(0);
            }
            std::ops::ControlFlow::Continue(())
        })
        .unwrap_err();
    assert!(error.is_disconnect_like(), "{error:?}");
}

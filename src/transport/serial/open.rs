//! Opening a port with the right manners, and the 1200-baud touch.

use std::time::Duration;

use serialport::SerialPort;

use super::error::kind_of_open;
use super::holder::{self, Holder};
use super::link::SerialPortLink;
use super::ports;
use crate::transport::native::{Os, RealClock, node};
use crate::transport::{Clock, Doing, LinkError, LinkErrorKind};

/// USB ignores the rate; only 1200 has a meaning, and a terrible one (protocols.md §4.5, §5.4).
const ORDINARY_BAUD: u32 = 115_200;
/// With DTR going off, this rate asks running firmware to start its bootloader (protocols.md §4.5).
const TOUCH_BAUD: u32 = 1_200;
/// ModemManager looks at a fresh port for some seconds (protocols.md §3.2).
const BUSY_PATIENCE: Duration = Duration::from_secs(5);
/// A fresh port gets its permissions a little later (protocols.md §4.5).
const SETTLE: Duration = Duration::from_secs(3);
const RETRY: Duration = Duration::from_millis(100);

/// Opens a port exclusively, at an ordinary rate.
///
/// A port that a named program holds is refused at once; if it is ModemManager, or nobody can be named, it is
/// tried for five seconds.
pub fn open(port: &str, clock: RealClock) -> Result<SerialPortLink, LinkError> {
    let opened = open_at(port, clock, ORDINARY_BAUD, Doing::Opening)?;
    Ok(SerialPortLink::new(opened, clock))
}

/// Asks the firmware behind this port for its bootloader.
///
/// Once the port is open every error is taken for the device resetting under us (protocols.md §4.5): whether
/// it worked is seen on the bus.
pub fn touch(port: &str, clock: RealClock) -> Result<(), LinkError> {
    let plan = touch_plan(Os::HERE);
    let mut opened = match open_at(port, clock, plan.open_at, Doing::Touching) {
        Ok(opened) => opened,
        Err(error) if reset_under_us(error.kind) => {
            tracing::debug!(%error, "the device left while its port was being opened for the touch");
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    for step in plan.steps {
        let done = match *step {
            Step::Dtr(on) => opened.write_data_terminal_ready(on),
            Step::Baud(rate) => opened.set_baud_rate(rate),
        };
        if let Err(error) = done {
            tracing::debug!(?step, %error, "a step of the touch failed; the device may be gone already");
        }
    }
    Ok(())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Dtr(bool),
    Baud(u32),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct TouchPlan {
    open_at: u32,
    steps: &'static [Step],
}

/// The firmware acts when DTR goes off while the rate is 1200 (protocols.md §4.5). On Unix opening raises
/// DTR by itself. Windows sets rate and lines in one go, so there the port is opened at 1200 already.
fn touch_plan(os: Os) -> TouchPlan {
    match os {
        Os::Linux | Os::MacOs => TouchPlan {
            open_at: ORDINARY_BAUD,
            steps: &[Step::Dtr(true), Step::Baud(TOUCH_BAUD), Step::Dtr(false)],
        },
        Os::Windows => TouchPlan {
            open_at: TOUCH_BAUD,
            steps: &[Step::Dtr(false)],
        },
    }
}

/// True for what opening may say of a device that the same call has reset.
///
/// Windows sets the rate and drops DTR while it opens, so the device may go in the middle of that, and what comes is
/// then 2 (no such device) or 5 (about to be deleted) as well as 22, 31, 433 or 1167. serialport makes one kind of the
/// first two, whichever call they are from: with the port still listed it reads as busy and is tried again, and as not
/// found once it is not. A port that was listed a moment ago and cannot be found has left, for one reason or another.
fn reset_under_us(kind: LinkErrorKind) -> bool {
    match kind {
        LinkErrorKind::Disconnected
        | LinkErrorKind::NotFound
        | LinkErrorKind::Io
        | LinkErrorKind::TimedOut
        | LinkErrorKind::Stalled
        | LinkErrorKind::Overflow
        | LinkErrorKind::Other => true,
        LinkErrorKind::NotPermitted | LinkErrorKind::Busy | LinkErrorKind::NoDriver => false,
    }
}

fn open_at(
    port: &str,
    clock: RealClock,
    baud: u32,
    doing: Doing,
) -> Result<Box<dyn SerialPort>, LinkError> {
    patiently(
        &clock,
        doing,
        || holder::of(port),
        || node::is_fresh(port, clock.wall(), SETTLE),
        || {
            serialport::new(port, baud)
                .dtr_on_open(true)
                .timeout(RETRY)
                .open()
                .map_err(|error| {
                    let kind = kind_of_open(&error, Os::HERE != Os::Windows || ports::listed(port));
                    let refused = LinkError::new(kind, doing);
                    // The detail of this kind is who has it, and the system does not say.
                    if kind == LinkErrorKind::Busy {
                        return refused;
                    }
                    refused.with_detail(error.description)
                })
        },
    )
}

/// Tries until it works or is hopeless. Whoever holds the port is asked after *before* each try: Klipper's
/// lock would not keep us out (protocols.md §5.4).
fn patiently<T>(
    clock: &dyn Clock,
    doing: Doing,
    holder: impl Fn() -> Option<Holder>,
    settling: impl Fn() -> bool,
    mut attempt: impl FnMut() -> Result<T, LinkError>,
) -> Result<T, LinkError> {
    let started = clock.now();
    loop {
        let waited = clock.now().saturating_sub(started);
        let (error, hopeless) = match holder() {
            Some(holder) => (
                LinkError::new(LinkErrorKind::Busy, doing).with_detail(holder.to_string()),
                !holder.lets_go_by_itself() || waited >= BUSY_PATIENCE,
            ),
            None => match attempt() {
                Ok(opened) => return Ok(opened),
                Err(error) => {
                    let hopeless = match error.kind {
                        LinkErrorKind::Busy => waited >= BUSY_PATIENCE,
                        LinkErrorKind::NotPermitted => waited >= SETTLE || !settling(),
                        _ => true,
                    };
                    (error, hopeless)
                }
            },
        };
        if hopeless {
            return Err(error);
        }
        clock.sleep(RETRY);
    }
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};
    use std::sync::Mutex;
    use std::time::SystemTime;

    use super::*;

    #[derive(Default)]
    struct Virtual(Mutex<Duration>);

    impl Clock for Virtual {
        fn now(&self) -> Duration {
            *self.0.lock().unwrap()
        }
        fn sleep(&self, duration: Duration) {
            *self.0.lock().unwrap() += duration;
        }
        fn wall(&self) -> SystemTime {
            SystemTime::UNIX_EPOCH + self.now()
        }
    }

    fn named(name: &str) -> Holder {
        Holder {
            name: name.into(),
            pid: 812,
        }
    }

    fn error(kind: LinkErrorKind) -> LinkError {
        LinkError::new(kind, Doing::Opening)
    }

    /// Runs `patiently` with an attempt that ends as told, at which time; gives its result and the time.
    fn run(
        holder: impl Fn(Duration) -> Option<Holder>,
        settling: bool,
        attempt: impl Fn(Duration) -> Result<(), LinkError>,
    ) -> (Result<(), LinkError>, Duration) {
        let clock = Virtual::default();
        let result = patiently(
            &clock,
            Doing::Opening,
            || holder(clock.now()),
            || settling,
            || attempt(clock.now()),
        );
        let now = clock.now();
        (result, now)
    }

    #[test]
    fn a_port_that_klipper_holds_is_refused_at_once_and_not_touched() {
        let tried = Cell::new(false);
        let (result, took) = run(
            |_| Some(named("klippy")),
            false,
            |_| {
                tried.set(true);
                Ok(())
            },
        );
        let error = result.unwrap_err();
        assert_eq!(error.kind, LinkErrorKind::Busy);
        assert_eq!(error.detail.as_deref(), Some("klippy (process 812)"));
        assert_eq!(took, Duration::ZERO);
        assert!(!tried.get());
    }

    #[test]
    fn modem_manager_is_waited_for() {
        let two = Duration::from_secs(2);
        let holder = |now| (now < two).then(|| named("ModemManager"));
        assert_eq!(run(holder, false, |_| Ok(())), (Ok(()), two));
        let (result, took) = run(|_| Some(named("ModemManager")), false, |_| Ok(()));
        assert_eq!(
            result.unwrap_err().detail.as_deref(),
            Some("ModemManager (process 812)")
        );
        assert_eq!(took, BUSY_PATIENCE);
    }

    #[test]
    fn a_holder_nobody_can_name_is_waited_for() {
        let busy = |_| Err(error(LinkErrorKind::Busy));
        assert_eq!(
            run(|_| None, false, busy),
            (Err(error(LinkErrorKind::Busy)), BUSY_PATIENCE)
        );
        let until = |now| {
            if now < Duration::from_millis(450) {
                Err(error(LinkErrorKind::Busy))
            } else {
                Ok(())
            }
        };
        assert_eq!(
            run(|_| None, false, until),
            (Ok(()), Duration::from_millis(500))
        );
    }

    #[test]
    fn permissions_are_waited_for_only_on_a_fresh_node() {
        let denied = |_| Err(error(LinkErrorKind::NotPermitted));
        assert_eq!(run(|_| None, false, denied).1, Duration::ZERO);
        assert_eq!(run(|_| None, true, denied).1, SETTLE);
    }

    #[test]
    fn other_errors_are_final() {
        let calls = RefCell::new(0);
        let (result, _) = run(
            |_| None,
            true,
            |_| {
                *calls.borrow_mut() += 1;
                Err(error(LinkErrorKind::Disconnected))
            },
        );
        assert_eq!(result.unwrap_err().kind, LinkErrorKind::Disconnected);
        assert_eq!(*calls.borrow(), 1);
    }

    #[test]
    fn dtr_goes_off_last_and_at_1200() {
        for os in [Os::Linux, Os::MacOs, Os::Windows] {
            let plan = touch_plan(os);
            assert_eq!(plan.steps.last(), Some(&Step::Dtr(false)), "{os:?}");
            let mut rate = plan.open_at;
            for step in plan.steps {
                match *step {
                    Step::Baud(new) => rate = new,
                    Step::Dtr(on) => assert!(on || rate == TOUCH_BAUD, "{os:?}"),
                }
            }
        }
    }

    #[test]
    fn a_touch_fails_only_if_it_never_began() {
        for kind in [LinkErrorKind::Busy, LinkErrorKind::NotPermitted] {
            assert!(!reset_under_us(kind));
        }
        for kind in [
            LinkErrorKind::Disconnected,
            LinkErrorKind::NotFound,
            LinkErrorKind::Io,
            LinkErrorKind::Other,
        ] {
            assert!(reset_under_us(kind));
        }
    }

    /// What serialport 4.10 makes of the codes with which Windows answers for a device that is resetting: it keeps 2, 3
    /// and 5 apart from the rest, and none by its number.
    #[test]
    fn a_device_that_resets_while_windows_opens_it_has_been_touched() {
        use serialport::ErrorKind as K;
        let table = [
            (2, K::NoDevice, "The system cannot find the file specified."),
            (5, K::NoDevice, "Access is denied."),
            (
                22,
                K::Io(std::io::ErrorKind::Other),
                "The device does not recognize the command.",
            ),
            (
                31,
                K::Io(std::io::ErrorKind::Other),
                "A device attached to the system is not functioning.",
            ),
            (
                433,
                K::Io(std::io::ErrorKind::Other),
                "A device which does not exist was specified.",
            ),
            (
                1167,
                K::Io(std::io::ErrorKind::Other),
                "The device is not connected.",
            ),
        ];
        for (code, kind, words) in table {
            // It leaves the list within the time that a busy port is given.
            let gone_at = Duration::from_millis(300);
            let (result, _) = run(
                |_| None,
                false,
                |now| {
                    let failed = serialport::Error::new(kind, words);
                    Err(error(kind_of_open(&failed, now < gone_at)))
                },
            );
            let kind = result.unwrap_err().kind;
            assert!(reset_under_us(kind), "{code} came out as {kind:?}");
        }
    }
}

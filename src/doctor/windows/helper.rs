//! What the elevated helper is asked, what it does, and how it ends. Pure: `src/bin/carto-flasher-winusb` does
//! the steps.
//!
//! WinUSB comes with Windows, and so does its INF, which Microsoft has signed: selecting it for one device needs no
//! file, no certificate and no download of ours (packaging/windows/README.md tells what was rejected).

use std::path::Path;

use super::node::{Instance, Node, NotABootloader};
use super::{Driver, Trouble, driver, trouble};
use crate::doctor::CommandLine;

/// The helper's name; it lies beside the window's executable.
pub const PROGRAM: &str = "carto-flasher-winusb.exe";
/// Windows' own INF for WinUSB, in `%SystemRoot%\INF`, from Windows 8 on.
pub const INBOX_INF: &str = "winusb.inf";
/// What its only model matches: what devices with a Microsoft OS descriptor announce, and ST's ROM does not.
pub const INBOX_MODEL: &str = r"USB\MS_COMP_WINUSB";

/// What the helper is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Bind WinUSB.
    Install,
    /// Take WinUSB away and let Windows choose afresh, as when the device was first plugged in.
    Restore,
}

impl Action {
    fn word(self) -> &'static str {
        match self {
            Self::Install => "install",
            Self::Restore => "restore",
        }
    }
}

/// One request: one action for one bootloader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// What to do.
    pub action: Action,
    /// For which bootloader.
    pub instance: Instance,
}

impl Request {
    /// From the helper's arguments, its own name left out.
    pub fn parse(arguments: &[String]) -> Result<Self, Outcome> {
        let [action, instance] = arguments else {
            return Err(Outcome::Usage);
        };
        let action = [Action::Install, Action::Restore]
            .into_iter()
            .find(|known| known.word() == action)
            .ok_or(Outcome::Usage)?;
        let instance =
            Instance::parse(instance).map_err(|NotABootloader(_)| Outcome::NotABootloader)?;
        Ok(Self { action, instance })
    }

    /// The command that makes this request.
    pub fn command(&self, helper: &Path) -> CommandLine {
        CommandLine::new(
            helper.to_string_lossy(),
            &[self.action.word(), self.instance.as_str()],
        )
    }
}

/// One thing the helper does to the device, in the order of the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Look whether this Windows has WinUSB at all, before anything is taken away.
    FindWinUsb,
    /// Unbind what is bound. Without it Windows lists only drivers of the same setup class, and WinUSB's is another.
    ClearDriver,
    /// Select Windows' own WinUSB for this device and start it.
    BindWinUsb,
    /// Look whether WinUSB is bound and runs.
    Check,
    /// Take the device, not its driver's files, out of the tree.
    Forget,
    /// Have the bus looked at again: Windows then chooses a driver as for a new device.
    Rescan,
}

/// What has to be done to the device as it is; nothing, if there is nothing to do.
pub fn plan(action: Action, node: &Node) -> Result<Vec<Step>, Outcome> {
    if !node.is_bootloader() {
        return Err(Outcome::NotABootloader);
    }
    match action {
        Action::Install => match (driver(node.service.as_deref()), node.problem.map(trouble)) {
            (_, Some(Trouble::Disabled)) => Err(Outcome::Disabled),
            (Driver::WinUsb, None) => Ok(Vec::new()),
            _ if node.classed => Ok(vec![
                Step::FindWinUsb,
                Step::ClearDriver,
                Step::BindWinUsb,
                Step::Check,
            ]),
            _ => Ok(vec![Step::FindWinUsb, Step::BindWinUsb, Step::Check]),
        },
        Action::Restore => {
            let inbox = |inf: &String| inf.eq_ignore_ascii_case(INBOX_INF);
            match (driver(node.service.as_deref()), &node.inf) {
                // What an installation that was cut off leaves behind.
                (Driver::None, _) if node.classed => Ok(vec![Step::Forget, Step::Rescan]),
                (Driver::None, _) => Ok(Vec::new()),
                (Driver::WinUsb, Some(inf)) if inbox(inf) => Ok(vec![Step::Forget, Step::Rescan]),
                // ST's own package and Zadig bind WinUSB too, from an INF of their own.
                _ => Err(Outcome::NotOurs),
            }
        }
    }
}

/// Takes the steps one after the other, up to the first that fails. `take` says whether a restart is wanted.
pub fn carry_out(steps: &[Step], mut take: impl FnMut(Step) -> Result<bool, Outcome>) -> Outcome {
    let mut restart = false;
    let mut cleared = false;
    for &step in steps {
        match take(step) {
            Ok(wants_restart) => {
                restart |= wants_restart;
                cleared |= step == Step::ClearDriver;
            }
            // A driver that waits for a restart is not bound yet, and that is no failure.
            Err(Outcome::NotBound) if restart => break,
            Err(outcome) => {
                if cleared && !outcome.is_done() {
                    // A device that was left without its driver is as good as unplugged: Windows chooses afresh.
                    take(Step::Forget).and_then(|_| take(Step::Rescan)).ok();
                }
                return outcome;
            }
        }
    }
    if restart {
        Outcome::DoneAfterRestart
    } else {
        Outcome::Done
    }
}

/// What the look afterwards says.
pub fn check(node: Option<&Node>) -> Result<(), Outcome> {
    let Some(node) = node else {
        return Err(Outcome::Gone);
    };
    match (driver(node.service.as_deref()), node.problem.map(trouble)) {
        (Driver::WinUsb, None) => Ok(()),
        (_, Some(Trouble::NeedsRestart)) => Err(Outcome::DoneAfterRestart),
        _ => Err(Outcome::NotBound),
    }
}

/// How a repair ended. What people are told is in `advice`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It did what it was asked.
    Done,
    /// There was nothing to do.
    AlreadyDone,
    /// Done, and it takes effect when the computer is started again.
    DoneAfterRestart,
    /// The arguments are wrong: helper and program are not of one version.
    Usage,
    /// The device is not an ST bootloader, so nothing was changed.
    NotABootloader,
    /// The device is no longer there.
    Gone,
    /// The helper was started without administrator rights.
    NotElevated,
    /// This Windows has no WinUSB of its own.
    NoInboxDriver,
    /// Windows refused.
    Refused,
    /// The driver was not bound by this program, so it is not taken away.
    NotOurs,
    /// Windows accepted, but WinUSB is not what runs.
    NotBound,
    /// The device is disabled; a driver would not start.
    Disabled,
    /// The person answered No.
    Dismissed,
    /// The helper could not be started.
    NotStarted,
    /// It ended with a code that is none of these.
    Unknown(u32),
}

/// The exit codes of the helper. 1 and 101 are left out: they are what a program that breaks ends with.
const CODES: [(u8, Outcome); 12] = [
    (0, Outcome::Done),
    (2, Outcome::Usage),
    (3, Outcome::NotABootloader),
    (4, Outcome::Gone),
    (5, Outcome::NotElevated),
    (6, Outcome::NoInboxDriver),
    (7, Outcome::Refused),
    (8, Outcome::NotOurs),
    (9, Outcome::NotBound),
    (10, Outcome::AlreadyDone),
    (11, Outcome::DoneAfterRestart),
    (12, Outcome::Disabled),
];

impl Outcome {
    /// The exit code that says so.
    pub fn code(self) -> u8 {
        CODES
            .iter()
            .find(|(_, outcome)| *outcome == self)
            .map_or(1, |(code, _)| *code)
    }

    /// What an exit code says.
    pub fn of_code(code: u32) -> Self {
        CODES
            .iter()
            .find(|(known, _)| u32::from(*known) == code)
            .map_or(Self::Unknown(code), |(_, outcome)| *outcome)
    }

    /// True if the device is as was asked for, now or after a restart.
    pub fn is_done(self) -> bool {
        matches!(
            self,
            Self::Done | Self::AlreadyDone | Self::DoneAfterRestart
        )
    }
}

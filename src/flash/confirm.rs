//! Success is the expected device coming back, and saying that it is what was written.

use std::time::Duration;

use super::context::Context;
use super::error::Cause;
use super::event::{Outcome, Phase};
use super::find::Found;
use super::plan::Expectation;
use super::stop::Stop;
use crate::board::Mode;
use crate::klipper;
use crate::transport::DeviceInfo;

/// Wait this long for the device (protocols.md §2.2).
const RETURN_WAIT: Duration = Duration::from_secs(5);
/// A port that just appeared may not be openable for a moment (protocols.md §3.2).
const PORT_SETTLE: Duration = Duration::from_secs(3);
const STEP: Duration = Duration::from_millis(100);

/// Waits for what the plan expects.
pub(super) fn confirm(context: &mut Context<'_>, expect: &Expectation) -> Result<Outcome, Stop> {
    context.begin(Phase::Confirm, 0);
    let outcome = match expect {
        Expectation::Firmware { version } => firmware(context, version.as_deref())?,
        Expectation::NothingOnUsb => {
            match wait_for(context, RETURN_WAIT, |mode| mode != Mode::RomDfu) {
                Return::Here(Mode::Katapult, _) => return Err(Cause::DidNotStart.into()),
                Return::Here(_, device) => returned(device, None),
                Return::Absent { .. }
                    if context.look().is_ok_and(|found| found == Found::Absent) =>
                {
                    Outcome::NowOnCan
                }
                Return::Absent { left } => absent(context, left),
            }
        }
        Expectation::Deployed => {
            match wait_for(context, RETURN_WAIT, |mode| mode == Mode::Katapult) {
                Return::Here(_, device) => returned(device, None),
                // A deployer that meets an error halts without a word (protocols.md §4.8).
                Return::Absent { .. } => return Err(Cause::NotDeployed.into()),
            }
        }
        // A Katapult starts the firmware behind it if there is one.
        Expectation::Katapult | Expectation::Unknown => {
            match wait_for(context, RETURN_WAIT, |mode| mode != Mode::RomDfu) {
                Return::Here(Mode::Firmware, device) => {
                    let version = ask_version(context, &device);
                    returned(device, version)
                }
                Return::Here(_, device) => returned(device, None),
                Return::Absent { left } => absent(context, left),
            }
        }
    };
    context.end();
    Ok(outcome)
}

fn firmware(context: &mut Context<'_>, expected: Option<&str>) -> Result<Outcome, Stop> {
    // Katapult shows itself for a moment only if it found no application to start.
    match wait_for(context, RETURN_WAIT, |mode| mode != Mode::RomDfu) {
        Return::Here(Mode::Katapult, _) => Err(Cause::DidNotStart.into()),
        Return::Here(_, device) => {
            let reported = ask_version(context, &device);
            match (expected, &reported) {
                (Some(expected), Some(reported)) if expected != reported => {
                    Err(Cause::VersionMismatch {
                        expected: expected.to_owned(),
                        reported: reported.clone(),
                    }
                    .into())
                }
                _ => Ok(returned(device, reported)),
            }
        }
        Return::Absent { left } => Ok(absent(context, left)),
    }
}

fn returned(device: Box<DeviceInfo>, version: Option<String>) -> Outcome {
    Outcome::Returned { device, version }
}

/// Nothing came that was expected. A bootloader that never left did not take the command to start: that is cured
/// by power. One that left and came back as DFU has its BOOT0 bridged.
fn absent(context: &Context<'_>, left: bool) -> Outcome {
    match context.look() {
        Ok(Found::Here(Mode::RomDfu, _)) if left => Outcome::ReleaseBoot0,
        _ => Outcome::ReplugToStart,
    }
}

/// What became of a probe that was told to start.
enum Return {
    /// It is there, in a mode that is wanted.
    Here(Mode, Box<DeviceInfo>),
    /// It did not come in time.
    Absent {
        /// Its bootloader was off the bus for a moment.
        left: bool,
    },
}

/// This probe in a mode that is wanted, as soon as it shows itself.
///
/// The bootloader that was just left stays listed for a moment: it counts as a return only once it has been gone.
fn wait_for(context: &Context<'_>, timeout: Duration, wanted: impl Fn(Mode) -> bool) -> Return {
    let deadline = context.clock().now().saturating_add(timeout);
    let mut left = false;
    loop {
        let over = context.clock().now() >= deadline || context.cancelled();
        let found = context.look();
        left = left || !matches!(&found, Ok(Found::Here(_, device)) if context.is_entered(device));
        match found {
            Ok(Found::Here(mode, device)) if wanted(mode) && left => {
                return Return::Here(mode, device);
            }
            _ if over => return Return::Absent { left },
            _ => {}
        }
        context.hardware().wait_for_change(STEP);
    }
}

/// The version the firmware reports. Not being able to ask is worth a warning, not a failure: every byte was
/// verified.
fn ask_version(context: &mut Context<'_>, device: &DeviceInfo) -> Option<String> {
    let deadline = context.clock().now().saturating_add(PORT_SETTLE);
    loop {
        match klipper::ask(context.hardware(), &device.id) {
            Ok(identity) => return Some(identity.version),
            Err(error) if context.clock().now() >= deadline => {
                context.warn(format!(
                    "The firmware is running but could not be asked for its version: {error}"
                ));
                return None;
            }
            Err(_) => context.clock().sleep(STEP),
        }
    }
}

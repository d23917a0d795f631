//! The way into the bootloader, and the same probe found again behind it.

use std::time::Duration;

use super::context::{Context, Damage};
use super::error::Cause;
use super::event::{JobEvent, Phase};
use super::find::Found;
use super::plan::Route;
use super::stop::Stop;
use crate::board::Mode;
use crate::transport::DeviceInfo;

/// The bootloader that was reached.
pub(super) enum Entered {
    /// The ROM bootloader.
    Dfu(DeviceInfo),
    /// Katapult.
    Katapult(DeviceInfo),
}

/// A touched probe is back in its bootloader within 0.3 to 1.6 s (protocols.md §4.5); more, then it did not listen.
const TOUCH_WAIT: Duration = Duration::from_secs(5);

/// The bus is looked at this often where nothing tells of a change.
const STEP: Duration = Duration::from_millis(100);

/// Gets the probe into its bootloader. Leaves the phase open: it ends when the bootloader has answered.
pub(super) fn enter(context: &mut Context<'_>) -> Result<Entered, Stop> {
    context.begin(Phase::EnterBootloader, 0);
    let found = context.look()?;
    if let Some(entered) = in_bootloader(&found) {
        return Ok(entered);
    }
    match found {
        Found::Ambiguous(count) => return Err(Cause::Ambiguous { count }.into()),
        Found::Absent => return Err(context.absence().into()),
        Found::Here(..) if !may_touch(context) => return Err(Cause::PlanOutdated.into()),
        Found::Here(..) => {}
    }
    for attempt in 1..=2 {
        if attempt > 1 {
            context.retry(
                attempt,
                "The firmware did not answer the request for its bootloader".to_owned(),
            );
        }
        touch(context)?;
        if let Some(entered) = wait(context, TOUCH_WAIT)? {
            return Ok(entered);
        }
    }
    Err(Cause::TouchIgnored.into())
}

/// True if firmware may be asked for its bootloader: the job began like that, or the image was all but verified
/// when the probe was unplugged, and now runs behind the Katapult it shall have.
fn may_touch(context: &Context<'_>) -> bool {
    let all_but_verified = context.damage == Damage::Written;
    match context.target().route {
        Route::Touch => true,
        Route::Katapult => all_but_verified,
        Route::Dfu => all_but_verified && context.bootloader_settled,
    }
}

/// Waits until a probe that was unplugged in mid-job is back, so that the job can go on; false if it did not come,
/// or came back as firmware that this job cannot ask for its bootloader.
pub(super) fn wait_for_bootloader(
    context: &mut Context<'_>,
    timeout: Duration,
) -> Result<bool, Stop> {
    let aftermath = context.aftermath();
    context.report(JobEvent::WaitingForProbe { aftermath, timeout });
    let deadline = context.clock().now().saturating_add(timeout);
    loop {
        let left = deadline.saturating_sub(context.clock().now());
        match context.look()? {
            Found::Here(Mode::Firmware, _) => return Ok(may_touch(context)),
            _ if wait(context, left.min(STEP))?.is_some() => return Ok(true),
            _ if left.is_zero() => return Ok(false),
            _ => {}
        }
    }
}

fn touch(context: &Context<'_>) -> Result<(), Stop> {
    match context.look()? {
        Found::Here(Mode::Firmware, device) => Ok(context.hardware().touch_1200(&device.id)?),
        Found::Here(..) => Ok(()),
        Found::Ambiguous(count) => Err(Cause::Ambiguous { count }.into()),
        Found::Absent => Err(context.absence().into()),
    }
}

fn wait(context: &Context<'_>, timeout: Duration) -> Result<Option<Entered>, Stop> {
    let deadline = context.clock().now().saturating_add(timeout);
    loop {
        let found = context.look()?;
        if let Some(entered) = in_bootloader(&found) {
            return Ok(Some(entered));
        }
        if context.cancelled() {
            return Err(Stop::Cancelled);
        }
        if context.clock().now() >= deadline {
            // A list taken in mid-change may be ambiguous for a moment; one that stays so is.
            return match found {
                Found::Ambiguous(count) => Err(Cause::Ambiguous { count }.into()),
                _ => Ok(None),
            };
        }
        context.hardware().wait_for_change(STEP);
    }
}

fn in_bootloader(found: &Found) -> Option<Entered> {
    match found {
        Found::Here(Mode::Katapult, device) => Some(Entered::Katapult(DeviceInfo::clone(device))),
        Found::Here(Mode::RomDfu, device) => Some(Entered::Dfu(DeviceInfo::clone(device))),
        Found::Here(Mode::Firmware, _) | Found::Ambiguous(_) | Found::Absent => None,
    }
}

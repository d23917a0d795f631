//! Carries out a [`Plan`]: enter the bootloader, find the same probe again, read back, write what differs,
//! verify every byte, leave, and see the expected device come back.
//!
//! Starts no thread and knows no channel: it reports through [`Reporter`] and waits through the hardware's
//! clock, so that it runs the same under a window, on a command line, and in virtual time.

use std::borrow::Cow;
use std::time::Duration;

use super::backup::{BackupStore, NoBackup};
use super::context::{Context, Damage};
use super::enter::Entered;
use super::error::Cause;
use super::event::{JobEvent, Outcome, Phase};
use super::order::Through;
use super::plan::{Plan, Route, Target};
use super::programmer::{DfuProgrammer, KatapultProgrammer, Programmer};
use super::progress::JobEnd;
use super::stop::Stop;
use super::{confirm, enter, write};
use crate::board::Mcu;
use crate::dfu::driver::{DfuSession, Protection};
use crate::dfu::layout::DfuChip;
use crate::image::{self, Image};
use crate::katapult::KatapultSession;
use crate::transport::{DeviceInfo, Hardware, LinkErrorKind, SerialLink};

/// Hears of a job and may stop it.
pub trait Reporter {
    /// One thing that happened.
    fn event(&mut self, event: JobEvent);
    /// True once the user wants to stop; asked between blocks.
    fn cancelled(&self) -> bool;
}

/// How long a job waits for a probe that was unplugged in the middle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// Zero gives up at once.
    pub reconnect: Duration,
}

/// Runs one job to its end and reports it: the end returned is the terminal event.
pub fn run(
    plan: &Plan,
    hardware: &dyn Hardware,
    backups: &mut dyn BackupStore,
    patience: Patience,
    reporter: &mut dyn Reporter,
) -> JobEnd {
    hardware.rehearse(&mut |copy| {
        execute(plan, copy, &mut NoBackup, patience, &mut Unheard);
    });
    execute(plan, hardware, backups, patience, reporter)
}

fn execute(
    plan: &Plan,
    hardware: &dyn Hardware,
    backups: &mut dyn BackupStore,
    patience: Patience,
    reporter: &mut dyn Reporter,
) -> JobEnd {
    let mut context = Context::new(&plan.target, hardware, reporter);
    context.report(JobEvent::Started {
        phases: plan.phases(),
    });
    let programmed = program_patiently(&mut context, plan, backups, patience);
    tell_of_lost_transfers(&mut context);
    let outcome = programmed.and_then(|()| confirm::confirm(&mut context, &plan.expect));
    let end = end_of(outcome, &context);
    context.report(terminal_event(&end));
    end
}

/// A few lost transfers are got over in silence; more are the cable's (protocols.md §7 row 18).
fn tell_of_lost_transfers(context: &mut Context<'_>) {
    const MANY: u32 = 3;
    let lost = context.lost_transfers;
    if lost > MANY {
        context.warn(format!(
            "{lost} transfers got lost and were repeated: use another cable, and no hub"
        ));
    }
}

fn end_of(outcome: Result<Outcome, Stop>, context: &Context<'_>) -> JobEnd {
    match outcome {
        Ok(outcome) => JobEnd::Finished(Box::new(context.report_of(outcome))),
        Err(Stop::Cancelled) => JobEnd::Cancelled(context.aftermath()),
        Err(Stop::Failed(cause)) => JobEnd::Failed(Box::new(context.error_of(cause))),
    }
}

fn terminal_event(end: &JobEnd) -> JobEvent {
    match end.clone() {
        JobEnd::Finished(report) => JobEvent::Finished(report),
        JobEnd::Failed(error) => JobEvent::Failed(error),
        JobEnd::Cancelled(aftermath) => JobEvent::Cancelled { aftermath },
    }
}

/// A connection that failed while the probe stayed is opened again this often (protocols.md §7 row 18).
const TRANSIENT_RETRIES: u32 = 2;

/// A bootloader that was told to start the firmware is off the bus within this: Katapult resets 100 ms after its
/// answer (protocols.md §4.4).
const LEAVING: Duration = Duration::from_millis(500);

/// Everything up to and with the start of the firmware; once more whenever the probe was unplugged and is back.
fn program_patiently(
    context: &mut Context<'_>,
    plan: &Plan,
    backups: &mut dyn BackupStore,
    patience: Patience,
) -> Result<(), Stop> {
    let mut retries = TRANSIENT_RETRIES;
    loop {
        match program(context, plan, backups) {
            Ok(()) if retries > 0 && !context.leaves_within(LEAVING) => {
                retries -= 1;
                context.retry(
                    TRANSIENT_RETRIES - retries + 1,
                    "The bootloader did not start the firmware".to_owned(),
                );
            }
            // It was complete when it was told to start: the bus shows what came of it.
            Err(Stop::Failed(cause)) if context.damage == Damage::Complete => {
                context.warn(format!("Leaving the bootloader: {cause}"));
                return Ok(());
            }
            Err(Stop::Failed(cause))
                if !patience.reconnect.is_zero() && context.may_resume(&cause) =>
            {
                if !enter::wait_for_bootloader(context, patience.reconnect)? {
                    return Err(Stop::Failed(cause));
                }
            }
            Err(Stop::Failed(cause)) if retries > 0 && context.is_transient(&cause) => {
                retries -= 1;
                context.lost_transfers += 1;
                context.retry(
                    TRANSIENT_RETRIES - retries + 1,
                    format!("The connection failed ({cause})"),
                );
            }
            other => return other,
        }
    }
}

fn program(
    context: &mut Context<'_>,
    plan: &Plan,
    backups: &mut dyn BackupStore,
) -> Result<(), Stop> {
    with_bootloader(context, &mut |context, mut programmer, through| {
        let written = write_image(context, plan, programmer.as_mut(), through, backups);
        context.lost_transfers += programmer.lost_transfers();
        if let Err(stop) = written {
            if touched_for_nothing(context, &stop) {
                // It ran firmware, which is still whole: Klipper shall find it again.
                programmer.start().ok();
            }
            return Err(stop);
        }
        context.begin(Phase::Start, 0);
        match programmer.start() {
            Ok(()) => {}
            // All is written and verified; the chip may go while it answers. The bus shows what came of it.
            Err(Stop::Failed(cause)) => context.warn(format!("Leaving the bootloader: {cause}")),
            Err(Stop::Cancelled) => return Err(Stop::Cancelled),
        }
        context.end();
        Ok(())
    })
}

fn write_image(
    context: &mut Context<'_>,
    plan: &Plan,
    programmer: &mut dyn Programmer,
    through: Through,
    backups: &mut dyn BackupStore,
) -> Result<(), Stop> {
    let image = image_for(context, plan, through)?;
    let image = image.as_ref();
    let link_address = image.facts().link_address;
    match programmer.app_start() {
        Some(app_start) if app_start != link_address => {
            return Err(Cause::OtherAppStart {
                app_start,
                image: link_address,
            }
            .into());
        }
        _ => {}
    }
    let job = write::Write {
        image,
        through,
        backup: plan.backup,
    };
    write::write(context, programmer, &job, backups)
}

/// True if firmware was asked for its bootloader, and then nothing was written for a reason that is not the
/// bootloader's: it takes the command to start.
fn touched_for_nothing(context: &Context<'_>, stop: &Stop) -> bool {
    context.target().route == Route::Touch
        && context.damage == Damage::None
        && matches!(
            stop,
            Stop::Cancelled
                | Stop::Failed(Cause::BackupFailed { .. } | Cause::OtherAppStart { .. })
        )
}

/// The bootloader that came decides which part of the plan's image goes through it.
fn image_for<'p>(
    context: &Context<'_>,
    plan: &'p Plan,
    through: Through,
) -> Result<Cow<'p, Image>, Stop> {
    match (through, context.target().route) {
        (Through::Dfu, Route::Touch | Route::Katapult) => {
            let image = plan.image_for_dfu.as_ref().ok_or(Cause::LandedInDfu)?;
            Ok(Cow::Borrowed(image))
        }
        // Unplugged in mid-job, a G431 comes back in the Katapult that was left in place to guard it.
        (Through::Katapult, Route::Dfu) if context.bootloader_settled => {
            let app = image::app_part(&plan.image).ok_or(Cause::BootloaderPending)?;
            Ok(Cow::Owned(app))
        }
        (Through::Katapult, Route::Dfu) => Err(Cause::BootloaderPending.into()),
        (Through::Dfu, Route::Dfu) | (Through::Katapult, Route::Katapult | Route::Touch) => {
            Ok(Cow::Borrowed(&plan.image))
        }
    }
}

type Work<'w> =
    dyn FnMut(&mut Context<'_>, Box<dyn Programmer + '_>, Through) -> Result<(), Stop> + 'w;

/// Does `work` through the bootloader. When it fails, the bus has had time to tell whether the probe is gone.
fn with_bootloader(context: &mut Context<'_>, work: &mut Work<'_>) -> Result<(), Stop> {
    let done = through_bootloader(context, work);
    if let Err(Stop::Failed(cause)) = &done {
        context.settle(cause);
    }
    done
}

/// Enters the bootloader, opens it, makes sure it is the right one, and does `work` through it.
fn through_bootloader(context: &mut Context<'_>, work: &mut Work<'_>) -> Result<(), Stop> {
    let entered = enter::enter(context)?;
    let (hardware, clock, chip) = (context.hardware(), context.clock(), context.chip());
    match entered {
        Entered::Dfu(device) => {
            context.entered = Some(device.clone());
            let mut link = hardware.open_dfu(&device.id)?;
            let mut session = DfuSession::open(link.as_mut(), clock)?;
            check_dfu(context, &mut session)?;
            context.end();
            work(
                context,
                Box::new(DfuProgrammer { session, chip }),
                Through::Dfu,
            )
        }
        Entered::Katapult(device) => {
            context.entered = Some(device.clone());
            context.met_katapult();
            let mut link = open_port(context, &device)?;
            let session = KatapultSession::connect(link.as_mut(), clock)?;
            if Mcu::from_klipper_name(&session.info().mcu) != Some(context.target().mcu) {
                return Err(Cause::WrongDeviceReturned.into());
            }
            context.end();
            work(
                context,
                Box::new(KatapultProgrammer { session, chip }),
                Through::Katapult,
            )
        }
    }
}

/// A fresh port may not be openable for a moment: the system still sets its permissions, or ModemManager looks
/// at it (protocols.md §3.2).
fn open_port(context: &Context<'_>, device: &DeviceInfo) -> Result<Box<dyn SerialLink>, Stop> {
    const SETTLE: Duration = Duration::from_secs(3);
    const STEP: Duration = Duration::from_millis(100);
    let deadline = context.clock().now().saturating_add(SETTLE);
    loop {
        match context.hardware().open_serial(&device.id) {
            Ok(link) => return Ok(link),
            Err(error) if error.kind == LinkErrorKind::Disconnected => return Err(error.into()),
            Err(error) if context.clock().now() >= deadline => return Err(error.into()),
            Err(_) if context.cancelled() => return Err(Stop::Cancelled),
            Err(_) => context.clock().sleep(STEP),
        }
    }
}

fn check_dfu(context: &Context<'_>, session: &mut DfuSession<'_>) -> Result<(), Stop> {
    if session.chip() != DfuChip::Known(context.target().mcu) {
        return Err(Cause::WrongDeviceReturned.into());
    }
    match session.protection(context.chip())? {
        Protection::Level1 => Err(Cause::ReadProtected { level: 1 }.into()),
        Protection::Level2 => Err(Cause::ReadProtected { level: 2 }.into()),
        Protection::Level0 | Protection::Unknown => Ok(()),
    }
}

/// Reads the whole flash of a probe and keeps it; writes nothing. A probe that ran firmware runs it again.
pub fn backup(
    target: &Target,
    hardware: &dyn Hardware,
    backups: &mut dyn BackupStore,
    reporter: &mut dyn Reporter,
) -> JobEnd {
    let mut context = Context::new(target, hardware, reporter);
    context.report(JobEvent::Started {
        phases: target.backup_phases(),
    });
    let read = read_only(&mut context, backups);
    tell_of_lost_transfers(&mut context);
    let end = end_of(read.map(|()| Outcome::BackedUp), &context);
    context.report(terminal_event(&end));
    end
}

fn read_only(context: &mut Context<'_>, backups: &mut dyn BackupStore) -> Result<(), Stop> {
    with_bootloader(context, &mut |context, mut programmer, _| {
        let kept = write::keep_backup(context, programmer.as_mut(), backups);
        context.lost_transfers += programmer.lost_transfers();
        kept?;
        if context.target().route == Route::Touch {
            context.begin(Phase::Start, 0);
            if let Err(Stop::Failed(cause)) = programmer.start() {
                // The backup is kept all the same.
                context.warn(format!("Leaving the bootloader: {cause}"));
            }
            context.end();
        }
        Ok(())
    })
}

/// Nobody listens: for rehearsals.
struct Unheard;

impl Reporter for Unheard {
    fn event(&mut self, _: JobEvent) {}

    fn cancelled(&self) -> bool {
        false
    }
}

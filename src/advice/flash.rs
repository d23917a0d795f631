//! A job that failed.

use super::{Action, Advice, LOOK_AT_CARD, Step, doctor, for_aftermath, lower_first};
use crate::board::Mcu;
use crate::dfu::DfuError;
use crate::flash::{Aftermath, Cause, FlashError};
use crate::katapult::KatapultError;
use crate::transport::{LinkError, LinkErrorKind};

/// What a failed job means for the owner of a probe with this chip.
pub fn for_flash_error(error: &FlashError, mcu: Mcu) -> Advice {
    let mut advice = cause(&error.cause, error.aftermath, mcu);
    let (state, mut now) = for_aftermath(error.aftermath, mcu);
    if !advice.cause.is_empty() {
        advice.cause.push(' ');
    }
    advice.cause.push_str(&state);
    if wants_aftermath_steps(&error.cause) {
        let repairs = std::mem::take(&mut advice.steps);
        let waits = error.aftermath == Aftermath::BootloaderStillThere;
        let stays = error.aftermath == Aftermath::BootloaderWhilePowered
            || waits && error.cause != Cause::Disconnected && !error.cause.needs_power_cycle();
        if waits && !stays {
            now = back_into_bootloader(&error.cause, mcu);
        }
        let try_again = Step {
            action: Some(Action::TryAgain),
            ..Step::new(match error.aftermath {
                Aftermath::Untouched | Aftermath::UnchangedOrErased => "Try again",
                Aftermath::Complete => "If it does not start, flash it again",
                _ => "Try again: the job goes on where it stopped",
            })
        };
        let is_said = |step: &Step| {
            step.text.starts_with(REPLUG) && now.iter().any(|now| now.text.starts_with(REPLUG))
        };
        let repairs: Vec<Step> = repairs.into_iter().filter(|step| !is_said(step)).collect();
        // While its bootloader answers, pulling the cable is not the first thing to do.
        advice.steps = if stays {
            let later = repairs.into_iter().map(|step| Step {
                text: format!("If it fails again: {}", lower_first(&step.text)),
                ..step
            });
            now.into_iter().chain([try_again]).chain(later).collect()
        } else {
            [repairs, now, vec![try_again]].concat()
        };
    }
    advice.details(error).button(
        Action::SaveReport,
        "If it fails again, save a report and ask for help",
    )
}

const REPLUG: &str = "Unplug the probe, wait three seconds";

/// Its bootloader is there when power comes again.
fn back_into_bootloader(cause: &Cause, mcu: Mcu) -> Vec<Step> {
    let mut steps = vec![if *cause == Cause::Disconnected {
        Step::new("Plug the probe in again: its bootloader comes by itself")
    } else {
        Step::new(format!(
            "{REPLUG}, and plug it in again: its bootloader comes by itself"
        ))
    }];
    if mcu == Mcu::Stm32G431 {
        steps.push(
            Step::new(
                "If it was in DFU mode before, it is in Katapult now: flash the firmware alone",
            )
            .with(Action::ChooseFirmware),
        );
        steps.push(Step::new("Or bring it into DFU mode again").with(Action::OpenDfuCoach));
    }
    steps
}

/// A job that the user stopped.
pub fn for_cancelled(aftermath: Aftermath, mcu: Mcu) -> Advice {
    let (state, steps) = for_aftermath(aftermath, mcu);
    let mut advice = Advice::new("cancelled", "Stopped", state);
    if aftermath != Aftermath::Untouched {
        advice.steps = steps;
        advice = advice.button(
            Action::TryAgain,
            "Flash again: the job goes on where it stopped",
        );
    }
    advice
}

/// Some failures are repaired elsewhere first.
fn wants_aftermath_steps(cause: &Cause) -> bool {
    !matches!(
        cause,
        Cause::ReadProtected { .. }
            | Cause::WriteProtected { .. }
            | Cause::BackupFailed { .. }
            | Cause::OtherAppStart { .. }
            | Cause::LandedInDfu
            | Cause::BootloaderPending
            | Cause::NotDeployed
    )
}

fn cause(cause: &Cause, aftermath: Aftermath, mcu: Mcu) -> Advice {
    match cause {
        Cause::Disconnected => disconnected(aftermath),
        Cause::Link(error) => link(error, aftermath),
        Cause::Dfu(error) => dfu(error, aftermath),
        Cause::Katapult(error) => katapult(error, aftermath),
        Cause::VerifyMismatch { address, differing_bytes } => Advice::new(
            "verify_mismatch",
            "The flash does not hold what was written",
            format!(
                "The page at {address:#010x} was written three times and still {differing_bytes} of its bytes are wrong. \
                 This is usually weak power or a worn chip."
            ),
        )
        .step("Plug the probe straight into the computer, without a hub, with another cable"),
        Cause::WriteProtected { address } => Advice::new(
            "write_protected",
            "The chip is write-protected",
            format!("The page at {address:#010x} was told to be erased and still holds what it held."),
        )
        .step("Remove the write protection with an ST-Link and STM32CubeProgrammer (option bytes), then flash again"),
        Cause::TouchIgnored => Advice::new(
            "touch_ignored",
            "The firmware did not start its bootloader",
            "It was asked twice and went on running.",
        )
        .step("Make sure that Klipper is not using this probe")
        .step("Unplug the probe, plug it in again, and try again")
        .button(Action::OpenDfuCoach, "If it still does nothing, use DFU mode: the pictures show how"),
        Cause::WrongDeviceReturned => Advice::new(
            "wrong_device_returned",
            "Another device answered",
            format!("The bootloader that answered does not belong to a {}.", mcu.boards_label()),
        )
        .step("Unplug every other board that is in a bootloader"),
        Cause::LandedInDfu => Advice::new(
            "landed_in_dfu",
            "The probe has no Katapult and is now in DFU mode",
            "DFU mode needs firmware together with its bootloader.",
        )
        .button(Action::ChooseFirmware, "Choose the combined file (Katapult and firmware), or give the bootloader's file too"),
        Cause::BootloaderPending => Advice::new(
            "bootloader_pending",
            "The bootloader is still to be exchanged",
            "The probe came back in Katapult, and Katapult cannot replace itself.",
        )
        .button(
            Action::OpenDfuCoach,
            "Bring the probe into DFU mode again: the pictures show how",
        ),
        Cause::OtherAppStart { app_start, image } => Advice::new(
            "other_app_start",
            "The file was built for another bootloader",
            format!("This probe's Katapult starts firmware at {app_start:#010x}; the file is made for {image:#010x}."),
        )
        .button(Action::ChooseFirmware, "Choose a file with the right bootloader offset"),
        Cause::Ambiguous { count } => Advice::new(
            "ambiguous",
            "Several devices could be this probe",
            format!("{count} devices look the same, and writing to the wrong one would harm it."),
        )
        .step("Unplug all but the one you want to flash"),
        Cause::ReadProtected { level: 2 } => Advice::new(
            "read_protected_for_ever",
            "The chip is locked forever",
            "It is read-protected at level 2, which nothing can undo.",
        ),
        Cause::ReadProtected { .. } => Advice::new(
            "read_protected",
            "The chip is read-protected",
            "It refuses to be read and written. Undoing that erases everything on it, and this program never does so by itself.",
        )
        .step("On some USB 3 ports this is a false alarm: try another port, or go through a USB 2 hub")
        .step("Otherwise undo the protection with an ST-Link and STM32CubeProgrammer, then flash a combined file"),
        Cause::BackupFailed { reason } => Advice::new(
            "backup_failed",
            "The backup could not be saved",
            format!("The system said: {reason}."),
        )
        .step("Choose another backup folder, make room, or switch the backup off"),
        Cause::DidNotStart => Advice::new(
            "did_not_start",
            "The firmware did not start",
            "The bootloader came back instead of the firmware.",
        ),
        Cause::NotDeployed => Advice::new(
            "not_deployed",
            "The new bootloader did not come",
            "The deployer was started. It installs Katapult in half a second, or stops without a word.",
        )
        .step("Unplug the probe, wait three seconds, and plug it in again")
        .button(
            Action::OpenDfuCoach,
            "If nothing shows up, use DFU mode and flash a combined file: the pictures show how",
        ),
        Cause::VersionMismatch { expected, reported } => Advice::new(
            "version_mismatch",
            "The probe reports another version",
            format!("The file is \"{expected}\", the probe says \"{reported}\"."),
        )
        .step("Make sure that you look at the right probe"),
        Cause::PlanOutdated => Advice::new(
            "plan_outdated",
            "The probe is not where it was",
            "It left the bus or changed its mode since you chose it.",
        )
        .button(Action::ChooseProbe, "Choose the probe again"),
        Cause::Crashed => Advice::new(
            "crashed",
            "The job stopped unexpectedly",
            "This is a defect of this program, not of the probe.",
        ),
    }
}

/// What the probe is now says the rest.
fn disconnected(aftermath: Aftermath) -> Advice {
    let advice = Advice::new(
        "disconnected",
        "The probe was disconnected",
        match aftermath {
            Aftermath::Untouched
            | Aftermath::UnchangedOrErased
            | Aftermath::WrittenNotVerified
            | Aftermath::Complete => "",
            Aftermath::BootloaderStillThere
            | Aftermath::BootloaderWhilePowered
            | Aftermath::ReturnsToDfuOnReplug
            | Aftermath::NeedsPads
            | Aftermath::TornFirstPage => {
                "It was disconnected before everything was written and verified."
            }
        },
    );
    if aftermath == Aftermath::Untouched {
        advice.step("Plug the probe in again, in the same mode as before")
    } else {
        advice
    }
}

fn link(error: &LinkError, aftermath: Aftermath) -> Advice {
    match error.kind {
        LinkErrorKind::NotPermitted => Advice::new(
            "not_permitted",
            "The system does not allow this program to use the probe",
            "It is there, but it may not be opened.",
        )
        .button(Action::OpenDoctor, LOOK_AT_CARD),
        LinkErrorKind::NoDriver => Advice::new(
            "no_driver",
            "Windows has no usable driver for the probe",
            "It is there, but WinUSB is not bound to it.",
        )
        .button(Action::OpenDoctor, LOOK_AT_CARD),
        LinkErrorKind::Busy => doctor::close_holder(
            Advice::new(
                "busy",
                "Another program uses the probe",
                error.detail.as_deref().map_or_else(
                    || "It is held by a program that the system does not name.".to_owned(),
                    |holder| format!("It is held by {holder}."),
                ),
            ),
            error.detail.as_deref(),
        ),
        LinkErrorKind::Disconnected | LinkErrorKind::NotFound => disconnected(aftermath),
        LinkErrorKind::TimedOut
        | LinkErrorKind::Stalled
        | LinkErrorKind::Overflow
        | LinkErrorKind::Io
        | LinkErrorKind::Other => Advice::new(
            "usb_errors",
            "The USB connection is not reliable",
            "Transfers failed although the probe is still there.",
        )
        .step("Plug the probe straight into the computer, on another port, with another cable")
        .step("If that port is USB 3, try a USB 2 port or go through a USB 2 hub"),
    }
}

fn dfu(error: &DfuError, aftermath: Aftermath) -> Advice {
    match error {
        DfuError::Link(error) => link(error, aftermath),
        DfuError::Stuck { .. }
        | DfuError::Manifesting { .. }
        | DfuError::UnexpectedState { .. } => Advice::new(
            "bootloader_stuck",
            "The bootloader is stuck",
            "It does not come back to a state in which it takes commands.",
        )
        .step("Unplug the probe, wait three seconds, and enter DFU mode again"),
        error if error.may_be_read_protection() => Advice::new(
            "refused_or_protected",
            "The chip refused",
            "It answers as a read-protected or write-protected chip does.",
        )
        .step("Try another USB port, or go through a USB 2 hub: some USB 3 ports cause this"),
        DfuError::Refused { .. } => Advice::new(
            "refused_by_bootloader",
            "The bootloader refused a command",
            "It reported a failure while erasing or writing. Pages may be write-protected.",
        ),
        DfuError::ShortRead {
            expected, received, ..
        } => Advice::new(
            "short_read",
            "The bootloader returned too little",
            format!("It sent {received} of {expected} bytes."),
        )
        .step("Plug the probe straight into the computer, without a hub"),
        _ => Advice::new(
            "not_dfuse",
            "The bootloader does not speak as it should",
            "It did not describe itself as an ST bootloader does, or its replies do not fit.",
        )
        .step("Unplug the probe, wait three seconds, and enter DFU mode again"),
    }
}

fn katapult(error: &KatapultError, aftermath: Aftermath) -> Advice {
    match error {
        KatapultError::Link(error) => link(error, aftermath),
        KatapultError::Mute
        | KatapultError::StoppedAnswering { .. }
        | KatapultError::Nack { .. } => Advice::new(
            "bootloader_mute",
            "The bootloader stopped answering",
            "One damaged byte is enough to silence it until its power is cut.",
        )
        .step("Unplug the probe, wait three seconds, and plug it in again"),
        KatapultError::BlockRefused { address } => Advice::new(
            "block_refused",
            "The bootloader refused a block",
            format!("It did so twice, at {address:#010x}."),
        ),
        _ => Advice::new(
            "katapult_bad_reply",
            "The bootloader does not speak as it should",
            "Its replies do not fit what it was asked.",
        )
        .step("Unplug the probe, wait three seconds, and plug it in again"),
    }
}

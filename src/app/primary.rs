//! The one button of each step: what it does, or why it cannot be pressed. Pure.

use super::command::Command;
use super::firmware;
use super::state::{AppState, Picked, Seen, Step};
use crate::board::Mode;
use crate::flash::plan::Refusal;
use crate::flash::{JobEnd, Outcome};
use crate::image::{FirmwareVersion, Misfit};

/// What the button says. Words: `ui::words`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// On to firmware.
    ChooseFirmware,
    /// Write this version over an older one.
    UpdateTo(FirmwareVersion),
    /// Write the same version again.
    Reinstall(FirmwareVersion),
    /// Write this version over a newer one.
    GoBackTo(FirmwareVersion),
    /// Write this version over what nobody knows.
    Install(FirmwareVersion),
    /// On to the review.
    Review,
    /// Write.
    Flash,
    /// The same once more.
    TryAgain,
    /// Another probe.
    FlashAnother,
    /// The same probe, after a backup.
    BackToProbe,
}

/// Why the button cannot be pressed. Words: `ui::words`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// The bus was not looked at yet.
    StillLooking,
    /// No probe is there.
    NoProbe,
    /// Several are there.
    ChooseOne,
    /// The one there cannot be opened.
    NotUsable,
    /// The chosen one was unplugged.
    ProbeGone,
    /// No firmware is chosen.
    NoFirmware,
    /// Only the user can know whether it shall talk USB or CAN.
    UsbOrCan,
    /// A change to CAN takes DFU mode.
    SwitchNeedsDfu,
    /// Firmware is on its way.
    Fetching,
    /// The list is not there yet.
    OpeningCatalog,
    /// All of the list needs the network.
    NothingHere,
    /// What can be had without the network is older than what the probe runs.
    NothingNewer,
    /// All of the list is older than what the probe runs.
    ProbeIsNewer,
    /// The file is being read.
    Reading,
    /// The file is no firmware we know.
    FileRefused,
    /// An application in DFU mode needs Katapult in front of it.
    BootloaderMissing,
    /// The firmware goes through DFU mode, and the probe is in Katapult.
    InKatapult,
    /// This firmware does not fit this probe.
    Refused(Box<Refusal>),
}

/// The primary button.
#[derive(Debug, Clone, PartialEq)]
pub struct Primary {
    /// What it says.
    pub verb: Verb,
    /// What it does.
    pub command: Command,
    /// Why it cannot be pressed, if so.
    pub disabled: Option<Why>,
}

/// The button of the step on screen; none while a job runs.
pub fn primary(state: &AppState) -> Option<Primary> {
    let button = |verb, command, disabled| {
        Some(Primary {
            verb,
            command,
            disabled,
        })
    };
    match state.step {
        Step::Probe => {
            let missing = probe_missing(state);
            if state.plan().is_some() {
                button(Verb::Review, Command::GoTo(Step::Review), missing)
            } else if let Some(verb) = firmware::update_verb(state)
                && missing.is_none()
                && state.firmware == Picked::Nothing
            {
                button(verb, Command::Firmware(firmware::Ask::Update), None)
            } else {
                button(Verb::ChooseFirmware, Command::GoTo(Step::Firmware), missing)
            }
        }
        Step::Firmware if chooses_from_list(state) => Some(firmware::primary(
            state,
            probe_missing(state),
            not_reviewable(state),
        )),
        Step::Firmware => button(
            Verb::Review,
            Command::GoTo(Step::Review),
            not_reviewable(state),
        ),
        Step::Review => button(Verb::Flash, Command::Flash, not_reviewable(state)),
        Step::Flash => None,
        Step::Done => match state.run.as_ref().and_then(|run| run.view.end.as_ref()) {
            Some(JobEnd::Failed(_) | JobEnd::Cancelled(_)) => {
                button(Verb::TryAgain, Command::TryAgain, not_reviewable(state))
            }
            Some(JobEnd::Finished(report)) if report.outcome == Outcome::BackedUp => {
                button(Verb::BackToProbe, Command::StartOver, None)
            }
            _ => button(Verb::FlashAnother, Command::StartOver, None),
        },
    }
}

/// The step that "Back" shows, if there is one.
pub fn back(state: &AppState) -> Option<Step> {
    match state.step {
        Step::Probe | Step::Flash => None,
        Step::Firmware => Some(Step::Probe),
        Step::Review => Some(Step::Firmware),
        Step::Done => match state.run.as_ref().and_then(|run| run.view.end.as_ref()) {
            Some(JobEnd::Failed(_) | JobEnd::Cancelled(_)) => Some(Step::Review),
            _ => None,
        },
    }
}

/// True if a step of the rail can be shown now.
pub fn can_show(state: &AppState, step: Step) -> bool {
    if step == state.step {
        return true;
    }
    if state.is_flashing() || (state.step == Step::Done && step == Step::Flash) {
        return false;
    }
    match step {
        Step::Probe => true,
        Step::Firmware => probe_missing(state).is_none() || state.firmware != Picked::Nothing,
        Step::Review => not_reviewable(state).is_none(),
        Step::Flash | Step::Done => false,
    }
}

/// True unless the firmware is a file of the user's own.
pub fn chooses_from_list(state: &AppState) -> bool {
    state.firmware == Picked::Nothing || state.list.is_loaded()
}

fn probe_missing(state: &AppState) -> Option<Why> {
    if !state.bus.looked {
        return Some(Why::StillLooking);
    }
    match state.probe() {
        Some(seen) if seen.is_usable_probe() => None,
        Some(_) => Some(Why::NotUsable),
        None if state.chosen.is_some() => Some(Why::ProbeGone),
        None if state.probes().any(Seen::is_usable_probe) => Some(Why::ChooseOne),
        None => Some(Why::NoProbe),
    }
}

fn not_reviewable(state: &AppState) -> Option<Why> {
    let file = match &state.firmware {
        Picked::Nothing => Some(Why::NoFirmware),
        Picked::Reading { .. } => Some(Why::Reading),
        Picked::Refused { .. } => Some(Why::FileRefused),
        Picked::Image { .. } => None,
    };
    file.or_else(|| probe_missing(state))
        .or_else(|| match &state.verdict {
            None | Some(Ok(_)) => None,
            Some(Err(_)) if bootloader_is_all_that_is_missing(state) => {
                Some(Why::BootloaderMissing)
            }
            Some(Err(Refusal::Misfit(Misfit::NotThroughKatapult { .. })))
                if state.probe().and_then(Seen::mode) == Some(Mode::Katapult) =>
            {
                Some(Why::InKatapult)
            }
            Some(Err(refusal)) => Some(Why::Refused(Box::new(refusal.clone()))),
        })
}

fn bootloader_is_all_that_is_missing(state: &AppState) -> bool {
    super::selection::needs_bootloader(state) && state.bootloader.image().is_none()
}

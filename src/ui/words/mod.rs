//! Every word of the window, in one place, so that other languages can follow. Failures are worded in
//! [`crate::advice`].
//!
//! Sentence case; "…" when more input follows; no full stop on a single sentence in a button or label.

mod coach_words;
mod device;
pub mod drawings;
mod itself;
mod job;
mod numbers;
mod pages;
pub mod widgets;

use std::borrow::Cow;
use std::path::Path;

use crate::advice;
use crate::app::primary::{Verb, Why};
use crate::app::state::{Notice, Step};
use crate::doctor::Elevation;

pub use coach_words::{coach, coach_says, silence};
pub use device::*;
pub use itself::*;
pub use job::*;
pub use numbers::*;
pub use pages::*;

/// The name of the program.
pub const APP: &str = "Carto Flasher";

/// The back button.
pub const BACK: &str = "Back";

/// Takes something off the page.
pub const CLOSE: &str = "Close";

/// Opens the settings.
pub const SETTINGS: &str = "Settings";

/// Opens the about page.
pub const ABOUT: &str = "About";

/// Opens the log.
pub const LOG: &str = "Log";

/// What the log says when it is empty.
pub const LOG_EMPTY: &str = "Nothing was logged yet";

/// Copies the log.
pub const COPY_ALL: &str = "Copy all";

/// Badge.
pub const OFFLINE: &str = "Offline";

/// Badge.
pub const SIMULATED: &str = "Simulated";

/// What a file over the window is told.
pub const DROP_HERE: &str = "Drop to inspect this firmware";

/// Looks at the bus again.
pub const LOOK_AGAIN: &str = "Look again";

/// What screen readers and the tooltip call the report button.
pub const SAVE_REPORT: &str = "Save report…";

/// What screen readers call the cross of the log.
pub const CLOSE_LOG: &str = "Close the log";

/// Goes back to the firmware step.
pub const CHOOSE_FIRMWARE: &str = "Choose another file";

/// Goes back to the probe step.
pub const CHOOSE_PROBE: &str = "Choose a probe";

/// Goes to the probe's card, which says what keeps it closed.
pub const CHECK_ACCESS: &str = "Look at the probe";

/// Opens the drawing of the plug.
pub const PLUG_WAY_ROUND: &str = "Which way round is the plug?";

/// From where the drawing of the plug is seen.
pub const PLUG_SEEN_FROM: &str = "Looking at the connector side, cable up.";

/// How to tell without a drawing.
pub const PLUG_SURE_WAY: &str = "Sure way: red goes to the pin printed 5V, black to GND.";

/// More for experts.
pub const DETAILS: &str = "Details";

/// The title of a step in the rail.
pub fn step(step: Step) -> &'static str {
    match step {
        Step::Probe => "Probe",
        Step::Firmware => "Firmware",
        Step::Review => "Review",
        Step::Flash => "Flash",
        Step::Done => "Done",
    }
}

/// The words on the primary button.
pub fn verb(verb: Verb) -> Cow<'static, str> {
    Cow::Borrowed(match verb {
        Verb::UpdateTo(version) => return format!("Update to {version}").into(),
        Verb::Reinstall(version) => return format!("Reinstall {version}").into(),
        Verb::GoBackTo(version) => return format!("Go back to {version}").into(),
        Verb::Install(version) => return format!("Install {version}").into(),
        Verb::ChooseFirmware => "Choose firmware",
        Verb::Review => "Review",
        Verb::Flash => "Flash",
        Verb::TryAgain => "Try again",
        Verb::FlashAnother => "Flash another",
        Verb::BackToProbe => "Back to the probe",
    })
}

/// Why the primary button cannot be pressed.
pub fn why(why: &Why) -> &'static str {
    match why {
        Why::StillLooking => "Looking at the USB ports",
        Why::NoProbe => "Plug a probe in first",
        Why::ChooseOne => "Choose one of the probes first",
        Why::NotUsable => "The probe cannot be opened yet",
        Why::ProbeGone => "The probe is unplugged: plug it in again",
        Why::NoFirmware => "Choose a firmware file first",
        Why::UsbOrCan => "Choose USB or CAN first",
        Why::SwitchNeedsDfu => "Bring the probe into DFU mode first",
        Why::Fetching => "Getting the firmware",
        Why::OpeningCatalog => "Looking at what is on this computer",
        Why::NothingHere => "None of these files is on this computer",
        Why::NothingNewer => "No newer firmware on this computer",
        Why::ProbeIsNewer => "The probe runs a newer version: choose one to go back to",
        Why::Reading => "Reading the file",
        Why::FileRefused => "This file cannot be used",
        Why::BootloaderMissing => "Add the Katapult file first",
        Why::InKatapult => "It is in Katapult now: bring it into DFU mode first",
        Why::Refused(_) => "This firmware does not fit this probe",
    }
}

/// How the board is held in a drawing.
pub fn held(held: &drawings::Orientation) -> String {
    format!("{} · {} · {}", held.face, held.up, held.contacts)
}

/// A notice: title and sentences.
pub fn notice(notice: &Notice) -> (String, String) {
    match notice {
        Notice::SettingsUnreadable(cause) => (
            "The settings could not be read".into(),
            format!("Everything is back to its default. {cause}."),
        ),
        Notice::SettingsUnsaved(cause) => (
            "The settings could not be saved".into(),
            format!("They hold until you close the window. {cause}."),
        ),
        Notice::FirmwareDropped { name } => (
            "The firmware chosen before is for another board".into(),
            format!("{name} does not fit this probe, so it was put aside. Choose another."),
        ),
        Notice::NoFileDialog => (
            "This system opened no file dialog".into(),
            "Drop the file on the window, or paste its path into the field.".into(),
        ),
        Notice::ReportSaved(path) => ("Report saved".into(), path_text(path)),
        Notice::ReportUnsaved(cause) => (
            "The report could not be saved".into(),
            format!("{cause}. Choose another folder."),
        ),
        Notice::FirstOfSeveralFiles => (
            "Several files were dropped".into(),
            "The first one was taken.".into(),
        ),
        Notice::NotRepaired(outcome) => (
            "The permission was not changed".into(),
            match outcome {
                Elevation::Unavailable => {
                    "This system cannot ask for administrator rights here. Run the command in a terminal instead.".into()
                }
                // pkexec ends the same way for both.
                Elevation::NotAuthorized => {
                    "Administrator rights were not granted, or nothing here can ask for them. Run the command in a terminal.".into()
                }
                _ => "The command failed. Run it in a terminal to see why.".into(),
            },
        ),
        Notice::Driver(outcome) => {
            let advice = advice::for_driver_outcome(*outcome);
            let steps = advice.steps.iter().map(|step| format!(" {}.", step.text));
            (advice.title, advice.cause + &steps.collect::<String>())
        }
        Notice::FirmwareRemoved(removed) => (
            "The downloaded firmware was removed".into(),
            format!("{} are free again.", bytes(removed.bytes)),
        ),
        Notice::FirmwareNotRemoved(cause) => (
            "Not all of the firmware could be removed".into(),
            format!("{cause}. What is left is checked before each use, as ever."),
        ),
        Notice::WorkerMissing(cause) => (
            "The system refused to start a background task".into(),
            format!("Close other programs and try again. {cause}."),
        ),
        Notice::Crashed(report) => (
            "A background task of this program failed".into(),
            report.as_deref().map_or_else(
                || "What it was doing may be missing: start the program again.".into(),
                |path| {
                    format!(
                        "What it was doing may be missing: start the program again. A report was saved: {}",
                        path_text(path)
                    )
                },
            ),
        ),
        Notice::OtherWindowSilent => (
            "Another Carto Flasher is open and does not answer".into(),
            "Close it before you flash: two programs cannot use one probe.".into(),
        ),
        Notice::FileWhileFlashing { name } => (
            "A file waits".into(),
            format!("{name} was not opened, because a probe is being flashed. Open it afterwards."),
        ),
        Notice::NotOpened(what) => (
            "The desktop did not open this".into(),
            what.clone(),
        ),
    }
}

/// A path as people see it.
pub fn path_text(path: &Path) -> String {
    path.display().to_string()
}

/// A file's name without its folder.
pub fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(
        || path_text(path),
        |name| name.to_string_lossy().into_owned(),
    )
}

/// What is said while a file is read.
pub fn reading(path: &Path) -> String {
    format!("Reading {}…", file_name(path))
}

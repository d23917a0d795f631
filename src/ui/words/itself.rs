//! Words about the program itself: newer versions, logs, and what is said when it fails.

use std::path::Path;

use super::path_text;
use crate::crash::Fate;
use crate::update::Release;

/// Words of the notice of a newer version.
pub mod update {
    /// Button.
    pub const OPEN: &str = "See what is new";
    /// Button.
    pub const SKIP: &str = "Skip this version";
    /// Under the title.
    pub const HOW: &str =
        "The page opens in your browser. Nothing is downloaded or installed by itself.";
}

/// Words of the program's own settings.
pub mod program {
    /// Group.
    pub const GROUP: &str = "This program";
    /// Switch.
    pub const CHECK: &str = "Tell me when there is a newer version (asks GitHub once a day)";
    /// Row.
    pub const LOG: &str = "Log and crash reports";
    /// Button.
    pub const OPEN_LOG: &str = "Open log folder";
}

/// Words for taking back what repairs have changed.
pub mod undo {
    /// Row.
    pub const RULE: &str = "Permission rule";
    /// Under it.
    pub const RULE_WHEN: &str =
        "Once it is removed, a probe keeps its permission until it is next plugged in.";
    /// Button.
    pub const REMOVE_RULE: &str = "Remove the rule…";
    /// What was changed.
    pub const WINUSB: &str =
        "The probe in DFU mode is reached through WinUSB, which this program bound to it.";
    /// Button.
    pub const RESTORE_DRIVER: &str = "Let Windows choose the driver…";
}

/// Nothing to show a window on.
pub fn no_screen(why: &str) -> String {
    format!(
        "There is no screen to open the window on.\n\n{why}\n\nStart it from the desktop of this computer. Without \
         one, the command line does the same: carto-flasher-cli."
    )
}

/// No renderer works.
pub fn no_window(why: &str) -> String {
    format!(
        "The window could not be opened.\n\n{why}\n\nUpdate the graphics driver, or try again outside the remote \
         desktop. Without a window, the command line does the same: carto-flasher-cli."
    )
}

/// Words of the window that opens when the other one failed.
pub mod crash {
    /// Title of the window.
    pub const WINDOW: &str = "Carto Flasher stopped";
    /// Title.
    pub const TITLE: &str = "Carto Flasher stopped unexpectedly";
    /// What it was.
    pub const BODY: &str =
        "Something in the program failed. It is not your fault, and not the probe's.";
    /// Title of the report's card.
    pub const REPORT: &str = "A report was saved on this computer";
    /// Its path.
    pub const FILE: &str = "File";
    /// Under it.
    pub const REPORT_HOW: &str = "Nothing was sent anywhere. Serial numbers are masked in it: attach it if you ask for help.";
    /// No report.
    pub const NO_REPORT: &str = "A report could not be saved: no folder can be written.";
    /// After a job that went on without the window.
    pub const JOB_DONE: &str = "The job went on without the window and did everything it should.";
    /// Button.
    pub const FOLDER: &str = "Open its folder";
    /// Button.
    pub const AGAIN: &str = "Restart Carto Flasher";
    /// Why not yet.
    pub const NOT_YET: &str = "The probe is still being written";
    /// Button.
    pub const CLOSE: &str = "Close";
}

/// The title of the notice of a newer version.
pub fn release_title(release: &Release) -> String {
    format!("Carto Flasher {} is available", release.version)
}

/// What became of the probe: title and sentences.
pub fn fate(fate: &Fate) -> (String, String) {
    match fate {
        Fate::NotConcerned => (
            "No probe was being written".into(),
            "It is what it was.".into(),
        ),
        Fate::BeingWritten => (
            "The probe is still being written".into(),
            "Leave it plugged in: the job goes on without the window, and its end is told here."
                .into(),
        ),
        Fate::Ended { title, lines, .. } => (title.clone(), lines.join("\n")),
        Fate::Unknown => (
            "The probe may be half written".into(),
            "Start the program again: it looks what the probe is now, and flashing again goes on where it stopped.".into(),
        ),
    }
}

/// The same for a terminal or a message box.
pub fn crash_text(report: Option<&Path>, what: &Fate) -> String {
    let report = report.map_or_else(
        || crash::NO_REPORT.to_owned(),
        |path| format!("{}: {}", crash::REPORT, path_text(path)),
    );
    let (title, body) = fate(what);
    format!(
        "{}\n{}\n\n{title}\n{body}\n\n{report}",
        crash::TITLE,
        crash::BODY
    )
}

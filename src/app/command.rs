//! Everything the user can ask for. Drawing collects these; [`super::App::run`] does them after the frame.

use std::path::PathBuf;

use super::dialogs::Folder;
use super::event::Purpose;
use super::practice::Hand;
use super::state::{Page, Step};
use crate::board::{Model, Transport};
use crate::doctor::CommandLine;
use crate::image::Variant;
use crate::settings::Settings;
use crate::transport::DeviceId;

/// What the desktop can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The folder of the log.
    LogFolder,
    /// The folder of the backup that the job made.
    BackupFolder,
    /// The page of the newer version.
    ReleasePage,
}

/// Something the user asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Shows a step, if it can be shown.
    GoTo(Step),
    /// One step back.
    Back,
    /// Opens a page in front of the steps.
    Open(Page),
    /// Closes it.
    ClosePage,
    /// Chooses a probe.
    Choose(DeviceId),
    /// Chooses a probe and goes on to firmware.
    ChooseAndContinue(DeviceId),
    /// Asks for administrator rights and runs this: it installs the udev rule, has it applied, or removes it (Linux).
    ChangeRule(CommandLine),
    /// Asks for administrator rights and has the helper change a driver (Windows).
    ChangeDriver(CommandLine),
    /// Looks at the bus again now.
    LookAgain,
    /// Tells the coach which board it is.
    CoachModel(Option<Model>),
    /// Opens a file dialog.
    PickFile(Purpose),
    /// Opens a file dialog where backups are.
    PickBackup,
    /// Text was typed into the path field.
    PathText(String),
    /// Reads a file.
    ReadFile(Purpose, PathBuf),
    /// Files were dropped on the window.
    Dropped(Vec<PathBuf>),
    /// Something of the list of firmware.
    Firmware(super::firmware::Ask),
    /// Forgets a file.
    Forget(Purpose),
    /// Goes to the firmware step to switch the probe to CAN.
    SwitchToCan,
    /// USB or CAN at a bitrate.
    Want(Option<Transport>),
    /// Full or lite, for this job.
    WantVariant(Variant),
    /// Backup before writing, or not.
    Backup(bool),
    /// Accepts what a deployer risks, or not.
    DeployerConsent(bool),
    /// Starts the job that was reviewed.
    Flash,
    /// Reads the whole flash of the chosen probe and keeps it.
    BackUpNow,
    /// Asks whether to stop the job.
    AskStop,
    /// Stops the job at the next block.
    Stop,
    /// Plans the same again for the probe as it is now, and starts it.
    TryAgain,
    /// Starts over with another probe.
    StartOver,
    /// Closes the open question without doing anything.
    NeverMind,
    /// The window was asked to close.
    CloseRequested,
    /// Closes the window whatever runs.
    QuitAnyway,
    /// Takes a notice off the page.
    Dismiss(usize),
    /// Opens or closes the log drawer.
    ToggleLog,
    /// Saves a report where the user says.
    SaveReport,
    /// Has the desktop show something.
    Show(Place),
    /// Never tells of this version again.
    SkipRelease,
    /// Tells of it again another day.
    DismissRelease,
    /// Changes settings and remembers them.
    Settings(Box<Settings>),
    /// The window has this size now, in points.
    WindowSize(u16, u16),
    /// Asks for a folder for backups or for firmware.
    PickFolder(Folder),
    /// Replaces the real bus by a simulated bench.
    Practise,
    /// Goes back to the real bus.
    StopPractising,
    /// Does something on the simulated bench.
    Hand(Hand),
}

//! Everything the window shows, as plain data.
//!
//! Knows no pixels, threads or files. Only [`super::App`] changes it; drawing gets a shared reference.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::coach::Coach;
use super::comfort::SystemComfort;
use super::firmware::{Bulk, FirmwareList, Load};
use super::history::History;
use super::met::MetProbes;
use super::practice::Bench;
use crate::board::{Mcu, Mode, Model, Sighting, Transport};
use crate::catalog::cache::Removed;
use crate::doctor::windows::helper::Outcome;
use crate::doctor::{Diagnosis, Elevation, Undo};
use crate::flash::JobView;
use crate::flash::plan::{Plan, Refusal, Target};
use crate::image::{Image, ImageError, Variant};
use crate::log::LogRing;
use crate::settings::Settings;
use crate::transport::{DeviceId, DeviceInfo, LinkError, Location};
use crate::update::Release;

/// The steps of the rail, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// Which probe.
    Probe,
    /// Which firmware.
    Firmware,
    /// What will happen.
    Review,
    /// It happens.
    Flash,
    /// How it ended.
    Done,
}

impl Step {
    /// Every step, in order.
    pub const ALL: [Self; 5] = [
        Self::Probe,
        Self::Firmware,
        Self::Review,
        Self::Flash,
        Self::Done,
    ];
}

/// A page in front of the steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// The DFU coach.
    Coach,
    /// Settings.
    Settings,
    /// What this program is.
    About,
}

/// What is known of the version a running probe reports.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Running {
    /// It is no running firmware, or nobody asked yet.
    #[default]
    NotAsked,
    /// It answered with its version text.
    Version(String),
    /// It was asked and did not say.
    Silent,
}

/// One device on the bus with what is known of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// As it was listed.
    pub info: DeviceInfo,
    /// What it is.
    pub sighting: Sighting,
    /// What it runs.
    pub running: Running,
    /// It is the one that came last, after the first look at the bus.
    pub just_plugged_in: bool,
}

impl Seen {
    /// Its mode, if it is a probe.
    pub fn mode(&self) -> Option<Mode> {
        match self.sighting {
            Sighting::Probe { mode, .. } => Some(mode),
            _ => None,
        }
    }

    /// Its chip, if it is a probe and that is known.
    pub fn mcu(&self) -> Option<Mcu> {
        match self.sighting {
            Sighting::Probe { mcu, .. } => mcu,
            _ => None,
        }
    }

    /// True for a probe that can be flashed as it is.
    pub fn is_usable_probe(&self) -> bool {
        self.mcu().is_some() && self.info.access.is_usable()
    }

    /// True for somebody else's device that is worth showing.
    pub fn is_stranger(&self) -> bool {
        matches!(self.sighting, Sighting::Stranger(_))
    }
}

/// What is on the bus.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Bus {
    /// True once the first list came.
    pub looked: bool,
    /// In the order of the list; unrelated devices are left out.
    pub devices: Vec<Seen>,
    /// Why the bus could not be listed.
    pub failure: Option<LinkError>,
}

/// The probe that was chosen. It outlives its enumeration: a probe that restarts is found again by its socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// Its present or last enumeration.
    pub id: DeviceId,
    /// Its socket.
    pub location: Option<Location>,
    /// Its serial number, if it has one worth the name.
    pub serial: Option<String>,
    /// Its chip.
    pub mcu: Option<Mcu>,
    /// The user clicked it; false if it was the only one.
    pub by_hand: bool,
}

/// A file on its way to being an [`Image`].
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Picked {
    /// Nothing was picked.
    #[default]
    Nothing,
    /// It is being read.
    Reading {
        /// The file.
        path: PathBuf,
    },
    /// It was understood.
    Image {
        /// The file, where it is one.
        path: Option<PathBuf>,
        /// Its contents.
        image: Arc<Image>,
    },
    /// It was not.
    Refused {
        /// The file.
        path: PathBuf,
        /// Why.
        error: ImageError,
    },
}

impl Picked {
    /// The image, if there is one.
    pub fn image(&self) -> Option<&Arc<Image>> {
        match self {
            Self::Image { image, .. } => Some(image),
            _ => None,
        }
    }
}

/// What the user decided beside probe and file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Read the whole probe and keep it before writing.
    pub backup: bool,
    /// The user accepts what a deployer risks.
    pub deployer_consent: bool,
    /// USB or CAN at which bitrate, where only the user can know.
    pub wanted: Option<Transport>,
    /// Full or lite, where the user wants another than the probe runs.
    pub variant: Option<Variant>,
}

/// What a job does.
#[derive(Debug, Clone, PartialEq)]
pub enum Work {
    /// Writes firmware.
    Flash(Arc<Plan>),
    /// Reads the whole flash and keeps it.
    Backup(Box<Target>),
}

impl Work {
    /// The probe it is about.
    pub fn target(&self) -> &Target {
        match self {
            Self::Flash(plan) => &plan.target,
            Self::Backup(target) => target,
        }
    }
}

/// A running or ended job.
#[derive(Debug, Clone, PartialEq)]
pub struct FlashRun {
    /// What is done.
    pub work: Work,
    /// How far it is.
    pub view: JobView,
    /// The user asked to stop.
    pub cancel_asked: bool,
}

impl FlashRun {
    /// True until the terminal event.
    pub fn is_running(&self) -> bool {
        self.view.is_running()
    }
}

/// Something worth saying that is no failure of a job; stays until dismissed.
#[derive(Debug, Clone, PartialEq)]
pub enum Notice {
    /// The settings could not be read; the defaults are used.
    SettingsUnreadable(String),
    /// The settings could not be saved.
    SettingsUnsaved(String),
    /// The file chosen before does not fit the probe chosen now.
    FirmwareDropped {
        /// Its name.
        name: String,
    },
    /// No file dialog appeared.
    NoFileDialog,
    /// The report was saved.
    ReportSaved(PathBuf),
    /// The report could not be saved.
    ReportUnsaved(String),
    /// Several files were dropped; the first was taken.
    FirstOfSeveralFiles,
    /// The permission could not be set.
    NotRepaired(Elevation),
    /// A driver could not be changed, or waits for a restart (Windows).
    Driver(Outcome),
    /// Kept firmware was deleted.
    FirmwareRemoved(Removed),
    /// Kept firmware could not be deleted.
    FirmwareNotRemoved(String),
    /// A worker could not be started.
    WorkerMissing(String),
    /// A background task failed; this is the report, if one could be written.
    Crashed(Option<PathBuf>),
    /// Another window of this program is open and does not answer.
    OtherWindowSilent,
    /// A file was handed over while a probe is being written.
    FileWhileFlashing {
        /// Its name.
        name: String,
    },
    /// The desktop did not open this folder or page.
    NotOpened(String),
}

/// A question that needs an answer before anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// The window is closed while a probe is written.
    CloseWhileFlashing,
    /// Stop the job?
    StopJob,
    /// Delete all firmware that is kept?
    RemoveFirmware,
}

/// Everything the window shows.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, each shown by itself"
)]
pub struct AppState {
    /// The step on screen.
    pub step: Step,
    /// A page in front of it.
    pub page: Option<Page>,
    /// What is on the bus.
    pub bus: Bus,
    /// Probes that were met since the start.
    pub met: MetProbes,
    /// What is in the way of using what is there.
    pub diagnoses: Vec<Diagnosis>,
    /// What repairs have changed on this computer.
    pub undoable: Vec<Undo>,
    /// Administrator rights are being asked for.
    pub repairing: bool,
    /// The probe to flash.
    pub chosen: Option<Chosen>,
    /// The list of firmware.
    pub list: FirmwareList,
    /// The firmware to write.
    pub firmware: Picked,
    /// The Katapult to write with it, where one is needed.
    pub bootloader: Picked,
    /// Text of the path field.
    pub path_text: String,
    /// Decisions.
    pub options: Options,
    /// The plan for all that, or why there is none; `None` until probe and firmware are chosen.
    pub verdict: Option<Result<Arc<Plan>, Refusal>>,
    /// The flash job.
    pub run: Option<FlashRun>,
    /// The DFU coach, while its page is open.
    pub coach: Option<Coach>,
    /// The board the user said it is, for next time.
    pub model: Option<Model>,
    /// Things to say.
    pub notices: Vec<Notice>,
    /// An open question.
    pub question: Option<Question>,
    /// What happened, for a report.
    pub history: History,
    /// A newer version of this program that is worth telling of.
    pub release: Option<Release>,
    /// What draws the window.
    pub renderer: Option<String>,
    /// Where the log is written, if it is.
    pub log_folder: Option<PathBuf>,
    /// How often the window was called to the front.
    pub calls_to_front: u32,
    /// The log, in lines.
    pub log: LogRing,
    /// Whether the log drawer is open.
    pub log_open: bool,
    /// This system opened no file dialog when it was asked to: paths are typed.
    pub no_file_dialog: bool,
    /// What is remembered.
    pub settings: Settings,
    /// What the system says about text and motion.
    pub comfort: SystemComfort,
    /// The hands on the simulated bench; `None` with real hardware.
    pub bench: Option<Bench>,
    /// True if the hardware is simulated.
    pub simulated: bool,
    /// True if practice can be started and left from here.
    pub can_practise: bool,
    /// The window should close.
    pub quit: bool,
    /// The hardware's time at the last look.
    pub now: Duration,
}

impl AppState {
    /// A fresh start.
    pub fn new(settings: Settings) -> Self {
        Self {
            step: Step::Probe,
            page: None,
            bus: Bus::default(),
            met: MetProbes::default(),
            diagnoses: Vec::new(),
            undoable: Vec::new(),
            repairing: false,
            chosen: None,
            list: FirmwareList::default(),
            firmware: Picked::Nothing,
            bootloader: Picked::Nothing,
            path_text: String::new(),
            options: Options {
                backup: settings.backup,
                deployer_consent: false,
                wanted: None,
                variant: None,
            },
            verdict: None,
            run: None,
            coach: None,
            model: None,
            notices: Vec::new(),
            question: None,
            history: History::default(),
            release: None,
            renderer: None,
            log_folder: None,
            calls_to_front: 0,
            log: LogRing::default(),
            log_open: false,
            no_file_dialog: false,
            settings,
            comfort: SystemComfort::default(),
            bench: None,
            simulated: false,
            can_practise: false,
            quit: false,
            now: Duration::ZERO,
        }
    }

    /// The chosen probe as it is on the bus now, if it is.
    pub fn probe(&self) -> Option<&Seen> {
        let chosen = self.chosen.as_ref()?;
        self.bus
            .devices
            .iter()
            .find(|seen| seen.info.id == chosen.id)
    }

    /// Probes on the bus, usable or not.
    pub fn probes(&self) -> impl Iterator<Item = &Seen> {
        self.bus.devices.iter().filter(|seen| seen.mode().is_some())
    }

    /// The plan, if there is one.
    pub fn plan(&self) -> Option<&Arc<Plan>> {
        self.verdict.as_ref()?.as_ref().ok()
    }

    /// True while a probe is being written.
    pub fn is_flashing(&self) -> bool {
        self.run.as_ref().is_some_and(FlashRun::is_running)
    }

    /// True if kept firmware can be deleted: there is some, and nothing is reading or writing it.
    pub fn can_remove_firmware(&self) -> bool {
        let list = &self.list;
        let loading =
            (list.choice.as_ref()).is_some_and(|c| matches!(c.load, Load::Loading { .. }));
        let fetching = matches!(list.bulk, Some(Bulk::Running { .. }));
        let busy = loading || fetching || list.removing || self.is_flashing();
        list.kept.files > 0 && !busy
    }

    /// Says something, once.
    pub fn notify(&mut self, notice: Notice) {
        if !self.notices.contains(&notice) {
            self.notices.push(notice);
        }
    }
}

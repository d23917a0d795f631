//! The program without pixels: its state, what can be asked of it, what happens to it, and the threads that
//! wait on its behalf.
//!
//! [`App::logic`] takes in what happened, drawing reads [`App::state`] and collects [`Command`]s, [`App::run`]
//! does them after the frame. Knows nothing of egui.

pub mod coach;
pub mod comfort;
mod command;
mod dialogs;
mod event;
pub mod explain;
pub mod firmware;
mod fold;
pub mod history;
pub mod licenses;
mod log;
pub mod met;
pub mod practice;
pub mod primary;
mod reporting;
mod run;
mod selection;
pub mod state;
mod updates;
mod workers;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::Duration;

pub use command::{Command, Place};
pub use dialogs::{Dialogs, Folder, NativeDialogs};
pub use event::{CatalogProgress, Event, Purpose, Sender, Wake, channel};
pub use log::LogTap;
pub use selection::needs_bootloader;
pub use state::AppState;
pub use workers::chime::play as native_chime;
pub use workers::instance::{Receipt, listen};

use crate::catalog::fetch::Fetch;
use crate::flash::Job;
use crate::settings::{Settings, SettingsError};
use practice::Bus;
use workers::keeper::Keeper;
use workers::promise::Awaited;
use workers::{Answer, Watcher};

/// Makes a simulated bench to practice on.
pub type MakeBench = Arc<dyn Fn() -> Option<Bus> + Send + Sync>;

/// Asks the system about text and motion.
pub type AskComfort = Arc<dyn Fn() -> comfort::SystemComfort + Send + Sync>;

/// Plays a short sound; returns at once.
pub type Chime = Arc<dyn Fn() + Send + Sync>;

/// What the program is given to work with.
pub struct Services {
    /// The bus it starts with.
    pub bus: Bus,
    /// How to get a simulated bench, where practice is offered.
    pub practise: Option<MakeBench>,
    /// How to open the catalog of firmware.
    pub catalog: firmware::OpenCatalog,
    /// The file dialogs.
    pub dialogs: Arc<dyn Dialogs>,
    /// Plays a short sound, without waiting for it.
    pub chime: Chime,
    /// What people have told their system about text and motion. Called by a worker.
    pub comfort: AskComfort,
    /// Where settings are kept; `None` remembers nothing.
    pub settings_path: Option<PathBuf>,
    /// Where backups go if the settings and the system name no folder.
    pub fallback_backup_folder: PathBuf,
    /// How to ask whether there is a newer version of the program; `None` never asks.
    pub releases: Option<Arc<dyn Fetch>>,
    /// Where the log is written, if it is.
    pub log_folder: Option<PathBuf>,
}

/// The program.
pub struct App {
    state: AppState,
    services: Services,
    bus: Bus,
    sender: Sender,
    receiver: Receiver<Event>,
    watcher: Option<Watcher>,
    watchers_started: u64,
    tickets_given: u64,
    ticket_firmware: u64,
    ticket_bootloader: u64,
    dialog: Awaited<Answer>,
    shelf: firmware::Shelf,
    keeper: Option<Keeper>,
    job: Option<Job>,
    /// The bus is being cleared for this job.
    job_waits: bool,
    /// What was remembered could not be read: it is overwritten only for a change that the user makes.
    settings_unreadable: bool,
}

impl App {
    /// Starts watching the bus. Events come through the given channel, which a log may already be writing to.
    pub fn new(services: Services, channel: (Sender, Receiver<Event>)) -> Self {
        let (settings, warning) = match &services.settings_path {
            Some(path) => Settings::load(path),
            None => (Settings::default(), None),
        };
        let (sender, receiver) = channel;
        let mut app = Self {
            state: AppState::new(settings),
            bus: services.bus.clone(),
            services,
            sender,
            receiver,
            watcher: None,
            watchers_started: 0,
            tickets_given: 0,
            ticket_firmware: 0,
            ticket_bootloader: 0,
            dialog: None,
            shelf: firmware::Shelf::default(),
            keeper: None,
            job: None,
            job_waits: false,
            settings_unreadable: warning.is_some(),
        };
        app.start_keeper();
        app.ask_comfort();
        if let Some(warning) = warning {
            app.warn_of_settings(&warning);
        }
        app.state.log_folder.clone_from(&app.services.log_folder);
        app.use_bus();
        app.open_catalog();
        app
    }

    /// What is shown.
    pub fn state(&self) -> &AppState {
        &self.state
    }

    /// Takes in everything that happened. Never blocks.
    pub fn logic(&mut self) {
        self.state.now = self.bus.hardware.clock().now();
        let reached_dfu = self.has_reached_dfu();
        while let Ok(event) = self.receiver.try_recv() {
            self.take_in(event);
        }
        if !reached_dfu && self.has_reached_dfu() && self.state.settings.sound {
            (self.services.chime)();
        }
        self.take_in_dialog();
        self.take_in_job();
        self.follow_firmware();
        self.follow_updates();
        if let Some(coach) = &mut self.state.coach {
            coach.tick(self.state.now);
        }
        self.state.bench = self.bus.hands.as_ref().map(|hands| hands.bench());
    }

    fn has_reached_dfu(&self) -> bool {
        let coach = self.state.coach.as_ref();
        coach.is_some_and(|coach| matches!(coach.saying(), coach::Saying::Success { .. }))
    }

    /// Does what was asked for during a frame.
    pub fn run(&mut self, commands: Vec<Command>) {
        for command in commands {
            self.run_one(command);
        }
        firmware::follow(&mut self.state);
    }

    /// When [`App::logic`] should be called next even if nothing happens.
    pub fn next_look(&self) -> Option<Duration> {
        /// Remaining time and speed are shown in seconds.
        const CLOCK_STEP: Duration = Duration::from_millis(500);
        let coach = self.state.coach.as_ref().and_then(coach::Coach::next_tick);
        let coach = coach.map(|at| at.saturating_sub(self.state.now));
        let job = self.state.is_flashing().then_some(CLOCK_STEP);
        [coach, job].into_iter().flatten().min()
    }

    /// Says how the window is woken by workers.
    pub fn set_wake(&self, wake: Wake) {
        self.sender.set_wake(wake);
    }

    /// Says what draws the window, for reports.
    pub fn set_renderer(&mut self, renderer: String) {
        tracing::info!("drawn by {renderer}");
        self.state.renderer = Some(renderer);
    }

    /// Starts watching the present bus afresh.
    fn use_bus(&mut self) {
        self.watchers_started = self.watchers_started.saturating_add(1);
        let hardware = Arc::clone(&self.bus.hardware);
        self.state.simulated = hardware.simulated();
        self.state.can_practise = self.services.practise.is_some();
        match Watcher::start(self.watchers_started, hardware, self.sender.clone()) {
            Ok(watcher) => self.watcher = Some(watcher),
            Err(error) => self.worker_missing(&error),
        }
    }

    fn start_keeper(&mut self) {
        let Some(path) = self.services.settings_path.clone() else {
            return;
        };
        match Keeper::start(path, self.sender.clone()) {
            Ok(keeper) => self.keeper = Some(keeper),
            Err(error) => self.worker_missing(&error),
        }
    }

    fn ask_comfort(&mut self) {
        let ask = Arc::clone(&self.services.comfort);
        if let Err(error) = workers::ask_comfort(ask, self.sender.clone()) {
            self.worker_missing(&error);
        }
    }

    fn warn_of_settings(&mut self, warning: &SettingsError) {
        tracing::warn!("{}", with_sources(warning));
        self.state
            .notify(state::Notice::SettingsUnreadable(with_sources(warning)));
    }

    fn worker_missing(&mut self, error: &std::io::Error) {
        tracing::error!("a worker could not be started: {error}");
        self.state
            .notify(state::Notice::WorkerMissing(error.to_string()));
    }
}

/// An error with everything that led to it, in one line.
pub(crate) fn with_sources(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        let cause = source.to_string();
        if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
        next = source.source();
    }
    text
}

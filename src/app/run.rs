//! Commands -> what is done.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::coach::Coach;
use super::event::Purpose;
use super::practice::Bus;
use super::state::{AppState, FlashRun, Notice, Page, Picked, Question, Seen, Step, Work};
use super::workers::{self, Ask};
use super::{App, Command, Place, primary, reporting, selection, with_sources};
use crate::board::{Mcu, Model, Transport};
use crate::doctor::CommandLine;
use crate::flash::plan::{Via, target};
use crate::flash::{Job, JobView, Task};
use crate::settings::Settings;
use crate::update::Release;

impl App {
    pub(super) fn run_one(&mut self, command: Command) {
        tracing::trace!("{command:?}");
        match command {
            Command::GoTo(step) => self.go_to(step),
            Command::Back => {
                if let Some(step) = primary::back(&self.state) {
                    self.go_to(step);
                }
            }
            Command::Open(page) => self.open(page),
            Command::ClosePage => self.close_page(),
            Command::Choose(id) => selection::choose(&mut self.state, &id),
            Command::ChooseAndContinue(id) => {
                selection::choose(&mut self.state, &id);
                self.close_page();
                self.go_to(Step::Firmware);
            }
            Command::ChangeRule(command) => self.change_rule(&command),
            Command::ChangeDriver(command) => self.change_driver(command),
            Command::LookAgain => {
                if let Some(watcher) = &self.watcher {
                    watcher.look_now();
                }
            }
            Command::CoachModel(model) => {
                self.state.model = model;
                let now = self.state.now;
                if let Some(coach) = &mut self.state.coach {
                    coach.choose(model, now);
                }
            }
            Command::PickFile(purpose) => self.ask(Ask::File(purpose, None)),
            Command::PickBackup => {
                let folder = self.backup_folder();
                self.ask(Ask::File(Purpose::Firmware, Some(folder)));
            }
            Command::SaveReport => {
                self.ask(Ask::Report(Box::new(reporting::contents(&self.state))));
            }
            Command::Show(place) => self.show(place),
            Command::SkipRelease => self.skip_release(),
            Command::DismissRelease => self.state.release = None,
            Command::PickFolder(folder) => self.ask(Ask::Folder(folder)),
            Command::PathText(text) => self.state.path_text = text,
            Command::ReadFile(purpose, path) => self.open_file(purpose, path),
            Command::Dropped(paths) => self.take_dropped(paths),
            Command::Forget(purpose) => self.forget(purpose),
            Command::Want(wanted) => self.want(wanted),
            Command::WantVariant(variant) => self.state.options.variant = Some(variant),
            Command::SwitchToCan => {
                self.go_to(Step::Firmware);
                let can = super::firmware::usual_can(&self.state.settings);
                self.want(Some(can));
            }
            Command::Firmware(ask) => self.ask_firmware(ask),
            Command::Backup(on) => {
                self.state.options.backup = on;
                selection::replan(&mut self.state);
            }
            Command::DeployerConsent(given) => {
                self.state.options.deployer_consent = given;
                selection::replan(&mut self.state);
            }
            Command::Flash => self.flash(),
            Command::TryAgain => {
                selection::replan(&mut self.state);
                self.flash();
            }
            Command::BackUpNow => self.back_up(),
            Command::AskStop => {
                if self.state.is_flashing() {
                    self.state.question = Some(Question::StopJob);
                }
            }
            Command::Stop => self.stop(),
            Command::StartOver => self.start_over(),
            Command::NeverMind => self.state.question = None,
            Command::CloseRequested => {
                if self.state.is_flashing() {
                    self.state.question = Some(Question::CloseWhileFlashing);
                } else {
                    self.state.quit = true;
                }
            }
            Command::QuitAnyway => {
                self.stop();
                self.state.quit = true;
            }
            Command::Dismiss(index) => {
                if index < self.state.notices.len() {
                    self.state.notices.remove(index);
                }
            }
            Command::ToggleLog => self.state.log_open = !self.state.log_open,
            Command::Settings(settings) => self.change_settings(*settings),
            Command::WindowSize(width, height) => {
                let mut settings = self.state.settings.clone();
                settings.window_size = Some((width, height));
                self.change_settings(settings);
            }
            Command::Practise => {
                let bench = self.services.practise.as_ref().and_then(|make| make());
                if let Some(bench) = bench {
                    self.change_bus(bench);
                }
            }
            Command::StopPractising => self.change_bus(self.services.bus.clone()),
            Command::Hand(hand) => {
                if let Some(hands) = &self.bus.hands {
                    hands.act(hand);
                }
                self.run_one(Command::LookAgain);
            }
        }
    }

    fn go_to(&mut self, step: Step) {
        if !primary::can_show(&self.state, step) {
            return;
        }
        if self.state.step == Step::Done && step != Step::Done {
            self.state.run = None;
        }
        self.close_page();
        self.state.step = step;
        if step == Step::Probe {
            self.run_one(Command::LookAgain);
        }
        selection::replan(&mut self.state);
    }

    fn open(&mut self, page: Page) {
        let state = &mut self.state;
        if page == Page::Coach {
            let known = state.probe().and_then(Seen::mcu);
            let fits = |model: &Model| known.is_none_or(|mcu| model.mcu() == Some(mcu));
            let only = (known == Some(Mcu::Stm32G431)).then_some(Model::V4);
            let model = state.model.filter(fits).or(only);
            let view = selection::coach_view(&state.bus.devices);
            state.coach = Some(Coach::start(model, view, state.now));
        }
        state.page = Some(page);
    }

    fn close_page(&mut self) {
        self.state.page = None;
        self.state.coach = None;
    }

    fn show(&mut self, place: Place) {
        let state = &self.state;
        let backup = || state.run.as_ref()?.view.backup.as_deref()?.parent();
        let text = |folder: &Path| folder.display().to_string();
        let what = match place {
            Place::LogFolder => state.log_folder.as_deref().map(text),
            Place::BackupFolder => backup().map(text),
            Place::ReleasePage => state.release.as_ref().map(Release::page),
        };
        let Some(what) = what else { return };
        if let Err(error) = workers::open::open(what, self.sender.clone()) {
            self.worker_missing(&error);
        }
    }

    fn change_rule(&mut self, command: &CommandLine) {
        if self.state.repairing {
            return;
        }
        match workers::repair::change_rule(command, self.sender.clone()) {
            Ok(()) => self.state.repairing = true,
            Err(error) => self.worker_missing(&error),
        }
    }

    fn change_driver(&mut self, command: CommandLine) {
        if self.state.repairing {
            return;
        }
        match workers::repair::change_driver(command, self.sender.clone()) {
            Ok(()) => self.state.repairing = true,
            Err(error) => self.worker_missing(&error),
        }
    }

    fn ask(&mut self, ask: Ask) {
        if self.dialog.is_some() {
            return;
        }
        let dialogs = Arc::clone(&self.services.dialogs);
        let hardware = Arc::clone(&self.bus.hardware);
        match workers::ask(ask, dialogs, hardware, self.sender.clone()) {
            Ok(promise) => {
                self.dialog = Some(promise);
            }
            Err(error) => self.worker_missing(&error),
        }
    }

    fn read_file(&mut self, purpose: Purpose, path: PathBuf) {
        self.tickets_given = self.tickets_given.saturating_add(1);
        let ticket = self.tickets_given;
        let picked = match purpose {
            Purpose::Firmware => {
                self.ticket_firmware = ticket;
                &mut self.state.firmware
            }
            Purpose::Bootloader => {
                self.ticket_bootloader = ticket;
                &mut self.state.bootloader
            }
        };
        *picked = Picked::Reading { path: path.clone() };
        selection::replan(&mut self.state);
        if let Err(error) = workers::read_file(purpose, ticket, path, self.sender.clone()) {
            self.worker_missing(&error);
        }
    }

    fn take_dropped(&mut self, paths: Vec<PathBuf>) {
        if self.state.is_flashing() {
            return;
        }
        if paths.len() > 1 {
            self.state.notify(Notice::FirstOfSeveralFiles);
        }
        if let Some(path) = paths.into_iter().next() {
            self.open_file(Purpose::Firmware, path);
        }
    }

    /// Reads a file and shows what it is.
    pub(super) fn open_file(&mut self, purpose: Purpose, path: PathBuf) {
        if self.state.is_flashing() {
            return;
        }
        self.read_file(purpose, path);
        if purpose == Purpose::Firmware {
            self.go_to(Step::Firmware);
        }
    }

    fn forget(&mut self, purpose: Purpose) {
        match purpose {
            Purpose::Firmware => {
                self.state.firmware = Picked::Nothing;
                self.state.path_text.clear();
                self.state.options.deployer_consent = false;
            }
            Purpose::Bootloader => self.state.bootloader = Picked::Nothing,
        }
        selection::replan(&mut self.state);
    }

    fn flash(&mut self) {
        let Some(plan) = self.state.plan().map(Arc::clone) else {
            return;
        };
        self.begin(Work::Flash(plan));
    }

    fn back_up(&mut self) {
        let Some(seen) = self.state.probe() else {
            return;
        };
        match target(&seen.info, Via::Auto) {
            Ok(target) => self.begin(Work::Backup(Box::new(target))),
            Err(refusal) => tracing::warn!("{}", with_sources(&refusal)),
        }
    }

    /// Clears the bus for a job; the job starts when the watcher says that it holds still.
    fn begin(&mut self, work: Work) {
        if self.state.is_flashing() {
            return;
        }
        self.close_page();
        let view = JobView::new();
        self.state.run = Some(FlashRun {
            work,
            view,
            cancel_asked: false,
        });
        self.state.step = Step::Flash;
        let what = describe(&self.state);
        let now = self.state.now;
        self.state.history.job_starts(now, &what);
        self.job_waits = true;
        match &self.watcher {
            Some(watcher) => watcher.hold_still(),
            None => self.start_waiting_job(),
        }
    }

    pub(super) fn start_waiting_job(&mut self) {
        let Some(run) = self.state.run.as_ref().filter(|_| self.job_waits) else {
            return;
        };
        self.job_waits = false;
        let task = match &run.work {
            Work::Flash(plan) => Task::Flash(Box::new(plan.as_ref().clone())),
            Work::Backup(target) => Task::Backup(target.clone()),
        };
        let folder = self.backup_folder();
        let sender = self.sender.clone();
        let wake = Arc::new(move || sender.wake());
        match Job::start(task, Arc::clone(&self.bus.hardware), folder, wake) {
            Ok(job) => {
                if run.cancel_asked {
                    job.cancel();
                }
                self.job = Some(job);
            }
            Err(error) => {
                self.worker_missing(&error);
                self.state.run = None;
                self.state.step = Step::Review;
            }
        }
    }

    /// Where backups are.
    fn backup_folder(&self) -> PathBuf {
        let folder = self.state.settings.backup_folder_or_default();
        folder.unwrap_or_else(|| self.services.fallback_backup_folder.clone())
    }

    fn stop(&mut self) {
        self.state.question = None;
        if let Some(run) = self.state.run.as_mut().filter(|run| run.is_running()) {
            run.cancel_asked = true;
        }
        if let Some(job) = &self.job {
            job.cancel();
        }
    }

    fn start_over(&mut self) {
        if self.state.is_flashing() {
            return;
        }
        let state = &mut self.state;
        state.run = None;
        state.chosen = None;
        state.firmware = Picked::Nothing;
        state.bootloader = Picked::Nothing;
        state.path_text.clear();
        state.options.deployer_consent = false;
        state.options.wanted = None;
        state.options.variant = None;
        state.options.backup = state.settings.backup;
        self.state.step = Step::Probe;
        self.close_page();
        self.run_one(Command::LookAgain);
        // The bus may be what it was: then nobody else looks for the only probe.
        selection::follow(&mut self.state);
        selection::replan(&mut self.state);
    }

    /// USB or CAN; remembered for the next probe in DFU mode.
    fn want(&mut self, wanted: Option<Transport>) {
        self.state.options.wanted = wanted;
        let mut settings = self.state.settings.clone();
        settings.transport = wanted.or(settings.transport);
        if settings != self.state.settings {
            self.change_settings(settings);
        }
    }

    pub(super) fn change_settings(&mut self, settings: Settings) {
        if self.state.settings.backup != settings.backup {
            self.state.options.backup = settings.backup;
            selection::replan(&mut self.state);
        }
        let catalog = |settings: &Settings| {
            let folder = settings.cache_folder.clone();
            (settings.offline, settings.source_url.clone(), folder)
        };
        let reopen = catalog(&self.state.settings) != catalog(&settings);
        self.state.settings = settings;
        if reopen {
            self.open_catalog();
        }
        if let Some(keeper) = &self.keeper {
            keeper.keep(self.state.settings.clone());
        }
    }

    /// Goes over to another bus; what was chosen on the old one is dropped.
    fn change_bus(&mut self, bus: Bus) {
        if self.state.is_flashing() {
            return;
        }
        let fresh = AppState::new(self.state.settings.clone());
        let old = std::mem::replace(&mut self.state, fresh);
        self.state.log = old.log;
        self.state.log_open = old.log_open;
        self.state.history = old.history;
        self.state.release = old.release;
        self.state.renderer = old.renderer;
        self.state.log_folder = old.log_folder;
        self.state.calls_to_front = old.calls_to_front;
        self.state.comfort = old.comfort;
        self.state.no_file_dialog = old.no_file_dialog;
        self.state.list = old.list.on_another_bus();
        self.state.now = bus.hardware.clock().now();
        self.watcher = None;
        self.bus = bus;
        self.use_bus();
    }
}

/// The job in one line, for a report.
fn describe(state: &AppState) -> String {
    match state.run.as_ref().map(|run| &run.work) {
        Some(Work::Flash(plan)) => format!("flash through {:?}", plan.target.route),
        Some(Work::Backup(target)) => format!("backup through {:?}", target.route),
        None => String::new(),
    }
}

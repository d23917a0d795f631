//! What happened -> state.

use std::path::PathBuf;

use super::dialogs::Folder;
use super::event::{Event, Purpose};
use super::state::{FlashRun, Notice, Picked, Running, Step};
use super::workers::Answer;
use super::workers::instance::Receipt;
use super::workers::promise::{Came, take};
use super::{App, selection, with_sources};
use crate::doctor::Elevation;
use crate::doctor::windows::helper::Outcome;
use crate::flash::{JobEnd, JobEvent};

impl App {
    pub(super) fn take_in(&mut self, event: Event) {
        let is_present = |serial| self.watcher.as_ref().is_some_and(|w| w.serial() == serial);
        match event {
            Event::Bus { watcher, devices } if is_present(watcher) => {
                self.state.history.see(self.state.now, &devices);
                match devices {
                    Ok(devices) => {
                        tracing::debug!("on the bus: {} devices", devices.len());
                        selection::see(&mut self.state, devices);
                    }
                    Err(error) => {
                        tracing::warn!("the bus cannot be listed: {error}");
                        self.state.bus.looked = true;
                        self.state.bus.failure = Some(error);
                    }
                }
            }
            Event::BusQuiet { watcher } if is_present(watcher) => self.start_waiting_job(),
            Event::Bus { .. } | Event::BusQuiet { .. } => {}
            Event::Diagnosed {
                watcher,
                diagnoses,
                undoable,
            } => {
                if is_present(watcher) {
                    self.state.diagnoses = diagnoses;
                    self.state.undoable = undoable;
                }
            }
            Event::Repaired(outcome) => {
                self.state.repairing = false;
                tracing::info!("administrator rights: {outcome:?}");
                if !matches!(outcome, Elevation::Done | Elevation::Dismissed) {
                    self.state.notify(Notice::NotRepaired(outcome));
                }
                if let Some(watcher) = &self.watcher {
                    watcher.look_now();
                }
            }
            Event::DriverChanged(outcome) => {
                self.state.repairing = false;
                tracing::info!("changing the driver: {outcome:?}");
                if outcome == Outcome::DoneAfterRestart
                    || !(outcome.is_done() || outcome == Outcome::Dismissed)
                {
                    self.state.notify(Notice::Driver(outcome));
                }
                if let Some(watcher) = &self.watcher {
                    watcher.look_now();
                }
            }
            Event::Identified { device, version } => {
                let mut devices = self.state.bus.devices.iter_mut();
                if let Some(seen) = devices.find(|seen| seen.info.id == device) {
                    seen.running = version.map_or(Running::Silent, Running::Version);
                }
            }
            Event::FileRead {
                purpose,
                ticket,
                path,
                result,
            } => {
                let (expected, picked) = match purpose {
                    Purpose::Firmware => (self.ticket_firmware, &mut self.state.firmware),
                    Purpose::Bootloader => (self.ticket_bootloader, &mut self.state.bootloader),
                };
                if ticket != expected {
                    return;
                }
                *picked = match result {
                    Ok(image) => {
                        let role = image.facts().role;
                        tracing::info!("firmware read: {} ({role:?})", image.name());
                        Picked::Image {
                            path: Some(path),
                            image,
                        }
                    }
                    Err(error) => {
                        tracing::info!("not firmware: {}", with_sources(&error));
                        Picked::Refused { path, error }
                    }
                };
                selection::replan(&mut self.state);
            }
            Event::Catalog(progress) => self.take_in_progress(progress),
            Event::Release(release) => self.take_in_release(release),
            Event::SecondStart { file, receipt } => self.take_in_second_start(file, &receipt),
            Event::Say(notice) => self.state.notify(notice),
            Event::Comfort(comfort) => self.state.comfort = comfort,
            Event::Log(line) => self.state.log.push(&line),
        }
    }

    /// Comes forward, and shows the file that was handed over.
    fn take_in_second_start(&mut self, file: Option<PathBuf>, receipt: &Receipt) {
        tracing::info!("the program was started again: this window comes forward");
        receipt.give();
        self.state.calls_to_front = self.state.calls_to_front.wrapping_add(1);
        let Some(path) = file else { return };
        if self.state.is_flashing() {
            let name = path.file_name().unwrap_or_default();
            let name = name.to_string_lossy().into_owned();
            self.state.notify(Notice::FileWhileFlashing { name });
        } else {
            self.open_file(Purpose::Firmware, path);
        }
    }

    pub(super) fn take_in_dialog(&mut self) {
        let answer = match take(&mut self.dialog) {
            Came::NothingYet => return,
            // Paths can still be typed.
            Came::Died => Answer::NoDialog,
            Came::This(answer) => answer,
        };
        match answer {
            Answer::File(purpose, path) => self.open_file(purpose, path),
            Answer::Folder(what_for, path) => {
                let mut settings = self.state.settings.clone();
                match what_for {
                    Folder::Backups => settings.backup_folder = Some(path),
                    Folder::Firmware => settings.cache_folder = Some(path),
                }
                self.change_settings(settings);
            }
            Answer::Report(path, Ok(())) => self.state.notify(Notice::ReportSaved(path)),
            Answer::Report(_, Err(error)) => {
                self.state.notify(Notice::ReportUnsaved(error.to_string()));
            }
            Answer::Nothing => {}
            Answer::NoDialog => {
                self.state.no_file_dialog = true;
                self.state.notify(Notice::NoFileDialog);
            }
        }
    }

    pub(super) fn take_in_job(&mut self) {
        while let Some(event) = self.job.as_mut().and_then(crate::flash::Job::try_event) {
            log_job_event(&event);
            let now = self.state.now;
            self.state.history.job_event(now, &event);
            if let Some(run) = &mut self.state.run {
                run.view.apply(&event, now);
            }
            self.end_job_if_over();
        }
    }

    /// Once the terminal event came: the result is shown and the bus is watched again.
    pub(super) fn end_job_if_over(&mut self) {
        if self.state.run.as_ref().is_none_or(FlashRun::is_running) {
            return;
        }
        self.job = None;
        self.state.step = Step::Done;
        self.state.question = None;
        if let Some(watcher) = &self.watcher {
            watcher.resume();
        }
    }
}

fn log_job_event(event: &JobEvent) {
    match event {
        JobEvent::Progress { .. } => {}
        JobEvent::Failed(error) => tracing::error!("{}", with_sources(error.as_ref())),
        JobEvent::Warning { text } => tracing::warn!("{text}"),
        JobEvent::Retry {
            phase,
            attempt,
            because,
        } => {
            tracing::warn!("{phase:?}, try {attempt}: {because}");
        }
        JobEvent::Started { phases } => tracing::info!("job started, {} phases", phases.len()),
        JobEvent::PhaseStarted { phase, total } => {
            tracing::info!("{phase:?} started, {total} bytes");
        }
        JobEvent::PhaseFinished { phase, took } => {
            tracing::info!("{phase:?} done in {:.2} s", took.as_secs_f64());
        }
        JobEvent::PhaseSkipped { phase } => tracing::info!("{phase:?} not needed"),
        JobEvent::BackedUp { path } => tracing::info!("backup in {}", path.display()),
        other => tracing::info!("{other:?}"),
    }
}

impl FlashRun {
    /// True if it ended well.
    pub fn succeeded(&self) -> bool {
        matches!(self.view.end, Some(JobEnd::Finished(_)))
    }
}

//! Exit codes, and failures that end a command.

use std::process::ExitCode;

use carto_flasher::advice::{self, Action, Advice, CliFailure, LOOK_AT_CARD, Step};
use carto_flasher::board::Mcu;
use carto_flasher::flash::{Aftermath, FlashError, JobEnd, Phase, Report};
use serde_json::Value;

const DOCTOR: &str = "carto-flasher-cli doctor";

/// How a command ends; stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// It did what it should.
    Done = 0,
    /// The command line is wrong.
    Usage = 2,
    /// No usable probe.
    NoProbe = 3,
    /// Refused before any probe was touched; also firmware that could not be had.
    Refused = 4,
    /// Failed; the probe is recoverable.
    Failed = 5,
    /// Failed; DFU mode must be entered by the pads.
    NeedsPads = 6,
    /// Stopped on request.
    Cancelled = 7,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command did not do what it should.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    pub(crate) advice: Box<Advice>,
    /// For a job that ran: where it ended and what the probe is now.
    pub(crate) job: Option<(Option<Phase>, Option<u32>, Aftermath)>,
    /// What was found out all the same: a name and a value for the answer in JSON.
    pub(crate) found: Option<(&'static str, Value)>,
}

impl Failure {
    pub(crate) fn new(exit: Exit, mut advice: Advice) -> Self {
        // What is a button in the window is a command here.
        for step in &mut advice.steps {
            if step.action == Some(Action::OpenDoctor) {
                if step.text == LOOK_AT_CARD {
                    "See what is in the way and how to repair it".clone_into(&mut step.text);
                }
                step.command = Some(DOCTOR.to_owned());
            }
        }
        Self {
            exit,
            advice: Box::new(advice),
            job: None,
            found: None,
        }
    }

    /// With what was found out all the same.
    #[must_use]
    pub(crate) fn with(mut self, name: &'static str, value: Value) -> Self {
        self.found = Some((name, value));
        self
    }

    /// With one more thing to do.
    #[must_use]
    pub(crate) fn step(mut self, text: String) -> Self {
        self.advice.steps.push(Step::new(text));
        self
    }
}

impl From<CliFailure> for Failure {
    fn from(failure: CliFailure) -> Self {
        let exit = match failure {
            CliFailure::Usage { .. }
            | CliFailure::ContradictoryOptions { .. }
            | CliFailure::BadBench { .. }
            | CliFailure::NeedsYes
            | CliFailure::NoBackupFolder
            | CliFailure::NoServer { .. }
            | CliFailure::NoVhci { .. } => Exit::Usage,
            CliFailure::NoSuchDevice { .. }
            | CliFailure::SeveralMatch { .. }
            | CliFailure::NoProbe
            | CliFailure::SeveralProbes { .. }
            | CliFailure::NoUsb { .. }
            | CliFailure::NoBootloader => Exit::NoProbe,
            CliFailure::OnlyStrangers
            | CliFailure::FileExists { .. }
            | CliFailure::CannotWrite { .. }
            | CliFailure::NoSuchBuild { .. }
            | CliFailure::NotServed
            | CliFailure::WrongFiles { .. }
            | CliFailure::LinuxOnly
            | CliFailure::WindowsOnly
            | CliFailure::SeveralBootloaders { .. } => Exit::Refused,
            CliFailure::Declined | CliFailure::Stopped => Exit::Cancelled,
        };
        Self::new(exit, advice::for_cli_failure(&failure))
    }
}

/// The report of a job that did what it should, or why not.
pub(crate) fn end_of_job(end: JobEnd, mcu: Mcu) -> Result<Box<Report>, Failure> {
    match end {
        JobEnd::Finished(report) => Ok(report),
        JobEnd::Failed(error) => Err(failed(&error, mcu)),
        JobEnd::Cancelled(aftermath) => Err(Failure {
            exit: Exit::Cancelled,
            advice: Box::new(advice::for_cancelled(aftermath, mcu)),
            job: Some((None, None, aftermath)),
            found: None,
        }),
    }
}

fn failed(error: &FlashError, mcu: Mcu) -> Failure {
    let exit = match error.aftermath {
        Aftermath::NeedsPads | Aftermath::TornFirstPage => Exit::NeedsPads,
        Aftermath::Untouched
        | Aftermath::UnchangedOrErased
        | Aftermath::BootloaderStillThere
        | Aftermath::BootloaderWhilePowered
        | Aftermath::ReturnsToDfuOnReplug
        | Aftermath::WrittenNotVerified
        | Aftermath::Complete => Exit::Failed,
    };
    Failure {
        exit,
        advice: Box::new(advice::for_flash_error(error, mcu)),
        job: Some((Some(error.phase), error.address, error.aftermath)),
        found: None,
    }
}

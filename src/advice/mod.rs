//! Every failure in words for people: what happened, then what to do. The only place that words failures.
//!
//! Sentence case, no "Error:", no library names outside `details`. `code` is stable: scripts may rely on it.

mod aftermath;
mod catalog;
mod cli;
mod doctor;
mod fetch;
mod flash;
mod image;
mod refusal;
mod windows;

use serde::Serialize;

pub use aftermath::for_aftermath;
pub use catalog::{for_cache_error, for_catalog_error, for_disagreement, for_note};
pub use cli::{CliFailure, for_cli_failure};
pub use doctor::{for_diagnosis, for_rule_error, for_situation};
pub use fetch::for_fetch_error;
pub use flash::{for_cancelled, for_flash_error};
pub use image::{
    for_backup_without_app, for_compose_error, for_image_error, for_misfit, role_label,
};
pub use refusal::for_refusal;
pub use windows::for_driver_outcome;

/// What a button beside a step may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Run the same job again; it goes on where it stopped.
    TryAgain,
    /// Open the pictures of how to enter DFU mode.
    OpenDfuCoach,
    /// Go back and choose another file.
    ChooseFirmware,
    /// Go back and choose another probe.
    ChooseProbe,
    /// Let the doctor look at permissions and drivers.
    OpenDoctor,
    /// Save a report for a bug tracker.
    SaveReport,
}

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// In words.
    pub text: String,
    /// What does it in a terminal. The window shows a field to copy it from, or a button instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// As a button, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<Action>,
}

impl Step {
    /// Something to do by hand.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            command: None,
            action: None,
        }
    }

    fn with(self, action: Action) -> Self {
        Self {
            action: Some(action),
            ..self
        }
    }
}

/// As it is printed in a terminal.
impl std::fmt::Display for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.command {
            Some(command) => write!(f, "{}: {command}", self.text),
            None => f.write_str(&self.text),
        }
    }
}

/// Permissions and drivers are set on the window's first step.
pub const LOOK_AT_CARD: &str = "Look at the probe's card: it has the repair button";

/// A failure in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Advice {
    /// Stable name of the case, `snake_case`.
    pub code: &'static str,
    /// What happened, in a few words.
    pub title: String,
    /// Why, in a sentence or two.
    pub cause: String,
    /// What to do, in order.
    pub steps: Vec<Step>,
    /// The technical text, for Details and reports.
    pub details: String,
}

impl Advice {
    fn new(code: &'static str, title: impl Into<String>, cause: impl Into<String>) -> Self {
        Self {
            code,
            title: title.into(),
            cause: cause.into(),
            steps: Vec::new(),
            details: String::new(),
        }
    }

    fn step(mut self, text: impl Into<String>) -> Self {
        self.steps.push(Step::new(text));
        self
    }

    fn command(mut self, text: impl Into<String>, command: impl Into<String>) -> Self {
        self.steps.push(Step {
            command: Some(command.into()),
            ..Step::new(text)
        });
        self
    }

    fn button(mut self, action: Action, text: impl Into<String>) -> Self {
        self.steps.push(Step::new(text).with(action));
        self
    }

    fn details(mut self, error: &(dyn std::error::Error + 'static)) -> Self {
        let mut text = error.to_string();
        let mut source = error.source();
        while let Some(inner) = source {
            let inner_text = inner.to_string();
            if !text.contains(&inner_text) {
                text = format!("{text}: {inner_text}");
            }
            source = inner.source();
        }
        self.details = text;
        self
    }
}

/// A sentence to go on with in the middle of another.
fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(letters).collect()
    })
}

impl std::fmt::Display for Advice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{}", self.title)?;
        write!(f, "{}", self.cause)?;
        for (number, step) in self.steps.iter().enumerate() {
            write!(f, "\n  {}. {step}", number + 1)?;
        }
        Ok(())
    }
}

//! Words of the parts that screens are made of.

use crate::ui::theme::Tone;
use crate::ui::widgets::{PhaseState, StepItem, StepState};

/// Copies a line.
pub const COPY: &str = "Copy";

/// It was copied.
pub const COPIED: &str = "Copied";

/// What screen readers and the tooltip call the cross of a notice.
pub const DISMISS: &str = "Dismiss";

/// Opens a file dialog.
pub const BROWSE: &str = "Choose…";

/// What kind of notice it is, for screen readers.
pub fn notice_kind(tone: Tone) -> &'static str {
    match tone {
        Tone::Neutral => "Note",
        Tone::Info => "Information",
        Tone::Success => "Success",
        Tone::Warning => "Warning",
        Tone::Danger => "Problem",
    }
}

/// How far a phase is.
pub fn phase(state: PhaseState) -> &'static str {
    match state {
        PhaseState::Waiting => "waiting",
        PhaseState::NotReached => "not reached",
        PhaseState::Running => "running",
        PhaseState::Done => "done",
        PhaseState::Skipped => "not needed",
        PhaseState::Stopped => "stopped",
        PhaseState::Failed => "failed",
    }
}

/// A step of the rail, for screen readers.
pub fn rail_step(step: StepItem<'_>) -> String {
    let StepItem { number, title, .. } = step;
    let state = match step.state {
        StepState::Todo => "to do",
        StepState::Current => "current step",
        StepState::Reached => "current step, done",
        StepState::Done | StepState::Locked => "done",
        StepState::Missed => "not finished",
    };
    match step.chosen {
        Some(chosen) => format!("Step {number}, {title}: {chosen}, {state}"),
        None => format!("Step {number}, {title}, {state}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_spoken_with_its_choice_and_state() {
        let mut step = StepItem {
            number: 2,
            title: "Firmware",
            chosen: Some("6.2.0"),
            state: StepState::Done,
        };
        assert_eq!(rail_step(step), "Step 2, Firmware: 6.2.0, done");
        step.chosen = None;
        step.state = StepState::Todo;
        assert_eq!(rail_step(step), "Step 2, Firmware, to do");
    }
}

//! Things worth saying, at the top of the page until dismissed.

use egui::Ui;

use super::theme::Tone;
use super::widgets;
use super::words;
use crate::app::Command;
use crate::app::state::{AppState, Notice};

/// Draws all notices.
pub(super) fn notices_ui(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    for (index, notice) in state.notices.iter().enumerate() {
        let (title, body) = words::notice(notice);
        let shown = ui.push_id(("notice", index), |ui| {
            widgets::Notice::new(tone(notice), &title)
                .body(&body)
                .dismissable()
                .show(ui)
        });
        if shown.inner.dismissed {
            out.push(Command::Dismiss(index));
        }
    }
}

fn tone(notice: &Notice) -> Tone {
    match notice {
        Notice::ReportSaved(_) | Notice::FirmwareRemoved(_) => Tone::Success,
        Notice::FirmwareDropped { .. }
        | Notice::NoFileDialog
        | Notice::FirstOfSeveralFiles
        | Notice::FileWhileFlashing { .. }
        | Notice::NotOpened(_) => Tone::Info,
        Notice::SettingsUnreadable(_)
        | Notice::SettingsUnsaved(_)
        | Notice::ReportUnsaved(_)
        | Notice::NotRepaired(_)
        | Notice::Crashed(_)
        | Notice::OtherWindowSilent
        | Notice::Driver(_)
        | Notice::FirmwareNotRemoved(_)
        | Notice::WorkerMissing(_) => Tone::Warning,
    }
}

//! The notice of a newer version of this program. It offers a page, never a download.

use egui::Ui;

use super::icons::Icon;
use super::theme::Tone;
use super::widgets::{Button, Notice};
use super::words;
use crate::app::state::{AppState, Step};
use crate::app::{Command, Place};

/// Draws the notice where it disturbs nobody: before a probe is worked on, and afterwards.
pub(super) fn release_notice_ui(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    let calm = state.page.is_none() && matches!(state.step, Step::Probe | Step::Done);
    let Some(release) = state.release.as_ref().filter(|_| calm) else {
        return;
    };
    let title = words::release_title(release);
    let notice = Notice::new(Tone::Info, &title)
        .body(words::update::HOW)
        .icon(Icon::Download)
        .dismissable();
    let shown = notice.show_with(ui, |ui| {
        ui.horizontal_wrapped(|ui| {
            if Button::secondary(words::update::OPEN).show(ui).clicked() {
                out.push(Command::Show(Place::ReleasePage));
            }
            if Button::ghost(words::update::SKIP).show(ui).clicked() {
                out.push(Command::SkipRelease);
            }
        });
    });
    if shown.dismissed {
        out.push(Command::DismissRelease);
    }
}

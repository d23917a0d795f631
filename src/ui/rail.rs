//! The rail on the left: the steps with what was chosen in each, badges, and the doors to other pages.

use egui::{Frame, Margin, Panel, Ui};

use super::icons::Icon;
use super::keys;
use super::theme::{self, Tone, space};
use super::widgets::{IconButton, StepItem, StepState, badge, text};
use super::words;
use crate::app::Command;
use crate::app::primary::can_show;
use crate::app::state::{AppState, FlashRun, Page, Seen, Step, Work};
use crate::flash::{JobEnd, Outcome};

/// Draws the rail.
pub(super) fn rail_ui(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    let p = theme::palette(ui);
    let narrow = ui.available_width() < 800.0;
    let width = if narrow { 190.0 } else { 228.0 } * theme::text_scale(ui.ctx()).sqrt();
    let frame = Frame::new().fill(p.surface).inner_margin(Margin {
        left: 12,
        right: 12,
        top: 20,
        bottom: 12,
    });
    Panel::left("rail")
        .exact_size(width)
        .resizable(false)
        .frame(frame)
        .show(ui, |ui| {
            ui.horizontal(|ui| {
                ui.add_space(space::S);
                text::heading(ui, words::APP);
            });
            ui.add_space(space::L);
            steps_ui(ui, state, out);
            ui.with_layout(egui::Layout::bottom_up(egui::Align::Min), |ui| {
                doors_ui(ui, state, out);
                badges_ui(ui, state);
            });
        });
}

fn steps_ui(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    ui.spacing_mut().item_spacing.y = space::XS;
    for (step, number) in Step::ALL.into_iter().zip(1_u8..) {
        let chosen = chosen(state, step);
        let item = StepItem {
            number,
            title: words::step(step),
            chosen: chosen.as_deref(),
            state: step_state(state, step),
        };
        if item.show(ui).clicked() {
            out.push(Command::GoTo(step));
        }
    }
}

fn step_state(state: &AppState, step: Step) -> StepState {
    let succeeded = state.run.as_ref().is_some_and(FlashRun::succeeded);
    if step == state.step {
        return match step {
            Step::Done if succeeded => StepState::Reached,
            _ => StepState::Current,
        };
    }
    let backup = state
        .run
        .as_ref()
        .is_some_and(|run| matches!(run.work, Work::Backup(_)));
    if backup && matches!(step, Step::Firmware | Step::Review) {
        // Nothing was chosen in them.
        return StepState::Todo;
    }
    let failed = state
        .run
        .as_ref()
        .is_some_and(|run| !run.is_running() && !run.succeeded());
    if step == Step::Flash && state.step == Step::Done && failed {
        return StepState::Missed;
    }
    match (step < state.step, can_show(state, step)) {
        (true, true) => StepState::Done,
        (true, false) => StepState::Locked,
        (false, _) => StepState::Todo,
    }
}

/// What was chosen in a step, in a word or two.
fn chosen(state: &AppState, step: Step) -> Option<String> {
    match step {
        Step::Probe => {
            let chosen = state.chosen.as_ref()?;
            Some(words::probe_short(
                chosen.mcu,
                state.probe().and_then(Seen::mode),
            ))
        }
        Step::Firmware => state
            .firmware
            .image()
            .map(|image| words::image_short(image.facts())),
        Step::Review | Step::Flash => None,
        Step::Done => match state.run.as_ref()?.view.end.as_ref()? {
            JobEnd::Finished(report) if report.outcome == Outcome::BackedUp => {
                Some(words::rail::BACKED_UP.into())
            }
            JobEnd::Finished(_) => Some(words::rail::VERIFIED.into()),
            JobEnd::Failed(_) => Some(words::rail::FAILED.into()),
            JobEnd::Cancelled(_) => Some(words::rail::STOPPED.into()),
        },
    }
}

fn badges_ui(ui: &mut Ui, state: &AppState) {
    let offline = state.settings.offline || state.list.unreachable;
    if !state.simulated && !offline {
        return;
    }
    ui.add_space(space::XS);
    ui.horizontal_wrapped(|ui| {
        ui.add_space(space::S);
        if state.simulated {
            badge(ui, Tone::Warning, Some(Icon::Flask), words::SIMULATED);
        }
        if offline {
            badge(ui, Tone::Neutral, Some(Icon::Offline), words::OFFLINE);
        }
    });
}

fn doors_ui(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        let doors = [
            (
                Icon::Gear,
                words::SETTINGS,
                Some(keys::SETTINGS),
                toggle(state, Page::Settings),
            ),
            (Icon::Log, words::LOG, Some(keys::LOG), Command::ToggleLog),
            (Icon::Info, words::ABOUT, None, toggle(state, Page::About)),
        ];
        for (icon, name, shortcut, command) in doors {
            let hint = shortcut.map(|shortcut| ui.ctx().format_shortcut(&shortcut));
            let button = IconButton::new(icon, name).hint(hint.as_deref());
            if button.show(ui).clicked() {
                out.push(command);
            }
        }
    });
}

fn toggle(state: &AppState, page: Page) -> Command {
    if state.page == Some(page) {
        Command::ClosePage
    } else {
        Command::Open(page)
    }
}

//! The bar at the bottom: back, and the one button of the step with the reason when it cannot be pressed.

use egui::{Align, Frame, Layout, Margin, Panel, Ui};

use super::column;
use super::icons::Icon;
use super::theme;
use super::widgets::Button;
use super::words;
use crate::app::Command;
use crate::app::primary::{Verb, back, primary};
use crate::app::state::{AppState, Page};

/// Draws the bar of a step.
pub(super) fn bottom_bar_ui(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    let back = back(state);
    let primary = primary(state);
    bar(ui, |ui| {
        if back.is_some()
            && Button::ghost(words::BACK)
                .icon(Icon::ArrowLeft)
                .large()
                .show(ui)
                .clicked()
        {
            out.push(Command::Back);
        }
        let stoppable = state.run.as_ref().filter(|run| run.is_running());
        if let Some(run) = stoppable {
            let label = if run.cancel_asked {
                words::flash::STOPPING
            } else {
                words::flash::STOP
            };
            let usable = if run.cancel_asked { Err("") } else { Ok(()) };
            right(ui, |ui| {
                let button = Button::secondary(label).large().min_width(120.0);
                if button.enabled_or(usable).show(ui).clicked() {
                    out.push(Command::AskStop);
                }
            });
        }
        if let Some(primary) = primary {
            right(ui, |ui| {
                let verb = words::verb(primary.verb);
                let reason = primary.disabled.as_ref().map(words::why);
                let mut button = Button::primary(&verb)
                    .large()
                    .min_width(180.0)
                    .align(Align::Max)
                    .enabled_or(reason.map_or(Ok(()), Err));
                if primary.verb == Verb::Flash {
                    button = button.icon(Icon::Bolt);
                }
                if button.show(ui).clicked() {
                    out.push(primary.command);
                }
            });
        }
    });
}

/// Draws the bar of a page that stands in front of the steps.
pub(super) fn page_bar_ui(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    let label = if state.page == Some(Page::Coach) {
        words::BACK
    } else {
        words::CLOSE
    };
    bar(ui, |ui| {
        if Button::ghost(label)
            .icon(Icon::ArrowLeft)
            .large()
            .show(ui)
            .clicked()
        {
            out.push(Command::ClosePage);
        }
    });
}

fn bar(ui: &mut Ui, contents: impl FnOnce(&mut Ui)) {
    let p = theme::palette(ui);
    let small = ui.available_height() < 560.0;
    let (margin, height) = if small { (6, 60.0) } else { (12, 64.0) };
    let frame = Frame::new()
        .fill(p.surface)
        .inner_margin(Margin::symmetric(0, margin));
    Panel::bottom("bottom bar")
        .resizable(false)
        .frame(frame)
        .show(ui, |ui| {
            column(ui, |ui| {
                ui.horizontal(|ui| {
                    ui.set_min_height(height * theme::text_scale(ui.ctx()));
                    contents(ui);
                });
            });
        });
}

fn right(ui: &mut Ui, contents: impl FnOnce(&mut Ui)) {
    ui.with_layout(Layout::right_to_left(Align::Center), contents);
}

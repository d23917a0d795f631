//! The log at the bottom, closed until it is asked for.

use egui::{Frame, Margin, Panel, ScrollArea, Ui};

use super::column;
use super::icons::Icon;
use super::program_settings::open_log_ui;
use super::theme::{self, Type};
use super::widgets::{Button, IconButton, text};
use super::words;
use crate::app::Command;
use crate::app::state::AppState;

/// Draws the drawer, if it is open.
pub(super) fn log_drawer_ui(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    if !state.log_open {
        return;
    }
    let p = theme::palette(ui);
    let frame = Frame::new()
        .fill(p.sunken)
        .inner_margin(Margin::symmetric(0, 8));
    let most = (ui.available_height() * 0.5).max(120.0);
    Panel::bottom("log")
        .resizable(true)
        .default_size(180.0)
        .size_range(100.0..=most)
        .frame(frame)
        .show(ui, |ui| column(ui, |ui| drawer_ui(ui, state, out)));
}

fn drawer_ui(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        text::heading(ui, words::LOG);
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if IconButton::new(Icon::Cross, words::CLOSE_LOG)
                .show(ui)
                .clicked()
            {
                out.push(Command::ToggleLog);
            }
            if Button::ghost(words::COPY_ALL)
                .icon(Icon::Copy)
                .show(ui)
                .clicked()
            {
                let all: Vec<&str> = state.log.lines().collect();
                ui.ctx().copy_text(all.join("\n"));
            }
            if Button::ghost(words::SAVE_REPORT)
                .icon(Icon::Save)
                .show(ui)
                .clicked()
            {
                out.push(Command::SaveReport);
            }
            if state.log_folder.is_some() {
                open_log_ui(ui, out);
            }
        });
    });
    if state.log.is_empty() {
        text::muted(ui, words::LOG_EMPTY);
        return;
    }
    lines_ui(ui, state);
}

fn lines_ui(ui: &mut Ui, state: &AppState) {
    let height = theme::font(ui, Type::Mono).size * 1.4;
    let count = state.log.lines().len();
    ScrollArea::both()
        .auto_shrink(false)
        .stick_to_bottom(true)
        .show_rows(ui, height, count, |ui, rows| {
            let shown = state.log.lines().skip(rows.start).take(rows.len());
            for line in shown {
                let line = egui::RichText::new(line).font(theme::font(ui, Type::Mono));
                ui.add(egui::Label::new(line).extend());
            }
        });
}

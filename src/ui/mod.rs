//! Drawing only: takes the state, draws it, collects commands. Opens nothing and locks nothing.

mod about_screen;
mod advice_view;
mod app_icon;
mod bottom_bar;
mod coach_screen;
pub mod crash_window;
mod device_card;
pub mod diagrams;
mod done_screen;
mod firmware;
mod flash_screen;
pub mod icons;
mod inspector;
mod keys;
mod licenses;
mod log_drawer;
mod notices;
mod pictures;
mod practice_bar;
mod probe_screen;
mod program_settings;
mod question;
mod rail;
mod release_notice;
mod repair_view;
mod review_screen;
mod settings_screen;
pub mod theme;
mod undo_view;
pub mod widgets;
pub mod window;
mod window_size;
pub mod words;

use egui::{Frame, Margin, ScrollArea, Ui};

use crate::app::Command;
use crate::app::coach::Saying;
use crate::app::state::{AppState, Page, Step};
use theme::space;

/// Lines of a page are no longer than this, in points at text size 1.
const PAGE_WIDTH: f32 = 760.0;

/// Draws the whole window.
pub fn root_ui(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    keys::keys(ui, state, out);
    if let Some(id) = reached_dfu(state) {
        coach_screen::success_ui(ui, id, out);
        return;
    }
    rail::rail_ui(ui, state, out);
    if state.page.is_none() {
        bottom_bar::bottom_bar_ui(ui, state, out);
    } else {
        bottom_bar::page_bar_ui(ui, state, out);
    }
    practice_bar::practice_bar_ui(ui, state, out);
    log_drawer::log_drawer_ui(ui, state, out);
    egui::CentralPanel::no_frame()
        .frame(page_frame(ui))
        .show(ui, |ui| {
            let salt = (state.step as u8, state.page.map(|page| page as u8));
            ScrollArea::vertical()
                .id_salt(salt)
                .auto_shrink(false)
                .show(ui, |ui| {
                    column(ui, |ui| {
                        ui.spacing_mut().item_spacing = egui::vec2(space::S, space::M);
                        notices::notices_ui(ui, state, out);
                        release_notice::release_notice_ui(ui, state, out);
                        page_ui(ui, state, out);
                        ui.add_space(space::L);
                    });
                });
        });
    question::question_ui(ui, state, out);
    window::drop_overlay_ui(ui);
}

fn page_ui(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    match (state.page, state.step) {
        (Some(Page::Coach), _) => coach_screen::coach_ui(ui, state, out),
        (Some(Page::Settings), _) => settings_screen::settings_ui(ui, state, out),
        (Some(Page::About), _) => about_screen::about_ui(ui, state, out),
        (None, Step::Probe) => probe_screen::probe_ui(ui, state, out),
        (None, Step::Firmware) => firmware::firmware_ui(ui, state, out),
        (None, Step::Review) => review_screen::review_ui(ui, state, out),
        (None, Step::Flash) => flash_screen::flash_ui(ui, state, out),
        (None, Step::Done) => done_screen::done_ui(ui, state, out),
    }
}

fn page_frame(ui: &Ui) -> Frame {
    // Of the window, not of the page: the log drawer opens without moving what is above it.
    let top = if ui.ctx().content_rect().height() < 600.0 {
        16
    } else {
        28
    };
    Frame::new()
        .fill(theme::palette(ui).background)
        .inner_margin(Margin {
            top,
            ..Margin::ZERO
        })
}

/// The column that a page and its bar share: a margin in a small window, the middle of a large one.
fn column<R>(ui: &mut Ui, contents: impl FnOnce(&mut Ui) -> R) -> R {
    let least = if ui.available_width() < 620.0 {
        20.0
    } else {
        32.0
    };
    let most = PAGE_WIDTH * theme::text_scale(ui.ctx());
    let width = most.min(ui.available_width() - 2.0 * least).floor();
    let side = ((ui.available_width() - width) / 2.0).floor();
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        ui.add_space(side);
        ui.vertical(|ui| {
            ui.set_width(width);
            ui.spacing_mut().item_spacing.x = space::S;
            contents(ui)
        })
        .inner
    })
    .inner
}

fn reached_dfu(state: &AppState) -> Option<&crate::transport::DeviceId> {
    if state.page != Some(Page::Coach) {
        return None;
    }
    match state.coach.as_ref()?.saying() {
        Saying::Success { id, .. } => Some(id),
        _ => None,
    }
}

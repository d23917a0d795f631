//! What is on this computer: fetching everything for offline use, and asking for a newer list.

use egui::Ui;

use super::words as w;
use crate::advice;
use crate::app::Command;
use crate::app::firmware::{Ask, Bulk, Refresh};
use crate::app::state::AppState;
use crate::catalog::{BulkReport, CatalogError};
use crate::ui::advice_view::{details_ui, steps_ui};
use crate::ui::icons::Icon;
use crate::ui::theme::{Tone, space};
use crate::ui::widgets::{Button, Card, Notice, Progress, details, text};

/// Draws the state of the library and what can be done to it.
pub(super) fn library_ui(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    if state.list.listing.is_none() {
        return;
    }
    match &state.list.bulk {
        Some(Bulk::Running {
            done,
            total,
            bytes,
            stopping,
            ..
        }) => running_ui(ui, (*done, *total, *bytes), *stopping, out),
        ended => {
            if let Some(Bulk::Ended(report)) = ended {
                ended_ui(ui, state, report, out);
            }
            idle_ui(ui, state, out);
        }
    }
    refreshed_ui(ui, state, out);
    disagreements_ui(ui, state);
}

fn idle_ui(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    let (here, all) = state.list.counts();
    text::small(ui, &w::counts(here, all));
    let usable = if state.settings.offline {
        Err(w::FETCH_OFFLINE)
    } else {
        Ok(())
    };
    ui.horizontal_wrapped(|ui| {
        if Button::secondary(w::FETCH_ALL)
            .icon(Icon::Download)
            .enabled_or(usable)
            .show(ui)
            .clicked()
        {
            out.push(Command::Firmware(Ask::FetchAll));
        }
        let asking = state.list.refresh == Some(Refresh::Running);
        if !asking
            && usable.is_ok()
            && Button::ghost(w::REFRESH)
                .icon(Icon::Refresh)
                .show(ui)
                .clicked()
        {
            out.push(Command::Firmware(Ask::Refresh));
        }
    });
}

fn running_ui(
    ui: &mut Ui,
    (done, total, bytes): (usize, usize, u64),
    stopping: bool,
    out: &mut Vec<Command>,
) {
    Card::new().show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = space::S;
        text::heading(ui, w::FETCHING_ALL);
        let part = (total > 0).then(|| done as f32 / total as f32);
        Progress::new(w::FETCHING_ALL, part).show(ui);
        text::muted(ui, &w::bulk_progress(done, total, bytes));
        if stopping {
            text::muted(ui, w::STOPPING);
        } else if Button::secondary(w::STOP_FETCHING)
            .icon(Icon::Stop)
            .show(ui)
            .clicked()
        {
            out.push(Command::Firmware(Ask::StopFetching));
        }
    });
}

fn ended_ui(ui: &mut Ui, state: &AppState, report: &BulkReport, out: &mut Vec<Command>) {
    let (title, body) = w::bulk_ended(report);
    let cancelled = report
        .stopped
        .as_ref()
        .is_some_and(CatalogError::is_cancelled);
    let tone = match (report.is_complete(), cancelled) {
        (true, _) => Tone::Success,
        (false, true) => Tone::Neutral,
        (false, false) => Tone::Warning,
    };
    let first = report.failed.first().map(|(_, why)| why);
    let why = report.stopped.as_ref().filter(|_| !cancelled).or(first);
    let shown = Notice::new(tone, &title)
        .body(&body)
        .dismissable()
        .show_with(ui, |ui| {
            if let Some(why) = why {
                let advice = advice::for_catalog_error(why);
                text::strong(ui, &advice.title);
                text::body(ui, &advice.cause);
                steps_ui(ui, state, &advice, out);
                details_ui(ui, &advice);
            }
        });
    if shown.dismissed {
        out.push(Command::Firmware(Ask::DismissFetched));
    }
}

fn refreshed_ui(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    let dismissed = match &state.list.refresh {
        None => false,
        Some(Refresh::Running) => {
            text::muted(ui, w::REFRESHING);
            false
        }
        Some(Refresh::Done {
            changed,
            tree_problem,
        }) => {
            let title = if *changed { w::NEWS } else { w::NO_NEWS };
            let (tone, body) = match tree_problem {
                Some(_) => (Tone::Warning, w::TREE_PROBLEM),
                None => (Tone::Success, ""),
            };
            let notice = Notice::new(tone, title).body(body).dismissable();
            notice
                .show_with(ui, |ui| {
                    if let Some(problem) = tree_problem {
                        details_ui(ui, &advice::for_fetch_error(problem));
                    }
                })
                .dismissed
        }
        Some(Refresh::Failed(error)) => {
            let advice = advice::for_catalog_error(error);
            let notice = Notice::new(Tone::Danger, &advice.title).body(&advice.cause);
            notice
                .dismissable()
                .show_with(ui, |ui| {
                    steps_ui(ui, state, &advice, out);
                    details_ui(ui, &advice);
                })
                .dismissed
        }
    };
    if dismissed {
        out.push(Command::Firmware(Ask::DismissRefreshed));
    }
}

fn disagreements_ui(ui: &mut Ui, state: &AppState) {
    let Some(listing) = &state.list.listing else {
        return;
    };
    if listing.disagreements.is_empty() {
        return;
    }
    let title = w::disagreements(listing.disagreements.len());
    details(ui, "disagreements", &title, |ui| {
        for disagreement in &listing.disagreements {
            text::small(ui, &advice::for_disagreement(disagreement));
        }
    });
}

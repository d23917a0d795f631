//! The window that opens when the other one failed: what happened, what became of the probe, and where the report is.

use egui::{CentralPanel, Context, Frame, Margin, ScrollArea, Ui};

use super::icons::Icon;
use super::theme::{self, Tone, space};
use super::widgets::{Button, Card, Notice, copy_field, text};
use super::window::Look;
use super::words;
use super::words::crash as w;
use crate::app::comfort::SystemComfort;
use crate::app::explain::{Ask, Explainer};
use crate::crash::Fate;
use crate::settings::Settings;

/// The window.
pub struct CrashWindow {
    explainer: Explainer,
}

impl CrashWindow {
    /// A window on what is told, looking as the settings say.
    pub fn new(explainer: Explainer, settings: &Settings, ctx: &Context) -> Self {
        Look::of(settings, SystemComfort::default()).apply(ctx);
        Self { explainer }
    }
}

impl eframe::App for CrashWindow {
    fn logic(&mut self, ctx: &Context, _frame: &mut eframe::Frame) {
        self.explainer.logic();
        if self.explainer.closed {
            ctx.send_viewport_cmd(egui::ViewportCommand::Close);
        }
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        if let Some(ask) = crash_ui(ui, &self.explainer.fate, self.explainer.report.as_deref()) {
            self.explainer.run(ask);
            ui.ctx().request_repaint();
        }
    }
}

/// Draws the page; returns what was asked for.
pub fn crash_ui(ui: &mut Ui, fate: &Fate, report: Option<&std::path::Path>) -> Option<Ask> {
    let mut asked = None;
    let frame = Frame::new()
        .fill(theme::palette(ui).background)
        .inner_margin(Margin::same(28));
    CentralPanel::no_frame().frame(frame).show(ui, |ui| {
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            ui.spacing_mut().item_spacing = egui::vec2(space::S, space::M);
            text::title(ui, w::TITLE);
            text::body(ui, w::BODY);
            let (title, body) = words::fate(fate);
            Notice::new(tone(fate), &title).body(&body).show(ui);
            report_ui(ui, report, &mut asked);
            ui.add_space(space::S);
            ui.horizontal_top(|ui| {
                let busy = *fate == Fate::BeingWritten;
                // The reason is as wide as the page: it stands in a line of its own below.
                let usable = if busy { Err("") } else { Ok(()) };
                let again = Button::primary(w::AGAIN).large().enabled_or(usable);
                if again.show(ui).clicked() {
                    asked = Some(Ask::StartAgain);
                }
                if Button::ghost(w::CLOSE).large().show(ui).clicked() {
                    asked = Some(Ask::Close);
                }
            });
            if *fate == Fate::BeingWritten {
                text::small(ui, w::NOT_YET);
            }
        });
    });
    asked
}

fn report_ui(ui: &mut Ui, report: Option<&std::path::Path>, asked: &mut Option<Ask>) {
    let Some(path) = report else {
        text::body(ui, w::NO_REPORT);
        return;
    };
    Card::new().show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = space::S;
        text::heading(ui, w::REPORT);
        copy_field(ui, w::FILE, &words::path_text(path));
        text::small(ui, w::REPORT_HOW);
        let folder = Button::secondary(w::FOLDER).icon(Icon::Folder);
        if folder.show(ui).clicked() {
            *asked = Some(Ask::OpenFolder);
        }
    });
}

fn tone(fate: &Fate) -> Tone {
    match fate {
        Fate::NotConcerned => Tone::Info,
        Fate::Ended { good: true, .. } => Tone::Success,
        Fate::BeingWritten | Fate::Ended { .. } | Fate::Unknown => Tone::Warning,
    }
}

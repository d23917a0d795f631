//! The program as an eframe application: sends what happened in, draws, does what was asked.

use std::sync::Arc;
use std::time::Duration;

use egui::{Context, Ui, ViewportCommand};

use super::icons::Icon;
use super::theme::{self, Type};
use super::window_size::{SizeMemory, Verdict, size_now};
use super::{app_icon, root_ui, widgets, words};
use crate::app::comfort::SystemComfort;
use crate::app::{App, Command};
use crate::settings::{Settings, ThemeChoice};

/// The window.
pub struct Window {
    app: App,
    shown: Option<Look>,
    calls_to_front: u32,
    size: SizeMemory,
}

/// What the egui context was told about how to look.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Look {
    theme: ThemeChoice,
    text_percent: u16,
    reduced_motion: bool,
}

impl Look {
    pub(super) fn of(settings: &Settings, comfort: SystemComfort) -> Self {
        Self {
            theme: settings.theme,
            text_percent: comfort.text_percent(settings),
            reduced_motion: comfort.stands_still(settings),
        }
    }

    pub(super) fn apply(self, ctx: &Context) {
        ctx.set_theme(match self.theme {
            ThemeChoice::System => egui::ThemePreference::System,
            ThemeChoice::Light => egui::ThemePreference::Light,
            ThemeChoice::Dark => egui::ThemePreference::Dark,
        });
        theme::apply(ctx, f32::from(self.text_percent) / 100.0);
        theme::set_reduced_motion(ctx, self.reduced_motion);
    }
}

impl Window {
    /// A window on `app`; workers wake it through `ctx`.
    pub fn new(app: App, ctx: &Context) -> Self {
        let to_wake = ctx.clone();
        app.set_wake(Arc::new(move || to_wake.request_repaint()));
        let look = Look::of(&app.state().settings, app.state().comfort);
        look.apply(ctx);
        if let Some(icon) = app_icon::app_icon() {
            ctx.send_viewport_cmd(ViewportCommand::Icon(Some(Arc::new(icon))));
        }
        Self {
            app,
            shown: Some(look),
            calls_to_front: 0,
            size: SizeMemory::default(),
        }
    }

    /// The program.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// The program, to be driven from outside the window.
    pub fn app_mut(&mut self) -> &mut App {
        &mut self.app
    }

    /// Before each frame, also while the window is hidden: takes in what happened. Draws nothing.
    pub fn logic(&mut self, ctx: &Context) {
        let closing = ctx.input(|input| input.viewport().close_requested());
        self.watch_size(ctx, closing);
        if closing && !self.app.state().quit {
            self.app.run(vec![Command::CloseRequested]);
            if !self.app.state().quit {
                ctx.send_viewport_cmd(ViewportCommand::CancelClose);
            }
        }
        self.app.logic();
        self.obey_settings(ctx);
        self.come_forward(ctx);
    }

    /// Draws one frame and does what was asked in it.
    pub fn ui(&mut self, ui: &mut Ui) {
        let mut commands = Vec::new();
        take_drops(ui, &mut commands);
        root_ui(ui, self.app.state(), &mut commands);
        if !commands.is_empty() {
            self.app.run(commands);
            // What was done shows in the next frame.
            ui.ctx().request_repaint();
        }
        if let Some(after) = self.app.next_look() {
            ui.ctx()
                .request_repaint_after(after.max(Duration::from_millis(20)));
        }
        if self.app.state().quit {
            ui.ctx().send_viewport_cmd(ViewportCommand::Close);
        }
    }

    /// As far as the desktop lets a window come forward by itself; else it is marked in the task bar.
    fn come_forward(&mut self, ctx: &Context) {
        let calls = self.app.state().calls_to_front;
        if self.calls_to_front == calls {
            return;
        }
        self.calls_to_front = calls;
        for command in [
            ViewportCommand::Minimized(false),
            ViewportCommand::Focus,
            ViewportCommand::RequestUserAttention(egui::UserAttentionType::Informational),
        ] {
            ctx.send_viewport_cmd(command);
        }
    }

    fn watch_size(&mut self, ctx: &Context, last: bool) {
        let Some(size) = size_now(ctx) else {
            return;
        };
        let now_secs = ctx.input(|input| input.time);
        match self.size.see(size, now_secs, last) {
            Verdict::Fine => {}
            Verdict::Wait(secs) => ctx.request_repaint_after(Duration::from_secs_f64(secs + 0.05)),
            Verdict::Remember((width, height)) => {
                self.app.run(vec![Command::WindowSize(width, height)]);
            }
        }
    }

    fn obey_settings(&mut self, ctx: &Context) {
        let look = Look::of(&self.app.state().settings, self.app.state().comfort);
        if self.shown != Some(look) {
            look.apply(ctx);
            self.shown = Some(look);
        }
    }
}

impl eframe::App for Window {
    fn logic(&mut self, ctx: &Context, _frame: &mut eframe::Frame) {
        self.logic(ctx);
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        self.ui(ui);
    }
}

fn take_drops(ui: &Ui, out: &mut Vec<Command>) {
    let dropped = ui.ctx().input(|input| input.raw.dropped_files.clone());
    let paths: Vec<_> = dropped.iter().map(|file| file.path().to_owned()).collect();
    if !paths.is_empty() {
        out.push(Command::Dropped(paths));
    }
}

/// Says that a file that is held over the window can be dropped.
pub(super) fn drop_overlay_ui(ui: &mut Ui) {
    if ui.ctx().input(|input| input.raw.hovered_files.is_empty()) {
        return;
    }
    let p = theme::palette(ui);
    let rect = ui.ctx().content_rect();
    let painter = ui.ctx().layer_painter(egui::LayerId::new(
        egui::Order::Foreground,
        egui::Id::unique("drop overlay"),
    ));
    painter.rect_filled(rect, 0, theme::fade(p.background, 0.92));
    let frame = rect.shrink(24.0);
    let stroke = egui::Stroke::new(3.0, p.accent);
    painter.rect_stroke(
        frame,
        f32::from(theme::radius::L),
        stroke,
        egui::StrokeKind::Inside,
    );
    let icon = egui::Rect::from_center_size(
        rect.center() - egui::vec2(0.0, 40.0),
        egui::Vec2::splat(56.0),
    );
    Icon::Download.paint(&painter, icon, p.accent);
    let line = widgets::text::bold(ui, words::DROP_HERE, Type::Title, frame.width());
    let at = rect.center() + egui::vec2(-line.size().x / 2.0, 8.0);
    widgets::text::paint(&painter, at, &line, p.text);
}

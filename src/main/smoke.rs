//! The window with an end, for smoke tests.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use carto_flasher::ui::window::Window;
use eframe::egui;

/// When it ends, and what is kept of it.
pub(crate) struct Smoke {
    frames: u32,
    picture: Option<PathBuf>,
    /// Frames so far.
    pub(crate) drawn: Arc<AtomicU32>,
}

/// The window.
pub(crate) struct SmokeWindow {
    smoke: Smoke,
    window: Window,
}

impl Smoke {
    pub(crate) fn new(frames: u32, picture: Option<PathBuf>) -> Self {
        Self {
            frames: frames.max(1),
            picture,
            drawn: Arc::default(),
        }
    }

    pub(crate) fn around(self, window: Window) -> SmokeWindow {
        SmokeWindow {
            smoke: self,
            window,
        }
    }
}

impl eframe::App for SmokeWindow {
    fn logic(&mut self, ctx: &egui::Context, _frame: &mut eframe::Frame) {
        self.window.logic(ctx);
    }

    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        self.window.ui(ui);
        let drawn = self
            .smoke
            .drawn
            .fetch_add(1, Ordering::Relaxed)
            .saturating_add(1);
        let ctx = ui.ctx();
        ctx.request_repaint();
        if drawn < self.smoke.frames {
            return;
        }
        let Some(path) = &self.smoke.picture else {
            ctx.send_viewport_cmd(egui::ViewportCommand::Close);
            return;
        };
        if drawn == self.smoke.frames {
            let path = path.clone();
            let to_close = ctx.clone();
            let keep = egui::ScreenshotCallback::new(move |picture| {
                save_picture(&path, &picture);
                to_close.send_viewport_cmd(egui::ViewportCommand::Close);
            });
            ctx.send_viewport_cmd(egui::ViewportCommand::Screenshot(keep));
        }
    }
}

fn save_picture(path: &std::path::Path, picture: &egui::ColorImage) {
    let [width, height] = picture
        .size
        .map(|side| u32::try_from(side).unwrap_or_default());
    let saved = image::save_buffer(
        path,
        picture.as_raw(),
        width,
        height,
        image::ColorType::Rgba8,
    );
    if let Err(error) = saved {
        tracing::error!("the picture could not be saved: {error}");
    }
}

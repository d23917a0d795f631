//! Opens a window with OpenGL, and if that does not work with wgpu: virtual machines and remote desktops often have only
//! one of the two.

use std::panic::AssertUnwindSafe;

use carto_flasher::settings::Settings;
use carto_flasher::ui::words;
use eframe::egui;

/// The desktop file, the icon and Wayland know the program by this name.
const APP_ID: &str = "io.github.carto_flasher.CartoFlasher";
/// Sizes of the window in points (ux.md "Shape").
const SIZE: (u16, u16) = (960, 680);
const SMALLEST: (u16, u16) = (720, 540);
/// Of the window that explains a crash.
const SMALL: (u16, u16) = (620, 520);

/// How showing a window ended.
#[derive(Debug)]
pub(crate) enum Shown {
    /// It was open and was closed.
    Closed,
    /// There is nothing to show it on.
    NoScreen(String),
    /// No renderer works.
    NotOpened(String),
    /// It was open and broke.
    Broke(String),
}

/// Makes what the window shows, once a renderer works; `None` the second time.
pub(crate) type Make<'a> =
    dyn FnMut(&eframe::CreationContext<'_>) -> Option<Box<dyn eframe::App>> + 'a;

/// Shows a window until it is closed.
pub(crate) fn show(viewport: &egui::ViewportBuilder, make: &mut Make<'_>) -> Shown {
    let mut failures = Vec::new();
    for renderer in [eframe::Renderer::Glow, eframe::Renderer::Wgpu] {
        let mut opened = false;
        let why = match attempt(viewport.clone(), renderer, make, &mut opened) {
            Ok(()) => return Shown::Closed,
            // Another renderer needs the same screen.
            Err(Failure::Screen(why)) if failures.is_empty() => return Shown::NoScreen(why),
            Err(Failure::Screen(why) | Failure::Renderer(why)) => format!("{renderer}: {why}"),
        };
        if opened {
            // A second window would only confuse.
            return Shown::Broke(why);
        }
        tracing::warn!("{why}");
        failures.push(why);
    }
    Shown::NotOpened(failures.join("\n"))
}

/// What kept a window from opening.
enum Failure {
    Screen(String),
    Renderer(String),
}

fn attempt(
    viewport: egui::ViewportBuilder,
    renderer: eframe::Renderer,
    make: &mut Make<'_>,
    opened: &mut bool,
) -> Result<(), Failure> {
    let options = eframe::NativeOptions {
        viewport,
        renderer,
        ..Default::default()
    };
    let attempt = AssertUnwindSafe(|| {
        eframe::run_native(
            words::APP,
            options,
            Box::new(|context| {
                *opened = true;
                make(context).ok_or_else(|| "the window was opened twice".into())
            }),
        )
    });
    // Graphics drivers are known to bring programs down instead of reporting a failure.
    match std::panic::catch_unwind(attempt) {
        Ok(Ok(())) => Ok(()),
        Ok(Err(eframe::Error::WinitEventLoop(error))) if !*opened => {
            Err(Failure::Screen(error.to_string()))
        }
        Ok(Err(error)) => Err(Failure::Renderer(error.to_string())),
        Err(_panic) if *opened => Err(Failure::Renderer("the window failed".into())),
        Err(_panic) => Err(Failure::Renderer("the graphics driver failed".into())),
    }
}

/// The window of the program, as large as it was.
pub(crate) fn usual_options() -> egui::ViewportBuilder {
    let remembered = Settings::default_path().and_then(|path| Settings::load(&path).0.window_size);
    let (width, height) = remembered.unwrap_or(SIZE);
    viewport(words::APP, (width.max(SMALLEST.0), height.max(SMALLEST.1)))
        .with_min_inner_size(points(SMALLEST))
        // A size remembered from a larger screen.
        .with_clamp_size_to_monitor_size(true)
        .with_drag_and_drop(true)
}

/// The window that explains a crash.
pub(crate) fn small_options() -> egui::ViewportBuilder {
    viewport(words::crash::WINDOW, SMALL)
}

fn viewport(title: &str, size: (u16, u16)) -> egui::ViewportBuilder {
    egui::ViewportBuilder::default()
        .with_title(title)
        .with_app_id(APP_ID)
        .with_inner_size(points(size))
}

fn points((width, height): (u16, u16)) -> [f32; 2] {
    [f32::from(width), f32::from(height)]
}

/// What draws the window, and on what.
pub(crate) fn renderer(context: &eframe::CreationContext<'_>) -> String {
    if let Some(state) = &context.wgpu_render_state {
        let adapter = state.adapter.get_info();
        return format!(
            "wgpu {:?}: {} {} {}",
            adapter.backend, adapter.name, adapter.driver, adapter.driver_info
        );
    }
    context
        .gl
        .as_ref()
        .map_or_else(|| "an unknown renderer".to_owned(), |gl| opengl(gl))
}

#[expect(
    unsafe_code,
    reason = "OpenGL is asked for its name, while eframe has this context current"
)]
fn opengl(gl: &eframe::glow::Context) -> String {
    use eframe::glow::{HasContext as _, RENDERER, VERSION};
    // SAFETY: the context is current: eframe calls the maker of the window right after it has set up its own painter
    // on this context. Both are names of strings that every OpenGL knows.
    let (version, renderer) = unsafe {
        (
            gl.get_parameter_string(VERSION),
            gl.get_parameter_string(RENDERER),
        )
    };
    format!("OpenGL {version}: {renderer}")
}

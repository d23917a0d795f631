//! Debug builds only, for tests: a window that fails when the environment says so.

use carto_flasher::app::state::AppState;
use carto_flasher::flash::Phase;
use carto_flasher::ui::window::Window;
use eframe::egui;

/// `starting`: the program fails before its window opens. `drawing`: the window fails once it is drawn. `flashing`: it
/// fails once a probe is being written.
pub(crate) const VARIABLE: &str = "CARTO_FLASHER_PANIC";

/// Fails if that is asked for.
pub(crate) fn starting() {
    let sprung = std::env::var(VARIABLE).as_deref() == Ok("starting");
    assert!(!sprung, "the trap of a test was sprung");
}

/// The window, with a trap if one is asked for.
pub(crate) fn around(window: Window) -> Box<dyn eframe::App> {
    let is_sprung: fn(&AppState) -> bool = match std::env::var(VARIABLE).as_deref() {
        Ok("drawing") => |_state| true,
        Ok("flashing") => |state| {
            let phase = state.run.as_ref().and_then(|run| run.view.running());
            phase.is_some_and(|phase| phase.info.phase == Phase::Write && phase.done > 0)
        },
        _ => return Box::new(window),
    };
    Box::new(Trap { window, is_sprung })
}

struct Trap {
    window: Window,
    is_sprung: fn(&AppState) -> bool,
}

impl eframe::App for Trap {
    fn logic(&mut self, ctx: &egui::Context, _frame: &mut eframe::Frame) {
        self.window.logic(ctx);
    }

    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        self.window.ui(ui);
        let sprung = (self.is_sprung)(self.window.app().state());
        assert!(!sprung, "the trap of a test was sprung");
    }
}

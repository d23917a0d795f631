//! Drawings of the probes and of what hands do to them: original, made by the program from measured coordinates.
//!
//! Boards are data ([`part`], [`v2v3`], [`v4`]) and one painter draws them through a sheet in millimeters
//! ([`canvas`]), so that everything scales, follows the theme and stays crisp. Each drawing has a text
//! alternative. Time is given by the caller: nothing here asks a clock or a repaint, and nothing knows what is
//! on the bus.

mod cable;
mod callout;
mod can;
mod canvas;
mod clip;
mod led;
mod motion;
mod paint;
mod part;
mod plug;
mod scene;
mod solder;
mod tools;
mod v2v3;
mod v4;
mod zoom;

#[cfg(test)]
mod tests;

use egui::{Rect, Response, Sense, Ui, Vec2};

pub use cable::cable;
pub use can::can_wiring;
pub use clip::clip;
pub use led::{LedState, led, led_states};
pub use plug::plug;
pub use solder::solder_bridge;

use super::widgets::describe_image;
use super::words::drawings::description;

/// A board from one side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Board {
    /// V2, the side with the pads.
    V2Rear,
    /// V3, the side with the pads.
    V3Rear,
    /// V4, the coil side, where the holes are named.
    V4Bottom,
    /// V4, the side with the connector.
    V4Top,
}

impl Board {
    /// Every board and side.
    pub const ALL: [Self; 4] = [Self::V2Rear, Self::V3Rear, Self::V4Bottom, Self::V4Top];

    /// A side of V4.
    pub fn is_v4(self) -> bool {
        matches!(self, Self::V4Bottom | Self::V4Top)
    }
}

/// What is to be done now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Step {
    /// Nothing: the board as it is.
    #[default]
    None,
    /// Bridge contact pair 1 and hold it.
    HoldBoot0,
    /// Bridge pair 2 for a moment, while pair 1 is held.
    TapReset,
    /// Let go of pair 2, then of pair 1.
    Release,
    /// Plug the USB end into the computer, while pair 1 is held.
    PlugIn,
    /// V4: bridge BT0 and 3V3. Never 3V3 and GND.
    BridgeBoot,
}

impl Step {
    /// Every step.
    pub const ALL: [Self; 6] = [
        Self::None,
        Self::HoldBoot0,
        Self::TapReset,
        Self::Release,
        Self::PlugIn,
        Self::BridgeBoot,
    ];
}

/// What a drawing of a board shows beside the board.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Highlight {
    /// What is to be done.
    pub step: Step,
    /// Seconds since the step began; moves tweezers and plug.
    pub time_secs: f32,
    /// Shows the telling moment, standing still.
    pub reduced_motion: bool,
}

impl Highlight {
    /// True while the drawing changes with time: the caller then asks for repaints (20 a second are enough).
    pub fn moves(&self) -> bool {
        self.step != Step::None && !self.reduced_motion
    }
}

/// How high the drawing of a board is for its width.
pub fn ratio(board: Board) -> f32 {
    scene::ratio(board)
}

/// Draws a board with what is to be done to it. Good from 420 × 220 points up.
pub fn board(ui: &mut Ui, board: Board, highlight: &Highlight, size: Vec2) -> Response {
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    if ui.is_rect_visible(rect) {
        scene::draw(ui, rect, board, *highlight);
    }
    describe_image(&response, &description(board, highlight.step));
    response
}

/// Draws a probe small, as it looks, for a card. The card has the name for screen readers.
pub fn thumbnail(ui: &Ui, board: Board, rect: Rect) {
    scene::draw_small(ui, rect, board);
}

/// Draws what tells a board apart: of V2 and V3 the small board without its coil.
pub fn portrait(ui: &Ui, board: Board, rect: Rect) {
    scene::draw_portrait(ui, rect, board);
}

/// Allocates the place of a drawing, gives it its text alternative, and draws.
fn picture(ui: &mut Ui, size: Vec2, description: &str, draw: impl FnOnce(&Ui, Rect)) -> Response {
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    if ui.is_rect_visible(rect) {
        draw(ui, rect);
    }
    describe_image(&response, description);
    response
}

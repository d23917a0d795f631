//! The parts screens are made of: each takes the [`egui::Ui`] and data, draws, and tells what was done to it.
//!
//! Every part that can be used has a name for screen readers, takes the keyboard's focus with a visible ring and
//! is at least [`super::theme::MIN_TARGET`] high. States are told by shape and words, never by color alone. No
//! part knows the program's state, opens anything or animates by itself.

mod badge;
mod button;
mod card;
mod choice;
mod code;
mod details;
mod door;
mod lists;
mod notice;
mod path;
mod phase;
mod progress;
mod rail;
mod rows;
mod success;
mod table;
pub mod text;

pub use badge::badge;
pub use button::{Button, IconButton};
pub use card::Card;
pub use choice::{PictureChoice, check_box, check_box_room, segmented, segmented_height};
pub use code::copy_field;
pub use details::details;
pub use door::door;
pub use lists::{bullets, numbered};
pub use notice::Notice;
pub use path::{Entered, PathEvent, PathField};
pub use phase::{PhaseRow, PhaseState};
pub use progress::Progress;
pub use rail::{StepItem, StepState};
pub use rows::{key_value, key_value_mono, key_value_with};
pub use success::success_page;
pub use table::{Cell, ListRow, list_header};

use egui::{Id, Response, Ui};

/// Gives a node of the accessibility tree a longer explanation beside its name.
fn describe(ui: &Ui, id: Id, description: &str) {
    ui.ctx().accesskit_node_builder(id, |node| {
        node.set_description(description);
    });
}

/// Has screen readers speak changes of this node when they get to it.
fn announce(ui: &Ui, id: Id) {
    ui.ctx().accesskit_node_builder(id, |node| {
        node.set_live(egui::accesskit::Live::Polite);
    });
}

/// A drawing or a part that screen readers should hear of by this text.
pub fn describe_image(response: &Response, description: &str) {
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, description));
}

#[cfg(test)]
mod tests;

//! A field for a path: typed, pasted or chosen.

use std::path::PathBuf;

use egui::{Key, Ui, vec2};

use super::{Button, text};
use crate::ui::icons::Icon;
use crate::ui::theme::{self, Type, space};
use crate::ui::words::widgets as w;

/// What was done to the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathEvent {
    /// The text changed.
    Changed,
    /// Enter was pressed in it.
    Submitted,
    /// The button was pressed: open a dialog.
    Browse,
}

/// What came of a field that keeps its text by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entered {
    /// A path, with Enter.
    Path(PathBuf),
    /// The button was pressed: open a dialog.
    Browse,
}

/// A label, a field and a button that opens a dialog.
#[must_use = "call show"]
#[derive(Debug, Clone, Copy)]
pub struct PathField<'a> {
    name: &'a str,
    hint: &'a str,
    browse: &'a str,
    icon: Icon,
}

impl<'a> PathField<'a> {
    /// A field called `name`.
    pub fn new(name: &'a str) -> Self {
        Self {
            name,
            hint: "",
            browse: w::BROWSE,
            icon: Icon::Folder,
        }
    }

    /// Shown while it is empty.
    pub fn hint(mut self, hint: &'a str) -> Self {
        self.hint = hint;
        self
    }

    /// Words of the button.
    pub fn browse(mut self, label: &'a str) -> Self {
        self.browse = label;
        self
    }

    /// Icon of the button.
    pub fn icon(mut self, icon: Icon) -> Self {
        self.icon = icon;
        self
    }

    /// Draws a field that keeps what is typed until Enter is pressed.
    pub fn enter(self, ui: &mut Ui) -> Option<Entered> {
        let id = ui.make_persistent_id(("typed", self.name));
        let mut path: String = ui.data(|data| data.get_temp(id)).unwrap_or_default();
        let event = self.show(ui, &mut path);
        let given = PathBuf::from(path.trim().trim_matches('"'));
        match event? {
            PathEvent::Browse => Some(Entered::Browse),
            PathEvent::Submitted if given.is_absolute() => {
                ui.data_mut(|data| data.remove::<String>(id));
                Some(Entered::Path(given))
            }
            PathEvent::Changed | PathEvent::Submitted => {
                ui.data_mut(|data| data.insert_temp(id, path));
                None
            }
        }
    }

    /// Draws the field, as wide as there is room.
    pub fn show(self, ui: &mut Ui, path: &mut String) -> Option<PathEvent> {
        let mut event = None;
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing = vec2(space::S, space::XS);
            let label = text::small(ui, self.name);
            ui.horizontal(|ui| {
                let words = text::layout_line(ui, self.browse, Type::Body, f32::INFINITY);
                let button_width =
                    words.size().x + 2.0 * space::L + theme::icon_size(ui, Type::Body) + space::S;
                let width = (ui.available_width() - button_width - space::S).max(80.0);
                let height = theme::target(ui) + 2.0;
                let edit = egui::TextEdit::singleline(path)
                    .font(theme::font(ui, Type::Mono))
                    .hint_text(self.hint)
                    .margin(egui::Margin::symmetric(10, 0))
                    .align(egui::Align2::LEFT_CENTER)
                    .min_size(vec2(width, height))
                    .desired_width(width);
                let field = ui.add(edit).labelled_by(label.id);
                if field.changed() {
                    event = Some(PathEvent::Changed);
                }
                if field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter)) {
                    event = Some(PathEvent::Submitted);
                }
                if Button::secondary(self.browse)
                    .icon(self.icon)
                    .show(ui)
                    .clicked()
                {
                    event = Some(PathEvent::Browse);
                }
            });
        });
        event
    }
}

//! Settings. Each change holds at once and is remembered.

use std::path::PathBuf;

use egui::Ui;

use super::program_settings::program_ui;
use super::theme::space;
use super::widgets::{
    Button, Card, Entered, PathField, check_box, key_value, key_value_mono, segmented, text,
};
use super::words;
use super::words::settings as w;
use crate::app::comfort::SystemComfort;
use crate::app::firmware::Ask;
use crate::app::state::AppState;
use crate::app::{Command, Folder};
use crate::catalog::fetch::BaseUrl;
use crate::settings::{Settings, ThemeChoice};

const TEXT_PERCENTS: [u16; 5] = [80, 100, 125, 150, 200];
const THEMES: [ThemeChoice; 3] = [ThemeChoice::System, ThemeChoice::Light, ThemeChoice::Dark];

/// Draws the page.
pub(super) fn settings_ui(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    text::title(ui, w::TITLE);
    let mut settings = state.settings.clone();
    group(ui, w::LOOK, |ui| look_ui(ui, &mut settings, state.comfort));
    group(ui, w::SAFETY, |ui| safety_ui(ui, state, &mut settings, out));
    group(ui, w::FIRMWARE, |ui| {
        firmware_ui(ui, &mut settings);
        kept_ui(ui, state, &mut settings, out);
    });
    group(ui, words::program::GROUP, |ui| {
        program_ui(ui, state, &mut settings, out);
    });
    if settings != state.settings {
        out.push(Command::Settings(Box::new(settings)));
    }
}

fn group(ui: &mut Ui, title: &str, contents: impl FnOnce(&mut Ui)) {
    Card::new().show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = space::S;
        text::heading(ui, title);
        contents(ui);
    });
}

/// Boxes that belong together: each is high enough to be hit, so that they need no space between.
fn boxes(ui: &mut Ui, contents: impl FnOnce(&mut Ui)) {
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        contents(ui);
    });
}

fn look_ui(ui: &mut Ui, settings: &mut Settings, system: SystemComfort) {
    text::small(ui, w::THEME);
    let chosen = THEMES.iter().position(|theme| *theme == settings.theme);
    let clicked = segmented(ui, w::THEME, chosen, &w::THEMES);
    if let Some(theme) = clicked.and_then(|index| THEMES.get(index)) {
        settings.theme = *theme;
    }
    text::small(ui, w::TEXT);
    let chosen = TEXT_PERCENTS
        .iter()
        .position(|percent| *percent == settings.text_percent);
    let clicked = segmented(ui, w::TEXT, chosen, &w::TEXTS);
    if let Some(percent) = clicked.and_then(|index| TEXT_PERCENTS.get(index)) {
        settings.text_percent = *percent;
    }
    if system.text_percent != Settings::TEXT_DEFAULT_PERCENT {
        text::small(ui, &words::text_from_system(system.text_percent));
    }
    boxes(ui, |ui| {
        check_box(ui, &mut settings.reduced_motion, w::STILL);
        if system.reduced_motion {
            text::small(ui, w::STILL_ANYWAY);
        }
        check_box(ui, &mut settings.sound, w::SOUND);
    });
}

/// The button that asks for a folder; where no dialog opens, a field for its path. Returns the path.
fn folder_ui(
    ui: &mut Ui,
    state: &AppState,
    (folder, label, name): (Folder, &str, &str),
    out: &mut Vec<Command>,
) -> Option<PathBuf> {
    let entered = if state.no_file_dialog {
        PathField::new(name).browse(label).enter(ui)
    } else {
        let button = Button::secondary(label).show(ui);
        button.clicked().then_some(Entered::Browse)
    };
    match entered? {
        Entered::Path(path) => Some(path),
        Entered::Browse => {
            out.push(Command::PickFolder(folder));
            None
        }
    }
}

/// Buttons side by side; a field for a path takes its whole line.
fn buttons(ui: &mut Ui, state: &AppState, contents: impl FnOnce(&mut Ui)) {
    if state.no_file_dialog {
        contents(ui);
    } else {
        ui.horizontal_wrapped(contents);
    }
}

fn safety_ui(ui: &mut Ui, state: &AppState, settings: &mut Settings, out: &mut Vec<Command>) {
    check_box(ui, &mut settings.backup, w::BACKUP);
    if let Some(folder) = settings.backup_folder_or_default() {
        key_value_mono(ui, w::FOLDER, &words::path_text(&folder));
    }
    buttons(ui, state, |ui| {
        let backups = (Folder::Backups, w::CHOOSE_FOLDER, w::FOLDER_PATH);
        if let Some(path) = folder_ui(ui, state, backups, out) {
            settings.backup_folder = Some(path);
        }
        if settings.backup_folder.is_some() && Button::ghost(w::DEFAULT_FOLDER).show(ui).clicked() {
            settings.backup_folder = None;
        }
    });
}

fn firmware_ui(ui: &mut Ui, settings: &mut Settings) {
    boxes(ui, |ui| {
        check_box(ui, &mut settings.offline, w::OFFLINE);
        check_box(ui, &mut settings.prefer_lite, w::LITE);
    });
    source_ui(ui, settings);
}

/// What is typed becomes the source with Enter, or when another control is used: each change opens the catalog anew.
fn source_ui(ui: &mut Ui, settings: &mut Settings) {
    let label = text::small(ui, w::SOURCE);
    let id = ui.make_persistent_id("source being typed");
    let saved = settings.source_url.clone().unwrap_or_default();
    let mut source = ui
        .data(|data| data.get_temp(id))
        .unwrap_or_else(|| saved.clone());
    let field = egui::TextEdit::singleline(&mut source)
        .hint_text(w::SOURCE_HINT)
        .desired_width(f32::INFINITY);
    let field = ui.add(field).labelled_by(label.id);
    let typed = source.trim();
    let is_good = typed.is_empty() || BaseUrl::parse(typed).is_ok();
    if field.lost_focus() && is_good {
        settings.source_url = (!typed.is_empty()).then(|| typed.to_owned());
    }
    if field.has_focus() || !is_good {
        ui.data_mut(|data| data.insert_temp(id, source.clone()));
    } else {
        ui.data_mut(|data| data.remove::<String>(id));
    }
    if !is_good && !field.has_focus() {
        text::small(ui, w::SOURCE_BAD);
    }
}

/// Firmware that was downloaded, and the way to be rid of it.
fn kept_ui(ui: &mut Ui, state: &AppState, settings: &mut Settings, out: &mut Vec<Command>) {
    let kept = state.list.kept;
    ui.add_space(space::XS);
    key_value(ui, w::KEPT, &words::kept(kept));
    if let Some(folder) = &state.list.folder {
        key_value_mono(ui, w::KEPT_IN, &words::path_text(folder));
    }
    let usable = if state.can_remove_firmware() {
        Ok(())
    } else {
        Err(w::REMOVE_BUSY)
    };
    buttons(ui, state, |ui| {
        // The same words as above would be two buttons of one name to a screen reader.
        let cache = (Folder::Firmware, w::CHOOSE_CACHE, w::CACHE_PATH);
        if let Some(path) = folder_ui(ui, state, cache, out) {
            settings.cache_folder = Some(path);
        }
        if settings.cache_folder.is_some() && Button::ghost(w::DEFAULT_CACHE).show(ui).clicked() {
            settings.cache_folder = None;
        }
        let remove = Button::secondary(w::REMOVE).enabled_or(usable);
        if kept.files > 0 && remove.show(ui).clicked() {
            out.push(Command::Firmware(Ask::RemoveEverything));
        }
    });
}

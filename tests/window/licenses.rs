//! What the program is built from, on the About page.

use carto_flasher::app::licenses::parts;
use carto_flasher::app::state::{AppState, Page};
use egui::Theme;
use egui_kittest::kittest::Queryable as _;
use egui_kittest::{Harness, SnapshotOptions, SnapshotResults};

use crate::ui::{self, View, view_of};

fn about() -> AppState {
    let mut state = ui::state(Vec::new());
    state.page = Some(Page::About);
    state
}

fn opened(theme: Theme) -> Harness<'static, View> {
    let mut harness = view_of(about(), theme, (960.0, 1080.0));
    harness.run_steps(2);
    harness
        .get_by_label(&format!(
            "Built from the work of others: {} packages and their licenses",
            parts().len()
        ))
        .click();
    harness.run_steps(3);
    harness
}

fn shown(harness: &Harness<'_, View>, words: &str) -> usize {
    harness.query_all_by_label_contains(words).count()
}

#[test]
fn the_list_opens_and_can_be_searched() {
    let mut harness = opened(Theme::Light);
    assert!(shown(&harness, "accesskit 0.") > 0);
    assert_eq!(shown(&harness, "serialport "), 0, "it is far below");
    harness.get_by_label("Search by name or license").focus();
    harness.run_steps(1);
    harness
        .get_by_label("Search by name or license")
        .type_text("mpl serial");
    harness.run_steps(3);
    assert_eq!(shown(&harness, "accesskit 0."), 0);
    assert_eq!(shown(&harness, "serialport "), 1);
    harness
        .get_by_label("Search by name or license")
        .type_text("no such thing");
    harness.run_steps(3);
    assert_eq!(shown(&harness, "Nothing here has such a name"), 1);
}

#[test]
fn what_was_found_can_be_copied() {
    let mut harness = opened(Theme::Light);
    harness.get_by_label("Search by name or license").focus();
    harness.run_steps(1);
    harness
        .get_by_label("Search by name or license")
        .type_text("LGPL libusb");
    harness.run_steps(3);
    harness.get_by_label("Copy all").click();
    harness.run_steps(1);
    let commands = &harness.output().platform_output.commands;
    let copied = commands.iter().find_map(|command| match command {
        egui::OutputCommand::CopyText(text) => Some(text.as_str()),
        _ => None,
    });
    assert_eq!(
        copied,
        Some("libusb (in libusb1-sys) 1.0.27: LGPL-2.1-or-later, https://github.com/libusb/libusb")
    );
}

#[test]
fn pictures_of_the_licenses() {
    let mut results = SnapshotResults::new();
    let options = SnapshotOptions::new()
        .output_path("assets/screenshots")
        .threshold(1.0)
        .max_failed_pixels(400_usize);
    for (name, theme) in [("light", Theme::Light), ("dark", Theme::Dark)] {
        let mut harness = opened(theme);
        harness.snapshot_options(format!("about-licenses-{name}"), &options);
        results.extend_harness(&mut harness);
    }
}

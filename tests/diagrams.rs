//! Pictures of the parts and the drawings in both themes, compared with those in
//! `assets/screenshots/diagrams/`. `UPDATE_SNAPSHOTS=1 cargo test --test diagrams` draws them anew.
#![cfg(feature = "gui")]

use carto_flasher::ui::diagrams::{self, Board, Highlight, Step};
use carto_flasher::ui::icons::Icon;
use carto_flasher::ui::theme::{self, Tone, Type};
use carto_flasher::ui::widgets::{self as w, Button, text};
use egui_kittest::{Harness, SnapshotOptions};

const THEMES: [(egui::Theme, &str); 2] =
    [(egui::Theme::Light, "light"), (egui::Theme::Dark, "dark")];

/// Draws into both themes and compares each with its picture.
fn picture(name: &str, size: [f32; 2], draw: impl Fn(&mut egui::Ui) + Clone + 'static) {
    let mut results = egui_kittest::SnapshotResults::new();
    for (which, suffix) in THEMES {
        let draw = draw.clone();
        let mut harness = Harness::builder()
            .with_size(size)
            .with_pixels_per_point(if name.starts_with("widgets") {
                1.0
            } else {
                1.25
            })
            .with_theme(which)
            .wgpu()
            .build_ui(move |ui| {
                theme::apply(ui.ctx(), 1.0);
                let p = theme::palette(ui);
                let page = ui.ctx().content_rect();
                ui.painter().rect_filled(page, 0.0, p.background);
                egui::Frame::new()
                    .inner_margin(theme::space::L)
                    .show(ui, |ui| {
                        ui.set_min_size(ui.available_size());
                        draw(ui);
                    });
            });
        harness.run_steps(3);
        let options = SnapshotOptions::new()
            .threshold(1.6)
            .max_failed_pixels(400_usize)
            .output_path("assets/screenshots/diagrams");
        harness.snapshot_options(format!("{name}-{suffix}"), &options);
        results.extend_harness(&mut harness);
    }
}

#[test]
fn gallery_of_controls() {
    picture("widgets-controls", [760.0, 720.0], |ui| {
        text::title(ui, "Put firmware on a probe");
        text::muted(ui, "Text that explains, in the muted color.");
        ui.horizontal(|ui| {
            Button::primary("Update to 6.2.0").large().show(ui);
            Button::secondary("Back up").icon(Icon::Save).show(ui);
            Button::ghost("Use DFU mode").show(ui);
            Button::danger("Erase everything").show(ui);
            w::IconButton::new(Icon::Gear, "Settings").show(ui);
        });
        ui.horizontal_top(|ui| {
            Button::primary("Flash")
                .large()
                .enabled_or(Err("Plug in a probe first"))
                .show(ui);
            let focused = Button::secondary("Has the focus").show(ui);
            focused.request_focus();
            w::badge(ui, Tone::Neutral, Some(Icon::Flask), "Simulated");
            w::badge(ui, Tone::Warning, Some(Icon::Offline), "Offline");
            w::badge(ui, Tone::Success, Some(Icon::Check), "Checked");
            w::badge(ui, Tone::Info, None, "CAN 1 Mbit/s");
        });
        ui.horizontal_top(|ui| {
            w::segmented(ui, "Transport", Some(0), &["USB", "CAN"]);
            let mut on = true;
            w::check_box(ui, &mut on, "Take a backup first");
            let mut off = false;
            w::check_box(ui, &mut off, "Lite");
        });
        w::Card::new().show(ui, |ui| {
            text::heading(ui, "Cartographer V4");
            w::key_value(ui, "Connection", "USB · firmware 6.1.0");
            w::key_value_mono(ui, "SHA-256", "9f2c4e…77a1");
            w::copy_field(
                ui,
                "For printer.cfg",
                "[mcu cartographer]\ncanbus_uuid: 52431664a8b3",
            );
            w::details(ui, "more", "Nothing happens?", |ui| text::body(ui, "x"));
        });
        let mut path = String::from("/home/me/firmware.bin");
        w::PathField::new("Firmware file").show(ui, &mut path);
        for (row, usable) in [
            (["6.2.0", "Full", "USB"], Ok(())),
            (
                ["6.1.0", "Lite", "CAN 1 Mbit/s"],
                Err("Not on this computer, and there is no network"),
            ),
        ] {
            let cells = [
                w::Cell::new(row[0], 2.0),
                w::Cell::new(row[1], 2.0),
                w::Cell::new(row[2], 3.0).mark(Icon::Usb, Tone::Neutral),
            ];
            w::ListRow::new(&cells)
                .selected(usable.is_ok())
                .enabled_or(usable)
                .show(ui);
        }
    });
}

#[test]
fn gallery_of_states() {
    picture("widgets-states", [820.0, 640.0], |ui| {
        ui.columns(2, |columns| {
            let [left, right] = columns else { return };
            for (number, title, chosen, state) in [
                (1, "Probe", Some("Cartographer V4"), w::StepState::Done),
                (2, "Firmware", Some("6.2.0 · USB"), w::StepState::Done),
                (3, "Review", None, w::StepState::Current),
                (4, "Flash", None, w::StepState::Todo),
            ] {
                w::StepItem {
                    number,
                    title,
                    chosen,
                    state,
                }
                .show(left);
            }
            left.add_space(theme::space::L);
            w::Progress::new("Whole job", Some(0.62)).big().show(left);
            left.add_space(theme::space::S);
            w::Progress::new("Waiting", None).big().show(left);
            for (name, state, numbers) in [
                ("Enter bootloader", w::PhaseState::Done, "0.8 s"),
                ("Read back", w::PhaseState::Skipped, ""),
                (
                    "Erase and write",
                    w::PhaseState::Running,
                    "18.2 of 29.9 KiB · 6.1 KiB/s · 2 s left",
                ),
                ("Verify", w::PhaseState::Waiting, ""),
                ("Start", w::PhaseState::Failed, ""),
            ] {
                w::PhaseRow {
                    name,
                    state,
                    fraction: Some(0.6),
                    numbers,
                }
                .show(left);
            }
            for (tone, title) in [
                (Tone::Info, "The probe will vanish from USB"),
                (Tone::Success, "Written and verified"),
                (Tone::Warning, "Several probes are plugged in"),
                (Tone::Danger, "The probe left the bus"),
            ] {
                w::Notice::new(tone, title)
                    .body("Say what happened, then what to do next, in one or two plain sentences.")
                    .show_with(right, |ui| {
                        if tone == Tone::Danger {
                            ui.horizontal(|ui| {
                                Button::secondary("Try again").icon(Icon::Refresh).show(ui);
                                Button::ghost("Save report").show(ui);
                            });
                        }
                    });
            }
            let rect = egui::Rect::from_min_size(right.cursor().min, egui::vec2(380.0, 200.0));
            w::success_page(right, rect, "DFU mode", "You can let go now");
        });
    });
}

#[test]
fn gallery_of_icons() {
    picture("icons", [620.0, 340.0], |ui| {
        ui.horizontal_wrapped(|ui| {
            let p = theme::palette(ui);
            for icon in Icon::ALL {
                icon.show(ui, 48.0, p.text);
                icon.show(ui, theme::icon_size(ui, Type::Body), p.accent);
            }
        });
    });
}

fn board(name: &str, board: Board, step: Step, time_secs: f32) {
    picture(name, [720.0, 480.0], move |ui| {
        let highlight = Highlight {
            step,
            time_secs,
            reduced_motion: false,
        };
        let size = ui.available_size();
        diagrams::board(ui, board, &highlight, size);
    });
}

#[test]
fn v2_hold() {
    board("v2-hold", Board::V2Rear, Step::HoldBoot0, 1.5);
}

#[test]
fn v3_tap() {
    board("v3-tap", Board::V3Rear, Step::TapReset, 0.3);
}

#[test]
fn v3_plug_in() {
    board("v3-plug-in", Board::V3Rear, Step::PlugIn, 0.9);
}

#[test]
fn v4_bottom_bridge() {
    board("v4-bottom-bridge", Board::V4Bottom, Step::BridgeBoot, 1.5);
}

#[test]
fn v4_top_plug_in() {
    board("v4-top-plug-in", Board::V4Top, Step::PlugIn, 0.9);
}

#[test]
fn lead_led_and_clip() {
    picture("cable-led-clip", [720.0, 700.0], |ui| {
        let width = ui.available_width();
        diagrams::cable(ui, None, egui::vec2(width, 260.0));
        diagrams::led_states(ui, None, egui::vec2(width, 190.0));
        diagrams::clip(ui, egui::vec2(width, 190.0));
    });
}

#[test]
fn can_and_solder() {
    picture("can-solder", [720.0, 620.0], |ui| {
        let width = ui.available_width();
        diagrams::can_wiring(ui, egui::vec2(width, 290.0));
        diagrams::solder_bridge(ui, egui::vec2(width, 280.0));
    });
}

#[test]
fn choice_of_boards() {
    picture("board-choice", [720.0, 260.0], |ui| {
        ui.horizontal(|ui| {
            for (title, hint, which) in [
                ("V2", "D+ and D- holes of their own", Board::V2Rear),
                ("V3", "Pads named BOOT0 and RESET", Board::V3Rear),
                ("V4", "Holes named BT0 and 3V3", Board::V4Bottom),
            ] {
                w::PictureChoice::new(title, hint).show(
                    ui,
                    egui::vec2(220.0, 220.0),
                    |ui, rect| diagrams::portrait(ui, which, rect),
                );
            }
        });
    });
}

#[test]
fn plug_way_round() {
    picture("plug", [720.0, 290.0], |ui| {
        let width = ui.available_width();
        diagrams::plug(ui, egui::vec2(width, 240.0));
    });
}

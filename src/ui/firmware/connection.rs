//! What the device cannot tell: USB or CAN and the bitrate, and whether the printer's host is slow.

use egui::Ui;

use super::words as w;
use super::{level, level_choice};
use crate::app::Command;
use crate::app::firmware::{Asked, USUAL_BITRATE, usual_can};
use crate::app::state::{AppState, Page};
use crate::board::Transport;
use crate::image::{Route, Variant};
use crate::ui::icons::Icon;
use crate::ui::theme::{Tone, space};
use crate::ui::widgets::{Button, Notice, check_box, segmented, text};
use crate::ui::words;

/// Draws the questions that are left.
pub(super) fn connection_ui(ui: &mut Ui, state: &AppState, asked: &Asked, out: &mut Vec<Command>) {
    match asked {
        Asked::NoProbe => {}
        Asked::UsbOrCan(_) => usb_or_can_ui(ui, None, out),
        Asked::Known(need) if need.route == Route::Dfu => {
            usb_or_can_ui(ui, Some(need.transport), out);
        }
        Asked::Known(_) => {
            level(ui, |ui| {
                text::muted(ui, w::STAYS_USB);
                if Button::ghost(w::SWITCH_TO_CAN)
                    .icon(Icon::Can)
                    .show(ui)
                    .clicked()
                {
                    out.push(Command::Want(Some(usual_can(&state.settings))));
                }
            });
        }
        Asked::SwitchNeedsDfu(transport) => switch_ui(ui, state, *transport, out),
    }
    if let Asked::Known(need) = asked {
        slow_host_ui(ui, need.variant, out);
    }
}

fn usb_or_can_ui(ui: &mut Ui, chosen: Option<Transport>, out: &mut Vec<Command>) {
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = space::XS;
        let bus = chosen.map(|transport| usize::from(transport != Transport::Usb));
        let clicked = level_choice(ui, |ui| {
            text::strong(ui, w::USB_OR_CAN);
            segmented(ui, w::USB_OR_CAN, bus, &w::BUSES)
        });
        if chosen.is_none() {
            text::small(ui, w::USB_OR_CAN_HOW);
        }
        match clicked {
            Some(0) if chosen != Some(Transport::Usb) => {
                out.push(Command::Want(Some(Transport::Usb)));
            }
            Some(1) if bus != Some(1) => {
                let bitrate = USUAL_BITRATE;
                out.push(Command::Want(Some(Transport::Can { bitrate })));
            }
            _ => {}
        }
        if let Some(Transport::Can { bitrate }) = chosen {
            ui.add_space(space::XS);
            let clicked = level_choice(ui, |ui| bitrates_ui(ui, bitrate));
            bitrate_ui(ui, bitrate, clicked, out);
        }
    });
}

/// The question and its answers, beside or over each other as the caller lays them out.
fn bitrates_ui(ui: &mut Ui, chosen: u32) -> Option<usize> {
    let position = w::BITRATES.iter().position(|(_, rate)| *rate == chosen);
    text::strong(ui, w::BITRATE);
    segmented(ui, w::BITRATE, position, &w::BITRATES.map(|(word, _)| word))
}

fn bitrate_ui(ui: &mut Ui, chosen: u32, clicked: Option<usize>, out: &mut Vec<Command>) {
    if let Some((_, bitrate)) = clicked.and_then(|index| w::BITRATES.get(index))
        && *bitrate != chosen
    {
        let bitrate = *bitrate;
        out.push(Command::Want(Some(Transport::Can { bitrate })));
    }
    text::small(ui, w::BITRATE_HOW);
}

fn switch_ui(ui: &mut Ui, state: &AppState, transport: Transport, out: &mut Vec<Command>) {
    Notice::new(Tone::Info, w::SWITCH)
        .icon(Icon::Can)
        .body(w::SWITCH_WHY)
        .show_with(ui, |ui| {
            if words::may_be_v2(state) {
                ui.scope(|ui| {
                    ui.spacing_mut().item_spacing.y = space::XS;
                    text::strong(ui, words::V2_STRAPS);
                    text::body(ui, words::V2_STRAPS_HOW);
                });
            }
            if let Transport::Can { bitrate } = transport {
                let clicked = bitrates_ui(ui, bitrate);
                bitrate_ui(ui, bitrate, clicked, out);
            }
            ui.add_space(space::XS);
            ui.horizontal_wrapped(|ui| {
                if Button::primary(words::probe::USE_DFU)
                    .icon(Icon::Chip)
                    .show(ui)
                    .clicked()
                {
                    out.push(Command::Open(Page::Coach));
                }
                if Button::ghost(w::STAY_WITH_USB)
                    .icon(Icon::Usb)
                    .show(ui)
                    .clicked()
                {
                    out.push(Command::Want(Some(Transport::Usb)));
                }
            });
        });
}

fn slow_host_ui(ui: &mut Ui, variant: Variant, out: &mut Vec<Command>) {
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        let mut lite = variant == Variant::Lite;
        if check_box(ui, &mut lite, w::SLOW_HOST) {
            let wanted = if lite { Variant::Lite } else { Variant::Full };
            out.push(Command::WantVariant(wanted));
        }
        if lite {
            text::small(ui, w::SLOW_HOST_WHY);
        }
    });
}

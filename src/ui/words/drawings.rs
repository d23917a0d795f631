//! The words in and of the drawings: labels, text alternatives, and the captions that say how to hold the board.
//! What is printed on a board is part of its drawing and stays there.

use crate::ui::diagrams::{Board, LedState, Step};

/// Beside what must never be joined.
pub const NEVER_3V3_TO_GND: &str = "Never 3V3 to GND";

/// The cable between probe and computer.
pub mod cable {
    /// What is drawn.
    pub const DESCRIPTION: &str = "Drawing: the probe on the left, a computer on the right, and the probe's USB cable \
         between them. One end is in the probe's connector; the USB plug goes into the computer.";
    /// Under one end.
    pub const PROBE: &str = "Probe";
    /// Under the other.
    pub const COMPUTER: &str = "Computer";
}

/// The way to the CAN bus.
pub mod can {
    /// What is drawn.
    pub const DESCRIPTION: &str = "Three drawings. First, unplug the probe's USB cable from the computer. Next, switch the \
         printer off and wait. Last, join the four wires of the probe to the CAN board, name to name: 5V to 5V, CANL to CANL, CANH \
         to CANH, GND to GND. Never 24 V: it destroys the probe.";
    /// Under each.
    pub const STEPS: [&str; 3] = ["Unplug USB", "Printer off", "Wire to the CAN board"];
    /// One end of the wires.
    pub const PROBE: &str = "Probe";
    /// The other.
    pub const BOARD: &str = "CAN board";
    /// Beside the pin that must stay free.
    pub const NEVER_24_V: &str = "Never 24 V";
}

/// The printed clip.
pub mod clip {
    /// What is drawn.
    pub const DESCRIPTION: &str = "Drawing of a V2 or V3 board in a printed clip. The clip sits around the board; its \
         tongue presses a strip of metal foil onto the two BOOT0 pads, so that both hands stay free.";
    /// One part.
    pub const CLIP: &str = "Printed clip";
    /// Another.
    pub const FOIL: &str = "Foil on BOOT0";
}

/// Both ways round of the plug.
pub mod plug {
    /// What is drawn.
    pub const DESCRIPTION: &str = "Two plugs with four wires each, looking at the connector side of the board, the \
         cable up. Standard and low profile, from left to right: black GND, green D plus, white D minus, red 5 volts. \
         Right-angle: the same wires in the opposite order, 5 volts, D minus, D plus, GND.";
    /// One.
    pub const STANDARD: &str = "Standard, low profile";
    /// The other.
    pub const RIGHT_ANGLE: &str = "Right-angle";
}

/// The drop of solder.
pub mod solder {
    /// What is drawn.
    pub const DESCRIPTION: &str = "Two drawings of the BOOT0 pads, close up. First: a drop of solder joins both pads, so \
         that the probe starts in DFU mode when it is plugged in. Second: after flashing the solder is gone and the \
         pads are apart again. Without that the probe never starts its firmware.";
    /// Under one half.
    pub const BRIDGE: &str = "1. Bridge to flash";
    /// Under the other.
    pub const REMOVE: &str = "2. Remove it afterwards";
}

/// How long the light is on, beside its line.
pub const LED_SECOND: &str = "1 s";

/// What the blue light looks like.
pub fn led_looks(state: LedState) -> &'static str {
    match state {
        LedState::Off => "Dark",
        LedState::Firmware => "Lit, or flickering",
        LedState::SlowBlink => "Slow blink, 1 s",
    }
}

/// What it means.
pub fn led_means(state: LedState) -> &'static str {
    match state {
        LedState::Off => "DFU mode, or no power",
        LedState::Firmware => "Firmware is running",
        LedState::SlowBlink => "Katapult is waiting",
    }
}

/// Both, for screen readers.
pub fn led_description(state: LedState) -> String {
    let looks = led_looks(state).to_lowercase();
    format!("Blue LED {looks}: {}", led_means(state))
}

/// How to hold the board so that it looks like the drawing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Orientation {
    /// Which side is seen.
    pub face: &'static str,
    /// Which way is up.
    pub up: &'static str,
    /// Where what is to be touched lies.
    pub contacts: &'static str,
}

/// The captions of a drawing.
pub fn orientation(board: Board) -> Orientation {
    match board {
        Board::V2Rear | Board::V3Rear => Orientation {
            face: "The side that faces the bed",
            up: "Connector edge up, coil down",
            contacts: "BOOT0 on the right, RESET on the left",
        },
        Board::V4Bottom => Orientation {
            face: "The coil side, which faces the bed",
            up: "Connector edge up, nose down",
            contacts: "Four small holes at the right edge",
        },
        Board::V4Top => Orientation {
            face: "The side with the connector",
            up: "Connector up, nose down",
            contacts: "Four small holes at the left edge, not named on the board",
        },
    }
}

/// The text alternative of a drawing of a board.
pub fn description(board: Board, step: Step) -> String {
    let held = orientation(board);
    let name = match board {
        Board::V2Rear => "Cartographer V2",
        Board::V3Rear => "Cartographer V3",
        Board::V4Bottom | Board::V4Top => "Cartographer V4",
    };
    let mut text = format!("Drawing of a {name}. {}. {}. ", held.face, held.up);
    text.push_str(contacts(board));
    let doing = doing(board, step);
    if !doing.is_empty() {
        text.push(' ');
        text.push_str(doing);
    }
    if board.is_v4() && step != Step::None {
        text.push_str(" Never bridge down the column from 3V3 to GND: that is a short circuit.");
    }
    text
}

fn contacts(board: Board) -> &'static str {
    match board {
        Board::V2Rear | Board::V3Rear => {
            "The two BOOT0 pads, numbered 1, lie one above the other near the right edge, below the middle. \
             The two RESET pads, numbered 2, lie the same way near the left edge."
        }
        Board::V4Bottom => {
            "Four holes near the right edge, in the upper third, in two printed boxes. The upper box, numbered 1, \
             has BT0 on the left and 3V3 on the right. The lower box, numbered 2, has RST on the left and GND on \
             the right."
        }
        Board::V4Top => {
            "Four holes near the left edge, in the upper third, in two printed boxes. The upper box, numbered 1, \
             has 3V3 on the left and BT0 on the right. The lower box, numbered 2, has GND on the left and RST on \
             the right."
        }
    }
}

fn doing(board: Board, step: Step) -> &'static str {
    match (board.is_v4(), step) {
        (_, Step::None) => "",
        (false, Step::HoldBoot0 | Step::BridgeBoot) => {
            "Tweezers bridge the two BOOT0 pads and stay there."
        }
        (false, Step::TapReset) => {
            "While BOOT0 stays bridged, a second pair of tweezers bridges the two RESET pads for a moment."
        }
        (false, Step::Release) => "The RESET pads are let go first, then the BOOT0 pads.",
        (false, Step::PlugIn) => "While BOOT0 stays bridged, the USB plug goes into the computer.",
        (true, Step::HoldBoot0 | Step::BridgeBoot) => {
            "Tweezers bridge the two holes of the upper box, BT0 and 3V3, and stay there."
        }
        (true, Step::TapReset) => {
            "While BT0 and 3V3 stay bridged, a second pair of tweezers bridges RST and GND for a moment."
        }
        (true, Step::Release) => "The tweezers let go of BT0 and 3V3.",
        (true, Step::PlugIn) => {
            "While BT0 and 3V3 stay bridged, the USB plug goes into the computer."
        }
    }
}

/// The words beside number 1 and number 2 in the drawing.
pub fn callouts(board: Board, step: Step) -> (Option<&'static str>, Option<&'static str>) {
    let v4 = board.is_v4();
    let boot = match step {
        Step::None => None,
        Step::HoldBoot0 | Step::BridgeBoot if v4 => Some("Bridge BT0 + 3V3"),
        Step::HoldBoot0 | Step::BridgeBoot => Some("Hold BOOT0"),
        Step::TapReset | Step::PlugIn => Some("Keep holding"),
        Step::Release if v4 => Some("Let go"),
        Step::Release => Some("Then let go"),
    };
    let reset = match step {
        Step::TapReset if v4 => Some("Tap RST + GND"),
        Step::TapReset => Some("Tap RESET"),
        Step::Release if !v4 => Some("Let go first"),
        _ => None,
    };
    (boot, reset)
}

//! The drawings in words: text alternatives and the captions that say how to hold the board.

use super::{Board, Step};

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
    if is_v4(board) && step != Step::None {
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
    match (is_v4(board), step) {
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

pub(super) fn is_v4(board: Board) -> bool {
    matches!(board, Board::V4Bottom | Board::V4Top)
}

/// The words beside number 1 and number 2 in the drawing.
pub(super) fn callouts(board: Board, step: Step) -> (Option<&'static str>, Option<&'static str>) {
    let v4 = is_v4(board);
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

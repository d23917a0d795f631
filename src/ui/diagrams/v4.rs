//! V4 from below (the coil side, towards the bed) and from above, connector edge up. Source:
//! boards-and-firmware.md §3 "V4 — BOTTOM view", "V4 — TOP view". The top is the mirror of the bottom in x.

use super::part::{BoardArt, Contact, Corner, Part, Run, body, corner, drilled, hole, label};

/// From the manufacturer's STEP model.
const SIZE_MM: (f32, f32) = (37.97, 28.80);

/// Straight sides, rounded shoulders, straight flanks, a rounded nose. The radii put the curves through the
/// measured points (0.028, 0.737), (0.402, 0.972) and (0.5, 1).
const OUTLINE: &[Corner] = &[
    corner(0.0, 0.0, 1.71),
    corner(1.0, 0.0, 1.71),
    corner(1.0, 0.724, 3.0),
    corner(0.5, 1.0324, 9.03),
    corner(0.0, 0.724, 3.0),
];

/// Ring of an M3 hole: 0.153 of the width.
const M3_RING_MM: f32 = 5.8;
const M3_BORE_MM: f32 = 3.4;

/// Seen from the bed.
pub(super) static V4_BOTTOM: BoardArt = BoardArt {
    size_mm: SIZE_MM,
    outline: OUTLINE,
    pads: &[
        drilled(Contact::Bt0, 0.901, 0.266),
        drilled(Contact::V3v3, 0.954, 0.266),
        drilled(Contact::Rst, 0.901, 0.336),
        drilled(Contact::Gnd, 0.954, 0.336),
    ],
    parts: &[
        Part::Coil {
            at: (0.5, 0.725),
            outer_mm: 15.4,
            rings_mm: &[7.4, 4.6],
        },
        Part::Blank {
            min: (0.63, 0.05),
            max: (0.845, 0.33),
        },
        Part::Box {
            min: (0.02, 0.153),
            max: (0.153, 0.33),
            radius_mm: 0.3,
        },
        label("V4", 0.83, 0.03, 1.1, Run::Across),
        label("CE", 0.0865, 0.24, 1.5, Run::Across),
        hole(0.084, 0.594, M3_RING_MM, M3_BORE_MM),
        hole(0.917, 0.594, M3_RING_MM, M3_BORE_MM),
        // Connector pins.
        hole(0.417, 0.101, 1.35, 0.7),
        hole(0.470, 0.101, 1.35, 0.7),
        hole(0.523, 0.101, 1.35, 0.7),
        hole(0.576, 0.101, 1.35, 0.7),
        label("5V", 0.417, 0.160, 0.75, Run::Across),
        label("D-", 0.470, 0.160, 0.75, Run::Across),
        label("D+", 0.523, 0.160, 0.75, Run::Across),
        label("GND", 0.580, 0.160, 0.75, Run::Across),
        // Spare holes.
        hole(0.041, 0.038, 1.3, 0.75),
        hole(0.094, 0.038, 1.3, 0.75),
        hole(0.908, 0.038, 1.3, 0.75),
        hole(0.961, 0.038, 1.3, 0.75),
        label("GND", 0.038, 0.092, 0.6, Run::Across),
        label("5V", 0.096, 0.092, 0.6, Run::Across),
        // 120 Ω jumper and its resistor.
        Part::Small {
            at: (0.447, 0.036),
            size_mm: (1.5, 0.8),
        },
        Part::Small {
            at: (0.533, 0.036),
            size_mm: (1.5, 0.8),
        },
        label("120R JP", 0.345, 0.036, 0.7, Run::Across),
        Part::Small {
            at: (0.22, 0.740),
            size_mm: (1.6, 0.9),
        },
        Part::Small {
            at: (0.806, 0.740),
            size_mm: (1.6, 0.9),
        },
        Part::Box {
            min: (0.875, 0.232),
            max: (0.98, 0.2995),
            radius_mm: 0.0,
        },
        Part::Box {
            min: (0.875, 0.3035),
            max: (0.98, 0.370),
            radius_mm: 0.7,
        },
        label("BT0", 0.901, 0.175, 0.9, Run::Up),
        label("3V3", 0.954, 0.175, 0.9, Run::Up),
        label("RST", 0.901, 0.427, 0.9, Run::Up),
        label("GND", 0.954, 0.427, 0.9, Run::Up),
    ],
};

/// Seen from the toolhead: the side with the connector and the chips. Its boxes are drawn there too, but not
/// named; the names here are ours.
pub(super) static V4_TOP: BoardArt = BoardArt {
    size_mm: SIZE_MM,
    outline: OUTLINE,
    pads: &[
        drilled(Contact::V3v3, 0.046, 0.266),
        drilled(Contact::Bt0, 0.099, 0.266),
        drilled(Contact::Gnd, 0.046, 0.336),
        drilled(Contact::Rst, 0.099, 0.336),
    ],
    parts: &[
        hole(0.083, 0.594, M3_RING_MM, M3_BORE_MM),
        hole(0.916, 0.594, M3_RING_MM, M3_BORE_MM),
        body(0.505, 0.095, 0.29, 0.19, ""),
        // Connector pins from above: the other way round.
        hole(0.424, 0.101, 1.2, 0.0),
        hole(0.477, 0.101, 1.2, 0.0),
        hole(0.530, 0.101, 1.2, 0.0),
        hole(0.583, 0.101, 1.2, 0.0),
        body(0.255, 0.16, 0.15, 0.20, "MCU"),
        body(0.095, 0.155, 0.11, 0.13, ""),
        body(0.22, 0.37, 0.085, 0.085, ""),
        body(0.90, 0.17, 0.10, 0.18, ""),
        Part::Led { at: (0.454, 0.277) },
        Part::Led { at: (0.546, 0.277) },
        label("CAN", 0.454, 0.325, 0.8, Run::Across),
        label("USB", 0.546, 0.325, 0.8, Run::Across),
        hole(0.039, 0.038, 1.3, 0.75),
        hole(0.092, 0.038, 1.3, 0.75),
        hole(0.906, 0.038, 1.3, 0.75),
        hole(0.959, 0.038, 1.3, 0.75),
        Part::Box {
            min: (0.02, 0.232),
            max: (0.125, 0.2995),
            radius_mm: 0.0,
        },
        Part::Box {
            min: (0.02, 0.3035),
            max: (0.125, 0.370),
            radius_mm: 0.7,
        },
    ],
};

//! The microcontroller boards of V2 and V3 from the rear (the side away from the connector's shell, connector
//! edge up), and the coil board they stand on. Source: boards-and-firmware.md §3 "V3 — REAR view", "V2 — REAR".

use super::part::{BoardArt, Contact, Corner, Part, Run, body, corner, flat, hole, label};

/// 22.0 × 13.95 mm including the bump, by the 2.0 mm pitch of the connector.
const SIZE_MM: (f32, f32) = (22.0, 13.95);

/// Rectangle y 0.071–1 with a trapezoid bump on the top edge.
const OUTLINE: &[Corner] = &[
    corner(0.0, 0.071, 0.66),
    corner(0.29, 0.071, 0.3),
    corner(0.333, 0.0, 0.3),
    corner(0.667, 0.0, 0.3),
    corner(0.71, 0.071, 0.3),
    corner(1.0, 0.071, 0.66),
    corner(1.0, 1.0, 0.66),
    corner(0.0, 1.0, 0.66),
];

/// V3, LIS2DW variant.
pub(super) static V3_REAR: BoardArt = BoardArt {
    size_mm: SIZE_MM,
    outline: OUTLINE,
    pads: &[
        flat(Contact::Reset, 0.194, 0.617),
        flat(Contact::Reset, 0.194, 0.758),
        flat(Contact::Boot0, 0.808, 0.617),
        flat(Contact::Boot0, 0.808, 0.759),
    ],
    parts: &[
        // Connector pins.
        hole(0.364, 0.10, 1.25, 0.6),
        hole(0.455, 0.10, 1.25, 0.6),
        hole(0.546, 0.10, 1.25, 0.6),
        hole(0.638, 0.10, 1.25, 0.6),
        label("5V", 0.364, 0.19, 0.6, Run::Across),
        label("D-", 0.455, 0.19, 0.6, Run::Across),
        label("D+", 0.546, 0.19, 0.6, Run::Across),
        label("GND", 0.638, 0.19, 0.6, Run::Across),
        // Spare holes.
        hole(0.060, 0.178, 1.5, 0.9),
        hole(0.175, 0.178, 1.5, 0.9),
        hole(0.826, 0.178, 1.5, 0.9),
        hole(0.941, 0.178, 1.5, 0.9),
        label("GND", 0.060, 0.285, 0.6, Run::Across),
        label("5V", 0.175, 0.285, 0.6, Run::Across),
        label("SWD", 0.822, 0.285, 0.6, Run::Across),
        label("SCL", 0.941, 0.285, 0.6, Run::Across),
        body(0.50, 0.35, 0.14, 0.22, ""),
        body(0.135, 0.46, 0.09, 0.13, ""),
        body(0.866, 0.46, 0.09, 0.13, ""),
        body(0.50, 0.755, 0.11, 0.16, ""),
        // Shrouds of the header to the coil board.
        body(0.1175, 0.91, 0.235, 0.18, ""),
        body(0.8825, 0.91, 0.235, 0.18, ""),
        label("RESET", 0.281, 0.6800, 0.66, Run::Up),
        label("BOOT0", 0.721, 0.6800, 0.66, Run::Up),
    ],
};

/// V2: pads a little higher, labels between them, straps for USB or CAN, separate D+ and D- holes.
pub(super) static V2_REAR: BoardArt = BoardArt {
    size_mm: SIZE_MM,
    outline: OUTLINE,
    pads: &[
        flat(Contact::Reset, 0.193, 0.572),
        flat(Contact::Reset, 0.193, 0.714),
        flat(Contact::Boot0, 0.807, 0.571),
        flat(Contact::Boot0, 0.807, 0.714),
    ],
    parts: &[
        // At the slope of the bump there is room for a narrow ring only.
        hole(0.270, 0.10, 0.8, 0.45),
        hole(0.364, 0.10, 1.25, 0.6),
        hole(0.455, 0.10, 1.25, 0.6),
        hole(0.546, 0.10, 1.25, 0.6),
        hole(0.636, 0.10, 1.25, 0.6),
        hole(0.732, 0.10, 0.8, 0.45),
        label("D-", 0.270, 0.19, 0.6, Run::Across),
        label("5V", 0.364, 0.19, 0.6, Run::Across),
        label("GND", 0.636, 0.19, 0.6, Run::Across),
        label("D+", 0.732, 0.19, 0.6, Run::Across),
        hole(0.060, 0.178, 1.5, 0.9),
        hole(0.175, 0.178, 1.5, 0.9),
        hole(0.826, 0.178, 1.5, 0.9),
        hole(0.941, 0.178, 1.5, 0.9),
        // 120 Ω jumper.
        Part::Small {
            at: (0.50, 0.197),
            size_mm: (1.5, 0.8),
        },
        // USB or CAN straps.
        Part::Small {
            at: (0.193, 0.38),
            size_mm: (1.3, 0.7),
        },
        Part::Small {
            at: (0.193, 0.44),
            size_mm: (1.3, 0.7),
        },
        Part::Small {
            at: (0.808, 0.38),
            size_mm: (1.3, 0.7),
        },
        Part::Small {
            at: (0.808, 0.44),
            size_mm: (1.3, 0.7),
        },
        label("USB", 0.193, 0.317, 0.6, Run::Across),
        label("CAN", 0.193, 0.487, 0.5, Run::Across),
        label("USB", 0.808, 0.317, 0.6, Run::Across),
        label("CAN", 0.808, 0.487, 0.5, Run::Across),
        body(0.50, 0.40, 0.14, 0.22, ""),
        body(0.50, 0.755, 0.11, 0.16, ""),
        body(0.1175, 0.91, 0.235, 0.18, ""),
        body(0.8825, 0.91, 0.235, 0.18, ""),
        label("RESET", 0.193, 0.643, 0.6, Run::Across),
        label("BOOT0", 0.807, 0.643, 0.6, Run::Across),
    ],
};

/// Where the coil board's upper left corner is, in millimeters of the microcontroller board: it lies 2.9 mm over
/// its lower end, in the middle.
pub(super) const COIL_BOARD_AT_MM: (f32, f32) = (-7.985, 11.05);

/// The coil board: 37.97 × 20.4 mm, with the same nose as V4.
pub(super) static COIL_BOARD: BoardArt = BoardArt {
    size_mm: (37.97, 20.4),
    outline: &[
        corner(0.0, 0.0, 1.7),
        corner(1.0, 0.0, 1.7),
        corner(1.0, 0.61, 3.0),
        corner(0.5, 1.0457, 9.03),
        corner(0.0, 0.61, 3.0),
    ],
    pads: &[],
    parts: &[
        Part::Coil {
            at: (0.5, 0.612),
            outer_mm: 15.4,
            rings_mm: &[7.4, 4.6],
        },
        hole(0.083, 0.415, 5.8, 3.4),
        hole(0.916, 0.415, 5.8, 3.4),
        // Joints of the header.
        hole(0.245, 0.077, 1.3, 0.0),
        hole(0.312, 0.077, 1.3, 0.0),
        hole(0.688, 0.077, 1.3, 0.0),
        hole(0.755, 0.077, 1.3, 0.0),
    ],
};

//! What a board is made of, as data: fractions of its bounding box (x right, y down) and millimeters.
//!
//! Nothing here draws. The coordinates are those of boards-and-firmware.md §3.

/// A place: fractions of the board's bounding box.
pub(super) type At = (f32, f32);

/// A corner of an outline.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Corner {
    /// Where the two edges would meet.
    pub at: At,
    /// How it is rounded.
    pub radius_mm: f32,
}

/// Which contact a pad is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Contact {
    /// One of the two BOOT0 pads of V2 and V3.
    Boot0,
    /// One of the two RESET pads of V2 and V3.
    Reset,
    /// BT0 of V4.
    Bt0,
    /// 3V3 of V4.
    V3v3,
    /// RST of V4.
    Rst,
    /// GND of V4.
    Gnd,
}

/// A contact to touch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Pad {
    /// Which.
    pub contact: Contact,
    /// Its center.
    pub at: At,
    /// Width and height.
    pub size_mm: (f32, f32),
    /// A plated hole (V4) instead of a flat pad (V2, V3).
    pub drilled: bool,
}

/// Which way printed letters run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Run {
    /// To the right.
    Across,
    /// Upward.
    Up,
}

/// Printed letters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Label {
    /// The letters.
    pub text: &'static str,
    /// Their middle.
    pub at: At,
    /// Height of a capital.
    pub cap_mm: f32,
    /// Which way they run.
    pub run: Run,
}

/// Something on a board that is not touched.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Part {
    /// A plated hole or a solder joint.
    Joint {
        /// Its center.
        at: At,
        /// Outer diameter.
        ring_mm: f32,
        /// Diameter of the hole; 0 for a joint.
        bore_mm: f32,
    },
    /// A black body: chip, crystal, connector shell.
    Body {
        /// Its center.
        at: At,
        /// Width and height, as fractions.
        size: At,
        /// Letters on it.
        name: &'static str,
    },
    /// A resistor or a solder jumper: a small body with two ends.
    Small {
        /// Its center.
        at: At,
        /// Width and height.
        size_mm: (f32, f32),
    },
    /// The coil: turns of copper and printed rings.
    Coil {
        /// Its center.
        at: At,
        /// Outer diameter.
        outer_mm: f32,
        /// Diameters of the printed rings inside.
        rings_mm: &'static [f32],
    },
    /// A printed box.
    Box {
        /// Upper left.
        min: At,
        /// Lower right.
        max: At,
        /// Radius of its corners.
        radius_mm: f32,
    },
    /// A printed white area.
    Blank {
        /// Upper left.
        min: At,
        /// Lower right.
        max: At,
    },
    /// An LED.
    Led {
        /// Its center.
        at: At,
    },
    /// Printed letters.
    Label(Label),
}

/// A whole board, seen from one side.
#[derive(Debug, PartialEq)]
pub(super) struct BoardArt {
    /// The bounding box.
    pub size_mm: (f32, f32),
    /// The outline, clockwise.
    pub outline: &'static [Corner],
    /// The contacts.
    pub pads: &'static [Pad],
    /// Everything else, from the bottom up.
    pub parts: &'static [Part],
}

impl BoardArt {
    /// Fractions to millimeters.
    pub(super) fn mm(&self, at: At) -> (f32, f32) {
        (at.0 * self.size_mm.0, at.1 * self.size_mm.1)
    }

    /// The middle between the two pads of a pair, and half of the way from the first to the second.
    pub(super) fn pair_mm(&self, pair: (Contact, Contact)) -> Option<((f32, f32), (f32, f32))> {
        let first = self.pads.iter().find(|pad| pad.contact == pair.0)?;
        let second = self.pads.iter().rfind(|pad| pad.contact == pair.1)?;
        let (a, b) = (self.mm(first.at), self.mm(second.at));
        let middle = (f32::midpoint(a.0, b.0), f32::midpoint(a.1, b.1));
        let half = ((b.0 - a.0) / 2.0, (b.1 - a.1) / 2.0);
        Some((middle, half))
    }
}

/// A short way to write a corner.
pub(super) const fn corner(x: f32, y: f32, radius_mm: f32) -> Corner {
    Corner {
        at: (x, y),
        radius_mm,
    }
}

/// A short way to write a flat pad of V2 and V3: 1.45 × 1.2 mm.
pub(super) const fn flat(contact: Contact, x: f32, y: f32) -> Pad {
    Pad {
        contact,
        at: (x, y),
        size_mm: (1.45, 1.2),
        drilled: false,
    }
}

/// A short way to write a drilled pad of V4: 1.45 mm across.
pub(super) const fn drilled(contact: Contact, x: f32, y: f32) -> Pad {
    Pad {
        contact,
        at: (x, y),
        size_mm: (1.45, 1.45),
        drilled: true,
    }
}

/// A short way to write printed letters.
pub(super) const fn label(text: &'static str, x: f32, y: f32, cap_mm: f32, run: Run) -> Part {
    Part::Label(Label {
        text,
        at: (x, y),
        cap_mm,
        run,
    })
}

/// A short way to write a plated hole.
pub(super) const fn hole(x: f32, y: f32, ring_mm: f32, bore_mm: f32) -> Part {
    Part::Joint {
        at: (x, y),
        ring_mm,
        bore_mm,
    }
}

/// A short way to write a body from its center.
pub(super) const fn body(x: f32, y: f32, width: f32, height: f32, name: &'static str) -> Part {
    Part::Body {
        at: (x, y),
        size: (width, height),
        name,
    }
}

//! What the DFU coach says.

use crate::app::coach::{Came, Saying};
use crate::board::Model;

/// Words of the DFU coach.
pub mod coach {
    /// Title.
    pub const TITLE: &str = "DFU mode, step by step";
    /// Which board.
    pub const WHICH: &str = "Which board do you have?";
    /// How to tell.
    pub const HOW_TO_TELL: &str = "How do I tell?";
    /// How, at length.
    pub const TELL: [&str; 3] = [
        "V4 is one board: the coil and the electronics share it. V4 is printed near the connector, and near an edge are four holes marked BT0, 3V3, RST and GND.",
        "V3 is a small board of 22 × 14 mm on top of the coil board. RESET and BOOT0 are printed sideways, next to two pairs of pads.",
        "V2 looks like V3, but D+ and D− have holes of their own, and USB and CAN are printed beside small resistors.",
    ];
    /// Changes the board.
    pub const OTHER_BOARD: &str = "Another board";
    /// Shows the other side of the board.
    pub const OTHER_SIDE: &str = "Show the other side";
    /// The success page.
    pub const SUCCESS: &str = "DFU mode";
    /// Under it.
    pub const SUCCESS_LINE: &str = "The probe is ready. You can put the tweezers down.";
    /// Its button.
    pub const GO_ON: &str = "Choose firmware";
    /// Flash through Katapult.
    pub const FLASH_FROM_KATAPULT: &str = "Flash from here";
    /// Other ways.
    pub const OTHER_WAYS: &str = "Other ways to hold BOOT0";
    /// The same on V4.
    pub const OTHER_WAYS_V4: &str = "Other ways to bridge BT0 and 3V3";
    /// One.
    pub const CLIP: &str = "A printed clip, the PadPusher3000, presses foil onto both BOOT0 pads, so that both hands are free.";
    /// Another.
    pub const SOLDER: &str = "A drop of solder across the two BOOT0 pads does it too. Remove it afterwards, or the probe starts in DFU mode forever.";
    /// Those for V4.
    pub const WAYS_V4: [&str; 2] = [
        "A 2 mm jumper, or a bent piece of wire, in the holes BT0 and 3V3 holds by itself. Take it out afterwards.",
        "Short of hands? Put the plug loosely into the port first. Then bridge the holes, and push the plug home with a thumb.",
    ];
    /// The lights of V4.
    pub const LED_V4: &str =
        "Is the light named USB or CAN on? Then firmware still runs: DFU mode is dark.";
    /// What the light says, at length.
    pub const LED_MORE: &str = "What the light says";
    /// The LED.
    pub const LED: &str =
        "Is the blue light on, even blinking? Then firmware still runs: DFU mode is dark.";
    /// Where the LED is.
    pub const LED_WHERE: &str =
        "It is on the other side, at the lower left when you look at the connector.";
    /// Under the drawing of V2 and V3.
    pub const RIGHT_ANGLE: &str = "Right-angle probe: look at the small board from behind";
    /// Katapult comes first; DFU mode is the rescue.
    pub const NOT_NEEDED: &str = "DFU mode is not needed: this probe runs";
    /// A warning for V4.
    pub const V4_NEVER: &str =
        "Bridge sideways only. Down the column, 3V3 to GND, is a short circuit.";
    /// Hints after silence.
    pub const SILENCE: [&str; 3] = [
        "Is the cable the one that came with the probe? Many cables only charge.",
        "Is the plug the right way round? On right-angle probes the four wires run in reverse.",
        "Try another USB port, or a USB 2 hub between.",
    ];
    /// One more for V2.
    pub const SILENCE_V2: &str =
        "A V2 made for CAN does not reach USB at all: it needs Katapult over CAN or an ST-Link.";
    /// One more for V3.
    pub const SILENCE_V3: &str = "On a V3 with the wide sensor chip, USB does not work while the jumper 120R is bridged: it needs Katapult over CAN or an ST-Link.";
}

/// Hints after silence that fit this board.
pub fn silence(model: Option<Model>) -> impl Iterator<Item = &'static str> {
    let own = match model {
        Some(Model::V2) => Some(coach::SILENCE_V2),
        Some(Model::V3) => Some(coach::SILENCE_V3),
        _ => None,
    };
    coach::SILENCE.into_iter().chain(own)
}

/// What the coach says: title and sentences.
pub fn coach_says(saying: &Saying, model: Option<Model>, tries: u32) -> (String, String) {
    let v4 = matches!(model, Some(Model::V4 | Model::Ht));
    let (title, text) = match saying {
        Saying::ChooseBoard => (coach::WHICH, "The drawing then shows which pads to touch."),
        Saying::HoldAndPlugIn if v4 => (
            "Bridge BT0 and 3V3, and plug the cable in",
            "The cable goes into the probe first. Bridge box 1 with tweezers, keep it bridged, and plug the other end into this computer.",
        ),
        Saying::HoldAndPlugIn => (
            "Bridge the two BOOT0 pads, and plug the cable in",
            "The cable goes into the probe first. Press tweezers across both pads marked 1, keep them there, and plug the other end into this computer.",
        ),
        Saying::HoldAndReset if v4 => (
            "Unplug the probe from the computer",
            "Firmware is running. Unplug the USB end, bridge BT0 and 3V3 (box 1), keep them bridged, and plug it in again.",
        ),
        Saying::HoldAndReset => (
            "Hold 1, tap 2, let go",
            "Keep the BOOT0 pads (1) bridged while you tap RESET (2). Easier with one pair of tweezers: unplug the USB end, bridge 1, and plug it in again.",
        ),
        Saying::Gone if v4 => (
            "Good, it is off. Bridge first, then plug in",
            "Bridge BT0 and 3V3 (box 1), keep them bridged, and plug the cable in.",
        ),
        Saying::Gone => ("It restarts…", "Keep BOOT0 bridged a moment longer."),
        Saying::CameBackAsFirmware { .. } if v4 => (
            "It started its firmware: BT0 was not bridged",
            "Plugging in worked. The bridge between BT0 and 3V3 must already be there when power comes. Unplug it and try again.",
        ),
        Saying::CameBackAsFirmware {
            came: Came::AfterReset,
        } => (
            "RESET worked, but BOOT0 was not held",
            "Hold 1, then tap 2. Scratch lightly with the tweezers: a thin film can stop the contact.",
        ),
        Saying::CameBackAsFirmware {
            came: Came::AfterPlugIn,
        } => (
            "It started its firmware: BOOT0 was not held",
            "Hold 1 while you plug in. Or, as it is plugged in now: hold 1, then tap 2.",
        ),
        Saying::Katapult { just_now: true, .. } => (
            "You tapped RESET twice: the probe is in Katapult",
            "That is enough. Firmware can be flashed from here, DFU mode is not needed.",
        ),
        Saying::Katapult {
            just_now: false, ..
        } => (
            "The probe is in Katapult, and that is enough",
            "Firmware can be flashed from here, DFU mode is not needed.",
        ),
        Saying::NothingForAWhile => (
            "Nothing on the USB bus yet",
            "Keep trying; this page goes on by itself. What to check is under the drawing.",
        ),
        Saying::StrangerInDfu => (
            "A board is in DFU mode, but it is no probe",
            "It looks like a toolboard or mainboard and is left alone. Unplug it, so that nothing is mixed up, and put the probe into DFU mode.",
        ),
        Saying::Blocked { .. } => (
            "DFU mode works, but this computer does not allow access to it",
            "The pads are done: the probe stays in DFU mode. Allow access to it, and this page goes on.",
        ),
        Saying::Success { .. } => (coach::SUCCESS, coach::SUCCESS_LINE),
    };
    let text = match (saying, tries) {
        (Saying::CameBackAsFirmware { .. }, 3..) => {
            format!(
                "{text} That was try {tries}; most people need a few. Nothing can break by trying."
            )
        }
        (Saying::CameBackAsFirmware { .. }, 2) => {
            format!("{text} That was the second try; this takes a little practice.")
        }
        _ => text.to_owned(),
    };
    (title.to_owned(), text)
}

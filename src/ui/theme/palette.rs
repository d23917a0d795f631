//! The colors, light and dark: the only place in the program where a color is spelled out.
//!
//! Every text color is meant for named backgrounds; `tests` proves each pair against WCAG 2.2 (1.4.3: text
//! 4.5:1, 1.4.11: outlines and marks 3:1). It knows nothing about widgets.

use egui::Color32;

/// What a color says. Never the only sign: each tone also has its own icon and words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Tone {
    /// Says nothing.
    #[default]
    Neutral,
    /// Worth knowing.
    Info,
    /// It worked.
    Success,
    /// Look here first.
    Warning,
    /// It did not work, or it would do damage.
    Danger,
}

impl Tone {
    /// Every tone.
    pub const ALL: [Self; 5] = [
        Self::Neutral,
        Self::Info,
        Self::Success,
        Self::Warning,
        Self::Danger,
    ];
}

/// The three colors of a tone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ToneColors {
    /// Text and icons, on [`ToneColors::soft`], on every surface and on the background.
    pub strong: Color32,
    /// A quiet fill behind text.
    pub soft: Color32,
    /// The outline of that fill.
    pub line: Color32,
}

/// Colors of circuit boards and of what lies on them. A board keeps its own light in both themes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BoardColors {
    /// Solder mask.
    pub mask: Color32,
    /// The edge of the board.
    pub edge: Color32,
    /// Solder mask of a board that is there only to show where we are.
    pub ghost_mask: Color32,
    /// Its edge.
    pub ghost_edge: Color32,
    /// Copper under the mask: coil turns.
    pub copper: Color32,
    /// Bare gold: pads and rings.
    pub gold: Color32,
    /// Printed letters and boxes.
    pub silk: Color32,
    /// Chip and connector bodies.
    pub chip: Color32,
    /// The outline of bodies.
    pub chip_line: Color32,
    /// Letters on bodies.
    pub chip_text: Color32,
    /// A drilled hole.
    pub bore: Color32,
    /// Rings and number badges of what to touch now.
    pub touch: Color32,
    /// The number in such a badge.
    pub on_touch: Color32,
    /// What must never be done.
    pub never: Color32,
    /// A lit blue LED.
    pub led_blue: Color32,
    /// A dark LED.
    pub led_off: Color32,
    /// Solder.
    pub solder: Color32,
}

/// Colors of wires and tools in the drawings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ToolColors {
    /// Steel of tweezers and plugs.
    pub steel: Color32,
    /// Its outline.
    pub steel_line: Color32,
    /// Cable jacket.
    pub jacket: Color32,
    /// Printed plastic.
    pub plastic: Color32,
    /// 5 V (boards-and-firmware.md §4 "Colours").
    pub wire_5v: Color32,
    /// CANL, and D− on the same pin.
    pub wire_canl: Color32,
    /// CANH, on CAN leads.
    pub wire_canh: Color32,
    /// D+, the same pin as CANH, on USB leads.
    pub wire_dp: Color32,
    /// GND.
    pub wire_gnd: Color32,
    /// The outline of a wire.
    pub wire_line: Color32,
}

/// All colors of one theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Palette {
    /// True for the dark theme.
    pub dark: bool,
    /// The window.
    pub background: Color32,
    /// Cards and the middle of the page.
    pub surface: Color32,
    /// What is pressed in: rail, fields, tracks of bars.
    pub sunken: Color32,
    /// Hovered rows and quiet buttons.
    pub hover: Color32,
    /// Lines that only divide.
    pub border: Color32,
    /// Outlines that tell where a control is.
    pub outline: Color32,
    /// Text.
    pub text: Color32,
    /// Text that explains.
    pub muted: Color32,
    /// Text of things that cannot be used now.
    pub disabled_text: Color32,
    /// Their fill.
    pub disabled_fill: Color32,
    /// The one accent, as text, icon or line.
    pub accent: Color32,
    /// The accent as a fill.
    pub accent_fill: Color32,
    /// That fill under the pointer.
    pub accent_hover: Color32,
    /// That fill pressed.
    pub accent_press: Color32,
    /// Text on the accent.
    pub on_accent: Color32,
    /// Quiet accent: what is selected.
    pub accent_soft: Color32,
    /// The keyboard's focus.
    pub focus: Color32,
    /// A fill for a deed that cannot be undone.
    pub danger_fill: Color32,
    /// Text on it.
    pub on_danger: Color32,
    /// The whole window when the probe is where it should be.
    pub celebrate: Color32,
    /// Text on it.
    pub on_celebrate: Color32,
    /// Shadows.
    pub shadow: Color32,
    /// [`Tone::Info`].
    pub info: ToneColors,
    /// [`Tone::Success`].
    pub success: ToneColors,
    /// [`Tone::Warning`].
    pub warning: ToneColors,
    /// [`Tone::Danger`].
    pub danger: ToneColors,
    /// Circuit boards.
    pub board: BoardColors,
    /// Wires and tools.
    pub tool: ToolColors,
}

impl Palette {
    /// The colors of a tone.
    pub const fn tone(&self, tone: Tone) -> ToneColors {
        match tone {
            Tone::Neutral => ToneColors {
                strong: self.muted,
                soft: self.sunken,
                line: self.border,
            },
            Tone::Info => self.info,
            Tone::Success => self.success,
            Tone::Warning => self.warning,
            Tone::Danger => self.danger,
        }
    }
}

/// `0xRRGGBB`.
const fn rgb(hex: u32) -> Color32 {
    let [_, red, green, blue] = hex.to_be_bytes();
    Color32::from_rgb(red, green, blue)
}

const fn tone(strong: u32, soft: u32, line: u32) -> ToneColors {
    ToneColors {
        strong: rgb(strong),
        soft: rgb(soft),
        line: rgb(line),
    }
}

/// The light theme.
pub const LIGHT: Palette = Palette {
    dark: false,
    background: rgb(0x00f4_f5f7),
    surface: rgb(0x00ff_ffff),
    sunken: rgb(0x00ea_ecf0),
    hover: rgb(0x00e4_e8ee),
    border: rgb(0x00d6_dae1),
    outline: rgb(0x0079_8291),
    text: rgb(0x0018_1d26),
    muted: rgb(0x004d_5563),
    disabled_text: rgb(0x005f_6774),
    disabled_fill: rgb(0x00e3_e6eb),
    accent: rgb(0x001f_54c4),
    accent_fill: rgb(0x0023_5bd1),
    accent_hover: rgb(0x001b_4cb4),
    accent_press: rgb(0x0015_3f98),
    on_accent: rgb(0x00ff_ffff),
    accent_soft: rgb(0x00e6_edfc),
    focus: rgb(0x0012_3f9e),
    danger_fill: rgb(0x00b3_261e),
    on_danger: rgb(0x00ff_ffff),
    celebrate: rgb(0x0012_7a3e),
    on_celebrate: rgb(0x00ff_ffff),
    shadow: Color32::from_black_alpha(24),
    info: tone(0x0017_5a8c, 0x00e5_f1fa, 0x00b4_d5ec),
    success: tone(0x0014_6c36, 0x00e4_f5ea, 0x00ae_dcbd),
    warning: tone(0x007a_4a00, 0x00ff_f3da, 0x00ea_cd8f),
    danger: tone(0x00a3_2018, 0x00fd_ebe9, 0x00f0_bdb8),
    board: BoardColors {
        mask: rgb(0x0024_3042),
        edge: rgb(0x0013_1b28),
        ghost_mask: rgb(0x00c9_d1dd),
        ghost_edge: rgb(0x008d_99ab),
        copper: rgb(0x003e_4f68),
        gold: rgb(0x00e3_b653),
        silk: rgb(0x00ee_f1f5),
        chip: rgb(0x000f_141c),
        chip_line: rgb(0x0055_6278),
        chip_text: rgb(0x00b5_bfcd),
        bore: rgb(0x00f4_f5f7),
        touch: rgb(0x005f_d4ff),
        on_touch: rgb(0x0006_2233),
        never: rgb(0x00ff_7a70),
        led_blue: rgb(0x006a_b4ff),
        led_off: rgb(0x0072_7e90),
        solder: rgb(0x00cf_d6df),
    },
    tool: ToolColors {
        steel: rgb(0x00c3_cad4),
        steel_line: rgb(0x005c_6675),
        jacket: rgb(0x003a_4352),
        plastic: rgb(0x00dd_8a4a),
        wire_5v: rgb(0x00cc_332b),
        wire_canl: rgb(0x00fa_fafa),
        wire_canh: rgb(0x00e9_b824),
        wire_dp: rgb(0x0033_a053),
        wire_gnd: rgb(0x0021_2730),
        wire_line: rgb(0x005c_6675),
    },
};

/// The dark theme.
pub const DARK: Palette = Palette {
    dark: true,
    background: rgb(0x0013_161b),
    surface: rgb(0x001c_2027),
    sunken: rgb(0x0025_2a33),
    hover: rgb(0x002c_323d),
    border: rgb(0x0035_3c48),
    outline: rgb(0x007c_8696),
    text: rgb(0x00ec_eff4),
    muted: rgb(0x00ad_b6c4),
    disabled_text: rgb(0x0099_a2b1),
    disabled_fill: rgb(0x002a_2f39),
    accent: rgb(0x0093_b7ff),
    accent_fill: rgb(0x0030_68df),
    accent_hover: rgb(0x0036_6ee5),
    accent_press: rgb(0x0024_55bd),
    on_accent: rgb(0x00ff_ffff),
    accent_soft: rgb(0x001e_2f52),
    focus: rgb(0x00a9_c6ff),
    danger_fill: rgb(0x00c2_352c),
    on_danger: rgb(0x00ff_ffff),
    celebrate: rgb(0x0010_6b37),
    on_celebrate: rgb(0x00ff_ffff),
    shadow: Color32::from_black_alpha(110),
    info: tone(0x0085_c8f5, 0x0017_2b3b, 0x002d_5573),
    success: tone(0x006c_d697, 0x0015_3022, 0x002b_6345),
    warning: tone(0x00f3_bd58, 0x0034_2a12, 0x006d_5623),
    danger: tone(0x00ff_9389, 0x003c_1c1a, 0x007d_3a35),
    board: BoardColors {
        mask: rgb(0x002b_394f),
        edge: rgb(0x0066_7a99),
        ghost_mask: rgb(0x0020_2733),
        ghost_edge: rgb(0x004a_566a),
        copper: rgb(0x0049_5c7a),
        gold: rgb(0x00e6_bb5c),
        silk: rgb(0x00e9_edf3),
        chip: rgb(0x000e_1219),
        chip_line: rgb(0x005e_6c84),
        chip_text: rgb(0x00b5_bfcd),
        bore: rgb(0x0013_161b),
        touch: rgb(0x005f_d4ff),
        on_touch: rgb(0x0006_2233),
        never: rgb(0x00ff_857b),
        led_blue: rgb(0x0074_b9ff),
        led_off: rgb(0x007d_899c),
        solder: rgb(0x00cb_d2db),
    },
    tool: ToolColors {
        steel: rgb(0x00aa_b3bf),
        steel_line: rgb(0x0045_4e5b),
        jacket: rgb(0x006b_7789),
        plastic: rgb(0x00d9_8545),
        wire_5v: rgb(0x00e0_4b42),
        wire_canl: rgb(0x00f3_f4f6),
        wire_canh: rgb(0x00ec_c03a),
        wire_dp: rgb(0x0043_b565),
        wire_gnd: rgb(0x000c_0f13),
        wire_line: rgb(0x0080_8b9b),
    },
};

#[cfg(test)]
mod tests;

//! What the blue LED of a V2 or V3 says (boards-and-firmware.md §4 "LEDs").

use egui::{Align2, Rect, Response, Stroke, Ui, Vec2, vec2};

use super::canvas::{Canvas, View};
use super::picture;
use crate::ui::theme::{self, Type};
use crate::ui::widgets::text;
use crate::ui::words::drawings as w;

/// What the LED does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LedState {
    /// Dark: DFU mode, or no power.
    Off,
    /// Lit or flickering: firmware runs.
    Firmware,
    /// Slow, one second on and one off: Katapult waits.
    SlowBlink,
}

impl LedState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Off, Self::Firmware, Self::SlowBlink];

    /// When it is lit, within [`PERIOD_SECS`]: from second to second.
    fn lit(self) -> &'static [(f32, f32)] {
        match self {
            Self::Off => &[],
            Self::Firmware => &[(0.0, 1.5), (1.65, 1.8), (2.0, 2.15), (2.35, 4.0)],
            Self::SlowBlink => &[(0.0, 1.0), (2.0, 3.0)],
        }
    }

    fn is_lit(self, time_secs: f32) -> bool {
        let time = time_secs.rem_euclid(PERIOD_SECS);
        self.lit()
            .iter()
            .any(|(from, to)| time >= *from && time < *to)
    }
}

const PERIOD_SECS: f32 = 4.0;

/// Draws one state: the LED and its light over time. Without `time_secs` it stands still; the line below tells
/// the same.
pub fn led(ui: &mut Ui, state: LedState, time_secs: Option<f32>, size: Vec2) -> Response {
    picture(ui, size, &w::led_description(state), |ui, rect| {
        draw(ui, rect, state, time_secs);
    })
}

/// Draws all three states side by side with what they look like and mean.
pub fn led_states(ui: &mut Ui, time_secs: Option<f32>, size: Vec2) -> Response {
    let all: Vec<String> = LedState::ALL.into_iter().map(w::led_description).collect();
    picture(ui, size, &all.join(". "), |ui, rect| {
        let p = theme::palette(ui);
        let width = rect.width() / 3.0;
        let worded = LedState::ALL.map(|state| {
            let means = text::bold(ui, w::led_means(state), Type::Body, width - 12.0);
            let looks = text::layout(ui, w::led_looks(state), Type::Small, width - 12.0);
            (state, means, looks)
        });
        // All lights are at one height, also where only some of the words need two rows.
        let words = worded
            .iter()
            .map(|(_, means, looks)| means.size().y + looks.size().y + 4.0)
            .fold(0.0, f32::max);
        let mut left = rect.min.x;
        for (state, means, looks) in worded {
            let cell =
                Rect::from_min_size(egui::pos2(left, rect.min.y), vec2(width, rect.height()));
            left += width;
            let picture = Rect::from_min_max(cell.min, cell.max - vec2(0.0, words)).shrink(6.0);
            draw(ui, picture, state, time_secs);
            let x = |width: f32| cell.center().x - width / 2.0;
            let at = egui::pos2(x(looks.size().x), cell.max.y - words);
            text::paint(ui.painter(), at, &looks, p.muted);
            let at = egui::pos2(x(means.size().x), at.y + looks.size().y + 2.0);
            text::paint(ui.painter(), at, &means, p.text);
        }
    })
}

fn draw(ui: &Ui, rect: Rect, state: LedState, time_secs: Option<f32>) {
    let view = View {
        min: (0.0, 0.0),
        max: (26.0, 18.0),
    };
    let c = Canvas::fit(ui, rect, view);
    let board = &c.p.board;
    // A corner of the board.
    c.rect(
        (13.0, 6.0),
        (22.0, 11.0),
        1.2,
        board.mask,
        c.pen(0.2, board.edge),
    );
    for x in [6.0, 20.0] {
        c.rect((x, 6.0), (3.0, 1.7), 0.1, board.gold, Stroke::NONE);
        c.rect((x, 6.0), (1.5, 1.7), 0.0, board.chip, Stroke::NONE);
    }
    let still = match state {
        LedState::Off => false,
        LedState::Firmware | LedState::SlowBlink => true,
    };
    let lit = time_secs.map_or(still, |time| state.is_lit(time));
    if lit {
        for (diameter, strength) in [(10.4, 0.14), (8.2, 0.2), (6.2, 0.34)] {
            c.disc(
                (13.0, 6.0),
                diameter,
                theme::fade(board.led_blue, strength),
                Stroke::NONE,
            );
        }
        rays(&c);
    }
    let fill = if lit { board.led_blue } else { board.chip };
    c.rect((13.0, 6.0), (4.4, 2.8), 0.3, fill, c.pen(0.22, board.silk));
    wave(&c, state);
}

fn rays(c: &Canvas) {
    for turn in [0.0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875_f32] {
        let direction = Vec2::angled(turn * std::f32::consts::TAU);
        let point = |radius: f32| {
            (
                13.0 + direction.x * radius * 1.1,
                6.0 + direction.y * radius * 0.85,
            )
        };
        c.line(&[point(3.7), point(4.7)], c.pen(0.3, c.p.board.silk));
    }
}

/// Light over time: high is lit.
fn wave(c: &Canvas, state: LedState) {
    let (left, right, high, low) = (2.0, 24.0, 13.6, 16.6);
    let x = |second: f32| left + (right - left) * second / PERIOD_SECS;
    let mut points = vec![(left, low)];
    for (from, to) in state.lit() {
        points.extend([
            (x(*from), low),
            (x(*from), high),
            (x(*to), high),
            (x(*to), low),
        ]);
    }
    points.push((right, low));
    c.line(&[(left, low), (right, low)], c.pen(0.15, c.p.border));
    c.line(&points, c.pen(0.45, c.p.accent));
    if state == LedState::SlowBlink {
        let font = theme::Type::Small.points().min(c.len(2.2));
        c.painter.text(
            c.at((x(0.5), f32::midpoint(high, low) + 0.3)),
            Align2::CENTER_CENTER,
            w::LED_SECOND,
            egui::FontId::proportional(font),
            c.p.muted,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn katapult_blinks_one_second_on_and_one_off() {
        let seconds = [
            (0.1, true),
            (0.9, true),
            (1.1, false),
            (1.9, false),
            (2.5, true),
            (4.2, true),
        ];
        for (time, lit) in seconds {
            assert_eq!(LedState::SlowBlink.is_lit(time), lit, "{time}");
        }
    }

    #[test]
    fn dfu_is_dark_and_firmware_mostly_lit() {
        let mut lit = 0;
        for tenth in 0..40_u8 {
            let time = f32::from(tenth) / 10.0;
            assert!(!LedState::Off.is_lit(time));
            lit += i32::from(LedState::Firmware.is_lit(time));
        }
        assert!(lit > 30, "{lit}");
    }
}

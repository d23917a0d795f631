//! Where the tweezers and the plug are at a moment: pure.

use super::Step;

/// How far a pair of tweezers is from its pads: 0 touches, 1 is away.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Tweezers {
    /// 0 touches, 1 is away.
    pub away: f32,
}

impl Tweezers {
    /// The tips are on the pads.
    pub(super) fn touches(self) -> bool {
        self.away <= 0.0
    }
}

/// Everything that moves in a drawing of a board.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Motion {
    /// On the BOOT0 pads, or on BT0 and 3V3.
    pub boot: Option<Tweezers>,
    /// On the RESET pads, or on RST and GND.
    pub reset: Option<Tweezers>,
    /// The USB plug: 0 is in, 1 is out. None is not drawn.
    pub plug: Option<f32>,
}

/// Where everything is. With reduced motion the picture is the telling moment and stands still.
pub(super) fn motion(step: Step, time_secs: f32, reduced_motion: bool) -> Motion {
    let at = |away: f32| Some(Tweezers { away });
    let time = if time_secs.is_finite() {
        time_secs.max(0.0)
    } else {
        0.0
    };
    match step {
        Step::None => Motion {
            boot: None,
            reset: None,
            plug: None,
        },
        Step::HoldBoot0 | Step::BridgeBoot => {
            let away = if reduced_motion {
                0.0
            } else {
                play(time, 3.6, &[(0.0, 1.0), (0.9, 0.0), (3.2, 0.0), (3.6, 1.0)])
            };
            Motion {
                boot: at(away),
                reset: None,
                plug: None,
            }
        }
        Step::TapReset => {
            let away = if reduced_motion {
                0.0
            } else {
                play(
                    time,
                    1.8,
                    &[(0.0, 1.0), (0.5, 0.0), (0.8, 0.0), (1.3, 1.0), (1.8, 1.0)],
                )
            };
            Motion {
                boot: at(0.0),
                reset: at(away),
                plug: None,
            }
        }
        Step::Release => {
            let (boot, reset) = if reduced_motion {
                (0.6, 1.0)
            } else {
                (
                    play(time, 3.0, &[(0.0, 0.0), (1.2, 0.0), (1.9, 1.0), (3.0, 1.0)]),
                    play(time, 3.0, &[(0.0, 0.0), (0.4, 0.0), (1.0, 1.0), (3.0, 1.0)]),
                )
            };
            Motion {
                boot: at(boot),
                reset: at(reset),
                plug: None,
            }
        }
        Step::PlugIn => {
            let plug = if reduced_motion {
                0.6
            } else {
                play(
                    time,
                    2.8,
                    &[(0.0, 1.0), (0.5, 1.0), (1.3, 0.0), (2.4, 0.0), (2.8, 1.0)],
                )
            };
            Motion {
                boot: at(0.0),
                reset: None,
                plug: Some(plug),
            }
        }
    }
}

/// Plays key frames (second, value) over and over, easing between them.
pub(super) fn play(time_secs: f32, period_secs: f32, frames: &[(f32, f32)]) -> f32 {
    let time = time_secs.rem_euclid(period_secs);
    let later = frames.iter().skip(1);
    for (from, to) in frames.iter().zip(later) {
        if time >= from.0 && time <= to.0 {
            let part = (time - from.0) / (to.0 - from.0).max(f32::EPSILON);
            let eased = part * part * (3.0 - 2.0 * part);
            return from.1 + (to.1 - from.1) * eased;
        }
    }
    frames.last().map_or(0.0, |frame| frame.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEPS: [Step; 6] = [
        Step::None,
        Step::HoldBoot0,
        Step::TapReset,
        Step::Release,
        Step::PlugIn,
        Step::BridgeBoot,
    ];

    #[test]
    fn reduced_motion_stands_still() {
        for step in STEPS {
            let still = motion(step, 0.0, true);
            for tenth in 1..60_u8 {
                assert_eq!(
                    still,
                    motion(step, f32::from(tenth) / 10.0, true),
                    "{step:?}"
                );
            }
        }
    }

    #[test]
    fn boot_is_held_while_reset_is_tapped_and_while_plugging_in() {
        for tenth in 0..60_u8 {
            let time = f32::from(tenth) / 10.0;
            for step in [Step::TapReset, Step::PlugIn] {
                assert!(
                    motion(step, time, false).boot.unwrap().touches(),
                    "{step:?} {time}"
                );
            }
        }
    }

    #[test]
    fn reset_is_let_go_before_boot() {
        let mut reset_left_at = None;
        let mut boot_left_at = None;
        for centi in 0..300_u16 {
            let time = f32::from(centi) / 100.0;
            let now = motion(Step::Release, time, false);
            if !now.reset.unwrap().touches() && reset_left_at.is_none() {
                reset_left_at = Some(time);
            }
            if !now.boot.unwrap().touches() && boot_left_at.is_none() {
                boot_left_at = Some(time);
            }
        }
        assert!(reset_left_at.unwrap() < boot_left_at.unwrap());
    }

    #[test]
    fn everything_stays_between_touching_and_away_at_any_time() {
        for step in STEPS {
            for time in [
                0.0,
                0.3,
                1.0,
                1.25,
                2.9,
                3.6,
                1e9,
                f32::NAN,
                f32::INFINITY,
                -4.0,
            ] {
                let now = motion(step, time, false);
                for part in [
                    now.boot.map(|t| t.away),
                    now.reset.map(|t| t.away),
                    now.plug,
                ]
                .into_iter()
                .flatten()
                {
                    assert!((0.0..=1.0).contains(&part), "{step:?} {time}: {part}");
                }
            }
        }
    }
}

//! When the size of the window is worth remembering: pure, but for reading it.

use egui::Context;

/// A size that stays this long is meant.
const SETTLED_SECS: f64 = 0.6;

/// Width and height in points, as settings keep them.
pub(super) type Size = (u16, u16);

/// Watches the size of the window.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct SizeMemory {
    /// The size it opened with, or that was told last.
    told: Option<Size>,
    /// The present size and since when it is.
    seen: Option<(Size, f64)>,
}

/// What to do about the size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Verdict {
    /// Nothing.
    Fine,
    /// Look again after these seconds.
    Wait(f64),
    /// Remember it.
    Remember(Size),
}

impl SizeMemory {
    /// The window has this size at this second; `last` is the last chance to remember it.
    pub(super) fn see(&mut self, size: Size, now_secs: f64, last: bool) -> Verdict {
        let since = match self.seen {
            Some((seen, since)) if seen == size => since,
            _ => now_secs,
        };
        self.seen = Some((size, since));
        let left = SETTLED_SECS - (now_secs - since);
        match self.told {
            Some(told) if told == size => Verdict::Fine,
            Some(_) if last || left <= 0.0 => {
                self.told = Some(size);
                Verdict::Remember(size)
            }
            // What it opens with, once the window manager has had its way, is nobody's wish.
            None if left <= 0.0 => {
                self.told = Some(size);
                Verdict::Fine
            }
            None if last => Verdict::Fine,
            Some(_) | None => Verdict::Wait(left),
        }
    }
}

/// The inner size of the window in the system's points; `None` while the system decides it.
pub(super) fn size_now(ctx: &Context) -> Option<Size> {
    let taken = ctx.input(|input| {
        let viewport = input.viewport();
        [viewport.minimized, viewport.maximized, viewport.fullscreen].contains(&Some(true))
    });
    let size = ctx.content_rect().size() * ctx.zoom_factor();
    let whole = |points: f32| num(points.round());
    (!taken).then_some(())?;
    Some((whole(size.x)?, whole(size.y)?))
}

fn num(points: f32) -> Option<u16> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked to be between one and the largest u16"
    )]
    (1.0..=f32::from(u16::MAX))
        .contains(&points)
        .then_some(points as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Size = (960, 680);
    const LARGER: Size = (1200, 800);

    #[test]
    fn a_size_is_remembered_once_it_stays() {
        let mut memory = SizeMemory::default();
        assert!(matches!(memory.see(FIRST, 0.0, false), Verdict::Wait(_)));
        assert_eq!(memory.see(FIRST, 0.7, false), Verdict::Fine);
        assert!(matches!(
            memory.see((1000, 700), 1.0, false),
            Verdict::Wait(_)
        ));
        assert!(matches!(memory.see(LARGER, 1.5, false), Verdict::Wait(_)));
        assert!(matches!(memory.see(LARGER, 2.0, false), Verdict::Wait(_)));
        assert_eq!(memory.see(LARGER, 2.2, false), Verdict::Remember(LARGER));
        assert_eq!(memory.see(LARGER, 9.0, true), Verdict::Fine);
    }

    #[test]
    fn a_window_that_is_closed_right_after_is_remembered_too() {
        let mut memory = SizeMemory::default();
        memory.see(FIRST, 0.0, false);
        memory.see(FIRST, 1.0, false);
        assert_eq!(memory.see(LARGER, 1.1, true), Verdict::Remember(LARGER));
    }

    #[test]
    fn what_it_opens_with_is_nobody_s_wish() {
        let mut memory = SizeMemory::default();
        assert_eq!(memory.see(FIRST, 0.0, true), Verdict::Fine);
        assert!(matches!(memory.see(LARGER, 0.1, false), Verdict::Wait(_)));
        assert_eq!(memory.see(LARGER, 2.0, false), Verdict::Fine);
    }

    #[test]
    fn nonsense_is_no_size() {
        for points in [0.0, -4.0, 70_000.0, f32::NAN, f32::INFINITY] {
            assert_eq!(num(points), None, "{points}");
        }
        assert_eq!(num(720.0), Some(720));
    }
}

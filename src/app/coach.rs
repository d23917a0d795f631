//! The DFU coach: says what to do next with the pads, from what the bus did.
//!
//! A pure state machine fed by sightings and time. It knows nothing of pixels, of words, or of how devices
//! are found; the screen draws its [`Saying`] and [`Cue`]s.

use std::time::Duration;

use crate::board::{Mcu, Mode, Model};
use crate::transport::{DeviceId, Location};

/// Nothing on the bus for this long: time for hints (ux.md "The DFU coach").
const SILENCE_BEFORE_HINTS: Duration = Duration::from_secs(10);
/// A reset takes a probe off the bus for less than this; a pulled cable for longer. It is back after up to 1.0 s,
/// and Katapult first waits 0.49 s for a second tap (protocols.md §4.5).
const LONGEST_RESET: Duration = Duration::from_millis(1500);

/// One probe as the coach sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glimpse {
    /// Which enumeration.
    pub id: DeviceId,
    /// In which socket.
    pub location: Option<Location>,
    /// What it shows itself as.
    pub mode: Mode,
    /// Its chip, if known.
    pub mcu: Option<Mcu>,
    /// Whether it can be opened.
    pub usable: bool,
}

/// What the bus held at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct View {
    /// Probes.
    pub probes: Vec<Glimpse>,
    /// True if somebody else's board is in DFU mode.
    pub stranger_in_dfu: bool,
}

/// How a probe that came back as firmware had left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Came {
    /// It was gone for a moment: RESET was tapped.
    AfterReset,
    /// It was plugged in.
    AfterPlugIn,
}

/// What the coach says now. Words: `ui::words`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Saying {
    /// Which board is it?
    ChooseBoard,
    /// Nothing is on the bus: hold the pads and plug in.
    HoldAndPlugIn,
    /// Firmware runs: hold BOOT0 and tap RESET, or for V4 unplug and plug in bridged.
    HoldAndReset,
    /// It just left the bus.
    Gone,
    /// It came back as firmware: BOOT0 was not held at that moment.
    CameBackAsFirmware {
        /// How.
        came: Came,
    },
    /// It is in Katapult, which is enough.
    Katapult {
        /// The probe in Katapult.
        id: DeviceId,
        /// True if it got there while we watched.
        just_now: bool,
    },
    /// Nothing on the bus for a while: cable, orientation, port.
    NothingForAWhile,
    /// A board in DFU mode that is not a probe.
    StrangerInDfu,
    /// In DFU mode, but the system does not let us in.
    Blocked {
        /// The probe.
        id: DeviceId,
    },
    /// In DFU mode and usable.
    Success {
        /// The probe.
        id: DeviceId,
        /// Its chip, which may be another than the chosen board's.
        mcu: Option<Mcu>,
    },
}

/// One thing hands do, for the drawing. Several follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cue {
    /// Bridge pair 1 (BOOT0, or BT0 and 3V3) and hold it.
    HoldBoot,
    /// Tap pair 2 (RESET) while pair 1 is held.
    TapReset,
    /// Let go of both.
    Release,
    /// Plug the cable in while pair 1 is held.
    PlugIn,
}

/// The coach. Plain data.
#[derive(Debug, Clone, PartialEq)]
pub struct Coach {
    model: Option<Model>,
    view: View,
    saying: Saying,
    tries: u32,
    quiet_since: Option<Duration>,
    left_at: Option<Duration>,
    since: Duration,
}

impl Coach {
    /// Starts watching. `model` is known if a probe showed its chip before.
    pub fn start(model: Option<Model>, view: View, now: Duration) -> Self {
        let mut coach = Self {
            model,
            view,
            saying: Saying::ChooseBoard,
            tries: 0,
            quiet_since: None,
            left_at: None,
            since: now,
        };
        coach.settle(now);
        coach
    }

    /// The user says which board it is.
    pub fn choose(&mut self, model: Option<Model>, now: Duration) {
        self.model = model;
        // Silence counts from when somebody knows what to do.
        self.quiet_since = None;
        self.settle(now);
    }

    /// The bus changed, or was looked at again.
    pub fn see(&mut self, view: View, now: Duration) {
        let before = std::mem::replace(&mut self.view, view);
        if self.model.is_none() || self.is_over() {
            self.settle(now);
            return;
        }
        let known = |id: &DeviceId| before.probes.iter().any(|probe| probe.id == *id);
        let fresh: Vec<Glimpse> = (self.view.probes.iter())
            .filter(|probe| !known(&probe.id))
            .cloned()
            .collect();
        let left = (before.probes.iter())
            .any(|was| !self.view.probes.iter().any(|probe| probe.id == was.id));
        if let Some(saying) = self.arrived(&fresh) {
            self.say(saying, now);
        } else if fresh.iter().any(|probe| probe.mode == Mode::Firmware) {
            let came = self.how_it_came(&before, &fresh, now);
            self.tries = self.tries.saturating_add(1);
            self.say(Saying::CameBackAsFirmware { came }, now);
        } else if left {
            self.left_at = Some(now);
            self.say(Saying::Gone, now);
        } else {
            self.refresh(now);
        }
        self.tick(now);
    }

    /// Time passed.
    pub fn tick(&mut self, now: Duration) {
        if self.reset_is_over_at().is_some_and(|over| now >= over) {
            self.settle(now);
        }
        let silent_for = self.quiet_since.map(|since| now.saturating_sub(since));
        if silent_for.is_some_and(|silent| silent >= SILENCE_BEFORE_HINTS)
            && matches!(self.saying, Saying::HoldAndPlugIn | Saying::Gone)
        {
            self.saying = Saying::NothingForAWhile;
        }
    }

    /// When [`Coach::tick`] should be called next even if nothing happens.
    pub fn next_tick(&self) -> Option<Duration> {
        let hints = match self.saying {
            Saying::HoldAndPlugIn | Saying::Gone => self
                .quiet_since
                .map(|since| since.saturating_add(SILENCE_BEFORE_HINTS)),
            _ => None,
        };
        [self.reset_is_over_at(), hints].into_iter().flatten().min()
    }

    /// From when on a probe that left was not reset but unplugged. V4 is only ever unplugged: what is said when
    /// it leaves holds until it comes back.
    fn reset_is_over_at(&self) -> Option<Duration> {
        let may_be_reset = matches!(self.model, Some(Model::V2 | Model::V3));
        (may_be_reset && self.saying == Saying::Gone)
            .then(|| self.left_at.map(|left| left.saturating_add(LONGEST_RESET)))
            .flatten()
    }

    /// What to say.
    pub fn saying(&self) -> &Saying {
        &self.saying
    }

    /// The boards that may be meant: those with a chip that is on the bus, or all while none is known.
    pub fn models(&self) -> Vec<Model> {
        let chips: Vec<Mcu> = (self.view.probes.iter())
            .filter_map(|probe| probe.mcu)
            .collect();
        let fits = |model: &Model| {
            chips.is_empty() || model.mcu().is_some_and(|chip| chips.contains(&chip))
        };
        [Model::V2, Model::V3, Model::V4]
            .into_iter()
            .filter(fits)
            .collect()
    }

    /// The only probe, if it runs firmware and can be opened: it needs no DFU mode to be updated.
    pub fn running(&self) -> Option<&DeviceId> {
        match self.view.probes.as_slice() {
            [probe] if probe.mode == Mode::Firmware && probe.usable => Some(&probe.id),
            _ => None,
        }
    }

    /// The board that was chosen.
    pub fn model(&self) -> Option<Model> {
        self.model
    }

    /// How often the probe came back as firmware.
    pub fn tries(&self) -> u32 {
        self.tries
    }

    /// What hands do now, in order.
    pub fn cues(&self) -> &'static [Cue] {
        let on_bus = !self.view.probes.is_empty();
        let by_plugging_in = matches!(self.model, Some(Model::V4 | Model::Ht)) || !on_bus;
        match self.saying {
            Saying::ChooseBoard
            | Saying::Katapult { .. }
            | Saying::Blocked { .. }
            | Saying::Success { .. } => &[],
            Saying::Gone if matches!(self.model, Some(Model::V2 | Model::V3)) => &[Cue::HoldBoot],
            _ if by_plugging_in => &[Cue::HoldBoot, Cue::PlugIn],
            _ => &[Cue::HoldBoot, Cue::TapReset, Cue::Release],
        }
    }

    /// Since when the present thing is said: the drawing starts there.
    pub fn since(&self) -> Duration {
        self.since
    }

    fn is_over(&self) -> bool {
        matches!(
            self.saying,
            Saying::Success { .. } | Saying::Blocked { .. } | Saying::ChooseBoard
        )
    }

    /// What a newly arrived probe, or one in DFU mode, means.
    fn arrived(&self, fresh: &[Glimpse]) -> Option<Saying> {
        if let Some(saying) = self.dfu() {
            return Some(saying);
        }
        let katapult = fresh.iter().find(|probe| probe.mode == Mode::Katapult)?;
        Some(Saying::Katapult {
            id: katapult.id.clone(),
            just_now: true,
        })
    }

    fn dfu(&self) -> Option<Saying> {
        let in_dfu = || {
            self.view
                .probes
                .iter()
                .filter(|probe| probe.mode == Mode::RomDfu)
        };
        if let Some(probe) = in_dfu().find(|probe| probe.usable) {
            return Some(Saying::Success {
                id: probe.id.clone(),
                mcu: probe.mcu,
            });
        }
        in_dfu().next().map(|probe| Saying::Blocked {
            id: probe.id.clone(),
        })
    }

    fn how_it_came(&self, before: &View, fresh: &[Glimpse], now: Duration) -> Came {
        // A reset can be shorter than one look at the bus: then the same socket shows a new enumeration.
        let swapped = fresh.iter().any(|new| {
            let same_socket =
                |old: &Glimpse| new.location.is_some() && old.location == new.location;
            before.probes.iter().any(same_socket)
        });
        let away = self.left_at.map(|left| now.saturating_sub(left));
        if swapped || away.is_some_and(|away| away < LONGEST_RESET) {
            Came::AfterReset
        } else {
            Came::AfterPlugIn
        }
    }

    /// Nothing came or went: keeps what was said unless it no longer holds.
    fn refresh(&mut self, now: Duration) {
        let stranger_gone = self.saying == Saying::StrangerInDfu && !self.view.stranger_in_dfu;
        let stranger_came = self.view.stranger_in_dfu
            && matches!(
                self.saying,
                Saying::HoldAndPlugIn | Saying::Gone | Saying::NothingForAWhile
            );
        if stranger_gone || stranger_came {
            self.settle(now);
        }
    }

    /// Says what the bus alone, without its history, suggests.
    fn settle(&mut self, now: Duration) {
        let firmware = self
            .view
            .probes
            .iter()
            .any(|probe| probe.mode == Mode::Firmware);
        let katapult = self
            .view
            .probes
            .iter()
            .find(|probe| probe.mode == Mode::Katapult);
        let saying = if let Some(saying) = self.dfu() {
            saying
        } else if self.model.is_none() {
            Saying::ChooseBoard
        } else if let Some(probe) = katapult {
            Saying::Katapult {
                id: probe.id.clone(),
                just_now: false,
            }
        } else if self.view.stranger_in_dfu {
            Saying::StrangerInDfu
        } else if firmware {
            Saying::HoldAndReset
        } else {
            Saying::HoldAndPlugIn
        };
        self.say(saying, now);
    }

    fn say(&mut self, saying: Saying, now: Duration) {
        let silent = self.view.probes.is_empty() && !self.view.stranger_in_dfu;
        self.quiet_since = if silent {
            self.quiet_since.or(Some(now))
        } else {
            None
        };
        if self.saying != saying {
            self.since = now;
        }
        self.saying = saying;
    }
}

#[cfg(test)]
#[path = "coach/tests.rs"]
mod tests;

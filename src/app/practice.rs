//! Hands on a simulated bench: what a person does to a probe, as buttons.
//!
//! The bench itself is `transport::sim`; whoever starts the program connects the two.

use std::sync::Arc;

use crate::transport::Hardware;
use crate::transport::sim::SimHardware;

/// The probe that hands work on: the first of the bench.
const PROBE: usize = 0;

/// Something a hand does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hand {
    /// Plugs the cable in, or pulls it.
    Plug(bool),
    /// Bridges the BOOT0 pads, or lets go.
    HoldBoot(bool),
    /// Shorts the RESET pads for a moment.
    TapReset,
}

/// What the hands hold now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bench {
    /// The cable is in.
    pub plugged_in: bool,
    /// The BOOT0 pads are bridged.
    pub boot_held: bool,
}

/// A simulated bench that hands can work on.
pub trait Hands: Send + Sync {
    /// Does something; takes effect at once or as fast as a chip would.
    fn act(&self, hand: Hand);
    /// What is held now. Never waits for a worker.
    fn bench(&self) -> Bench;
}

/// A bus to work on and, if it is simulated, the hands on it.
#[derive(Clone)]
pub struct Bus {
    /// The devices.
    pub hardware: Arc<dyn Hardware>,
    /// The hands.
    pub hands: Option<Arc<dyn Hands>>,
}

impl Hands for SimHardware {
    fn act(&self, hand: Hand) {
        match hand {
            Hand::Plug(true) => self.plug(PROBE),
            Hand::Plug(false) => self.unplug(PROBE),
            Hand::HoldBoot(held) => self.hold_boot0(PROBE, held),
            Hand::TapReset => self.tap_reset(PROBE),
        }
    }

    fn bench(&self) -> Bench {
        Bench {
            plugged_in: self.is_plugged(PROBE),
            boot_held: self.is_boot0_held(PROBE),
        }
    }
}

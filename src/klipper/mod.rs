//! Klipper `identify`: asks a running probe who it is. Never spoken to a Katapult port.

pub mod dictionary;

//! What the probe is after a job that did not end well.

use super::{Action, Step};
use crate::board::Mcu;
use crate::flash::Aftermath;

/// What the probe is now, and how it gets back into a bootloader.
pub fn for_aftermath(aftermath: Aftermath, mcu: Mcu) -> (String, Vec<Step>) {
    let (state, steps) = match aftermath {
        Aftermath::Untouched => ("Nothing was written: the probe is unchanged.", vec![]),
        Aftermath::UnchangedOrErased => (
            "The first erase was not answered: the probe still has its old firmware, or its bootloader waits.",
            vec![Step::new(
                "Unplug the probe, wait three seconds, and plug it in again",
            )],
        ),
        Aftermath::BootloaderStillThere => (
            "The probe has no working firmware now, but its bootloader is intact.",
            vec![Step::new("Leave the probe plugged in, or plug it in again")],
        ),
        Aftermath::BootloaderWhilePowered => (
            "The probe has no working firmware now. Its bootloader waits for as long as the probe has power.",
            vec![
                Step::new("Do not unplug the probe. If it loses power all the same, use DFU mode and its pads")
                    .with(Action::OpenDfuCoach),
            ],
        ),
        Aftermath::ReturnsToDfuOnReplug => (
            "The probe has no working firmware now. It comes back in DFU mode by itself.",
            vec![Step::new(
                "Unplug the probe, wait three seconds, and plug it in again: no pads are needed",
            )],
        ),
        Aftermath::NeedsPads => (
            "The probe was without firmware and bootloader at that moment. It is not lost: DFU mode is in the chip itself.",
            vec![
                Step::new("Unplug the probe"),
                Step::new(bridge(mcu)).with(Action::OpenDfuCoach),
            ],
        ),
        Aftermath::TornFirstPage => (
            "The first page of the firmware may be incomplete. The bootloader is there but may start it all the same.",
            vec![
                Step::new(reset_twice(mcu)),
                Step::new("If that is hard to do, use DFU mode with a combined file instead")
                    .with(Action::OpenDfuCoach),
            ],
        ),
        Aftermath::WrittenNotVerified => (
            "Everything was written, but the last page was not checked yet.",
            vec![Step::new(
                "Unplug the probe and plug it in again: it runs its new firmware, or its bootloader waits",
            )],
        ),
        Aftermath::Complete => (
            "Everything was written and verified.",
            vec![Step::new(
                "Unplug the probe and plug it in again: that starts the new firmware",
            )],
        ),
    };
    (state.to_owned(), steps)
}

/// Into DFU mode by hand.
fn bridge(mcu: Mcu) -> &'static str {
    match mcu {
        Mcu::Stm32G431 => {
            "With tweezers bridge BT0 and 3V3 (side by side, never downwards) and plug it in while you hold them"
        }
        Mcu::Stm32F042 => {
            "With tweezers bridge the two BOOT0 pads and plug it in while you hold them"
        }
    }
}

/// Into Katapult by hand: a V4 has holes where the others have pads.
fn reset_twice(mcu: Mcu) -> &'static str {
    match mcu {
        Mcu::Stm32G431 => {
            "Unplug the probe, plug it in again, and with tweezers bridge RST and GND twice within half a second: that brings its bootloader back"
        }
        Mcu::Stm32F042 => {
            "Unplug the probe, plug it in again, and with tweezers bridge the two RESET pads twice within half a second: that brings its bootloader back"
        }
    }
}

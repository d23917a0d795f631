//! Drivers on Windows in words: what is in the way, and how its repair ended.

use super::{Action, Advice};
use crate::doctor::Situation;
use crate::doctor::windows::helper::Outcome;

/// Where Windows itself writes down what it did with drivers.
const WINDOWS_ACCOUNT: &str = r"C:\Windows\INF\setupapi.dev.log";

/// A bootloader that cannot be reached, and why.
pub(super) fn situation(situation: &Situation) -> Option<Advice> {
    Some(match situation {
        Situation::NoDriver => Advice::new(
            "no_driver",
            "Windows has no driver for DFU mode",
            "The probe is in DFU mode, and needs Windows' own WinUSB driver to be reached there.",
        ),
        Situation::OldStDriver => Advice::new(
            "old_st_driver",
            "Windows uses ST's old driver for DFU mode",
            "This program cannot talk through it; it needs WinUSB.",
        ),
        Situation::LibusbDriver { bound } => Advice::new(
            "libusb_driver",
            "Windows uses a driver that is only half installed",
            format!(
                "{bound} is bound to the bootloader, but libusbK.dll, which belongs to it, is missing."
            ),
        ),
        Situation::OtherDriver { bound } => Advice::new(
            "other_driver",
            "Windows uses another driver for DFU mode",
            format!("{bound} is bound to the bootloader; it needs WinUSB."),
        ),
        Situation::DriverFails { bound, problem } => Advice::new(
            "driver_fails",
            "The driver for DFU mode does not start",
            format!("{bound} is bound to the bootloader, and Device Manager shows Code {problem}."),
        )
        .step(
            "Unplug the probe, then put it into DFU mode again, plugged straight into the computer",
        ),
        Situation::DriverNotReady => Advice::new(
            "driver_not_ready",
            "The driver is there but not ready",
            "WinUSB is bound to the bootloader, and the bootloader cannot be opened yet.",
        ),
        Situation::DeviceDisabled => Advice::new(
            "device_disabled",
            "The probe is disabled in Windows",
            "Somebody has disabled the bootloader in Device Manager.",
        ),
        Situation::RestartNeeded => Advice::new(
            "restart_needed",
            "Windows waits for a restart",
            "A driver was changed while it was in use.",
        ),
        Situation::UsbDeviceUnreadable => Advice::new(
            "usb_device_unreadable",
            "Windows sees a USB device that does not answer",
            "Device Manager shows \"Unknown USB Device\". That may be the probe with a bad cable or a bad contact.",
        ),
        _ => return None,
    })
}

/// How a change of the driver ended.
pub fn for_driver_outcome(outcome: Outcome) -> Advice {
    done(outcome).unwrap_or_else(|| failed(outcome))
}

fn done(outcome: Outcome) -> Option<Advice> {
    Some(match outcome {
        Outcome::Done => Advice::new(
            "driver_done",
            "The driver was changed",
            "Only this bootloader was changed, for this computer.",
        )
        .step("If the probe is not found by itself, unplug it and put it into DFU mode again"),
        Outcome::AlreadyDone => Advice::new(
            "driver_already_done",
            "The driver is as it should be",
            "Nothing was changed.",
        ),
        Outcome::DoneAfterRestart => Advice::new(
            "driver_after_restart",
            "The driver was changed, and Windows waits for a restart",
            "The earlier driver was in use.",
        )
        .step("Restart the computer, then put the probe into DFU mode again"),
        _ => return None,
    })
}

fn failed(outcome: Outcome) -> Advice {
    match outcome {
        Outcome::Dismissed => Advice::new(
            "driver_dismissed",
            "The driver was not changed",
            "Windows' question for administrator rights was answered with No.",
        ),
        Outcome::NotElevated => Advice::new(
            "driver_not_elevated",
            "Changing a driver needs administrator rights",
            "The helper was started without them.",
        )
        .step("Use the button in the window, or start a terminal as administrator"),
        Outcome::NotStarted => Advice::new(
            "driver_helper_not_started",
            "The helper that changes drivers did not start",
            "Windows refused to start carto-flasher-winusb.exe, or it is not beside this program.",
        )
        .step("Install carto-flasher again, or bind WinUSB with Zadig (zadig.akeo.ie) to \"STM32 BOOTLOADER\" only"),
        Outcome::Usage | Outcome::Unknown(_) => Advice::new(
            "driver_helper_broken",
            "The helper that changes drivers failed",
            "It may belong to another version of this program.",
        )
        .step("Install carto-flasher again"),
        Outcome::NotABootloader => Advice::new(
            "driver_not_a_bootloader",
            "That is not a probe in DFU mode",
            "Drivers are changed for ST's bootloader (0483:df11) only. Nothing was changed.",
        ),
        Outcome::Gone => Advice::new(
            "driver_device_gone",
            "The probe has left",
            "It was unplugged, or has left DFU mode, before its driver could be changed.",
        )
        .step("Put the probe into DFU mode again, then repeat this"),
        Outcome::NoInboxDriver => Advice::new(
            "driver_not_in_windows",
            "This Windows has no WinUSB of its own",
            "Windows 8 and later bring it along; here it is missing.",
        )
        .step("Bind WinUSB with Zadig (zadig.akeo.ie) to \"STM32 BOOTLOADER\" only"),
        Outcome::NotOurs => Advice::new(
            "driver_not_ours",
            "That driver was not bound by this program",
            "It stays as it is.",
        )
        .step("To remove it, use Device Manager: right-click the device, Uninstall device"),
        Outcome::NotBound => Advice::new(
            "driver_not_bound",
            "Windows did not take WinUSB",
            format!("It reported no failure, yet another driver runs. Its own account is at the end of {WINDOWS_ACCOUNT}."),
        )
        .step("Unplug the probe, put it into DFU mode again, then repeat this"),
        Outcome::Disabled => Advice::new(
            "driver_device_disabled",
            "The probe is disabled in Windows",
            "No driver starts for a disabled device. Nothing was changed.",
        )
        .step(ENABLE),
        _ => Advice::new(
            "driver_refused",
            "Windows refused to change the driver",
            format!("Its own account is at the end of {WINDOWS_ACCOUNT}."),
        )
        .step("Unplug the probe, put it into DFU mode again, then repeat this")
        .button(Action::SaveReport, "If it fails again, save a report and ask for help"),
    }
}

pub(super) const ENABLE: &str =
    "Open Device Manager, right-click \"STM32 BOOTLOADER\" and choose Enable device";

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_outcome_has_its_own_words() {
        // 1 is unknown, and a helper that fails unknown is worded as one that was asked wrongly.
        let outcomes = (0..=12)
            .filter(|code| *code != 1)
            .map(Outcome::of_code)
            .chain([Outcome::Dismissed, Outcome::NotStarted]);
        let mut told = HashSet::new();
        for outcome in outcomes {
            let advice = for_driver_outcome(outcome);
            assert!(advice.cause.ends_with('.'), "{advice:?}");
            assert!(
                told.insert(advice.title.clone()),
                "{outcome:?} says what another says"
            );
            assert!(advice.code.starts_with("driver_"), "{advice:?}");
        }
    }
}

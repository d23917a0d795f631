//! What stands between this program and a probe, and what puts it right.

use super::{Advice, windows};
use crate::doctor::linux::{RuleError, rule};
use crate::doctor::{Diagnosis, Evidence, Repair, SandboxKind, Situation};

/// What is wrong, in words, without its repair: for where that is a button.
pub fn for_situation(diagnosis: &Diagnosis) -> Advice {
    access(&diagnosis.situation)
        .or_else(|| holder(diagnosis))
        .or_else(|| windows::situation(&diagnosis.situation))
        .unwrap_or_else(|| computer(&diagnosis.situation))
}

/// A diagnosis in words, with its repair as steps.
pub fn for_diagnosis(diagnosis: &Diagnosis) -> Advice {
    let advice = for_situation(diagnosis);
    match &diagnosis.repair {
        Some(repair) => with_repair(advice, repair),
        None => advice,
    }
}

/// Nobody has given us the device.
fn access(situation: &Situation) -> Option<Advice> {
    Some(match situation {
        Situation::UdevRuleMissing => Advice::new(
            "udev_rule_missing",
            "You have no permission to use the probe yet",
            "Linux gives new USB devices to the administrator only. A small rule file gives probes to whoever sits at this computer.",
        ),
        Situation::UdevRuleNotInForce { remote: false } => Advice::new(
            "udev_rule_not_in_force",
            "The permission is set but not applied yet",
            "The rule file is there, and this probe was plugged in before it: unplug it and plug it in again, in the same mode as before.",
        ),
        Situation::UdevRuleNotInForce { remote: true } => Advice::new(
            "udev_rule_not_in_force",
            "The permission is only for whoever sits at the computer",
            "You are logged in over the network, and the rule gives probes to the person at the keyboard.",
        )
        .step("Run the program at the computer itself, or as administrator with sudo"),
        Situation::UdevRuleMasked => Advice::new(
            "udev_rule_masked",
            "The administrator has switched the permission off",
            "An empty file or a link to /dev/null stands in the place of the rule.",
        )
        .step("Ask the administrator, or remove that file"),
        Situation::NoUdev => Advice::new(
            "no_udev",
            "This system does not give out USB devices",
            "No udev runs here, as in a container, so no rule can help.",
        )
        .step("Run the program as administrator with sudo, or outside of the container"),
        Situation::SerialGroupMissing { group } => Advice::new(
            "serial_group_missing",
            "This user is not in the group that may open the probe",
            format!("It belongs to the group {group}."),
        ),
        Situation::SerialGroupPending { group } => Advice::new(
            "serial_group_pending",
            "The permission takes effect at the next login",
            format!("This user was put into the group {group} after logging in."),
        ),
        Situation::Sandboxed { kind } => Advice::new(
            "sandboxed",
            "The sandbox keeps USB from this program",
            match kind {
                SandboxKind::Flatpak => "It runs as a Flatpak without access to devices.",
                SandboxKind::Snap => "It runs as a Snap without access to USB.",
            },
        ),
        _ => return None,
    })
}

/// Somebody else has it.
fn holder(diagnosis: &Diagnosis) -> Option<Advice> {
    Some(match &diagnosis.situation {
        Situation::HeldByKlipper { holder } => Advice::new(
            "held_by_klipper",
            "Klipper is using this probe",
            format!("{holder} has its port open: the printer works with it."),
        ),
        Situation::HeldByModemManager { holder } => Advice::new(
            "held_by_modem_manager",
            format!("ModemManager {} this probe", is_using(holder.as_ref())),
            format!(
                "{} takes new serial ports for modems and talks to them.{}",
                holder.as_deref().unwrap_or("It runs here, and"),
                match diagnosis.repair {
                    Some(Repair::InstallUdevRule { .. } | Repair::InstallUdevRuleOnHost { .. }) =>
                        " A small rule file keeps it off probes.",
                    _ => "",
                }
            ),
        ),
        Situation::HeldByBrltty { holder } => Advice::new(
            "held_by_brltty",
            format!(
                "The Braille service {} this probe",
                is_using(holder.as_ref())
            ),
            format!(
                "{} takes new serial ports for Braille displays.",
                holder.as_deref().unwrap_or("brltty runs here, and")
            ),
        ),
        Situation::Held { holder } => Advice::new(
            "held",
            "Another program is using this probe",
            holder.as_deref().map_or_else(
                || {
                    format!(
                        "The system does not say which{}.",
                        suspects(&diagnosis.evidence)
                    )
                },
                |holder| format!("{holder} has it open."),
            ),
        ),
        _ => return None,
    })
}

fn is_using(holder: Option<&String>) -> &'static str {
    holder.map_or("may be using", |_| "is using")
}

/// Programs that are known to take probes, as the end of a sentence.
fn suspects(evidence: &[Evidence]) -> String {
    let running: Vec<&str> = evidence
        .iter()
        .filter_map(|evidence| match evidence {
            Evidence::Running { name } => Some(name.as_str()),
            _ => None,
        })
        .collect();
    match running.as_slice() {
        [] => String::new(),
        [one] => format!("; {one} runs and may have it"),
        [rest @ .., last] => format!("; {} and {last} run and may have it", rest.join(", ")),
    }
}

/// Who has a device has to give it back; of Klipper it is known how.
pub(super) fn close_holder(advice: Advice, holder: Option<&str>) -> Advice {
    match holder {
        Some(holder) if holder.starts_with("klippy") || holder.starts_with("klipper") => {
            advice.command("Stop Klipper", "sudo systemctl stop klipper")
        }
        _ => advice.step("Close that program"),
    }
}

/// The computer as a whole.
fn computer(situation: &Situation) -> Advice {
    match situation {
        Situation::NoUsbInWsl => Advice::new(
            "no_usb_in_wsl",
            "There is no USB inside of Windows Subsystem for Linux",
            "Windows keeps its USB devices unless one is attached by usbipd.",
        )
        .step("Use the Windows version of this program"),
        Situation::NoSessionBus => Advice::new(
            "no_session_bus",
            "File dialogs are not available here",
            "There is no session bus. The window shows a field for the path instead; the command line does not need it.",
        ),
        Situation::AccessoryPrompt => Advice::new(
            "accessory_prompt",
            "This Mac may be waiting for your answer",
            "It asks before a new USB accessory may connect, and shows nothing of it until then.",
        ),
        Situation::Quarantined => Advice::new(
            "quarantined",
            "macOS still treats this program as a fresh download",
            "It carries the mark of a download, which can keep it from starting.",
        ),
        _ => Advice::new(
            "no_usb",
            "This computer shows no USB",
            "A container or a virtual machine has no USB unless it is passed in.",
        )
        .step("Run the program on the computer itself, or pass the probe in"),
    }
}

fn with_repair(advice: Advice, repair: &Repair) -> Advice {
    match repair {
        Repair::InstallUdevRule { path, command, .. } => advice
            .command(format!("Install the rule as {}", path.display()), command)
            .step("If the probe is not found by itself, unplug it and plug it in again, in the same mode as before")
            .command("To undo it later", &rule::undo(command)),
        Repair::InstallUdevRuleOnHost { path, print, .. } => advice
            .command(
                "Write the rule from a terminal, outside of the sandbox",
                format!("{print} | sudo tee {}", path.display()),
            )
            .command("Have it read", "sudo udevadm control --reload")
            .step("Then unplug the probe and plug it in again, in the same mode as before")
            .command("To undo it later", format!("sudo rm {}", path.display())),
        Repair::ReloadUdev { command } => advice.command("Or have the rules applied without that", command),
        Repair::JoinGroup { command } => advice
            .command("Put this user into that group", command)
            .step("Then log out and in again"),
        Repair::LogInAgain => advice.step("Log out and in again"),
        Repair::StopService { command } => advice.command("Stop it", command),
        Repair::CloseHolder => close_holder(advice, None),
        Repair::OpenSandbox { command } => advice
            .command("Give it access to devices", command)
            .step("Then start this program again"),
        Repair::InstallWinUsb { command } => install_winusb(advice, command.is_some()),
        Repair::EnableDevice => advice.step(windows::ENABLE),
        Repair::RestartComputer => {
            advice.step("Restart the computer, then put the probe into DFU mode again")
        }
        Repair::Replug => advice.step("Unplug the probe, then put it into DFU mode again"),
        Repair::OtherCable => advice
            .step("Plug the probe straight into the computer, with another cable, the right way round"),
        Repair::AllowAccessory => advice.step("Answer Allow where macOS asks, or unplug the probe, unlock the Mac and plug it in again"),
        Repair::MoveToApplications => advice
            .step("Close this program, drag it into the Applications folder, and open it there"),
        Repair::RemoveQuarantine { command } => {
            advice.command("If it does not start by itself, remove that mark", command)
        }
    }
}

fn install_winusb(advice: Advice, here: bool) -> Advice {
    let what = "Install WinUSB for \"STM32 BOOTLOADER\" (0483:df11), and for no other device";
    if here {
        advice
            .command(what, "carto-flasher-cli doctor install-winusb")
            .command(
                "To undo it later",
                "carto-flasher-cli doctor restore-driver",
            )
    } else {
        advice.step(what)
    }
}

/// Why the udev rule was not installed or removed.
pub fn for_rule_error(error: &RuleError) -> Advice {
    let advice = match error {
        RuleError::Masked { path } => Advice::new(
            "udev_rule_masked",
            "The administrator has switched the permission off",
            format!("{} is empty or leads to /dev/null.", path.display()),
        )
        .command(
            "To allow it, remove that file",
            format!("sudo rm {}", path.display()),
        ),
        RuleError::NotOurs { path } => Advice::new(
            "not_our_file",
            "There is somebody else's file in that place",
            format!(
                "{} was not written by this program and is left alone.",
                path.display()
            ),
        ),
        RuleError::File { path, source }
            if source.kind() == std::io::ErrorKind::PermissionDenied =>
        {
            Advice::new(
                "needs_administrator",
                "This needs administrator rights",
                format!("{} belongs to the system.", path.display()),
            )
            .step("Run the same command with sudo in front of it")
        }
        RuleError::File { path, .. } => Advice::new(
            "file_trouble",
            "The rule file could not be changed",
            format!("The system refused it for {}.", path.display()),
        ),
    };
    advice.details(error)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::doctor::CommandLine;

    fn every_situation() -> Vec<Situation> {
        let text = || "klippy (process 612)".to_owned();
        vec![
            Situation::UdevRuleMissing,
            Situation::UdevRuleNotInForce { remote: false },
            Situation::UdevRuleNotInForce { remote: true },
            Situation::UdevRuleMasked,
            Situation::NoUdev,
            Situation::SerialGroupMissing { group: text() },
            Situation::SerialGroupPending { group: text() },
            Situation::HeldByKlipper { holder: text() },
            Situation::HeldByModemManager {
                holder: Some(text()),
            },
            Situation::HeldByModemManager { holder: None },
            Situation::HeldByBrltty {
                holder: Some(text()),
            },
            Situation::HeldByBrltty { holder: None },
            Situation::Held { holder: None },
            Situation::Sandboxed {
                kind: SandboxKind::Flatpak,
            },
            Situation::NoUsb,
            Situation::NoUsbInWsl,
            Situation::NoSessionBus,
            Situation::NoDriver,
            Situation::OldStDriver,
            Situation::LibusbDriver { bound: text() },
            Situation::OtherDriver { bound: text() },
            Situation::DriverFails {
                bound: text(),
                problem: 10,
            },
            Situation::DriverNotReady,
            Situation::DeviceDisabled,
            Situation::RestartNeeded,
            Situation::UsbDeviceUnreadable,
            Situation::AccessoryPrompt,
            Situation::Quarantined,
        ]
    }

    #[test]
    fn every_situation_has_its_own_words_and_the_code_it_serializes_as() {
        let mut titles = HashMap::new();
        for situation in every_situation() {
            let diagnosis = Diagnosis {
                device: None,
                situation,
                evidence: Vec::new(),
                repair: None,
            };
            let advice = for_diagnosis(&diagnosis);
            let json = serde_json::to_value(&diagnosis.situation).unwrap();
            assert_eq!(json["situation"], advice.code, "{diagnosis:?}");
            assert!(advice.cause.ends_with('.'), "{advice:?}");
            if let Some(other) = titles.insert(advice.title, diagnosis.clone()) {
                panic!("{other:?} and {diagnosis:?} say the same");
            }
        }
    }

    #[test]
    fn repairs_are_steps_with_the_command_as_typed() {
        let command = CommandLine::new("sudo", &["usermod", "-aG", "dialout", "ann"]);
        let advice = for_diagnosis(&Diagnosis {
            device: None,
            situation: Situation::SerialGroupMissing {
                group: "dialout".into(),
            },
            evidence: Vec::new(),
            repair: Some(Repair::JoinGroup { command }),
        });
        assert_eq!(
            advice.steps[0].to_string(),
            "Put this user into that group: sudo usermod -aG dialout ann"
        );
        let advice = for_diagnosis(&Diagnosis {
            device: None,
            situation: Situation::UdevRuleMissing,
            evidence: Vec::new(),
            repair: Some(Repair::InstallUdevRule {
                path: rule::path(std::path::Path::new("/")),
                contents: rule::CONTENTS,
                command: rule::install_command(Some(std::path::Path::new("/opt/cf/cli"))),
            }),
        });
        let said: Vec<String> = advice.steps.iter().map(ToString::to_string).collect();
        assert_eq!(
            said,
            [
                "Install the rule as /etc/udev/rules.d/70-carto-flasher.rules: sudo /opt/cf/cli doctor install-udev-rule",
                "If the probe is not found by itself, unplug it and plug it in again, in the same mode as before",
                "To undo it later: sudo /opt/cf/cli doctor remove-udev-rule",
            ]
        );
        let held = |running: &[&str]| {
            let advice = for_diagnosis(&Diagnosis {
                device: None,
                situation: Situation::Held { holder: None },
                evidence: running
                    .iter()
                    .map(|&name| Evidence::Running { name: name.into() })
                    .collect(),
                repair: Some(Repair::CloseHolder),
            });
            advice.cause
        };
        assert_eq!(held(&[]), "The system does not say which.");
        assert_eq!(
            held(&["PuTTY"]),
            "The system does not say which; PuTTY runs and may have it."
        );
        assert_eq!(
            held(&["fwupd", "octoprint", "PuTTY"]),
            "The system does not say which; fwupd, octoprint and PuTTY run and may have it."
        );
    }
}

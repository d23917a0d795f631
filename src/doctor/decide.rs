//! From observations to a diagnosis. Pure: the same on every system, for every system.

mod windows;

use std::path::Path;

use super::facts::{
    Facts, LinuxFacts, MacOsFacts, NodeFacts, RuleState, Sandbox, SandboxKind, WindowsFacts,
};
use super::linux::rule;
use super::{CommandLine, Diagnosis, Evidence, Repair, Situation};
use crate::board::{Sighting, recognise};
use crate::transport::{Access, DeviceInfo};

/// What stands between this program and these devices: those that are probes, then the computer itself.
pub fn diagnose(devices: &[DeviceInfo], facts: &Facts) -> Vec<Diagnosis> {
    let probes: Vec<&DeviceInfo> = devices
        .iter()
        .filter(|device| matches!(recognise(device), Sighting::Probe { .. }))
        .collect();
    let mut found: Vec<Diagnosis> = probes
        .iter()
        .filter_map(|device| {
            let mut diagnosis = of_device(device, facts)?;
            diagnosis.device = Some(device.id.clone());
            Some(diagnosis)
        })
        .collect();
    match facts {
        Facts::Linux(linux) => found.extend(of_linux(probes.is_empty(), linux)),
        Facts::MacOs(macos) => found.extend(of_macos(probes.is_empty(), macos)),
        Facts::Windows(windows) => found.extend(windows::of_computer(probes.is_empty(), windows)),
    }
    found
}

impl Diagnosis {
    fn new(situation: Situation, evidence: Vec<Evidence>, repair: Option<Repair>) -> Self {
        Self {
            device: None,
            situation,
            evidence,
            repair,
        }
    }
}

fn of_device(device: &DeviceInfo, facts: &Facts) -> Option<Diagnosis> {
    match (&device.access, facts) {
        (Access::Usable, _) => None,
        (Access::NotPermitted, Facts::Linux(linux)) => Some(not_permitted(device, linux)),
        // Elsewhere this is how another program's claim can look (protocols.md §3.4).
        (Access::NotPermitted, _) => Some(held(device, None, facts)),
        (Access::Busy { holder }, _) => Some(held(device, holder.as_deref(), facts)),
        (Access::WrongDriver { bound }, Facts::Windows(facts)) => {
            Some(windows::of_bootloader(device, bound.as_deref(), facts))
        }
        // Only a simulated bench shows this elsewhere.
        (Access::WrongDriver { bound }, _) => Some(windows::of_bootloader(
            device,
            bound.as_deref(),
            &WindowsFacts::default(),
        )),
    }
}

fn not_permitted(device: &DeviceInfo, facts: &LinuxFacts) -> Diagnosis {
    let node = facts.nodes.iter().find(|node| node.device == device.id);
    let mut evidence: Vec<Evidence> = node.cloned().map(Evidence::Node).into_iter().collect();
    if let Some(sandbox) = &facts.sandbox
        && node.is_none_or(|node| !node.exists)
    {
        return sandboxed(sandbox, evidence);
    }
    if let Some(diagnosis) = by_group(node, facts, &evidence) {
        return diagnosis;
    }
    evidence.push(Evidence::Rule {
        state: facts.rule.clone(),
    });
    if !facts.udev {
        return Diagnosis::new(Situation::NoUdev, evidence, None);
    }
    match &facts.rule {
        RuleState::Absent | RuleState::Different { .. } => Diagnosis::new(
            Situation::UdevRuleMissing,
            evidence,
            Some(install_rule(facts)),
        ),
        RuleState::Masked { .. } => Diagnosis::new(Situation::UdevRuleMasked, evidence, None),
        RuleState::Current { .. } => {
            if facts.remote {
                evidence.push(Evidence::RemoteSession);
            }
            Diagnosis::new(
                Situation::UdevRuleNotInForce {
                    remote: facts.remote,
                },
                evidence,
                // Applied again it gives a remote session nothing, and a sandbox cannot have it applied.
                (!facts.remote && facts.sandbox.is_none()).then(|| Repair::ReloadUdev {
                    command: rule::install_command(facts.helper.as_deref()),
                }),
            )
        }
    }
}

/// The way by the node's group: for who was put into it and has not logged in since, and for sessions that
/// the rule does not serve.
fn by_group(
    node: Option<&NodeFacts>,
    facts: &LinuxFacts,
    evidence: &[Evidence],
) -> Option<Diagnosis> {
    let group = node?.group.clone()?;
    if facts.groups.contains(&group) {
        return None;
    }
    let mut evidence = evidence.to_vec();
    evidence.push(Evidence::Group {
        group: group.clone(),
        held: false,
    });
    if facts.groups_on_paper.contains(&group) {
        return Some(Diagnosis::new(
            Situation::SerialGroupPending { group },
            evidence,
            Some(Repair::LogInAgain),
        ));
    }
    let rule_serves =
        facts.udev && !facts.remote && !matches!(facts.rule, RuleState::Masked { .. });
    if rule_serves || group == "root" {
        return None;
    }
    if facts.remote {
        evidence.push(Evidence::RemoteSession);
    }
    let user = facts.user.as_deref().unwrap_or("YOUR-NAME");
    let command = CommandLine::new("sudo", &["usermod", "-aG", &group, user]);
    Some(Diagnosis::new(
        Situation::SerialGroupMissing { group },
        evidence,
        Some(Repair::JoinGroup { command }),
    ))
}

fn install_rule(facts: &LinuxFacts) -> Repair {
    let (path, contents) = (rule::path(Path::new("/")), rule::CONTENTS);
    let print = facts.sandbox.as_ref().map(|sandbox| {
        let print = ["doctor", "print-udev-rule"];
        match sandbox.kind {
            SandboxKind::Flatpak => {
                let run = ["run", "--command=carto-flasher-cli", &sandbox.name];
                CommandLine::new("flatpak", &[&run[..], &print].concat())
            }
            SandboxKind::Snap => {
                let program = format!("{}.carto-flasher-cli", sandbox.name);
                CommandLine::new(program, &print)
            }
        }
    });
    match print {
        Some(print) => Repair::InstallUdevRuleOnHost {
            path,
            contents,
            print,
        },
        None => Repair::InstallUdevRule {
            path,
            contents,
            command: rule::install_command(facts.helper.as_deref()),
        },
    }
}

fn sandboxed(sandbox: &Sandbox, evidence: Vec<Evidence>) -> Diagnosis {
    let command = match sandbox.kind {
        SandboxKind::Flatpak => CommandLine::new(
            "flatpak",
            &["override", "--user", "--device=all", &sandbox.name],
        ),
        SandboxKind::Snap => CommandLine::new(
            "sudo",
            &["snap", "connect", &format!("{}:raw-usb", sandbox.name)],
        ),
    };
    Diagnosis::new(
        Situation::Sandboxed { kind: sandbox.kind },
        evidence,
        Some(Repair::OpenSandbox { command }),
    )
}

fn held(device: &DeviceInfo, holder: Option<&str>, facts: &Facts) -> Diagnosis {
    let Some(holder) = holder else {
        return held_by_somebody(device, facts);
    };
    let name = holder.split(" (process").next().unwrap_or(holder);
    let holder = holder.to_owned();
    match name {
        // Kalico and older forks keep the name of the program.
        "klippy" | "klipper" => Diagnosis::new(
            Situation::HeldByKlipper { holder },
            Vec::new(),
            Some(stop("klipper")),
        ),
        MODEM_MANAGER => held_by_modem_manager(Some(holder), facts),
        BRLTTY => held_by_brltty(Some(holder)),
        _ => Diagnosis::new(
            Situation::Held {
                holder: Some(holder),
            },
            Vec::new(),
            Some(Repair::CloseHolder),
        ),
    }
}

const MODEM_MANAGER: &str = "ModemManager";
const BRLTTY: &str = "brltty";

/// Other users' open files are not to be seen on Linux, so that services which take every new port are named for
/// being there.
fn held_by_somebody(device: &DeviceInfo, facts: &Facts) -> Diagnosis {
    let running = match facts {
        Facts::Linux(linux) => linux.running.as_slice(),
        Facts::Windows(windows) => windows.running.as_slice(),
        Facts::MacOs(_) => &[],
    };
    let takers: Vec<&str> = running
        .iter()
        .map(String::as_str)
        .filter(|name| device.port.is_some() && [MODEM_MANAGER, BRLTTY].contains(name))
        .collect();
    let mut diagnosis = match takers.as_slice() {
        [MODEM_MANAGER] => held_by_modem_manager(None, facts),
        [BRLTTY] => held_by_brltty(None),
        _ => Diagnosis::new(
            Situation::Held { holder: None },
            Vec::new(),
            Some(Repair::CloseHolder),
        ),
    };
    let running = running.iter().cloned();
    diagnosis
        .evidence
        .extend(running.map(|name| Evidence::Running { name }));
    diagnosis
}

fn held_by_modem_manager(holder: Option<String>, facts: &Facts) -> Diagnosis {
    let situation = Situation::HeldByModemManager { holder };
    let Facts::Linux(linux) = facts else {
        return Diagnosis::new(situation, Vec::new(), Some(stop(MODEM_MANAGER)));
    };
    // The rule keeps it off for good.
    let lacks_rule =
        linux.udev && matches!(linux.rule, RuleState::Absent | RuleState::Different { .. });
    let repair = if lacks_rule {
        install_rule(linux)
    } else {
        stop(MODEM_MANAGER)
    };
    let evidence = Evidence::Rule {
        state: linux.rule.clone(),
    };
    Diagnosis::new(situation, vec![evidence], Some(repair))
}

fn held_by_brltty(holder: Option<String>) -> Diagnosis {
    // One unit for each display on some systems.
    Diagnosis::new(
        Situation::HeldByBrltty { holder },
        Vec::new(),
        Some(stop("brltty*")),
    )
}

fn stop(unit: &str) -> Repair {
    Repair::StopService {
        command: CommandLine::new("sudo", &["systemctl", "stop", unit]),
    }
}

fn of_linux(nothing_found: bool, facts: &LinuxFacts) -> Vec<Diagnosis> {
    let mut found = Vec::new();
    if nothing_found && !facts.usb {
        found.push(match &facts.sandbox {
            Some(sandbox) => sandboxed(sandbox, Vec::new()),
            None if facts.wsl => Diagnosis::new(Situation::NoUsbInWsl, Vec::new(), None),
            None => Diagnosis::new(Situation::NoUsb, Vec::new(), None),
        });
    }
    if !facts.session_bus {
        found.push(Diagnosis::new(Situation::NoSessionBus, Vec::new(), None));
    }
    found
}

fn of_macos(nothing_found: bool, facts: &MacOsFacts) -> Vec<Diagnosis> {
    let mut found = Vec::new();
    if nothing_found && facts.asks_for_accessories {
        found.push(Diagnosis::new(
            Situation::AccessoryPrompt,
            Vec::new(),
            Some(Repair::AllowAccessory),
        ));
    }
    if let Some(program) = &facts.quarantined {
        // The mark of the copy cannot be removed, and that of the original is nowhere told.
        let repair = if facts.translocated {
            Repair::MoveToApplications
        } else {
            let arguments = ["-dr", "com.apple.quarantine", &program.to_string_lossy()];
            Repair::RemoveQuarantine {
                command: CommandLine::new("xattr", &arguments),
            }
        };
        found.push(Diagnosis::new(
            Situation::Quarantined,
            Vec::new(),
            Some(repair),
        ));
    }
    found
}

#[cfg(test)]
mod tests;

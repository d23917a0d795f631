//! Diagnoses on Windows, where a bootloader is usable or not by the driver that is bound to it.

use crate::doctor::facts::WindowsFacts;
use crate::doctor::windows::helper::{Action, Request};
use crate::doctor::windows::{Driver, Instance, Trouble, driver, trouble};
use crate::doctor::{Diagnosis, Evidence, Repair, Situation};
use crate::transport::DeviceInfo;

/// A bootloader that libusb could not open for want of a driver. The device tree tells more than libusb, and is
/// believed first.
pub(super) fn of_bootloader(
    device: &DeviceInfo,
    bound: Option<&str>,
    facts: &WindowsFacts,
) -> Diagnosis {
    let known = facts
        .bootloaders
        .iter()
        .find(|known| known.device == device.id);
    let node = known.map(|known| &known.node);
    let bound = node.and_then(|node| node.service.as_deref()).or(bound);
    let problem = node.and_then(|node| node.problem);
    let mut evidence = vec![Evidence::Driver {
        bound: bound.map(str::to_owned),
    }];
    evidence.extend(node.cloned().map(Evidence::DeviceTree));
    let situation = situation(bound, problem);
    let repair = match situation {
        Situation::DeviceDisabled => Repair::EnableDevice,
        Situation::RestartNeeded => Repair::RestartComputer,
        Situation::DriverNotReady => Repair::Replug,
        _ => Repair::InstallWinUsb {
            command: node.and_then(|node| {
                let instance = Instance::parse(&node.instance).ok()?;
                let request = Request {
                    action: Action::Install,
                    instance,
                };
                // Offered only where the helper would not refuse.
                let helper = facts.helper.as_deref().filter(|_| node.is_bootloader())?;
                Some(request.command(helper))
            }),
        },
    };
    Diagnosis::new(situation, evidence, Some(repair))
}

fn situation(bound: Option<&str>, problem: Option<u32>) -> Situation {
    let name = || bound.unwrap_or_default().trim().to_owned();
    match (driver(bound), problem.map(|code| (code, trouble(code)))) {
        (_, Some((_, Trouble::Disabled))) => Situation::DeviceDisabled,
        (_, Some((_, Trouble::NeedsRestart))) => Situation::RestartNeeded,
        (Driver::None, _) => Situation::NoDriver,
        (Driver::OldSt, _) => Situation::OldStDriver,
        (Driver::Other, _) => Situation::OtherDriver { bound: name() },
        (Driver::WinUsb | Driver::Libusb, Some((problem, _))) => Situation::DriverFails {
            bound: name(),
            problem,
        },
        (Driver::Libusb, None) => Situation::LibusbDriver { bound: name() },
        (Driver::WinUsb, None) => Situation::DriverNotReady,
    }
}

/// The computer as a whole.
pub(super) fn of_computer(nothing_found: bool, facts: &WindowsFacts) -> Option<Diagnosis> {
    (nothing_found && facts.unreadable).then(|| {
        Diagnosis::new(
            Situation::UsbDeviceUnreadable,
            Vec::new(),
            Some(Repair::OtherCable),
        )
    })
}

#[cfg(test)]
mod tests;

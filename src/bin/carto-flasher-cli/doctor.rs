//! `doctor`: what stands between this program and the probe, and its repair.

mod driver;
mod report;

use std::path::Path;

use carto_flasher::advice::{self, Advice, CliFailure};
use carto_flasher::board::{Mode, Sighting, recognise};
use carto_flasher::doctor::linux::{self, RuleError};
use carto_flasher::doctor::windows::helper::Action;
use carto_flasher::doctor::{self, Diagnosis, RuleState};
use carto_flasher::klipper::{self, KlipperError};
use carto_flasher::transport::native::Os;
use carto_flasher::transport::{DeviceInfo, LinkErrorKind};
use serde_json::{Value, json};

use crate::args::{Common, Doctor, Repair, RuleRoot};
use crate::choose::describe;
use crate::exit::{Exit, Failure};
use crate::hardware::Bench;
use crate::output::Output;

pub(crate) fn run(common: &Common, command: &Doctor, output: &mut Output) -> Result<(), Failure> {
    match &command.repair {
        None => examine(common, command.report.as_deref(), output),
        Some(Repair::InstallUdevRule(root)) => install(root, output),
        Some(Repair::RemoveUdevRule(root)) => remove(root, output),
        Some(Repair::PrintUdevRule) => {
            output.say(linux::rule::CONTENTS.trim_end());
            output.answer(
                || json!({ "ok": true, "exit": 0, "code": "done", "contents": linux::rule::CONTENTS }),
            );
            Ok(())
        }
        Some(Repair::InstallWinusb(which)) => driver::change(Action::Install, which, output),
        Some(Repair::RestoreDriver(which)) => driver::change(Action::Restore, which, output),
    }
}

fn examine(common: &Common, report: Option<&Path>, output: &mut Output) -> Result<(), Failure> {
    let bench = Bench::open(common)?;
    let devices = bench
        .devices()
        .and_then(|devices| after_asking(&bench, devices));
    if let Some(path) = report {
        let simulated = common.simulate.is_some();
        report::save(path, devices.as_deref(), simulated, output)?;
    }
    let devices = devices?;
    let probes: Vec<_> = devices
        .iter()
        .filter(|device| matches!(recognise(device), Sighting::Probe { .. }))
        .collect();
    for device in &probes {
        output.say(&describe(device));
    }
    if probes.is_empty() {
        output.say("No probe is seen. A probe that was flashed for CAN shows nothing on USB, and some cables only charge");
    }
    let mut found = doctor::examine(&devices);
    found.sort_by_key(|diagnosis| !diagnosis.situation.blocks());
    let worded: Vec<(Diagnosis, Advice)> = found
        .into_iter()
        .map(|diagnosis| {
            let advice = advice::for_diagnosis(&diagnosis);
            (diagnosis, advice)
        })
        .collect();
    let answer: Value = worded.iter().map(to_json).collect();
    let blocker = worded
        .first()
        .filter(|(diagnosis, _)| diagnosis.situation.blocks())
        .map(|(_, advice)| advice.clone());
    for (diagnosis, advice) in worded.iter().skip(usize::from(blocker.is_some())) {
        if diagnosis.situation.blocks() {
            output.say(&format!("\nIn the way: {advice}"));
        } else if blocker.is_none() {
            output.say(&format!("\nWorth knowing: {advice}"));
        }
    }
    if let Some(advice) = blocker {
        output.say("");
        return Err(Failure::new(Exit::NoProbe, advice).with("diagnoses", answer));
    }
    if !probes.is_empty() {
        output.say("\nNothing stands in the way");
    }
    output.answer(|| json!({ "ok": true, "exit": 0, "code": "done", "probes": probes.len(), "diagnoses": answer }));
    Ok(())
}

/// What is there once each running probe was asked who it is: that another program has a port is often told by
/// opening it alone.
fn after_asking(bench: &Bench, devices: Vec<DeviceInfo>) -> Result<Vec<DeviceInfo>, Failure> {
    let mut held = false;
    for device in devices.iter().filter(|device| device.access.is_usable()) {
        let Sighting::Probe {
            mode: Mode::Firmware,
            ..
        } = recognise(device)
        else {
            continue;
        };
        if let Err(KlipperError::Link(error)) = klipper::ask(bench.hardware(), &device.id) {
            held |= error.kind == LinkErrorKind::Busy;
        }
    }
    if held { bench.devices() } else { Ok(devices) }
}

fn to_json((diagnosis, advice): &(Diagnosis, Advice)) -> Value {
    json!({
        "device": diagnosis.device,
        "code": advice.code,
        "blocks": diagnosis.situation.blocks(),
        "title": advice.title,
        "cause": advice.cause,
        "steps": advice.steps,
        "evidence": diagnosis.evidence,
        "repair": diagnosis.repair,
    })
}

fn install(root: &RuleRoot, output: &mut Output) -> Result<(), Failure> {
    let here = on_this_system(&root.root)?;
    let done = linux::install(&root.root).map_err(|error| refused(&error))?;
    if let RuleState::Current { path } = &done.before {
        output.say(&format!("The rule is there already: {}", path.display()));
    } else {
        output.say(&format!(
            "Wrote {}:\n\n{}",
            done.path.display(),
            done.contents
        ));
    }
    let applied = here && apply(output);
    output.answer(|| {
        json!({
            "ok": true,
            "exit": 0,
            "code": "done",
            "path": done.path.to_string_lossy(),
            "contents": done.contents,
            "before": done.before,
            "applied": applied,
        })
    });
    Ok(())
}

fn remove(root: &RuleRoot, output: &mut Output) -> Result<(), Failure> {
    let here = on_this_system(&root.root)?;
    let removed = linux::uninstall(&root.root).map_err(|error| refused(&error))?;
    match &removed {
        Some(path) => output.say(&format!("Removed {}", path.display())),
        None => output.say("There is no rule that this program wrote"),
    }
    if here && removed.is_some() {
        forget(output);
    }
    output.answer(|| {
        json!({
            "ok": true,
            "exit": 0,
            "code": "done",
            "path": removed.as_deref().map(Path::to_string_lossy),
        })
    });
    Ok(())
}

/// True if the folder is the running system; other systems' folders are only written to.
fn on_this_system(root: &Path) -> Result<bool, Failure> {
    let here = root == Path::new("/");
    if here && Os::HERE != Os::Linux {
        return Err(CliFailure::LinuxOnly.into());
    }
    Ok(here)
}

fn apply(output: &mut Output) -> bool {
    for command in std::iter::once(linux::reload_command()).chain(linux::apply_commands()) {
        if let Err(error) = command.run() {
            output.say(&format!(
                "It was not applied to what is plugged in ({error}): unplug the probe and plug it in again"
            ));
            return false;
        }
    }
    output.say("Applied to what is plugged in");
    true
}

/// udev takes nothing back from a device that is plugged in.
fn forget(output: &mut Output) {
    match linux::reload_command().run() {
        Ok(()) => output.say("In force when the probe is next plugged in"),
        Err(error) => output.say(&format!("In force at the next start ({error})")),
    }
}

fn refused(error: &RuleError) -> Failure {
    Failure::new(Exit::Refused, advice::for_rule_error(error))
}

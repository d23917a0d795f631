//! `doctor`: what stands between this program and the probe, and its repair.

mod driver;
mod report;

use std::path::Path;

use carto_flasher::advice::{self, Advice, CliFailure};
use carto_flasher::board::{Sighting, recognise};
use carto_flasher::doctor::linux::{self, RuleError};
use carto_flasher::doctor::windows::helper::Action;
use carto_flasher::doctor::{self, Diagnosis, RuleState};
use carto_flasher::transport::native::Os;
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
        Some(Repair::InstallWinusb(which)) => driver::change(Action::Install, which, output),
        Some(Repair::RestoreDriver(which)) => driver::change(Action::Restore, which, output),
    }
}

fn examine(common: &Common, report: Option<&Path>, output: &mut Output) -> Result<(), Failure> {
    let devices = Bench::open(common)?.devices();
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
    let applied = here && reload(output);
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
    let applied = here && removed.is_some() && reload(output);
    output.answer(|| json!({ "ok": true, "exit": 0, "code": "done", "path": removed.as_deref().map(Path::to_string_lossy), "applied": applied }),
    );
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

fn reload(output: &mut Output) -> bool {
    for command in linux::reload_commands() {
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

fn refused(error: &RuleError) -> Failure {
    Failure::new(Exit::Refused, advice::for_rule_error(error))
}

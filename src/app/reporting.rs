//! What goes into a report, from the state.

use super::state::AppState;
use crate::catalog::Status;
use crate::crash;
use crate::report::{self, Contents};

/// Everything a bug report needs, unmasked: [`report::text`] masks.
pub(super) fn contents(state: &AppState) -> Contents {
    let devices: Vec<_> = state.bus.devices.iter().map(|seen| &seen.info).collect();
    let mut contents = Contents {
        devices: devices.into_iter().cloned().collect(),
        serials: state.history.serials(),
        ..Contents::default()
    };
    contents.serials.extend(serials_of_choice(state));
    facts(state, &mut contents);
    contents.section("Diagnoses", report::diagnosis_lines(&state.diagnoses));
    contents.section("Events on the bus", state.history.bus_lines());
    contents.section("Last job", job_lines(state));
    contents.section("Settings", report::settings_lines(&state.settings));
    if let Some(folder) = &state.log_folder {
        contents.section("Newest crash report", crash::newest(folder));
    }
    contents.section("Log", state.log.lines().map(str::to_owned).collect());
    contents
}

fn serials_of_choice(state: &AppState) -> Vec<String> {
    let chosen = state.chosen.as_ref().and_then(|it| it.serial.clone());
    let worked_on = state
        .run
        .as_ref()
        .and_then(|run| run.work.target().device.serial.clone());
    chosen.into_iter().chain(worked_on).collect()
}

fn facts(state: &AppState, contents: &mut Contents) {
    contents.fact("Step", format!("{:?}, page {:?}", state.step, state.page));
    let renderer = state.renderer.as_deref().unwrap_or("not told");
    contents.fact("Drawn by", renderer);
    if state.simulated {
        contents.fact("Hardware", "simulated");
    }
    contents.fact("Firmware known", firmware_known(state));
    if let Some(image) = state.firmware.image() {
        contents.fact("Firmware", image.name());
        contents.fact("SHA-256", image.sha256());
        contents.fact("What it is", format!("{:?}", image.facts()));
    }
    if let Some(Err(refusal)) = &state.verdict {
        contents.fact("Refused", super::with_sources(refusal));
    }
    for seen in &state.bus.devices {
        let label = format!("Running on {}", seen.info.id);
        contents.fact(&label, format!("{:?}", seen.running));
    }
}

fn firmware_known(state: &AppState) -> String {
    let list = &state.list;
    let Some(listing) = &list.listing else {
        return "the catalog is not open".to_owned();
    };
    let status = |id: &str| list.statuses.get(id).copied();
    let statuses = listing
        .entries
        .iter()
        .map(|entry| status(&entry.id).unwrap_or(Status::NeedsDownload));
    let mut text = report::firmware_fact(statuses);
    if list.unreachable {
        text.push_str("; the source could not be reached");
    }
    text
}

fn job_lines(state: &AppState) -> Vec<String> {
    let mut lines = state.history.job_lines();
    if let Some(run) = &state.run {
        for phase in &run.view.phases {
            lines.push(format!(
                "{:?}: {:?}, {} of {}",
                phase.info.phase, phase.state, phase.done, phase.total
            ));
        }
    }
    lines
}

//! `doctor --report`: what a bug report needs, in a file.

use std::io::ErrorKind;
use std::path::Path;

use carto_flasher::advice::CliFailure;
use carto_flasher::catalog::{Catalog, CatalogConfig};
use carto_flasher::crash;
use carto_flasher::doctor;
use carto_flasher::files;
use carto_flasher::log;
use carto_flasher::report::{self, Contents};
use carto_flasher::settings::Settings;
use carto_flasher::transport::DeviceInfo;

use crate::exit::Failure;
use crate::firmware::settings;
use crate::output::Output;

/// Of the window's log, the last of it.
const LOG_BYTES: u64 = 64 * 1024;

/// Saves a report: also where no probe is found, and where USB cannot be used.
pub(super) fn save(
    path: &Path,
    devices: Result<&[DeviceInfo], &Failure>,
    simulated: bool,
    output: &mut Output,
) -> Result<(), Failure> {
    let text = report::text(&contents(devices, simulated, &settings(output)));
    files::create_new(path, text.as_bytes()).map_err(|error| {
        let path = path.to_owned();
        match error.kind() {
            ErrorKind::AlreadyExists => CliFailure::FileExists { path },
            _ => CliFailure::CannotWrite {
                path,
                why: error.to_string(),
            },
        }
    })?;
    output.say(&format!("Report saved: {}\n", path.display()));
    Ok(())
}

fn contents(
    devices: Result<&[DeviceInfo], &Failure>,
    simulated: bool,
    settings: &Settings,
) -> Contents {
    let mut contents = Contents::default();
    contents.fact("Made by", "the command line");
    if simulated {
        contents.fact("Hardware", "simulated");
    }
    let config = CatalogConfig::usual().with_settings(settings);
    let catalog = Catalog::open(config.with_offline(true));
    let listing = catalog.listing();
    let statuses = listing.entries.iter().map(|entry| catalog.status(entry));
    contents.fact("Firmware known", report::firmware_fact(statuses));
    match devices {
        Ok(devices) => {
            contents.devices = devices.to_vec();
            let found = doctor::examine(devices);
            contents.section("Diagnoses", report::diagnosis_lines(&found));
        }
        Err(failure) => contents.fact("The bus", failure.advice.cause.clone()),
    }
    contents.section("Settings", report::settings_lines(settings));
    if let Some(folder) = log::folder() {
        contents.section("Log of the window", log::tail(&folder, LOG_BYTES));
        contents.section("Newest crash report", crash::newest(&folder));
    }
    contents
}

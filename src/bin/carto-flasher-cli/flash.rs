//! `flash` and `restore`: write, verify, confirm.

use std::path::{Path, PathBuf};
use std::time::Duration;

use carto_flasher::advice::{self, CliFailure};
use carto_flasher::board::Transport;
use carto_flasher::catalog::embedded;
use carto_flasher::flash::engine::{self, Patience};
use carto_flasher::flash::plan::{self, Plan, Request, Route};
use carto_flasher::flash::{BackupFolder, Outcome, Report};
use carto_flasher::image::{self, FirmwareVersion, Image, ImageError, Role};
use carto_flasher::transport::DeviceInfo;
use serde_json::json;

use crate::args::{Common, Flash, Restore, Write};
use crate::choose::{choose, describe as describe_device};
use crate::exit::{Exit, Failure, end_of_job};
use crate::firmware::settings;
use crate::hardware::Bench;
use crate::inspect::{describe, read_image};
use crate::output::{JobOutput, Output};
use crate::pick::pick;

const KATAPULT_STAYS_ON_USB: &str = "Katapult on this probe talks USB, and stays. The firmware will talk CAN, but the next update cannot \
    come over CAN. Better: bring the probe into DFU mode and flash the same there, which makes Katapult talk CAN too";

/// What is to be written, and what is known of it beyond its bytes.
pub(crate) struct Chosen {
    pub(crate) image: Image,
    /// Katapult, should the probe need one in front of the image.
    pub(crate) bootloader: Option<Image>,
    pub(crate) official: Official,
    /// What was worth knowing on the way.
    pub(crate) notes: Vec<String>,
}

/// The catalog's firmware in it, if it is.
#[derive(Debug, Default)]
pub(crate) struct Official {
    pub(crate) id: Option<String>,
    /// Whose word it is that this is official, where no hash from upstream proves it.
    pub(crate) only_by: Option<String>,
    /// The oldest cartographer3d-plugin that works with it.
    pub(crate) min_plugin: Option<FirmwareVersion>,
}

pub(crate) fn run(common: &Common, command: &Flash, output: &mut Output) -> Result<(), Failure> {
    let read = command.file.as_deref().map(|file| read(file, command));
    let read = read.transpose()?;
    let bench = Bench::open(common)?;
    let device = choose(bench.devices()?, common.device.as_deref())?;
    let chosen = match read {
        Some(chosen) => chosen,
        None => pick(&bench, &device, command, output).or_else(|failure| {
            bench.dump(common.simulate_dump.as_deref())?;
            Err(failure)
        })?,
    };
    let request = Request {
        device,
        image: chosen.image,
        bootloader: chosen.bootloader,
        via: command.write.via.into(),
        backup: !command.write.no_backup,
        deployer_consent: command.accept_deployer_risk,
    };
    write(
        common,
        &bench,
        &request,
        &command.write,
        (&chosen.official, chosen.notes),
        output,
    )
}

fn read(file: &Path, command: &Flash) -> Result<Chosen, Failure> {
    let image = read_image(file)?;
    let bootloader = command
        .with_bootloader
        .as_deref()
        .map(read_image)
        .transpose()?;
    let official =
        embedded::official(embedded::entries(), &image).map_or_else(Official::default, |entry| {
            Official {
                id: Some(entry.id.clone()),
                only_by: None,
                min_plugin: entry.min_plugin,
            }
        });
    Ok(Chosen {
        image,
        bootloader,
        official,
        notes: Vec::new(),
    })
}

pub(crate) fn restore(
    common: &Common,
    command: &Restore,
    output: &mut Output,
) -> Result<(), Failure> {
    let bench = Bench::open(common)?;
    let device = choose(bench.devices()?, common.device.as_deref())?;
    let target = plan::target(&device, command.write.via.into())
        .map_err(|refusal| Failure::new(Exit::Refused, advice::for_refusal(&refusal)))?;
    let refuse = |error: ImageError| Failure::new(Exit::Refused, advice::for_image_error(&error));
    let bytes = image::read_bounded(&command.file).map_err(refuse)?;
    let dump = Image::parse_dump(&image::display_name(&command.file), bytes, target.mcu)
        .map_err(refuse)?;
    // Katapult cannot replace itself: through it only the firmware goes back.
    let image = match target.route {
        Route::Dfu => dump,
        Route::Katapult | Route::Touch => image::app_part(&dump).ok_or_else(|| {
            Failure::new(Exit::Refused, advice::for_backup_without_app(&command.file))
        })?,
    };
    let request = Request {
        device,
        image,
        bootloader: None,
        via: command.write.via.into(),
        backup: !command.write.no_backup,
        deployer_consent: false,
    };
    let official = Official::default();
    write(
        common,
        &bench,
        &request,
        &command.write,
        (&official, Vec::new()),
        output,
    )
}

fn write(
    common: &Common,
    bench: &Bench,
    request: &Request,
    options: &Write,
    (official, mut notes): (&Official, Vec<String>),
    output: &mut Output,
) -> Result<(), Failure> {
    let plan = match plan::plan(request) {
        Ok(plan) => plan,
        Err(refusal) => {
            // The simulated chip can prove that nothing was touched.
            bench.dump(common.simulate_dump.as_deref())?;
            return Err(Failure::new(Exit::Refused, advice::for_refusal(&refusal)));
        }
    };
    review(&plan, &request.device, official, output);
    if leaves_katapult_on_usb(&plan) {
        output.say(&format!("Note      {KATAPULT_STAYS_ON_USB}"));
        notes.push(KATAPULT_STAYS_ON_USB.to_owned());
    }
    if !options.yes {
        match output.ask("Write it?") {
            Some(true) => {}
            Some(false) => {
                return Err(CliFailure::Declined.into());
            }
            None => {
                return Err(CliFailure::NeedsYes.into());
            }
        }
    }
    let mut backups = BackupFolder(backup_folder(options, bench, output)?);
    let patience = Patience {
        reconnect: Duration::from_secs(options.reconnect),
    };
    let mut heard = JobOutput::new(output);
    let end = engine::run(&plan, bench.hardware(), &mut backups, patience, &mut heard);
    let kept = heard.into_backup();
    bench.dump(common.simulate_dump.as_deref())?;
    let report = end_of_job(end, plan.target.mcu).map_err(|failure| match kept {
        Some(path) => failure.with("backup", json!(path.to_string_lossy())),
        None => failure,
    })?;
    tell(&report, output);
    let min_plugin = official.min_plugin.map(|plugin| plugin.to_string());
    if let Some(plugin) = &min_plugin {
        output.say(&format!(
            "Printer   needs cartographer3d-plugin {plugin} or newer for this firmware"
        ));
    }
    output.answer(|| json!({
        "ok": true,
        "exit": 0,
        "code": "done",
        "report": report,
        "firmware": { "id": official.id, "only_by": official.only_by, "min_plugin": min_plugin, "sha256": plan.image.sha256() },
        "notes": notes,
    }));
    Ok(())
}

fn backup_folder(
    options: &Write,
    bench: &Bench,
    output: &mut Output,
) -> Result<PathBuf, CliFailure> {
    if let Some(folder) = &options.backup_folder {
        return Ok(folder.clone());
    }
    // Backups of simulated chips do not belong among the real ones.
    if matches!(bench, Bench::Simulated(_)) {
        return Ok(tempfile::env::temp_dir().join("carto-flasher-simulated-backups"));
    }
    settings(output)
        .backup_folder_or_default()
        .ok_or(CliFailure::NoBackupFolder)
}

/// True if firmware for CAN goes onto a probe whose Katapult was just seen on USB.
fn leaves_katapult_on_usb(plan: &Plan) -> bool {
    let facts = plan.image.facts();
    plan.target.route != Route::Dfu
        && facts.role == Role::App
        && matches!(facts.transport, Some(Transport::Can { .. }))
}

fn review(plan: &Plan, device: &DeviceInfo, official: &Official, output: &mut Output) {
    output.say(&format!("Probe     {}", describe_device(device)));
    output.say(&format!(
        "Firmware  {} ({})",
        describe(&plan.image),
        plan.image.name()
    ));
    if let Some(id) = &official.id {
        output.say(&match &official.only_by {
            None => format!("Official  {id}"),
            Some(source) => {
                format!("Listed    {id}, by {source} alone: upstream has not vouched for it")
            }
        });
    }
    output.say(&format!("SHA-256   {}", plan.image.sha256()));
    let end = plan.image.bytes().len() as u64 + u64::from(plan.image.facts().link_address);
    let start = plan.image.facts().link_address;
    let bootloader = if plan.writes_bootloader() {
        "bootloader included"
    } else {
        "the bootloader stays"
    };
    output.say(&format!(
        "Writes    {start:#010x} to {end:#010x}, {bootloader}"
    ));
}

fn tell(report: &Report, output: &mut Output) {
    let seconds: f64 = report
        .phases
        .iter()
        .map(|(_, took)| took.as_secs_f64())
        .sum();
    output.say(&format!(
        "Verified  {} bytes; {} of {} pages written; {seconds:.1} s",
        report.bytes_verified, report.pages_written, report.pages_total
    ));
    output.say(&match &report.outcome {
        Outcome::Returned { version: Some(version), .. } => format!("Done. The probe runs \"{version}\""),
        Outcome::Returned { .. } => "Done. The probe is back".to_owned(),
        Outcome::BackedUp => "Done. Nothing was written".to_owned(),
        Outcome::NowOnCan => {
            "Done. This firmware talks CAN: the probe is gone from USB, and that is success. Unplug it and wire it to the CAN bus"
                .to_owned()
        }
        Outcome::ReplugToStart => "Done. Unplug the probe and plug it in again to start the firmware".to_owned(),
        Outcome::ReleaseBoot0 => {
            "Done. The chip came back in DFU mode: take the bridge off BOOT0, then unplug the probe and plug it in again"
                .to_owned()
        }
    });
}

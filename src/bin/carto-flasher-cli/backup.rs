//! `backup`: the whole flash of a probe in a file.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use carto_flasher::advice::{self, CliFailure};
use carto_flasher::board::Mcu;
use carto_flasher::files;
use carto_flasher::flash::{BackupStore, engine, plan};
use serde_json::json;

use crate::args::{Backup, Common};
use crate::choose::choose;
use crate::exit::{Exit, Failure, end_of_job};
use crate::hardware::Bench;
use crate::output::{JobOutput, Output};

pub(crate) fn run(common: &Common, command: &Backup, output: &mut Output) -> Result<(), Failure> {
    let bench = Bench::open(common)?;
    let device = choose(bench.devices()?, common.device.as_deref())?;
    let target = plan::target(&device, command.via.into())
        .map_err(|refusal| Failure::new(Exit::Refused, advice::for_refusal(&refusal)))?;
    if command.out.exists() {
        return Err(CliFailure::FileExists {
            path: command.out.clone(),
        }
        .into());
    }
    let mut store = OneFile(&command.out);
    let end = engine::backup(
        &target,
        bench.hardware(),
        &mut store,
        &mut JobOutput::new(output),
    );
    bench.dump(common.simulate_dump.as_deref())?;
    let report = end_of_job(end, target.mcu)?;
    match &report.backup {
        Some(path) => output.say(&format!("Saved {}", path.display())),
        None => output.say("The flash is blank: there is nothing to save"),
    }
    output.answer(|| json!({ "ok": true, "exit": 0, "code": "done", "report": report }));
    Ok(())
}

/// Saves to the file that was named, which must not exist.
struct OneFile<'p>(&'p Path);

impl BackupStore for OneFile<'_> {
    fn save(&mut self, _: Mcu, _: SystemTime, bytes: &[u8]) -> std::io::Result<PathBuf> {
        files::create_new(self.0, bytes)?;
        Ok(self.0.to_owned())
    }
}

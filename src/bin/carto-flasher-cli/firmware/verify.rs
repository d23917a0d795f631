//! `firmware verify` and `firmware clear`.

use std::path::{Path, PathBuf};

use carto_flasher::advice::{self, CliFailure};
use carto_flasher::catalog::cache::CacheError;
use carto_flasher::catalog::{Catalog, Verdict, Verified};
use serde_json::{Value, json};

use super::{cache_folder, config_of};
use crate::args::{Clear, Verify};
use crate::exit::{Exit, Failure};
use crate::output::Output;

pub(super) fn run(command: &Verify, output: &mut Output) -> Result<(), Failure> {
    let config = config_of(&command.kept, output);
    let bundled = config.bundled.clone();
    let catalog = Catalog::open(config);
    let folders: Vec<PathBuf> = match &command.folder {
        Some(folder) => vec![folder.clone()],
        // As far as there is any.
        None => cache_folder(&catalog)
            .into_iter()
            .chain(bundled)
            .filter(|folder| folder.is_dir())
            .collect(),
    };
    if folders.is_empty() {
        output.say("No firmware is kept on this computer yet. To change that: carto-flasher-cli firmware fetch --all");
    }
    let mut answers = Vec::new();
    let mut wrong = Vec::new();
    for folder in &folders {
        let verified = catalog.verify(folder).map_err(|error| refused(&error))?;
        tell(folder, &verified, output);
        if !verified.is_clean() {
            wrong.push(folder.display().to_string());
        }
        answers.push(json!({ "folder": folder.to_string_lossy(), "clean": verified.is_clean(), "files": verified.files, "missing": verified.missing }));
    }
    let unfinished = match (&command.folder, catalog.cache()) {
        (None, Some(cache)) => cache.unfinished(),
        _ => 0,
    };
    if unfinished > 0 {
        output.say(&format!(
            "Downloads that were cut off: {unfinished}. The next fetch goes on with them"
        ));
    }
    let found = Value::from(answers);
    if wrong.is_empty() {
        output.answer(|| json!({ "ok": true, "exit": 0, "code": "done", "folders": found, "unfinished": unfinished }));
        return Ok(());
    }
    let failure = Failure::from(CliFailure::WrongFiles { folders: wrong });
    Err(failure.with("folders", found))
}

pub(super) fn clear(command: &Clear, output: &mut Output) -> Result<(), Failure> {
    let catalog = Catalog::open(config_of(&command.kept, output));
    let removed = catalog
        .remove_everything()
        .map_err(|error| refused(&error))?;
    output.say(&match removed.files {
        0 => "No firmware was kept on this computer".to_owned(),
        1 => format!("Deleted 1 file ({:.1} KiB)", removed.bytes as f64 / 1024.0),
        files => format!(
            "Deleted {files} files ({:.1} KiB)",
            removed.bytes as f64 / 1024.0
        ),
    });
    output.answer(|| json!({ "ok": true, "exit": 0, "code": "done", "files": removed.files, "bytes": removed.bytes }));
    Ok(())
}

fn tell(folder: &Path, verified: &Verified, output: &mut Output) {
    output.say(&format!("{}:", folder.display()));
    let mut official = 0_usize;
    for file in &verified.files {
        let path = file.path.display();
        match &file.verdict {
            Verdict::Official { .. } => official = official.saturating_add(1),
            Verdict::Intact => output.say(&format!(
                "  {path}: unchanged since it was fetched, and on no list this program has"
            )),
            Verdict::Wrong { id: Some(id), .. } => {
                output.say(&format!("  {path}: WRONG, this is not {id}"));
            }
            Verdict::Wrong { id: None, .. } => output.say(&format!(
                "  {path}: WRONG, it was changed since it was fetched"
            )),
            Verdict::Unfinished => output.say(&format!(
                "  {path}: the beginning of a download that was cut off"
            )),
            Verdict::Unknown => output.say(&format!("  {path}: not official firmware")),
            Verdict::Unreadable { detail } => {
                output.say(&format!("  {path}: cannot be read ({detail})"));
            }
        }
    }
    output.say(&format!(
        "  {official} of {} files are official firmware, byte for byte; {} of the list are not here",
        verified.files.len(),
        verified.missing.len()
    ));
}

fn refused(error: &CacheError) -> Failure {
    Failure::new(Exit::Refused, advice::for_cache_error(error))
}

//! `firmware`: what official firmware there is, and getting it onto this computer.

mod fetch;
mod list;
mod verify;

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use carto_flasher::advice;
use carto_flasher::board::Transport;
use carto_flasher::catalog::cache::Cache;
use carto_flasher::catalog::fetch::FetchError;
use carto_flasher::catalog::{Catalog, CatalogConfig, CatalogError, Entry};
use carto_flasher::settings::Settings;
use carto_flasher::transport::Clock;
use serde_json::{Value, json};

use crate::args::{Firmware, Kept, Places};
use crate::exit::{Exit, Failure};
use crate::output::Output;

/// IDs that are proposed for one that does not exist.
const MAX_PROPOSED: usize = 6;

pub(crate) fn run(command: &Firmware, output: &mut Output) -> Result<(), Failure> {
    match command {
        Firmware::List(command) => list::run(command, output),
        Firmware::Fetch(command) => fetch::run(command, output),
        Firmware::Verify(command) => verify::run(command, output),
        Firmware::Clear(command) => verify::clear(command, output),
    }
}

/// Opens the catalog where the command line says, or the settings, or as usual. `quiet`: the network is asked
/// only if a source is named.
pub(crate) fn open(places: &Places, quiet: bool, output: &mut Output) -> Catalog {
    let config = config_of(&places.kept, output);
    let unasked = config.offline || quiet;
    // Whoever names a source on the command line wants it asked.
    Catalog::open(if let Some(source) = &places.source {
        config.with_source(source).with_offline(places.offline)
    } else {
        config.with_offline(places.offline || unasked)
    })
}

fn config_of(kept: &Kept, output: &mut Output) -> CatalogConfig {
    let config = CatalogConfig::usual().with_settings(&settings(output));
    match &kept.cache {
        Some(folder) => config.with_cache_root(folder),
        None => config,
    }
}

/// What the window remembers. If that cannot be read, it may have been never to use the network.
pub(crate) fn settings(output: &mut Output) -> Settings {
    static SETTINGS: OnceLock<Settings> = OnceLock::new();
    let read = || {
        let Some(path) = Settings::default_path() else {
            return Settings::default();
        };
        let (mut settings, warning) = Settings::load(&path);
        if let Some(warning) = warning {
            output.say(&format!(
                "Note      {}. The usual ones are taken, and the network is used only if --source is given",
                upper_first(&warning.to_string())
            ));
            settings.offline = true;
        }
        settings
    };
    SETTINGS.get_or_init(read).clone()
}

fn upper_first(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}

/// Asks the source what it has now, and says what is not as it should be; also gives that, for the answer in JSON.
/// Without an answer, what is known counts. Fails only if it was stopped.
pub(crate) fn refresh(
    catalog: &Catalog,
    clock: &dyn Clock,
    output: &mut Output,
) -> Result<Vec<String>, Failure> {
    if catalog.is_offline() {
        return Ok(Vec::new());
    }
    let interrupt = output.interrupt();
    let result = interrupt.while_fetching(|| catalog.refresh(clock).map_err(Box::new));
    if interrupt.asked() {
        return Err(not_had(&FetchError::Cancelled.into()));
    }
    let mut notes = Vec::new();
    match result {
        Ok(refreshed) => {
            if let Some(why) = &refreshed.tree_problem {
                let advice = advice::for_fetch_error(why);
                notes.push(format!(
                    "Files newer than this program cannot be proven now. {}",
                    advice.cause
                ));
            }
            if let Some(why) = &refreshed.not_kept {
                notes.push(format!(
                    "The list is not kept. {}",
                    advice::for_cache_error(why).cause
                ));
            }
            for disagreement in &refreshed.listing.disagreements {
                tracing::info!("{}", advice::for_disagreement(disagreement));
            }
        }
        Err(error) => {
            let advice = advice::for_catalog_error(&error);
            notes.push(format!(
                "{}: going on with the list this program has. {}",
                advice.title, advice.cause
            ));
        }
    }
    for note in &notes {
        output.say(&format!("Note      {note}"));
    }
    Ok(notes)
}

/// The entry with this ID, if need be after asking the source for its list.
pub(crate) fn entry(
    catalog: &Catalog,
    id: &str,
    clock: &dyn Clock,
    output: &mut Output,
) -> Result<Arc<Entry>, Failure> {
    if catalog.entry(id).is_err() {
        refresh(catalog, clock, output)?;
    }
    catalog.entry(id).map_err(|error| {
        let failure = not_had(&error);
        let similar: Vec<String> = catalog
            .listing()
            .entries
            .iter()
            .filter(|entry| entry.id.contains(&id.to_ascii_lowercase()))
            .map(|entry| entry.id.clone())
            .take(MAX_PROPOSED)
            .collect();
        if similar.is_empty() {
            failure
        } else {
            failure.step(format!("Perhaps you mean: {}", similar.join(", ")))
        }
    })
}

/// Firmware that could not be had. No probe was touched.
pub(crate) fn not_had(error: &CatalogError) -> Failure {
    let exit = if error.is_cancelled() {
        Exit::Cancelled
    } else {
        Exit::Refused
    };
    Failure::new(exit, advice::for_catalog_error(error))
}

/// USB or CAN as a word, and the CAN bitrate.
pub(crate) fn transport_json(transport: Option<Transport>) -> (Option<&'static str>, Option<u32>) {
    match transport {
        Some(Transport::Usb) => (Some("usb"), None),
        Some(Transport::Can { bitrate }) => (Some("can"), Some(bitrate)),
        None => (None, None),
    }
}

fn to_json(catalog: &Catalog, entry: &Entry) -> Value {
    let (transport, bitrate) = transport_json(Some(entry.transport));
    json!({
        "id": entry.id,
        "path": entry.path,
        "board": entry.board,
        "role": entry.role,
        "transport": transport,
        "bitrate": bitrate,
        "variant": entry.variant,
        "version": entry.version.map(|version| version.to_string()),
        "size": entry.size,
        "sha256": entry.sha256,
        "git_blob_sha1": entry.git_blob_sha1,
        "min_plugin": entry.min_plugin.map(|version| version.to_string()),
        "listed": entry.listed,
        "archived": entry.archived,
        "note": entry.note,
        "status": catalog.status(entry),
    })
}

/// A folder as it is shown.
fn cache_folder(catalog: &Catalog) -> Option<PathBuf> {
    catalog.cache().map(Cache::objects_folder)
}

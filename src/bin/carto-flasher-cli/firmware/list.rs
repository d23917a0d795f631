//! `firmware list`.

use carto_flasher::advice;
use carto_flasher::catalog::fetch::FetchError;
use carto_flasher::catalog::select::{self, Filter};
use carto_flasher::catalog::{Catalog, CatalogError, Entry, EntryRole, Status};
use carto_flasher::image::Variant;
use carto_flasher::transport::native::RealClock;
use serde_json::{Value, json};

use super::{not_had, open, refresh, to_json};
use crate::args::List;
use crate::exit::Failure;
use crate::output::Output;

const HEADER: [&str; 8] = ["ID", "BOARD", "WHAT", "TALKS", "BUILD", "BYTES", "HERE", ""];

pub(super) fn run(command: &List, output: &mut Output) -> Result<(), Failure> {
    let catalog = open(&command.places, false, output);
    let notes = if command.refresh {
        // Whoever asks for what there is now must not take what was known for it.
        if catalog.is_offline() {
            return Err(not_had(&CatalogError::from(FetchError::OfflineMode)));
        }
        refresh(&catalog, &RealClock::new(), output)?
    } else {
        Vec::new()
    };
    let listing = catalog.listing();
    let filter = Filter {
        board: command.board.map(Into::into),
        bus: command.wish.transport.map(Into::into),
        bitrate: command.wish.bitrate,
        variant: command.wish.variant.map(Into::into),
        role: None,
        all: command.all,
    };
    let entries = select::list(&listing.entries, &filter);
    if entries.is_empty() {
        output.say(
            "No firmware is like that. Leave out a filter, or see archived firmware with --all",
        );
    } else {
        let rows: Vec<_> = entries.iter().map(|entry| row(&catalog, entry)).collect();
        for line in table(&rows) {
            output.say(&line);
        }
    }
    for disagreement in &listing.disagreements {
        output.say(&advice::for_disagreement(disagreement));
    }
    output.answer(|| {
        json!({
            "ok": true,
            "exit": 0,
            "code": "done",
            "firmware": entries.iter().map(|entry| to_json(&catalog, entry)).collect::<Value>(),
            "disagreements": listing.disagreements,
            "source": listing.source,
            "notes": notes,
        })
    });
    Ok(())
}

fn row(catalog: &Catalog, entry: &Entry) -> [String; 8] {
    let build = match entry.variant {
        Some(Variant::Full) => "full",
        Some(Variant::Lite) => "lite",
        None => "",
    };
    let here = match catalog.status(entry) {
        Status::Checked | Status::Present => "yes",
        Status::NeedsDownload => "-",
    };
    let plugin = entry
        .min_plugin
        .map(|plugin| format!("needs cartographer3d-plugin {plugin}"));
    let remarks: Vec<String> = plugin.into_iter().chain(entry.note.clone()).collect();
    [
        entry.id.clone(),
        entry.board.label().to_owned(),
        what(entry.role).to_owned(),
        entry.transport.to_string(),
        build.to_owned(),
        entry.size.map_or_else(String::new, |size| size.to_string()),
        here.to_owned(),
        remarks.join("; "),
    ]
}

fn what(role: EntryRole) -> &'static str {
    match role {
        EntryRole::App => "firmware",
        EntryRole::Combined => "Katapult + firmware",
        EntryRole::Bootloader => "Katapult",
        EntryRole::Deployer => "Katapult deployer",
        EntryRole::Uf2 => "UF2 for its drive",
    }
}

/// Lines with columns as wide as what is in them.
fn table(rows: &[[String; 8]]) -> Vec<String> {
    let header = HEADER.map(str::to_owned);
    let widths: Vec<usize> = (0..HEADER.len())
        .map(|column| {
            let cells = rows.iter().chain([&header]);
            cells
                .filter_map(|row| row.get(column))
                .map(|cell| cell.chars().count())
                .max()
                .unwrap_or(0)
        })
        .collect();
    [&header]
        .into_iter()
        .chain(rows)
        .map(|row| {
            let cells: Vec<String> = row
                .iter()
                .zip(&widths)
                .map(|(cell, width)| format!("{cell:<width$}"))
                .collect();
            cells.join("  ").trim_end().to_owned()
        })
        .collect()
}

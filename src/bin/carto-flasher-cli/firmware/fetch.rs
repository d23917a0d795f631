//! `firmware fetch`.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use carto_flasher::advice::{self, CliFailure};
use carto_flasher::catalog::{BulkProgress, BulkReport, Catalog, Entry};
use carto_flasher::transport::native::RealClock;
use serde_json::{Value, json};

use super::{cache_folder, entry, not_had, open, refresh};
use crate::args::Fetch;
use crate::exit::{Exit, Failure};
use crate::interrupt::Interrupt;
use crate::output::Output;

/// Files that are named one by one; more are counted.
const MAX_NAMED: usize = 10;

pub(super) fn run(command: &Fetch, output: &mut Output) -> Result<(), Failure> {
    let catalog = open(&command.places, false, output);
    let clock = RealClock::new();
    let interrupt = output.interrupt();
    let mut notes = Vec::new();
    let wanted = if command.all {
        notes = refresh(&catalog, &clock, output)?;
        None
    } else {
        let wanted: Result<Vec<_>, _> = command
            .ids
            .iter()
            .map(|id| entry(&catalog, id, &clock, output))
            .collect();
        Some(wanted?)
    };
    let (report, bytes) = fetch(
        &catalog,
        command,
        wanted.as_deref(),
        &clock,
        &interrupt,
        output,
    );
    interrupt.listen();
    if report.fetched.saturating_add(report.present) > 0 {
        let folder = command.to.clone().or_else(|| cache_folder(&catalog));
        output.say(&format!(
            "{} fetched ({:.1} KiB), {} here already. Kept in {}",
            files(report.fetched),
            bytes as f64 / 1024.0,
            files(report.present),
            folder.unwrap_or_default().display()
        ));
    }
    name_not_served(&report, output);
    let found = to_json(&report, bytes);
    // Whoever asks for a file by name wants it; a mirror with only some files still is a good answer to "all".
    let enough = if command.all {
        report.fetched.saturating_add(report.present) > 0
    } else {
        report.not_served.is_empty()
    };
    if report.is_complete() && enough {
        output.answer(
            || json!({ "ok": true, "exit": 0, "code": "done", "fetch": found, "notes": notes }),
        );
        return Ok(());
    }
    Err(why_not(&report, output).with("fetch", found))
}

fn fetch(
    catalog: &Catalog,
    command: &Fetch,
    wanted: Option<&[Arc<Entry>]>,
    clock: &RealClock,
    interrupt: &Interrupt,
    output: &mut Output,
) -> (BulkReport, u64) {
    let mut bytes = 0;
    let mut on_progress = |progress: BulkProgress<'_>| {
        bytes = progress.bytes_fetched;
        let text = format!(
            "{} of {} files, {:.0} KiB, {}",
            progress.files_done,
            progress.files_total,
            progress.bytes_fetched as f64 / 1024.0,
            progress.id
        );
        let (done, total) = (progress.files_done as u64, progress.files_total as u64);
        output.bar("Fetch firmware", done, total, &text);
        if interrupt.asked() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    let report = interrupt.while_fetching(|| match (wanted, &command.to) {
        (None, None) => catalog.fetch_all(clock, &mut on_progress),
        (wanted, folder) => {
            let all = catalog.to_be_had();
            let entries = wanted.unwrap_or(&all);
            catalog.fetch_many(entries, folder.as_deref(), clock, &mut on_progress)
        }
    });
    output.end_bar();
    (report, bytes)
}

fn name_not_served(report: &BulkReport, output: &mut Output) {
    let missing = &report.not_served;
    if missing.len() > MAX_NAMED {
        output.say(&format!(
            "The source does not have {} of the known files",
            missing.len()
        ));
    } else if !missing.is_empty() {
        output.say(&format!("The source does not have: {}", missing.join(", ")));
    }
}

/// The first reason is how the command fails; the others are said before it.
fn why_not(report: &BulkReport, output: &mut Output) -> Failure {
    let mut failed = report.failed.iter();
    let failure = match &report.stopped {
        // It concerns every file, so no file is named.
        Some(error) => match error.fetch() {
            Some(why) if !error.is_cancelled() => {
                Failure::new(Exit::Refused, advice::for_fetch_error(why))
            }
            _ => not_had(error),
        },
        None => match failed.next() {
            Some((_, error)) => not_had(error),
            None => CliFailure::NotServed.into(),
        },
    };
    let mut others: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (id, error) in failed {
        let title = advice::for_catalog_error(error).title;
        others.entry(title).or_default().push(id);
    }
    for (title, ids) in others {
        output.say(&if ids.len() <= MAX_NAMED {
            format!("{title}: {}", ids.join(", "))
        } else {
            format!("{title}: {} more", files(ids.len()))
        });
    }
    if report.not_tried > 0 && report.fetched > 0 {
        return failure.step(format!(
            "Then run the command again: {} still to go, and what is kept is not fetched twice",
            files(report.not_tried)
        ));
    }
    failure
}

fn to_json(report: &BulkReport, bytes: u64) -> Value {
    let failed = report.failed.iter().map(|(id, error)| {
        let advice = advice::for_catalog_error(error);
        json!({ "id": id, "code": advice.code, "title": advice.title, "cause": advice.cause })
    });
    json!({
        "fetched": report.fetched,
        "present": report.present,
        "bytes": bytes,
        "not_served": report.not_served,
        "failed": failed.collect::<Value>(),
        "not_tried": report.not_tried,
    })
}

fn files(count: usize) -> String {
    match count {
        1 => "1 file".to_owned(),
        count => format!("{count} files"),
    }
}

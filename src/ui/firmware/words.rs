//! Words of the list of firmware. The inspector's are in [`crate::ui::words::firmware`].

use crate::app::firmware::{Row, Unusable};
use crate::board::Transport;
use crate::catalog::fetch::FetchError;
use crate::catalog::{BulkReport, CatalogError, Entry, Place, Status};
use crate::image::{FirmwareVersion, Variant};
use crate::ui::words::{bytes, counted, thousands};

/// The question that only the user can answer.
pub(super) const USB_OR_CAN: &str = "How is the probe connected to your printer?";
/// Under it, until it is answered.
pub(super) const USB_OR_CAN_HOW: &str =
    "USB: its cable goes to the printer's computer. CAN: to a toolboard or a CAN adapter.";
/// Its answers.
pub(super) const BUSES: [&str; 2] = ["USB", "CAN"];
/// Follows "CAN".
pub(super) const BITRATE: &str = "Bitrate of the printer's CAN bus";
/// Its answers, fastest first.
pub(super) const BITRATES: [(&str, u32); 3] = [
    ("1 Mbit/s", 1_000_000),
    ("500 kbit/s", 500_000),
    ("250 kbit/s", 250_000),
];
/// Under it.
pub(super) const BITRATE_HOW: &str =
    "It must be the one your CAN adapter is set to; most are set to 1 Mbit/s.";
/// A probe that can be seen talks USB.
pub(super) const STAYS_USB: &str = "The probe talks USB and stays on USB.";
/// Side door.
pub(super) const SWITCH_TO_CAN: &str = "Switch to CAN…";
/// Back from it.
pub(super) const STAY_WITH_USB: &str = "Stay with USB";
/// Title of what it takes.
pub(super) const SWITCH: &str = "Switching to CAN takes DFU mode";
/// Why.
pub(super) const SWITCH_WHY: &str = "Katapult must talk CAN too, or the probe could not be updated any more. In DFU mode both are written at once. Afterwards the probe vanishes from USB: that is success.";
/// The check for lite firmware.
pub(super) const SLOW_HOST: &str = "My printer's host is slow (Creality K1, Qidi, Raspberry Pi 2)";
/// Under it, once checked.
pub(super) const SLOW_HOST_WHY: &str =
    "Lite firmware sends fewer measurements, so that a slow host keeps up.";
/// Title of the list.
pub(super) const OFFICIAL: &str = "Official firmware";
/// Columns.
pub(super) const COLUMNS: [&str; 5] = ["Version", "Variant", "Connection", "Note", "Status"];
/// Before the catalog is open.
pub(super) const OPENING: &str = "Looking at what is on this computer…";
/// Title of an empty list.
pub(super) const NONE: &str = "There is no official firmware for this choice";
/// Under it.
pub(super) const NONE_HOW: &str = "Choose otherwise above, or use a file of your own below.";
/// Title of the practice rows.
pub(super) const PRACTICE: &str = "Practice firmware";
/// Under it.
pub(super) const PRACTICE_HOW: &str =
    "Made for the simulated probe, needs no network. No printer can run it.";
/// Where practice firmware is.
pub(super) const BUILT_IN: &str = "Built in";
/// Where firmware is not, while it cannot be had from elsewhere.
pub(super) const NOT_HERE: &str = "Not on this computer";
/// Badge of practice firmware.
pub(super) const PRACTICE_ONLY: &str = "Practice only";
/// Note of the newest there is.
pub(super) const NEWEST: &str = "Newest";
/// The same, where a newer one exists that is not for this choice.
pub(super) const NEWEST_HERE: &str = "Newest for this bus";
/// Note of what the probe runs.
pub(super) const ON_PROBE: &str = "On the probe";
/// Stops getting the bytes.
pub(super) const CANCEL: &str = "Cancel";
/// Gets the bytes again.
pub(super) const AGAIN: &str = "Try again";
/// More of the chosen firmware.
pub(super) const DETAILS: &str = "Details of this file";
/// Fetches everything.
pub(super) const FETCH_ALL: &str = "Fetch everything for offline use";
/// While it runs.
pub(super) const FETCHING_ALL: &str = "Fetching everything for offline use";
/// Stops it.
pub(super) const STOP_FETCHING: &str = "Stop fetching";
/// It was told to stop.
pub(super) const STOPPING: &str = "Stopping after this file…";
/// Why it cannot be started.
pub(super) const FETCH_OFFLINE: &str = "The network is switched off in the settings";
/// Asks the source.
pub(super) const REFRESH: &str = "Refresh list";
/// While it is asked.
pub(super) const REFRESHING: &str = "Asking for the newest list…";
/// It knows nothing new.
pub(super) const NO_NEWS: &str = "The list is up to date";
/// It does.
pub(super) const NEWS: &str = "The list has changed";
/// Files that are new cannot be proven.
pub(super) const TREE_PROBLEM: &str =
    "The hashes of new files could not be had, so files that are new are not offered yet.";
/// While the network is switched off.
pub(super) const OFFLINE_HOW: &str = "Only firmware that is on this computer can be chosen.";
/// Switches the network on.
pub(super) const GO_ONLINE: &str = "Go online";
/// While the source cannot be reached.
pub(super) const UNREACHABLE_HOW: &str = "The source of firmware cannot be reached.";
/// Title of the user's own files.
pub(super) const OWN: &str = "A file of your own";
/// Under it.
pub(super) const OWN_HOW: &str =
    "Drop it anywhere in this window, open it, or paste its path. It is inspected first.";
/// What screen readers call the path field.
pub(super) const OWN_PATH: &str = "Path of the file";
/// Adds what an application in DFU mode needs.
pub(crate) const KATAPULT_WITH_IT: &str = "Add the official Katapult";
/// The same on the simulated bench.
pub(crate) const KATAPULT_PRACTICE: &str = "Add a practice Katapult";

/// Full or lite, in a word.
pub(super) fn variant(variant: Variant) -> &'static str {
    match variant {
        Variant::Full => "Full",
        Variant::Lite => "Lite",
    }
}

/// What is worth saying of a row, as far as there is room; what a version needs is also said below the list.
pub(super) fn note(row: &Row, newest: &str, roomy: bool) -> String {
    let mut notes = Vec::new();
    if row.is_on_probe() {
        notes.push(ON_PROBE.to_owned());
    }
    if row.newest {
        notes.push(newest.to_owned());
    }
    if row.archived {
        notes.push("Archive".to_owned());
    }
    if let Some(plugin) = row.min_plugin.filter(|_| roomy) {
        notes.push(format!("plugin {plugin}+"));
    }
    notes.join(" · ")
}

/// Where the bytes of a row are.
pub(super) fn status(status: Status) -> &'static str {
    match status {
        Status::NeedsDownload => "Needs download",
        Status::Present => "On this computer",
        Status::Checked => "Checked",
    }
}

/// Why a row cannot be chosen.
pub(super) fn unusable(why: Unusable) -> &'static str {
    match why {
        Unusable::OfflineMode | Unusable::Unreachable => NOT_HERE,
        Unusable::NotProvable => {
            "Too new: the hash that proves it could not be had. Refresh the list"
        }
    }
}

/// The check that shows the rest of the list.
pub(super) fn older(hidden: usize) -> String {
    match hidden {
        0 => "Show older and archived versions".to_owned(),
        1 => "Show older and archived versions (1 more)".to_owned(),
        more => format!("Show older and archived versions ({more} more)"),
    }
}

/// A newer version that is not for this choice.
pub(super) fn newer_elsewhere(
    version: FirmwareVersion,
    transport: Transport,
    variant: Variant,
) -> String {
    let lite = if variant == Variant::Lite {
        " lite"
    } else {
        ""
    };
    format!("{version} is out, but there is no{lite} build of it for {transport}")
}

/// What a version needs on the printer: title and how.
pub(in crate::ui) fn plugin(version: FirmwareVersion, plugin: FirmwareVersion) -> (String, String) {
    (
        format!("{version} needs cartographer3d-plugin {plugin} or newer on the printer"),
        "Update the plugin there first, or choose an older version.".to_owned(),
    )
}

/// While bytes are on their way.
pub(super) fn loading(version: FirmwareVersion) -> String {
    format!("Getting {version}…")
}

/// How far they are.
pub(super) fn received(received: u64, total: Option<u64>) -> String {
    match total {
        Some(total) if received > 0 => {
            format!("{} of {}", bytes(received.min(total)), bytes(total))
        }
        Some(total) => bytes(total),
        None if received > 0 => bytes(received),
        None => String::new(),
    }
}

/// True if all there is to say is that it is not here and the source does not answer.
pub(super) fn is_not_reached(error: &CatalogError) -> bool {
    let offline = matches!(error.fetch(), Some(FetchError::Offline { .. }));
    offline && !matches!(error, CatalogError::NotAvailable { damaged, .. } if !damaged.is_empty())
}

/// Title and sentence of that.
pub(super) fn not_reached(version: FirmwareVersion, transport: Transport) -> (String, String) {
    (
        "No connection".to_owned(),
        format!(
            "{version} for {transport} is not on this computer, and the source cannot be reached."
        ),
    )
}

/// Firmware is there and fits: title.
pub(super) fn ready(version: FirmwareVersion, transport: Transport) -> String {
    format!("{version} for {transport} is ready and fits this probe")
}

/// Where it came from.
pub(super) fn came_from(place: Option<Place>) -> &'static str {
    match place {
        None => "Practice firmware, made for the simulated probe.",
        Some(Place::Cache) => "Kept on this computer; its hash was checked just now.",
        Some(Place::Bundled) => "It came with this program; its hash was checked just now.",
        Some(Place::Network) => "Downloaded and checked just now, and kept for the next time.",
    }
}

/// How many files are here.
pub(super) fn counts(here: usize, all: usize) -> String {
    if here == all {
        format!("All {all} firmware files are on this computer")
    } else {
        format!("{here} of {all} firmware files are on this computer")
    }
}

/// How far fetching everything is.
pub(super) fn bulk_progress(done: usize, total: usize, fetched: u64) -> String {
    format!("{done} of {total} files · {} downloaded", bytes(fetched))
}

/// How fetching everything ended: title, sentence.
pub(super) fn bulk_ended(report: &BulkReport) -> (String, String) {
    let here = report.fetched.saturating_add(report.present);
    let title = if report
        .stopped
        .as_ref()
        .is_some_and(CatalogError::is_cancelled)
    {
        "Fetching was stopped"
    } else if !report.is_complete() {
        "Not everything could be fetched"
    } else {
        "Everything is on this computer"
    };
    let files = |count: usize| counted(u64::try_from(count).unwrap_or(u64::MAX), "file");
    let are = if here == 1 { "is" } else { "are" };
    let mut text = format!(
        "{} {are} here and checked, {} downloaded just now.",
        files(here),
        thousands(u64::try_from(report.fetched).unwrap_or(u64::MAX))
    );
    if !report.not_served.is_empty() {
        let lacking = files(report.not_served.len());
        text = format!("{text} The source does not have {lacking}.");
    }
    if !report.failed.is_empty() {
        text = format!("{text} {} did not work.", files(report.failed.len()));
    }
    if report.not_tried > 0 {
        text = format!("{text} Not tried: {}.", files(report.not_tried));
    }
    (title.to_owned(), text)
}

/// Title of what the lists disagree about.
pub(super) fn disagreements(count: usize) -> String {
    match count {
        1 => "1 thing in the lists does not fit together".to_owned(),
        count => format!("{count} things in the lists do not fit together"),
    }
}

/// Takes the official firmware instead of a file.
pub(crate) fn instead(version: FirmwareVersion, practice: bool) -> String {
    let kind = if practice { "practice" } else { "official" };
    format!("Use the {kind} {version} instead")
}

/// Which official file it is.
pub(crate) fn official(entry: &Entry) -> String {
    let version = entry.version.map(|version| format!(" {version}"));
    let archive = if entry.archived { " (archive)" } else { "" };
    let version = version.unwrap_or_default();
    format!("official{version}{archive}: {}", entry.path.file_name())
}

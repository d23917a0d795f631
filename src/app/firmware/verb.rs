//! What the primary button says and does while firmware is chosen from the list. Pure.

use std::cmp::Ordering;

use super::need::{Asked, asked, running_variant, running_version};
use super::rows::Row;
use super::{Ask, Load};
use crate::app::command::Command;
use crate::app::primary::{Primary, Verb, Why};
use crate::app::state::{AppState, Step};
use crate::image::FirmwareVersion;

/// The button of the Firmware step. `missing` and `not_reviewable` are what keeps every firmware from being
/// written.
pub fn primary(state: &AppState, missing: Option<Why>, not_reviewable: Option<Why>) -> Primary {
    let list = &state.list;
    let choice = list.choice.as_ref();
    let row = list.chosen_row();
    let failed = choice.is_some_and(|choice| matches!(choice.load, Load::Failed(_)));
    let verb = match row {
        Some(_) if failed => Verb::TryAgain,
        Some(row) => verb(state, row),
        None => Verb::Review,
    };
    let loaded = list.is_loaded();
    let disabled = missing.or_else(|| match asked(state) {
        Asked::NoProbe => Some(Why::NoProbe),
        Asked::UsbOrCan(_) => Some(Why::UsbOrCan),
        Asked::SwitchNeedsDfu(_) => Some(Why::SwitchNeedsDfu),
        Asked::Known(_) => match choice.map(|choice| &choice.load) {
            Some(Load::Loaded { .. }) => not_reviewable,
            Some(Load::Loading {
                then_review: true, ..
            }) => Some(Why::Fetching),
            Some(_) => None,
            None if list.listing.is_none() => Some(Why::OpeningCatalog),
            None if list.rows.is_empty() => Some(Why::NoFirmware),
            None if list.newest().is_some_and(Row::is_older) => Some(Why::ProbeIsNewer),
            None if list.rows.iter().any(|row| row.unusable.is_none()) => Some(Why::NothingNewer),
            None => Some(Why::NothingHere),
        },
    });
    let command = if loaded {
        Command::GoTo(Step::Review)
    } else {
        Command::Firmware(Ask::Install)
    };
    Primary {
        verb,
        command,
        disabled,
    }
}

/// What the first step can offer at once, for a probe that told its version: never an older one, and nothing that
/// the user should see before.
pub fn update_verb(state: &AppState) -> Option<Verb> {
    running_version(state.probe()?)?;
    match verb(state, state.list.recommended()?) {
        verb @ (Verb::UpdateTo(_) | Verb::Reinstall(_)) => Some(verb),
        _ => None,
    }
}

/// How the firmware of the chosen probe compares with the newest there is for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// Nothing newer exists.
    UpToDate,
    /// This exists, whether or not it can be had without the network.
    Newer(FirmwareVersion),
}

/// How the firmware of the chosen probe compares with the newest there is for it; `None` if that cannot be said.
pub fn news(state: &AppState) -> Option<News> {
    let seen = state.probe()?;
    let running = running_version(seen)?;
    let newest = state.list.newest()?;
    match newest.version.cmp(&running) {
        Ordering::Greater => Some(News::Newer(newest.version)),
        Ordering::Equal if running_variant(seen) == Some(newest.variant) => Some(News::UpToDate),
        Ordering::Equal | Ordering::Less => None,
    }
}

/// The version that is about to be written and the oldest cartographer3d-plugin it works with, where one is known.
pub fn needed_plugin(state: &AppState) -> Option<(FirmwareVersion, FirmwareVersion)> {
    let image = state.firmware.image()?;
    let row = state.list.chosen_row().filter(|_| state.list.is_loaded());
    if let Some(row) = row {
        return Some((row.version, row.min_plugin?));
    }
    let (sha256, official) = state.list.official.as_ref()?;
    let official = official.as_ref().filter(|_| sha256 == image.sha256())?;
    Some((official.version?, official.min_plugin?))
}

fn verb(state: &AppState, row: &Row) -> Verb {
    let Some((seen, running)) = state
        .probe()
        .and_then(|seen| Some((seen, running_version(seen)?)))
    else {
        return Verb::Install(row.version);
    };
    match row.version.cmp(&running) {
        Ordering::Greater => Verb::UpdateTo(row.version),
        Ordering::Equal if running_variant(seen) == Some(row.variant) => {
            Verb::Reinstall(row.version)
        }
        Ordering::Equal => Verb::Install(row.version),
        Ordering::Less => Verb::GoBackTo(row.version),
    }
}

//! What the primary button says and does while firmware is chosen from the list. Pure.

use super::need::{Asked, asked};
use super::rows::{Row, running_version};
use super::{Ask, Load};
use crate::app::command::Command;
use crate::app::primary::{Primary, Verb, Why};
use crate::app::state::{AppState, Running, Step};
use crate::image::{FirmwareVersion, Variant};

/// The button of the Firmware step. `missing` and `not_reviewable` are what keeps every firmware from being
/// written.
pub fn primary(state: &AppState, missing: Option<Why>, not_reviewable: Option<Why>) -> Primary {
    let list = &state.list;
    let choice = list.choice.as_ref();
    let row = list.chosen_row();
    let verb = row.map_or(Verb::Review, |row| verb(state, row));
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

/// What the first step can offer at once: the recommended firmware, for a probe that told its version.
pub fn update_verb(state: &AppState) -> Option<Verb> {
    running_version(state.probe()?)?;
    Some(verb(state, state.list.recommended()?))
}

fn verb(state: &AppState, row: &Row) -> Verb {
    let Some(Running::Version(text)) = state.probe().map(|seen| &seen.running) else {
        return Verb::Install(row.version);
    };
    let Some(running) = FirmwareVersion::from_text(text) else {
        return Verb::Install(row.version);
    };
    let same_variant = Variant::from_text(text) == row.variant;
    match row.version.cmp(&running) {
        std::cmp::Ordering::Greater => Verb::UpdateTo(row.version),
        std::cmp::Ordering::Equal if same_variant => Verb::Reinstall(row.version),
        std::cmp::Ordering::Equal => Verb::Install(row.version),
        std::cmp::Ordering::Less => Verb::GoBackTo(row.version),
    }
}

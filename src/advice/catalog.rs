//! Firmware that cannot be had: the files on this computer, the list, what is in the files.

use super::fetch::for_fetch_error;
use super::{Action, Advice, image, lower_first};
use crate::catalog::cache::{CacheError, FileDoing};
use crate::catalog::fetch::FetchError;
use crate::catalog::live::{Disagreement, Field, Problem};
use crate::catalog::{CatalogError, ComposeProblem, Mismatch, Note};

/// Why a firmware cannot be had. No probe was touched.
pub fn for_catalog_error(error: &CatalogError) -> Advice {
    let advice = match error {
        CatalogError::NotAvailable { id, damaged, why } => {
            return not_available(id, damaged.len(), why).details(error);
        }
        CatalogError::Fetch(why) => return for_fetch_error(why),
        CatalogError::Cache(why) => return for_cache_error(why),
        CatalogError::NotAsListed { id, mismatches } => Advice::new(
            "not_as_listed",
            "The source has other firmware than its list says",
            format!(
                "{id} differs from the list in {}. It is not used and not kept.",
                mismatches_label(mismatches)
            ),
        )
        .button(Action::ChooseFirmware, "Choose another version")
        .button(Action::SaveReport, "Tell the Cartographer team: their list and their file disagree"),
        CatalogError::NotFirmware { id, why } => {
            let inner = image::for_image_error(why);
            Advice::new(
                "not_firmware_at_source",
                "What the source has under this name is not firmware",
                format!("{id}: {}. It is not used and not kept.", lower_first(&inner.title)),
            )
            .button(Action::ChooseFirmware, "Choose another version")
        }
        CatalogError::NoHash { id } => Advice::new(
            "not_provable",
            "This file is too new to be proven",
            format!("{id} is in the list, but the listing of hashes could not be had, and without a hash nothing is written."),
        )
        .button(Action::TryAgain, "Try again when GitHub answers")
        .button(Action::ChooseFirmware, "Or choose an older version"),
        CatalogError::CannotCompose {
            bootloader,
            app,
            why,
        } => cannot_compose(bootloader, app, why),
        CatalogError::UnknownId { id } => Advice::new(
            "unknown_firmware",
            format!("There is no firmware called {id}"),
            "Neither the list in this program nor the last fetched one has it.",
        )
        .command("See what there is", "carto-flasher-cli firmware list"),
    };
    advice.details(error)
}

fn not_available(id: &str, damaged: usize, why: &FetchError) -> Advice {
    let mut advice = for_fetch_error(why);
    let here = match damaged {
        0 => format!("{id} is not on this computer"),
        1 => format!("The copy of {id} on this computer is damaged and is not used"),
        _ => format!("{damaged} copies of {id} on this computer are damaged and are not used"),
    };
    if *why == FetchError::OfflineMode {
        (advice.code, advice.title) = if damaged == 0 {
            (
                "not_on_this_computer",
                "This firmware is not on this computer".to_owned(),
            )
        } else {
            (
                "kept_file_damaged",
                "The firmware on this computer is damaged".to_owned(),
            )
        };
    }
    advice.cause = format!("{here}. {}", advice.cause);
    advice
}

fn cannot_compose(bootloader: &str, app: &str, why: &ComposeProblem) -> Advice {
    match why {
        ComposeProblem::Image(why) => image::for_image_error(why),
        ComposeProblem::Compose(why) => image::for_compose_error(why),
        ComposeProblem::NotOfficial { .. } => Advice::new(
            "not_the_official_image",
            "Bootloader and firmware do not give the official image",
            format!("{bootloader} and {app} together should have the hash of the official file, and do not. Nothing is written."),
        )
        .button(Action::ChooseFirmware, "Choose another version")
        .button(Action::SaveReport, "Save a report: this should not happen"),
    }
}

/// Why the files on this computer could not be used.
pub fn for_cache_error(error: &CacheError) -> Advice {
    let advice = match error {
        CacheError::NoFolder => Advice::new(
            "no_cache_folder",
            "There is no place to keep firmware",
            "This system names no folder for caches.",
        )
        .step("Name one: --cache FOLDER on the command line, or in the settings"),
        CacheError::DiskFull { path } => Advice::new(
            "disk_full",
            "The disk is full",
            format!("There is no room for {}.", path.display()),
        )
        .step("Make room: all official firmware together needs 4 MB")
        .step("Or keep it elsewhere: --cache FOLDER on the command line, or in the settings"),
        CacheError::NotWritable { path, .. } => Advice::new(
            "cache_not_writable",
            "Firmware cannot be kept here",
            format!("{} may not be written.", path.display()),
        )
        .step(
            "Keep it in a folder that is yours: --cache FOLDER on the command line, or in the settings",
        ),
        CacheError::Io { doing, path, .. } => Advice::new(
            "file_trouble",
            match doing {
                FileDoing::Reading => "A file could not be read",
                FileDoing::Writing => "A file could not be written",
                FileDoing::MakingFolder => "A folder could not be made",
                FileDoing::Deleting => "A file could not be deleted",
            },
            format!("The system refused it for {}.", path.display()),
        )
        .step("Check that the folder is there and yours"),
        CacheError::Damaged { path, set_aside } => Advice::new(
            "kept_file_damaged",
            "A kept file is damaged",
            match set_aside {
                Some(aside) => format!(
                    "{} was changed since it was fetched. It is not used; it is now {}.",
                    path.display(),
                    aside.display()
                ),
                None => format!(
                    "{} was changed since it was fetched. It is not used.",
                    path.display()
                ),
            },
        )
        .button(Action::TryAgain, "Fetch it again"),
    };
    advice.details(error)
}

/// Something that happened on the way to the right bytes, in a sentence.
pub fn for_note(note: &Note) -> String {
    match note {
        Note::Damaged { path, set_aside } => match set_aside {
            Some(aside) => format!(
                "{} was damaged. It is not used and was set aside as {}",
                path.display(),
                aside.display()
            ),
            None => format!("{} was damaged. It is not used", path.display()),
        },
        Note::WrongBundled { path } => {
            format!(
                "{} is not what its name says. It is not used",
                path.display()
            )
        }
        Note::Unreadable { why } => format!("A kept file could not be read: {why}"),
        Note::NotKept { why } => {
            format!("The firmware is right but could not be kept for the next time: {why}")
        }
    }
}

/// Something in which the lists do not fit together, in a sentence.
pub fn for_disagreement(disagreement: &Disagreement) -> String {
    match disagreement {
        Disagreement::Differs { path, field } => format!(
            "{path}: upstream's list says another {}. The file is proven by its hash, so what this program knows is used",
            field_label(*field)
        ),
        Disagreement::Replaced { path, .. } => {
            format!("{path}: upstream has other bytes under this name now. Both are listed")
        }
        Disagreement::Withdrawn { path } => format!("{path}: upstream does not list it any more"),
        Disagreement::Missing { path } => format!("{path}: listed, but upstream does not have it"),
        Disagreement::Unlisted { path, .. } => {
            format!("{path}: upstream has it, and no list says what it is. It is not offered")
        }
        Disagreement::Refused(refused) => {
            format!(
                "{}: not taken over, {}",
                refused.path,
                problem_label(refused.why)
            )
        }
    }
}

fn problem_label(problem: Problem) -> String {
    match problem {
        Problem::Path(why) => format!("because {why}"),
        Problem::Field(field) => format!("because its {} is not understood", field_label(field)),
        Problem::TooLarge { size } => {
            format!("because {size} bytes are more than any probe has room for")
        }
        Problem::Duplicate => "because it is listed twice".to_owned(),
        Problem::TooMany => "because the list has too many rows".to_owned(),
    }
}

fn field_label(field: Field) -> &'static str {
    match field {
        Field::Row => "row",
        Field::Board => "board",
        Field::Role => "kind",
        Field::Transport => "transport",
        Field::Variant => "build (full or lite)",
        Field::Version => "version",
        Field::MinPlugin => "plugin version",
        Field::Hash => "hash",
    }
}

fn mismatches_label(mismatches: &[Mismatch]) -> String {
    let names: Vec<&str> = mismatches
        .iter()
        .map(|mismatch| match mismatch {
            Mismatch::Mcu => "chip",
            Mismatch::Role => "kind",
            Mismatch::LinkAddress => "address",
            Mismatch::Transport => "transport",
            Mismatch::Version => "version",
            Mismatch::Variant => "build (full or lite)",
        })
        .collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damage_is_told_before_the_reason_it_could_not_be_mended() {
        let not_available = |damaged| {
            for_catalog_error(&CatalogError::NotAvailable {
                id: "v4-6.2.0-usb-full".into(),
                damaged,
                why: FetchError::OfflineMode,
            })
        };
        let advice = not_available(vec!["/cache/x".into()]);
        assert_eq!(advice.code, "kept_file_damaged");
        assert!(
            advice.cause.starts_with("The copy of v4-6.2.0-usb-full"),
            "{advice:?}"
        );
        assert!(
            advice.cause.ends_with("The network is not asked now."),
            "{advice:?}"
        );
        assert_eq!(not_available(Vec::new()).code, "not_on_this_computer");
    }
}

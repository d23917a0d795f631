//! Firmware that cannot be had: the network, the files on this computer, the list.

use super::{Action, Advice, image};
use crate::catalog::cache::{CacheError, FileDoing};
use crate::catalog::fetch::FetchError;
use crate::catalog::live::{Disagreement, Field, Problem};
use crate::catalog::{CatalogError, ComposeProblem, Mismatch, Note};

const LATER: &str = "Try again in a while";
const OFFLINE_WAY: &str = "Or fetch the firmware on another computer and bring its folder along: \
    carto-flasher-cli firmware fetch --all --to firmware-cache";

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
        .step("See what there is: carto-flasher-cli firmware list"),
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

/// Why something could not be fetched.
pub fn for_fetch_error(error: &FetchError) -> Advice {
    no_way_there(error)
        .or_else(|| bad_answer(error))
        .unwrap_or_else(|| bad_file(error))
        .details(error)
}

/// The server was not reached.
fn no_way_there(error: &FetchError) -> Option<Advice> {
    Some(match error {
        FetchError::OfflineMode => Advice::new(
            "offline_mode",
            "Working offline",
            "The network is not asked now.",
        )
        .step("Fetch it once while online"),
        FetchError::Offline { host, .. } => Advice::new(
            "no_connection",
            "No connection",
            format!("{host} could not be reached: there is no network, or it is blocked."),
        )
        .button(Action::TryAgain, "Check the network and try again")
        .step(OFFLINE_WAY),
        FetchError::TimedOut { url, after } => Advice::new(
            "timed_out",
            "The server does not answer",
            format!("Nothing came from {} for {} s.", host_of(url), after.as_secs()),
        )
        .button(Action::TryAgain, LATER)
        .step(OFFLINE_WAY),
        FetchError::Tls {
            host,
            clock_suspect,
            ..
        } => {
            let advice = Advice::new(
                "no_secure_connection",
                "No secure connection",
                format!("{host} could not prove that it is who it should be, so nothing was fetched from it."),
            );
            if *clock_suspect {
                advice.step("Check the date of this computer: a wrong one makes every certificate look invalid")
            } else {
                advice.step("A virus scanner or the network may be reading along: try another network")
            }
        }
        FetchError::BadUrl { url, reason } => Advice::new(
            "bad_address",
            "This is not an address to fetch from",
            format!("About {url:?}: {reason}."),
        )
        .step("Give the address of a folder that has firmware_list.csv and firmware in it, such as https://example.org/mirror/"),
        FetchError::RateLimited { .. } => Advice::new(
            "rate_limited",
            "The server has had enough requests for now",
            "It allows only so many an hour from one network.",
        )
        .button(Action::TryAgain, "Try again in an hour"),
        FetchError::Cancelled => Advice::new(
            "cancelled",
            "Stopped",
            "What was fetched until then is kept.",
        ),
        _ => return None,
    })
}

/// The server answered, with something else than the file.
fn bad_answer(error: &FetchError) -> Option<Advice> {
    Some(match error {
        FetchError::Status { url, code: 404 } => Advice::new(
            "not_found",
            "The source does not have this file",
            format!("{} has no {}.", host_of(url), path_of(url)),
        )
        .button(
            Action::ChooseFirmware,
            "Choose another version, or another source",
        ),
        FetchError::Status { url, code } if *code >= 500 => Advice::new(
            "server_trouble",
            "The server is in trouble",
            format!("{} answered with status {code}.", host_of(url)),
        )
        .button(Action::TryAgain, LATER),
        FetchError::Status { url, code } => Advice::new(
            "refused_by_server",
            "The server refuses to give the file",
            format!("{} answered with status {code}.", host_of(url)),
        )
        .step("Check the address of the source"),
        FetchError::WebPage { url } => Advice::new(
            "web_page_instead",
            "A web page came instead of the file",
            format!(
                "What stands at {} is no firmware: perhaps this network wants you to log in first.",
                host_of(url)
            ),
        )
        .step("Open any page in a browser, log in to the network, and try again"),
        FetchError::NotCsv { url, reason } => Advice::new(
            "not_a_firmware_list",
            "The source has no usable list of firmware",
            format!(
                "What {} has as firmware_list.csv is something else: {reason}.",
                host_of(url)
            ),
        )
        .step("Check the address of the source"),
        FetchError::NotTree { url, .. } => Advice::new(
            "not_a_firmware_list",
            "The listing of hashes is not usable",
            format!("What came from {} is something else.", host_of(url)),
        )
        .button(Action::TryAgain, LATER),
        FetchError::RedirectLoop { url } => Advice::new(
            "redirect_loop",
            "The server sends us in circles",
            format!("{} redirects without end.", host_of(url)),
        )
        .step("Check the address of the source"),
        FetchError::UnsafeRedirect { url } => Advice::new(
            "unsafe_redirect",
            "The server sends us somewhere unsafe",
            format!(
                "{} redirects from a secure address to one that is not. It was not followed.",
                host_of(url)
            ),
        )
        .step("A login page of the network does this: log in to it in a browser, then try again"),
        FetchError::Encoding { url, .. } | FetchError::Protocol { url, .. } => Advice::new(
            "strange_answer",
            "The server's answer is not understood",
            format!("{} does not answer as a web server should.", host_of(url)),
        )
        .step("Check the address of the source"),
        _ => return None,
    })
}

/// A file came, and it is not the right one.
fn bad_file(error: &FetchError) -> Advice {
    match error {
        FetchError::CutOff { received, .. } => Advice::new(
            "download_cut_off",
            "The download was cut off",
            format!("The connection ended after {received} bytes, more than once."),
        )
        .button(Action::TryAgain, "Try again: it goes on where it stopped"),
        FetchError::TooLarge { limit, .. } => Advice::new(
            "download_too_large",
            "The file is too large to be firmware",
            format!(
                "What is offered has more than {} KiB. It was not fetched.",
                limit / 1024
            ),
        )
        .step("Check the address of the source"),
        FetchError::WrongLength {
            expected, actual, ..
        } => Advice::new(
            "wrong_download",
            "The source has another file under this name",
            format!("It has {actual} bytes instead of {expected}. It is not used and not kept."),
        )
        .step("Try another source, or try again later"),
        _ => Advice::new(
            "wrong_download",
            "The source has another file under this name",
            "Its hash is not the official one. It is not used and not kept.",
        )
        .step("Try another source, or try again later"),
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

fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}

fn path_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split_once('/').map_or(rest, |(_, path)| path)
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(letters).collect()
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::time::Duration;

    use super::*;

    fn every_fetch_error() -> Vec<FetchError> {
        let url = || "https://example.org/m/firmware/v4/a.bin".to_owned();
        let text = || "x".to_owned();
        vec![
            FetchError::OfflineMode,
            FetchError::Offline {
                host: text(),
                detail: text(),
            },
            FetchError::TimedOut {
                url: url(),
                after: Duration::from_secs(20),
            },
            FetchError::Status {
                url: url(),
                code: 404,
            },
            FetchError::Status {
                url: url(),
                code: 503,
            },
            FetchError::Status {
                url: url(),
                code: 403,
            },
            FetchError::RateLimited {
                url: url(),
                until: None,
            },
            FetchError::TooLarge {
                url: url(),
                limit: 524_288,
                announced: None,
            },
            FetchError::CutOff {
                url: url(),
                received: 7,
                expected: None,
            },
            FetchError::WrongLength {
                url: url(),
                expected: 2,
                actual: 1,
            },
            FetchError::WrongBytes {
                url: url(),
                expected: text(),
                actual: text(),
            },
            FetchError::WebPage { url: url() },
            FetchError::NotCsv {
                url: url(),
                reason: "a column is missing",
            },
            FetchError::NotTree {
                url: url(),
                detail: text(),
            },
            FetchError::RedirectLoop { url: url() },
            FetchError::UnsafeRedirect { url: url() },
            FetchError::BadUrl {
                url: text(),
                reason: "it has no host",
            },
            FetchError::Tls {
                host: text(),
                detail: text(),
                clock_suspect: true,
            },
            FetchError::Encoding {
                url: url(),
                encoding: text(),
            },
            FetchError::Protocol {
                url: url(),
                detail: text(),
            },
            FetchError::Cancelled,
        ]
    }

    #[test]
    fn every_failure_of_the_network_has_a_sentence_and_a_way_out() {
        let mut titles = HashSet::new();
        for error in every_fetch_error() {
            let advice = for_fetch_error(&error);
            assert!(advice.cause.ends_with('.'), "{advice:?}");
            assert!(!advice.details.is_empty(), "{advice:?}");
            assert!(!advice.title.contains("rror"), "{advice:?}");
            assert_eq!(
                advice.steps.is_empty(),
                error == FetchError::Cancelled,
                "{advice:?}"
            );
            titles.insert(advice.title);
        }
        // Wrong bytes and a wrong length are the same to a person; all else is told apart.
        assert_eq!(titles.len(), every_fetch_error().len() - 1, "{titles:?}");
    }

    #[test]
    fn a_wrong_address_is_quoted_and_a_missing_file_named() {
        let advice = for_fetch_error(&FetchError::Status {
            url: "https://example.org/m/firmware/v4/a.bin".into(),
            code: 404,
        });
        assert_eq!(advice.cause, "example.org has no m/firmware/v4/a.bin.");
    }

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

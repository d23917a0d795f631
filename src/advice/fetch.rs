//! Something that could not be fetched: no way there, a strange answer, the wrong file.

use super::{Action, Advice};
use crate::catalog::fetch::FetchError;

const LATER: &str = "Try again in a while";
const OFFLINE_WAY: &str = "Or fetch the firmware on another computer and bring its folder along";
const FETCH_ALL: &str = "carto-flasher-cli firmware fetch --all --to firmware-cache";

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
        .command(OFFLINE_WAY, FETCH_ALL),
        FetchError::TimedOut { url, after } => Advice::new(
            "timed_out",
            "The server does not answer",
            format!("Nothing came from {} for {} s.", host_of(url), after.as_secs()),
        )
        .button(Action::TryAgain, LATER)
        .command(OFFLINE_WAY, FETCH_ALL),
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

fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}

fn path_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split_once('/').map_or(rest, |(_, path)| path)
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
        // To a person wrong bytes are the same as a wrong length, and one strange answer the same as another.
        assert_eq!(titles.len(), every_fetch_error().len() - 2, "{titles:?}");
    }

    #[test]
    fn a_wrong_address_is_quoted_and_a_missing_file_named() {
        let advice = for_fetch_error(&FetchError::Status {
            url: "https://example.org/m/firmware/v4/a.bin".into(),
            code: 404,
        });
        assert_eq!(advice.cause, "example.org has no m/firmware/v4/a.bin.");
    }
}

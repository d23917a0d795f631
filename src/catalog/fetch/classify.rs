//! What an error of the HTTP client means, and which redirects it may follow.

use std::error::Error;
use std::io;
use std::time::Duration;

use reqwest::redirect;

use super::{FetchError, Request, url};

const MAX_REDIRECTS: usize = 5;

/// Why a redirect is not followed; travels inside the client's error.
#[derive(Debug, PartialEq, thiserror::Error)]
enum NoFollow {
    #[error("too many redirects")]
    Loop,
    #[error("redirect to an unsafe address")]
    Unsafe,
}

pub(super) fn follow(attempt: redirect::Attempt<'_>) -> redirect::Action {
    let hops = attempt.previous().len();
    let from = attempt.previous().last().map_or("", |url| url.scheme());
    match may_follow(from, attempt.url().scheme(), hops) {
        Ok(()) => attempt.follow(),
        Err(why) => attempt.error(why),
    }
}

/// From one scheme to another, after so many redirects: never out of https, nor to anything but the two.
fn may_follow(from: &str, to: &str, hops: usize) -> Result<(), NoFollow> {
    match (from, to) {
        _ if hops > MAX_REDIRECTS => Err(NoFollow::Loop),
        (_, "https") | ("http", "http") => Ok(()),
        _ => Err(NoFollow::Unsafe),
    }
}

/// Says what an error of the client means, by walking through its causes.
pub(super) fn classify(
    error: &(dyn Error + 'static),
    request: &Request<'_>,
    silence: Duration,
    received: u64,
) -> FetchError {
    let url = request.url.to_owned();
    let host = url::host(request.url).to_owned();
    let mut connecting = false;
    let mut cut_off = received > 0;
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(stop) = error.downcast_ref::<NoFollow>() {
            return match stop {
                NoFollow::Loop => FetchError::RedirectLoop { url },
                NoFollow::Unsafe => FetchError::UnsafeRedirect { url },
            };
        }
        if let Some(tls) = error.downcast_ref::<rustls::Error>() {
            return FetchError::Tls {
                host,
                detail: tls.to_string(),
                clock_suspect: blames_clock(tls),
            };
        }
        if let Some(error) = error.downcast_ref::<reqwest::Error>() {
            if error.is_timeout() {
                return FetchError::TimedOut {
                    url,
                    after: silence,
                };
            }
            if error.is_builder() {
                return FetchError::BadUrl {
                    url,
                    reason: "it cannot be read as an address",
                };
            }
            connecting |= error.is_connect();
            cut_off |= error.is_body() || error.is_decode();
        }
        cause = error.source();
        if let Some(error) = error.downcast_ref::<io::Error>() {
            cut_off |= matches!(
                error.kind(),
                io::ErrorKind::ConnectionReset
                    | io::ErrorKind::ConnectionAborted
                    | io::ErrorKind::BrokenPipe
                    | io::ErrorKind::UnexpectedEof
            );
            // `source` of an io::Error skips the error it was made from.
            cause = error
                .get_ref()
                .map(|inner| inner as &(dyn Error + 'static))
                .or(cause);
        }
    }
    let detail = causes(error);
    // A connection that ends in the handshake leaves no other trace than these words.
    if connecting && detail.starts_with("tls handshake") {
        FetchError::Tls {
            host,
            detail,
            clock_suspect: false,
        }
    } else if connecting {
        FetchError::Offline { host, detail }
    } else if cut_off || detail.contains("connection closed") {
        FetchError::CutOff {
            url,
            received,
            expected: request.expected_bytes,
        }
    } else {
        FetchError::Protocol { url, detail }
    }
}

fn blames_clock(error: &rustls::Error) -> bool {
    use rustls::CertificateError::{Expired, ExpiredContext, NotValidYet, NotValidYetContext};
    matches!(
        error,
        rustls::Error::InvalidCertificate(
            Expired | ExpiredContext { .. } | NotValidYet | NotValidYetContext { .. }
        )
    )
}

pub(super) fn with_expected(error: FetchError, announced: Option<u64>) -> FetchError {
    match error {
        FetchError::CutOff {
            url,
            received,
            expected,
        } => FetchError::CutOff {
            url,
            received,
            expected: expected.or(announced),
        },
        other => other,
    }
}

/// The innermost words of an error: the outer ones repeat the address.
pub(super) fn causes(error: &(dyn Error + 'static)) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_never_leave_https_nor_the_web() {
        for (from, to, hops, followed) in [
            ("http", "http", 1, Ok(())),
            ("http", "https", 1, Ok(())),
            ("https", "https", MAX_REDIRECTS, Ok(())),
            ("https", "http", 1, Err(NoFollow::Unsafe)),
            ("https", "file", 1, Err(NoFollow::Unsafe)),
            ("http", "ftp", 1, Err(NoFollow::Unsafe)),
            ("http", "file", 1, Err(NoFollow::Unsafe)),
            ("https", "https", MAX_REDIRECTS + 1, Err(NoFollow::Loop)),
        ] {
            assert_eq!(may_follow(from, to, hops), followed, "{from} to {to}");
        }
    }
}

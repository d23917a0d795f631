//! Gets bytes by HTTP. Only here and below is the HTTP client named.
//!
//! Bounded in every direction: connecting, silence, whole time, size, redirects. Sends nothing but the
//! request and the program's name. Proxies come from the environment and the system, except for this very
//! computer.

mod classify;
mod error;
mod gzip;
mod page;
mod rate;
mod request;
mod url;

use std::error::Error;
use std::io::{self, Read as _};
use std::ops::ControlFlow;
use std::sync::OnceLock;
use std::time::Duration;

use reqwest::StatusCode;
use reqwest::blocking::{Client, RequestBuilder, Response};
use reqwest::header::{self, HeaderMap, HeaderName};
use reqwest::redirect;

use crate::transport::{Clock, OnBytes};
use classify::{causes, classify, follow, with_expected};
pub use error::FetchError;
use gzip::GzipError;
pub(super) use page::looks_like_web_page;
pub use request::{Fetch, Reply, Request, Validators};
pub use url::{BaseUrl, UPSTREAM, UPSTREAM_TREE};

/// How long [`Http`] waits.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For a connection.
    pub connect: Duration,
    /// For the beginning of an answer, and for each next piece of it.
    pub silence: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            silence: Duration::from_secs(20),
        }
    }
}

/// [`Fetch`] by HTTP and HTTPS. Costs nothing until it is used.
#[derive(Debug, Default)]
pub struct Http {
    patience: Patience,
    proxied: OnceLock<Result<Client, String>>,
    direct: OnceLock<Result<Client, String>>,
}

const USER_AGENT: &str = concat!("carto-flasher/", env!("CARGO_PKG_VERSION"));
const PIECE: usize = 16 * 1024;
/// Longer validators are not kept; real ones have some 70 characters.
const MAX_VALIDATOR: usize = 256;

impl Http {
    /// With other waiting times than usual.
    pub fn with_patience(patience: Patience) -> Self {
        Self {
            patience,
            ..Self::default()
        }
    }

    fn client(&self, url: &str) -> Result<&Client, FetchError> {
        let direct = url::is_loopback(url);
        let slot = if direct { &self.direct } else { &self.proxied };
        slot.get_or_init(|| self.build(direct))
            .as_ref()
            .map_err(|detail| FetchError::Tls {
                host: url::host(url).to_owned(),
                detail: detail.clone(),
                clock_suspect: false,
            })
    }

    fn build(&self, direct: bool) -> Result<Client, String> {
        // An error means that a provider is installed already, which is as good.
        drop(rustls::crypto::ring::default_provider().install_default());
        let builder = Client::builder()
            .user_agent(USER_AGENT)
            .connect_timeout(self.patience.connect)
            .timeout(self.patience.silence)
            .redirect(redirect::Policy::custom(follow))
            .referer(false);
        let builder = if direct { builder.no_proxy() } else { builder };
        builder.build().map_err(|error| causes(&error))
    }
}

impl Fetch for Http {
    fn get(
        &self,
        request: &Request<'_>,
        clock: &dyn Clock,
        body: &mut Vec<u8>,
        on_bytes: &mut OnBytes<'_>,
    ) -> Result<Reply, FetchError> {
        let started = clock.now();
        let client = self.client(request.url)?;
        let failed = |error: &(dyn Error + 'static), received| {
            classify(error, request, self.patience.silence, received)
        };
        let response = prepare(client, request, body.len())
            .send()
            .map_err(|error| failed(&error, 0))?;
        let mut response = match triage(response, request, clock, body)? {
            Triage::NotModified => return Ok(Reply::NotModified),
            Triage::Read(response) => response,
        };
        if text(response.headers(), &header::CONTENT_TYPE).is_some_and(is_html) {
            body.clear();
            return Err(web_page(request));
        }
        let validators = validators(response.headers());
        let packed = is_packed(response.headers(), request)?;
        if packed {
            body.clear();
        }
        let expected = announced_length(&response, request, packed, body.len())?;
        let read = read_all(&mut response, request, body, &mut |read| {
            if clock.now().saturating_sub(started) > request.within {
                return Err(FetchError::TimedOut {
                    url: request.url.to_owned(),
                    after: request.within,
                });
            }
            match on_bytes(read) {
                ControlFlow::Break(()) => Err(FetchError::Cancelled),
                ControlFlow::Continue(()) => Ok(()),
            }
        });
        if let Err(stop) = read {
            let error = match stop {
                Stop::Broken(error) => with_expected(failed(&error, as_u64(body.len())), expected),
                Stop::TooLarge => {
                    body.clear();
                    too_large(request, expected)
                }
                Stop::Told(error) => error,
            };
            // Half of a packed file is not the beginning of the file.
            if packed {
                body.clear();
            }
            return Err(error);
        }
        if packed {
            unpack(body, request)?;
        }
        check_length(body, request)?;
        Ok(Reply::Whole(validators))
    }
}

/// Why a body was not read to its end.
enum Stop {
    Broken(io::Error),
    TooLarge,
    Told(FetchError),
}

fn read_all(
    response: &mut Response,
    request: &Request<'_>,
    body: &mut Vec<u8>,
    go_on: &mut dyn FnMut(u64) -> Result<(), FetchError>,
) -> Result<(), Stop> {
    let mut piece = vec![0; PIECE];
    loop {
        let read = match response.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Stop::Broken(error)),
        };
        body.extend_from_slice(piece.get(..read).unwrap_or_default());
        if as_u64(body.len()) > request.max_bytes {
            return Err(Stop::TooLarge);
        }
        go_on(as_u64(read)).map_err(Stop::Told)?;
    }
}

fn prepare(client: &Client, request: &Request<'_>, have: usize) -> RequestBuilder {
    let mut builder = client
        .get(request.url)
        .header(header::ACCEPT_ENCODING, "identity");
    if have > 0 {
        builder = builder.header(header::RANGE, format!("bytes={have}-"));
    }
    if let Some(known) = request.validators {
        if let Some(etag) = &known.etag {
            builder = builder.header(header::IF_NONE_MATCH, etag);
        }
        if let Some(date) = &known.last_modified {
            builder = builder.header(header::IF_MODIFIED_SINCE, date);
        }
    }
    builder
}

enum Triage {
    NotModified,
    Read(Response),
}

/// Sorts an answer by its status; makes `body` what the rest of it will be added to.
fn triage(
    response: Response,
    request: &Request<'_>,
    clock: &dyn Clock,
    body: &mut Vec<u8>,
) -> Result<Triage, FetchError> {
    let status = response.status();
    match status {
        StatusCode::NOT_MODIFIED if request.validators.is_some() => return Ok(Triage::NotModified),
        StatusCode::OK => {
            body.clear();
            return Ok(Triage::Read(response));
        }
        StatusCode::PARTIAL_CONTENT => {
            let range = text(response.headers(), &header::CONTENT_RANGE).unwrap_or_default();
            if !body.is_empty() && range.starts_with(&format!("bytes {}-", body.len())) {
                return Ok(Triage::Read(response));
            }
            body.clear();
            return Err(FetchError::Protocol {
                url: request.url.to_owned(),
                detail: "another part of the file came than was asked for".to_owned(),
            });
        }
        _ => {}
    }
    // Whatever was kept of the file is not worth keeping if the server does not want to continue it.
    if status == StatusCode::RANGE_NOT_SATISFIABLE {
        body.clear();
    }
    let headers = response.headers();
    let limit = rate::Headers {
        retry_after: text(headers, &header::RETRY_AFTER),
        remaining: text(headers, &HeaderName::from_static("x-ratelimit-remaining")),
        reset: text(headers, &HeaderName::from_static("x-ratelimit-reset")),
        date: text(headers, &header::DATE),
    };
    let url = request.url.to_owned();
    Err(
        match rate::limited_until(status.as_u16(), limit, clock.wall()) {
            Some(limited) => FetchError::RateLimited {
                url,
                until: limited.until,
            },
            None => FetchError::Status {
                url,
                code: status.as_u16(),
            },
        },
    )
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn validators(headers: &HeaderMap) -> Validators {
    let keep = |name| {
        text(headers, name)
            .filter(|value| value.len() <= MAX_VALIDATOR)
            .map(str::to_owned)
    };
    Validators {
        etag: keep(&header::ETAG),
        last_modified: keep(&header::LAST_MODIFIED),
    }
}

fn is_packed(headers: &HeaderMap, request: &Request<'_>) -> Result<bool, FetchError> {
    match text(headers, &header::CONTENT_ENCODING).unwrap_or("identity") {
        "identity" | "" => Ok(false),
        "gzip" | "x-gzip" => Ok(true),
        other => Err(encoding(request, other)),
    }
}

fn is_html(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default();
    kind.trim().eq_ignore_ascii_case("text/html")
}

fn web_page(request: &Request<'_>) -> FetchError {
    FetchError::WebPage {
        url: request.url.to_owned(),
    }
}

fn encoding(request: &Request<'_>, what: &str) -> FetchError {
    FetchError::Encoding {
        url: request.url.to_owned(),
        encoding: what.chars().take(40).collect(),
    }
}

/// The length the whole body will have, refused if it is wrong from the start.
fn announced_length(
    response: &Response,
    request: &Request<'_>,
    packed: bool,
    have: usize,
) -> Result<Option<u64>, FetchError> {
    let announced = text(response.headers(), &header::CONTENT_LENGTH)
        .and_then(|length| length.parse::<u64>().ok())
        .map(|length| length.saturating_add(as_u64(have)));
    match (announced, request.expected_bytes) {
        (Some(length), _) if length > request.max_bytes => Err(too_large(request, announced)),
        (Some(actual), Some(expected)) if !packed && actual != expected => {
            Err(FetchError::WrongLength {
                url: request.url.to_owned(),
                expected,
                actual,
            })
        }
        (None, expected) if !packed => Ok(expected),
        _ => Ok(announced),
    }
}

fn too_large(request: &Request<'_>, announced: Option<u64>) -> FetchError {
    FetchError::TooLarge {
        url: request.url.to_owned(),
        limit: request.max_bytes,
        announced: announced.filter(|length| *length > request.max_bytes),
    }
}

fn unpack(body: &mut Vec<u8>, request: &Request<'_>) -> Result<(), FetchError> {
    let packed = std::mem::take(body);
    let limit = usize::try_from(request.max_bytes).unwrap_or(usize::MAX);
    *body = gzip::gunzip(&packed, limit).map_err(|error| match error {
        GzipError::TooLarge => too_large(request, None),
        GzipError::Damaged => encoding(request, "damaged gzip"),
    })?;
    Ok(())
}

fn check_length(body: &mut Vec<u8>, request: &Request<'_>) -> Result<(), FetchError> {
    let actual = as_u64(body.len());
    match request.expected_bytes {
        Some(expected) if expected != actual => {
            let is_page = looks_like_web_page(body);
            body.clear();
            if is_page {
                return Err(web_page(request));
            }
            Err(FetchError::WrongLength {
                url: request.url.to_owned(),
                expected,
                actual,
            })
        }
        _ => Ok(()),
    }
}

/// A `usize` fits in 64 bits on every system this program runs on.
fn as_u64(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

//! One file from the network, proven: tries again where that may help and goes on where an earlier try ended.

use std::time::Duration;

use super::cache::{Cache, MAX_OBJECT};
use super::entry::Entry;
use super::fetch::{Fetch, FetchError, Request, looks_like_web_page};
use crate::digest::{BlobSha1, Sha256};
use crate::transport::{Clock, OnBytes};

const ATTEMPTS: u32 = 3;
/// Between tries; doubled each time.
const PAUSE: Duration = Duration::from_millis(400);
/// Much for 42 KB, so only hit by a connection that is of no use.
const WITHIN: Duration = Duration::from_mins(2);

/// Fetches a file and checks its hash, if one is known.
pub(super) fn download(
    fetch: &dyn Fetch,
    cache: Option<&Cache>,
    entry: &Entry,
    url: &str,
    clock: &dyn Clock,
    on_bytes: &mut OnBytes<'_>,
) -> Result<Vec<u8>, FetchError> {
    // Without a hash, two halves of different files could not be told from one file.
    let journal = cache
        .filter(|_| entry.has_hash())
        .map(|cache| (cache, key(entry)));
    let save = |bytes: &[u8]| {
        if let Some((cache, key)) = &journal {
            cache.set_partial(key, bytes);
        }
    };
    let mut body = journal
        .as_ref()
        .map(|(cache, key)| cache.partial(key))
        .unwrap_or_default();
    if entry
        .size
        .is_some_and(|size| u64::try_from(body.len()).is_ok_and(|have| have >= size))
    {
        body.clear();
    }
    let request = Request {
        url,
        max_bytes: MAX_OBJECT,
        expected_bytes: entry.size,
        validators: None,
        within: WITHIN,
    };
    let mut pause = PAUSE;
    let mut attempt = 1;
    loop {
        let resumed = !body.is_empty();
        let result = fetch
            .get(&request, clock, &mut body, on_bytes)
            .and_then(|_whole| check(entry, &body, url));
        let Err(error) = result else {
            save(&[]);
            return Ok(body);
        };
        let can_go_on = match error {
            FetchError::TimedOut { .. } | FetchError::Cancelled => true,
            _ => error.is_passing(),
        };
        if !(can_go_on && entry.has_hash()) {
            body.clear();
        }
        // A continuation that went wrong says nothing about the file: begin anew.
        let begin_anew = resumed && body.is_empty() && !error.concerns_everything();
        if attempt >= ATTEMPTS || !(begin_anew || error.is_passing()) {
            save(&body);
            return Err(error);
        }
        attempt += 1;
        clock.sleep(pause);
        pause = pause.saturating_mul(2);
    }
}

/// Names the file in the cache's own folders.
pub(super) fn key(entry: &Entry) -> String {
    match (&entry.sha256, &entry.git_blob_sha1, &entry.origin) {
        (Some(sha256), _, _) => sha256.to_string(),
        (None, Some(blob), _) => blob.to_string(),
        (None, None, origin) => {
            let source = match origin {
                super::Origin::Embedded => "",
                super::Origin::Fetched { source, .. } => source,
            };
            Sha256::of(format!("{source}\n{}", entry.path).as_bytes()).to_string()
        }
    }
}

/// Checks a file against every hash that is known of it.
pub(super) fn check(entry: &Entry, bytes: &[u8], url: &str) -> Result<(), FetchError> {
    let wrong = |expected: String, actual: String| {
        if looks_like_web_page(bytes) {
            FetchError::WebPage {
                url: url.to_owned(),
            }
        } else {
            FetchError::WrongBytes {
                url: url.to_owned(),
                expected,
                actual,
            }
        }
    };
    if let Some(expected) = &entry.sha256 {
        let actual = Sha256::of(bytes);
        if actual != *expected {
            return Err(wrong(expected.to_string(), actual.to_string()));
        }
    } else if let Some(expected) = &entry.git_blob_sha1 {
        let actual = BlobSha1::of(bytes);
        if actual != *expected {
            return Err(wrong(expected.to_string(), actual.to_string()));
        }
    } else if looks_like_web_page(bytes) {
        return Err(FetchError::WebPage {
            url: url.to_owned(),
        });
    }
    Ok(())
}

//! What can be asked for and how it can be answered, whatever the way to the network.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::FetchError;
use crate::transport::{Clock, OnBytes};

/// What the server remembers a version of a file by.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Validators {
    /// `ETag`.
    pub etag: Option<String>,
    /// `Last-Modified`.
    pub last_modified: Option<String>,
}

/// One thing to get.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Whole address.
    pub url: &'a str,
    /// The most bytes to accept.
    pub max_bytes: u64,
    /// The length the file has, if known.
    pub expected_bytes: Option<u64>,
    /// What was remembered when it was fetched last; the answer may then be [`Reply::NotModified`].
    pub validators: Option<&'a Validators>,
    /// The most time to spend on it.
    pub within: Duration,
}

/// How a request was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// It is still what it was.
    NotModified,
    /// The body is whole.
    Whole(Validators),
}

/// Gets bytes from somewhere.
pub trait Fetch: Send + Sync {
    /// Gets one thing into `body`. What `body` holds already is the beginning of the file from an earlier try:
    /// it is continued if the server can, else replaced. After an error it holds what came, for another try.
    ///
    /// `on_bytes` is told how many bytes came since the last call and may stop it.
    fn get(
        &self,
        request: &Request<'_>,
        clock: &dyn Clock,
        body: &mut Vec<u8>,
        on_bytes: &mut OnBytes<'_>,
    ) -> Result<Reply, FetchError>;
}

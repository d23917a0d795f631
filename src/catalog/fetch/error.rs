//! Why something could not be fetched.

use std::time::{Duration, SystemTime};

use thiserror::Error;

/// Why something could not be fetched. Words for people: [`crate::advice`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The network was not asked: this program was told to stay offline.
    #[error("the network is switched off by --offline or by the settings")]
    OfflineMode,
    /// No connection: no network, an unknown host, or nothing listens there.
    #[error("no connection to {host}: {detail}")]
    Offline {
        /// Whom it was to reach.
        host: String,
        /// What the system said.
        detail: String,
    },
    /// Nothing came for too long, or too little in the time allowed.
    #[error("{url} did not answer within {} s", after.as_secs())]
    TimedOut {
        /// What was asked for.
        url: String,
        /// How long was waited.
        after: Duration,
    },
    /// The server answered, with something else than the file.
    #[error("{url} answered with status {code}")]
    Status {
        /// What was asked for.
        url: String,
        /// HTTP status code.
        code: u16,
    },
    /// The server has had enough of us for now.
    #[error("{url}: too many requests for now")]
    RateLimited {
        /// What was asked for.
        url: String,
        /// When to ask again, by this computer's clock (even if that is wrong); unknown if the server did not
        /// say.
        until: Option<SystemTime>,
    },
    /// More bytes than such a file can have.
    #[error("{url} is larger than {limit} bytes")]
    TooLarge {
        /// What was asked for.
        url: String,
        /// The most that is accepted.
        limit: u64,
        /// What the server announced, if it did.
        announced: Option<u64>,
    },
    /// The connection ended in the middle.
    #[error("{url} was cut off after {received} bytes")]
    CutOff {
        /// What was asked for.
        url: String,
        /// How many bytes had come.
        received: u64,
        /// How many should have.
        expected: Option<u64>,
    },
    /// The whole answer came, and is not as long as the file.
    #[error("{url} has {actual} bytes instead of {expected}")]
    WrongLength {
        /// What was asked for.
        url: String,
        /// How long the file is.
        expected: u64,
        /// How long the answer is.
        actual: u64,
    },
    /// Other bytes than the file's.
    #[error("{url} has the wrong content: {actual} instead of {expected}")]
    WrongBytes {
        /// What was asked for.
        url: String,
        /// The digest it should have.
        expected: String,
        /// The digest it has, of the same kind.
        actual: String,
    },
    /// A web page instead of the file: a login page of the network, or an error page.
    #[error("{url} is a web page instead of the file")]
    WebPage {
        /// What was asked for.
        url: String,
    },
    /// Not upstream's list.
    #[error("{url} is not a firmware list: {reason}")]
    NotCsv {
        /// What was asked for.
        url: String,
        /// What is missing.
        reason: &'static str,
    },
    /// Not the tree listing of the GitHub API.
    #[error("{url} is not a tree listing: {detail}")]
    NotTree {
        /// What was asked for.
        url: String,
        /// What the parser said.
        detail: String,
    },
    /// Too many redirects.
    #[error("{url} redirects without end")]
    RedirectLoop {
        /// What was asked for.
        url: String,
    },
    /// A redirect from https to http, or to something that is neither.
    #[error("{url} redirects to an address that is not safe")]
    UnsafeRedirect {
        /// What was asked for.
        url: String,
    },
    /// The address is not one to fetch from.
    #[error("{url:?} is not a usable address: {reason}")]
    BadUrl {
        /// As given.
        url: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// No secure connection.
    #[error("no secure connection to {host}: {detail}")]
    Tls {
        /// Whom it was to reach.
        host: String,
        /// What the library said.
        detail: String,
        /// The certificate is expired or not valid yet: this computer's clock may be wrong.
        clock_suspect: bool,
    },
    /// The answer is packed in a way that was not asked for and is not understood.
    #[error("{url} is sent in an encoding that is not understood ({encoding})")]
    Encoding {
        /// What was asked for.
        url: String,
        /// Its name, or what is wrong with it.
        encoding: String,
    },
    /// What came is not HTTP as it should be.
    #[error("{url}: {detail}")]
    Protocol {
        /// What was asked for.
        url: String,
        /// What is wrong.
        detail: String,
    },
    /// The user stopped it.
    #[error("stopped")]
    Cancelled,
}

impl FetchError {
    /// True if asking again at once may help.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::CutOff { .. } => true,
            Self::Status { code, .. } => *code >= 500,
            _ => false,
        }
    }

    /// True if no other file will fare better for now, so that it is of no use to go on asking.
    pub fn concerns_everything(&self) -> bool {
        matches!(
            self,
            Self::OfflineMode
                | Self::Offline { .. }
                | Self::RateLimited { .. }
                | Self::Tls { .. }
                | Self::BadUrl { .. }
                | Self::Cancelled
        )
    }
}

//! Addresses: checked once, joined safely. Pure.

use std::fmt;
use std::fmt::Write as _;

use super::FetchError;
use crate::catalog::path::RepoPath;

/// Where upstream's repository is served: `firmware_list.csv` and `firmware/…` below it.
pub const UPSTREAM: &str =
    "https://raw.githubusercontent.com/Cartographer3D/cartographer_firmware/main/";
/// Upstream's tree listing with git blob hashes (boards-and-firmware.md §7).
pub const UPSTREAM_TREE: &str =
    "https://api.github.com/repos/Cartographer3D/cartographer_firmware/git/trees/main?recursive=1";

const MAX_LENGTH: usize = 1024;

/// An http or https address that ends in a slash, without user, query or fragment.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BaseUrl(String);

impl BaseUrl {
    /// Checks an address as a person may give it.
    pub fn parse(text: &str) -> Result<Self, FetchError> {
        let text = text.trim();
        let bad = |reason| FetchError::BadUrl {
            url: text.to_owned(),
            reason,
        };
        if text.len() > MAX_LENGTH {
            return Err(bad("too long"));
        }
        if !text.chars().all(|c| c.is_ascii_graphic()) || text.contains('\\') {
            return Err(bad(
                "it has a space or another character that must be escaped",
            ));
        }
        let (scheme, rest) = text
            .split_once("://")
            .ok_or_else(|| bad("it does not start with http:// or https://"))?;
        let scheme = scheme.to_ascii_lowercase();
        if scheme != "http" && scheme != "https" {
            return Err(bad("it does not start with http:// or https://"));
        }
        if rest.contains(['?', '#']) {
            return Err(bad("it has a query or a fragment"));
        }
        let host = rest.split('/').next().unwrap_or_default();
        if host.is_empty() || host.starts_with(':') {
            return Err(bad("it has no host"));
        }
        if host.contains('@') {
            return Err(bad("it has a user name or a password in it"));
        }
        let slash = if rest.ends_with('/') { "" } else { "/" };
        Ok(Self(format!("{scheme}://{rest}{slash}")))
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// True for upstream itself, as opposed to a mirror.
    pub fn is_upstream(&self) -> bool {
        self.0 == UPSTREAM
    }

    /// Address of the list.
    pub fn list(&self) -> String {
        format!("{}firmware_list.csv", self.0)
    }

    /// Address of a firmware file.
    pub fn file(&self, path: &RepoPath) -> String {
        let mut url = format!("{}firmware/", self.0);
        for byte in path.as_str().bytes() {
            // RFC 3986 §2.3: unreserved characters stand for themselves; the slash separates.
            if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
                url.push(char::from(byte));
            } else {
                // Writing to a String cannot fail.
                write!(url, "%{byte:02X}").unwrap_or_default();
            }
        }
        url
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The host of an address, with its port, for messages.
pub(super) fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or(rest)
}

/// True if the address is this very computer, which no proxy can stand for.
pub(super) fn is_loopback(url: &str) -> bool {
    let host = host(url);
    let name = match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or(v6),
        None => host.rsplit_once(':').map_or(host, |(name, _port)| name),
    };
    name.eq_ignore_ascii_case("localhost")
        || name
            .parse::<std::net::IpAddr>()
            .is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bases_are_checked_and_normalised() {
        for (text, base) in [
            ("http://127.0.0.1:8000", "http://127.0.0.1:8000/"),
            (
                " HTTPS://Example.org/mirror ",
                "https://Example.org/mirror/",
            ),
            ("http://[::1]:9/a/", "http://[::1]:9/a/"),
        ] {
            assert_eq!(BaseUrl::parse(text).unwrap().as_str(), base);
        }
        assert!(BaseUrl::parse(UPSTREAM).unwrap().is_upstream());
        for bad in [
            "",
            "example.org",
            "ftp://example.org",
            "file:///etc",
            "http://",
            "http:///x",
            "http://:80/",
            "http://user:pass@host/",
            "http://host/?q",
            "http://host/#f",
            "http://host/a b",
            "http://hö/",
            "http://host\\x",
        ] {
            assert!(
                matches!(BaseUrl::parse(bad), Err(FetchError::BadUrl { .. })),
                "{bad:?}"
            );
        }
    }

    #[test]
    fn spaces_and_parentheses_are_escaped() {
        let path =
            RepoPath::parse("v2-v3/archive/Firmware v3 (3.0.0 badly named)/a_1.bin").unwrap();
        assert_eq!(
            BaseUrl::parse("http://h").unwrap().file(&path),
            "http://h/firmware/v2-v3/archive/Firmware%20v3%20%283.0.0%20badly%20named%29/a_1.bin"
        );
    }

    #[test]
    fn loopback_is_recognised() {
        for url in [
            "http://127.0.0.1:1/x",
            "http://localhost/",
            "http://[::1]:80/",
            "http://127.9.9.9",
        ] {
            assert!(is_loopback(url), "{url}");
        }
        for url in [
            "http://127.0.0.1.example.org/",
            "http://192.168.0.1/",
            "http://[2001:db8::1]/",
        ] {
            assert!(!is_loopback(url), "{url}");
        }
    }
}

//! Is there a newer version of this program? Asks GitHub's releases at most once a day, and tells; it downloads and
//! installs nothing.
//!
//! Parsing and deciding are pure. The request goes through [`catalog::fetch`](crate::catalog::fetch), the only door to
//! the network. Whatever fails, fails in silence: a missing notice is no harm.

use std::ops::ControlFlow;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use semver::Version;
use serde::Deserialize;

use crate::catalog::fetch::{BaseUrl, Fetch, FetchError, Request};
use crate::transport::Clock;

/// Where releases are asked for: `releases/latest` below it (GitHub REST API, "Get the latest release").
pub const SOURCE: &str = "https://api.github.com/repos/carto-flasher/carto-flasher/";
/// Where people read about releases. Never taken from an answer, so that no answer can lead them elsewhere.
const PAGE: &str = "https://github.com/carto-flasher/carto-flasher/releases/tag/";

/// Not asked more often than this.
const EVERY: Duration = Duration::from_hours(24);
/// An answer has some 30 KB with many files attached; more than this is none.
const MAX_BYTES: u64 = 512 * 1024;
/// The most time for it.
const WITHIN: Duration = Duration::from_secs(30);
/// No version is longer.
const MAX_TAG: usize = 64;

/// A version of this program that can be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// Its version.
    pub version: Version,
    /// The name of its tag.
    tag: String,
}

impl Release {
    /// The page that offers it.
    pub fn page(&self) -> String {
        // Of what a version may contain, only the plus has a meaning of its own in addresses.
        format!("{PAGE}{}", self.tag.replace('+', "%2B"))
    }

    /// True if somebody who has `present` and wished not to hear of `skipped` wants to hear of this one.
    pub fn is_news(&self, present: &Version, skipped: Option<&str>) -> bool {
        // Build metadata does not make a version newer (Semantic Versioning 2.0.0 §10).
        self.version.cmp_precedence(present).is_gt()
            && skipped.and_then(|text| Version::parse(text).ok()).as_ref() != Some(&self.version)
    }
}

/// The version of this program.
pub fn present() -> Option<Version> {
    Version::parse(env!("CARGO_PKG_VERSION")).ok()
}

/// The seconds since 1970, as they are remembered.
pub fn seconds(wall: SystemTime) -> u64 {
    wall.duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs()
}

/// True if a day has passed since the last time, or if the clock was set back.
pub fn is_due(asked_at: Option<u64>, now: u64) -> bool {
    asked_at.is_none_or(|at| now.checked_sub(at).is_none_or(|age| age >= EVERY.as_secs()))
}

/// Asks for the latest release. `None` if there is none that is meant for everybody.
///
/// # Errors
/// The network or the server; not worth telling anybody.
pub fn ask(
    fetch: &dyn Fetch,
    source: &str,
    clock: &dyn Clock,
) -> Result<Option<Release>, FetchError> {
    let base = BaseUrl::parse(source)?;
    let url = format!("{}releases/latest", base.as_str());
    let request = Request {
        url: &url,
        max_bytes: MAX_BYTES,
        expected_bytes: None,
        validators: None,
        within: WITHIN,
    };
    let mut body = Vec::new();
    fetch.get(&request, clock, &mut body, &mut |_| {
        ControlFlow::Continue(())
    })?;
    Ok(parse(&body))
}

/// The release in an answer of GitHub's. `None` for drafts, pre-releases, and whatever is no release of ours.
pub fn parse(answer: &[u8]) -> Option<Release> {
    #[derive(Deserialize)]
    struct Answer {
        tag_name: String,
        #[serde(default)]
        draft: bool,
        #[serde(default)]
        prerelease: bool,
    }
    let answer: Answer = serde_json::from_slice(answer).ok()?;
    if answer.draft || answer.prerelease || answer.tag_name.len() > MAX_TAG {
        return None;
    }
    let text = answer
        .tag_name
        .strip_prefix('v')
        .unwrap_or(&answer.tag_name);
    let version = Version::parse(text).ok()?;
    Some(Release {
        version,
        tag: answer.tag_name,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(tag: &str) -> Release {
        parse(format!(r#"{{"tag_name":"{tag}"}}"#).as_bytes()).unwrap()
    }

    #[test]
    fn newer_is_newer_by_semantic_versioning() {
        let rows = [
            ("v0.1.0", "0.1.0", false),
            ("v0.1.1", "0.1.0", true),
            ("0.2.0", "0.1.9", true),
            ("v0.10.0", "0.9.0", true),
            ("v0.9.0", "0.10.0", false),
            // A release follows its candidates, and candidates are ordered by number.
            ("v1.0.0", "1.0.0-rc.1", true),
            ("v1.0.0-rc.1", "1.0.0", false),
            ("v1.0.0-rc.10", "1.0.0-rc.9", true),
            ("v1.0.0-alpha", "1.0.0-alpha.1", false),
            // Builds are all alike.
            ("v1.0.0+deb1", "1.0.0", false),
            ("v1.0.0", "1.0.0+deb1", false),
            ("v1.0.1+1", "1.0.0+2", true),
        ];
        for (tag, present, newer) in rows {
            let present = Version::parse(present).unwrap();
            assert_eq!(
                release(tag).is_news(&present, None),
                newer,
                "{tag} for {present}"
            );
        }
    }

    #[test]
    fn a_skipped_version_is_not_told_and_the_next_one_is() {
        let present = Version::new(0, 1, 0);
        assert!(!release("v0.2.0").is_news(&present, Some("0.2.0")));
        assert!(release("v0.2.1").is_news(&present, Some("0.2.0")));
        assert!(release("v0.2.0").is_news(&present, Some("nonsense")));
    }

    #[test]
    fn what_is_no_release_for_everybody_is_none() {
        for answer in [
            "",
            "{}",
            "[]",
            "null",
            r#"{"tag_name":7}"#,
            r#"{"tag_name":"latest"}"#,
            r#"{"tag_name":"v1.0"}"#,
            r#"{"tag_name":"v1.0.0/../../evil"}"#,
            r#"{"tag_name":"v1.0.0","draft":true}"#,
            r#"{"tag_name":"v1.0.0","prerelease":true}"#,
            r#"{"message":"API rate limit exceeded"}"#,
            "<!DOCTYPE html>",
        ] {
            assert_eq!(parse(answer.as_bytes()), None, "{answer}");
        }
        let long = format!(r#"{{"tag_name":"v1.0.0-{}"}}"#, "a".repeat(100));
        assert_eq!(parse(long.as_bytes()), None);
    }

    #[test]
    fn the_page_is_ours_whatever_the_answer_says() {
        let answer = br#"{"tag_name":"v1.2.3+b.4","html_url":"https://evil.example/"}"#;
        assert_eq!(
            parse(answer).unwrap().page(),
            "https://github.com/carto-flasher/carto-flasher/releases/tag/v1.2.3%2Bb.4"
        );
    }

    #[test]
    fn once_a_day_and_after_the_clock_was_set_back() {
        const DAY: u64 = 86_400;
        let rows = [
            (None, 0, true),
            (Some(1000), 1000, false),
            (Some(1000), 1000 + DAY - 1, false),
            (Some(1000), 1000 + DAY, true),
            (Some(1000), 999, true),
            (Some(u64::MAX), 5, true),
        ];
        for (asked_at, now, due) in rows {
            assert_eq!(is_due(asked_at, now), due, "{asked_at:?} at {now}");
        }
    }

    proptest::proptest! {
        #[test]
        fn never_panics(answer in proptest::collection::vec(0u8.., 0..300), tag in ".{0,80}") {
            let _none = parse(&answer);
            if let Some(release) = parse(serde_json::json!({ "tag_name": tag }).to_string().as_bytes()) {
                proptest::prop_assert!(release.page().is_ascii());
            }
        }
    }
}

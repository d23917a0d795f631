//! Rate-limit replies, as GitHub and others give them. Pure.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Longer waits are not believed: GitHub's window is an hour, and a computer whose clock stands in 1970 would
/// compute half a century.
const LONGEST_WAIT: Duration = Duration::from_hours(24);

/// The headers that matter, as they came.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Headers<'a> {
    /// `Retry-After`, RFC 9110 §10.2.3: seconds or a date.
    pub retry_after: Option<&'a str>,
    /// `X-RateLimit-Remaining`.
    pub remaining: Option<&'a str>,
    /// `X-RateLimit-Reset`: seconds since 1970.
    pub reset: Option<&'a str>,
    /// `Date`: the server's clock.
    pub date: Option<&'a str>,
}

/// The server has had enough of us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Limited {
    /// Until when, by our own clock, if the server said so.
    pub until: Option<SystemTime>,
}

/// Whether a reply with this status means "too many requests".
pub(super) fn limited_until(
    status: u16,
    headers: Headers<'_>,
    wall: SystemTime,
) -> Option<Limited> {
    let limited = status == 429
        || (matches!(status, 403 | 503)
            && (headers.retry_after.is_some() || headers.remaining.map(str::trim) == Some("0")));
    limited.then(|| {
        let server_now = headers
            .date
            .and_then(parse_http_date)
            .unwrap_or_else(|| wall.duration_since(UNIX_EPOCH).unwrap_or_default());
        Limited {
            until: wait(headers, server_now)
                .filter(|wait| *wait <= LONGEST_WAIT)
                .and_then(|wait| wall.checked_add(wait)),
        }
    })
}

fn wait(headers: Headers<'_>, server_now: Duration) -> Option<Duration> {
    let seconds = |text: &str| text.trim().parse().ok().map(Duration::from_secs);
    if let Some(text) = headers.retry_after {
        return seconds(text).or_else(|| Some(parse_http_date(text)?.saturating_sub(server_now)));
    }
    Some(seconds(headers.reset?)?.saturating_sub(server_now))
}

/// `Sun, 06 Nov 1994 08:49:37 GMT` as the time since 1970 (RFC 9110 §5.6.7, the one format servers send).
fn parse_http_date(text: &str) -> Option<Duration> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let (_weekday, date) = text.trim().split_once(", ")?;
    let mut words = date.split(' ');
    let day: u64 = words.next()?.parse().ok()?;
    let name = words.next()?;
    let month = MONTHS.iter().position(|month| *month == name)?;
    let year: u64 = words.next()?.parse().ok()?;
    let mut clock = words
        .next()?
        .split(':')
        .map(|part| part.parse::<u64>().ok());
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    if words.next() != Some("GMT") || !(1970..=9999).contains(&year) || !(1..=31).contains(&day) {
        return None;
    }
    let leap_days = |year: u64| year / 4 - year / 100 + year / 400;
    let is_leap = leap_days(year) > leap_days(year - 1);
    let before_month: u64 = [
        31,
        if is_leap { 29 } else { 28 },
        31,
        30,
        31,
        30,
        31,
        31,
        30,
        31,
        30,
        31,
    ]
    .iter()
    .take(month)
    .sum();
    let days = (year - 1970) * 365 + leap_days(year - 1) - leap_days(1969) + before_month + day - 1;
    let seconds = days * 86_400 + hour.min(23) * 3600 + minute.min(59) * 60 + second.min(60);
    Some(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn until(until: Option<SystemTime>) -> Limited {
        Limited { until }
    }

    #[test]
    fn dates() {
        for (text, seconds) in [
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(784_111_777)),
            ("Thu, 01 Jan 1970 00:00:00 GMT", Some(0)),
            ("Thu, 29 Feb 2024 12:00:00 GMT", Some(1_709_208_000)),
            ("Fri, 01 Mar 2024 00:00:00 GMT", Some(1_709_251_200)),
            ("Sat, 09 May 2026 10:20:30 GMT", Some(1_778_322_030)),
            ("Sunday, 06-Nov-94 08:49:37 GMT", None),
            ("Sun, 06 Nov 1994 08:49:37 +0100", None),
            ("Sun, 06 Nov 99999999999999999999 08:49:37 GMT", None),
            ("", None),
        ] {
            assert_eq!(
                parse_http_date(text),
                seconds.map(Duration::from_secs),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_a_limit() {
        let spent = Headers {
            remaining: Some("0"),
            ..Headers::default()
        };
        let left = Headers {
            remaining: Some("12"),
            ..Headers::default()
        };
        for (status, headers, limited) in [
            (429, Headers::default(), true),
            (403, spent, true),
            (403, left, false),
            (403, Headers::default(), false),
            (404, spent, false),
            (
                503,
                Headers {
                    retry_after: Some("5"),
                    ..Headers::default()
                },
                true,
            ),
            (503, Headers::default(), false),
        ] {
            assert_eq!(
                limited_until(status, headers, at(0)).is_some(),
                limited,
                "{status} {headers:?}"
            );
        }
    }

    #[test]
    fn until_when_by_our_clock() {
        let date = Some("Sun, 06 Nov 1994 08:49:37 GMT");
        let reset = Headers {
            remaining: Some("0"),
            reset: Some("784112377"),
            date,
            ..Headers::default()
        };
        // Ten minutes by the server's clock, whatever ours says.
        assert_eq!(
            limited_until(403, reset, at(784_111_777)),
            Some(until(Some(at(784_112_377))))
        );
        assert_eq!(limited_until(403, reset, at(5)), Some(until(Some(at(605)))));
        // Without the server's clock, 1970 makes no sense of it.
        let dateless = Headers {
            date: None,
            ..reset
        };
        assert_eq!(limited_until(403, dateless, at(5)), Some(until(None)));
        assert_eq!(
            limited_until(403, dateless, at(784_112_370)),
            Some(until(Some(at(784_112_377))))
        );
        let seconds = Headers {
            retry_after: Some("30"),
            ..Headers::default()
        };
        assert_eq!(
            limited_until(429, seconds, at(100)),
            Some(until(Some(at(130))))
        );
        let past = Headers {
            retry_after: date,
            date,
            ..Headers::default()
        };
        assert_eq!(
            limited_until(429, past, at(100)),
            Some(until(Some(at(100))))
        );
        let nonsense = Headers {
            retry_after: Some("soon"),
            ..Headers::default()
        };
        assert_eq!(limited_until(429, nonsense, at(100)), Some(until(None)));
        let forever = Headers {
            retry_after: Some("18446744073709551615"),
            ..Headers::default()
        };
        assert_eq!(limited_until(429, forever, at(100)), Some(until(None)));
    }
}

//! When to ask again, and how long to wait before.

use std::time::Duration;

use reqwest::header::HeaderMap;

/// Longest wait this library chooses by itself.
// Source: https://developer.atlassian.com/cloud/confluence/rate-limiting/
pub(super) const LONGEST: Duration = Duration::from_secs(30);

/// Statuses that may pass: asked again where asking twice does no harm.
pub(super) fn may_pass(status: u16) -> bool {
    matches!(status, 429 | 500 | 502 | 503 | 504)
}

/// How long the server asks to wait: `Retry-After` in seconds or as a date, else, for a 429, `X-RateLimit-Reset`.
/// `now` is the local clock; a `Date` header wins over it, because clocks differ. No wait at all (0, a time that has
/// passed) does not ask to come back at once, which would use up every repetition within a moment: `None`.
pub(super) fn asked_wait(status: u16, headers: &HeaderMap, now: jiff::Timestamp) -> Option<Duration> {
    named_wait(status, headers, now).filter(|wait| !wait.is_zero())
}

fn named_wait(status: u16, headers: &HeaderMap, now: jiff::Timestamp) -> Option<Duration> {
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).map(str::trim).filter(|t| !t.is_empty());
    let now = text("date").and_then(http_date).unwrap_or(now);
    let until = |at: jiff::Timestamp| Duration::try_from(at.duration_since(now)).unwrap_or_default();
    if let Some(value) = text("retry-after") {
        if let Ok(seconds) = value.parse::<f64>() {
            // Longer than a year is nonsense; it is still "too long to wait".
            let wait = Duration::try_from_secs_f64(seconds.clamp(0.0, 31_536_000.0)).unwrap_or_default();
            if !wait.is_zero() {
                return Some(wait);
            }
        } else if let Some(wait) = http_date(value).map(until).filter(|wait| !wait.is_zero()) {
            return Some(wait);
        }
    }
    if status != 429 {
        return None;
    }
    let reset = text("x-ratelimit-reset")?;
    if let Some(at) = iso_date(reset) {
        return Some(until(at));
    }
    // Some proxies write seconds: of the epoch, or from now.
    let seconds = reset.parse::<i64>().ok().filter(|s| *s >= 0)?;
    if seconds > 1_000_000_000 {
        return jiff::Timestamp::from_second(seconds).ok().map(until);
    }
    Some(Duration::from_secs(seconds.unsigned_abs()))
}

/// The time of the server in an answer.
pub(super) fn stated_time(headers: &HeaderMap) -> Option<jiff::Timestamp> {
    headers.get("date").and_then(|value| value.to_str().ok()).and_then(http_date)
}

fn http_date(text: &str) -> Option<jiff::Timestamp> {
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()
}

/// ISO 8601, seconds optional (`2026-11-21T10:00Z`).
fn iso_date(text: &str) -> Option<jiff::Timestamp> {
    if let Ok(at) = text.parse() {
        return Some(at);
    }
    let civil: jiff::civil::DateTime = text.trim_end_matches('Z').parse().ok()?;
    civil.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|z| z.timestamp())
}

/// The wait before repetition `n` (from 0) where the server named none: doubling, never above [`LONGEST`], each one
/// shifted by chance so that clients who failed together do not come back together.
pub(super) fn chosen_wait(first: Duration, n: u32) -> Duration {
    let doubled = first.saturating_mul(2_u32.saturating_pow(n.min(16))).min(LONGEST);
    doubled.mul_f64(0.7 + 0.6 * fastrand::f64())
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderName, HeaderValue};

    use super::*;

    fn wait(status: u16, headers: &[(&'static str, &'static str)]) -> Option<f64> {
        let map: HeaderMap =
            headers.iter().map(|(k, v)| (HeaderName::from_static(k), HeaderValue::from_static(v))).collect();
        let now = "2026-11-21T10:00:00Z".parse().unwrap();
        asked_wait(status, &map, now).map(|d| d.as_secs_f64())
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        assert_eq!(wait(429, &[("retry-after", "7")]), Some(7.0));
        assert_eq!(wait(503, &[("retry-after", " 1.5 ")]), Some(1.5));
        assert_eq!(wait(429, &[("retry-after", "Sat, 21 Nov 2026 10:00:09 GMT")]), Some(9.0));
        assert_eq!(wait(429, &[("retry-after", "soon")]), None);
    }

    #[test]
    fn no_wait_at_all_is_the_same_as_no_header() {
        for none in ["0", "0.0", "-4", "Sat, 21 Nov 2026 09:00:09 GMT"] {
            assert_eq!(wait(429, &[("retry-after", none)]), None, "{none}");
            assert_eq!(wait(503, &[("retry-after", none)]), None, "{none}");
            let both = [("retry-after", none), ("x-ratelimit-reset", "2026-11-21T10:00:30Z")];
            assert_eq!(wait(429, &both), Some(30.0), "{none}");
        }
        assert_eq!(wait(429, &[("x-ratelimit-reset", "2026-11-21T09:00:30Z")]), None);
        assert_eq!(wait(429, &[("x-ratelimit-reset", "0")]), None);
    }

    #[test]
    fn a_wait_without_end_is_a_long_one() {
        for absurd in ["9223372036854775807", "1e300", "inf"] {
            assert!(wait(429, &[("retry-after", absurd)]).is_some_and(|s| s > 3e7), "{absurd}");
        }
        assert_eq!(wait(429, &[("retry-after", "NaN")]), None);
        assert!(wait(429, &[("x-ratelimit-reset", "2099-01-01T00:00Z")]).is_some_and(|s| s > 3e7));
        assert!(wait(429, &[("x-ratelimit-reset", "4070908800")]).is_some_and(|s| s > 3e7));
        assert!(wait(429, &[("x-ratelimit-reset", "9223372036854775807")]).is_none());
    }

    #[test]
    fn the_clock_of_the_server_is_the_one_a_date_is_measured_by() {
        let headers = [("retry-after", "Sat, 21 Nov 2026 12:00:09 GMT"), ("date", "Sat, 21 Nov 2026 12:00:00 GMT")];
        assert_eq!(wait(429, &headers), Some(9.0));
    }

    #[test]
    fn without_it_the_reset_of_the_quota_counts_but_only_for_a_429() {
        assert_eq!(wait(429, &[("x-ratelimit-reset", "2026-11-21T10:00:30Z")]), Some(30.0));
        assert_eq!(wait(429, &[("x-ratelimit-reset", "2026-11-21T10:01Z")]), Some(60.0));
        assert_eq!(wait(503, &[("x-ratelimit-reset", "2026-11-21T10:00:30Z")]), None);
        assert_eq!(wait(429, &[("x-ratelimit-reset", "12")]), Some(12.0));
        assert_eq!(wait(429, &[]), None);
    }

    #[test]
    fn waits_double_with_some_chance_and_an_end() {
        for n in 0..40 {
            let wait = chosen_wait(Duration::from_millis(500), n);
            assert!(wait <= LONGEST.mul_f64(1.3), "{wait:?}");
            let plain = (0.5 * f64::from(2_u32.saturating_pow(n.min(16)))).min(30.0);
            assert!(wait.as_secs_f64() >= plain * 0.69 && wait.as_secs_f64() <= plain * 1.31);
        }
    }
}

//! What the audit log is asked. Positions in a listing are added by [`Request::continued`].
// Source: https://developer.atlassian.com/server/framework/atlassian-sdk/rest/api-group-events/

use super::routes;
use crate::apis::request::Request;
use crate::apis::rest_v1::requests as v1;
use crate::model::Timestamp;

/// Page size. The documents name no largest one; a server that will not have it is asked for [`FEWER`].
pub const LIMIT: u32 = 1000;

/// Page size every server is known to serve.
pub const FEWER: u32 = 100;

/// Events between two moments in milliseconds since 1970, newest first. Whether the bounds are included is not
/// documented. The filters by category and action take words in the language of the server, so nothing is filtered there.
pub fn events(since: Option<i64>, until: Option<i64>, search: Option<&str>, limit: u32) -> Request {
    let mut request = Request::to(&routes::EVENTS, &[]).positions("pageCursor", "offset");
    if let Some(since) = since {
        request = request.with("from", moment(since));
    }
    if let Some(until) = until {
        request = request.with("to", moment(until));
    }
    if let Some(text) = search {
        request = request.with("search", text);
    }
    request.with("limit", limit)
}

/// ISO 8601 in UTC with milliseconds.
fn moment(milliseconds: i64) -> String {
    let end = if milliseconds < 0 { Timestamp::MIN } else { Timestamp::MAX };
    let at = Timestamp::from_millisecond(milliseconds).unwrap_or(end);
    at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

/// How much of each area is recorded.
// Source: https://developer.atlassian.com/server/framework/atlassian-sdk/rest/api-group-configuration/
pub fn coverage() -> Request {
    Request::to(&routes::COVERAGE, &[])
}

/// Which actions are not recorded.
pub fn denylist() -> Request {
    Request::to(&routes::DENYLIST, &[])
}

/// Records between two moments in milliseconds since 1970, from the `start`-th on: what versions before 7.5 have.
// Source: https://developer.atlassian.com/server/confluence/rest/v1020/api-group-audit/
pub fn legacy(since: Option<i64>, until: Option<i64>, search: Option<&str>, start: u64, limit: u32) -> Request {
    v1::audit(&routes::LEGACY, (since, until), search, start, limit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apis::Continuation;

    fn line(request: &Request) -> String {
        let query: Vec<String> = request.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        format!("{}?{}", request.line(), query.join("&"))
    }

    #[test]
    fn events_are_asked_for_by_moments_and_followed_by_their_cursor() {
        let first = events(Some(1_781_013_868_902), Some(1_781_100_000_000), Some("restriction"), 1000);
        let range = "from=2026-06-09T14:04:28.902Z&to=2026-06-10T14:00:00.000Z&search=restriction&limit=1000";
        assert_eq!(line(&first), format!("GET /rest/auditing/1.0/events?{range}"));
        let second = first.continued(&Continuation::Cursor("1781013868902,77".into())).unwrap();
        assert_eq!(line(&second), format!("GET /rest/auditing/1.0/events?{range}&pageCursor=1781013868902,77"));
        assert!(second.continued(&Continuation::Cursor("1781013868902,77".into())).is_err());
        let by_offset = events(None, None, None, 100).continued(&Continuation::Skip(100)).unwrap();
        assert_eq!(line(&by_offset), "GET /rest/auditing/1.0/events?limit=100&offset=100");
        assert_eq!(by_offset.continued(&Continuation::Skip(50)).unwrap().start(), 150);
    }

    #[test]
    fn the_rest_is_asked_as_documented() {
        assert_eq!(coverage().line(), "GET /rest/auditing/1.0/configuration/coverage");
        assert_eq!(denylist().line(), "GET /rest/auditing/1.0/configuration/denylist");
        assert_eq!(
            line(&legacy(Some(1), Some(2), Some("x"), 0, 1000)),
            "GET /rest/api/audit?startDate=1&endDate=2&searchString=x&start=0&limit=1000"
        );
    }

    #[test]
    fn a_moment_out_of_range_is_the_nearest_there_is() {
        assert!(moment(i64::MIN).starts_with('-') && moment(i64::MAX).starts_with("9999-12-"));
    }
}

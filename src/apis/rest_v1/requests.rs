//! What both are asked in the same words.

use crate::apis::request::Request;
use crate::apis::route::Route;

/// Both kinds of subject of one list.
pub(crate) const LISTS: &str = "restrictions.user,restrictions.group";

/// Both lists of a content with both kinds of subject. Never `ancestors.restrictions`: one draft among the ancestors
/// turns the whole page of results into a 404.
// Source: https://jira.atlassian.com/browse/CONFCLOUD-77618
pub(crate) const RESTRICTIONS: &str = "restrictions.read.restrictions.user,restrictions.read.restrictions.group,\
restrictions.update.restrictions.user,restrictions.update.restrictions.group";

/// A listing by offset, from its beginning.
pub(crate) fn listing(route: &'static Route, values: &[&str], limit: u32) -> Request {
    Request::to(route, values).with("start", 0).with("limit", limit)
}

/// Records of the audit log between two moments in milliseconds since 1970, both included, from the `start`-th on.
pub(crate) fn audit(
    route: &'static Route,
    (since, until): (Option<i64>, Option<i64>),
    search: Option<&str>,
    start: u64,
    limit: u32,
) -> Request {
    let mut request = Request::to(route, &[]);
    for (name, moment) in [("startDate", since), ("endDate", until)] {
        if let Some(moment) = moment {
            request = request.with(name, moment);
        }
    }
    if let Some(text) = search {
        request = request.with("searchString", text);
    }
    request.with("start", start).with("limit", limit)
}

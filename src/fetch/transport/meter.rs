//! What was asked so far, and what Atlassian would charge an app for it.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::apis::{Method, Request};
use crate::fetch::locked::Locked as _;

/// Requests and points, shared by all clones of a transport.
#[derive(Default)]
pub(super) struct Meter {
    requests: AtomicU64,
    points: AtomicU64,
    routes: Mutex<BTreeMap<String, u64>>,
    /// Requests that may have changed something.
    writes: AtomicU64,
}

impl Meter {
    /// Counts a request. `charged`: it goes to a site; the organization has a limit of its own.
    pub(super) fn count(&self, request: &Request, charged: bool) {
        self.requests.fetch_add(1, Ordering::Relaxed);
        if request.method != Method::Get {
            self.writes.fetch_add(1, Ordering::Relaxed);
        }
        if charged {
            self.points.fetch_add(1, Ordering::Relaxed);
        }
        *self.routes.locked().entry(template(request)).or_insert(0) += 1;
    }

    /// Counts the objects of an answer.
    // Source: https://developer.atlassian.com/cloud/confluence/rate-limiting/
    pub(super) fn charge(&self, request: &Request, objects: usize) {
        self.points.fetch_add(objects as u64 * weight(&request.path), Ordering::Relaxed);
    }

    pub(super) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    pub(super) fn points(&self) -> u64 {
        self.points.load(Ordering::Relaxed)
    }

    pub(super) fn writes(&self) -> u64 {
        self.writes.load(Ordering::Relaxed)
    }

    pub(super) fn by_route(&self) -> BTreeMap<String, u64> {
        self.routes.locked().clone()
    }
}

/// Points of one object: people, groups and permissions cost two.
fn weight(path: &str) -> u64 {
    const ACCESS: [&str; 11] = [
        "group",
        "user",
        "users-bulk",
        "memberof",
        "permission",
        "permissions",
        "restriction",
        "role-assignments",
        "space-permissions",
        "space-roles",
        "space-role-mode",
    ];
    if path.split('/').any(|part| ACCESS.contains(&part)) { 2 } else { 1 }
}

/// Method and path with its variables as `{id}`: the name requests are counted under.
pub(super) fn template(request: &Request) -> String {
    const OF_ONE: [&str; 13] = [
        "orgs",
        "org",
        "spaces",
        "space",
        "pages",
        "blogposts",
        "folders",
        "whiteboards",
        "databases",
        "embeds",
        "content",
        "group",
        "user",
    ];
    const WORDS: [&str; 14] = [
        "search",
        "convert-ids-to-types",
        "by-id",
        "picker",
        "current",
        "bulk",
        "memberof",
        "anonymous",
        "scan",
        "list",
        "info",
        "member",
        "groupmember",
        "groupparent",
    ];
    let mut name = request.method.as_str().to_owned();
    name.push(' ');
    let mut before = "";
    for part in request.path.split('/').skip(1) {
        name.push('/');
        let variable = OF_ONE.contains(&before) && !WORDS.contains(&part);
        name.push_str(if variable { "{id}" } else { part });
        before = if variable { "" } else { part };
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_under_their_route() {
        let name = |path: &str| template(&Request::get(path));
        assert_eq!(name("/wiki/api/v2/spaces/12/permissions"), "GET /wiki/api/v2/spaces/{id}/permissions");
        assert_eq!(name("/wiki/rest/api/content/search"), "GET /wiki/rest/api/content/search");
        assert_eq!(name("/wiki/rest/api/content/12/restriction"), "GET /wiki/rest/api/content/{id}/restriction");
        assert_eq!(name("/wiki/rest/api/group/a-b/membersByGroupId"), "GET /wiki/rest/api/group/{id}/membersByGroupId");
        assert_eq!(name("/wiki/rest/api/group"), "GET /wiki/rest/api/group");
    }

    #[test]
    fn people_and_permissions_cost_twice_as_much() {
        assert_eq!(weight("/wiki/api/v2/pages"), 1);
        assert_eq!(weight("/wiki/rest/api/content/search"), 1);
        assert_eq!(weight("/wiki/api/v2/spaces/12/permissions"), 2);
        assert_eq!(weight("/wiki/rest/api/group/a-b/membersByGroupId"), 2);
        assert_eq!(weight("/wiki/api/v2/users-bulk"), 2);
    }
}

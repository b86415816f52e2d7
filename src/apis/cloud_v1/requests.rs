//! What v1 is asked. Positions in a listing are added by [`Request::continued`].
// Source: https://developer.atlassian.com/cloud/confluence/rest/v1/intro/

use serde_json::json;

use crate::apis::request::{Request, segment};
use crate::model::{RestrictionOperation, Subject, SubjectKind};

/// The largest page of groups and members.
pub const MAX_LIMIT: u32 = 200;
/// Page size of the subjects of one restriction.
pub const SUBJECTS_LIMIT: u32 = 100;
/// Page size of the audit log; the server may use less and says so.
pub const AUDIT_LIMIT: u32 = 1000;

const ROOT: &str = "/wiki/rest/api";

/// Both lists of a content with both kinds of subject. Never `ancestors.restrictions`: one draft among the ancestors
/// turns the whole page of results into a 404.
// Source: https://jira.atlassian.com/browse/CONFCLOUD-77618
const RESTRICTIONS: [&str; 4] = [
    "restrictions.read.restrictions.user",
    "restrictions.read.restrictions.group",
    "restrictions.update.restrictions.user",
    "restrictions.update.restrictions.group",
];

/// Contents that match `cql`, each with its own restrictions. `expand` adds to what is sent, such as `space`. Archived
/// spaces, drafts and the trash are not searched, and the index lags: reconcile with the v2 listing.
pub fn content_search(cql: &str, expand: &[&str], limit: u32) -> Request {
    let mut wanted = RESTRICTIONS.to_vec();
    wanted.extend(expand);
    Request::get(format!("{ROOT}/content/search"))
        .with("cql", cql)
        .with("expand", wanted.join(","))
        .with("limit", limit)
}

/// CQL for the contents of these kinds in these spaces.
pub fn cql_in_spaces(keys: &[impl AsRef<str>], types: &[&str]) -> String {
    let keys: Vec<String> = keys.iter().map(|key| cql_text(key.as_ref())).collect();
    let spaces = match keys.as_slice() {
        [key] => format!("space={key}"),
        keys => format!("space in ({})", keys.join(",")),
    };
    if types.is_empty() { spaces } else { format!("{spaces} and type in ({})", types.join(",")) }
}

/// CQL for the contents with these ids.
pub fn cql_ids(ids: &[impl AsRef<str>]) -> String {
    let ids: Vec<String> = ids
        .iter()
        .map(AsRef::as_ref)
        .map(|id| if id.bytes().all(|b| b.is_ascii_digit()) { id.to_owned() } else { cql_text(id) })
        .collect();
    format!("id in ({})", ids.join(","))
}

/// A text as CQL quotes it.
pub fn cql_text(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Both restriction lists of one content.
pub fn content_restriction(content_id: &str) -> Request {
    Request::get(format!("{ROOT}/content/{}/restriction", segment(content_id)))
        .with("expand", "restrictions.user,restrictions.group")
        .with("start", 0)
        .with("limit", SUBJECTS_LIMIT)
}

/// Both restriction lists of one content, as a map.
pub fn restriction_by_operations(content_id: &str) -> Request {
    Request::get(format!("{ROOT}/content/{}/restriction/byOperation", segment(content_id)))
        .with("expand", "restrictions.user,restrictions.group")
}

/// One restriction list of one content from its `start`-th subject: `start` counts users and groups apart.
pub fn restriction_by_operation(content_id: &str, operation: RestrictionOperation, start: u64) -> Request {
    Request::get(format!("{ROOT}/content/{}/restriction/byOperation/{}", segment(content_id), operation.upstream()))
        .with("expand", "restrictions.user,restrictions.group")
        .with("start", start)
        .with("limit", SUBJECTS_LIMIT)
}

/// All groups.
pub fn groups(limit: u32) -> Request {
    Request::get(format!("{ROOT}/group")).with("start", 0).with("limit", limit)
}

/// One group.
pub fn group_by_id(id: &str) -> Request {
    Request::get(format!("{ROOT}/group/by-id")).with("id", id)
}

/// Groups whose name contains `text`.
pub fn group_picker(text: &str, limit: u32) -> Request {
    Request::get(format!("{ROOT}/group/picker")).with("query", text).with("start", 0).with("limit", limit)
}

/// The members of a group. An unknown group has none. The total is asked for because there is no next link to trust.
pub fn group_members(group_id: &str, limit: u32) -> Request {
    Request::get(format!("{ROOT}/group/{}/membersByGroupId", segment(group_id)))
        .with("start", 0)
        .with("limit", limit)
        .with("shouldReturnTotalSize", true)
}

/// The groups an account is in.
pub fn member_of(account_id: &str, limit: u32) -> Request {
    Request::get(format!("{ROOT}/user/memberof")).with("accountId", account_id).with("start", 0).with("limit", limit)
}

/// Who asks, and what that account may do to the site.
pub fn current_user() -> Request {
    Request::get(format!("{ROOT}/user/current")).with("expand", "operations")
}

/// What anonymous may do to the site.
pub fn anonymous_user() -> Request {
    Request::get(format!("{ROOT}/user/anonymous")).with("expand", "operations")
}

/// One account.
pub fn user(account_id: &str) -> Request {
    Request::get(format!("{ROOT}/user")).with("accountId", account_id)
}

/// Accounts that match a text: name or e-mail address.
pub fn search_user(text: &str, limit: u32) -> Request {
    search_user_cql(&format!("user.fullname ~ {}", cql_text(text)), limit)
}

/// Accounts that match `cql`, such as `type=user`.
pub fn search_user_cql(cql: &str, limit: u32) -> Request {
    Request::get(format!("{ROOT}/search/user")).with("cql", cql).with("start", 0).with("limit", limit)
}

/// Facts about the site; needs an administrator.
pub fn system_info() -> Request {
    Request::get(format!("{ROOT}/settings/systemInfo"))
}

/// Id of the site, told to everybody.
pub fn tenant_info() -> Request {
    Request::get("/_edge/tenant_info")
}

/// Confluence's own answer: may `subject` do `operation` (`read`, `update` or `delete`) to a content? `None`: the route
/// takes accounts, groups and anonymous only. About others than oneself only an administrator may ask.
pub fn permission_check(content_id: &str, subject: &Subject, operation: &str) -> Option<Request> {
    let (kind, identifier) = match subject.kind {
        SubjectKind::User => ("user", subject.id.as_str()),
        SubjectKind::Anonymous => ("user", "anonymous"),
        SubjectKind::Group => ("group", subject.id.as_str()),
        _ => return None,
    };
    let body = json!({ "subject": { "type": kind, "identifier": identifier }, "operation": operation });
    Some(
        Request::ask(format!("{ROOT}/content/{}/permission/check", segment(content_id)), body)
            .header("X-Atlassian-Token", "no-check"),
    )
}

/// Records of the audit log between two moments in milliseconds since 1970, both included, from the `start`-th on. Needs an
/// administrator, and a plan that has an audit log.
pub fn audit(since: Option<i64>, until: Option<i64>, search: Option<&str>, start: u64, limit: u32) -> Request {
    let mut request = Request::get(format!("{ROOT}/audit"));
    if let Some(since) = since {
        request = request.with("startDate", since);
    }
    if let Some(until) = until {
        request = request.with("endDate", until);
    }
    if let Some(text) = search {
        request = request.with("searchString", text);
    }
    request.with("start", start).with("limit", limit)
}

/// A space with its permissions in the old form, the only one that states anonymous and unlicensed access plainly. The
/// route is no longer documented and gone behind the gateway.
pub fn space_with_permissions(key: &str) -> Request {
    Request::get(format!("{ROOT}/space/{}", segment(key))).with("expand", "permissions")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(request: &Request) -> String {
        let query: Vec<String> = request.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        format!("{} {}?{}", request.method.as_str(), request.path, query.join("&"))
    }

    #[test]
    fn restrictions_are_asked_for_in_bulk_and_never_of_ancestors() {
        let request = content_search(&cql_in_spaces(&["ENG"], &["page", "blogpost"]), &["space"], 100);
        assert_eq!(
            line(&request),
            "GET /wiki/rest/api/content/search?cql=space=\"ENG\" and type in (page,blogpost)\
             &expand=restrictions.read.restrictions.user,restrictions.read.restrictions.group,\
             restrictions.update.restrictions.user,restrictions.update.restrictions.group,space&limit=100"
        );
    }

    #[test]
    fn cql_quotes_what_comes_from_outside() {
        assert_eq!(cql_in_spaces(&["A", "~b\"c"], &[]), "space in (\"A\",\"~b\\\"c\")");
        assert_eq!(cql_ids(&["1", "2) or (1=1"]), "id in (1,\"2) or (1=1\")");
        assert_eq!(cql_text("a\\"), "\"a\\\\\"");
    }

    #[test]
    fn one_list_is_asked_for_from_any_start() {
        assert_eq!(
            line(&content_restriction("9")),
            "GET /wiki/rest/api/content/9/restriction?expand=restrictions.user,restrictions.group&start=0&limit=100"
        );
        assert_eq!(
            line(&restriction_by_operation("9", RestrictionOperation::Edit, 100)),
            "GET /wiki/rest/api/content/9/restriction/byOperation/update\
             ?expand=restrictions.user,restrictions.group&start=100&limit=100"
        );
        assert_eq!(
            line(&restriction_by_operations("9")),
            "GET /wiki/rest/api/content/9/restriction/byOperation?expand=restrictions.user,restrictions.group"
        );
    }

    #[test]
    fn the_audit_log_is_asked_for_by_milliseconds() {
        assert_eq!(
            line(&audit(Some(1_700_000_000_000), Some(1_764_074_955_065), Some("restriction"), 0, 1000)),
            "GET /wiki/rest/api/audit?startDate=1700000000000&endDate=1764074955065&searchString=restriction\
             &start=0&limit=1000"
        );
        assert_eq!(line(&audit(None, None, None, 999, 1000)), "GET /wiki/rest/api/audit?start=999&limit=1000");
    }

    #[test]
    fn groups_and_members_are_asked_for_by_id() {
        assert_eq!(line(&groups(200)), "GET /wiki/rest/api/group?start=0&limit=200");
        assert_eq!(line(&group_by_id("a-b")), "GET /wiki/rest/api/group/by-id?id=a-b");
        assert_eq!(line(&group_picker("eng", 5)), "GET /wiki/rest/api/group/picker?query=eng&start=0&limit=5");
        assert_eq!(
            line(&group_members("a/b", 200)),
            "GET /wiki/rest/api/group/a%2Fb/membersByGroupId?start=0&limit=200&shouldReturnTotalSize=true"
        );
        assert_eq!(line(&member_of("x", 200)), "GET /wiki/rest/api/user/memberof?accountId=x&start=0&limit=200");
    }

    #[test]
    fn accounts_and_site_are_asked_for_as_documented() {
        assert_eq!(line(&current_user()), "GET /wiki/rest/api/user/current?expand=operations");
        assert_eq!(line(&anonymous_user()), "GET /wiki/rest/api/user/anonymous?expand=operations");
        assert_eq!(line(&user("5b:1")), "GET /wiki/rest/api/user?accountId=5b:1");
        assert_eq!(line(&system_info()), "GET /wiki/rest/api/settings/systemInfo?");
        assert_eq!(line(&tenant_info()), "GET /_edge/tenant_info?");
        assert_eq!(
            line(&search_user("Ann \"A\"", 25)),
            "GET /wiki/rest/api/search/user?cql=user.fullname ~ \"Ann \\\"A\\\"\"&start=0&limit=25"
        );
        assert_eq!(line(&space_with_permissions("~ann")), "GET /wiki/rest/api/space/~ann?expand=permissions");
    }

    #[test]
    fn a_permission_check_names_its_subject() {
        let check = permission_check("9", &Subject::user("5b"), "read").unwrap();
        assert_eq!(line(&check), "POST /wiki/rest/api/content/9/permission/check?");
        assert_eq!(check.body, Some(json!({"subject": {"type": "user", "identifier": "5b"}, "operation": "read"})));
        let anonymous = permission_check("9", &Subject::anonymous(), "read").unwrap();
        assert_eq!(anonymous.body.unwrap()["subject"]["identifier"], "anonymous");
        assert_eq!(permission_check("9", &Subject::class("all-licensed-users"), "read"), None);
    }
}

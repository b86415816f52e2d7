//! What v1 is asked. Positions in a listing are added by [`Request::continued`].
// Source: https://developer.atlassian.com/cloud/confluence/rest/v1/intro/

use serde_json::json;

use super::routes;
use crate::apis::cql;
use crate::apis::request::Request;
use crate::apis::rest_v1::requests::{self as v1, LISTS, RESTRICTIONS, listing};
use crate::model::{RestrictionOperation, Subject, SubjectKind};

/// The largest page of groups and members.
pub const MAX_LIMIT: u32 = 200;
/// Page size of the subjects of one restriction.
pub const SUBJECTS_LIMIT: u32 = 100;
/// Page size of the audit log; the server may use less and says so.
pub const AUDIT_LIMIT: u32 = 1000;

/// Contents that match `cql`, each with its own restrictions. `expand` adds to what is sent, such as `space`. Archived
/// spaces, drafts and the trash are not searched, and the index lags: reconcile with the v2 listing.
pub fn content_search(cql: &str, expand: &[&str], limit: u32) -> Request {
    let wanted = [&[RESTRICTIONS], expand].concat();
    Request::to(&routes::CONTENT_SEARCH, &[]).with("cql", cql).with("expand", wanted.join(",")).with("limit", limit)
}

/// Both restriction lists of one content.
pub fn content_restriction(content_id: &str) -> Request {
    Request::to(&routes::CONTENT_RESTRICTION, &[content_id])
        .with("expand", LISTS)
        .with("start", 0)
        .with("limit", SUBJECTS_LIMIT)
}

/// One restriction list of one content from its `start`-th subject: `start` counts users and groups apart.
pub fn restriction_by_operation(content_id: &str, operation: RestrictionOperation, start: u64) -> Request {
    Request::to(&routes::RESTRICTION_BY_OPERATION, &[content_id, operation.upstream()])
        .with("expand", LISTS)
        .with("start", start)
        .with("limit", SUBJECTS_LIMIT)
}

/// All groups.
pub fn groups(limit: u32) -> Request {
    listing(&routes::GROUPS, &[], limit)
}

/// One group.
pub fn group_by_id(id: &str) -> Request {
    Request::to(&routes::GROUP_BY_ID, &[]).with("id", id)
}

/// The members of a group. An unknown group has none. The total is asked for because there is no next link to trust.
pub fn group_members(group_id: &str, limit: u32) -> Request {
    Request::to(&routes::GROUP_MEMBERS, &[group_id])
        .with("start", 0)
        .with("limit", limit)
        .with("shouldReturnTotalSize", true)
}

/// The groups an account is in.
pub fn member_of(account_id: &str, limit: u32) -> Request {
    Request::to(&routes::MEMBER_OF, &[]).with("accountId", account_id).with("start", 0).with("limit", limit)
}

/// Who asks, and what that account may do to the site.
pub fn current_user() -> Request {
    Request::to(&routes::CURRENT_USER, &[]).with("expand", "operations")
}

/// One account.
pub fn user(account_id: &str) -> Request {
    Request::to(&routes::USER, &[]).with("accountId", account_id)
}

/// Accounts that match a text: name or e-mail address.
pub fn search_user(text: &str, limit: u32) -> Request {
    search_user_cql(&format!("user.fullname ~ {}", cql::text(text)), limit)
}

/// Accounts that match `cql`, such as `type=user`.
pub fn search_user_cql(cql: &str, limit: u32) -> Request {
    Request::to(&routes::SEARCH_USER, &[]).with("cql", cql).with("start", 0).with("limit", limit)
}

/// Facts about the site; needs an administrator.
pub fn system_info() -> Request {
    Request::to(&routes::SYSTEM_INFO, &[])
}

/// Id of the site, told to everybody.
pub fn tenant_info() -> Request {
    Request::to(&routes::TENANT_INFO, &[])
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
    Some(Request::to(&routes::PERMISSION_CHECK, &[content_id]).body(body).no_check())
}

/// Records of the audit log between two moments in milliseconds since 1970, both included, from the `start`-th on. Needs an
/// administrator, and a plan that has an audit log.
pub fn audit(since: Option<i64>, until: Option<i64>, search: Option<&str>, start: u64, limit: u32) -> Request {
    v1::audit(&routes::AUDIT, (since, until), search, start, limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(request: &Request) -> String {
        let query: Vec<String> = request.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        format!("{}?{}", request.line(), query.join("&"))
    }

    #[test]
    fn restrictions_are_asked_for_in_bulk_and_never_of_ancestors() {
        let request = content_search(&cql::in_spaces(&["ENG"], &["page", "blogpost"]), &["space"], 100);
        assert_eq!(
            line(&request),
            "GET /wiki/rest/api/content/search?cql=space=\"ENG\" and type in (page,blogpost)\
             &expand=restrictions.read.restrictions.user,restrictions.read.restrictions.group,\
             restrictions.update.restrictions.user,restrictions.update.restrictions.group,space&limit=100"
        );
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
        assert_eq!(
            line(&group_members("a/b", 200)),
            "GET /wiki/rest/api/group/a%2Fb/membersByGroupId?start=0&limit=200&shouldReturnTotalSize=true"
        );
        assert_eq!(line(&member_of("x", 200)), "GET /wiki/rest/api/user/memberof?accountId=x&start=0&limit=200");
    }

    #[test]
    fn accounts_and_site_are_asked_for_as_documented() {
        assert_eq!(line(&current_user()), "GET /wiki/rest/api/user/current?expand=operations");
        assert_eq!(line(&user("5b:1")), "GET /wiki/rest/api/user?accountId=5b:1");
        assert_eq!(line(&system_info()), "GET /wiki/rest/api/settings/systemInfo?");
        assert_eq!(line(&tenant_info()), "GET /_edge/tenant_info?");
        assert_eq!(
            line(&search_user("Ann \"A\"", 25)),
            "GET /wiki/rest/api/search/user?cql=user.fullname ~ \"Ann \\\"A\\\"\"&start=0&limit=25"
        );
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

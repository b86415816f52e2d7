//! What v1 is asked. Positions in a listing are added by [`Request::continued`].
// Source: https://developer.atlassian.com/cloud/confluence/rest/v1/intro/

use serde_json::json;

use crate::apis::request::{Request, segment};
use crate::model::{RestrictionOperation, Subject, SubjectKind};

/// The largest page of groups and members.
pub const MAX_LIMIT: u32 = 200;
/// Page size of the subjects of one restriction.
pub const SUBJECTS_LIMIT: u32 = 100;

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

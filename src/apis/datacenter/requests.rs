//! What Data Center is asked, below the context path. Positions in a listing are added by [`Request::continued`].
// Source: https://docs.atlassian.com/ConfluenceServer/rest/latest/

use super::routes;
use crate::apis::request::Request;
use crate::apis::rest_v1::requests::{LISTS, RESTRICTIONS, listing};
use crate::apis::{Route, cql};
use crate::model::RestrictionOperation;

/// Page size of contents with their restrictions: what the product serves at most without bodies. A server that is
/// configured for less serves less, and says so.
pub const CONTENT_LIMIT: u32 = 500;
/// Page size of spaces.
pub const SPACE_LIMIT: u32 = 100;
/// Page size of groups, members and accounts.
pub const PEOPLE_LIMIT: u32 = 200;
/// Page size of the subjects of one restriction.
pub const SUBJECTS_LIMIT: u32 = 200;
/// Page size of the view restrictions that bind a content.
pub const RELEVANT_LIMIT: u32 = 50;
/// Most spaces named in one request: their keys have to fit into an address.
pub const MAX_SPACES: usize = 25;

/// What is asked about each content: the nodes above it, who made it, and its own lists.
fn content_expand() -> String {
    format!("ancestors,history,version,{RESTRICTIONS}")
}

/// Who asks.
pub fn current_user() -> Request {
    Request::to(&routes::CURRENT_USER, &[])
}

/// Which version answers.
pub fn server_information() -> Request {
    Request::to(&routes::SERVER_INFORMATION, &[])
}

/// Which product and version answers, told to everybody; every version has it.
pub fn manifest() -> Request {
    Request::to(&routes::MANIFEST, &[])
}

/// Whether changes are accepted.
pub fn access_mode() -> Request {
    Request::to(&routes::ACCESS_MODE, &[])
}

/// Spaces of one status (`current`, `archived`): all, or those with these keys.
pub fn spaces(status: &str, keys: &[impl AsRef<str>], limit: u32) -> Request {
    Request::to(&routes::SPACES, &[])
        .with_each("spaceKey", keys)
        .with("status", status)
        .with("expand", "homepage")
        .with("start", 0)
        .with("limit", limit)
}

/// One space.
pub fn space(key: &str) -> Request {
    Request::to(&routes::SPACE, &[key]).with("expand", "homepage")
}

/// The pages, or the blog posts, of a space by cursor, each with its own restrictions (7.18 and later).
pub fn scan(space_key: &str, kind: &str, limit: u32) -> Request {
    Request::to(&routes::SCAN, &[])
        .with("spaceKey", space_key)
        .with("type", kind)
        .with("status", "current")
        .with("expand", content_expand())
        .with("limit", limit)
}

/// The same by offset.
pub fn contents(space_key: &str, kind: &str, limit: u32) -> Request {
    Request::to(&routes::CONTENTS, &[])
        .with("spaceKey", space_key)
        .with("type", kind)
        .with("status", "current")
        .with("expand", content_expand())
        .with("start", 0)
        .with("limit", limit)
}

/// One content with its space and its own restrictions.
pub fn content(id: &str) -> Request {
    Request::to(&routes::CONTENT, &[id]).with("expand", format!("space,{}", content_expand()))
}

/// Contents that match `cql`, each with its space and its own restrictions. In a query an id is a number.
pub fn content_search(cql: &str, limit: u32) -> Request {
    Request::to(&routes::CONTENT_SEARCH, &[])
        .with("cql", cql)
        .with("expand", format!("space,{}", content_expand()))
        .with("start", 0)
        .with("limit", limit)
}

/// Both restriction lists of one content, as a map.
pub fn restriction_by_operations(content_id: &str) -> Request {
    Request::to(&routes::RESTRICTION_BY_OPERATIONS, &[content_id]).with(
        "expand",
        "read.restrictions.user,read.restrictions.group,update.restrictions.user,update.restrictions.group",
    )
}

/// One restriction list of one content from its `start`-th subject: `start` counts users and groups apart.
pub fn restriction_by_operation(content_id: &str, operation: RestrictionOperation, start: u64) -> Request {
    Request::to(&routes::RESTRICTION_BY_OPERATION, &[content_id, operation.upstream()])
        .with("expand", LISTS)
        .with("start", start)
        .with("limit", SUBJECTS_LIMIT)
}

/// The view restrictions that have to be passed to see a content, its own and those of the nodes above.
pub fn relevant_view_restrictions(content_id: &str) -> Request {
    Request::to(&routes::RELEVANT_VIEW_RESTRICTIONS, &[content_id])
        .with("expand", "relevantViewRestrictions,restrictions.user,restrictions.group,content")
        .with("start", 0)
        .with("limit", RELEVANT_LIMIT)
}

/// Permissions of a space (9.1 and later); one answer, whatever its size.
pub fn space_permissions(space_key: &str) -> Request {
    Request::to(&routes::SPACE_PERMISSIONS, &[space_key])
}

/// What anonymous may do in a space (9.1 and later).
pub fn anonymous_space_permissions(space_key: &str) -> Request {
    Request::to(&routes::ANONYMOUS_SPACE_PERMISSIONS, &[space_key])
}

/// A space with its permissions, in the form they had before they had routes of their own.
pub fn space_with_permissions(space_key: &str) -> Request {
    Request::to(&routes::SPACE, &[space_key]).with("expand", "permissions")
}

/// Permissions of the site (9.3 and later).
pub fn global_permissions() -> Request {
    Request::to(&routes::GLOBAL_PERMISSIONS, &[])
}

/// What anonymous may do to the site (9.3 and later).
pub fn anonymous_global_permissions() -> Request {
    Request::to(&routes::ANONYMOUS_GLOBAL_PERMISSIONS, &[])
}

/// What logged-in people without a licence may do to the site (9.3 and later).
pub fn unlicensed_global_permissions() -> Request {
    Request::to(&routes::UNLICENSED_GLOBAL_PERMISSIONS, &[])
}

/// How a group is named in an address. Servers refuse a slash inside a path segment, however it is written; versions that
/// have the other form take any name in the query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameForm {
    /// In the path: every version.
    Path,
    /// In the query: known in 10.2.
    Query,
}

impl NameForm {
    /// Whether a name may stand in a path: servers refuse some characters there, however they are written.
    pub(super) fn fits_a_path(name: &str) -> bool {
        !name.contains(['/', '\\', ';']) && !name.chars().all(|c| c == '.')
    }

    /// Whether the answer "not found" is about the group. Versions without the query form take it for a question about
    /// a group of the name `member`.
    pub fn finds(name: &str, version: Option<super::Version>) -> bool {
        Self::fits_a_path(name) || version.is_some_and(|version| version >= super::Version::new(10, 2))
    }

    /// The form for a group of this name on this version.
    pub fn of(name: &str, version: Option<super::Version>) -> Self {
        if !Self::fits_a_path(name) || version.is_some_and(|version| version >= super::Version::new(10, 2)) {
            Self::Query
        } else {
            Self::Path
        }
    }
}

fn of_group(name: &str, form: NameForm, path: &'static Route, query: &'static Route) -> Request {
    match form {
        NameForm::Path => Request::to(path, &[name]),
        NameForm::Query => Request::to(query, &[]).with("groupName", name),
    }
}

/// All groups.
pub fn groups(limit: u32) -> Request {
    listing(&routes::GROUPS, &[], limit)
}

/// One group.
pub fn group(name: &str, form: NameForm) -> Request {
    of_group(name, form, &routes::GROUP, &routes::GROUP_QUERY)
}

/// Accounts in a group; newer versions tell administrators only.
pub fn group_members(name: &str, form: NameForm, limit: u32) -> Request {
    of_group(name, form, &routes::GROUP_MEMBERS, &routes::GROUP_MEMBERS_QUERY)
        .with("expand", "status")
        .with("start", 0)
        .with("limit", limit)
}

/// Groups inside a group.
pub fn nested_groups(name: &str, form: NameForm, limit: u32) -> Request {
    of_group(name, form, &routes::NESTED_GROUPS, &routes::NESTED_GROUPS_QUERY).with("start", 0).with("limit", limit)
}

/// Groups a group stands in (9.4 and later).
pub fn outer_groups(name: &str, form: NameForm, limit: u32) -> Request {
    of_group(name, form, &routes::OUTER_GROUPS, &routes::OUTER_GROUPS_QUERY).with("start", 0).with("limit", limit)
}

/// One account by its key.
pub fn user_by_key(key: &str) -> Request {
    Request::to(&routes::USER, &[]).with("key", key).with("expand", "status")
}

/// One account by its username.
pub fn user_by_name(name: &str) -> Request {
    Request::to(&routes::USER, &[]).with("username", name).with("expand", "status")
}

/// Every account, deactivated ones included.
pub fn users(limit: u32) -> Request {
    Request::to(&routes::USERS, &[]).with("expand", "status").with("start", 0).with("limit", limit)
}

/// Groups an account is in.
pub fn member_of(key: &str, limit: u32) -> Request {
    Request::to(&routes::MEMBER_OF, &[]).with("key", key).with("start", 0).with("limit", limit)
}

/// Accounts whose full name has words that begin like these.
pub fn search_user(text: &str, limit: u32) -> Request {
    Request::to(&routes::SEARCH, &[])
        .with("cql", format!("type=user and user.fullname ~ {}", cql::text(&format!("{text}*"))))
        .with("start", 0)
        .with("limit", limit)
}

#[cfg(test)]
mod tests {
    use super::super::Version;
    use super::*;

    fn line(request: &Request) -> String {
        let query: Vec<String> = request.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        format!("{}?{}", request.line(), query.join("&"))
    }

    const EXPANDED: &str = "ancestors,history,version,restrictions.read.restrictions.user,\
        restrictions.read.restrictions.group,restrictions.update.restrictions.user,restrictions.update.restrictions.group";

    #[test]
    fn contents_come_with_their_own_restrictions_and_never_with_those_of_ancestors() {
        assert_eq!(
            line(&scan("~ann", "page", 500)),
            format!("GET /rest/api/content/scan?spaceKey=~ann&type=page&status=current&expand={EXPANDED}&limit=500")
        );
        assert_eq!(
            line(&contents("ENG", "blogpost", 500)),
            format!(
                "GET /rest/api/content?spaceKey=ENG&type=blogpost&status=current&expand={EXPANDED}&start=0&limit=500"
            )
        );
        assert_eq!(line(&content("9")), format!("GET /rest/api/content/9?expand=space,{EXPANDED}"));
        assert!(!EXPANDED.contains("ancestors."));
        assert_eq!(
            line(&content_search(&cql::ids(&["9", "10"]), 200)),
            format!("GET /rest/api/content/search?cql=id in (9,10)&expand=space,{EXPANDED}&start=0&limit=200")
        );
    }

    #[test]
    fn spaces_and_their_permissions_are_asked_for_by_key() {
        assert_eq!(
            line(&spaces("archived", &["ENG", "~ann"], 100)),
            "GET /rest/api/space?spaceKey=ENG&spaceKey=~ann&status=archived&expand=homepage&start=0&limit=100"
        );
        assert_eq!(line(&space("~ann b")), "GET /rest/api/space/~ann%20b?expand=homepage");
        assert_eq!(line(&space_permissions("~ann")), "GET /rest/api/space/~ann/permissions?");
        assert_eq!(line(&anonymous_space_permissions("ENG")), "GET /rest/api/space/ENG/permissions/anonymous?");
        assert_eq!(line(&space_with_permissions("ENG")), "GET /rest/api/space/ENG?expand=permissions");
        assert_eq!(line(&global_permissions()), "GET /rest/api/permissions?");
        assert_eq!(line(&unlicensed_global_permissions()), "GET /rest/api/permissions/unlicensed?");
    }

    #[test]
    fn one_list_is_asked_for_from_any_start() {
        assert_eq!(
            line(&restriction_by_operations("9")),
            "GET /rest/api/content/9/restriction/byOperation?expand=read.restrictions.user,read.restrictions.group,\
             update.restrictions.user,update.restrictions.group"
        );
        assert_eq!(
            line(&restriction_by_operation("9", RestrictionOperation::Edit, 200)),
            "GET /rest/api/content/9/restriction/byOperation/update?expand=restrictions.user,restrictions.group&start=200&limit=200"
        );
        assert!(line(&relevant_view_restrictions("9")).ends_with("&start=0&limit=50"));
    }

    #[test]
    fn a_group_is_named_in_the_path_unless_its_name_breaks_it_or_the_version_knows_better() {
        let old = Version::parse("8.5.4");
        let form = |name: &str| NameForm::of(name, old);
        assert_eq!(
            line(&group_members("R&D 100% #1", form("R&D 100% #1"), 200)),
            "GET /rest/api/group/R%26D%20100%25%20%231/member?expand=status&start=0&limit=200"
        );
        assert_eq!(
            line(&nested_groups("a/b", form("a/b"), 200)),
            "GET /rest/api/group/groupmember?groupName=a/b&start=0&limit=200"
        );
        assert_eq!(line(&group("a/b", form("a/b"))), "GET /rest/api/group/info?groupName=a/b");
        assert_eq!(line(&group("ab", form("ab"))), "GET /rest/api/group/ab?");
        assert_eq!(NameForm::of("ab", Version::parse("10.2.0")), NameForm::Query);
        assert_eq!(NameForm::of("ab", None), NameForm::Path);
    }

    #[test]
    fn people_are_asked_for_by_key_and_by_name() {
        assert_eq!(line(&user_by_key("ff80")), "GET /rest/api/user?key=ff80&expand=status");
        assert_eq!(line(&user_by_name("ann lee")), "GET /rest/api/user?username=ann lee&expand=status");
        assert_eq!(line(&users(200)), "GET /rest/api/user/list?expand=status&start=0&limit=200");
        assert_eq!(
            line(&search_user("Ann \"A\"", 200)),
            "GET /rest/api/search?cql=type=user and user.fullname ~ \"Ann \\\"A\\\"*\"&start=0&limit=200"
        );
    }
}

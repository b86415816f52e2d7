//! What v2 is asked. Positions in a listing are added by [`Request::continued`].
// Source: https://developer.atlassian.com/cloud/confluence/rest/v2/intro/

use serde_json::json;

use super::routes;
use crate::apis::request::Request;
use crate::apis::{Route, can_be_looked_up};
use crate::model::ContentType;

/// The largest page v2 serves.
pub const MAX_LIMIT: u32 = 250;
/// Most keys or ids in one request for spaces.
pub const MAX_SPACES: usize = 250;
/// Most spaces in one request for pages or blog posts.
pub const MAX_SPACE_IDS: usize = 100;
/// Most ids in one request for pages or blog posts.
pub const MAX_IDS: usize = 250;
/// Most account ids in one request for users.
pub const MAX_USERS: usize = 250;
/// Most content ids in one request for their types.
pub const MAX_CONTENT_IDS: usize = 100;

/// How far down a listing of what hangs below a content goes.
pub const MAX_DEPTH: u32 = 10;

/// The spaces this account can view, archived ones included. `keys`: only these, at most [`MAX_SPACES`]; none: all.
pub fn spaces(keys: &[impl AsRef<str>], limit: u32) -> Request {
    Request::to(&routes::SPACES, &[]).with_each("keys", keys).with("limit", limit)
}

/// The spaces with these ids, at most [`MAX_SPACES`].
pub fn spaces_by_id(ids: &[impl AsRef<str>], limit: u32) -> Request {
    Request::to(&routes::SPACES, &[]).with_each("ids", ids).with("limit", limit)
}

/// One space.
pub fn space(id: &str) -> Request {
    Request::to(&routes::SPACE, &[id])
}

/// The permissions granted in a space.
pub fn space_permissions(space_id: &str, limit: u32) -> Request {
    Request::to(&routes::SPACE_PERMISSIONS, &[space_id]).with("limit", limit)
}

/// How the site grants access to spaces.
pub fn space_role_mode() -> Request {
    Request::to(&routes::SPACE_ROLE_MODE, &[])
}

/// The permissions roles are made of.
pub fn space_permission_catalogue(limit: u32) -> Request {
    Request::to(&routes::SPACE_PERMISSION_CATALOGUE, &[]).with("limit", limit)
}

/// The roles. `space_id`: those that can be assigned in that space; `None`: of the site.
pub fn space_roles(space_id: Option<&str>, limit: u32) -> Request {
    let request = Request::to(&routes::SPACE_ROLES, &[]);
    match space_id {
        Some(id) => request.with("space-id", id),
        None => request,
    }
    .with("limit", limit)
}

/// Who has which role in a space.
pub fn role_assignments(space_id: &str, limit: u32) -> Request {
    Request::to(&routes::ROLE_ASSIGNMENTS, &[space_id]).with("limit", limit)
}

/// The pages of up to [`MAX_SPACE_IDS`] spaces in one listing. Without `statuses`: current and archived ones.
pub fn pages(space_ids: &[impl AsRef<str>], statuses: &[&str], limit: u32) -> Request {
    Request::to(&routes::PAGES, &[]).with_each("space-id", space_ids).with_each("status", statuses).with("limit", limit)
}

/// The blog posts of up to [`MAX_SPACE_IDS`] spaces in one listing. Without `statuses`: current ones.
pub fn blogposts(space_ids: &[impl AsRef<str>], statuses: &[&str], limit: u32) -> Request {
    Request::to(&routes::BLOGPOSTS, &[])
        .with_each("space-id", space_ids)
        .with_each("status", statuses)
        .with("limit", limit)
}

/// The pages with these ids, at most [`MAX_IDS`], whatever space they are in: current and archived ones.
pub fn pages_by_id(ids: &[impl AsRef<str>], limit: u32) -> Request {
    Request::to(&routes::PAGES, &[]).with_each("id", ids).with("limit", limit)
}

/// The current blog posts with these ids, at most [`MAX_IDS`].
pub fn blogposts_by_id(ids: &[impl AsRef<str>], limit: u32) -> Request {
    Request::to(&routes::BLOGPOSTS, &[]).with_each("id", ids).with("limit", limit)
}

/// One page.
pub fn page(id: &str) -> Request {
    Request::to(&routes::PAGE, &[id])
}

/// One blog post.
pub fn blogpost(id: &str) -> Request {
    Request::to(&routes::BLOGPOST, &[id])
}

/// The word under which v2 keeps contents of a kind. `None`: it has no route for that kind.
pub fn collection(kind: &ContentType) -> Option<&'static str> {
    Some(match kind {
        ContentType::Page => "pages",
        ContentType::Blogpost => "blogposts",
        ContentType::Folder => "folders",
        ContentType::Whiteboard => "whiteboards",
        ContentType::Database => "databases",
        ContentType::Embed => "embeds",
        ContentType::Attachment => "attachments",
        ContentType::Comment | ContentType::Other(_) => return None,
    })
}

/// The route of one content of a kind. `None`: v2 has none for that kind.
pub(super) fn node_route(kind: &ContentType) -> Option<&'static Route> {
    Some(match kind {
        ContentType::Page => &routes::PAGE,
        ContentType::Blogpost => &routes::BLOGPOST,
        ContentType::Folder => &routes::FOLDER,
        ContentType::Whiteboard => &routes::WHITEBOARD,
        ContentType::Database => &routes::DATABASE,
        ContentType::Embed => &routes::EMBED,
        ContentType::Attachment => &routes::ATTACHMENT,
        ContentType::Comment | ContentType::Other(_) => return None,
    })
}

/// One content of a kind v2 has a route for.
pub fn node(kind: &ContentType, id: &str) -> Option<Request> {
    Some(Request::to(node_route(kind)?, &[id]))
}

/// The nodes above a content, from the top down. There is no next page: where the answer is full, ask again for its
/// first node. `None`: contents of this kind have no place in the tree.
pub fn ancestors(kind: &ContentType, id: &str, limit: u32) -> Option<Request> {
    Some(Request::to(&routes::ANCESTORS, &[tree(kind)?, id]).with("limit", limit))
}

/// The nodes below a content, down to [`MAX_DEPTH`].
pub fn descendants(kind: &ContentType, id: &str, limit: u32) -> Option<Request> {
    Some(Request::to(&routes::DESCENDANTS, &[tree(kind)?, id]).with("depth", MAX_DEPTH).with("limit", limit))
}

fn tree(kind: &ContentType) -> Option<&'static str> {
    match kind {
        ContentType::Blogpost | ContentType::Attachment => None,
        kind => collection(kind),
    }
}

/// The accounts with these ids, at most [`MAX_USERS`]. Unknown ids are left out of the answer; ids no server gave (see
/// [`can_be_looked_up`]) are left out of the question, because one of them may spoil it for the others.
pub fn users_bulk(account_ids: &[impl AsRef<str>]) -> Request {
    let ids: Vec<&str> = account_ids.iter().map(AsRef::as_ref).filter(|id| can_be_looked_up(id)).collect();
    Request::to(&routes::USERS_BULK, &[]).body(json!({ "accountIds": ids }))
}

/// The types of the contents with these ids, at most [`MAX_CONTENT_IDS`].
pub fn content_types(ids: &[impl AsRef<str>]) -> Request {
    let ids: Vec<&str> = ids.iter().map(AsRef::as_ref).collect();
    Request::to(&routes::CONTENT_TYPES, &[]).body(json!({ "contentIds": ids }))
}

/// Whether this account has an admin key active.
pub fn admin_key() -> Request {
    Request::to(&routes::ADMIN_KEY, &[])
}

/// Asks for an admin key, which shows this account every page of the site for so many minutes, at most 60. Its use is
/// written to the audit log.
pub fn issue_admin_key(minutes: u32) -> Request {
    Request::to(&routes::ISSUE_ADMIN_KEY, &[]).body(json!({ "durationInMinutes": minutes }))
}

/// Gives an admin key back.
pub fn return_admin_key() -> Request {
    Request::to(&routes::RETURN_ADMIN_KEY, &[])
}

/// Whether the site hides content from apps. Only apps may ask.
pub fn data_policies() -> Request {
    Request::to(&routes::DATA_POLICIES, &[])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(request: &Request) -> String {
        let query: Vec<String> = request.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        format!("{}?{}", request.line(), query.join("&"))
    }

    #[test]
    fn listings_are_asked_for_as_documented() {
        assert_eq!(line(&spaces(&[] as &[&str], 250)), "GET /wiki/api/v2/spaces?limit=250");
        assert_eq!(line(&spaces(&["ENG", "~ann"], 250)), "GET /wiki/api/v2/spaces?keys=ENG&keys=~ann&limit=250");
        assert_eq!(line(&spaces_by_id(&["1"], 10)), "GET /wiki/api/v2/spaces?ids=1&limit=10");
        assert_eq!(line(&space_permissions("65", 250)), "GET /wiki/api/v2/spaces/65/permissions?limit=250");
        assert_eq!(line(&role_assignments("65", 250)), "GET /wiki/api/v2/spaces/65/role-assignments?limit=250");
        assert_eq!(line(&space_roles(None, 250)), "GET /wiki/api/v2/space-roles?limit=250");
        assert_eq!(line(&space_roles(Some("65"), 250)), "GET /wiki/api/v2/space-roles?space-id=65&limit=250");
        assert_eq!(line(&space_permission_catalogue(250)), "GET /wiki/api/v2/space-permissions?limit=250");
        assert_eq!(
            line(&pages(&["1", "2"], &["current", "archived"], 250)),
            "GET /wiki/api/v2/pages?space-id=1&space-id=2&status=current&status=archived&limit=250"
        );
        assert_eq!(line(&blogposts(&["1"], &[], 250)), "GET /wiki/api/v2/blogposts?space-id=1&limit=250");
        assert_eq!(line(&pages_by_id(&["7", "8"], 250)), "GET /wiki/api/v2/pages?id=7&id=8&limit=250");
        assert_eq!(line(&blogposts_by_id(&["7"], 250)), "GET /wiki/api/v2/blogposts?id=7&limit=250");
    }

    #[test]
    fn single_objects_are_asked_for_by_id() {
        assert_eq!(line(&space_role_mode()), "GET /wiki/api/v2/space-role-mode?");
        assert_eq!(line(&space("65")), "GET /wiki/api/v2/spaces/65?");
        assert_eq!(line(&page("9")), "GET /wiki/api/v2/pages/9?");
        assert_eq!(line(&blogpost("9")), "GET /wiki/api/v2/blogposts/9?");
        assert_eq!(line(&admin_key()), "GET /wiki/api/v2/admin-key?");
        assert_eq!(line(&node(&ContentType::Whiteboard, "9").unwrap()), "GET /wiki/api/v2/whiteboards/9?");
    }

    #[test]
    fn an_id_from_outside_stays_one_segment() {
        assert_eq!(page("9/../../admin?x=1").path, "/wiki/api/v2/pages/9%2F..%2F..%2Fadmin%3Fx%3D1");
    }

    #[test]
    fn the_tree_is_asked_for_by_kind() {
        let folder = ContentType::Folder;
        assert_eq!(line(&ancestors(&folder, "9", 250).unwrap()), "GET /wiki/api/v2/folders/9/ancestors?limit=250");
        assert_eq!(
            line(&descendants(&folder, "9", 250).unwrap()),
            "GET /wiki/api/v2/folders/9/descendants?depth=10&limit=250"
        );
        assert_eq!(ancestors(&ContentType::Blogpost, "9", 250), None);
        assert_eq!(node(&ContentType::Other("slide".into()), "9"), None);
    }

    #[test]
    fn questions_asked_by_post_may_be_repeated() {
        let users = users_bulk(&["a", "b"]);
        assert_eq!((line(&users).as_str(), users.route.idempotent), ("POST /wiki/api/v2/users-bulk?", true));
        assert_eq!(users.body, Some(json!({"accountIds": ["a", "b"]})));
        assert_eq!(users_bulk(&["a", "unknown:Former user"]).body, Some(json!({"accountIds": ["a"]})));
        assert_eq!(content_types(&["1"]).path, "/wiki/api/v2/content/convert-ids-to-types");
        assert_eq!(content_types(&["1"]).body, Some(json!({"contentIds": ["1"]})));
    }
}

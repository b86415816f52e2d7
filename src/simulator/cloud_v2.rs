//! Confluence Cloud REST API v2.
//!
//! Source: <https://dac-static.atlassian.com/cloud/confluence/openapi-v2.v3.json>

use std::sync::atomic::Ordering;

use serde_json::{Map, Value, json};

use super::bodies::web_link;
use super::exchange::{Answer, Call, Refusal, Reply, time};
use super::state::{Account, Kind, Node, Principal, Role, Space, Status, merged};

/// Answers a route under `/wiki/api/v2`; `None` where there is none.
pub(super) fn answer(call: &Call<'_>, path: &[&str]) -> Option<Answer> {
    Some(match (call.method, path) {
        ("GET", ["spaces"]) => spaces(call),
        ("GET", ["spaces", id]) => space(call, id),
        ("GET", ["spaces", id, "permissions"]) => permissions(call, id),
        ("GET", ["spaces", id, "role-assignments"]) => role_assignments(call, id),
        ("GET", ["spaces", id, "pages"]) => space_pages(call, id),
        ("GET", ["spaces", id, "blogposts"]) => space_blogposts(call, id),
        ("GET", ["space-role-mode"]) => role_mode(call),
        ("GET", ["space-permissions"]) => catalogue(call),
        ("GET", ["space-roles"]) => roles(call),
        ("GET", ["space-roles", id]) => role(call, id),
        ("GET", ["pages"]) => pages(call),
        ("GET", ["pages", id]) => page(call, id),
        ("GET", ["blogposts"]) => blogposts(call),
        ("GET", ["blogposts", id]) => blogpost(call, id),
        ("GET", ["folders", id]) => other(call, id, Kind::Folder, "GET /wiki/api/v2/folders/{id}"),
        ("GET", ["whiteboards", id]) => other(call, id, Kind::Whiteboard, "GET /wiki/api/v2/whiteboards/{id}"),
        ("GET", ["databases", id]) => other(call, id, Kind::Database, "GET /wiki/api/v2/databases/{id}"),
        ("GET", ["embeds", id]) => other(call, id, Kind::Embed, "GET /wiki/api/v2/embeds/{id}"),
        ("GET", [plural, id, "ancestors"]) => {
            let (kind, [route, ..]) = tree_routes(plural)?;
            ancestors(call, id, kind, route)
        }
        ("GET", ["pages", id, "children"]) => child_pages(call, id),
        ("GET", [plural, id, "direct-children"]) => {
            let (kind, [_, route, _]) = tree_routes(plural)?;
            direct_children(call, id, kind, route)
        }
        ("GET", [plural, id, "descendants"]) => {
            let (kind, [.., route]) = tree_routes(plural)?;
            descendants(call, id, kind, route)
        }
        ("POST", ["users-bulk"]) => users_bulk(call),
        ("GET" | "POST" | "DELETE", ["admin-key"]) => admin_key(call),
        // Only apps may ask.
        ("GET", ["data-policies", "metadata"]) => {
            let blocked = || call.app.then(|| json!({"anyContentBlocked": false}).into()).ok_or(Refusal::Unauthorized);
            call.known("GET /wiki/api/v2/data-policies/metadata", &[]).and_then(|()| blocked())
        }
        ("POST", ["content", "convert-ids-to-types"]) => convert_ids(call),
        _ => return None,
    })
}

fn tree_routes(plural: &str) -> Option<(Kind, [&'static str; 3])> {
    Some(match plural {
        "pages" => (
            Kind::Page,
            [
                "GET /wiki/api/v2/pages/{id}/ancestors",
                "GET /wiki/api/v2/pages/{id}/direct-children",
                "GET /wiki/api/v2/pages/{id}/descendants",
            ],
        ),
        "folders" => (
            Kind::Folder,
            [
                "GET /wiki/api/v2/folders/{id}/ancestors",
                "GET /wiki/api/v2/folders/{id}/direct-children",
                "GET /wiki/api/v2/folders/{id}/descendants",
            ],
        ),
        "whiteboards" => (
            Kind::Whiteboard,
            [
                "GET /wiki/api/v2/whiteboards/{id}/ancestors",
                "GET /wiki/api/v2/whiteboards/{id}/direct-children",
                "GET /wiki/api/v2/whiteboards/{id}/descendants",
            ],
        ),
        "databases" => (
            Kind::Database,
            [
                "GET /wiki/api/v2/databases/{id}/ancestors",
                "GET /wiki/api/v2/databases/{id}/direct-children",
                "GET /wiki/api/v2/databases/{id}/descendants",
            ],
        ),
        "embeds" => (
            Kind::Embed,
            [
                "GET /wiki/api/v2/embeds/{id}/ancestors",
                "GET /wiki/api/v2/embeds/{id}/direct-children",
                "GET /wiki/api/v2/embeds/{id}/descendants",
            ],
        ),
        _ => return None,
    })
}

fn missing(what: &str, id: &str) -> Refusal {
    Refusal::NotFound(format!("no {what} `{id}`, or not for you"))
}

// Spaces ------------------------------------------------------------------------------------------------------------

fn space_body(space: &Space) -> Value {
    json!({
        "id": space.id,
        "key": space.key,
        "name": space.name,
        "type": space.kind,
        "status": if space.archived { "archived" } else { "current" },
        "authorId": space.author,
        "spaceOwnerId": space.owner.as_ref().unwrap_or(&space.author),
        "currentActiveAlias": space.key,
        "createdAt": time(space.created),
        "homepageId": space.homepage,
        "description": null,
        "icon": null,
        "_links": {"webui": format!("/spaces/{}", space.key)},
    })
}

fn spaces(call: &Call<'_>) -> Answer {
    const ROUTE: &str = "GET /wiki/api/v2/spaces";
    call.known(
        ROUTE,
        &["ids", "keys", "type", "status", "sort", "limit", "cursor", "description-format", "include-icon"],
    )?;
    let ids = call.many("ids", 250)?;
    let keys = call.many("keys", 250)?;
    let kinds = call.words(
        "type",
        &["global", "collaboration", "knowledge_base", "personal", "system", "onboarding", "xflow_sample_space"],
    )?;
    let status = call.words("status", &["current", "archived", "trashed"])?;
    let mut found: Vec<&Space> = call
        .site
        .spaces()
        .filter(|s| ids.is_empty() || ids.contains(&s.id.as_str()))
        .filter(|s| keys.is_empty() || keys.contains(&s.key.as_str()))
        .filter(|s| kinds.is_empty() || kinds.contains(&s.kind.as_str()))
        .filter(|s| status.is_empty() || status.contains(&if s.archived { "archived" } else { "current" }))
        .collect();
    let (word, down) = sort(call, &["id", "key", "name"])?;
    match word {
        "key" => found.sort_by(|a, b| a.key.cmp(&b.key)),
        "name" => found.sort_by(|a, b| a.name.cmp(&b.name).then_with(|| a.key.cmp(&b.key))),
        _ => found.sort_by(|a, b| a.id.len().cmp(&b.id.len()).then_with(|| a.id.cmp(&b.id))),
    }
    if down {
        found.reverse();
    }
    call.listing_of(found.into_iter().map(space_body).collect())
}

/// The sort word, and whether it goes down.
fn sort<'a>(call: &'a Call<'_>, words: &[&str]) -> Result<(&'a str, bool), Refusal> {
    let given = call.one("sort").unwrap_or("id");
    let (word, down) = given.strip_prefix('-').map_or((given, false), |word| (word, true));
    if words.contains(&word) { Ok((word, down)) } else { Err(Refusal::Bad(format!("`{given}` is no value of `sort`"))) }
}

fn space(call: &Call<'_>, id: &str) -> Answer {
    const ROUTE: &str = "GET /wiki/api/v2/spaces/{id}";
    const MOST: usize = 50;
    call.known(
        ROUTE,
        &[
            "description-format",
            "include-icon",
            "include-permissions",
            "include-role-assignments",
            "include-operations",
        ],
    )?;
    let space = call.site.space(id).ok_or_else(|| missing("space", id))?;
    let mut body = space_body(space);
    let embed = |all: Vec<Value>, name: &str| {
        let more = all.len() > MOST;
        let shown: Vec<Value> = all.into_iter().take(MOST).collect();
        json!({
            "results": shown,
            "meta": {"hasMore": more, "cursor": if more { "use-the-listing" } else { "" }},
            "_links": {"self": format!("/wiki/api/v2/spaces/{id}/{name}")},
        })
    };
    if let Some(body) = body.as_object_mut() {
        if call.flag("include-permissions")? {
            body.insert("permissions".to_owned(), embed(permission_rows(space), "permissions"));
        }
        if call.flag("include-role-assignments")? {
            body.insert("roleAssignments".to_owned(), embed(assignment_rows(call, space), "role-assignments"));
        }
        if call.flag("include-operations")? {
            let operations = json!([{"operation": "read", "targetType": "space"}]);
            body.insert(
                "operations".to_owned(),
                json!({"results": operations, "meta": {"hasMore": false}, "_links": {}}),
            );
        }
        // The document has it for listed spaces only.
        body.remove("currentActiveAlias");
        if let Some(Value::Object(links)) = body.get_mut("_links") {
            links.insert("base".to_owned(), Value::String(format!("{}/wiki", call.base)));
        }
    }
    Ok(body.into())
}

/// The server's words for a permission: operation and target.
// Source: https://developer.atlassian.com/cloud/confluence/rest/v1/api-group-space-permissions/
pub(super) fn operation_of(permission: &str) -> (&str, &str) {
    match permission {
        "view" => ("read", "space"),
        "create_page" => ("create", "page"),
        "edit_page" => ("update", "page"),
        "create_blogpost" => ("create", "blogpost"),
        "edit_blogpost" => ("update", "blogpost"),
        "create_comment" => ("create", "comment"),
        "create_attachment" => ("create", "attachment"),
        "delete_page" => ("delete", "page"),
        "delete_blogpost" => ("delete", "blogpost"),
        "delete_comment" => ("delete", "comment"),
        "delete_attachment" => ("delete", "attachment"),
        // The words of "Delete own".
        "delete_own" => ("delete", "space"),
        "restrict" => ("restrict_content", "space"),
        "export" => ("export", "space"),
        "administer" => ("administer", "space"),
        "archive_page" => ("archive", "page"),
        "manage_users" => ("manage_users", "space"),
        "delete_space" => ("delete_space", "space"),
        other => (other, "space"),
    }
}

/// Type and id of a principal in `/spaces/{id}/permissions`.
fn permission_principal(principal: &Principal) -> (&str, String) {
    match principal {
        Principal::User(id) => ("user", id.clone()),
        Principal::Group(id) => ("group", id.clone()),
        // Seen on live sites, not documented. How anonymous and unlicensed are written nobody has told; they follow suit.
        // `jsm-project-admins` is another class: those who run a service desk, not those who ask there.
        Principal::Class(id) => ("access-class", id.to_ascii_uppercase().replace('-', "_")),
        Principal::Anonymous => ("access-class", "ANONYMOUS_USERS".to_owned()),
        Principal::Unlicensed => ("access-class", "UNLICENSED_USERS".to_owned()),
        Principal::Other(kind, id) => (kind, id.clone()),
    }
}

fn permission_rows(space: &Space) -> Vec<Value> {
    space
        .grant_ids
        .iter()
        .zip(&space.grants)
        .map(|(number, (principal, permission))| {
            let (kind, id) = permission_principal(principal);
            let (key, target) = operation_of(permission);
            json!({
                "id": number.to_string(),
                "principal": {"type": kind, "id": id},
                "operation": {"key": key, "targetType": target},
            })
        })
        .collect()
}

fn permissions(call: &Call<'_>, id: &str) -> Answer {
    call.known("GET /wiki/api/v2/spaces/{id}/permissions", &["limit", "cursor"])?;
    let space = call.site.space(id).ok_or_else(|| missing("space", id))?;
    call.listing_of(permission_rows(space))
}

// Roles -------------------------------------------------------------------------------------------------------------

fn role_mode(call: &Call<'_>) -> Answer {
    call.known("GET /wiki/api/v2/space-role-mode", &[])?;
    Ok(json!({"mode": call.site.facts.role_mode}).into())
}

/// Roles are "available on tenants with RBAC"; others answer 404.
fn with_roles(call: &Call<'_>) -> Result<(), Refusal> {
    if call.site.facts.role_mode == "PRE_ROLES" {
        return Err(Refusal::NotFound("space roles are not available on this site".to_owned()));
    }
    Ok(())
}

fn permission_id(permission: &str) -> String {
    let (key, target) = operation_of(permission);
    format!("{key}/{target}")
}

fn catalogue(call: &Call<'_>) -> Answer {
    const ALL: [(&str, &str); 23] = [
        ("view", "View content"),
        ("create_page", "Create content"),
        ("edit_page", "Edit content"),
        ("create_blogpost", "Create blogs"),
        ("edit_blogpost", "Edit blogs"),
        ("create_comment", "Comment on content"),
        ("create_attachment", "Add attachments"),
        ("delete_page", "Delete content"),
        ("delete_blogpost", "Delete blogs"),
        ("delete_comment", "Delete comments"),
        ("delete_attachment", "Delete attachments"),
        ("delete_own", "Delete own content"),
        ("archive_page", "Archive content"),
        ("restrict", "Manage restrictions"),
        ("export", "Export space"),
        ("manage_users", "Manage users"),
        ("delete_space", "Delete space"),
        ("administer", "Manage space and space settings"),
        ("manage_content", "Manage all content in space"),
        ("export_content", "Export individual content items"),
        ("delete_own_comment", "Delete own comments"),
        ("create_template", "Create content templates"),
        ("manage_look_and_feel", "Manage look and feel of space"),
    ];
    call.known("GET /wiki/api/v2/space-permissions", &["limit", "cursor"])?;
    with_roles(call)?;
    let row = |(permission, name): (&str, &str)| {
        let needed = if permission == "view" { vec![] } else { vec![permission_id("view")] };
        json!({
            "id": permission_id(permission),
            "displayName": name,
            "description": format!("{name} in this space"),
            "requiredPermissionIds": needed,
        })
    };
    call.listing_of(ALL.into_iter().map(row).collect())
}

fn role_body(role: &Role) -> Value {
    let permissions: Vec<String> = role.permissions.iter().map(|p| permission_id(p)).collect();
    json!({
        "id": role.id,
        "type": if role.system { "SYSTEM" } else { "CUSTOM" },
        "name": role.name,
        "description": format!("{} in this space", role.name),
        "spacePermissions": permissions,
    })
}

/// The filter for one principal of the role routes, which has two parameters that go together.
fn principal_filter<'a>(call: &'a Call<'_>) -> Result<Option<(&'a str, &'a str)>, Refusal> {
    call.words("principal-type", &["USER", "GROUP", "ACCESS_CLASS"])?;
    match (call.one("principal-type"), call.one("principal-id")) {
        (None, None) => Ok(None),
        (Some(kind), Some(id)) => Ok(Some((kind, id))),
        _ => Err(Refusal::Bad("`principal-type` and `principal-id` go together".to_owned())),
    }
}

/// Type and id of a principal in role assignments.
pub(super) fn role_principal(principal: &Principal) -> (String, String) {
    let (kind, id) = match principal {
        Principal::User(id) => ("USER", id.clone()),
        Principal::Group(id) => ("GROUP", id.clone()),
        Principal::Class(id) => ("ACCESS_CLASS", id.to_ascii_lowercase().replace('_', "-")),
        Principal::Anonymous => ("ACCESS_CLASS", "anonymous-users".to_owned()),
        Principal::Unlicensed => ("ACCESS_CLASS", "unlicensed-users".to_owned()),
        Principal::Other(kind, id) => return (kind.to_ascii_uppercase(), id.clone()),
    };
    (kind.to_owned(), id)
}

fn has_role(space: &Space, role: &Role, filter: Option<(&str, &str)>) -> bool {
    space.assignments.iter().any(|(principal, name)| {
        let (kind, id) = role_principal(principal);
        *name == role.name && filter.is_none_or(|(k, i)| k == kind && i == id)
    })
}

fn roles(call: &Call<'_>) -> Answer {
    const ROUTE: &str = "GET /wiki/api/v2/space-roles";
    call.known(ROUTE, &["space-id", "role-type", "principal-id", "principal-type", "limit", "cursor"])?;
    with_roles(call)?;
    let filter = principal_filter(call)?;
    let kind = call.one("role-type");
    let space = match call.one("space-id") {
        Some(id) => Some(call.site.space(id).ok_or_else(|| missing("space", id))?),
        None => None,
    };
    let fits = |role: &&Role| {
        kind.is_none_or(|k| k.eq_ignore_ascii_case(if role.system { "SYSTEM" } else { "CUSTOM" }))
            && (filter.is_none() || call.site.spaces().any(|s| has_role(s, role, filter)))
            && space.is_none_or(|s| has_role(s, role, filter))
    };
    call.listing_of(call.site.facts.roles.iter().filter(fits).map(role_body).collect())
}

fn role(call: &Call<'_>, id: &str) -> Answer {
    call.known("GET /wiki/api/v2/space-roles/{id}", &[])?;
    with_roles(call)?;
    let role = call.site.facts.roles.iter().find(|role| role.id == id).ok_or_else(|| missing("role", id))?;
    let mut body = role_body(role);
    if let Some(map) = body.as_object_mut() {
        map.insert("_links".to_owned(), json!({"base": format!("{}/wiki", call.base)}));
    }
    Ok(body.into())
}

fn assignment_rows(call: &Call<'_>, space: &Space) -> Vec<Value> {
    let row = |(principal, name): &(Principal, String)| {
        let (kind, id) = role_principal(principal);
        let role = call.site.role(name)?;
        Some(json!({"principal": {"principalType": kind, "principalId": id}, "roleId": role.id}))
    };
    space.assignments.iter().filter_map(row).collect()
}

fn role_assignments(call: &Call<'_>, id: &str) -> Answer {
    const ROUTE: &str = "GET /wiki/api/v2/spaces/{id}/role-assignments";
    call.known(ROUTE, &["role-id", "role-type", "principal-id", "principal-type", "limit", "cursor"])?;
    with_roles(call)?;
    let space = call.site.space(id).ok_or_else(|| missing("space", id))?;
    let filter = principal_filter(call)?;
    let (role_id, role_type) = (call.one("role-id"), call.one("role-type"));
    let system = |id: &Value| call.site.facts.roles.iter().any(|r| r.system && Some(r.id.as_str()) == id.as_str());
    let rows = assignment_rows(call, space).into_iter().filter(|row| {
        let (principal, id) = (row.get("principal").unwrap_or(&Value::Null), row.get("roleId").unwrap_or(&Value::Null));
        let is = |key: &str, value: &str| principal.get(key).and_then(Value::as_str) == Some(value);
        role_id.is_none_or(|r| id.as_str() == Some(r))
            && role_type.is_none_or(|t| t.eq_ignore_ascii_case(if system(id) { "SYSTEM" } else { "CUSTOM" }))
            && filter.is_none_or(|(kind, id)| is("principalType", kind) && is("principalId", id))
    });
    call.listing_of(rows.collect())
}

// Contents ----------------------------------------------------------------------------------------------------------

fn version(node: &Node) -> Value {
    json!({
        "createdAt": time(node.modified),
        "message": "",
        "number": node.version,
        "minorEdit": false,
        "authorId": node.author,
    })
}

/// Kind of the node above; the tree knows it even where that node cannot be seen.
fn parent_type(call: &Call<'_>, node: &Node) -> Option<&'static str> {
    node.parent.as_ref()?;
    Some(node.above.and_then(|at| call.site.node_at(at)).map_or("page", |above| above.kind.word()))
}

fn node_body(call: &Call<'_>, node: &Node) -> Value {
    let (space_id, key) = call.site.space_of(node).map(|s| (s.id.as_str(), s.key.as_str())).unwrap_or_default();
    let mut body = json!({
        "id": node.id,
        "status": node.status.word(),
        "title": node.title,
        "spaceId": space_id,
        "authorId": node.author,
        "createdAt": time(node.created),
        "version": version(node),
        "_links": {"webui": web_link(node, key)},
    });
    if let Some(Value::Object(links)) = body.get_mut("_links") {
        if matches!(node.kind, Kind::Page | Kind::Blogpost | Kind::Whiteboard) {
            links.insert("editui".to_owned(), json!(format!("/pages/resumedraft.action?draftId={}", node.id)));
        }
        if matches!(node.kind, Kind::Page | Kind::Blogpost) {
            links.insert("tinyui".to_owned(), json!(format!("/x/{}", node.id)));
        }
    }
    let Some(map) = body.as_object_mut() else { return body };
    if matches!(node.kind, Kind::Page | Kind::Blogpost) {
        map.insert("body".to_owned(), json!({}));
    } else {
        map.insert("type".to_owned(), json!(node.kind.word()));
    }
    if node.kind != Kind::Blogpost {
        map.insert("parentId".to_owned(), json!(node.parent));
        map.insert("parentType".to_owned(), json!(parent_type(call, node)));
        map.insert("position".to_owned(), json!(node.position));
        map.insert("ownerId".to_owned(), json!(node.author));
    }
    match node.kind {
        Kind::Page => {
            map.insert("lastOwnerId".to_owned(), Value::Null);
            map.insert("subtype".to_owned(), if node.live { json!("live") } else { json!("page") });
        }
        Kind::Embed => {
            map.insert("embedUrl".to_owned(), json!(format!("https://links.example/{}", node.id)));
        }
        _ => {}
    }
    body
}

struct Filters<'a> {
    statuses: Vec<&'a str>,
    title: Option<&'a str>,
    subtype: Option<&'a str>,
    root: bool,
}

impl Filters<'_> {
    fn fit(&self, call: &Call<'_>, at: u32, node: &Node) -> bool {
        call.site.sees(at)
            && self.statuses.contains(&node.status.word())
            && self.title.is_none_or(|title| node.title == title)
            && self.subtype.is_none_or(|subtype| (subtype == "live") == node.live)
            && (!self.root || node.parent.is_none())
    }
}

/// One page of `lists`, each in the order of ids. In that order a page costs what is on it.
fn nodes(call: &Call<'_>, lists: &[&[u32]], filters: &Filters<'_>, sorts: &[&str]) -> Answer {
    let window = call.cursor_page()?;
    let (word, down) = sort(call, sorts)?;
    let fits = |at: &u32| call.site.node_at(*at).is_some_and(|node| filters.fit(call, *at, node));
    let body = |at: u32| call.site.node_at(at).map(|node| node_body(call, node));
    if word == "id" && !down {
        let mut behind = merged(lists, window.from).filter(fits).peekable();
        let mut next = window.from;
        let mut results = Vec::new();
        for at in behind.by_ref().take(window.limit) {
            next = u64::from(at) + 1;
            results.extend(body(at));
        }
        let more = behind.peek().is_some();
        return Ok(call.listing(results, &window, more.then_some(next)));
    }
    let mut all: Vec<&Node> = merged(lists, 0).filter(fits).filter_map(|at| call.site.node_at(at)).collect();
    match word {
        "title" => all.sort_by(|a, b| a.title.cmp(&b.title)),
        "created-date" => all.sort_by_key(|node| node.created),
        "modified-date" => all.sort_by_key(|node| node.modified),
        _ => {}
    }
    if down {
        all.reverse();
    }
    call.listing_of(all.into_iter().map(|node| node_body(call, node)).collect())
}

const PAGE_SORTS: [&str; 4] = ["id", "created-date", "modified-date", "title"];
const BLOG_SORTS: [&str; 3] = ["id", "created-date", "modified-date"];

fn page_filters<'a>(call: &'a Call<'_>) -> Result<Filters<'a>, Refusal> {
    let mut statuses = call.words("status", &["current", "archived", "deleted", "trashed"])?;
    if statuses.is_empty() {
        statuses = vec!["current", "archived"];
    }
    call.words("subtype", &["live", "page"])?;
    call.words("body-format", &["storage", "atlas_doc_format"])?;
    let root = match call.one("depth") {
        None | Some("all") => false,
        Some("root") => true,
        Some(other) => return Err(Refusal::Bad(format!("`{other}` is no value of `depth`"))),
    };
    Ok(Filters { statuses, title: call.one("title"), subtype: call.one("subtype"), root })
}

fn blog_filters<'a>(call: &'a Call<'_>) -> Result<Filters<'a>, Refusal> {
    let mut statuses = call.words("status", &["current", "deleted", "trashed"])?;
    if statuses.is_empty() {
        statuses = vec!["current"];
    }
    call.words("body-format", &["storage", "atlas_doc_format"])?;
    Ok(Filters { statuses, title: call.one("title"), subtype: None, root: false })
}

/// The lists a site-wide listing walks: of the spaces asked for, or of all; of the ids asked for.
fn listed(call: &Call<'_>, kind: Kind, filters: &Filters<'_>, sorts: &[&str]) -> Answer {
    fn list(space: &Space, kind: Kind) -> &[u32] {
        if kind == Kind::Page { &space.pages } else { &space.blogposts }
    }
    let ids = call.many("id", 250)?;
    let spaces = call.many("space-id", 100)?;
    let wanted: Vec<&Space> = if spaces.is_empty() {
        call.site.spaces().collect()
    } else {
        let mut wanted: Vec<&Space> = Vec::new();
        for space in spaces.into_iter().filter_map(|id| call.site.space(id)) {
            if !wanted.iter().any(|known| known.id == space.id) {
                wanted.push(space);
            }
        }
        wanted
    };
    if ids.is_empty() {
        let lists: Vec<&[u32]> = wanted.iter().map(|space| list(space, kind)).collect();
        return nodes(call, &lists, filters, sorts);
    }
    let mut found: Vec<u32> = ids
        .iter()
        .filter_map(|id| call.site.find(id))
        .filter(|at| wanted.iter().any(|space| list(space, kind).binary_search(at).is_ok()))
        .collect();
    found.sort_unstable();
    found.dedup();
    nodes(call, &[&found], filters, sorts)
}

fn pages(call: &Call<'_>) -> Answer {
    const ROUTE: &str = "GET /wiki/api/v2/pages";
    call.known(ROUTE, &["id", "space-id", "sort", "status", "title", "body-format", "subtype", "limit", "cursor"])?;
    listed(call, Kind::Page, &page_filters(call)?, &PAGE_SORTS)
}

fn blogposts(call: &Call<'_>) -> Answer {
    const ROUTE: &str = "GET /wiki/api/v2/blogposts";
    call.known(ROUTE, &["id", "space-id", "sort", "status", "title", "body-format", "limit", "cursor"])?;
    listed(call, Kind::Blogpost, &blog_filters(call)?, &BLOG_SORTS)
}

fn space_pages(call: &Call<'_>, id: &str) -> Answer {
    const ROUTE: &str = "GET /wiki/api/v2/spaces/{id}/pages";
    call.known(ROUTE, &["depth", "sort", "status", "title", "body-format", "limit", "cursor"])?;
    let space = call.site.space(id).ok_or_else(|| missing("space", id))?;
    nodes(call, &[&space.pages], &page_filters(call)?, &PAGE_SORTS)
}

fn space_blogposts(call: &Call<'_>, id: &str) -> Answer {
    const ROUTE: &str = "GET /wiki/api/v2/spaces/{id}/blogposts";
    call.known(ROUTE, &["sort", "status", "title", "body-format", "limit", "cursor"])?;
    let space = call.site.space(id).ok_or_else(|| missing("space", id))?;
    nodes(call, &[&space.blogposts], &blog_filters(call)?, &BLOG_SORTS)
}

/// A content by id, of this kind and visible.
fn one<'a>(call: &'a Call<'_>, id: &str, kind: Kind) -> Result<(u32, &'a Node), Refusal> {
    call.site.node(id).filter(|(_, node)| node.kind == kind).ok_or_else(|| missing(kind.word(), id))
}

fn single(call: &Call<'_>, node: &Node) -> Reply {
    let mut body = node_body(call, node);
    if let Some(Value::Object(links)) = body.get_mut("_links") {
        links.insert("base".to_owned(), Value::String(format!("{}/wiki", call.base)));
    }
    body.into()
}

fn page(call: &Call<'_>, id: &str) -> Answer {
    const ROUTE: &str = "GET /wiki/api/v2/pages/{id}";
    call.known(ROUTE, &["body-format", "get-draft", "status", "include-version"])?;
    let statuses = call.words("status", &["current", "archived", "trashed", "deleted", "historical", "draft"])?;
    let draft = call.flag("get-draft")?;
    let (_, node) = one(call, id, Kind::Page)?;
    let wanted = if statuses.is_empty() {
        matches!(node.status, Status::Current | Status::Archived) || (draft && node.status == Status::Draft)
    } else {
        statuses.contains(&node.status.word())
    };
    if wanted { Ok(single(call, node)) } else { Err(missing("page", id)) }
}

fn blogpost(call: &Call<'_>, id: &str) -> Answer {
    const ROUTE: &str = "GET /wiki/api/v2/blogposts/{id}";
    call.known(ROUTE, &["body-format", "get-draft", "status", "include-version"])?;
    let statuses = call.words("status", &["current", "trashed", "deleted", "historical", "draft"])?;
    let draft = call.flag("get-draft")?;
    let (_, node) = one(call, id, Kind::Blogpost)?;
    let wanted = if statuses.is_empty() {
        node.status == Status::Current || (draft && node.status == Status::Draft)
    } else {
        statuses.contains(&node.status.word())
    };
    if wanted { Ok(single(call, node)) } else { Err(missing("blogpost", id)) }
}

fn other(call: &Call<'_>, id: &str, kind: Kind, route: &'static str) -> Answer {
    call.known(route, &[])?;
    let (_, node) = one(call, id, kind)?;
    Ok(single(call, node))
}

/// Top to bottom, no cursor: the lowest ones where they do not all fit.
fn ancestors(call: &Call<'_>, id: &str, kind: Kind, route: &'static str) -> Answer {
    call.known(route, &["limit"])?;
    let window = call.cursor_page()?;
    let (_, node) = one(call, id, kind)?;
    let mut found: Vec<Value> = call
        .site
        .above(node)
        .take(window.limit)
        .map(|above| json!({"id": above.id, "type": above.kind.word()}))
        .collect();
    found.reverse();
    if kind != Kind::Page {
        // The documents of the other kinds have no links here.
        return Ok(json!({"results": found}).into());
    }
    Ok(call.listing(found, &window, None))
}

/// What stands directly below a node and passes `keep`, in the order that is asked for.
fn children<'a>(
    call: &'a Call<'_>,
    node: &'a Node,
    words: &[&str],
    keep: impl Fn(&Node) -> bool,
) -> Result<Vec<&'a Node>, Refusal> {
    let mut found: Vec<(u32, &Node)> = node
        .below
        .iter()
        .filter(|at| call.site.sees(**at))
        .filter_map(|at| call.site.node_at(*at).map(|node| (*at, node)))
        .filter(|(_, node)| matches!(node.status, Status::Current | Status::Archived) && keep(node))
        .collect();
    if call.one("sort").is_some() {
        let (word, down) = sort(call, words)?;
        match word {
            "id" => found.sort_by_key(|(at, _)| *at),
            "title" => found.sort_by(|(_, a), (_, b)| a.title.cmp(&b.title)),
            "created-date" => found.sort_by_key(|(_, node)| node.created),
            "modified-date" => found.sort_by_key(|(_, node)| node.modified),
            _ => {}
        }
        if down {
            found.reverse();
        }
    }
    Ok(found.into_iter().map(|(_, node)| node).collect())
}

fn direct_children(call: &Call<'_>, id: &str, kind: Kind, route: &'static str) -> Answer {
    call.known(route, &["limit", "cursor", "sort"])?;
    let (_, node) = one(call, id, kind)?;
    let words = ["id", "created-date", "modified-date", "title", "child-position"];
    let found = children(call, node, &words, |node| !matches!(node.kind, Kind::Comment | Kind::Attachment))?;
    let row = |node: &Node| {
        json!({
            "id": node.id,
            "status": node.status.word(),
            "title": node.title,
            "type": node.kind.word(),
            "spaceId": call.site.space_of(node).map(|s| s.id.as_str()),
            "childPosition": node.position,
        })
    };
    call.listing_of(found.into_iter().map(row).collect())
}

/// Deprecated for `direct-children`, and still what people use.
fn child_pages(call: &Call<'_>, id: &str) -> Answer {
    call.known("GET /wiki/api/v2/pages/{id}/children", &["limit", "cursor", "sort"])?;
    let (_, node) = one(call, id, Kind::Page)?;
    let words = ["id", "created-date", "modified-date", "child-position"];
    let found = children(call, node, &words, |node| node.kind == Kind::Page)?;
    let row = |node: &Node| {
        json!({
            "id": node.id,
            "status": node.status.word(),
            "title": node.title,
            "spaceId": call.site.space_of(node).map(|s| s.id.as_str()),
            "childPosition": node.position,
        })
    };
    call.listing_of(found.into_iter().map(row).collect())
}

fn descendants(call: &Call<'_>, id: &str, kind: Kind, route: &'static str) -> Answer {
    call.known(route, &["limit", "cursor", "depth"])?;
    let deepest = call.whole("depth")?.unwrap_or(2);
    if !(1..=10).contains(&deepest) {
        return Err(Refusal::Bad(format!("`depth` must be between 1 and 10, not {deepest}")));
    }
    let (_, node) = one(call, id, kind)?;
    let (mut rows, mut level) = (Vec::new(), vec![node]);
    for depth in 1..=deepest {
        let mut next = Vec::new();
        for above in level {
            for below in above.below.iter().filter(|at| call.site.sees(**at)).filter_map(|at| call.site.node_at(*at)) {
                if !matches!(below.status, Status::Current | Status::Archived)
                    || matches!(below.kind, Kind::Comment | Kind::Attachment)
                {
                    continue;
                }
                rows.push(json!({
                    "id": below.id,
                    "status": below.status.word(),
                    "title": below.title,
                    "type": below.kind.word(),
                    "parentId": above.id,
                    "depth": depth,
                    "childPosition": below.position,
                }));
                next.push(below);
            }
        }
        level = next;
    }
    call.listing_of(rows)
}

fn ids_in_body(call: &Call<'_>, key: &str, most: usize) -> Result<Vec<String>, Refusal> {
    let values = call.json()?.get(key).and_then(Value::as_array);
    let values = values.ok_or_else(|| Refusal::Bad(format!("the body needs `{key}`, a list")))?;
    if values.is_empty() || values.len() > most {
        return Err(Refusal::Bad(format!("`{key}` takes 1 to {most} values, not {}", values.len())));
    }
    let text = |v: &Value| v.as_str().map(str::to_owned).unwrap_or_else(|| v.to_string());
    Ok(values.iter().map(text).collect())
}

fn convert_ids(call: &Call<'_>) -> Answer {
    call.known("POST /wiki/api/v2/content/convert-ids-to-types", &[])?;
    let mut found = Map::new();
    for id in ids_in_body(call, "contentIds", 100)? {
        let kind = call.site.node(&id).map(|(_, node)| match node.kind {
            Kind::Comment => "footer-comment",
            kind => kind.word(),
        });
        found.insert(id, json!(kind));
    }
    Ok(json!({"results": found}).into())
}

/// An account that may not have a key gets the answer that there is none.
fn admin_key(call: &Call<'_>) -> Answer {
    let route = match call.method {
        "POST" => "POST /wiki/api/v2/admin-key",
        "DELETE" => "DELETE /wiki/api/v2/admin-key",
        _ => "GET /wiki/api/v2/admin-key",
    };
    call.known(route, &[])?;
    let none = || Refusal::NotFound("no admin key".to_owned());
    let account = call.account();
    if !call.options.admin_key || call.site.facts.free || !account.product_admin {
        return Err(none());
    }
    let site = call.site;
    match call.method {
        "POST" => {
            let minutes = call.body.as_ref().and_then(|body| body.get("durationInMinutes")).and_then(Value::as_i64);
            let minutes = minutes.filter(|minutes| *minutes != 0).unwrap_or(10);
            if !(1..=60).contains(&minutes) {
                return Err(Refusal::Bad(format!("`durationInMinutes` is at most 60, not {minutes}")));
            }
            site.key_ends.store(jiff::Timestamp::now().as_second() + 60 * minutes, Ordering::Relaxed);
        }
        "DELETE" => {
            site.key_ends.store(0, Ordering::Relaxed);
            return Ok(Reply { status: 204, ..Value::Null.into() });
        }
        _ if site.has_key() => {}
        _ => return Err(none()),
    }
    Ok(json!({"accountId": account.id, "expirationTime": time(site.key_ends.load(Ordering::Relaxed))}).into())
}

// Users -------------------------------------------------------------------------------------------------------------

fn user_body(call: &Call<'_>, user: &Account) -> Value {
    let personal = call.site.spaces().find(|space| space.kind == "personal" && space.owner.as_ref() == Some(&user.id));
    json!({
        "displayName": user.name,
        "timeZone": "Europe/Berlin",
        "personalSpaceId": personal.map(|space| space.id.as_str()),
        "isExternalCollaborator": user.guest,
        "accountStatus": if user.active { "active" } else { "inactive" },
        "accountId": user.id,
        "email": user.email.as_deref().unwrap_or_default(),
        "accountType": if user.app { "app" } else if user.licensed || user.guest { "atlassian" } else { "customer" },
        "publicName": user.name,
        "profilePicture": {"path": "/wiki/aa-avatar/none", "isDefault": true},
    })
}

fn users_bulk(call: &Call<'_>) -> Answer {
    call.known("POST /wiki/api/v2/users-bulk", &[])?;
    let mut found: Vec<&Account> = Vec::new();
    for id in ids_in_body(call, "accountIds", 250)? {
        if let Some(user) = call.site.user(&id)
            && !found.iter().any(|known| known.id == id)
        {
            found.push(user);
        }
    }
    let results: Vec<Value> = found.into_iter().map(|user| user_body(call, user)).collect();
    Ok(json!({"results": results, "_links": {"base": format!("{}/wiki", call.base)}}).into())
}

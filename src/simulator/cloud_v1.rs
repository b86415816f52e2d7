//! Confluence Cloud REST API v1: users, groups, restrictions, the permission check.
//!
//! Source: <https://developer.atlassian.com/cloud/confluence/swagger.json>

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::evaluate::{Action, Denied, Who, check};
use super::exchange::{Answer, Call, Refusal, time};
use super::state::{Account, Group, Kind, Node, Principal, Space, Status, Unreadable};
use super::{history, search};

/// Answers a route under `/wiki/rest/api`; `None` where the documents have none.
pub(super) fn answer(call: &Call<'_>, path: &[&str]) -> Option<Answer> {
    Some(match (call.method, path) {
        ("GET", ["content", "search"]) => search::contents(call),
        ("GET", ["search"]) => search::everything(call),
        ("GET", ["search", "user"]) => search::users(call),
        ("GET", ["content", id, "restriction"]) => restrictions(call, id),
        ("GET", ["content", id, "restriction", "byOperation"]) => by_operation(call, id),
        ("GET", ["content", id, "restriction", "byOperation", operation]) => one_operation(call, id, operation),
        ("GET", ["content", id, "restriction", "byOperation", operation, "user"]) => {
            restricted_user(call, id, operation)
        }
        ("GET", ["content", id, "restriction", "byOperation", operation, "byGroupId", group]) => {
            restricted_group(call, id, operation, group)
        }
        ("POST", ["content", id, "permission", "check"]) => permission_check(call, id),
        ("GET", ["group"]) => groups(call),
        ("GET", ["group", "by-id"]) => group_by_id(call),
        ("GET", ["group", "picker"]) => group_picker(call),
        ("GET", ["group", id, "membersByGroupId"]) => members(call, id),
        ("GET", ["user"]) => user(call),
        ("GET", ["user", "current"]) => current(call),
        ("GET", ["user", "bulk"]) => users(call),
        ("GET", ["user", "memberof"]) => member_of(call),
        ("GET", ["user", "anonymous"]) => anonymous(call),
        ("GET", ["settings", "systemInfo"]) => system(call),
        ("GET", ["audit"]) => history::audit(call),
        _ => return None,
    })
}

// Expansion ---------------------------------------------------------------------------------------------------------

/// What is to be expanded.
#[derive(PartialEq, Eq)]
pub(super) struct Expand(BTreeSet<String>);

impl Expand {
    /// Reads `expand`; a path of which `allowed` has no beginning is one the simulator does not know.
    pub(super) fn read(call: &Call<'_>, allowed: &[&str]) -> Result<Self, Refusal> {
        let mut paths = BTreeSet::new();
        // Where nothing is to be expanded, atlassian-python-api says `None`; Confluence overlooks what it does not know.
        for path in call.many("expand", 500)?.into_iter().filter(|path| *path != "None") {
            if !allowed.iter().any(|known| path == *known || under(path, known) || under(known, path)) {
                return Err(Refusal::Unknown(format!("unknown expand `{path}`")));
            }
            paths.insert(path.to_owned());
        }
        Ok(Self(paths))
    }

    pub(super) fn none() -> Self {
        Self(BTreeSet::new())
    }

    /// Whether `path` or something below it is asked for.
    pub(super) fn has(&self, path: &str) -> bool {
        self.0.iter().any(|asked| asked == path || under(asked, path))
    }

    /// What is asked for below `path`.
    pub(super) fn below(&self, path: &str) -> Self {
        Self(
            self.0
                .iter()
                .filter(|asked| under(asked, path))
                .filter_map(|p| p.get(path.len() + 1..))
                .map(str::to_owned)
                .collect(),
        )
    }
}

/// Whether `path` is below `top`.
fn under(path: &str, top: &str) -> bool {
    path.strip_prefix(top).is_some_and(|rest| rest.starts_with('.'))
}

// Users and groups --------------------------------------------------------------------------------------------------

const USER_EXPANDS: [&str; 4] = ["operations", "personalSpace", "isExternalCollaborator", "details"];

fn picture() -> Value {
    json!({"path": "/wiki/aa-avatar/none", "width": 48, "height": 48, "isDefault": true})
}

fn operations(user: &Account) -> Value {
    let mut operations = Vec::new();
    if user.active && (user.licensed || user.guest) {
        operations.push(json!({"operation": "use", "targetType": "application"}));
    }
    if user.active && user.product_admin {
        operations.push(json!({"operation": "administer", "targetType": "application"}));
    }
    Value::Array(operations)
}

/// An account, also one that is not there any more.
pub(super) fn user_body(call: &Call<'_>, id: &str, expand: &Expand) -> Value {
    let links = json!({"self": format!("{}/wiki/rest/api/user?accountId={id}", call.base)});
    let Some(user) = call.site.user(id) else {
        return json!({
            "type": "unknown",
            "accountId": id,
            "accountType": "",
            "email": "",
            "publicName": "Former user",
            "displayName": "Former user",
            "profilePicture": picture(),
            "isExternalCollaborator": false,
            "isGuest": false,
            "_expandable": {"operations": "", "personalSpace": ""},
            "_links": links,
        });
    };
    account_body(call, user, expand)
}

fn account_body(call: &Call<'_>, user: &Account, expand: &Expand) -> Value {
    let mut body = json!({
        "type": "known",
        "accountId": user.id,
        "accountType": if user.app { "app" } else { "atlassian" },
        "email": user.email.as_deref().unwrap_or_default(),
        "publicName": user.name,
        "displayName": user.name,
        "timeZone": "Europe/Berlin",
        "profilePicture": picture(),
        "isExternalCollaborator": user.guest,
        "isGuest": user.guest,
        // Not documented, seen on live sites.
        "accountStatus": if user.active { "active" } else { "inactive" },
        "_expandable": {"operations": "", "personalSpace": ""},
        "_links": {"self": format!("{}/wiki/rest/api/user?accountId={}", call.base, user.id)},
    });
    if expand.has("operations")
        && let Some(map) = body.as_object_mut()
    {
        map.insert("operations".to_owned(), operations(user));
        map.insert("_expandable".to_owned(), json!({"personalSpace": ""}));
    }
    body
}

/// A group, also one that is not there any more.
pub(super) fn group_body(call: &Call<'_>, id: &str) -> Value {
    match call.site.group(id) {
        Some(group) => known_group(call, group),
        None => json!({
            "type": "group",
            "id": id,
            "name": id,
            "_links": {"self": format!("{}/wiki/rest/api/group/by-id?id={id}", call.base)},
        }),
    }
}

fn known_group(call: &Call<'_>, group: &Group) -> Value {
    let mut body = json!({
        "type": "group",
        "id": group.id,
        "name": group.name,
        "resourceAri": format!("ari:cloud:identity::group/{}", group.id),
        "_links": {"self": format!("{}/wiki/rest/api/group/by-id?id={}", call.base, group.id)},
    });
    if let (Some(map), Some(managed_by)) = (body.as_object_mut(), group.managed_by) {
        let team = matches!(managed_by, "TEAM_MEMBERS" | "OPEN");
        map.insert("managedBy".to_owned(), json!(managed_by));
        map.insert("usageType".to_owned(), json!(if team { "TEAM_COLLABORATION" } else { "USERBASE_GROUP" }));
    }
    body
}

fn groups(call: &Call<'_>) -> Answer {
    call.known("GET /wiki/rest/api/group", &["start", "limit", "accessType"])?;
    let access = call.words("accessType", &["user", "admin", "site-admin"])?;
    let window = call.offset_page(200, 200)?;
    let found =
        call.site.facts.groups.iter().filter(|g| access.is_empty() || g.access.is_some_and(|a| access.contains(&a)));
    Ok(Value::Object(call.offset_listing_of(found.map(|g| known_group(call, g)).collect(), &window)).into())
}

fn group_by_id(call: &Call<'_>) -> Answer {
    call.known("GET /wiki/rest/api/group/by-id", &["id"])?;
    let id = call.required("id")?;
    let group = call.site.group(id).ok_or_else(|| Refusal::NotFound(format!("no group with id {id}")))?;
    Ok(known_group(call, group).into())
}

fn group_picker(call: &Call<'_>) -> Answer {
    call.known("GET /wiki/rest/api/group/picker", &["query", "start", "limit", "shouldReturnTotalSize"])?;
    let query = call.required("query")?.to_lowercase();
    let window = call.offset_page(200, 200)?;
    let found = call.site.facts.groups.iter().filter(|g| g.name.to_lowercase().contains(&query));
    let found: Vec<Value> = found.map(|g| known_group(call, g)).collect();
    let total = found.len();
    let mut body = call.offset_listing_of(found, &window);
    if call.flag("shouldReturnTotalSize")? {
        body.insert("totalSize".to_owned(), json!(total));
    }
    Ok(Value::Object(body).into())
}

fn members(call: &Call<'_>, id: &str) -> Answer {
    const ROUTE: &str = "GET /wiki/rest/api/group/{id}/membersByGroupId";
    call.known(ROUTE, &["start", "limit", "shouldReturnTotalSize", "expand"])?;
    let expand = Expand::read(call, &USER_EXPANDS)?;
    if let Some(limit) = call.whole("limit")?.filter(|limit| *limit > 200) {
        return Err(Refusal::Bad(format!("`limit` must not be above 200, and is {limit}")));
    }
    let window = call.offset_page(200, 200)?;
    // Groups inside groups do not appear on Cloud. An unknown group answers like an empty one.
    let users = call.site.group(id).map(|g| g.members.as_slice()).unwrap_or_default().iter();
    let users: Vec<Value> = users
        .filter_map(|member| match member {
            Principal::User(id) => Some(user_body(call, id, &expand)),
            _ => None,
        })
        .collect();
    let total = users.len();
    if call.site.group(id).is_some_and(|g| !g.listable) && window.from >= total as u64 {
        return Err(Refusal::Forbidden("you may not see the other members of this group".to_owned()));
    }
    let mut body = call.offset_listing_of(users, &window);
    if call.flag("shouldReturnTotalSize")? {
        body.insert("totalSize".to_owned(), json!(total));
    }
    Ok(Value::Object(body).into())
}

fn user(call: &Call<'_>) -> Answer {
    call.known("GET /wiki/rest/api/user", &["accountId", "expand"])?;
    let expand = Expand::read(call, &USER_EXPANDS)?;
    let id = call.required("accountId")?;
    let user = call.site.user(id).ok_or_else(|| Refusal::NotFound(format!("no user with account id {id}")))?;
    Ok(account_body(call, user, &expand).into())
}

/// Whoever the credentials belong to: the caller, else the account with this e-mail, else an administrator nobody knows.
pub(super) fn current_account(call: &Call<'_>) -> Account {
    let known = match &call.site.caller {
        Some(id) => call.site.user(id),
        None => {
            let name = Some(call.options.username.as_str());
            call.site.facts.users.iter().find(|user| user.email.as_deref() == name || Some(user.id.as_str()) == name)
        }
    };
    known.cloned().unwrap_or_else(|| Account {
        id: "557058:00000000-0000-4000-a000-000000000000".to_owned(),
        name: "Site Administrator".to_owned(),
        email: Some(call.options.username.clone()),
        active: true,
        licensed: true,
        product_admin: true,
        ..Account::default()
    })
}

fn current(call: &Call<'_>) -> Answer {
    call.known("GET /wiki/rest/api/user/current", &["expand"])?;
    let expand = Expand::read(call, &USER_EXPANDS)?;
    Ok(account_body(call, &current_account(call), &expand).into())
}

fn users(call: &Call<'_>) -> Answer {
    call.known("GET /wiki/rest/api/user/bulk", &["accountId", "expand"])?;
    let expand = Expand::read(call, &USER_EXPANDS)?;
    call.required("accountId")?;
    // Surplus ids are dropped without a word.
    let ids = call.many("accountId", 10_000)?;
    let found: Vec<Value> =
        ids.iter().take(100).filter_map(|id| call.site.user(id)).map(|u| account_body(call, u, &expand)).collect();
    let (size, links) = (found.len(), call.context());
    Ok(json!({"results": found, "start": 0, "limit": 100, "size": size, "_links": links}).into())
}

fn member_of(call: &Call<'_>) -> Answer {
    call.known("GET /wiki/rest/api/user/memberof", &["accountId", "start", "limit"])?;
    let id = call.required("accountId")?;
    let window = call.offset_page(200, 200)?;
    let found = call.site.groups_of(id).map(|group| known_group(call, group)).collect();
    Ok(Value::Object(call.offset_listing_of(found, &window)).into())
}

fn anonymous(call: &Call<'_>) -> Answer {
    call.known("GET /wiki/rest/api/user/anonymous", &["expand"])?;
    let expand = Expand::read(call, &["operations"])?;
    let mut body = json!({
        "type": "anonymous",
        "profilePicture": picture(),
        "displayName": "Anonymous",
        "_expandable": {"operations": ""},
        "_links": {"self": call.itself()},
    });
    if expand.has("operations")
        && let Some(map) = body.as_object_mut()
    {
        let operations = if call.site.anonymous_enters() {
            json!([{"operation": "use", "targetType": "application"}])
        } else {
            json!([])
        };
        map.insert("operations".to_owned(), operations);
        map.insert("_expandable".to_owned(), json!({}));
    }
    Ok(body.into())
}

fn system(call: &Call<'_>) -> Answer {
    call.known("GET /wiki/rest/api/settings/systemInfo", &[])?;
    if call.site.caller.is_some() && !current_account(call).product_admin {
        return Err(Refusal::Forbidden("only administrators may see this".to_owned()));
    }
    let base = format!("{}/wiki", call.base);
    Ok(json!({
        "cloudId": call.site.cloud_id,
        "commitHash": "6f1ed002ab5595859014ebf0951522d90a0e2c4b",
        "baseUrl": base,
        "fallbackBaseUrl": base,
        "edition": if call.site.facts.free { "FREE" } else { "PREMIUM" },
        "siteTitle": call.site.facts.title,
        "defaultLocale": "en_GB",
        "defaultTimeZone": "Europe/Berlin",
        "microsPerimeter": "commercial",
    })
    .into())
}

// Restrictions ------------------------------------------------------------------------------------------------------

const OPERATIONS: [&str; 2] = ["read", "update"];

/// The list of a node, as far as v1 tells: of a folder it tells nothing.
// Source: https://jira.atlassian.com/browse/CONFCLOUD-82920
fn list_of<'a>(node: &'a Node, operation: &str) -> &'a [Principal] {
    match operation {
        _ if node.kind == Kind::Folder => &[],
        "read" => &node.read,
        _ => &node.update,
    }
}

/// Users, groups, or what else stands in a list, from `start` on.
fn subjects(call: &Call<'_>, node: &Node, operation: &str, kind: &str, start: usize, limit: usize) -> Value {
    let limit = limit.min(call.options.subject_cap.unwrap_or(100)).clamp(1, 100);
    let none = Expand::none();
    let all = list_of(node, operation).iter().filter_map(|principal| match principal {
        Principal::User(id) if kind == "user" => Some(user_body(call, id, &none)),
        Principal::Group(id) if kind == "group" => Some(group_body(call, id)),
        Principal::Other(other, id) if kind == other => Some(json!({"type": other, "id": id})),
        _ => None,
    });
    let mut results: Vec<Value> = all.skip(start).take(limit + 1).collect();
    let more = results.len() > limit;
    results.truncate(limit);
    let mut links = Map::new();
    if more {
        let next = start + limit;
        let path = format!("/rest/api/content/{}/restriction/byOperation/{operation}", node.id);
        links.insert("next".to_owned(), json!(format!("{path}?expand=restrictions.{kind}&start={next}&limit={limit}")));
    }
    json!({"size": results.len(), "results": results, "start": start, "limit": limit, "_links": links})
}

/// One list of a node; what `wants` does not want is only named.
fn restriction_body(
    call: &Call<'_>,
    node: &Node,
    operation: &str,
    wants: impl Fn(&str) -> bool,
    (start, limit): (usize, usize),
) -> Value {
    let mut lists = Map::new();
    let mut expandable = Map::new();
    for kind in ["user", "group"] {
        if wants(kind) {
            lists.insert(kind.to_owned(), subjects(call, node, operation, kind, start, limit));
        } else {
            expandable.insert(kind.to_owned(), json!(""));
        }
    }
    // A kind of principal nobody knows comes as a list of its own.
    for principal in list_of(node, operation) {
        if let Principal::Other(kind, _) = principal
            && !lists.contains_key(kind)
        {
            lists.insert(kind.clone(), subjects(call, node, operation, kind, start, limit));
        }
    }
    lists.insert("_expandable".to_owned(), Value::Object(expandable));
    json!({
        "operation": operation,
        "restrictions": lists,
        "_expandable": {"content": format!("/rest/api/content/{}", node.id)},
        "_links": {"self": format!("{}/wiki/rest/api/content/{}/restriction/byOperation/{operation}", call.base, node.id)},
    })
}

/// The content whose restrictions are asked for.
pub(super) fn restricted<'a>(call: &'a Call<'_>, id: &str) -> Result<&'a Node, Refusal> {
    let found = call.site.find(id).and_then(|at| call.site.node_at(at));
    match found.and_then(|node| node.unreadable) {
        Some(Unreadable::Status(status)) => return Err(Refusal::Unreadable(status)),
        Some(Unreadable::TimesOut) => return Err(Refusal::TimesOut),
        None => {}
    }
    let visible = call.site.node(id).map(|(_, node)| node);
    // Drafts and trash are not found by the routes of published content.
    visible
        .filter(|node| matches!(node.status, Status::Current | Status::Archived))
        .ok_or_else(|| Refusal::NotFound(format!("com.atlassian.confluence.api.service.exceptions.NotFoundException: No content found with id: ContentId{{id={id}}}")))
}

const RESTRICTION_EXPANDS: [&str; 7] = [
    "restrictions.user",
    "restrictions.group",
    "read.restrictions.user",
    "read.restrictions.group",
    "update.restrictions.user",
    "update.restrictions.group",
    "content",
];

/// Whether users or groups of an operation are wanted; both where nothing is said.
fn wanted(expand: &Expand, operation: &str, kind: &str) -> bool {
    let said = expand.has("restrictions") || OPERATIONS.iter().any(|o| expand.has(o));
    !said || expand.has(&format!("restrictions.{kind}")) || expand.has(&format!("{operation}.restrictions.{kind}"))
}

fn nested_page(call: &Call<'_>) -> Result<(usize, usize), Refusal> {
    let whole = |key, default| Ok(call.whole(key)?.and_then(|v| usize::try_from(v).ok()).unwrap_or(default));
    Ok((whole("start", 0)?, whole("limit", 100)?))
}

fn restrictions(call: &Call<'_>, id: &str) -> Answer {
    call.known("GET /wiki/rest/api/content/{id}/restriction", &["expand", "start", "limit"])?;
    restriction_both(call, restricted(call, id)?)
}

/// Both lists of a node.
pub(super) fn restriction_both(call: &Call<'_>, node: &Node) -> Answer {
    let expand = Expand::read(call, &RESTRICTION_EXPANDS)?;
    let page = nested_page(call)?;
    let results: Vec<Value> = OPERATIONS
        .iter()
        .map(|operation| restriction_body(call, node, operation, |kind| wanted(&expand, operation, kind), page))
        .collect();
    let mut links = call.context();
    links.insert("self".to_owned(), json!(call.itself()));
    Ok(json!({
        "results": results,
        "start": page.0,
        "limit": page.1,
        "size": OPERATIONS.len(),
        "restrictionsHash": format!("{:x}", node.read.len() * 1000 + node.update.len()),
        "_links": links,
    })
    .into())
}

// The document describes another shape; this is the one live sites answer.
fn by_operation(call: &Call<'_>, id: &str) -> Answer {
    call.known("GET /wiki/rest/api/content/{id}/restriction/byOperation", &["expand"])?;
    let expand = Expand::read(call, &RESTRICTION_EXPANDS)?;
    let node = restricted(call, id)?;
    let mut body = Map::new();
    for operation in OPERATIONS {
        let wants = |kind: &str| wanted(&expand, operation, kind);
        body.insert(operation.to_owned(), restriction_body(call, node, operation, wants, (0, 100)));
    }
    body.insert(
        "_links".to_owned(),
        json!({"self": call.itself(), "base": format!("{}/wiki", call.base), "context": "/wiki"}),
    );
    Ok(Value::Object(body).into())
}

fn operation_known(operation: &str) -> Result<(), Refusal> {
    if OPERATIONS.contains(&operation) {
        return Ok(());
    }
    Err(Refusal::Bad(format!("`{operation}` is no operation of a restriction: use `read` or `update`")))
}

fn one_operation(call: &Call<'_>, id: &str, operation: &str) -> Answer {
    const ROUTE: &str = "GET /wiki/rest/api/content/{id}/restriction/byOperation/{operation}";
    call.known(ROUTE, &["expand", "start", "limit"])?;
    operation_known(operation)?;
    let expand = Expand::read(call, &RESTRICTION_EXPANDS)?;
    let page = nested_page(call)?;
    let node = restricted(call, id)?;
    Ok(restriction_body(call, node, operation, |kind| wanted(&expand, operation, kind), page).into())
}

fn restricted_user(call: &Call<'_>, id: &str, operation: &str) -> Answer {
    const ROUTE: &str = "GET /wiki/rest/api/content/{id}/restriction/byOperation/{operation}/user";
    call.known(ROUTE, &["accountId"])?;
    operation_known(operation)?;
    let account = call.required("accountId")?;
    listed(call, id, operation, &Principal::User(account.to_owned()))
}

fn restricted_group(call: &Call<'_>, id: &str, operation: &str, group: &str) -> Answer {
    const ROUTE: &str = "GET /wiki/rest/api/content/{id}/restriction/byOperation/{operation}/byGroupId/{groupId}";
    call.known(ROUTE, &[])?;
    operation_known(operation)?;
    listed(call, id, operation, &Principal::Group(group.to_owned()))
}

/// These two routes answer by status alone.
fn listed(call: &Call<'_>, id: &str, operation: &str, principal: &Principal) -> Answer {
    if list_of(restricted(call, id)?, operation).contains(principal) {
        Ok(json!({}).into())
    } else {
        Err(Refusal::NotFound("not in the list".to_owned()))
    }
}

fn permission_check(call: &Call<'_>, id: &str) -> Answer {
    call.known("POST /wiki/rest/api/content/{id}/permission/check", &[])?;
    let body = call.json()?;
    let text = |pointer: &str| {
        let found = body.pointer(pointer).and_then(Value::as_str);
        found.ok_or_else(|| {
            Refusal::Bad(format!("the body needs `{}`", pointer.trim_start_matches('/').replace('/', ".")))
        })
    };
    let (kind, identifier) = (text("/subject/type")?, text("/subject/identifier")?);
    let action = match text("/operation")? {
        "read" => Action::Read,
        "update" => Action::Update,
        "delete" => Action::Delete,
        other => return Err(Refusal::Bad(format!("`{other}` is no operation of a check"))),
    };
    let who = match (kind, identifier) {
        ("user", "anonymous") => Who::Anonymous,
        ("user", id) => Who::User(id),
        ("group", id) => Who::Group(id),
        (other, _) => return Err(Refusal::Bad(format!("`{other}` is no type of a subject"))),
    };
    if call.site.caller.as_deref().is_some_and(|caller| caller != identifier) && !current_account(call).product_admin {
        return Err(Refusal::Forbidden("only administrators may check the permissions of others".to_owned()));
    }
    let (_, node) = call.site.node(id).ok_or_else(|| Refusal::NotFound(format!("no content with id {id}")))?;
    let (name, enters) = match who {
        Who::User(_) => ("User", "User is not allowed to use Confluence"),
        Who::Group(_) => ("Group", "Group does not have permission to the space"),
        Who::Anonymous => ("Anonymous user", "Anonymous users are not allowed to use Confluence"),
    };
    let errors: Vec<Value> = check(call.site, who, action, node)
        .into_iter()
        .map(|denied| match denied {
            Denied::Site => enters.to_owned(),
            Denied::Space => format!("{name} does not have permission to the space"),
            Denied::Content => format!("{name} does not have permission to the content"),
        })
        .map(|translation| json!({"translation": translation, "args": []}))
        .collect();
    Ok(json!({"hasPermission": errors.is_empty(), "errors": errors, "_links": call.context()}).into())
}

// Contents as v1 shows them -----------------------------------------------------------------------------------------

/// What may be expanded of a content.
pub(super) const CONTENT_EXPANDS: [&str; 14] = [
    "ancestors",
    "space",
    "version",
    "history",
    "container",
    "body.storage",
    "body.view",
    "metadata.labels",
    "metadata.properties",
    "restrictions.read.restrictions.user",
    "restrictions.read.restrictions.group",
    "restrictions.update.restrictions.user",
    "restrictions.update.restrictions.group",
    "childTypes.all",
];

/// `ancestors.restrictions` and the like.
pub(super) fn content_expand(call: &Call<'_>) -> Result<Expand, Refusal> {
    let below: Vec<String> = CONTENT_EXPANDS.iter().map(|path| format!("ancestors.{path}")).collect();
    let allowed: Vec<&str> = CONTENT_EXPANDS.into_iter().chain(below.iter().map(String::as_str)).collect();
    Expand::read(call, &allowed)
}

/// Address of a content for people, below `/wiki`.
pub(super) fn web_link(node: &Node, space_key: &str) -> String {
    let slug: String = node.title.chars().map(|c| if c.is_alphanumeric() { c } else { '+' }).collect();
    match node.kind {
        Kind::Blogpost => format!("/spaces/{space_key}/blog/2026/01/01/{}/{slug}", node.id),
        Kind::Page => format!("/spaces/{space_key}/pages/{}/{slug}", node.id),
        kind => format!("/spaces/{space_key}/{}/{}", kind.word(), node.id),
    }
}

pub(super) fn space_body(call: &Call<'_>, space: &Space) -> Value {
    json!({
        "id": space.id.parse::<u64>().ok(),
        "key": space.key,
        "alias": space.key,
        "name": space.name,
        "type": if space.kind == "personal" { "personal" } else { "global" },
        "status": if space.archived { "archived" } else { "current" },
        "_expandable": {
            "permissions": "",
            "description": "",
            "homepage": space.homepage.as_ref().map(|id| format!("/rest/api/content/{id}")).unwrap_or_default(),
        },
        "_links": {"webui": format!("/spaces/{}", space.key), "self": format!("{}/wiki/rest/api/space/{}", call.base, space.key)},
    })
}

fn version_body(call: &Call<'_>, node: &Node) -> Value {
    json!({
        "by": user_body(call, &node.author, &Expand::none()),
        "when": time(node.modified),
        "friendlyWhen": "some time ago",
        "message": "",
        "number": node.version,
        "minorEdit": false,
        "_expandable": {"collaborators": "", "content": format!("/rest/api/content/{}", node.id)},
        "_links": {},
    })
}

/// A content with what is expanded.
pub(super) fn content_body(call: &Call<'_>, node: &Node, expand: &Expand) -> Value {
    let key = call.site.space_of(node).map(|s| s.key.as_str()).unwrap_or_default();
    let mut body = json!({
        "id": node.id,
        "type": node.kind.word(),
        "status": node.status.word(),
        "title": node.title,
        "macroRenderedOutput": {},
        "extensions": {"position": node.position},
        "_links": {
            "webui": web_link(node, key),
            "self": format!("{}/wiki/rest/api/content/{}", call.base, node.id),
            "tinyui": format!("/x/{}", node.id),
        },
    });
    let Some(map) = body.as_object_mut() else { return body };
    let mut expandable = Map::new();
    let named = |text: String| Value::String(text);
    if expand.has("ancestors") {
        let below = expand.below("ancestors");
        let mut above: Vec<&Node> = call.site.above(node).collect();
        above.reverse();
        let above: Vec<Value> = above.into_iter().map(|node| content_body(call, node, &below)).collect();
        map.insert("ancestors".to_owned(), Value::Array(above));
    } else {
        expandable.insert("ancestors".to_owned(), named(String::new()));
    }
    match call.site.space_of(node).filter(|_| expand.has("space")) {
        Some(space) => {
            map.insert("space".to_owned(), space_body(call, space));
        }
        None => {
            expandable.insert("space".to_owned(), named(format!("/rest/api/space/{key}")));
        }
    }
    if expand.has("version") {
        map.insert("version".to_owned(), version_body(call, node));
    } else {
        expandable.insert("version".to_owned(), named(String::new()));
    }
    if expand.has("history") {
        let history = json!({
            "latest": true,
            "createdBy": user_body(call, &node.author, &Expand::none()),
            "createdDate": time(node.created),
            "lastUpdated": version_body(call, node),
            "_expandable": {"contributors": "", "previousVersion": "", "nextVersion": ""},
            "_links": {"self": format!("{}/wiki/rest/api/content/{}/history", call.base, node.id)},
        });
        map.insert("history".to_owned(), history);
    } else {
        expandable.insert("history".to_owned(), named(format!("/rest/api/content/{}/history", node.id)));
    }
    for part in ["storage", "view"] {
        if expand.has(&format!("body.{part}")) {
            let text = json!({"value": format!("<p>{}</p>", node.title), "representation": part, "embeddedContent": [], "_expandable": {}});
            map.insert("body".to_owned(), json!({(part): text, "_expandable": {}}));
        }
    }
    if expand.has("restrictions") {
        map.insert("restrictions".to_owned(), nested_restrictions(call, node, &expand.below("restrictions")));
    } else {
        let path = format!("/rest/api/content/{}/restriction/byOperation", node.id);
        expandable.insert("restrictions".to_owned(), named(path));
    }
    map.insert("_expandable".to_owned(), Value::Object(expandable));
    body
}

fn nested_restrictions(call: &Call<'_>, node: &Node, expand: &Expand) -> Value {
    let path = format!("/rest/api/content/{}/restriction/byOperation", node.id);
    let mut body = Map::new();
    let mut expandable = Map::new();
    for operation in OPERATIONS {
        if expand.has(&format!("{operation}.restrictions")) {
            let wants = |kind: &str| expand.has(&format!("{operation}.restrictions.{kind}"));
            body.insert(operation.to_owned(), restriction_body(call, node, operation, wants, (0, 100)));
        } else if expand.has(operation) {
            body.insert(
                operation.to_owned(),
                json!({"operation": operation, "_expandable": {"restrictions": "", "content": ""}, "_links": {}}),
            );
        } else {
            expandable.insert(operation.to_owned(), json!(format!("{path}/{operation}")));
        }
    }
    body.insert("_expandable".to_owned(), Value::Object(expandable));
    body.insert("_links".to_owned(), json!({"self": format!("{}/wiki{path}", call.base)}));
    Value::Object(body)
}

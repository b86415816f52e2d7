//! Confluence Cloud REST API v1: users, groups, restrictions, the permission check.
//!
//! Source: <https://developer.atlassian.com/cloud/confluence/swagger.json>

use serde_json::{Map, Value, json};

use super::bodies::{
    MOST_SUBJECTS, OPERATIONS, account_body, known_group, list_of, picture, restriction_body, user_body,
};
use super::evaluate::{Action, Denied, Who, check};
use super::exchange::{Answer, Call, Refusal};
use super::expand::Expand;
use super::search;
use super::state::{Node, Principal, Status, Unreadable};

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
        ("GET", ["audit"]) => audit(call),
        _ => return None,
    })
}

// Users and groups --------------------------------------------------------------------------------------------------

const USER_EXPANDS: [&str; 4] = ["operations", "personalSpace", "isExternalCollaborator", "details"];

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

fn current(call: &Call<'_>) -> Answer {
    call.known("GET /wiki/rest/api/user/current", &["expand"])?;
    let expand = Expand::read(call, &USER_EXPANDS)?;
    Ok(account_body(call, &call.account(), &expand).into())
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
    if call.site.caller.is_some() && !call.account().product_admin {
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
        .ok_or_else(|| Refusal::no_content(id))
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

fn restrictions(call: &Call<'_>, id: &str) -> Answer {
    call.known("GET /wiki/rest/api/content/{id}/restriction", &["expand", "start", "limit"])?;
    restriction_both(call, restricted(call, id)?)
}

/// Both lists of a node.
pub(super) fn restriction_both(call: &Call<'_>, node: &Node) -> Answer {
    let expand = Expand::read(call, &RESTRICTION_EXPANDS)?;
    let page = call.nested_page(MOST_SUBJECTS)?;
    let results: Vec<Value> = OPERATIONS
        .iter()
        .map(|operation| restriction_body(call, node, operation, |kind| wanted(&expand, operation, kind), page))
        .collect();
    Ok(json!({
        "results": results,
        "start": page.0,
        "limit": page.1,
        "size": OPERATIONS.len(),
        "restrictionsHash": format!("{:x}", node.read.len() * 1000 + node.update.len()),
        "_links": call.links(),
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
    body.insert("_links".to_owned(), Value::Object(call.links()));
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
    let page = call.nested_page(MOST_SUBJECTS)?;
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
    if call.site.caller.as_deref().is_some_and(|caller| caller != identifier) && !call.account().product_admin {
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

// The audit log ------------------------------------------------------------------------------------------------------

/// `GET /wiki/rest/api/audit`.
fn audit(call: &Call<'_>) -> Answer {
    call.known("GET /wiki/rest/api/audit", &["startDate", "endDate", "searchString", "start", "limit"])?;
    if call.site.facts.free || (call.site.caller.is_some() && !call.account().product_admin) {
        return Err(Refusal::Forbidden("only administrators may read the audit log".to_owned()));
    }
    let (since, until) = call.period()?;
    let window = call.offset_page(1000, 1000)?;
    call.history.arrive(call.options.audit_arrivals);
    let text = call.one("searchString").filter(|text| !text.is_empty());
    let (rows, more) = call.history.page(since, until, text, window.from, window.limit);
    Ok(Value::Object(call.offset_listing(rows, &window, more)).into())
}

//! What a Data Center shows of users, groups, spaces, restrictions and contents. Contents and spaces contain one another.

use serde_json::{Map, Value, json};

use super::super::bodies::{OPERATIONS, Parts, lists_by_kind, permission_row, subject_limit, text_bodies};
use super::super::exchange::{Refusal, time};
use super::super::expand::Expand;
use super::super::state::{Account, Kind, Node, Principal, Space, Status};
use super::permissions::SPACE;
use super::visit::Visit;

// Users and groups ----------------------------------------------------------------------------------------------------

fn picture(kind: &str) -> Value {
    json!({"path": format!("/images/icons/profilepics/{kind}.svg"), "width": 48, "height": 48, "isDefault": true})
}

fn escaped(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// A user, also one that is not there any more.
pub(super) fn user_body(visit: &Visit<'_>, key: &str, expand: &Expand) -> Value {
    match visit.site().user(key) {
        Some(user) => account_body(visit, user, expand),
        None => json!({
            "type": "unknown",
            "username": key,
            "userKey": key,
            "profilePicture": picture("default"),
            "displayName": format!("Unknown User ({key})"),
            "_links": {"self": format!("{}/rest/api/user?key={}", visit.base(), escaped(key))},
            "_expandable": {"status": ""},
        }),
    }
}

pub(super) fn account_body(visit: &Visit<'_>, user: &Account, expand: &Expand) -> Value {
    let mut body = json!({
        "type": "known",
        "username": user.username,
        "userKey": user.id,
        "profilePicture": picture("default"),
        "displayName": user.name,
        "_links": {"self": format!("{}/rest/api/user?key={}", visit.base(), escaped(&user.id))},
        "_expandable": {"status": ""},
    });
    if let Some(map) = body.as_object_mut().filter(|_| expand.has("status")) {
        // The words are documented, that they stand there as a text is a guess.
        map.insert("status".to_owned(), json!(if user.active { "Active" } else { "Deactivated" }));
        map.insert("_expandable".to_owned(), json!({}));
    }
    body
}

pub(super) fn anonymous_body(visit: &Visit<'_>) -> Value {
    json!({
        "type": "anonymous",
        "profilePicture": picture("anonymous"),
        "displayName": "Anonymous",
        "_links": {"self": format!("{}/rest/api/user/anonymous", visit.base())},
        "_expandable": {"status": ""},
    })
}

pub(super) fn group_body(visit: &Visit<'_>, name: &str) -> Value {
    let path = percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC);
    json!({"type": "group", "name": name, "_links": {"self": format!("{}/rest/api/group/{path}", visit.base())}})
}

// Spaces --------------------------------------------------------------------------------------------------------------

pub(super) fn space_type(space: &Space) -> &str {
    if space.kind == "personal" { "personal" } else { "global" }
}

pub(super) fn space_number(space: &Space) -> Value {
    space.id.parse::<u64>().map_or_else(|_| json!(space.id), |id| json!(id))
}

/// A space with what is expanded. Permissions the account may not see are an error of the server.
// Source: https://jira.atlassian.com/browse/CONFSERVER-99908
pub(super) fn space_body(visit: &Visit<'_>, space: &Space, expand: &Expand) -> Result<Value, Refusal> {
    let webui = match space_type(space) {
        "personal" => format!("/spaces/viewspace.action?key={}", space.key),
        _ => format!("/display/{}", space.key),
    };
    let mut body = Parts::of(json!({
        "id": space_number(space),
        "key": space.key,
        "name": space.name,
        "type": space_type(space),
        "_links": {"webui": webui, "self": format!("{}/rest/api/space/{}", visit.base(), space.key)},
    }));
    if visit.from(8, 0) {
        // From when on it stands there is a guess.
        body.put("status", json!(if space.archived { "ARCHIVED" } else { "CURRENT" }));
    }
    for name in ["metadata", "icon", "description", "retentionPolicy"] {
        body.part(name, expand.has(name).then(|| json!({})), "");
    }
    if let Some(home) = &space.homepage {
        let node = visit.node(home).filter(|_| expand.has("homepage"));
        let written = node.map(|(_, node)| content_body(visit, node, &expand.below("homepage"))).transpose()?;
        body.part("homepage", written, format!("/rest/api/content/{home}"));
    }
    if expand.has("permissions") {
        if !visit.administers(space) {
            return Err(Refusal::Status(500, String::new()));
        }
        body.put("permissions", permissions(visit, space));
    }
    Ok(body.done())
}

/// One entry per operation and subject, in the form that is older than the routes for permissions.
fn permissions(visit: &Visit<'_>, space: &Space) -> Value {
    let none = Expand::none();
    let shown = |who: &Principal| match who {
        Principal::User(id) => user_body(visit, id, &none),
        Principal::Group(id) => group_body(visit, visit.group_name(id)),
        _ => Value::Null,
    };
    let rows = SPACE.iter().flat_map(|pair| {
        let held = space.grants.iter().filter(|(_, word)| word == pair.word);
        held.map(|(who, _)| permission_row(who, (pair.operation, pair.target), || shown(who)))
    });
    rows.collect()
}

// Restrictions --------------------------------------------------------------------------------------------------------

/// Most users, and most groups, in a list; the rest is behind `start`.
pub(super) const MOST_SUBJECTS: usize = 200;

fn list_of<'a>(node: &'a Node, operation: &str) -> &'a [Principal] {
    if operation == "read" { &node.read } else { &node.update }
}

/// Users or groups of a list. Nothing says that there are more of them but that it is full.
fn subjects(visit: &Visit<'_>, node: &Node, operation: &str, kind: &str, (start, limit): (usize, usize)) -> Value {
    let limit = subject_limit(visit.call, limit, MOST_SUBJECTS);
    let none = Expand::none();
    let results: Vec<Value> = list_of(node, operation)
        .iter()
        .filter_map(|who| match who {
            Principal::User(id) if kind == "user" => Some(user_body(visit, id, &none)),
            Principal::Group(id) if kind == "group" => Some(group_body(visit, visit.group_name(id))),
            Principal::Other(other, id) if other == kind => Some(json!({"type": kind, "name": id})),
            _ => None,
        })
        .skip(start)
        .take(limit)
        .collect();
    json!({"size": results.len(), "results": results, "start": start, "limit": limit})
}

/// One list; what `wants` does not want is only named.
pub(super) fn restriction_body(
    visit: &Visit<'_>,
    node: &Node,
    operation: &str,
    wants: impl Fn(&str) -> bool,
    page: (usize, usize),
) -> Value {
    let own = format!("/rest/api/content/{}", node.id);
    let of_kind = |kind: &str| subjects(visit, node, operation, kind, page);
    json!({
        "operation": operation,
        "restrictions": lists_by_kind(list_of(node, operation), wants, of_kind).members(),
        "_links": {"self": format!("{}{own}/restriction/byOperation/{operation}", visit.base())},
        "_expandable": {"content": own},
    })
}

/// `restrictions` inside a content.
fn restrictions_by_operation(visit: &Visit<'_>, node: &Node, expand: &Expand) -> Value {
    let itself = format!("{}/rest/api/content/{}/restriction/byOperation", visit.base(), node.id);
    let mut body = Parts::of(json!({"_links": {"self": itself}}));
    for operation in OPERATIONS {
        let wants = |kind: &str| expand.has(&format!("{operation}.restrictions.{kind}"));
        let list = || restriction_body(visit, node, operation, wants, (0, MOST_SUBJECTS));
        body.part(operation, expand.has(operation).then(list), "");
    }
    body.done()
}

// Contents ------------------------------------------------------------------------------------------------------------

fn version_body(visit: &Visit<'_>, node: &Node) -> Value {
    json!({
        "by": user_body(visit, &node.author, &Expand::none()),
        "when": time(node.modified),
        "message": "",
        "number": node.version,
        "minorEdit": false,
        "hidden": false,
        "_links": {"self": format!("{}/rest/experimental/content/{}/version/{}", visit.base(), node.id, node.version)},
        "_expandable": {"content": format!("/rest/api/content/{}", node.id)},
    })
}

/// A content with what is expanded.
pub(super) fn content_body(visit: &Visit<'_>, node: &Node, expand: &Expand) -> Result<Value, Refusal> {
    let own = format!("/rest/api/content/{}", node.id);
    let mut body = Parts::of(json!({
        "id": node.id,
        "type": node.kind.word(),
        "status": match node.status { Status::Archived => "current", other => other.word() },
        "title": node.title,
        "extensions": {"position": if node.kind == Kind::Page { json!(node.position) } else { json!("none") }},
        "_links": {
            "webui": format!("/pages/viewpage.action?pageId={}", node.id),
            "edit": format!("/pages/resumedraft.action?draftId={}", node.id),
            "tinyui": format!("/x/{}", node.id),
            "self": format!("{}{own}", visit.base()),
        },
    }));
    let ancestors = || -> Result<Value, Refusal> {
        let below = expand.below("ancestors");
        let above = visit.site().above(node).filter(|_| node.kind == Kind::Page);
        let mut above: Vec<Value> = above.map(|node| content_body(visit, node, &below)).collect::<Result<_, _>>()?;
        above.reverse();
        Ok(Value::Array(above))
    };
    body.part("ancestors", expand.has("ancestors").then(ancestors).transpose()?, "");
    place(visit, node, expand, &mut body)?;
    body.part("version", expand.has("version").then(|| version_body(visit, node)), "");
    let written = expand.has("history").then(|| history_body(visit, node, expand));
    body.part("history", written, format!("{own}/history"));
    body.part("body", text_bodies(node, expand), "");
    // What cannot be read is not there; asked for by itself it says why.
    let readable = expand.has("restrictions") && node.unreadable.is_none();
    let written = readable.then(|| restrictions_by_operation(visit, node, &expand.below("restrictions")));
    body.part("restrictions", written, format!("{own}/restriction/byOperation"));
    let children = || below_by_kind(visit, node, &expand.below("children"), false);
    body.part("children", expand.has("children").then(children).transpose()?, format!("{own}/child"));
    body.part("descendants", None, format!("{own}/descendant"));
    body.part("metadata", expand.has("metadata").then(|| json!({})), "");
    body.part("operations", expand.has("operations").then(|| json!([])), "");
    Ok(body.done())
}

/// The space of a content and what contains it: of a comment or an attachment a content, otherwise the space again.
fn place(visit: &Visit<'_>, node: &Node, expand: &Expand, body: &mut Parts) -> Result<(), Refusal> {
    let space = visit.site().space_of(node);
    let path = format!("/rest/api/space/{}", space.map(|space| space.key.as_str()).unwrap_or_default());
    let holder = visit.site().above(node).next().filter(|_| matches!(node.kind, Kind::Comment | Kind::Attachment));
    for name in ["space", "container"] {
        let wanted = expand.has(name);
        if let Some(holder) = holder.filter(|_| name == "container") {
            let written = wanted.then(|| content_body(visit, holder, &Expand::none())).transpose()?;
            body.part(name, written, format!("/rest/api/content/{}", holder.id));
        } else {
            let written = space.filter(|_| wanted).map(|space| space_body(visit, space, &expand.below(name)));
            body.part(name, written.transpose()?, path.as_str());
        }
    }
    Ok(())
}

fn history_body(visit: &Visit<'_>, node: &Node, expand: &Expand) -> Value {
    let mut history = json!({
        "latest": true,
        "createdBy": user_body(visit, &node.author, &Expand::none()),
        "createdDate": time(node.created),
        "_links": {"self": format!("{}/rest/api/content/{}/history", visit.base(), node.id)},
        "_expandable": {"lastUpdated": "", "previousVersion": "", "contributors": "", "nextVersion": ""},
    });
    if let Some(history) = history.as_object_mut().filter(|_| expand.has("history.lastUpdated")) {
        history.insert("lastUpdated".to_owned(), version_body(visit, node));
    }
    history
}

/// What is below a place, of one kind and published: the next level, or all.
pub(super) fn below(visit: &Visit<'_>, at: u32, kind: Kind, all: bool) -> Vec<u32> {
    let places = match visit.site().node_at(at) {
        _ if all => visit.site().descendants(at),
        Some(node) => node.below.clone(),
        None => Vec::new(),
    };
    let fits = |at: &u32| {
        visit.sees(*at)
            && visit
                .site()
                .node_at(*at)
                .is_some_and(|node| node.kind == kind && matches!(node.status, Status::Current | Status::Archived))
    };
    places.into_iter().filter(fits).collect()
}

/// What is below a content, a listing for each type that is wanted: the first 25, and where it goes on.
pub(super) fn below_by_kind(visit: &Visit<'_>, node: &Node, expand: &Expand, all: bool) -> Result<Value, Refusal> {
    let mut body = Parts::of(json!({}));
    let part = if all { "descendant" } else { "child" };
    for kind in [Kind::Page, Kind::Comment, Kind::Attachment] {
        let path = format!("/rest/api/content/{}/{part}/{}", node.id, kind.word());
        let listing = || -> Result<Value, Refusal> {
            let found = visit.site().find(&node.id).map(|at| below(visit, at, kind, all)).unwrap_or_default();
            let expand = expand.below(kind.word());
            let nodes = found.iter().take(25).filter_map(|at| visit.site().node_at(*at));
            let rows: Vec<Value> = nodes.map(|node| content_body(visit, node, &expand)).collect::<Result<_, _>>()?;
            let mut links = Map::new();
            links.insert("self".to_owned(), json!(format!("{}{path}", visit.base())));
            if rows.len() < found.len() {
                links.insert("next".to_owned(), json!(format!("{path}?limit=25&start=25")));
            }
            Ok(json!({"size": rows.len(), "results": rows, "start": 0, "limit": 25, "_links": links}))
        };
        let written = expand.has(kind.word()).then(listing).transpose()?;
        body.part(kind.word(), written, path);
    }
    Ok(body.done())
}

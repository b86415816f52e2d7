//! Restrictions of contents.
// Source: https://developer.atlassian.com/server/confluence/rest/v1010/api-group-content-restrictions/

use serde_json::{Map, Value, json};

use super::super::bodies::OPERATIONS;
use super::super::exchange::{Answer, Refusal};
use super::super::expand::Expand;
use super::super::state::{Kind, Node, Principal, Status};
use super::bodies::{MOST_SUBJECTS, restriction_body};
use super::caller::Caller;
use super::visit::Visit;
use super::{evaluate, guards};

/// Most layers on a page of `relevantViewRestrictions`.
const MOST_LAYERS: usize = 50;

/// Answers a route under `/rest/api/content/{id}/restriction`; `path` begins with `content`.
pub(super) fn answer(visit: &Visit<'_>, path: &[&str]) -> Option<Answer> {
    Some(match (visit.call.method, path) {
        ("GET", ["content", id, "restriction", "byOperation"]) => by_operation(visit, id),
        ("GET", ["content", id, "restriction", "byOperation", operation]) => one_operation(visit, id, operation),
        // In the reference from 9.3 on and stubbed for 9.2 by somebody's tests: the first version is a guess.
        ("GET", ["content", id, "restriction", "relevantViewRestrictions"]) => {
            visit.since(9, 2, || relevant(visit, id))
        }
        // Source: https://community.developer.atlassian.com/t/remove-page-restrictions-via-rest-api/86971
        ("PUT", ["content", id, "restriction"]) if visit.from(8, 8) => replace(visit, id, false),
        ("PUT", ["content", _, "restriction"]) => Err(Refusal::Status(405, String::new())),
        _ => return None,
    })
}

/// Answers under `/rest/experimental`, which has one such route, still in 9; that it is gone in 10 is a guess.
pub(super) fn experimental(visit: &Visit<'_>, path: &[&str]) -> Option<Answer> {
    let ("PUT", ["content", id, "restriction"]) = (visit.call.method, path) else { return None };
    Some(if visit.from(10, 0) { Err(Refusal::NoAddress { strange: false }) } else { replace(visit, id, true) })
}

fn find<'a>(visit: &Visit<'a>, id: &str) -> Result<&'a Node, Refusal> {
    if let Some(node) = visit.site().find(id).and_then(|at| visit.site().node_at(at)) {
        guards::readable(node)?;
    }
    // Drafts have restrictions too.
    if let Some((_, node)) = visit.node(id).filter(|(_, node)| node.status == Status::Draft) {
        return Ok(node);
    }
    guards::content(visit, id).map(|(_, node)| node)
}

const EXPANDS: [&str; 12] = [
    "user",
    "group",
    "content",
    "restrictions.user",
    "restrictions.group",
    "read.restrictions.user",
    "read.restrictions.group",
    "update.restrictions.user",
    "update.restrictions.group",
    "relevantViewRestrictions",
    "read.content",
    "update.content",
];

/// The lists of this content itself: those above do not show.
// Source: https://jira.atlassian.com/browse/CONFSERVER-45609
fn by_operation(visit: &Visit<'_>, id: &str) -> Answer {
    visit.call.known("GET /rest/api/content/{id}/restriction/byOperation", &["expand"])?;
    let expand = Expand::read(visit.call, &EXPANDS)?;
    let node = find(visit, id)?;
    let mut map = Map::new();
    for operation in OPERATIONS {
        // Groups, where nothing is said.
        let wants = |kind: &str| {
            expand.has(&format!("{operation}.restrictions.{kind}"))
                || expand.has(&format!("restrictions.{kind}"))
                || expand.has(kind)
                || (kind == "group" && expand == Expand::none())
        };
        map.insert(operation.to_owned(), restriction_body(visit, node, operation, wants, (0, MOST_SUBJECTS)));
    }
    let links = visit.call.links();
    // The form with `restrictions` around it is in the documents of 10.2; from when on is a guess.
    if visit.from(10, 0) {
        return Ok(json!({"restrictions": map, "_links": links}).into());
    }
    map.insert("_links".to_owned(), Value::Object(links));
    Ok(Value::Object(map).into())
}

fn one_operation(visit: &Visit<'_>, id: &str, operation: &str) -> Answer {
    const ROUTE: &str = "GET /rest/api/content/{id}/restriction/byOperation/{operation}";
    visit.call.known(ROUTE, &["expand", "start", "limit"])?;
    let expand = Expand::read(visit.call, &EXPANDS)?;
    if !OPERATIONS.contains(&operation) {
        return Err(Refusal::NotFound(format!("no restriction for the operation `{operation}`")));
    }
    let node = find(visit, id)?;
    let wants =
        |kind: &str| expand == Expand::none() || expand.has(&format!("restrictions.{kind}")) || expand.has(kind);
    let mut body = restriction_body(visit, node, operation, wants, visit.call.nested_page(MOST_SUBJECTS)?);
    if let Some(body) = body.as_object_mut() {
        body.insert("_links".to_owned(), Value::Object(visit.call.links()));
    }
    Ok(body.into())
}

/// Every list that must be passed to view the content: its own, and those above.
// Source: https://docs.atlassian.com/ConfluenceServer/javadoc/9.5.2/com/atlassian/confluence/rest/client/RemoteContentRestrictionService.html
fn relevant(visit: &Visit<'_>, id: &str) -> Answer {
    const ROUTE: &str = "GET /rest/api/content/{id}/restriction/relevantViewRestrictions";
    visit.call.known(ROUTE, &["expand", "start", "limit"])?;
    Expand::read(visit.call, &EXPANDS)?;
    let node = find(visit, id)?;
    let mut layers: Vec<&Node> = vec![node];
    if node.kind != Kind::Blogpost {
        layers.extend(visit.site().above(node));
    }
    layers.retain(|layer| !layer.read.is_empty());
    let window = visit.call.offset_page(MOST_LAYERS, MOST_LAYERS)?;
    let rows: Vec<Value> =
        layers.iter().map(|layer| restriction_body(visit, layer, "read", |_| true, (0, MOST_SUBJECTS))).collect();
    let total = rows.len();
    let mut listing = visit.call.offset_listing_of(rows, &window);
    listing.insert("totalCount".to_owned(), json!(total));
    Ok(json!({"viewContentRestrictions": listing, "_links": visit.call.links()}).into())
}

// Changes -----------------------------------------------------------------------------------------------------------

/// The subjects of one kind in a body.
fn named(visit: &Visit<'_>, kind: &str, list: &Value) -> Result<Vec<Principal>, Refusal> {
    let list = list.get("results").unwrap_or(list);
    let Value::Array(list) = list else { return Err(Refusal::Bad(format!("`{kind}` is no list"))) };
    list.iter()
        .map(|entry| {
            let member = |name: &str| entry.get(name).and_then(Value::as_str);
            if kind == "group" {
                let name = member("name").ok_or_else(|| Refusal::Bad("a group needs `name`".to_owned()))?;
                let group = visit.group_named(name);
                let group = group.ok_or_else(|| Refusal::Declined(format!("No group found with name: {name}")))?;
                return Ok(Principal::Group(group.id.clone()));
            }
            let (user, said) = match (member("userKey"), member("username")) {
                (Some(key), _) => (visit.site().user(key), key),
                (None, Some(name)) => (visit.user_named(name), name),
                (None, None) => return Err(Refusal::Bad("a user needs `username` or `userKey`".to_owned())),
            };
            let user = user.ok_or_else(|| Refusal::Declined(format!("No user found: {said}")))?;
            Ok(Principal::User(user.id.clone()))
        })
        .collect()
}

/// Overwrites the operations that are named; of those, only the kinds of subjects that are named.
///
/// `experimental`: the older route, which takes its lists as pages only; another form it fails at.
fn replace(visit: &Visit<'_>, id: &str, experimental: bool) -> Answer {
    let route = if experimental {
        "PUT /rest/experimental/content/{id}/restriction"
    } else {
        "PUT /rest/api/content/{id}/restriction"
    };
    visit.call.known(route, &["expand", "start", "limit"])?;
    let expand = Expand::read(visit.call, &EXPANDS)?;
    let body = visit.call.json()?;
    let Value::Array(entries) = body.get("results").unwrap_or(body) else {
        return Err(Refusal::Bad("the body is no list".to_owned()));
    };
    let node = find(visit, id)?;
    if !matches!(node.kind, Kind::Page | Kind::Blogpost) {
        return Err(Refusal::Declined("only pages and blog posts have restrictions".to_owned()));
    }
    guards::writable(visit)?;
    let space = visit.site().space_of(node);
    let sets = space.is_some_and(|space| visit.has(space, "restrict") || visit.has(space, "administer"));
    if !(visit.edits(node) && sets) && visit.caller != Caller::Administrator && !visit.is_super() {
        return Err(Refusal::Forbidden("you may not change the restrictions of this content".to_owned()));
    }
    let after = overwritten(visit, node, entries, experimental)?;
    // "Users cannot remove their own access."
    for (before, list) in [(&node.read, &after.read), (&node.update, &after.update)] {
        let passes = |list: &[Principal]| evaluate::passes(visit.site(), list, &visit.caller);
        if passes(before) && !passes(list) {
            return Err(Refusal::Declined("You cannot remove your own access to this content".to_owned()));
        }
    }
    for (update, before, list) in [(false, &node.read, &after.read), (true, &node.update, &after.update)] {
        if before != list {
            visit.restrict(node, update, list.clone());
        }
    }
    let wants =
        |kind: &str| expand == Expand::none() || expand.has(&format!("restrictions.{kind}")) || expand.has(kind);
    let page = visit.call.nested_page(MOST_SUBJECTS)?;
    let rows: Vec<Value> =
        OPERATIONS.iter().map(|operation| restriction_body(visit, &after, operation, wants, page)).collect();
    Ok(json!({
        "size": rows.len(),
        "totalCount": rows.len(),
        "results": rows,
        "start": page.0,
        "limit": page.1,
        "_links": visit.call.links(),
    })
    .into())
}

/// The content with the lists it has afterwards.
fn overwritten(visit: &Visit<'_>, node: &Node, entries: &[Value], experimental: bool) -> Result<Node, Refusal> {
    let mut after = node.clone();
    for entry in entries {
        let operation = entry.get("operation").and_then(Value::as_str).unwrap_or_default();
        let list = match operation {
            "read" => &mut after.read,
            "update" => &mut after.update,
            other => return Err(Refusal::Bad(format!("`{other}` is no operation of a restriction"))),
        };
        let Some(Value::Object(kinds)) = entry.get("restrictions") else {
            return Err(Refusal::Bad("an entry needs `restrictions`".to_owned()));
        };
        for (kind, said) in kinds {
            let is_kind = |who: &Principal| match kind.as_str() {
                "user" => matches!(who, Principal::User(_)),
                _ => matches!(who, Principal::Group(_)),
            };
            if !matches!(kind.as_str(), "user" | "group") {
                return Err(Refusal::Bad(format!("`{kind}` is no kind of subject: use `user` or `group`")));
            }
            if experimental && !said.get("results").is_some_and(Value::is_array) {
                return Err(Refusal::Status(500, "Internal server error".to_owned()));
            }
            let said = named(visit, kind, said)?;
            list.retain(|who| !is_kind(who));
            for who in said {
                if !list.contains(&who) {
                    list.push(who);
                }
            }
        }
    }
    Ok(after)
}

//! v1 listings that are in the documents no more and still answer on site domains; on the gateway they are gone.
//!
//! Source: <https://developer.atlassian.com/cloud/confluence/changelog/#CHANGE-864>

use serde_json::{Map, Value, json};

use super::bodies::{content_body, content_expand, group_body, permission_row, space_body, user_body};
use super::cloud_v1::restricted;
use super::cloud_v2::operation_of;
use super::exchange::{Answer, Call, Refusal};
use super::expand::Expand;
use super::state::{Kind, Node, Principal, Space, Status};

/// Answers a route under `/wiki/rest/api`; `None` where there never was one.
pub(super) fn answer(call: &Call<'_>, path: &[&str]) -> Option<Answer> {
    // Groups by name went with the user names. Whether site domains still answer some of these is not known.
    // Source: https://developer.atlassian.com/cloud/confluence/changelog/#CHANGE-2520
    if let (_, ["group", _, "member"] | ["content", _, "restriction", "byOperation", _, "group", _])
    | ("GET" | "DELETE", ["group", _]) = (call.method, path)
    {
        return Some(Err(Refusal::Gone));
    }
    let route: fn(&Call<'_>, &[&str]) -> Answer = match (call.method, path) {
        ("GET", ["space"]) => spaces,
        ("GET", ["space", _]) => space,
        ("GET", ["space", _, "content"]) => space_contents,
        ("GET", ["space", _, "content", "page" | "blogpost"]) => space_contents_of,
        ("GET", ["content"]) => contents,
        ("GET", ["content", _]) => content,
        ("GET", ["content", _, "child", "page"]) => children,
        _ => return None,
    };
    Some(if call.options.legacy_v1 { route(call, path) } else { Err(Refusal::Gone) })
}

const SPACE_EXPANDS: [&str; 6] = ["permissions", "description.plain", "homepage", "history", "metadata.labels", "icon"];

fn missing(what: &str, id: &str) -> Refusal {
    Refusal::NotFound(format!("No {what} found with key or id: {id}"))
}

// Spaces ------------------------------------------------------------------------------------------------------------

/// Grants as rows. What stands in no list of users or groups and is not anonymous is not told here.
fn permissions(call: &Call<'_>, space: &Space) -> Value {
    let none = Expand::none();
    let row = |((who, permission), id): (&(Principal, String), &u64)| {
        if matches!(who, Principal::Class(_) | Principal::Other(..)) {
            return None;
        }
        let shown = || match who {
            Principal::User(id) => user_body(call, id, &none),
            Principal::Group(id) => group_body(call, id),
            _ => Value::Null,
        };
        let mut row = permission_row(who, operation_of(permission), shown);
        if let Some(row) = row.as_object_mut() {
            row.insert("id".to_owned(), json!(id));
        }
        Some(row)
    };
    Value::Array(space.grants.iter().zip(&space.grant_ids).filter_map(row).collect())
}

fn expanded_space(call: &Call<'_>, space: &Space, expand: &Expand) -> Value {
    let mut body = space_body(call, space);
    let Some(map) = body.as_object_mut() else { return body };
    if expand.has("permissions") {
        map.insert("permissions".to_owned(), permissions(call, space));
    }
    if expand.has("description") {
        let plain = json!({"value": "", "representation": "plain", "embeddedContent": []});
        map.insert("description".to_owned(), json!({"plain": plain, "_expandable": {"view": ""}}));
    }
    if expand.has("homepage")
        && let Some((_, home)) = space.homepage.as_deref().and_then(|id| call.site.node(id))
    {
        map.insert("homepage".to_owned(), content_body(call, home, &Expand::none()));
    }
    body
}

fn spaces(call: &Call<'_>, _: &[&str]) -> Answer {
    call.known("GET /wiki/rest/api/space", &["spaceKey", "type", "status", "expand", "start", "limit"])?;
    let expand = Expand::read(call, &SPACE_EXPANDS)?;
    let kinds = call.words("type", &["global", "personal"])?;
    let status = call.words("status", &["current", "archived"])?;
    let keys = call.many("spaceKey", 1000)?;
    let window = call.offset_page(25, 1000)?;
    let found = call
        .site
        .spaces()
        .filter(|s| keys.is_empty() || keys.contains(&s.key.as_str()))
        .filter(|s| kinds.is_empty() || kinds.contains(&if s.kind == "personal" { "personal" } else { "global" }))
        .filter(|s| status.is_empty() || status.contains(&if s.archived { "archived" } else { "current" }));
    let found = found.map(|space| expanded_space(call, space, &expand)).collect();
    Ok(Value::Object(call.offset_listing_of(found, &window)).into())
}

fn key<'a>(path: &[&'a str]) -> &'a str {
    path.get(1).copied().unwrap_or_default()
}

fn space(call: &Call<'_>, path: &[&str]) -> Answer {
    call.known("GET /wiki/rest/api/space/{key}", &["expand"])?;
    let expand = Expand::read(call, &SPACE_EXPANDS)?;
    let space = call.site.space_by_key(key(path)).ok_or_else(|| missing("space", key(path)))?;
    Ok(expanded_space(call, space, &expand).into())
}

// Contents ----------------------------------------------------------------------------------------------------------

/// One page of published contents out of `list`.
fn page(call: &Call<'_>, list: &[u32], keep: impl Fn(&Node) -> bool) -> Result<Map<String, Value>, Refusal> {
    let expand = content_expand(call)?;
    let heavy = expand.has("restrictions") || expand.has("ancestors") || expand.has("body");
    let window = call.offset_page(25, if heavy { 200 } else { 1000 })?;
    if window.from > 100_000 {
        return Err(Refusal::Bad("Start of this size is no longer supported".to_owned()));
    }
    let fits = |at: &&u32| {
        call.site.sees(**at) && call.site.node_at(**at).is_some_and(|node| node.unreadable.is_none() && keep(node))
    };
    let mut behind = list.iter().filter(fits).skip(window.skipped()).peekable();
    let found: Vec<u32> = behind.by_ref().take(window.limit).copied().collect();
    let more = behind.peek().is_some();
    let rows = found.into_iter().filter_map(|at| call.site.node_at(at)).map(|node| content_body(call, node, &expand));
    Ok(call.offset_listing(rows.collect(), &window, more))
}

fn statuses<'a>(call: &'a Call<'_>) -> Result<Vec<&'a str>, Refusal> {
    let mut statuses = call.words("status", &["current", "trashed", "archived", "draft", "any"])?;
    if statuses.is_empty() {
        statuses.push("current");
    }
    if statuses.contains(&"any") {
        statuses = vec!["current", "trashed"];
    }
    Ok(statuses)
}

fn contents(call: &Call<'_>, _: &[&str]) -> Answer {
    const ROUTE: &str = "GET /wiki/rest/api/content";
    call.known(ROUTE, &["spaceKey", "type", "title", "status", "expand", "start", "limit"])?;
    let statuses = statuses(call)?;
    let title = call.one("title");
    let kind = call.words("type", &["page", "blogpost"])?.first().copied().unwrap_or("page");
    let list = |space: &'_ Space| if kind == "page" { space.pages.clone() } else { space.blogposts.clone() };
    let found = match call.one("spaceKey") {
        Some(key) => list(call.site.space_by_key(key).ok_or_else(|| missing("space", key))?),
        None => {
            let mut all: Vec<u32> = call.site.spaces().flat_map(list).collect();
            all.sort_unstable();
            all
        }
    };
    let keep = |node: &Node| statuses.contains(&node.status.word()) && title.is_none_or(|title| node.title == title);
    Ok(Value::Object(page(call, &found, keep)?).into())
}

fn space_contents(call: &Call<'_>, path: &[&str]) -> Answer {
    call.known("GET /wiki/rest/api/space/{key}/content", &["depth", "expand", "start", "limit"])?;
    let space = call.site.space_by_key(key(path)).ok_or_else(|| missing("space", key(path)))?;
    let current = |node: &Node| node.status == Status::Current;
    let pages = page(call, &space.pages, current)?;
    let blogposts = page(call, &space.blogposts, current)?;
    Ok(json!({"page": pages, "blogpost": blogposts, "_links": {}}).into())
}

fn space_contents_of(call: &Call<'_>, path: &[&str]) -> Answer {
    const ROUTE: &str = "GET /wiki/rest/api/space/{key}/content/{type}";
    call.known(ROUTE, &["depth", "expand", "start", "limit"])?;
    let space = call.site.space_by_key(key(path)).ok_or_else(|| missing("space", key(path)))?;
    let root = call.words("depth", &["all", "root"])?.contains(&"root");
    let list = if path.last() == Some(&"page") { &space.pages } else { &space.blogposts };
    let keep = |node: &Node| node.status == Status::Current && (!root || node.parent.is_none());
    Ok(Value::Object(page(call, list, keep)?).into())
}

fn content(call: &Call<'_>, path: &[&str]) -> Answer {
    call.known("GET /wiki/rest/api/content/{id}", &["expand", "status"])?;
    let expand = content_expand(call)?;
    let statuses = statuses(call)?;
    let (_, node) = call.site.node(key(path)).ok_or_else(|| missing("content", key(path)))?;
    if !statuses.contains(&node.status.word()) && node.status != Status::Archived {
        return Err(missing("content", key(path)));
    }
    if expand.has("restrictions") {
        restricted(call, key(path))?;
    }
    Ok(content_body(call, node, &expand).into())
}

fn children(call: &Call<'_>, path: &[&str]) -> Answer {
    call.known("GET /wiki/rest/api/content/{id}/child/page", &["expand", "start", "limit"])?;
    let (_, node) = call.site.node(key(path)).ok_or_else(|| missing("content", key(path)))?;
    let keep = |node: &Node| node.kind == Kind::Page && node.status == Status::Current;
    Ok(Value::Object(page(call, &node.below, keep)?).into())
}

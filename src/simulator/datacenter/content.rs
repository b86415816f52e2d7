//! Contents: by space, by id, by cursor, by search.
// Source: https://developer.atlassian.com/server/confluence/rest/v1010/api-group-content-resource/

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::super::cloud_v1::Expand;
use super::super::exchange::{Answer, Refusal, Window, time};
use super::super::search;
use super::super::state::{Kind, Node, Status};
use super::people::user_body;
use super::{Visit, restrictions, spaces};

const EXPANDS: [&str; 29] = [
    "ancestors",
    "ancestors.restrictions.read.restrictions.user",
    "ancestors.restrictions.read.restrictions.group",
    "ancestors.restrictions.update.restrictions.user",
    "ancestors.restrictions.update.restrictions.group",
    "ancestors.version",
    "ancestors.space",
    "ancestors.history",
    "restrictions.read.restrictions.user",
    "restrictions.read.restrictions.group",
    "restrictions.update.restrictions.user",
    "restrictions.update.restrictions.group",
    "history.lastUpdated",
    "history.contributors",
    "history.createdBy",
    "space.permissions",
    "space.homepage",
    "space.description",
    "container",
    "version.by",
    "body.storage",
    "body.view",
    "metadata.labels",
    "operations",
    "extensions",
    "children.page",
    "children.comment",
    "children.attachment",
    "descendants",
];

/// Rows the server gives at most, by what it has to put into them. That a body lowers the cap of these routes as it does
/// that of search is a guess.
fn cap(expand: &Expand) -> usize {
    if expand.has("body") { 50 } else { 500 }
}

// Source: https://support.atlassian.com/confluence/kb/searching-using-the-confluence-rest-api-with-cql-always-limits-results-to-50/
fn search_cap(expand: &Expand) -> usize {
    if expand.has("body") {
        50
    } else if *expand == Expand::none() {
        1000
    } else {
        200
    }
}

fn read(visit: &Visit<'_>) -> Result<Expand, Refusal> {
    Expand::read(visit.call, &EXPANDS)
}

fn missing(id: &str) -> Refusal {
    Refusal::NotFound(format!(
        "com.atlassian.confluence.api.service.exceptions.NotFoundException: No content found with id: ContentId{{id={id}}}"
    ))
}

/// The content, where the caller may view it and it is published.
pub(super) fn find<'a>(visit: &Visit<'a>, id: &str) -> Result<(u32, &'a Node), Refusal> {
    let published = |node: &Node| matches!(node.status, Status::Current | Status::Archived);
    visit.node(id).filter(|(_, node)| published(node)).ok_or_else(|| missing(id))
}

fn kind(word: &str) -> Result<Kind, Refusal> {
    match Kind::read(word) {
        Some(kind @ (Kind::Page | Kind::Blogpost | Kind::Comment | Kind::Attachment)) => Ok(kind),
        _ => Err(Refusal::Bad(format!("`{word}` is no type of content"))),
    }
}

// Rows --------------------------------------------------------------------------------------------------------------

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
pub(super) fn body(visit: &Visit<'_>, node: &Node, expand: &Expand) -> Result<Value, Refusal> {
    let space = visit.site().space_of(node);
    let key = space.map(|space| space.key.as_str()).unwrap_or_default();
    let own = format!("/rest/api/content/{}", node.id);
    let mut body = json!({
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
    });
    let Some(map) = body.as_object_mut() else { return Ok(body) };
    let mut expandable = Map::new();
    let mut later = |name: &str, path: String| expandable.insert(name.to_owned(), Value::String(path));
    if expand.has("ancestors") {
        let below = expand.below("ancestors");
        let mut above: Vec<&Node> = visit.site().above(node).filter(|_| node.kind == Kind::Page).collect();
        above.reverse();
        let above: Vec<Value> =
            above.into_iter().map(|node| self::body(visit, node, &below)).collect::<Result<_, _>>()?;
        map.insert("ancestors".to_owned(), Value::Array(above));
    } else {
        later("ancestors", String::new());
    }
    for name in ["space", "container"] {
        let holder = visit.site().above(node).next().filter(|_| matches!(node.kind, Kind::Comment | Kind::Attachment));
        match (holder.filter(|_| name == "container"), space) {
            (Some(holder), _) if expand.has(name) => {
                map.insert(name.to_owned(), self::body(visit, holder, &Expand::none())?);
            }
            (Some(holder), _) => {
                later(name, format!("/rest/api/content/{}", holder.id));
            }
            (None, Some(space)) if expand.has(name) => {
                map.insert(name.to_owned(), spaces::body(visit, space, &expand.below(name))?);
            }
            (None, _) => {
                later(name, format!("/rest/api/space/{key}"));
            }
        }
    }
    if expand.has("version") {
        map.insert("version".to_owned(), version_body(visit, node));
    } else {
        later("version", String::new());
    }
    if expand.has("history") {
        let mut history = json!({
            "latest": true,
            "createdBy": user_body(visit, &node.author, &Expand::none()),
            "createdDate": time(node.created),
            "_links": {"self": format!("{}{own}/history", visit.base())},
            "_expandable": {"lastUpdated": "", "previousVersion": "", "contributors": "", "nextVersion": ""},
        });
        if let Some(history) = history.as_object_mut().filter(|_| expand.has("history.lastUpdated")) {
            history.insert("lastUpdated".to_owned(), version_body(visit, node));
        }
        map.insert("history".to_owned(), history);
    } else {
        later("history", format!("{own}/history"));
    }
    if expand.has("body") {
        let mut parts = Map::new();
        for part in ["storage", "view"].into_iter().filter(|part| expand.has(&format!("body.{part}"))) {
            let text = json!({"value": format!("<p>{}</p>", node.title), "representation": part});
            parts.insert(part.to_owned(), text);
        }
        map.insert("body".to_owned(), Value::Object(parts));
    } else {
        later("body", String::new());
    }
    // What cannot be read is not there; asked for by itself it says why.
    if expand.has("restrictions") && node.unreadable.is_none() {
        map.insert("restrictions".to_owned(), restrictions::inline(visit, node, &expand.below("restrictions")));
    } else {
        later("restrictions", format!("{own}/restriction/byOperation"));
    }
    if expand.has("children") {
        map.insert("children".to_owned(), below_by_kind(visit, node, &expand.below("children"), false)?);
    } else {
        later("children", format!("{own}/child"));
    }
    later("descendants", format!("{own}/descendant"));
    for name in ["metadata", "operations"] {
        if expand.has(name) {
            map.insert(name.to_owned(), if name == "operations" { json!([]) } else { json!({}) });
        } else {
            later(name, String::new());
        }
    }
    map.insert("_expandable".to_owned(), Value::Object(expandable));
    Ok(body)
}

/// A listing of the contents at these places.
fn listed(visit: &Visit<'_>, all: &[u32], window: &Window, expand: &Expand) -> Result<Map<String, Value>, Refusal> {
    let from = usize::try_from(window.from).unwrap_or(usize::MAX);
    let rows = rows(visit, all.iter().copied().skip(from).take(window.limit), expand)?;
    let more = from.saturating_add(rows.len()) < all.len();
    Ok(visit.call.offset_listing(rows, window, more))
}

fn rows(visit: &Visit<'_>, places: impl Iterator<Item = u32>, expand: &Expand) -> Result<Vec<Value>, Refusal> {
    places.filter_map(|at| visit.site().node_at(at)).map(|node| body(visit, node, expand)).collect()
}

// By space ----------------------------------------------------------------------------------------------------------

/// Which states are asked for.
fn statuses(visit: &Visit<'_>) -> Result<Vec<Status>, Refusal> {
    let said = visit.call.words("status", &["current", "trashed", "draft", "any", "historical"])?;
    Ok(match said.first().copied().unwrap_or("current") {
        "any" => vec![Status::Current, Status::Archived, Status::Trashed],
        "trashed" => vec![Status::Trashed],
        "draft" => vec![Status::Draft],
        "historical" => return Err(Refusal::Unknown("this simulator keeps no old versions".to_owned())),
        _ => vec![Status::Current, Status::Archived],
    })
}

/// What the caller may view of this kind and these states, in the order of ids.
fn places(visit: &Visit<'_>, key: Option<&str>, kind: Kind, statuses: &[Status]) -> Result<Vec<u32>, Refusal> {
    let fits = |at: u32| {
        visit.sees(at)
            && visit.site().node_at(at).is_some_and(|node| node.kind == kind && statuses.contains(&node.status))
    };
    let count = u32::try_from(visit.site().facts.nodes.len()).unwrap_or(u32::MAX);
    Ok(match key {
        Some(key) => spaces::find(visit, key)?.nodes.iter().copied().filter(|at| fits(*at)).collect(),
        None => (0..count).filter(|at| fits(*at)).collect(),
    })
}

/// `GET /rest/api/content`.
pub(super) fn listing(visit: &Visit<'_>) -> Answer {
    let words = ["type", "spaceKey", "title", "status", "postingDay", "expand", "start", "limit", "orderby"];
    visit.call.known("GET /rest/api/content", &words)?;
    if visit.call.one("postingDay").is_some() || visit.call.one("orderby").is_some() {
        return Err(Refusal::Unknown("`postingDay` and `orderby` are not in this simulator".to_owned()));
    }
    let expand = read(visit)?;
    let kind = kind(visit.call.one("type").unwrap_or("page"))?;
    let window = visit.call.offset_page(25, cap(&expand))?;
    let title = visit.call.one("title");
    let mut all = places(visit, visit.call.one("spaceKey"), kind, &statuses(visit)?)?;
    all.retain(|at| title.is_none_or(|title| visit.site().node_at(*at).is_some_and(|node| node.title == title)));
    Ok(Value::Object(listed(visit, &all, &window, &expand)?).into())
}

/// `GET /rest/api/content/scan`: a cursor that goes by id.
// Source: https://developer.atlassian.com/server/confluence/confluence-rest-api-examples/
pub(super) fn scan(visit: &Visit<'_>) -> Answer {
    let words = ["spaceKey", "type", "status", "expand", "limit", "cursor"];
    visit.call.known("GET /rest/api/content/scan", &words)?;
    let expand = read(visit)?;
    let kind = kind(visit.call.one("type").unwrap_or("page"))?;
    let all = places(visit, visit.call.one("spaceKey"), kind, &statuses(visit)?)?;
    let limit = visit.call.whole("limit")?.and_then(|limit| usize::try_from(limit).ok()).filter(|limit| *limit > 0);
    // That a page has 500 rows at most is a guess.
    let window = visit.call.window(limit.unwrap_or(25), cap(&expand), 0);
    let begin = match visit.call.one("cursor").filter(|cursor| !cursor.is_empty()) {
        None => 0,
        Some(cursor) => {
            let after = cursor.strip_prefix("content:false:").and_then(|id| visit.site().find(id));
            let after = after.ok_or_else(|| Refusal::Bad(format!("Invalid cursor: {cursor}")))?;
            all.partition_point(|at| *at <= after)
        }
    };
    let behind = all.get(begin..).unwrap_or_default();
    let page = behind.get(..window.limit.min(behind.len())).unwrap_or_default();
    let cursor = |at: &u32| visit.site().node_at(*at).map(|node| format!("content:false:{}", node.id));
    let here = visit.call.one("cursor").map(str::to_owned);
    let next = match page.last() {
        _ if visit.call.loops => here.clone().or_else(|| page.last().and_then(cursor)),
        Some(last) if page.len() < behind.len() => cursor(last),
        // An empty page, where there should be rows, goes on where it began.
        None if !behind.is_empty() => match begin.checked_sub(1).and_then(|at| all.get(at)) {
            Some(before) => cursor(before),
            None => Some("content:false:".to_owned()),
        },
        _ => None,
    };
    let results = rows(visit, page.iter().copied(), &expand)?;
    let mut links = visit.call.context();
    links.insert("self".to_owned(), json!(visit.call.itself()));
    if let Some(next) = &next {
        let replaced = [("cursor", next.clone()), ("limit", window.said.to_string())];
        links.insert("next".to_owned(), json!(visit.call.link(&replaced)));
    }
    Ok(json!({
        "results": results,
        "cursor": here,
        "nextCursor": next,
        "prevCursor": null,
        "limit": window.said,
        "size": page.len(),
        "_links": links,
    })
    .into())
}

fn depth(visit: &Visit<'_>, places: &mut Vec<u32>) -> Result<(), Refusal> {
    if visit.call.words("depth", &["all", "root"])?.contains(&"root") {
        places.retain(|at| visit.site().node_at(*at).is_some_and(|node| node.above.is_none()));
    }
    Ok(())
}

/// `GET /rest/api/space/{spaceKey}/content`: a listing for each type.
pub(super) fn of_space(visit: &Visit<'_>, key: &str) -> Answer {
    visit.call.known("GET /rest/api/space/{spaceKey}/content", &["depth", "expand", "start", "limit"])?;
    let expand = read(visit)?;
    let window = visit.call.offset_page(25, cap(&expand))?;
    let mut body = Map::new();
    for kind in [Kind::Page, Kind::Blogpost] {
        let mut all = places(visit, Some(key), kind, &[Status::Current, Status::Archived])?;
        depth(visit, &mut all)?;
        let mut listing = listed(visit, &all, &window, &expand)?;
        // Each goes on at the route of its own type.
        if let Some(next) = listing.get_mut("_links").and_then(|links| links.get_mut("next"))
            && let Some(text) = next.as_str()
        {
            *next = json!(text.replace("/content?", &format!("/content/{}?", kind.word())));
        }
        body.insert(kind.word().to_owned(), Value::Object(listing));
    }
    body.insert("_links".to_owned(), Value::Object(visit.call.context()));
    Ok(Value::Object(body).into())
}

/// `GET /rest/api/space/{spaceKey}/content/{type}`.
pub(super) fn of_space_by_kind(visit: &Visit<'_>, key: &str, word: &str) -> Answer {
    visit.call.known("GET /rest/api/space/{spaceKey}/content/{type}", &["depth", "expand", "start", "limit"])?;
    let expand = read(visit)?;
    let window = visit.call.offset_page(25, cap(&expand))?;
    let mut all = places(visit, Some(key), kind(word)?, &[Status::Current, Status::Archived])?;
    depth(visit, &mut all)?;
    Ok(Value::Object(listed(visit, &all, &window, &expand)?).into())
}

// By id -------------------------------------------------------------------------------------------------------------

/// `GET /rest/api/content/{id}`.
pub(super) fn one(visit: &Visit<'_>, id: &str) -> Answer {
    visit.call.known("GET /rest/api/content/{id}", &["status", "version", "expand"])?;
    let expand = read(visit)?;
    let statuses = statuses(visit)?;
    let (_, node) = visit.node(id).filter(|(_, node)| statuses.contains(&node.status)).ok_or_else(|| missing(id))?;
    if expand.has("restrictions") {
        restrictions::readable(node)?;
    }
    Ok(body(visit, node, &expand)?.into())
}

fn below(visit: &Visit<'_>, at: u32, kind: Kind, all: bool) -> Vec<u32> {
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
fn below_by_kind(visit: &Visit<'_>, node: &Node, expand: &Expand, all: bool) -> Result<Value, Refusal> {
    let mut body = Map::new();
    let mut expandable = Map::new();
    let part = if all { "descendant" } else { "child" };
    for kind in [Kind::Page, Kind::Comment, Kind::Attachment] {
        let path = format!("/rest/api/content/{}/{part}/{}", node.id, kind.word());
        if !expand.has(kind.word()) {
            expandable.insert(kind.word().to_owned(), json!(path));
            continue;
        }
        let found = visit.site().find(&node.id).map(|at| below(visit, at, kind, all)).unwrap_or_default();
        let rows = rows(visit, found.iter().copied().take(25), &expand.below(kind.word()))?;
        let mut links = Map::new();
        links.insert("self".to_owned(), json!(format!("{}{path}", visit.base())));
        if rows.len() < found.len() {
            links.insert("next".to_owned(), json!(format!("{path}?limit=25&start=25")));
        }
        let listing = json!({"size": rows.len(), "results": rows, "start": 0, "limit": 25, "_links": links});
        body.insert(kind.word().to_owned(), listing);
    }
    body.insert("_expandable".to_owned(), Value::Object(expandable));
    Ok(Value::Object(body))
}

/// `GET /rest/api/content/{id}/child` and `…/descendant`.
pub(super) fn children(visit: &Visit<'_>, id: &str, all: bool) -> Answer {
    let route = if all { "GET /rest/api/content/{id}/descendant" } else { "GET /rest/api/content/{id}/child" };
    visit.call.known(route, &["expand", "start", "limit", "parentVersion"])?;
    let expand = Expand::read(visit.call, &["page", "comment", "attachment"])?;
    let (_, node) = find(visit, id)?;
    Ok(below_by_kind(visit, node, &expand, all)?.into())
}

/// `GET /rest/api/content/{id}/child/{type}`.
pub(super) fn children_by_kind(visit: &Visit<'_>, id: &str, word: &str) -> Answer {
    visit.call.known("GET /rest/api/content/{id}/child/{type}", &["expand", "start", "limit", "parentVersion"])?;
    by_kind(visit, id, word, false)
}

/// `GET /rest/api/content/{id}/descendant/{type}`.
pub(super) fn descendants_by_kind(visit: &Visit<'_>, id: &str, word: &str) -> Answer {
    visit.call.known("GET /rest/api/content/{id}/descendant/{type}", &["expand", "start", "limit"])?;
    by_kind(visit, id, word, true)
}

fn by_kind(visit: &Visit<'_>, id: &str, word: &str, all: bool) -> Answer {
    let expand = read(visit)?;
    let window = visit.call.offset_page(25, cap(&expand))?;
    let (at, _) = find(visit, id)?;
    let found = below(visit, at, kind(word)?, all);
    Ok(Value::Object(listed(visit, &found, &window, &expand)?).into())
}

// By search ---------------------------------------------------------------------------------------------------------

/// `GET /rest/api/content/search`. The index holds what is published, in spaces that are not archived.
pub(super) fn search(visit: &Visit<'_>) -> Answer {
    visit.call.known("GET /rest/api/content/search", &["cql", "cqlcontext", "expand", "start", "limit"])?;
    let query = search::parse(visit.call.required("cql")?)?;
    let expand = read(visit)?;
    let window = visit.call.offset_page(25, search_cap(&expand))?;
    let site = visit.site();
    let found = search::found(site, &query, |at, node| {
        visit.sees(at)
            && matches!(node.status, Status::Current | Status::Archived)
            && site.space_of(node).is_some_and(|space| !space.archived)
    })?;
    let mut body = listed(visit, &found, &window, &expand)?;
    body.insert("totalSize".to_owned(), json!(found.iter().collect::<HashSet<_>>().len()));
    body.insert("cqlQuery".to_owned(), json!(visit.call.one("cql")));
    body.insert("searchDuration".to_owned(), json!(1));
    Ok(Value::Object(body).into())
}

//! Contents: by space, by id, by cursor, by search.
// Source: https://developer.atlassian.com/server/confluence/rest/v1010/api-group-content-resource/

use serde_json::{Map, Value, json};

use super::super::exchange::{Answer, Refusal};
use super::super::expand::Expand;
use super::super::paging::Window;
use super::super::search;
use super::super::state::{Kind, Node, Status};
use super::bodies::{below, below_by_kind, content_body};
use super::guards;
use super::visit::Visit;

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

fn kind(word: &str) -> Result<Kind, Refusal> {
    match Kind::read(word) {
        Some(kind @ (Kind::Page | Kind::Blogpost | Kind::Comment | Kind::Attachment)) => Ok(kind),
        _ => Err(Refusal::Bad(format!("`{word}` is no type of content"))),
    }
}

/// A listing of the contents at these places.
fn listed(visit: &Visit<'_>, all: &[u32], window: &Window, expand: &Expand) -> Result<Map<String, Value>, Refusal> {
    let nodes: Vec<&Node> = all.iter().filter_map(|at| visit.site().node_at(*at)).collect();
    visit.call.offset_listing_by(nodes, window, |node| content_body(visit, node, expand))
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
        Some(key) => guards::space(visit, key)?.nodes.iter().copied().filter(|at| fits(*at)).collect(),
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
    let nodes = page.iter().filter_map(|at| visit.site().node_at(*at));
    let results: Vec<Value> = nodes.map(|node| content_body(visit, node, &expand)).collect::<Result<_, _>>()?;
    let mut links = visit.call.links();
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
    let (_, node) =
        visit.node(id).filter(|(_, node)| statuses.contains(&node.status)).ok_or_else(|| Refusal::no_content(id))?;
    if expand.has("restrictions") {
        guards::readable(node)?;
    }
    Ok(content_body(visit, node, &expand)?.into())
}

/// `GET /rest/api/content/{id}/child` and `…/descendant`.
pub(super) fn children(visit: &Visit<'_>, id: &str, all: bool) -> Answer {
    let route = if all { "GET /rest/api/content/{id}/descendant" } else { "GET /rest/api/content/{id}/child" };
    visit.call.known(route, &["expand", "start", "limit", "parentVersion"])?;
    let expand = Expand::read(visit.call, &["page", "comment", "attachment"])?;
    let (_, node) = guards::content(visit, id)?;
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
    let (at, _) = guards::content(visit, id)?;
    let found = below(visit, at, kind(word)?, all);
    Ok(Value::Object(listed(visit, &found, &window, &expand)?).into())
}

// By search ---------------------------------------------------------------------------------------------------------

/// `GET /rest/api/content/search`. The index holds what is published, in spaces that are not archived.
pub(super) fn search(visit: &Visit<'_>) -> Answer {
    visit.call.known("GET /rest/api/content/search", &["cql", "cqlcontext", "expand", "start", "limit"])?;
    let cql = visit.call.required("cql")?;
    let query = search::parse(cql)?;
    let expand = read(visit)?;
    let window = visit.call.offset_page(25, search_cap(&expand))?;
    let site = visit.site();
    let found = search::found(site, &query, |at, node| {
        visit.sees(at)
            && matches!(node.status, Status::Current | Status::Archived)
            && site.space_of(node).is_some_and(|space| !space.archived)
    })?;
    let mut body = listed(visit, &found, &window, &expand)?;
    search::counted(&mut body, cql, found.len());
    Ok(Value::Object(body).into())
}

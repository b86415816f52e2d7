//! Spaces and contents.

use std::collections::HashSet;

use super::people::{NAMES, user_of};
use super::{origin, wire};
use crate::apis::reading::{self, Context, Node, Page, Unreadable, listing, parse};
use crate::apis::subject_lists::{ContentRestrictions, Lists};
use crate::model::{Content, ContentStatus, ContentType, Gap, GapScope, Origin, SiteFact, Space};

/// Reads spaces that were asked for by `status`.
///
/// # Errors
/// Where the answer is no such listing.
pub fn spaces(body: &[u8], status: &str) -> Result<Page<Space>, Unreadable> {
    const ROUTE: &str = "GET /rest/api/space";
    let (elements, mut page) = listing::<wire::Space, Space>(body)?;
    let origin = origin(ROUTE);
    for element in elements {
        match element {
            Ok(space) => page.rows.push(space_of(space, Some(status), &origin)),
            Err(broken) => page.gaps.push(broken.site_gap(SiteFact::Spaces, ROUTE)),
        }
    }
    Ok(page)
}

/// Reads one space.
///
/// # Errors
/// Where the answer is no space.
pub fn space(body: &[u8]) -> Result<Page<Space>, Unreadable> {
    let space: wire::Space = parse(body)?;
    Ok(Page::single(space_of(space, None, &origin("GET /rest/api/space/{key}"))))
}

fn space_of(space: wire::Space, status: Option<&str>, origin: &Origin) -> Space {
    let expandable = space.expandable.and_then(|parts| parts.homepage);
    let homepage = space.homepage.map(|page| page.id).or_else(|| {
        let id = expandable?.rsplit_once("/content/")?.1.to_owned();
        id.bytes().all(|b| b.is_ascii_digit()).then_some(id).filter(|id| !id.is_empty())
    });
    Space {
        id: space.id.unwrap_or_else(|| space.key.clone()),
        key: space.key,
        name: space.name,
        kind: space.kind.map(|kind| kind.to_ascii_lowercase()),
        // What the row says counts more than what was asked for: servers that do not know the filter list everything.
        status: space.status.or_else(|| status.map(str::to_owned)).map(|status| status.to_ascii_lowercase()),
        homepage_id: homepage,
        source: origin.clone(),
        ..Space::default()
    }
}

/// A content as a listing brings it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The content.
    pub content: Content,
    /// The nodes above it from the top down; `None`: they were not sent.
    pub ancestors: Option<Vec<Node>>,
    /// Its own restrictions.
    pub restrictions: ContentRestrictions,
}

/// Reads contents listed by cursor.
///
/// # Errors
/// Where the answer is no such listing.
pub fn scan(body: &[u8], context: &Context) -> Result<Page<Found>, Unreadable> {
    contents_from(body, context, "GET /rest/api/content/scan")
}

/// Reads contents listed by offset.
///
/// # Errors
/// Where the answer is no such listing.
pub fn contents(body: &[u8], context: &Context) -> Result<Page<Found>, Unreadable> {
    contents_from(body, context, "GET /rest/api/content")
}

/// Reads contents that were searched for.
///
/// # Errors
/// Where the answer is no such listing.
pub fn search(body: &[u8], context: &Context) -> Result<Page<Found>, Unreadable> {
    contents_from(body, context, "GET /rest/api/content/search")
}

fn contents_from(body: &[u8], context: &Context, route: &str) -> Result<Page<Found>, Unreadable> {
    let (elements, mut page) = listing::<wire::Content, Found>(body)?;
    let origin = origin(route);
    let base = page.base.clone();
    let mut seen = HashSet::new();
    for element in elements {
        match element {
            Ok(content) => {
                let found = found(content, context, base.as_deref(), route, &origin, &mut page, &mut seen);
                page.rows.push(found);
            }
            Err(broken) => page.gaps.push(match broken.id.clone() {
                Some(id) => broken.gap(GapScope::Content, id, route),
                None => broken.gap(GapScope::Space, context.space_key.clone().unwrap_or_default(), route),
            }),
        }
    }
    Ok(page)
}

/// Reads one content.
///
/// # Errors
/// Where the answer is no content.
pub fn content(body: &[u8], context: &Context) -> Result<Page<Found>, Unreadable> {
    const ROUTE: &str = "GET /rest/api/content/{id}";
    let content: wire::Content = parse(body)?;
    let mut page = Page { received: 1, ..Page::default() };
    let found = found(content, context, None, ROUTE, &origin(ROUTE), &mut page, &mut HashSet::new());
    page.rows.push(found);
    Ok(page)
}

fn found(
    content: wire::Content,
    context: &Context,
    base: Option<&str>,
    route: &str,
    source: &Origin,
    page: &mut Page<Found>,
    seen: &mut HashSet<String>,
) -> Found {
    let restrictions = Lists { names: &NAMES, content_id: &content.id, origin: source, route, start: 0, page, seen }
        .both(content.restrictions.as_ref());
    let links = content.links.unwrap_or_default();
    let base = links.base.as_deref().or(base).or(context.base.as_deref());
    let space = content.space.unwrap_or(wire::SpaceOfContent { id: None, key: None });
    // A space that was not expanded is still named by the address it could be read from.
    let key = space.key.or_else(|| key_in(content.expandable.and_then(|parts| parts.space).as_deref()));
    let ancestors: Option<Vec<Node>> = content.ancestors.map(|nodes| {
        nodes.into_iter().map(|node| Node { id: node.id, kind: node.kind.as_deref().map(ContentType::from) }).collect()
    });
    let kind = content.kind.as_deref().map_or_else(|| ContentType::Other("unknown".to_owned()), ContentType::from);
    let parent = ancestors.as_ref().and_then(|nodes| nodes.last());
    let mut gaps: Vec<Gap> = Vec::new();
    let space_key = reading::space_key(&content.id, space.id.as_deref(), key.as_deref(), context, route, &mut gaps);
    page.gaps.extend(gaps);
    let creator = content.history.as_ref().and_then(|history| history.created_by.as_ref());
    if let Some(user) = creator.and_then(|creator| user_of(creator, source))
        && seen.insert(format!("user:{}", user.id))
    {
        page.users.push(user);
    }
    Found {
        content: Content {
            url: reading::address(base, links.webui.as_deref()),
            title: content.title,
            status: content
                .status
                .as_deref()
                .map_or(ContentStatus::Current, |status| ContentStatus::from(status.to_ascii_lowercase().as_str())),
            parent_id: parent.map(|node| node.id.clone()),
            parent_type: parent.map(|node| node.kind.clone().unwrap_or(ContentType::Page)),
            // Nothing stands above a blog post; of a page it has to be said.
            parent_unknown: ancestors.is_none() && kind != ContentType::Blogpost,
            author_id: creator.and_then(|creator| creator.user_key.clone()),
            created_at: reading::time(content.history.as_ref().and_then(|h| h.created_date.as_deref())),
            modified_at: reading::time(content.version.and_then(|version| version.when).as_deref()),
            source: source.clone(),
            ..Content::new(content.id, kind, space_key)
        },
        ancestors,
        restrictions,
    }
}

/// The key in the address of a space.
fn key_in(address: Option<&str>) -> Option<String> {
    let tail = address?.rsplit_once("/space/")?.1;
    let key = tail.split(['?', '/', '#']).next().filter(|key| !key.is_empty())?;
    Some(percent_encoding::percent_decode_str(key).decode_utf8_lossy().into_owned())
}

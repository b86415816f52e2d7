//! Restrictions, in bulk and singly.

use std::collections::HashSet;

use serde_json::Value;

use super::people::{group_of, named, user_of};
use super::{object, origin, wire};
use crate::apis::reading::{self, Context, Node, Page, Unreadable, listing};
use crate::apis::subject_lists::{self, Holder, Lists, Names};
pub use crate::apis::subject_lists::{ContentRestrictions, ListState, SubjectList};
use crate::model::{Content, ContentStatus, ContentType, Gap, GapScope, Origin, RestrictionOperation, Subject};

const NAMES: Names = Names { user, group };

fn user(entry: &Value, origin: &Origin) -> Option<Holder> {
    let user: wire::User = object(entry)?;
    let (subject, name) = named(&user);
    Some(Holder { subject, name, user: user_of(&user, origin), group: None })
}

fn group(entry: &Value, origin: &Origin) -> Option<Holder> {
    let wire: wire::Group = object(entry)?;
    let group = group_of(&wire, origin)?;
    // One without an id no longer exists, so it is no group of the site.
    let kept = wire.id.is_some().then(|| group.clone());
    Some(Holder { subject: Subject::group(group.id), name: group.name, user: None, group: kept })
}

/// A content a search found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The content as far as v1 describes it: kind, title, status, and space and parent where they were sent.
    pub content: Content,
    /// The nodes above it from the top down, where they were sent.
    pub ancestors: Option<Vec<Node>>,
    /// Its own restrictions.
    pub restrictions: ContentRestrictions,
}

/// Reads contents that match a search, with their restrictions. Accounts and groups that stand in the lists come with
/// the page.
///
/// # Errors
/// Where the answer is no such listing.
pub fn content_search(body: &[u8], context: &Context) -> Result<Page<Found>, Unreadable> {
    const ROUTE: &str = "GET /wiki/rest/api/content/search";
    let (elements, mut page) = listing::<wire::Content, Found>(body)?;
    let origin = origin(ROUTE);
    let base = page.base.clone();
    let mut seen = HashSet::new();
    for element in elements {
        let content = match element {
            Ok(content) => content,
            Err(broken) => {
                page.gaps.push(match broken.id.clone() {
                    Some(id) => broken.gap(GapScope::Content, id, ROUTE),
                    None => broken.gap(GapScope::Space, context.space_key.clone().unwrap_or_default(), ROUTE),
                });
                continue;
            }
        };
        let mut reader = Lists {
            names: &NAMES,
            content_id: &content.id,
            origin: &origin,
            route: ROUTE,
            start: 0,
            page: &mut page,
            seen: &mut seen,
        };
        let restrictions = reader.both(content.restrictions.as_ref());
        let found = found(content, restrictions, context, base.as_deref(), &origin, ROUTE, &mut page.gaps);
        page.rows.push(found);
    }
    Ok(page)
}

fn found(
    content: wire::Content,
    restrictions: ContentRestrictions,
    context: &Context,
    base: Option<&str>,
    source: &Origin,
    route: &str,
    gaps: &mut Vec<Gap>,
) -> Found {
    let links = content.links.unwrap_or_default();
    let base = links.base.as_deref().or(base).or(context.base.as_deref());
    let space = content.space.unwrap_or(wire::Space { id: None, key: None });
    // A space that was not expanded is still named by the address it could be read from.
    let expandable = content.expandable.and_then(|parts| parts.space);
    let key = space.key.or_else(|| {
        let tail = expandable.as_deref()?.rsplit_once("/space/")?.1;
        let key = tail.split(['?', '/', '#']).next().filter(|key| !key.is_empty())?;
        Some(percent_encoding::percent_decode_str(key).decode_utf8_lossy().into_owned())
    });
    let ancestors: Option<Vec<Node>> = content.ancestors.map(|nodes| {
        nodes.into_iter().map(|node| Node { id: node.id, kind: node.kind.as_deref().map(ContentType::from) }).collect()
    });
    let parent = ancestors.as_ref().and_then(|nodes| nodes.last());
    let kind = content.kind.as_deref().map_or_else(|| ContentType::Other("unknown".to_owned()), ContentType::from);
    let history = content.history;
    Found {
        content: Content {
            space_key: reading::space_key(&content.id, space.id.as_deref(), key.as_deref(), context, route, gaps),
            url: reading::address(base, links.webui.as_deref()),
            title: content.title,
            status: content.status.as_deref().map_or(ContentStatus::Current, ContentStatus::from),
            parent_id: parent.map(|node| node.id.clone()),
            parent_type: parent.and_then(|node| node.kind.clone()),
            author_id: history.as_ref().and_then(|h| h.created_by.as_ref()).and_then(|by| by.account_id.clone()),
            created_at: reading::time(history.as_ref().and_then(|h| h.created_date.as_deref())),
            modified_at: reading::time(content.version.and_then(|version| version.when).as_deref()),
            source: source.clone(),
            ..Content::new(content.id, kind, "")
        },
        ancestors,
        restrictions,
    }
}

/// Reads both restriction lists of one content. An operation the answer does not name is not fetched, not open.
///
/// # Errors
/// Where the answer holds no restrictions.
pub fn content_restriction(body: &[u8], content_id: &str) -> Result<Page<ContentRestrictions>, Unreadable> {
    both_lists(body, content_id, "GET /wiki/rest/api/content/{id}/restriction")
}

/// Reads both restriction lists of one content from the map by operation.
///
/// # Errors
/// Where the answer holds no restrictions.
pub fn restriction_by_operations(body: &[u8], content_id: &str) -> Result<Page<ContentRestrictions>, Unreadable> {
    both_lists(body, content_id, "GET /wiki/rest/api/content/{id}/restriction/byOperation")
}

fn both_lists(body: &[u8], content_id: &str, route: &str) -> Result<Page<ContentRestrictions>, Unreadable> {
    subject_lists::both_lists(body, content_id, route, &origin(route), &NAMES)
}

/// Reads one restriction list of one content that was asked for from its `start`-th subject.
///
/// # Errors
/// Where the answer is no restriction.
pub fn restriction_by_operation(
    body: &[u8],
    content_id: &str,
    operation: RestrictionOperation,
    start: u64,
) -> Result<Page<SubjectList>, Unreadable> {
    const ROUTE: &str = "GET /wiki/rest/api/content/{id}/restriction/byOperation/{operation}";
    subject_lists::one_list(body, (content_id, operation, start), ROUTE, &origin(ROUTE), &NAMES)
}

//! Restrictions of single contents: those stored on one, and those that have to be passed to see it.

use std::collections::HashSet;

use serde_json::Value;

use super::dialect::{DIALECT, NAMES};
use super::{routes, wire};
use crate::apis::listing::About;
use crate::apis::reading::{Page, Unreadable, object, parse};
use crate::apis::rest_v1::lists::{ContentRestrictions, ListState, Lists, SubjectList};
use crate::apis::rest_v1::wire::Ancestor;
use crate::apis::{Continuation, errors};
use crate::model::{GapCause, GapScope, Restriction, RestrictionOperation};

/// Reads both restriction lists of one content from the map by operation, in either of its nestings.
///
/// # Errors
/// Where the answer holds no restrictions.
pub fn restriction_by_operations(body: &[u8], content_id: &str) -> Result<Page<ContentRestrictions>, Unreadable> {
    DIALECT.both_lists(body, content_id, &routes::RESTRICTION_BY_OPERATIONS)
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
    DIALECT.one_list(body, (content_id, operation, start), &routes::RESTRICTION_BY_OPERATION)
}

/// One list that has to be passed to see a content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// The content it is stored on, where the server says.
    pub content_id: Option<String>,
    /// Who passes.
    pub subjects: Vec<Restriction>,
    /// Whether that is all.
    pub state: ListState,
}

/// Reads the view restrictions that have to be passed to see a content: all of them, each by one of its subjects.
///
/// # Errors
/// Where the answer holds no list of restrictions.
// Source: https://docs.atlassian.com/ConfluenceServer/javadoc/9.5.2/com/atlassian/confluence/rest/client/RemoteContentRestrictionService.html
pub fn relevant_view_restrictions(body: &[u8], content_id: &str) -> Result<Page<Layer>, Unreadable> {
    let answer: wire::RelevantRestrictions = parse(body)?;
    let inner = answer.view_content_restrictions.as_ref();
    let results = inner.and_then(|page| page.get("results"));
    let Some(Value::Array(entries)) = results.or(answer.results.as_ref()) else {
        return Err(Unreadable::shape(body, "viewContentRestrictions", "no list of restrictions"));
    };
    let links = |value: Option<&Value>| {
        let links = value?.get("_links")?;
        Continuation::from_member(links.get("next"))
    };
    let outer = answer.links.as_ref().and_then(|links| Continuation::from_member(links.next.as_ref()));
    let about = About::new((GapScope::Content, content_id), &routes::RELEVANT_VIEW_RESTRICTIONS);
    let origin = about.origin();
    let mut page = Page { received: entries.len(), next: links(inner).or(outer), ..Page::default() };
    let mut seen = HashSet::new();
    for entry in entries {
        if !entry.is_object() {
            let message = "one of the restrictions that bind it is not readable";
            page.gaps.push(about.gap(GapCause::Unreadable, message));
            continue;
        }
        match entry.get("operation").and_then(Value::as_str).map(str::to_ascii_lowercase).as_deref() {
            None | Some("read" | "view") => {}
            // Viewing does not depend on it.
            Some("update" | "edit") => continue,
            Some(other) => {
                let message = format!("a restriction of the operation `{}` binds it", errors::plain(other, 40));
                page.gaps.push(about.gap(GapCause::Unsupported, message));
                continue;
            }
        }
        let stored_on = entry.get("content").and_then(object::<Ancestor>).map(|node| node.id);
        let id = stored_on.clone().unwrap_or_else(|| content_id.to_owned());
        let lists = entry.get("restrictions").filter(|lists| !lists.is_null());
        let list = Lists {
            names: &NAMES,
            content_id: &id,
            origin: &origin,
            route: about.route(),
            start: 0,
            page: &mut page,
            seen: &mut seen,
        }
        .list(RestrictionOperation::View, lists);
        if list.state == ListState::NotFetched {
            let message = "the subjects of one of the restrictions that bind it were not sent";
            page.gaps.push(about.gap(GapCause::Truncated, message));
        }
        page.rows.push(Layer { content_id: stored_on, subjects: list.rows, state: list.state });
    }
    Ok(page)
}

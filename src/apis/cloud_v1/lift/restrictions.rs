//! Restrictions, in bulk and singly.

use super::dialect::DIALECT;
use super::routes;
use crate::apis::reading::{Context, Page, Unreadable};
pub use crate::apis::{ContentRestrictions, Found, ListState, SubjectList};
use crate::model::RestrictionOperation;

/// Reads contents that match a search, with their restrictions. Accounts and groups that stand in the lists come with
/// the page.
///
/// # Errors
/// Where the answer is no such listing.
pub fn content_search(body: &[u8], context: &Context) -> Result<Page<Found>, Unreadable> {
    DIALECT.contents(body, context, &routes::CONTENT_SEARCH)
}

/// Reads both restriction lists of one content. An operation the answer does not name is not fetched, not open.
///
/// # Errors
/// Where the answer holds no restrictions.
pub fn content_restriction(body: &[u8], content_id: &str) -> Result<Page<ContentRestrictions>, Unreadable> {
    DIALECT.both_lists(body, content_id, &routes::CONTENT_RESTRICTION)
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

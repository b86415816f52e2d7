//! Spaces and contents.

use super::dialect::DIALECT;
use super::{routes, wire};
pub use crate::apis::Found;
use crate::apis::listing::{About, Listing};
use crate::apis::reading::{Context, Page, Unreadable, parse};
use crate::model::{Origin, SiteFact, Space};

/// Reads spaces that were asked for by `status`.
///
/// # Errors
/// Where the answer is no such listing.
pub fn spaces(body: &[u8], status: &str) -> Result<Page<Space>, Unreadable> {
    let about = About::site(SiteFact::Spaces, &routes::SPACES);
    let origin = about.origin();
    Ok(Listing::read(body)?.rows(&about, |space| space_of(space, Some(status), &origin)))
}

/// Reads one space.
///
/// # Errors
/// Where the answer is no space.
pub fn space(body: &[u8]) -> Result<Page<Space>, Unreadable> {
    Ok(Page::single(space_of(parse(body)?, None, &routes::SPACE.origin())))
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

/// Reads contents listed by cursor.
///
/// # Errors
/// Where the answer is no such listing.
pub fn scan(body: &[u8], context: &Context) -> Result<Page<Found>, Unreadable> {
    DIALECT.contents(body, context, &routes::SCAN)
}

/// Reads contents listed by offset.
///
/// # Errors
/// Where the answer is no such listing.
pub fn contents(body: &[u8], context: &Context) -> Result<Page<Found>, Unreadable> {
    DIALECT.contents(body, context, &routes::CONTENTS)
}

/// Reads contents that were searched for.
///
/// # Errors
/// Where the answer is no such listing.
pub fn search(body: &[u8], context: &Context) -> Result<Page<Found>, Unreadable> {
    DIALECT.contents(body, context, &routes::CONTENT_SEARCH)
}

/// Reads one content.
///
/// # Errors
/// Where the answer is no content.
pub fn content(body: &[u8], context: &Context) -> Result<Page<Found>, Unreadable> {
    DIALECT.content(body, context, &routes::CONTENT)
}

//! Restrictions of many contents at once: searches by their ids.

use std::collections::HashSet;

use super::halves;
use super::lists::Restricted;
use super::pages::{Walk, Walked};
use super::transport::Transport;
use super::{Error, ErrorKind, Result};
use crate::apis::{ContentRestrictions, Page, Request, Unreadable, fitting};
use crate::model::{GapScope, SiteFact};

/// Contents in one search: as many as a page of it brings.
const IDS: usize = 200;
pub(super) const LIMIT: u32 = 200;

/// A content a search brought.
pub(super) struct BulkRow {
    pub(super) id: String,
    pub(super) restrictions: ContentRestrictions,
}

/// Reads one page of rows a search brought.
pub(super) type ReadRows<'a> = &'a (dyn Fn(&[u8]) -> std::result::Result<Page<BulkRow>, Unreadable> + Sync);

/// How a search by ids is written and read.
pub(super) struct Search<'a> {
    pub(super) transport: &'a Transport,
    pub(super) request: fn(&[String]) -> Request,
    pub(super) read: ReadRows<'a>,
}

impl Search<'_> {
    async fn walk(&self, ids: &[String]) -> Result<Walked<BulkRow>> {
        let walk = Walk {
            request: (self.request)(ids),
            read: self.read,
            key: &|row: &BulkRow| row.id.clone(),
            scope: SiteFact::Contents.about().0,
            subject: SiteFact::Contents.as_str().to_owned(),
            shrink: true,
            tell: &|_| {},
        };
        walk.run(self.transport).await
    }

    /// What searches bring of these contents. A part that is refused is halved until what spoils it stands alone; what no
    /// search brings is left for single questions.
    ///
    /// # Errors
    /// Where nobody answers, or the credentials are not accepted.
    pub(super) async fn run(&self, ids: &[String]) -> Result<Restricted> {
        let mut all = Restricted::default();
        // Another id than a number is no word of the search.
        let numbers: Vec<String> = ids.iter().filter(|id| id.bytes().all(|b| b.is_ascii_digit())).cloned().collect();
        for chunk in fitting(&numbers, IDS, self.request) {
            let question = |part: Vec<String>| async move { self.walk(&part).await };
            for (part, answer) in halves::ask(&chunk, halves::one_of_them, question).await {
                match answer {
                    Ok(walked) => absorb(&mut all, walked, &part),
                    Err(error) if hopeless(&error) => return Err(error),
                    Err(error) => {
                        tracing::debug!(error = %error, contents = part.len(), "a search by ids was refused");
                    }
                }
            }
        }
        Ok(all)
    }
}

fn hopeless(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::NoAnswer | ErrorKind::Timeout | ErrorKind::Unauthorized | ErrorKind::Closed | ErrorKind::RateLimited
    )
}

fn absorb(all: &mut Restricted, walked: Walked<BulkRow>, asked: &[String]) {
    let asked: HashSet<&str> = asked.iter().map(String::as_str).collect();
    let doubtful: HashSet<&str> =
        walked.gaps.iter().filter(|gap| gap.scope == GapScope::Content).map(|gap| gap.subject.as_str()).collect();
    // A server that does not know the filter lists other contents too. What is not read to its end is asked for again.
    for row in walked.rows {
        let whole = row.restrictions.to_complete().is_empty() && !doubtful.contains(row.id.as_str());
        if whole && asked.contains(row.id.as_str()) {
            all.rows.extend(row.restrictions.into_rows());
            all.covered.insert(row.id);
        }
    }
    all.users.extend(walked.users);
    all.groups.extend(walked.groups);
}

/// Contents no search brought.
pub(super) fn missing(ids: &[String], found: &Restricted) -> Vec<String> {
    ids.iter().filter(|id| !found.covered.contains(*id)).cloned().collect()
}

pub(super) fn page_of<T>(page: Page<T>, row: impl Fn(T) -> BulkRow) -> Page<BulkRow> {
    Page {
        rows: page.rows.into_iter().map(row).collect(),
        users: page.users,
        groups: page.groups,
        gaps: page.gaps,
        next: page.next,
        received: page.received,
        ..Page::default()
    }
}

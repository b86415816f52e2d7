//! Restrictions of many contents at once: searches by their ids.

use super::halves;
use super::lists::{Restricted, doubtful};
use super::pages::{Walk, Walked};
use super::transport::Transport;
use super::{Error, ErrorKind, Result};
use crate::apis::{ContentRestrictions, Page, Request, Unreadable, fitting};
use crate::model::SiteFact;

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
    let doubtful = doubtful(&walked.gaps);
    // A server that does not know the filter lists other contents too.
    for row in walked.rows.into_iter().filter(|row| asked.contains(&row.id)) {
        all.take(&row.id, row.restrictions, &doubtful);
    }
    // What is not read to its end is asked for again.
    all.partial.clear();
    all.users.extend(walked.users);
    all.groups.extend(walked.groups);
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

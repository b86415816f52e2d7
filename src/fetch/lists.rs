//! The two restriction lists of a content, to their last subject, from any API.

use std::collections::HashSet;
use std::sync::Mutex;

use futures::future::join_all;

use super::pages::{STALE_PAGES, ask, gap_of};
use super::plan::Breaker;
use super::progress::Step;
use super::transport::{RetryBudget, Transport};
use super::{Error, ErrorKind, Progress, Result};
use crate::apis::{ContentRestrictions, Context, Found, ListState, Page, Request, SubjectList, Unreadable};
use crate::fetch::locked::Locked;
use crate::model::{Content, Gap, GapCause, GapScope, Group, Restriction, RestrictionOperation, User};

/// Restrictions of contents, and which of them are read completely.
#[derive(Default)]
pub(super) struct Restricted {
    /// Contents the search brought.
    pub(super) contents: Vec<Content>,
    pub(super) rows: Vec<Restriction>,
    /// Rows of contents that may have more.
    pub(super) partial: Vec<Restriction>,
    /// Contents with both lists read to the end.
    pub(super) covered: HashSet<String>,
    pub(super) users: Vec<User>,
    pub(super) groups: Vec<Group>,
    pub(super) gaps: Vec<Gap>,
}

impl Restricted {
    /// Adds the lists of a content: whole, unless subjects or all of it are missing.
    pub(super) fn take(&mut self, id: &str, lists: ContentRestrictions, doubtful: &HashSet<String>) {
        if lists.to_complete().is_empty() && !doubtful.contains(id) {
            self.covered.insert(id.to_owned());
            self.rows.extend(lists.into_rows());
        } else {
            self.partial.extend(lists.into_rows());
        }
    }

    pub(super) fn absorb(&mut self, other: Self) {
        self.contents.extend(other.contents);
        self.rows.extend(other.rows);
        self.partial.extend(other.partial);
        self.covered.extend(other.covered);
        self.users.extend(other.users);
        self.groups.extend(other.groups);
        self.gaps.extend(other.gaps);
    }
}

/// Contents that could not be read in full.
pub(super) fn doubtful(gaps: &[Gap]) -> HashSet<String> {
    gaps.iter().filter(|gap| gap.scope == GapScope::Content).map(|gap| gap.subject.clone()).collect()
}

/// What a reader of answers returns, or why it cannot.
type Read<T> = std::result::Result<Page<T>, Unreadable>;

/// How an API is asked for restrictions.
pub(super) struct Questions {
    /// Both lists of one content.
    pub(super) both: fn(&str) -> Request,
    pub(super) read_both: fn(&[u8], &str) -> Read<ContentRestrictions>,
    /// One list of one content from its n-th subject.
    pub(super) one: fn(&str, RestrictionOperation, u64) -> Request,
    pub(super) read_one: fn(&[u8], &str, RestrictionOperation, u64) -> Read<SubjectList>,
    /// Contents that match a query, each with both lists.
    pub(super) search: fn(&str) -> Request,
    pub(super) read_search: fn(&[u8], &Context) -> Read<Found>,
}

/// Both restriction lists of one content, to the last subject.
///
/// # Errors
/// Where the lists cannot be read at all. A list that breaks off leaves a gap.
pub(super) async fn read(
    transport: &Transport,
    questions: &Questions,
    id: &str,
    budget: RetryBudget,
) -> Result<Restricted> {
    let request = (questions.both)(id);
    let page = ask(transport, &request, budget, &|body| (questions.read_both)(body, id)).await?;
    let mut all = Restricted { users: page.users, groups: page.groups, gaps: page.gaps, ..Restricted::default() };
    let Some(mut lists) = page.rows.into_iter().next() else {
        return Err(transport.error(ErrorKind::Unreadable, &request, "the answer holds no restrictions"));
    };
    for (operation, mut start) in lists.to_complete() {
        let mut stale = 0;
        loop {
            let request = (questions.one)(id, operation, start);
            let read = |body: &[u8]| (questions.read_one)(body, id, operation, start);
            let stopped = |cause: GapCause, message: &str| {
                Gap::new((GapScope::Content, id), cause, format!("{}: {message}", request.line())).at(request.line())
            };
            let page = match ask(transport, &request, budget, &read).await {
                Ok(page) => page,
                Err(error) => {
                    all.gaps.push(gap_of(&error, GapScope::Content, id));
                    break;
                }
            };
            all.users.extend(page.users);
            all.groups.extend(page.groups);
            all.gaps.extend(page.gaps);
            let before = lists.list(operation).rows.len();
            let Some(later) = page.rows.into_iter().next() else { break };
            lists.list_mut(operation).extend(later);
            match lists.list(operation).state {
                ListState::Complete => break,
                ListState::Truncated { next } if next > start => {
                    // A list that moves on and on without bringing anybody new never ends.
                    stale = if lists.list(operation).rows.len() == before { stale + 1 } else { 0 };
                    if stale > STALE_PAGES {
                        all.gaps
                            .push(stopped(GapCause::Loop, "the list of subjects goes on without anybody new in it"));
                        break;
                    }
                    start = next;
                }
                ListState::Truncated { .. } => {
                    all.gaps.push(stopped(GapCause::Loop, "the list of subjects goes on where it began"));
                    break;
                }
                ListState::NotFetched => {
                    all.gaps.push(stopped(GapCause::Truncated, "the server does not send the list of subjects"));
                    break;
                }
            }
        }
    }
    let doubtful = all.gaps.iter().any(|gap| gap.scope == GapScope::Content);
    if !doubtful && lists.to_complete().is_empty() {
        all.covered.insert(id.to_owned());
    } else if !doubtful {
        all.gaps.push(
            Gap::new(
                (GapScope::Content, id),
                GapCause::Truncated,
                format!("{}: not every subject was sent", request.line()),
            )
            .at(request.line()),
        );
    }
    all.rows.extend(lists.into_rows());
    Ok(all)
}

/// The restrictions of these contents, one request each; a gap for each that could not be read.
pub(super) async fn read_all(
    transport: &Transport,
    questions: &Questions,
    ids: Vec<String>,
    width: usize,
    progress: &Progress,
) -> Restricted {
    let breaker = Mutex::new(Breaker::default());
    let left = Mutex::new(ids.into_iter());
    // There can be a hundred thousand: as many futures as run at a time take them from one list.
    let take = || left.locked().next();
    let worker = || async {
        let mut all = Restricted::default();
        while let Some(id) = take() {
            all.absorb(read_one(transport, questions, &id, &breaker).await);
            progress.add(Step::Restrictions, 1);
        }
        all
    };
    let mut all = Restricted::default();
    for part in join_all((0..width.max(1)).map(|_| worker())).await {
        all.absorb(part);
    }
    all
}

async fn read_one(transport: &Transport, questions: &Questions, id: &str, breaker: &Mutex<Breaker>) -> Restricted {
    let judge = || breaker.locked();
    let lost = |gap: Gap| Restricted { gaps: vec![gap], ..Restricted::default() };
    if judge().open() {
        let request = (questions.both)(id);
        return lost(
            Gap::new(
                (GapScope::Content, id),
                GapCause::NoAnswer,
                format!("{}: not asked, because many requests before it failed", request.line()),
            )
            .at(request.line()),
        );
    }
    let answer = read(transport, questions, id, budget(transport, breaker)).await;
    note(breaker, answer.as_ref().err());
    answer.unwrap_or_else(|error| lost(gap_of(&error, GapScope::Content, id)))
}

/// How hard to try for one item among many: as hard as for anything else, until several failed in a row.
pub(super) fn budget(transport: &Transport, breaker: &Mutex<Breaker>) -> RetryBudget {
    let tired = breaker.locked().tired();
    if tired { transport.brief() } else { transport.full() }
}

/// Records the outcome of one request in a series. "Not found" is an answer.
pub(super) fn note(breaker: &Mutex<Breaker>, error: Option<&Error>) {
    let mut breaker = breaker.locked();
    match error {
        Some(error) if error.kind() != ErrorKind::NotFound => breaker.failed(lasting(error)),
        _ => breaker.answered(),
    }
}

/// Whether an error says that the server is away, rather than that it refuses this one request.
fn lasting(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::NoAnswer
            | ErrorKind::Timeout
            | ErrorKind::RateLimited
            | ErrorKind::Unauthorized
            | ErrorKind::NotConfluence
            | ErrorKind::Closed
    )
}

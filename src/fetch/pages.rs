//! The walk through a listing: where it goes on, where it ends, and what it says when it had to stop early.

use std::collections::HashSet;

use super::transport::{Effort, Transport};
use super::{Error, ErrorKind, Result};
use crate::apis::{Continuation, Page, Request, Unreadable, UnreadableKind};
use crate::model::{Gap, GapCause, GapScope, Group, SiteFact, User};

/// Pages without rows that are followed one after another: Confluence sends some where rows were filtered out.
const EMPTY_PAGES: u32 = 20;

/// Pages that bring only what is known already, followed one after another while the position still moves: pages of a
/// listing that changes while it is read overlap.
pub(super) const STALE_PAGES: u32 = 5;

/// Smallest page that is asked for when larger ones fail, before rows are asked for one by one.
const SMALLEST: u32 = 5;

/// Rows of one listing that are passed over because the server cannot serve them.
const PASSED_OVER: usize = 50;

/// Rows that have to come again before a link that jumps is believed.
const AGAIN: usize = 3;

/// A reader of one page.
pub(super) type Read<'a, T> = &'a (dyn Fn(&[u8]) -> std::result::Result<Page<T>, Unreadable> + Sync);

/// A listing to walk.
pub(super) struct Walk<'a, T> {
    /// The first page.
    pub(super) request: Request,
    pub(super) read: Read<'a, T>,
    /// What tells one row from another.
    pub(super) key: &'a (dyn Fn(&T) -> String + Sync),
    /// What a gap is about when the walk has to stop.
    pub(super) scope: GapScope,
    pub(super) subject: String,
    /// Whether the page is made smaller where the server cannot cope with it.
    pub(super) shrink: bool,
    /// Told how many rows came, page by page.
    pub(super) tell: &'a (dyn Fn(usize) + Sync),
}

/// What a walk brought home.
pub(super) struct Walked<T> {
    pub(super) rows: Vec<T>,
    pub(super) gaps: Vec<Gap>,
    pub(super) users: Vec<User>,
    pub(super) groups: Vec<Group>,
    /// Address of the site as the server gives it.
    pub(super) base: Option<String>,
    /// Whether the walk came to the end of the listing.
    pub(super) complete: bool,
}

impl<T> Default for Walked<T> {
    fn default() -> Self {
        Self { rows: Vec::new(), gaps: Vec::new(), users: Vec::new(), groups: Vec::new(), base: None, complete: false }
    }
}

/// What a page brought.
struct Taken {
    /// Elements that were sent.
    received: usize,
    /// Rows that are new.
    fresh: usize,
    /// Rows that were known already.
    again: usize,
}

impl<T> Walk<'_, T> {
    /// Reads page after page until the server names no next one.
    ///
    /// # Errors
    /// Where the first page could not be read. What fails later is a gap beside the rows read until then.
    pub(super) async fn run(self, transport: &Transport) -> Result<Walked<T>> {
        // On the heap: a call holds many walks at once, and one alone is large.
        Box::pin(self.all(transport)).await
    }

    async fn all(self, transport: &Transport) -> Result<Walked<T>> {
        let mut walked = Walked::default();
        let mut seen: HashSet<String> = HashSet::new();
        // Positions of this pass; a listing that is begun anew may come by the same ones.
        let mut positions: HashSet<Continuation> = HashSet::new();
        let mut request = self.request.clone();
        let mut empty = 0;
        let mut stale = 0;
        let mut first = true;
        // Attempts at the first page, when it was larger: they count as repetitions.
        let mut tried = 0;
        let mut restarted = false;
        // Rows of this pass, known or new: only a page beyond what is known must bring something new.
        let mut passed = 0;
        let mut known_before = 0;
        // The page size that was last served, and how many rows were passed over.
        let mut served = None;
        let mut passed_over = 0;
        loop {
            let shrinks = self.can_shrink(&request, first);
            let effort = if shrinks && self.shrink { transport.brief() } else { transport.full().after(tried) };
            let page = match ask(transport, &request, effort, self.read).await {
                Ok(page) => page,
                Err(error) => {
                    let server = matches!(error.kind(), ErrorKind::Server | ErrorKind::Timeout);
                    if shrinks && server {
                        // Where nothing came at all, the size is not likely to be what is in the way.
                        if first {
                            tried += error.attempts();
                            request = much_smaller(&request);
                        } else {
                            request = smaller(&request);
                        }
                        continue;
                    }
                    // One row that cannot be served spoils every page that would hold it.
                    if error.kind() == ErrorKind::Server
                        && (self.shrink || !first)
                        && passed_over < PASSED_OVER
                        && limit_of(&request) <= SMALLEST
                    {
                        // A search that fails from its beginning is made up for by single questions anyway.
                        let worth_it = !first || request.parameter("cql").is_none();
                        if !request.by_offset() && limit_of(&request) > 1 && worth_it {
                            // Behind a cursor nothing can be passed over, but all before that row can be had.
                            tried += if first { error.attempts() } else { 0 };
                            request = with_limit(&request, "1");
                            continue;
                        }
                        if let Some((pages, gaps)) = Box::pin(self.singly(transport, &request)).await {
                            passed_over += gaps.len();
                            walked.gaps.extend(gaps);
                            for page in pages {
                                self.take(page, &mut walked, &mut seen);
                            }
                            first = false;
                            tried = 0;
                            let behind = request.continued(&Continuation::Skip(u64::from(limit_of(&request))));
                            if let Ok(behind) = behind {
                                let size =
                                    served.clone().or_else(|| self.request.parameter("limit").map(str::to_owned));
                                request = size.map_or_else(|| behind.clone(), |size| with_limit(&behind, &size));
                                continue;
                            }
                        }
                    }
                    // A cursor that has grown too old: once more from the beginning, keeping what is known.
                    if !first && !restarted && error.status() == Some(400) && request.cursor().is_some() {
                        restarted = true;
                        known_before = seen.len();
                        passed = 0;
                        positions.clear();
                        request = with_limit_of(&self.request, &request);
                        continue;
                    }
                    if first {
                        return Err(error);
                    }
                    walked.gaps.push(gap_of(&error, self.scope.clone(), &self.subject));
                    return Ok(walked);
                }
            };
            first = false;
            tried = 0;
            served = request.parameter("limit").map(str::to_owned);
            let (next, limit, total) = (page.next.clone(), page.limit, page.total);
            let taken = self.take(page, &mut walked, &mut seen);
            let Taken { received, fresh, .. } = taken;
            passed += received;
            let next = match next {
                Some(Continuation::Start(link)) => Some(Continuation::Start(from_here(&request, link, &taken, stale))),
                Some(next) => Some(next),
                None if goes_on(&request, received, limit, total) => Some(Continuation::Skip(received as u64)),
                None => None,
            };
            let Some(next) = next else {
                walked.complete = true;
                return Ok(walked);
            };
            let stop = |cause: GapCause, message: String| {
                Gap::new((self.scope.clone(), self.subject.clone()), cause, transport.quote(&message))
                    .at(request.route())
            };
            if received == 0 {
                empty += 1;
                if empty > EMPTY_PAGES {
                    let message = format!(
                        "{}: {empty} pages without rows in a row, each naming a next one; stopped there",
                        request.route()
                    );
                    walked.gaps.push(stop(GapCause::TooManyEmptyPages, message));
                    return Ok(walked);
                }
            } else {
                empty = 0;
            }
            let catching_up = restarted && passed <= known_before;
            if fresh > 0 {
                stale = 0;
            } else if received > 0 && !catching_up {
                stale += 1;
                if stale > STALE_PAGES {
                    let message = format!(
                        "{}: {stale} pages in a row brought nothing new and named a next one; stopped there",
                        request.route()
                    );
                    walked.gaps.push(stop(GapCause::Loop, message));
                    return Ok(walked);
                }
            }
            if !positions.insert(next.clone()) && !matches!(next, Continuation::Skip(_)) {
                let message =
                    format!("{}: the server named a page twice as the next one; stopped there", request.route());
                walked.gaps.push(stop(GapCause::Loop, message));
                return Ok(walked);
            }
            request = match request.continued(&next) {
                Ok(next) => next,
                Err(problem) => {
                    walked.gaps.push(stop(problem.cause(), format!("{}: {problem}; stopped there", request.route())));
                    return Ok(walked);
                }
            };
        }
    }

    /// Adds what a page holds to what was read.
    fn take(&self, page: Page<T>, walked: &mut Walked<T>, seen: &mut HashSet<String>) -> Taken {
        let received = page.received.max(page.rows.len());
        let rows = page.rows.len();
        let mut fresh = 0;
        for row in page.rows {
            if seen.insert((self.key)(&row)) {
                walked.rows.push(row);
                fresh += 1;
            }
        }
        (self.tell)(fresh);
        walked.gaps.extend(page.gaps);
        walked.users.extend(page.users);
        walked.groups.extend(page.groups);
        walked.base = walked.base.take().or(page.base);
        Taken { received, fresh, again: rows - fresh }
    }

    /// The rows of a page that cannot be served, one by one, with a gap for each that cannot be served by itself either.
    /// Nothing where none further on is served: then it is not a matter of single rows.
    async fn singly(&self, transport: &Transport, request: &Request) -> Option<(Vec<Page<T>>, Vec<Gap>)> {
        if !request.by_offset() {
            return None;
        }
        let size = u64::from(limit_of(request));
        let beyond = request.continued(&Continuation::Skip(size)).ok()?;
        ask(transport, &beyond, transport.brief(), self.read).await.ok()?;
        let (mut pages, mut gaps) = (Vec::new(), Vec::new());
        for at in 0..size {
            let one = match at {
                0 => request.clone(),
                at => request.continued(&Continuation::Skip(at)).ok()?,
            };
            match ask(transport, &with_limit(&one, "1"), transport.brief(), self.read).await {
                Ok(page) => pages.push(page),
                Err(error) => {
                    let gap = gap_of(&error, self.scope.clone(), &self.subject);
                    let message =
                        format!("the row at position {} of the listing is missing: {}", one.start(), gap.message);
                    gaps.push(Gap { message, ..gap });
                }
            }
        }
        Some((pages, gaps))
    }

    /// Whether the page is asked for smaller where it cannot be served.
    fn can_shrink(&self, request: &Request, first: bool) -> bool {
        (self.shrink || (!first && request.by_offset())) && limit_of(request) > SMALLEST
    }
}

/// Where the page after this one starts, whatever its link says: behind the rows that came. A server that serves fewer
/// rows than it was asked for may count on by what was asked, and the rows between would be in no page.
///
/// A server that filters rows out after it has counted them counts on rightly. There the rows that were passed come
/// again, and costs a page for it; where so many of them come again that it is plain, its link is followed.
fn from_here(request: &Request, link: u64, taken: &Taken, stale: u32) -> u64 {
    let reached = request.start().saturating_add(taken.received as u64);
    let filters = taken.again >= AGAIN.max(taken.received.div_ceil(2)) || (taken.fresh == 0 && stale > 0);
    if taken.received == 0 || (link > reached && filters) { link } else { reached }
}

/// Whether a listing by offset goes on although its page names no next one: the server served as few rows as it serves at
/// most, fewer than were asked for, or counts more than came.
fn goes_on(request: &Request, received: usize, limit: Option<u64>, total: Option<u64>) -> bool {
    let received = received as u64;
    let capped = limit.is_some_and(|limit| limit < u64::from(limit_of(request)) && received >= limit);
    let counted = total.is_some_and(|total| total > request.start().saturating_add(received));
    received > 0 && request.by_offset() && (capped || counted)
}

/// One page: asked for and read. An answer that broke off in the middle of its JSON is asked for once more.
pub(super) async fn ask<T>(
    transport: &Transport,
    request: &Request,
    effort: Effort,
    read: Read<'_, T>,
) -> Result<Page<T>> {
    let mut again = request.idempotent;
    loop {
        let answer = transport.send(request, effort).await?;
        match read(&answer.body) {
            Ok(mut page) => {
                transport.received(request, page.received.max(page.rows.len()));
                page.gaps = page.gaps.into_iter().map(|gap| transport.clean(gap)).collect();
                return Ok(page.or_link_header(answer.link()));
            }
            Err(problem) if again && problem.kind() == UnreadableKind::Truncated => again = false,
            Err(problem) => return Err(unreadable(transport, request, &problem, answer.status, answer.attempts)),
        }
    }
}

/// One object: asked for and read.
pub(super) async fn ask_one<T>(
    transport: &Transport,
    request: &Request,
    effort: Effort,
    read: impl Fn(&[u8]) -> std::result::Result<T, Unreadable>,
) -> Result<T> {
    let mut again = request.idempotent;
    loop {
        let answer = transport.send(request, effort).await?;
        match read(&answer.body) {
            Ok(value) => {
                transport.received(request, 1);
                return Ok(value);
            }
            Err(problem) if again && problem.kind() == UnreadableKind::Truncated => again = false,
            Err(problem) => return Err(unreadable(transport, request, &problem, answer.status, answer.attempts)),
        }
    }
}

fn unreadable(transport: &Transport, request: &Request, problem: &Unreadable, status: u16, attempts: u32) -> Error {
    let kind = match problem.kind() {
        UnreadableKind::Html => ErrorKind::NotConfluence,
        _ => ErrorKind::Unreadable,
    };
    let text = transport
        .quote(&format!("{problem}; check that `url` is a Confluence site and that no proxy changes its answers"));
    let mut error = transport.error(kind, request, text);
    let parts = error.parts_mut();
    parts.status = Some(status);
    parts.attempts = attempts;
    error
}

/// The gap an error leaves.
pub(super) fn gap_of(error: &Error, scope: GapScope, subject: &str) -> Gap {
    Gap {
        route: error.route().map(str::to_owned),
        ..Gap::new((scope, subject), error.kind().gap_cause(), error.to_string()).answered(error.status())
    }
}

/// The gap an error leaves where a fact of the site is missing with it.
pub(super) fn gap_of_site(error: &Error, fact: SiteFact) -> Gap {
    let (scope, subject) = fact.about();
    gap_of(error, scope, subject)
}

/// The gap a question that was asked without credentials leaves: nothing is wrong with those there are.
pub(super) fn gap_of_stranger(error: &Error) -> Gap {
    let gap = gap_of_site(error, SiteFact::Anonymous);
    match error.status() {
        Some(status @ (401 | 403)) => Gap {
            message: format!(
                "{}: a request without credentials is refused ({status}), by the site or only by its API, so whether anonymous may use the site is not known",
                error.route().unwrap_or("anonymous")
            ),
            ..gap
        },
        _ => gap,
    }
}

fn limit_of(request: &Request) -> u32 {
    request.parameter("limit").and_then(|l| l.parse().ok()).unwrap_or(0)
}

/// The same request for half the rows, from the same place.
fn smaller(request: &Request) -> Request {
    let half = (limit_of(request) / 2).max(SMALLEST).to_string();
    with_limit(request, &half)
}

/// The same for a fourth of them, or for the fewest that are asked for.
fn much_smaller(request: &Request) -> Request {
    let fourth = limit_of(request) / 4;
    with_limit(request, &if fourth > 4 * SMALLEST { fourth } else { SMALLEST }.to_string())
}

/// `request` with the page size of `other`.
fn with_limit_of(request: &Request, other: &Request) -> Request {
    other.parameter("limit").map_or_else(|| request.clone(), |limit| with_limit(request, limit))
}

fn with_limit(request: &Request, limit: &str) -> Request {
    let mut request = request.clone();
    for (name, value) in &mut request.query {
        if name == "limit" {
            limit.clone_into(value);
        }
    }
    request
}

//! The walk through a listing: where it goes on, where it ends, and what it says when it had to stop early.

use std::collections::HashSet;
use std::ops::ControlFlow;

use futures::stream::{self, StreamExt as _};

use super::limit::Line;
use super::transport::{RetryBudget, Transport};
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

/// Times a listing is read from its beginning because its rows moved while it was read.
const ANEW: u32 = 2;

/// Fewest rows of a page with which the next one overlaps: with fewer it would hardly get on.
const OVERLAPS: usize = 3;

/// Rows that have to come again before a link that jumps is believed.
const AGAIN: usize = 3;

/// Pages of a listing whose rows the server has counted that are lined up at a time.
const SIDE_BY_SIDE: u64 = 1000;

/// A reader of one page.
pub(super) type Read<'a, T> = &'a (dyn Fn(&[u8]) -> std::result::Result<Page<T>, Unreadable> + Sync);

/// A listing to walk.
pub(super) struct Walk<'a, T> {
    /// The first page.
    pub(super) request: Request,
    pub(super) read: Read<'a, T>,
    /// The identity of a row.
    pub(super) key: &'a (dyn Fn(&T) -> String + Sync),
    /// What a gap is about when the walk has to stop.
    pub(super) scope: GapScope,
    pub(super) subject: String,
    /// Whether the page is made smaller where the server cannot cope with it.
    pub(super) shrink: bool,
    /// Where its first page stands in line. Each later one goes first: the rest of the listing waits for it.
    pub(super) line: Line,
    /// Told how many rows came, page by page.
    pub(super) tell: &'a (dyn Fn(usize) + Sync),
}

/// What a walk has read.
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
#[derive(Debug, Clone, Copy, Default)]
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

    async fn all(&self, transport: &Transport) -> Result<Walked<T>> {
        let mut pass = Pass {
            walk: self,
            transport,
            request: self.request.clone(),
            walked: Walked::default(),
            seen: HashSet::new(),
            headway: Headway::default(),
            first: true,
            tried: 0,
            restarted: false,
            served: None,
            passed_over: 0,
            pages: 0,
            anchor: None,
            total: None,
            moved: 0,
        };
        loop {
            let step = match ask(transport, &pass.request, pass.budget(), self.read).await {
                Ok(page) => {
                    let rest = pass.rest(&page);
                    let step = pass.arrived(page);
                    if step.is_continue() && rest.len() > 1 { pass.side_by_side(rest).await? } else { step }
                }
                Err(error) => pass.failed(error).await?,
            };
            if step.is_break() {
                return Ok(pass.walked);
            }
        }
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
}

/// A walk on its way.
struct Pass<'a, T> {
    walk: &'a Walk<'a, T>,
    transport: &'a Transport,
    /// The page that is asked for next.
    request: Request,
    walked: Walked<T>,
    /// Identities of the rows that were read.
    seen: HashSet<String>,
    headway: Headway,
    /// Whether no page came yet.
    first: bool,
    /// Attempts at the first page, when it was larger: they count as repetitions.
    tried: u32,
    /// Whether it began again because its cursor had grown too old.
    restarted: bool,
    /// The page size that was last served.
    served: Option<String>,
    /// Rows that were passed over.
    passed_over: usize,
    /// Pages that were read and named a next one.
    pages: u32,
    /// The row that was last, with which the next page begins unless rows before it have gone.
    anchor: Option<String>,
    /// How many rows the last page says there are.
    total: Option<u64>,
    /// Times rows were found to have moved.
    moved: u32,
}

impl<T> Pass<'_, T> {
    fn budget(&self) -> RetryBudget {
        let budget = if self.walk.shrink && self.can_shrink() {
            self.transport.brief()
        } else {
            self.transport.full().after(self.tried)
        };
        let line = if self.first { self.walk.line } else { Line::First };
        RetryBudget { line, ..budget }
    }

    /// Whether the page is asked for smaller where it cannot be served.
    fn can_shrink(&self) -> bool {
        (self.walk.shrink || (!self.first && self.request.by_offset())) && limit_of(&self.request) > SMALLEST
    }

    /// The pages after this one, where the server counts the rows of the listing and serves as many as it says.
    fn rest(&self, page: &Page<T>) -> Vec<Request> {
        let received = page.received as u64;
        let size = page.limit.unwrap_or_else(|| u64::from(limit_of(&self.request)));
        if received == 0 || received != size || !self.request.by_offset() {
            return Vec::new();
        }
        let left = page.total.unwrap_or_default().saturating_sub(self.request.start().saturating_add(received));
        let pages = left.div_ceil(received).min(SIDE_BY_SIDE);
        let at = |page: u64| self.request.continued(&Continuation::Skip(page.saturating_mul(received)));
        (1..=pages).map_while(|page| at(page).ok()).collect()
    }

    /// Asks for pages side by side, and takes them in their order. Where one does not continue the one before, the walk goes
    /// on from there one page after another.
    async fn side_by_side(&mut self, pages: Vec<Request>) -> Result<ControlFlow<()>> {
        let (transport, read) = (self.transport, self.walk.read);
        let budget = RetryBudget { line: self.walk.line, ..self.budget() };
        let asked: Vec<_> = pages
            .into_iter()
            .map(|request| async move {
                let answer = ask(transport, &request, budget, read).await;
                (request, answer)
            })
            .collect();
        // No more at a time than may be under way: so many are asked for in vain at most.
        let mut answers = stream::iter(asked).buffered(transport.width());
        while let Some((request, answer)) = answers.next().await {
            if request != self.request {
                break;
            }
            let step = match answer {
                Ok(page) => self.arrived(page),
                Err(error) => self.failed(error).await?,
            };
            if step.is_break() {
                return Ok(step);
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Takes a page, and goes on to the next one.
    fn arrived(&mut self, page: Page<T>) -> ControlFlow<()> {
        self.first = false;
        self.tried = 0;
        self.served = self.request.parameter("limit").map(str::to_owned);
        let (next, limit, total) = (page.next.clone(), page.limit, page.total);
        let (last, moved) = self.look_at(&page);
        let taken = self.take(page);
        if moved && self.begins_anew() {
            return ControlFlow::Continue(());
        }
        let next = match next {
            Some(Continuation::Start(link)) => {
                Continuation::Start(from_here(&self.request, link, &taken, self.headway.stale))
            }
            Some(next) => next,
            None if goes_on(&self.request, taken.received, limit, total) => Continuation::Skip(taken.received as u64),
            None => {
                self.walked.complete = true;
                return ControlFlow::Break(());
            }
        };
        if let Some((cause, why)) = self.headway.stuck(&taken, &next) {
            return self.stop(cause, &why);
        }
        self.pages += 1;
        if self.pages >= self.transport.max_pages() {
            let why = format!("{} pages were read, and there are more", self.pages);
            return self.stop(GapCause::TooManyPages, &why);
        }
        let next = self.overlapping(next, &taken, last);
        match self.request.continued(&next) {
            Ok(next) => {
                self.request = next;
                ControlFlow::Continue(())
            }
            Err(problem) => self.stop(problem.cause(), &problem.to_string()),
        }
    }

    /// The last row of a page, where each of its rows is known by its place, and whether rows have moved up since the page
    /// before: a page by offset begins with the last row of the one before, and here that is not there.
    fn look_at(&mut self, page: &Page<T>) -> (Option<String>, bool) {
        let anchor = self.anchor.take();
        let plain = page.rows.len() == page.received.max(page.rows.len());
        let here = |anchor: &String| page.rows.iter().any(|row| (self.walk.key)(row) == *anchor);
        // Behind a page without rows that names a next one, rows were hidden.
        let judged = plain && (!page.rows.is_empty() || page.next.is_none());
        let before = std::mem::replace(&mut self.total, page.total);
        let recounted = before.zip(page.total).is_some_and(|(before, now)| before != now);
        let moved = recounted || (judged && anchor.is_some_and(|anchor| !here(&anchor)));
        (page.rows.last().filter(|_| plain).map(self.walk.key), moved)
    }

    /// Goes back to the beginning after rows have moved. Where they move again and again, some may be missing.
    fn begins_anew(&mut self) -> bool {
        self.moved += 1;
        if self.moved > ANEW {
            if self.moved == ANEW + 1 {
                self.lost(GapCause::Drift, "rows moved while they were read, again and again: some may be missing");
            }
            return false;
        }
        self.headway.start_again(self.seen.len());
        self.request = with_limit_of(&self.walk.request, &self.request);
        true
    }

    /// The place to go on from, a row earlier where the listing is by offset.
    fn overlapping(&mut self, next: Continuation, taken: &Taken, last: Option<String>) -> Continuation {
        let reached = self.request.start().saturating_add(taken.received as u64);
        let exact = match &next {
            Continuation::Start(at) => *at == reached,
            Continuation::Skip(rows) => *rows == taken.received as u64,
            Continuation::Cursor(_) | Continuation::Unusable(_) => false,
        };
        // Where the server counts, its count says that rows moved, and pages are asked for side by side.
        if !exact || self.total.is_some() || !self.request.by_offset() || taken.received < OVERLAPS || last.is_none() {
            return next;
        }
        self.anchor = last;
        Continuation::Start(reached.saturating_sub(1))
    }

    /// Ends the walk before the listing ends.
    fn stop(&mut self, cause: GapCause, why: &str) -> ControlFlow<()> {
        self.lost(cause, &format!("{why}; stopped there"));
        ControlFlow::Break(())
    }

    fn lost(&mut self, cause: GapCause, why: &str) {
        let message = self.transport.quote(&format!("{}: {why}", self.request.line()));
        let about = (self.walk.scope.clone(), self.walk.subject.clone());
        self.walked.gaps.push(Gap::new(about, cause, message).at(self.request.line()));
    }

    /// Finds another way to go on after an error. There is none: the walk ends, with an error where nothing came at all.
    async fn failed(&mut self, error: Error) -> Result<ControlFlow<()>> {
        if self.asks_for_less(&error) || self.passes_over(&error).await || self.starts_again(&error) {
            return Ok(ControlFlow::Continue(()));
        }
        if self.first {
            return Err(error);
        }
        self.walked.gaps.push(gap_of(&error, self.walk.scope.clone(), &self.walk.subject));
        Ok(ControlFlow::Break(()))
    }

    /// A page the server cannot serve is asked for smaller.
    fn asks_for_less(&mut self, error: &Error) -> bool {
        if !self.can_shrink() || !matches!(error.kind(), ErrorKind::Server | ErrorKind::Timeout) {
            return false;
        }
        // Where nothing came at all, the size is not likely to be what is in the way.
        if self.first {
            self.tried += error.attempts();
            self.request = much_smaller(&self.request);
        } else {
            self.request = smaller(&self.request);
        }
        true
    }

    /// One row that cannot be served spoils every page that would hold it: it is passed over.
    async fn passes_over(&mut self, error: &Error) -> bool {
        let spoilt = error.kind() == ErrorKind::Server
            && (self.walk.shrink || !self.first)
            && self.passed_over < PASSED_OVER
            && limit_of(&self.request) <= SMALLEST;
        if !spoilt {
            return false;
        }
        // A search that fails from its beginning is made up for by single questions anyway.
        let worth_it = !self.first || self.request.parameter("cql").is_none();
        if !self.request.by_offset() && limit_of(&self.request) > 1 && worth_it {
            // Behind a cursor nothing can be passed over, but all before that row can be had.
            self.tried += if self.first { error.attempts() } else { 0 };
            self.request = with_limit(&self.request, "1");
            return true;
        }
        let Some((pages, gaps)) = Box::pin(self.walk.singly(self.transport, &self.request)).await else { return false };
        self.passed_over += gaps.len();
        self.anchor = None;
        self.walked.gaps.extend(gaps);
        for page in pages {
            self.take(page);
        }
        self.first = false;
        self.tried = 0;
        let skipped = Continuation::Skip(u64::from(limit_of(&self.request)));
        let Ok(behind) = self.request.continued(&skipped) else { return false };
        let size = self.served.clone().or_else(|| self.walk.request.parameter("limit").map(str::to_owned));
        self.request = size.map_or_else(|| behind.clone(), |size| with_limit(&behind, &size));
        true
    }

    /// After a cursor that has grown too old: once more from the beginning, keeping what is known.
    fn starts_again(&mut self, error: &Error) -> bool {
        if self.first || self.restarted || error.status() != Some(400) || self.request.cursor().is_none() {
            return false;
        }
        self.restarted = true;
        self.anchor = None;
        self.headway.start_again(self.seen.len());
        self.request = with_limit_of(&self.walk.request, &self.request);
        true
    }

    /// Adds what a page holds to what was read.
    fn take(&mut self, page: Page<T>) -> Taken {
        let received = page.received.max(page.rows.len());
        let rows = page.rows.len();
        let mut fresh = 0;
        for row in page.rows {
            if self.seen.insert((self.walk.key)(&row)) {
                self.walked.rows.push(row);
                fresh += 1;
            }
        }
        (self.walk.tell)(fresh);
        self.walked.gaps.extend(page.gaps);
        self.walked.users.extend(page.users);
        self.walked.groups.extend(page.groups);
        self.walked.base = self.walked.base.take().or(page.base);
        Taken { received, fresh, again: rows - fresh }
    }
}

/// Whether a walk still gets anywhere.
#[derive(Debug, Default)]
struct Headway {
    /// Where the pages of this pass began.
    positions: HashSet<Continuation>,
    /// Pages without rows in a row.
    empty: u32,
    /// Pages without new rows in a row.
    stale: u32,
    /// Rows of this pass, known or new: only a page beyond what is known must bring something new.
    passed: usize,
    /// Rows that were known when this pass began.
    known_before: usize,
}

impl Headway {
    /// A pass from the beginning, with so many rows known.
    fn start_again(&mut self, known: usize) {
        self.positions.clear();
        self.passed = 0;
        self.known_before = known;
    }

    /// Why a walk ends after a page that names a next one, if it does.
    fn stuck(&mut self, taken: &Taken, next: &Continuation) -> Option<(GapCause, String)> {
        self.passed += taken.received;
        self.empty = if taken.received == 0 { self.empty + 1 } else { 0 };
        if self.empty > EMPTY_PAGES {
            let why = format!("{} pages without rows in a row, each naming a next one", self.empty);
            return Some((GapCause::TooManyEmptyPages, why));
        }
        if taken.fresh > 0 {
            self.stale = 0;
        } else if taken.received > 0 && self.passed > self.known_before {
            self.stale += 1;
        }
        if self.stale > STALE_PAGES {
            let why = format!("{} pages in a row brought nothing new and named a next one", self.stale);
            return Some((GapCause::Loop, why));
        }
        let twice = !self.positions.insert(next.clone()) && !matches!(next, Continuation::Skip(_));
        twice.then(|| (GapCause::Loop, "the server named a page twice as the next one".to_owned()))
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
    budget: RetryBudget,
    read: Read<'_, T>,
) -> Result<Page<T>> {
    let mut again = request.route.idempotent;
    loop {
        let answer = transport.send(request, budget).await?;
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
    budget: RetryBudget,
    read: impl Fn(&[u8]) -> std::result::Result<T, Unreadable>,
) -> Result<T> {
    let mut again = request.route.idempotent;
    loop {
        let answer = transport.send(request, budget).await?;
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

#[cfg(test)]
mod tests {
    use super::*;

    const NEW: Taken = Taken { received: 2, fresh: 2, again: 0 };
    const KNOWN: Taken = Taken { received: 2, fresh: 0, again: 2 };
    const NOTHING: Taken = Taken { received: 0, fresh: 0, again: 0 };

    /// The cause that ends a walk over these pages, each with a position of its own, and after how many of them.
    fn ends(mut headway: Headway, pages: &[Taken]) -> Option<(usize, String)> {
        pages.iter().enumerate().find_map(|(at, page)| {
            let next = Continuation::Start(at as u64 + 1);
            headway.stuck(page, &next).map(|(cause, _)| (at + 1, cause.as_str().to_owned()))
        })
    }

    #[test]
    fn a_walk_ends_where_pages_stay_empty() {
        assert_eq!(ends(Headway::default(), &[NOTHING; 20]), None);
        assert_eq!(ends(Headway::default(), &[NOTHING; 30]), Some((21, "too_many_empty_pages".to_owned())));
        let broken: Vec<Taken> = [[NOTHING; 20].as_slice(), &[NEW], &[NOTHING; 20]].concat();
        assert_eq!(ends(Headway::default(), &broken), None, "rows between them count anew");
    }

    #[test]
    fn a_walk_ends_where_pages_bring_nothing_new() {
        assert_eq!(ends(Headway::default(), &[KNOWN; 5]), None);
        assert_eq!(ends(Headway::default(), &[KNOWN; 9]), Some((6, "loop".to_owned())));
        let mut again = Headway::default();
        again.start_again(6);
        assert_eq!(ends(again, &[KNOWN; 9]), Some((9, "loop".to_owned())), "what was known before may come again");
    }

    #[test]
    fn a_walk_ends_where_a_page_is_named_twice_but_not_where_rows_are_skipped() {
        let mut headway = Headway::default();
        let cursor = Continuation::Cursor("a".to_owned());
        assert_eq!(headway.stuck(&NEW, &cursor), None);
        assert_eq!(headway.stuck(&NEW, &cursor).map(|(cause, _)| cause), Some(GapCause::Loop));
        let mut headway = Headway::default();
        assert!((0..3).all(|_| headway.stuck(&NEW, &Continuation::Skip(2)).is_none()));
    }
}

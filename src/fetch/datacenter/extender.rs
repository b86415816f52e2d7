//! The Extender add-on, as scripts know it, and as a rung of the ladder.

use std::collections::HashSet;

use futures::stream::{self, StreamExt as _};
use serde_json::Value;

use super::Reader;
use super::json_rpc::{RowsAnswer, rehearsed};
use crate::apis::extender::lift::{self, ContentReport, Gathered, General, Rows};
use crate::apis::extender::requests::{self, Lists, Refused};
use crate::apis::{Request, Unreadable};
use crate::fetch::transport::{Effort, Transport};
use crate::fetch::{Client, Error, ErrorKind, Progress, Result};
use crate::model::{Gap, GapCause, GapScope, Listing, SiteFact, SpacePermission};

/// Names of each list, or rows of a listing, that are asked for at a time. The add-on shows 50 where nothing is said.
const PAGE: u64 = 200;

/// Pages of one listing that are read at most; more of them come from a listing that does not end.
const MOST_PAGES: u32 = 10_000;

/// A general answer about a content.
#[derive(Debug, Clone, PartialEq)]
pub struct ContentAnswer {
    /// As the add-on would have sent it on one page.
    pub raw: Value,
    /// What was read of it.
    pub report: ContentReport,
    /// What was not.
    pub gaps: Vec<Gap>,
}

/// A listing.
#[derive(Debug, Clone, PartialEq)]
pub struct ListAnswer {
    /// Its elements as they came.
    pub rows: Vec<Value>,
    /// How many there are in all, where the add-on says.
    pub total: Option<u64>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

/// Which part of lists is wanted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Window {
    /// One page from here; `None`: all of them.
    pub start: Option<u64>,
    /// Names of each list on a page.
    pub most: Option<u64>,
}

/// The Extender add-on of an installation; cheap to clone.
#[derive(Debug, Clone)]
pub struct Extender {
    client: Client,
}

impl Client {
    /// The Extender add-on of Data Center and Server. Sends nothing.
    pub fn extender(&self) -> Extender {
        Extender { client: self.clone() }
    }
}

impl From<Refused> for Error {
    fn from(refused: Refused) -> Self {
        Self::configuration(refused.to_string())
    }
}

impl Extender {
    async fn there(&self) -> Result<&Transport> {
        let progress = Progress::new();
        match self.client.data_center(&progress).await? {
            Some(_) => Ok(&self.client.inner.transport),
            None => Err(Error::configuration(
                "the Extender add-on is on Data Center and Server only: on Cloud `snapshot().access()` answers the same questions",
            )),
        }
    }

    /// Who can view and edit a content, or its restrictions, put together from as many pages as it takes.
    ///
    /// # Errors
    /// [`ErrorKind::Unavailable`] where the add-on is not installed; [`ErrorKind::NotFound`] for a content it does not
    /// know; [`ErrorKind::Forbidden`] where the caller administers neither Confluence nor the space.
    pub async fn content(&self, which: General, content: &str, lists: &Lists, window: Window) -> Result<ContentAnswer> {
        let requests::Which::Id(id) = requests::Which::id(content)? else { return Err(not_an_id(content)) };
        judged(window)?;
        general(self.there().await?, which, &id, lists, window).await
    }

    /// Who can view and edit each of these contents, people instead of groups, in their order.
    ///
    /// # Errors
    /// As [`content`](Self::content), for all of them.
    pub async fn people(&self, contents: &[String]) -> Result<Vec<Result<ContentAnswer>>> {
        let transport = self.there().await?;
        let lists = Lists { people_who_can_view: true, ..Lists::default() };
        let lists = &lists;
        let asked: Vec<_> = contents
            .iter()
            .cloned()
            .map(|id| async move { general(transport, General::Permissions, &id, lists, Window::default()).await })
            .collect();
        Ok(stream::iter(asked).buffered(self.client.inner.width.max(1)).collect().await)
    }

    /// All who have a type of permission in a space; `None`: all types.
    ///
    /// # Errors
    /// As [`content`](Self::content).
    pub async fn space_permission_actors(
        &self,
        space: &str,
        kind: Option<&str>,
    ) -> Result<RowsAnswer<SpacePermission>> {
        let space = requests::space(space)?;
        let kind = match kind {
            Some(kind) if !kind.eq_ignore_ascii_case("all") => Some(crate::apis::permission_type_wanted(kind)?),
            _ => None,
        };
        actors(self.there().await?, &space, kind).await
    }

    /// An answer as it came.
    ///
    /// # Errors
    /// As [`content`](Self::content).
    pub async fn raw(&self, request: &Request) -> Result<Value> {
        let transport = self.there().await?;
        let body = send(transport, request, transport.full()).await?;
        lift::anything(&body).map_err(|problem| not_understood(transport, request, &problem))
    }

    /// Makes a change and answers as the add-on does; with `dry_run` it is only shown.
    ///
    /// # Errors
    /// As [`content`](Self::content).
    pub async fn change(&self, request: &Request, dry_run: bool) -> Result<Value> {
        if dry_run {
            self.there().await?;
            return Ok(rehearsed(request));
        }
        self.raw(request).await
    }

    /// A listing, read to its end.
    ///
    /// # Errors
    /// As [`content`](Self::content). What fails after the first page is a gap.
    pub async fn list(&self, request: &Request, of: Rows, window: Window) -> Result<ListAnswer> {
        judged(window)?;
        list(self.there().await?, request, of, window).await
    }
}

impl Extender {
    /// A listing that comes in one answer.
    ///
    /// # Errors
    /// As [`content`](Self::content).
    pub async fn whole_list(&self, request: &Request, of: Rows) -> Result<ListAnswer> {
        let transport = self.there().await?;
        let body = send(transport, request, transport.full()).await?;
        let listed = lift::listing(&body, of).map_err(|problem| not_understood(transport, request, &problem))?;
        transport.received(request, listed.rows.len());
        let mut gaps: Vec<Gap> = listed.gaps.into_iter().map(|gap| transport.clean(gap)).collect();
        let came = listed.received;
        if let Some(total) = listed.total.filter(|total| (came as u64) < *total) {
            gaps.push(cut_short(request, came, &total.to_string()));
        }
        Ok(ListAnswer { rows: listed.rows, total: listed.total, gaps })
    }
}

fn cut_short(request: &Request, came: usize, total: &str) -> Gap {
    let message = format!("{}: {came} of {total} rows came, and then no more", request.route());
    Gap::new(SiteFact::Extender.about(), GapCause::Truncated, message).at(request.route())
}

fn not_an_id(text: &str) -> Error {
    Error::configuration(format!("`{}` is no id of a content", text.escape_debug()))
}

fn judged(window: Window) -> Result<()> {
    match window.most {
        Some(0) => Err(Error::configuration("`max_results` is at least 1, not `0`")),
        _ => Ok(()),
    }
}

async fn general(
    transport: &Transport,
    which: General,
    id: &str,
    lists: &Lists,
    window: Window,
) -> Result<ContentAnswer> {
    let request = match which {
        General::Permissions => requests::inherited_content_permissions(id, lists),
        General::TreePermissions => requests::inherited_content_tree_permissions(id, lists),
        General::TreeRestrictions => requests::content_tree_restrictions(id, lists),
    };
    let most = window.most.unwrap_or(PAGE);
    let mut start = window.start.unwrap_or(0);
    let first = requests::page(&request, start, most);
    let body = send(transport, &first, transport.full()).await?;
    let mut gathered = Gathered::new(which, id, lists.people_who_can_view, &body)
        .map_err(|problem| not_understood(transport, &first, &problem))?;
    transport.received(&first, gathered.names());
    let mut failed = None;
    if window.start.is_none() {
        for _ in 0..MOST_PAGES {
            let Some(next) = gathered.next(start, most) else { break };
            start = next;
            let request = requests::page(&request, start, most);
            let more = match send(transport, &request, transport.full()).await {
                Ok(body) => gathered.add(&body).map_err(|problem| not_understood(transport, &request, &problem)),
                Err(error) => Err(error),
            };
            if let Err(error) = more {
                failed = Some(crate::fetch::pages::gap_of(&error, GapScope::Content, id));
                break;
            }
        }
    }
    // Where one page was asked for, what is left out was not asked for.
    let whole = window.start.is_none() && failed.is_none();
    let (raw, report, mut gaps) = gathered.finish(whole);
    gaps.extend(failed);
    Ok(ContentAnswer { raw, report, gaps: gaps.into_iter().map(|gap| transport.clean(gap)).collect() })
}

async fn actors(transport: &Transport, space: &str, kind: Option<&str>) -> Result<RowsAnswer<SpacePermission>> {
    let request = requests::space_permission_actors(space, kind);
    let body = send(transport, &request, transport.full()).await?;
    let bad = |problem: Unreadable| not_understood(transport, &request, &problem);
    let page = lift::space_permission_actors(&body, space).map_err(bad)?;
    let raw = lift::anything(&body).map_err(bad)?;
    transport.received(&request, page.rows.len());
    let gaps = page.gaps.into_iter().map(|gap| transport.clean(gap)).collect();
    Ok(RowsAnswer { raw, rows: page.rows, gaps })
}

pub(super) async fn list(transport: &Transport, request: &Request, of: Rows, window: Window) -> Result<ListAnswer> {
    let most = window.most.unwrap_or(PAGE);
    let mut start = window.start.unwrap_or(0);
    let mut answer = ListAnswer { rows: Vec::new(), total: None, gaps: Vec::new() };
    let mut seen = HashSet::new();
    let mut first = true;
    for _ in 0..MOST_PAGES {
        let page = requests::page(request, start, most);
        let read = match send(transport, &page, transport.full()).await {
            Ok(body) => lift::listing(&body, of).map_err(|problem| not_understood(transport, &page, &problem)),
            Err(error) => Err(error),
        };
        let listed = match read {
            Ok(listed) => listed,
            Err(error) if first => return Err(error),
            Err(error) => {
                answer.gaps.push(crate::fetch::pages::gap_of_site(&error, SiteFact::Extender));
                return Ok(answer);
            }
        };
        first = false;
        let received = listed.received;
        transport.received(&page, received);
        answer.total = listed.total.or(answer.total);
        answer.gaps.extend(listed.gaps.into_iter().map(|gap| transport.clean(gap)));
        let mut fresh = 0;
        for row in listed.rows {
            if seen.insert(row.to_string()) {
                answer.rows.push(row);
                fresh += 1;
            }
        }
        if window.start.is_some() {
            return Ok(answer);
        }
        start = start.saturating_add(received as u64);
        let reached = answer.total.is_some_and(|total| start >= total);
        // Without a total a page that is not full is the last one.
        let last = answer.total.is_none() && (received as u64) < most;
        if reached || last {
            return Ok(answer);
        }
        if fresh == 0 {
            break;
        }
    }
    let total = answer.total.map_or_else(|| "more".to_owned(), |total| total.to_string());
    answer.gaps.push(cut_short(request, answer.rows.len(), &total));
    Ok(answer)
}

fn not_understood(transport: &Transport, request: &Request, problem: &Unreadable) -> Error {
    let text = format!("{problem}; the add-on answers differently from its documents");
    transport.error(ErrorKind::Unreadable, request, transport.quote(&text))
}

/// Sends a request to the add-on; where that is not there, the error says so.
async fn send(transport: &Transport, request: &Request, effort: Effort) -> Result<Vec<u8>> {
    let error = match transport.send(request, effort).await {
        Ok(answer) => return Ok(answer.body),
        Err(error) => error,
    };
    // What answers for a path nobody serves is a page, XML or its own short JSON; the add-on answers in JSON.
    let nobody = matches!(error.status(), Some(404 | 405))
        && (error.kind() == ErrorKind::NotConfluence || error.says("null for uri"));
    // A name with a slash is refused before it comes to the add-on.
    let slashed = request.path.contains("%2F") || request.path.contains("%5C");
    let refused = slashed && matches!(error.status(), Some(400 | 404));
    if !nobody && !refused {
        return Err(error);
    }
    let probe = requests::permission_types();
    if probe.path != request.path && transport.send(&probe, transport.brief()).await.is_ok() {
        let text = if slashed {
            "a name with `/` or `\\` does not get through to the add-on on most servers: address the content by its id; a group or user of such a name cannot be asked about here"
        } else {
            "the Extender add-on is installed, but not in a version that answers this, or what is named in the address is not there"
        };
        return Err(retold(transport, request, ErrorKind::NotFound, text, &error));
    }
    let text = "the add-on \"Extender for Confluence\" is not installed, or not enabled: an administrator installs it from the Atlassian Marketplace (com.itlab.confluence.plugins.restapi-extender)";
    Err(retold(transport, request, ErrorKind::Unavailable, text, &error))
}

fn retold(transport: &Transport, request: &Request, kind: ErrorKind, text: &str, error: &Error) -> Error {
    let mut told = transport.error(kind, request, text);
    let parts = told.parts_mut();
    parts.status = error.status();
    parts.attempts = error.attempts();
    parts.request_id = error.request_id().map(str::to_owned);
    told
}

impl Reader<'_> {
    /// Permissions in a space as the add-on tells them, in one answer. A user has a name and no key.
    ///
    /// # Errors
    /// [`ErrorKind::Unavailable`] where the add-on is not installed.
    pub(in crate::fetch) async fn space_permissions_by_extender(
        &self,
        space: &str,
    ) -> Result<Listing<SpacePermission>> {
        let found = actors(self.transport, &requests::space(space)?, None).await?;
        Ok(Listing { rows: found.rows, gaps: found.gaps })
    }
}

//! The Extender add-on, as scripts know it, and as a source of space permissions.

use std::collections::HashSet;

use futures::stream::{self, StreamExt as _};

use super::Site;
use super::answered::{Answered, ContentAnswer, ListAnswer, RowsAnswer, rehearsed};
use crate::apis::extender::lift::{self, Gathered, General, Rows};
use crate::apis::extender::methods::{Returns, inherited_content_permissions};
use crate::apis::extender::requests;
use crate::apis::methods::{Argument, Arguments, Method};
use crate::apis::{Request, Unreadable};
use crate::fetch::backend::Backend;
use crate::fetch::transport::{RetryBudget, Transport};
use crate::fetch::{Client, Error, ErrorKind, Progress, Result};
use crate::model::{Gap, GapCause, GapScope, Listing, SiteFact, SpacePermission, id};

/// Names of each list, or rows of a listing, that are asked for at a time. The add-on shows 50 where nothing is said.
const PAGE: u64 = 200;

/// Pages of one listing that are read at most; more of them come from a listing that does not end.
const MOST_PAGES: u32 = 10_000;

/// Which part of lists is wanted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Window {
    /// One page from here; `None`: all of them.
    pub(super) start: Option<u64>,
    /// Names of each list on a page.
    pub(super) most: Option<u64>,
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

impl Extender {
    async fn there(&self) -> Result<&Transport> {
        let progress = Progress::new();
        match self.client.backend(&progress).await? {
            Backend::DataCenter(_) => Ok(&self.client.inner.transport),
            Backend::Cloud(_) => Err(Error::configuration(
                "the Extender add-on is on Data Center and Server only: on Cloud `snapshot().access()` answers the same questions",
            )),
        }
    }

    /// Makes the request of a declared method and reads its answer. With `dry_run` a change is only shown. Lists and
    /// listings are put together from as many pages as it takes, unless the arguments name one.
    ///
    /// # Errors
    /// [`ErrorKind::Unavailable`] where the add-on is not installed; [`ErrorKind::NotFound`] for what it does not know;
    /// [`ErrorKind::Forbidden`] where the caller may not ask. What fails after the first page of a listing is a gap.
    pub async fn ask(
        &self,
        method: &'static Method<Returns>,
        arguments: &Arguments,
        dry_run: bool,
    ) -> Result<Answered> {
        let transport = self.there().await?;
        let request = &requests::request(method, arguments);
        if method.changes && dry_run {
            return Ok(Answered::Plain(rehearsed(request)));
        }
        let window = Window { start: arguments.number("start_at"), most: arguments.number("max_results") };
        let listed = |of| list(transport, request, of, window);
        let asked = |which| general(transport, which, method, arguments, window);
        Ok(match method.returns {
            Returns::Words => {
                let body = send(transport, request, transport.full()).await?;
                Answered::Listed(
                    lift::permission_types(&body).map_err(|p| not_understood(transport, request, &p))?.into(),
                )
            }
            Returns::Plain | Returns::Subject | Returns::Grants => {
                let body = send(transport, request, transport.full()).await?;
                Answered::Plain(lift::anything(&body).map_err(|p| not_understood(transport, request, &p))?)
            }
            Returns::ContentPermissions => Answered::Content(asked(General::Permissions).await?),
            Returns::TreePermissions => Answered::Content(asked(General::TreePermissions).await?),
            Returns::TreeRestrictions => Answered::Content(asked(General::TreeRestrictions).await?),
            Returns::Actors => {
                let space = arguments.text("space").unwrap_or_default();
                Answered::Permissions(actors(transport, request, space).await?)
            }
            Returns::GroupNames => Answered::Listed(listed(Rows::Names("groups")).await?),
            Returns::UserNames | Returns::Users => Answered::Listed(listed(Rows::Names("users")).await?),
            Returns::Spaces => Answered::Listed(listed(Rows::Records("spaces")).await?),
            Returns::Directories => {
                Answered::Listed(whole_list(transport, request, Rows::Records("userDirectories")).await?)
            }
        })
    }

    /// Who can view and edit each of these contents, people instead of groups, in their order.
    ///
    /// # Errors
    /// As [`ask`](Self::ask), for all of them.
    pub async fn people(&self, contents: &[String]) -> Result<Vec<Result<ContentAnswer>>> {
        let transport = self.there().await?;
        let method = &inherited_content_permissions;
        let asked: Vec<_> = contents
            .iter()
            .map(|id| {
                let people = ("people_who_can_view", Argument::Flag(true));
                let arguments = Arguments::of([("content", Argument::from(id.as_str())), people]);
                async move { general(transport, General::Permissions, method, &arguments, Window::default()).await }
            })
            .collect();
        Ok(stream::iter(asked).buffered(self.client.inner.width.max(1)).collect().await)
    }
}

/// A listing that comes in one answer.
async fn whole_list(transport: &Transport, request: &Request, of: Rows) -> Result<ListAnswer> {
    let body = send(transport, request, transport.full()).await?;
    let listed =
        lift::listing(&body, of, request.route).map_err(|problem| not_understood(transport, request, &problem))?;
    transport.received(request, listed.rows.len());
    let mut gaps: Vec<Gap> = listed.gaps.into_iter().map(|gap| transport.clean(gap)).collect();
    let came = listed.received;
    if let Some(total) = listed.total.filter(|total| (came as u64) < *total) {
        gaps.push(cut_short(request, came, &total.to_string()));
    }
    Ok(ListAnswer { rows: listed.rows, total: listed.total, gaps })
}

fn cut_short(request: &Request, came: usize, total: &str) -> Gap {
    let message = format!("{}: {came} of {total} rows came, and then no more", request.line());
    Gap::new(SiteFact::Extender.about(), GapCause::Truncated, message).at(request.line())
}

/// A general answer about a content, put together from as many pages as it takes.
async fn general(
    transport: &Transport,
    which: General,
    method: &'static Method<Returns>,
    arguments: &Arguments,
    window: Window,
) -> Result<ContentAnswer> {
    let request = requests::request(method, arguments);
    let id = arguments.text("content").unwrap_or_default();
    let people = arguments.flag("people_who_can_view");
    let most = window.most.unwrap_or(PAGE);
    let mut start = window.start.unwrap_or(0);
    let first = requests::page(&request, start, most);
    let body = send(transport, &first, transport.full()).await?;
    let mut gathered =
        Gathered::new(which, id, people, &body).map_err(|problem| not_understood(transport, &first, &problem))?;
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

async fn actors(transport: &Transport, request: &Request, space: &str) -> Result<RowsAnswer<SpacePermission>> {
    let body = send(transport, request, transport.full()).await?;
    let bad = |problem: Unreadable| not_understood(transport, request, &problem);
    let page = lift::space_permission_actors(&body, space).map_err(bad)?;
    let raw = lift::anything(&body).map_err(bad)?;
    transport.received(request, page.rows.len());
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
            Ok(body) => {
                lift::listing(&body, of, page.route).map_err(|problem| not_understood(transport, &page, &problem))
            }
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
        // Without a total a short page may be one the server cut: only a page that brings nobody is the end, or one that
        // comes again, from a version that knows no pages.
        let last = answer.total.is_none() && fresh == 0 && (received as u64) < most;
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
async fn send(transport: &Transport, request: &Request, budget: RetryBudget) -> Result<Vec<u8>> {
    let error = match transport.send(request, budget).await {
        Ok(answer) => return Ok(answer.body),
        Err(error) => error,
    };
    // An unknown path is answered with a page, XML or short JSON of its own; the add-on answers in JSON.
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

impl Site<'_> {
    /// Permissions in a space as the add-on returns them, in one answer. A user has a name and no key.
    ///
    /// # Errors
    /// [`ErrorKind::Unavailable`] where the add-on is not installed.
    pub(in crate::fetch) async fn space_permissions_by_extender(
        &self,
        space: &str,
    ) -> Result<Listing<SpacePermission>> {
        let space = id::space_key(space)?.to_owned();
        let found = actors(self.session.transport, &requests::space_permission_actors(&space), &space).await?;
        Ok(Listing { rows: found.rows, gaps: found.gaps })
    }
}

//! The questions an installation is asked, one method for each, every failure a gap in its place.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Mutex;

use futures::stream::{self, StreamExt as _};

use super::Installation;
use super::connect::no_such_route;
use crate::apis::datacenter::{lift, requests};
use crate::apis::{Context, Page, Request, Unreadable, fitting};
use crate::fetch::lists::{self, Questions, Restricted, effort, note};
use crate::fetch::pages::{Walk, Walked, ask, ask_one, gap_of, gap_of_site};
use crate::fetch::plan::{self, Breaker};
use crate::fetch::progress::Step;
use crate::fetch::transport::{Effort, Transport};
use crate::fetch::{Error, ErrorKind, Progress, Result, halves};
use crate::model::{
    Content, ContentStatus, ContentType, Deployment, Gap, GapCause, GapScope, GlobalPermission, Listing, SiteFact,
    SitePermission, Snapshot, Space, SubjectKind,
};

/// How an installation is asked for the restrictions of one content.
pub(super) const LISTS: Questions = Questions {
    both: requests::restriction_by_operations,
    read_both: lift::restriction_by_operations,
    one: requests::restriction_by_operation,
    read_one: lift::restriction_by_operation,
};

/// Reads an installation. Cheap to make; one per call.
pub(in crate::fetch) struct Reader<'a> {
    pub(in crate::fetch) transport: &'a Transport,
    pub(in crate::fetch) progress: &'a Progress,
    /// Futures that are polled at a time; the limiter decides how many of them send.
    pub(in crate::fetch) width: usize,
    /// What is known of the installation.
    pub(in crate::fetch) installation: &'a Installation,
    /// Names of directories by the name, or a pattern for the names, of groups.
    pub(in crate::fetch) directories: &'a BTreeMap<String, String>,
}

fn quiet(_: usize) {}

/// Refuses what can be no id.
fn judged<'t>(text: &'t str, what: &str) -> Result<&'t str> {
    let id = text.trim();
    if id.is_empty() || id.chars().any(char::is_control) {
        return Err(Error::configuration(format!("`{}` is no {what}", text.escape_debug())));
    }
    Ok(id)
}

/// Contents as listings brought them, with what stands above each.
#[derive(Default)]
pub(super) struct Listed {
    pub(super) contents: HashMap<String, Content>,
    /// The nodes above a content, from the top down, where they were sent.
    pub(super) above: HashMap<String, Vec<crate::apis::Node>>,
    pub(super) restricted: Restricted,
    pub(super) gaps: Vec<Gap>,
    /// Whether anything was listed at all.
    pub(super) failed: Option<Error>,
}

impl Listed {
    pub(super) fn absorb(&mut self, other: Self) {
        self.contents.extend(other.contents);
        self.above.extend(other.above);
        self.restricted.absorb(other.restricted);
        self.gaps.extend(other.gaps);
        self.failed = self.failed.take().or(other.failed);
    }

    /// Keeps what lies in `space`: another one that happens to be listed is not this one.
    fn keep(&mut self, space: &Space) {
        self.contents.retain(|_, content| content.space_key.eq_ignore_ascii_case(&space.key));
        for content in self.contents.values_mut() {
            content.space_key.clone_from(&space.key);
        }
    }

    fn take(&mut self, walked: Walked<lift::Found>) {
        let doubtful: HashSet<String> =
            walked.gaps.iter().filter(|gap| gap.scope == GapScope::Content).map(|gap| gap.subject.clone()).collect();
        for found in walked.rows {
            let id = found.content.id.clone();
            // What two listings bring counts once.
            if self.restricted.covered.contains(&id) {
                continue;
            }
            if found.restrictions.to_complete().is_empty() && !doubtful.contains(&id) {
                self.restricted.covered.insert(id.clone());
                self.restricted.rows.extend(found.restrictions.into_rows());
            } else {
                self.restricted.partial.extend(found.restrictions.into_rows());
            }
            if let Some(above) = found.ancestors {
                self.above.insert(id.clone(), above);
            }
            self.contents.insert(id, found.content);
        }
        self.restricted.users.extend(walked.users);
        self.restricted.groups.extend(walked.groups);
        for gap in walked.gaps {
            if gap.scope == GapScope::Content { self.restricted.gaps.push(gap) } else { self.gaps.push(gap) }
        }
    }
}

impl<'a> Reader<'a> {
    pub(in crate::fetch) async fn walk<T>(
        &self,
        request: Request,
        read: impl Fn(&[u8]) -> std::result::Result<Page<T>, Unreadable> + Sync,
        key: impl Fn(&T) -> String + Sync,
        (scope, subject): (GapScope, &str),
    ) -> Result<Walked<T>> {
        let walk =
            Walk { request, read: &read, key: &key, scope, subject: subject.to_owned(), shrink: false, tell: &quiet };
        walk.run(self.transport).await
    }

    /// Runs `futures` a limited number at a time.
    pub(in crate::fetch) fn all<F: Future, I: IntoIterator<Item = F>>(
        &self,
        futures: I,
    ) -> impl Future<Output = Vec<F::Output>> + use<F, I> {
        let futures: Vec<F> = futures.into_iter().collect();
        stream::iter(futures).buffer_unordered(self.width.max(1)).collect()
    }

    /// What readers have to know about a space.
    pub(super) fn context(&self, space_key: Option<&str>) -> Context {
        Context {
            space_keys: HashMap::new(),
            space_key: space_key.map(str::to_owned),
            base: Some(self.transport.target.site.clone()),
        }
    }

    async fn listed_spaces(&self, status: &str, keys: &[String]) -> Result<Walked<Space>> {
        self.walk(
            requests::spaces(status, keys, requests::SPACE_LIMIT),
            |body| lift::spaces(body, status),
            |space: &Space| space.key.clone(),
            SiteFact::Spaces.about(),
        )
        .await
    }

    /// Spaces, current and archived: all, or those with these keys or ids.
    ///
    /// # Errors
    /// Where the listing cannot be begun, and [`ErrorKind::NotFound`] naming the spaces this account cannot see.
    pub(in crate::fetch) async fn spaces(&self, keys: Option<&[String]>) -> Result<Listing<Space>> {
        let listing = match keys {
            None => {
                let (current, archived) =
                    futures::join!(self.listed_spaces("current", &[]), self.listed_spaces("archived", &[]));
                let current = current?;
                let mut listing = Listing { rows: current.rows, gaps: current.gaps };
                match archived {
                    Ok(walked) => {
                        listing.gaps.extend(walked.gaps);
                        add_archived(&mut listing.rows, walked.rows);
                    }
                    Err(error) => listing.gaps.push(gap_of_site(&error, SiteFact::Spaces)),
                }
                listing.gaps.dedup();
                listing
            }
            Some(keys) => self.named_spaces(keys).await?,
        };
        self.progress.add(Step::Spaces, listing.rows.len());
        self.progress.close(Step::Spaces);
        Ok(listing)
    }

    async fn named_spaces(&self, keys: &[String]) -> Result<Listing<Space>> {
        let keys: Vec<String> =
            keys.iter().map(|key| judged(key, "key of a space").map(str::to_owned)).collect::<Result<_>>()?;
        let distinct: Vec<String> = keys.iter().collect::<BTreeSet<_>>().into_iter().cloned().collect();
        let mut listing = Listing::default();
        let wanted = |space: &Space, key: &str| space.key.eq_ignore_ascii_case(key);
        for status in ["current", "archived"] {
            let missing: Vec<String> =
                distinct.iter().filter(|key| !listing.rows.iter().any(|space| wanted(space, key))).cloned().collect();
            let request = |keys: &[String]| requests::spaces(status, keys, requests::SPACE_LIMIT);
            let chunks = fitting(&missing, requests::MAX_SPACES, request);
            let parts = chunks.iter().map(|chunk| {
                halves::ask(chunk, halves::too_long, |keys| async move { self.listed_spaces(status, &keys).await })
            });
            for (_, walked) in self.all(parts).await.into_iter().flatten() {
                match walked {
                    Ok(walked) => {
                        // A server that does not know the filter lists everything.
                        let rows = walked.rows.into_iter().filter(|s| missing.iter().any(|key| wanted(s, key)));
                        add_archived(&mut listing.rows, rows.collect());
                    }
                    // Each of those it should have brought is asked for singly.
                    Err(error) if no_answer(&error) => return Err(error),
                    Err(error) => tracing::debug!(error = %error, "spaces are asked for one by one"),
                }
            }
        }
        let mut missing = Vec::new();
        for key in &distinct {
            if listing.rows.iter().any(|space| wanted(space, key)) {
                continue;
            }
            let request = requests::space(key);
            match ask(self.transport, &request, self.transport.full(), &lift::space).await {
                Ok(page) => listing.rows.extend(page.rows),
                // 400: a key no space can have, such as one with a slash.
                Err(error) if matches!(error.status(), Some(400 | 404)) => missing.push(key.clone()),
                Err(error) => return Err(error),
            }
        }
        let ids: Vec<String> = missing.iter().filter(|k| k.bytes().all(|b| b.is_ascii_digit())).cloned().collect();
        if !ids.is_empty() {
            let everything = Box::pin(self.spaces_by_id(&ids)).await?;
            missing.retain(|id| !everything.iter().any(|space| space.id == *id));
            listing.rows.extend(everything);
        }
        if !missing.is_empty() {
            let names = missing.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
            let what = if missing.len() == 1 { "space" } else { "spaces" };
            let request = requests::spaces("current", &[] as &[&str], requests::SPACE_LIMIT);
            let text = format!(
                "no {what} {names}: check the key, or this account may not see it; `spaces()` lists those it can"
            );
            let mut error = self.transport.error(ErrorKind::NotFound, &request, text);
            error.parts_mut().attempts = 1;
            return Err(error);
        }
        // Two names may mean one space.
        let mut seen = HashSet::new();
        listing.rows.retain(|space| seen.insert(space.key.clone()));
        Ok(listing)
    }

    async fn spaces_by_id(&self, ids: &[String]) -> Result<Vec<Space>> {
        let (current, archived) =
            futures::join!(self.listed_spaces("current", &[]), self.listed_spaces("archived", &[]));
        let mut rows = current?.rows;
        add_archived(&mut rows, archived.map(|walked| walked.rows).unwrap_or_default());
        rows.retain(|space| ids.contains(&space.id));
        Ok(rows)
    }

    /// The space of this key or id.
    pub(in crate::fetch) async fn space(&self, name: &str) -> Result<Space> {
        let found = self.spaces(Some(&[name.to_owned()])).await?;
        found.rows.into_iter().next().ok_or_else(|| Error::new(ErrorKind::NotFound, format!("no space `{name}`")))
    }

    /// Pages and blog posts of a space.
    ///
    /// # Errors
    /// Where its pages cannot be listed at all.
    pub(in crate::fetch) async fn contents(&self, space: &Space) -> Result<Listing<Content>> {
        let (mut listed, posts) = futures::join!(self.listed(space, "page"), self.listed(space, "blogpost"));
        if let Some(error) = listed.failed.take() {
            return Err(error);
        }
        listed.absorb(posts);
        let mut gaps = self.parents(&mut listed).await;
        gaps.append(&mut listed.gaps);
        gaps.append(&mut listed.restricted.gaps);
        let mut rows: Vec<Content> = listed.contents.into_values().collect();
        rows.sort_by(|a, b| plan::by_id(&a.id, &b.id));
        Ok(Listing { rows, gaps })
    }

    /// The pages, or the blog posts, of a space with their restrictions.
    pub(super) async fn listed(&self, space: &Space, kind: &str) -> Listed {
        let mut listed = Listed::default();
        let mut failed = None;
        let mut before: Option<Walked<lift::Found>> = None;
        for by_cursor in [true, false] {
            let known = if by_cursor { self.scans() } else { Some(true) };
            if known == Some(false) {
                continue;
            }
            match self.listed_by(space, kind, by_cursor).await {
                Ok(walked) => {
                    if by_cursor {
                        let _ = self.installation.scan.set(true);
                    } else if failed.as_ref().is_some_and(no_such_route) {
                        let _ = self.installation.scan.set(false);
                    }
                    // A content that cannot be served ends a listing by cursor; by offset it is passed over.
                    if by_cursor && !walked.complete && walked.gaps.iter().any(unserved) {
                        before = Some(walked);
                        continue;
                    }
                    if let Some(mut before) = before.take() {
                        before.gaps.retain(|gap| !(walked.complete && unserved(gap)));
                        listed.take(before);
                    }
                    listed.take(walked);
                    listed.keep(space);
                    return listed;
                }
                // By offset is worth a try where the cursor is not known, or refused for a reason nobody knows.
                Err(error) if by_cursor && !no_answer(&error) => failed = Some(error),
                Err(_) if before.is_some() => break,
                Err(error) => failed = Some(error),
            }
            if failed.as_ref().is_some_and(no_answer) {
                break;
            }
        }
        if let Some(before) = before {
            listed.take(before);
            listed.keep(space);
            return listed;
        }
        if let Some(error) = failed {
            listed.gaps.push(gap_of(&error, GapScope::Space, &space.key));
            listed.failed = Some(error);
        }
        listed
    }

    /// Whether contents are listed by cursor; `None`: not known yet.
    pub(super) fn scans(&self) -> Option<bool> {
        let tried = self.installation.scan.get().copied();
        // Source: https://developer.atlassian.com/server/confluence/confluence-rest-api-examples/
        tried.or_else(|| self.installation.at_least(7, 18).filter(|known| !known))
    }

    async fn listed_by(&self, space: &Space, kind: &str, by_cursor: bool) -> Result<Walked<lift::Found>> {
        let context = self.context(Some(&space.key));
        let (request, read): (Request, fn(&[u8], &Context) -> _) = if by_cursor {
            (requests::scan(&space.key, kind, requests::CONTENT_LIMIT), lift::scan)
        } else {
            (requests::contents(&space.key, kind, requests::CONTENT_LIMIT), lift::contents)
        };
        let walk = Walk {
            request,
            read: &|body| read(body, &context),
            key: &|found: &lift::Found| found.content.id.clone(),
            scope: GapScope::Space,
            subject: space.key.clone(),
            shrink: true,
            tell: &|n| {
                self.progress.add(Step::Contents, n);
                self.progress.add(Step::Restrictions, n);
            },
        };
        walk.run(self.transport).await
    }

    /// The nodes above `listed` that no listing brought, up to the roots.
    ///
    /// A node that cannot be read is still put in its place, because its child names all that stands above it: what is
    /// above it counts whatever stands in it. Its gap says that it was not read.
    pub(super) async fn parents(&self, listed: &mut Listed) -> Vec<Gap> {
        let breaker = Mutex::new(Breaker::default());
        let mut gaps = Vec::new();
        let mut tried: HashSet<String> = HashSet::new();
        loop {
            let missing = plan::missing_parents(&listed.contents, &tried);
            if missing.is_empty() {
                return gaps;
            }
            tried.extend(missing.iter().map(|parent| parent.id.clone()));
            let breaker = &breaker;
            let asked = self
                .all(
                    missing.iter().map(|parent| async move {
                        (parent, self.single(&parent.id, &parent.space_key, breaker).await)
                    }),
                )
                .await;
            for (parent, answer) in asked {
                match answer {
                    Ok(walked) => listed.take(walked),
                    Err(error) => {
                        gaps.push(gap_of(&error, GapScope::Content, &parent.id));
                        let Some(above) = listed.above.get(&parent.child.0).cloned() else { continue };
                        let Some(at) = above.iter().position(|node| node.id == parent.id) else { continue };
                        let over = at.checked_sub(1).and_then(|before| above.get(before));
                        let placed = Content {
                            status: ContentStatus::Other("unknown".to_owned()),
                            parent_id: over.map(|node| node.id.clone()),
                            parent_type: over.and_then(|node| node.kind.clone()),
                            source: crate::model::Origin::new("datacenter ancestors of a content"),
                            ..Content::new(
                                parent.id.as_str(),
                                parent.kind.clone().unwrap_or(ContentType::Page),
                                parent.space_key.as_str(),
                            )
                        };
                        listed.above.insert(parent.id.clone(), above.into_iter().take(at).collect());
                        listed.contents.insert(parent.id.clone(), placed);
                    }
                }
            }
        }
    }

    async fn single(&self, id: &str, space_key: &str, breaker: &Mutex<Breaker>) -> Result<Walked<lift::Found>> {
        let context = self.context(Some(space_key));
        let answer = self.content_page(id, &context, effort(self.transport, breaker)).await;
        note(breaker, answer.as_ref().err());
        let page = answer?;
        Ok(Walked {
            rows: page.rows,
            gaps: page.gaps,
            users: page.users,
            groups: page.groups,
            base: None,
            complete: true,
        })
    }

    async fn content_page(&self, id: &str, context: &Context, effort: Effort) -> Result<Page<lift::Found>> {
        ask(self.transport, &requests::content(id), effort, &|body| lift::content(body, context)).await
    }

    /// Both restriction lists of one content, to the last subject; usernames as keys.
    ///
    /// # Errors
    /// Where the lists cannot be read at all. A list that breaks off leaves a gap.
    pub(in crate::fetch) async fn restriction(&self, id: &str, effort: Effort) -> Result<Restricted> {
        let mut found = lists::read(self.transport, &LISTS, id, effort).await?;
        self.remember(&found.users);
        let gaps = self.name_restrictions(&mut found.rows).await;
        found.gaps.extend(gaps);
        Ok(found)
    }

    /// The restrictions of these contents, one request each; a gap for each that could not be read.
    pub(in crate::fetch) async fn restrictions_singly(&self, ids: Vec<String>) -> Restricted {
        lists::read_all(self.transport, &LISTS, ids, self.width, self.progress).await
    }

    /// Gives the accounts on lists that were found their keys and names.
    pub(in crate::fetch) async fn name_found(&self, found: &mut Restricted) -> Vec<Gap> {
        self.remember(&found.users);
        let mut gaps = self.name_restrictions(&mut found.rows).await;
        gaps.extend(self.name_restrictions(&mut found.partial).await);
        gaps
    }

    /// Key of the space a content lives in.
    pub(in crate::fetch) async fn space_of(&self, id: &str) -> Result<String> {
        let id = judged(id, "id of a content")?;
        let page = self.content_page(id, &self.context(None), self.transport.full()).await?;
        let key = page.rows.into_iter().next().map(|found| found.content.space_key).filter(|key| !key.is_empty());
        key.ok_or_else(|| Error::new(ErrorKind::NotFound, format!("the server does not say in which space `{id}` is")))
    }

    /// The spaces, and of a content what stands above it.
    pub(in crate::fetch) async fn names(&self, space: Option<&str>, content: Option<&str>) -> Result<Snapshot> {
        let mut known = Snapshot::new(Deployment::DataCenter);
        known.site.version.clone_from(&self.installation.version_text);
        match self.spaces(None).await {
            Ok(spaces) => {
                known.spaces = spaces.rows;
                known.gaps.extend(spaces.gaps);
            }
            Err(error) if space.is_some() || content.is_some() => return Err(error),
            Err(error) => known.gaps.push(gap_of_site(&error, SiteFact::Spaces)),
        }
        if let Some(id) = content {
            let id = judged(id, "id of a content")?;
            let page = self.content_page(id, &self.context(None), self.transport.full()).await?;
            let mut chain = Listed::default();
            chain.take(Walked {
                rows: page.rows,
                gaps: page.gaps,
                users: page.users,
                groups: page.groups,
                base: None,
                complete: true,
            });
            known.gaps.extend(self.parents(&mut chain).await);
            known.contents = chain.contents.into_values().collect();
        }
        Ok(known)
    }

    /// Whether the installation accepts no changes; `None` with a gap: not known.
    ///
    /// Where the version has no such route there is no such mode, as far as that can be told: the route came with it.
    // Source: https://confluence.atlassian.com/doc/using-read-only-mode-for-site-maintenance-952624153.html
    pub(super) async fn read_only(&self) -> (Option<bool>, Option<Gap>) {
        match ask_one(self.transport, &requests::access_mode(), self.transport.brief(), lift::access_mode).await {
            Ok(read_only) => (Some(read_only), None),
            Err(error) if error.status() == Some(404) || no_such_route(&error) => (Some(false), None),
            Err(error) => (None, Some(gap_of_site(&error, SiteFact::ReadOnly))),
        }
    }

    /// Permissions of the site; nothing where the version does not tell them.
    ///
    /// # Errors
    /// Where they are there and cannot be read.
    pub(in crate::fetch) async fn global_permissions(&self) -> Result<Option<Listing<GlobalPermission>>> {
        // Source: https://developer.atlassian.com/server/confluence/rest/v931/api-group-global-permissions/
        if self.installation.at_least(9, 2) == Some(false) {
            return Ok(None);
        }
        let key = |row: &GlobalPermission| format!("{}|{}", row.subject, row.raw.as_deref().unwrap_or_default());
        let about = || SiteFact::GlobalPermissions.about();
        let all = self.walk(requests::global_permissions(), lift::global_permissions, key, about()).await;
        let all = match all {
            Err(error) if error.status() == Some(404) || no_such_route(&error) => return Ok(None),
            all => all?,
        };
        let mut listing = Listing { rows: all.rows, gaps: all.gaps };
        let (anonymous, unlicensed) = futures::join!(
            self.walk(requests::anonymous_global_permissions(), lift::anonymous_global_permissions, key, about()),
            self.walk(requests::unlicensed_global_permissions(), lift::unlicensed_global_permissions, key, about()),
        );
        for part in [anonymous, unlicensed] {
            match part {
                Ok(walked) => {
                    for row in walked.rows {
                        let there =
                            listing.rows.iter().any(|r| r.subject == row.subject && r.permission == row.permission);
                        if !there {
                            listing.rows.push(row);
                        }
                    }
                    listing.gaps.extend(walked.gaps);
                }
                // Those the list of all brings are known without it.
                Err(error) if error.status() == Some(404) => {}
                Err(error) => listing.gaps.push(gap_of_site(&error, SiteFact::GlobalPermissions)),
            }
        }
        let gaps = self.name_global(&mut listing.rows).await;
        listing.gaps.extend(gaps);
        let enter = lets_customers_in(&listing.rows);
        let _ = self.installation.customers.set(if enter || listing.gaps.is_empty() { Some(enter) } else { None });
        Ok(Some(listing))
    }

    /// Whether people without a licence are let in; `None`: not known. Asked once.
    pub(super) async fn customers_enter(&self) -> Option<bool> {
        let ask_them = || async {
            if self.installation.at_least(9, 2) == Some(false) {
                return None;
            }
            let request = requests::unlicensed_global_permissions();
            let read = |body: &[u8]| lift::unlicensed_global_permissions(body);
            let page = ask(self.transport, &request, self.transport.brief(), &read).await.ok()?;
            let enter = lets_customers_in(&page.rows);
            (enter || page.gaps.is_empty()).then_some(enter)
        };
        *self.installation.customers.get_or_init(ask_them).await
    }
}

fn lets_customers_in(rows: &[GlobalPermission]) -> bool {
    let may = [SitePermission::UseUnlicensed, SitePermission::Use];
    rows.iter().any(|row| row.subject.kind == SubjectKind::Unlicensed && may.contains(&row.permission))
}

/// Whether an error says that nothing answers, or nobody is let in: asking differently does not help.
pub(super) fn no_answer(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::NoAnswer
            | ErrorKind::Timeout
            | ErrorKind::RateLimited
            | ErrorKind::Unauthorized
            | ErrorKind::Closed
            | ErrorKind::Certificate
            | ErrorKind::Configuration
    )
}

/// Whether a gap says that a part of a listing could not be served.
fn unserved(gap: &Gap) -> bool {
    gap.scope == GapScope::Space && matches!(gap.cause, GapCause::ServerError | GapCause::Timeout)
}

/// Adds the spaces of a second listing; one that is known already was listed by a server that does not know the filter.
fn add_archived(rows: &mut Vec<Space>, more: Vec<Space>) {
    let known: HashSet<String> = rows.iter().map(|space| space.key.clone()).collect();
    rows.extend(more.into_iter().filter(|space| !known.contains(&space.key)));
}

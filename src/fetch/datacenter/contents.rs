//! Pages and blog posts with their restrictions, as listings bring them.

use super::site::Site;
use crate::apis::datacenter::{lift, requests};
use crate::apis::{Context, Page, Request};
use crate::fetch::answers::Listed;
use crate::fetch::limit::Line;
use crate::fetch::lists::doubtful;
use crate::fetch::pages::{Walk, Walked, gap_of};
use crate::fetch::progress::Step;
use crate::fetch::session::unserved;
use crate::fetch::transport::RetryBudget;
use crate::fetch::{Error, Result, plan};
use crate::model::{Content, GapScope, Listing, Space};

impl Site<'_> {
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
                    } else if failed.as_ref().is_some_and(Error::is_missing_route) {
                        let _ = self.installation.scan.set(false);
                    }
                    // A content that cannot be served ends a listing by cursor; by offset it is passed over.
                    if by_cursor && !walked.complete && walked.gaps.iter().any(unserved) {
                        before = Some(walked);
                        continue;
                    }
                    if let Some(mut before) = before.take() {
                        before.gaps.retain(|gap| !(walked.complete && unserved(gap)));
                        take(&mut listed, before);
                    }
                    take(&mut listed, walked);
                    keep(&mut listed, space);
                    return listed;
                }
                // By offset is worth a try where the cursor is not known, or refused for an unknown reason.
                Err(error) if by_cursor && !error.is_no_answer() => failed = Some(error),
                Err(_) if before.is_some() => break,
                Err(error) => failed = Some(error),
            }
            if failed.as_ref().is_some_and(Error::is_no_answer) {
                break;
            }
        }
        if let Some(before) = before {
            take(&mut listed, before);
            keep(&mut listed, space);
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
            line: Line::First,
            tell: &|n| {
                self.session.progress.add(Step::Contents, n);
                self.session.progress.add(Step::Restrictions, n);
            },
        };
        walk.run(self.session.transport).await
    }

    /// The contents of `spaces` with their restrictions.
    pub(in crate::fetch) async fn listing(&self, spaces: &[Space]) -> Listed {
        let kinds = spaces.iter().flat_map(|space| ["page", "blogpost"].map(|kind| (space, kind)));
        let mut all = Listed::default();
        for part in self.session.all(kinds.map(|(space, kind)| self.listed(space, kind))).await {
            all.absorb(part);
        }
        all
    }

    pub(super) async fn content_page(
        &self,
        id: &str,
        context: &Context,
        budget: RetryBudget,
    ) -> Result<Page<lift::Found>> {
        self.session.ask(&requests::content(id), budget, &|body| lift::content(body, context)).await
    }
}

/// A page that is all there is.
pub(super) fn walked<T>(page: Page<T>) -> Walked<T> {
    Walked { rows: page.rows, gaps: page.gaps, users: page.users, groups: page.groups, base: None, complete: true }
}

/// Keeps what lies in `space`: another one that happens to be listed is not this one.
fn keep(listed: &mut Listed, space: &Space) {
    listed.contents.retain(|_, content| content.space_key.eq_ignore_ascii_case(&space.key));
    for content in listed.contents.values_mut() {
        content.space_key.clone_from(&space.key);
    }
}

/// Adds what a listing brought: the contents, their restrictions, and what stands above them.
pub(super) fn take(listed: &mut Listed, walked: Walked<lift::Found>) {
    let doubtful = doubtful(&walked.gaps);
    for found in walked.rows {
        let id = found.content.id.clone();
        // What two listings bring counts once.
        if listed.restricted.covered.contains(&id) {
            continue;
        }
        listed.restricted.take(&id, found.restrictions, &doubtful);
        if let Some(above) = found.ancestors {
            listed.above.insert(id.clone(), above);
        }
        listed.contents.insert(id, found.content);
    }
    listed.restricted.users.extend(walked.users);
    for gap in walked.gaps {
        if gap.scope == GapScope::Content { listed.restricted.gaps.push(gap) } else { listed.gaps.push(gap) }
    }
}

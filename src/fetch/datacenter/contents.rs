//! Pages and blog posts with their restrictions, as listings bring them.

use std::collections::{HashMap, HashSet};

use super::site::Site;
use crate::apis::datacenter::{lift, requests};
use crate::apis::{Context, Page, Request};
use crate::fetch::lists::Restricted;
use crate::fetch::pages::{Walk, Walked, ask, gap_of};
use crate::fetch::progress::Step;
use crate::fetch::session::unserved;
use crate::fetch::transport::Effort;
use crate::fetch::{Error, Result, plan};
use crate::model::{Content, Gap, GapScope, Listing, Space};

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

    pub(super) fn take(&mut self, walked: Walked<lift::Found>) {
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
                        listed.take(before);
                    }
                    listed.take(walked);
                    listed.keep(space);
                    return listed;
                }
                // By offset is worth a try where the cursor is not known, or refused for a reason nobody knows.
                Err(error) if by_cursor && !error.is_no_answer() => failed = Some(error),
                Err(_) if before.is_some() => break,
                Err(error) => failed = Some(error),
            }
            if failed.as_ref().is_some_and(Error::is_no_answer) {
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
                self.session.progress.add(Step::Contents, n);
                self.session.progress.add(Step::Restrictions, n);
            },
        };
        walk.run(self.session.transport).await
    }

    pub(super) async fn content_page(&self, id: &str, context: &Context, effort: Effort) -> Result<Page<lift::Found>> {
        ask(self.session.transport, &requests::content(id), effort, &|body| lift::content(body, context)).await
    }
}

/// Pages and blog posts of all spaces with their restrictions.
pub(super) async fn listing(reader: &Site<'_>, spaces: &[Space]) -> Listed {
    let kinds = spaces.iter().flat_map(|space| ["page", "blogpost"].map(|kind| (space, kind)));
    let mut all = Listed::default();
    for part in reader.session.all(kinds.map(|(space, kind)| reader.listed(space, kind))).await {
        all.absorb(part);
    }
    all
}

//! Search: restrictions in bulk, and the nodes of the tree that no listing brings.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::site::{Site, route_is_absent};
use crate::apis::cloud_v1::{lift as v1_lift, requests as v1};
use crate::apis::cloud_v2::{lift as v2_lift, requests as v2};
use crate::apis::{Context, cql, fitting};
use crate::fetch::limit::Line;
use crate::fetch::lists::{Restricted, doubtful, note};
use crate::fetch::locked::Locked;
use crate::fetch::pages::{Walk, gap_of};
use crate::fetch::progress::Step;
use crate::fetch::{Error, ErrorKind, plan};
use crate::model::{Content, ContentStatus, ContentType, Gap, GapScope, Space};

/// Page size searches with restrictions begin with: the server may serve fewer, and says so.
const SEARCH_LIMIT: u32 = 200;

/// The nodes of the tree that no listing of a space brings.
const NODES: &[&str] = &["folder", "whiteboard", "database", "embed"];

/// Searches that fail in a row before no further space is searched.
const SEARCHES: usize = 3;

/// Contents at the top of a tree below which everything is listed, where nothing can be searched for.
const LISTED_BELOW: usize = 500;

/// The nodes below a content.
struct Below {
    rows: Vec<Content>,
    /// Whether that is all of it.
    whole: bool,
    gaps: Vec<Gap>,
}

impl Below {
    /// The same with the gap of what could not be listed, but where the site has no such listing.
    fn without(mut self, error: &Error, space_key: &str) -> Self {
        self.whole = false;
        if !route_is_absent(error) || error.status() == Some(403) {
            let gap = gap_of(error, GapScope::Space, space_key);
            let message = format!("folders, whiteboards, databases and embeds may be missing: {}", gap.message);
            self.gaps.push(Gap { message, ..gap });
        }
        self
    }
}

impl Site<'_> {
    /// Restrictions of pages and blog posts in bulk, in `spaces`, none of them archived.
    ///
    /// A failure here leaves no gap: what it did not return is asked for singly.
    pub(in crate::fetch) async fn search(&self, spaces: &[Space]) -> Restricted {
        const TYPES: &[&str] = &["page", "blogpost"];
        let streams = self.search_batches(spaces);
        let mut all = Restricted::default();
        let mut again: Vec<&Space> = Vec::new();
        let mut works = false;
        let searched =
            self.session.all(streams.iter().map(|batch| async move { (batch, self.searched(batch, TYPES).await) }));
        for (batch, (found, failed)) in searched.await {
            works |= failed.is_none() || !found.contents.is_empty();
            all.absorb(found);
            if let Some(error) = failed {
                tracing::debug!(error = %error, "a search did not come to its end; what is missing is asked for singly");
                if batch.len() > 1 {
                    again.extend(batch);
                }
            }
        }
        // One bad space must not take the others with it: each on its own. But a search that no space answers is not
        // tried for every one of them.
        if !works && let Some(probe) = again.pop() {
            let (found, failed) = self.searched(std::slice::from_ref(probe), TYPES).await;
            if failed.is_some() && found.contents.is_empty() {
                again.clear();
            }
            all.absorb(found);
        }
        let failures = AtomicUsize::new(0);
        let singly = self.session.all(again.into_iter().map(|space| {
            let failures = &failures;
            async move {
                if failures.load(Ordering::Relaxed) >= SEARCHES {
                    return Restricted::default();
                }
                let (found, failed) = self.searched(std::slice::from_ref(space), TYPES).await;
                match failed {
                    Some(_) if found.contents.is_empty() => failures.fetch_add(1, Ordering::Relaxed),
                    _ => failures.swap(0, Ordering::Relaxed),
                };
                found
            }
        }));
        for found in singly.await {
            all.absorb(found);
        }
        all.gaps.retain(|gap| gap.scope == GapScope::Content);
        all
    }

    /// Spaces in as few searches as their keys allow.
    fn search_batches(&self, spaces: &[Space]) -> Vec<Vec<Space>> {
        let request = |spaces: &[Space]| {
            let keys: Vec<&str> = spaces.iter().map(|space| space.key.as_str()).collect();
            v1::content_search(&cql::in_spaces(&keys, NODES), &["space"], SEARCH_LIMIT)
        };
        let batches = plan::batches(spaces, self.session.transport.width(), plan::SPACES_IN_SEARCH);
        batches.iter().flat_map(|batch| fitting(batch, plan::SPACES_IN_SEARCH, request)).collect()
    }

    /// The other nodes of the tree, with their restrictions where search knows them, and the spaces where it does not know
    /// all of them. Parents are found by their children too, so only childless nodes can be missing there: a
    /// gap for each of these spaces says so, except where the site cannot search for such nodes at all.
    pub(in crate::fetch) async fn search_nodes(&self, spaces: &[Space]) -> (Restricted, Vec<Space>) {
        let streams = self.search_batches(spaces);
        let (mut all, mut unknown) = (Restricted::default(), Vec::new());
        for (batch, mut found, failed) in self
            .session
            .all(streams.iter().map(|batch| async move {
                let (mut found, failed) = self.searched(batch, NODES).await;
                if failed.as_ref().is_some_and(route_is_absent) {
                    found.absorb(self.searched(batch, &["folder"]).await.0);
                }
                (batch, found, failed)
            }))
            .await
        {
            found.gaps.retain(|gap| gap.scope == GapScope::Content);
            if let Some(error) = failed {
                unknown.extend(batch.iter().cloned());
                // A site that does not know one of the types refuses the question with 400.
                if error.status() != Some(400) {
                    found.gaps.extend(batch.iter().map(|space| {
                        let gap = gap_of(&error, GapScope::Space, &space.key);
                        let message =
                            format!("folders, whiteboards, databases and embeds may be missing: {}", gap.message);
                        Gap { message, ..gap }
                    }));
                }
            }
            all.absorb(found);
        }
        (all, unknown)
    }

    /// Nodes of these spaces that are not among `contents`, and whether there can be no others: the nodes below the top of
    /// the tree is listed, for spaces in which nothing can be searched for. A childless folder at the top is
    /// in no list there is.
    pub(in crate::fetch) async fn childless_nodes(
        &self,
        contents: &HashMap<String, Content>,
        spaces: &[Space],
    ) -> (Vec<Content>, bool, Vec<Gap>) {
        let keys: HashSet<&str> = spaces.iter().map(|space| space.key.as_str()).collect();
        let context = self.context(spaces);
        let mut tops: Vec<&Content> = contents
            .values()
            .filter(|content| keys.contains(content.space_key.as_str()))
            .filter(|content| content.parent_id.is_none() && !content.parent_unknown)
            .filter(|content| matches!(content.status, ContentStatus::Current | ContentStatus::Archived))
            .collect();
        tops.sort_by(|a, b| plan::by_id(&a.id, &b.id));
        let whole = tops.len() <= LISTED_BELOW;
        tops.truncate(LISTED_BELOW);
        let parts = self.session.all(tops.into_iter().map(|top| self.below(top, &context))).await;
        let mut gaps = Vec::new();
        let mut rows = Vec::new();
        let mut whole = whole;
        for below in parts {
            rows.extend(below.rows);
            gaps.extend(below.gaps);
            whole &= below.whole;
        }
        let found = rows.into_iter().filter(|content| {
            let node = matches!(
                content.kind,
                ContentType::Folder | ContentType::Whiteboard | ContentType::Database | ContentType::Embed
            );
            node && !contents.contains_key(&content.id)
        });
        (found.collect(), whole, gaps)
    }

    /// The nodes below `top`.
    async fn below(&self, top: &Content, context: &Context) -> Below {
        let context = Context { space_key: Some(top.space_key.clone()), ..context.clone() };
        let mut all = Below { rows: Vec::new(), whole: true, gaps: Vec::new() };
        let mut left = vec![(top.id.clone(), top.kind.clone())];
        while let Some((id, kind)) = left.pop() {
            let Some(request) = v2::descendants(&kind, &id, v2::MAX_LIMIT) else { continue };
            let key = top.space_key.as_str();
            if self.nodes.locked().open() {
                let text = "not asked, because many requests before it failed";
                return all.without(&self.session.transport.error(ErrorKind::NoAnswer, &request, text), key);
            }
            let walked = self
                .session
                .walk(
                    request,
                    |body| v2_lift::descendants(body, &context),
                    |c: &Content| c.id.clone(),
                    (GapScope::Space, key),
                )
                .await;
            note(&self.nodes, walked.as_ref().err());
            let walked = match walked {
                Ok(walked) => walked,
                Err(error) => return all.without(&error, key),
            };
            if !walked.complete || !walked.gaps.is_empty() {
                all.rows.extend(walked.rows);
                all.gaps.extend(walked.gaps);
                all.whole = false;
                return all;
            }
            // The highest come first, so what is above a node is known when it comes.
            let mut depths = HashMap::from([(id, 0)]);
            for content in &walked.rows {
                let above = content.parent_id.as_ref().and_then(|parent| depths.get(parent)).copied().unwrap_or(0);
                depths.insert(content.id.clone(), above + 1);
                if above + 1 == v2::MAX_DEPTH {
                    left.push((content.id.clone(), content.kind.clone()));
                }
            }
            all.rows.extend(walked.rows);
        }
        all
    }

    /// One search. What came, and what ended it early.
    async fn searched(&self, spaces: &[Space], types: &[&str]) -> (Restricted, Option<Error>) {
        let context = self.context(spaces);
        let keys: Vec<&str> = spaces.iter().map(|s| s.key.as_str()).collect();
        let mut expand: Vec<&str> = Vec::new();
        if spaces.len() > 1 {
            expand.push("space");
        }
        let walk = Walk {
            request: v1::content_search(&cql::in_spaces(&keys, types), &expand, SEARCH_LIMIT),
            read: &|body| v1_lift::content_search(body, &context),
            key: &|found: &v1_lift::Found| found.content.id.clone(),
            scope: GapScope::Space,
            subject: keys.join(","),
            shrink: true,
            line: Line::First,
            tell: &|n| self.session.progress.add(Step::Restrictions, n),
        };
        let mut all = Restricted::default();
        match walk.run(self.session.transport).await {
            Ok(walked) => {
                let doubtful = doubtful(&walked.gaps);
                for found in walked.rows {
                    all.take(&found.content.id, found.restrictions, &doubtful);
                    all.contents.push(found.content);
                }
                all.users = walked.users;
                all.groups = walked.groups;
                all.gaps = walked.gaps;
                let stopped = (!walked.complete).then(|| Error::new(ErrorKind::Incomplete, "the search stopped early"));
                (all, stopped)
            }
            Err(error) => (all, Some(error)),
        }
    }
}

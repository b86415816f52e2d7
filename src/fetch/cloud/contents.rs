//! Pages and blog posts, as listings bring them.

use std::collections::{BTreeSet, HashSet};

use futures::future::join_all;

use super::site::Site;
use crate::apis::cloud_v2::{lift as v2_lift, requests as v2};
use crate::fetch::answers::Listed;
use crate::fetch::limit::Line;
use crate::fetch::lists::Restricted;
use crate::fetch::pages::{Walk, Walked, gap_of};
use crate::fetch::progress::Step;
use crate::fetch::session::{no_progress, unserved};
use crate::fetch::{Result, plan};
use crate::model::{Content, GapScope, Listing, Space};

impl Site<'_> {
    /// Pages and blog posts of `spaces`.
    async fn pages_and_posts(&self, spaces: &[Space]) -> Listing<Content> {
        let streams = plan::batches(spaces, self.session.transport.width(), v2::MAX_SPACE_IDS);
        let parts = self
            .session
            .all(streams.iter().flat_map(|batch| [(batch, true), (batch, false)]).map(|(batch, pages)| async move {
                let several = self.listed(batch, pages).await;
                match several {
                    Ok(walked) if walked.complete || batch.len() == 1 => {
                        Listing { rows: walked.rows, gaps: walked.gaps }
                    }
                    Err(error) if batch.len() == 1 => {
                        let key = batch.first().map(|s| s.key.as_str()).unwrap_or_default();
                        Listing { rows: Vec::new(), gaps: vec![gap_of(&error, GapScope::Space, key)] }
                    }
                    // One bad space must not take the others with it: each on its own.
                    other => {
                        let mut part = Listing { rows: other.map(|w| w.rows).unwrap_or_default(), gaps: Vec::new() };
                        let singly = join_all(batch.iter().map(|space| async move {
                            self.session.listing_or_gap(
                                self.listed(std::slice::from_ref(space), pages).await,
                                (GapScope::Space, &space.key),
                            )
                        }));
                        for one in singly.await {
                            part.rows.extend(one.rows);
                            part.gaps.extend(one.gaps);
                        }
                        part
                    }
                }
            }))
            .await;
        let mut all = Listing::default();
        for part in parts {
            all.rows.extend(part.rows);
            all.gaps.extend(part.gaps);
        }
        all
    }

    /// Pages or blog posts of some spaces, in one listing.
    async fn listed(&self, spaces: &[Space], pages: bool) -> Result<Walked<Content>> {
        let context = self.context(spaces);
        let ids: Vec<&str> = spaces.iter().map(|s| s.id.as_str()).collect();
        let keys: Vec<&str> = spaces.iter().map(|s| s.key.as_str()).collect();
        let read_pages = |body: &[u8]| v2_lift::pages(body, &context);
        let read_posts = |body: &[u8]| v2_lift::blogposts(body, &context);
        // The default statuses: current and archived pages, current blog posts.
        let request = if pages { v2::pages(&ids, &[], v2::MAX_LIMIT) } else { v2::blogposts(&ids, &[], v2::MAX_LIMIT) };
        let walk = Walk {
            request,
            read: if pages { &read_pages } else { &read_posts },
            key: &|content: &Content| content.id.clone(),
            scope: GapScope::Space,
            subject: keys.join(","),
            // Several are read one by one where that does not help.
            shrink: spaces.len() == 1,
            line: Line::First,
            tell: &|n| self.session.progress.add(Step::Contents, n),
        };
        let request = walk.request.clone();
        let mut walked = walk.run(self.session.transport).await;
        // Behind a content that cannot be served no cursor leads; from the other end what stands behind it is read.
        let broke_off = match &walked {
            Ok(walked) => !walked.complete && walked.gaps.iter().any(unserved),
            Err(error) => error.status() == Some(500),
        };
        if broke_off && spaces.len() == 1 {
            let walk = Walk {
                request: request.with("sort", "-id"),
                read: if pages { &read_pages } else { &read_posts },
                key: &|content: &Content| content.id.clone(),
                scope: GapScope::Space,
                subject: keys.join(","),
                shrink: true,
                line: Line::First,
                tell: &no_progress,
            };
            walked = from_both_ends(walked, walk.run(self.session.transport).await);
        }
        let mut walked = walked?;
        // A server that does not know the filter lists other spaces too.
        let asked: HashSet<&str> = keys.into_iter().collect();
        walked.rows.retain(|content| asked.contains(content.space_key.as_str()));
        Ok(walked)
    }

    /// Pages, blog posts and the other nodes of the tree of one space.
    ///
    /// # Errors
    /// Where the listing of pages cannot be begun.
    pub(in crate::fetch) async fn contents(&self, space: &Space) -> Result<Listing<Content>> {
        let spaces = std::slice::from_ref(space);
        let searched = async {
            if space.archived() { (Restricted::default(), spaces.to_vec()) } else { self.search_nodes(spaces).await }
        };
        let (pages, posts, (nodes, unsearched)) =
            futures::join!(self.listed(spaces, true), self.listed(spaces, false), searched);
        let pages = pages?;
        let posts = self.session.listing_or_gap(posts, (GapScope::Space, &space.key));
        let mut listed = Listed {
            only_found: nodes.contents.iter().map(|content| content.id.clone()).collect(),
            unsearched,
            gaps: pages.gaps.into_iter().chain(posts.gaps).chain(nodes.gaps).collect(),
            ..Listed::default()
        };
        for content in nodes.contents.into_iter().chain(pages.rows).chain(posts.rows) {
            listed.contents.insert(content.id.clone(), content);
        }
        let placed = self.place(&mut listed, spaces).await;
        let mut rows: Vec<Content> = listed.contents.into_values().collect();
        rows.sort_by(|a, b| plan::by_id(&a.id, &b.id));
        Ok(Listing { rows, gaps: listed.gaps.into_iter().chain(placed).collect() })
    }

    /// The contents of `spaces`, and the restrictions that searches bring.
    pub(in crate::fetch) async fn listing(&self, spaces: &[Space]) -> Listed {
        let searchable: Vec<Space> = spaces.iter().filter(|space| !space.archived()).cloned().collect();
        let (listed, mut restricted, (nodes, unsearched)) =
            futures::join!(self.pages_and_posts(spaces), self.search(&searchable), self.search_nodes(&searchable),);
        restricted.absorb(nodes);
        // Search knows nothing of archived spaces, nor of an admin key.
        let unsearched = if self.session.transport.keyed() {
            spaces.to_vec()
        } else {
            spaces.iter().filter(|space| space.archived()).cloned().chain(unsearched).collect()
        };
        let keys: HashSet<&str> = spaces.iter().map(|space| space.key.as_str()).collect();
        let known: HashSet<String> = listed.rows.iter().map(|content| content.id.clone()).collect();
        let mut all = Listed { unsearched, gaps: listed.gaps, ..Listed::default() };
        // What only the search knows is kept too; the listing knows more about what both know.
        let found = std::mem::take(&mut restricted.contents);
        let only_found: BTreeSet<String> =
            found.iter().map(|content| content.id.clone()).filter(|id| !known.contains(id)).collect();
        for content in found.into_iter().chain(listed.rows) {
            all.contents.insert(content.id.clone(), content);
        }
        all.contents.retain(|_, content| keys.contains(content.space_key.as_str()));
        all.only_found = only_found.into_iter().filter(|id| all.contents.contains_key(id)).collect();
        all.restricted = restricted;
        all
    }
}

/// What a listing that broke off brought from its one end and from the other.
fn from_both_ends(forth: Result<Walked<Content>>, back: Result<Walked<Content>>) -> Result<Walked<Content>> {
    let Ok(mut back) = back else { return forth };
    let Ok(mut forth) = forth else { return Ok(back) };
    let last = forth.rows.last().map(|content| content.id.clone());
    let next = back.rows.last().map(|content| content.id.clone());
    let known: HashSet<String> = forth.rows.iter().map(|content| content.id.clone()).collect();
    forth.rows.extend(back.rows.into_iter().filter(|content| !known.contains(&content.id)));
    if back.complete {
        forth.gaps.retain(|gap| !unserved(gap));
        forth.complete = true;
    } else {
        // Both ends met at the same place: one gap for it.
        back.gaps.retain(|gap| !unserved(gap));
        if let (Some(last), Some(next)) = (last, next) {
            for gap in forth.gaps.iter_mut().filter(|gap| unserved(gap)) {
                gap.message =
                    format!("the listing cannot be served between contents `{last}` and `{next}`: {}", gap.message);
            }
        }
    }
    forth.gaps.extend(back.gaps);
    Ok(forth)
}

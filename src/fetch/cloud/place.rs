//! Where contents stand in the tree, where no listing says so.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::site::Site;
use crate::apis::cloud_v2::{lift as v2_lift, requests as v2};
use crate::apis::{Context, fitting};
use crate::fetch::answers::Listed;
use crate::fetch::lists::{budget, note};
use crate::fetch::locked::Locked;
use crate::fetch::pages::gap_of;
use crate::fetch::plan::{Ascent, MissingParent, Place};
use crate::fetch::progress::Step;
use crate::fetch::{Error, ErrorKind, Result, halves, plan};
use crate::model::{
    BlindSpot, Content, ContentStatus, ContentType, Gap, GapCause, GapScope, Listing, Origin, SiteFact, Space,
};

/// Look-ups by ids that fail in a row before no further one is tried.
const LOOKED_UP: usize = 9;

/// Contents that no listing places for which the nodes above them are asked for, one by one.
const PLACED_SINGLY: usize = 500;

impl Site<'_> {
    /// One node of the tree.
    async fn node(&self, id: &str, kind: &ContentType, context: &Context) -> Result<Listing<Content>> {
        let Some(request) = v2::node(kind, id) else {
            let request = v2::page(id);
            let text = format!("no route returns a content of kind `{kind}`");
            return Err(self.session.transport.error(ErrorKind::Client, &request, text));
        };
        if self.nodes.locked().open() {
            let text = "not asked, because many requests before it failed";
            return Err(self.session.transport.error(ErrorKind::NoAnswer, &request, text));
        }
        let read = |body: &[u8]| v2_lift::node(body, kind, context);
        let answer = self.session.ask(&request, budget(self.session.transport, &self.nodes).first(), &read).await;
        note(&self.nodes, answer.as_ref().err());
        answer.map(|page| Listing { rows: page.rows, gaps: page.gaps })
    }

    /// The nodes above `contents` that no listing brought, up to the roots.
    ///
    /// A node that cannot be read is still put in its place where the nodes above its child can be listed: contents below
    /// inherit from above it all the same. Its gap says that it was not read.
    pub(super) async fn parents(&self, contents: &mut HashMap<String, Content>, context: &Context) -> Vec<Gap> {
        let mut gaps = Vec::new();
        let mut ascent = Ascent::default();
        while let Some(missing) = ascent.round(contents) {
            for found in self.session.all(missing.iter().map(|parent| self.parent(parent, context))).await {
                self.session.progress.add(Step::Contents, found.rows.len());
                gaps.extend(found.gaps);
                contents.extend(found.rows.into_iter().map(|c| (c.id.clone(), c)));
            }
        }
        gaps
    }

    /// Puts contents that only a search returned into their place: it does not say what is above them. A content that
    /// cannot be placed is kept with its place unknown, and a gap for its space says so.
    pub(super) async fn place_found(
        &self,
        contents: &mut HashMap<String, Content>,
        found: &[String],
        context: &Context,
    ) -> Vec<Gap> {
        let mut pages: Vec<String> = Vec::new();
        let mut posts: Vec<String> = Vec::new();
        let mut nodes: Vec<(String, ContentType, Context)> = Vec::new();
        for content in found.iter().filter_map(|id| contents.get(id)) {
            match &content.kind {
                ContentType::Page => pages.push(content.id.clone()),
                ContentType::Blogpost => posts.push(content.id.clone()),
                // The nodes above them that v1 names may be pages only, and no other route names many at once.
                kind => {
                    let context = Context { space_key: Some(content.space_key.clone()), ..context.clone() };
                    nodes.push((content.id.clone(), kind.clone(), context));
                }
            }
        }
        let (pages, posts, nodes) =
            futures::join!(self.by_id(&pages, true, context), self.by_id(&posts, false, context), self.nodes(&nodes),);
        let mut told = HashMap::new();
        let mut failed = None;
        for (rows, error) in [pages, posts, nodes] {
            told.extend(rows.into_iter().map(|content| (content.id.clone(), content)));
            failed = failed.or(error);
        }
        let lost: Vec<String> = found.iter().filter(|id| !told.contains_key(*id)).cloned().collect();
        let places = self.places_of(contents, &lost).await;
        let mut unplaced: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut sketched: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for id in found {
            let Some(content) = contents.get_mut(id) else { continue };
            let place = places.get(id);
            let placed = content.kind == ContentType::Blogpost || place.is_some();
            let told = told.remove(id);
            if told.is_none() && placed {
                sketched.entry(content.space_key.clone()).or_default().push(id.clone());
            }
            match (told, place) {
                (Some(told), _) => *content = told,
                // Nothing stands above a blog post.
                (None, _) if content.kind == ContentType::Blogpost => {}
                (None, Some(place)) => {
                    content.parent_type = place.parent.as_ref().and_then(|node| node.kind.clone());
                    content.parent_id = place.parent.as_ref().map(|node| node.id.clone());
                }
                (None, None) => {
                    content.parent_id = None;
                    content.parent_type = None;
                    content.parent_unknown = true;
                    unplaced.entry(content.space_key.clone()).or_default().push(id.clone());
                }
            }
        }
        let unplaced = unplaced.into_iter().map(|(key, ids)| not_placed(&key, ids, failed.as_ref()));
        unplaced.chain(sketched.into_iter().map(|(key, ids)| only_sketched(&key, ids, failed.as_ref()))).collect()
    }

    /// Where these contents stand, by the lists of nodes above them or above their children.
    async fn places_of(&self, contents: &HashMap<String, Content>, ids: &[String]) -> HashMap<String, Place> {
        let wanted: HashSet<&str> = ids.iter().map(String::as_str).collect();
        let mut below: HashMap<&str, &Content> = HashMap::new();
        for content in contents.values() {
            if let Some(parent) = content.parent_id.as_deref().filter(|parent| wanted.contains(parent)) {
                let first = below.entry(parent).or_insert(content);
                if content.id < first.id {
                    *first = content;
                }
            }
        }
        let asked = ids.iter().filter_map(|id| contents.get(id)).filter(|c| c.kind != ContentType::Blogpost);
        // What is asked for later is often known by then: younger contents stand deeper.
        let mut asked: Vec<&Content> = asked.collect();
        asked.sort_by(|a, b| plan::by_id(&b.id, &a.id));
        asked.truncate(PLACED_SINGLY);
        let parts = asked.into_iter().map(|content| {
            let child = below.get(content.id.as_str()).map(|child| (child.id.as_str(), &child.kind));
            async move { Some((content.id.clone(), self.place_of(&content.id, &content.kind, child).await?)) }
        });
        self.session.all(parts).await.into_iter().flatten().collect()
    }

    /// The place of a node, from the list of nodes above it, else from that of its child.
    async fn place_of(&self, id: &str, kind: &ContentType, child: Option<(&str, &ContentType)>) -> Option<Place> {
        let known = || self.places.locked().of(id).cloned();
        for (asked, kind) in [Some((id, kind)), child].into_iter().flatten() {
            if let Some(place) = known() {
                return Some(place);
            }
            self.learn(asked, kind).await;
        }
        known()
    }

    /// Asks for the nodes above `id`, and keeps their places.
    async fn learn(&self, id: &str, kind: &ContentType) {
        let Some(request) = v2::ancestors(kind, id, v2::MAX_LIMIT) else { return };
        if self.nodes.locked().open() {
            return;
        }
        let read = |body: &[u8]| v2_lift::ancestors(body, id);
        let answer = self.session.ask(&request, budget(self.session.transport, &self.nodes).first(), &read).await;
        note(&self.nodes, answer.as_ref().err());
        // Where one of them could not be read, their order is unknown.
        if let Ok(page) = answer
            && page.gaps.is_empty()
        {
            self.places.locked().learn(id, &page.rows, page.next.is_some());
        }
    }

    /// The pages, or the blog posts, with these ids, as far as they can be read, and what stood in the way.
    async fn by_id(&self, ids: &[String], pages: bool, context: &Context) -> (Vec<Content>, Option<Error>) {
        // A listing that fails here as it did before is not asked for every page of the site.
        let failures = AtomicUsize::new(0);
        let question = |ids: &[String]| {
            if pages { v2::pages_by_id(ids, v2::MAX_LIMIT) } else { v2::blogposts_by_id(ids, v2::MAX_LIMIT) }
        };
        let chunks = fitting(ids, v2::MAX_IDS, question);
        let parts = self
            .session
            .all(chunks.iter().map(|chunk| {
                let failures = &failures;
                halves::ask(chunk, halves::one_of_them, move |chunk: Vec<String>| async move {
                    if failures.load(Ordering::Relaxed) >= LOOKED_UP {
                        return Ok(Vec::new());
                    }
                    let request = question(&chunk);
                    let read = |body: &[u8]| {
                        if pages { v2_lift::pages(body, context) } else { v2_lift::blogposts(body, context) }
                    };
                    let key = |content: &Content| content.id.clone();
                    match self.session.walk(request, read, key, SiteFact::Contents.about()).await {
                        // A server that does not know the filter lists whatever there is.
                        Ok(walked) => {
                            failures.store(0, Ordering::Relaxed);
                            let asked: HashSet<&String> = chunk.iter().collect();
                            Ok(walked.rows.into_iter().filter(|content| asked.contains(&content.id)).collect())
                        }
                        Err(error) => {
                            failures.fetch_add(1, Ordering::Relaxed);
                            Err(error)
                        }
                    }
                })
            }))
            .await;
        let mut all: Vec<Content> = Vec::new();
        let mut failed = None;
        for (_, answer) in parts.into_iter().flatten() {
            match answer {
                Ok(rows) => all.extend(rows),
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        (all, failed)
    }

    /// These nodes, one request each, as far as they can be read, and what stood in the way.
    async fn nodes(&self, nodes: &[(String, ContentType, Context)]) -> (Vec<Content>, Option<Error>) {
        let parts = self.session.all(nodes.iter().map(|(id, kind, context)| self.node(id, kind, context))).await;
        let mut all = Vec::new();
        let mut failed = None;
        for part in parts {
            match part {
                Ok(part) => all.extend(part.rows),
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        (all, failed)
    }

    async fn parent(&self, parent: &MissingParent, context: &Context) -> Listing<Content> {
        let id = parent.id.as_str();
        let context = Context { space_key: Some(parent.space_key.clone()), ..context.clone() };
        let kind = match &parent.kind {
            Some(kind) if v2::collection(kind).is_some() => kind.clone(),
            _ => self.kind_of(id).await.unwrap_or(ContentType::Page),
        };
        let error = match self.node(id, &kind, &context).await {
            Ok(found) => return found,
            Err(error) => error,
        };
        let mut found = Listing { rows: Vec::new(), gaps: vec![gap_of(&error, GapScope::Content, id)] };
        if let Some(place) = self.above(parent, &kind).await {
            found.rows.push(Content {
                status: ContentStatus::Other("unknown".to_owned()),
                parent_type: place.parent.as_ref().and_then(|node| node.kind.clone()),
                parent_id: place.parent.map(|node| node.id),
                source: Origin::new("cloud_v2 GET /wiki/api/v2/{type}/{id}/ancestors"),
                ..Content::new(id, place.kind.unwrap_or(kind), &parent.space_key)
            });
        }
        found
    }

    /// The place of `parent`, from the nodes above its child; where that list begins with it, from those above itself.
    async fn above(&self, parent: &MissingParent, kind: &ContentType) -> Option<Place> {
        let known = || self.places.locked().of(&parent.id).cloned();
        for (asked, kind) in [(parent.child.0.as_str(), &parent.child.1), (parent.id.as_str(), kind)] {
            if known().is_none() {
                self.learn(asked, kind).await;
            }
        }
        known()
    }

    /// One content, in one of `spaces`.
    pub(super) async fn content(&self, id: &str, spaces: &[Space]) -> Result<Option<Content>> {
        let kind = self.kind_of(id).await;
        let found = self.node(id, kind.as_ref().unwrap_or(&ContentType::Page), &self.context(spaces)).await?;
        Ok(found.rows.into_iter().next())
    }

    /// One content, in one of `spaces`, and what stands above it.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] for a content this account cannot see.
    pub(in crate::fetch) async fn with_parents(&self, id: &str, spaces: &[Space]) -> Result<Listing<Content>> {
        let missing = || Error::new(ErrorKind::NotFound, format!("no content `{id}`, or this account may not view it"));
        let found = self.content(id, spaces).await?.ok_or_else(missing)?;
        let mut chain = HashMap::from([(found.id.clone(), found)]);
        let gaps = self.parents(&mut chain, &self.context(spaces)).await;
        Ok(Listing { rows: chain.into_values().collect(), gaps })
    }

    /// Puts contents only a search found into their places, and adds the nodes above them, and those below where nothing
    /// can be searched for.
    pub(in crate::fetch) async fn place(&self, listed: &mut Listed, spaces: &[Space]) -> Vec<Gap> {
        let keys: HashSet<&str> = spaces.iter().map(|space| space.key.as_str()).collect();
        let context = self.context(spaces);
        let mut gaps = self.place_found(&mut listed.contents, &listed.only_found, &context).await;
        listed.contents.retain(|_, content| keys.contains(content.space_key.as_str()));
        gaps.extend(self.parents(&mut listed.contents, &context).await);
        let (found, all, below) = self.childless_nodes(&listed.contents, &listed.unsearched).await;
        gaps.extend(below);
        for content in found {
            listed.contents.entry(content.id.clone()).or_insert(content);
        }
        if !all {
            listed.coverage.push(BlindSpot::ChildlessNodes.note(
                "childless folders, whiteboards, databases and embeds may be missing in spaces that search does not cover, such as archived ones",
            ));
        }
        gaps
    }

    /// The kind of a content, where no listing reported it.
    async fn kind_of(&self, id: &str) -> Option<ContentType> {
        let request = v2::content_types(&[id]);
        let page = self
            .session
            .ask(&request, budget(self.session.transport, &self.nodes).first(), &v2_lift::content_types)
            .await
            .ok()?;
        page.rows.into_iter().find(|node| node.id == id).and_then(|node| node.kind)
    }
}

/// The gap of contents of a space that could not be placed.
fn not_placed(space_key: &str, ids: Vec<String>, error: Option<&Error>) -> Gap {
    let what = format!("the place of {} in the tree is not known, so what they inherit is not known either", some(ids));
    not_told(space_key, &what, error)
}

/// The gap of contents that only a search returned, without authors and times.
fn only_sketched(space_key: &str, ids: Vec<String>, error: Option<&Error>) -> Gap {
    not_told(space_key, &format!("authors and times of {} are not known", some(ids)), error)
}

/// The first few of some ids, and how many more there are.
fn some(mut ids: Vec<String>) -> String {
    ids.sort_by(|a, b| plan::by_id(a, b));
    let more = if ids.len() > 3 { format!(" and {} more", ids.len() - 3) } else { String::new() };
    let names = ids.iter().take(3).map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ");
    format!("{names}{more}")
}

fn not_told(space_key: &str, what: &str, error: Option<&Error>) -> Gap {
    let why = error.map(|error| format!(": {error}")).unwrap_or_default();
    let message = format!("{what}{why}");
    Gap {
        route: error.and_then(Error::route).map(str::to_owned),
        ..Gap::new((GapScope::Space, space_key), GapCause::NotListed, message).answered(error.and_then(Error::status))
    }
}

//! The questions a site is asked, one method for each, every failure a gap in its place.
//!
//! Everything runs inside the one future of the caller, so dropping that future stops it all; how much is under way is
//! the limiter's business.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use futures::future::join_all;
use futures::stream::{self, StreamExt as _};

use super::halves;
use super::identity::Identity;
pub(super) use super::lists::Restricted;
use super::lists::{self, Questions, effort, note};
use super::pages::{Walk, Walked, ask, ask_one, gap_of, gap_of_site};
use super::plan::{self, Breaker, MissingParent, Place, Places};
use super::progress::Step;
use super::transport::{Effort, Transport};
use super::{Error, ErrorKind, Members, Progress, Result};
use crate::apis::cloud_v1::{lift as v1_lift, requests as v1};
use crate::apis::cloud_v2::lift::{self as v2_lift, Catalogue, Role};
use crate::apis::cloud_v2::requests as v2;
use crate::apis::{Context, Request, fitting};
use crate::model::{
    Content, ContentStatus, ContentType, DirectMembership, Gap, GapCause, GapScope, Group, Listing, Origin, Plan,
    RoleMode, SiteFact, Space, SpacePermission, Subject, User,
};

/// Page size searches with restrictions begin with: the server may serve fewer, and says so.
const SEARCH_LIMIT: u32 = 200;

/// The nodes of the tree that no listing of a space brings.
const NODES: &[&str] = &["folder", "whiteboard", "database", "embed"];

/// Searches that fail in a row before no further space is searched.
const SEARCHES: usize = 3;

/// Look-ups by ids that fail in a row before no further one is tried.
const LOOKED_UP: usize = 9;

/// Contents that no listing places for which the nodes above them are asked for, one by one.
const PLACED_SINGLY: usize = 500;

/// Contents at the top of a tree below which everything is listed, where nothing can be searched for.
const LISTED_BELOW: usize = 500;

/// Statuses by which a site says that it has no such route.
pub(super) fn route_is_absent(error: &Error) -> bool {
    matches!(error.status(), Some(400 | 403 | 404 | 405 | 410 | 501))
}

/// Reads a site. Cheap to make; one per call.
pub(super) struct Reader<'a> {
    pub(super) transport: &'a Transport,
    pub(super) identity: &'a Identity,
    pub(super) progress: &'a Progress,
    /// Futures that are polled at a time; the limiter decides how many of them send.
    pub(super) width: usize,
    /// How the nodes asked for one by one fare.
    pub(super) nodes: Mutex<Breaker>,
    /// Where nodes stand, as far as lists of the nodes above others told.
    pub(super) places: Mutex<Places>,
}

/// How v1 is asked for the restrictions of one content.
const V1: Questions = Questions {
    both: v1::content_restriction,
    read_both: v1_lift::content_restriction,
    one: v1::restriction_by_operation,
    read_one: v1_lift::restriction_by_operation,
};

/// What the listings of groups say.
#[derive(Default)]
pub(super) struct Groups {
    pub(super) all: Vec<Group>,
    /// Groups that let their members use the product, where the server really told them apart.
    pub(super) access: BTreeSet<String>,
    /// Whether `access` holds all of them.
    pub(super) access_complete: bool,
    /// Groups that make their members administrators of the product, likewise.
    pub(super) admin: BTreeSet<String>,
    /// Whether `admin` holds all of them.
    pub(super) admin_complete: bool,
    pub(super) gaps: Vec<Gap>,
}

/// Members of groups.
#[derive(Default)]
pub(super) struct Memberships {
    pub(super) rows: Vec<DirectMembership>,
    pub(super) users: Vec<User>,
    /// Groups nobody knows.
    pub(super) vanished: BTreeSet<String>,
    /// Groups whose members are all read.
    pub(super) complete: BTreeSet<String>,
    /// Groups found one by one.
    pub(super) groups: Vec<Group>,
    pub(super) gaps: Vec<Gap>,
}

impl Memberships {
    pub(super) fn absorb(&mut self, other: Self) {
        self.rows.extend(other.rows);
        self.users.extend(other.users);
        self.vanished.extend(other.vanished);
        self.complete.extend(other.complete);
        self.groups.extend(other.groups);
        self.gaps.extend(other.gaps);
    }
}

/// What hangs below a content.
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

fn quiet(_: usize) {}

impl<'a> Reader<'a> {
    pub(super) async fn walk<T>(
        &self,
        request: Request,
        read: impl Fn(&[u8]) -> std::result::Result<crate::apis::Page<T>, crate::apis::Unreadable> + Sync,
        key: impl Fn(&T) -> String + Sync,
        (scope, subject): (GapScope, &str),
    ) -> Result<Walked<T>> {
        let walk =
            Walk { request, read: &read, key: &key, scope, subject: subject.to_owned(), shrink: false, tell: &quiet };
        walk.run(self.transport).await
    }

    /// Runs `futures` a limited number at a time. They are made at once, so that what runs is the futures alone and can
    /// move between threads.
    pub(super) fn all<F: Future, I: IntoIterator<Item = F>>(
        &self,
        futures: I,
    ) -> impl Future<Output = Vec<F::Output>> + use<F, I> {
        let futures: Vec<F> = futures.into_iter().collect();
        stream::iter(futures).buffer_unordered(self.width.max(1)).collect()
    }

    /// How the site grants access to spaces; nothing where it does not know the question.
    pub(super) async fn role_mode(&self) -> Result<Option<RoleMode>> {
        let request = v2::space_role_mode();
        match ask_one(self.transport, &request, self.transport.full(), v2_lift::space_role_mode).await {
            Ok(mode) => Ok(Some(mode)),
            // Who may not ask does not learn that there are no roles.
            Err(error) if route_is_absent(&error) && error.status() != Some(403) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Spaces: all, or those with these keys (or, for numbers nobody uses as a key, ids).
    pub(super) async fn spaces(&self, keys: Option<&[String]>) -> Result<Listing<Space>> {
        let list =
            |request: Request| self.walk(request, v2_lift::spaces, |s: &Space| s.id.clone(), SiteFact::Spaces.about());
        let Some(keys) = keys else {
            let walked = list(v2::spaces(&[] as &[&str], v2::MAX_LIMIT)).await?;
            self.progress.add(Step::Spaces, walked.rows.len());
            self.progress.close(Step::Spaces);
            return Ok(Listing { rows: walked.rows, gaps: walked.gaps });
        };
        let keys: Vec<String> = keys.iter().map(|k| k.trim().to_owned()).collect();
        if let Some(bad) = keys.iter().find(|k| k.is_empty() || k.chars().any(char::is_control)) {
            return Err(Error::configuration(format!("`{}` is no key of a space", bad.escape_debug())));
        }
        let mut part = Listing::default();
        let mut known: HashSet<String> = HashSet::new();
        let mut missing: Vec<String> = Vec::new();
        let distinct: Vec<String> = keys.iter().collect::<BTreeSet<_>>().into_iter().cloned().collect();
        let wanted = |space: &Space, key: &str| space.key.eq_ignore_ascii_case(key);
        let by_key = |keys: &[String]| v2::spaces(keys, v2::MAX_LIMIT);
        let by_id = |ids: &[String]| v2::spaces_by_id(ids, v2::MAX_LIMIT);
        for walked in in_parts(&distinct, by_key, &list).await {
            let walked = walked?;
            part.gaps.extend(walked.gaps);
            // A server that does not know the filter lists everything.
            part.rows.extend(
                walked
                    .rows
                    .into_iter()
                    .filter(|space| distinct.iter().any(|key| wanted(space, key)) && known.insert(space.id.clone())),
            );
        }
        for key in &distinct {
            if !part.rows.iter().any(|space| wanted(space, key)) {
                missing.push(key.clone());
            }
        }
        // Keys of shared spaces are upper case, and people type them as they like.
        let upper: Vec<String> = missing.iter().map(|k| k.to_uppercase()).filter(|k| !missing.contains(k)).collect();
        for walked in in_parts(&upper, by_key, &list).await {
            let walked = walked?;
            part.gaps.extend(walked.gaps);
            for space in walked.rows {
                if missing.iter().any(|key| wanted(&space, key)) {
                    missing.retain(|key| !wanted(&space, key));
                    if known.insert(space.id.clone()) {
                        part.rows.push(space);
                    }
                }
            }
        }
        let ids: Vec<String> = missing.iter().filter(|k| k.bytes().all(|b| b.is_ascii_digit())).cloned().collect();
        for walked in in_parts(&ids, by_id, &list).await {
            let walked = walked?;
            part.gaps.extend(walked.gaps);
            for space in walked.rows {
                if ids.contains(&space.id) {
                    missing.retain(|key| *key != space.id);
                    if known.insert(space.id.clone()) {
                        part.rows.push(space);
                    }
                }
            }
        }
        if !missing.is_empty() {
            let names = missing.iter().map(|k| format!("`{k}`")).collect::<Vec<_>>().join(", ");
            let what = if missing.len() == 1 { "space" } else { "spaces" };
            let mut error = self.transport.error(
                ErrorKind::NotFound,
                &v2::spaces(&[] as &[&str], v2::MAX_LIMIT),
                format!("no {what} {names}: check the key, or the account of this token may not see it; `spaces()` lists those it can"),
            );
            error.parts_mut().attempts = 1;
            return Err(error);
        }
        self.progress.add(Step::Spaces, part.rows.len());
        self.progress.close(Step::Spaces);
        Ok(part)
    }

    /// What readers have to know about `spaces`.
    pub(super) fn context(&self, spaces: &[Space]) -> Context {
        Context {
            space_keys: spaces.iter().map(|s| (s.id.clone(), s.key.clone())).collect(),
            space_key: match spaces {
                [only] => Some(only.key.clone()),
                _ => None,
            },
            base: Some(format!("{}/wiki", self.transport.target.site)),
        }
    }

    /// How the site grants access to spaces, and its roles. A site that does not tell the first is asked for the roles
    /// all the same: where they can be read, nothing depends on the mode.
    pub(super) async fn mode_and_roles(&self) -> (Option<RoleMode>, Option<HashMap<String, Role>>, Vec<Gap>) {
        match self.role_mode().await {
            Ok(mode) => {
                let (roles, gaps) = self.roles(mode.as_ref()).await;
                (mode, roles, gaps)
            }
            Err(error) => match self.roles(Some(&RoleMode::Other("unknown".to_owned()))).await {
                (Some(roles), gaps) if gaps.is_empty() => (None, Some(roles), Vec::new()),
                _ => (None, None, vec![gap_of_site(&error, SiteFact::RoleMode)]),
            },
        }
    }

    /// The roles of the site with what they bring.
    pub(super) async fn roles(&self, mode: Option<&RoleMode>) -> (Option<HashMap<String, Role>>, Vec<Gap>) {
        if matches!(mode, None | Some(RoleMode::PreRoles)) {
            return (None, Vec::new());
        }
        // Only helps to read the roles, so its absence is none of a reader's business.
        let catalogue: Catalogue = self
            .walk(
                v2::space_permission_catalogue(v2::MAX_LIMIT),
                v2_lift::space_permission_catalogue,
                |(id, _): &(String, String)| id.clone(),
                SiteFact::SpacePermissionCatalogue.about(),
            )
            .await
            .map(|walked| walked.rows.into_iter().collect())
            .unwrap_or_default();
        let roles = self
            .walk(
                v2::space_roles(None, v2::MAX_LIMIT),
                |body| v2_lift::space_roles(body, &catalogue),
                |role: &Role| role.id.clone(),
                SiteFact::SpaceRoles.about(),
            )
            .await;
        match roles {
            Ok(walked) => (Some(walked.rows.into_iter().map(|r| (r.id.clone(), r)).collect()), walked.gaps),
            Err(error) => (Some(HashMap::new()), vec![gap_of_site(&error, SiteFact::SpaceRoles)]),
        }
    }

    /// Permissions in a space: grants, and what roles bring there.
    ///
    /// # Errors
    /// Where the listing of grants cannot be begun, beside what the roles bring and the gap it leaves.
    pub(super) async fn permissions(
        &self,
        space: &Space,
        roles: Option<&HashMap<String, Role>>,
    ) -> (Listing<SpacePermission>, Option<Error>) {
        let about = (GapScope::SpacePermissions, space.key.as_str());
        let key = |p: &SpacePermission| {
            format!(
                "{}|{}|{}|{}",
                p.subject,
                p.permission,
                p.raw.as_deref().unwrap_or(""),
                p.via_role.as_deref().unwrap_or("")
            )
        };
        let granted = self.walk(
            v2::space_permissions(&space.id, v2::MAX_LIMIT),
            |body| v2_lift::space_permissions(body, &space.key),
            key,
            about.clone(),
        );
        let assigned = async {
            match roles {
                None => Listing::default(),
                Some(roles) => self.listing_or_gap(
                    self.walk(
                        v2::role_assignments(&space.id, v2::MAX_LIMIT),
                        |body| v2_lift::role_assignments(body, &space.key, roles),
                        key,
                        about.clone(),
                    )
                    .await,
                    about.clone(),
                ),
            }
        };
        let (granted, assigned) = futures::join!(granted, assigned);
        let (granted, failed) = match granted {
            Ok(walked) => (Listing { rows: walked.rows, gaps: walked.gaps }, None),
            Err(error) => {
                let gaps = vec![gap_of(&error, about.0, about.1)];
                (Listing { rows: Vec::new(), gaps }, Some(error))
            }
        };
        let mut gaps = granted.gaps;
        // Without every assignment a role keeps standing for whoever holds it.
        let rows = match roles {
            Some(roles) if assigned.gaps.is_empty() => v2_lift::expand_roles(granted.rows, &assigned.rows, roles),
            _ => granted.rows,
        };
        gaps.extend(assigned.gaps);
        let rows = rows.into_iter().chain(assigned.rows).collect();
        self.progress.add(Step::Permissions, 1);
        (Listing { rows, gaps }, failed)
    }

    fn listing_or_gap<T>(&self, walked: Result<Walked<T>>, (scope, subject): (GapScope, &str)) -> Listing<T> {
        match walked {
            Ok(walked) => Listing { rows: walked.rows, gaps: walked.gaps },
            Err(error) => Listing { rows: Vec::new(), gaps: vec![gap_of(&error, scope, subject)] },
        }
    }

    /// Pages and blog posts of `spaces`.
    pub(super) async fn listing(&self, spaces: &[Space]) -> Listing<Content> {
        let streams = plan::batches(spaces, self.transport.width(), v2::MAX_SPACE_IDS);
        let parts = self
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
                            self.listing_or_gap(
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
            tell: &|n| self.progress.add(Step::Contents, n),
        };
        let request = walk.request.clone();
        let mut walked = walk.run(self.transport).await;
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
                tell: &quiet,
            };
            walked = from_both_ends(walked, walk.run(self.transport).await);
        }
        let mut walked = walked?;
        // A server that does not know the filter lists other spaces too.
        let asked: HashSet<&str> = keys.into_iter().collect();
        walked.rows.retain(|content| asked.contains(content.space_key.as_str()));
        Ok(walked)
    }

    /// Restrictions of pages and blog posts in bulk, in `spaces`, none of them archived.
    ///
    /// What fails here leaves no gap: whatever it did not bring is asked for singly.
    pub(super) async fn search(&self, spaces: &[Space]) -> Restricted {
        const TYPES: &[&str] = &["page", "blogpost"];
        let streams = self.search_batches(spaces);
        let mut all = Restricted::default();
        let mut again: Vec<&Space> = Vec::new();
        let mut works = false;
        let searched = self.all(streams.iter().map(|batch| async move { (batch, self.searched(batch, TYPES).await) }));
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
        let singly = self.all(again.into_iter().map(|space| {
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
            v1::content_search(&v1::cql_in_spaces(&keys, NODES), &["space"], SEARCH_LIMIT)
        };
        let batches = plan::batches(spaces, self.transport.width(), plan::SPACES_IN_SEARCH);
        batches.iter().flat_map(|batch| fitting(batch, plan::SPACES_IN_SEARCH, request)).collect()
    }

    /// The other nodes of the tree, with their restrictions where search knows them, and the spaces where it does not know
    /// all of them. Parents are found by their children too, so there only nodes are missing that nothing hangs under: a
    /// gap for each of these spaces says so, but where the site knows no search for such nodes.
    pub(super) async fn search_nodes(&self, spaces: &[Space]) -> (Restricted, Vec<Space>) {
        let streams = self.search_batches(spaces);
        let (mut all, mut unknown) = (Restricted::default(), Vec::new());
        for (batch, mut found, failed) in self
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

    /// Nodes of these spaces that are not among `contents`, and whether there can be no others: what hangs below the top of
    /// the tree is listed, for spaces in which nothing can be searched for. A folder at the top that nothing hangs under is
    /// in no list there is.
    pub(super) async fn quiet_nodes(
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
        let parts = self.all(tops.into_iter().map(|top| self.below(top, &context))).await;
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

    /// What hangs below `top`.
    async fn below(&self, top: &Content, context: &Context) -> Below {
        let context = Context { space_key: Some(top.space_key.clone()), ..context.clone() };
        let mut all = Below { rows: Vec::new(), whole: true, gaps: Vec::new() };
        let mut left = vec![(top.id.clone(), top.kind.clone())];
        while let Some((id, kind)) = left.pop() {
            let Some(request) = v2::descendants(&kind, &id, v2::MAX_LIMIT) else { continue };
            let key = top.space_key.as_str();
            if self.nodes.lock().unwrap_or_else(PoisonError::into_inner).open() {
                let text = "not asked, because many requests before it failed";
                return all.without(&self.transport.error(ErrorKind::NoAnswer, &request, text), key);
            }
            let walked = self
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
            request: v1::content_search(&v1::cql_in_spaces(&keys, types), &expand, SEARCH_LIMIT),
            read: &|body| v1_lift::content_search(body, &context),
            key: &|found: &v1_lift::Found| found.content.id.clone(),
            scope: GapScope::Space,
            subject: keys.join(","),
            shrink: true,
            tell: &|n| self.progress.add(Step::Restrictions, n),
        };
        let mut all = Restricted::default();
        match walk.run(self.transport).await {
            Ok(walked) => {
                let doubtful: HashSet<&str> = walked
                    .gaps
                    .iter()
                    .filter(|gap| gap.scope == GapScope::Content)
                    .map(|gap| gap.subject.as_str())
                    .collect();
                for found in walked.rows {
                    let id = &found.content.id;
                    if found.restrictions.to_complete().is_empty() && !doubtful.contains(id.as_str()) {
                        all.covered.insert(id.clone());
                        all.rows.extend(found.restrictions.into_rows());
                    } else {
                        all.partial.extend(found.restrictions.into_rows());
                    }
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

    /// Both restriction lists of one content, to the last subject.
    ///
    /// # Errors
    /// Where the lists cannot be read at all. A list that breaks off leaves a gap.
    pub(super) async fn restriction(&self, id: &str, effort: Effort) -> Result<Restricted> {
        lists::read(self.transport, &V1, id, effort).await
    }

    /// The restrictions of these contents, one request each; a gap for each that could not be read.
    pub(super) async fn restrictions_of(&self, ids: Vec<String>) -> Restricted {
        lists::read_all(self.transport, &V1, ids, self.width, self.progress).await
    }

    fn effort(&self, breaker: &Mutex<Breaker>) -> Effort {
        effort(self.transport, breaker)
    }

    /// One node of the tree.
    async fn node(&self, id: &str, kind: &ContentType, context: &Context) -> Result<Listing<Content>> {
        let Some(request) = v2::node(kind, id) else {
            let request = v2::page(id);
            let text = format!("there is no route for a content of kind `{kind}`");
            return Err(self.transport.error(ErrorKind::Client, &request, text));
        };
        if self.nodes.lock().unwrap_or_else(PoisonError::into_inner).open() {
            let text = "not asked, because many requests before it failed";
            return Err(self.transport.error(ErrorKind::NoAnswer, &request, text));
        }
        let read = |body: &[u8]| v2_lift::node(body, kind, context);
        let answer = ask(self.transport, &request, self.effort(&self.nodes), &read).await;
        note(&self.nodes, answer.as_ref().err());
        answer.map(|page| Listing { rows: page.rows, gaps: page.gaps })
    }

    /// The nodes above `contents` that no listing brought, up to the roots.
    ///
    /// A node that cannot be read is still put in its place where the nodes above its child can be listed: what stands
    /// above it counts whatever stands in it. Its gap says that it was not read.
    pub(super) async fn parents(&self, contents: &mut HashMap<String, Content>, context: &Context) -> Vec<Gap> {
        let mut gaps = Vec::new();
        let mut tried: HashSet<String> = HashSet::new();
        loop {
            let missing = plan::missing_parents(contents, &tried);
            if missing.is_empty() {
                return gaps;
            }
            tried.extend(missing.iter().map(|parent| parent.id.clone()));
            for found in self.all(missing.iter().map(|parent| self.parent(parent, context))).await {
                self.progress.add(Step::Contents, found.rows.len());
                gaps.extend(found.gaps);
                contents.extend(found.rows.into_iter().map(|c| (c.id.clone(), c)));
            }
        }
    }

    /// Puts contents only a search knows into their place: it does not tell what stands above them. What nobody can
    /// place is kept with its place unknown, and a gap for its space says so.
    pub(super) async fn place(
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

    /// Where these contents stand, as the nodes above them, or above what hangs below them, tell.
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
        self.all(parts).await.into_iter().flatten().collect()
    }

    /// Where a node stands: as the list of nodes above it tells, else that above its child.
    async fn place_of(&self, id: &str, kind: &ContentType, child: Option<(&str, &ContentType)>) -> Option<Place> {
        let known = || self.places.lock().unwrap_or_else(PoisonError::into_inner).of(id).cloned();
        for (asked, kind) in [Some((id, kind)), child].into_iter().flatten() {
            if let Some(place) = known() {
                return Some(place);
            }
            self.learn(asked, kind).await;
        }
        known()
    }

    /// Asks for the nodes above `id`, and keeps what they tell.
    async fn learn(&self, id: &str, kind: &ContentType) {
        let Some(request) = v2::ancestors(kind, id, v2::MAX_LIMIT) else { return };
        if self.nodes.lock().unwrap_or_else(PoisonError::into_inner).open() {
            return;
        }
        let read = |body: &[u8]| v2_lift::ancestors(body, id);
        let answer = ask(self.transport, &request, self.effort(&self.nodes), &read).await;
        note(&self.nodes, answer.as_ref().err());
        // A list in which one could not be read does not tell who stands above whom.
        if let Ok(page) = answer
            && page.gaps.is_empty()
        {
            self.places.lock().unwrap_or_else(PoisonError::into_inner).learn(id, &page.rows, page.next.is_some());
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
                    match self.walk(request, read, key, SiteFact::Contents.about()).await {
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
        let parts = self.all(nodes.iter().map(|(id, kind, context)| self.node(id, kind, context))).await;
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

    /// Where `parent` stands, as the nodes above its child tell; where the list of those begins with it, the nodes above
    /// itself.
    async fn above(&self, parent: &MissingParent, kind: &ContentType) -> Option<Place> {
        let known = || self.places.lock().unwrap_or_else(PoisonError::into_inner).of(&parent.id).cloned();
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

    /// Of which kind a content is, where nobody told.
    async fn kind_of(&self, id: &str) -> Option<ContentType> {
        let request = v2::content_types(&[id]);
        let page = ask(self.transport, &request, self.effort(&self.nodes), &v2_lift::content_types).await.ok()?;
        page.rows.into_iter().find(|node| node.id == id).and_then(|node| node.kind)
    }

    /// Accounts by id, the ids the site does not know, and what stood in the way, if anything.
    pub(super) async fn users(&self, ids: &[String]) -> (Listing<User>, Vec<String>, Option<Error>) {
        let parts = self
            .all(ids.chunks(v2::MAX_USERS).map(|chunk| {
                halves::ask(chunk, halves::one_of_them, |part: Vec<String>| async move {
                    let read = |body: &[u8]| v2_lift::users_bulk(body);
                    ask(self.transport, &v2::users_bulk(&part), self.transport.full(), &read).await
                })
            }))
            .await;
        let parts: Vec<(Listing<User>, Vec<String>, Option<Error>)> = parts
            .into_iter()
            .flatten()
            .map(|(chunk, answer)| {
                self.progress.add(Step::Users, chunk.len());
                match answer {
                    Ok(page) => {
                        let known: HashSet<&str> = page.rows.iter().map(|u| u.id.as_str()).collect();
                        let mut missing: Vec<String> =
                            chunk.iter().filter(|id| !known.contains(id.as_str())).cloned().collect();
                        let mut gaps = Vec::new();
                        // An account that came unreadable is not one that is unknown: of those that did not come, it
                        // may be each.
                        if let Some(broken) = page.gaps.into_iter().next() {
                            missing.retain(|id| crate::apis::can_be_looked_up(id));
                            gaps = missing.drain(..).map(|id| Gap { subject: id, ..broken.clone() }).collect();
                        }
                        (Listing { rows: page.rows, gaps }, missing, None)
                    }
                    Err(error) => {
                        let gaps = chunk.iter().map(|id| gap_of(&error, GapScope::User, id)).collect();
                        (Listing { rows: Vec::new(), gaps }, Vec::new(), Some(error))
                    }
                }
            })
            .collect();
        let mut all = Listing::default();
        let mut unknown = Vec::new();
        let mut failed = None;
        for (part, absent, error) in parts {
            all.rows.extend(part.rows);
            all.gaps.extend(part.gaps);
            unknown.extend(absent);
            failed = failed.or(error);
        }
        (all, unknown, failed)
    }
}

impl Reader<'_> {
    /// Whose credentials these are.
    ///
    /// # Errors
    /// [`ErrorKind::Unauthorized`] where the site answers as if nobody had logged in: it would show what anonymous sees.
    pub(super) async fn current_user(&self) -> Result<v1_lift::Caller> {
        self.identity.caller(self.transport).await
    }

    /// The plan of the site, where an administrator asks and the site tells.
    ///
    /// # Errors
    /// Where it could not be asked for. For an account that administers nothing the site does not tell: that is no error.
    pub(super) async fn plan(&self) -> Result<Option<Plan>> {
        let request = v1::system_info();
        match ask_one(self.transport, &request, self.transport.brief(), v1_lift::system_info).await {
            Ok(system) => Ok(system.plan),
            Err(error) if route_is_absent(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What this account cannot see, one sentence each.
    pub(super) async fn coverage(&self, admin: Option<bool>, plan: Option<&Plan>) -> Vec<String> {
        let mut notes = vec![
            match admin {
                Some(true) => {
                    "administrators do not see content restricted to others either: it is missing from every list"
                }
                Some(false) => {
                    "not a Confluence administrator: content and spaces this account cannot view are missing from every list"
                }
                None => {
                    "it is not known whether this account is a Confluence administrator: content and spaces it cannot view are missing from every list"
                }
            }
            .to_owned(),
        ];
        // Only apps may ask, and apps show a bearer token.
        if self.transport.bearer() {
            // Whoever is no app is refused, however fresh the token.
            let effort = Effort { renew: false, ..self.transport.brief() };
            let blocked = ask_one(self.transport, &v2::data_policies(), effort, v2_lift::data_policies).await;
            if blocked.is_ok_and(|blocked| blocked) {
                notes.push(
                    "app access rules of the site keep content from this app: it is missing from every list".to_owned(),
                );
            }
        }
        if plan == Some(&Plan::Free) {
            notes.push("the Free plan has no audit log and no admin key".to_owned());
        }
        notes
    }

    /// Pages, blog posts and the other nodes of the tree of one space.
    ///
    /// # Errors
    /// Where the listing of pages cannot be begun.
    pub(super) async fn contents(&self, space: &Space) -> Result<Listing<Content>> {
        let spaces = std::slice::from_ref(space);
        let searched = async {
            if space.archived() { (Restricted::default(), spaces.to_vec()) } else { self.search_nodes(spaces).await }
        };
        let (pages, posts, (nodes, quiet)) =
            futures::join!(self.listed(spaces, true), self.listed(spaces, false), searched);
        let mut listed = pages?;
        let posts = self.listing_or_gap(posts, (GapScope::Space, &space.key));
        listed.gaps.extend(posts.gaps);
        listed.gaps.extend(nodes.gaps);
        let only_found: Vec<String> = nodes.contents.iter().map(|content| content.id.clone()).collect();
        let mut contents: HashMap<String, Content> = HashMap::new();
        for content in nodes.contents.into_iter().chain(listed.rows).chain(posts.rows) {
            contents.insert(content.id.clone(), content);
        }
        let mut gaps = listed.gaps;
        let context = self.context(spaces);
        gaps.extend(self.place(&mut contents, &only_found, &context).await);
        gaps.extend(self.parents(&mut contents, &context).await);
        let (found, _, below) = self.quiet_nodes(&contents, &quiet).await;
        gaps.extend(below);
        for content in found {
            contents.entry(content.id.clone()).or_insert(content);
        }
        let mut rows: Vec<Content> = contents.into_values().collect();
        rows.sort_by(|a, b| plan::by_id(&a.id, &b.id));
        Ok(Listing { rows, gaps })
    }

    /// Every group.
    pub(super) async fn all_groups(&self) -> Result<Listing<Group>> {
        let walked = self.group_listing(v1::groups(v1::MAX_LIMIT)).await?;
        Ok(Listing { rows: walked.rows, gaps: walked.gaps })
    }

    async fn group_listing(&self, request: Request) -> Result<Walked<Group>> {
        self.walk(request, v1_lift::groups, |g: &Group| g.id.clone(), SiteFact::Groups.about()).await
    }

    /// Every group, and which of them open the product.
    pub(super) async fn groups(&self) -> Groups {
        let of = |access: &str| v1::groups(v1::MAX_LIMIT).with("accessType", access);
        let (all, access, admin) = futures::join!(
            self.group_listing(v1::groups(v1::MAX_LIMIT)),
            self.group_listing(of("user")),
            self.group_listing(of("admin")),
        );
        let about = |gaps: &[Gap], fact: SiteFact| -> Vec<Gap> {
            gaps.iter().map(|gap| Gap { subject: fact.as_str().to_owned(), ..gap.clone() }).collect()
        };
        let mut groups = Groups::default();
        match all {
            Ok(walked) => {
                self.progress.add(Step::Groups, walked.rows.len());
                self.progress.close(Step::Groups);
                groups.gaps = walked.gaps;
                // A server that does not know the filter lists all groups, and that says nothing.
                let told = |narrowed: Result<Walked<Group>>| -> BTreeSet<String> {
                    let ids: BTreeSet<String> =
                        narrowed.map(|w| w.rows.into_iter().map(|g| g.id).collect()).unwrap_or_default();
                    if walked.complete && ids.len() < walked.rows.len() { ids } else { BTreeSet::new() }
                };
                groups.access_complete =
                    access.as_ref().is_ok_and(|narrowed| narrowed.complete && narrowed.gaps.is_empty());
                match &access {
                    Ok(narrowed) => groups.gaps.extend(about(&narrowed.gaps, SiteFact::GlobalPermissions)),
                    Err(error) => groups.gaps.push(gap_of_site(error, SiteFact::GlobalPermissions)),
                }
                groups.access = told(access);
                let whole = admin.as_ref().is_ok_and(|narrowed| narrowed.complete && narrowed.gaps.is_empty());
                match &admin {
                    Ok(narrowed) => groups.gaps.extend(about(&narrowed.gaps, SiteFact::ProductAdmins)),
                    Err(error) => groups.gaps.push(gap_of_site(error, SiteFact::ProductAdmins)),
                }
                groups.admin = told(admin);
                groups.admin_complete = whole && !groups.admin.is_empty();
                groups.all = walked.rows;
            }
            Err(error) => groups.gaps.push(gap_of_site(&error, SiteFact::Groups)),
        }
        groups
    }

    async fn group_by_id(&self, id: &str) -> Result<Option<Group>> {
        let request = v1::group_by_id(id);
        match ask(self.transport, &request, self.transport.full(), &v1_lift::group_by_id).await {
            Ok(page) => Ok(page.rows.into_iter().next()),
            Err(error) => Err(error),
        }
    }

    /// Members of one group.
    async fn group_members(&self, id: &str) -> Result<Walked<DirectMembership>> {
        self.walk(
            v1::group_members(id, v1::MAX_LIMIT),
            |body| v1_lift::group_members(body, id),
            |m: &DirectMembership| m.member.to_string(),
            (GapScope::Group, id),
        )
        .await
    }

    /// Members of the groups with these ids. Ids that are not among `known` are looked up first, because the members of a
    /// group that is gone are an empty list.
    pub(super) async fn members_of(&self, ids: &BTreeSet<String>, known: &[Group]) -> Memberships {
        let known: HashSet<&str> = known.iter().map(|g| g.id.as_str()).collect();
        self.progress.expect(Step::Members, ids.len());
        let parts = self
            .all(ids.iter().map(|id| {
                let listed = known.contains(id.as_str());
                async move {
                    let mut part = Memberships::default();
                    let mut sure = true;
                    if !listed {
                        match self.group_by_id(id).await {
                            Ok(group) => part.groups.extend(group),
                            Err(error) if error.kind() == ErrorKind::NotFound => {
                                part.vanished.insert(id.clone());
                                self.progress.add(Step::Members, 1);
                                return part;
                            }
                            Err(error) => {
                                sure = false;
                                part.gaps.push(gap_of(&error, GapScope::Group, id));
                            }
                        }
                    }
                    match self.group_members(id).await {
                        Ok(walked) => {
                            if sure && walked.complete && walked.gaps.is_empty() {
                                part.complete.insert(id.clone());
                            }
                            part.rows = walked.rows;
                            part.users = walked.users;
                            part.gaps.extend(walked.gaps);
                        }
                        Err(error) => part.gaps.push(gap_of(&error, GapScope::Group, id)),
                    }
                    self.progress.add(Step::Members, 1);
                    part
                }
            }))
            .await;
        let mut all = Memberships::default();
        for part in parts {
            all.absorb(part);
        }
        all
    }

    /// The one group with this id or name.
    pub(super) async fn group_named(&self, name: &str) -> Result<Group> {
        let name = name.trim();
        let name = name.strip_prefix("group:").unwrap_or(name);
        if name.is_empty() || name.chars().any(char::is_control) {
            return Err(Error::configuration(format!("`{}` is no id or name of a group", name.escape_debug())));
        }
        if looks_like_uuid(name) {
            match self.group_by_id(name).await {
                Ok(Some(group)) => return Ok(group),
                Ok(None) => {}
                Err(error) if matches!(error.status(), Some(400 | 404)) => {}
                Err(error) => return Err(error),
            }
        }
        let listed = self.all_groups().await?;
        if let Some(group) = listed.rows.iter().find(|g| g.id == name) {
            return Ok(group.clone());
        }
        let named = |same: &dyn Fn(&str) -> bool| -> Vec<Group> {
            listed.rows.iter().filter(|g| g.name.as_deref().is_some_and(same)).cloned().collect()
        };
        let mut found = named(&|other| other == name);
        if found.is_empty() {
            let lower = name.to_lowercase();
            found = named(&|other| other.to_lowercase() == lower);
        }
        let request = v1::groups(v1::MAX_LIMIT);
        match (found.len(), found.pop()) {
            (1, Some(group)) => Ok(group),
            (0, _) | (_, None) => {
                let lower = name.to_lowercase();
                let near: Vec<String> = named(&|other| other.to_lowercase().contains(&lower))
                    .into_iter()
                    .filter_map(|g| g.name)
                    .take(5)
                    .collect();
                let hint = if near.is_empty() {
                    "`groups()` lists those there are".to_owned()
                } else {
                    format!("did you mean `{}`?", near.join("`, `"))
                };
                let partly = if listed.gaps.is_empty() { "" } else { " (not all groups could be listed)" };
                let text = format!("no group has the id or name `{name}`{partly}: {hint}");
                Err(self.transport.error(ErrorKind::NotFound, &request, text))
            }
            (_, Some(last)) => {
                found.push(last);
                let candidates: Vec<String> = found.iter().map(|group| group.id.clone()).collect();
                let text =
                    format!("several groups are named `{name}`: give the id of one: `{}`", candidates.join("`, `"));
                let mut error = self.transport.error(ErrorKind::Ambiguous, &request, text);
                error.parts_mut().candidates = candidates;
                Err(error)
            }
        }
    }

    /// Who is in `group`.
    pub(super) async fn members(&self, mut group: Group) -> Result<Members> {
        let walked = self.group_members(&group.id).await?;
        group.members_complete = walked.complete && walked.gaps.is_empty();
        let mut seen = HashSet::new();
        let users = walked.users.into_iter().filter(|u| seen.insert(u.id.clone())).collect();
        Ok(Members { group, memberships: walked.rows, users, gaps: walked.gaps })
    }

    /// The one account with this name, e-mail address or id.
    pub(super) async fn user_named(&self, text: &str) -> Result<User> {
        let text = text.trim();
        let text = text.strip_prefix("user:").unwrap_or(text).trim();
        if text.is_empty() || text.chars().any(char::is_control) {
            return Err(Error::configuration(format!(
                "`{}` is no name, e-mail address or id of an account",
                text.escape_debug()
            )));
        }
        let mail = text.contains('@');
        if !mail && looks_like_account(text) {
            let (found, _, _) = self.users(&[text.to_owned()]).await;
            if let Some(user) = found.rows.into_iter().find(|user| user.id == text) {
                return Ok(user);
            }
        }
        let mut listed = Listing::default();
        // The name before the `@`, as people write it, is the best guess what to search for; the address decides.
        let name = text.split('@').next().unwrap_or_default();
        let words = name.split(['.', '_', '-', '+']).filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ");
        let sought = if mail { words.as_str() } else { text };
        if !sought.is_empty() {
            listed = self.accounts_called(sought).await?;
        }
        let same_mail = |user: &User| user.email.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(text));
        let mut found: Vec<User> = if mail {
            // Some answers leave out the address, others have it.
            let ids: Vec<String> = listed.rows.iter().filter(|u| u.email.is_none()).map(|u| u.id.clone()).collect();
            let (full, _, _) = self.users(&ids).await;
            listed.rows.iter().chain(&full.rows).filter(|user| same_mail(user)).cloned().collect()
        } else {
            closest(&listed.rows, text)
        };
        if mail && found.is_empty() {
            listed = self.everybody().await;
            found = listed.rows.iter().filter(|user| same_mail(user)).cloned().collect();
            if found.is_empty() {
                let ids: Vec<String> = listed.rows.iter().filter(|u| u.email.is_none()).map(|u| u.id.clone()).collect();
                let (full, _, _) = self.users(&ids).await;
                found = full.rows.into_iter().filter(|user| same_mail(user)).collect();
            }
        }
        let mut seen = HashSet::new();
        found.retain(|user| seen.insert(user.id.clone()));
        let request = v1::search_user(sought, v1::MAX_LIMIT);
        match (found.len(), found.pop()) {
            (1, Some(user)) => Ok(user),
            (_, None) => {
                let partly = if listed.gaps.is_empty() { "" } else { " (not all accounts could be searched)" };
                let near: Vec<String> = listed.rows.iter().filter(|_| !mail).take(5).map(candidate).collect();
                let hint = if !near.is_empty() {
                    format!("did you mean {}?", near.join(", "))
                } else if mail {
                    "most accounts hide their address: search for the name, or give the account id".to_owned()
                } else {
                    "an account that was closed has no name but `Former user`: give its account id".to_owned()
                };
                let text = self.transport.quote(&format!("nobody is found by `{text}`{partly}: {hint}"));
                Err(self.transport.error(ErrorKind::NotFound, &request, text))
            }
            (_, Some(last)) => {
                found.push(last);
                let candidates: Vec<String> = found.iter().map(candidate).collect();
                let listed = candidates.iter().take(10).cloned().collect::<Vec<_>>().join(", ");
                let text = self
                    .transport
                    .quote(&format!("`{text}` fits {} accounts: give the id of one: {listed}", found.len()));
                let mut error = self.transport.error(ErrorKind::Ambiguous, &request, text);
                error.parts_mut().candidates = candidates;
                Err(error)
            }
        }
    }

    async fn accounts_called(&self, name: &str) -> Result<Listing<User>> {
        let request = v1::search_user(name, v1::MAX_LIMIT);
        let walked =
            self.walk(request, v1_lift::search_user, |u: &User| u.id.clone(), SiteFact::Accounts.about()).await?;
        Ok(Listing { rows: walked.rows, gaps: walked.gaps })
    }

    /// Every account the site finds, for rules that speak about all of them.
    pub(super) async fn everybody(&self) -> Listing<User> {
        // The search ends there without a word.
        // Source: https://developer.atlassian.com/cloud/confluence/rest/v1/api-group-search/
        const MOST: usize = 10_000;
        let request = v1::search_user_cql("type=user", v1::MAX_LIMIT);
        let route = request.route();
        let about = SiteFact::Accounts.about();
        let walked = self.walk(request, v1_lift::search_user, |u: &User| u.id.clone(), about.clone()).await;
        let mut found = self.listing_or_gap(walked, about);
        if found.rows.len() >= MOST {
            let message = format!("{route}: the server lists no more than {MOST} accounts; there may be more");
            found.gaps.push(Gap::new(SiteFact::Accounts.about(), GapCause::Truncated, message).at(route));
        }
        found
    }

    /// Whether anonymous may view `content`, which nothing but the site itself could forbid.
    pub(super) async fn anonymous_may_view(&self, content: &Content) -> Result<Option<bool>> {
        let unsure = |error: Error| async move {
            // Only administrators may ask that. A stranger who is shown a space tells too; one who is not does not: some
            // hosts refuse every request without credentials, whatever the site allows.
            let request = v2::spaces(&[] as &[&str], 1);
            let effort = Effort { signed: false, ..self.transport.brief() };
            match ask(self.transport, &request, effort, &v2_lift::spaces).await {
                Ok(page) if !page.rows.is_empty() => Ok(Some(true)),
                Ok(_) | Err(_) => Err(error),
            }
        };
        let Some(request) = v1::permission_check(&content.id, &Subject::anonymous(), "read") else { return Ok(None) };
        match ask_one(self.transport, &request, self.transport.brief(), v1_lift::permission_check).await {
            Ok(check) if check.allowed => Ok(Some(true)),
            Ok(check) if check.reasons.iter().any(|reason| reason == "site.anonymous_disabled") => Ok(Some(false)),
            Ok(check) => {
                let said = self.transport.quote(&check.messages.join("; "));
                let text = format!(
                    "anonymous may not view content `{}` and the reason does not tell whether the site forbids it: {said}",
                    content.id
                );
                unsure(self.transport.error(ErrorKind::Unreadable, &request, text)).await
            }
            Err(error) => unsure(error).await,
        }
    }
}

/// Asks about spaces in as few requests as their addresses allow. A key no space can have, which spoils the question for
/// the others, is left out like one of no space.
async fn in_parts<F: Future<Output = Result<Walked<Space>>>>(
    names: &[String],
    request: impl Fn(&[String]) -> Request,
    list: impl Fn(Request) -> F,
) -> Vec<Result<Walked<Space>>> {
    let chunks = fitting(names, v2::MAX_SPACES, &request);
    let parts = chunks.iter().map(|chunk| halves::ask(chunk, spoilt, |names| list(request(&names))));
    let answers = join_all(parts).await.into_iter().flatten();
    answers
        .map(|(names, answer)| match answer {
            Err(error) if names.len() == 1 && error.status() == Some(400) => Ok(Walked::default()),
            answer => answer,
        })
        .collect()
}

/// Whether a list of spaces was refused for its length or for one of its entries.
fn spoilt(error: &Error) -> bool {
    halves::too_long(error) || error.status() == Some(400)
}

/// The gap that contents of a space leave of which nobody knows where they hang.
fn not_placed(space_key: &str, ids: Vec<String>, error: Option<&Error>) -> Gap {
    let what = format!("the place of {} in the tree is not known, so neither is what is inherited there", some(ids));
    not_told(space_key, &what, error)
}

/// The gap that contents of a space leave which only a search told of: it knows neither their authors nor their times.
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

/// Whether a gap says that a part of a listing could not be served.
fn unserved(gap: &Gap) -> bool {
    gap.scope == GapScope::Space && matches!(gap.cause, GapCause::ServerError | GapCause::Timeout)
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

/// Accounts whose name is `text`, else those in whose name all words of `text` stand as words.
pub(super) fn closest(users: &[User], text: &str) -> Vec<User> {
    let lower = text.to_lowercase();
    let names = |user: &User| [user.display_name.clone(), user.name.clone()].into_iter().flatten().collect::<Vec<_>>();
    let exact: Vec<User> =
        users.iter().filter(|user| names(user).iter().any(|name| name.to_lowercase() == lower)).cloned().collect();
    if !exact.is_empty() {
        return exact;
    }
    let wanted: Vec<&str> = lower.split_whitespace().collect();
    let has_all = |name: &String| {
        let name = name.to_lowercase();
        let words: HashSet<&str> = name.split_whitespace().collect();
        wanted.iter().all(|word| words.contains(word))
    };
    users.iter().filter(|user| names(user).iter().any(has_all)).cloned().collect()
}

/// An account as a choice: two people may have one name.
pub(super) fn candidate(user: &User) -> String {
    let name = user.display_name.as_deref().or(user.name.as_deref()).unwrap_or("no name");
    let mail = user.email.as_deref().map(|mail| format!(", {mail}")).unwrap_or_default();
    let state = if user.active == Some(false) { ", deactivated" } else { "" };
    format!("{name} (id {}{mail}{state})", user.id)
}

/// Whether a text has the form of an account id: one word with a digit or a colon in it.
fn looks_like_account(text: &str) -> bool {
    !text.contains(char::is_whitespace)
        && text.chars().any(|c| c.is_ascii_digit() || c == ':')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, ':' | '-' | '_' | '.'))
}

fn looks_like_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, c)| match at {
            8 | 13 | 18 | 23 => c == b'-',
            _ => c.is_ascii_hexdigit(),
        })
}

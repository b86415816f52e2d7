//! Access as data, for search indexes: the audiences of a site, and for every content an AND of ORs of subjects that lets
//! in exactly the people who have access for certain.
//!
//! The lists are those of the site itself: a layer for the permission in the space, one for each restriction of the chain.
//! What they cannot say (deactivated members of a group, people without a licence, a policy) is found by evaluating them:
//! where they let in anyone else, a layer of those who may use the site is added, and where that is not enough the
//! accounts are named one by one. So the result never depends on this module knowing every rule of the book.

use std::collections::BTreeMap;
use std::sync::Arc;

use ring::digest::{Context, SHA256};
use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;

use super::audiences::{Audiences, NO_SET};
use super::chain::Position;
use super::engine::Engine;
use super::needs::{GrantRows, Kinds, Need};
use super::rules::Target;
use super::site::{IndexedSite, Licence, NONE, Principal, SpaceFacts, State};
use super::tri::Tri;
use crate::model::{ChangeKind, Decision, Operation, SubjectKind, UserType, VanishedGroups, record};

use Decision::{Allowed, Denied};

/// The entry of `all_of` that stands for the accounts that may use the site.
pub const SITE_USERS: &str = "class:site-users";
/// Most texts in one step of rows: a step is what is in memory at a time.
const STEP: usize = 1 << 20;
/// Most rows in one step.
const ROWS: usize = 8_192;

record! {
    /// One row is one audience: the accounts that may view, or edit, the same content items.
    ///
    /// Standing access only, so neither bypasses nor public links. An audience whose members are the same has the same id
    /// on every machine and in every snapshot. From `access.audiences(operation)`.
    pub struct Audience {
        /// Hash of the members and of the accounts for which it is unknown.
        pub audience_id: Arc<str>,
        /// `view` or `edit`.
        pub operation: Operation,
        /// Number of accounts that may for certain.
        pub size: u64,
        /// Ids of these accounts, sorted.
        pub users: Vec<Arc<str>>,
        /// Number of accounts for which it is unknown.
        pub unknown: u64,
        /// Whether anyone may who is not logged in.
        pub anonymous: bool,
        /// Whether every active account with a licence is a member; guests and apps are not counted.
        pub everyone: bool,
        /// Number of content items that have this audience.
        pub contents: u64,
    }
}

record! {
    /// One row is one content item and the rule that says who may view, or edit, it.
    ///
    /// A subject passes if every list of `all_of` has an entry that it is, or belongs to. That holds for exactly the
    /// people who may for certain; those for whom it is unknown do not pass. Items in the trash have no row. From
    /// `access.acl(operation)`.
    pub struct Acl {
        /// The content item.
        pub content_id: String,
        /// Key of its space.
        pub space_key: String,
        /// `view` or `edit`.
        pub operation: Operation,
        /// Its row of `access.audiences(operation)`.
        pub audience_id: Arc<str>,
        /// Lists of subjects: `user:…`, `group:…`, `anonymous`, `unlicensed`, `class:…`. An empty list lets nobody in.
        pub all_of: Arc<[Vec<String>]>,
        /// Whether every active account with a licence passes; guests and apps are not counted.
        pub everyone: bool,
        /// Whether anyone passes who is not logged in.
        pub anonymous: bool,
        /// False if it is unknown for anyone: do not index such an item.
        pub complete: bool,
        /// Hash of what the row says about access; it changes if and only if that does.
        pub hash: Arc<str>,
    }
}

record! {
    /// One row is one content item whose entry in a search index has to be written again, or removed.
    ///
    /// The columns are those of `Acl` as they are now. A removed item has the rule that lets nobody in. From
    /// `newer.acl_changes(older)`.
    pub struct AclChange {
        /// `added`, `changed` or `removed`.
        pub change: ChangeKind,
        /// The row as it is now.
        field now: Acl,
        /// The content item.
        column content_id: String = |row| &row.now.content_id,
        /// Key of its space.
        column space_key: String = |row| &row.now.space_key,
        /// `view` or `edit`.
        column operation: Operation = |row| &row.now.operation,
        /// Its row of `access.audiences(operation)`.
        column audience_id: Arc<str> = |row| &row.now.audience_id,
        /// Lists of subjects: `user:…`, `group:…`, `anonymous`, `unlicensed`, `class:…`. An empty list lets nobody in.
        column all_of: Arc<[Vec<String>]> = |row| &row.now.all_of,
        /// Whether every active account with a licence passes; guests and apps are not counted.
        column everyone: bool = |row| &row.now.everyone,
        /// Whether anyone passes who is not logged in.
        column anonymous: bool = |row| &row.now.anonymous,
        /// False if it is unknown for anyone: do not index such an item.
        column complete: bool = |row| &row.now.complete,
        /// Hash of what the row says about access.
        column hash: Arc<str> = |row| &row.now.hash,
    }
}

// ---- hashes ------------------------------------------------------------------------------------------------------------

/// A sum of hashes: the same in whatever order they were added.
type Sum = [u64; 4];

fn hash_of(text: &str) -> Sum {
    let mut context = Context::new(&SHA256);
    context.update(text.as_bytes());
    let mut sum = Sum::default();
    for (word, bytes) in sum.iter_mut().zip(context.finish().as_ref().chunks_exact(8)) {
        *word = u64::from_le_bytes(bytes.try_into().unwrap_or_default());
    }
    sum
}

/// The first half of the hash as text: 128 bits are enough to tell any two apart.
fn text_of(context: Context) -> Arc<str> {
    let hash = context.finish();
    let hex: Vec<String> = hash.as_ref().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    hex.concat().into()
}

/// Hashes of the accounts and, last, of anonymous.
struct Members(Vec<Sum>);

impl Members {
    fn of(site: &IndexedSite) -> Self {
        let accounts = site.names.iter().map(|names| hash_of(&format!("user:{}", names.id)));
        Self(accounts.chain([hash_of("anonymous")]).collect())
    }

    fn sum(&self, people: &RoaringBitmap) -> Sum {
        let mut all = Sum::default();
        for member in people.iter().filter_map(|at| self.0.get(at as usize)) {
            for (word, more) in all.iter_mut().zip(member) {
                *word = word.wrapping_add(*more);
            }
        }
        all
    }

    fn audience_id(&self, set: &Tri) -> Arc<str> {
        let mut context = Context::new(&SHA256);
        let unknown = set.unknown();
        for people in [&set.yes, &unknown] {
            context.update(&people.len().to_le_bytes());
            self.sum(people).iter().for_each(|word| context.update(&word.to_le_bytes()));
        }
        text_of(context)
    }
}

// ---- audiences ---------------------------------------------------------------------------------------------------------

/// What the rows say about a set of people.
#[derive(Clone)]
struct Facts {
    id: Arc<str>,
    everyone: bool,
    anonymous: bool,
    complete: bool,
}

/// Makes the facts of sets.
struct Labels<'a> {
    members: Members,
    audiences: &'a Audiences,
    /// Active accounts with a licence, without guests and apps.
    licensed: RoaringBitmap,
    anonymous: u32,
}

impl<'a> Labels<'a> {
    fn new(engine: &'a Engine) -> Self {
        let site = &engine.site;
        let licensed = (0u32..).zip(&site.people).filter(|(at, traits)| {
            traits.active == Allowed
                && traits.guest != Allowed
                && matches!(traits.licence, Licence::Licensed | Licence::Assumed)
                && site.user(*at).is_some_and(|user| user.kind != UserType::App)
        });
        Self {
            members: Members::of(site),
            audiences: engine.audiences(),
            licensed: licensed.map(|(at, _)| at).collect(),
            anonymous: site.anonymous_bit(),
        }
    }

    fn facts(&self, set: &Tri) -> Facts {
        Facts {
            id: self.members.audience_id(set),
            everyone: !self.licensed.is_empty() && self.licensed.is_subset(&set.yes),
            anonymous: set.yes.contains(self.anonymous),
            complete: set.maybe.is_none(),
        }
    }
}

impl Engine {
    /// The audiences of all contents, those of most contents first, in steps of bounded size.
    pub(super) fn audience_rows(&self, operation: Operation) -> impl Iterator<Item = Vec<Audience>> + '_ {
        let labels = Labels::new(self);
        let mut contents: BTreeMap<u32, u64> = BTreeMap::new();
        for id in labels.audiences.ids(operation).iter().filter(|id| **id != NO_SET) {
            *contents.entry(*id).or_default() += 1;
        }
        let named = contents.into_iter().filter_map(|(set, contents)| {
            let facts = labels.facts(labels.audiences.set(set)?);
            Some((contents, facts, set))
        });
        let mut named: Vec<_> = named.collect();
        named.sort_by(|one, other| other.0.cmp(&one.0).then_with(|| one.1.id.cmp(&other.1.id)));
        let rows = named.into_iter().filter_map(move |(contents, facts, set)| {
            let (size, unknown) = labels.audiences.count(set)?;
            let members = labels.audiences.set(set)?.yes.iter();
            let mut users: Vec<Arc<str>> =
                members.filter_map(|at| self.site.names.get(at as usize)).map(|names| names.id.clone()).collect();
            users.sort_unstable();
            let Facts { id: audience_id, everyone, anonymous, .. } = facts;
            Some(Audience { audience_id, operation, size, users, unknown, anonymous, everyone, contents })
        });
        steps(rows, |row| row.users.len())
    }

    /// The rule of every content that is not in the trash, in steps of bounded size.
    pub(super) fn acl_rows(&self, operation: Operation) -> impl Iterator<Item = Vec<Acl>> + '_ {
        let mut writer = Writer::new(self, operation);
        let rows = (0u32..).zip(&self.site.snapshot.contents).filter_map(move |(at, content)| {
            let form = writer.form(at)?;
            Some(Acl {
                content_id: content.id.clone(),
                space_key: content.space_key.clone(),
                operation,
                audience_id: form.facts.id.clone(),
                all_of: form.all_of.clone(),
                everyone: form.facts.everyone,
                anonymous: form.facts.anonymous,
                complete: form.facts.complete,
                hash: form.hash.clone(),
            })
        });
        steps(rows, |row| row.all_of.iter().map(Vec::len).sum())
    }

    /// What became of the rules since `older`, content by content; what was removed comes last.
    pub(super) fn acl_changes(&self, older: &Self, operation: Operation) -> Vec<AclChange> {
        let before = older.acl_rows(operation).flatten();
        let mut before: FxHashMap<String, Acl> = before.map(|row| (row.content_id.clone(), row)).collect();
        let mut changes = Vec::new();
        for row in self.acl_rows(operation).flatten() {
            match before.remove(&row.content_id) {
                None => changes.push(AclChange { change: ChangeKind::Added, now: row }),
                Some(old) if old.hash != row.hash => changes.push(AclChange { change: ChangeKind::Changed, now: row }),
                Some(_) => {}
            }
        }
        let labels = Labels::new(self);
        let nobody = Form::new(labels.facts(&Tri::default()), vec![Vec::new()]);
        let mut gone: Vec<Acl> = before.into_values().collect();
        gone.sort_unstable_by(|one, other| one.content_id.cmp(&other.content_id));
        changes.extend(gone.into_iter().map(|row| AclChange {
            change: ChangeKind::Removed,
            now: Acl {
                audience_id: nobody.facts.id.clone(),
                all_of: nobody.all_of.clone(),
                everyone: false,
                anonymous: false,
                complete: true,
                hash: nobody.hash.clone(),
                ..row
            },
        }));
        changes
    }
}

/// Rows in steps: each of some thousand rows, or fewer where they are large.
fn steps<R>(rows: impl Iterator<Item = R>, size: impl Fn(&R) -> usize) -> impl Iterator<Item = Vec<R>> {
    let mut rows = rows.fuse();
    std::iter::from_fn(move || {
        let (mut step, mut filled) = (Vec::new(), 0);
        while step.len() < ROWS
            && filled < STEP
            && let Some(row) = rows.next()
        {
            filled += size(&row);
            step.push(row);
        }
        Some(step).filter(|step| !step.is_empty())
    })
}

// ---- the rule of a content ---------------------------------------------------------------------------------------------

/// What the rows of contents with equal access say.
struct Form {
    facts: Facts,
    all_of: Arc<[Vec<String>]>,
    hash: Arc<str>,
}

impl Form {
    fn new(facts: Facts, all_of: Vec<Vec<String>>) -> Self {
        let mut context = Context::new(&SHA256);
        context.update(facts.id.as_bytes());
        context.update(&[u8::from(facts.everyone)]);
        for list in &all_of {
            context.update(&list.len().to_le_bytes());
            for entry in list {
                context.update(&entry.len().to_le_bytes());
                context.update(entry.as_bytes());
            }
        }
        Self { facts, all_of: all_of.into(), hash: text_of(context) }
    }
}

/// A list of subjects, and who is one of them.
struct Layer {
    entries: Vec<String>,
    people: RoaringBitmap,
}

/// The layers of what an operation needs in a space.
#[derive(Default)]
struct Entrance {
    layers: Vec<u32>,
    /// Layers that keep out who may not use the site, where these lists alone do not.
    guards: Vec<u32>,
}

/// Which list of a content a layer comes from.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Source {
    View,
    /// The view list; an entry of the edit list passes it too.
    ViewOrEdit,
    Edit,
}

/// Makes the rules of contents. Equal lists, equal spaces and equal rules are made once.
struct Writer<'a> {
    engine: &'a Engine,
    site: &'a IndexedSite,
    operation: Operation,
    labels: Labels<'a>,
    facts: FxHashMap<u32, Facts>,
    layers: Vec<Layer>,
    by_entries: FxHashMap<Vec<String>, u32>,
    /// Layer of each list; [`NONE`] for one that lets everyone pass.
    lists: FxHashMap<(u32, Source), u32>,
    entrances: FxHashMap<(u32, Option<Need>), Arc<Entrance>>,
    forms: Vec<Form>,
    /// Number of a form, by the set, the space, the permission and the layers of the contents it is for.
    known: FxHashMap<Vec<u32>, u32>,
    key: Vec<u32>,
}

/// How many numbers of a key come before its layers.
const HEAD: usize = 3;

impl<'a> Writer<'a> {
    fn new(engine: &'a Engine, operation: Operation) -> Self {
        Self {
            engine,
            site: &engine.site,
            operation,
            labels: Labels::new(engine),
            facts: FxHashMap::default(),
            layers: Vec::new(),
            by_entries: FxHashMap::default(),
            lists: FxHashMap::default(),
            entrances: FxHashMap::default(),
            forms: Vec::new(),
            known: FxHashMap::default(),
            key: Vec::new(),
        }
    }

    /// The form of a content; `None` in the trash.
    fn form(&mut self, content: u32) -> Option<&Form> {
        let set = *self.labels.audiences.ids(self.operation).get(content as usize).filter(|id| **id != NO_SET)?;
        let target = self.site.target(self.operation, content).ok()?;
        let need = target.need();
        let mut key = std::mem::take(&mut self.key);
        key.clear();
        key.extend([set, target.node.space, need.map_or(NONE, |need| need as u32)]);
        self.restrictions(&target, &mut key);
        let at = match self.known.get(&key) {
            Some(at) => *at,
            None => {
                let form = self.made(&target, set, key.get(HEAD..).unwrap_or_default())?;
                let at = u32::try_from(self.forms.len()).unwrap_or(NONE);
                self.forms.push(form);
                self.known.insert(key.clone(), at);
                at
            }
        };
        self.key = key;
        self.forms.get(at as usize)
    }

    /// Adds the layers of the restrictions of a content, and of a draft.
    fn restrictions(&mut self, target: &Target<'_>, key: &mut Vec<u32>) {
        let (site, policy) = (self.site, &self.site.policy);
        for layer in site.layers(target.content) {
            let Some(node) = site.node(layer.node).filter(|node| node.lists != NONE) else { continue };
            let Some(lists) = site.lists.get(node.lists as usize) else { continue };
            if !lists.view.is_empty() {
                let passes = match layer.position {
                    Position::Own | Position::Container => policy.update_implies_read_same_node,
                    Position::Above => policy.update_implies_read_inherited,
                };
                let either = passes == Allowed && !lists.edit.is_empty();
                let source = if either { Source::ViewOrEdit } else { Source::View };
                key.push(self.list(node.lists, source));
            }
            let binds = site.edit_list_binds(layer.position) != Denied;
            if self.operation == Operation::Edit && !target.node.is_attached() && binds && !lists.edit.is_empty() {
                key.push(self.list(node.lists, Source::Edit));
            }
        }
        if site.node(target.host).is_some_and(|host| host.state == State::Draft) {
            key.push(self.draft(target.host));
        }
        if let Some(layers) = key.get_mut(HEAD..) {
            layers.sort_unstable();
        }
        let mut at = 0;
        let mut last = NONE;
        key.retain(|layer| {
            at += 1;
            at <= HEAD || *layer != NONE && std::mem::replace(&mut last, *layer) != *layer
        });
    }

    /// The layer of a list.
    fn list(&mut self, lists: u32, source: Source) -> u32 {
        if let Some(known) = self.lists.get(&(lists, source)) {
            return *known;
        }
        let site = self.site;
        let (view, edit) = site.lists.get(lists as usize).map_or((&[][..], &[][..]), |all| (&all.view, &all.edit));
        let list = if source == Source::Edit { edit } else { view };
        let open = site.policy.only_vanished_groups == VanishedGroups::Opens && site.all_vanished(list);
        let layer = if open {
            NONE
        } else {
            let also = if source == Source::ViewOrEdit { edit } else { &[] };
            self.layer(&[list, also].concat(), None)
        };
        self.lists.insert((lists, source), layer);
        layer
    }

    /// The layer of a draft: its creator and those it was shared with.
    fn draft(&mut self, host: u32) -> u32 {
        let site = self.site;
        let Some(content) = site.content(host) else { return self.layer(&[], None) };
        let author = content.author_id.as_deref().and_then(|id| site.find_person(id)).map(Principal::User);
        let shared = content.shared_with.iter().flatten().filter_map(|subject| match subject.kind {
            SubjectKind::User => site.find_person(&subject.id).map(Principal::User),
            SubjectKind::Group => site.find_group(&subject.id).map(Principal::Group),
            SubjectKind::Anonymous => Some(Principal::Anonymous),
            _ => None,
        });
        let principals: Vec<Principal> = author.into_iter().chain(shared).collect();
        self.layer(&principals, None)
    }

    /// The layer of principals, and beside them of the accounts that may use the site.
    fn layer(&mut self, principals: &[Principal], site_users: Option<&RoaringBitmap>) -> u32 {
        let mut entries: Vec<String> = principals.iter().map(|one| self.site.subject_of(*one).to_string()).collect();
        entries.extend(site_users.map(|_| SITE_USERS.to_owned()));
        entries.sort_unstable();
        entries.dedup();
        if let Some(known) = self.by_entries.get(&entries) {
            return *known;
        }
        let mut people = self.engine.population().matching(self.site, principals);
        if let Some(more) = site_users {
            people |= more;
        }
        let at = u32::try_from(self.layers.len()).unwrap_or(NONE);
        self.by_entries.insert(entries.clone(), at);
        self.layers.push(Layer { entries, people });
        at
    }

    /// The layers of viewing a space and of a permission in it.
    fn entrance(&mut self, target: &Target<'_>) -> Arc<Entrance> {
        let key = (target.node.space, target.need());
        if let Some(known) = self.entrances.get(&key) {
            return known.clone();
        }
        let mut entrance = Entrance::default();
        for need in [Some(Need::View), key.1].into_iter().flatten() {
            self.permission(target.space, need, &mut entrance);
        }
        let entrance = Arc::new(entrance);
        self.entrances.insert(key, entrance.clone());
        entrance
    }

    fn permission(&mut self, space: &SpaceFacts, need: Need, entrance: &mut Entrance) {
        let site = self.site;
        let users = self.engine.population().site_users();
        let of = |(row, kinds): &(usize, Kinds)| {
            let grants = space.grants.get(*row).map_or(&[][..], Vec::as_slice);
            grants.iter().filter(|grant| kinds.counts(**grant)).map(|grant| grant.principal).collect::<Vec<_>>()
        };
        let free = site.serves_free_plan(space) && site.conditions.free == Allowed && need.documented_by_free_plan();
        let lists: Vec<Vec<Principal>> = match need.rows() {
            GrantRows::AnyOf(rows) => vec![rows.iter().flat_map(of).collect()],
            // `a or (b and c)` is `(a or b) and (a or c)`.
            GrantRows::OrBoth(rows, one, other) => {
                [one, other].iter().map(|more| rows.iter().chain([more]).flat_map(of).collect()).collect()
            }
            GrantRows::Undocumented => Vec::new(),
        };
        for list in lists {
            let layer = self.layer(&list, free.then_some(users));
            let open: Vec<Principal> = list.into_iter().filter(|principal| site.open(*principal)).collect();
            let guard = self.layer(&open, Some(users));
            for (all, one) in [(&mut entrance.layers, layer), (&mut entrance.guards, guard)] {
                if !all.contains(&one) {
                    all.push(one);
                }
            }
        }
    }

    /// The form of contents with a set and these layers.
    fn made(&mut self, target: &Target<'_>, set: u32, restrictions: &[u32]) -> Option<Form> {
        let members = self.labels.audiences.set(set)?;
        let labels = &self.labels;
        let facts = self.facts.entry(set).or_insert_with(|| labels.facts(members)).clone();
        if members.yes.is_empty() {
            return Some(Form::new(facts, vec![Vec::new()]));
        }
        let entrance = self.entrance(target);
        let layer = |at: &u32| self.layers.get(*at as usize);
        let narrowed = |people: Option<RoaringBitmap>, more: &[u32]| {
            more.iter().filter_map(layer).fold(people, |people, layer| {
                Some(people.map_or_else(|| layer.people.clone(), |people| people & &layer.people))
            })
        };
        let mut lists: Vec<u32> = entrance.layers.iter().chain(restrictions).copied().collect();
        let plain = narrowed(narrowed(None, restrictions), &entrance.layers).unwrap_or_default();
        let mut exact = plain == members.yes;
        if !exact {
            exact = narrowed(Some(plain), &entrance.guards).is_some_and(|people| people == members.yes);
            lists.extend(&entrance.guards);
        }
        let mut all_of: Vec<Vec<String>> = if exact {
            lists.iter().filter_map(layer).map(|layer| layer.entries.clone()).collect()
        } else {
            let name = |at: u32| match self.site.names.get(at as usize) {
                Some(names) => format!("user:{}", names.id),
                None => "anonymous".to_owned(),
            };
            vec![members.yes.iter().map(name).collect()]
        };
        // The order of the layers, and of the entries of one, says nothing.
        all_of.iter_mut().for_each(|list| list.sort_unstable());
        all_of.sort_unstable();
        all_of.dedup();
        Some(Form::new(facts, all_of))
    }
}

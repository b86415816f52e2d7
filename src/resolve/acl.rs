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

use super::audience_facts::{AudienceFacts, Facts, text_of};
use super::audiences::{Audiences, NO_SET};
use super::chain::Position;
use super::engine::Engine;
use super::needs::{GrantRows, Kinds, Need};
use super::rules::Target;
use super::site::{IndexedSite, Lists, NONE, Node, Principal, SpaceFacts, State};
use crate::model::{ChangeKind, Content, Decision, Operation, SubjectKind, VanishedGroups, record};

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
        pub space_key: Arc<str>,
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
        column space_key: Arc<str> = |row| &row.now.space_key,
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

// ---- audiences ---------------------------------------------------------------------------------------------------------

impl Engine {
    /// The audiences of all contents, those of most contents first, in steps of bounded size.
    pub(super) fn audience_rows(&self, operation: Operation) -> impl Iterator<Item = Vec<Audience>> + '_ {
        let (audiences, known) = (self.audiences(), self.audience_facts(operation));
        let mut contents: BTreeMap<u32, u64> = BTreeMap::new();
        for id in audiences.ids(operation).iter().filter(|id| **id != NO_SET) {
            *contents.entry(*id).or_default() += 1;
        }
        let named = contents.into_iter().filter_map(|(set, contents)| Some((contents, known.of(set)?, set)));
        let mut named: Vec<_> = named.collect();
        named.sort_by(|one, other| other.0.cmp(&one.0).then_with(|| one.1.id.cmp(&other.1.id)));
        let rows = named.into_iter().filter_map(move |(contents, facts, set)| {
            let (size, unknown) = audiences.count(set)?;
            let members = audiences.set(set)?.yes.iter();
            let mut users: Vec<Arc<str>> =
                members.filter_map(|at| self.site.names.get(at as usize)).map(|names| names.id.clone()).collect();
            users.sort_unstable();
            let Facts { id: audience_id, everyone, anonymous, .. } = facts.clone();
            Some(Audience { audience_id, operation, size, users, unknown, anonymous, everyone, contents })
        });
        steps(rows, |row| row.users.len())
    }

    /// The rule of every content that is not in the trash, in steps of bounded size.
    pub(super) fn acl_rows(&self, operation: Operation) -> impl Iterator<Item = Vec<Acl>> + '_ {
        let mut writer = Writer::new(self, operation);
        let rows = (0u32..).zip(&self.site.snapshot.contents).filter_map(move |(at, content)| {
            let form = writer.form(at)?;
            Some(self.acl_row(at, content, operation, form))
        });
        steps(rows, |row| row.all_of.iter().map(Vec::len).sum())
    }

    /// What became of the rules since `older`, content by content and in steps of bounded size; what was removed comes
    /// last.
    pub(super) fn acl_changes<'a>(
        &'a self,
        older: &'a Self,
        operation: Operation,
    ) -> impl Iterator<Item = Vec<AclChange>> + 'a {
        let (mut before, mut now) = (Writer::new(older, operation), Writer::new(self, operation));
        let contents = |engine: &'a Self| (0u32..).zip(&engine.site.snapshot.contents);
        let mut kept = contents(self);
        let mut removed = None;
        let rows = std::iter::from_fn(move || {
            for (at, content) in kept.by_ref() {
                let Some(form) = now.form(at) else { continue };
                let was = older.site.find_content(&content.id).and_then(|at| before.form(at));
                let change = match was {
                    None => ChangeKind::Added,
                    Some(was) if was.hash != form.hash => ChangeKind::Changed,
                    Some(_) => continue,
                };
                return Some(AclChange { change, now: self.acl_row(at, content, operation, form) });
            }
            let nobody = Form::new(now.facts.nobody.clone(), vec![Vec::new()]);
            let removed = removed.get_or_insert_with(|| {
                let mut gone: Vec<(u32, &Content)> = contents(older)
                    .filter(|(at, content)| {
                        // Of a content that is listed twice the first row counts.
                        older.site.find_content(&content.id) == Some(*at)
                            && before.form(*at).is_some()
                            && self.site.find_content(&content.id).is_none_or(|at| now.form(at).is_none())
                    })
                    .collect();
                gone.sort_unstable_by(|one, other| one.1.id.cmp(&other.1.id));
                gone.into_iter()
            });
            let (at, content) = removed.next()?;
            Some(AclChange { change: ChangeKind::Removed, now: older.acl_row(at, content, operation, &nobody) })
        });
        steps(rows, |row| row.now.all_of.iter().map(Vec::len).sum())
    }

    fn acl_row(&self, at: u32, content: &Content, operation: Operation, form: &Form) -> Acl {
        Acl {
            content_id: content.id.clone(),
            space_key: self.site.space_key(at),
            operation,
            audience_id: form.facts.id.clone(),
            all_of: form.all_of.clone(),
            everyone: form.facts.everyone,
            anonymous: form.facts.anonymous,
            complete: form.facts.complete,
            hash: form.hash.clone(),
        }
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
    audiences: &'a Audiences,
    facts: &'a AudienceFacts,
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

/// The node of a content and its lists, where it has any.
fn lists_of(site: &IndexedSite, at: u32) -> Option<(&Node, &Lists)> {
    let node = site.node(at)?;
    Some((node, site.lists.get(node.lists as usize)?))
}

/// How many numbers of a key come before its layers.
const HEAD: usize = 3;

impl<'a> Writer<'a> {
    fn new(engine: &'a Engine, operation: Operation) -> Self {
        Self {
            engine,
            site: &engine.site,
            operation,
            audiences: engine.audiences(),
            facts: engine.audience_facts(operation),
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
        let set = *self.audiences.ids(self.operation).get(content as usize).filter(|id| **id != NO_SET)?;
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
        for (at, position) in self.engine.restricting(target.content) {
            let Some((node, lists)) = lists_of(site, at) else { continue };
            let passes = match position {
                Position::Own | Position::Container => policy.update_implies_read_same_node,
                Position::Above => policy.update_implies_read_inherited,
            };
            let either = passes == Allowed && !lists.edit.is_empty();
            key.push(self.list(node.lists, if either { Source::ViewOrEdit } else { Source::View }));
        }
        if self.operation == Operation::Edit && !target.node.is_attached() {
            for layer in site.layers(target.content) {
                if site.edit_list_binds(layer.position) == Denied {
                    // Nor does that of any content above.
                    break;
                }
                if let Some((node, _)) = lists_of(site, layer.node).filter(|(_, lists)| !lists.edit.is_empty()) {
                    key.push(self.list(node.lists, Source::Edit));
                }
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
        let (members, facts) = (self.audiences.set(set)?, self.facts.of(set)?.clone());
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

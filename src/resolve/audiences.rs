//! Who may view and who may edit every content. A set of people is a compressed bitmap, equal sets are stored once, and a
//! content whose list adds nothing shares the set of its parent; a million pages come to a few thousand sets.

use std::io::Write;
use std::ops::Range;

use rustc_hash::{FxHashMap, FxHasher};

use super::chain::{Position, Step};
use super::needs::Need;
use super::population::{Population, empty_set};
use super::site::{IndexedSite, Kind, MISSING, NONE, Node, ROOT, State, Unread};
use super::threads::shares;
use super::tri::Tri;
use crate::model::{Decision, Operation};

use Decision::{Allowed, Denied, Unknown};

/// Everybody passes.
const ALL_ALLOWED: u32 = 0;
/// Whether anyone passes is unknown.
const ALL_UNKNOWN: u32 = 1;
/// Nobody passes.
const NONE_ALLOWED: u32 = 2;
/// Not computed, or nothing to compute.
pub(super) const NO_SET: u32 = u32::MAX;

/// Sets, each stored once, and what two of them come to.
#[derive(Debug, Default)]
struct Pool {
    sets: Vec<Tri>,
    /// Hash of each set, and the set before it that has the same.
    hashes: Vec<(u64, u32)>,
    newest: FxHashMap<u64, u32>,
    products: FxHashMap<(u32, u32), u32>,
}

/// Feeds bytes to a hasher, so that a set is hashed without being copied.
struct HashWriter(FxHasher);

impl Write for HashWriter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        std::hash::Hasher::write(&mut self.0, bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Pool {
    fn intern(&mut self, mut set: Tri) -> u32 {
        // Equal sets must have equal bytes: the smallest form is the same whatever they were made from.
        set.yes.optimize();
        if let Some(maybe) = &mut set.maybe {
            maybe.optimize();
        }
        let mut hasher = HashWriter(FxHasher::default());
        set.yes.serialize_into(&mut hasher).ok();
        if let Some(maybe) = &set.maybe {
            maybe.serialize_into(&mut hasher).ok();
        }
        self.store(set, std::hash::Hasher::finish(&hasher.0))
    }

    /// Number of a set whose hash is known.
    fn store(&mut self, set: Tri, hash: u64) -> u32 {
        let id = u32::try_from(self.sets.len()).unwrap_or(NO_SET);
        let newest = self.newest.entry(hash).or_insert(NO_SET);
        let mut same = *newest;
        while let Some((other, (_, before))) = self.sets.get(same as usize).zip(self.hashes.get(same as usize)) {
            if *other == set {
                return same;
            }
            same = *before;
        }
        self.hashes.push((hash, std::mem::replace(newest, id)));
        self.sets.push(set);
        id
    }

    /// Takes in the sets of another pool; by its numbers, the numbers they have here.
    fn absorb(&mut self, other: Self) -> Vec<u32> {
        let hashed = other.sets.into_iter().zip(other.hashes);
        hashed.map(|(set, (hash, _))| self.store(set, hash)).collect()
    }

    fn and(&mut self, one: u32, other: u32) -> u32 {
        match (one, other) {
            (ALL_ALLOWED, id) | (id, ALL_ALLOWED) => return id,
            (NONE_ALLOWED, _) | (_, NONE_ALLOWED) => return NONE_ALLOWED,
            _ if one == other => return one,
            _ => {}
        }
        let key = (one.min(other), one.max(other));
        if let Some(&id) = self.products.get(&key) {
            return id;
        }
        let Some((a, b)) = self.sets.get(one as usize).zip(self.sets.get(other as usize)) else { return ALL_UNKNOWN };
        let id = self.intern(a.and(b));
        self.products.insert(key, id);
        id
    }
}

/// Who may view and who may edit every content.
#[derive(Debug, Default)]
pub(super) struct Audiences {
    sets: Vec<Tri>,
    /// Set of each content, [`NO_SET`] for what is in the trash.
    pub(super) view: Vec<u32>,
    pub(super) edit: Vec<u32>,
    /// What each content hands down to those below it.
    above: Vec<u32>,
    /// Who may use the site and view each space, where some content asked.
    entrances: Vec<u32>,
    /// Members of each set without anonymous, certain and unknown.
    counts: Vec<(u64, u64)>,
}

impl Audiences {
    pub(super) fn set(&self, id: u32) -> Option<&Tri> {
        self.sets.get(id as usize)
    }

    pub(super) fn ids(&self, operation: Operation) -> &[u32] {
        if operation == Operation::View { &self.view } else { &self.edit }
    }

    /// Who passes every view list above a content.
    pub(super) fn above(&self, node: &Node) -> Option<&Tri> {
        self.set(*self.above.get(node.parent as usize)?)
    }

    /// Who may use the site and view a space.
    pub(super) fn entrance(&self, space: u32) -> Option<&Tri> {
        self.set(*self.entrances.get(space as usize)?)
    }

    pub(super) fn set_count(&self) -> usize {
        self.sets.len()
    }

    /// How many accounts pass for certain, and of how many it is not known.
    pub(super) fn count(&self, id: u32) -> Option<(u64, u64)> {
        self.counts.get(id as usize).copied()
    }
}

/// What a layer depends on: its lists, what is known about them, from where they are looked at, and which is asked for.
type LayerKey = (u32, Unread, bool, Position, bool);

/// Sets of one content.
#[derive(Clone, Copy)]
struct Settled {
    /// What those below inherit.
    above: u32,
    /// What the view lists come to for the content itself.
    own: u32,
    /// What those below inherit of edit lists, where the policy may hand them down.
    edit_above: u32,
}

impl Settled {
    const NOT_YET: Self = Self { above: NO_SET, own: NO_SET, edit_above: NO_SET };
}

/// Makes the sets of a share of the contents.
struct Builder<'a> {
    site: &'a IndexedSite,
    population: &'a Population,
    pool: Pool,
    layers: FxHashMap<LayerKey, u32>,
    loose: FxHashMap<u32, u32>,
    entrances: Vec<u32>,
    needs: FxHashMap<(u32, Need), u32>,
    /// The contents this share begins with.
    first: usize,
    settled: Vec<Settled>,
    /// Contents of other shares that have one of this share below them.
    elsewhere: FxHashMap<u32, Settled>,
}

/// Sets of a share of the contents, numbered by its own pool.
struct Share {
    pool: Pool,
    entrances: Vec<u32>,
    above: Vec<u32>,
    view: Vec<u32>,
    edit: Vec<u32>,
}

impl IndexedSite {
    /// Who may view and who may edit every content.
    pub(super) fn audiences(&self, population: &Population) -> Audiences {
        let shares = shares(self.nodes.len(), |range| Builder::new(self, population, &range).share(range));
        let mut shares = shares.into_iter();
        let Some(Share { mut pool, mut entrances, mut above, mut view, mut edit }) = shares.next() else {
            return Audiences::default();
        };
        for share in shares {
            let here = pool.absorb(share.pool);
            let renumbered = |ids: Vec<u32>| ids.into_iter().map(|id| here.get(id as usize).copied().unwrap_or(NO_SET));
            above.extend(renumbered(share.above));
            view.extend(renumbered(share.view));
            edit.extend(renumbered(share.edit));
            for (known, id) in entrances.iter_mut().zip(renumbered(share.entrances)) {
                *known = if *known == NO_SET { id } else { *known };
            }
        }
        let bit = self.anonymous_bit();
        let count = |set: &Tri| {
            let yes = set.yes.contains(bit);
            let unknown = !yes && set.maybe().contains(bit);
            (set.yes.len() - u64::from(yes), set.unknown_len() - u64::from(unknown))
        };
        let counts = pool.sets.iter().map(count).collect();
        Audiences { sets: pool.sets, view, edit, above, entrances, counts }
    }
}

impl<'a> Builder<'a> {
    fn new(site: &'a IndexedSite, population: &'a Population, range: &Range<usize>) -> Self {
        let mut pool = Pool::default();
        pool.intern(Tri::certain(population.all.clone()));
        pool.intern(site.doubtful(population));
        pool.intern(Tri::default());
        Self {
            site,
            population,
            pool,
            layers: FxHashMap::default(),
            loose: FxHashMap::default(),
            entrances: vec![NO_SET; site.spaces.len()],
            needs: FxHashMap::default(),
            first: range.start,
            settled: vec![Settled::NOT_YET; range.len()],
            elsewhere: FxHashMap::default(),
        }
    }

    /// Sets of every content of the share.
    fn share(mut self, range: Range<usize>) -> Share {
        // The first share takes in the others.
        let room = if range.start == 0 { self.site.nodes.len() } else { range.len() };
        let (mut view, mut edit) = (Vec::with_capacity(room), Vec::with_capacity(room));
        let mut stack = Vec::new();
        for at in range {
            let at = u32::try_from(at).unwrap_or(NONE);
            self.settle(at, &mut stack);
            let (v, e) = self.finish(at);
            view.push(v);
            edit.push(e);
        }
        let mut above = Vec::with_capacity(room);
        above.extend(self.settled.iter().map(|sets| sets.above));
        Share { pool: self.pool, entrances: self.entrances, above, view, edit }
    }

    /// The sets of a content, where they are made.
    fn settled(&self, at: u32) -> Option<Settled> {
        let place = (at as usize).checked_sub(self.first).and_then(|at| self.settled.get(at));
        place.or_else(|| self.elsewhere.get(&at)).copied().filter(|sets| sets.own != NO_SET)
    }

    fn put(&mut self, at: u32, sets: Settled) {
        match (at as usize).checked_sub(self.first).and_then(|at| self.settled.get_mut(at)) {
            Some(place) => *place = sets,
            None => {
                self.elsewhere.insert(at, sets);
            }
        }
    }

    /// Set of a layer, by what it depends on: its lists and what is known about them.
    fn layer(&mut self, at: u32, node: &Node, position: Position, edit: bool) -> u32 {
        let position = if position == Position::Container { Position::Own } else { position };
        let Some(lists) = self.site.lists.get(node.lists as usize) else {
            return if empty_set(node, position) { ALL_UNKNOWN } else { ALL_ALLOWED };
        };
        // Mostly it makes no difference from where the list is looked at: then it is one set.
        let policy = &self.site.policy;
        let same =
            lists.edit.is_empty() || policy.update_implies_read_same_node == policy.update_implies_read_inherited;
        let position = if same && node.unread != Unread::NotFound { Position::Own } else { position };
        let key = (node.lists, node.unread, node.untrusted, position, edit);
        if let Some(&id) = self.layers.get(&key) {
            return id;
        }
        let set = if edit {
            self.site.edit_set(self.population, at, position)
        } else {
            self.site.view_set(self.population, at, position)
        };
        let id = set.map_or(ALL_ALLOWED, |set| self.pool.intern(set));
        self.layers.insert(key, id);
        id
    }

    fn relaxed(&mut self, id: u32) -> u32 {
        if let Some(&known) = self.loose.get(&id) {
            return known;
        }
        let Some(set) = self.pool.sets.get(id as usize) else { return ALL_UNKNOWN };
        let set = self.site.relaxed(self.population, set.clone(), Unknown);
        let loose = self.pool.intern(set);
        self.loose.insert(id, loose);
        loose
    }

    /// Settles a content and, before it, everything above it.
    fn settle(&mut self, start: u32, stack: &mut Vec<u32>) {
        stack.push(start);
        while let Some(&at) = stack.last() {
            let Some(node) = self.site.node(at).copied().filter(|_| self.settled(at).is_none()) else {
                stack.pop();
                continue;
            };
            if node.cyclic {
                let own = self.walked(at);
                self.put(at, Settled { above: own, own, edit_above: ALL_ALLOWED });
                stack.pop();
                continue;
            }
            let from = match node.parent {
                ROOT => Settled { above: ALL_ALLOWED, own: ALL_ALLOWED, edit_above: ALL_ALLOWED },
                MISSING => Settled { above: ALL_UNKNOWN, own: ALL_UNKNOWN, edit_above: ALL_ALLOWED },
                parent => match self.settled(parent) {
                    Some(sets) => sets,
                    None => {
                        stack.push(parent);
                        continue;
                    }
                },
            };
            let mine_above = self.layer(at, &node, Position::Above, false);
            let above = self.pool.and(mine_above, from.above);
            let mine = self.layer(at, &node, Position::Own, false);
            let inherited = if matches!(node.kind, Kind::Comment | Kind::Attachment) {
                from.own
            } else if node.state == State::Archived {
                match self.site.policy.archived_drops_inherited {
                    Allowed => ALL_ALLOWED,
                    Unknown => self.relaxed(from.above),
                    Denied => from.above,
                }
            } else {
                from.above
            };
            let own = self.pool.and(mine, inherited);
            let mut edit_above = ALL_ALLOWED;
            if self.site.policy.edit_inherited != Denied {
                let mut mine = self.layer(at, &node, Position::Above, true);
                if self.site.policy.edit_inherited == Unknown {
                    mine = self.relaxed(mine);
                }
                edit_above = self.pool.and(mine, from.edit_above);
            }
            self.put(at, Settled { above, own, edit_above });
            stack.pop();
        }
    }

    /// The long way round, for chains that run in a circle.
    fn walked(&mut self, at: u32) -> u32 {
        let mut set = Tri::certain(self.population.all.clone());
        self.site.walk(at, |step| match step {
            Step::Broken => set = set.and(&self.site.doubtful(self.population)),
            Step::Layer { node, position, binds, .. } => {
                if let Some(layer) = self.site.view_set(self.population, node, position) {
                    set = set.and(&self.site.relaxed(self.population, layer, binds));
                }
            }
        });
        self.pool.intern(set)
    }

    fn entrance(&mut self, space: u32) -> u32 {
        match self.entrances.get(space as usize) {
            Some(&id) if id != NO_SET => id,
            _ => {
                let Some(facts) = self.site.spaces.get(space as usize) else { return ALL_UNKNOWN };
                let set = self.site.entrance(self.population, facts);
                let id = self.pool.intern(set);
                if let Some(slot) = self.entrances.get_mut(space as usize) {
                    *slot = id;
                }
                id
            }
        }
    }

    /// Who has a permission in a space, of those who may view it.
    fn needed(&mut self, space: u32, need: Need) -> u32 {
        if need == Need::Undocumented {
            return ALL_UNKNOWN;
        }
        if let Some(&id) = self.needs.get(&(space, need)) {
            return id;
        }
        let Some(facts) = self.site.spaces.get(space as usize) else { return ALL_UNKNOWN };
        let set = self.site.needed(self.population, facts, need);
        let id = self.pool.intern(set);
        // Whoever passes is among those who may enter: where all of them have the permission, it narrows nothing.
        let entrance = self.entrance(space);
        let id = if self.pool.and(entrance, id) == entrance { ALL_ALLOWED } else { id };
        self.needs.insert((space, need), id);
        id
    }

    /// Sets of one content: who may view it, who may edit it.
    fn finish(&mut self, at: u32) -> (u32, u32) {
        let site = self.site;
        let host = site.host(at);
        let Some((node, state)) = site.node(at).copied().zip(site.node(host).map(|node| node.state)) else {
            return (NO_SET, NO_SET);
        };
        if node.state == State::Trashed || state == State::Trashed {
            return (NO_SET, NO_SET);
        }
        let own = self.settled(at).map_or(ALL_UNKNOWN, |sets| sets.own);
        let entrance = self.entrance(node.space);
        let mut view = self.pool.and(own, entrance);
        match state {
            State::Draft => {
                let draft = self.pool.intern(site.draft_set(self.population, host));
                view = self.pool.and(view, draft);
            }
            State::Unrecognized => view = self.pool.and(view, ALL_UNKNOWN),
            _ => {}
        }
        let archived_space = site.spaces.get(node.space as usize).is_some_and(|space| space.archived);
        let frame = match (state, site.conditions.read_only) {
            (State::Archived, _) | (_, Allowed) => return (view, NONE_ALLOWED),
            (_, Unknown) => ALL_UNKNOWN,
            _ if archived_space => ALL_UNKNOWN,
            _ => ALL_ALLOWED,
        };
        let mut edit = self.pool.and(view, frame);
        if let Some(need) = site.need(node.kind, Operation::Edit) {
            let needed = self.needed(node.space, need);
            edit = self.pool.and(edit, needed);
        }
        if !matches!(node.kind, Kind::Comment | Kind::Attachment) {
            let mine = self.layer(at, &node, Position::Own, true);
            edit = self.pool.and(edit, mine);
            if site.policy.edit_inherited != Denied {
                edit = self.edit_inherited(at, &node, edit);
            }
        }
        (view, edit)
    }

    fn edit_inherited(&mut self, at: u32, node: &Node, edit: u32) -> u32 {
        if !node.cyclic {
            let inherited = self.settled(node.parent).map_or(ALL_ALLOWED, |sets| sets.edit_above);
            return self.pool.and(edit, inherited);
        }
        let Some(mut set) = self.pool.sets.get(edit as usize).cloned() else { return ALL_UNKNOWN };
        self.site.walk(at, |step| {
            if let Step::Layer { node, position: Position::Above | Position::Container, .. } = step
                && let Some(layer) = self.site.edit_set(self.population, node, Position::Above)
            {
                let binds = self.site.policy.edit_inherited;
                set = set.and(&self.site.relaxed(self.population, layer, binds));
            }
        });
        self.pool.intern(set)
    }
}

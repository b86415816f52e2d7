//! Who may view and who may edit every content. A set of people is a compressed bitmap, equal sets are stored once, and a
//! content whose list adds nothing shares the set of its parent; a million pages come to a few thousand sets.

use std::io::Write;
use std::ops::Range;

use rustc_hash::{FxHashMap, FxHasher};

use super::asker::Asker;
use super::chain::{Next, Position};
use super::codes::Reason;
use super::needs::Need;
use super::population::Population;
use super::rules::{Rule, Target, empty_list};
use super::site::{IndexedSite, NONE, Node, State, Unread};
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
        let id = self.intern(a.meet(b));
        self.products.insert(key, id);
        id
    }
}

/// How many accounts are in a set, and whether anonymous is.
#[derive(Debug, Clone, Copy)]
struct Counts {
    certain: u64,
    unknown: u64,
    anonymous: Decision,
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
    counts: Vec<Counts>,
}

impl Audiences {
    pub(super) fn set(&self, id: u32) -> Option<&Tri> {
        self.sets.get(id as usize)
    }

    pub(super) fn ids(&self, operation: Operation) -> &[u32] {
        if operation == Operation::View { &self.view } else { &self.edit }
    }

    /// Who passes every view list above a content; `None`: everyone does, or nothing is above.
    pub(super) fn above(&self, node: &Node) -> Option<&Tri> {
        self.above.get(node.parent as usize).filter(|id| **id != ALL_ALLOWED).and_then(|id| self.set(*id))
    }

    /// Who may use the site and view a space.
    pub(super) fn entrance(&self, space: u32) -> Option<&Tri> {
        self.set(*self.entrances.get(space as usize)?)
    }

    pub(super) fn set_count(&self) -> usize {
        self.sets.len()
    }

    /// How many accounts pass for certain, and how many perhaps.
    pub(super) fn count(&self, id: u32) -> Option<(u64, u64)> {
        self.counts.get(id as usize).map(|counts| (counts.certain, counts.unknown))
    }

    /// Whether anonymous passes.
    pub(super) fn anonymous(&self, id: u32) -> Option<Decision> {
        self.counts.get(id as usize).map(|counts| counts.anonymous)
    }
}

/// What a layer depends on: its lists, what is known about them, from where they are looked at, and which is asked for.
type LayerKey = (u32, Unread, bool, Position, bool);

/// Sets of one content, of which those of the contents below are made.
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
    /// What binds a content that nothing is above.
    const END: Self = Self { above: ALL_ALLOWED, own: ALL_ALLOWED, edit_above: ALL_ALLOWED };
    /// What binds a content where what is above is not known.
    const BROKEN: Self = Self { above: ALL_UNKNOWN, own: ALL_UNKNOWN, edit_above: ALL_ALLOWED };
}

/// Makes the sets of a share of the contents. The rules are those of the book; what depends on a space or on equal lists is
/// asked once, and what comes from above is handed down.
struct Builder<'a> {
    site: &'a IndexedSite,
    population: &'a Population,
    pool: Pool,
    layers: FxHashMap<LayerKey, u32>,
    loose: FxHashMap<u32, u32>,
    entrances: Vec<u32>,
    /// Whether each space accepts changes.
    changes: Vec<u32>,
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
            let anonymous = set.decision(bit);
            Counts {
                certain: set.yes.len() - u64::from(anonymous == Allowed),
                unknown: set.unknown_len() - u64::from(anonymous == Unknown),
                anonymous,
            }
        };
        let counts = pool.sets.iter().map(count).collect();
        Audiences { sets: pool.sets, view, edit, above, entrances, counts }
    }
}

impl<'a> Builder<'a> {
    fn new(site: &'a IndexedSite, population: &'a Population, range: &Range<usize>) -> Self {
        let mut pool = Pool::default();
        for decision in [Allowed, Unknown, Denied] {
            pool.intern(population.people(population.fixed(decision.into())));
        }
        Self {
            site,
            population,
            pool,
            layers: FxHashMap::default(),
            loose: FxHashMap::default(),
            entrances: vec![NO_SET; site.spaces.len()],
            changes: vec![NO_SET; site.spaces.len()],
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
            let (v, e) = self.sets(at, &mut stack);
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

    /// Sets of one content: who may view it, who may edit it.
    fn sets(&mut self, at: u32, stack: &mut Vec<u32>) -> (u32, u32) {
        let site = self.site;
        let Ok(view) = site.target(Operation::View, at) else { return (NO_SET, NO_SET) };
        let edit = Target { operation: Operation::Edit, ..view };
        if view.node.cyclic {
            // The long way round: nothing above is settled.
            let sets = [view, edit].map(|target| site.standing(self.population, &target).all);
            let [view, edit] = sets.map(|audience| self.id(audience));
            return (view, edit);
        }
        self.settle(at, stack);
        let own = self.settled(at).map_or(ALL_UNKNOWN, |sets| sets.own);
        let entrance = self.entrance(&view);
        let state = self.state(&view);
        let viewers = self.and([own, entrance, state]);
        let (state, changes) = (self.state(&edit), self.changes(&edit));
        let needed = edit.need().map_or(ALL_ALLOWED, |need| self.needed(&edit, need));
        let mut editors = self.and([viewers, state, changes, needed]);
        if !edit.node.is_attached() {
            let own = self.layer(at, edit.node, Position::Own, true);
            editors = self.and([editors, own]);
            if site.edit_list_binds(Position::Above) != Denied {
                let above = self.settled(edit.node.parent).map_or(ALL_ALLOWED, |sets| sets.edit_above);
                editors = self.and([editors, above]);
            }
        }
        (viewers, editors)
    }

    fn id(&mut self, audience: Option<Tri>) -> u32 {
        audience.map_or(ALL_ALLOWED, |set| self.pool.intern(set))
    }

    /// Set of a rule.
    fn judged(&mut self, target: &Target<'_>, rule: Rule) -> u32 {
        let audience = self.site.judge(self.population, target, rule);
        self.id(audience)
    }

    /// Set of a layer, by what it depends on: its lists and what is known about them.
    fn layer(&mut self, at: u32, node: &Node, position: Position, edit: bool) -> u32 {
        let position = if position == Position::Container { Position::Own } else { position };
        let Some(lists) = self.site.lists.get(node.lists as usize) else {
            return if empty_list(node, position).decision == Allowed { ALL_ALLOWED } else { ALL_UNKNOWN };
        };
        // Mostly it makes no difference from where the list is looked at: then it is one set.
        let policy = &self.site.policy;
        let same = if edit {
            policy.edit_inherited != Unknown
        } else {
            lists.edit.is_empty() || policy.update_implies_read_same_node == policy.update_implies_read_inherited
        };
        let position = if same && node.unread != Unread::NotFound { Position::Own } else { position };
        let key = (node.lists, node.unread, node.untrusted, position, edit);
        if let Some(&id) = self.layers.get(&key) {
            return id;
        }
        let audience = if edit {
            self.site.edit_rule(self.population, at, position)
        } else {
            self.site.view_list_rule(self.population, at, position)
        };
        let id = self.id(audience);
        self.layers.insert(key, id);
        id
    }

    /// The set of a layer that binds only perhaps: it stops nobody for certain.
    fn relaxed(&mut self, id: u32) -> u32 {
        if let Some(&known) = self.loose.get(&id) {
            return known;
        }
        let Some(set) = self.pool.sets.get(id as usize) else { return ALL_UNKNOWN };
        let relaxed = self.population.relaxed(Some(set.clone()), Reason::ArchivedContent);
        let loose = self.id(relaxed);
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
            let from = match self.site.next(&node, Position::Above) {
                Next::End => Settled::END,
                Next::Broken => Settled::BROKEN,
                Next::Content { at: parent, .. } => match self.settled(parent) {
                    Some(sets) => sets,
                    None => {
                        stack.push(parent);
                        continue;
                    }
                },
            };
            let above = self.layer(at, &node, Position::Above, false);
            let above = self.and([above, from.above]);
            let inherited = match self.site.next(&node, Position::Own) {
                Next::End => ALL_ALLOWED,
                Next::Broken => ALL_UNKNOWN,
                Next::Content { position: Position::Own | Position::Container, .. } => from.own,
                Next::Content { binds: Allowed, .. } => from.above,
                Next::Content { .. } => self.relaxed(from.above),
            };
            let own = self.layer(at, &node, Position::Own, false);
            let own = self.and([own, inherited]);
            let mut edit_above = ALL_ALLOWED;
            if self.site.edit_list_binds(Position::Above) != Denied {
                edit_above = self.layer(at, &node, Position::Above, true);
                edit_above = self.and([edit_above, from.edit_above]);
            }
            self.put(at, Settled { above, own, edit_above });
            stack.pop();
        }
    }

    fn and<const N: usize>(&mut self, ids: [u32; N]) -> u32 {
        ids.into_iter().fold(ALL_ALLOWED, |all, id| match (all, id) {
            (ALL_ALLOWED, only) | (only, ALL_ALLOWED) => only,
            (all, id) => self.pool.and(all, id),
        })
    }

    /// Who may use the site and view the space.
    fn entrance(&mut self, target: &Target<'_>) -> u32 {
        let space = target.node.space as usize;
        match self.entrances.get(space) {
            Some(&id) if id != NO_SET => id,
            _ => {
                let [site, view] = [Rule::Site, Rule::Permission(Need::View)]
                    .map(|rule| self.site.judge(self.population, target, rule));
                let id = self.id(self.population.and(view, site));
                if let Some(slot) = self.entrances.get_mut(space) {
                    *slot = id;
                }
                id
            }
        }
    }

    /// Whether the site and the space accept changes.
    fn changes(&mut self, target: &Target<'_>) -> u32 {
        let space = target.node.space as usize;
        match self.changes.get(space) {
            Some(&id) if id != NO_SET => id,
            _ => {
                let [mode, state] = [Rule::SiteMode, Rule::SpaceState].map(|rule| self.judged(target, rule));
                let id = self.and([mode, state]);
                if let Some(slot) = self.changes.get_mut(space) {
                    *slot = id;
                }
                id
            }
        }
    }

    /// Who passes the state of the content.
    fn state(&mut self, target: &Target<'_>) -> u32 {
        let plain = self.site.node(target.host).is_some_and(|host| host.state == State::Current && !host.is_attached());
        if plain { ALL_ALLOWED } else { self.judged(target, Rule::State) }
    }

    /// Who has a permission in the space, of those who may view it.
    fn needed(&mut self, target: &Target<'_>, need: Need) -> u32 {
        let key = (target.node.space, need);
        if let Some(&id) = self.needs.get(&key) {
            return id;
        }
        let id = self.judged(target, Rule::Permission(need));
        // Those who pass are among those who may enter: where all of them have the permission, it narrows nothing.
        let entrance = self.entrance(target);
        let id = if self.pool.and(entrance, id) == entrance { ALL_ALLOWED } else { id };
        self.needs.insert(key, id);
        id
    }
}

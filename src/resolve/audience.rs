//! Audiences: the same gates as in [`super::gates`], for everybody at once. A set of people is a compressed bitmap, equal
//! sets are stored once, and a content whose list adds nothing shares the set of its parent; a million pages come to a
//! few thousand sets.

use std::io::Write;
use std::ops::Range;

use roaring::RoaringBitmap;
use rustc_hash::{FxHashMap, FxHasher};

use super::gates::{Actor, Kinds, Need, Position, Rule, Scope, Step, Who};
use super::policy::Vanished;
use super::site::{
    IndexedSite, Kind, Licence, MISSING, NONE, Node, Principal, ROOT, SpaceFacts, State, Traits, Unread, yes,
};
use super::threads::shares;
use crate::model::{Decision, Operation, SubjectKind};

use Decision::{Allowed, Denied, Unknown};

/// People who pass for certain, and people who may pass.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Tri {
    pub(super) yes: RoaringBitmap,
    /// Contains `yes`; `None` where it is the same.
    maybe: Option<RoaringBitmap>,
}

impl Tri {
    pub(super) fn new(yes: RoaringBitmap, maybe: RoaringBitmap) -> Self {
        let maybe = (maybe.len() != yes.len()).then_some(maybe);
        Self { yes, maybe }
    }

    fn certain(yes: RoaringBitmap) -> Self {
        Self { yes, maybe: None }
    }

    pub(super) fn maybe(&self) -> &RoaringBitmap {
        self.maybe.as_ref().unwrap_or(&self.yes)
    }

    /// Those of whom it is not known.
    pub(super) fn unknown(&self) -> RoaringBitmap {
        self.maybe.as_ref().map_or_else(RoaringBitmap::new, |maybe| maybe - &self.yes)
    }

    pub(super) fn unknown_len(&self) -> u64 {
        self.maybe.as_ref().map_or(0, |maybe| maybe.len() - self.yes.len())
    }

    pub(super) fn decision(&self, bit: u32) -> Decision {
        if self.yes.contains(bit) {
            Allowed
        } else if self.maybe().contains(bit) {
            Unknown
        } else {
            Denied
        }
    }

    pub(super) fn and(&self, other: &Self) -> Self {
        let yes = &self.yes & &other.yes;
        if self.maybe.is_none() && other.maybe.is_none() {
            return Self::certain(yes);
        }
        Self::new(yes, self.maybe() & other.maybe())
    }

    pub(super) fn or(&self, other: &Self) -> Self {
        let yes = &self.yes | &other.yes;
        if self.maybe.is_none() && other.maybe.is_none() {
            return Self::certain(yes);
        }
        Self::new(yes, self.maybe() | other.maybe())
    }

    /// The part of it among `people`.
    fn among(&self, people: &RoaringBitmap) -> Self {
        Self { yes: &self.yes & people, maybe: self.maybe.as_ref().map(|maybe| maybe & people) }.normal()
    }

    /// The same people, none of them for certain.
    fn doubted(&self) -> Self {
        Self::new(RoaringBitmap::new(), self.maybe().clone())
    }

    fn normal(self) -> Self {
        match self.maybe {
            Some(maybe) => Self::new(self.yes, maybe),
            None => self,
        }
    }

    fn with_bit(mut self, bit: u32, decision: Decision) -> Self {
        let mut maybe = self.maybe.take().unwrap_or_else(|| self.yes.clone());
        self.yes.remove(bit);
        maybe.remove(bit);
        if decision == Allowed {
            self.yes.insert(bit);
        }
        if decision != Denied {
            maybe.insert(bit);
        }
        Self::new(self.yes, maybe)
    }
}

/// Adds principals up.
#[derive(Default)]
struct Union {
    yes: RoaringBitmap,
    maybe: RoaringBitmap,
}

impl Union {
    fn tri(mut self) -> Tri {
        if self.maybe.is_empty() {
            return Tri::certain(self.yes);
        }
        self.maybe |= &self.yes;
        Tri::new(self.yes, self.maybe)
    }
}

/// Sets every question about people at once needs, made once per site.
#[derive(Debug)]
pub(super) struct Crowd {
    /// Every account and anonymous.
    pub(super) all: RoaringBitmap,
    /// Every account.
    everybody: RoaringBitmap,
    /// Accounts that pass the site gate whatever the space; those without a licence are not among them.
    site: Tri,
    /// Active accounts without a licence, whose site gate depends on the space.
    unlicensed: RoaringBitmap,
    /// Accounts without a licence of which it is not known whether they are active: none passes for certain.
    uncertain: RoaringBitmap,
    /// Accounts that are listed, or could not be looked up, and are not deactivated.
    alive: RoaringBitmap,
    /// Accounts the free plan grants what any space grants, where no permissions are stored.
    free: Tri,
    /// Principals that are neither a user nor a group.
    classes: FxHashMap<Principal, Tri>,
}

impl Crowd {
    /// The accounts among `people` that may use the site for certain, anonymous not counted.
    pub(super) fn working(&self, people: &RoaringBitmap) -> RoaringBitmap {
        people & &self.site.yes
    }

    /// The accounts among `people` that exist and are not deactivated.
    pub(super) fn alive(&self, people: &RoaringBitmap) -> RoaringBitmap {
        people & &self.alive
    }
}

impl IndexedSite {
    pub(super) fn person(&self, at: u32) -> Actor {
        let traits = self.people.get(at as usize).copied().unwrap_or(Traits::STRANGER);
        Actor { who: Who::Person(at), traits }
    }

    pub(super) fn anonymous(&self) -> Actor {
        Actor { who: Who::Anonymous, traits: Traits::STRANGER }
    }

    /// Sorts everybody by an answer, anonymous included.
    pub(super) fn poll(&self, answer: impl Fn(&Actor) -> Decision) -> Tri {
        let bit = self.anonymous_bit();
        let (mut yes, mut maybe) = (Vec::new(), Vec::new());
        for at in 0..=bit {
            let actor = if at == bit { self.anonymous() } else { self.person(at) };
            let decision = answer(&actor);
            if decision == Allowed {
                yes.push(at);
            }
            if decision != Denied {
                maybe.push(at);
            }
        }
        let set = |bits: Vec<u32>| RoaringBitmap::from_sorted_iter(bits).unwrap_or_default();
        Tri::new(set(yes), set(maybe))
    }

    pub(super) fn crowd(&self) -> Crowd {
        let everybody = self.everybody();
        let mut all = everybody.clone();
        all.insert(self.anonymous_bit());
        let unlicensed = |actor: &Actor, active: Decision| {
            matches!(actor.who, Who::Person(_))
                && actor.traits.licence == Licence::Unlicensed
                && actor.traits.active == active
        };
        // Any space will do: the site gate of all others does not look at it.
        let nowhere = SpaceFacts::default();
        let site = self.poll(|actor| match actor.who {
            Who::Person(_) if !unlicensed(actor, Allowed) => self.site_gate(actor, &nowhere).0,
            _ => Denied,
        });
        let mut classes = FxHashMap::default();
        let granted = self.spaces.iter().flat_map(|space| space.all_grants().map(|grant| grant.principal));
        let listed = self.lists.iter().flat_map(|lists| lists.view.iter().chain(&lists.edit).copied());
        for principal in granted.chain(listed).chain([Principal::Anonymous]) {
            if !matches!(principal, Principal::User(_) | Principal::Group(_)) {
                classes.entry(principal).or_insert_with(|| self.poll(|actor| self.belongs(actor, principal)));
            }
        }
        let free = self.poll(|actor| self.granted_by_free_plan(actor, &nowhere, Need::View));
        let uncertain = self.poll(|actor| yes(unlicensed(actor, Unknown)));
        let unlicensed = self.poll(|actor| yes(unlicensed(actor, Allowed)));
        let alive = self.poll(|actor| {
            let person = matches!(actor.who, Who::Person(_)) && !actor.traits.gone;
            if person && actor.traits.active != Denied { Allowed } else { Denied }
        });
        let (unlicensed, uncertain, alive) = (unlicensed.yes, uncertain.yes, alive.yes);
        Crowd { all, everybody, site, unlicensed, uncertain, alive, free, classes }
    }

    fn unite(&self, crowd: &Crowd, union: &mut Union, principal: Principal) {
        match principal {
            Principal::User(at) => {
                union.yes.insert(at);
            }
            Principal::Group(at) => {
                let Some(group) = self.groups.get(at as usize) else { return };
                union.yes |= &group.members;
                if group.incomplete {
                    union.maybe |= &crowd.everybody;
                } else if !group.perhaps.is_empty() {
                    union.maybe |= &group.perhaps;
                }
            }
            other => {
                if let Some(set) = crowd.classes.get(&other) {
                    union.yes |= &set.yes;
                    if let Some(maybe) = &set.maybe {
                        union.maybe |= maybe;
                    }
                }
            }
        }
    }

    /// Everybody who is, or belongs to, one of the principals.
    pub(super) fn set_of(&self, crowd: &Crowd, principals: impl IntoIterator<Item = Principal>) -> Tri {
        let mut union = Union::default();
        for principal in principals {
            self.unite(crowd, &mut union, principal);
        }
        union.tri()
    }

    fn row_set(&self, crowd: &Crowd, space: &SpaceFacts, rows: &[(usize, Kinds)], scope: Scope) -> Tri {
        let grants = rows.iter().flat_map(|(row, kinds)| {
            let grants = space.grants.get(*row).map_or(&[][..], Vec::as_slice);
            grants.iter().filter(|grant| kinds.counts(**grant)).map(|grant| grant.principal)
        });
        self.set_of(crowd, grants.filter(|principal| scope == Scope::All || self.open(*principal)))
    }

    fn granted_set(&self, crowd: &Crowd, space: &SpaceFacts, need: Need, scope: Scope) -> Tri {
        let mut set = match need.rule() {
            Rule::AnyOf(rows) => self.row_set(crowd, space, rows, scope),
            Rule::OrBoth(rows, one, other) => {
                let (one, other) =
                    (self.row_set(crowd, space, &[one], scope), self.row_set(crowd, space, &[other], scope));
                let both = Tri::new(&one.yes & &other.yes, one.maybe() | other.maybe());
                self.row_set(crowd, space, rows, scope).or(&both)
            }
            Rule::Open => return self.doubtful(crowd),
        };
        if space.unread {
            set = Tri::new(set.yes, crowd.all.clone());
        } else if !space.vague.is_empty() {
            let vague = space.vague.iter().map(|grant| grant.principal);
            let vague = self.set_of(crowd, vague.filter(|principal| scope == Scope::All || self.open(*principal)));
            set = set.or(&vague.doubted());
        }
        if !space.any {
            let granted = need.documented_by_free_plan();
            set = set.or(&if granted == Allowed { crowd.free.clone() } else { crowd.free.doubted() });
        }
        set
    }

    /// Everybody who may use the site and view the space.
    pub(super) fn entrance(&self, crowd: &Crowd, space: &SpaceFacts) -> Tri {
        let all = self.granted_set(crowd, space, Need::View, Scope::All);
        let mut set = all.and(&crowd.site);
        if !crowd.unlicensed.is_empty() {
            let open = self.granted_set(crowd, space, Need::View, Scope::Open);
            set = set.or(&open.among(&crowd.unlicensed));
        }
        let anonymous = self.anonymous();
        let decision = self.site_gate(&anonymous, space).0;
        let decision = decision.and(self.space_gate(&anonymous, space, Need::View, Scope::All).0);
        set.with_bit(self.anonymous_bit(), decision)
    }

    /// Everybody who has another permission in the space.
    pub(super) fn needed(&self, crowd: &Crowd, space: &SpaceFacts, need: Need) -> Tri {
        let all = self.granted_set(crowd, space, need, Scope::All);
        if crowd.unlicensed.is_empty() && crowd.uncertain.is_empty() {
            return all;
        }
        let open = self.granted_set(crowd, space, need, Scope::Open);
        let mut narrowed = crowd.unlicensed.clone();
        if !crowd.uncertain.is_empty() {
            narrowed |= &crowd.uncertain & self.granted_set(crowd, space, Need::View, Scope::Open).maybe();
        }
        let licensed = &crowd.all - &narrowed;
        all.among(&licensed).or(&open.among(&narrowed))
    }

    fn doubtful(&self, crowd: &Crowd) -> Tri {
        Tri::new(RoaringBitmap::new(), crowd.all.clone())
    }

    /// Everybody a list lets through; of an empty list `None`.
    fn list_set(&self, crowd: &Crowd, list: &[Principal]) -> Tri {
        let set = self.set_of(crowd, list.iter().copied());
        let vanished = list.iter().all(|principal| match principal {
            Principal::Group(at) => self.groups.get(*at as usize).is_none_or(|group| !group.exists),
            _ => false,
        });
        match self.switches.vanished {
            Vanished::Opens if vanished => Tri::certain(crowd.all.clone()),
            Vanished::Unknown if vanished => self.doubtful(crowd),
            _ => set,
        }
    }

    /// Everybody a view list lets through; `None` where it binds nobody.
    pub(super) fn view_set(&self, crowd: &Crowd, at: u32, position: Position) -> Option<Tri> {
        let node = self.node(at)?;
        let list = self.view_list(at);
        if list.is_empty() {
            return empty_set(node, position).then(|| self.doubtful(crowd));
        }
        let mut set = self.list_set(crowd, list);
        let edit = self.edit_list(at);
        if !edit.is_empty() {
            let passes = match position {
                Position::Own | Position::Container => self.switches.edit_passes_own,
                Position::Above => self.switches.edit_passes_below,
            };
            if passes != Denied {
                let through = self.set_of(crowd, edit.iter().copied());
                let yes = if passes == Allowed { &set.yes | &through.yes } else { set.yes.clone() };
                set = Tri::new(yes, set.maybe() | through.maybe());
            }
        }
        if node.unread != Unread::No {
            set = Tri::new(set.yes, crowd.all.clone());
        }
        Some(set)
    }

    /// Everybody an edit list lets through; `None` where it binds nobody.
    pub(super) fn edit_set(&self, crowd: &Crowd, at: u32, position: Position) -> Option<Tri> {
        let node = self.node(at)?;
        let list = self.edit_list(at);
        if list.is_empty() {
            return empty_set(node, position).then(|| self.doubtful(crowd));
        }
        let set = self.list_set(crowd, list);
        Some(if node.unread == Unread::No { set } else { Tri::new(set.yes, crowd.all.clone()) })
    }

    /// Everybody a draft is open to: its creator and those it was shared with.
    fn draft_set(&self, crowd: &Crowd, bearer: u32) -> Tri {
        let Some((node, content)) = self.node(bearer).zip(self.content(bearer)) else { return self.doubtful(crowd) };
        let mut union = Union::default();
        match &content.author_id {
            Some(author) => union.yes.extend(self.find_person(author)),
            None => union.maybe |= &crowd.everybody,
        }
        for subject in content.shared_with.iter().flatten() {
            match &subject.kind {
                SubjectKind::User => union.yes.extend(self.find_person(&subject.id)),
                SubjectKind::Group => {
                    let group = self.find_group(&subject.id).map(Principal::Group);
                    group.into_iter().for_each(|group| self.unite(crowd, &mut union, group));
                }
                SubjectKind::Anonymous => self.unite(crowd, &mut union, Principal::Anonymous),
                _ => union.maybe |= &crowd.all,
            }
        }
        if content.shared_with.is_none() {
            union.maybe |= &crowd.everybody;
        }
        let set = union.tri();
        // A comment or an attachment here is one of which it is not known what it belongs to.
        if matches!(node.kind, Kind::Comment | Kind::Attachment) { set.doubted() } else { set }
    }

    /// Everybody with standing access to one content. The operation is view or edit; `None` where the content is in
    /// the trash.
    pub(super) fn audience(&self, crowd: &Crowd, operation: Operation, content: u32) -> Option<Tri> {
        let bearer = self.bearer(content);
        let (node, state) = (self.node(content)?, self.node(bearer)?.state);
        if node.state == State::Trashed || state == State::Trashed {
            return None;
        }
        let space = self.space_of(content)?;
        let edits = operation != Operation::View;
        let carried = matches!(node.kind, Kind::Comment | Kind::Attachment);
        let mut set = self.entrance(crowd, space);
        self.walk(content, |step| match step {
            Step::Broken => set = set.and(&self.doubtful(crowd)),
            Step::Layer { node, position, binds, .. } => {
                if let Some(layer) = self.view_set(crowd, node, position) {
                    set = set.and(&self.loosened(crowd, layer, binds));
                }
                if edits
                    && !carried
                    && (position == Position::Own || self.switches.edit_inherited != Denied)
                    && let Some(layer) = self.edit_set(crowd, node, position)
                {
                    let binds = if position == Position::Own { Allowed } else { self.switches.edit_inherited };
                    set = set.and(&self.loosened(crowd, layer, binds));
                }
            }
        });
        match state {
            State::Draft => set = set.and(&self.draft_set(crowd, bearer)),
            State::Odd => set = set.and(&self.doubtful(crowd)),
            _ => {}
        }
        if edits {
            let frame = self.mode_gate(operation).0.and(self.space_state_gate(space, operation).0);
            let frame = if state == State::Archived { Denied } else { frame };
            match frame {
                Allowed => {}
                Unknown => set = set.and(&self.doubtful(crowd)),
                Denied => return Some(Tri::default()),
            }
            if let Some(need) = self.need(node.kind, operation) {
                set = set.and(&self.needed(crowd, space, need));
            }
        }
        Some(set)
    }

    /// A layer that binds only perhaps stops nobody for certain.
    fn loosened(&self, crowd: &Crowd, layer: Tri, binds: Decision) -> Tri {
        if binds == Unknown { Tri::new(layer.yes, crowd.all.clone()) } else { layer }
    }
}

/// Whether an empty list leaves the answer open: it was not read, or is not to be believed.
pub(super) fn empty_set(node: &Node, position: Position) -> bool {
    match node.unread {
        Unread::NotFound => position != Position::Above,
        Unread::Failed | Unread::NotTrusted => true,
        Unread::No => node.untrusted,
    }
}

/// Everybody passes.
const OPEN: u32 = 0;
/// Of nobody it is known.
const DOUBT: u32 = 1;
/// Nobody passes.
const NOBODY: u32 = 2;
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
            (OPEN, id) | (id, OPEN) => return id,
            (NOBODY, _) | (_, NOBODY) => return NOBODY,
            _ if one == other => return one,
            _ => {}
        }
        let key = (one.min(other), one.max(other));
        if let Some(&id) = self.products.get(&key) {
            return id;
        }
        let Some((a, b)) = self.sets.get(one as usize).zip(self.sets.get(other as usize)) else { return DOUBT };
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
    crowd: &'a Crowd,
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
    pub(super) fn audiences(&self, crowd: &Crowd) -> Audiences {
        let shares = shares(self.nodes.len(), |range| Builder::new(self, crowd, &range).share(range));
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
    fn new(site: &'a IndexedSite, crowd: &'a Crowd, range: &Range<usize>) -> Self {
        let mut pool = Pool::default();
        pool.intern(Tri::certain(crowd.all.clone()));
        pool.intern(site.doubtful(crowd));
        pool.intern(Tri::default());
        Self {
            site,
            crowd,
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
            return if empty_set(node, position) { DOUBT } else { OPEN };
        };
        // Mostly it makes no difference from where the list is looked at: then it is one set.
        let switches = &self.site.switches;
        let same = lists.edit.is_empty() || switches.edit_passes_own == switches.edit_passes_below;
        let position = if same && node.unread != Unread::NotFound { Position::Own } else { position };
        let key = (node.lists, node.unread, node.untrusted, position, edit);
        if let Some(&id) = self.layers.get(&key) {
            return id;
        }
        let set = if edit {
            self.site.edit_set(self.crowd, at, position)
        } else {
            self.site.view_set(self.crowd, at, position)
        };
        let id = set.map_or(OPEN, |set| self.pool.intern(set));
        self.layers.insert(key, id);
        id
    }

    fn loosened(&mut self, id: u32) -> u32 {
        if let Some(&known) = self.loose.get(&id) {
            return known;
        }
        let Some(set) = self.pool.sets.get(id as usize) else { return DOUBT };
        let set = self.site.loosened(self.crowd, set.clone(), Unknown);
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
                self.put(at, Settled { above: own, own, edit_above: OPEN });
                stack.pop();
                continue;
            }
            let from = match node.parent {
                ROOT => Settled { above: OPEN, own: OPEN, edit_above: OPEN },
                MISSING => Settled { above: DOUBT, own: DOUBT, edit_above: OPEN },
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
                match self.site.switches.archived_drops {
                    Allowed => OPEN,
                    Unknown => self.loosened(from.above),
                    Denied => from.above,
                }
            } else {
                from.above
            };
            let own = self.pool.and(mine, inherited);
            let mut edit_above = OPEN;
            if self.site.switches.edit_inherited != Denied {
                let mut mine = self.layer(at, &node, Position::Above, true);
                if self.site.switches.edit_inherited == Unknown {
                    mine = self.loosened(mine);
                }
                edit_above = self.pool.and(mine, from.edit_above);
            }
            self.put(at, Settled { above, own, edit_above });
            stack.pop();
        }
    }

    /// The long way round, for chains that run in a circle.
    fn walked(&mut self, at: u32) -> u32 {
        let mut set = Tri::certain(self.crowd.all.clone());
        self.site.walk(at, |step| match step {
            Step::Broken => set = set.and(&self.site.doubtful(self.crowd)),
            Step::Layer { node, position, binds, .. } => {
                if let Some(layer) = self.site.view_set(self.crowd, node, position) {
                    set = set.and(&self.site.loosened(self.crowd, layer, binds));
                }
            }
        });
        self.pool.intern(set)
    }

    fn entrance(&mut self, space: u32) -> u32 {
        match self.entrances.get(space as usize) {
            Some(&id) if id != NO_SET => id,
            _ => {
                let Some(facts) = self.site.spaces.get(space as usize) else { return DOUBT };
                let set = self.site.entrance(self.crowd, facts);
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
            return DOUBT;
        }
        if let Some(&id) = self.needs.get(&(space, need)) {
            return id;
        }
        let Some(facts) = self.site.spaces.get(space as usize) else { return DOUBT };
        let set = self.site.needed(self.crowd, facts, need);
        let id = self.pool.intern(set);
        // Whoever passes is among those who may enter: where all of them have the permission, it narrows nothing.
        let entrance = self.entrance(space);
        let id = if self.pool.and(entrance, id) == entrance { OPEN } else { id };
        self.needs.insert((space, need), id);
        id
    }

    /// Sets of one content: who may view it, who may edit it.
    fn finish(&mut self, at: u32) -> (u32, u32) {
        let site = self.site;
        let bearer = site.bearer(at);
        let Some((node, state)) = site.node(at).copied().zip(site.node(bearer).map(|node| node.state)) else {
            return (NO_SET, NO_SET);
        };
        if node.state == State::Trashed || state == State::Trashed {
            return (NO_SET, NO_SET);
        }
        let own = self.settled(at).map_or(DOUBT, |sets| sets.own);
        let entrance = self.entrance(node.space);
        let mut view = self.pool.and(own, entrance);
        match state {
            State::Draft => {
                let draft = self.pool.intern(site.draft_set(self.crowd, bearer));
                view = self.pool.and(view, draft);
            }
            State::Odd => view = self.pool.and(view, DOUBT),
            _ => {}
        }
        let archived_space = site.spaces.get(node.space as usize).is_some_and(|space| space.archived);
        let frame = match (state, site.switches.read_only) {
            (State::Archived, _) | (_, Allowed) => return (view, NOBODY),
            (_, Unknown) => DOUBT,
            _ if archived_space => DOUBT,
            _ => OPEN,
        };
        let mut edit = self.pool.and(view, frame);
        if let Some(need) = site.need(node.kind, Operation::Edit) {
            let needed = self.needed(node.space, need);
            edit = self.pool.and(edit, needed);
        }
        if !matches!(node.kind, Kind::Comment | Kind::Attachment) {
            let mine = self.layer(at, &node, Position::Own, true);
            edit = self.pool.and(edit, mine);
            if site.switches.edit_inherited != Denied {
                edit = self.edit_inherited(at, &node, edit);
            }
        }
        (view, edit)
    }

    fn edit_inherited(&mut self, at: u32, node: &Node, edit: u32) -> u32 {
        if !node.cyclic {
            let inherited = self.settled(node.parent).map_or(OPEN, |sets| sets.edit_above);
            return self.pool.and(edit, inherited);
        }
        let Some(mut set) = self.pool.sets.get(edit as usize).cloned() else { return DOUBT };
        self.site.walk(at, |step| {
            if let Step::Layer { node, position: Position::Above | Position::Container, .. } = step
                && let Some(layer) = self.site.edit_set(self.crowd, node, Position::Above)
            {
                let binds = self.site.switches.edit_inherited;
                set = set.and(&self.site.loosened(self.crowd, layer, binds));
            }
        });
        self.pool.intern(set)
    }
}

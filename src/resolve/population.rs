//! The same gates as in [`super::rules`], for everybody at once.

use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;

use super::chain::{Position, Step};
use super::needs::{Kinds, Need, Rule};
use super::rules::Scope;
use super::site::{IndexedSite, Kind, Licence, Node, Principal, SpaceFacts, State, Unread, yes};
use super::tri::{Tri, Union};
use super::who::{Actor, Who};
use crate::model::{Decision, Operation, SubjectKind, VanishedGroups};

use Decision::{Allowed, Denied, Unknown};

#[derive(Debug)]
pub(super) struct Population {
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

impl Population {
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

    pub(super) fn population(&self) -> Population {
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
        Population { all, everybody, site, unlicensed, uncertain, alive, free, classes }
    }

    fn unite(&self, population: &Population, union: &mut Union, principal: Principal) {
        match principal {
            Principal::User(at) => {
                union.yes.insert(at);
            }
            Principal::Group(at) => {
                let Some(group) = self.groups.get(at as usize) else { return };
                union.yes |= &group.members;
                if group.incomplete {
                    union.maybe |= &population.everybody;
                } else if !group.perhaps.is_empty() {
                    union.maybe |= &group.perhaps;
                }
            }
            other => {
                if let Some(set) = population.classes.get(&other) {
                    union.yes |= &set.yes;
                    if let Some(maybe) = &set.maybe {
                        union.maybe |= maybe;
                    }
                }
            }
        }
    }

    /// Everybody who is, or belongs to, one of the principals.
    pub(super) fn set_of(&self, population: &Population, principals: impl IntoIterator<Item = Principal>) -> Tri {
        let mut union = Union::default();
        for principal in principals {
            self.unite(population, &mut union, principal);
        }
        union.tri()
    }

    fn row_set(&self, population: &Population, space: &SpaceFacts, rows: &[(usize, Kinds)], scope: Scope) -> Tri {
        let grants = rows.iter().flat_map(|(row, kinds)| {
            let grants = space.grants.get(*row).map_or(&[][..], Vec::as_slice);
            grants.iter().filter(|grant| kinds.counts(**grant)).map(|grant| grant.principal)
        });
        self.set_of(population, grants.filter(|principal| scope == Scope::All || self.open(*principal)))
    }

    fn granted_set(&self, population: &Population, space: &SpaceFacts, need: Need, scope: Scope) -> Tri {
        let mut set = match need.rule() {
            Rule::AnyOf(rows) => self.row_set(population, space, rows, scope),
            Rule::OrBoth(rows, one, other) => {
                let (one, other) =
                    (self.row_set(population, space, &[one], scope), self.row_set(population, space, &[other], scope));
                let both = Tri::new(&one.yes & &other.yes, one.maybe() | other.maybe());
                self.row_set(population, space, rows, scope).or(&both)
            }
            Rule::Open => return self.doubtful(population),
        };
        if space.unread {
            set = Tri::new(set.yes, population.all.clone());
        } else if !space.vague.is_empty() {
            let vague = space.vague.iter().map(|grant| grant.principal);
            let vague = self.set_of(population, vague.filter(|principal| scope == Scope::All || self.open(*principal)));
            set = set.or(&vague.doubted());
        }
        if !space.any {
            let granted = need.documented_by_free_plan();
            set = set.or(&if granted == Allowed { population.free.clone() } else { population.free.doubted() });
        }
        set
    }

    /// Everybody who may use the site and view the space.
    pub(super) fn entrance(&self, population: &Population, space: &SpaceFacts) -> Tri {
        let all = self.granted_set(population, space, Need::View, Scope::All);
        let mut set = all.and(&population.site);
        if !population.unlicensed.is_empty() {
            let open = self.granted_set(population, space, Need::View, Scope::Open);
            set = set.or(&open.among(&population.unlicensed));
        }
        let anonymous = self.anonymous();
        let decision = self.site_gate(&anonymous, space).0;
        let decision = decision.and(self.space_gate(&anonymous, space, Need::View, Scope::All).0);
        set.with_bit(self.anonymous_bit(), decision)
    }

    /// Everybody who has another permission in the space.
    pub(super) fn needed(&self, population: &Population, space: &SpaceFacts, need: Need) -> Tri {
        let all = self.granted_set(population, space, need, Scope::All);
        if population.unlicensed.is_empty() && population.uncertain.is_empty() {
            return all;
        }
        let open = self.granted_set(population, space, need, Scope::Open);
        let mut narrowed = population.unlicensed.clone();
        if !population.uncertain.is_empty() {
            narrowed |= &population.uncertain & self.granted_set(population, space, Need::View, Scope::Open).maybe();
        }
        let licensed = &population.all - &narrowed;
        all.among(&licensed).or(&open.among(&narrowed))
    }

    pub(super) fn doubtful(&self, population: &Population) -> Tri {
        Tri::new(RoaringBitmap::new(), population.all.clone())
    }

    /// Everybody a list lets through; of an empty list `None`.
    fn list_set(&self, population: &Population, list: &[Principal]) -> Tri {
        let set = self.set_of(population, list.iter().copied());
        let vanished = list.iter().all(|principal| match principal {
            Principal::Group(at) => self.groups.get(*at as usize).is_none_or(|group| !group.exists),
            _ => false,
        });
        match self.policy.only_vanished_groups {
            VanishedGroups::Opens if vanished => Tri::certain(population.all.clone()),
            VanishedGroups::Unknown if vanished => self.doubtful(population),
            _ => set,
        }
    }

    /// Everybody a view list lets through; `None` where it binds nobody.
    pub(super) fn view_set(&self, population: &Population, at: u32, position: Position) -> Option<Tri> {
        let node = self.node(at)?;
        let list = self.view_list(at);
        if list.is_empty() {
            return empty_set(node, position).then(|| self.doubtful(population));
        }
        let mut set = self.list_set(population, list);
        let edit = self.edit_list(at);
        if !edit.is_empty() {
            let passes = match position {
                Position::Own | Position::Container => self.policy.update_implies_read_same_node,
                Position::Above => self.policy.update_implies_read_inherited,
            };
            if passes != Denied {
                let through = self.set_of(population, edit.iter().copied());
                let yes = if passes == Allowed { &set.yes | &through.yes } else { set.yes.clone() };
                set = Tri::new(yes, set.maybe() | through.maybe());
            }
        }
        if node.unread != Unread::No {
            set = Tri::new(set.yes, population.all.clone());
        }
        Some(set)
    }

    /// Everybody an edit list lets through; `None` where it binds nobody.
    pub(super) fn edit_set(&self, population: &Population, at: u32, position: Position) -> Option<Tri> {
        let node = self.node(at)?;
        let list = self.edit_list(at);
        if list.is_empty() {
            return empty_set(node, position).then(|| self.doubtful(population));
        }
        let set = self.list_set(population, list);
        Some(if node.unread == Unread::No { set } else { Tri::new(set.yes, population.all.clone()) })
    }

    /// Everybody a draft is open to: its creator and those it was shared with.
    pub(super) fn draft_set(&self, population: &Population, host: u32) -> Tri {
        let Some((node, content)) = self.node(host).zip(self.content(host)) else { return self.doubtful(population) };
        let mut union = Union::default();
        match &content.author_id {
            Some(author) => union.yes.extend(self.find_person(author)),
            None => union.maybe |= &population.everybody,
        }
        for subject in content.shared_with.iter().flatten() {
            match &subject.kind {
                SubjectKind::User => union.yes.extend(self.find_person(&subject.id)),
                SubjectKind::Group => {
                    let group = self.find_group(&subject.id).map(Principal::Group);
                    group.into_iter().for_each(|group| self.unite(population, &mut union, group));
                }
                SubjectKind::Anonymous => self.unite(population, &mut union, Principal::Anonymous),
                _ => union.maybe |= &population.all,
            }
        }
        if content.shared_with.is_none() {
            union.maybe |= &population.everybody;
        }
        let set = union.tri();
        // A comment or an attachment here is one of which it is not known what it belongs to.
        if matches!(node.kind, Kind::Comment | Kind::Attachment) { set.doubted() } else { set }
    }

    /// Everybody with standing access to one content. The operation is view or edit; `None` where the content is in
    /// the trash.
    pub(super) fn audience(&self, population: &Population, operation: Operation, content: u32) -> Option<Tri> {
        let host = self.host(content);
        let (node, state) = (self.node(content)?, self.node(host)?.state);
        if node.state == State::Trashed || state == State::Trashed {
            return None;
        }
        let space = self.space_of(content)?;
        let edits = operation != Operation::View;
        let attached = matches!(node.kind, Kind::Comment | Kind::Attachment);
        let mut set = self.entrance(population, space);
        self.walk(content, |step| match step {
            Step::Broken => set = set.and(&self.doubtful(population)),
            Step::Layer { node, position, binds, .. } => {
                if let Some(layer) = self.view_set(population, node, position) {
                    set = set.and(&self.relaxed(population, layer, binds));
                }
                if edits
                    && !attached
                    && (position == Position::Own || self.policy.edit_inherited != Denied)
                    && let Some(layer) = self.edit_set(population, node, position)
                {
                    let binds = if position == Position::Own { Allowed } else { self.policy.edit_inherited };
                    set = set.and(&self.relaxed(population, layer, binds));
                }
            }
        });
        match state {
            State::Draft => set = set.and(&self.draft_set(population, host)),
            State::Unrecognized => set = set.and(&self.doubtful(population)),
            _ => {}
        }
        if edits {
            let frame = self.mode_gate(operation).0.and(self.space_state_gate(space, operation).0);
            let frame = if state == State::Archived { Denied } else { frame };
            match frame {
                Allowed => {}
                Unknown => set = set.and(&self.doubtful(population)),
                Denied => return Some(Tri::default()),
            }
            if let Some(need) = self.need(node.kind, operation) {
                set = set.and(&self.needed(population, space, need));
            }
        }
        Some(set)
    }

    /// A layer that binds only perhaps stops nobody for certain.
    pub(super) fn relaxed(&self, population: &Population, layer: Tri, binds: Decision) -> Tri {
        if binds == Unknown { Tri::new(layer.yes, population.all.clone()) } else { layer }
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

//! The population: everyone at once, as an asker of the rule book whose answers are sets of people.

use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;

use super::answer::Answer;
use super::asker::Asker;
use super::codes::Reasons;
use super::site::{IndexedSite, Licence, Principal};
use super::tri::{Tri, Union};
use super::who::{Actor, Who};
use crate::model::Decision;

use Decision::{Allowed, Denied, Unknown};

/// What rules look at in people, as sets. Made once per site.
#[derive(Debug)]
pub(super) struct Population {
    /// Every account and anonymous.
    pub(super) all: RoaringBitmap,
    /// Every account.
    accounts: RoaringBitmap,
    /// Who may use the site, whatever the space.
    site: Tri,
    /// The accounts of these that may for certain.
    working: RoaringBitmap,
    /// Accounts without a licence; `None` where there are none.
    unlicensed: Option<Tri>,
    /// Those of them that may use the site where a space is open to them.
    need_open_space: Option<Tri>,
    /// Accounts that are listed, or could not be looked up, and are not deactivated.
    alive: RoaringBitmap,
    /// Active accounts of which it is known whether they have a licence, and anonymous.
    present: RoaringBitmap,
    /// Accounts the free plan grants what any space grants, where no permissions are stored.
    free: Tri,
    /// System administrators.
    system_admins: Tri,
    /// Principals that are neither a user nor a group.
    classes: FxHashMap<Principal, Tri>,
}

impl Population {
    /// The accounts among `people` that may use the site for certain, whatever the space.
    pub(super) fn working(&self, people: &RoaringBitmap) -> RoaringBitmap {
        people & &self.working
    }

    /// The accounts among `people` that exist and are not deactivated.
    pub(super) fn alive(&self, people: &RoaringBitmap) -> RoaringBitmap {
        people & &self.alive
    }

    /// Whether any account among `people` exists and is not deactivated.
    pub(super) fn any_alive(&self, people: &RoaringBitmap) -> bool {
        !people.is_disjoint(&self.alive)
    }

    /// The accounts that may use the site for certain, whatever the space.
    pub(super) fn site_users(&self) -> &RoaringBitmap {
        &self.working
    }

    /// People without those who have no licence.
    pub(super) fn licensed(&self, people: RoaringBitmap) -> RoaringBitmap {
        match &self.unlicensed {
            Some(unlicensed) => people - &unlicensed.yes,
            None => people,
        }
    }

    /// Everyone who is one of the principals for certain, by name or as a member. Of classes, anonymous included, only accounts
    /// that are active and whose licence is known count.
    pub(super) fn matching(&self, site: &IndexedSite, principals: &[Principal]) -> RoaringBitmap {
        let mut all = RoaringBitmap::new();
        for principal in principals {
            match principal {
                Principal::User(at) => {
                    all.insert(*at);
                }
                Principal::Group(at) => {
                    if let Some(group) = site.groups.get(*at as usize) {
                        all |= &group.members;
                    }
                }
                other => {
                    if let Some(set) = self.classes.get(other) {
                        all |= &set.yes & &self.present;
                    }
                }
            }
        }
        all
    }

    /// A set that may be everyone.
    pub(super) fn people(&self, audience: Option<Tri>) -> Tri {
        audience.unwrap_or_else(|| Tri::certain(self.all.clone()))
    }

    fn unite(&self, site: &IndexedSite, union: &mut Union, principal: Principal) {
        match principal {
            Principal::User(at) => {
                union.yes.insert(at);
            }
            Principal::Group(at) => {
                let Some(group) = site.groups.get(at as usize) else { return };
                union.yes |= &group.members;
                if group.incomplete {
                    union.maybe |= &self.accounts;
                } else if !group.perhaps.is_empty() {
                    union.maybe |= &group.perhaps;
                }
            }
            other => {
                if let Some(set) = self.classes.get(&other) {
                    union.yes |= &set.yes;
                    if let Some(maybe) = &set.maybe {
                        union.maybe |= maybe;
                    }
                }
            }
        }
    }

    /// Everyone who is, or belongs to, one of the principals.
    pub(super) fn set_of(&self, site: &IndexedSite, principals: impl IntoIterator<Item = Principal>) -> Tri {
        let mut union = Union::default();
        principals.into_iter().for_each(|principal| self.unite(site, &mut union, principal));
        union.tri()
    }
}

/// A set of people; `None`: everyone passes, which is what most rules come to.
impl Asker for Population {
    type Answer = Option<Tri>;

    fn fixed(&self, answer: Answer) -> Option<Tri> {
        match answer.decision {
            Allowed => None,
            Unknown => Some(Tri::new(RoaringBitmap::new(), self.all.clone())),
            Denied => Some(Tri::default()),
        }
    }

    fn any<L>(&self, site: &IndexedSite, lists: L) -> Option<Tri>
    where
        L: IntoIterator<Item: IntoIterator<Item = Principal>>,
    {
        Some(self.set_of(site, lists.into_iter().flatten()))
    }

    fn is_account(&self, site: &IndexedSite, id: Option<&str>) -> Option<Tri> {
        Some(match id {
            Some(id) => Tri::certain(site.find_person(id).into_iter().collect()),
            None => Tri::new(RoaringBitmap::new(), self.accounts.clone()),
        })
    }

    fn is_logged_in(&self) -> Option<Tri> {
        Some(Tri::certain(self.accounts.clone()))
    }

    fn is_unlicensed(&self) -> Option<Option<Tri>> {
        self.unlicensed.clone().map(Some)
    }

    fn needs_open_space(&self) -> Option<Option<Tri>> {
        self.need_open_space.clone().map(Some)
    }

    fn may_use_site(&self, _: &IndexedSite) -> Option<Tri> {
        Some(self.site.clone())
    }

    fn has_free_plan(&self, _: &IndexedSite) -> Option<Tri> {
        Some(self.free.clone())
    }

    fn is_system_admin(&self, _: &IndexedSite) -> Option<Tri> {
        Some(self.system_admins.clone())
    }

    fn and(&self, one: Option<Tri>, other: Option<Tri>) -> Option<Tri> {
        match (one, other) {
            (None, set) | (set, None) => set,
            (Some(one), Some(other)) => Some(one.and(other)),
        }
    }

    fn or(&self, one: Option<Tri>, other: impl FnOnce() -> Option<Tri>) -> Option<Tri> {
        Some(one?.or(other()?))
    }

    fn doubted(&self, answer: Option<Tri>, _: impl Into<Reasons>) -> Option<Tri> {
        let perhaps = answer.map_or_else(|| self.all.clone(), Tri::into_maybe);
        Some(Tri::new(RoaringBitmap::new(), perhaps))
    }

    fn relaxed(&self, answer: Option<Tri>, _: impl Into<Reasons>) -> Option<Tri> {
        Some(Tri::new(answer?.yes, self.all.clone()))
    }

    fn choose(&self, fact: Option<Tri>, one: Option<Tri>, other: impl FnOnce() -> Option<Tri>) -> Option<Tri> {
        let Some(fact) = fact else { return one };
        let (one, other) = (self.people(one), self.people(other()));
        let others = &self.all - fact.maybe();
        Some(one.among(fact.maybe()).or(other.among(&others)))
    }
}

impl IndexedSite {
    /// Sorts everyone by an answer, anonymous included.
    fn poll(&self, answer: impl Fn(&Actor) -> Decision) -> Tri {
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
        let accounts = self.everybody();
        let mut all = accounts.clone();
        all.insert(self.anonymous_bit());
        let mut classes = FxHashMap::default();
        let granted = self.spaces.iter().flat_map(|space| space.all_grants().map(|grant| grant.principal));
        let listed = self.lists.iter().flat_map(|lists| lists.view.iter().chain(&lists.edit).copied());
        for principal in granted.chain(listed).chain([Principal::Anonymous]) {
            if !matches!(principal, Principal::User(_) | Principal::Group(_)) {
                classes.entry(principal).or_insert_with(|| self.poll(|actor| self.belongs(actor, principal)));
            }
        }
        let unlicensed = self.people.iter().any(|traits| traits.licence == Licence::Unlicensed);
        let those = |holds: &dyn Fn(&Actor) -> bool| unlicensed.then(|| self.poll(|actor| holds(actor).into()));
        let site = self.poll(|actor| self.site_access(actor).decision);
        Population {
            working: &site.yes & &accounts,
            all,
            accounts,
            site,
            unlicensed: those(&|actor| actor.is_unlicensed().is_some()),
            need_open_space: those(&|actor| actor.needs_open_space().is_some()),
            alive: self
                .poll(|actor| {
                    let person = matches!(actor.who, Who::Person(_)) && !actor.traits.gone;
                    Decision::from(person && actor.traits.active != Denied)
                })
                .yes,
            present: self
                .poll(|actor| {
                    let known = !actor.traits.gone && actor.traits.licence != Licence::Unknown;
                    Decision::from(actor.who == Who::Anonymous || known && actor.traits.active == Allowed)
                })
                .yes,
            free: self.poll(|actor| self.free_plan(actor)),
            system_admins: self.poll(|actor| self.system_admin(actor)),
            classes,
        }
    }
}

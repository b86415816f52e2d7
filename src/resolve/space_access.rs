//! Who reaches which space, and how far.

use std::sync::Arc;

use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;

use super::asker::Asker;
use super::codes::Reason;
use super::engine::Engine;
use super::grantees::doubt_in;
use super::needs::Need;
use super::rules::{Scope, doubt_of_bypass};
use super::site::SpaceFacts;
use super::who::Actor;
use crate::model::{Decision, Operation, Permission, record, word, words};

use Decision::{Allowed, Denied, Unknown};

words! {
    /// How far somebody reaches in a space.
    SpaceLevel {
        /// May view it.
        View = "view",
        /// May edit or create pages or blog posts in it.
        Edit = "edit",
        /// Administers it.
        Admin = "admin",
    }
}

word!(SpaceLevel as "SpaceLevel");

record! {
    /// One row is one account that may view a space, or for which that is unknown.
    ///
    /// Roles, groups, classes, anonymous grants, licences and deactivated accounts are resolved. `anonymous` has a row of
    /// its own. Restrictions, archived spaces and read-only mode are not considered. From `access.space_access()`.
    pub struct SpaceAccess {
        /// Key of the space.
        pub space_key: Arc<str>,
        /// The account; `anonymous` for anyone who is not logged in.
        pub user_id: Arc<str>,
        /// Username on Data Center, the public name on Cloud.
        pub user_name: Option<Arc<str>>,
        /// Display name.
        pub display_name: Option<Arc<str>>,
        /// `view`; `edit` for anyone who may create or edit pages or blog posts; `admin` for anyone who administers it.
        pub level: SpaceLevel,
        /// The permissions held for certain, as in `SpacePermission`. Empty for a bypass, and on the free plan if none are stored.
        pub permissions: Arc<[Arc<str>]>,
        /// Whether the account may view the space: `allowed` or `unknown`; accounts that may not have no row.
        pub decision: Decision,
        /// How the account gets in, in one line, such as `direct` or `group eng`; for an unknown answer the code of the reason.
        pub via: Arc<str>,
        /// False for a bypass (super group, admin key), which is not standing access.
        pub standing: bool,
    }
}

/// Which permissions somebody holds: a bit each, in the order of [`Permission::ALL`].
type Held = u64;

/// What the accounts of one space hold.
struct Holdings {
    by_person: Vec<Held>,
    known: FxHashMap<Held, Arc<[Arc<str>]>>,
    edit: RoaringBitmap,
    admin: RoaringBitmap,
}

impl Holdings {
    fn permissions(&mut self, at: u32) -> Arc<[Arc<str>]> {
        let held = self.by_person.get(at as usize).copied().unwrap_or_default();
        let words = || {
            let bits = (0u32..).zip(Permission::ALL).filter(|(bit, _)| held & 1u64.wrapping_shl(*bit) != 0);
            bits.map(|(_, permission)| Arc::from(permission.as_str())).collect()
        };
        self.known.entry(held).or_insert_with(words).clone()
    }

    fn level(&self, at: u32) -> SpaceLevel {
        if self.admin.contains(at) {
            SpaceLevel::Admin
        } else if self.edit.contains(at) {
            SpaceLevel::Edit
        } else {
            SpaceLevel::View
        }
    }
}

impl Engine {
    /// Who reaches the spaces with these keys, or all spaces: the rows of one space after the other.
    pub(super) fn space_rows<'a>(&'a self, keys: Option<&'a [String]>) -> impl Iterator<Item = Vec<SpaceAccess>> + 'a {
        let wanted = move |space: &&SpaceFacts| keys.is_none_or(|keys| keys.iter().any(|key| **key == *space.key));
        self.site.spaces.iter().filter(wanted).map(|space| self.reach(space))
    }

    fn reach(&self, space: &SpaceFacts) -> Vec<SpaceAccess> {
        let (site, population) = (&self.site, self.population());
        let view = site.permission(population, space, Need::View);
        let inside = population.people(population.and(view, site.site_rule(population, space)));
        let mut holdings = self.holdings(space, &inside.yes);
        let key = space.key.clone();
        let bit = site.anonymous_bit();
        let mut row = |at: u32, decision, via, bypass: Option<SpaceLevel>| {
            let names = site.names.get(at as usize);
            SpaceAccess {
                space_key: key.clone(),
                user_id: names.map_or_else(|| "anonymous".into(), |names| names.id.clone()),
                user_name: names.and_then(|names| names.name.clone()),
                display_name: names.and_then(|names| names.display_name.clone()),
                level: bypass.unwrap_or_else(|| holdings.level(at)),
                permissions: if bypass.is_some() { Arc::default() } else { holdings.permissions(at) },
                decision,
                via,
                standing: bypass.is_none(),
            }
        };
        let reasons = |actor: &Actor| {
            let permission = site.permission(actor, space, Need::View);
            actor.and(site.site_rule(actor, space), site.why_missing(actor, permission, Need::View)).reasons
        };
        let mut unknown = inside.unknown();
        let mut perhaps_bypass: FxHashMap<u32, Reason> = FxHashMap::default();
        let mut bypasses = Vec::new();
        for at in self.bypass_candidates() - &inside.yes {
            let actor = site.person(at);
            let Some((name, reason, works)) = site.bypass(&actor, Operation::View) else { continue };
            match site.site_rule(&actor, space).decision.and(works) {
                Allowed => {
                    unknown.remove(at);
                    let edits = site.bypass(&actor, Operation::Edit).is_some_and(|(_, _, works)| works == Allowed);
                    let level = if edits { SpaceLevel::Edit } else { SpaceLevel::View };
                    bypasses.push(row(at, Allowed, name.replace('_', " ").into(), Some(level)));
                }
                Unknown => {
                    unknown.insert(at);
                    if works == Unknown {
                        perhaps_bypass.insert(at, doubt_of_bypass(reason));
                    }
                }
                Denied => {}
            }
        }
        let ways = self.ways_through([site.grants(space, Need::View)], space.any, &inside.yes);
        let certain = inside.yes.iter().filter(|at| *at != bit);
        let mut rows: Vec<SpaceAccess> = certain.map(|at| row(at, Allowed, ways.of(at), None)).collect();
        let mut doubts = FxHashMap::default();
        let mut doubt = |actor: &Actor, bypass: Option<&Reason>| -> Arc<str> {
            let mut reasons = reasons(actor);
            if let Some(reason) = bypass {
                reasons.add((*reason).into());
            }
            doubts.entry(reasons).or_insert_with(|| doubt_in(reasons)).clone()
        };
        unknown.remove(bit);
        for at in unknown {
            rows.push(row(at, Unknown, doubt(&site.person(at), perhaps_bypass.get(&at)), None));
        }
        match inside.decision(bit) {
            Denied => {}
            Allowed => rows.push(row(bit, Allowed, "anonymous".into(), None)),
            Unknown => rows.push(row(bit, Unknown, doubt(&site.anonymous(), None), None)),
        }
        rows.extend(bypasses);
        rows
    }

    /// What those who may view a space hold in it, by the grants and roles stored there.
    fn holdings(&self, space: &SpaceFacts, inside: &RoaringBitmap) -> Holdings {
        let (site, population) = (&self.site, self.population());
        let mut by_person = vec![0; site.people.len() + 1];
        for (bit, grants) in (0u32..).zip(&space.grants).filter(|(_, grants)| !grants.is_empty()) {
            let those = |scope| {
                let counts = move |principal: &_| scope == Scope::All || site.open(*principal);
                population.set_of(site, grants.iter().map(|grant| grant.principal).filter(counts)).yes
            };
            // Of people without a licence only what is open to them counts.
            let mut holders = population.licensed(those(Scope::All));
            holders |= those(Scope::Open);
            for at in holders & inside {
                if let Some(held) = by_person.get_mut(at as usize) {
                    *held |= 1u64.wrapping_shl(bit);
                }
            }
        }
        let those = |need| population.people(site.permission(population, space, need)).yes & inside;
        let edit = [Need::EditPage, Need::EditBlogpost, Need::CreatePage]
            .map(those)
            .into_iter()
            .fold(RoaringBitmap::new(), |all, more| all | more);
        Holdings { by_person, known: FxHashMap::default(), edit, admin: those(Need::Administer) }
    }
}

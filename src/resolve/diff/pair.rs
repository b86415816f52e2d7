//! Two sites with one number for each thing both have.

use std::sync::OnceLock;

use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;

use crate::model::Subject;
use crate::resolve::engine::Engine;
use crate::resolve::site::{Class, IndexedSite, NONE, Principal};
use crate::resolve::tri::Tri;

/// Which of the two sites.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Age {
    Older,
    Newer,
}

/// Common numbers of one kind of thing: those of the newer site, then those of what only the older site has.
#[derive(Debug)]
pub(super) struct Match {
    of_older: Vec<u32>,
    to_older: Vec<u32>,
    /// The first number of what only the older site has.
    base: u32,
}

fn number(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(NONE)
}

impl Match {
    /// By the number each thing of the older site has in the newer one. `spare`: numbers of the newer site beyond its
    /// things, which stay what they are.
    pub(super) fn new(newer: usize, spare: usize, found: impl Iterator<Item = Option<u32>>) -> Self {
        let base = number(newer + spare);
        let mut to_older = vec![NONE; newer];
        let mut of_older = Vec::with_capacity(found.size_hint().0);
        for (at, found) in (0u32..).zip(found) {
            // Of several things of the older site, the first is the one.
            match found.and_then(|one| to_older.get_mut(one as usize).zip(Some(one))).filter(|(slot, _)| **slot == NONE)
            {
                Some((slot, one)) => {
                    *slot = at;
                    of_older.push(one);
                }
                None => of_older.push(base + at),
            }
        }
        Self { of_older, to_older, base }
    }

    /// The common number of a thing of one site.
    pub(super) fn of(&self, age: Age, at: u32) -> u32 {
        match age {
            Age::Newer => at,
            Age::Older => self.of_older.get(at as usize).copied().unwrap_or(NONE),
        }
    }

    /// The number it has in one site; `None` where the site does not have it.
    pub(super) fn at(&self, age: Age, one: u32) -> Option<u32> {
        match age {
            Age::Newer => ((one as usize) < self.to_older.len()).then_some(one),
            Age::Older if one >= self.base => Some(one - self.base).filter(|at| (*at as usize) < self.of_older.len()),
            Age::Older => self.to_older.get(one as usize).copied().filter(|at| *at != NONE),
        }
    }

    /// Whether every thing has the same number in both sites.
    fn is_same(&self) -> bool {
        self.of_older.len() == self.to_older.len() && self.of_older.iter().zip(0u32..).all(|(one, at)| *one == at)
    }

    /// The numbers of what only one of the sites has.
    fn one_sided(&self) -> RoaringBitmap {
        let newer = (0u32..).zip(&self.to_older).filter(|(_, at)| **at == NONE).map(|(one, _)| one);
        newer.chain(self.of_older.iter().copied().filter(|one| *one >= self.base)).collect()
    }
}

/// How the things of two sites are matched.
#[derive(Debug)]
pub(super) struct Matches {
    pub(super) people: Match,
    pub(super) groups: Match,
    pub(super) contents: Match,
    pub(super) spaces: Match,
}

impl Matches {
    /// By their ids, spaces by their keys: for two snapshots of one site.
    pub(super) fn by_id(older: &IndexedSite, newer: &IndexedSite) -> Self {
        let people = (0..older.anonymous_bit()).map(|at| newer.find_person(older.person_id(at)));
        let groups = older.groups.iter().map(|group| {
            let same = |at: &u32| newer.groups.get(*at as usize).is_some_and(|other| other.id == group.id);
            newer.find_group(&group.id).filter(same)
        });
        let mut keys: FxHashMap<&str, u32> = FxHashMap::default();
        for (space, at) in newer.spaces.iter().zip(0u32..) {
            keys.entry(&space.key).or_insert(at);
        }
        let spaces = older.spaces.iter().map(|space| keys.get(&*space.key).copied());
        let contents = older.snapshot.contents.iter().map(|content| newer.find_content(&content.id));
        Self {
            people: Match::new(newer.people.len(), 1, people),
            groups: Match::new(newer.groups.len(), 0, groups),
            contents: Match::new(newer.nodes.len(), 0, contents),
            spaces: Match::new(newer.spaces.len(), 0, spaces),
        }
    }
}

/// Two sites and what they have in common. People are counted as in the newer site, anonymous among them.
#[derive(Debug)]
pub(super) struct Pair<'a> {
    /// Whether both are of one site, at two times.
    pub(super) one_site: bool,
    older: &'a Engine,
    newer: &'a Engine,
    pub(super) matches: Matches,
    /// Subjects of unknown kinds and unknown classes.
    opaque: Match,
    /// Names of roles, in either site.
    pub(super) roles: Vec<&'a str>,
    /// Whether people have the same numbers in both.
    same_people: bool,
    /// The sets of the older site in common numbers, where the numbers differ.
    sets: Vec<OnceLock<Tri>>,
    members: Vec<OnceLock<RoaringBitmap>>,
}

impl<'a> Pair<'a> {
    pub(super) fn new(older: &'a Engine, newer: &'a Engine, matches: Matches, one_site: bool) -> Self {
        let position = |subject: &Subject| newer.site.opaque.iter().position(|other| other == subject).map(number);
        let opaque = Match::new(newer.site.opaque.len(), 0, older.site.opaque.iter().map(position));
        let mut roles: Vec<&str> = newer.site.roles.iter().chain(&older.site.roles).map(String::as_str).collect();
        roles.sort_unstable();
        roles.dedup();
        Self {
            one_site,
            same_people: matches.people.is_same(),
            opaque,
            roles,
            sets: (0..older.audiences().set_count()).map(|_| OnceLock::new()).collect(),
            members: (0..older.site.groups.len()).map(|_| OnceLock::new()).collect(),
            older,
            newer,
            matches,
        }
    }

    pub(super) fn engine(&self, age: Age) -> &'a Engine {
        match age {
            Age::Older => self.older,
            Age::Newer => self.newer,
        }
    }

    pub(super) fn site(&self, age: Age) -> &'a IndexedSite {
        &self.engine(age).site
    }

    /// The site that has a thing, the newer one where both have.
    pub(super) fn where_is(&self, found: &Match, one: u32) -> Option<(Age, u32)> {
        [Age::Newer, Age::Older].into_iter().find_map(|age| Some((age, found.at(age, one)?)))
    }

    /// The common number of anonymous.
    pub(super) fn anonymous(&self) -> u32 {
        self.newer.site.anonymous_bit()
    }

    /// Everyone either site knows, and anonymous.
    pub(super) fn everyone(&self) -> RoaringBitmap {
        let people = (0..self.older.site.anonymous_bit()).map(|at| self.matches.people.of(Age::Older, at));
        (0..=self.anonymous()).chain(people).collect()
    }

    /// Accounts that only one of the sites knows.
    pub(super) fn strangers(&self) -> RoaringBitmap {
        self.matches.people.one_sided()
    }

    /// The common number of a member of a set of people.
    pub(super) fn person(&self, age: Age, bit: u32) -> u32 {
        if bit == self.site(age).anonymous_bit() { self.anonymous() } else { self.matches.people.of(age, bit) }
    }

    /// A principal in common numbers.
    pub(super) fn principal(&self, age: Age, principal: Principal) -> Principal {
        match principal {
            Principal::User(at) => Principal::User(self.matches.people.of(age, at)),
            Principal::Group(at) => Principal::Group(self.matches.groups.of(age, at)),
            Principal::Class(Class::Other(at)) => Principal::Class(Class::Other(self.opaque.of(age, at))),
            Principal::Opaque(at) => Principal::Opaque(self.opaque.of(age, at)),
            other => other,
        }
    }

    /// A principal in the numbers of a site that has it.
    pub(super) fn known_principal(&self, principal: Principal) -> Option<(Age, Principal)> {
        let found = |kind: &Match, one: u32| self.where_is(kind, one);
        Some(match principal {
            Principal::User(one) => found(&self.matches.people, one).map(|(age, at)| (age, Principal::User(at)))?,
            Principal::Group(one) => found(&self.matches.groups, one).map(|(age, at)| (age, Principal::Group(at)))?,
            Principal::Class(Class::Other(one)) => {
                found(&self.opaque, one).map(|(age, at)| (age, Principal::Class(Class::Other(at))))?
            }
            Principal::Opaque(one) => found(&self.opaque, one).map(|(age, at)| (age, Principal::Opaque(at)))?,
            other => (Age::Newer, other),
        })
    }

    /// The subject of an unknown kind that a common number stands for.
    pub(super) fn opaque(&self, one: u32) -> Option<&'a Subject> {
        let (age, at) = self.where_is(&self.opaque, one)?;
        self.site(age).opaque.get(at as usize)
    }

    /// People in common numbers.
    fn common(&self, people: &RoaringBitmap) -> RoaringBitmap {
        people.iter().map(|bit| self.person(Age::Older, bit)).collect()
    }

    /// A set of people in common numbers.
    pub(super) fn set(&self, age: Age, id: u32) -> Option<&Tri> {
        let set = self.engine(age).audiences().set(id)?;
        if age == Age::Newer || self.same_people {
            return Some(set);
        }
        let slot = self.sets.get(id as usize)?;
        Some(slot.get_or_init(|| Tri::new(self.common(&set.yes), self.common(set.maybe()))))
    }

    /// Members of a group by their own entry, in common numbers.
    pub(super) fn own_members(&self, age: Age, group: u32) -> Option<&RoaringBitmap> {
        let members = self.site(age).groups.get(group as usize)?.own_members();
        if age == Age::Newer || self.same_people {
            return Some(members);
        }
        Some(self.members.get(group as usize)?.get_or_init(|| self.common(members)))
    }

    /// Members of a group with nested groups followed, in common numbers, and whether they are all known.
    pub(super) fn all_members(&self, age: Age, group: u32) -> Option<(RoaringBitmap, bool)> {
        let facts = self.site(age).groups.get(group as usize)?;
        let members = if age == Age::Newer { facts.members.clone() } else { self.common(&facts.members) };
        Some((members, !facts.incomplete && facts.perhaps.is_empty()))
    }

    /// The accounts that may use the site, in common numbers.
    pub(super) fn site_users(&self, age: Age) -> RoaringBitmap {
        let users = self.engine(age).population().site_users();
        if age == Age::Newer { users.clone() } else { self.common(users) }
    }
}

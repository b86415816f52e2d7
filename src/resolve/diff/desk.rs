//! Two sites side by side: what they differ in that may bear on an answer.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use super::fact::{Fact, Setting, Trait, VAGUE};
use super::pair::{Age, Pair};
use crate::model::{Content, Decision, RestrictionOperation, Subject, SwitchName, User};
use crate::resolve::site::{MISSING, NONE, Node, Principal, ROOT, State, Traits, Unread};

use Age::{Newer, Older};

pub(super) const BOTH: [Age; 2] = [Older, Newer];
pub(super) const LISTS: [RestrictionOperation; 2] = [RestrictionOperation::View, RestrictionOperation::Edit];

/// Who is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// An account, by its common number.
    Account(u32),
    Anonymous,
    /// Anyone who has a public link.
    Link,
}

/// Where a content stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Link {
    Root,
    /// Below a content of unknown identity.
    Missing,
    Below(u32),
}

/// The permissions of a space in common numbers.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) bare: BTreeSet<(usize, Principal)>,
    pub(super) roles: BTreeMap<(usize, Principal), BTreeSet<usize>>,
    pub(super) unread: bool,
    pub(super) archived: bool,
    /// Whether there are only permissions that answers do not rest on.
    pub(super) other: bool,
    pub(super) links: Option<bool>,
}

/// Who is named by some of the rules, and what the sites differ in there.
#[derive(Debug, Default)]
struct Part {
    /// With the groups inside named groups.
    named: BTreeSet<Principal>,
    facts: Vec<Fact>,
}

/// What bears on the answers about a content, whoever asks.
pub(super) struct Around {
    own: Part,
    others: Vec<Rc<Part>>,
}

impl Around {
    fn parts(&self) -> impl Iterator<Item = &Part> {
        [&self.own].into_iter().chain(self.others.iter().map(|part| &**part))
    }

    /// Everyone who is named; some more than once.
    pub(super) fn named(&self) -> impl Iterator<Item = &Principal> {
        self.parts().flat_map(|part| &part.named)
    }

    /// What the sites differ in; some more than once.
    pub(super) fn facts(&self) -> impl Iterator<Item = &Fact> {
        self.parts().flat_map(|part| &part.facts)
    }
}

/// Two sites and the tables of their spaces, made when they are first needed.
pub(super) struct Desk<'a> {
    pub(super) pair: &'a Pair<'a>,
    tables: [Vec<OnceLock<Table>>; 2],
    missing: Table,
    parts: RefCell<FxHashMap<u32, Rc<Part>>>,
    everywhere: OnceCell<Rc<Part>>,
}

impl<'a> Desk<'a> {
    pub(super) fn new(pair: &'a Pair<'a>) -> Self {
        let slots = |age: Age| pair.site(age).spaces.iter().map(|_| OnceLock::new()).collect();
        Self {
            pair,
            tables: BOTH.map(slots),
            missing: Table { unread: true, ..Table::default() },
            parts: RefCell::default(),
            everywhere: OnceCell::new(),
        }
    }

    pub(super) fn table(&self, age: Age, space: u32) -> &Table {
        let found = self.pair.matches.spaces.at(age, space);
        let [older, newer] = &self.tables;
        let tables = if age == Older { older } else { newer };
        let slot = found.and_then(|at| Some((at, tables.get(at as usize)?)));
        slot.map_or(&self.missing, |(at, slot)| slot.get_or_init(|| self.read(age, at)))
    }

    fn read(&self, age: Age, at: u32) -> Table {
        let site = self.pair.site(age);
        let Some(facts) = site.spaces.get(at as usize) else { return Table::default() };
        let mut table = Table { unread: facts.unread, archived: facts.archived, ..Table::default() };
        let vague = facts.vague.iter().map(|grant| (VAGUE, grant));
        let known =
            facts.grants.iter().enumerate().flat_map(|(row, grants)| grants.iter().map(move |grant| (row, grant)));
        for (row, grant) in known.chain(vague) {
            let principal = self.pair.principal(age, grant.principal);
            let role = site.roles.get(grant.role as usize);
            match role.and_then(|name| self.pair.roles.binary_search(&name.as_str()).ok()) {
                Some(role) => {
                    table.roles.entry((role, principal)).or_default().insert(row);
                }
                None => {
                    table.bare.insert((row, principal));
                }
            }
        }
        table.other = facts.any && table.bare.is_empty() && table.roles.is_empty();
        table.links = site.snapshot.spaces.get(facts.row as usize).and_then(|space| space.public_links_enabled);
        table
    }

    pub(super) fn content(&self, age: Age, one: u32) -> Option<(u32, &'a Node, &'a Content)> {
        let at = self.pair.matches.contents.at(age, one)?;
        let site = self.pair.site(age);
        Some((at, site.nodes.get(at as usize)?, site.content(at)?))
    }

    /// Where a content stands in one site.
    pub(super) fn link(&self, age: Age, one: u32) -> Option<Link> {
        let (_, node, content) = self.content(age, one)?;
        Some(match node.parent {
            ROOT => Link::Root,
            MISSING => {
                let other = if age == Older { Newer } else { Older };
                let id = content.parent_id.as_deref().filter(|_| self.pair.one_site && !content.parent_unknown);
                let found = id.and_then(|id| self.pair.site(other).find_content(id));
                found.map_or(Link::Missing, |at| Link::Below(self.pair.matches.contents.of(other, at)))
            }
            at => Link::Below(self.pair.matches.contents.of(age, at)),
        })
    }

    /// The content above, `None` at the root; nothing where it is not known.
    pub(super) fn above(&self, age: Age, one: u32) -> Option<Option<u32>> {
        match self.link(age, one)? {
            Link::Root => Some(None),
            Link::Below(above) => Some(Some(above)),
            Link::Missing => None,
        }
    }

    pub(super) fn space(&self, age: Age, one: u32) -> Option<u32> {
        let (_, node, _) = self.content(age, one)?;
        (node.space != NONE).then(|| self.pair.matches.spaces.of(age, node.space))
    }

    /// A list of a content, sorted.
    pub(super) fn listed(&self, age: Age, one: u32, operation: RestrictionOperation) -> Vec<Principal> {
        let site = self.pair.site(age);
        let Some(at) = self.pair.matches.contents.at(age, one) else { return Vec::new() };
        let list = if operation == RestrictionOperation::View { site.view_list(at) } else { site.edit_list(at) };
        let mut list: Vec<Principal> = list.iter().map(|entry| self.pair.principal(age, *entry)).collect();
        list.sort_unstable();
        list.dedup();
        list
    }

    /// The creator of a draft and those it is shared with, where either is known.
    pub(super) fn sharing(&self, age: Age, one: u32) -> (Option<Principal>, Option<Vec<Principal>>) {
        let Some((_, _, content)) = self.content(age, one) else { return (None, None) };
        let site = self.pair.site(age);
        let known = |subject: &Subject| {
            let principal = site.find_principal(subject).unwrap_or(Principal::Opaque(NONE));
            self.pair.principal(age, principal)
        };
        let author = content.author_id.as_deref().map(|id| known(&Subject::user(id)));
        (author, content.shared_with.as_ref().map(|list| list.iter().map(known).collect()))
    }

    pub(super) fn group_exists(&self, age: Age, group: u32) -> bool {
        let at = self.pair.matches.groups.at(age, group);
        at.and_then(|at| self.pair.site(age).groups.get(at as usize)).is_some_and(|group| group.exists)
    }

    pub(super) fn inner(&self, age: Age, group: u32) -> BTreeSet<u32> {
        let at = self.pair.matches.groups.at(age, group);
        let facts = at.and_then(|at| self.pair.site(age).groups.get(at as usize));
        let inner = facts.map_or(&[][..], |facts| &facts.inner);
        inner.iter().map(|at| self.pair.matches.groups.of(age, *at)).collect()
    }

    pub(super) fn members_unread(&self, age: Age, group: u32) -> bool {
        let at = self.pair.matches.groups.at(age, group);
        at.and_then(|at| self.pair.site(age).groups.get(at as usize)).is_some_and(|group| group.own_incomplete())
    }

    /// Whether it is the group that bypasses restrictions, and its own list was not read to the end.
    fn bypass_unread(&self, age: Age, group: u32) -> bool {
        let site = self.pair.site(age);
        let it = |at: u32| self.pair.matches.groups.of(age, at) == group;
        site.super_group_unread && site.super_group.is_some_and(it)
    }

    pub(super) fn is_member(&self, age: Age, group: u32, person: u32) -> bool {
        let at = self.pair.matches.groups.at(age, group);
        at.and_then(|at| self.pair.own_members(age, at)).is_some_and(|members| members.contains(person))
    }

    /// The account as one site knows it, and as it lists it.
    pub(super) fn account(&self, age: Age, person: u32) -> (Option<&'a Traits>, Option<&'a User>) {
        let at = self.pair.matches.people.at(age, person);
        let site = self.pair.site(age);
        (at.and_then(|at| site.people.get(at as usize)), at.and_then(|at| site.user(at)))
    }

    /// Contents on the chain of a content, in either site.
    fn chain(&self, content: u32) -> Vec<u32> {
        let mut chain = vec![content];
        let mut next = 0;
        while let Some(at) = chain.get(next).copied() {
            next += 1;
            for age in BOTH {
                if let Some(Link::Below(above)) = self.link(age, at)
                    && !chain.contains(&above)
                {
                    chain.push(above);
                }
            }
        }
        chain
    }

    /// Spaces a content is in, in either site.
    fn spaces(&self, content: u32) -> Vec<u32> {
        let mut spaces: Vec<u32> = BOTH.iter().filter_map(|age| self.space(*age, content)).collect();
        spaces.dedup();
        spaces
    }

    /// What a space brings to the answers about its contents.
    fn part_of_space(&self, space: u32) -> Rc<Part> {
        if let Some(known) = self.parts.borrow().get(&space) {
            return Rc::clone(known);
        }
        let mut part = Part::default();
        for age in BOTH {
            let table = self.table(age, space);
            part.named.extend(table.bare.iter().map(|(_, principal)| *principal));
            part.named.extend(table.roles.keys().map(|(_, principal)| *principal));
        }
        self.space_differences(space, &mut part.facts);
        self.complete(&mut part);
        let part = Rc::new(part);
        self.parts.borrow_mut().insert(space, Rc::clone(&part));
        part
    }

    /// What is the same for every content.
    fn part_of_site(&self) -> Rc<Part> {
        let part = self.everywhere.get_or_init(|| {
            let mut part = Part::default();
            let groups = &self.pair.matches.groups;
            let super_group = |age: Age| self.pair.site(age).super_group.map(|at| Principal::Group(groups.of(age, at)));
            part.named.extend(BOTH.into_iter().filter_map(super_group));
            let [older, newer] = BOTH.map(|age| &self.pair.site(age).policy);
            let switches = SwitchName::ALL.iter().copied();
            part.facts.extend(switches.filter(|name| older.value(*name) != newer.value(*name)).map(Fact::Switch));
            let [older, newer] = BOTH.map(|age| &self.pair.site(age).snapshot.site);
            let settings = Setting::ALL.iter().copied();
            part.facts.extend(settings.filter(|one| one.text(older) != one.text(newer)).map(Fact::Setting));
            self.complete(&mut part);
            Rc::new(part)
        });
        Rc::clone(part)
    }

    /// What a content and those above it bring to the answers about it.
    fn part_of_chain(&self, content: u32) -> Part {
        let mut part = Part::default();
        for one in self.chain(content) {
            for age in BOTH {
                LISTS.iter().for_each(|list| part.named.extend(self.listed(age, one, *list)));
                if self.content(age, one).is_some_and(|(_, node, _)| node.state == State::Draft) {
                    let (author, shared) = self.sharing(age, one);
                    part.named.extend(author.into_iter().chain(shared.into_iter().flatten()));
                }
            }
            self.content_differences(one, &mut part.facts);
        }
        if BOTH.iter().all(|age| self.content(*age, content).is_some()) {
            if self.space(Older, content) != self.space(Newer, content) {
                part.facts.push(Fact::Moved(content));
            }
            let [older, newer] = BOTH.map(|age| self.content(age, content).and_then(|(_, _, row)| row.public_link));
            if older != newer {
                part.facts.push(Fact::PublicLink(content));
            }
        }
        self.complete(&mut part);
        part
    }

    /// Adds the groups inside those that are named, and what the sites differ in about all of them.
    fn complete(&self, part: &mut Part) {
        let mut groups: Vec<u32> = part.named.iter().filter_map(group_of).collect();
        while let Some(group) = groups.pop() {
            for inner in BOTH.iter().flat_map(|age| self.inner(*age, group)) {
                if part.named.insert(Principal::Group(inner)) {
                    groups.push(inner);
                }
            }
        }
        for group in part.named.iter().filter_map(group_of) {
            let [older, newer] = BOTH.map(|age| self.group_exists(age, group));
            if older != newer {
                part.facts.push(Fact::Group(group));
                continue;
            }
            let unread = |age| (self.members_unread(age, group), self.bypass_unread(age, group));
            if unread(Older) != unread(Newer) {
                part.facts.push(Fact::MembersRead(group));
            }
            let [older, newer] = BOTH.map(|age| self.inner(age, group));
            part.facts.extend(older.symmetric_difference(&newer).map(|inner| Fact::Inner(group, *inner)));
        }
    }

    /// Everything that bears on the answers about a content, whoever asks.
    pub(super) fn around(&self, content: u32) -> Around {
        let spaces = self.spaces(content).into_iter().map(|space| self.part_of_space(space));
        Around { own: self.part_of_chain(content), others: spaces.chain([self.part_of_site()]).collect() }
    }

    fn content_differences(&self, one: u32, facts: &mut Vec<Fact>) {
        let (Some((_, older, before)), Some((_, newer, after))) = (self.content(Older, one), self.content(Newer, one))
        else {
            facts.push(Fact::Content(one));
            return;
        };
        if older.state != newer.state || before.kind != after.kind {
            facts.push(Fact::Status(one));
        }
        if self.link(Older, one) != self.link(Newer, one) {
            facts.push(Fact::Moved(one));
        }
        if older.unread != newer.unread || before.restrictions_verified != after.restrictions_verified {
            facts.push(Fact::RestrictionsRead(one));
        }
        let draft = [older, newer].iter().any(|node| node.state == State::Draft);
        if draft && self.sharing(Older, one) != self.sharing(Newer, one) {
            facts.push(Fact::Sharing(one));
        }
        for operation in LISTS {
            let [older, newer] = BOTH.map(|age| self.listed(age, one, operation));
            if older.is_empty() != newer.is_empty() {
                facts.push(Fact::List(one, operation));
                continue;
            }
            let only = |some: &[Principal], others: &[Principal]| -> Vec<Fact> {
                let only = some.iter().filter(|entry| !others.contains(entry));
                only.map(|entry| Fact::Entry(one, operation, *entry)).collect()
            };
            facts.extend(only(&older, &newer));
            facts.extend(only(&newer, &older));
        }
    }

    /// Whether the sites differ in a content itself: its place, its state or its lists.
    pub(super) fn differs(&self, age: Age, at: u32) -> bool {
        let contents = &self.pair.matches.contents;
        let one = contents.of(age, at);
        let (Some((_, older, before)), Some((_, newer, after))) = (self.content(Older, one), self.content(Newer, one))
        else {
            return true;
        };
        let same_parent = match (older.parent, newer.parent) {
            (ROOT, ROOT) => true,
            (ROOT | MISSING, _) | (_, ROOT | MISSING) => self.link(Older, one) == self.link(Newer, one),
            (parent, other) => contents.of(Older, parent) == other,
        };
        let same = same_parent
            && (older.kind, older.state, older.unread) == (newer.kind, newer.state, newer.unread)
            && before.kind == after.kind
            && before.restrictions_verified == after.restrictions_verified
            && self.space(Older, one) == self.space(Newer, one);
        if !same || older.lists == NONE && newer.lists == NONE {
            return !same;
        }
        LISTS.iter().any(|list| self.listed(Older, one, *list) != self.listed(Newer, one, *list))
    }

    fn space_differences(&self, space: u32, facts: &mut Vec<Fact>) {
        let [older, newer] = BOTH.map(|age| self.table(age, space));
        let bare = older.bare.symmetric_difference(&newer.bare);
        facts.extend(bare.map(|(row, principal)| Fact::Grant(space, *row, *principal)));
        let roles: BTreeSet<_> = older.roles.keys().chain(newer.roles.keys()).collect();
        let changed = roles.into_iter().filter(|key| older.roles.get(*key) != newer.roles.get(*key));
        facts.extend(changed.map(|(role, principal)| Fact::Role(space, *role, *principal)));
        if older.archived != newer.archived {
            facts.push(Fact::SpaceStatus(space));
        }
        if older.unread != newer.unread || older.other != newer.other {
            facts.push(Fact::PermissionsRead(space));
        }
        if older.links != newer.links {
            facts.push(Fact::SpaceLinks(space));
        }
    }

    /// What the sites differ in about one account.
    pub(super) fn account_differences(&self, person: u32, around: &Around) -> Vec<Fact> {
        let [(one, older), (other, newer)] = BOTH.map(|age| self.account(age, person));
        let mut facts = Vec::new();
        match (older, newer) {
            (Some(older), Some(newer)) => {
                facts.extend(
                    Trait::ALL.iter().copied().filter(|one| one.text(older) != one.text(newer)).map(Fact::Trait),
                );
                if doubted(one, older) != doubted(other, newer) {
                    facts.push(Fact::LookedUp);
                }
            }
            (None, None) if one.is_some() && other.is_some() => {
                if one.map(|traits| traits.gone) != other.map(|traits| traits.gone) {
                    facts.push(Fact::LookedUp);
                }
            }
            _ => facts.push(Fact::Listed),
        }
        for group in around.named().filter_map(group_of) {
            let same = self.group_exists(Older, group) == self.group_exists(Newer, group);
            if same && self.is_member(Older, group, person) != self.is_member(Newer, group, person) {
                facts.push(Fact::Member(group));
            }
        }
        facts
    }

    /// Whether a site has what a fact is about.
    pub(super) fn has(&self, age: Age, fact: Fact) -> bool {
        match fact {
            Fact::Content(one) => self.content(age, one).is_some(),
            Fact::List(one, operation) => !self.listed(age, one, operation).is_empty(),
            Fact::Entry(one, operation, entry) => self.listed(age, one, operation).contains(&entry),
            Fact::Inner(group, inner) => self.inner(age, group).contains(&inner),
            Fact::Group(group) => self.group_exists(age, group),
            Fact::Grant(space, row, principal) => self.table(age, space).bare.contains(&(row, principal)),
            Fact::Role(space, role, principal) => self.table(age, space).roles.contains_key(&(role, principal)),
            Fact::SpaceStatus(space) => self.table(age, space).archived,
            Fact::PermissionsRead(space) => !self.table(age, space).unread,
            Fact::MembersRead(group) => !self.members_unread(age, group),
            Fact::SpaceLinks(space) => self.table(age, space).links != Some(false),
            Fact::PublicLink(one) => self.content(age, one).is_some_and(|(_, _, row)| row.public_link == Some(true)),
            Fact::RestrictionsRead(one) => self.content(age, one).is_some_and(|(_, node, _)| node.unread == Unread::No),
            Fact::Listed
            | Fact::Trait(_)
            | Fact::Status(_)
            | Fact::Moved(_)
            | Fact::Sharing(_)
            | Fact::Member(_)
            | Fact::Setting(_)
            | Fact::Switch(_)
            | Fact::LookedUp => false,
        }
    }

    /// The same, about an account.
    pub(super) fn has_of(&self, age: Age, fact: Fact, asked: Asked) -> bool {
        let Asked::Account(person) = asked else { return self.has(age, fact) };
        match fact {
            Fact::Listed => self.account(age, person).1.is_some(),
            Fact::Member(group) => self.is_member(age, group, person),
            Fact::LookedUp => {
                let (traits, user) = self.account(age, person);
                user.is_some_and(|user| !doubted(traits, user)) || traits.is_some_and(|traits| traits.gone)
            }
            other => self.has(age, other),
        }
    }
}

pub(super) fn group_of(principal: &Principal) -> Option<u32> {
    match principal {
        Principal::Group(group) => Some(*group),
        _ => None,
    }
}

/// Whether a gap leaves unknown whether a listed account is active.
pub(super) fn doubted(traits: Option<&Traits>, user: &User) -> bool {
    user.active.is_none() && traits.is_some_and(|traits| traits.active == Decision::Unknown)
}

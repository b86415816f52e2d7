//! One question about two sites: the answer of the newer site where some of what the sites differ in is undone. It is the
//! answer of the rule book, on a site made of the few facts the question rests on.

use std::collections::BTreeSet;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::desk::{Asked, BOTH, Desk, LISTS, Link, doubted};
use super::fact::{Fact, Setting, Trait};
use super::pair::Age;
use crate::model::{
    Content, ContentType, Decision, Operation, Permission, RestrictionOperation, Site, Snapshot, Space, Subject,
    SubjectKind, User, Verdict,
};
use crate::resolve::members::close;
use crate::resolve::site::{
    Class, Grant, IndexedSite, Kind, Lists, MISSING, NONE, Node, Principal, ROOT, SpaceFacts, State, Traits,
};
use crate::resolve::who::{Actor, Who};

use Age::{Newer, Older};

/// One question.
pub(super) struct Question<'a> {
    pub(super) desk: &'a Desk<'a>,
    pub(super) asked: Asked,
    pub(super) operation: Operation,
    pub(super) content: u32,
}

/// Ids in the small site: of the account asked about, and of everyone else.
const ASKED: &str = "asked";
const OTHERS: &str = "others";

impl Question<'_> {
    /// The answer of the newer site with these facts as they were in the older one; `None` in the trash.
    pub(super) fn answer(&self, undone: &[Fact]) -> Option<Decision> {
        let mix = Mix { desk: self.desk, asked: self.asked, undone, groups: FxHashMap::default(), opaque: Vec::new() };
        let (site, actor) = mix.site(self.content);
        match site.rule(Some(&actor), self.operation, 0).verdict {
            Verdict::NotCurrent => None,
            verdict => Some(verdict.decision()),
        }
    }
}

/// The newer site with some facts of the older one, as a site of its own.
struct Mix<'a> {
    desk: &'a Desk<'a>,
    asked: Asked,
    undone: &'a [Fact],
    /// Numbers in the small site.
    groups: FxHashMap<u32, u32>,
    opaque: Vec<u32>,
}

impl<'a> Mix<'a> {
    fn age(&self, fact: Fact) -> Age {
        if self.undone.contains(&fact) { Older } else { Newer }
    }

    fn site(mut self, content: u32) -> (IndexedSite, Actor) {
        let [older, newer] = BOTH.map(|age| self.desk.pair.site(age));
        let mut facts = Site::new(newer.snapshot.site.deployment);
        for one in Setting::ALL.iter().copied() {
            let from = if self.age(Fact::Setting(one)) == Older { older } else { newer };
            one.copy(&from.snapshot.site, &mut facts);
        }
        let mut policy = newer.policy.clone();
        for fact in self.undone {
            if let Fact::Switch(name) = fact {
                // A value a policy has is one it takes.
                policy = policy.clone().with(name.as_str(), &older.policy.value(*name)).unwrap_or(policy);
            }
        }
        let mut snapshot = Snapshot::new(facts.deployment);
        snapshot.site = facts;
        let space = self.space_of(content);
        let table = space.map(|space| (space, self.desk.table(self.age(Fact::SpaceLinks(space)), space)));
        let links = table.and_then(|(_, table)| table.links);
        snapshot.spaces.push(Space { public_links_enabled: links, ..Space::default() });

        let mut small = Small { nodes: Vec::new(), lists: Vec::new(), space: None };
        small.space = space.map(|space| self.space(space));
        let mut seen: Vec<u32> = Vec::new();
        let mut at = content;
        let end = loop {
            if let Some(place) = seen.iter().position(|one| *one == at) {
                break u32::try_from(place).unwrap_or(MISSING);
            }
            let Some((mut node, lists, row, link)) = self.node(at, &policy.untrusted_empty_types) else {
                break MISSING;
            };
            if lists != Lists::default() {
                node.lists = u32::try_from(small.lists.len()).unwrap_or(NONE);
                small.lists.push(lists);
            }
            node.space = if space.is_some() { 0 } else { NONE };
            node.parent = u32::try_from(small.nodes.len() + 1).unwrap_or(MISSING);
            small.nodes.push(node);
            snapshot.contents.push(row);
            seen.push(at);
            match link {
                Link::Root => break ROOT,
                Link::Missing => break MISSING,
                Link::Below(above) => at = above,
            }
        };
        if let Some(last) = small.nodes.last_mut() {
            last.parent = end;
        }
        let mut site = IndexedSite::empty(Arc::new(snapshot), policy);
        site.nodes = small.nodes;
        site.lists = small.lists;
        site.spaces.extend(small.space);
        self.fill_groups(&mut site);
        site.opaque = self.opaque.iter().filter_map(|one| self.desk.pair.opaque(*one)).cloned().collect();
        site.mark_cycles();
        let actor = self.actor(&mut site);
        (site, actor)
    }

    fn space_of(&self, content: u32) -> Option<u32> {
        let age = self.age(Fact::Moved(content));
        self.desk.space(age, content).or_else(|| BOTH.iter().find_map(|age| self.desk.space(*age, content)))
    }

    /// A principal in the numbers of the small site.
    fn principal(&mut self, principal: Principal) -> Principal {
        let mut opaque = |one: u32| match self.opaque.iter().position(|other| *other == one) {
            Some(at) => u32::try_from(at).unwrap_or(NONE),
            None => {
                self.opaque.push(one);
                u32::try_from(self.opaque.len() - 1).unwrap_or(NONE)
            }
        };
        match principal {
            Principal::User(one) => Principal::User(u32::from(self.asked != Asked::Account(one))),
            Principal::Group(one) => {
                let next = u32::try_from(self.groups.len()).unwrap_or(NONE);
                Principal::Group(*self.groups.entry(one).or_insert(next))
            }
            Principal::Class(Class::Other(one)) => Principal::Class(Class::Other(opaque(one))),
            Principal::Opaque(one) => Principal::Opaque(opaque(one)),
            other => other,
        }
    }

    fn space(&mut self, space: u32) -> SpaceFacts {
        let desk = self.desk;
        let [older, newer] = BOTH.map(|age| desk.table(age, space));
        let chosen = |age: Age| if age == Older { older } else { newer };
        let read = chosen(self.age(Fact::PermissionsRead(space)));
        let archived = chosen(self.age(Fact::SpaceStatus(space))).archived;
        let mut grants = vec![Vec::new(); Permission::ALL.len()];
        let mut vague = Vec::new();
        let mut add = |row: usize, grant: Grant| match grants.get_mut(row) {
            Some(grants) => grants.push(grant),
            None => vague.push(grant),
        };
        let mut any = read.other;
        for (row, principal) in older.bare.union(&newer.bare) {
            if chosen(self.age(Fact::Grant(space, *row, *principal))).bare.contains(&(*row, *principal)) {
                add(*row, Grant { principal: self.principal(*principal), role: NONE });
                any = true;
            }
        }
        let roles: BTreeSet<_> = older.roles.keys().chain(newer.roles.keys()).collect();
        for key in roles {
            let rows = chosen(self.age(Fact::Role(space, key.0, key.1))).roles.get(key);
            for row in rows.into_iter().flatten() {
                add(*row, Grant { principal: self.principal(key.1), role: 0 });
                any = true;
            }
        }
        SpaceFacts { key: "".into(), row: 0, archived, unread: read.unread, any, grants, vague }
    }

    /// A content with its lists, as far as it is there.
    fn node(&mut self, one: u32, untrusted: &[ContentType]) -> Option<(Node, Lists, Content, Link)> {
        let desk = self.desk;
        let sides = BOTH.map(|age| desk.content(age, one));
        let only = match sides {
            [Some(_), Some(_)] => None,
            [None, Some(_)] if self.age(Fact::Content(one)) == Newer => Some(Newer),
            [Some(_), None] if self.age(Fact::Content(one)) == Older => Some(Older),
            _ => return None,
        };
        let age = |fact: Fact| only.unwrap_or_else(|| self.age(fact));
        let side = |fact: Fact| desk.content(age(fact), one);
        let (_, node, row) = side(Fact::Status(one))?;
        let (kind, state, content_type) = (node.kind, node.state, row.kind.clone());
        let (_, node, row) = side(Fact::RestrictionsRead(one))?;
        let unread = node.unread;
        let untrusted = !row.restrictions_verified && untrusted.contains(&content_type);
        let link = if kind == Kind::Blogpost { Link::Root } else { desk.link(age(Fact::Moved(one)), one)? };
        let public_link = side(Fact::PublicLink(one))?.2.public_link;
        let (author, shared) = desk.sharing(age(Fact::Sharing(one)), one);
        let [view, edit] = LISTS.map(|operation| match only {
            Some(age) => desk.listed(age, one, operation),
            None => self.list(one, operation),
        });
        let mut small =
            |list: Vec<Principal>| -> Vec<Principal> { list.into_iter().map(|entry| self.principal(entry)).collect() };
        let lists = Lists { view: small(view), edit: small(edit) };
        let mut content = Content::new(String::new(), content_type, String::new());
        content.public_link = public_link;
        if state == State::Draft {
            content.author_id = author.map(|one| match self.principal(one) {
                Principal::User(0) => ASKED.to_owned(),
                _ => OTHERS.to_owned(),
            });
            content.shared_with = shared.map(|list| list.into_iter().map(|one| self.subject(one)).collect());
        }
        let node = Node { parent: MISSING, space: 0, lists: NONE, kind, state, unread, untrusted, cyclic: false };
        Some((node, lists, content, link))
    }

    fn subject(&mut self, principal: Principal) -> Subject {
        match self.principal(principal) {
            Principal::User(0) => Subject::user(ASKED),
            Principal::User(_) => Subject::user(OTHERS),
            Principal::Group(at) => Subject::group(at.to_string()),
            Principal::Anonymous => Subject::anonymous(),
            _ => Subject::new(SubjectKind::Unknown, ""),
        }
    }

    fn list(&self, one: u32, operation: RestrictionOperation) -> Vec<Principal> {
        let [older, newer] = BOTH.map(|age| self.desk.listed(age, one, operation));
        if older.is_empty() != newer.is_empty() {
            return if self.age(Fact::List(one, operation)) == Older { older } else { newer };
        }
        let mut mixed: Vec<Principal> = older.iter().chain(&newer).copied().collect();
        mixed.sort_unstable();
        mixed.dedup();
        mixed.retain(|entry| {
            let from = if self.age(Fact::Entry(one, operation, *entry)) == Older { &older } else { &newer };
            from.contains(entry)
        });
        // An entry that replaced another cannot be taken away alone: the list would open to everyone.
        if mixed.is_empty() { newer } else { mixed }
    }

    /// Adds the groups that are named, and those inside them.
    fn fill_groups(&mut self, site: &mut IndexedSite) {
        let desk = self.desk;
        if !site.conditions.cloud {
            let named = BOTH.iter().find_map(|age| {
                let at = desk.pair.site(*age).super_group?;
                Some(desk.pair.matches.groups.of(*age, at))
            });
            let read = named.map_or(Newer, |one| {
                let [was, is] = BOTH.map(|age| desk.group_exists(age, one));
                self.age(if was == is { Fact::MembersRead(one) } else { Fact::Group(one) })
            });
            site.super_group_unread = desk.pair.site(read).super_group_unread;
            site.super_group = named.map(|one| match self.principal(Principal::Group(one)) {
                Principal::Group(at) => at,
                _ => NONE,
            });
        }
        let mut done = 0;
        loop {
            let mut open: Vec<(u32, u32)> =
                self.groups.iter().map(|(one, at)| (*at, *one)).filter(|(at, _)| *at >= done).collect();
            if open.is_empty() {
                break;
            }
            open.sort_unstable();
            for (at, one) in open {
                done = at + 1;
                let place = site.group(&at.to_string());
                let [was, is] = BOTH.map(|age| desk.group_exists(age, one));
                let whole = (was != is).then(|| self.age(Fact::Group(one)));
                let age = |fact: Fact| whole.unwrap_or_else(|| self.age(fact));
                let exists = whole.map_or(is, |age| if age == Older { was } else { is });
                let incomplete = desk.members_unread(age(Fact::MembersRead(one)), one);
                let member = match self.asked {
                    Asked::Account(person) => desk.is_member(age(Fact::Member(one)), one, person),
                    Asked::Anonymous | Asked::Link => false,
                };
                let inner = desk.inner(Older, one).into_iter().chain(desk.inner(Newer, one)).collect::<BTreeSet<_>>();
                let inner: Vec<u32> = inner
                    .into_iter()
                    .filter(|other| desk.inner(age(Fact::Inner(one, *other)), one).contains(other))
                    .collect();
                let inner = inner.into_iter().filter_map(|other| match self.principal(Principal::Group(other)) {
                    Principal::Group(at) => Some(at),
                    _ => None,
                });
                let inner = inner.collect();
                if let Some(facts) = site.groups.get_mut(place as usize) {
                    facts.exists = exists;
                    facts.incomplete = incomplete;
                    facts.members.extend(member.then_some(0));
                    facts.inner = inner;
                }
            }
        }
        close(&mut site.groups, site.policy.nested_groups);
    }

    /// Who is asked about, in the small site.
    fn actor(&self, site: &mut IndexedSite) -> Actor {
        let person = match self.asked {
            Asked::Account(person) => person,
            Asked::Anonymous => return site.anonymous(),
            Asked::Link => return Actor { who: Who::PublicLink, traits: Traits::STRANGER },
        };
        let at = site.enrol(ASKED, None);
        site.enrol(OTHERS, None);
        let sides = BOTH.map(|age| self.desk.account(age, person));
        let [(was, older), (is, newer)] = sides;
        let traits = match (older, newer) {
            (Some(older), Some(newer)) => {
                let mut user = User::new("");
                for one in Trait::ALL.iter().copied() {
                    one.copy(if self.age(Fact::Trait(one)) == Older { older } else { newer }, &mut user);
                }
                let looked_up =
                    if self.age(Fact::LookedUp) == Older { doubted(was, older) } else { doubted(is, newer) };
                Some(traits(&user, site, looked_up))
            }
            _ => {
                let unknown = older.is_none() && newer.is_none() && was.is_some() && is.is_some();
                let age = self.age(if unknown { Fact::LookedUp } else { Fact::Listed });
                let (known, user) = if age == Older { (was, older) } else { (is, newer) };
                match user {
                    Some(user) => Some(traits(user, site, doubted(known, user))),
                    None => known.copied(),
                }
            }
        };
        let named = self.is_named(site);
        let traits = traits.or_else(|| named.then_some(Traits { gone: true, ..Traits::STRANGER }));
        match traits {
            Some(traits) => {
                if let Some(place) = site.people.get_mut(at as usize) {
                    *place = traits;
                }
                Actor { who: Who::Person(at), traits }
            }
            None => Actor { who: Who::UnknownUser, traits: Traits::STRANGER },
        }
    }

    /// Whether anything in the small site names the account.
    fn is_named(&self, site: &IndexedSite) -> bool {
        let asked = Principal::User(0);
        site.lists.iter().any(|lists| lists.view.contains(&asked) || lists.edit.contains(&asked))
            || site.spaces.iter().any(|space| space.all_grants().any(|grant| grant.principal == asked))
            || site.groups.iter().any(|group| group.own_members().contains(0))
            || site.snapshot.contents.iter().any(|content| {
                content.author_id.as_deref() == Some(ASKED)
                    || content.shared_with.iter().flatten().any(|subject| subject.id == ASKED)
            })
    }
}

struct Small {
    nodes: Vec<Node>,
    lists: Vec<Lists>,
    space: Option<SpaceFacts>,
}

/// What rules read of an account.
fn traits(user: &User, site: &IndexedSite, doubted: bool) -> Traits {
    let mut traits = Traits::of(user, &site.snapshot.site, &site.policy);
    if doubted && user.active.is_none() {
        traits.active = Decision::Unknown;
    }
    traits
}

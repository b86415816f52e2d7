//! Who may, one row each, and by which way.

use std::sync::Arc;

use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;

use super::answers::{Grantee, UnknownContent};
use super::codes::Reasons;
use super::engine::Engine;
use super::needs::Need;
use super::rules::Ruling;
use super::site::{NONE, Names, Principal, State, Traits};
use super::tri::Tri;
use super::who::{Actor, Who};
use crate::model::{Decision, Gap, GapCause, GapScope, Listing, Operation, Verdict};

impl Engine {
    pub(super) fn grantees(&self, operation: Operation, content_id: &str) -> Result<Listing<Grantee>, UnknownContent> {
        let site = &self.site;
        let content = site.find_content(content_id).ok_or_else(|| UnknownContent(content_id.to_owned()))?;
        let mut gaps = self.gaps_touching(content, None);
        let Some(set) = self.standing_set(operation, content) else {
            gaps.push(in_the_trash(content_id));
            return Ok(Listing { rows: Vec::new(), gaps });
        };
        let bit = site.anonymous_bit();
        let bypass = self.bypass_rulings(operation, content, &set);
        let mut unknown = set.unknown();
        for (at, ruling) in &bypass {
            if ruling.verdict == Verdict::Unknown {
                unknown.insert(*at);
            } else {
                unknown.remove(*at);
            }
        }
        let ways = self.ways(operation, content, &set.yes);
        let most = set.yes.len() + unknown.len() + 2 + bypass.len() as u64;
        let mut rows = Vec::with_capacity(usize::try_from(most).unwrap_or_default());
        for at in set.yes.iter().filter(|at| *at != bit) {
            rows.push(self.grantee(at, Decision::Allowed, ways.of(at), true));
        }
        unknown.remove(bit);
        let mut doubts: FxHashMap<Reasons, Arc<str>> = FxHashMap::default();
        self.rule_alike(&unknown, operation, content, |at, ruling| {
            let via = doubts.entry(ruling.reasons).or_insert_with(|| doubt_in(ruling.reasons)).clone();
            rows.push(self.grantee(at, Decision::Unknown, via, true));
        });
        match set.decision(bit) {
            Decision::Denied => {}
            Decision::Allowed => rows.push(nobody_named("anonymous", Decision::Allowed, "anonymous".into(), true)),
            Decision::Unknown => {
                let reasons = site.rule(Some(&site.anonymous()), operation, content).reasons;
                rows.push(nobody_named("anonymous", Decision::Unknown, doubt_in(reasons), true));
            }
        }
        for (at, ruling) in &bypass {
            if let Some(name) = ruling.bypass {
                rows.push(self.grantee(*at, Decision::Allowed, name.replace('_', " ").into(), false));
            }
        }
        let link_holder = Actor { who: Who::PublicLink, traits: Traits::STRANGER };
        if site.rule(Some(&link_holder), operation, content).exposure.is_some() {
            rows.push(nobody_named("anyone_with_link", Decision::Allowed, "public link".into(), false));
        }
        Ok(Listing { rows, gaps })
    }

    /// Accounts that have a bypass, whether it works or not.
    pub(super) fn bypass_candidates(&self) -> RoaringBitmap {
        let site = &self.site;
        if site.conditions.cloud {
            (0u32..).zip(&site.people).filter(|(_, traits)| traits.admin_key).map(|(at, _)| at).collect()
        } else if site.super_group_unread {
            (0u32..).zip(&site.people).map(|(at, _)| at).collect()
        } else {
            let group = site.super_group.and_then(|at| site.groups.get(at as usize));
            group.map(|group| group.members.clone()).unwrap_or_default()
        }
    }

    /// Accounts outside the standing audience whom a bypass lets in, or may.
    fn bypass_rulings(&self, operation: Operation, content: u32, set: &Tri) -> Vec<(u32, Ruling)> {
        let outside = self.bypass_candidates() - &set.yes;
        let mut passed = Vec::new();
        self.rule_alike(&outside, operation, content, |at, ruling| {
            if ruling.bypass.is_some() || ruling.verdict == Verdict::Unknown {
                passed.push((at, *ruling));
            }
        });
        passed
    }

    /// Rules on many people. Those who are in the same groups and have the same traits get the same ruling: it is made
    /// once for all of them.
    fn rule_alike(
        &self,
        people: &RoaringBitmap,
        operation: Operation,
        content: u32,
        mut each: impl FnMut(u32, &Ruling),
    ) {
        if people.is_empty() {
            return;
        }
        let site = &self.site;
        let state = site.node(site.host(content)).map(|node| node.state);
        // Where it matters who created a content, people differ by more than groups and traits.
        let plain = matches!(operation, Operation::View | Operation::Edit) && state != Some(State::Draft);
        let mut groups: Vec<u32> = site.super_group.into_iter().collect();
        let mut named = RoaringBitmap::new();
        let mut look = |principal: &Principal| match principal {
            Principal::User(at) => {
                named.insert(*at);
            }
            Principal::Group(at) => groups.push(*at),
            _ => {}
        };
        for layer in site.layers(content) {
            site.view_list(layer.node).iter().chain(site.edit_list(layer.node)).for_each(&mut look);
        }
        let grants = site.space_of(content).into_iter().flat_map(|space| space.all_grants());
        grants.for_each(|grant| look(&grant.principal));
        groups.sort_unstable();
        groups.dedup();
        // Everybody begins in one class; each group parts its members from the others.
        let mut class_of = vec![0u32; site.people.len()];
        let mut parted: FxHashMap<(u32, u32), u32> = FxHashMap::default();
        let mut classes = 1u32;
        let sets = groups.iter().filter_map(|at| site.groups.get(*at as usize));
        for (set, number) in sets.flat_map(|group| [&group.members, &group.perhaps]).zip(0u32..) {
            let inside = set & people;
            if inside.is_empty() || inside.len() == people.len() {
                continue;
            }
            for person in inside {
                let Some(class) = class_of.get_mut(person as usize) else { continue };
                *class = *parted.entry((*class, number)).or_insert_with(|| {
                    classes += 1;
                    classes
                });
            }
        }
        let mut known: FxHashMap<(u32, Traits), Ruling> = FxHashMap::default();
        for at in people {
            let actor = site.person(at);
            let rule = || site.rule(Some(&actor), operation, content);
            match class_of.get(at as usize) {
                Some(&class) if plain && !named.contains(at) => {
                    each(at, known.entry((class, actor.traits)).or_insert_with(rule));
                }
                _ => each(at, &rule()),
            }
        }
    }

    fn grantee(&self, at: u32, decision: Decision, via: Arc<str>, standing: bool) -> Grantee {
        match self.site.names.get(at as usize) {
            Some(Names { id, name, display_name }) => Grantee {
                user_id: id.clone(),
                name: name.clone(),
                display_name: display_name.clone(),
                decision,
                via,
                standing,
            },
            None => nobody_named("", decision, via, standing),
        }
    }

    /// How each of `people` got in: through the restricted list nearest to the content, else through the space.
    fn ways(&self, operation: Operation, content: u32, people: &RoaringBitmap) -> Ways {
        let site = &self.site;
        let bare = |list: &[Principal]| list.iter().map(|principal| (*principal, NONE)).collect::<Vec<_>>();
        let mut lists = Vec::new();
        if operation == Operation::Edit {
            lists.push(bare(site.edit_list(content)));
        }
        lists.extend(site.layers(content).map(|layer| bare(site.view_list(layer.node))));
        let space = site.space_of(content);
        let need = site.node(content).and_then(|node| Need::of(node.kind, operation)).unwrap_or(Need::View);
        let others = match operation {
            Operation::Delete => Some(Need::DeleteOwn),
            Operation::RemoveRestrictions => Some(Need::Administer),
            _ => None,
        };
        for need in [Some(need), others].into_iter().flatten() {
            lists.push(space.map(|space| site.grants(space, need)).unwrap_or_default());
        }
        self.ways_through(lists, space.is_some_and(|space| space.any), people)
    }

    /// How each of `people` got in: through the first list they are on. `granted`: whether the space has any permissions.
    pub(super) fn ways_through(
        &self,
        lists: impl IntoIterator<Item = Vec<(Principal, u32)>>,
        granted: bool,
        people: &RoaringBitmap,
    ) -> Ways {
        let site = &self.site;
        let mut ways = Ways { labels: Vec::new(), by_person: vec![NONE; site.people.len()] };
        let mut left = people.clone();
        for list in lists {
            if left.is_empty() {
                break;
            }
            // A direct entry is the plainest reason there is.
            let (direct, other): (Vec<_>, Vec<_>) =
                list.into_iter().partition(|(principal, _)| matches!(principal, Principal::User(_)));
            for (principal, role) in direct.into_iter().chain(other) {
                let mut through = self.population().set_of(site, [principal]).yes;
                through &= &left;
                if !through.is_empty() {
                    ways.add(site.label(principal, role), &through);
                    left -= &through;
                }
            }
        }
        let rest = if granted { "system administrator" } else { "every licensed user (free plan)" };
        ways.add(rest.to_owned(), &left);
        ways
    }
}

/// The first doubt among the reasons.
pub(super) fn doubt_in(reasons: Reasons) -> Arc<str> {
    let codes = reasons.codes();
    codes.iter().find(|code| code.starts_with("unknown.")).map_or("", |code| *code).into()
}

fn nobody_named(id: &str, decision: Decision, via: Arc<str>, standing: bool) -> Grantee {
    Grantee { user_id: id.into(), name: None, display_name: None, decision, via, standing }
}

fn in_the_trash(content_id: &str) -> Gap {
    Gap::new(
        (GapScope::Content, content_id),
        GapCause::NotCurrent,
        format!("content `{content_id}` is in the trash: its access is not resolved"),
    )
}

/// How each person got in: one label for many.
pub(super) struct Ways {
    labels: Vec<Arc<str>>,
    by_person: Vec<u32>,
}

impl Ways {
    fn add(&mut self, label: String, people: &RoaringBitmap) {
        let id = u32::try_from(self.labels.len()).unwrap_or(NONE);
        self.labels.push(label.into());
        for person in people {
            if let Some(slot) = self.by_person.get_mut(person as usize) {
                *slot = id;
            }
        }
    }

    pub(super) fn of(&self, person: u32) -> Arc<str> {
        let label = self.by_person.get(person as usize).and_then(|id| self.labels.get(*id as usize));
        label.cloned().unwrap_or_default()
    }
}

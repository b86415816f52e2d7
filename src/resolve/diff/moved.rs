//! Whose answers differ, content by content. Contents that everything an answer rests on is equal for are one class, and a
//! class is looked at once.

use std::rc::Rc;

use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;

use super::desk::Desk;
use super::pair::{Age, Pair};
use crate::model::{Decision, Operation, Verdict};
use crate::resolve::audiences::NO_SET;
use crate::resolve::engine::Engine;
use crate::resolve::rules::Ruling;
use crate::resolve::site::{Kind, MISSING, NONE, ROOT, State, Unread};
use crate::resolve::tri::Tri;
use crate::resolve::who::{Actor, Who};

use Age::{Newer, Older};
use Decision::{Allowed, Denied, Unknown};

/// People whose answer was one thing and is another. `None`: there is nothing to decide, in the trash or where the content is
/// not listed.
#[derive(Debug, Clone)]
pub(super) struct Moved {
    pub(super) people: RoaringBitmap,
    pub(super) before: Option<Decision>,
    pub(super) after: Option<Decision>,
}

/// What answers about a content rest on, as far as it is its own; with the mark of what is above.
type Mark = (u32, u32, u32, Kind, State, Unread, bool, u32);

/// A mark for each content: contents of equal marks have equal answers, and the same reasons for them. What the sites
/// differ in has a mark of its own, which all below it inherit.
fn marks(desk: &Desk<'_>, age: Age) -> Vec<u32> {
    let site = desk.pair.site(age);
    let mut known: FxHashMap<Mark, u32> = FxHashMap::default();
    let mut marks = vec![NONE; site.nodes.len()];
    let mut stack = Vec::new();
    for start in 0..site.nodes.len() {
        stack.push(start);
        while let Some(&at) = stack.last() {
            let Some(node) = site.nodes.get(at).filter(|_| marks.get(at) == Some(&NONE)) else {
                stack.pop();
                continue;
            };
            let above = match node.parent {
                ROOT => ROOT,
                MISSING => MISSING,
                // A circle has no top to begin at: each of its contents is a class of its own.
                _ if node.cyclic => MISSING,
                parent => match marks.get(parent as usize) {
                    Some(&NONE) => {
                        stack.push(parent as usize);
                        continue;
                    }
                    mark => mark.copied().unwrap_or(MISSING),
                },
            };
            let number = u32::try_from(at).unwrap_or(NONE);
            // Access to a draft depends on its creator and on those it is shared with.
            let alone = node.state == State::Draft || node.cyclic || desk.differs(age, number);
            let own = if alone { number } else { NONE };
            let mark = (above, node.space, node.lists, node.kind, node.state, node.unread, node.untrusted, own);
            let next = u32::try_from(known.len()).unwrap_or(NONE);
            if let Some(slot) = marks.get_mut(at) {
                *slot = *known.entry(mark).or_insert(next);
            }
            stack.pop();
        }
    }
    marks
}

/// A content in both sites, where it is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) older: Option<u32>,
    pub(super) newer: Option<u32>,
}

impl Place {
    fn at(self, age: Age) -> Option<u32> {
        if age == Older { self.older } else { self.newer }
    }
}

/// What a class is told by: the marks of its contents in both sites, and the operation.
pub(super) type ClassKey = (u32, u32, Operation);

/// Finds whose answers differ.
pub(super) struct Mover<'a> {
    pair: &'a Pair<'a>,
    marks: [Vec<u32>; 2],
    /// People both sites know, whose answers are those of the sets alone.
    plain: RoaringBitmap,
    /// The others.
    special: RoaringBitmap,
    strangers: RoaringBitmap,
    /// People with a bypass, by site.
    bypass: [Vec<u32>; 2],
    by_sets: FxHashMap<(u32, u32), Rc<Vec<Moved>>>,
}

impl<'a> Mover<'a> {
    pub(super) fn new(desk: &Desk<'a>) -> Self {
        let pair = desk.pair;
        let marked = [Older, Newer].map(|age| marks(desk, age));
        let bypass = [Older, Newer].map(|age| {
            let site = pair.site(age);
            let passes = |at: &u32| site.bypass(&site.person(*at), Operation::View).is_some();
            (0..site.anonymous_bit()).filter(passes).collect::<Vec<u32>>()
        });
        // Of two sites, only accounts that both have are compared.
        let others = pair.strangers();
        let strangers = if pair.one_site { others.clone() } else { RoaringBitmap::new() };
        let mut special = strangers.clone();
        for (age, people) in [Older, Newer].into_iter().zip(&bypass) {
            special.extend(people.iter().map(|at| pair.person(age, *at)));
        }
        if !pair.one_site {
            special -= &others;
        }
        let plain = pair.everyone() - &special - &others;
        Self { pair, marks: marked, plain, special, strangers, bypass, by_sets: FxHashMap::default() }
    }

    pub(super) fn key(&self, place: Place, operation: Operation) -> ClassKey {
        let [older, newer] = &self.marks;
        let mark = |marks: &[u32], at: Option<u32>| at.and_then(|at| marks.get(at as usize)).copied().unwrap_or(NONE);
        (mark(older, place.older), mark(newer, place.newer), operation)
    }

    /// Whose answers differ for a content.
    pub(super) fn moved(&mut self, place: Place, operation: Operation) -> Rc<Vec<Moved>> {
        let id = |age: Age, engine: &Engine| {
            place.at(age).and_then(|at| engine.audiences().ids(operation).get(at as usize)).copied().unwrap_or(NO_SET)
        };
        let ids = [Older, Newer].map(|age| id(age, self.pair.engine(age)));
        let [older, newer] = ids;
        let plain = match self.by_sets.get(&(older, newer)) {
            Some(known) => Rc::clone(known),
            None => {
                let [before, after] = [(Older, older), (Newer, newer)].map(|(age, id)| self.pair.set(age, id));
                let moved = Rc::new(transitions(before, after, &self.plain));
                self.by_sets.insert((older, newer), Rc::clone(&moved));
                moved
            }
        };
        if self.special.is_empty() {
            return plain;
        }
        let [before, after] =
            [(Older, older), (Newer, newer)].map(|(age, id)| self.special_set(age, place, id, operation));
        let mut all = transitions(before.as_ref(), after.as_ref(), &self.special);
        if all.is_empty() {
            return plain;
        }
        for moved in plain.iter() {
            match all.iter_mut().find(|other| (other.before, other.after) == (moved.before, moved.after)) {
                Some(other) => other.people |= &moved.people,
                None => all.push(moved.clone()),
            }
        }
        all.sort_by_key(|moved| (moved.before, moved.after));
        Rc::new(all)
    }

    /// Of the people whose answers are not those of the sets alone, who may.
    fn special_set(&self, age: Age, place: Place, id: u32, operation: Operation) -> Option<Tri> {
        let at = place.at(age)?;
        let set = self.pair.set(age, id)?.clone().among(&self.special);
        let site = self.pair.site(age);
        let (mut yes, mut maybe) = (set.yes.clone(), set.maybe().clone());
        let mut add = |person: u32, decision: Decision| {
            if decision == Allowed {
                yes.insert(person);
            }
            if decision != Denied {
                maybe.insert(person);
            }
        };
        let decision = |ruling: Ruling| ruling.verdict.decision();
        let people = if age == Older { self.bypass.first() } else { self.bypass.last() };
        for person in people.into_iter().flatten() {
            add(self.pair.person(age, *person), decision(site.rule(Some(&site.person(*person)), operation, at)));
        }
        let unknown: Vec<u32> =
            self.strangers.iter().filter(|one| self.pair.matches.people.at(age, *one).is_none()).collect();
        if !unknown.is_empty() {
            let stranger = decision(site.rule(Some(&STRANGER), operation, at));
            unknown.into_iter().for_each(|one| add(one, stranger));
        }
        Some(Tri::new(yes, maybe))
    }

    /// Whether a public link lets anyone in who has it, before and after.
    pub(super) fn link(&self, place: Place) -> Option<(Option<Decision>, Option<Decision>)> {
        let decision = |age: Age| {
            let site = self.pair.site(age);
            let ruling = site.rule(Some(&LINK), Operation::View, place.at(age)?);
            (ruling.verdict != Verdict::NotCurrent).then(|| ruling.verdict.decision())
        };
        let on = |age: Age| place.at(age).map_or(Denied, |at| self.pair.site(age).public_link(at));
        if on(Older) != Allowed && on(Newer) != Allowed || on(Older) == on(Newer) {
            return None;
        }
        let (before, after) = (decision(Older), decision(Newer));
        let nothing = |one: Option<Decision>| one.is_none_or(|decision| decision == Denied);
        (before != after && !(nothing(before) && nothing(after))).then_some((before, after))
    }
}

const STRANGER: Actor = Actor { who: Who::UnknownUser, traits: crate::resolve::site::Traits::STRANGER };
const LINK: Actor = Actor { who: Who::PublicLink, traits: crate::resolve::site::Traits::STRANGER };

/// Among these people, those whose answer differs between two sets. Where there is no answer on one side, those who have more
/// than a no on the other.
fn transitions(before: Option<&Tri>, after: Option<&Tri>, among: &RoaringBitmap) -> Vec<Moved> {
    let mut all = Vec::new();
    let mut add = |people: RoaringBitmap, before, after| {
        let people = people & among;
        if !people.is_empty() {
            all.push(Moved { people, before, after });
        }
    };
    match (before, after) {
        (None, None) => {}
        (Some(before), Some(after)) => {
            if std::ptr::eq(before, after) || before == after {
                return all;
            }
            let (was, is) = (before.unknown(), after.unknown());
            add(&before.yes & &is, Some(Allowed), Some(Unknown));
            add(&before.yes - after.maybe(), Some(Allowed), Some(Denied));
            add(&was & &after.yes, Some(Unknown), Some(Allowed));
            add(&was - after.maybe(), Some(Unknown), Some(Denied));
            add(&after.yes - before.maybe(), Some(Denied), Some(Allowed));
            add(&is - before.maybe(), Some(Denied), Some(Unknown));
        }
        (Some(before), None) => {
            add(before.yes.clone(), Some(Allowed), None);
            add(before.unknown(), Some(Unknown), None);
        }
        (None, Some(after)) => {
            add(after.yes.clone(), None, Some(Allowed));
            add(after.unknown(), None, Some(Unknown));
        }
    }
    all
}

//! Why an answer changed: the differences which, undone on the newer site, bring the old answer back.

use std::collections::BTreeSet;

use roaring::RoaringBitmap;

use super::desk::{Around, Asked, Desk, group_of};
use super::fact::Fact;
use super::moved::Moved;
use super::pair::Age;
use super::question::Question;
use crate::model::{Decision, Operation};
use crate::resolve::site::Principal;

/// People whose answers changed alike and by the same.
#[derive(Debug, Clone)]
pub(super) struct Caused {
    pub(super) people: RoaringBitmap,
    pub(super) before: Option<Decision>,
    pub(super) after: Option<Decision>,
    /// The differences that made it; more than one where no single one does. Empty: not found.
    pub(super) facts: Vec<Fact>,
}

/// The fewest differences that bring back what the answer was: one that does alone, else as many as are needed together.
pub(super) fn cause(question: &Question<'_>, around: &Around, before: Option<Decision>) -> Vec<Fact> {
    let mut facts: Vec<Fact> = around.facts().copied().collect();
    if let Asked::Account(person) = question.asked {
        facts.extend(question.desk.account_differences(person, around));
    }
    facts.sort_unstable();
    facts.dedup();
    // The only difference there is: nothing else can have changed the answer.
    if facts.len() == 1 {
        return facts;
    }
    if let Some(alone) = facts.iter().find(|fact| question.answer(&[**fact]) == before) {
        return vec![*alone];
    }
    if question.answer(&facts) != before {
        return Vec::new();
    }
    // From the last in their order on, whatever is not needed is left out.
    let mut needed = facts;
    let mut at = needed.len();
    while at > 0 {
        at -= 1;
        let fact = needed.remove(at);
        if question.answer(&needed) != before {
            needed.insert(at, fact);
        }
    }
    needed
}

/// Finds the causes of what changed for a content.
pub(super) fn causes(
    desk: &Desk<'_>,
    content: u32,
    operation: Operation,
    moved: &[Moved],
    accounts: &[RoaringBitmap],
    around: &Around,
) -> Vec<Caused> {
    let several = moved.iter().any(|moved| moved.people.len() > 1);
    let splitters = if several { splitters(desk, around) } else { Vec::new() };
    let mut all = Vec::new();
    for Moved { people, before, after } in moved {
        let mut parts = vec![people.clone()];
        let singles: RoaringBitmap = around.named().filter_map(user_of).collect();
        let single = people & &singles;
        parts = split(parts, accounts.iter().chain(splitters.iter().copied()));
        for part in parts {
            // People who are named somewhere are looked at one by one; the others alike.
            let alone = &part & &single;
            let together = &part - &single;
            let ones = alone.iter().map(|one| RoaringBitmap::from_iter([one]));
            for people in ones.chain((!together.is_empty()).then_some(together)) {
                let Some(first) = people.min() else { continue };
                let asked = if first == desk.pair.anonymous() { Asked::Anonymous } else { Asked::Account(first) };
                let question = Question { desk, asked, operation, content };
                let facts = cause(&question, around, *before);
                all.push(Caused { people, before: *before, after: *after, facts });
            }
        }
    }
    all
}

fn user_of(principal: &Principal) -> Option<u32> {
    match principal {
        Principal::User(one) => Some(*one),
        _ => None,
    }
}

/// Sets of people that rules about a content tell apart.
fn splitters<'a>(desk: &'a Desk<'_>, around: &Around) -> Vec<&'a RoaringBitmap> {
    let groups: BTreeSet<u32> = around.named().filter_map(group_of).collect();
    let groups = groups.into_iter();
    let members = groups.flat_map(|group| {
        [Age::Older, Age::Newer].into_iter().filter_map(move |age| {
            let at = desk.pair.matches.groups.at(age, group)?;
            desk.pair.own_members(age, at)
        })
    });
    members.filter(|members| !members.is_empty()).collect()
}

/// Cuts sets by others.
fn split<'a>(mut parts: Vec<RoaringBitmap>, by: impl Iterator<Item = &'a RoaringBitmap>) -> Vec<RoaringBitmap> {
    for other in by {
        for at in 0..parts.len() {
            let Some(part) = parts.get_mut(at).filter(|part| part.len() > 1 && !part.is_disjoint(other)) else {
                continue;
            };
            let inside = &*part & other;
            if inside.len() < part.len() {
                *part -= &inside;
                parts.push(inside);
            }
        }
    }
    parts
}

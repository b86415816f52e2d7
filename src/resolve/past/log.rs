//! The changes in the order in which they are undone, and whether they fit the snapshot.

use std::collections::{HashMap, HashSet};

use jiff::SignedDuration;

use super::act::{Act, acts};
use super::doubts::{Doubt, fact_of_permission, smallest};
use super::point::Point;
use super::undone::Undone;
use crate::model::plan::Fact;
use crate::model::{Deployment, Gap, PermissionChange, Snapshot, Subject, Timestamp};
use crate::resolve::history::{Joiner, is_identified};
use crate::resolve::site::IndexedSite;

/// Changes of a site, and how far they reach.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// The changes, in any order.
    pub rows: Vec<PermissionChange>,
    /// From when on they are all there, as far as the site keeps them; `None`: from the first of them.
    pub since: Option<Timestamp>,
    /// What is missing among them.
    pub gaps: Vec<Gap>,
}

impl Changes {
    /// From when on they are all there; `None`: unknown.
    ///
    /// Cloud keeps its records for a year at most, whatever it is asked for: they begin a year ago, or with the first row
    /// where that is older, as in a log that was saved.
    // Source: https://support.atlassian.com/confluence-cloud/docs/view-the-audit-log/
    pub(super) fn reach(&self, snapshot: &Snapshot) -> Option<Timestamp> {
        let times = || self.rows.iter().filter_map(|row| row.at);
        let Some(since) = self.since else { return times().min() };
        if snapshot.site.deployment != Deployment::Cloud {
            return Some(since);
        }
        let read = snapshot.taken_at.max(times().max());
        let kept = read.and_then(|read| read.checked_sub(YEAR).ok());
        Some(kept.map_or(since, |kept| since.max(times().min().map_or(kept, |first| first.min(kept)))))
    }
}

const YEAR: SignedDuration = SignedDuration::from_hours(365 * 24);

/// One change and what it did.
pub(super) struct Event {
    pub(super) at: Timestamp,
    /// The row of the change.
    pub(super) row: usize,
    pub(super) acts: Vec<Act>,
}

/// The changes, newest first.
pub(super) struct Log {
    pub(super) events: Vec<Event>,
    /// What is open at every moment: changes without a time.
    open: Vec<Doubt>,
    /// Why nothing is known, if so.
    pub(super) broken: Option<String>,
    pub(super) reach: Option<Timestamp>,
}

impl Log {
    /// The changes as a site reads them.
    pub(super) fn new(site: &IndexedSite, changes: &Changes) -> Self {
        let spaces: HashSet<&str> = site.snapshot.spaces.iter().map(|space| space.key.as_str()).collect();
        let joiner = Joiner::new(&site.snapshot, &changes.rows);
        let mut events = Vec::with_capacity(changes.rows.len());
        let mut open = Vec::new();
        for (at, row) in changes.rows.iter().enumerate() {
            let acts =
                if is_identified(row) { acts(site, &spaces, row) } else { acts(site, &spaces, &joiner.join(row)) };
            match row.at {
                Some(time) => events.push(Event { at: time, row: at, acts }),
                None => open.extend(acts.into_iter().map(|act| match act {
                    Act::Set { point, .. } => smallest(&point),
                    Act::Doubt(doubt) => doubt,
                })),
            }
        }
        events.sort_by_key(|event| std::cmp::Reverse(event.at));
        let reach = changes.reach(&site.snapshot);
        let mut log = Self { events, open, broken: broken(changes, reach), reach };
        log.doubt_ties();
        log.doubt_contradictions(site);
        log
    }

    /// What is open at a moment before anything is undone.
    pub(super) fn start(&self, when: Option<Timestamp>) -> Undone {
        let mut undone = Undone::default();
        let before = self.reach.is_none_or(|reach| when.is_some_and(|when| when < reach));
        if before || self.broken.is_some() {
            undone.leave_open(&Doubt::Everything);
        }
        self.open.iter().for_each(|doubt| undone.leave_open(doubt));
        undone
    }

    /// The facts that the changes name.
    pub(super) fn facts(&self) -> impl Iterator<Item = &Fact> {
        facts(&self.events)
    }

    /// Of what was switched on and off at one moment, nobody can tell which came first.
    fn doubt_ties(&mut self) {
        let mut first = 0;
        while let Some(at) = self.events.get(first).map(|event| event.at) {
            let size = self.events.iter().skip(first).take_while(|event| event.at == at).count();
            let mut seen: HashMap<&Point, bool> = HashMap::new();
            let mut ties: Vec<Doubt> = Vec::new();
            for act in self.events.iter().skip(first).take(size).flat_map(|event| &event.acts) {
                if let Act::Set { point, on } = act
                    && *seen.entry(point).or_insert(*on) != *on
                {
                    ties.push(smallest(point));
                }
            }
            if let Some(last) = self.events.get_mut(first + size - 1) {
                last.acts.extend(ties.into_iter().map(Act::Doubt));
            }
            first += size;
        }
    }

    /// A change that added what was not there afterwards, or removed what was, is about something else by that name, or the
    /// log lacks a change. Changes after the snapshot may be in it or not.
    fn doubt_contradictions(&mut self, site: &IndexedSite) {
        let taken = site.snapshot.taken_at;
        let present = present(site, &self.events);
        let mut undone = Undone::default();
        for event in &mut self.events {
            let mut doubts: Vec<Doubt> = Vec::new();
            for act in &event.acts {
                if let Act::Set { point: point @ Point::Fact(fact), on } = act
                    && taken.is_none_or(|taken| event.at <= taken)
                    && !matches!(fact, Fact::Group { .. })
                    && undone.held(point, site).unwrap_or_else(|| present.contains(fact)) != *on
                {
                    doubts.extend(contradicted(site, fact));
                }
            }
            event.acts.iter().for_each(|act| undone.undo(act));
            doubts.iter().for_each(|doubt| undone.undo(&Act::Doubt(doubt.clone())));
            event.acts.extend(doubts.into_iter().map(Act::Doubt));
        }
    }
}

/// What a change that does not fit the snapshot leaves open. Cloud gives names: it may be about something else by that name.
fn contradicted(site: &IndexedSite, fact: &Fact) -> Option<Doubt> {
    if site.snapshot.site.deployment != Deployment::Cloud {
        return None;
    }
    match fact {
        Fact::Entry { content, .. } => {
            let space = site.find_content(content).and_then(|at| site.content(at)).map(|row| row.space_key.clone());
            Some(Doubt::Contents(space))
        }
        Fact::Permission { space, .. } | Fact::Role { space, .. } => Some(Doubt::Permissions(space.clone(), None)),
        Fact::Member { group, .. } => Some(Doubt::Members(group.clone())),
        Fact::Group { .. } | Fact::Parent { .. } => None,
    }
}

/// Why nothing is known of the past, if so.
fn broken(changes: &Changes, reach: Option<Timestamp>) -> Option<String> {
    match (changes.gaps.as_slice(), reach) {
        ([first, ..], _) => Some(format!("the changes are not complete: {}", first.message)),
        ([], None) => {
            Some("there are no changes, and how far back they would reach is not known: give `since`".to_owned())
        }
        _ => None,
    }
}

fn facts(events: &[Event]) -> impl Iterator<Item = &Fact> {
    events.iter().flat_map(|event| &event.acts).filter_map(|act| match act {
        Act::Set { point: Point::Fact(fact), .. } => Some(fact),
        _ => None,
    })
}

/// The facts of the snapshot among those that the events name.
fn present(site: &IndexedSite, events: &[Event]) -> HashSet<Fact> {
    let named: HashSet<&Fact> = facts(events).collect();
    holding(site, |fact| named.contains(fact))
}

/// The facts of the snapshot that are wanted.
pub(super) fn holding(site: &IndexedSite, wanted: impl Fn(&Fact) -> bool) -> HashSet<Fact> {
    let snapshot = &site.snapshot;
    let permissions = snapshot.space_permissions.iter().map(|row| fact_of_permission(site, row));
    let entries = snapshot.restrictions.iter().map(|row| Fact::Entry {
        content: row.content_id.clone(),
        operation: row.operation,
        subject: site.same(&row.subject),
    });
    let members = snapshot.memberships.iter().map(|row| Fact::Member {
        group: site.same(&Subject::group(&row.group_id)).id,
        member: site.same(&row.member),
    });
    let groups = snapshot.groups.iter().map(|row| Fact::Group { group: row.id.clone() });
    permissions.chain(entries).chain(members).chain(groups).filter(wanted).collect()
}

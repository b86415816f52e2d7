//! What was different at a moment: every act after it, undone from the last back to the first.

use std::collections::{HashMap, HashSet};

use super::act::Act;
use super::doubts::{Doubt, about};
use super::point::Point;
use crate::model::Subject;
use crate::model::plan::Fact;
use crate::resolve::site::IndexedSite;

/// What was different. The act that is undone last, which is the first after the moment, decides.
#[derive(Debug, Clone, Default)]
pub(super) struct Undone {
    /// Whether something held, and how many acts were undone before.
    points: HashMap<Point, (bool, usize)>,
    doubts: HashMap<Doubt, usize>,
    count: usize,
    /// How many acts were undone when the last one that says what was.
    last_set: usize,
}

impl Undone {
    /// Undoes an act; it is older than those before.
    pub(super) fn undo(&mut self, act: &Act) {
        self.count += 1;
        match act {
            Act::Set { point, on } => {
                self.last_set = self.count;
                self.points.insert(point.clone(), (!on, self.count));
            }
            Act::Doubt(doubt) => self.doubt(doubt, self.count),
        }
    }

    /// Whether undoing an act may make anything different from what it is by now.
    pub(super) fn would_change(&self, act: &Act, site: &IndexedSite) -> bool {
        match act {
            Act::Set { point, on } => self.held(point, site) != Some(!on),
            Act::Doubt(doubt) => !doubt.clone().parts().iter().all(|part| self.is_open(part, site)),
        }
    }

    /// Whether something is in doubt already, all of it: no act undone since says what a part of it was.
    fn is_open(&self, doubt: &Doubt, site: &IndexedSite) -> bool {
        let Some(since) = self.doubts.get(doubt) else { return false };
        *since > self.last_set
            || !self.points.iter().any(|(point, (_, at))| at > since && about(point, space_of(site)).contains(doubt))
    }

    /// Leaves something open for good, whatever is undone later.
    pub(super) fn leave_open(&mut self, doubt: &Doubt) {
        self.doubt(doubt, usize::MAX);
    }

    fn doubt(&mut self, doubt: &Doubt, count: usize) {
        for part in doubt.clone().parts() {
            let known = self.doubts.entry(part).or_default();
            *known = count.max(*known);
        }
    }

    /// Whether something held, as far as the acts so far say it.
    pub(super) fn held(&self, point: &Point, site: &IndexedSite) -> Option<bool> {
        let (held, at) = *self.points.get(point)?;
        self.is_known(site, point, at).then_some(held)
    }

    fn is_known(&self, site: &IndexedSite, point: &Point, at: usize) -> bool {
        !about(point, space_of(site)).iter().any(|doubt| self.doubts.get(doubt).is_some_and(|count| *count > at))
    }

    /// What is known to have held or not.
    pub(super) fn known<'a>(&'a self, site: &'a IndexedSite) -> impl Iterator<Item = (&'a Point, bool)> {
        self.points
            .iter()
            .filter(|(point, (_, at))| self.is_known(site, point, *at))
            .map(|(point, (held, _))| (point, *held))
    }

    /// What is not.
    pub(super) fn doubts<'a>(&'a self, site: &'a IndexedSite) -> impl Iterator<Item = &'a Doubt> {
        // A subject has one role: where one is known, it had no other.
        let roles: HashSet<(&str, &Subject)> = self
            .known(site)
            .filter_map(|(point, held)| match point {
                Point::Fact(Fact::Role { space, subject, .. }) if held => Some((space.as_str(), subject)),
                _ => None,
            })
            .collect();
        self.doubts.keys().filter(move |doubt| match doubt {
            // A group that was made later was not there, whoever was in one that was deleted.
            Doubt::Group(group) => self.held(&Point::Fact(Fact::Group { group: group.clone() }), site) != Some(false),
            Doubt::Role(space, subject) => !roles.contains(&(space.as_str(), subject)),
            _ => true,
        })
    }
}

fn space_of(site: &IndexedSite) -> impl Fn(&str) -> Option<String> {
    |content| site.content(site.find_content(content)?).map(|row| row.space_key.clone())
}

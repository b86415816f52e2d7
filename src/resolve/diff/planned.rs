//! Which lines of a plan make a difference.

use rustc_hash::{FxHashMap, FxHashSet};

use super::desk::{Asked, BOTH, Desk};
use super::fact::{Fact, Trait};
use super::pair::{Age, Pair};
use super::when::{Key, key_of};
use crate::model::plan::{Fact as PlannedFact, Planned};
use crate::model::{ChangeKind, RestrictionOperation, Subject};
use crate::resolve::site::Principal;

use Age::Newer;

/// Lines of a plan by what they change.
pub(super) struct Lines {
    made: FxHashMap<(Key, ChangeKind), Vec<String>>,
    /// Who is added to groups or taken out, and the line.
    members: Vec<(Subject, String)>,
}

impl Lines {
    /// The lines that made the newer snapshot of a pair from the older one.
    pub(super) fn new(pair: &Pair<'_>) -> Self {
        let [older, newer] = BOTH.map(|age| &pair.site(age).snapshot.planned);
        // A snapshot that was planned on a planned one has the lines of both.
        let planned = newer.strip_prefix(older.as_slice()).unwrap_or(newer);
        let mut lines = Self { made: FxHashMap::default(), members: Vec::new() };
        let shared = shared_lists(pair, planned);
        for row in planned {
            let said = format!("plan line {}: {}", row.line, row.step);
            for key in planned_keys(row, &shared) {
                let direction = if row.added { ChangeKind::Added } else { ChangeKind::Removed };
                let made = lines.made.entry((key, direction)).or_default();
                if !made.contains(&said) {
                    made.push(said.clone());
                }
            }
            if let PlannedFact::Member { member, .. } = &row.fact {
                lines.members.push((member.clone(), said));
            }
        }
        lines
    }

    pub(super) fn is_empty(&self) -> bool {
        self.made.is_empty()
    }

    /// The lines that make a difference.
    pub(super) fn of(&self, desk: &Desk<'_>, fact: Fact, asked: Asked) -> Vec<&str> {
        if self.is_empty() {
            return Vec::new();
        }
        match fact {
            Fact::Moved(one) => self.of_move(desk, one),
            // What an account may do on the site follows from its groups.
            Fact::Trait(Trait::Licensed | Trait::ProductAdmin | Trait::SystemAdmin) => self.of_rights(desk, asked),
            _ => {
                let direction = if desk.has_of(Newer, fact, asked) { ChangeKind::Added } else { ChangeKind::Removed };
                let found = key_of(desk, fact, asked).and_then(|key| self.made.get(&(key, direction)));
                found.into_iter().flatten().map(String::as_str).collect()
            }
        }
    }

    /// A content is moved by itself, or with one above it into another space.
    fn of_move(&self, desk: &Desk<'_>, one: u32) -> Vec<&str> {
        let mut seen = vec![one];
        while let Some(at) = seen.last().copied() {
            let id = desk.pair.either_content(at).map(|content| content.id.clone()).unwrap_or_default();
            if let Some(found) = self.made.get(&(Key::Place(id), ChangeKind::Added)) {
                return found.iter().map(String::as_str).collect();
            }
            match desk.above(Newer, at) {
                Some(Some(above)) if !seen.contains(&above) => seen.push(above),
                _ => break,
            }
        }
        Vec::new()
    }

    fn of_rights(&self, desk: &Desk<'_>, asked: Asked) -> Vec<&str> {
        let Asked::Account(person) = asked else { return Vec::new() };
        let is_among = |member: &Subject| {
            BOTH.into_iter().any(|age| {
                let site = desk.pair.site(age);
                match site.find_principal(member) {
                    Some(Principal::User(at)) => desk.pair.matches.people.of(age, at) == person,
                    Some(Principal::Group(at)) => {
                        desk.pair.all_members(age, at).is_some_and(|(members, _)| members.contains(person))
                    }
                    _ => false,
                }
            })
        };
        self.members.iter().filter(|(member, _)| is_among(member)).map(|(_, said)| said.as_str()).collect()
    }
}

/// A list of a content item, and whether it was made; else ended.
type List<'a> = (&'a str, RestrictionOperation, bool);

/// The lists that a plan did not make, or end, by itself: others are on them too. That a restriction was set, or removed,
/// is then not the plan's doing, only who the plan added or removed. So it is where the older snapshot is not the one that
/// the plan was tried on.
fn shared_lists<'a>(pair: &Pair<'a>, planned: &'a [Planned]) -> FxHashSet<List<'a>> {
    let mut entries: FxHashMap<List<'a>, Vec<&Subject>> = FxHashMap::default();
    for row in planned {
        if let PlannedFact::Entry { content, operation, subject } = &row.fact {
            entries.entry((content, *operation, row.added)).or_default().push(subject);
        }
    }
    let mut shared = FxHashSet::default();
    if entries.is_empty() {
        return shared;
    }
    for age in BOTH {
        for row in &pair.site(age).snapshot.restrictions {
            let list = (row.content_id.as_str(), row.operation, age == Newer);
            let Some(planned) = entries.get(&list) else { continue };
            if !planned.iter().any(|subject| subject.kind == row.subject.kind && subject.id == row.subject.id) {
                shared.insert(list);
            }
        }
    }
    shared
}

/// What a line of a plan changes.
fn planned_keys(row: &Planned, shared: &FxHashSet<List<'_>>) -> Vec<Key> {
    match &row.fact {
        PlannedFact::Permission { space, subject, permission } => {
            vec![Key::Permission { space: space.clone(), permission: permission.to_string(), subject: subject.clone() }]
        }
        PlannedFact::Role { space, subject, role } => {
            vec![Key::Permission { space: space.clone(), permission: format!("role:{role}"), subject: subject.clone() }]
        }
        PlannedFact::Entry { content, operation, subject } => [None, Some(subject.clone())]
            .into_iter()
            .filter(|who| who.is_some() || !shared.contains(&(content.as_str(), *operation, row.added)))
            .map(|subject| Key::Restriction {
                content: content.clone(),
                operation: operation.as_str().to_owned(),
                subject,
            })
            .collect(),
        PlannedFact::Member { group, member } => {
            vec![Key::Member { group: group.clone(), member: member.clone() }]
        }
        PlannedFact::Group { group } => vec![Key::Group(group.clone())],
        PlannedFact::Parent { content, .. } => vec![Key::Place(content.clone())],
    }
}

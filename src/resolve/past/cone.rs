//! What can bear on one answer.

use std::collections::{HashMap, HashSet};

use super::act::Act;
use super::doubts::Doubt;
use super::log::{Event, Log};
use super::point::Point;
use crate::model::plan::Fact;
use crate::model::{
    Content, ContentStatus, Decision, Deployment, Gap, Missing, SUPER_GROUP, Snapshot, Subject, SubjectKind,
};
use crate::resolve::site::IndexedSite;

/// What can bear on one answer.
pub(super) struct Cone {
    subject: Subject,
    contents: HashSet<String>,
    spaces: HashSet<String>,
    /// Whether a permission of anybody may bear on it: on the free plan a space without any serves everybody.
    whoever: bool,
    /// The groups whose members count.
    groups: HashSet<String>,
    /// Whether a doubt about the members of another group was found to bear.
    elsewhere: bool,
}

impl Cone {
    pub(super) fn new(site: &IndexedSite, subject: &Subject, content: &str, log: &Log) -> Self {
        let (mut contents, mut spaces) = (HashSet::new(), HashSet::new());
        let mut next = Some(content.to_owned());
        while let Some(row) = next.take().and_then(|id| site.content(site.find_content(&id)?)) {
            if !contents.insert(row.id.clone()) {
                break;
            }
            spaces.insert(row.space_key.clone());
            next.clone_from(&row.parent_id);
        }
        let whoever = site.conditions.free != Decision::Denied;
        let subject = subject.clone();
        let mut cone = Self { subject, contents, spaces, whoever, groups: HashSet::new(), elsewhere: false };
        cone.groups = cone.groups_that_count(site, log);
        cone
    }

    /// The groups that lists of the chain, permissions of its spaces or of the site name, now or in the log, and those in them.
    fn groups_that_count(&self, site: &IndexedSite, log: &Log) -> HashSet<String> {
        let snapshot = &site.snapshot;
        let listing = snapshot.restrictions.iter().filter(|row| self.contents.contains(&row.content_id));
        let granting = snapshot.space_permissions.iter().filter(|row| self.spaces.contains(&row.space_key));
        let sharing = snapshot.contents.iter().filter(|row| self.contents.contains(&row.id));
        let logged = log.facts().filter_map(|fact| match fact {
            Fact::Permission { space, subject, .. } | Fact::Role { space, subject, .. } => {
                self.spaces.contains(space).then_some(subject)
            }
            Fact::Entry { content, subject, .. } => self.contents.contains(content).then_some(subject),
            Fact::Member { .. } | Fact::Group { .. } | Fact::Parent { .. } => None,
        });
        let named = listing
            .map(|row| &row.subject)
            .chain(granting.map(|row| &row.subject))
            .chain(sharing.flat_map(|row| row.shared_with.iter().flatten()))
            .chain(snapshot.site.global_permissions.iter().flatten().map(|row| &row.subject))
            .chain(logged)
            .chain([&self.subject]);
        let named = named.filter(|subject| subject.kind == SubjectKind::Group).map(|subject| site.same(subject).id);
        let mut open: Vec<String> = named.collect();
        if snapshot.site.deployment == Deployment::DataCenter {
            open.push(SUPER_GROUP.to_owned());
        }
        let mut inner: HashMap<String, Vec<String>> = HashMap::new();
        for row in snapshot.memberships.iter().filter(|row| row.member.kind == SubjectKind::Group) {
            let outer = site.same(&Subject::group(&row.group_id)).id;
            inner.entry(outer).or_default().push(site.same(&row.member).id);
        }
        for fact in log.facts() {
            if let Fact::Member { group, member } = fact
                && member.kind == SubjectKind::Group
            {
                inner.entry(group.clone()).or_default().push(member.id.clone());
            }
        }
        let mut found = HashSet::new();
        while let Some(group) = open.pop() {
            open.extend(inner.remove(&group).unwrap_or_default());
            found.insert(group);
        }
        found
    }

    /// The part of a snapshot that the answer rests on.
    pub(super) fn cut(&self, snapshot: &Snapshot) -> Snapshot {
        let mut part = Snapshot::new(snapshot.site.deployment);
        part.site = snapshot.site.clone();
        part.taken_at = snapshot.taken_at;
        let rows = |key: &String| self.spaces.contains(key);
        part.spaces = snapshot.spaces.iter().filter(|row| rows(&row.key)).cloned().collect();
        // Who is named anywhere is known, although nobody may list the account.
        let names = |row: &Content| {
            let author = row.status == ContentStatus::Draft && row.author_id.as_ref() == Some(&self.subject.id);
            author || row.shared_with.iter().flatten().any(|subject| *subject == self.subject)
        };
        let near = |row: &&Content| self.contents.contains(&row.id) || names(row);
        part.contents = snapshot.contents.iter().filter(near).cloned().collect();
        let user = |id: &str| self.subject.kind == SubjectKind::User && self.subject.id == id;
        part.users = snapshot.users.iter().filter(|row| user(&row.id)).cloned().collect();
        part.groups.clone_from(&snapshot.groups);
        let counts = |member: &Subject| member.kind != SubjectKind::User || user(&member.id);
        part.memberships = snapshot.memberships.iter().filter(|row| counts(&row.member)).cloned().collect();
        let granting = snapshot.space_permissions.iter();
        let granting = granting.filter(|row| rows(&row.space_key) || row.subject == self.subject);
        part.space_permissions = granting.cloned().collect();
        let listing = snapshot.restrictions.iter();
        let listing = listing.filter(|row| self.contents.contains(&row.content_id) || row.subject == self.subject);
        part.restrictions = listing.cloned().collect();
        let near = |gap: &&Gap| match gap.missing() {
            Missing::Content(id) | Missing::Operation(id) => self.contents.contains(id),
            Missing::User(id) => id.is_empty() || user(id),
            _ => true,
        };
        part.gaps = snapshot.gaps.iter().filter(near).cloned().collect();
        part
    }

    /// What of changes made at one moment may bear on the answer: the row of the first that does, and what they did.
    ///
    /// A doubt about the members of a group that does not count leaves open at most who has which rights on the site, as any
    /// other does: only the first of them bears.
    pub(super) fn bearing<'e>(&mut self, events: &'e [Event]) -> (Option<usize>, Vec<&'e Act>) {
        let (mut row, mut all) = (None, Vec::new());
        for event in events {
            let start = all.len();
            let mut near = false;
            for act in &event.acts {
                let bears = self.bears(act);
                near |= bears;
                if bears || !is_of_members(act) {
                    all.push(act);
                }
            }
            if near {
                row = row.or(Some(event.row));
            } else {
                all.truncate(start);
            }
        }
        (row, all)
    }

    fn bears(&mut self, act: &Act) -> bool {
        match act {
            Act::Set { point, .. } => self.touches_point(point),
            Act::Doubt(Doubt::Members(group)) => {
                self.groups.contains(group) || !std::mem::replace(&mut self.elsewhere, true)
            }
            Act::Doubt(doubt) => self.touches_doubt(doubt),
        }
    }

    fn touches_point(&self, point: &Point) -> bool {
        let account = |id: &str| self.subject.kind == SubjectKind::User && self.subject.id == id;
        match point {
            Point::Fact(Fact::Permission { space, subject, .. } | Fact::Role { space, subject, .. }) => {
                self.spaces.contains(space)
                    && (self.whoever || subject.kind != SubjectKind::User || *subject == self.subject)
            }
            Point::Fact(Fact::Entry { content, .. }) => self.contents.contains(content),
            Point::Fact(Fact::Member { member, .. }) => member.kind != SubjectKind::User || *member == self.subject,
            Point::Fact(Fact::Group { .. }) | Point::Anonymous => true,
            Point::Fact(Fact::Parent { .. }) => false,
            Point::Link(id) => self.contents.contains(id),
            Point::AdminKey(id) | Point::Active(id) => account(id),
        }
    }

    fn touches_doubt(&self, doubt: &Doubt) -> bool {
        match doubt {
            Doubt::List(id, _) | Doubt::Content(id) | Doubt::Place(id) | Doubt::Status(id) | Doubt::Link(id) => {
                self.contents.contains(id)
            }
            Doubt::Contents(Some(key))
            | Doubt::Links(Some(key))
            | Doubt::Permissions(key, _)
            | Doubt::Role(key, _)
            | Doubt::SpaceStatus(key) => self.spaces.contains(key),
            Doubt::Account(id) => self.subject.kind == SubjectKind::User && self.subject.id == *id,
            _ => true,
        }
    }
}

/// Whether an act is about the members of one group alone.
fn is_of_members(act: &Act) -> bool {
    matches!(act, Act::Set { point: Point::Fact(Fact::Member { .. }), .. } | Act::Doubt(Doubt::Members(_)))
}

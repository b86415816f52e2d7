//! The history of one answer: from when to when it was what, and which changes began and ended that.

use std::collections::HashSet;
use std::sync::Arc;

use super::act::Act;
use super::before::before;
use super::doubts::{ASSUMED, Doubt};
use super::log::{Changes, Event, Log};
use super::point::Point;
use crate::model::plan::Fact;
use crate::model::{
    ChangeKind, Content, ContentStatus, Decision, Gap, GapCause, GapScope, Listing, Missing, Operation,
    PermissionChange, Policy, Snapshot, Subject, SubjectKind, Timestamp, record,
};
use crate::resolve::access::Access;
use crate::resolve::answers::UnknownContent;
use crate::resolve::site::IndexedSite;

record! {
    /// One row is one stretch of time in which an answer did not change.
    ///
    /// Oldest first. From `access.history(subject, operation, content, changes)`.
    pub struct AccessInterval {
        /// The answer: `allowed`, `denied`, or `unknown` where a change cannot be undone.
        pub decision: Decision,
        /// When it began; null if that was before the changes begin.
        pub since: Option<Timestamp>,
        /// When it ended; null if it is so now.
        pub until: Option<Timestamp>,
        /// What began it, in the server's words with what it was about; null if `since` is null.
        pub begun_by: Option<String>,
        /// `added`, `removed` or `changed`.
        pub begun_change: Option<ChangeKind>,
        /// Account that began it.
        pub begun_author_id: Option<String>,
        /// Its name as recorded.
        pub begun_author_name: Option<String>,
        /// What ended it; null if `until` is null.
        pub ended_by: Option<String>,
        /// `added`, `removed` or `changed`.
        pub ended_change: Option<ChangeKind>,
        /// Account that ended it.
        pub ended_author_id: Option<String>,
        /// Its name as recorded.
        pub ended_author_name: Option<String>,
    }
}

/// What a moment at which an answer may have changed is about.
#[derive(Clone, Default)]
struct Turn {
    at: Option<Timestamp>,
    words: Option<String>,
    change: Option<ChangeKind>,
    author_id: Option<String>,
    author_name: Option<String>,
}

impl Turn {
    fn of(row: &PermissionChange) -> Self {
        Self {
            at: row.at,
            words: Some(said(row)),
            change: Some(row.change),
            author_id: row.author.id.clone(),
            author_name: row.author.name.clone(),
        }
    }
}

/// A change in words.
fn said(row: &PermissionChange) -> String {
    let action = row.action.clone().unwrap_or_else(|| format!("{} {}", row.scope.as_str(), row.change.as_str()));
    let name = |subject: &Subject| row.subject_name.clone().unwrap_or_else(|| subject.id.clone());
    let who = row.subject.as_ref().map(|subject| match subject.kind {
        SubjectKind::User => name(subject),
        SubjectKind::Group => format!("group {}", name(subject)),
        _ => subject.to_string(),
    });
    let group = row.group_name.as_ref().or(row.group_id.as_ref()).map(|group| format!("of group {group}"));
    let place = row.content_title.as_ref().map(|title| format!("on `{title}`"));
    let space = row.space_key.as_ref().map(|key| format!("in space {key}"));
    let parts = [row.permission.clone(), who.map(|who| format!("for {who}")), group, place.or(space)];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() { action } else { format!("{action}: {}", parts.join(" ")) }
}

/// From when to when `subject` could do something, and what changed that. Oldest first.
///
/// # Errors
/// [`UnknownContent`] where the snapshot does not have the content.
pub fn history(
    access: &Access,
    subject: &Subject,
    operation: Operation,
    content: &str,
    changes: &Changes,
) -> Result<Listing<AccessInterval>, UnknownContent> {
    let site = &access.engine.site;
    let created = match site.find_content(content).and_then(|at| site.content(at)) {
        Some(row) => row.created_at,
        None => return Err(UnknownContent(content.to_owned())),
    };
    let log = Log::new(site, changes);
    let cone = Cone::new(site, &site.same(subject), content);
    let near = Arc::new(cone.cut(&site.snapshot));
    let small = IndexedSite::build(Arc::clone(&near), site.policy.clone());
    let ask = |undone: &super::undone::Undone, when: Timestamp| {
        let past = before(&small, undone, when);
        let policy = policy_of(&site.policy, &near, &past);
        Access::new(Arc::new(past), Some(policy)).can(subject, operation, content).decision()
    };
    let taken = site.snapshot.taken_at;
    let newest = Timestamp::MAX;
    // From now back: the answer after each change that may bear on it.
    let mut turns: Vec<(Turn, Decision)> = Vec::new();
    let mut undone = log.start(Some(newest));
    let mut asked: Option<Decision> = None;
    let mut rest = log.events.as_slice();
    while let Some(first) = rest.first() {
        let size = rest.iter().take_while(|event| event.at == first.at).count();
        let (same, older) = rest.split_at(size);
        rest = older;
        let near: Vec<&Event> = same.iter().filter(|event| cone.touches(event)).collect();
        let counts = taken.is_none_or(|taken| first.at <= taken) && created.is_none_or(|created| first.at >= created);
        if let (Some(event), true) = (near.first(), counts)
            && let Some(row) = changes.rows.get(event.row)
        {
            let after = *asked.get_or_insert_with(|| ask(&undone, first.at));
            turns.push((Turn::of(row), after));
        }
        if !near.is_empty() {
            near.iter().flat_map(|event| &event.acts).for_each(|act| undone.undo(act));
            asked = None;
        }
    }
    let begin = log.reach.unwrap_or(newest).max(created.unwrap_or(Timestamp::MIN));
    let made = created.filter(|created| log.reach.is_none_or(|reach| *created >= reach));
    let first = made.map_or_else(Turn::default, |at| Turn {
        at: Some(at),
        words: Some("the content item was created".to_owned()),
        ..Turn::default()
    });
    turns.push((first, asked.unwrap_or_else(|| ask(&undone, begin.min(taken.unwrap_or(newest))))));
    turns.reverse();
    let why = log.broken.iter().map(|why| Gap::new((GapScope::Audit, ""), GapCause::NotRecorded, why));
    Ok(Listing { rows: joined(turns), gaps: why.collect() })
}

/// The switches in force, with those that the past leaves open.
fn policy_of(policy: &Policy, now: &Snapshot, past: &Snapshot) -> Policy {
    let mut policy = policy.clone();
    if ASSUMED.iter().any(|switch| now.site.policy.get(*switch) != past.site.policy.get(*switch)) {
        policy.assume_licensed = Decision::Unknown;
        policy.apps_in_all_licensed_users = Decision::Unknown;
    }
    policy
}

/// Stretches of one answer: turns that changed nothing are left out.
fn joined(turns: Vec<(Turn, Decision)>) -> Vec<AccessInterval> {
    let mut rows: Vec<AccessInterval> = Vec::new();
    for (turn, decision) in turns {
        if let Some(last) = rows.last_mut() {
            if last.decision == decision {
                continue;
            }
            last.until = turn.at;
            last.ended_by.clone_from(&turn.words);
            last.ended_change = turn.change;
            last.ended_author_id.clone_from(&turn.author_id);
            last.ended_author_name.clone_from(&turn.author_name);
        }
        rows.push(AccessInterval {
            decision,
            since: turn.at,
            until: None,
            begun_by: turn.words,
            begun_change: turn.change,
            begun_author_id: turn.author_id,
            begun_author_name: turn.author_name,
            ended_by: None,
            ended_change: None,
            ended_author_id: None,
            ended_author_name: None,
        });
    }
    rows
}

/// What can bear on one answer.
struct Cone {
    subject: Subject,
    contents: HashSet<String>,
    spaces: HashSet<String>,
    /// Whether a permission of anybody may bear on it: on the free plan a space without any serves everybody.
    whoever: bool,
}

impl Cone {
    fn new(site: &IndexedSite, subject: &Subject, content: &str) -> Self {
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
        Self { subject: subject.clone(), contents, spaces, whoever }
    }

    /// The part of a snapshot that the answer rests on.
    fn cut(&self, snapshot: &Snapshot) -> Snapshot {
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

    /// Whether a change may bear on the answer.
    fn touches(&self, event: &Event) -> bool {
        event.acts.iter().any(|act| match act {
            Act::Set { point, .. } => self.touches_point(point),
            Act::Doubt(doubt) => self.touches_doubt(doubt),
        })
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

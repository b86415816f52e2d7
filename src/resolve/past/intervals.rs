//! The history of one answer: from when to when it was what, and which changes began and ended that.

use std::sync::Arc;

use super::before::before;
use super::cone::Cone;
use super::doubts::ASSUMED;
use super::log::{Changes, Log};
use crate::model::{
    ChangeKind, Decision, Gap, GapCause, GapScope, Listing, Operation, PermissionChange, Policy, Snapshot, Subject,
    SubjectKind, Timestamp, record,
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
    let mut cone = Cone::new(site, &site.same(subject), content, &log);
    let near = Arc::new(cone.cut(&site.snapshot));
    let small = IndexedSite::build(Arc::clone(&near), site.policy.clone());
    let ask = |undone: &super::undone::Undone, when: Timestamp| {
        let past = before(&small, undone, when);
        let policy = policy_of(&site.policy, &near, &past);
        Access::new(Arc::new(past), Some(policy)).can(subject, operation, content).decision()
    };
    let taken = site.snapshot.taken_at;
    let newest = Timestamp::MAX;
    let begin = log.reach.unwrap_or(newest).max(created.unwrap_or(Timestamp::MIN));
    // Where other contents of the answer were created, it may have changed without an event.
    let births = near.contents.iter().filter(|row| row.id != content).filter_map(|row| row.created_at);
    let first_birth = births.filter(|at| *at > begin).min();
    // From now back: the answer after each change that may bear on it.
    let mut turns: Vec<(Turn, Decision)> = Vec::new();
    let mut undone = log.start(Some(newest));
    let mut rest = log.events.as_slice();
    while let Some(first) = rest.first() {
        let size = rest.iter().take_while(|event| event.at == first.at).count();
        let (same, older) = rest.split_at(size);
        rest = older;
        let (row, acts) = cone.bearing(same);
        let counts = taken.is_none_or(|taken| first.at <= taken) && created.is_none_or(|created| first.at >= created);
        let differs = first_birth.is_some_and(|birth| birth <= first.at)
            || acts.iter().any(|act| undone.would_change(act, &small));
        if let Some(row) = row.and_then(|row| changes.rows.get(row)).filter(|_| counts && differs) {
            turns.push((Turn::of(row), ask(&undone, first.at)));
        }
        acts.into_iter().for_each(|act| undone.undo(act));
    }
    let made = created.filter(|created| log.reach.is_none_or(|reach| *created >= reach));
    let first = made.map_or_else(Turn::default, |at| Turn {
        at: Some(at),
        words: Some("the content item was created".to_owned()),
        ..Turn::default()
    });
    turns.push((first, ask(&undone, begin.min(taken.unwrap_or(newest)))));
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

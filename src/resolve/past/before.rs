//! A snapshot of the site as it was.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::doubts::{Doubt, Doubts, forget_rights, gap, unknown_status};
use super::log::{Changes, Log, holding};
use super::point::Point;
use super::undone::Undone;
use crate::model::plan::{Change, Difference, Fact};
use crate::model::{
    ContentStatus, Deployment, GapScope, Origin, Permission, Policy, Snapshot, Subject, SubjectKind, Timestamp,
};
use crate::resolve::plan::{Editor, follow};
use crate::resolve::site::IndexedSite;

/// A moment the snapshot is too old for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`when` ({when}) is after the snapshot was taken ({taken}): take a newer one")]
pub struct NotInTime {
    /// What was asked.
    pub when: Timestamp,
    /// When the snapshot was taken.
    pub taken: Timestamp,
}

/// The site as it was: changes after `when` are undone, newest first. What they leave open is a gap.
///
/// # Errors
/// Where `when` is after the snapshot was taken.
pub fn as_of(snapshot: &Arc<Snapshot>, changes: &Changes, when: Timestamp) -> Result<Snapshot, NotInTime> {
    if let Some(taken) = snapshot.taken_at.filter(|taken| *taken < when) {
        return Err(NotInTime { when, taken });
    }
    if snapshot.taken_at == Some(when) {
        return Ok(Snapshot::clone(snapshot));
    }
    let site = IndexedSite::build(Arc::clone(snapshot), Policy::for_site(&snapshot.site));
    let log = Log::new(&site, changes);
    let mut undone = log.start(Some(when));
    let later = log.events.iter().take_while(|event| event.at > when);
    later.flat_map(|event| &event.acts).for_each(|act| undone.undo(act));
    let mut before = before(&site, &undone, when);
    if let Some(why) = &log.broken {
        gap(&mut before, (GapScope::Audit, ""), why);
    } else if let Some(reach) = log.reach.filter(|reach| when < *reach) {
        let from = reach.strftime("%Y-%m-%d %H:%M UTC");
        gap(
            &mut before,
            (GapScope::Audit, ""),
            &format!("the changes do not reach back to then: they begin at {from}"),
        );
    }
    Ok(before)
}

/// The snapshot with what was different then.
pub(super) fn before(site: &IndexedSite, undone: &Undone, when: Timestamp) -> Snapshot {
    let mut after = Snapshot::clone(&site.snapshot);
    after.taken_at = Some(when);
    // It is not what was read any more.
    after.site.asked = None;
    after.planned.clear();
    let mut open: Vec<Doubt> = undone.doubts(site).cloned().collect();
    open.extend(leave_out_newer(&mut after, when));
    if open.contains(&Doubt::UnknownGroup) {
        open.extend(naming_unlisted_groups(site));
    }
    if bypass_doubted(site, undone, &open) {
        open.extend([Doubt::AllPermissions, Doubt::Contents(None)]);
    }
    let doubts = Doubts::new(site, open.iter());
    let known: Vec<(&Point, bool)> = undone.known(site).collect();
    let changes = changes(site, &known, &doubts);
    edit(site, &changes, &known, &doubts, &mut after);
    forget_states(&mut after);
    doubts.mark(&mut after);
    set(&known, &mut after);
    after
}

/// Leaves out content that was made later. What was below such content was moved there since.
fn leave_out_newer(after: &mut Snapshot, when: Timestamp) -> Vec<Doubt> {
    let newer: HashSet<String> = after
        .contents
        .iter()
        .filter(|content| content.created_at.is_some_and(|created| created > when))
        .map(|content| content.id.clone())
        .collect();
    if newer.is_empty() {
        return Vec::new();
    }
    after.contents.retain(|content| !newer.contains(&content.id));
    after.restrictions.retain(|row| !newer.contains(&row.content_id));
    let moved = after.contents.iter().filter(|content| content.parent_id.as_ref().is_some_and(|id| newer.contains(id)));
    moved.map(|content| Doubt::Place(content.id.clone())).collect()
}

/// Lists with groups that do not exist, where one of them may have existed.
fn naming_unlisted_groups(site: &IndexedSite) -> Vec<Doubt> {
    let listed: HashSet<&str> = site.snapshot.groups.iter().map(|group| group.id.as_str()).collect();
    let unlisted = |subject: &Subject| subject.kind == SubjectKind::Group && !listed.contains(subject.id.as_str());
    let rows = site.snapshot.restrictions.iter().filter(|row| unlisted(&site.same(&row.subject)));
    rows.map(|row| Doubt::List(row.content_id.clone(), row.operation)).collect()
}

/// Whether it is open who was in the group that passes every restriction and permission (Data Center).
// Source: https://support.atlassian.com/confluence/kb/unable-to-access-any-restricted-pages-as-administrator/
fn bypass_doubted(site: &IndexedSite, undone: &Undone, open: &[Doubt]) -> bool {
    let Some(group) = site.super_group.and_then(|at| site.groups.get(at as usize)) else { return false };
    let mut held = undone.known(site).filter(|(_, held)| *held);
    let inside = held.any(|(point, _)| match point {
        Point::Fact(Fact::Member { group: outer, member }) => *outer == group.id && member.kind == SubjectKind::Group,
        _ => false,
    });
    let nested = inside || !group.inner.is_empty();
    open.iter().any(|doubt| match doubt {
        Doubt::AllMembers | Doubt::UnknownGroup => true,
        Doubt::Members(id) | Doubt::Group(id) => nested || *id == group.id,
        _ => false,
    })
}

/// The facts that differ from the snapshot.
fn changes(site: &IndexedSite, known: &[(&Point, bool)], doubts: &Doubts<'_>) -> Vec<Change> {
    let facts: Vec<(&Fact, bool)> = known
        .iter()
        .filter_map(|(point, held)| match point {
            Point::Fact(fact) => Some((fact, *held)),
            _ => None,
        })
        .collect();
    let named: HashSet<&Fact> = facts.iter().map(|(fact, _)| *fact).collect();
    let present = holding(site, |fact| named.contains(fact));
    let change = |fact: &Fact, kind| Change { line: 0, fact: fact.clone(), kind, note: None, follows: false };
    let differing = facts.into_iter().filter_map(|(fact, held)| match (present.contains(fact), held) {
        (false, true) => Some(change(fact, Difference::Added)),
        (true, false) => Some(change(fact, Difference::Removed)),
        _ => None,
    });
    // What a role brought is not known where the roles are not.
    differing
        .map(|mut change| {
            if let Fact::Role { space, subject, role } = &change.fact
                && change.kind == Difference::Added
                && doubts.cover(&change.fact)
            {
                let permission = Permission::Other(format!("role {role}"));
                change.fact = Fact::Permission { space: space.clone(), subject: subject.clone(), permission };
            }
            change
        })
        .collect()
}

fn edit(site: &IndexedSite, changes: &[Change], known: &[(&Point, bool)], doubts: &Doubts<'_>, after: &mut Snapshot) {
    let held: HashSet<Fact> = known
        .iter()
        .filter_map(|(point, held)| match point {
            Point::Fact(fact) if *held => Some(fact.clone()),
            _ => None,
        })
        .collect();
    doubts.take_out(after, &held);
    let source = |_| Origin::new("as_of");
    let editor = Editor { site, source: &source };
    editor.remove(changes, after);
    for change in changes.iter().filter(|change| change.kind == Difference::Added) {
        editor.add(change, after);
    }
    follow(site, changes, after);
    if doubts.may_give_rights() {
        forget_rights(after);
    }
}

/// Since when something is in the trash is not recorded, on Data Center neither since when it is archived; nor whom a draft
/// was shared with.
// Source: https://support.atlassian.com/confluence-cloud/docs/view-the-audit-log/
fn forget_states(after: &mut Snapshot) {
    let recorded = after.site.deployment == Deployment::Cloud;
    for content in &mut after.contents {
        match content.status {
            ContentStatus::Current => {}
            ContentStatus::Archived if recorded => {}
            ContentStatus::Draft => content.shared_with = None,
            _ => content.status = unknown_status(),
        }
    }
}

/// Sets what is no rule.
fn set(known: &[(&Point, bool)], after: &mut Snapshot) {
    let mut links: HashMap<&str, bool> = HashMap::new();
    let (mut keys, mut active) = (links.clone(), links.clone());
    for (point, held) in known {
        match point {
            Point::Fact(_) => {}
            Point::Link(id) => drop(links.insert(id, *held)),
            Point::Anonymous => after.site.anonymous_enabled = Some(*held),
            Point::AdminKey(id) => drop(keys.insert(id, *held)),
            Point::Active(id) => drop(active.insert(id, *held)),
        }
    }
    for content in after.contents.iter_mut().filter(|_| !links.is_empty()) {
        content.public_link = links.get(content.id.as_str()).copied().or(content.public_link);
    }
    for user in after.users.iter_mut().filter(|_| !keys.is_empty() || !active.is_empty()) {
        user.admin_key = keys.get(user.id.as_str()).copied().or(user.admin_key);
        user.active = active.get(user.id.as_str()).copied().or(user.active);
    }
}

//! The changes of a plan, sorted by how they are written; and what is refused because it would lock the caller out.

use indexmap::IndexMap;

use super::ground::Ground;
use crate::fetch::backend::Backend;
use crate::fetch::change::planned::{Caller, PlannedChange, locked_out};
use crate::fetch::change::principals::NamedSubject;
use crate::fetch::change::restrictions::{Job, Lists};
use crate::fetch::{Error, Result};
use crate::model::plan::{Change, Difference, Fact, THERE_ALREADY};
use crate::model::{Permission, RestrictionOperation, Subject, SubjectKind, WriteKind, WriteResult};

/// A row by what it is about.
pub(super) type Key = (WriteKind, String, Subject, String);

pub(super) fn key(row: &WriteResult) -> Key {
    (row.kind, row.target.clone(), row.subject.clone(), row.permission.clone())
}

/// The rows of a plan by how they are written.
#[derive(Default)]
pub(super) struct Jobs {
    /// By space and subject.
    pub(super) spaces: IndexMap<String, IndexMap<Subject, Vec<PlannedChange>>>,
    /// By space and subject.
    pub(super) roles: IndexMap<(String, Subject), Vec<PlannedChange>>,
    /// By content and list.
    pub(super) lists: IndexMap<(String, RestrictionOperation), Job>,
    /// Group, member, and the row.
    pub(super) members: Vec<PlannedChange>,
    /// By content.
    pub(super) moves: IndexMap<String, Vec<PlannedChange>>,
    /// Groups that are deleted, each with what goes with it.
    pub(super) groups: IndexMap<String, Vec<PlannedChange>>,
}

impl Jobs {
    pub(super) fn of(changes: &[Change], ground: &Ground) -> Self {
        let mut jobs = Self::default();
        let mut deleted = String::new();
        for change in changes {
            let planned = row(change, ground);
            if let Fact::Group { group } = &change.fact {
                deleted.clone_from(group);
            }
            if change.follows || matches!(change.fact, Fact::Group { .. }) {
                jobs.groups.entry(deleted.clone()).or_default().push(planned);
                continue;
            }
            match &change.fact {
                Fact::Permission { space, subject, .. } => {
                    let space = jobs.spaces.entry(space.clone()).or_default();
                    space.entry(subject.clone()).or_default().push(planned);
                }
                Fact::Role { space, subject, .. } => {
                    jobs.roles.entry((space.clone(), subject.clone())).or_default().push(planned);
                }
                Fact::Entry { content, operation, .. } => {
                    let job = || Job {
                        content: content.clone(),
                        operation: *operation,
                        before: ground.lists.get(content).cloned().unwrap_or_default(),
                        rows: Vec::new(),
                    };
                    jobs.lists.entry((content.clone(), *operation)).or_insert_with(job).rows.push(planned);
                }
                Fact::Parent { content, .. } => jobs.moves.entry(content.clone()).or_default().push(planned),
                Fact::Member { .. } | Fact::Group { .. } => jobs.members.push(planned),
            }
        }
        // A list that could not be read has no entry to remove: its content has a row all the same.
        for (content, why) in &ground.unread {
            let told = jobs.lists.keys().any(|(id, _)| id == content);
            if told {
                continue;
            }
            for (line, operation) in ground.names_list(content) {
                let nobody = NamedSubject::from(Subject::new(SubjectKind::Unknown, ""));
                let mut planned =
                    PlannedChange::new(WriteKind::Restriction, content, &nobody, operation.as_str(), Difference::Same)
                        .failed(format!("not sent: its restrictions could not be read: {why}"));
                planned.row.line = u64::try_from(line).ok();
                let before = Lists::new();
                let job = Job { content: content.clone(), operation, before, rows: vec![planned] };
                jobs.lists.insert((content.clone(), operation), job);
            }
        }
        // `view` last: all others would go with it, and it would be unknown which this call removed.
        for rows in jobs.spaces.values_mut().flat_map(IndexMap::values_mut) {
            rows.sort_by_key(|planned| {
                matches!(planned.kind, Difference::Removed) && planned.row.permission == Permission::View.as_str()
            });
        }
        jobs
    }

    /// Every row.
    pub(super) fn rows(&self) -> impl Iterator<Item = &PlannedChange> {
        let spaces = self.spaces.values().flat_map(IndexMap::values).flatten();
        let lists = self.lists.values().flat_map(|job| &job.rows);
        let others = self.roles.values().chain(self.moves.values()).chain(self.groups.values()).flatten();
        spaces.chain(lists).chain(others).chain(&self.members)
    }

    /// Whether there is anything to do.
    pub(super) fn change_something(&self) -> bool {
        self.rows().any(|planned| planned.kind != Difference::Same)
    }
}

/// The row of a change.
fn row(change: &Change, ground: &Ground) -> PlannedChange {
    let (kind, target, subject, word) = change.fact.written();
    let mut planned = PlannedChange::new(kind, &target, &ground.named(&subject), &word, change.kind).noted(change.note);
    planned.row.line = u64::try_from(change.line).ok();
    match &change.fact {
        Fact::Permission { space, .. } | Fact::Role { space, .. } => {
            planned.titled(ground.spaces.get(space).and_then(|space| space.name.as_deref()))
        }
        Fact::Entry { content, .. } => match ground.unread.get(content) {
            Some(why) => planned.failed(format!("not sent: its restrictions could not be read: {why}")),
            None => planned,
        },
        _ => planned,
    }
}

impl Backend<'_> {
    /// Refuses what would lock the caller out.
    pub(super) async fn guard_jobs(&self, jobs: &Jobs, ground: &Ground, caller: Option<&Result<Caller>>) -> Result<()> {
        for (key, subjects) in &jobs.spaces {
            let (Some(space), Some(held)) = (ground.spaces.get(key), ground.held.get(key)) else { continue };
            let rows: Vec<Vec<PlannedChange>> = subjects.values().cloned().collect();
            self.guard_space(space, held, &rows, ground.mode.as_ref()).await?;
        }
        if let Some(caller) = caller {
            self.guard_lists(jobs.lists.values(), caller.as_ref())?;
            guard_groups(jobs, caller.as_ref())?;
        }
        for ((key, subject), rows) in &jobs.roles {
            let (Self::Cloud(site), Some(space)) = (self, ground.spaces.get(key)) else { continue };
            if rows.iter().all(|planned| planned.kind == Difference::Same) {
                continue;
            }
            let assignments = ground.assignments.get(key).map(Vec::as_slice).unwrap_or_default();
            let role = new_role(rows).and_then(|name| ground.roles.values().find(|role| role.name == name));
            site.guard_role(space, assignments, &ground.named(subject), role, &ground.roles, self.caller()).await?;
        }
        Ok(())
    }
}

/// The name of the role that a subject will have.
pub(super) fn new_role(rows: &[PlannedChange]) -> Option<&str> {
    let stays = rows
        .iter()
        .find(|planned| planned.kind == Difference::Added || planned.row.message.as_deref() == Some(THERE_ALREADY));
    stays.and_then(|planned| planned.row.permission.strip_prefix("role "))
}

/// Refuses to take the caller out of a group, which may take anything from it.
fn guard_groups(jobs: &Jobs, caller: std::result::Result<&Caller, &Error>) -> Result<()> {
    let leaves = jobs.members.iter().filter(|planned| planned.kind == Difference::Removed);
    let deleted = jobs.groups.keys().collect::<Vec<_>>();
    let leaves: Vec<&PlannedChange> = leaves.collect();
    if leaves.is_empty() && deleted.is_empty() {
        return Ok(());
    }
    let caller = caller
        .map_err(|error| locked_out(&format!("whether you would lose access could not be found out ({error})")))?;
    if let Some(own) = leaves.iter().find(|planned| caller.is(&planned.row.subject)) {
        return Err(locked_out(&format!("you would leave group `{}`", own.row.target)));
    }
    for group in deleted {
        if caller.groups.contains(group) {
            return Err(locked_out(&format!("you are in group `{group}`, which would be deleted")));
        }
        if let Some(why) = &caller.unsure {
            return Err(locked_out(&format!("whether you are in group `{group}` could not be found out ({why})")));
        }
    }
    Ok(())
}

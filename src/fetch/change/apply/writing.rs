//! Writing the changes of a plan: memberships that are added, spaces, roles, restrictions, moved pages; then memberships that
//! are removed, and groups that are deleted last. What takes access from the caller comes last in each part.

use std::collections::{BTreeSet, HashMap};

use indexmap::IndexMap;

use super::ground::Ground;
use super::jobs::{Jobs, Key, key, new_role};
use crate::fetch::backend::Backend;
use crate::fetch::change::planned::{Caller, Outcome, PlannedChange};
use crate::fetch::change::restrictions::Job;
use crate::fetch::{ErrorKind, Result};
use crate::model::plan::Difference;
use crate::model::{Subject, WriteOutcome};

/// Changes that are under way at a time.
const AT_ONCE: usize = 8;

/// A plan being written.
pub(super) struct Writing<'a, 'b> {
    backend: &'a Backend<'b>,
    ground: &'a Ground,
    caller: Option<&'a Caller>,
    go_on: bool,
    settled: HashMap<Key, PlannedChange>,
    /// Lines of which something failed.
    failed: BTreeSet<u64>,
}

/// Rows that are not sent.
fn unsent(rows: Vec<PlannedChange>, why: &str) -> Vec<PlannedChange> {
    let unsent = |planned: PlannedChange| match planned.kind {
        Difference::Same => planned,
        _ => planned.failed(why),
    };
    rows.into_iter().map(unsent).collect()
}

fn changes(rows: &[PlannedChange]) -> bool {
    rows.iter().any(|planned| planned.kind != Difference::Same)
}

impl<'a, 'b> Writing<'a, 'b> {
    pub(super) fn new(backend: &'a Backend<'b>, ground: &'a Ground, caller: Option<&'a Caller>, go_on: bool) -> Self {
        Self { backend, ground, caller, go_on, settled: HashMap::new(), failed: BTreeSet::new() }
    }

    /// Writes everything, and says what became of each row.
    pub(super) async fn run(mut self, jobs: Jobs) -> HashMap<Key, PlannedChange> {
        let Jobs { spaces, roles, lists, members, moves, groups } = jobs;
        // What could not be read before has failed already.
        for job in lists.values() {
            self.failed
                .extend(job.rows.iter().filter(|p| p.row.outcome == WriteOutcome::Failed).filter_map(|p| p.row.line));
        }
        let (joining, leaving): (Vec<_>, Vec<_>) =
            members.into_iter().partition(|planned| planned.kind != Difference::Removed);
        self.members(joining).await;
        self.spaces(spaces).await;
        self.roles(roles).await;
        self.lists(lists).await;
        self.moves(moves).await;
        self.members(self.own_last(leaving, |planned| planned)).await;
        self.groups(groups).await;
        self.settled
    }

    /// What takes something from the caller comes last.
    fn own_last<T>(&self, mut jobs: Vec<T>, subject: impl Fn(&T) -> &PlannedChange) -> Vec<T> {
        jobs.sort_by_key(|job| self.takes_from_caller(std::slice::from_ref(subject(job))));
        jobs
    }

    fn takes_from_caller(&self, rows: &[PlannedChange]) -> bool {
        let own = |planned: &&PlannedChange| self.caller.is_some_and(|caller| caller.is(&planned.row.subject));
        rows.iter().filter(|planned| planned.kind == Difference::Removed).any(|planned| own(&planned))
    }

    /// Why nothing more is sent.
    fn stopped(&self) -> Option<String> {
        let first = self.failed.iter().next().filter(|_| !self.go_on)?;
        Some(format!("not sent: line {first} of the plan failed before"))
    }

    fn settle(&mut self, rows: impl IntoIterator<Item = PlannedChange>) {
        for planned in rows {
            if planned.row.outcome == WriteOutcome::Failed {
                self.failed.extend(planned.row.line);
            }
            self.settled.insert(key(&planned.row), planned);
        }
    }

    /// Runs jobs a few at a time, until something fails and the plan is to stop there.
    async fn few_at_a_time<J, F: Future<Output = Vec<PlannedChange>>>(
        &mut self,
        jobs: Vec<J>,
        rows: impl Fn(J) -> Vec<PlannedChange>,
        work: impl Fn(J) -> F,
    ) {
        let mut left = jobs.into_iter();
        loop {
            let some: Vec<J> = left.by_ref().take(AT_ONCE).collect();
            if some.is_empty() {
                return;
            }
            if let Some(why) = self.stopped() {
                self.settle(some.into_iter().flat_map(|job| unsent(rows(job), &why)).collect::<Vec<_>>());
                continue;
            }
            let done = self.backend.session().in_order(some.into_iter().map(&work).collect::<Vec<_>>()).await;
            self.settle(done.into_iter().flatten().collect::<Vec<_>>());
        }
    }

    async fn members(&mut self, members: Vec<PlannedChange>) {
        // Without the one who should take the place, nobody leaves it.
        let (late, members): (Vec<_>, Vec<_>) = members.into_iter().partition(|planned| {
            planned.kind == Difference::Removed && planned.row.line.is_some_and(|line| self.failed.contains(&line))
        });
        self.settle(unsent(late, "not sent: what should take its place could not be written"));
        let backend = self.backend;
        self.few_at_a_time(members, |planned| vec![planned], |planned| backend.write_member(planned)).await;
    }

    async fn spaces(&mut self, spaces: IndexMap<String, IndexMap<Subject, Vec<PlannedChange>>>) {
        let mut spaces: Vec<(String, Vec<Vec<PlannedChange>>)> =
            spaces.into_iter().map(|(key, subjects)| (key, subjects.into_values().collect())).collect();
        spaces.sort_by_key(|(_, jobs)| jobs.iter().any(|rows| self.takes_from_caller(rows)));
        let (backend, ground) = (self.backend, self.ground);
        let rows = |(_, jobs): (String, Vec<Vec<PlannedChange>>)| jobs.into_iter().flatten().collect::<Vec<_>>();
        self.few_at_a_time(spaces, rows, |(key, jobs)| backend.write_space(ground, key, jobs)).await;
    }

    async fn roles(&mut self, roles: IndexMap<(String, Subject), Vec<PlannedChange>>) {
        let mut roles: Vec<_> = roles.into_iter().collect();
        roles.sort_by_key(|(_, rows)| self.takes_from_caller(rows));
        // Several subjects of one replacement: who is given a role comes before who loses it.
        roles.sort_by_key(|(_, rows)| !rows.iter().any(|planned| planned.kind == Difference::Added));
        let (backend, ground) = (self.backend, self.ground);
        for (at, rows) in roles {
            let replaced = |planned: &PlannedChange| {
                planned.kind == Difference::Removed && planned.row.line.is_some_and(|line| self.failed.contains(&line))
            };
            if rows.iter().all(replaced) {
                self.settle(unsent(rows, "not sent: what should take its place could not be written"));
                continue;
            }
            self.few_at_a_time(
                vec![(at, rows)],
                |(_, rows)| rows,
                |((key, subject), rows)| backend.write_role(ground, key, subject, rows),
            )
            .await;
        }
    }

    async fn lists(&mut self, lists: IndexMap<(String, crate::model::RestrictionOperation), Job>) {
        // Lists of one content one after the other: the product locks the content while it changes.
        let mut by_content: IndexMap<String, Vec<Job>> = IndexMap::new();
        for ((content, _), job) in lists {
            by_content.entry(content).or_default().push(job);
        }
        let mut contents: Vec<Vec<Job>> = by_content.into_values().collect();
        contents.sort_by_key(|jobs| jobs.iter().any(|job| self.takes_from_caller(&job.rows)));
        let (backend, caller) = (self.backend, self.caller);
        let rows = |jobs: Vec<Job>| jobs.into_iter().flat_map(|job| job.rows).collect::<Vec<_>>();
        self.few_at_a_time(contents, rows, |jobs| async move {
            let mut rows = Vec::new();
            for job in jobs {
                rows.extend(backend.change_list(job, caller).await);
            }
            rows
        })
        .await;
    }

    async fn moves(&mut self, moves: IndexMap<String, Vec<PlannedChange>>) {
        let backend = self.backend;
        // One after the other: a page may be moved below another one that is moved as well.
        for one in moves {
            self.few_at_a_time(vec![one], |(_, rows)| rows, |(content, rows)| backend.write_move(content, rows)).await;
        }
    }

    async fn groups(&mut self, groups: IndexMap<String, Vec<PlannedChange>>) {
        let backend = self.backend;
        for one in groups {
            self.few_at_a_time(vec![one], |(_, rows)| rows, |(group, rows)| backend.write_deletion(group, rows)).await;
        }
    }
}

/// Whether something is there, as a read-back needs it.
fn settle_all(rows: &mut [PlannedChange], now: &Result<bool>, sent: &Outcome) {
    for planned in rows {
        planned.read_back(now.as_ref().map(|there| *there), sent);
    }
}

impl Backend<'_> {
    async fn write_member(&self, planned: PlannedChange) -> Vec<PlannedChange> {
        let mut rows = vec![planned];
        let Some(first) = rows.first().filter(|planned| planned.kind != Difference::Same) else { return rows };
        let (group, member) = (first.row.target.clone(), first.row.subject.clone());
        let sent = Outcome::of(self.set_member(&group, &member.id, first.kind == Difference::Added).await);
        let now = self.groups_with(&member.id).await.map(|walked| walked.rows.iter().any(|one| one.id == group));
        settle_all(&mut rows, &now, &sent);
        rows
    }

    async fn write_space(&self, ground: &Ground, key: String, jobs: Vec<Vec<PlannedChange>>) -> Vec<PlannedChange> {
        let all = |jobs: Vec<Vec<PlannedChange>>| jobs.into_iter().flatten().collect::<Vec<_>>();
        let (Some(space), Some(held)) = (ground.spaces.get(&key), ground.held.get(&key)) else { return all(jobs) };
        if !jobs.iter().any(|rows| changes(rows)) {
            return all(jobs);
        }
        let before = jobs.clone();
        match self.write_permissions(space, jobs, held).await {
            Ok(jobs) => all(jobs),
            Err(error) => unsent(all(before), &error.to_string()),
        }
    }

    async fn write_role(
        &self,
        ground: &Ground,
        key: String,
        subject: Subject,
        mut rows: Vec<PlannedChange>,
    ) -> Vec<PlannedChange> {
        let (Self::Cloud(site), Some(space)) = (self, ground.spaces.get(&key)) else { return rows };
        if !changes(&rows) {
            return rows;
        }
        let role = new_role(&rows).and_then(|name| ground.roles.values().find(|role| role.name == name));
        match site.write_role(space, &subject, role, &ground.roles, &mut rows).await {
            Ok(()) => rows,
            Err(error) => unsent(rows, &error.to_string()),
        }
    }

    async fn write_move(&self, content: String, mut rows: Vec<PlannedChange>) -> Vec<PlannedChange> {
        let Some(parent) = rows.iter().find(|p| p.kind == Difference::Added).map(|p| p.row.target.clone()) else {
            return rows;
        };
        let sent = Outcome::of(self.move_page(&content, &parent).await);
        let now = self.with_parents(&content, &[]).await;
        let above = now.map(|chain| chain.rows.into_iter().find(|one| one.id == content).and_then(|one| one.parent_id));
        for planned in &mut rows {
            let there = above.as_ref().map(|above| above.as_ref() == Some(&planned.row.target));
            planned.read_back(there, &sent);
        }
        rows
    }

    async fn write_deletion(&self, group: String, mut rows: Vec<PlannedChange>) -> Vec<PlannedChange> {
        let sent = Outcome::of(self.delete_group(&group).await);
        let now = match self.group_named(&group).await {
            Ok(found) => Ok(found.id == group),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        };
        settle_all(&mut rows, &now, &sent);
        rows
    }
}

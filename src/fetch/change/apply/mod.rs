//! Plans, applied: what they name is looked up, what they change is decided on what is there now, refused where the product
//! cannot do it or the caller would be locked out, and only then written, additions before removals.

mod ground;
mod jobs;
mod writing;

use self::ground::at_line;
use self::jobs::{Jobs, Key, key};
use self::writing::Writing;
use super::planned::WriteOptions;
use crate::fetch::{Client, Error, ErrorKind, Progress, Result};
use crate::model::plan::{ChangePlan, Fact, Refusal, Refused, Remaining, changes, undo};
use crate::model::{ChangeKind, Deployment, Gap, WriteOutcome, WriteResult};

/// How a plan is applied.
#[derive(Debug, Clone, Default)]
pub struct ApplyOptions {
    /// How each change is made.
    pub write: WriteOptions,
    /// Goes on after a change that failed.
    pub go_on: bool,
    /// What an earlier attempt came to: only what it did not do is done.
    pub earlier: Vec<WriteResult>,
}

/// What became of a plan.
#[derive(Debug, Clone)]
pub struct Applied {
    /// Every change, by line.
    pub rows: Vec<WriteResult>,
    /// What could not be searched for subjects that are replaced, or groups that are deleted.
    pub gaps: Vec<Gap>,
    /// The plan that takes it back.
    pub undo: ChangePlan,
    /// What no plan can take back.
    pub left: Vec<String>,
}

fn done(row: &WriteResult) -> bool {
    matches!(row.outcome, WriteOutcome::Added | WriteOutcome::Removed)
}

/// The error of a plan that the site cannot carry out.
fn refused(refused: &Refused) -> Error {
    let kind = match refused.why {
        Refusal::RolesOnly => ErrorKind::RolesOnly,
        Refusal::NoRoles | Refusal::Impossible(_) => ErrorKind::Plan,
    };
    let error = Error::new(kind, format!("{}; nothing was written", refused.why));
    at_line(error, refused.line, &refused.step)
}

impl Client {
    /// Makes the changes of a plan.
    ///
    /// # Errors
    /// Before anything is written: [`ErrorKind::OtherSite`] for a plan that was made for another site,
    /// [`ErrorKind::Plan`] for what the product does not do, `NotFound` and `Ambiguous` for what it names, `Lockout` where
    /// the caller would lose access. Whatever fails later is a row that says so.
    pub async fn apply(&self, plan: &ChangePlan, options: ApplyOptions) -> Result<Applied> {
        if plan.steps.is_empty() {
            return Err(Error::configuration("the plan has no lines: it changes nothing"));
        }
        if let (false, Some(own)) = (plan.is_for(Some(self.base_url())), &plan.site) {
            let message = format!("the plan was made for `{own}`, and this is `{}`; nothing was sent", self.base_url());
            return Err(Error::new(ErrorKind::OtherSite, message));
        }
        let remains = remaining(plan, &options.earlier);
        let progress = Progress::new();
        let backend = self.backend(&progress).await?;
        let ground = backend.ground(plan, &remains).await?;
        let changes = changes(plan, &ground.names, ground.facts.clone(), &remains).map_err(|error| refused(&error))?;
        let jobs = Jobs::of(&changes, &ground);
        let caller = if jobs.change_something() { Some(backend.caller().await) } else { None };
        if !options.write.allow_lockout {
            backend.guard_jobs(&jobs, &ground, caller.as_ref()).await?;
        }
        let mut rows: Vec<WriteResult> = jobs.rows().map(|planned| planned.row.clone()).collect();
        if !options.write.dry_run {
            let caller = caller.and_then(Result::ok);
            let settled = Writing::new(&backend, &ground, caller.as_ref(), options.go_on).run(jobs).await;
            for row in &mut rows {
                if let Some(planned) = settled.get(&key(row)) {
                    row.clone_from(&planned.row);
                }
            }
        }
        rows = with_earlier(rows, options.earlier);
        // Rows in the order of the plan, and of one line in the order they came up.
        rows.sort_by_key(|row| row.line);
        let (undo, left) = taken_back(plan, backend.deployment(), &rows);
        Ok(Applied { rows, gaps: ground.gaps, undo, left })
    }
}

/// What an earlier attempt left to do: what failed, and of a line of which it is unknown what it would have changed, the
/// line.
fn remaining(plan: &ChangePlan, earlier: &[WriteResult]) -> Remaining {
    let mut remains = Remaining::default();
    if earlier.is_empty() {
        return remains;
    }
    remains.finished = (1..=plan.steps.len()).collect();
    for row in earlier.iter().filter(|row| !done(row) && row.outcome != WriteOutcome::Skipped) {
        let Some(line) = row.line.and_then(|line| usize::try_from(line).ok()) else { continue };
        match (Fact::read(row.kind, &row.target, &row.subject, &row.permission), row.change) {
            (Some(fact), Some(change)) => remains.facts.push((line, fact, change == ChangeKind::Added)),
            _ => drop(remains.finished.remove(&line)),
        }
    }
    remains
}

/// The rows of this attempt, and of an earlier one what it had done.
fn with_earlier(rows: Vec<WriteResult>, earlier: Vec<WriteResult>) -> Vec<WriteResult> {
    let mut all: indexmap::IndexMap<Key, WriteResult> = earlier
        .into_iter()
        .filter(|row| done(row) || row.outcome == WriteOutcome::Skipped)
        .map(|row| (key(&row), row))
        .collect();
    for row in rows {
        match all.get_mut(&key(&row)) {
            Some(before) if done(before) && row.outcome == WriteOutcome::Skipped => {}
            Some(before) => *before = row,
            None => drop(all.insert(key(&row), row)),
        }
    }
    all.into_values().collect()
}

/// The plan that takes back what was done, or in a rehearsal would be done.
fn taken_back(plan: &ChangePlan, deployment: Deployment, rows: &[WriteResult]) -> (ChangePlan, Vec<String>) {
    let facts: Vec<(Fact, bool)> = rows
        .iter()
        .filter_map(|row| {
            let added = match row.outcome {
                WriteOutcome::Added | WriteOutcome::WouldAdd => true,
                WriteOutcome::Removed | WriteOutcome::WouldRemove => false,
                WriteOutcome::Skipped | WriteOutcome::Failed => return None,
            };
            Some((Fact::read(row.kind, &row.target, &row.subject, &row.permission)?, added))
        })
        .collect();
    undo(plan.site.clone(), deployment, &facts)
}

//! Permissions in a space, given and taken one by one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};

use super::principals::Named;
use super::{Act, Planned, Sent, WriteOptions, roles_only};
use crate::apis::cloud_v1::writes;
use crate::apis::cloud_v2::lift::{self as v2_lift, Grant};
use crate::apis::cloud_v2::requests as v2;
use crate::apis::permission_wanted;
use crate::fetch::reader::Reader;
use crate::fetch::{Client, Error, ErrorKind, Progress, Result};
use crate::model::{GapScope, Permission, RoleMode, Space, SubjectKind, WriteOutcome, WriteResult};

/// What is wanted for one subject.
#[derive(Debug, Clone)]
pub(super) enum Aim {
    Give(BTreeSet<Permission>),
    Take(BTreeSet<Permission>),
    /// These and no others.
    Set(BTreeSet<Permission>),
}

/// Reads the words for permissions; there must be some.
pub(super) fn permissions(words: &[String]) -> Result<BTreeSet<Permission>> {
    if words.is_empty() {
        return Err(Error::configuration("no permission is named: name at least one, such as `view`"));
    }
    permissions_or_none(words)
}

pub(super) fn permissions_or_none(words: &[String]) -> Result<BTreeSet<Permission>> {
    words.iter().map(|word| permission_wanted(word).map_err(|e| Error::configuration(e.to_string()))).collect()
}

/// Refuses what the server would refuse: anything without `view`.
fn judge(who: &Named, aim: &Aim, held: &BTreeSet<Permission>) -> Result<()> {
    let (Aim::Give(wanted) | Aim::Set(wanted)) = aim else { return Ok(()) };
    let sees = match aim {
        Aim::Give(_) => held.contains(&Permission::View) || wanted.contains(&Permission::View),
        _ => wanted.contains(&Permission::View),
    };
    match wanted.iter().find(|_| !sees) {
        Some(permission) => Err(Error::configuration(format!(
            "`{permission}` needs `view`, which `{}` does not have: ask for `view` as well",
            who.subject
        ))),
        None => Ok(()),
    }
}

/// What is done for one subject.
fn plan(space: &Space, who: &Named, aim: &Aim, held: &BTreeSet<Permission>) -> Vec<Planned> {
    let row = |permission: &Permission, act: Act| Planned::new(&space.key, who, permission.as_str(), act);
    let known = |permission: &Permission| permission_wanted(permission.as_str()).is_ok();
    let mut rows = Vec::new();
    let (add, mut remove) = match aim {
        Aim::Give(wanted) => (wanted.clone(), BTreeSet::new()),
        Aim::Take(wanted) => (BTreeSet::new(), wanted.clone()),
        Aim::Set(wanted) => (wanted.clone(), held.difference(wanted).cloned().collect()),
    };
    for permission in &add {
        rows.push(if held.contains(permission) {
            row(permission, Act::Nothing).because("there already")
        } else {
            row(permission, Act::Add)
        });
    }
    let all_goes = remove.contains(&Permission::View) && held.contains(&Permission::View);
    let asked = remove.clone();
    if all_goes {
        remove.extend(held.iter().cloned());
    }
    // `view` last: with it all others would go, and nobody could say which were taken.
    let last = |permission: &&Permission| **permission == Permission::View;
    for permission in remove.iter().filter(|p| !last(p)).chain(remove.iter().filter(last)) {
        rows.push(if !held.contains(permission) {
            row(permission, Act::Nothing).because("not there")
        } else if !known(permission) && !all_goes {
            row(permission, Act::Nothing).because("left as it is: it cannot be taken by itself")
        } else if asked.contains(permission) {
            row(permission, Act::Remove)
        } else {
            row(permission, Act::Remove).because("goes with `view`")
        });
    }
    rows
}

impl Client {
    /// Changes permissions of several subjects in one space.
    pub(super) async fn change_space(
        &self,
        space: &str,
        aims: Vec<(String, Aim)>,
        options: WriteOptions,
    ) -> Result<Vec<WriteResult>> {
        self.find_out().await?;
        let progress = Progress::new();
        let reader = self.reader(&progress);
        let (space, mode) = futures::join!(self.space(&reader, space), reader.mode());
        let space = space?;
        if mode == Some(RoleMode::Roles) {
            return Err(roles_only("; nothing was written"));
        }
        let mut people: Vec<(Named, Aim)> = Vec::new();
        for (text, aim) in aims {
            let taking = match &aim {
                Aim::Take(_) => true,
                Aim::Set(wanted) => wanted.is_empty(),
                Aim::Give(_) => false,
            };
            let who = reader.principal(&text, !taking).await?;
            if who.subject.kind == SubjectKind::AccessClass {
                return Err(Error::configuration(format!(
                    "`{}` gets access to a space by a role: use `assign_role`",
                    who.subject
                )));
            }
            if people.iter().any(|(known, _)| known.subject == who.subject) {
                return Err(Error::configuration(format!("`{}` is named twice: name it once", who.subject)));
            }
            people.push((who, aim));
        }
        let grants = reader.grants(&space).await?;
        let mut jobs: Vec<Vec<Planned>> = Vec::new();
        for (who, aim) in &people {
            let held: BTreeSet<Permission> =
                grants.iter().filter(|g| g.subject == who.subject).map(|g| g.permission.clone()).collect();
            judge(who, aim, &held)?;
            jobs.push(plan(&space, who, aim, &held));
        }
        if !options.allow_lockout {
            reader.guard_space(&space, &grants, &jobs, mode.as_ref()).await?;
        }
        if options.dry_run {
            return Ok(jobs.into_iter().flatten().map(|planned| planned.row).collect());
        }
        // What is given first: a space must not be without an administrator in between.
        let refused = AtomicBool::new(false);
        let space = &space;
        for adding in [true, false] {
            let rbac = &refused;
            let grants = &grants;
            let work = jobs.into_iter().enumerate().map(|(at, job)| {
                let reader = &reader;
                async move {
                    let done = if adding {
                        reader.add(space, job, rbac).await
                    } else {
                        reader.remove(space, job, grants, rbac).await
                    };
                    (at, done)
                }
            });
            let mut done = reader.all(work).await;
            done.sort_by_key(|(at, _)| *at);
            jobs = done.into_iter().map(|(_, job)| job).collect();
        }
        let rows: Vec<WriteResult> = jobs.into_iter().flatten().map(|planned| planned.row).collect();
        let written = |row: &WriteResult| matches!(row.outcome, WriteOutcome::Added | WriteOutcome::Removed);
        if refused.load(Ordering::Relaxed) && !rows.iter().any(written) {
            return Err(roles_only("; nothing was written"));
        }
        Ok(rows)
    }
}

impl Reader<'_> {
    /// Permissions that stand by themselves in a space, all of them.
    ///
    /// # Errors
    /// Where not all could be read: on half a list nothing is decided.
    async fn grants(&self, space: &Space) -> Result<Vec<Grant>> {
        let walked = self
            .walk(
                v2::space_permissions(&space.id, v2::MAX_LIMIT),
                |body| v2_lift::grants(body, &space.key),
                |g: &Grant| format!("{}|{}|{}", g.subject, g.permission, g.id.as_deref().unwrap_or_default()),
                (GapScope::SpacePermissions, space.key.as_str()),
            )
            .await?;
        if !walked.gaps.is_empty() || !walked.complete {
            return Err(Error::incomplete(&format!("what is given in space `{}`", space.key), walked.gaps));
        }
        Ok(walked.rows)
    }

    /// Ids under which a permission of a subject stands in a space at this moment.
    async fn ids_of(&self, space: &Space, row: &WriteResult) -> Result<Vec<Option<String>>> {
        let now = self.grants(space).await?;
        let same = |g: &Grant| g.subject == row.subject && g.permission.as_str() == row.permission;
        Ok(now.into_iter().filter(same).map(|g| g.id).collect())
    }

    /// Refuses to take from the caller, or from everybody, what is needed to undo it.
    async fn guard_space(
        &self,
        space: &Space,
        grants: &[Grant],
        jobs: &[Vec<Planned>],
        mode: Option<&RoleMode>,
    ) -> Result<()> {
        let kept = [Permission::Administer, Permission::View];
        let removed: Vec<&WriteResult> = jobs
            .iter()
            .flatten()
            .filter(|p| matches!(p.act, Act::Remove) && kept.iter().any(|k| k.as_str() == p.row.permission))
            .map(|p| &p.row)
            .collect();
        if !removed.iter().any(|row| matches!(row.subject.kind, SubjectKind::User | SubjectKind::Group)) {
            return Ok(());
        }
        let caller = self.caller().await.map_err(|error| {
            self.locked_out(format!("whether you would lose space `{}` could not be found out ({error})", space.key))
        })?;
        if let Some(why) = &caller.unsure
            && removed.iter().any(|row| row.subject.kind == SubjectKind::Group)
        {
            return Err(
                self.locked_out(format!("whether you would lose space `{}` could not be found out ({why})", space.key))
            );
        }
        // What roles bring stays as it is.
        let mut roles = None;
        for permission in kept {
            let gone =
                |g: &Grant| removed.iter().any(|r| r.subject == g.subject && r.permission == g.permission.as_str());
            let mine = |g: &&Grant| g.permission == permission && caller.is(&g.subject);
            let lost = grants.iter().any(|g| mine(&g)) && !grants.iter().filter(mine).any(|g| !gone(g));
            let given = jobs.iter().flatten().any(|p| {
                matches!(p.act, Act::Add) && p.row.permission == permission.as_str() && caller.is(&p.row.subject)
            });
            let all = |g: &&Grant| g.permission == permission;
            let last = permission == Permission::Administer
                && grants.iter().any(|g| all(&g))
                && !grants.iter().filter(all).any(|g| !gone(g))
                && !jobs.iter().flatten().any(|p| matches!(p.act, Act::Add) && p.row.permission == permission.as_str());
            if !(lost && !given || last) {
                continue;
            }
            if roles.is_none() {
                let (known, _) = self.roles(mode).await;
                roles = Some(self.permissions(space, known.as_ref()).await.0.rows);
            }
            let by_role = roles.iter().flatten().any(|row| {
                row.via_role.is_some() && row.permission == permission && (caller.is(&row.subject) || last && !lost)
            });
            if by_role {
                continue;
            }
            return Err(self.locked_out(if last {
                format!("nobody would administer space `{}` any more", space.key)
            } else {
                format!("you would lose `{permission}` in space `{}`", space.key)
            }));
        }
        Ok(())
    }

    /// Gives what is to be given to one subject, `view` first.
    async fn add(&self, space: &Space, mut job: Vec<Planned>, rbac: &AtomicBool) -> Vec<Planned> {
        let mut order: Vec<usize> = (0..job.len()).collect();
        order.sort_by_key(|at| job.get(*at).is_some_and(|p| p.row.permission != Permission::View.as_str()));
        let mut blind = false;
        for at in order {
            let Some(planned) = job.get_mut(at).filter(|p| matches!(p.act, Act::Add)) else { continue };
            if blind {
                planned.settle((WriteOutcome::Failed, Some("not sent: `view` could not be given".to_owned())));
                continue;
            }
            let outcome = self.add_one(space, &planned.row, rbac).await;
            blind = outcome.0 == WriteOutcome::Failed && planned.row.permission == Permission::View.as_str();
            planned.settle(outcome);
        }
        job
    }

    async fn add_one(&self, space: &Space, row: &WriteResult, rbac: &AtomicBool) -> (WriteOutcome, Option<String>) {
        let permission = Permission::from(row.permission.as_str());
        let Some(request) = writes::add_space_permission(&space.key, &row.subject, &permission) else {
            return (WriteOutcome::Failed, Some(format!("`{permission}` cannot be given to `{}`", row.subject)));
        };
        let mut again = true;
        loop {
            let message = match Sent::of(self.transport.send(&request, self.transport.full()).await) {
                Sent::Done => return (WriteOutcome::Added, None),
                Sent::Refused(status, message) => {
                    if message.to_ascii_lowercase().contains("rbac") {
                        rbac.store(true, Ordering::Relaxed);
                    }
                    // Somebody else may have been faster.
                    let there = status == Some(400) && self.ids_of(space, row).await.is_ok_and(|ids| !ids.is_empty());
                    let outcome = if there { WriteOutcome::Skipped } else { WriteOutcome::Failed };
                    return (outcome, Some(if there { "there already".to_owned() } else { message }));
                }
                Sent::Open(message) => message,
            };
            match self.ids_of(space, row).await {
                Ok(ids) if !ids.is_empty() => {
                    return (WriteOutcome::Added, Some("the answer was lost, and it is there".to_owned()));
                }
                Ok(_) if again => again = false,
                Ok(_) => return (WriteOutcome::Failed, Some(message)),
                Err(error) => return (WriteOutcome::Failed, Some(unsure(&message, &error))),
            }
        }
    }

    /// Takes what is to be taken from one subject, in the order of the rows: `view` last.
    async fn remove(&self, space: &Space, mut job: Vec<Planned>, grants: &[Grant], rbac: &AtomicBool) -> Vec<Planned> {
        let mut ids: BTreeMap<String, Vec<Option<String>>> = BTreeMap::new();
        for planned in job.iter().filter(|p| matches!(p.act, Act::Remove)) {
            let same = |g: &&Grant| g.subject == planned.row.subject && g.permission.as_str() == planned.row.permission;
            ids.insert(planned.row.permission.clone(), grants.iter().filter(same).map(|g| g.id.clone()).collect());
        }
        let adding_failed = job.iter().any(|p| matches!(p.act, Act::Add) && p.row.outcome == WriteOutcome::Failed);
        let mut stuck = false;
        let mut with_view: Vec<usize> = Vec::new();
        for at in 0..job.len() {
            let Some(planned) = job.get_mut(at).filter(|p| matches!(p.act, Act::Remove)) else { continue };
            let view = planned.row.permission == Permission::View.as_str();
            if adding_failed {
                let message = "not sent: what should take its place could not be given".to_owned();
                planned.settle((WriteOutcome::Failed, Some(message)));
                continue;
            }
            if permission_wanted(&planned.row.permission).is_err() {
                // Not to be taken by itself: it goes when `view` does.
                with_view.push(at);
                continue;
            }
            if view && stuck {
                planned.settle((WriteOutcome::Failed, Some("not sent: others could not be taken".to_owned())));
                continue;
            }
            let ids = ids.remove(&planned.row.permission).unwrap_or_default();
            let outcome = self.remove_one(space, &planned.row, ids, rbac).await;
            stuck |= outcome.0 == WriteOutcome::Failed;
            planned.settle(outcome);
        }
        if with_view.is_empty() {
            return job;
        }
        let now = self.grants(space).await;
        for at in with_view {
            let Some(planned) = job.get_mut(at) else { continue };
            let row = &planned.row;
            let outcome = match &now {
                Ok(now) if now.iter().any(|g| g.subject == row.subject && g.permission.as_str() == row.permission) => {
                    (WriteOutcome::Failed, Some("still there: it cannot be taken by itself".to_owned()))
                }
                Ok(_) => (WriteOutcome::Removed, None),
                Err(error) => (WriteOutcome::Failed, Some(format!("whether it is gone could not be read: {error}"))),
            };
            planned.settle(outcome);
        }
        job
    }

    async fn remove_one(
        &self,
        space: &Space,
        row: &WriteResult,
        ids: Vec<Option<String>>,
        rbac: &AtomicBool,
    ) -> (WriteOutcome, Option<String>) {
        let mut outcome = (WriteOutcome::Removed, None);
        for id in ids {
            let Some(id) = id else {
                return (WriteOutcome::Failed, Some("the server does not say under which id it stands".to_owned()));
            };
            let request = writes::remove_space_permission(&space.key, &id);
            let message = match Sent::of(self.transport.send(&request, self.transport.full()).await) {
                Sent::Done => continue,
                Sent::Refused(_, message) | Sent::Open(message) => message,
            };
            if message.to_ascii_lowercase().contains("rbac") {
                rbac.store(true, Ordering::Relaxed);
            }
            // Gone already, by this call or by somebody else's: what counts is that it is gone.
            match self.ids_of(space, row).await {
                Ok(left) if !left.iter().any(|other| other.as_ref() == Some(&id)) => {
                    outcome.1 = Some("the server did not confirm it, and it is gone".to_owned());
                }
                Ok(_) => return (WriteOutcome::Failed, Some(message)),
                Err(error) => return (WriteOutcome::Failed, Some(unsure(&message, &error))),
            }
        }
        outcome
    }
}

/// A write nobody knows the outcome of.
pub(super) fn unsure(message: &str, error: &Error) -> String {
    let what =
        if error.kind() == ErrorKind::Closed { "the client was closed" } else { "that could not be read either" };
    format!("{message}; whether it was written is not known ({what}): make the call again")
}

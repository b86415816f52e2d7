//! Permissions in a space, given and taken one by one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};

use super::principals::Named;
use super::{Act, Caller, Hand, Planned, Sent, WriteOptions, locked_out, roles_only};
use crate::apis::cloud_v1::writes;
use crate::apis::cloud_v2::lift::{self as v2_lift, Grant};
use crate::apis::cloud_v2::requests as v2;
use crate::apis::{permission_wanted, space_permission_wanted};
use crate::fetch::reader::Reader;
use crate::fetch::{Client, Error, ErrorKind, Progress, Result};
use crate::model::{
    Deployment, GapScope, Permission, RoleMode, Space, Subject, SubjectKind, WriteOutcome, WriteResult,
};

/// What is done with the permissions that are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    Give,
    Take,
    /// These and no others.
    Set,
}

/// What is wanted for one subject.
#[derive(Debug, Clone)]
pub(in crate::fetch) enum Aim {
    Give(BTreeSet<Permission>),
    Take(BTreeSet<Permission>),
    /// These and no others.
    Set(BTreeSet<Permission>),
}

impl Aim {
    fn new(wish: Wish, permissions: BTreeSet<Permission>) -> Self {
        match wish {
            Wish::Give => Self::Give(permissions),
            Wish::Take => Self::Take(permissions),
            Wish::Set => Self::Set(permissions),
        }
    }

    /// Whether nothing is given, so that the subject need not be there any more.
    pub(in crate::fetch) fn only_takes(&self) -> bool {
        match self {
            Self::Take(_) => true,
            Self::Set(wanted) => wanted.is_empty(),
            Self::Give(_) => false,
        }
    }
}

/// Permissions must be named.
pub(super) fn judge_some(words: &[String]) -> Result<()> {
    if words.is_empty() {
        return Err(Error::configuration("no permission is named: name at least one, such as `view`"));
    }
    Ok(())
}

/// Reads the words for permissions.
fn permissions(words: &[String], deployment: Deployment) -> Result<BTreeSet<Permission>> {
    let wrong = |error: &dyn std::fmt::Display| Error::configuration(error.to_string());
    words
        .iter()
        .map(|word| match deployment {
            Deployment::Cloud => permission_wanted(word).map_err(|e| wrong(&e)),
            Deployment::DataCenter => space_permission_wanted(word).map_err(|e| wrong(&e)),
        })
        .collect()
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

/// What is done for one subject. `whole`: without `view` the server keeps no other permission of it, and only those of
/// its own words can be taken singly.
pub(in crate::fetch) fn plan(
    space: &Space,
    who: &Named,
    aim: &Aim,
    held: &BTreeSet<Permission>,
    whole: bool,
) -> Vec<Planned> {
    let row = |permission: &Permission, act: Act| {
        Planned::new(&space.key, who, permission.as_str(), act).titled(space.name.as_deref())
    };
    let known = |permission: &Permission| !whole || permission_wanted(permission.as_str()).is_ok();
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
    let all_goes = whole && remove.contains(&Permission::View) && held.contains(&Permission::View);
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

/// What it takes to undo a change, and so is not lost unasked.
const KEPT: [Permission; 2] = [Permission::Administer, Permission::View];

/// Something of [`KEPT`] that a change would take.
pub(in crate::fetch) struct Loss {
    permission: Permission,
    /// From everybody, not from the caller alone.
    from_all: bool,
    /// From the caller.
    own: bool,
}

impl Loss {
    pub(in crate::fetch) fn refused(&self, space: &Space) -> Error {
        locked_out(&if self.from_all {
            format!("nobody would administer space `{}` any more", space.key)
        } else {
            format!("you would lose `{}` in space `{}`", self.permission, space.key)
        })
    }
}

/// What `jobs` would take from the caller, or from everybody, of what `standing` gives now. `caller` is asked for only
/// where something depends on it.
pub(in crate::fetch) async fn losses<C: Future<Output = Result<Caller>>>(
    space: &Space,
    standing: &[(&Subject, &Permission)],
    jobs: &[Vec<Planned>],
    caller: C,
) -> Result<(Vec<Loss>, Option<Caller>)> {
    let removed: Vec<&WriteResult> = jobs
        .iter()
        .flatten()
        .filter(|p| matches!(p.act, Act::Remove) && KEPT.iter().any(|k| k.as_str() == p.row.permission))
        .map(|p| &p.row)
        .collect();
    if !removed.iter().any(|row| matches!(row.subject.kind, SubjectKind::User | SubjectKind::Group)) {
        return Ok((Vec::new(), None));
    }
    let doubt = |why: &dyn std::fmt::Display| {
        locked_out(&format!("whether you would lose space `{}` could not be found out ({why})", space.key))
    };
    let caller = caller.await.map_err(|error| doubt(&error))?;
    if let Some(why) = &caller.unsure
        && removed.iter().any(|row| row.subject.kind == SubjectKind::Group)
    {
        return Err(doubt(why));
    }
    let mut lost = Vec::new();
    for permission in KEPT {
        let holders: Vec<&Subject> = standing.iter().filter(|(_, p)| **p == permission).map(|(s, _)| *s).collect();
        let gone = |s: &Subject| removed.iter().any(|r| r.subject == *s && r.permission == permission.as_str());
        let given = |to: &dyn Fn(&Subject) -> bool| {
            jobs.iter()
                .flatten()
                .any(|p| matches!(p.act, Act::Add) && p.row.permission == permission.as_str() && to(&p.row.subject))
        };
        let taken = |from: &dyn Fn(&Subject) -> bool| {
            let mut of = holders.iter().filter(|s| from(s)).peekable();
            of.peek().is_some() && of.all(|s| gone(s)) && !given(from)
        };
        let own = taken(&|s| caller.is(s));
        let from_all = permission == Permission::Administer && taken(&|_| true);
        if own || from_all {
            lost.push(Loss { permission, from_all, own });
        }
    }
    Ok((lost, Some(caller)))
}

impl Client {
    /// Changes permissions of several subjects in one space.
    pub(super) async fn change_space(
        &self,
        space: &str,
        wishes: Vec<(String, Wish, Vec<String>)>,
        options: WriteOptions,
    ) -> Result<Vec<WriteResult>> {
        let aims = |deployment: Deployment| {
            let read = |(subject, wish, words): &(String, Wish, Vec<String>)| {
                Ok((subject.clone(), Aim::new(*wish, permissions(words, deployment)?)))
            };
            wishes.iter().map(read).collect::<Result<Vec<(String, Aim)>>>()
        };
        // What nobody gives is refused before anything is sent.
        match self.known_deployment() {
            Some(known) => drop(aims(known)?),
            None => {
                if let Err(error) = aims(Deployment::Cloud) {
                    aims(Deployment::DataCenter).map_err(|_| error)?;
                }
            }
        }
        let progress = Progress::new();
        match self.hand(&progress).await? {
            Hand::Cloud(reader) => self.change_cloud_space(&reader, space, aims(Deployment::Cloud)?, options).await,
            Hand::DataCenter(reader) => reader.change_space(space, aims(Deployment::DataCenter)?, options).await,
        }
    }

    async fn change_cloud_space(
        &self,
        reader: &Reader<'_>,
        space: &str,
        aims: Vec<(String, Aim)>,
        options: WriteOptions,
    ) -> Result<Vec<WriteResult>> {
        let (space, mode) = futures::join!(self.space(reader, space), reader.mode());
        let space = space?;
        if mode == Some(RoleMode::Roles) {
            return Err(roles_only("; nothing was written"));
        }
        let mut people: Vec<(Named, Aim)> = Vec::new();
        for (text, aim) in aims {
            let who = reader.principal(&text, !aim.only_takes()).await?;
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
            jobs.push(plan(&space, who, aim, &held, true));
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
            let work = jobs.into_iter().enumerate().map(|(at, job)| async move {
                let done = if adding {
                    reader.add(space, job, rbac).await
                } else {
                    reader.remove(space, job, grants, rbac).await
                };
                (at, done)
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
        let standing: Vec<(&Subject, &Permission)> = grants.iter().map(|g| (&g.subject, &g.permission)).collect();
        let (losses, caller) = losses(space, &standing, jobs, self.caller()).await?;
        let Some(caller) = caller.filter(|_| !losses.is_empty()) else { return Ok(()) };
        // What roles bring stays as it is.
        let (roles, _) = self.roles(mode).await;
        let roles = self.permissions(space, roles.as_ref()).await.0.rows;
        for loss in losses {
            let by_role = roles.iter().any(|row| {
                row.via_role.is_some()
                    && row.permission == loss.permission
                    && (caller.is(&row.subject) || loss.from_all && !loss.own)
            });
            if !by_role {
                return Err(loss.refused(space));
            }
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
pub(in crate::fetch) fn unsure(message: &str, error: &Error) -> String {
    let what =
        if error.kind() == ErrorKind::Closed { "the client was closed" } else { "that could not be read either" };
    format!("{message}; whether it was written is not known ({what}): make the call again")
}

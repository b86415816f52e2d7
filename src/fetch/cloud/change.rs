//! Changes of a site: permissions one by one, lists entry by entry, and what has to be known before.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};

use super::restrictions::LISTS;
use super::site::Site;
use crate::apis::cloud_v1::writes;
use crate::apis::cloud_v1::{lift as v1_lift, requests as v1};
use crate::apis::cloud_v2::lift::{Assignment, Grant, Role};
use crate::apis::cloud_v2::{lift as v2_lift, requests as v2};
use crate::fetch::change::planned::{Caller, Outcome, PlannedChange, Unconfirmed, locked_out, roles_only, unsure};
use crate::fetch::change::principals::NamedSubject;
use crate::fetch::change::restrictions::Job;
use crate::fetch::change::spaces::Held;
use crate::fetch::lists::Restricted;
use crate::fetch::pages::Walked;
use crate::fetch::{Error, Result, lists};
use crate::model::plan::Difference;
use crate::model::{GapScope, Group, Permission, RoleMode, Space, SpacePermission, Subject, WriteOutcome, WriteResult};

impl Site<'_> {
    /// Writes what is planned for each subject.
    ///
    /// # Errors
    /// [`ErrorKind::RolesOnly`] where nothing could be written because the site gives access by roles alone.
    pub(in crate::fetch) async fn write_permissions(
        &self,
        space: &Space,
        mut jobs: Vec<Vec<PlannedChange>>,
        held: &[Held],
    ) -> Result<Vec<Vec<PlannedChange>>> {
        // What is given first: a space must not be without an administrator in between.
        let refused = &AtomicBool::new(false);
        for adding in [true, false] {
            let work = jobs.into_iter().map(|job| async move {
                if adding { self.add(space, job, refused).await } else { self.remove(space, job, held, refused).await }
            });
            jobs = self.session.in_order(work).await;
        }
        let written = |p: &PlannedChange| matches!(p.row.outcome, WriteOutcome::Added | WriteOutcome::Removed);
        if refused.load(Ordering::Relaxed) && !jobs.iter().flatten().any(written) {
            return Err(roles_only("; nothing was written"));
        }
        Ok(jobs)
    }

    /// What roles bring in a space.
    pub(in crate::fetch) async fn permissions_by_role(
        &self,
        space: &Space,
        mode: Option<&RoleMode>,
    ) -> Vec<SpacePermission> {
        let (roles, _) = self.roles(mode).await;
        let mut rows = self.grants_and_roles(space, roles.as_ref()).await.0.rows;
        rows.retain(|row| row.via_role.is_some());
        rows
    }

    /// Groups an account is in.
    pub(in crate::fetch) async fn groups_with(&self, account: &str) -> Result<Walked<Group>> {
        let request = v1::member_of(account, v1::MAX_LIMIT);
        self.session
            .walk(request, v1_lift::member_of, |group: &Group| group.id.clone(), (GapScope::User, account))
            .await
    }

    /// How the site gives access; nothing where it does not say, because the server will when it is written to.
    pub(in crate::fetch) async fn mode(&self) -> Option<RoleMode> {
        self.role_mode().await.ok().flatten()
    }
}

impl Site<'_> {
    /// Puts an account into a group, or takes it out.
    pub(in crate::fetch) async fn set_member(&self, group: &str, account: &str, holds: bool) -> Result<()> {
        let request = if holds { writes::add_member(group, account) } else { writes::remove_member(group, account) };
        self.session.send(&request).await.map(drop)
    }

    /// Deletes a group.
    pub(in crate::fetch) async fn delete_group(&self, group: &str) -> Result<()> {
        self.session.send(&writes::delete_group(group)).await.map(drop)
    }

    /// Moves a page below another one.
    pub(in crate::fetch) async fn move_page(&self, page: &str, parent: &str) -> Result<()> {
        self.session.send(&writes::move_page(page, parent)).await.map(drop)
    }
}

impl Site<'_> {
    /// Writes one list: new entries at once, those to go one by one, the caller's own last.
    pub(in crate::fetch) async fn write_list(&self, job: &Job, caller: Option<&Caller>) -> Unconfirmed {
        let mut unconfirmed = Unconfirmed::new();
        let new: Vec<&Subject> = job.changes(|kind| matches!(kind, Difference::Added)).collect();
        if !new.is_empty() {
            match self.put(job, &new).await {
                Outcome::Done => {}
                failed => unconfirmed.extend(new.into_iter().map(|subject| (subject.clone(), failed.clone()))),
            }
        }
        let mut gone: Vec<Subject> = job.changes(|kind| matches!(kind, Difference::Removed)).cloned().collect();
        gone.sort_by_key(|subject| caller.is_some_and(|caller| caller.is(subject)));
        let mut failed = !unconfirmed.is_empty();
        for subject in gone {
            let sent = if failed {
                // Without those who should take their place the list could become empty.
                Outcome::because("not sent: an entry before it could not be written")
            } else if let Some(request) = writes::remove_restriction(&job.content, job.operation, &subject) {
                let sent = Outcome::of(self.session.send(&request).await);
                failed = !matches!(sent, Outcome::Done);
                sent
            } else {
                Outcome::because("an entry of this kind cannot be taken off")
            };
            if !matches!(sent, Outcome::Done) {
                unconfirmed.insert(subject, sent);
            }
        }
        unconfirmed
    }

    /// Puts subjects on a list. A write whose answer is lost is sent once more, after a look whether it is needed.
    async fn put(&self, job: &Job, new: &[&Subject]) -> Outcome {
        let Some(request) = writes::add_restrictions(&job.content, job.operation, new) else {
            return Outcome::because("an entry of this kind cannot be added");
        };
        let mut again = true;
        loop {
            let sent = Outcome::of(self.session.send(&request).await);
            let Outcome::Open(message) = &sent else { return sent };
            let now = lists::read(self.session.transport, &LISTS, &job.content, self.session.full()).await;
            let there = |now: &Restricted| {
                new.iter().all(|s| now.rows.iter().any(|r| r.operation == job.operation && r.subject == **s))
            };
            match now {
                Ok(now) if there(&now) => return Outcome::Done,
                Ok(_) if again => again = false,
                Ok(_) => return sent,
                Err(error) => return Outcome::because(unsure(message, &error)),
            }
        }
    }
}

impl Site<'_> {
    /// Permissions that stand by themselves in a space, all of them.
    ///
    /// # Errors
    /// Where not all could be read: on half a list nothing is decided.
    pub(in crate::fetch) async fn held(&self, space: &Space) -> Result<Vec<Held>> {
        let walked = self
            .session
            .walk(
                v2::space_permissions(&space.id, v2::MAX_LIMIT),
                |body| v2_lift::grants(body, &space.key),
                |g: &Grant| format!("{}|{}|{}", g.subject, g.permission, g.id.as_deref().unwrap_or_default()),
                (GapScope::SpacePermissions, space.key.as_str()),
            )
            .await?;
        let held = |grant: Grant| Held {
            subject: grant.subject,
            permission: grant.permission,
            id: grant.id,
            raw: None,
            by_rest: true,
        };
        Held::whole(space, walked.rows.into_iter().map(held), walked.gaps)
    }

    /// Ids under which a permission of a subject stands in a space at this moment.
    async fn ids_of(&self, space: &Space, row: &WriteResult) -> Result<Vec<Option<String>>> {
        let now = self.held(space).await?;
        let same = |g: &Held| g.subject == row.subject && g.permission.as_str() == row.permission;
        Ok(now.into_iter().filter(same).map(|g| g.id).collect())
    }

    /// Gives what is to be given to one subject, `view` first.
    pub(in crate::fetch) async fn add(
        &self,
        space: &Space,
        mut job: Vec<PlannedChange>,
        rbac: &AtomicBool,
    ) -> Vec<PlannedChange> {
        let mut order: Vec<usize> = (0..job.len()).collect();
        order.sort_by_key(|at| job.get(*at).is_some_and(|p| p.row.permission != Permission::View.as_str()));
        let mut blind = false;
        for at in order {
            let Some(planned) = job.get_mut(at).filter(|p| matches!(p.kind, Difference::Added)) else { continue };
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
            let message = match Outcome::of(self.session.send(&request).await) {
                Outcome::Done => return (WriteOutcome::Added, None),
                Outcome::Refused(status, message) => {
                    if message.to_ascii_lowercase().contains("rbac") {
                        rbac.store(true, Ordering::Relaxed);
                    }
                    // Somebody else may have been faster.
                    let there = status == Some(400) && self.ids_of(space, row).await.is_ok_and(|ids| !ids.is_empty());
                    let outcome = if there { WriteOutcome::Skipped } else { WriteOutcome::Failed };
                    return (outcome, Some(if there { "there already".to_owned() } else { message }));
                }
                Outcome::Open(message) => message,
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
    pub(in crate::fetch) async fn remove(
        &self,
        space: &Space,
        mut job: Vec<PlannedChange>,
        held: &[Held],
        rbac: &AtomicBool,
    ) -> Vec<PlannedChange> {
        let mut ids: BTreeMap<String, Vec<Option<String>>> = BTreeMap::new();
        for planned in job.iter().filter(|p| matches!(p.kind, Difference::Removed)) {
            let same = |g: &&Held| g.subject == planned.row.subject && g.permission.as_str() == planned.row.permission;
            ids.insert(planned.row.permission.clone(), held.iter().filter(same).map(|g| g.id.clone()).collect());
        }
        let adding_failed =
            job.iter().any(|p| matches!(p.kind, Difference::Added) && p.row.outcome == WriteOutcome::Failed);
        let mut stuck = false;
        let mut with_view: Vec<usize> = Vec::new();
        for at in 0..job.len() {
            let Some(planned) = job.get_mut(at).filter(|p| matches!(p.kind, Difference::Removed)) else { continue };
            let view = planned.row.permission == Permission::View.as_str();
            if adding_failed {
                let message = "not sent: what should take its place could not be given".to_owned();
                planned.settle((WriteOutcome::Failed, Some(message)));
                continue;
            }
            if Permission::from(planned.row.permission.as_str()).cloud().is_none() {
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
        let now = self.held(space).await;
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
            let message = match Outcome::of(self.session.send(&request).await) {
                Outcome::Done => continue,
                Outcome::Refused(_, message) | Outcome::Open(message) => message,
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

impl Site<'_> {
    /// Who has which role in a space, all of them.
    pub(in crate::fetch) async fn assignments(&self, space: &Space) -> Result<Vec<Assignment>> {
        let walked = self
            .session
            .walk(
                v2::role_assignments(&space.id, v2::MAX_LIMIT),
                |body| v2_lift::assignments(body, &space.key),
                |a: &Assignment| format!("{}|{}", a.subject, a.role_id),
                (GapScope::SpacePermissions, space.key.as_str()),
            )
            .await?;
        if !walked.gaps.is_empty() || !walked.complete {
            return Err(Error::incomplete(&format!("the roles in space `{}`", space.key), walked.gaps));
        }
        Ok(walked.rows)
    }

    /// Refuses to take from the caller, or from everybody, the role needed to undo it. `caller` is asked for only where
    /// something depends on it.
    pub(in crate::fetch) async fn guard_role(
        &self,
        space: &Space,
        assignments: &[Assignment],
        who: &NamedSubject,
        role: Option<&Role>,
        roles: &HashMap<String, Role>,
        caller: impl Future<Output = Result<Caller>>,
    ) -> Result<()> {
        let brings =
            |id: &str, permission: &Permission| roles.get(id).is_some_and(|r| r.grants.contains_key(permission));
        let kept = [Permission::Administer, Permission::View];
        let loses = |permission: &Permission| {
            assignments.iter().any(|a| a.subject == who.subject && brings(&a.role_id, permission))
                && !role.is_some_and(|role| role.grants.contains_key(permission))
        };
        if !kept.iter().any(loses) {
            return Ok(());
        }
        let caller = caller.await.map_err(|error| {
            locked_out(&format!("whether you would lose space `{}` could not be found out ({error})", space.key))
        })?;
        // What stands by itself stays as it is.
        let rows = self.grants_and_roles(space, Some(roles)).await.0.rows;
        for permission in kept.iter().filter(|p| loses(p)) {
            let stays = |mine: &dyn Fn(&crate::model::Subject) -> bool| {
                let by_role = assignments
                    .iter()
                    .any(|a| a.subject != who.subject && mine(&a.subject) && brings(&a.role_id, permission));
                let by_itself =
                    rows.iter().any(|r| r.via_role.is_none() && r.permission == *permission && mine(&r.subject));
                by_role || by_itself
            };
            if caller.is(&who.subject) && !stays(&|subject| caller.is(subject)) {
                return Err(locked_out(&format!("you would lose `{permission}` in space `{}`", space.key)));
            }
            if *permission == Permission::Administer && !stays(&|_| true) {
                return Err(locked_out(&format!("nobody would administer space `{}` any more", space.key)));
            }
        }
        Ok(())
    }
}

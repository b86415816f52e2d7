//! Changes of a site: permissions one by one, lists entry by entry, and what has to be known before.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};

use super::site::Site;
use crate::apis::cloud_v1::writes;
use crate::apis::cloud_v1::{lift as v1_lift, requests as v1};
use crate::apis::cloud_v2::lift::{Assignment, Grant, Role};
use crate::apis::cloud_v2::{lift as v2_lift, requests as v2};
use crate::apis::permission_wanted;
use crate::fetch::change::planned::{Caller, ChangeKind, Outcome, PlannedChange, locked_out, unsure};
use crate::fetch::change::principals::{NamedSubject, is_id, subject};
use crate::fetch::change::restrictions::Job;
use crate::fetch::change::spaces::losses;
use crate::fetch::lists::Restricted;
use crate::fetch::pages::ask;
use crate::fetch::{Error, ErrorKind, Result};
use crate::model::{
    Content, GapScope, Group, Permission, RoleMode, Space, Subject, SubjectKind, User, WriteOutcome, WriteResult,
};

impl Site<'_> {
    /// Who writes.
    pub(in crate::fetch) async fn caller(&self) -> Result<Caller> {
        let id = self.current_user().await?.subject.id;
        let listed = self
            .session
            .walk(
                v1::member_of(&id, v1::MAX_LIMIT),
                v1_lift::member_of,
                |group: &Group| group.id.clone(),
                (GapScope::User, id.as_str()),
            )
            .await;
        Ok(match listed {
            Ok(walked) => Caller {
                unsure: walked.gaps.first().map(|gap| gap.message.clone()),
                groups: walked.rows.into_iter().map(|group| group.id).collect(),
                id,
            },
            Err(error) => Caller { id, groups: BTreeSet::new(), unsure: Some(error.to_string()) },
        })
    }

    /// How the site gives access; nothing where it does not say, because the server will when it is written to.
    pub(in crate::fetch) async fn mode(&self) -> Option<RoleMode> {
        self.role_mode().await.ok().flatten()
    }
}

impl Site<'_> {
    /// The subject a text means. `there`: it has to exist; otherwise an id nobody knows is kept as it is, because what
    /// was given to somebody who is gone can still be taken away.
    pub(in crate::fetch) async fn principal(&self, text: &str, there: bool) -> Result<NamedSubject> {
        let subject = subject(text)?;
        match subject.kind {
            SubjectKind::Group => match self.group_named(&subject.id).await {
                Ok(group) => Ok(NamedSubject { subject: Subject::group(group.id), name: group.name }),
                Err(error) if error.kind() == ErrorKind::NotFound && !there => Ok(subject.into()),
                Err(error) => Err(error),
            },
            SubjectKind::User => self.account(&subject.id, there).await,
            SubjectKind::Anonymous | SubjectKind::AccessClass => Ok(subject.into()),
            _ => Err(Error::configuration(format!(
                "`{subject}` cannot be given or refused access: write `user:<id>`, `group:<id or name>` or `anonymous`"
            ))),
        }
    }

    /// The account with this id, name or e-mail address.
    pub(in crate::fetch) async fn account(&self, text: &str, there: bool) -> Result<NamedSubject> {
        let named = |user: User| NamedSubject {
            name: user.display_name.clone().or_else(|| user.name.clone()),
            subject: Subject::user(user.id),
        };
        let mut doubt = None;
        if is_id(text) {
            let (found, ..) = self.users(&[text.to_owned()]).await;
            if let Some(user) = found.rows.into_iter().find(|user| user.id == text) {
                return Ok(named(user));
            }
            doubt = found.gaps.into_iter().next();
        }
        let request = v1::search_user(text, 50);
        let searched =
            ask(self.session.transport, &request, self.session.transport.brief(), &|body| v1_lift::search_user(body))
                .await;
        let same = |other: &Option<String>| other.as_deref().is_some_and(|other| other.eq_ignore_ascii_case(text));
        let mut found: Vec<User> = match searched {
            Ok(page) => page.rows,
            Err(error) if there && !is_id(text) => return Err(error),
            Err(_) => Vec::new(),
        };
        found.retain(|user| same(&user.display_name) || same(&user.name) || same(&user.email));
        found.dedup_by(|a, b| a.id == b.id);
        if found.len() > 1 {
            let candidates: Vec<String> = found.iter().map(|user| format!("user:{}", user.id)).collect();
            let text = format!("several accounts are named `{text}`: give the id of one: {}", candidates.join(", "));
            let mut error = self.session.transport.error(ErrorKind::Ambiguous, &request, text);
            error.parts_mut().candidates = candidates;
            return Err(error);
        }
        match found.pop() {
            Some(user) => Ok(named(user)),
            None if !there => Ok(Subject::user(text).into()),
            None => Err(self.session.transport.error(
                ErrorKind::NotFound,
                &request,
                match doubt {
                    Some(gap) => format!("whether there is an account `{text}` could not be read: {}", gap.message),
                    None => format!("no account has the id, name or e-mail address `{text}`: check it, or give the id"),
                },
            )),
        }
    }
}

impl Site<'_> {
    /// Every restriction in `spaces`, and what of it could not be read.
    pub(in crate::fetch) async fn every_restriction(&self, spaces: &[Space]) -> Restricted {
        let searchable: Vec<Space> = spaces.iter().filter(|space| !space.archived()).cloned().collect();
        let (listed, mut found, (nodes, mut quiet)) =
            futures::join!(self.listing(spaces), self.search(&searchable), self.search_nodes(&searchable));
        found.absorb(nodes);
        quiet.extend(spaces.iter().filter(|space| space.archived()).cloned());
        found.gaps.extend(listed.gaps);
        let mut contents: HashMap<String, Content> = HashMap::new();
        for content in std::mem::take(&mut found.contents).into_iter().chain(listed.rows) {
            contents.insert(content.id.clone(), content);
        }
        found.gaps.extend(self.parents(&mut contents, &self.context(spaces)).await);
        for content in self.childless_nodes(&contents, &quiet).await.0 {
            contents.entry(content.id.clone()).or_insert(content);
        }
        let mut left: Vec<String> = contents.keys().filter(|id| !found.covered.contains(*id)).cloned().collect();
        // Whoever asks for a change wants to read of which page.
        found.contents = contents.into_values().collect();
        left.sort();
        found.absorb(self.restrictions_singly(left).await);
        let covered = std::mem::take(&mut found.covered);
        found.gaps.retain(|gap| !covered.contains(&gap.subject));
        found.covered = covered;
        found
    }

    /// Writes one list: whoever is new at once, whoever goes one by one, the caller's own entries last.
    pub(in crate::fetch) async fn write(&self, job: &Job, caller: Option<&Caller>) -> HashMap<Subject, String> {
        let mut trouble: HashMap<Subject, String> = HashMap::new();
        let new: Vec<Subject> = job.changes(|act| matches!(act, ChangeKind::Add)).cloned().collect();
        let mut failed = false;
        if !new.is_empty() {
            let new: Vec<&Subject> = new.iter().collect();
            if let Err(message) = self.put(job, &new).await {
                failed = true;
                trouble.extend(new.into_iter().map(|subject| (subject.clone(), message.clone())));
            }
        }
        let mut gone: Vec<Subject> = job.changes(|act| matches!(act, ChangeKind::Remove)).cloned().collect();
        gone.sort_by_key(|subject| caller.is_some_and(|caller| caller.is(subject)));
        for subject in gone {
            if failed {
                // Without those who should take their place the list could become empty.
                trouble.insert(subject, "not sent: an entry before it could not be written".to_owned());
                continue;
            }
            let Some(request) = writes::remove_restriction(&job.content, job.operation, &subject) else {
                trouble.insert(subject, "an entry of this kind cannot be taken off".to_owned());
                continue;
            };
            match Outcome::of(self.session.transport.send(&request, self.session.transport.full()).await) {
                Outcome::Done => {}
                Outcome::Refused(_, message) | Outcome::Open(message) => {
                    failed = true;
                    trouble.insert(subject, message);
                }
            }
        }
        trouble
    }

    /// Puts subjects on a list. A write whose answer is lost is sent once more, after a look whether it is needed.
    async fn put(&self, job: &Job, new: &[&Subject]) -> std::result::Result<(), String> {
        let Some(request) = writes::add_restrictions(&job.content, job.operation, new) else {
            return Err("an entry of this kind cannot be added".to_owned());
        };
        let mut again = true;
        loop {
            let message = match Outcome::of(self.session.transport.send(&request, self.session.transport.full()).await)
            {
                Outcome::Done => return Ok(()),
                Outcome::Refused(_, message) => return Err(message),
                Outcome::Open(message) => message,
            };
            let now = self.restriction(&job.content, self.session.transport.full()).await;
            let there = |now: &Restricted| {
                new.iter().all(|s| now.rows.iter().any(|r| r.operation == job.operation && r.subject == **s))
            };
            match now {
                Ok(now) if there(&now) => return Ok(()),
                Ok(_) if again => again = false,
                Ok(_) => return Err(message),
                Err(error) => return Err(unsure(&message, &error)),
            }
        }
    }
}

impl Site<'_> {
    /// Permissions that stand by themselves in a space, all of them.
    ///
    /// # Errors
    /// Where not all could be read: on half a list nothing is decided.
    pub(in crate::fetch) async fn grants(&self, space: &Space) -> Result<Vec<Grant>> {
        let walked = self
            .session
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
    pub(in crate::fetch) async fn guard_space(
        &self,
        space: &Space,
        grants: &[Grant],
        jobs: &[Vec<PlannedChange>],
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
            let Some(planned) = job.get_mut(at).filter(|p| matches!(p.act, ChangeKind::Add)) else { continue };
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
            let message = match Outcome::of(self.session.transport.send(&request, self.session.transport.full()).await)
            {
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
        grants: &[Grant],
        rbac: &AtomicBool,
    ) -> Vec<PlannedChange> {
        let mut ids: BTreeMap<String, Vec<Option<String>>> = BTreeMap::new();
        for planned in job.iter().filter(|p| matches!(p.act, ChangeKind::Remove)) {
            let same = |g: &&Grant| g.subject == planned.row.subject && g.permission.as_str() == planned.row.permission;
            ids.insert(planned.row.permission.clone(), grants.iter().filter(same).map(|g| g.id.clone()).collect());
        }
        let adding_failed =
            job.iter().any(|p| matches!(p.act, ChangeKind::Add) && p.row.outcome == WriteOutcome::Failed);
        let mut stuck = false;
        let mut with_view: Vec<usize> = Vec::new();
        for at in 0..job.len() {
            let Some(planned) = job.get_mut(at).filter(|p| matches!(p.act, ChangeKind::Remove)) else { continue };
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
            let message = match Outcome::of(self.session.transport.send(&request, self.session.transport.full()).await)
            {
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

    /// Refuses to take from the caller, or from everybody, the role needed to undo it.
    pub(in crate::fetch) async fn guard_role(
        &self,
        space: &Space,
        assignments: &[Assignment],
        who: &NamedSubject,
        role: Option<&Role>,
        roles: &HashMap<String, Role>,
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
        let caller = self.caller().await.map_err(|error| {
            locked_out(&format!("whether you would lose space `{}` could not be found out ({error})", space.key))
        })?;
        // What stands by itself stays as it is.
        let rows = self.permissions(space, Some(roles)).await.0.rows;
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

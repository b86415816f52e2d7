//! Changes as they are asked for.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};

use super::planned::{Caller, ChangeKind, PlannedChange, locked_out, roles_only};
use super::principals::NamedSubject;
use super::restrictions::{self, Job};
use super::spaces::{self, Target};
use crate::fetch::lists::Restricted;
use crate::fetch::{Client, Error, Progress, Result, WriteOptions, cloud, datacenter};
use crate::model::{
    Deployment, Listing, Permission, RestrictionOperation, RoleMode, SpacePermission, Subject, SubjectKind,
    WriteOutcome, WriteResult,
};

/// Who makes a change: each deployment has its own way of being read and written.
enum Hand<'a> {
    Cloud(cloud::Site<'a>),
    DataCenter(datacenter::Site<'a>),
}

impl Client {
    async fn hand<'a>(&'a self, progress: &'a Progress) -> Result<Hand<'a>> {
        Ok(match self.data_center(progress).await? {
            Some(reader) => Hand::DataCenter(reader),
            None => Hand::Cloud(self.reader(progress)),
        })
    }

    /// Permissions in a space, of one subject where one is named; from one source of Data Center where that is.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] for a subject nobody knows; otherwise as
    /// [`space_permissions_from`](Self::space_permissions_from).
    pub async fn space_permissions_of(
        &self,
        space: &str,
        subject: Option<&str>,
        source: Option<&str>,
    ) -> Result<Listing<SpacePermission>> {
        let Some(text) = subject else { return self.space_permissions_from(space, source).await };
        let progress = Progress::new();
        let who = self.hand(&progress).await?.principal(text, true).await?;
        let mut listing = self.space_permissions_from(space, source).await?;
        listing.rows.retain(|row| row.subject == who.subject);
        Ok(listing)
    }

    /// Gives permissions in a space to a subject.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] for a permission that cannot be given, [`ErrorKind::NotFound`] for a space or a
    /// subject that is not there, [`ErrorKind::RolesOnly`] where only roles are given: nothing was written then.
    /// Whatever fails later is a row that says so.
    pub async fn grant(
        &self,
        space: &str,
        subject: &str,
        permissions: &[String],
        options: WriteOptions,
    ) -> Result<Vec<WriteResult>> {
        spaces::judge_some(permissions)?;
        self.change_space(space, vec![(subject.to_owned(), spaces::Wish::Give, permissions.to_vec())], options).await
    }

    /// Takes permissions in a space from a subject. Taking `view` takes all others too.
    ///
    /// # Errors
    /// As [`Client::grant`]; [`ErrorKind::Lockout`] where the caller would lose the space by it.
    pub async fn revoke(
        &self,
        space: &str,
        subject: &str,
        permissions: &[String],
        options: WriteOptions,
    ) -> Result<Vec<WriteResult>> {
        spaces::judge_some(permissions)?;
        self.change_space(space, vec![(subject.to_owned(), spaces::Wish::Take, permissions.to_vec())], options).await
    }

    /// Lets each of these subjects have these permissions in a space and no others. Subjects that are not named keep
    /// what they have.
    ///
    /// # Errors
    /// As [`Client::revoke`].
    pub async fn set_permissions(
        &self,
        space: &str,
        wanted: &[(String, Vec<String>)],
        options: WriteOptions,
    ) -> Result<Vec<WriteResult>> {
        let wanted =
            wanted.iter().map(|(subject, words)| (subject.clone(), spaces::Wish::Set, words.clone())).collect();
        self.change_space(space, wanted, options).await
    }

    /// Puts subjects on one restriction list of each content. The other list is not touched.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] for what cannot be listed, [`ErrorKind::NotFound`] for a subject that is not there,
    /// [`ErrorKind::Lockout`] where the caller would be shut out: nothing was written then. Whatever fails later, or is
    /// about one content, is a row that says so.
    pub async fn restrict(
        &self,
        contents: &[String],
        operation: &str,
        subjects: &[String],
        options: WriteOptions,
    ) -> Result<Vec<WriteResult>> {
        self.change_lists(contents, operation, restrictions::Wish::Add, Some(subjects), options).await
    }

    /// Takes subjects off one restriction list of each content; `None`: everybody on it, so that the content is open as
    /// far as this list goes.
    ///
    /// # Errors
    /// As [`Client::restrict`], except that a subject that is not there may still be taken off.
    pub async fn unrestrict(
        &self,
        contents: &[String],
        operation: &str,
        subjects: Option<&[String]>,
        options: WriteOptions,
    ) -> Result<Vec<WriteResult>> {
        self.change_lists(contents, operation, restrictions::Wish::Remove, subjects, options).await
    }

    /// Lets one restriction list of each content hold these subjects and nobody else.
    ///
    /// # Errors
    /// As [`Client::restrict`].
    pub async fn set_restrictions(
        &self,
        contents: &[String],
        operation: &str,
        subjects: &[String],
        options: WriteOptions,
    ) -> Result<Vec<WriteResult>> {
        self.change_lists(contents, operation, restrictions::Wish::Replace, Some(subjects), options).await
    }

    /// Changes permissions of several subjects in one space.
    pub(super) async fn change_space(
        &self,
        space: &str,
        wishes: Vec<(String, spaces::Wish, Vec<String>)>,
        options: WriteOptions,
    ) -> Result<Vec<WriteResult>> {
        let targets = |deployment: Deployment| {
            let read = |(subject, wish, words): &(String, spaces::Wish, Vec<String>)| {
                Ok((subject.clone(), Target::new(*wish, spaces::permissions(words, deployment)?)))
            };
            wishes.iter().map(read).collect::<Result<Vec<(String, Target)>>>()
        };
        // What nobody gives is refused before anything is sent.
        match self.known_deployment() {
            Some(known) => drop(targets(known)?),
            None => {
                if let Err(error) = targets(Deployment::Cloud) {
                    targets(Deployment::DataCenter).map_err(|_| error)?;
                }
            }
        }
        let progress = Progress::new();
        match self.hand(&progress).await? {
            Hand::Cloud(reader) => self.change_cloud_space(&reader, space, targets(Deployment::Cloud)?, options).await,
            Hand::DataCenter(reader) => reader.change_space(space, targets(Deployment::DataCenter)?, options).await,
        }
    }

    async fn change_cloud_space(
        &self,
        reader: &cloud::Site<'_>,
        space: &str,
        targets: Vec<(String, Target)>,
        options: WriteOptions,
    ) -> Result<Vec<WriteResult>> {
        let (space, mode) = futures::join!(self.space(reader, space), reader.mode());
        let space = space?;
        if mode == Some(RoleMode::Roles) {
            return Err(roles_only("; nothing was written"));
        }
        let mut people: Vec<(NamedSubject, Target)> = Vec::new();
        for (text, target) in targets {
            let who = reader.principal(&text, !target.only_takes()).await?;
            if who.subject.kind == SubjectKind::AccessClass {
                return Err(Error::configuration(format!(
                    "`{}` gets access to a space by a role: use `assign_role`",
                    who.subject
                )));
            }
            if people.iter().any(|(known, _)| known.subject == who.subject) {
                return Err(Error::configuration(format!("`{}` is named twice: name it once", who.subject)));
            }
            people.push((who, target));
        }
        let grants = reader.grants(&space).await?;
        let mut jobs: Vec<Vec<PlannedChange>> = Vec::new();
        for (who, target) in &people {
            let held: BTreeSet<Permission> =
                grants.iter().filter(|g| g.subject == who.subject).map(|g| g.permission.clone()).collect();
            spaces::judge(who, target, &held)?;
            jobs.push(spaces::plan(&space, who, target, &held, true));
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
            let mut done = reader.session.all(work).await;
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

    pub(super) async fn change_lists(
        &self,
        contents: &[String],
        operation_word: &str,
        wish: restrictions::Wish,
        subjects: Option<&[String]>,
        options: WriteOptions,
    ) -> Result<Vec<WriteResult>> {
        let operation = restrictions::operation(operation_word)?;
        if contents.is_empty() {
            return Err(Error::configuration("no content is named: name at least one by its id"));
        }
        if wish != restrictions::Wish::Replace && subjects.is_some_and(<[String]>::is_empty) {
            return Err(Error::configuration("no subject is named: name at least one, such as `group:engineering`"));
        }
        let mut ids: Vec<String> = Vec::new();
        for content in contents {
            let id = content.trim();
            if id.is_empty() || id.chars().any(char::is_control) {
                return Err(Error::configuration(format!("`{}` is no id of a content", content.escape_debug())));
            }
            if !ids.iter().any(|known| known == id) {
                ids.push(id.to_owned());
            }
        }
        let progress = Progress::new();
        let hand = self.hand(&progress).await?;
        let who = match subjects {
            None => None,
            Some(texts) => {
                let mut who: Vec<NamedSubject> = Vec::new();
                for text in texts {
                    let named = hand.principal(text, wish != restrictions::Wish::Remove).await?;
                    if !matches!(named.subject.kind, SubjectKind::User | SubjectKind::Group) {
                        return Err(Error::configuration(format!(
                            "a restriction lists users and groups, not `{}`",
                            named.subject
                        )));
                    }
                    if !who.iter().any(|known| known.subject == named.subject) {
                        who.push(named);
                    }
                }
                Some(who)
            }
        };
        let who = who.as_deref();
        let read = ids.iter().enumerate().map(|(at, id)| {
            let hand = &hand;
            async move { (at, hand.restriction(id).await) }
        });
        let mut lists = hand.all(read).await;
        lists.sort_by_key(|(at, _)| *at);
        let jobs =
            ids.iter().zip(lists).map(|(id, (_, found))| restrictions::job(id, operation, wish, who, found)).collect();
        hand.change(jobs, options).await
    }

    /// Takes a subject off every restriction list in the spaces named by key (`None`: all the caller can see). Where
    /// nobody else is listed the content would be open: that is left as it is, and said, unless `allow_open`.
    ///
    /// # Errors
    /// `NotFound` for a space that is not there, `Lockout` where the caller would be shut out:
    /// nothing was written then. What could not be searched is a gap.
    pub async fn unrestrict_all(
        &self,
        subject: &str,
        spaces: Option<Vec<String>>,
        options: WriteOptions,
    ) -> Result<Listing<WriteResult>> {
        let progress = Progress::new();
        let hand = self.hand(&progress).await?;
        let named = hand.principal(subject, false).await?;
        if !matches!(named.subject.kind, SubjectKind::User | SubjectKind::Group) {
            return Err(Error::configuration(format!("a restriction lists users and groups, not `{}`", named.subject)));
        }
        let found = hand.every_restriction(spaces.as_deref()).await?;
        let titles: HashMap<&str, &str> = found
            .contents
            .iter()
            .filter_map(|content| Some((content.id.as_str(), content.title.as_deref()?)))
            .collect();
        let mut by_content: BTreeMap<String, restrictions::Lists> = BTreeMap::new();
        let mut all = found.rows;
        all.extend(found.partial);
        let listed: BTreeSet<String> =
            all.iter().filter(|row| row.subject == named.subject).map(|row| row.content_id.clone()).collect();
        for row in all.into_iter().filter(|row| listed.contains(&row.content_id)) {
            by_content.entry(row.content_id.clone()).or_default().push(row);
        }
        let who = std::slice::from_ref(&named);
        let mut jobs: Vec<Job> = Vec::new();
        for id in by_content.into_keys() {
            // The index lags behind: what is decided on is read now.
            let now = hand.restriction(&id).await;
            for operation in [RestrictionOperation::View, RestrictionOperation::Edit] {
                let mut one = match &now {
                    Ok(now) => Job {
                        rows: restrictions::plan(&id, operation, &now.rows, restrictions::Wish::Remove, Some(who)),
                        before: now.rows.clone(),
                        content: id.clone(),
                        operation,
                    },
                    Err(error) => Job {
                        rows: restrictions::unread(&id, operation, Some(who), &error.to_string()),
                        before: Vec::new(),
                        content: id.clone(),
                        operation,
                    },
                };
                if now.as_ref().is_ok_and(|now| !now.gaps.is_empty()) {
                    one.rows = restrictions::unread(&id, operation, Some(who), "not to the end");
                }
                one.rows.retain(|p| p.row.outcome != WriteOutcome::Skipped);
                if !options.allow_open && one.after().is_empty() {
                    one.rows = one
                        .rows
                        .into_iter()
                        .map(|p| match p.act {
                            ChangeKind::Remove => p.failed(
                                "not sent: nobody else is on the list, so the content would be open: pass `allow_open`, or list somebody else first",
                            ),
                            _ => p,
                        })
                        .collect();
                }
                for planned in &mut one.rows {
                    planned.row.title = titles.get(id.as_str()).map(|title| (*title).to_owned());
                }
                jobs.push(one);
            }
        }
        let rows = hand.change(jobs, options).await?;
        Ok(Listing { rows, gaps: found.gaps })
    }
}

impl Hand<'_> {
    pub(super) async fn principal(&self, text: &str, there: bool) -> Result<NamedSubject> {
        match self {
            Self::Cloud(reader) => reader.principal(text, there).await,
            Self::DataCenter(reader) => reader.principal(text, there).await,
        }
    }

    async fn caller(&self) -> Result<Caller> {
        match self {
            Self::Cloud(reader) => reader.caller().await,
            Self::DataCenter(reader) => reader.caller().await,
        }
    }

    /// Both lists of a content, as they are at this moment.
    async fn restriction(&self, id: &str) -> Result<Restricted> {
        match self {
            Self::Cloud(reader) => reader.restriction(id, reader.session.transport.full()).await,
            Self::DataCenter(reader) => reader.restriction(id, reader.session.transport.full()).await,
        }
    }

    /// Every restriction in the spaces with these keys (`None`: all), and what of it could not be read.
    async fn every_restriction(&self, spaces: Option<&[String]>) -> Result<Restricted> {
        match self {
            Self::Cloud(reader) => {
                let spaces = reader.spaces(spaces).await?;
                let mut found = reader.every_restriction(&spaces.rows).await;
                found.gaps.extend(spaces.gaps);
                Ok(found)
            }
            Self::DataCenter(reader) => reader.every_restriction(spaces).await,
        }
    }

    /// Runs `futures` a limited number at a time.
    async fn all<F: Future, I: IntoIterator<Item = F>>(&self, futures: I) -> Vec<F::Output> {
        match self {
            Self::Cloud(reader) => reader.session.all(futures).await,
            Self::DataCenter(reader) => reader.session.all(futures).await,
        }
    }

    /// Writes one list: what stood in the way, for whom.
    async fn write(&self, job: &Job, caller: Option<&Caller>) -> HashMap<Subject, String> {
        match self {
            Self::Cloud(reader) => reader.write(job, caller).await,
            Self::DataCenter(reader) => reader.write_list(job).await,
        }
    }

    /// Makes the changes, unless they shut the caller out.
    async fn change(&self, jobs: Vec<Job>, options: WriteOptions) -> Result<Vec<WriteResult>> {
        let changes = jobs.iter().any(|job| job.rows.iter().any(|p| !matches!(p.act, ChangeKind::Nothing)));
        let caller = if changes { Some(self.caller().await) } else { None };
        if let Some(caller) = &caller
            && !options.allow_lockout
        {
            self.guard_lists(&jobs, caller.as_ref())?;
        }
        if options.dry_run {
            return Ok(jobs.into_iter().flat_map(|job| job.rows).map(|planned| planned.row).collect());
        }
        let caller = caller.and_then(Result::ok);
        // Lists of one content one after the other: the product locks the content while it changes.
        let mut by_content: Vec<Vec<Job>> = Vec::new();
        for job in jobs {
            match by_content.last_mut().filter(|last| last.first().is_some_and(|j| j.content == job.content)) {
                Some(last) => last.push(job),
                None => by_content.push(vec![job]),
            }
        }
        let work = by_content.into_iter().enumerate().map(|(at, jobs)| {
            let caller = caller.as_ref();
            async move {
                let mut rows = Vec::new();
                for job in jobs {
                    rows.extend(self.change_list(job, caller).await);
                }
                (at, rows)
            }
        });
        let mut done = self.all(work).await;
        done.sort_by_key(|(at, _)| *at);
        Ok(done.into_iter().flat_map(|(_, rows)| rows).map(|planned| planned.row).collect())
    }

    /// Refuses what would leave the caller outside of a list that is open to it now.
    fn guard_lists(&self, jobs: &[Job], caller: std::result::Result<&Caller, &Error>) -> Result<()> {
        for job in jobs.iter().filter(|job| job.rows.iter().any(|p| !matches!(p.act, ChangeKind::Nothing))) {
            let after = job.after();
            if after.is_empty() {
                continue;
            }
            let caller = caller.map_err(|error| {
                locked_out(&format!("whether you would be shut out could not be found out ({error})"))
            })?;
            let maybe =
                |subject: &Subject| caller.is(subject) || caller.unsure.is_some() && subject.kind == SubjectKind::Group;
            let now = job.list().next().is_none() || job.list().any(maybe);
            if now && !after.iter().any(|subject| caller.is(subject)) {
                let (content, operation) = (&job.content, job.operation);
                if let Some(why) = caller.unsure.as_ref().filter(|_| after.iter().any(|subject| maybe(subject))) {
                    return Err(locked_out(&format!(
                        "whether you would be on the `{operation}` list of content `{content}` could not be found out ({why})"
                    )));
                }
                return Err(locked_out(&format!("you would not be on the `{operation}` list of content `{content}`")));
            }
        }
        Ok(())
    }

    /// Changes one list. What it came to is read back.
    async fn change_list(&self, mut job: Job, caller: Option<&Caller>) -> Vec<PlannedChange> {
        if job.rows.iter().all(|p| matches!(p.act, ChangeKind::Nothing)) {
            return job.rows;
        }
        let trouble = self.write(&job, caller).await;
        self.read_back(&mut job, &trouble).await;
        job.rows
    }

    /// Says of every row what became of it, by what stands there now.
    async fn read_back(&self, job: &mut Job, trouble: &HashMap<Subject, String>) {
        let now = self.restriction(&job.content).await;
        let other = |lists: &restrictions::Lists| -> BTreeSet<Subject> {
            lists.iter().filter(|r| r.operation != job.operation).map(|r| r.subject.clone()).collect()
        };
        let (before, operation) = (other(&job.before), job.operation);
        let disturbed = match &now {
            Ok(now) if other(&now.rows) != before => Some("meanwhile the other list of this content was changed too"),
            _ => None,
        };
        for planned in &mut job.rows {
            let subject = planned.row.subject.clone();
            let said = trouble.get(&subject).cloned();
            let adding = match planned.act {
                ChangeKind::Nothing => continue,
                ChangeKind::Add => true,
                ChangeKind::Remove => false,
            };
            let done = if adding { WriteOutcome::Added } else { WriteOutcome::Removed };
            let outcome = match &now {
                Ok(now) => {
                    let there = now.rows.iter().any(|r| r.operation == operation && r.subject == subject);
                    match (there == adding, said) {
                        (true, Some(message)) => {
                            (done, Some(format!("it is as wanted, though the server said: {message}")))
                        }
                        (true, None) => (done, disturbed.map(str::to_owned)),
                        (false, Some(message)) => (WriteOutcome::Failed, Some(message)),
                        (false, None) => (
                            WriteOutcome::Failed,
                            Some(
                                "the server took it, and it is not so: it may lag behind, make the call again"
                                    .to_owned(),
                            ),
                        ),
                    }
                }
                Err(error) => match said {
                    Some(message) => (WriteOutcome::Failed, Some(message)),
                    // Whoever shut himself out cannot look any more.
                    None => (done, Some(format!("the server took it; it could not be read back: {error}"))),
                },
            };
            planned.settle(outcome);
        }
    }
}

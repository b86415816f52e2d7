//! Changes of restriction lists: decided on what stands there, and read back.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::planned::{Caller, Outcome, PlannedChange, Unconfirmed, WriteOptions, locked_out};
use super::principals::NamedSubject;
use super::restrictions::{Job, Lists, job, plan, unread};
use crate::fetch::backend::Backend;
use crate::fetch::lists::Restricted;
use crate::fetch::{Error, Result, crawl};
use crate::model::plan::{Difference, ListWish};
use crate::model::{Listing, Restriction, RestrictionOperation, Subject, SubjectKind, WriteOutcome, WriteResult};

impl Backend<'_> {
    /// Changes one list of each of these contents.
    pub(super) async fn change_lists(
        &self,
        ids: &[String],
        operation: RestrictionOperation,
        wish: ListWish,
        subjects: Option<&[String]>,
        options: WriteOptions,
    ) -> Result<Vec<WriteResult>> {
        let who = match subjects {
            None => None,
            Some(texts) => {
                let mut who: Vec<NamedSubject> = Vec::new();
                for text in texts {
                    let named = self.principal(text, wish != ListWish::Remove).await?;
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
        let lists = self.session().in_order(ids.iter().map(|id| self.restriction(id))).await;
        let jobs = ids.iter().zip(lists).map(|(id, found)| job(id, operation, wish, who, found)).collect();
        self.change(jobs, options).await
    }

    /// Takes a subject off every list in the spaces with these keys (`None`: all).
    pub(super) async fn unrestrict_all(
        &self,
        subject: &str,
        spaces: Option<&[String]>,
        options: WriteOptions,
    ) -> Result<Listing<WriteResult>> {
        let named = self.principal(subject, false).await?;
        if !matches!(named.subject.kind, SubjectKind::User | SubjectKind::Group) {
            return Err(Error::configuration(format!("a restriction lists users and groups, not `{}`", named.subject)));
        }
        let found = self.every_restriction(spaces).await?;
        let titles: HashMap<&str, &str> = found
            .contents
            .iter()
            .filter_map(|content| Some((content.id.as_str(), content.title.as_deref()?)))
            .collect();
        let mut by_content: BTreeMap<String, Lists> = BTreeMap::new();
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
            let now = self.restriction(&id).await;
            for operation in [RestrictionOperation::View, RestrictionOperation::Edit] {
                let mut one = match &now {
                    Ok(now) => Job {
                        rows: plan(&id, operation, &now.rows, ListWish::Remove, Some(who)),
                        before: now.rows.clone(),
                        content: id.clone(),
                        operation,
                    },
                    Err(error) => Job {
                        rows: unread(&id, operation, Some(who), &error.to_string()),
                        before: Vec::new(),
                        content: id.clone(),
                        operation,
                    },
                };
                if now.as_ref().is_ok_and(|now| !now.gaps.is_empty()) {
                    one.rows = unread(&id, operation, Some(who), "not to the end");
                }
                one.rows.retain(|p| p.row.outcome != WriteOutcome::Skipped);
                if !options.allow_open && one.after().is_empty() {
                    one.rows = one
                        .rows
                        .into_iter()
                        .map(|p| match p.kind {
                            Difference::Removed => p.failed(
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
        let rows = self.change(jobs, options).await?;
        Ok(Listing { rows, gaps: found.gaps })
    }

    /// Every restriction in the spaces with these keys (`None`: all), and what of it could not be read.
    pub(super) async fn every_restriction(&self, spaces: Option<&[String]>) -> Result<Restricted> {
        let spaces = self.spaces(spaces).await?;
        let found = crawl::contents(self, &spaces.rows, None).await;
        let mut all = found.restricted;
        let covered = std::mem::take(&mut all.covered);
        all.gaps.extend(spaces.gaps.into_iter().chain(found.gaps).chain(found.places));
        all.gaps.retain(|gap| !covered.contains(&gap.subject));
        // For the titles in what is said of each change.
        all.contents = found.rows.into_values().collect();
        self.name_accounts(&mut all).await;
        Ok(Restricted { covered, ..all })
    }

    /// Makes the changes, unless they shut the caller out.
    async fn change(&self, jobs: Vec<Job>, options: WriteOptions) -> Result<Vec<WriteResult>> {
        let changes = jobs.iter().any(|job| job.rows.iter().any(|p| !matches!(p.kind, Difference::Same)));
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
        let work = by_content.into_iter().map(|jobs| {
            let caller = caller.as_ref();
            async move {
                let mut rows = Vec::new();
                for job in jobs {
                    rows.extend(self.change_list(job, caller).await);
                }
                rows
            }
        });
        let done = self.session().in_order(work).await;
        Ok(done.into_iter().flatten().map(|planned| planned.row).collect())
    }

    /// Refuses what would leave the caller outside of a list that is open to it now.
    pub(super) fn guard_lists<'j>(
        &self,
        jobs: impl IntoIterator<Item = &'j Job>,
        caller: std::result::Result<&Caller, &Error>,
    ) -> Result<()> {
        for job in jobs.into_iter().filter(|job| job.rows.iter().any(|p| !matches!(p.kind, Difference::Same))) {
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
    pub(super) async fn change_list(&self, mut job: Job, caller: Option<&Caller>) -> Vec<PlannedChange> {
        if job.rows.iter().all(|p| matches!(p.kind, Difference::Same)) {
            return job.rows;
        }
        let unconfirmed = self.write_list(&job, caller).await;
        self.read_back(&mut job, &unconfirmed).await;
        job.rows
    }

    /// Says of every row what became of it, by what stands there now.
    async fn read_back(&self, job: &mut Job, unconfirmed: &Unconfirmed) {
        let now = self.restriction(&job.content).await;
        let other = |lists: &Lists| -> BTreeSet<Subject> {
            lists.iter().filter(|r| r.operation != job.operation).map(|r| r.subject.clone()).collect()
        };
        let disturbed = now.as_ref().is_ok_and(|now| other(&now.rows) != other(&job.before));
        for planned in &mut job.rows {
            let changes = !matches!(planned.kind, Difference::Same);
            let sent = unconfirmed.get(&planned.row.subject).cloned().unwrap_or(Outcome::Done);
            let same = |r: &Restriction| r.operation == job.operation && r.subject == planned.row.subject;
            let there = now.as_ref().map(|now| now.rows.iter().any(same));
            planned.read_back(there, &sent);
            let done = matches!(planned.row.outcome, WriteOutcome::Added | WriteOutcome::Removed);
            if disturbed && changes && done && matches!(sent, Outcome::Done) {
                planned.row.message = Some("meanwhile the other list of this content was changed too".to_owned());
            }
        }
    }
}

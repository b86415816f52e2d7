//! Restrictions of contents, one list at a time. The other list is never sent, so it cannot be touched.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::principals::Named;
use super::spaces::unsure;
use super::{Act, Caller, Hand, Planned, Sent, WriteOptions, locked_out};
use crate::apis::cloud_v1::writes;
use crate::fetch::reader::{Reader, Restricted};
use crate::fetch::{Client, Error, Progress, Result};
use crate::model::{
    Content, Listing, Restriction, RestrictionOperation, Space, Subject, SubjectKind, WriteOutcome, WriteResult,
};

/// What is wanted of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    /// These as well.
    Add,
    /// These no more.
    Remove,
    /// These and nobody else.
    Replace,
}

/// Both lists of one content.
pub(in crate::fetch) type Lists = Vec<Restriction>;

/// What is done to one list of one content.
pub(in crate::fetch) struct Job {
    pub(in crate::fetch) content: String,
    pub(in crate::fetch) operation: RestrictionOperation,
    /// What stood there.
    pub(in crate::fetch) before: Lists,
    pub(in crate::fetch) rows: Vec<Planned>,
}

impl Job {
    fn list(&self) -> impl Iterator<Item = &Subject> {
        self.before.iter().filter(|r| r.operation == self.operation).map(|r| &r.subject)
    }

    pub(in crate::fetch) fn changes(&self, what: fn(&Act) -> bool) -> impl Iterator<Item = &Subject> {
        self.rows.iter().filter(move |p| what(&p.act)).map(|p| &p.row.subject)
    }

    /// The list as it will be.
    pub(in crate::fetch) fn after(&self) -> BTreeSet<&Subject> {
        let mut after: BTreeSet<&Subject> = self.list().collect();
        after.extend(self.changes(|act| matches!(act, Act::Add)));
        for gone in self.changes(|act| matches!(act, Act::Remove)) {
            after.remove(gone);
        }
        after
    }
}

fn operation(word: &str) -> Result<RestrictionOperation> {
    match word.trim().to_ascii_lowercase().as_str() {
        "view" | "read" => Ok(RestrictionOperation::View),
        "edit" | "update" => Ok(RestrictionOperation::Edit),
        _ => Err(Error::configuration(format!("no list restricts `{}`: use `view` or `edit`", word.escape_debug()))),
    }
}

/// The rows of one list.
fn plan(
    content: &str,
    operation: RestrictionOperation,
    before: &Lists,
    wish: Wish,
    who: Option<&[Named]>,
) -> Vec<Planned> {
    let listed: BTreeMap<&Subject, &Restriction> =
        before.iter().filter(|r| r.operation == operation).map(|r| (&r.subject, r)).collect();
    let word = operation.as_str();
    let row = |who: &Named, act: Act| Planned::new(content, who, word, act);
    let stored = |subject: &Subject| Named {
        subject: subject.clone(),
        name: listed.get(subject).and_then(|row| row.subject_name.clone()),
    };
    let mut rows = Vec::new();
    match (wish, who) {
        (Wish::Add | Wish::Replace, Some(wanted)) => {
            for named in wanted {
                rows.push(if listed.contains_key(&named.subject) {
                    row(named, Act::Nothing).because("there already")
                } else {
                    row(named, Act::Add)
                });
            }
            if wish == Wish::Replace {
                let extra = listed.keys().filter(|subject| !wanted.iter().any(|named| named.subject == ***subject));
                rows.extend(extra.map(|subject| row(&stored(subject), Act::Remove)));
            }
        }
        (Wish::Remove, Some(wanted)) => {
            for named in wanted {
                rows.push(if listed.contains_key(&named.subject) {
                    row(named, Act::Remove)
                } else {
                    row(named, Act::Nothing).because("not there")
                });
            }
        }
        (_, None) => rows.extend(listed.keys().map(|subject| row(&stored(subject), Act::Remove))),
    }
    let left =
        listed.keys().any(|subject| !rows.iter().any(|p| matches!(p.act, Act::Remove) && p.row.subject == **subject))
            || rows.iter().any(|p| matches!(p.act, Act::Add));
    if !left {
        for planned in rows.iter_mut().filter(|p| matches!(p.act, Act::Remove)) {
            planned.row.message = Some(opens(operation).to_owned());
        }
    }
    rows
}

fn opens(operation: RestrictionOperation) -> &'static str {
    match operation {
        RestrictionOperation::View => "nobody is left on the list: everybody who may view what is above may view it",
        RestrictionOperation::Edit => "nobody is left on the list: everybody who may edit in the space may edit it",
    }
}

/// A row for a content whose lists could not be read.
fn unread(content: &str, operation: RestrictionOperation, who: Option<&[Named]>, why: &str) -> Vec<Planned> {
    let nobody = [Named::from(Subject::new(SubjectKind::Unknown, ""))];
    let who = who.filter(|who| !who.is_empty()).unwrap_or(&nobody);
    let message = format!("not sent: its restrictions could not be read: {why}");
    who.iter().map(|named| Planned::new(content, named, operation.as_str(), Act::Nothing).failed(&message)).collect()
}

impl Client {
    pub(super) async fn change_lists(
        &self,
        contents: &[String],
        operation_word: &str,
        wish: Wish,
        subjects: Option<&[String]>,
        options: WriteOptions,
    ) -> Result<Vec<WriteResult>> {
        let operation = operation(operation_word)?;
        if contents.is_empty() {
            return Err(Error::configuration("no content is named: name at least one by its id"));
        }
        if wish != Wish::Replace && subjects.is_some_and(<[String]>::is_empty) {
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
                let mut who: Vec<Named> = Vec::new();
                for text in texts {
                    let named = hand.principal(text, wish != Wish::Remove).await?;
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
        let jobs = ids.iter().zip(lists).map(|(id, (_, found))| job(id, operation, wish, who, found)).collect();
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
            let now = hand.restriction(&id).await;
            for operation in [RestrictionOperation::View, RestrictionOperation::Edit] {
                let mut one = match &now {
                    Ok(now) => Job {
                        rows: plan(&id, operation, &now.rows, Wish::Remove, Some(who)),
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
                        .map(|p| match p.act {
                            Act::Remove => p.failed(
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

fn job(id: &str, operation: RestrictionOperation, wish: Wish, who: Option<&[Named]>, found: Result<Restricted>) -> Job {
    let (before, rows) = match found {
        Ok(found) if found.covered.contains(id) => {
            let rows = plan(id, operation, &found.rows, wish, who);
            (found.rows, rows)
        }
        Ok(found) => {
            let why = found.gaps.first().map_or_else(|| "not to the end".to_owned(), |gap| gap.message.clone());
            (Vec::new(), unread(id, operation, who, &why))
        }
        Err(error) => (Vec::new(), unread(id, operation, who, &error.to_string())),
    };
    Job { content: id.to_owned(), operation, before, rows }
}

impl Hand<'_> {
    pub(super) async fn principal(&self, text: &str, there: bool) -> Result<Named> {
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
            Self::Cloud(reader) => reader.restriction(id, reader.transport.full()).await,
            Self::DataCenter(reader) => reader.restriction(id, reader.transport.full()).await,
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
            Self::Cloud(reader) => reader.all(futures).await,
            Self::DataCenter(reader) => reader.all(futures).await,
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
        let changes = jobs.iter().any(|job| job.rows.iter().any(|p| !matches!(p.act, Act::Nothing)));
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
        for job in jobs.iter().filter(|job| job.rows.iter().any(|p| !matches!(p.act, Act::Nothing))) {
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
    async fn change_list(&self, mut job: Job, caller: Option<&Caller>) -> Vec<Planned> {
        if job.rows.iter().all(|p| matches!(p.act, Act::Nothing)) {
            return job.rows;
        }
        let trouble = self.write(&job, caller).await;
        self.read_back(&mut job, &trouble).await;
        job.rows
    }

    /// Says of every row what became of it, by what stands there now.
    async fn read_back(&self, job: &mut Job, trouble: &HashMap<Subject, String>) {
        let now = self.restriction(&job.content).await;
        let other = |lists: &Lists| -> BTreeSet<Subject> {
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
                Act::Nothing => continue,
                Act::Add => true,
                Act::Remove => false,
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

impl Reader<'_> {
    /// Every restriction in `spaces`, and what of it could not be read.
    async fn every_restriction(&self, spaces: &[Space]) -> Restricted {
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
        for content in self.quiet_nodes(&contents, &quiet).await.0 {
            contents.entry(content.id.clone()).or_insert(content);
        }
        let mut left: Vec<String> = contents.keys().filter(|id| !found.covered.contains(*id)).cloned().collect();
        // Whoever asks for a change wants to read of which page.
        found.contents = contents.into_values().collect();
        left.sort();
        found.absorb(self.restrictions_of(left).await);
        let covered = std::mem::take(&mut found.covered);
        found.gaps.retain(|gap| !covered.contains(&gap.subject));
        found.covered = covered;
        found
    }

    /// Writes one list: whoever is new at once, whoever goes one by one, the caller's own entries last.
    async fn write(&self, job: &Job, caller: Option<&Caller>) -> HashMap<Subject, String> {
        let mut trouble: HashMap<Subject, String> = HashMap::new();
        let new: Vec<Subject> = job.changes(|act| matches!(act, Act::Add)).cloned().collect();
        let mut failed = false;
        if !new.is_empty() {
            let new: Vec<&Subject> = new.iter().collect();
            if let Err(message) = self.put(job, &new).await {
                failed = true;
                trouble.extend(new.into_iter().map(|subject| (subject.clone(), message.clone())));
            }
        }
        let mut gone: Vec<Subject> = job.changes(|act| matches!(act, Act::Remove)).cloned().collect();
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
            match Sent::of(self.transport.send(&request, self.transport.full()).await) {
                Sent::Done => {}
                Sent::Refused(_, message) | Sent::Open(message) => {
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
            let message = match Sent::of(self.transport.send(&request, self.transport.full()).await) {
                Sent::Done => return Ok(()),
                Sent::Refused(_, message) => return Err(message),
                Sent::Open(message) => message,
            };
            let now = self.restriction(&job.content, self.transport.full()).await;
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

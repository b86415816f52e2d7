//! Changes: permissions in spaces by REST where the version has it, otherwise by JSON-RPC; restriction
//! lists by the route of REST the version has, and by JSON-RPC where it has none.
//!
//! Every one of these writes names the whole of what it sets, or is skipped by the server where it is so already, so a
//! write whose answer was lost may be sent again. What it came to is read back.

use std::collections::{BTreeSet, HashMap};

use super::restrictions::LISTS;
use super::site::Site;
use super::{contents, json_rpc};
use crate::apis::datacenter::writes::ListWay;
use crate::apis::datacenter::{lift, requests, writes};
use crate::apis::json_rpc::{methods, requests as rpc};
use crate::apis::methods::{Argument, Arguments, Who};
use crate::apis::stored_name;
use crate::fetch::change::planned::{Caller, ChangeKind, PlannedChange, WriteOptions, unsure};
use crate::fetch::change::principals::{self, NamedSubject};
use crate::fetch::change::restrictions::Job;
use crate::fetch::change::spaces::{Target, losses, plan};
use crate::fetch::crawl::uncovered;
use crate::fetch::lists::Restricted;
use crate::fetch::pages::ask_one;
use crate::fetch::{Error, ErrorKind, Result, lists};
use crate::model::{
    GapScope, Group, Permission, Space, SpacePermission, Subject, SubjectKind, WriteOutcome, WriteResult,
};

/// What is wanted for one subject, and what it has.
struct Change {
    who: NamedSubject,
    /// What the subject has now, with the server's own words.
    held: Vec<SpacePermission>,
    rows: Vec<PlannedChange>,
}

impl Change {
    fn has(&self) -> BTreeSet<Permission> {
        self.held.iter().map(|row| row.permission.clone()).collect()
    }

    fn named(&self, what: fn(&ChangeKind) -> bool) -> BTreeSet<Permission> {
        self.rows.iter().filter(|p| what(&p.act)).map(|p| Permission::from(p.row.permission.as_str())).collect()
    }

    fn added(&self) -> BTreeSet<Permission> {
        self.named(|act| matches!(act, ChangeKind::Add))
    }

    fn removed(&self) -> BTreeSet<Permission> {
        self.named(|act| matches!(act, ChangeKind::Remove))
    }

    /// What the subject will have.
    fn after(&self) -> BTreeSet<Permission> {
        let removed = self.removed();
        self.has().into_iter().chain(self.added()).filter(|permission| !removed.contains(permission)).collect()
    }

    fn changes(&self) -> bool {
        self.rows.iter().any(|p| !matches!(p.act, ChangeKind::Nothing))
    }
}

/// Why nothing was written for a subject.
type Trouble = HashMap<Subject, String>;

impl Site<'_> {
    /// The subject a text means. `there`: it has to exist; otherwise a name nobody knows is kept as it is, because what
    /// was given to somebody who is gone can still be taken away.
    pub(in crate::fetch) async fn principal(&self, text: &str, there: bool) -> Result<NamedSubject> {
        let subject = principals::subject(text)?;
        match subject.kind {
            SubjectKind::Group => match self.group_named(&subject.id).await {
                Ok(group) => Ok(NamedSubject { subject: Subject::group(group.id), name: group.name }),
                Err(error) if error.kind() == ErrorKind::NotFound && !there => Ok(subject.into()),
                Err(error) => Err(error),
            },
            SubjectKind::User => match self.user_named(&subject.id).await {
                Ok(user) => Ok(NamedSubject { subject: Subject::user(user.id), name: user.display_name.or(user.name) }),
                Err(error) if error.kind() == ErrorKind::NotFound && !there => Ok(subject.into()),
                Err(error) => Err(error),
            },
            SubjectKind::Anonymous => Ok(subject.into()),
            _ => Err(Error::configuration(format!(
                "`{subject}` cannot be given or refused access: write `user:<username or key>`, `group:<name>` or `anonymous`"
            ))),
        }
    }

    /// Who writes.
    pub(in crate::fetch) async fn caller(&self) -> Result<Caller> {
        let id = self.installation.subject().map(|subject| subject.id).ok_or_else(|| {
            Error::new(ErrorKind::Unauthorized, "who this account is could not be found out".to_owned())
        })?;
        let listed = self
            .session
            .walk(
                requests::member_of(&id, requests::PEOPLE_LIMIT),
                lift::member_of,
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

    /// Permissions that stand in a space, all of them.
    ///
    /// # Errors
    /// Where not all could be read: on half a list nothing is decided.
    async fn standing(&self, space: &Space) -> Result<Vec<SpacePermission>> {
        let mut listed = self.space_permissions_from(&space.key, None).await?;
        if !listed.gaps.is_empty() {
            return Err(Error::incomplete(&format!("what is given in space `{}`", space.key), listed.gaps));
        }
        // Somebody who could not be looked up is not the subject of a change: those were found.
        let _ = self.name_permissions(&mut listed.rows, false).await;
        Ok(listed.rows)
    }

    /// Changes permissions of several subjects in one space.
    pub(in crate::fetch) async fn change_space(
        &self,
        space: &str,
        targets: Vec<(String, Target)>,
        options: WriteOptions,
    ) -> Result<Vec<WriteResult>> {
        let space = self.space(space).await?;
        let mut people: Vec<(NamedSubject, Target)> = Vec::new();
        for (text, target) in targets {
            let who = self.principal(&text, !target.only_takes()).await?;
            if people.iter().any(|(known, _)| known.subject == who.subject) {
                return Err(Error::configuration(format!("`{}` is named twice: name it once", who.subject)));
            }
            people.push((who, target));
        }
        let standing = self.standing(&space).await?;
        let mut changes: Vec<Change> = people
            .into_iter()
            .map(|(who, target)| {
                let held: Vec<SpacePermission> =
                    standing.iter().filter(|row| row.subject == who.subject).cloned().collect();
                let change = Change { who, held, rows: Vec::new() };
                let rows = plan(&space, &change.who, &target, &change.has(), false);
                Change { rows, ..change }
            })
            .collect();
        if !options.allow_lockout {
            let pairs: Vec<(&Subject, &Permission)> =
                standing.iter().map(|row| (&row.subject, &row.permission)).collect();
            let jobs: Vec<Vec<PlannedChange>> = changes.iter().map(|change| change.rows.clone()).collect();
            let (lost, _) = losses(&space, &pairs, &jobs, self.caller()).await?;
            if let Some(loss) = lost.first() {
                return Err(loss.refused(&space));
            }
        }
        if !options.dry_run && changes.iter().any(Change::changes) {
            let old = self.installation.at_least(9, 1) == Some(false);
            let others = standing.iter().any(|row| row.source.api() != "datacenter");
            let by_rest = if old || others { None } else { self.write_by_rest(&space, &changes).await };
            let trouble = match by_rest {
                Some(trouble) => trouble,
                None => self.write_by_rpc(&space, &changes).await,
            };
            self.settle(&space, &mut changes, &trouble).await;
        }
        Ok(changes.into_iter().flat_map(|change| change.rows).map(|planned| planned.row).collect())
    }

    /// By REST: one subject by a grant or a revocation, several by setting what each is to have. `None`: this version has
    /// no such route, and nothing was written.
    async fn write_by_rest(&self, space: &Space, changes: &[Change]) -> Option<Trouble> {
        let mut trouble = Trouble::new();
        let mut wanted: Vec<(&Subject, BTreeSet<Permission>)> = Vec::new();
        let work: Vec<&Change> = changes.iter().filter(|change| change.changes()).collect();
        // What is given first: a space must not be without an administrator in between.
        let (giving, taking): (Vec<&Change>, Vec<&Change>) =
            work.iter().copied().partition(|change| !change.added().is_empty());
        for change in giving.into_iter().chain(taking) {
            let subject = &change.who.subject;
            let (added, removed) = (change.added(), change.removed());
            let one = match (added.is_empty(), removed.is_empty()) {
                (false, true) => writes::grant_space_permissions(&space.key, subject, &added),
                (true, false) => writes::revoke_space_permissions(&space.key, subject, &removed),
                _ => None,
            };
            match one {
                Some(request) if work.len() == 1 => {
                    match self.session.transport.send(&request, self.session.transport.full()).await {
                        Ok(_) => {}
                        Err(error) if error.is_missing_route() => return None,
                        Err(error) => drop(trouble.insert(subject.clone(), error.to_string())),
                    }
                }
                _ => wanted.push((subject, change.after())),
            }
        }
        for (at, chunk) in wanted.chunks(writes::MAX_SUBJECTS).enumerate() {
            // A word the server does not take back would spoil the request for all others in it.
            let (known, foreign): (Vec<_>, Vec<_>) = chunk
                .iter()
                .map(|(subject, permissions)| (*subject, permissions))
                .partition(|one| writes::set_space_permissions(&space.key, &[*one]).is_some());
            for (subject, _) in foreign {
                trouble.insert(
                    subject.clone(),
                    "not sent: it has a permission that cannot be written back, and would lose it".to_owned(),
                );
            }
            let Some(request) = writes::set_space_permissions(&space.key, &known).filter(|_| !known.is_empty()) else {
                continue;
            };
            match self.session.transport.send(&request, self.session.transport.full()).await {
                Ok(_) => {}
                Err(error) if at == 0 && error.is_missing_route() => return None,
                Err(error) => {
                    trouble.extend(known.iter().map(|(subject, _)| ((*subject).clone(), error.to_string())));
                }
            }
        }
        Some(trouble)
    }

    /// By JSON-RPC, which knows subjects by name alone.
    async fn write_by_rpc(&self, space: &Space, changes: &[Change]) -> Trouble {
        let mut trouble = Trouble::new();
        let mut names: HashMap<&Subject, Option<String>> = HashMap::new();
        for change in changes.iter().filter(|change| change.changes()) {
            let subject = &change.who.subject;
            match self.one_name(subject).await {
                Ok(name) => drop(names.insert(subject, name)),
                Err(message) => drop(trouble.insert(subject.clone(), message)),
            }
        }
        for adding in [true, false] {
            for change in changes {
                let subject = &change.who.subject;
                let Some(name) = names.get(subject).filter(|_| !trouble.contains_key(subject)) else { continue };
                let calls =
                    if adding { given(space, change, name.as_deref()) } else { taken(space, change, name.as_deref()) };
                for call in calls {
                    if let Err(message) = self.tell(&call).await {
                        trouble.insert(subject.clone(), message);
                        break;
                    }
                }
            }
        }
        trouble
    }

    /// The name by which JSON-RPC knows a subject; `None`: anonymous.
    async fn one_name(&self, subject: &Subject) -> std::result::Result<Option<String>, String> {
        let name = match subject.kind {
            SubjectKind::Anonymous => return Ok(None),
            SubjectKind::User => match self.usernames(std::slice::from_ref(&subject.id)).await {
                // Somebody who is gone is known by the name the server still writes.
                Ok(names) => names.get(&subject.id).unwrap_or(&subject.id).clone(),
                Err(error) => return Err(format!("not sent: its username could not be read: {error}")),
            },
            SubjectKind::Group => subject.id.clone(),
            _ => return Err(format!("`{subject}` cannot be given or refused access")),
        };
        match self.one_of_a_name(&subject.kind, &name).await {
            Ok(()) => Ok(Some(name)),
            Err(error) => Err(format!("not sent: {error}")),
        }
    }

    /// Makes sure that no group is named like this user, or no user like this group: JSON-RPC has one namespace for both.
    ///
    /// # Errors
    /// [`ErrorKind::Ambiguous`] where there is one, and whatever stands in the way of knowing.
    pub(super) async fn one_of_a_name(&self, kind: &SubjectKind, name: &str) -> Result<()> {
        let (outcome, other) = if *kind == SubjectKind::Group {
            let request = requests::user_by_name(name);
            (
                ask_one(self.session.transport, &request, self.session.transport.full(), lift::user).await.map(drop),
                "user",
            )
        } else {
            (self.group_named(name).await.map(drop), "group")
        };
        match outcome {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
            Ok(()) => Err(Error::new(
                ErrorKind::Ambiguous,
                format!(
                    "a {other} is named `{name}` too, and JSON-RPC does not tell users from groups: rename one, or use a version with REST (9.1)"
                ),
            )),
        }
    }

    /// Usernames of accounts by their keys; those nobody knows are left out.
    async fn usernames(&self, keys: &[String]) -> Result<HashMap<String, String>> {
        let users = self.users(keys).await?;
        Ok(users.rows.into_iter().filter_map(|user| Some((user.id, user.name?))).collect())
    }

    async fn tell(&self, call: &rpc::Call) -> std::result::Result<(), String> {
        json_rpc::ask(self.session.transport, &call.light()).await.map(drop).map_err(|error| error.to_string())
    }

    /// Every restriction in the spaces with these keys (`None`: all), and what of it could not be read.
    pub(in crate::fetch) async fn every_restriction(&self, spaces: Option<&[String]>) -> Result<Restricted> {
        let spaces = self.spaces(spaces).await?;
        let listed = contents::listing(self, &spaces.rows).await;
        let mut found = listed.restricted;
        found.gaps.extend(spaces.gaps.into_iter().chain(listed.gaps));
        let left = uncovered(&listed.contents, &found);
        found.absorb(
            lists::read_all(self.session.transport, &LISTS, left, self.session.width, self.session.progress).await,
        );
        // Whoever asks for a change wants to read of which page.
        found.contents.extend(listed.contents.into_values());
        let covered = std::mem::take(&mut found.covered);
        found.gaps.retain(|gap| !covered.contains(&gap.subject));
        found.gaps.extend(self.name_restrictions(&mut found.rows).await);
        Ok(Restricted { covered, ..found })
    }

    /// Says of every row what became of it, by what stands there now.
    async fn settle(&self, space: &Space, changes: &mut [Change], trouble: &Trouble) {
        let now = self.standing(space).await;
        for change in changes {
            let subject = change.who.subject.clone();
            let said = trouble.get(&subject);
            for planned in &mut change.rows {
                let adding = match planned.act {
                    ChangeKind::Nothing => continue,
                    ChangeKind::Add => true,
                    ChangeKind::Remove => false,
                };
                let done = if adding { WriteOutcome::Added } else { WriteOutcome::Removed };
                let outcome = match (&now, said) {
                    (Ok(now), said) => {
                        let there = now
                            .iter()
                            .any(|row| row.subject == subject && row.permission.as_str() == planned.row.permission);
                        match (there == adding, said) {
                            (true, None) => (done, None),
                            (true, Some(message)) => {
                                (done, Some(format!("it is as wanted, though the server said: {message}")))
                            }
                            (false, Some(message)) => (WriteOutcome::Failed, Some(message.clone())),
                            (false, None) => (
                                WriteOutcome::Failed,
                                Some("the server took it, and it is not so: make the call again".to_owned()),
                            ),
                        }
                    }
                    (Err(error), Some(message)) => (WriteOutcome::Failed, Some(unsure(message, error))),
                    // Whoever gave up the space cannot look any more.
                    (Err(error), None) => {
                        (done, Some(format!("the server took it; it could not be read back: {error}")))
                    }
                };
                planned.settle(outcome);
            }
        }
    }

    /// Writes one list, whole: what stood in the way, for whom.
    pub(in crate::fetch) async fn write_list(&self, job: &Job) -> Trouble {
        let changed =
            || job.rows.iter().filter(|p| !matches!(p.act, ChangeKind::Nothing)).map(|p| p.row.subject.clone());
        let all = |message: String| -> Trouble { changed().map(|subject| (subject, message.clone())).collect() };
        let after = job.after();
        let keys: Vec<String> = after.iter().filter(|s| s.kind == SubjectKind::User).map(|s| s.id.clone()).collect();
        let names = match self.usernames(&keys).await {
            Ok(names) => names,
            Err(error) => return all(format!("not sent: usernames could not be read: {error}")),
        };
        let (mut users, mut groups) = (Vec::new(), Vec::new());
        for subject in after {
            match subject.kind {
                SubjectKind::Group => groups.push(subject.id.as_str()),
                SubjectKind::User if names.contains_key(&subject.id) => {
                    users.extend(names.get(&subject.id).map(String::as_str));
                }
                _ => {
                    return all(format!(
                        "not sent: the list is written whole, and `{subject}` on it is an account nobody knows any more: take it off as well"
                    ));
                }
            }
        }
        self.put_list(job, &users, &groups).await.map_or_else(all, |()| Trouble::new())
    }

    /// Writes one list by the first way this version has: the routes of REST in both forms, then JSON-RPC. Each way sets
    /// the same whole list, so one more attempt after a refusal cannot spoil anything.
    async fn put_list(&self, job: &Job, users: &[&str], groups: &[&str]) -> std::result::Result<(), String> {
        let known = self.installation.lists.get().copied();
        let ways = ListWay::for_version(self.installation.version);
        let mut refused: Option<String> = None;
        let mut absent: Option<bool> = None;
        for way in known.into_iter().chain(ways.into_iter().filter(|way| known != Some(*way))) {
            if absent == Some(way.experimental) {
                continue;
            }
            let request = writes::set_restrictions(&job.content, job.operation, users, groups, way);
            match self.session.transport.send(&request, self.session.transport.full()).await {
                Ok(_) => {
                    let _ = self.installation.lists.set(way);
                    return Ok(());
                }
                Err(error) if error.is_missing_route() => match absent {
                    None => absent = Some(way.experimental),
                    // Neither route is there: this error says so, unless one of them gave a reason.
                    Some(_) => break,
                },
                // The body may be in the form of another version: some answer 500 to it.
                Err(error) if known.is_none() && matches!(error.status(), Some(400 | 500)) => {
                    if refused.is_some() {
                        break;
                    }
                    refused = Some(error.to_string());
                }
                Err(error) => return Err(error.to_string()),
            }
        }
        if let Some(message) = refused {
            return Err(message);
        }
        let users = users.iter().map(|name| Who::User((*name).to_owned()));
        let subjects = users.chain(groups.iter().map(|name| Who::Group((*name).to_owned()))).collect();
        let arguments = Arguments::of([
            ("content", Argument::from(job.content.as_str())),
            ("permission_type", Argument::Operation(job.operation)),
            ("subjects", Argument::Subjects(subjects)),
        ]);
        let call = rpc::call(&methods::set_content_permissions, &arguments);
        self.tell(&call).await.map_err(|message| {
            format!("this version has no route of REST for restriction lists, and JSON-RPC did not take it: {message}")
        })
    }
}

/// The type of a permission here: that of the product, or the word the server itself wrote.
fn kind<'a>(change: &'a Change, permission: &'a Permission) -> &'a str {
    let own = || change.held.iter().find(|row| row.permission == *permission).and_then(|row| row.raw.as_deref());
    stored_name(permission).or_else(own).unwrap_or_else(|| permission.as_str())
}

fn given(space: &Space, change: &Change, name: Option<&str>) -> Vec<rpc::Call> {
    let added = change.added();
    let kinds: Vec<&str> = added.iter().map(|permission| kind(change, permission)).collect();
    if kinds.is_empty() {
        return Vec::new();
    }
    let kinds = ("permission_types", Argument::from(kinds.as_slice()));
    vec![match name {
        Some(name) => {
            rpc::call(&methods::add_permissions_to_space, &Arguments::of([kinds, holder(name), of_space(space)]))
        }
        None => rpc::call(&methods::add_anonymous_permissions_to_space, &Arguments::of([kinds, of_space(space)])),
    }]
}

fn taken(space: &Space, change: &Change, name: Option<&str>) -> Vec<rpc::Call> {
    let removed = change.removed();
    let call = |permission: &Permission| {
        let kind = ("permission_type", Argument::from(kind(change, permission)));
        match name {
            Some(name) => {
                rpc::call(&methods::remove_permission_from_space, &Arguments::of([kind, holder(name), of_space(space)]))
            }
            None => {
                rpc::call(&methods::remove_anonymous_permission_from_space, &Arguments::of([kind, of_space(space)]))
            }
        }
    };
    removed.iter().map(call).collect()
}

fn holder(name: &str) -> (&'static str, Argument) {
    ("subject", Argument::Holder(None, name.to_owned()))
}

fn of_space(space: &Space) -> (&'static str, Argument) {
    ("space", Argument::from(space.key.as_str()))
}

//! Changes: permissions in spaces by REST where the version has it, otherwise by JSON-RPC; restriction
//! lists by the route of REST the version has, and by JSON-RPC where it has none.
//!
//! Every one of these writes names the whole of what it sets, or is skipped by the server where it is so already, so a
//! write whose answer was lost may be sent again. The result is read back.

use std::collections::{BTreeSet, HashMap};

use super::json_rpc;
use super::people::WORDS;
use super::site::Site;
use crate::apis::datacenter::writes::ListWay;
use crate::apis::datacenter::{lift, requests, writes};
use crate::apis::json_rpc::{methods, requests as rpc};
use crate::apis::methods::{Argument, Arguments, Who};
use crate::fetch::change::planned::{Caller, Outcome, PlannedChange, Unconfirmed};
use crate::fetch::change::restrictions::Job;
use crate::fetch::change::spaces::Held;
use crate::fetch::{Error, ErrorKind, Result, lookup};
use crate::model::plan::Difference;
use crate::model::{Permission, Space, SpacePermission, Subject, SubjectKind};

/// What is wanted for one subject, and what it has.
struct Change<'a> {
    subject: Subject,
    held: Vec<&'a Held>,
    rows: &'a [PlannedChange],
}

impl Change<'_> {
    fn has(&self) -> BTreeSet<Permission> {
        self.held.iter().map(|held| held.permission.clone()).collect()
    }

    fn named(&self, what: fn(&Difference) -> bool) -> BTreeSet<Permission> {
        self.rows.iter().filter(|p| what(&p.kind)).map(|p| Permission::from(p.row.permission.as_str())).collect()
    }

    fn added(&self) -> BTreeSet<Permission> {
        self.named(|act| matches!(act, Difference::Added))
    }

    fn removed(&self) -> BTreeSet<Permission> {
        self.named(|act| matches!(act, Difference::Removed))
    }

    /// What the subject will have.
    fn after(&self) -> BTreeSet<Permission> {
        let removed = self.removed();
        self.has().into_iter().chain(self.added()).filter(|permission| !removed.contains(permission)).collect()
    }

    fn changes(&self) -> bool {
        self.rows.iter().any(|p| !matches!(p.kind, Difference::Same))
    }
}

impl Site<'_> {
    /// Permissions in a space, all of them.
    ///
    /// # Errors
    /// Where not all could be read: on half a list nothing is decided.
    pub(in crate::fetch) async fn held(&self, space: &Space) -> Result<Vec<Held>> {
        let mut listed = self.space_permissions_from(&space.key, None).await?;
        // Somebody who could not be looked up is not the subject of a change: those were found.
        let _ = self.name_permissions(&mut listed.rows, false).await;
        let held = |row: SpacePermission| Held {
            subject: row.subject,
            permission: row.permission,
            id: None,
            raw: row.raw,
            by_rest: row.source.api() == "datacenter",
        };
        Held::whole(space, listed.rows.into_iter().map(held), listed.gaps)
    }

    /// Writes what is planned for each subject, and reads it back.
    ///
    /// # Errors
    /// None: what fails is said in its row.
    pub(in crate::fetch) async fn write_permissions(
        &self,
        space: &Space,
        mut jobs: Vec<Vec<PlannedChange>>,
        held: &[Held],
    ) -> Result<Vec<Vec<PlannedChange>>> {
        let changes: Vec<Change<'_>> = jobs
            .iter()
            .filter_map(|rows| {
                let subject = rows.first()?.row.subject.clone();
                let held = held.iter().filter(|held| held.subject == subject).collect();
                Some(Change { subject, held, rows })
            })
            .collect();
        let old = self.installation.at_least(9, 1) == Some(false);
        let others = held.iter().any(|held| !held.by_rest);
        let by_rest = if old || others { None } else { self.write_by_rest(space, &changes).await };
        let unconfirmed = match by_rest {
            Some(unconfirmed) => unconfirmed,
            None => self.write_by_rpc(space, &changes).await,
        };
        let now = self.held(space).await;
        for planned in jobs.iter_mut().flatten() {
            let row = &planned.row;
            let same = |held: &Held| held.subject == row.subject && held.permission.as_str() == row.permission;
            let there = now.as_ref().map(|now| now.iter().any(same));
            let sent = unconfirmed.get(&row.subject).cloned().unwrap_or(Outcome::Done);
            planned.read_back(there, &sent);
        }
        Ok(jobs)
    }

    /// By REST: one subject by a grant or a revocation, several by setting what each is to have. `None`: this version has
    /// no such route, and nothing was written.
    async fn write_by_rest(&self, space: &Space, changes: &[Change<'_>]) -> Option<Unconfirmed> {
        let mut unconfirmed = Unconfirmed::new();
        let mut wanted: Vec<(&Subject, BTreeSet<Permission>)> = Vec::new();
        let work: Vec<&Change<'_>> = changes.iter().filter(|change| change.changes()).collect();
        // What is given first: a space must not be without an administrator in between.
        let (giving, taking): (Vec<&Change<'_>>, Vec<&Change<'_>>) =
            work.iter().copied().partition(|change| !change.added().is_empty());
        for change in giving.into_iter().chain(taking) {
            let subject = &change.subject;
            let (added, removed) = (change.added(), change.removed());
            let one = match (added.is_empty(), removed.is_empty()) {
                (false, true) => writes::grant_space_permissions(&space.key, subject, &added),
                (true, false) => writes::revoke_space_permissions(&space.key, subject, &removed),
                _ => None,
            };
            match one {
                Some(request) if work.len() == 1 => match self.session.send(&request).await {
                    Ok(_) => {}
                    Err(error) if error.is_missing_route() => return None,
                    Err(error) => drop(unconfirmed.insert(subject.clone(), Outcome::failed(&error))),
                },
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
                unconfirmed.insert(
                    subject.clone(),
                    Outcome::because("not sent: it has a permission that cannot be written back, and would lose it"),
                );
            }
            let Some(request) = writes::set_space_permissions(&space.key, &known).filter(|_| !known.is_empty()) else {
                continue;
            };
            match self.session.send(&request).await {
                Ok(_) => {}
                Err(error) if at == 0 && error.is_missing_route() => return None,
                Err(error) => {
                    unconfirmed.extend(known.iter().map(|(subject, _)| ((*subject).clone(), Outcome::failed(&error))));
                }
            }
        }
        Some(unconfirmed)
    }

    /// By JSON-RPC, which knows subjects by name alone.
    async fn write_by_rpc(&self, space: &Space, changes: &[Change<'_>]) -> Unconfirmed {
        let mut unconfirmed = Unconfirmed::new();
        let mut names: HashMap<&Subject, Option<String>> = HashMap::new();
        for change in changes.iter().filter(|change| change.changes()) {
            let subject = &change.subject;
            match self.one_name(subject).await {
                Ok(name) => drop(names.insert(subject, name)),
                Err(message) => drop(unconfirmed.insert(subject.clone(), Outcome::because(message))),
            }
        }
        for adding in [true, false] {
            for change in changes {
                let subject = &change.subject;
                let Some(name) = names.get(subject).filter(|_| !unconfirmed.contains_key(subject)) else { continue };
                let calls =
                    if adding { given(space, change, name.as_deref()) } else { taken(space, change, name.as_deref()) };
                for call in calls {
                    if let Err(error) = self.tell(&call).await {
                        unconfirmed.insert(subject.clone(), Outcome::failed(&error));
                        break;
                    }
                }
            }
        }
        unconfirmed
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
    /// [`ErrorKind::Ambiguous`] where there is one, and the error where that cannot be found out.
    pub(super) async fn one_of_a_name(&self, kind: &SubjectKind, name: &str) -> Result<()> {
        let (outcome, other) = if *kind == SubjectKind::Group {
            let request = requests::user_by_name(name);
            (self.session.ask_one(&request, self.session.full(), lift::user).await.map(drop), "user")
        } else {
            let sought = self.groups_called(name).await;
            (sought.and_then(|sought| lookup::group(name, &sought, &WORDS, self.session.transport)).map(drop), "group")
        };
        match outcome {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
            Ok(()) => Err(Error::new(
                ErrorKind::Ambiguous,
                format!(
                    "a {other} is named `{name}` too, and JSON-RPC does not distinguish users from groups: rename one, or use a version with REST (9.1)"
                ),
            )),
        }
    }

    /// Usernames of accounts by their keys; unknown ones are left out.
    async fn usernames(&self, keys: &[String]) -> Result<HashMap<String, String>> {
        let users = self.users(keys).await?;
        Ok(users.rows.into_iter().filter_map(|user| Some((user.id, user.name?))).collect())
    }

    /// Puts an account into a group, or takes it out: by REST, and in older versions by JSON-RPC.
    pub(in crate::fetch) async fn set_member(&self, group: &str, account: &str, holds: bool) -> Result<()> {
        let key = account.to_owned();
        let names = self.usernames(std::slice::from_ref(&key)).await?;
        let name = names.get(&key).map_or(account, String::as_str);
        if let Some(request) = writes::set_member(group, name, holds) {
            match self.session.send(&request).await {
                Err(error) if error.is_missing_route() => {}
                sent => return sent.map(drop),
            }
        }
        let method = if holds { &methods::add_user_to_group } else { &methods::remove_user_from_group };
        let arguments = Arguments::of([("user", Argument::from(name)), ("group", Argument::from(group))]);
        self.tell(&rpc::call(method, &arguments)).await
    }

    /// Deletes a group, likewise.
    pub(in crate::fetch) async fn delete_group(&self, group: &str) -> Result<()> {
        if let Some(request) = writes::delete_group(group) {
            match self.session.send(&request).await {
                Err(error) if error.is_missing_route() => {}
                sent => return sent.map(drop),
            }
        }
        let arguments = Arguments::of([("group", Argument::from(group)), ("move_to", Argument::from(""))]);
        self.tell(&rpc::call(&methods::remove_group, &arguments)).await
    }

    /// Moves a page below another one, which only JSON-RPC does.
    // Source: https://developer.atlassian.com/server/confluence/remote-confluence-methods/
    pub(in crate::fetch) async fn move_page(&self, page: &str, parent: &str) -> Result<()> {
        let params = [page, parent, "append"].map(serde_json::Value::from).to_vec();
        self.tell(&rpc::Call::any("movePage", params, true)).await
    }

    async fn tell(&self, call: &rpc::Call) -> Result<()> {
        json_rpc::ask(self.session.transport, &call.light()).await.map(drop)
    }

    /// Writes one list, whole: what stood in the way, for whom.
    pub(in crate::fetch) async fn write_list(&self, job: &Job, _: Option<&Caller>) -> Unconfirmed {
        let changed = || job.rows.iter().filter(|p| !matches!(p.kind, Difference::Same)).map(|p| p.row.subject.clone());
        let all = |sent: Outcome| -> Unconfirmed { changed().map(|subject| (subject, sent.clone())).collect() };
        let after = job.after();
        let keys: Vec<String> = after.iter().filter(|s| s.kind == SubjectKind::User).map(|s| s.id.clone()).collect();
        let names = match self.usernames(&keys).await {
            Ok(names) => names,
            Err(error) => return all(Outcome::because(format!("not sent: usernames could not be read: {error}"))),
        };
        let (mut users, mut groups) = (Vec::new(), Vec::new());
        for subject in after {
            match subject.kind {
                SubjectKind::Group => groups.push(subject.id.as_str()),
                SubjectKind::User if names.contains_key(&subject.id) => {
                    users.extend(names.get(&subject.id).map(String::as_str));
                }
                _ => {
                    return all(Outcome::because(format!(
                        "not sent: the list is written whole, and `{subject}` on it is an account that does not exist any more: remove it as well"
                    )));
                }
            }
        }
        match self.put_list(job, &users, &groups).await {
            Outcome::Done => Unconfirmed::new(),
            failed => all(failed),
        }
    }

    /// Writes one list by the first way this version has: the routes of REST in both forms, then JSON-RPC. Each way sets
    /// the same whole list, so one more attempt after a refusal cannot spoil anything.
    async fn put_list(&self, job: &Job, users: &[&str], groups: &[&str]) -> Outcome {
        let known = self.installation.lists.get().copied();
        let ways = ListWay::for_version(self.installation.version);
        let mut refused: Option<Outcome> = None;
        let mut absent: Option<bool> = None;
        for way in known.into_iter().chain(ways.into_iter().filter(|way| known != Some(*way))) {
            if absent == Some(way.experimental) {
                continue;
            }
            let request = writes::set_restrictions(&job.content, job.operation, users, groups, way);
            match self.session.send(&request).await {
                Ok(_) => {
                    let _ = self.installation.lists.set(way);
                    return Outcome::Done;
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
                    refused = Some(Outcome::failed(&error));
                }
                Err(error) => return Outcome::failed(&error),
            }
        }
        if let Some(refused) = refused {
            return refused;
        }
        let users = users.iter().map(|name| Who::User((*name).to_owned()));
        let subjects = users.chain(groups.iter().map(|name| Who::Group((*name).to_owned()))).collect();
        let arguments = Arguments::of([
            ("content", Argument::from(job.content.as_str())),
            ("permission_type", Argument::Operation(job.operation)),
            ("subjects", Argument::Subjects(subjects)),
        ]);
        let call = rpc::call(&methods::set_content_permissions, &arguments);
        match self.tell(&call).await {
            Ok(()) => Outcome::Done,
            Err(error) => Outcome::because(format!(
                "this version has no route of REST for restriction lists, and JSON-RPC did not take it: {error}"
            )),
        }
    }
}

/// The type of a permission here: that of the product, or the word the server itself wrote.
fn kind<'a>(change: &'a Change<'a>, permission: &'a Permission) -> &'a str {
    let own = || change.held.iter().find(|row| row.permission == *permission).and_then(|row| row.raw.as_deref());
    permission.constant().or_else(own).unwrap_or_else(|| permission.as_str())
}

fn given(space: &Space, change: &Change<'_>, name: Option<&str>) -> Vec<rpc::Call> {
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

fn taken(space: &Space, change: &Change<'_>, name: Option<&str>) -> Vec<rpc::Call> {
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

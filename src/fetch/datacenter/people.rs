//! Accounts, groups and who is in them.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};

use super::connect::{Named, no_such_route};
use super::reader::Reader;
use crate::apis::datacenter::requests::NameForm;
use crate::apis::datacenter::{lift, requests};
use crate::fetch::lists::{effort, note};
use crate::fetch::pages::{Walked, ask, gap_of, gap_of_site};
use crate::fetch::plan::Breaker;
use crate::fetch::progress::Step;
use crate::fetch::reader::{Memberships, candidate, closest};
use crate::fetch::{Error, ErrorKind, Members, Result};
use crate::model::{
    DirectMembership, Gap, GapScope, GlobalPermission, Group, GroupSource, Listing, Restriction, SiteFact, Space,
    SpacePermission, Subject, SubjectKind, User,
};

/// More unknown accounts than these are not asked for one by one while the server lists all.
const SINGLY: usize = 100;

/// Accounts that were asked for.
#[derive(Default)]
pub(super) struct Found {
    pub(super) known: HashMap<Named, User>,
    pub(super) gaps: Vec<Gap>,
    pub(super) failed: Option<Error>,
}

/// Whose personal space it is, as its key says: `~` and the username. Nothing else names the owner here.
// Source: https://confluence.atlassian.com/spaces/CONF53/pages/411108753/Creating+a+Space
pub(super) fn owner_of(space: &Space) -> Option<Named> {
    space.key.strip_prefix('~').filter(|name| !name.is_empty() && space.owner_id.is_none()).map(Named::name)
}

/// Gives personal spaces the accounts they belong to, as far as those are known.
pub(super) fn own(spaces: &mut [Space], known: &HashMap<Named, User>) {
    for space in spaces {
        if let Some(owner) = owner_of(space).and_then(|name| known.get(&name)) {
            space.owner_id = Some(owner.id.clone());
        }
    }
}

/// More owners than these are looked for in the list of all accounts.
const OWNERS: usize = 5;

impl Reader<'_> {
    /// The same after a look at who they are: a few one by one, many in the list of accounts. A name no account has any
    /// more stays without an owner.
    pub(in crate::fetch) async fn own_spaces(&self, listing: &mut Listing<Space>) {
        let names: BTreeSet<Named> = listing.rows.iter().filter_map(owner_of).collect();
        let unknown: BTreeSet<Named> = names.iter().filter(|name| self.known(name).is_none()).cloned().collect();
        let mut found = Found::default();
        if unknown.len() > OWNERS && !self.installation.everybody.load(Ordering::Relaxed) {
            listing.gaps.extend(self.everybody().await.gaps);
        } else if unknown.len() <= OWNERS {
            found = self.people(&unknown, false).await;
        }
        listing.gaps.append(&mut found.gaps);
        let known = names.into_iter().filter_map(|name| {
            let user = self.known(&name)??;
            Some((name, user))
        });
        own(&mut listing.rows, &known.collect());
    }

    /// Keeps accounts that stood in an answer, so that nobody is asked for twice.
    pub(super) fn remember(&self, users: &[User]) {
        let mut people = self.installation.people.lock().unwrap_or_else(PoisonError::into_inner);
        for user in users {
            let mut keep = |name: Named| {
                let known = people.entry(name).or_insert(None);
                // One that says whether the account is active says most.
                if known.as_ref().is_none_or(|known| known.active.is_none()) {
                    *known = Some(user.clone());
                }
            };
            keep(Named::Key(user.id.clone()));
            if let Some(name) = &user.name {
                keep(Named::name(name));
            }
        }
    }

    fn known(&self, name: &Named) -> Option<Option<User>> {
        self.installation.people.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// The accounts of these names; `state`: whether they are active has to be known too. Those the server does not know are
    /// left out.
    pub(super) async fn people(&self, names: &BTreeSet<Named>, state: bool) -> Found {
        let enough = |known: &Option<User>| !state || known.as_ref().is_none_or(|user| user.active.is_some());
        let open = |reader: &Self| -> Vec<Named> {
            names.iter().filter(|name| !reader.known(name).is_some_and(|known| enough(&known))).cloned().collect()
        };
        let mut found = Found::default();
        let mut missing = open(self);
        if missing.len() > SINGLY && !self.installation.everybody.load(Ordering::Relaxed) {
            let listed = self.everybody().await;
            // Whoever it did not bring is asked for singly.
            tracing::debug!(accounts = listed.rows.len(), gaps = listed.gaps.len(), "accounts are listed");
            missing = open(self);
            // The list says no more about those it brought than a single answer would.
            missing.retain(|name| !matches!(self.known(name), Some(Some(_))));
        }
        let breaker = Mutex::new(Breaker::default());
        let breaker = &breaker;
        let asked = self.all(missing.iter().map(|name| async move { (name, self.person(name, breaker).await) })).await;
        for (name, answer) in asked {
            if let Err(error) = answer {
                let subject = match name {
                    Named::Key(text) | Named::Name(text) => text,
                };
                found.gaps.push(gap_of(&error, GapScope::User, subject));
                found.failed = found.failed.take().or(Some(error));
            }
        }
        for name in names {
            if let Some(Some(user)) = self.known(name) {
                found.known.insert(name.clone(), user);
            }
        }
        found
    }

    /// Every account the server lists.
    pub(super) async fn everybody(&self) -> Listing<User> {
        let about = SiteFact::Accounts.about();
        let request = requests::users(requests::PEOPLE_LIMIT);
        match self.walk(request, lift::users, |user: &User| user.id.clone(), about).await {
            Ok(walked) => {
                self.remember(&walked.rows);
                if walked.complete {
                    self.installation.everybody.store(true, Ordering::Relaxed);
                }
                Listing { rows: walked.rows, gaps: walked.gaps }
            }
            Err(error) => Listing { rows: Vec::new(), gaps: vec![gap_of_site(&error, SiteFact::Accounts)] },
        }
    }

    async fn person(&self, name: &Named, breaker: &Mutex<Breaker>) -> Result<()> {
        let request = match name {
            Named::Key(key) => requests::user_by_key(key),
            Named::Name(name) => requests::user_by_name(name),
        };
        if breaker.lock().unwrap_or_else(PoisonError::into_inner).open() {
            let text = "not asked, because many requests before it failed";
            return Err(self.transport.error(ErrorKind::NoAnswer, &request, text));
        }
        let answer = ask(self.transport, &request, effort(self.transport, breaker), &lift::user).await;
        note(breaker, answer.as_ref().err());
        match answer {
            Ok(page) => {
                self.remember(&page.rows);
                if let Some(user) = page.rows.into_iter().next() {
                    let mut people = self.installation.people.lock().unwrap_or_else(PoisonError::into_inner);
                    people.insert(name.clone(), Some(user));
                }
                Ok(())
            }
            Err(error) if error.status() == Some(404) && !no_such_route(&error) => {
                let mut people = self.installation.people.lock().unwrap_or_else(PoisonError::into_inner);
                // Whoever a list brought is there: then this answer tells nothing about the account.
                if people.entry(name.clone()).or_insert(None).is_some() { Err(error) } else { Ok(()) }
            }
            Err(error) => Err(error),
        }
    }

    /// Gives accounts that are named by their username their key.
    pub(super) async fn name_subjects<'s>(
        &self,
        rows: impl Iterator<Item = (&'s mut Subject, &'s mut Option<String>)>,
        names: bool,
    ) -> Vec<Gap> {
        let mut rows: Vec<(&mut Subject, &mut Option<String>)> =
            rows.filter(|(subject, _)| subject.kind == SubjectKind::User && !subject.id.is_empty()).collect();
        let asked = |subject: &Subject, name: &Option<String>| match subject.name_without_id() {
            Some(username) => Some(Named::name(username)),
            None if names && name.is_none() => Some(Named::Key(subject.id.clone())),
            None => None,
        };
        let wanted: BTreeSet<Named> =
            rows.iter().filter_map(|(subject, name)| asked(subject, name)).filter(|n| *n != Named::name("")).collect();
        let found = self.people(&wanted, false).await;
        for (subject, name) in &mut rows {
            let Some(user) = asked(subject, name).and_then(|asked| found.known.get(&asked)) else { continue };
            if subject.lost_its_id() {
                **subject = Subject::user(user.id.as_str());
            }
            if name.is_none() || subject.lost_its_id() {
                **name = user.display_name.clone().or_else(|| user.name.clone());
            }
        }
        found.gaps
    }

    pub(super) async fn name_restrictions(&self, rows: &mut [Restriction]) -> Vec<Gap> {
        self.name_subjects(rows.iter_mut().map(|row| (&mut row.subject, &mut row.subject_name)), false).await
    }

    pub(super) async fn name_permissions(&self, rows: &mut [SpacePermission], names: bool) -> Vec<Gap> {
        self.name_subjects(rows.iter_mut().map(|row| (&mut row.subject, &mut row.subject_name)), names).await
    }

    pub(super) async fn name_global(&self, rows: &mut [GlobalPermission]) -> Vec<Gap> {
        self.name_subjects(rows.iter_mut().map(|row| (&mut row.subject, &mut row.subject_name)), true).await
    }

    /// The accounts with these keys or usernames; those nobody knows are left out.
    pub(in crate::fetch) async fn users(&self, ids: &[String]) -> Result<Listing<User>> {
        let keys: BTreeSet<Named> = ids.iter().map(|id| Named::Key(id.trim().to_owned())).collect();
        let mut found = self.people(&keys, true).await;
        let names: BTreeSet<Named> = ids
            .iter()
            .map(|id| id.trim())
            .filter(|id| !found.known.contains_key(&Named::Key((*id).to_owned())))
            .map(Named::name)
            .collect();
        let by_name = self.people(&names, true).await;
        found.known.extend(by_name.known);
        if let Some(error) = found.failed.or(by_name.failed)
            && found.known.is_empty()
        {
            return Err(error);
        }
        let mut rows: Vec<User> = found.known.into_values().collect();
        rows.sort_by(|a, b| a.id.cmp(&b.id));
        rows.dedup_by(|a, b| a.id == b.id);
        let gaps = found.gaps.into_iter().chain(by_name.gaps).collect();
        Ok(Listing { rows, gaps })
    }

    /// The one account with this username, key, full name or e-mail address.
    pub(in crate::fetch) async fn user_named(&self, text: &str) -> Result<User> {
        let text = text.trim();
        let text = text.strip_prefix("user:").unwrap_or(text).trim();
        if text.is_empty() || text.chars().any(char::is_control) {
            return Err(Error::configuration(format!(
                "`{}` is no username, key, name or e-mail address of an account",
                text.escape_debug()
            )));
        }
        for name in [Named::name(text), Named::Key(text.to_owned())] {
            let found = self.people(&BTreeSet::from([name.clone()]), true).await;
            if let Some(user) = found.known.get(&name) {
                return Ok(user.clone());
            }
            if let Some(error) = found.failed.filter(super::reader::no_answer) {
                return Err(error);
            }
        }
        let mail = text.contains('@');
        let sought = text.split('@').next().unwrap_or_default();
        let words = sought.split(['.', '_', '-', '+']).filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ");
        let request = requests::search_user(if mail { &words } else { text }, requests::PEOPLE_LIMIT);
        let listed = self
            .walk(request.clone(), lift::search_user, |user: &User| user.id.clone(), SiteFact::Accounts.about())
            .await?;
        let found: Vec<User> = if mail {
            let same = |user: &&User| user.email.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(text));
            listed.rows.iter().filter(same).cloned().collect()
        } else {
            closest(&listed.rows, text)
        };
        match found.as_slice() {
            [only] => Ok(only.clone()),
            [] => {
                let near: Vec<String> = listed.rows.iter().filter(|_| !mail).take(5).map(candidate).collect();
                let hint = if !near.is_empty() {
                    format!("did you mean {}?", near.join(", "))
                } else if mail {
                    "this server does not tell addresses to everybody: give the username".to_owned()
                } else {
                    "give the username, or the key of the account".to_owned()
                };
                let text = self.transport.quote(&format!("nobody is found by `{text}`: {hint}"));
                Err(self.transport.error(ErrorKind::NotFound, &request, text))
            }
            several => {
                let candidates: Vec<String> = several.iter().map(candidate).collect();
                let named = candidates.iter().take(10).cloned().collect::<Vec<_>>().join(", ");
                let text = self
                    .transport
                    .quote(&format!("`{text}` fits {} accounts: give the username of one: {named}", several.len()));
                let mut error = self.transport.error(ErrorKind::Ambiguous, &request, text);
                error.parts_mut().candidates = candidates;
                Err(error)
            }
        }
    }

    /// Every group, with what is known about where it is kept.
    pub(in crate::fetch) async fn groups(&self) -> Result<Listing<Group>> {
        let mut listing = self.group_listing().await?;
        self.tell_provenance(&mut listing.rows);
        self.tell_only_directory(&mut listing.rows).await;
        Ok(Listing { rows: listing.rows, gaps: listing.gaps })
    }

    pub(super) async fn group_listing(&self) -> Result<Walked<Group>> {
        let request = requests::groups(requests::PEOPLE_LIMIT);
        self.walk(request, lift::groups, |group: &Group| group.id.clone(), SiteFact::Groups.about()).await
    }

    /// Says of groups where they are kept, as far as whoever asks said so: REST itself does not tell.
    pub(super) fn tell_provenance(&self, groups: &mut [Group]) {
        for group in groups.iter_mut().filter(|group| group.provenance == GroupSource::Unknown) {
            if let Some((rule, directory)) = directory_of(&group.id, self.directories) {
                let (source, name) = kept_in(directory);
                group.provenance = source;
                group.directory_name = Some(name.to_owned());
                group.evidence = Some(if rule.eq_ignore_ascii_case(&group.id) {
                    format!("your table: `{directory}`")
                } else {
                    format!("your naming rule `{rule}`: `{directory}`")
                });
            }
        }
    }

    fn form(&self, name: &str) -> NameForm {
        NameForm::of(name, self.installation.version)
    }

    async fn group(&self, name: &str) -> Result<Option<Group>> {
        let request = requests::group(name, self.form(name));
        let page = ask(self.transport, &request, self.transport.full(), &lift::group).await?;
        Ok(page.rows.into_iter().next())
    }

    /// The group of this name.
    pub(super) async fn group_named(&self, text: &str) -> Result<Group> {
        let name = text.trim();
        let name = name.strip_prefix("group:").unwrap_or(name).trim();
        if name.is_empty() || name.chars().any(char::is_control) {
            return Err(Error::configuration(format!("`{}` is no name of a group", text.escape_debug())));
        }
        match self.group(name).await {
            Ok(Some(group)) => Ok(group),
            Ok(None) => Err(Error::new(ErrorKind::NotFound, format!("no group `{name}`"))),
            Err(error) if error.status() == Some(404) => {
                // Older versions take no slash in a name; the list of all has every name.
                let listed = self.group_listing().await?;
                let same = |group: &&Group| group.id.eq_ignore_ascii_case(name);
                let found = listed.rows.iter().find(|group| group.id == name).or(listed.rows.iter().find(same));
                found.cloned().ok_or_else(|| {
                    let request = requests::group(name, self.form(name));
                    let text = format!("no group `{name}`: check the name; `groups()` lists those there are");
                    self.transport.error(ErrorKind::NotFound, &request, text)
                })
            }
            Err(error) => Err(error),
        }
    }

    /// Who is in a group, and in the groups inside it.
    pub(in crate::fetch) async fn members(&self, name: &str) -> Result<Members> {
        let mut group = self.group_named(name).await?;
        self.tell_provenance(std::slice::from_mut(&mut group));
        self.tell_only_directory(std::slice::from_mut(&mut group)).await;
        let (entries, error) = self.group_entries(&group.id).await;
        if let Some(error) = error {
            return Err(error);
        }
        let mut memberships = Memberships::default();
        memberships.complete.extend(entries.complete.then(|| group.id.clone()));
        let inner = inner_groups(&entries.rows, &HashSet::from([group.id.clone()]));
        memberships.rows = entries.rows;
        memberships.users = entries.users;
        memberships.gaps = entries.gaps;
        let mut known: HashSet<String> = HashSet::from([group.id.clone()]);
        known.extend(inner.iter().cloned());
        self.close_memberships(inner, known, &mut memberships).await;
        group.members_complete = memberships.complete.contains(&group.id) && memberships.gaps.is_empty();
        let mut seen = HashSet::new();
        let users = memberships.users.into_iter().filter(|user| seen.insert(user.id.clone())).collect();
        Ok(Members { group, memberships: memberships.rows, users, gaps: memberships.gaps })
    }

    /// Entries of one group, and the error where not even its accounts can be listed.
    async fn group_entries(&self, name: &str) -> (Walked<DirectMembership>, Option<Error>) {
        let form = self.form(name);
        let about = || (GapScope::Group, name);
        let key = |membership: &DirectMembership| membership.member.to_string();
        let accounts = self.walk(
            requests::group_members(name, form, requests::PEOPLE_LIMIT),
            |body| lift::group_members(body, name),
            key,
            about(),
        );
        let nested = async {
            if self.installation.nested.get() == Some(&false) {
                return None;
            }
            let walked = self.walk(
                requests::nested_groups(name, form, requests::PEOPLE_LIMIT),
                |body| lift::nested_groups(body, name),
                key,
                about(),
            );
            Some(walked.await)
        };
        let (accounts, nested) = futures::join!(accounts, nested);
        let mut failed = None;
        let mut walked = match accounts {
            Ok(walked) => walked,
            Err(error) => {
                let gaps = vec![gap_of(&error, GapScope::Group, name)];
                failed = Some(error);
                Walked { rows: Vec::new(), gaps, users: Vec::new(), groups: Vec::new(), base: None, complete: false }
            }
        };
        self.remember(&walked.users);
        match nested {
            Some(Ok(inner)) => {
                let _ = self.installation.nested.set(true);
                walked.complete &= inner.complete;
                walked.rows.extend(inner.rows);
                walked.groups.extend(inner.groups);
                walked.gaps.extend(inner.gaps);
            }
            Some(Err(error)) if no_such_route(&error) && form == NameForm::Path => {
                let _ = self.installation.nested.set(false);
            }
            // The group is not there, or it could not be asked for at all: its accounts tell the same.
            Some(Err(_)) if failed.is_some() => {}
            Some(Err(error)) => {
                walked.complete = false;
                walked.gaps.push(gap_of(&error, GapScope::Group, name));
            }
            None => {}
        }
        // A username instead of a key is as good, once it is looked up.
        let wanted: BTreeSet<Named> =
            walked.rows.iter().filter_map(|row| row.member.name_without_id()).map(Named::name).collect();
        if !wanted.is_empty() {
            let found = self.people(&wanted, false).await;
            walked.gaps.extend(found.gaps);
            for row in &mut walked.rows {
                if let Some(user) = row.member.name_without_id().and_then(|name| found.known.get(&Named::name(name))) {
                    row.member = Subject::user(user.id.as_str());
                    walked.users.push(user.clone());
                }
            }
        }
        (walked, failed)
    }

    /// Members of the groups of these names, and of the groups inside them.
    pub(super) async fn members_of(&self, names: &BTreeSet<String>, known: &BTreeMap<String, Group>) -> Memberships {
        let mut all = Memberships::default();
        let mut seen: HashSet<String> = names.iter().cloned().collect();
        self.progress.expect(Step::Members, names.len());
        let inner = self.one_round(names.iter().cloned().collect(), known, &mut all, &seen).await;
        seen.extend(inner.iter().cloned());
        self.close_with(inner, seen, known, &mut all).await;
        all
    }

    async fn close_memberships(&self, inner: BTreeSet<String>, seen: HashSet<String>, all: &mut Memberships) {
        // Those found inside a group are there.
        let known: BTreeMap<String, Group> =
            inner.iter().map(|name| (name.clone(), Group::new(name.as_str()))).collect();
        self.close_with(inner, seen, &known, all).await;
    }

    /// Follows groups inside groups; cycles end where every group was asked once.
    async fn close_with(
        &self,
        mut inner: BTreeSet<String>,
        mut seen: HashSet<String>,
        known: &BTreeMap<String, Group>,
        all: &mut Memberships,
    ) {
        while !inner.is_empty() {
            self.progress.expect(Step::Members, inner.len());
            let next = self.one_round(inner, known, all, &seen).await;
            seen.extend(next.iter().cloned());
            inner = next;
        }
    }

    async fn one_round(
        &self,
        names: BTreeSet<String>,
        known: &BTreeMap<String, Group>,
        all: &mut Memberships,
        seen: &HashSet<String>,
    ) -> BTreeSet<String> {
        let parts = self
            .all(names.into_iter().map(|name| {
                let listed = known.contains_key(&name);
                async move {
                    let mut part = Memberships::default();
                    let (entries, failed) = self.group_entries(&name).await;
                    let gone = !listed
                        && failed.as_ref().is_some_and(|error| error.status() == Some(404) && !no_such_route(error));
                    if gone {
                        part.vanished.insert(name);
                    } else {
                        if entries.complete && entries.gaps.is_empty() {
                            part.complete.insert(name.clone());
                        }
                        if !listed && failed.is_none() {
                            part.groups.push(Group {
                                name: Some(name.clone()),
                                source: entries.rows.first().map(|row| row.source.clone()).unwrap_or_default(),
                                ..Group::new(name)
                            });
                        }
                        part.groups.extend(entries.groups);
                        part.rows = entries.rows;
                        part.users = entries.users;
                        part.gaps = entries.gaps;
                    }
                    self.progress.add(Step::Members, 1);
                    part
                }
            }))
            .await;
        let mut inner = BTreeSet::new();
        for part in parts {
            inner.extend(inner_groups(&part.rows, seen));
            all.absorb(part);
        }
        inner
    }
}

/// Groups among the entries that were not asked for yet.
fn inner_groups(rows: &[DirectMembership], seen: &HashSet<String>) -> BTreeSet<String> {
    rows.iter()
        .filter(|row| row.member.kind == SubjectKind::Group && !row.member.id.is_empty())
        .map(|row| row.member.id.clone())
        .filter(|name| !seen.contains(name))
        .collect()
}

/// What a table of directories says about a group: the entry of its name, else the longest pattern it fits. `*` stands for
/// any characters.
fn directory_of<'t>(group: &str, table: &'t BTreeMap<String, String>) -> Option<(&'t str, &'t str)> {
    let same = |exact: bool| {
        table.iter().find(|(name, _)| if exact { *name == group } else { name.eq_ignore_ascii_case(group) })
    };
    if let Some((name, directory)) = same(true).or_else(|| same(false)) {
        return Some((name, directory));
    }
    let fitting = table.iter().filter(|(pattern, _)| pattern.contains('*') && fits(group, pattern));
    fitting.max_by_key(|(pattern, _)| pattern.len()).map(|(pattern, directory)| (pattern.as_str(), directory.as_str()))
}

fn fits(name: &str, pattern: &str) -> bool {
    let (name, pattern) = (name.to_lowercase(), pattern.to_lowercase());
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = rest.get(at + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// Where a directory of this name keeps its groups. The type of the directory may stand in parentheses behind its name, as
/// the column `directory_type` of `cwd_directory` spells it.
// Source: https://support.atlassian.com/confluence/kb/how-to-identify-the-source-of-confluence-groups/
fn kept_in(directory: &str) -> (GroupSource, &str) {
    let directory = directory.trim();
    let (name, kind) = match directory.strip_suffix(')').and_then(|text| text.rsplit_once('(')) {
        Some((name, kind)) if !name.trim().is_empty() => (name.trim(), kind.trim()),
        _ => (directory, ""),
    };
    let internal = kind.eq_ignore_ascii_case("INTERNAL")
        || (kind.is_empty() && matches!(name.to_lowercase().as_str(), "internal" | "confluence internal directory"));
    (if internal { GroupSource::Local } else { GroupSource::Directory }, name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_of_directories_names_groups_or_patterns_of_names() {
        let table: BTreeMap<String, String> = [
            ("ad-*", "Acme AD (CONNECTOR)"),
            ("ad-*-local", "Confluence Internal Directory"),
            ("staff", "Crowd"),
            ("*", "Other (INTERNAL)"),
        ]
        .map(|(name, directory)| (name.to_owned(), directory.to_owned()))
        .into();
        let of = |group| directory_of(group, &table).map(|(_, directory)| kept_in(directory)).unwrap();
        assert_eq!(of("ad-eng"), (GroupSource::Directory, "Acme AD"));
        assert_eq!(of("AD-eng-local"), (GroupSource::Local, "Confluence Internal Directory"));
        assert_eq!(of("Staff"), (GroupSource::Directory, "Crowd"));
        assert_eq!(of("confluence-users"), (GroupSource::Local, "Other"));
        assert_eq!(directory_of("x", &BTreeMap::from([("a*b".to_owned(), "D".to_owned())])), None);
        assert!(fits("team-a/b", "team*") && fits("abcb", "a*b*b") && !fits("ab", "a*b*b"));
    }
}

//! Accounts: by key, by username, and all of them.

use std::collections::{BTreeSet, HashMap};
use std::sync::Mutex;
use std::sync::atomic::Ordering;

use super::connect::UserRef;
use super::site::Site;
use crate::apis::datacenter::{lift, requests};
use crate::fetch::lists::{budget, note};
use crate::fetch::locked::Locked;
use crate::fetch::lookup::{AccountText, Sought, Words};
use crate::fetch::pages::{gap_of, gap_of_site, gap_of_stranger};
use crate::fetch::plan::Breaker;
use crate::fetch::{Error, ErrorKind, Result};
use crate::model::{
    Gap, GapCause, GapScope, GlobalPermission, Listing, Restriction, SiteFact, SpacePermission, Subject, SubjectKind,
    User,
};

/// More unknown accounts than these are not asked for one by one while the server lists all.
const SINGLY: usize = 100;

/// How accounts and groups are named here.
pub(in crate::fetch) const WORDS: Words = Words {
    account: "username, key, name or e-mail address",
    handle: "username",
    no_name: "check the name, or give the username or the key of the account",
    no_address: "this server does not show addresses to every account: give the username",
    group: "name",
    subjects: "`user:<username or key>`, `group:<name>`",
};

/// Accounts that were asked for.
#[derive(Default)]
pub(super) struct Found {
    pub(super) known: HashMap<UserRef, User>,
    pub(super) gaps: Vec<Gap>,
    pub(super) failed: Option<Error>,
}

impl Site<'_> {
    /// Keeps accounts from an answer, so that none is asked for twice.
    pub(super) fn remember(&self, users: &[User]) {
        let mut people = self.installation.people.locked();
        for user in users {
            let mut keep = |name: UserRef| {
                let known = people.entry(name).or_insert(None);
                // One that says whether the account is active says most.
                if known.as_ref().is_none_or(|known| known.active.is_none()) {
                    *known = Some(user.clone());
                }
            };
            keep(UserRef::Key(user.id.clone()));
            if let Some(name) = &user.name {
                keep(UserRef::name(name));
            }
        }
    }

    pub(super) fn known(&self, name: &UserRef) -> Option<Option<User>> {
        self.installation.people.locked().get(name).cloned()
    }

    /// The accounts of these names; `state`: whether they are active has to be known too. Those the server does not know are
    /// left out.
    pub(super) async fn people(&self, names: &BTreeSet<UserRef>, state: bool) -> Found {
        let enough = |known: &Option<User>| !state || known.as_ref().is_none_or(|user| user.active.is_some());
        let open = |reader: &Self| -> Vec<UserRef> {
            names.iter().filter(|name| !reader.known(name).is_some_and(|known| enough(&known))).cloned().collect()
        };
        let mut found = Found::default();
        let mut missing = open(self);
        if missing.len() > SINGLY && !self.installation.everybody.load(Ordering::Relaxed) {
            let listed = self.everybody().await;
            // Accounts it does not have are asked for singly.
            tracing::debug!(accounts = listed.rows.len(), gaps = listed.gaps.len(), "accounts are listed");
            missing = open(self);
            // The list says no more about those it brought than a single answer would.
            missing.retain(|name| !matches!(self.known(name), Some(Some(_))));
        }
        let breaker = Mutex::new(Breaker::default());
        let breaker = &breaker;
        let asked =
            self.session.all(missing.iter().map(|name| async move { (name, self.person(name, breaker).await) })).await;
        for (name, answer) in asked {
            if let Err(error) = answer {
                let subject = match name {
                    UserRef::Key(text) | UserRef::Name(text) => text,
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
    pub(in crate::fetch) async fn everybody(&self) -> Listing<User> {
        let about = SiteFact::Accounts.about();
        let request = requests::users(requests::PEOPLE_LIMIT);
        match self.session.walk(request, lift::users, |user: &User| user.id.clone(), about).await {
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

    async fn person(&self, name: &UserRef, breaker: &Mutex<Breaker>) -> Result<()> {
        let request = match name {
            UserRef::Key(key) => requests::user_by_key(key),
            UserRef::Name(name) => requests::user_by_name(name),
        };
        if breaker.locked().open() {
            let text = "not asked, because many requests before it failed";
            return Err(self.session.transport.error(ErrorKind::NoAnswer, &request, text));
        }
        let answer = self.session.ask(&request, budget(self.session.transport, breaker), &lift::user).await;
        note(breaker, answer.as_ref().err());
        match answer {
            Ok(page) => {
                self.remember(&page.rows);
                if let Some(user) = page.rows.into_iter().next() {
                    let mut people = self.installation.people.locked();
                    people.insert(name.clone(), Some(user));
                }
                Ok(())
            }
            Err(error) if error.status() == Some(404) && !error.is_missing_route() => {
                let mut people = self.installation.people.locked();
                // An account that a list has is there: then this answer says nothing about it.
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
            rows.filter(|(subject, _)| subject.kind == SubjectKind::User).collect();
        let asked = |subject: &Subject, name: &Option<String>| match (subject.unidentified_name(), subject.given_id()) {
            (Some(username), _) => Some(UserRef::name(username)),
            (None, Some(key)) if names && name.is_none() => Some(UserRef::Key(key.to_owned())),
            _ => None,
        };
        let wanted: BTreeSet<UserRef> = rows
            .iter()
            .filter_map(|(subject, name)| asked(subject, name))
            .filter(|n| *n != UserRef::name(""))
            .collect();
        let found = self.people(&wanted, false).await;
        for (subject, name) in &mut rows {
            let Some(user) = asked(subject, name).and_then(|asked| found.known.get(&asked)) else { continue };
            if subject.is_unidentified() {
                **subject = Subject::user(user.id.as_str());
            }
            if name.is_none() {
                **name = user.display_name.clone().or_else(|| user.name.clone());
            }
        }
        found.gaps
    }

    pub(in crate::fetch) async fn name_restrictions(&self, rows: &mut [Restriction]) -> Vec<Gap> {
        self.name_subjects(rows.iter_mut().map(|row| (&mut row.subject, &mut row.subject_name)), false).await
    }

    pub(super) async fn name_permissions(&self, rows: &mut [SpacePermission], names: bool) -> Vec<Gap> {
        self.name_subjects(rows.iter_mut().map(|row| (&mut row.subject, &mut row.subject_name)), names).await
    }

    pub(super) async fn name_global(&self, rows: &mut [GlobalPermission]) -> Vec<Gap> {
        self.name_subjects(rows.iter_mut().map(|row| (&mut row.subject, &mut row.subject_name)), true).await
    }

    /// The accounts with these keys or usernames; unknown ones are left out.
    pub(in crate::fetch) async fn users(&self, ids: &[String]) -> Result<Listing<User>> {
        let keys: BTreeSet<UserRef> = ids.iter().map(|id| UserRef::Key(id.trim().to_owned())).collect();
        let mut found = self.people(&keys, true).await;
        let names: BTreeSet<UserRef> = ids
            .iter()
            .map(|id| id.trim())
            .filter(|id| !found.known.contains_key(&UserRef::Key((*id).to_owned())))
            .map(UserRef::name)
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

    /// The account with this username or key.
    ///
    /// # Errors
    /// Where the server cannot be asked, or refuses.
    pub(in crate::fetch) async fn account_with_id(&self, text: &AccountText<'_>) -> Result<Option<User>> {
        let mut failed: Option<Error> = None;
        for name in [UserRef::name(text.as_str()), UserRef::Key(text.as_str().to_owned())] {
            let mut found = self.people(&BTreeSet::from([name.clone()]), true).await;
            if let Some(user) = found.known.remove(&name) {
                return Ok(Some(user));
            }
            failed = failed.or(found.failed);
            if failed.as_ref().is_some_and(Error::is_no_answer) {
                break;
            }
        }
        failed.map_or(Ok(None), Err)
    }

    /// Accounts whose name contains these words.
    pub(in crate::fetch) async fn accounts_called(&self, name: &str) -> Result<Sought<User>> {
        let request = requests::search_user(name, requests::PEOPLE_LIMIT);
        let about = SiteFact::Accounts.about();
        let walked = self.session.walk(request.clone(), lift::search_user, |u: &User| u.id.clone(), about).await?;
        Ok(Sought { listed: Listing { rows: walked.rows, gaps: walked.gaps }, request })
    }
}

/// Whether a request without credentials may use the site.
pub(super) async fn stranger(reader: &Site<'_>) -> std::result::Result<bool, Box<Gap>> {
    let request = requests::spaces("current", &[] as &[&str], 1);
    let read = |body: &[u8]| lift::spaces(body, "current");
    match reader.session.strangers_see(&request, &read).await {
        Ok(true) => Ok(true),
        Ok(false) => {
            let message = format!(
                "{}: a request without credentials returns no space, which does not show whether anonymous may use the site",
                request.line()
            );
            let gap = Gap::new(SiteFact::Anonymous.about(), GapCause::Unsupported, message);
            Err(Box::new(gap.at(request.line())))
        }
        // Refused: by the site, or only by its remote API.
        Err(error) => Err(Box::new(gap_of_stranger(&error))),
    }
}

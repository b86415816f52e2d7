//! Accounts, groups and spaces, by what people call them.
//!
//! What a site can be asked is its own; how an answer is judged, and which error it gives, is the same for all.

use std::collections::{BTreeSet, HashSet};

use indexmap::IndexSet;

use super::answers::Members;
use super::backend::Backend;
use super::change::principals::{NamedSubject, subject};
use super::lookup::{self, AccountText, Fit, Sought, has_key, is_id};
use super::progress::Step;
use super::{Error, ErrorKind, Result};
use crate::apis::{Context, cql};
use crate::model::{CheckResult, Content, Group, Listing, Operation, Space, Subject, SubjectKind, User, id};

impl Backend<'_> {
    /// Spaces: all, or those with these keys (or, for numbers that no space has as its key, ids).
    ///
    /// # Errors
    /// Where the listing cannot be begun, and [`ErrorKind::NotFound`] naming the spaces this account cannot see.
    pub(super) async fn spaces(&self, names: Option<&[String]>) -> Result<Listing<Space>> {
        let listing = match names {
            None => self.every_space().await?,
            Some(names) => self.named_spaces(names).await?,
        };
        let progress = self.session().progress;
        progress.add(Step::Spaces, listing.rows.len());
        progress.close(Step::Spaces);
        Ok(listing)
    }

    async fn named_spaces(&self, names: &[String]) -> Result<Listing<Space>> {
        let keys: BTreeSet<&str> =
            names.iter().map(|name| id::space_key(name)).collect::<std::result::Result<_, _>>()?;
        let mut missing: Vec<String> = keys.into_iter().map(str::to_owned).collect();
        let mut found = Listing::default();
        let by_key = self.spaces_with_keys(&missing).await?;
        take(&mut found, by_key, &mut missing, has_key);
        let ids: Vec<String> = missing.iter().filter(|key| key.bytes().all(|b| b.is_ascii_digit())).cloned().collect();
        if !ids.is_empty() {
            let by_id = self.spaces_with_ids(&ids).await?;
            take(&mut found, by_id, &mut missing, |space, id| space.id == id);
        }
        if missing.is_empty() {
            return Ok(found);
        }
        // Names are the last guess: it takes the list of all spaces.
        let (all, request, transport) = (self.every_space().await?, self.spaces_request(), self.session().transport);
        let mut unknown = Vec::new();
        for name in missing {
            match lookup::named_space(&name, &all.rows, &request, transport)? {
                Some(space) if found.rows.iter().any(|known| known.key == space.key) => {}
                Some(space) => found.rows.push(space.clone()),
                None => unknown.push(name),
            }
        }
        if unknown.is_empty() {
            return Ok(found);
        }
        Err(lookup::unknown_spaces(transport, &request, &unknown))
    }

    /// The space with this key or id.
    ///
    /// # Errors
    /// As [`spaces`](Self::spaces).
    pub(super) async fn space(&self, name: &str) -> Result<Space> {
        let found = self.spaces(Some(&[name.to_owned()])).await?;
        found.rows.into_iter().next().ok_or_else(|| Error::new(ErrorKind::NotFound, format!("no space `{name}`")))
    }

    /// The id of a content, from the id itself or from a title, alone or behind the key of its space.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] and [`ErrorKind::Ambiguous`].
    pub(super) async fn content_id(&self, text: &str) -> Result<String> {
        let text = id::content_id(text)?;
        if id::is_content_id(text) {
            return Ok(text.to_owned());
        }
        let transport = self.session().transport;
        let split = id::key_and_title(text);
        let exact = self.searched(&cql::titled(text, None), text).await?;
        if !exact.listed.rows.is_empty() {
            return lookup::content(text, &exact.listed.rows, &exact, transport);
        }
        if let Some((key, title)) = split
            // A server that does not know the key refuses the query.
            && let Ok(found) = self.searched(&cql::titled(title, Some(key)), title).await
            && !found.listed.rows.is_empty()
        {
            return lookup::content(text, &found.listed.rows, &found, transport);
        }
        // Titles in another case, and similar ones for the error.
        let (key, title) = split.map_or((None, text), |(key, title)| (Some(key), title));
        let near = self.similar(title).await.unwrap_or(exact);
        let in_place = |content: &&Content| key.is_none_or(|key| content.space_key.eq_ignore_ascii_case(key));
        let found: Vec<Content> =
            near.listed.rows.iter().filter(|content| is_titled(content, title)).filter(in_place).cloned().collect();
        lookup::content(text, &found, &near, transport)
    }

    /// The ids of contents, each once.
    ///
    /// # Errors
    /// As for one of them.
    pub(super) async fn content_ids(&self, texts: &[String]) -> Result<Vec<String>> {
        let mut ids: IndexSet<String> = IndexSet::new();
        for text in texts {
            ids.insert(self.content_id(text).await?);
        }
        Ok(ids.into_iter().collect())
    }

    /// The contents a query finds, those with the title alone: a server that does not know the filter lists others too.
    async fn searched(&self, query: &str, title: &str) -> Result<Sought<Content>> {
        let mut sought = self.first_page(query).await?;
        sought.listed.rows.retain(|content| is_titled(content, title));
        Ok(sought)
    }

    /// Contents with the words of a title.
    async fn similar(&self, title: &str) -> Result<Sought<Content>> {
        self.first_page(&cql::titled_like(title)).await
    }

    async fn first_page(&self, query: &str) -> Result<Sought<Content>> {
        let (session, questions) = (self.session(), self.lists());
        let context = Context { base: Some(session.transport.target.site.clone()), ..Context::default() };
        let request = (questions.search)(query);
        let page = session.ask(&request, session.brief(), &|body| (questions.read_search)(body, &context)).await?;
        let rows = page.rows.into_iter().map(|found| found.content).collect();
        Ok(Sought { listed: Listing { rows, gaps: page.gaps }, request })
    }

    /// The group with this name, or on Cloud this id.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] and [`ErrorKind::Ambiguous`].
    pub(super) async fn group_named(&self, text: &str) -> Result<Group> {
        let name = id::group_name(text)?;
        lookup::group(name, &self.groups_called(name).await?, self.words(), self.session().transport)
    }

    /// The members of a group, named like that.
    pub(super) async fn members(&self, name: &str) -> Result<Members> {
        let mut group = self.group_named(name).await?;
        let found = self.members_in(&mut group).await?;
        group.members_complete = found.complete.contains(&group.id) && found.gaps.is_empty();
        let mut seen = HashSet::new();
        let users = found.users.into_iter().filter(|user| seen.insert(user.id.clone())).collect();
        Ok(Members { group, memberships: found.rows, users, gaps: found.gaps })
    }

    /// The one account with this name, e-mail address or id.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] and [`ErrorKind::Ambiguous`].
    pub(super) async fn account(&self, text: &str, fit: Fit) -> Result<User> {
        let text = AccountText::parse(text)?;
        let mut doubt = match self.account_with_id(&text).await {
            Ok(Some(user)) => return Ok(user),
            Ok(None) => None,
            // Not an id: some servers refuse the question.
            Err(error) if matches!(error.status(), Some(400 | 404)) => None,
            Err(error) if error.is_no_answer() => return Err(error),
            Err(error) => Some(error),
        };
        let mut sought = self.accounts_called(&text.sought()).await?;
        let mut found = text.fitting(&sought.listed.rows, fit);
        if let Self::Cloud(site) = self
            && text.is_address()
            && found.is_empty()
        {
            found = site.accounts_with_address(&text, &mut sought.listed).await;
        }
        match doubt.take().filter(|_| found.is_empty()) {
            Some(error) => Err(error),
            None => text.only(found, &sought, self.words(), self.session().transport),
        }
    }

    /// The accounts a text may mean: the one with this id or address, else those whose names contain all its words.
    ///
    /// # Errors
    /// Where accounts cannot be searched for.
    pub(super) async fn accounts_like(&self, text: &str) -> Result<Listing<User>> {
        let text = AccountText::parse(text)?;
        if let Ok(Some(user)) = self.account_with_id(&text).await {
            return Ok(Listing { rows: vec![user], gaps: Vec::new() });
        }
        let mut listed = self.accounts_called(&text.sought()).await?.listed;
        if text.is_address() {
            let mut found = text.fitting(&listed.rows, Fit::Whole);
            if let Self::Cloud(site) = self
                && found.is_empty()
            {
                found = site.accounts_with_address(&text, &mut listed).await;
            }
            listed.rows = found;
        }
        Ok(listed)
    }

    /// The contents a text may mean: the one with this id, and those whose titles contain all its words. A search that
    /// finds many returns its first page.
    ///
    /// # Errors
    /// Where contents cannot be searched for.
    pub(super) async fn contents_like(&self, text: &str) -> Result<Listing<Content>> {
        let text = id::content_id(text)?;
        let mut found = self.similar(text).await?.listed;
        if let Some((key, title)) = id::key_and_title(text) {
            let near = self.similar(title).await?.listed;
            found.rows.extend(near.rows.into_iter().filter(|content| content.space_key.eq_ignore_ascii_case(key)));
            found.gaps.extend(near.gaps);
        }
        // A server may refuse a query for an id that it does not have.
        if id::is_content_id(text)
            && let Ok(same) = self.first_page(&cql::ids(&[text])).await
        {
            found.rows.splice(0..0, same.listed.rows);
        }
        let mut seen = HashSet::new();
        found.rows.retain(|content| seen.insert(content.id.clone()));
        Ok(found)
    }

    /// The subject a text means. `there`: it has to exist; otherwise one that is unknown is kept as it is, because what
    /// was given to an account that is gone can still be taken away.
    pub(super) async fn principal(&self, text: &str, there: bool) -> Result<NamedSubject> {
        let subject = subject(text)?;
        let found = match (&subject.kind, self) {
            (SubjectKind::User | SubjectKind::Group, _) => self.named(&subject).await,
            (SubjectKind::Anonymous, _) | (SubjectKind::AccessClass, Self::Cloud(_)) => return Ok(subject.into()),
            _ => {
                let forms = self.words().subjects;
                return Err(Error::configuration(format!(
                    "`{subject}` cannot be given or refused access: write {forms} or `anonymous`"
                )));
            }
        };
        // On Cloud entries hold ids; on Data Center the text may be a username, while the entry holds the key.
        let is_kept = |error: &Error| {
            let given = matches!(self, Self::Cloud(_)) && subject.kind == SubjectKind::User && is_id(&subject.id);
            !there && (given || error.kind() == ErrorKind::NotFound)
        };
        match found {
            Err(error) if is_kept(&error) => Ok(subject.into()),
            found => found,
        }
    }

    async fn named(&self, subject: &Subject) -> Result<NamedSubject> {
        match subject.kind {
            SubjectKind::Group => self.group_named(&subject.id).await.map(NamedSubject::from),
            _ => self.account(&subject.id, Fit::Whole).await.map(NamedSubject::from),
        }
    }

    /// The site's own answer: may `subject` do `operation` to a content? `by_id`: the subject was written with its kind.
    pub(super) async fn check(
        &self,
        content: &str,
        subject: Subject,
        by_id: bool,
        operation: Operation,
    ) -> Result<CheckResult> {
        let subject = match (&subject.kind, self) {
            // Cloud is asked about any id: whether it knows the account is part of the answer.
            (SubjectKind::User, Self::Cloud(_)) if by_id && is_id(&subject.id) => subject,
            (SubjectKind::User | SubjectKind::Group, _) => self.named(&subject).await?.subject,
            _ => subject,
        };
        self.check_one(content, &subject, operation).await
    }
}

/// Takes from `listing` what is missing: a server that does not know the filter lists everything.
fn take(found: &mut Listing<Space>, listing: Listing<Space>, missing: &mut Vec<String>, is: fn(&Space, &str) -> bool) {
    let mut wanted = listing.rows;
    wanted.retain(|space| missing.iter().any(|name| is(space, name)));
    missing.retain(|name| !wanted.iter().any(|space| is(space, name)));
    let mut known: HashSet<String> = found.rows.iter().map(|space| space.key.clone()).collect();
    found.rows.extend(wanted.into_iter().filter(|space| known.insert(space.key.clone())));
    found.gaps.extend(listing.gaps);
}

/// Whether a content has this title, in any case.
fn is_titled(content: &Content, title: &str) -> bool {
    content.title.as_deref().is_some_and(|own| own.to_lowercase() == title.to_lowercase())
}

//! Whom a text means: looked up, so that nothing is written about somebody who is not there.

use crate::apis::can_be_looked_up;
use crate::apis::cloud_v1::{lift as v1_lift, requests as v1};
use crate::fetch::pages::ask;
use crate::fetch::reader::Reader;
use crate::fetch::{Error, ErrorKind, Result};
use crate::model::{Subject, SubjectKind, User};

/// A subject and its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::fetch) struct Named {
    pub(in crate::fetch) subject: Subject,
    pub(in crate::fetch) name: Option<String>,
}

impl From<Subject> for Named {
    fn from(subject: Subject) -> Self {
        Self { subject, name: None }
    }
}

/// Reads a text that names a subject. One without a kind is the name or the address of an account.
pub(in crate::fetch) fn subject(text: &str) -> Result<Subject> {
    let text = text.trim();
    match Subject::parse(text) {
        Ok(subject) => Ok(subject),
        Err(_) if !text.is_empty() && !text.contains(':') => Ok(Subject::user(text)),
        Err(error) => Err(Error::configuration(error.to_string())),
    }
}

impl Reader<'_> {
    /// The subject a text means. `there`: it has to exist; otherwise an id nobody knows is kept as it is, because what
    /// was given to somebody who is gone can still be taken away.
    pub(super) async fn principal(&self, text: &str, there: bool) -> Result<Named> {
        let subject = subject(text)?;
        match subject.kind {
            SubjectKind::Group => match self.group_named(&subject.id).await {
                Ok(group) => Ok(Named { subject: Subject::group(group.id), name: group.name }),
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
    pub(super) async fn account(&self, text: &str, there: bool) -> Result<Named> {
        let named = |user: User| Named {
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
        let searched = ask(self.transport, &request, self.transport.brief(), &|body| v1_lift::search_user(body)).await;
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
            let mut error = self.transport.error(ErrorKind::Ambiguous, &request, text);
            error.parts_mut().candidates = candidates;
            return Err(error);
        }
        match found.pop() {
            Some(user) => Ok(named(user)),
            None if !there => Ok(Subject::user(text).into()),
            None => Err(self.transport.error(
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

/// Whether a text may be an id, rather than a name or an address.
pub(super) fn is_id(text: &str) -> bool {
    can_be_looked_up(text) && !text.contains(|c: char| c == '@' || c.is_whitespace())
}

//! Subjects as people write them.

use crate::fetch::{Error, Result};
use crate::model::{Group, Subject, User};

/// A subject and its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::fetch) struct NamedSubject {
    pub(in crate::fetch) subject: Subject,
    pub(in crate::fetch) name: Option<String>,
}

impl From<Subject> for NamedSubject {
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

impl From<User> for NamedSubject {
    fn from(user: User) -> Self {
        Self { name: user.display_name.or(user.name), subject: Subject::user(user.id) }
    }
}

impl From<Group> for NamedSubject {
    fn from(group: Group) -> Self {
        Self { subject: Subject::group(group.id), name: group.name }
    }
}

//! The steps of a plan: what they are called, what they say, and what they name.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::model::{Permission, RestrictionOperation, Subject, SubjectKind, id, nearest};

/// One line of a plan. Texts name things as callers write them; they are looked up when the plan is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case", deny_unknown_fields)]
#[expect(missing_docs, reason = "each step says what is done with its fields, and they are called what they are")]
pub enum Step {
    /// Gives permissions in a space to a subject.
    Grant { space: String, subject: String, permissions: Vec<String> },
    /// Takes permissions in a space from a subject; without `permissions` all it was granted by itself.
    Revoke {
        space: String,
        subject: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        permissions: Option<Vec<String>>,
    },
    /// Gives a subject exactly these permissions in a space.
    Set { space: String, subject: String, permissions: Vec<String> },
    /// Adds subjects to the view or edit restriction of content items.
    Restrict { contents: Vec<String>, operation: RestrictionOperation, subjects: Vec<String> },
    /// Removes subjects from the view or edit restriction of content items; without `subjects` everyone.
    Unrestrict {
        contents: Vec<String>,
        operation: RestrictionOperation,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        subjects: Option<Vec<String>>,
    },
    /// Sets the view or edit restriction of content items to exactly these subjects.
    SetRestrictions { contents: Vec<String>, operation: RestrictionOperation, subjects: Vec<String> },
    /// Gives a subject a role in a space (Cloud). The role it had goes: a subject has one.
    AssignRole { space: String, subject: String, role: String },
    /// Removes the role of a subject in a space (Cloud).
    RemoveRole { space: String, subject: String },
    /// Adds an account to a group.
    AddMember { group: String, user: String },
    /// Removes an account from a group.
    RemoveMember { group: String, user: String },
    /// Puts a subject in the place of another: in permissions, roles and restrictions, and between accounts in groups too.
    Replace { subject: String, by: String },
    /// Deletes a group.
    Delete { group: String },
    /// Moves a page, with everything below it, under another one.
    Move { content: String, parent: String },
}

/// A step that cannot be meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidStep(String);

/// A text in a step, and what it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mention<'a> {
    /// A space, by its key or id.
    Space(&'a str),
    /// A content item, by its id.
    Content(&'a str),
    /// An account, a group or a class of people. It must exist.
    Subject(&'a str),
    /// The same; entries of one that no longer exists can be removed.
    Former(&'a str),
    /// A group, by its name or id.
    Group(&'a str),
    /// A role, by its name or id.
    Role(&'a str),
}

fn invalid<T>(message: impl Into<String>) -> Result<T, InvalidStep> {
    Err(InvalidStep(message.into()))
}

/// A text without the blanks around it.
fn named(text: &mut String, what: &'static str) -> Result<(), InvalidStep> {
    *text = id::name(text, what).map_err(|error| InvalidStep(error.to_string()))?.to_owned();
    Ok(())
}

/// A subject; one without a kind is the name or the e-mail address of an account.
fn subject(text: &mut String, fits: fn(&SubjectKind) -> bool, what: &'static str) -> Result<(), InvalidStep> {
    named(text, "subject")?;
    let kind = match Subject::parse(text) {
        Ok(subject) => subject.kind,
        Err(error) if text.contains(':') => return invalid(error.to_string()),
        Err(_) => SubjectKind::User,
    };
    // The id of an account on Cloud may contain a colon.
    if fits(&kind) || matches!(kind, SubjectKind::Other(_)) { Ok(()) } else { invalid(format!("{what}, not `{text}`")) }
}

fn holder(text: &mut String) -> Result<(), InvalidStep> {
    let fits = |kind: &SubjectKind| *kind != SubjectKind::AccessClass;
    subject(text, fits, "a class gets access to a space by a role: use `assign_role`")
}

fn anybody(text: &mut String) -> Result<(), InvalidStep> {
    subject(text, |_| true, "")
}

fn listable(text: &mut String) -> Result<(), InvalidStep> {
    let fits = |kind: &SubjectKind| matches!(kind, SubjectKind::User | SubjectKind::Group);
    subject(text, fits, "expected a user or a group")
}

fn several(
    texts: &mut Vec<String>,
    each: fn(&mut String) -> Result<(), InvalidStep>,
    none: &str,
) -> Result<(), InvalidStep> {
    texts.iter_mut().try_for_each(each)?;
    let mut seen = std::collections::HashSet::new();
    texts.retain(|text| seen.insert(text.clone()));
    if texts.is_empty() { invalid(none) } else { Ok(()) }
}

const NO_SUBJECT: &str = "no subject is named: name at least one, such as `group:engineering`";
const NO_CONTENT: &str = "no content is named: name at least one by its id";
const NO_PERMISSION: &str = "no permission is named: name at least one, such as `view`";

fn contents(texts: &mut Vec<String>) -> Result<(), InvalidStep> {
    several(texts, |text| named(text, "id of a content"), NO_CONTENT)
}

/// Permissions in any spelling, in our words.
fn permissions(words: &mut Vec<String>) -> Result<(), InvalidStep> {
    for word in words.iter_mut() {
        *word = match Permission::from_log(word) {
            Some(permission) => permission.as_str().to_owned(),
            None => {
                let near = nearest(word, Permission::KNOWN.iter().copied());
                let hint = near.map(|near| format!("did you mean `{near}`?"));
                let hint = hint.unwrap_or_else(|| format!("use one of `{}`", Permission::KNOWN.join("`, `")));
                return invalid(format!("invalid permission `{}`: {hint}", word.escape_debug()));
            }
        };
    }
    let mut seen = std::collections::HashSet::new();
    words.retain(|word| seen.insert(word.clone()));
    Ok(())
}

fn some_permissions(words: &mut Vec<String>) -> Result<(), InvalidStep> {
    permissions(words)?;
    if words.is_empty() { invalid(NO_PERMISSION) } else { Ok(()) }
}

fn group(text: &mut String) -> Result<(), InvalidStep> {
    named(text, "name of a group")?;
    if let Some(bare) = text.strip_prefix("group:") {
        *text = bare.to_owned();
        return named(text, "name of a group");
    }
    let other = text == "anonymous" || ["user:", "class:"].iter().any(|kind| text.starts_with(kind));
    if other { invalid(format!("expected a group, not `{text}`")) } else { Ok(()) }
}

fn account(text: &mut String) -> Result<(), InvalidStep> {
    subject(text, |kind| *kind == SubjectKind::User, "members of groups are accounts")
}

impl Step {
    /// The step with its texts in one form.
    ///
    /// # Errors
    /// Where it cannot be meant on any site: an unknown permission, an empty text, nobody named.
    pub fn checked(mut self) -> Result<Self, InvalidStep> {
        match &mut self {
            Self::Grant { space, subject, permissions: words } => {
                named(space, "key of a space")?;
                holder(subject)?;
                some_permissions(words)?;
            }
            Self::Revoke { space, subject, permissions: words } => {
                named(space, "key of a space")?;
                holder(subject)?;
                words.as_mut().map_or(Ok(()), some_permissions)?;
            }
            Self::Set { space, subject, permissions: words } => {
                named(space, "key of a space")?;
                holder(subject)?;
                permissions(words)?;
            }
            Self::Restrict { contents: items, subjects, .. }
            | Self::SetRestrictions { contents: items, subjects, .. } => {
                contents(items)?;
                several(subjects, listable, NO_SUBJECT)?;
            }
            Self::Unrestrict { contents: items, subjects, .. } => {
                contents(items)?;
                subjects.as_mut().map_or(Ok(()), |subjects| several(subjects, listable, NO_SUBJECT))?;
            }
            Self::AssignRole { space, subject, role } => {
                named(space, "key of a space")?;
                anybody(subject)?;
                named(role, "name of a role")?;
            }
            Self::RemoveRole { space, subject } => {
                named(space, "key of a space")?;
                anybody(subject)?;
            }
            Self::AddMember { group: name, user } | Self::RemoveMember { group: name, user } => {
                group(name)?;
                account(user)?;
            }
            Self::Replace { subject, by } => {
                listable(subject)?;
                listable(by)?;
                if subject == by {
                    return invalid(format!("`{subject}` cannot replace itself"));
                }
            }
            Self::Delete { group: name } => group(name)?,
            Self::Move { content, parent } => {
                named(content, "id of a content")?;
                named(parent, "id of a content")?;
                if content == parent {
                    return invalid(format!("content `{content}` cannot be moved below itself"));
                }
            }
        }
        Ok(self)
    }

    /// Every text that names something on the site.
    pub fn mentions(&self) -> Vec<Mention<'_>> {
        match self {
            Self::Grant { space, subject, .. } => vec![Mention::Space(space), Mention::Subject(subject)],
            Self::Revoke { space, subject, .. } | Self::RemoveRole { space, subject } => {
                vec![Mention::Space(space), Mention::Former(subject)]
            }
            Self::Set { space, subject, permissions } if permissions.is_empty() => {
                vec![Mention::Space(space), Mention::Former(subject)]
            }
            Self::Set { space, subject, .. } => vec![Mention::Space(space), Mention::Subject(subject)],
            Self::Restrict { contents, subjects, .. } | Self::SetRestrictions { contents, subjects, .. } => {
                let subjects = subjects.iter().map(|text| Mention::Subject(text));
                contents.iter().map(|text| Mention::Content(text)).chain(subjects).collect()
            }
            Self::Unrestrict { contents, subjects, .. } => {
                let subjects = subjects.iter().flatten().map(|text| Mention::Former(text));
                contents.iter().map(|text| Mention::Content(text)).chain(subjects).collect()
            }
            Self::AssignRole { space, subject, role } => {
                vec![Mention::Space(space), Mention::Subject(subject), Mention::Role(role)]
            }
            Self::AddMember { group, user } => vec![Mention::Group(group), Mention::Subject(user)],
            Self::RemoveMember { group, user } => vec![Mention::Group(group), Mention::Former(user)],
            Self::Replace { subject, by } => vec![Mention::Former(subject), Mention::Subject(by)],
            Self::Delete { group } => vec![Mention::Group(group)],
            Self::Move { content, parent } => vec![Mention::Content(content), Mention::Content(parent)],
        }
    }
}

/// Texts in a sentence.
fn listed(texts: &[String]) -> String {
    texts.join(", ")
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Grant { space, subject, permissions } => {
                write!(f, "grant {subject} {} in {space}", listed(permissions))
            }
            Self::Revoke { space, subject, permissions: Some(permissions) } => {
                write!(f, "revoke {} in {space} from {subject}", listed(permissions))
            }
            Self::Revoke { space, subject, permissions: None } => {
                write!(f, "revoke every permission in {space} from {subject}")
            }
            Self::Set { space, subject, permissions } if permissions.is_empty() => {
                write!(f, "set {subject} to no permission in {space}")
            }
            Self::Set { space, subject, permissions } => {
                write!(f, "set {subject} to {} in {space}", listed(permissions))
            }
            Self::Restrict { contents, operation, subjects } => {
                write!(f, "restrict {operation} of {}: add {}", listed(contents), listed(subjects))
            }
            Self::Unrestrict { contents, operation, subjects } => {
                let who = subjects.as_deref().map_or_else(|| "everyone".to_owned(), listed);
                write!(f, "unrestrict {operation} of {}: remove {who}", listed(contents))
            }
            Self::SetRestrictions { contents, operation, subjects } => {
                write!(f, "restrict {operation} of {} to exactly {}", listed(contents), listed(subjects))
            }
            Self::AssignRole { space, subject, role } => write!(f, "assign {subject} the role {role} in {space}"),
            Self::RemoveRole { space, subject } => write!(f, "remove the role of {subject} in {space}"),
            Self::AddMember { group, user } => write!(f, "add {user} to group {group}"),
            Self::RemoveMember { group, user } => write!(f, "remove {user} from group {group}"),
            Self::Replace { subject, by } => write!(f, "replace {subject} by {by}"),
            Self::Delete { group } => write!(f, "delete group {group}"),
            Self::Move { content, parent } => write!(f, "move {content} below {parent}"),
        }
    }
}

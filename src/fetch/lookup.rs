//! Texts people write for accounts, groups, contents and spaces, and what they mean among those a site has.

use std::collections::HashSet;

use super::transport::Transport;
use super::{Error, ErrorKind, Result};
use crate::apis::{Request, can_be_looked_up};
use crate::model::{Content, Group, Listing, Space, Subject, User, id};

/// How accounts and groups are named on a site, in the words of its errors.
pub(super) struct Words {
    /// What may name an account.
    pub(super) account: &'static str,
    /// What names exactly one.
    pub(super) handle: &'static str,
    /// The remedy where no account has a name.
    pub(super) no_name: &'static str,
    /// The remedy where no account has an address.
    pub(super) no_address: &'static str,
    /// What may name a group.
    pub(super) group: &'static str,
    /// Users and groups as subjects.
    pub(super) subjects: &'static str,
}

/// What a search for a name brought.
pub(super) struct Sought<T> {
    pub(super) listed: Listing<T>,
    /// The question, for errors.
    pub(super) request: Request,
}

/// How well a name has to fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    /// It is the whole name. Access is given and checked only for an account that is named like this.
    Whole,
    /// Where it is no account's whole name: it consists of words of the name.
    Words,
}

/// Whether a text may be an id, rather than a name or an address.
pub(super) fn is_id(text: &str) -> bool {
    can_be_looked_up(text) && !text.contains(|c: char| c == '@' || c.is_whitespace())
}

/// Accounts whose name is `text`, else, where that is enough, those whose names contain all words of `text` as words.
fn closest(users: &[User], text: &str, fit: Fit) -> Vec<User> {
    let lower = text.to_lowercase();
    let with = |fits: &dyn Fn(&str) -> bool| -> Vec<User> {
        let names =
            |user: &User| [&user.display_name, &user.name].into_iter().flatten().any(|n| fits(&n.to_lowercase()));
        users.iter().filter(|user| names(user)).cloned().collect()
    };
    let whole = with(&|name| name == lower);
    if !whole.is_empty() || fit == Fit::Whole {
        return whole;
    }
    let wanted: Vec<&str> = lower.split_whitespace().collect();
    with(&|name| {
        let words: HashSet<&str> = name.split_whitespace().collect();
        wanted.iter().all(|word| words.contains(word))
    })
}

/// An account as people tell it from others: two may have one name.
fn described(user: &User) -> String {
    let name = user.display_name.as_deref().or(user.name.as_deref()).unwrap_or("no name");
    let mail = user.email.as_deref().map(|mail| format!(", {mail}")).unwrap_or_default();
    let state = if user.active == Some(false) { ", deactivated" } else { "" };
    format!("{name} (id {}{mail}{state})", user.id)
}

fn ambiguous(transport: &Transport, request: &Request, text: &str, candidates: Vec<String>) -> Error {
    let mut error = transport.error(ErrorKind::Ambiguous, request, transport.quote(text));
    error.parts_mut().candidates = candidates;
    error
}

/// A text that should mean one account.
pub(super) struct AccountText<'t>(&'t str);

impl<'t> AccountText<'t> {
    /// # Errors
    /// [`ErrorKind::Configuration`] for a text that cannot name an account.
    pub(super) fn parse(text: &'t str) -> Result<Self> {
        Ok(Self(id::account_name(text)?))
    }

    pub(super) fn as_str(&self) -> &'t str {
        self.0
    }

    pub(super) fn is_address(&self) -> bool {
        self.0.contains('@')
    }

    /// What to search for. The name before the `@`, as people write it, is the best guess; the address decides.
    pub(super) fn sought(&self) -> String {
        if !self.is_address() {
            return self.0.to_owned();
        }
        let name = self.0.split('@').next().unwrap_or_default();
        name.split(['.', '_', '-', '+']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
    }

    /// Those it may mean: with this address, or with the closest names.
    pub(super) fn fitting(&self, users: &[User], fit: Fit) -> Vec<User> {
        let same = |user: &&User| user.email.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(self.0));
        if self.is_address() { users.iter().filter(same).cloned().collect() } else { closest(users, self.0, fit) }
    }

    /// The one account among `found`.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`], with accounts of similar names, and [`ErrorKind::Ambiguous`], with all of them.
    pub(super) fn only(
        &self,
        mut found: Vec<User>,
        sought: &Sought<User>,
        words: &Words,
        transport: &Transport,
    ) -> Result<User> {
        let mut seen = HashSet::new();
        found.retain(|user| seen.insert(user.id.clone()));
        let (text, request) = (self.0, &sought.request);
        match found.as_slice() {
            [only] => Ok(only.clone()),
            [] => {
                let partly = if sought.listed.gaps.is_empty() { "" } else { " (not all accounts could be searched)" };
                let near: Vec<String> =
                    sought.listed.rows.iter().filter(|_| !self.is_address()).take(5).map(described).collect();
                let hint = if !near.is_empty() {
                    format!("did you mean {}?", near.join(", "))
                } else if self.is_address() {
                    words.no_address.to_owned()
                } else {
                    words.no_name.to_owned()
                };
                let text = format!("no account has the {} `{text}`{partly}: {hint}", words.account);
                Err(transport.error(ErrorKind::NotFound, request, transport.quote(&text)))
            }
            several => {
                let shown: Vec<String> = several.iter().take(10).map(described).collect();
                let shown = shown.join(", ");
                let text = format!("several accounts are named `{text}`: give the {} of one: {shown}", words.handle);
                let candidates = several.iter().map(|user| format!("user:{}", user.id)).collect();
                Err(ambiguous(transport, request, &text, candidates))
            }
        }
    }
}

/// The one group with this id or name.
///
/// # Errors
/// [`ErrorKind::NotFound`], with groups of similar names, and [`ErrorKind::Ambiguous`], with all of them.
pub(super) fn group(text: &str, sought: &Sought<Group>, words: &Words, transport: &Transport) -> Result<Group> {
    let (rows, request) = (&sought.listed.rows, &sought.request);
    if let Some(group) = rows.iter().find(|group| group.id == text) {
        return Ok(group.clone());
    }
    let named = |fits: &dyn Fn(&str) -> bool| -> Vec<&Group> {
        rows.iter().filter(|group| group.name.as_deref().is_some_and(fits)).collect()
    };
    let lower = text.to_lowercase();
    let mut found = named(&|name| name == text);
    if found.is_empty() {
        found = named(&|name| name.to_lowercase() == lower);
    }
    match found.as_slice() {
        [only] => Ok((*only).clone()),
        [] => {
            let near = named(&|name| name.to_lowercase().contains(&lower));
            let near: Vec<&str> = near.into_iter().filter_map(|group| group.name.as_deref()).take(5).collect();
            let hint = if near.is_empty() {
                "`groups()` lists the groups this account can see".to_owned()
            } else {
                format!("did you mean `{}`?", near.join("`, `"))
            };
            let partly = if sought.listed.gaps.is_empty() { "" } else { " (not all groups could be listed)" };
            let text = format!("no group has the {} `{text}`{partly}: {hint}", words.group);
            Err(transport.error(ErrorKind::NotFound, request, transport.quote(&text)))
        }
        several => {
            let candidates: Vec<String> = several.iter().map(|group| group.id.clone()).collect();
            let ids = candidates.join("`, `");
            let text = format!("several groups are named `{text}`: give the id of one: `{ids}`");
            Err(ambiguous(transport, request, &text, candidates))
        }
    }
}

/// The one content with this title. `near`: contents with similar titles.
///
/// # Errors
/// [`ErrorKind::NotFound`], with the similar ones, and [`ErrorKind::Ambiguous`], with all of them.
pub(super) fn content(text: &str, found: &[Content], near: &Sought<Content>, transport: &Transport) -> Result<String> {
    let described = |content: &Content| {
        let title = content.title.as_deref().unwrap_or("untitled");
        format!("`{}:{title}` ({} {})", content.space_key, content.kind.as_str(), content.id)
    };
    match found {
        [only] => Ok(only.id.clone()),
        [] => {
            let similar: Vec<String> = near.listed.rows.iter().take(5).map(described).collect();
            let hint = if similar.is_empty() {
                "check the title, or this account may not see it".to_owned()
            } else {
                format!("did you mean {}?", similar.join(", "))
            };
            let partly = if near.listed.gaps.is_empty() { "" } else { " (not all titles could be searched)" };
            let text = format!("no page or blog post is titled `{text}`{partly}: {hint}");
            Err(transport.error(ErrorKind::NotFound, &near.request, transport.quote(&text)))
        }
        several => {
            let shown: Vec<String> = several.iter().take(10).map(described).collect();
            let shown = shown.join(", ");
            let text = format!(
                "several contents are titled `{text}`: give the id of one, or put the key of its space before the title: {shown}"
            );
            Err(ambiguous(transport, &near.request, &text, several.iter().map(|content| content.id.clone()).collect()))
        }
    }
}

/// The one space with this name.
///
/// # Errors
/// [`ErrorKind::Ambiguous`], with all of them.
pub(super) fn named_space<'s>(
    name: &str,
    spaces: &'s [Space],
    request: &Request,
    transport: &Transport,
) -> Result<Option<&'s Space>> {
    let lower = name.to_lowercase();
    let named = |space: &&Space| space.name.as_deref().is_some_and(|name| name.to_lowercase() == lower);
    let found: Vec<&Space> = spaces.iter().filter(named).collect();
    match found.as_slice() {
        [] => Ok(None),
        [only] => Ok(Some(only)),
        several => {
            let keys: Vec<String> = several.iter().map(|space| space.key.clone()).collect();
            let text = format!("several spaces are named `{name}`: give the key of one: `{}`", keys.join("`, `"));
            Err(ambiguous(transport, request, &text, keys))
        }
    }
}

/// The error of a subject about which a site cannot be asked.
pub(super) fn unchecked(subject: &Subject, words: &Words) -> Error {
    let forms = words.subjects;
    Error::configuration(format!("Confluence does not check `{subject}`: ask about {forms} or `anonymous`"))
}

/// The space a content lives in.
///
/// # Errors
/// [`ErrorKind::NotFound`] where the site did not say.
pub(super) fn in_a_space(content: &str, key: Option<String>) -> Result<String> {
    key.filter(|key| !key.is_empty()).ok_or_else(|| {
        Error::new(ErrorKind::NotFound, format!("the site does not say in which space content `{content}` is"))
    })
}

/// Whether this is the key of a space. Servers do not tell upper from lower case in it.
pub(super) fn has_key(space: &Space, key: &str) -> bool {
    space.key.eq_ignore_ascii_case(key)
}

/// The error of spaces that a site does not have.
pub(super) fn unknown_spaces(transport: &Transport, request: &Request, keys: &[String]) -> Error {
    let names = keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
    let what = if keys.len() == 1 { "space" } else { "spaces" };
    let text =
        format!("no {what} {names}: check the key, or this account may not see it; `spaces()` lists those it can");
    let mut error = transport.error(ErrorKind::NotFound, request, text);
    error.parts_mut().attempts = 1;
    error
}

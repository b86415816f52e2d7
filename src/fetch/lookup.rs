//! Texts people write for accounts, groups, contents and spaces.

use std::collections::HashSet;

use super::transport::Transport;
use super::{Error, ErrorKind, Result};
use crate::apis::Request;
use crate::model::{Listing, User};

/// Refuses what can be no id.
pub(super) fn valid<'t>(text: &'t str, what: &str) -> Result<&'t str> {
    let id = text.trim();
    if id.is_empty() || id.chars().any(char::is_control) {
        return Err(Error::configuration(format!("`{}` is no {what}", text.escape_debug())));
    }
    Ok(id)
}

/// Accounts whose name is `text`, else those in whose name all words of `text` stand as words.
fn closest(users: &[User], text: &str) -> Vec<User> {
    let lower = text.to_lowercase();
    let names = |user: &User| [user.display_name.clone(), user.name.clone()].into_iter().flatten().collect::<Vec<_>>();
    let exact: Vec<User> =
        users.iter().filter(|user| names(user).iter().any(|name| name.to_lowercase() == lower)).cloned().collect();
    if !exact.is_empty() {
        return exact;
    }
    let wanted: Vec<&str> = lower.split_whitespace().collect();
    let has_all = |name: &String| {
        let name = name.to_lowercase();
        let words: HashSet<&str> = name.split_whitespace().collect();
        wanted.iter().all(|word| words.contains(word))
    };
    users.iter().filter(|user| names(user).iter().any(has_all)).cloned().collect()
}

/// An account as a choice: two people may have one name.
fn candidate(user: &User) -> String {
    let name = user.display_name.as_deref().or(user.name.as_deref()).unwrap_or("no name");
    let mail = user.email.as_deref().map(|mail| format!(", {mail}")).unwrap_or_default();
    let state = if user.active == Some(false) { ", deactivated" } else { "" };
    format!("{name} (id {}{mail}{state})", user.id)
}

/// A text that should mean one account.
pub(super) struct AccountText<'t>(&'t str);

/// What names an account beyond doubt, and what to say where a search for a name, or for an address, finds nobody.
pub(super) struct Handle {
    pub(super) name: &'static str,
    pub(super) unnamed: &'static str,
    pub(super) no_address: &'static str,
}

impl<'t> AccountText<'t> {
    /// # Errors
    /// [`ErrorKind::Configuration`] for what can be none of `forms`.
    pub(super) fn parse(text: &'t str, forms: &str) -> Result<Self> {
        let text = text.trim();
        valid(text.strip_prefix("user:").unwrap_or(text), forms).map(Self)
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
    pub(super) fn fitting(&self, users: &[User]) -> Vec<User> {
        let same = |user: &&User| user.email.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(self.0));
        if self.is_address() { users.iter().filter(same).cloned().collect() } else { closest(users, self.0) }
    }

    /// The one account among `found`.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] and [`ErrorKind::Ambiguous`], with those that were meant perhaps.
    pub(super) fn only(
        &self,
        mut found: Vec<User>,
        listed: &Listing<User>,
        handle: &Handle,
        (transport, request): (&Transport, &Request),
    ) -> Result<User> {
        let mut seen = HashSet::new();
        found.retain(|user| seen.insert(user.id.clone()));
        let text = self.0;
        match found.as_slice() {
            [only] => Ok(only.clone()),
            [] => {
                let partly = if listed.gaps.is_empty() { "" } else { " (not all accounts could be searched)" };
                let near: Vec<String> =
                    listed.rows.iter().filter(|_| !self.is_address()).take(5).map(candidate).collect();
                let hint = if !near.is_empty() {
                    format!("did you mean {}?", near.join(", "))
                } else if self.is_address() {
                    handle.no_address.to_owned()
                } else {
                    handle.unnamed.to_owned()
                };
                let text = transport.quote(&format!("nobody is found by `{text}`{partly}: {hint}"));
                Err(transport.error(ErrorKind::NotFound, request, text))
            }
            several => {
                let candidates: Vec<String> = several.iter().map(candidate).collect();
                let shown = candidates.iter().take(10).cloned().collect::<Vec<_>>().join(", ");
                let text = transport.quote(&format!(
                    "`{text}` fits {} accounts: give the {} of one: {shown}",
                    several.len(),
                    handle.name
                ));
                let mut error = transport.error(ErrorKind::Ambiguous, request, text);
                error.parts_mut().candidates = candidates;
                Err(error)
            }
        }
    }
}

/// The error of spaces that a listing does not have.
pub(super) fn unknown_spaces(transport: &Transport, request: &Request, keys: &[String]) -> Error {
    let names = keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
    let what = if keys.len() == 1 { "space" } else { "spaces" };
    let text =
        format!("no {what} {names}: check the key, or this account may not see it; `spaces()` lists those it can");
    let mut error = transport.error(ErrorKind::NotFound, request, text);
    error.parts_mut().attempts = 1;
    error
}

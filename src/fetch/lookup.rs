//! Texts people write for accounts, groups, contents and spaces.

use std::collections::HashSet;

use crate::fetch::{Error, Result};
use crate::model::User;

/// Refuses what can be no id.
pub(super) fn valid<'t>(text: &'t str, what: &str) -> Result<&'t str> {
    let id = text.trim();
    if id.is_empty() || id.chars().any(char::is_control) {
        return Err(Error::configuration(format!("`{}` is no {what}", text.escape_debug())));
    }
    Ok(id)
}

/// Accounts whose name is `text`, else those in whose name all words of `text` stand as words.
pub(super) fn closest(users: &[User], text: &str) -> Vec<User> {
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
pub(super) fn candidate(user: &User) -> String {
    let name = user.display_name.as_deref().or(user.name.as_deref()).unwrap_or("no name");
    let mail = user.email.as_deref().map(|mail| format!(", {mail}")).unwrap_or_default();
    let state = if user.active == Some(false) { ", deactivated" } else { "" };
    format!("{name} (id {}{mail}{state})", user.id)
}

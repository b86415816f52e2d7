//! Accounts merged from several answers.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::model::{User, UserType};

/// Accounts from several answers, each with some of their facts.
#[derive(Default)]
pub(super) struct Accounts(HashMap<String, User>);

impl Accounts {
    /// Later answers win; earlier ones fill in what those leave out.
    pub(super) fn extend(&mut self, users: impl IntoIterator<Item = User>) {
        for user in users {
            match self.0.entry(user.id.clone()) {
                Entry::Occupied(mut known) => {
                    let merged = merged(user, known.get());
                    known.insert(merged);
                }
                Entry::Vacant(free) => {
                    free.insert(user);
                }
            }
        }
    }

    /// Whether a question for an account would add nothing. Whether it is licensed is not counted: only some answers say
    /// that.
    pub(super) fn is_fully_known(&self, id: &str) -> bool {
        self.0.get(id).is_some_and(|user| {
            let named = user.display_name.is_some() && user.email.is_some();
            named && user.active.is_some() && matches!(user.kind, UserType::Person | UserType::App)
        })
    }

    /// Drops accounts that do not exist any more: rules still name them, as `Former user`, but nobody can log in as them.
    pub(super) fn forget(&mut self, ids: &[String]) {
        for id in ids {
            self.0.remove(id);
        }
    }

    /// The accounts by id.
    pub(super) fn by_id(self) -> HashMap<String, User> {
        self.0
    }
}

fn merged(first: User, second: &User) -> User {
    User {
        name: first.name.or_else(|| second.name.clone()),
        display_name: first.display_name.or_else(|| second.display_name.clone()),
        email: first.email.or_else(|| second.email.clone()),
        kind: if first.kind == UserType::Unknown { second.kind.clone() } else { first.kind },
        active: first.active.or(second.active),
        guest: first.guest.or(second.guest),
        licensed: first.licensed.or(second.licensed),
        product_admin: first.product_admin.or(second.product_admin),
        org_admin: first.org_admin.or(second.org_admin),
        last_active_at: first.last_active_at.or(second.last_active_at),
        system_admin: first.system_admin.or(second.system_admin),
        admin_key: first.admin_key.or(second.admin_key),
        ..first
    }
}

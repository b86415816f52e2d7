//! Who a request comes from, and what they did.

use super::super::state::{Account, Principal, Site};

/// Who a request comes from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Caller {
    /// An administrator who is none of the users and sees everything.
    Administrator,
    /// One of the users, by key.
    User(String),
    Anonymous,
}

/// What somebody did. Names are those before it was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Happening {
    /// Id of the space, permission in the words of the plain data.
    SpacePermission {
        space: String,
        who: Principal,
        permission: String,
        added: bool,
    },
    GlobalPermission {
        who: Principal,
        permission: String,
        added: bool,
    },
    /// Id of the content; whether it is its list of editors.
    Restriction {
        node: String,
        who: Principal,
        update: bool,
        added: bool,
    },
    /// Id of the group.
    Membership {
        group: String,
        who: Principal,
        added: bool,
    },
    /// Id of the group.
    Group {
        group: String,
        added: bool,
    },
}

/// A caller as an account; of an anonymous one only the name says something.
pub(super) fn account_of(site: &Site, caller: &Caller) -> Account {
    let (id, name, username) = match caller {
        Caller::User(id) => {
            if let Some(user) = site.user(id) {
                return user.clone();
            }
            (id.as_str(), id.as_str(), id.as_str())
        }
        // Of nobody in the site, and the same on each of them.
        Caller::Administrator => ("ff80808100000000000000000000ad01", "Administrator", "admin"),
        Caller::Anonymous => ("", "Anonymous", ""),
    };
    Account {
        id: id.to_owned(),
        name: name.to_owned(),
        username: username.to_owned(),
        active: true,
        licensed: *caller != Caller::Anonymous,
        ..Account::default()
    }
}

//! What sites answer, whichever product they run.

use std::collections::BTreeSet;

use crate::model::{Deployment, DirectMembership, Gap, Group, RoleMode, User};

/// What answered, who we are there, and what that account may read.
#[derive(Debug, Clone)]
pub struct Server {
    /// Which product.
    pub deployment: Deployment,
    /// Address people open.
    pub base_url: String,
    /// Version (Data Center).
    pub version: Option<String>,
    /// Account id of the credentials; on Data Center the key of the user.
    pub account_id: Option<String>,
    /// Its username (Data Center).
    pub username: Option<String>,
    /// Its display name.
    pub display_name: Option<String>,
    /// Its e-mail address, where the server says.
    pub email: Option<String>,
    /// Whether it is a Confluence administrator; `None`: could not be found out.
    pub admin: Option<bool>,
    /// How the site grants access to spaces.
    pub role_mode: Option<RoleMode>,
    /// What the installation can do, by name (Data Center): who tells permissions of spaces, whether contents are listed by
    /// cursor, and the like; `yes`, `no`, `unknown` or a word.
    pub capabilities: Vec<(String, String)>,
    /// What this account cannot see, one line each.
    pub notes: Vec<String>,
}

/// A group and who is in it.
#[derive(Debug, Clone)]
pub struct Members {
    /// The group asked for.
    pub group: Group,
    /// Entries of its member list.
    pub memberships: Vec<DirectMembership>,
    /// The accounts among them.
    pub users: Vec<User>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

/// What the listings of groups say.
#[derive(Default)]
pub(super) struct Groups {
    pub(super) all: Vec<Group>,
    /// Groups that let their members use the product, where the server really told them apart.
    pub(super) access: BTreeSet<String>,
    /// Whether `access` holds all of them.
    pub(super) access_complete: bool,
    /// Groups that make their members administrators of the product, likewise.
    pub(super) admin: BTreeSet<String>,
    /// Whether `admin` holds all of them.
    pub(super) admin_complete: bool,
    pub(super) gaps: Vec<Gap>,
}

/// Members of groups.
#[derive(Default)]
pub(super) struct Memberships {
    pub(super) rows: Vec<DirectMembership>,
    pub(super) users: Vec<User>,
    /// Groups nobody knows.
    pub(super) vanished: BTreeSet<String>,
    /// Groups whose members are all read.
    pub(super) complete: BTreeSet<String>,
    /// Groups found one by one.
    pub(super) groups: Vec<Group>,
    pub(super) gaps: Vec<Gap>,
}

impl Memberships {
    pub(super) fn absorb(&mut self, other: Self) {
        self.rows.extend(other.rows);
        self.users.extend(other.users);
        self.vanished.extend(other.vanished);
        self.complete.extend(other.complete);
        self.groups.extend(other.groups);
        self.gaps.extend(other.gaps);
    }
}

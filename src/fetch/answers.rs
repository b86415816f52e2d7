//! What sites answer, whichever product they run.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::Error;
use super::lists::Restricted;
use super::organization::{GroupRecords, ProductAdmins};
use crate::apis::Node;
use crate::model::{Content, Deployment, DirectMembership, Gap, Group, Note, RoleMode, Site, Space, User, part};

part! {
    /// The server behind the address, your account on it, and what that account cannot see.
    pub struct Server {
        /// The address people open.
        pub url: String,
        /// `cloud` or `datacenter`.
        pub deployment: Deployment,
        /// Version of the product; null on Cloud, which has none.
        pub version: Option<String>,
        /// Id of the account the credentials belong to (Data Center: the user key); null if the server did not say.
        pub account_id: Option<String>,
        /// Its username; null on Cloud.
        pub username: Option<String>,
        /// Its display name; null if the server did not say.
        pub account_name: Option<String>,
        /// Its e-mail address; null if it is hidden.
        pub account_email: Option<String>,
        /// Whether it is a Confluence administrator; null if unknown. An account that is not an administrator may not
        /// see everything.
        pub admin: Option<bool>,
        /// How a Cloud site grants access to spaces: `PRE_ROLES`, `ROLES_TRANSITION`, `ROLES`; null if the site did not
        /// say.
        pub role_mode: Option<RoleMode>,
        /// What a Data Center installation can do for this account, by name. `space_permissions` is the API that
        /// returns them (`rest`, `extender`, `json_rpc` or `none`). The others are `yes`, `no` or `unknown`: `rest`,
        /// `extender`, `json_rpc`, `global_permissions`, `content_scan`, `relevant_view_restrictions`. Empty on Cloud.
        pub capabilities: BTreeMap<String, String>,
        /// What this account cannot see, one sentence each.
        pub notes: Vec<String>,
    }
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
    /// Groups that let their members use the product, where the server really filters by it.
    pub(super) access: BTreeSet<String>,
    /// Whether `access` holds all of them.
    pub(super) access_complete: bool,
    /// Groups that make their members administrators of the product, likewise.
    pub(super) admin: BTreeSet<String>,
    /// Whether `admin` holds all of them.
    pub(super) admin_complete: bool,
    /// Groups whose members are needed even if no rule names the group.
    pub(super) wanted: BTreeSet<String>,
    /// Who administers the product by role (Cloud).
    pub(super) admins: ProductAdmins,
    /// What the organization says about groups, where it is asked (Cloud).
    pub(super) records: Option<GroupRecords>,
    pub(super) gaps: Vec<Gap>,
}

/// Members of groups.
#[derive(Default)]
pub(super) struct Memberships {
    pub(super) rows: Vec<DirectMembership>,
    pub(super) users: Vec<User>,
    /// Groups that do not exist any more.
    pub(super) vanished: BTreeSet<String>,
    /// Groups whose members are all read.
    pub(super) complete: BTreeSet<String>,
    /// Groups inside them (Data Center).
    pub(super) inner: BTreeSet<String>,
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
        self.inner.extend(other.inner);
        self.groups.extend(other.groups);
        self.gaps.extend(other.gaps);
    }
}

/// Contents as listings and searches bring them.
#[derive(Default)]
pub(super) struct Listed {
    pub(super) contents: HashMap<String, Content>,
    /// Their restrictions, as far as they came along.
    pub(super) restricted: Restricted,
    /// The nodes above a content, from the top down, where they were sent (Data Center).
    pub(super) above: HashMap<String, Vec<Node>>,
    /// Contents that only a search returned: their place is unknown (Cloud).
    pub(super) only_found: Vec<String>,
    /// Spaces that search does not cover: nodes that only a search returns may be missing (Cloud).
    pub(super) unsearched: Vec<Space>,
    /// Nodes that could not be read when they were asked for: nor could their restrictions (Data Center).
    pub(super) unread: HashSet<String>,
    /// What may be missing although nothing failed.
    pub(super) coverage: Vec<Note>,
    pub(super) gaps: Vec<Gap>,
    /// The error, if nothing could be listed.
    pub(super) failed: Option<Error>,
}

impl Listed {
    pub(super) fn absorb(&mut self, other: Self) {
        self.contents.extend(other.contents);
        self.restricted.absorb(other.restricted);
        self.above.extend(other.above);
        self.only_found.extend(other.only_found);
        self.unsearched.extend(other.unsearched);
        self.unread.extend(other.unread);
        self.coverage.extend(other.coverage);
        self.gaps.extend(other.gaps);
        self.failed = self.failed.take().or(other.failed);
    }
}

/// What is known of a site as a whole, before anything in it is read.
pub(super) struct Facts {
    pub(super) site: Site,
    /// The account of the credentials.
    pub(super) caller: Option<User>,
    pub(super) gaps: Vec<Gap>,
}

/// What the pieces of a snapshot brought beside its rows.
pub(super) struct Gathered {
    /// The account of the credentials.
    pub(super) caller: Option<User>,
    /// Accounts that stood beside restrictions.
    pub(super) listed: Vec<User>,
    pub(super) groups: Groups,
    /// Accounts among the members of groups.
    pub(super) members: Vec<User>,
    /// Groups whose members are all read.
    pub(super) complete: BTreeSet<String>,
    /// Groups that do not exist any more.
    pub(super) vanished: BTreeSet<String>,
}

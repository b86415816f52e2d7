//! Facts of a site as a whole.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::open_enum::open_enum;
use super::{Deployment, GlobalPermission, Policy, Subject, Switch};

open_enum! {
    /// Plan of a Cloud site.
    Plan {
        /// Standard, Premium or Enterprise.
        Paid = "paid",
        /// Free: permissions cannot be customised.
        Free = "free",
    }
}

open_enum! {
    /// How a Cloud site grants access to spaces.
    RoleMode {
        /// Permissions only.
        PreRoles = "PRE_ROLES",
        /// Roles and permissions side by side.
        RolesTransition = "ROLES_TRANSITION",
        /// Roles; bare permissions are still read.
        Roles = "ROLES",
    }
}

open_enum! {
    /// What the account whose view a snapshot is cannot see. Nothing that was asked for failed: no answer says what was
    /// left out of it.
    BlindSpot {
        /// Content, and of most accounts spaces too, that the account may not view.
        Hidden = "hidden_content",
        /// Spaces that were not asked for.
        OtherSpaces = "other_spaces",
        /// Content that the app access rules of the site keep from apps (Cloud).
        AppRules = "app_access_rules",
        /// Childless folders, whiteboards, databases and embeds that search does not cover (Cloud).
        ChildlessNodes = "childless_nodes",
        /// Permissions of the site as a whole.
        GlobalPermissions = "global_permissions",
        /// The audit log and the admin key, which the plan does not include (Cloud).
        AuditLog = "audit_log",
        /// The version of the server (Data Center).
        Version = "version",
    }
}

/// A blind spot, and the sentence about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// What it is about.
    pub about: BlindSpot,
    /// One sentence.
    pub text: String,
}

impl BlindSpot {
    /// The note that says so.
    pub fn note(self, text: impl Into<String>) -> Note {
        Note { about: self, text: text.into() }
    }
}

/// What a snapshot was asked for beside what every snapshot has, so that it can be brought up to date.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// Public links (Cloud).
    pub public_links: bool,
    /// When each account last used the site (Cloud).
    pub last_active: bool,
}

/// Facts of a site as a whole. `None`: not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// Which product.
    pub deployment: Deployment,
    /// Address people open, without secrets; `None` for a site described offline.
    pub base_url: Option<String>,
    /// Version (Data Center).
    pub version: Option<String>,
    /// Plan (Cloud).
    pub plan: Option<Plan>,
    /// Role mode (Cloud).
    pub role_mode: Option<RoleMode>,
    /// Anonymous may use the site.
    pub anonymous_enabled: Option<bool>,
    /// Cloud: while anonymous is off for the site, anonymous grants of spaces serve nobody. No API tells it: `None` where
    /// the site was read, and the policy switch `assume_anonymous_enforced` decides.
    pub anonymous_enforced: Option<bool>,
    /// Cloud: public links work.
    pub public_links_enabled: Option<bool>,
    /// Data Center: no changes are accepted.
    pub read_only: Option<bool>,
    /// Whom groups license was told, so that an account they are not known to license cannot be taken to be licensed: on
    /// Cloud the groups that open the product were told from the others and all their members read, on Data Center the
    /// permissions of the site. `false`: whom they open it to is not known.
    #[serde(default)]
    pub licences_listed: bool,
    /// Cloud: whether the groups that make their members product admins were listed and all their members read, so that
    /// who is in none of them is not known to be one. `false`: there may be product admins nobody knows of.
    #[serde(default)]
    pub product_admins_listed: bool,
    /// Cloud: the domains that the organization has verified, in lower case. `None`: unknown.
    #[serde(default)]
    pub verified_domains: Option<Vec<String>>,
    /// The account whose view this is.
    pub caller: Option<Subject>,
    /// Cloud: read with an admin key, so that content restricted to others is there too.
    #[serde(default)]
    pub admin_key: bool,
    /// The blind spots of the account whose view this is, one sentence each.
    #[serde(default)]
    pub coverage: Vec<String>,
    /// The same as words, in the same order. Fewer than sentences where a version without them wrote the snapshot.
    #[serde(default)]
    pub blind_spots: Vec<BlindSpot>,
    /// What else was asked for, where the site was read. `None`: it was described, or a plan changed it.
    #[serde(default)]
    pub asked: Option<Asked>,
    /// Permissions of the site as a whole, as far as they were read: see [`Snapshot::global_permissions`]. `None`: they
    /// were not.
    ///
    /// [`Snapshot::global_permissions`]: super::Snapshot::global_permissions
    #[serde(default)]
    pub global_permissions: Option<Vec<GlobalPermission>>,
    /// Switches of the policy this site differs in from the defaults of its deployment.
    #[serde(default)]
    pub policy: IndexMap<String, Switch>,
}

impl Site {
    /// A site with its product only.
    pub fn new(deployment: Deployment) -> Self {
        Self {
            deployment,
            base_url: None,
            version: None,
            plan: None,
            role_mode: None,
            anonymous_enabled: None,
            anonymous_enforced: None,
            public_links_enabled: None,
            read_only: None,
            licences_listed: false,
            product_admins_listed: false,
            verified_domains: None,
            caller: None,
            admin_key: false,
            coverage: Vec::new(),
            blind_spots: Vec::new(),
            asked: None,
            global_permissions: None,
            policy: IndexMap::new(),
        }
    }

    /// Adds a blind spot.
    pub fn add_note(&mut self, note: Note) {
        self.coverage.push(note.text);
        self.blind_spots.push(note.about);
    }

    /// Removes a blind spot.
    pub fn remove_note(&mut self, about: &BlindSpot) {
        while let Some(at) = self.blind_spots.iter().position(|spot| spot == about) {
            self.blind_spots.remove(at);
            if at < self.coverage.len() {
                self.coverage.remove(at);
            }
        }
    }

    /// The sentence about a blind spot.
    pub fn noted(&self, about: &BlindSpot) -> Option<&str> {
        let mut notes = self.blind_spots.iter().zip(&self.coverage);
        notes.find(|(spot, _)| *spot == about).map(|(_, text)| text.as_str())
    }
}

impl Policy {
    /// The defaults of the site's deployment, with the switches the site sets. A switch this version does not know,
    /// which only a snapshot of a newer version can bring, changes nothing.
    pub fn for_site(site: &Site) -> Self {
        let mut policy = Self::new(site.deployment);
        for (name, value) in &site.policy {
            policy.set(name, value).ok();
        }
        policy
    }
}

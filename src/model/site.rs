//! Facts of a site as a whole.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::Subject;
use super::open_enum::open_enum;

/// Which product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Deployment {
    /// Confluence Cloud.
    Cloud,
    /// Confluence Data Center or Server.
    DataCenter,
}

impl Deployment {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cloud => "cloud",
            Self::DataCenter => "datacenter",
        }
    }
}

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

/// Value of a policy switch as a site or a user gives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Switch {
    /// On or off.
    Flag(bool),
    /// A word, such as `unknown` or `nobody`.
    Word(String),
    /// A list of words.
    Words(Vec<String>),
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
    /// Cloud: while anonymous is off for the site, anonymous grants of spaces serve nobody.
    pub anonymous_enforced: Option<bool>,
    /// Cloud: public links work.
    pub public_links_enabled: Option<bool>,
    /// Data Center: no changes are accepted.
    pub read_only: Option<bool>,
    /// The account whose view this is.
    pub caller: Option<Subject>,
    /// Switches of the policy this site differs in from the defaults of its deployment.
    #[serde(default)]
    pub policy: IndexMap<String, Switch>,
}

impl Site {
    /// A site of which only the product is known.
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
            caller: None,
            policy: IndexMap::new(),
        }
    }
}

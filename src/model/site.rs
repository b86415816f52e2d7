//! Facts of a site as a whole.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::open_enum::open_enum;
use super::{Deployment, Policy, Subject, Switch};

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
    /// What the account whose view this is cannot see, one sentence each. Nothing that was asked for failed: no answer
    /// says what was left out of it.
    #[serde(default)]
    pub coverage: Vec<String>,
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
            coverage: Vec::new(),
            policy: IndexMap::new(),
        }
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

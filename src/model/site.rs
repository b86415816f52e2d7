//! Facts of a site as a whole.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::open_enum::open_enum;
use super::{Subject, typed};

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

typed!(Switch: "bool | str | tuple[str, ...]");

/// What values a switch takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SwitchKind {
    /// `true`, `false` or `unknown`.
    Flag,
    /// `nobody`, `opens` or `unknown`.
    VanishedGroups,
    /// A list of content types.
    ContentTypes,
}

impl SwitchKind {
    /// The values, in words.
    pub fn values(self) -> &'static str {
        match self {
            Self::Flag => "`true`, `false` or `unknown`",
            Self::VanishedGroups => "`nobody`, `opens` or `unknown`",
            Self::ContentTypes => "a list of content types",
        }
    }

    /// Whether `value` is one of them.
    pub fn takes(self, value: &Switch) -> bool {
        match (self, value) {
            (Self::Flag, Switch::Flag(_)) => true,
            (Self::Flag, Switch::Word(word)) => word == "unknown",
            (Self::VanishedGroups, Switch::Word(word)) => matches!(word.as_str(), "nobody" | "opens" | "unknown"),
            (Self::ContentTypes, Switch::Words(words)) => {
                words.iter().all(|word| super::ContentType::KNOWN.contains(&word.as_str()))
            }
            _ => false,
        }
    }
}

/// Names of the policy switches, in the order they are documented, and what values each takes. What they mean is the
/// resolver's business.
pub const SWITCHES: &[(&str, SwitchKind)] = &[
    ("nested_groups", SwitchKind::Flag),
    ("anonymous_applies_to_logged_in", SwitchKind::Flag),
    ("anonymous_applies_when_site_off", SwitchKind::Flag),
    ("unlicensed_grant_covers_licensed", SwitchKind::Flag),
    ("guests_in_all_licensed_users", SwitchKind::Flag),
    ("update_implies_read_same_node", SwitchKind::Flag),
    ("update_implies_read_inherited", SwitchKind::Flag),
    ("edit_inherited", SwitchKind::Flag),
    ("archived_drops_inherited", SwitchKind::Flag),
    ("only_vanished_groups", SwitchKind::VanishedGroups),
    ("untrusted_empty_types", SwitchKind::ContentTypes),
    ("delete_needs_update_entry", SwitchKind::Flag),
    ("super_group_view", SwitchKind::Flag),
    ("super_group_edit", SwitchKind::Flag),
    ("assume_licensed", SwitchKind::Flag),
    ("unlisted_are_product_admins", SwitchKind::Flag),
    ("assume_anonymous_enforced", SwitchKind::Flag),
];

/// A switch that does not exist, or a value it does not take.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSwitch {
    /// No such switch.
    #[error("no policy switch is named `{0}`: use one of {names}", names = switch_names())]
    Name(String),
    /// Not one of its values.
    #[error("policy switch `{0}` takes {values}", values = .1.values())]
    Value(String, SwitchKind),
}

fn switch_names() -> String {
    SWITCHES.iter().map(|(name, _)| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

impl std::fmt::Display for Switch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Word(word) => f.write_str(word),
            Self::Words(words) => f.write_str(&words.join(", ")),
        }
    }
}

impl Switch {
    /// Checks that there is a switch of this name and that it takes this value.
    ///
    /// # Errors
    /// Where not.
    pub fn check(&self, name: &str) -> Result<(), InvalidSwitch> {
        let (_, kind) =
            SWITCHES.iter().find(|(known, _)| *known == name).ok_or_else(|| InvalidSwitch::Name(name.to_owned()))?;
        if kind.takes(self) { Ok(()) } else { Err(InvalidSwitch::Value(name.to_owned(), *kind)) }
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
            licences_listed: false,
            product_admins_listed: false,
            caller: None,
            coverage: Vec::new(),
            policy: IndexMap::new(),
        }
    }
}

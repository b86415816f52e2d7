//! Switches for what products do differently and for what no document settles, and the policy they make up.

use serde::{Deserialize, Serialize};

use super::words::words;
use super::{ContentType, Decision, Deployment, typed};

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

impl std::fmt::Display for Switch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Word(word) => f.write_str(word),
            Self::Words(words) => f.write_str(&words.join(", ")),
        }
    }
}

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
}

words! {
    /// The effect of a restriction list whose entries are all groups that no longer exist.
    VanishedGroups {
        /// Nobody passes.
        Nobody = "nobody",
        /// Everybody passes.
        Opens = "opens",
        /// Not known.
        Unknown = "unknown",
    }
}

/// A type of value that a switch may have.
trait SwitchValue: Sized {
    const KIND: SwitchKind;

    /// `None` if the switch does not take `value`.
    fn read(value: &Switch) -> Option<Self>;

    fn written(&self) -> Switch;
}

/// A flag as an answer: on is allowed, off is denied.
impl SwitchValue for Decision {
    const KIND: SwitchKind = SwitchKind::Flag;

    fn read(value: &Switch) -> Option<Self> {
        match value {
            Switch::Flag(true) => Some(ON),
            Switch::Flag(false) => Some(OFF),
            Switch::Word(word) if word == "unknown" => Some(UNKNOWN),
            _ => None,
        }
    }

    fn written(&self) -> Switch {
        match self {
            Self::Allowed => Switch::Flag(true),
            Self::Denied => Switch::Flag(false),
            Self::Unknown => Switch::Word("unknown".to_owned()),
        }
    }
}

impl SwitchValue for VanishedGroups {
    const KIND: SwitchKind = SwitchKind::VanishedGroups;

    fn read(value: &Switch) -> Option<Self> {
        match value {
            Switch::Word(word) => Self::named(word),
            _ => None,
        }
    }

    fn written(&self) -> Switch {
        Switch::Word(self.as_str().to_owned())
    }
}

impl SwitchValue for Vec<ContentType> {
    const KIND: SwitchKind = SwitchKind::ContentTypes;

    fn read(value: &Switch) -> Option<Self> {
        let Switch::Words(words) = value else { return None };
        let types = words.iter().map(|word| ContentType::from(word.as_str()));
        types.map(|kind| (!matches!(kind, ContentType::Other(_))).then_some(kind)).collect()
    }

    fn written(&self) -> Switch {
        Switch::Words(self.iter().map(|kind| kind.as_str().to_owned()).collect())
    }
}

const ON: Decision = Decision::Allowed;
const OFF: Decision = Decision::Denied;
const UNKNOWN: Decision = Decision::Unknown;

/// Declares the switches, one row each: variant, name and type of the value, defaults on Cloud and on Data Center, the
/// question it answers, and the address of the document that answers it.
macro_rules! switches {
    ($($variant:ident $name:ident: $value:ty = $cloud:expr, $datacenter:expr; $question:literal, $source:expr;)+) => {
        words! {
            /// A switch of the policy.
            SwitchName { $(#[doc = $question] $variant = stringify!($name)),+ }
        }

        impl SwitchName {
            /// What values it takes.
            pub fn kind(self) -> SwitchKind {
                match self {
                    $(Self::$variant => <$value as SwitchValue>::KIND,)+
                }
            }

            /// The question it answers.
            pub fn question(self) -> &'static str {
                match self {
                    $(Self::$variant => $question,)+
                }
            }

            /// Address of the document, where there is one.
            pub fn source(self) -> Option<&'static str> {
                match self {
                    $(Self::$variant => $source,)+
                }
            }
        }

        /// The switches an answer may rest on, with their values. Of a flag, `Allowed` is on and `Denied` is off.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct Policy {
            deployment: Deployment,
            $(#[doc = $question] pub $name: $value,)+
        }

        impl Policy {
            /// The documented defaults of a deployment.
            pub fn new(deployment: Deployment) -> Self {
                match deployment {
                    Deployment::Cloud => Self { deployment, $($name: $cloud,)+ },
                    Deployment::DataCenter => Self { deployment, $($name: $datacenter,)+ },
                }
            }

            /// Value of a switch.
            pub fn value(&self, switch: SwitchName) -> Switch {
                match switch {
                    $(SwitchName::$variant => self.$name.written(),)+
                }
            }

            pub(super) fn set(&mut self, name: &str, value: &Switch) -> Result<(), InvalidSwitch> {
                let switch = SwitchName::named(name).ok_or_else(|| InvalidSwitch::Name(name.to_owned()))?;
                let invalid = || InvalidSwitch::Value(switch);
                match switch {
                    $(SwitchName::$variant => self.$name = SwitchValue::read(value).ok_or_else(invalid)?,)+
                }
                Ok(())
            }
        }
    };
}

switches! {
    NestedGroups nested_groups: Decision = OFF, ON;
        "do members of a group inside a group count?",
        Some("https://confluence.atlassian.com/conf89/managing-nested-groups-1387596023.html");
    AnonymousAppliesToLoggedIn anonymous_applies_to_logged_in: Decision = ON, ON;
        "while anonymous access is on for the site, does an anonymous grant also apply to licensed users?",
        Some("https://confluence.atlassian.com/x/WCUCLg");
    AnonymousAppliesWhenSiteOff anonymous_applies_when_site_off: Decision = ON, UNKNOWN;
        "while anonymous access is off for the site, does an anonymous grant still apply to licensed users?",
        Some("https://support.atlassian.com/confluence/kb/users-can-view-a-space-regardless-of-its-permissions/");
    UnlicensedGrantCoversLicensed unlicensed_grant_covers_licensed: Decision = OFF, ON;
        "does opening a space to service desk customers also open it to licensed users?",
        Some("https://confluence.atlassian.com/conf89/confluence-groups-1387595692.html");
    GuestsInAllLicensedUsers guests_in_all_licensed_users: Decision = UNKNOWN, OFF;
        "are guests part of the class all-licensed-users?",
        Some("https://support.atlassian.com/confluence-cloud/docs/what-are-user-classes");
    AppsInAllLicensedUsers apps_in_all_licensed_users: Decision = UNKNOWN, OFF;
        "are apps without a stated licence part of the class all-licensed-users?",
        Some("https://support.atlassian.com/confluence-cloud/docs/what-are-user-classes");
    UpdateImpliesReadSameNode update_implies_read_same_node: Decision = UNKNOWN, OFF;
        "does an entry on the edit list also pass the view list of the same content?",
        Some("https://confluence.atlassian.com/doc/page-restrictions-139414.html");
    UpdateImpliesReadInherited update_implies_read_inherited: Decision = UNKNOWN, OFF;
        "does an entry on the edit list also pass that view list for the descendants?",
        Some("https://docs.atlassian.com/ConfluenceServer/javadoc/10.1.2/com/atlassian/confluence/core/InheritedContentPermissionManager.html");
    EditInherited edit_inherited: Decision = OFF, OFF;
        "are edit lists inherited?",
        Some("https://confluence.atlassian.com/doc/page-restrictions-139414.html");
    ArchivedDropsInherited archived_drops_inherited: Decision = ON, OFF;
        "does an archived page lose inherited restrictions?",
        Some("https://jira.atlassian.com/browse/CONFCLOUD-83913");
    OnlyVanishedGroups only_vanished_groups: VanishedGroups = VanishedGroups::Unknown, VanishedGroups::Nobody;
        "who passes a list whose entries are all groups that no longer exist?",
        Some("https://support.atlassian.com/confluence/kb/deleted-groups-shown-as-group-not-found-in-global-permissions-and-space-permissions/");
    UntrustedEmptyTypes untrusted_empty_types: Vec<ContentType> = vec![ContentType::Folder], Vec::new();
        "for which content types can an empty restriction list not be trusted?",
        Some("https://jira.atlassian.com/browse/CONFCLOUD-82920");
    DeleteNeedsUpdateEntry delete_needs_update_entry: Decision = UNKNOWN, UNKNOWN;
        "does an edit list also guard deletion?",
        None;
    SuperGroupView super_group_view: Decision = OFF, ON;
        "does confluence-administrators view everything? Not read on Cloud",
        Some("https://support.atlassian.com/confluence/kb/unable-to-access-any-restricted-pages-as-administrator/");
    SuperGroupEdit super_group_edit: Decision = OFF, OFF;
        "does confluence-administrators edit existing pages? Not read on Cloud",
        Some("https://confluence.atlassian.com/security/confluence-groups-for-administrators-1409093160.html");
    AssumeLicensed assume_licensed: Decision = ON, ON;
        "are accounts with an unknown licence treated as licensed?",
        None;
    // Documents say of the class that it holds everybody who has the role, "regardless of group membership", and no API
    // of Confluence lists who was given the role directly.
    UnlistedAreProductAdmins unlisted_are_product_admins: Decision = OFF, OFF;
        "is an account in no group with the product admin role a product admin (class all-product-admins)?",
        Some("https://support.atlassian.com/confluence-cloud/docs/what-are-user-classes");
    AssumeAnonymousEnforced assume_anonymous_enforced: Decision = OFF, OFF;
        "while anonymous access is off for the site, do anonymous grants end if the server does not report it? Not read on Data Center",
        Some("https://community.atlassian.com/forums/Confluence-Cloud-Admins-articles/Introducing-a-new-level-of-control-over-anonymous-access-in/ba-p/3236776");
}

/// A switch that does not exist, or a value it does not take.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSwitch {
    /// No such switch.
    #[error("no policy switch is named `{0}`: use one of {names}", names = switch_names())]
    Name(String),
    /// Not one of its values.
    #[error("policy switch `{0}` takes {values}", values = .0.kind().values())]
    Value(SwitchName),
}

fn switch_names() -> String {
    SwitchName::ALL.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// A switch as a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SwitchRow {
    /// Name.
    pub name: SwitchName,
    /// Value.
    pub value: Switch,
    /// Default of the deployment.
    pub default: Switch,
}

impl Policy {
    /// The same policy with one switch set.
    ///
    /// # Errors
    /// If there is no such switch, or it does not take the value.
    pub fn with(mut self, name: &str, value: &Switch) -> Result<Self, InvalidSwitch> {
        self.set(name, value)?;
        Ok(self)
    }

    /// Deployment whose defaults it started from.
    pub fn deployment(&self) -> Deployment {
        self.deployment
    }

    /// All switches, in the order they are documented.
    pub fn rows(&self) -> Vec<SwitchRow> {
        SwitchName::ALL.iter().map(|name| self.row(*name)).collect()
    }

    /// One switch.
    pub fn row(&self, name: SwitchName) -> SwitchRow {
        SwitchRow { name, value: self.value(name), default: Self::new(self.deployment).value(name) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_switch_takes_what_it_gives_and_has_the_address_of_a_document() {
        for deployment in [Deployment::Cloud, Deployment::DataCenter] {
            let policy = Policy::new(deployment);
            for row in policy.rows() {
                assert_eq!(policy.clone().with(row.name.as_str(), &row.value).unwrap(), policy, "{}", row.name);
                assert_eq!(row.value, row.default);
                assert!(row.name.source().is_none_or(|source| source.starts_with("https://")));
            }
        }
    }

    #[test]
    fn an_unknown_switch_is_refused_with_the_names_there_are() {
        let policy = Policy::new(Deployment::Cloud);
        let refused = |name, value: Switch| policy.clone().with(name, &value).unwrap_err().to_string();
        let error = refused("edit_inherit", Switch::Flag(true));
        assert!(error.contains("`edit_inherit`") && error.contains("`edit_inherited`"), "{error}");
        let error = refused("edit_inherited", Switch::Word("yes".to_owned()));
        assert_eq!(error, "policy switch `edit_inherited` takes `true`, `false` or `unknown`");
        let error = refused("untrusted_empty_types", Switch::Words(vec!["folder".to_owned(), "folders".to_owned()]));
        assert_eq!(error, "policy switch `untrusted_empty_types` takes a list of content types");
        let set = policy.clone().with("edit_inherited", &Switch::Flag(true)).unwrap();
        assert_eq!(set.edit_inherited, Decision::Allowed);
        assert_eq!(set.update_implies_read_same_node, Decision::Unknown);
    }
}

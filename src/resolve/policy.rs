//! Named platform switches, each with its source. What the documents leave open stays `unknown` until a user decides.

use crate::model::{ContentType, Decision, Deployment, InvalidSwitch, SWITCHES, Site, Switch};

/// A switch as it is documented.
struct Declared {
    name: &'static str,
    cloud: Default,
    datacenter: Default,
    question: &'static str,
    source: Option<&'static str>,
}

/// A default, in a form constants can hold.
#[derive(Clone, Copy)]
enum Default {
    Flag(bool),
    Word(&'static str),
    Words(&'static [&'static str]),
}

impl Default {
    fn switch(self) -> Switch {
        match self {
            Self::Flag(flag) => Switch::Flag(flag),
            Self::Word(word) => Switch::Word(word.to_owned()),
            Self::Words(words) => Switch::Words(words.iter().map(|word| (*word).to_owned()).collect()),
        }
    }
}

const UNKNOWN: Default = Default::Word("unknown");
const ON: Default = Default::Flag(true);
const OFF: Default = Default::Flag(false);

const fn declared(
    name: &'static str,
    cloud: Default,
    datacenter: Default,
    question: &'static str,
    source: Option<&'static str>,
) -> Declared {
    Declared { name, cloud, datacenter, question, source }
}

/// In the order of [`SWITCHES`]; a test keeps them together.
const DECLARED: [Declared; 17] = [
    declared(
        "nested_groups",
        OFF,
        ON,
        "do members of a group inside a group count?",
        Some("https://confluence.atlassian.com/conf89/managing-nested-groups-1387596023.html"),
    ),
    declared(
        "anonymous_applies_to_logged_in",
        ON,
        ON,
        "does an anonymous grant serve licensed users, anonymous being on for the site?",
        Some("https://confluence.atlassian.com/x/WCUCLg"),
    ),
    declared(
        "anonymous_applies_when_site_off",
        ON,
        UNKNOWN,
        "does an anonymous grant serve licensed users, anonymous being off for the site?",
        Some("https://support.atlassian.com/confluence/kb/users-can-view-a-space-regardless-of-its-permissions/"),
    ),
    declared(
        "unlicensed_grant_covers_licensed",
        OFF,
        ON,
        "does a space opened to service desk customers serve licensed users?",
        Some("https://confluence.atlassian.com/conf89/confluence-groups-1387595692.html"),
    ),
    declared(
        "guests_in_all_licensed_users",
        UNKNOWN,
        OFF,
        "are guests part of the class all-licensed-users?",
        Some("https://support.atlassian.com/confluence-cloud/docs/what-are-user-classes"),
    ),
    declared(
        "update_implies_read_same_node",
        UNKNOWN,
        OFF,
        "does an entry of the edit list pass the view list of the same content?",
        Some("https://confluence.atlassian.com/doc/page-restrictions-139414.html"),
    ),
    declared(
        "update_implies_read_inherited",
        UNKNOWN,
        OFF,
        "does an entry of the edit list pass that view list for the contents below?",
        Some(
            "https://docs.atlassian.com/ConfluenceServer/javadoc/10.1.2/com/atlassian/confluence/core/InheritedContentPermissionManager.html",
        ),
    ),
    declared(
        "edit_inherited",
        OFF,
        OFF,
        "are edit lists inherited?",
        Some("https://confluence.atlassian.com/doc/page-restrictions-139414.html"),
    ),
    declared(
        "archived_drops_inherited",
        ON,
        OFF,
        "does an archived page lose inherited restrictions?",
        Some("https://jira.atlassian.com/browse/CONFCLOUD-83913"),
    ),
    declared(
        "only_vanished_groups",
        UNKNOWN,
        Default::Word("nobody"),
        "whom does a list let pass whose entries are all groups that no longer exist?",
        Some(
            "https://support.atlassian.com/confluence/kb/deleted-groups-shown-as-group-not-found-in-global-permissions-and-space-permissions/",
        ),
    ),
    declared(
        "untrusted_empty_types",
        Default::Words(&["folder"]),
        Default::Words(&[]),
        "of which types does an empty answer about restrictions mean that they are not known?",
        Some("https://jira.atlassian.com/browse/CONFCLOUD-82920"),
    ),
    declared("delete_needs_update_entry", UNKNOWN, UNKNOWN, "does an edit list also guard deletion?", None),
    declared(
        "super_group_view",
        OFF,
        ON,
        "does confluence-administrators view everything? Not read on Cloud",
        Some("https://support.atlassian.com/confluence/kb/unable-to-access-any-restricted-pages-as-administrator/"),
    ),
    declared(
        "super_group_edit",
        OFF,
        OFF,
        "does confluence-administrators edit existing pages? Not read on Cloud",
        Some("https://confluence.atlassian.com/security/confluence-groups-for-administrators-1409093160.html"),
    ),
    declared(
        "assume_licensed",
        ON,
        ON,
        "may an account use the site of which nothing the server sent says whether it is licensed?",
        None,
    ),
    // Documents say of the class that it holds whoever has the role, "regardless of group membership", and no API of
    // Confluence lists who was given the role directly.
    declared(
        "unlisted_are_product_admins",
        OFF,
        OFF,
        "is an account a product admin (class all-product-admins) that is in no group with that role?",
        Some("https://support.atlassian.com/confluence-cloud/docs/what-are-user-classes"),
    ),
    declared(
        "assume_anonymous_enforced",
        OFF,
        OFF,
        "are anonymous grants ended while anonymous is off for the site, where nothing the server sent says so? Not read on Data Center",
        Some(
            "https://community.atlassian.com/forums/Confluence-Cloud-Admins-articles/Introducing-a-new-level-of-control-over-anonymous-access-in/ba-p/3236776",
        ),
    ),
];

/// What a list of vanished groups lets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Vanished {
    Nobody,
    Opens,
    Unknown,
}

/// The switches an answer may rest on: a table of names and values, and the values read once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    deployment: Deployment,
    values: Vec<Switch>,
}

/// A switch as a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SwitchRow {
    /// Name.
    pub name: &'static str,
    /// Value.
    pub value: Switch,
    /// Default of the deployment.
    pub default: Switch,
    /// The question it answers.
    pub question: &'static str,
    /// Address of the document, where there is one.
    pub source: Option<&'static str>,
}

/// A switch that does not exist, or a value it does not take.
pub type PolicyError = InvalidSwitch;

impl Policy {
    /// The documented defaults of a deployment.
    pub fn new(deployment: Deployment) -> Self {
        let values = DECLARED.iter().map(|row| default(row, deployment)).collect();
        Self { deployment, values }
    }

    /// The defaults of the site's deployment, with the switches the site sets. A switch this version does not know,
    /// which only a snapshot of a newer version can bring, changes nothing.
    pub fn for_site(site: &Site) -> Self {
        let mut policy = Self::new(site.deployment);
        for (name, value) in &site.policy {
            policy.set(name, value.clone()).ok();
        }
        policy
    }

    /// The same policy with one switch set.
    ///
    /// # Errors
    /// Where there is no such switch, or it does not take the value.
    pub fn with(mut self, name: &str, value: Switch) -> Result<Self, PolicyError> {
        self.set(name, value)?;
        Ok(self)
    }

    fn set(&mut self, name: &str, value: Switch) -> Result<(), PolicyError> {
        value.check(name)?;
        for ((known, _), slot) in SWITCHES.iter().zip(&mut self.values) {
            if *known == name {
                *slot = value;
                return Ok(());
            }
        }
        Err(PolicyError::Name(name.to_owned()))
    }

    /// Deployment whose defaults it started from.
    pub fn deployment(&self) -> Deployment {
        self.deployment
    }

    /// All switches, in the order they are documented.
    pub fn switches(&self) -> Vec<SwitchRow> {
        DECLARED
            .iter()
            .zip(&self.values)
            .map(|(row, value)| SwitchRow {
                name: row.name,
                value: value.clone(),
                default: default(row, self.deployment),
                question: row.question,
                source: row.source,
            })
            .collect()
    }

    fn value(&self, name: &str) -> Option<&Switch> {
        DECLARED.iter().zip(&self.values).find(|(row, _)| row.name == name).map(|(_, value)| value)
    }

    /// The switch as an answer: on, off, or not known.
    pub(super) fn flag(&self, name: &str) -> Decision {
        match self.value(name) {
            Some(Switch::Flag(true)) => Decision::Allowed,
            Some(Switch::Flag(false)) => Decision::Denied,
            _ => Decision::Unknown,
        }
    }

    pub(super) fn vanished(&self) -> Vanished {
        match self.value("only_vanished_groups") {
            Some(Switch::Word(word)) if word == "nobody" => Vanished::Nobody,
            Some(Switch::Word(word)) if word == "opens" => Vanished::Opens,
            _ => Vanished::Unknown,
        }
    }

    pub(super) fn untrusted(&self, kind: &ContentType) -> bool {
        match self.value("untrusted_empty_types") {
            Some(Switch::Words(words)) => words.iter().any(|word| word == kind.as_str()),
            _ => false,
        }
    }
}

fn default(row: &Declared, deployment: Deployment) -> Switch {
    match deployment {
        Deployment::Cloud => row.cloud.switch(),
        Deployment::DataCenter => row.datacenter.switch(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_switch_is_declared_in_both_lists_and_takes_its_defaults() {
        assert_eq!(DECLARED.len(), SWITCHES.len());
        for (row, (name, kind)) in DECLARED.iter().zip(SWITCHES) {
            assert_eq!(row.name, *name);
            assert!(kind.takes(&row.cloud.switch()) && kind.takes(&row.datacenter.switch()), "{name}");
            assert!(row.source.is_none_or(|source| source.starts_with("https://")));
        }
    }

    #[test]
    fn an_unknown_switch_is_refused_with_the_names_there_are() {
        let policy = Policy::new(Deployment::Cloud);
        let error = policy.clone().with("edit_inherit", Switch::Flag(true)).unwrap_err().to_string();
        assert!(error.contains("`edit_inherit`") && error.contains("`edit_inherited`"), "{error}");
        let error = policy.clone().with("edit_inherited", Switch::Word("yes".to_owned())).unwrap_err().to_string();
        assert_eq!(error, "policy switch `edit_inherited` takes `true`, `false` or `unknown`");
        let policy = policy.with("edit_inherited", Switch::Flag(true)).unwrap();
        assert_eq!(policy.flag("edit_inherited"), Decision::Allowed);
        assert_eq!(policy.flag("update_implies_read_same_node"), Decision::Unknown);
    }
}

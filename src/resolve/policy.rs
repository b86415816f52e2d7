//! Named platform switches, each with its source.

use crate::model::{Site, Switch};

/// The switches an answer may rest on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    site: Site,
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
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PolicyError(String);

impl Policy {
    /// The defaults of the site's deployment, with the switches the site sets.
    pub fn for_site(site: &Site) -> Self {
        Self { site: site.clone() }
    }

    /// The same policy with one switch set.
    ///
    /// # Errors
    /// Where there is no such switch, or it does not take the value.
    pub fn with(self, _name: &str, _value: Switch) -> Result<Self, PolicyError> {
        Ok(self)
    }

    /// All switches.
    pub fn switches(&self) -> Vec<SwitchRow> {
        Vec::new()
    }
}

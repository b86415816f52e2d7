//! Directories of an Atlassian organization.

use serde::{Deserialize, Serialize};

use super::Origin;

/// A directory of an organization: its own, or one an identity provider keeps in step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Directory {
    /// Id.
    pub id: String,
    /// Name, as whoever asked maps it, else as the organization calls it.
    pub name: Option<String>,
    /// The organization it belongs to.
    pub organization_id: String,
    /// Where it was read.
    #[serde(default)]
    pub source: Origin,
}

/// An entry of a synchronised directory that stands behind an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryLink {
    /// The account.
    pub user_id: String,
    /// The directory that provisions it.
    pub directory_id: String,
    /// Its name.
    pub directory_name: Option<String>,
    /// Id of the account in that directory.
    pub scim_user_id: String,
    /// Where it was read.
    #[serde(default)]
    pub source: Origin,
}

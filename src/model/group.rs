//! Groups and who is in them.

use serde::{Deserialize, Serialize};

use super::open_enum::open_enum;
use super::{Origin, Subject};

open_enum! {
    /// Where a group is kept.
    GroupSource {
        /// In an external directory that is synchronised.
        Directory = "directory",
        /// In Confluence or the Atlassian organization itself.
        Local = "local",
        /// An Atlassian team.
        Team = "team",
        /// Not known.
        Unknown = "unknown",
    }
}

/// A group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// UUID (Cloud) or name (Data Center).
    pub id: String,
    /// Name shown to people.
    pub name: Option<String>,
    /// Where it is kept.
    pub provenance: GroupSource,
    /// Directory, where an organization key or the add-on told.
    pub directory_id: Option<String>,
    /// Its name.
    pub directory_name: Option<String>,
    /// What `provenance` rests on, such as `managedBy=EXTERNAL`.
    pub evidence: Option<String>,
    /// Whether all members are listed. `false`: there may be more than are known.
    pub members_complete: bool,
    /// Where it was read.
    #[serde(default)]
    pub source: Origin,
}

impl Group {
    /// A group of which only the id is known.
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            name: None,
            provenance: GroupSource::Unknown,
            directory_id: None,
            directory_name: None,
            evidence: None,
            members_complete: true,
            source: Origin::default(),
        }
    }
}

/// One entry of a group's member list: a user, or a group inside the group. Nested groups are followed by whoever asks,
/// because whether they count is a switch of the policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectMembership {
    /// The group.
    pub group_id: String,
    /// The entry.
    pub member: Subject,
    /// Where it was read.
    #[serde(default)]
    pub source: Origin,
}

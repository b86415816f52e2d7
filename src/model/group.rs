//! Groups and who is in them.

use serde::Serialize;

use super::open_enum::open_enum;
use super::{Origin, Subject, SubjectKind, record};

/// The group that passes every restriction and permission (Data Center).
// Source: https://support.atlassian.com/confluence/kb/unable-to-access-any-restricted-pages-as-administrator/
pub const SUPER_GROUP: &str = "confluence-administrators";

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

record! {
    /// One row is one group.
    ///
    /// From `wiki.groups()` and `snapshot.groups`. Here `source` is where the group is *managed*; the route it was read
    /// from is `origin`.
    #[derive(Serialize)]
    pub struct Group: stored {
        /// UUID on Cloud, name on Data Center.
        pub id: String,
        /// The name shown to people.
        pub name: Option<String>,
        /// Where the group is managed: `directory` (a synchronised external directory), `local`, `team` or `unknown`.
        pub provenance as "source": GroupSource,
        /// Id of the directory it comes from.
        pub directory_id: Option<String>,
        /// Name of that directory.
        pub directory_name: Option<String>,
        /// What `source` is based on, such as `managedBy=EXTERNAL`.
        pub evidence: Option<String>,
        /// Whether all its members are listed; false if there may be more.
        pub members_complete: bool,
        /// API and route it was read from; in other records this column is `source`.
        pub source as "origin": Origin,
    }
}

impl Group {
    /// A group with its id only.
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

record! {
    /// One row is one entry of a group's member list: a user, or a group inside the group.
    ///
    /// As a saved snapshot keeps it. Whether nested groups count is a switch of the policy, so that they are followed later.
    #[derive(Serialize)]
    pub struct DirectMembership: stored {
        /// The group.
        pub group_id: String,
        /// The entry.
        field member: Subject = |row| Subject::read(row, "member_type", "member_id", None),
        /// `user`, `group` or another word of the server.
        column member_type: SubjectKind = |entry| &entry.member.kind,
        /// Id of the member.
        column member_id: Option<String> = |entry| entry.member.given_id(),
        /// API and route it was read from.
        pub source: Origin,
    }
}

//! Directories of an Atlassian organization.

use super::{Origin, record};

record! {
    /// One row is one directory of the organization: its own, or one synchronised by an identity provider.
    ///
    /// From `wiki.directories()`.
    pub struct Directory {
        /// Id.
        pub id: String,
        /// Name: from the caller's mapping, else from the organization.
        pub name: Option<String>,
        /// Organization it belongs to.
        pub organization_id: String,
        /// API and route it was read from.
        pub source: Origin,
    }
}

record! {
    /// One row is one entry of a synchronised directory (SCIM) behind one account.
    ///
    /// From `wiki.directory_links(user)`. An account without a row was not provisioned by a directory.
    pub struct DirectoryLink {
        /// The account.
        pub user_id: String,
        /// The directory that provisions it.
        pub directory_id: String,
        /// Name of that directory.
        pub directory_name: Option<String>,
        /// Id of the account in that directory.
        pub scim_user_id: String,
        /// API and route it was read from.
        pub source: Origin,
    }
}

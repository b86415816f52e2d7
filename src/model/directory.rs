//! What an Atlassian organization knows: its directories, and the accounts in them.

use super::{Origin, Timestamp, record};

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

record! {
    /// One row is one product that one account has used, and when last.
    ///
    /// From `wiki.last_active()`. An account that has used no product has one row, with null for the product and the
    /// moment. The organization counts a page that was open for at least 2 seconds, and lags up to 24 hours behind.
    pub struct LastActive {
        /// The account.
        pub user_id: String,
        /// Its display name.
        pub user_name: Option<String>,
        /// Its e-mail address; null if the organization hides it.
        pub email: Option<String>,
        /// The product, in the organization's word, such as `confluence` or `jira-software`; null if it has used none.
        pub product: Option<String>,
        /// Id of the product's site in the organization.
        pub product_id: Option<String>,
        /// When it last used the product; null if the organization did not say.
        pub last_active_at: Option<Timestamp>,
        /// API and route it was read from.
        pub source: Origin,
    }
}

record! {
    /// One row is one account, with the names it has elsewhere: what joins Confluence to a directory or an index.
    ///
    /// From `wiki.identities()`. An account that several directories provision has a row for each.
    pub struct Identity {
        /// Account id on Cloud, userKey on Data Center.
        pub user_id: String,
        /// Username (Data Center).
        pub user_name: Option<String>,
        /// Display name.
        pub display_name: Option<String>,
        /// E-mail address; null if it is hidden, and on Data Center, which does not return it.
        pub email: Option<String>,
        /// Whether the owner of the address confirmed it; null if unknown.
        pub email_verified: Option<bool>,
        /// Whether the organization manages the account; null if unknown.
        pub managed: Option<bool>,
        /// Id of the account in the directory that provisions it (SCIM); null if none does, or if it was not read.
        pub external_id: Option<String>,
        /// That directory.
        pub directory_id: Option<String>,
        /// Its name: from the caller's mapping, else from the organization.
        pub directory_name: Option<String>,
        /// How the row is known, in the server's words, such as `organization: claimStatus=managed,
        /// managementSource=synced; scim link`.
        pub evidence: String,
        /// API and route it was read from.
        pub source: Origin,
    }
}

//! Users.

use serde::Serialize;

use super::open_enum::open_enum;
use super::{Origin, Timestamp, record};

open_enum! {
    /// Kind of an account.
    UserType {
        /// A person.
        Person = "person",
        /// An app's account.
        App = "app",
        /// A service desk customer.
        Customer = "customer",
        /// The server did not say.
        Unknown = "unknown",
    }
}

record! {
    /// One row is one account.
    ///
    /// From `snapshot.users`. Every account named by a permission, a restriction or a group has a row; if it could not
    /// be looked up, only `id` is known.
    #[derive(Serialize)]
    pub struct User: stored {
        /// Account id on Cloud, userKey on Data Center.
        pub id: String,
        /// Username on Data Center, the public name on Cloud.
        pub name: Option<String>,
        /// Display name.
        pub display_name: Option<String>,
        /// E-mail address; null if privacy settings hide it.
        pub email: Option<String>,
        /// `person`, `app`, `customer`, `unknown` or another word of the server.
        pub kind as "type": UserType,
        /// False for a deactivated account.
        pub active: Option<bool>,
        /// Whether it is a guest (Cloud).
        pub guest: Option<bool>,
        /// Whether it may use the product.
        pub licensed: Option<bool>,
        /// API and route it was read from.
        pub source: Origin,
        /// Whether it administers Confluence by product role (Cloud).
        pub product_admin: Option<bool>,
        /// Whether it administers the organization (Cloud).
        pub org_admin: Option<bool>,
        /// Whether it holds the global permission System Administrator (Data Center).
        pub system_admin: Option<bool>,
        /// Whether an admin key was active when it was read (Cloud).
        pub admin_key: Option<bool>,
        /// When it last used Confluence on this site (Cloud). Lags up to 24 hours; null if the organization does not say,
        /// and unless it was read: `snapshot(last_active=True)`.
        pub last_active_at: Option<Timestamp>,
    }
}

impl User {
    /// An account with its id only.
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            name: None,
            display_name: None,
            email: None,
            kind: UserType::Unknown,
            active: None,
            guest: None,
            licensed: None,
            product_admin: None,
            org_admin: None,
            system_admin: None,
            admin_key: None,
            last_active_at: None,
            source: Origin::default(),
        }
    }
}

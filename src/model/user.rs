//! Users.

use serde::{Deserialize, Serialize};

use super::Origin;
use super::open_enum::open_enum;

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

/// An account. `None` is "the server did not say".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Account id (Cloud) or userKey (Data Center).
    pub id: String,
    /// Username on Data Center; the public name on Cloud.
    pub name: Option<String>,
    /// Display name.
    pub display_name: Option<String>,
    /// E-mail address; hidden by privacy settings more often than not.
    pub email: Option<String>,
    /// Kind.
    pub kind: UserType,
    /// Not deactivated.
    pub active: Option<bool>,
    /// A guest (Cloud).
    pub guest: Option<bool>,
    /// May use the product.
    pub licensed: Option<bool>,
    /// Confluence administrator by product role (Cloud).
    pub product_admin: Option<bool>,
    /// Organization administrator (Cloud).
    pub org_admin: Option<bool>,
    /// Holds the global permission System Administrator (Data Center).
    pub system_admin: Option<bool>,
    /// Has an admin key active at this moment (Cloud).
    pub admin_key: Option<bool>,
    /// Where it was read.
    #[serde(default)]
    pub source: Origin,
}

impl User {
    /// An account of which only the id is known.
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
            source: Origin::default(),
        }
    }
}

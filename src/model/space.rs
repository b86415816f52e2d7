//! Spaces.

use serde::Serialize;

use super::{Origin, Timestamp, record};

record! {
    /// One row is one space.
    ///
    /// From `wiki.spaces()` and `snapshot.spaces`; on Cloud read from `GET /wiki/api/v2/spaces`. Contains the spaces
    /// the account can see, including archived ones; a space it cannot see leaves no trace.
    #[derive(Default, Serialize)]
    pub struct Space: stored {
        /// Id as the server spells it; the key if there is no id.
        pub id: String,
        /// Key, such as `ENG` or `~ann`.
        pub key: String,
        /// Display name.
        pub name: Option<String>,
        /// `global`, `personal`, `knowledge_base` or another word of the server.
        pub kind as "type": Option<String>,
        /// `current` or `archived`.
        pub status: Option<String>,
        /// Content id of the home page.
        pub homepage_id: Option<String>,
        /// API and route it was read from.
        pub source: Origin,
        /// Account that owns a personal space. On Data Center the account whose username is in the key; null if there
        /// is no such account any more.
        pub owner_id: Option<String>,
        /// Whether public links work in this space (Cloud); null unless they were read: `snapshot(public_links=True)`.
        pub public_links_enabled: Option<bool>,
        /// When it was created.
        pub created_at: Option<Timestamp>,
    }
}

impl Space {
    /// Whether the space is archived.
    pub fn archived(&self) -> bool {
        self.status.as_deref() == Some("archived")
    }
}

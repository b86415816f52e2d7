//! Spaces.

use serde::{Deserialize, Serialize};

use super::{Origin, Timestamp};

/// A space.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Space {
    /// Id as the server spells it; the key where there is none.
    pub id: String,
    /// Key, `ENG` or `~ann`.
    pub key: String,
    /// Display name.
    pub name: Option<String>,
    /// `global`, `personal`, `knowledge_base` … as the server says.
    pub kind: Option<String>,
    /// `current` or `archived`.
    pub status: Option<String>,
    /// Content id of the home page.
    pub homepage_id: Option<String>,
    /// Account that owns a personal space.
    pub owner_id: Option<String>,
    /// Whether public links work in this space.
    pub public_links_enabled: Option<bool>,
    /// When it was created.
    pub created_at: Option<Timestamp>,
    /// Where it was read.
    #[serde(default)]
    pub source: Origin,
}

impl Space {
    /// Whether the space is archived.
    pub fn archived(&self) -> bool {
        self.status.as_deref() == Some("archived")
    }
}

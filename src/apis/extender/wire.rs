//! What the add-on sends, where its documents show it.

use serde::Deserialize;
use serde_json::Value;

use crate::apis::lenient;

/// What is said about a content, at the top of an answer and on each level of a tree.
// Source: https://it-lab.atlassian.net/wiki/spaces/RAEC/pages/1508671517
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Head {
    #[serde(default, deserialize_with = "lenient::text")]
    pub space_key: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub space_name: Option<String>,
    #[serde(default, deserialize_with = "lenient::count")]
    pub level: Option<u64>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub content_id: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub content_type: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub content_name: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub content_creator_name: Option<String>,
    /// Milliseconds since 1970, or an empty text where it never changed.
    #[serde(default, deserialize_with = "lenient::text")]
    pub last_permission_modification_date: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub last_permission_modification_date_string: Option<String>,
}

/// All who have which permission in a space.
// Source: https://it-lab.atlassian.net/wiki/spaces/RAEC/pages/559743018
#[derive(Debug, Deserialize)]
pub(super) struct Actors {
    #[serde(default, deserialize_with = "lenient::text")]
    pub key: Option<String>,
    pub permissions: serde_json::Map<String, Value>,
}

/// A page of names, or of records.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Listing {
    /// Also as a text.
    #[serde(default, deserialize_with = "lenient::count")]
    pub total: Option<u64>,
    #[serde(default, deserialize_with = "lenient::count")]
    pub start_at: Option<u64>,
    #[serde(default, deserialize_with = "lenient::count")]
    pub results: Option<u64>,
}

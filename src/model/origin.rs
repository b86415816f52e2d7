//! Where a record was read.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A moment in UTC, with microseconds.
pub type Timestamp = jiff::Timestamp;

/// API and route a record was read from, such as `cloud_v2 GET /wiki/api/v2/spaces`; `plain data` for a site that was
/// described offline. Shared, because thousands of records come from one route.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Origin(Arc<str>);

impl Origin {
    /// The origin named `text`.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// The API alone, such as `cloud_v2`.
    pub fn api(&self) -> &str {
        self.0.split_once(' ').map_or(&*self.0, |(api, _)| api)
    }

    /// The text of it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Origin {
    fn default() -> Self {
        Self::new("plain data")
    }
}

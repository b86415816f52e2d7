//! What somebody wants to do.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::word;

/// What somebody wants to do with a content. `view` and `edit` are the words of the product's own screens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// See it.
    View,
    /// Change it.
    Edit,
    /// Comment on it.
    Comment,
    /// Delete it.
    Delete,
    /// Create a page below it.
    CreatePage,
    /// Take its restrictions away.
    RemoveRestrictions,
}

impl Operation {
    /// All of them, in the order they are documented.
    pub const ALL: [Self; 6] =
        [Self::View, Self::Edit, Self::Comment, Self::Delete, Self::CreatePage, Self::RemoveRestrictions];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::Edit => "edit",
            Self::Comment => "comment",
            Self::Delete => "delete",
            Self::CreatePage => "create_page",
            Self::RemoveRestrictions => "remove_restrictions",
        }
    }

    /// Reads the word; `read` and `update`, the words of the servers, are `view` and `edit`.
    ///
    /// # Errors
    /// Where it is none of the words.
    pub fn parse(word: &str) -> Result<Self, UnknownOperation> {
        match word {
            "read" => Ok(Self::View),
            "update" => Ok(Self::Edit),
            _ => Self::ALL.into_iter().find(|op| op.as_str() == word).ok_or_else(|| UnknownOperation(word.to_owned())),
        }
    }
}

word!(Operation as "Operation");

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that names no operation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid operation `{0}`: {hint}", hint = hint(.0))]
pub struct UnknownOperation(String);

/// The word somebody probably meant, else all of them.
fn hint(word: &str) -> String {
    let meant = match word.to_ascii_lowercase().as_str() {
        "read" | "viewspace" => Some(Operation::View),
        "update" | "write" | "editspace" => Some(Operation::Edit),
        other => Operation::ALL.into_iter().find(|op| op.as_str() == other.replace([' ', '-'], "_")),
    };
    match meant {
        Some(operation) => format!("did you mean `{operation}`?"),
        None => "expected `view` or `edit` (also known: `comment`, `delete`, `create_page`, `remove_restrictions`)"
            .to_owned(),
    }
}

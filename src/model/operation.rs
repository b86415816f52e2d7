//! What somebody wants to do.

use super::word;
use super::words::words;

words! {
    /// What somebody wants to do with a content. `view` and `edit` are the words of the product's own screens.
    Operation {
        /// See it.
        View = "view",
        /// Change it.
        Edit = "edit",
        /// Comment on it.
        Comment = "comment",
        /// Delete it.
        Delete = "delete",
        /// Create a page below it.
        CreatePage = "create_page",
        /// Take its restrictions away.
        RemoveRestrictions = "remove_restrictions",
    }
}

impl Operation {
    /// Reads the word; `read` and `update`, the words of the servers, are `view` and `edit`.
    ///
    /// # Errors
    /// Where it is none of the words.
    pub fn parse(word: &str) -> Result<Self, UnknownOperation> {
        match word {
            "read" => Ok(Self::View),
            "update" => Ok(Self::Edit),
            _ => Self::named(word).ok_or_else(|| UnknownOperation(word.to_owned())),
        }
    }
}

word!(Operation as "Operation");

/// A word that names no operation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid operation `{0}`: {hint}", hint = hint(.0))]
pub struct UnknownOperation(String);

/// The word somebody probably meant, else all of them.
fn hint(word: &str) -> String {
    let meant = match word.to_ascii_lowercase().as_str() {
        "read" | "viewspace" => Some(Operation::View),
        "update" | "write" | "editspace" => Some(Operation::Edit),
        other => Operation::named(&other.replace([' ', '-'], "_")),
    };
    match meant {
        Some(operation) => format!("did you mean `{operation}`?"),
        None => "expected `view` or `edit` (also known: `comment`, `delete`, `create_page`, `remove_restrictions`)"
            .to_owned(),
    }
}

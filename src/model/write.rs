//! What a change came to, and what Confluence itself says about a question.

use super::{Decision, Operation, Subject};

/// What became of one change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WriteOutcome {
    /// It was added.
    Added,
    /// It was taken away.
    Removed,
    /// It was as wanted already, or is none of this call's business.
    Skipped,
    /// It was not done.
    Failed,
    /// It would be added.
    WouldAdd,
    /// It would be taken away.
    WouldRemove,
}

impl WriteOutcome {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
            Self::WouldAdd => "would_add",
            Self::WouldRemove => "would_remove",
        }
    }
}

/// One change: of one subject, in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteResult {
    /// Key of a space, or id of a content.
    pub target: String,
    /// Name of the space or title of the content, where it was read anyway.
    pub title: Option<String>,
    /// Whose access.
    pub subject: Subject,
    /// Its name, where one is known.
    pub subject_name: Option<String>,
    /// A permission in a space, `role <name>`, or `view` or `edit` of a restriction.
    pub permission: String,
    /// What became of it.
    pub outcome: WriteOutcome,
    /// Why, where there is something to say.
    pub message: Option<String>,
}

/// Confluence's own answer about one subject and one content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckResult {
    /// The answer: allowed or denied.
    pub decision: Decision,
    /// Why not, as codes: `site.user_not_licensed`, `site.anonymous_disabled`, `space.no_permission`,
    /// `content.restricted`, `unrecognised`.
    pub reasons: Vec<String>,
    /// Why not, in the server's words.
    pub messages: Vec<String>,
    /// The content.
    pub content_id: String,
    /// The subject, with names resolved to an id.
    pub subject: Subject,
    /// What was asked.
    pub operation: Operation,
}

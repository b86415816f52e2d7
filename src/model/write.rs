//! What a change came to, and what Confluence itself says about a question.

use super::words::words;
use super::{Decision, Operation, Subject, record, word};

words! {
    /// What became of one change.
    WriteOutcome {
        /// It was added.
        Added = "added",
        /// It was taken away.
        Removed = "removed",
        /// It was as wanted already, or is none of this call's business.
        Skipped = "skipped",
        /// It was not done.
        Failed = "failed",
        /// It would be added.
        WouldAdd = "would_add",
        /// It would be taken away.
        WouldRemove = "would_remove",
    }
}

word!(WriteOutcome as "Outcome");

record! {
    /// One row is one change: one permission, role or restriction entry of one subject in one place.
    ///
    /// From `wiki.grant`, `revoke`, `set_permissions`, `assign_role`, `remove_role`, `restrict`, `unrestrict`,
    /// `set_restrictions` and `unrestrict_all`.
    pub struct WriteResult {
        /// Key of a space, or id of a content item.
        pub target: String,
        /// The subject as text, with names resolved to an id.
        pub subject: Subject,
        /// A permission such as `create_page`, a role such as `role Viewer`, or the restriction: `view`, `edit`.
        pub permission: String,
        /// `added`, `removed`, `skipped` (nothing to do), `failed`, or in a dry run `would_add`, `would_remove`.
        pub outcome: WriteOutcome,
        /// The reason, if there is something to say.
        pub message: Option<String>,
        /// Name of the subject.
        pub subject_name: Option<String>,
        /// Name of the space, or title of the content item if the change had to read it.
        pub title: Option<String>,
    }
}

record! {
    /// One row is Confluence's own answer about one subject and one content item.
    ///
    /// From `wiki.check(content, subject, operation)`, which returns the one row.
    pub struct CheckResult {
        /// `allowed` or `denied`.
        pub decision: Decision,
        /// Why not, as codes: `site.user_not_licensed`, `site.anonymous_disabled`, `space.no_permission`,
        /// `content.restricted` (on the item or an ancestor: Confluence does not say which), `unrecognised`.
        pub reasons: Vec<String>,
        /// Why not, in Confluence's own words.
        pub messages: Vec<String>,
        /// The content item.
        pub content_id: String,
        /// The subject as text, with names resolved to an id.
        pub subject: Subject,
        /// `view`, `edit` or `delete`.
        pub operation: Operation,
    }
}

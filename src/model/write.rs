//! What a change came to, and what Confluence itself says about a question.

use super::words::words;
use super::{ChangeKind, Decision, Operation, Subject, record, word};

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

words! {
    /// What a change is about.
    WriteKind {
        /// A permission of a subject in a space.
        Permission = "permission",
        /// A role of a subject in a space.
        Role = "role",
        /// An entry of a restriction.
        Restriction = "restriction",
        /// An account in a group.
        Member = "member",
        /// A group.
        Group = "group",
        /// The place of a page.
        Parent = "parent",
    }
}

word!(WriteKind as "WriteKind");

record! {
    /// One row is one change: one permission, role or restriction entry of one subject in one place.
    ///
    /// Of a plan it may also be a membership, a deleted group or a moved page.
    ///
    /// From `wiki.apply`, `grant`, `revoke`, `set_permissions`, `assign_role`, `remove_role`, `restrict`, `unrestrict`,
    /// `set_restrictions` and `unrestrict_all`.
    pub struct WriteResult {
        /// Key of a space, id of a content item, or id of a group. For a moved page the content item above it.
        pub target: String,
        /// The subject as text, with names resolved to an id; for a moved page `content:<id>`.
        pub subject: Subject,
        /// A permission such as `create_page`, a role such as `role Viewer`, or the restriction: `view`, `edit`. For the
        /// other kinds the word in `kind`.
        pub permission: String,
        /// `added`, `removed`, `skipped` (nothing to do), `failed`, or in a dry run `would_add`, `would_remove`.
        pub outcome: WriteOutcome,
        /// The reason, if there is something to say.
        pub message: Option<String>,
        /// Name of the subject.
        pub subject_name: Option<String>,
        /// Name of the space, or title of the content item if the change had to read it.
        pub title: Option<String>,
        /// What it is about: `permission`, `role`, `restriction`, `member`, `group` or `parent`.
        pub kind: WriteKind,
        /// Line of the plan, counted from 1; null outside of a plan.
        pub line: Option<u64>,
        /// What was to be done: `added` or `removed`; null if nothing.
        pub change: Option<ChangeKind>,
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

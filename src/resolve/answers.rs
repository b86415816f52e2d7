//! The rows answers come in. Field names are the column names scripts rely on.

use std::sync::Arc;

use crate::model::{ContentStatus, ContentType, Decision, Operation, record};

record! {
    /// One row is one person who may do what was asked, or for whom it is unknown.
    ///
    /// `via` is the first way to get access that was found. `anonymous` has a row of its own. From
    /// `access.who_can(operation, content)`.
    pub struct Grantee {
        /// The account; `anonymous` for anyone who is not logged in, `anyone_with_link` for anyone who knows a public
        /// link.
        pub user_id: Arc<str>,
        /// Username on Data Center, the public name on Cloud.
        pub name: Option<Arc<str>>,
        /// Display name.
        pub display_name: Option<Arc<str>>,
        /// `allowed` or `unknown`; people who are denied have no row.
        pub decision: Decision,
        /// How the person gets access, in one line, such as `direct`, `group eng` or
        /// `role Viewer through all-licensed-users`; for an unknown answer the code of the reason.
        pub via: Arc<str>,
        /// False for a bypass (super group, admin key) and an exposure (public link), which are not standing access.
        pub standing: bool,
    }
}

/// A content that was not listed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("content `{0}` is not in the snapshot: it was not listed, which does not mean that nobody can see it")]
pub struct UnknownContent(pub String);

/// A space that was not listed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("space `{text}` is not in the snapshot: {remedy}")]
pub struct UnknownSpace {
    /// What was given.
    pub text: String,
    /// What to do.
    pub remedy: String,
    /// Keys of the spaces it may mean, where several have this name.
    pub candidates: Vec<String>,
}

record! {
    /// One row is one content item, with how many accounts may view and edit it.
    ///
    /// The numbers are null if access is not resolved, which is the case in the trash. From `access.summary()`.
    pub struct SummaryRow {
        /// The content item.
        pub content_id: String,
        /// Its title.
        pub title: Option<String>,
        /// Key of its space.
        pub space_key: Arc<str>,
        /// Its type, such as `page`.
        pub kind as "type": ContentType,
        /// `current`, `archived`, `draft` or `trashed`.
        pub status: ContentStatus,
        /// Accounts that may view it, by standing access only.
        pub viewers: Option<u64>,
        /// Accounts that may edit it, by standing access only.
        pub editors: Option<u64>,
        /// Accounts for which viewing is unknown.
        pub unknown_viewers: Option<u64>,
        /// Accounts for which editing is unknown.
        pub unknown_editors: Option<u64>,
        /// Whether anonymous users may view it: `allowed`, `denied` or `unknown`.
        pub anonymous: Option<Decision>,
        /// Ids of the items whose view restrictions apply to it, root first; includes its own id if it has one itself.
        pub restricted_by: Vec<String>,
        /// Whether it has a view or edit restriction of its own.
        pub own_restriction: bool,
        /// Whether a view restriction of an ancestor applies to it.
        pub inherited_restriction: bool,
        /// Whether a public link is on and works.
        pub public_link: bool,
    }
}

record! {
    /// One row is one content item the subject may view or edit, or for which it is unknown.
    ///
    /// From `access.contents_for(subject, operation)`.
    pub struct ContentAccess {
        /// The content item.
        pub content_id: String,
        /// Its title.
        pub title: Option<String>,
        /// Key of its space.
        pub space_key: Arc<str>,
        /// Its type, such as `page`.
        pub kind as "type": ContentType,
        /// The operation of the question.
        pub operation: Operation,
        /// `allowed` or `unknown`; denied items have no row.
        pub decision: Decision,
        /// `super_group`, `admin_key` or `public_link` if it is not standing access; else null.
        pub via: Option<String>,
        /// False for a bypass and an exposure.
        pub standing: bool,
    }
}

/// A batch of pairs (account, content) that are allowed, as indexes: into [`Access::user_ids`] and into the snapshot's
/// contents. The order is that of the contents.
///
/// [`Access::user_ids`]: super::Access::user_ids
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PairBatch {
    /// Index of the account.
    pub users: Vec<u32>,
    /// Index of the content.
    pub contents: Vec<u32>,
}

impl PairBatch {
    /// How many pairs.
    pub fn len(&self) -> usize {
        self.users.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.users.is_empty()
    }
}

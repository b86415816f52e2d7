//! What could not be read.

use serde::{Deserialize, Serialize};

use super::open_enum::open_enum;

open_enum! {
    /// What a gap is about. The resolver reads these: each makes the answers it touches unknown.
    GapScope {
        /// The site as a whole: `subject` names the fact, such as `anonymous` or `role_mode`.
        Site = "site",
        /// The contents of the space `subject` (its key) are not all listed.
        Space = "space",
        /// The permissions in the space `subject` (its key) are not all read.
        SpacePermissions = "space_permissions",
        /// The restrictions of the content `subject` (its id) are not all read.
        Content = "content",
        /// The members of the group `subject` (its id) are not all listed.
        Group = "group",
        /// The account `subject` could not be looked up.
        User = "user",
        /// Part of the audit log is missing.
        Audit = "audit",
    }
}

/// Something that could not be read, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// What it is about.
    pub scope: GapScope,
    /// Its id (a space: its key).
    pub subject: String,
    /// Why, as a code: `unauthorized`, `forbidden`, `not_found`, `gone`, `rate_limited`, `server_error`, `timeout`,
    /// `no_answer`, `not_json`, `unreadable` (JSON of another shape), `truncated`, `loop`, `too_many_empty_pages`,
    /// `not_listed`, `not_trusted`, `not_recorded` (the server is set up not to write it down), `unsupported`,
    /// `unavailable` (an add-on or an API that is not there), `secure_session`, `drift` (a log that changed while it was
    /// read), `contradicted` (another
    /// route says otherwise: the restrictions of a content that is there answer 404). A content whose cause is
    /// `not_found` is no layer: it is skipped as a draft.
    pub cause: String,
    /// One line for a person.
    pub message: String,
    /// HTTP status, where there was one.
    pub status: Option<u16>,
    /// Method and path asked, without query.
    pub route: Option<String>,
}

/// Rows, and what is missing among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing<T> {
    /// What was read.
    pub rows: Vec<T>,
    /// What was not.
    pub gaps: Vec<Gap>,
}

impl<T> Default for Listing<T> {
    fn default() -> Self {
        Self { rows: Vec::new(), gaps: Vec::new() }
    }
}

//! What a refresh read again, and why.

use std::collections::BTreeMap;

use super::words::words;
use super::{record, word};

words! {
    /// What a refresh did with a part.
    RefreshOutcome {
        /// It was read again.
        Read = "read",
        /// It was taken from the earlier snapshot.
        Kept = "kept",
        /// It is not there any more.
        Gone = "gone",
    }
}

word!(RefreshOutcome as "RefreshOutcome");

words! {
    /// A part of a snapshot, as a refresh treats it.
    RefreshScope {
        /// The facts of the site.
        Site = "site",
        /// The list of spaces.
        Spaces = "spaces",
        /// Content items with their restrictions.
        Contents = "contents",
        /// The permissions in spaces.
        SpacePermissions = "space_permissions",
        /// The groups and their members.
        Groups = "groups",
        /// The accounts.
        Users = "users",
    }
}

word!(RefreshScope as "RefreshScope");

words! {
    /// Why a refresh read a part again, or did not.
    RefreshReason {
        /// No log records every change of it.
        NotRecorded = "not_recorded",
        /// The audit log is complete since the earlier snapshot and records no change of it.
        Unchanged = "unchanged",
        /// The audit log records a change that may be one of it.
        Changed = "changed",
        /// The assigned roles are other ones (Cloud).
        Roles = "roles",
        /// The earlier snapshot does not have it.
        New = "new",
        /// The earlier snapshot has a gap there.
        Gap = "gap",
        /// The audit log does not prove what stayed the same.
        Log = "log",
        /// The site or the account is not what it was.
        View = "view",
        /// A sample, to compare the log with.
        Sample = "sample",
        /// The earlier snapshot has it, and the site does not.
        Gone = "gone",
    }
}

word!(RefreshReason as "RefreshReason");

record! {
    /// One row is one part of a snapshot that `refresh` read again, kept or dropped, with the reason.
    ///
    /// From `Snapshot.refreshed`. Permissions have a row for each space, everything else one row each.
    pub struct Refreshed {
        /// `site`, `spaces`, `contents` (with their restrictions), `space_permissions`, `groups` (with their members) or
        /// `users`.
        pub scope: RefreshScope,
        /// Key of the space; null if the row is about all of them.
        pub subject: Option<String>,
        /// `read`: read again; `kept`: taken from the earlier snapshot; `gone`: not on the site any more.
        pub outcome: RefreshOutcome,
        /// `not_recorded`: no log records every change of it; `unchanged`: the audit log is complete and records no
        /// change; `changed`: the log records a change that may concern it; `roles`: its assigned roles differ; `new`:
        /// not in the earlier snapshot; `gap`: a gap there; `log`: the audit log proves nothing, see `message`; `view`:
        /// the account, the version or the settings of the site differ; `sample`: read to test the log; `gone`.
        pub reason: RefreshReason,
        /// The reason as a sentence.
        pub message: String,
    }
}

/// Spaces in which an audit log may record changed permissions, by key, each with the record. `Err`: why it may be any.
pub type Touched = Result<BTreeMap<String, String>, String>;

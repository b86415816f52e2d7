//! Restrictions of a content.

use serde::Serialize;

use super::permission::alike;
use super::words::words;
use super::{Origin, Subject, SubjectKind, record, word};

words! {
    /// Which list a restriction stands in.
    RestrictionOperation {
        /// Who may see it; the servers' `read`.
        View = "view",
        /// Who may change it; the servers' `update`.
        Edit = "edit",
    }
}

impl RestrictionOperation {
    /// The operation in any spelling: words of the APIs, of the screens and of the audit log.
    pub fn from_log(text: &str) -> Option<Self> {
        let is_one = |words: &[&str]| words.iter().any(|word| alike(word, text));
        if is_one(&["view", "read", "can view", "viewing", "view space", "viewer"]) {
            Some(Self::View)
        } else if is_one(&["edit", "update", "can edit", "editing", "editor", "write"]) {
            Some(Self::Edit)
        } else {
            None
        }
    }

    /// The servers' word.
    pub fn upstream(self) -> &'static str {
        match self {
            Self::View => "read",
            Self::Edit => "update",
        }
    }
}

word!(RestrictionOperation as "RestrictionOperation", |word| Self::named(word));

record! {
    /// One row is one subject in one restriction, set on this content item itself.
    ///
    /// Inherited restrictions are in the rows of the ancestors; `access.explain` follows them. From
    /// `wiki.restrictions(content)` and `snapshot.restrictions`.
    #[derive(Serialize)]
    pub struct Restriction: stored {
        /// The content item it is set on.
        pub content_id: String,
        /// `view` or `edit`; the servers use `read` and `update`.
        pub operation: RestrictionOperation,
        /// The subject on the list; kept also where it is unknown, so that the list never looks empty.
        field subject: Subject = |row| Subject::read(row, "subject_type", "subject_id", Some("subject_name")),
        /// `user`, `group` or another word of the server.
        column subject_type: SubjectKind = |restriction| &restriction.subject.kind,
        /// Id of the subject; null if the server gave none (a deleted account or group).
        column subject_id: Option<String> = |restriction| restriction.subject.given_id(),
        /// Display name of the subject.
        pub subject_name: Option<String>,
        /// API and route it was read from.
        pub source: Origin,
    }
}

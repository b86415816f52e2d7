//! What was changed, by whom, as a server wrote it down.

use serde::{Deserialize, Serialize};

use super::open_enum::open_enum;
use super::{Origin, Subject, Timestamp};

open_enum! {
    /// Who did it.
    AuthorType {
        /// An account.
        User = "user",
        /// The product itself, such as a directory that is synchronised.
        System = "system",
        /// Whoever is not logged in.
        Anonymous = "anonymous",
        /// The record does not tell.
        Unknown = "unknown",
    }
}

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditAuthor {
    /// Kind.
    pub kind: AuthorType,
    /// Account id (Cloud), user key (Data Center).
    pub id: Option<String>,
    /// Name as it was written down.
    pub name: Option<String>,
}

impl Default for AuditAuthor {
    fn default() -> Self {
        Self { kind: AuthorType::Unknown, id: None, name: None }
    }
}

/// A thing a record is about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditObject {
    /// What it is, in the server's word, which may be in any language.
    pub kind: Option<String>,
    /// Its name at that time.
    pub name: Option<String>,
    /// Its id; Cloud gives none.
    pub id: Option<String>,
    /// Key of a space, where the record gives it beside the name.
    #[serde(default)]
    pub key: Option<String>,
    /// Whether it is the object the record is mainly about.
    pub affected: bool,
}

/// A value that was changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditValue {
    /// Its name, which may be in any language.
    pub name: Option<String>,
    /// What it was.
    pub old: Option<String>,
    /// What it became.
    pub new: Option<String>,
}

/// One record of an audit log.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRecord {
    /// When it happened.
    pub at: Option<Timestamp>,
    /// Who did it.
    pub author: AuditAuthor,
    /// What happened, in the server's words, which may be in any language.
    pub action: Option<String>,
    /// What happened, as a key that no language changes; Cloud gives none.
    pub action_key: Option<String>,
    /// Kind of event, in the server's words.
    pub category: Option<String>,
    /// Kind of event, as a key that no language changes; Cloud gives none.
    #[serde(default)]
    pub category_key: Option<String>,
    /// Address it was done from.
    pub remote_address: Option<String>,
    /// A longer text.
    pub description: Option<String>,
    /// What it is about, the affected object first.
    pub objects: Vec<AuditObject>,
    /// What was changed.
    pub changes: Vec<AuditValue>,
    /// Whether the server marks it as done with the rights of a super administrator: an admin key on Cloud.
    pub super_admin: Option<bool>,
    /// The record as it came, JSON.
    pub raw: String,
    /// Where it was read.
    pub source: Origin,
}

open_enum! {
    /// Where a change was made.
    ChangeScope {
        /// The site as a whole.
        Site = "site",
        /// A space.
        Space = "space",
        /// A content.
        Content = "content",
        /// A group.
        Group = "group",
        /// A public link.
        PublicLink = "public_link",
    }
}

impl ChangeScope {
    /// What is not recognised.
    pub fn unrecognised() -> Self {
        Self::from("other")
    }
}

/// What a change did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// Something is there that was not.
    Added,
    /// Something is gone.
    Removed,
    /// Something is different, or the record does not tell in which way.
    Changed,
}

impl ChangeKind {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
        }
    }
}

/// How sure the reading of a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// The words of the record and what it is about say the same.
    Certain,
    /// One of the two only: other words than the known ones, or parts that are missing.
    Likely,
    /// A name in it fits several things.
    Ambiguous,
    /// Nothing of it is understood; it is in the list so that nothing is lost.
    Unrecognised,
}

impl Confidence {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Certain => "certain",
            Self::Likely => "likely",
            Self::Ambiguous => "ambiguous",
            Self::Unrecognised => "unrecognised",
        }
    }
}

/// One change to who may do what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PermissionChange {
    /// When it was made.
    pub at: Option<Timestamp>,
    /// Who made it.
    pub author: AuditAuthor,
    /// Whether it was made with an admin key.
    pub admin_key: Option<bool>,
    /// Address it was made from.
    pub remote_address: Option<String>,
    /// Where.
    pub scope: ChangeScope,
    /// What it did.
    pub change: ChangeKind,
    /// Key of the space.
    pub space_key: Option<String>,
    /// Name of the space as it was written down.
    pub space_name: Option<String>,
    /// Id of the content.
    pub content_id: Option<String>,
    /// Its title as it was written down.
    pub content_title: Option<String>,
    /// Ids of the contents the title fits, where it fits several.
    pub candidates: Vec<String>,
    /// Id of the group.
    pub group_id: Option<String>,
    /// Name of the group.
    pub group_name: Option<String>,
    /// On whom. The id is empty where the record gives none.
    pub subject: Option<Subject>,
    /// Name of the subject as it was written down.
    pub subject_name: Option<String>,
    /// What was given or taken, in one vocabulary.
    pub permission: Option<String>,
    /// The value before, in the server's words.
    pub old: Option<String>,
    /// The value after, in the server's words.
    pub new: Option<String>,
    /// How sure this is.
    pub confidence: Confidence,
    /// The content asked about, where this change binds it.
    pub attributed_to: Option<String>,
    /// What happened, in the server's words.
    pub action: Option<String>,
    /// The record as it came, JSON.
    pub raw: String,
    /// Where it was read.
    pub source: Origin,
}

//! What was changed, by whom, as a server wrote it down.

use serde::{Deserialize, Serialize};

use super::open_enum::open_enum;
use super::words::words;
use super::{Origin, Subject, SubjectKind, Timestamp, record, word};

open_enum! {
    /// Who did it.
    AuthorType {
        /// An account.
        User = "user",
        /// The product itself, such as a directory that is synchronised.
        System = "system",
        /// People who are not logged in.
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

impl AuditObject {
    /// The object in one line, such as `Group: engineering`.
    pub fn line(&self) -> String {
        let name = self.name.as_deref().unwrap_or_default();
        match self.kind.as_deref().unwrap_or_default() {
            "" => name.to_owned(),
            kind => format!("{kind}: {name}"),
        }
    }
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

impl AuditValue {
    /// The value in one line, such as `Type: VIEWSPACE -> EDITSPACE`.
    pub fn line(&self) -> String {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        format!("{}: {} -> {}", text(&self.name), text(&self.old), text(&self.new))
    }
}

record! {
    /// One row is one record of the audit log.
    ///
    /// From `wiki.audit()` and `read_audit_log()`. Records have no id of their own, and on Cloud neither do the objects
    /// they are about.
    #[derive(Default)]
    pub struct AuditRecord {
        /// When it happened.
        pub at: Option<Timestamp>,
        /// The account that did it.
        field author: AuditAuthor,
        /// Account that did it; null for the system and anonymous users.
        column author_id: Option<String> = |record| &record.author.id,
        /// Name of that account as recorded.
        column author_name: Option<String> = |record| &record.author.name,
        /// What happened, in the server's words; they may be in any language.
        pub action: Option<String>,
        /// What happened, as a key that is the same in all languages; null on Cloud.
        pub action_key: Option<String>,
        /// Kind of event, in the server's words.
        pub category: Option<String>,
        /// Address it was done from.
        pub remote_address: Option<String>,
        /// The things it is about, the affected one first.
        field objects: Vec<AuditObject>,
        /// What it is about, the affected object first, each as `type: name`. Cloud records names without ids.
        column objects: Vec<String> = |record| record.objects.iter().map(AuditObject::line).collect::<Vec<_>>(),
        /// The values that were changed.
        field changes: Vec<AuditValue>,
        /// What was changed, each as `name: old -> new`.
        column changes: Vec<String> = |record| record.changes.iter().map(AuditValue::line).collect::<Vec<_>>(),
        /// The record as the server sent it, JSON.
        pub raw: String,
        /// API and route it was read from.
        pub source: Origin,
        /// `user`, `system`, `anonymous` or `unknown`.
        column author_type: AuthorType = |record| &record.author.kind,
        /// A longer text.
        pub description: Option<String>,
        /// Whether the server marks it as done with super administrator rights: an admin key on Cloud.
        pub super_admin: Option<bool>,
        /// Kind of event, as a key that is the same in all languages; null on Cloud.
        pub category_key: Option<String>,
    }
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

words! {
    /// What a change did.
    ChangeKind {
        /// Something is there that was not.
        Added = "added",
        /// Something is gone.
        Removed = "removed",
        /// Something is different, or the record does not tell in which way.
        Changed = "changed",
    }
}

word!(ChangeKind as "Change", |word| Self::named(word));

words! {
    /// How sure the reading of a record is.
    Confidence {
        /// The words of the record and what it is about say the same.
        Certain = "certain",
        /// One of the two only: other words than the known ones, or parts that are missing.
        Likely = "likely",
        /// A name in it fits several things.
        Ambiguous = "ambiguous",
        /// Nothing of it is understood; it is in the list so that nothing is lost.
        Unrecognised = "unrecognised",
    }
}

word!(Confidence as "Confidence", |word| Self::named(word));

record! {
    /// One row is one change to who may do what.
    ///
    /// One permission of one subject, a restriction, a membership, a role, a public link, an admin key. Unrecognised
    /// records are rows with scope `other`. From `wiki.permission_changes()` and `permission_changes(records)`.
    pub struct PermissionChange: stored {
        /// When it was made.
        pub at: Option<Timestamp>,
        /// The account that made it.
        field author: AuditAuthor = |row| Ok(AuditAuthor {
            kind: row.read("author_type")?,
            id: row.read("author_id")?,
            name: row.read("author_name")?,
        }),
        /// Account that made it; null for the system and anonymous users.
        column author_id: Option<String> = |change| &change.author.id,
        /// Name of that account as recorded.
        column author_name: Option<String> = |change| &change.author.name,
        /// Address it was made from.
        pub remote_address: Option<String>,
        /// `site`, `space`, `content`, `group`, `public_link` or `other`.
        pub scope: ChangeScope,
        /// `added`, `removed` or `changed`; a use of an admin key is `changed`.
        pub change: ChangeKind,
        /// Key of the space, if its name is known.
        pub space_key: Option<String>,
        /// The content item it was made on, if its title is known in its space; null if the title matches none or
        /// several.
        pub content_id: Option<String>,
        /// Title of that item as recorded.
        pub content_title: Option<String>,
        /// The subject it is about. The id is empty where the record gives none.
        field subject: Option<Subject> = |row| match row.read::<Option<SubjectKind>>("subject_type")? {
            Some(kind) => Ok(Some(Subject::new(kind, row.read::<Option<String>>("subject_id")?.unwrap_or_default()))),
            None => Ok(None),
        },
        /// `user`, `group`, `anonymous`, `access_class`, `unlicensed` or `unknown`; null if the change has no subject.
        column subject_type: Option<SubjectKind> = |change| change.subject.as_ref().map(|subject| &subject.kind),
        /// Id of the subject, if the record or the snapshot contains it.
        column subject_id: Option<String> = |change| change.subject.as_ref().and_then(Subject::given_id),
        /// Name of the subject as recorded.
        pub subject_name: Option<String>,
        /// What was granted or revoked, in one vocabulary: `view`, `edit` of a content item, space permissions as in
        /// SpacePermission, global permissions as in GlobalPermission, `member` of a group, `public_link`, `admin_key`,
        /// the name of a role as `role:<name>`, `place` of a content item that was moved, `status` where it, or
        /// a space, was archived, restored or deleted, `account`, `user_directory` (Data Center); unknown words as received.
        pub permission: Option<String>,
        /// The value before, in the server's words.
        pub old: Option<String>,
        /// The value after, in the server's words.
        pub new: Option<String>,
        /// `certain`: words and objects of the record agree; `likely`: only one of them is clear; `ambiguous`: a name
        /// in it matches several things; `unrecognised`: not understood.
        pub confidence: Confidence,
        /// The record as the server sent it, JSON.
        pub raw: String,
        /// API and route it was read from.
        pub source: Origin,
        /// `user`, `system`, `anonymous` or `unknown`.
        column author_type: AuthorType = |change| &change.author.kind,
        /// Whether it was made with an admin key.
        pub admin_key: Option<bool>,
        /// What happened, in the server's words.
        pub action: Option<String>,
        /// Name of the space as recorded.
        pub space_name: Option<String>,
        /// The group a membership is about.
        pub group_id: Option<String>,
        /// Its name.
        pub group_name: Option<String>,
        /// Ids of the content items the title matches, if it matches several.
        pub candidates: Vec<String>,
        /// The content item you asked about, if this change on it or on an ancestor affects it; null if you asked about
        /// none, and for an edit restriction of an ancestor, which affects only that page.
        pub attributed_to: Option<String>,
    }
}

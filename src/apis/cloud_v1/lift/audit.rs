//! The audit log.

use super::dialect::named;
use super::{routes, wire};
use crate::apis::reading::{Page, Unreadable};
use crate::apis::rest_v1::audit::{again, records};
use crate::model::{AuditAuthor, AuditRecord, AuthorType, Origin, Subject, SubjectKind};

/// Reads records of the audit log. The text of each is kept as it came.
///
/// # Errors
/// Where the answer is no such listing.
pub fn audit(body: &[u8]) -> Result<Page<AuditRecord>, Unreadable> {
    records(body, &routes::AUDIT, author)
}

/// Reads a record again from the text it was kept as.
pub(crate) fn audit_record(raw: &str, source: &Origin) -> Option<AuditRecord> {
    again(raw, source, author)
}

/// Who did it. The system is an account without an id by that name; so is anonymous.
fn author(user: wire::User) -> AuditAuthor {
    let (subject, name) = named(&user);
    let is = |word: &str| name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(word));
    let (kind, id) = match subject {
        Subject { kind: SubjectKind::Anonymous, .. } => (AuthorType::Anonymous, None),
        Subject { kind: SubjectKind::User, id } if user.account_id.is_some() => (AuthorType::User, Some(id)),
        _ if is("System") => (AuthorType::System, None),
        _ if is("Anonymous") => (AuthorType::Anonymous, None),
        _ => (AuthorType::Unknown, user.user_key.or(user.username)),
    };
    AuditAuthor { kind, id, name }
}

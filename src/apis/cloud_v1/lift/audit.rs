//! The audit log.

use super::people::named;
use super::{origin, wire};
use crate::apis::reading::{self, Page, Unreadable, element, gap, raw_listing};
use crate::model::{
    AuditAuthor, AuditObject, AuditRecord, AuditValue, AuthorType, GapCause, GapScope, Origin, Subject, SubjectKind,
};

/// Reads records of the audit log. The text of each is kept as it came.
///
/// # Errors
/// Where the answer is no such listing.
pub fn audit(body: &[u8]) -> Result<Page<AuditRecord>, Unreadable> {
    const ROUTE: &str = "GET /wiki/rest/api/audit";
    let (elements, mut page) = raw_listing(body)?;
    let origin = origin(ROUTE);
    for (index, raw) in elements.iter().enumerate() {
        let record: wire::AuditRecord = match element(index, raw.get()) {
            Ok(record) => record,
            Err(broken) => {
                page.gaps.push(broken.gap(GapScope::Audit, "", ROUTE));
                continue;
            }
        };
        match record_of(record, raw.get(), &origin) {
            Some(record) => page.rows.push(record),
            None => {
                let message = format!("a record of the audit log says neither when nor what, at `results[{index}]`");
                page.gaps.push(gap(GapScope::Audit, "", GapCause::Unreadable, message, ROUTE));
            }
        }
    }
    Ok(page)
}

/// Reads a record again from the text it was kept as.
pub(crate) fn audit_record(raw: &str, source: &Origin) -> Option<AuditRecord> {
    record_of(element(0, raw).ok()?, raw, source)
}

/// `None`: it says neither when nor what.
fn record_of(record: wire::AuditRecord, raw: &str, source: &Origin) -> Option<AuditRecord> {
    let at = reading::time(record.creation_date.as_deref());
    if at.is_none() && record.summary.is_none() && record.category.is_none() {
        return None;
    }
    let affected = record.affected_object.map(|thing| object(thing, true));
    let associated = record.associated_objects.unwrap_or_default().into_iter().map(|thing| object(thing, false));
    Some(AuditRecord {
        at,
        author: record.author.as_ref().map(author).unwrap_or_default(),
        action: record.summary,
        action_key: None,
        category: record.category,
        category_key: None,
        remote_address: record.remote_address,
        description: record.description,
        // What was deleted is often an object without a name and a type.
        objects: affected.into_iter().chain(associated).filter(|o| o.name.is_some() || o.kind.is_some()).collect(),
        changes: record.changed_values.unwrap_or_default().into_iter().map(value).collect(),
        super_admin: record.super_admin,
        raw: raw.to_owned(),
        source: source.clone(),
    })
}

/// Who did it. The system is an account without an id by that name; so is anonymous.
fn author(user: &wire::User) -> AuditAuthor {
    let (subject, name) = named(user);
    let is = |word: &str| name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(word));
    let (kind, id) = match subject {
        Subject { kind: SubjectKind::Anonymous, .. } => (AuthorType::Anonymous, None),
        Subject { kind: SubjectKind::User, id } if user.account_id.is_some() => (AuthorType::User, Some(id)),
        _ if is("System") => (AuthorType::System, None),
        _ if is("Anonymous") => (AuthorType::Anonymous, None),
        _ => (AuthorType::Unknown, user.user_key.clone().or_else(|| user.username.clone())),
    };
    AuditAuthor { kind, id, name }
}

fn object(thing: wire::AuditObject, affected: bool) -> AuditObject {
    AuditObject { kind: thing.object_type, name: thing.name, id: None, key: None, affected }
}

fn value(value: wire::AuditValue) -> AuditValue {
    AuditValue {
        name: value.name,
        old: value.old_value.or(value.hidden_old_value),
        new: value.new_value.or(value.hidden_new_value),
    }
}

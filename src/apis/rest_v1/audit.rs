//! The older audit log.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::wire;
use crate::apis::listing::{About, Listing};
use crate::apis::reading::{self, Page, Unreadable};
use crate::apis::route::Route;
use crate::model::{AuditAuthor, AuditObject, AuditRecord, AuditValue, GapScope, Origin};

/// Reads records of the audit log. The text of each is kept as it came.
///
/// # Errors
/// Where the answer is no such listing.
pub(crate) fn records<A: DeserializeOwned>(
    body: &[u8],
    route: &'static Route,
    author: fn(A) -> AuditAuthor,
) -> Result<Page<AuditRecord>, Unreadable> {
    let origin = route.origin();
    Ok(Listing::read(body)?.texts(&About::new((GapScope::Audit, ""), route), |record, raw, page| {
        let record = record_of(record, author, raw, &origin);
        let wrong = record.is_none().then_some("a record of the audit log says neither when nor what");
        page.rows.extend(record);
        wrong
    }))
}

/// Reads a record again from the text it was kept as.
pub(crate) fn again<A: DeserializeOwned>(
    raw: &str,
    source: &Origin,
    author: fn(A) -> AuditAuthor,
) -> Option<AuditRecord> {
    record_of(serde_json::from_str(raw).ok()?, author, raw, source)
}

/// `None`: it says neither when nor what.
fn record_of<A>(
    record: wire::AuditRecord<A>,
    author: fn(A) -> AuditAuthor,
    raw: &str,
    source: &Origin,
) -> Option<AuditRecord> {
    let at = reading::time(record.creation_date.as_deref());
    if at.is_none() && record.summary.is_none() && record.category.is_none() {
        return None;
    }
    let object = |affected: bool| {
        move |thing: wire::AuditObject| AuditObject {
            kind: thing.object_type,
            name: thing.name,
            affected,
            ..AuditObject::default()
        }
    };
    let value = |value: wire::AuditValue| AuditValue {
        name: value.name,
        old: value.old_value.or(value.hidden_old_value),
        new: value.new_value.or(value.hidden_new_value),
    };
    let affected = record.affected_object.into_iter().map(object(true));
    let associated = each(record.associated_objects).map(object(false));
    Some(AuditRecord {
        at,
        author: record.author.map(author).unwrap_or_default(),
        action: record.summary,
        category: record.category,
        remote_address: record.remote_address,
        description: record.description,
        // What was deleted is often an object without a name and a type.
        objects: affected.chain(associated).filter(|o| o.name.is_some() || o.kind.is_some()).collect(),
        changes: each(record.changed_values).map(value).collect(),
        super_admin: record.super_admin,
        raw: raw.to_owned(),
        source: source.clone(),
        ..AuditRecord::default()
    })
}

/// The elements that can be read.
pub(crate) fn each<T: DeserializeOwned>(list: Option<Vec<Value>>) -> impl Iterator<Item = T> {
    list.unwrap_or_default().into_iter().filter_map(|value| serde_json::from_value(value).ok())
}

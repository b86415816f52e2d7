//! A record that was read, as rows: one for each subject and permission.

use super::names::{Chain, NamedSubject, Names, Place};
use super::reading::Reading;
use super::things::Thing;
use super::values::{ChangedPermission, direction_of_pair};
use crate::model::{AuditRecord, Confidence, PermissionChange};

/// The rows of one record.
pub(super) fn rows(
    names: &Names<'_>,
    record: &AuditRecord,
    reading: &Reading,
    place: &Place,
    chain: Option<&Chain>,
) -> Vec<PermissionChange> {
    let loose = names.named_loosely(reading);
    let mut subjects: Vec<NamedSubject> =
        reading.subjects.iter().chain(&loose).map(|thing| names.subject(thing)).collect();
    if subjects.is_empty() {
        subjects.push(NamedSubject::default());
    }
    let unnamed = [ChangedPermission::default()];
    let permissions = if reading.permissions.is_empty() { unnamed.as_slice() } else { &reading.permissions };
    let shared = shared_columns(names, record, reading, place);
    let mut rows = Vec::with_capacity(subjects.len() * permissions.len());
    for subject in &subjects {
        for changed in permissions {
            let row = PermissionChange {
                change: direction_of_pair(changed.old.as_deref(), changed.new.as_deref())
                    .filter(|_| !reading.worded)
                    .unwrap_or(reading.change),
                subject: subject.subject.clone(),
                subject_name: subject.name.clone(),
                permission: changed.permission.clone(),
                old: changed.old.clone().filter(|text| !text.is_empty()),
                new: changed.new.clone().filter(|text| !text.is_empty()),
                confidence: match shared.confidence {
                    Confidence::Unrecognised => Confidence::Unrecognised,
                    _ if subject.ambiguous => Confidence::Ambiguous,
                    other => other,
                },
                ..shared.clone()
            };
            rows.push(PermissionChange { attributed_to: attributed_to(&row, chain), ..row });
        }
    }
    rows
}

/// The columns all rows of a record share.
fn shared_columns(names: &Names<'_>, record: &AuditRecord, reading: &Reading, place: &Place) -> PermissionChange {
    let only = |ids: &[String]| match ids {
        [only] => Some(only.clone()),
        _ => None,
    };
    let content_id = only(&place.contents);
    let title = match &reading.content {
        Some(Thing::Content { title, .. }) => Some(title),
        _ => None,
    };
    let space_of_content = title.and(content_id.as_deref()).and_then(|id| names.space_of(id));
    let group = reading.group.as_ref().map(|group| names.subject(group)).unwrap_or_default();
    let ambiguous = place.contents.len() > 1 || place.spaces.len() > 1 || group.ambiguous;
    PermissionChange {
        at: record.at,
        author: record.author.clone(),
        admin_key: reading.admin_key,
        remote_address: record.remote_address.clone(),
        scope: reading.scope.clone(),
        change: reading.change,
        space_key: only(&place.spaces).or(space_of_content),
        space_name: reading.space.clone(),
        content_title: title.filter(|title| !title.is_empty()).cloned(),
        candidates: if place.contents.len() > 1 { place.contents.clone() } else { Vec::new() },
        group_id: group.subject.map(|group| group.id).filter(|id| !id.is_empty()),
        group_name: group.name,
        subject: None,
        subject_name: None,
        permission: None,
        old: None,
        new: None,
        confidence: match reading.confidence {
            Confidence::Unrecognised => Confidence::Unrecognised,
            _ if ambiguous => Confidence::Ambiguous,
            Confidence::Certain if place.guessed && content_id.is_some() => Confidence::Likely,
            other => other,
        },
        content_id,
        attributed_to: None,
        action: record.action.clone(),
        raw: record.raw.clone(),
        source: record.source.clone(),
    }
}

/// The content whose access a row changes, among those asked for.
fn attributed_to(row: &PermissionChange, chain: Option<&Chain>) -> Option<String> {
    let asked = chain?.asked();
    let own = row.content_id.as_deref() == Some(asked);
    // An edit list applies to its own page only.
    let applies = own || row.permission.as_deref() != Some("edit");
    (applies && row.confidence != Confidence::Unrecognised).then(|| asked.to_owned())
}

//! Permissions of a space in their old form.

use serde_json::Value;

use super::people::named;
use super::{object, origin, wire};
use crate::apis::reading::{self, Page, Unreadable, gap, parse};
use crate::apis::{Continuation, vocabulary};
use crate::model::{GapCause, GapScope, Origin, Permission, SpacePermission, Subject, SubjectKind};

/// Reads the permissions of the space `space_key` from their old form: one permission with all who have it.
///
/// # Errors
/// Where the answer holds no permissions.
pub fn space_with_permissions(body: &[u8], space_key: &str) -> Result<Page<SpacePermission>, Unreadable> {
    const ROUTE: &str = "GET /wiki/rest/api/space/{key}";
    let answer: wire::SpaceWithPermissions = parse(body)?;
    let entries = match answer.permissions {
        Some(Value::Array(entries)) => entries,
        Some(Value::Object(mut page)) => match page.remove("results") {
            Some(Value::Array(entries)) => entries,
            _ => return Err(Unreadable::shape(body, "permissions", "no list of permissions")),
        },
        _ => return Err(Unreadable::shape(body, "permissions", "no list of permissions")),
    };
    let origin = origin(ROUTE);
    let mut page = Page { received: entries.len(), ..Page::default() };
    for (index, entry) in entries.iter().enumerate() {
        match reading::element::<wire::SpacePermission>(index, &entry.to_string()) {
            Ok(permission) => old_permission(&permission, space_key, &origin, ROUTE, &mut page),
            Err(broken) => page.gaps.push(broken.gap(GapScope::SpacePermissions, space_key, ROUTE)),
        }
    }
    Ok(page)
}

fn old_permission(
    entry: &wire::SpacePermission,
    space_key: &str,
    source: &Origin,
    route: &str,
    page: &mut Page<SpacePermission>,
) {
    let operation = entry.operation.as_ref();
    let key = operation.and_then(|o| o.operation.as_deref());
    let target = operation.and_then(|o| o.target_type.as_deref());
    let raw = format!("{}/{}", key.unwrap_or("unknown"), target.unwrap_or("unknown"));
    let note = |page: &mut Page<SpacePermission>, cause: GapCause, what: &str| {
        let message = format!("permission `{raw}` in space `{space_key}`: {what}");
        page.gaps.push(gap(GapScope::SpacePermissions, space_key, cause, message, route));
    };
    let permission = match (key, target) {
        (Some(key), Some(target)) => vocabulary::permission(key, target),
        _ => {
            note(page, GapCause::Unreadable, "it does not say what it allows");
            Permission::Other(raw.clone())
        }
    };
    let mut holders: Vec<(Subject, Option<String>)> = Vec::new();
    if entry.anonymous_access == Some(true) {
        holders.push((Subject::anonymous(), None));
    }
    if entry.unlicensed_access == Some(true) {
        holders.push((vocabulary::unlicensed(), None));
    }
    for half in ["user", "group"] {
        let Some(list) = entry.subjects.as_ref().and_then(|subjects| subjects.get(half)).filter(|list| !list.is_null())
        else {
            continue;
        };
        let Some(list) = object::<wire::Subjects>(list) else {
            note(page, GapCause::Unreadable, "its holders are not readable");
            continue;
        };
        let more = list.size.is_some_and(|size| size > list.results.len() as u64)
            || list.links.as_ref().is_some_and(|links| Continuation::from_member(links.next.as_ref()).is_some());
        if more {
            note(page, GapCause::Truncated, "not all of its holders were sent");
        }
        for subject in &list.results {
            let read = object::<wire::User>(subject).map(|user| {
                if half == "group" {
                    let id = user.id.as_ref().or(user.name.as_ref());
                    (
                        id.map_or_else(|| Subject::new(SubjectKind::Unknown, ""), |id| Subject::group(id.as_str())),
                        user.name,
                    )
                } else {
                    named(&user)
                }
            });
            let holder = read.unwrap_or_else(|| (Subject::new(SubjectKind::Unknown, ""), None));
            if holder.0.kind == SubjectKind::Unknown {
                note(page, GapCause::Unreadable, "one of its holders is not readable");
            }
            holders.push(holder);
        }
    }
    if holders.is_empty() {
        // A permission nobody holds is not stored, so its holder was not sent.
        holders.push((Subject::new(SubjectKind::Unknown, ""), None));
    }
    page.rows.extend(holders.into_iter().map(|(subject, subject_name)| SpacePermission {
        space_key: space_key.to_owned(),
        subject,
        subject_name,
        permission: permission.clone(),
        raw: Some(raw.clone()),
        via_role: None,
        source: source.clone(),
    }));
}

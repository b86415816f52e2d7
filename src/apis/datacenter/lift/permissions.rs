//! Permissions of spaces and of the site.

use serde_json::Value;

use super::dialect::named;
use super::{routes, wire};
use crate::apis::listing::{About, Listing};
use crate::apis::reading::{Page, Unreadable, object, parse};
use crate::apis::rest_v1::lists::Subjects;
use crate::apis::rest_v1::wire::Operation;
use crate::apis::{Continuation, Route};
use crate::model::{
    GapCause, GapScope, GlobalPermission, Origin, Permission, SiteFact, SitePermission, SpacePermission, Subject,
    SubjectKind,
};

/// Reads the permissions of the space `key`: one operation of one subject, several operations of one subject, or one
/// operation of several subjects.
///
/// # Errors
/// Where the answer is no list of permissions.
pub fn space_permissions(body: &[u8], key: &str) -> Result<Page<SpacePermission>, Unreadable> {
    of_space(body, key, &routes::SPACE_PERMISSIONS)
}

/// Reads what anonymous may do in the space `key`.
///
/// # Errors
/// Where the answer is no list of permissions.
pub fn anonymous_space_permissions(body: &[u8], key: &str) -> Result<Page<SpacePermission>, Unreadable> {
    of_space(body, key, &routes::ANONYMOUS_SPACE_PERMISSIONS)
}

fn of_space(body: &[u8], key: &str, route: &'static Route) -> Result<Page<SpacePermission>, Unreadable> {
    let about = About::new((GapScope::SpacePermissions, key), route);
    Ok(in_space(Listing::bare(body)?.each(&about, |row, page| entries(&row, &about, page)), key, &about.origin()))
}

/// Reads the permissions of the space `key` from the space with its permissions.
///
/// # Errors
/// Where the answer holds no permissions.
pub fn space_with_permissions(body: &[u8], key: &str) -> Result<Page<SpacePermission>, Unreadable> {
    let answer: Value = parse(body)?;
    let sent = answer.get("permissions");
    let Some(Value::Array(rows)) = sent.and_then(|sent| sent.get("results")).or(sent) else {
        return Err(Unreadable::shape(body, "permissions", "no list of permissions"));
    };
    let about = About::new((GapScope::SpacePermissions, key), &routes::SPACE);
    let page = Listing::of(rows).each(&about, |row, page| entries(&row, &about, page));
    Ok(in_space(page, key, &about.origin()))
}

/// Reads the permissions of the site.
///
/// # Errors
/// Where the answer is no list of permissions.
pub fn global_permissions(body: &[u8]) -> Result<Page<GlobalPermission>, Unreadable> {
    of_site(body, &routes::GLOBAL_PERMISSIONS, None)
}

/// Reads what anonymous may do to the site.
///
/// # Errors
/// Where the answer is no list of permissions.
pub fn anonymous_global_permissions(body: &[u8]) -> Result<Page<GlobalPermission>, Unreadable> {
    of_site(body, &routes::ANONYMOUS_GLOBAL_PERMISSIONS, Some(&Subject::anonymous()))
}

/// Reads what logged-in people without a licence may do to the site.
///
/// # Errors
/// Where the answer is no list of permissions.
pub fn unlicensed_global_permissions(body: &[u8]) -> Result<Page<GlobalPermission>, Unreadable> {
    of_site(body, &routes::UNLICENSED_GLOBAL_PERMISSIONS, Some(&Subject::unlicensed()))
}

fn of_site(body: &[u8], route: &'static Route, about: Option<&Subject>) -> Result<Page<GlobalPermission>, Unreadable> {
    // One document shows a single object where others have a list.
    let single = parse::<Value>(body).ok().filter(|answer| answer.get("operation").is_some());
    let facts = About::site(SiteFact::GlobalPermissions, route);
    let listing = match single {
        Some(one) => Listing::of(&[one]),
        None => Listing::bare(body)?,
    };
    let mut page = listing.each(&facts, |row, page| entries(&row, &facts, page));
    let source = route.origin();
    let rows = page.rows.drain(..).map(|entry| {
        let permission = match (&entry.target, &entry.operation) {
            (Some(target), Some(operation)) => SitePermission::from_data_center(operation, target),
            _ => SitePermission::Other(entry.raw.clone()),
        };
        GlobalPermission {
            subject: about.cloned().unwrap_or(entry.subject),
            subject_name: entry.name.filter(|_| about.is_none()),
            permission,
            raw: Some(entry.raw),
            source: source.clone(),
        }
    });
    let rows = rows.collect();
    Ok(around(page, rows))
}

/// One operation of one subject, as it came.
struct Entry {
    subject: Subject,
    name: Option<String>,
    target: Option<String>,
    operation: Option<String>,
    raw: String,
}

fn around<T>(page: Page<Entry>, rows: Vec<T>) -> Page<T> {
    Page {
        rows,
        next: page.next,
        gaps: page.gaps,
        received: page.received,
        start: page.start,
        limit: page.limit,
        total: page.total,
        base: page.base,
        users: page.users,
        groups: page.groups,
    }
}

fn in_space(mut page: Page<Entry>, key: &str, source: &Origin) -> Page<SpacePermission> {
    let rows = page
        .rows
        .drain(..)
        .map(|entry| SpacePermission {
            space_key: key.to_owned(),
            subject: entry.subject,
            subject_name: entry.name,
            permission: match (&entry.target, &entry.operation) {
                (Some(target), Some(operation)) => Permission::from_data_center(operation, target),
                _ => Permission::Other(entry.raw.clone()),
            },
            raw: Some(entry.raw),
            via_role: None,
            source: source.clone(),
        })
        .collect();
    around(page, rows)
}

fn entries(row: &wire::Permission, about: &About<'_>, page: &mut Page<Entry>) {
    let operations: Vec<Option<Operation>> = match (&row.operations, &row.operation) {
        (Some(Value::Array(several)), _) if !several.is_empty() => several.iter().map(object).collect(),
        (Some(Value::Object(nested)), _) if nested.get("results").is_some_and(Value::is_array) => {
            nested.get("results").and_then(Value::as_array).into_iter().flatten().map(object).collect()
        }
        (_, Some(one)) => vec![object(one)],
        _ => vec![None],
    };
    let mut holders: Vec<(Subject, Option<String>)> = Vec::new();
    let mut broken: Vec<(GapCause, &str)> = Vec::new();
    if row.anonymous_access == Some(true) {
        holders.push((Subject::anonymous(), None));
    }
    if row.unlicensed_access == Some(true) {
        holders.push((Subject::unlicensed(), None));
    }
    match (&row.subject, &row.subjects) {
        (Some(subject @ Value::Object(_)), _) => match object::<wire::Subject>(subject) {
            Some(subject) => holders.push(named(&subject)),
            None => broken.push((GapCause::Unreadable, "its holder is not readable")),
        },
        (Some(Value::Null) | None, Some(subjects @ Value::Object(_))) => {
            for half in ["user", "group"] {
                let Some(list) = subjects.get(half).filter(|list| !list.is_null()) else { continue };
                let Some(list) = object::<Subjects>(list) else {
                    broken.push((GapCause::Unreadable, "its holders are not readable"));
                    continue;
                };
                let more = list.size.is_some_and(|size| size > list.results.len() as u64)
                    || list.links.as_ref().is_some_and(|l| Continuation::from_member(l.next.as_ref()).is_some());
                if more {
                    broken.push((GapCause::Truncated, "not all of its holders were sent"));
                }
                for subject in &list.results {
                    match object::<wire::Subject>(subject) {
                        Some(subject) => holders.push(named(&subject)),
                        None => broken.push((GapCause::Unreadable, "one of its holders is not readable")),
                    }
                }
            }
        }
        (Some(Value::Null) | None, Some(Value::Null) | None) => match (&row.user_key, &row.group_name) {
            (Some(key), _) => holders.push((Subject::user(key.as_str()), None)),
            (None, Some(name)) => holders.push((Subject::group(name.as_str()), Some(name.clone()))),
            // Neither a user nor a group is anonymous, unless flags said whose it is.
            (None, None) if row.anonymous_access.is_none() && row.unlicensed_access.is_none() => {
                holders.push((Subject::anonymous(), None));
            }
            (None, None) => {}
        },
        _ => broken.push((GapCause::Unreadable, "its holder is not readable")),
    }
    if holders.is_empty() {
        // A permission nobody holds is not stored, so its holder was not sent.
        holders.push((Subject::new(SubjectKind::Unknown, ""), None));
    }
    if broken.is_empty() && holders.iter().any(|(subject, _)| subject.kind == SubjectKind::Unknown) {
        broken.push((GapCause::Unreadable, "one of its holders is not named"));
    }
    for operation in operations {
        let target = operation.as_ref().and_then(|o| o.target_type.clone());
        let key = operation.and_then(|o| o.operation_key);
        let raw = format!("{}/{}", key.as_deref().unwrap_or("unknown"), target.as_deref().unwrap_or("unknown"));
        if target.is_none() || key.is_none() {
            broken.push((GapCause::Unreadable, "it does not say what it allows"));
        }
        for (cause, what) in &broken {
            let message = format!("permission `{raw}` in `{}`: {what}", about.subject());
            page.gaps.push(about.gap(cause.clone(), message));
        }
        page.rows.extend(holders.iter().map(|(subject, name)| Entry {
            subject: subject.clone(),
            name: name.clone(),
            target: target.clone(),
            operation: key.clone(),
            raw: raw.clone(),
        }));
    }
}

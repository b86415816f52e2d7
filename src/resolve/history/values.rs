//! The values of a record: permissions, roles, keys of spaces, and what was there before.

use std::collections::HashSet;

use super::things::Thing;
use crate::model::{
    AuditObject, AuditRecord, AuditValue, ChangeKind, Permission, RestrictionOperation, SitePermission,
};

/// The new value, or the old one where there is no new one.
pub(super) fn value_of(value: &AuditValue) -> &str {
    latest(value.old.as_deref(), value.new.as_deref())
}

fn latest<'a>(old: Option<&'a str>, new: Option<&'a str>) -> &'a str {
    [new, old].into_iter().flatten().map(str::trim).find(|text| !text.is_empty()).unwrap_or_default()
}

/// A changed value that names a permission.
#[derive(Debug, Clone)]
pub(super) struct Value {
    old: Option<String>,
    new: Option<String>,
    /// Whether its word is a known permission.
    pub(super) known: bool,
}

impl Value {
    fn plain(value: &AuditValue) -> Self {
        Self { old: value.old.clone(), new: value.new.clone(), known: false }
    }

    fn word(&self) -> &str {
        latest(self.old.as_deref(), self.new.as_deref())
    }
}

/// What may be the key of a space.
#[derive(Debug)]
pub(super) struct KeyCandidate {
    pub(super) text: String,
    /// Whether the record calls it a key.
    pub(super) labelled: bool,
}

/// The values of a record by what they are.
pub(super) struct Values {
    pub(super) permissions: Vec<Value>,
    pub(super) space_key: Option<KeyCandidate>,
    /// Values of any other kind.
    pub(super) loose: Vec<String>,
}

/// Sorts the values of a record. A value that repeats the name of an object is left out. Whether one is a permission, its
/// word decides, then the name of the value.
pub(super) fn values(record: &AuditRecord, things: &[Thing]) -> Values {
    let mut identities: HashSet<String> = HashSet::new();
    for (object, thing) in record.objects.iter().zip(things) {
        identities.extend(object.name.as_ref().map(|name| name.trim().to_lowercase()));
        identities.extend(object.id.as_ref().map(|id| id.to_lowercase()));
        if let Thing::Group { name, id, .. } = thing {
            identities.extend([name, id].into_iter().flatten().map(|text| text.to_lowercase()));
        }
    }
    let has_space = things.iter().any(|thing| matches!(thing, Thing::Space { .. }));
    let mut permissions = Vec::new();
    let mut loose = Vec::new();
    let mut space_key = None;
    for value in &record.changes {
        let text = value_of(value);
        let name = value.name.as_deref().unwrap_or_default().trim().to_lowercase();
        if text.is_empty() {
            continue;
        }
        let called_permission =
            ["type", "permission", "permissions", "operation", "access", "access level", "restriction", "role"]
                .contains(&name.as_str());
        if matches!(name.as_str(), "space" | "space key") {
            space_key = Some(KeyCandidate { text: text.to_owned(), labelled: true });
            continue;
        }
        if identities.contains(&text.to_lowercase()) && !called_permission
            || matches!(name.as_str(), "user" | "group" | "page" | "content" | "title" | "username")
        {
            continue;
        }
        let parts: Vec<&str> = text.split([',', ';']).map(str::trim).filter(|part| !part.is_empty()).collect();
        let known = !parts.is_empty() && parts.iter().all(|part| on_site(part).is_some());
        if !known && !called_permission {
            // In another language the name of the value that holds the key of the space is an unknown word.
            if has_space && space_key.is_none() && is_key(text) {
                space_key = Some(KeyCandidate { text: text.to_owned(), labelled: false });
            }
            loose.push(text.to_owned());
            continue;
        }
        if known && parts.len() > 1 {
            let is_new = value.new.as_deref().is_some_and(|new| !new.trim().is_empty());
            permissions.extend(parts.iter().map(|part| {
                let part = Some((*part).to_owned());
                let (old, new) = if is_new { (None, part) } else { (part, None) };
                Value { old, new, known }
            }));
        } else {
            permissions.push(Value { known, ..Value::plain(value) });
        }
    }
    Values { permissions, space_key, loose }
}

/// Whether a text looks like the key of a space: capitals and digits, or that of a personal space, which is a username.
pub(super) fn is_key(text: &str) -> bool {
    match text.strip_prefix('~') {
        Some(name) => !name.is_empty() && !name.chars().any(|c| c.is_whitespace() || c.is_control()),
        None => !text.is_empty() && text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit()),
    }
}

/// Subjects named in the values of a record.
pub(super) fn subjects_in_values(record: &AuditRecord) -> Vec<Thing> {
    let mut found = Vec::new();
    for value in &record.changes {
        let text = value_of(value);
        let kind = match value.name.as_deref().unwrap_or_default().trim().to_lowercase().as_str() {
            "user" | "username" => "User",
            "group" => "Group",
            _ => continue,
        };
        if !text.is_empty() {
            let object =
                AuditObject { kind: Some(kind.to_owned()), name: Some(text.to_owned()), ..AuditObject::default() };
            found.push(Thing::of(&object));
        }
    }
    found
}

/// Whether values were added, removed or changed; `None`: there are none.
pub(super) fn direction_of_values(record: &AuditRecord, values: &[Value]) -> Option<ChangeKind> {
    let has = |text: &Option<String>| text.as_deref().is_some_and(|text| !text.trim().is_empty());
    let mut pairs: Vec<(bool, bool)> = values.iter().map(|v| (has(&v.old), has(&v.new))).collect();
    if pairs.is_empty() {
        pairs = record.changes.iter().map(|v| (has(&v.old), has(&v.new))).collect();
    }
    pairs.retain(|pair| *pair != (false, false));
    match pairs.as_slice() {
        [] => None,
        all if all.iter().all(|pair| *pair == (false, true)) => Some(ChangeKind::Added),
        all if all.iter().all(|pair| *pair == (true, false)) => Some(ChangeKind::Removed),
        _ => Some(ChangeKind::Changed),
    }
}

/// The same for one value.
pub(super) fn direction_of_pair(old: Option<&str>, new: Option<&str>) -> Option<ChangeKind> {
    let there = |text: Option<&str>| text.is_some_and(|text| !text.trim().is_empty());
    match (there(old), there(new)) {
        (false, true) => Some(ChangeKind::Added),
        (true, false) => Some(ChangeKind::Removed),
        (true, true) => Some(ChangeKind::Changed),
        (false, false) => None,
    }
}

/// A permission in our words, with its values as the record has them.
#[derive(Debug, Clone, Default)]
pub(super) struct ChangedPermission {
    pub(super) permission: Option<String>,
    pub(super) old: Option<String>,
    pub(super) new: Option<String>,
}

impl ChangedPermission {
    /// One without values.
    pub(super) fn named(permission: impl Into<String>) -> Self {
        Self { permission: Some(permission.into()), ..Self::default() }
    }
}

/// The permissions among `values`, in the words of `vocabulary`; one without a name where there are none.
pub(super) fn permissions(values: &[Value], vocabulary: fn(&str) -> Option<String>) -> Vec<ChangedPermission> {
    let row = |value: &Value| {
        let word = value.word();
        let permission = vocabulary(word).unwrap_or_else(|| word.to_owned());
        ChangedPermission { permission: Some(permission), old: value.old.clone(), new: value.new.clone() }
    };
    let rows: Vec<ChangedPermission> = values.iter().map(row).collect();
    if rows.is_empty() { vec![ChangedPermission::default()] } else { rows }
}

/// The roles a record gives or takes.
pub(super) fn roles(record: &AuditRecord, values: &[Value]) -> Vec<ChangedPermission> {
    let named = record.changes.iter().filter(|value| {
        value.name.as_deref().is_some_and(|name| name.to_lowercase().contains("role")) && !value_of(value).is_empty()
    });
    let mut rows: Vec<ChangedPermission> = named
        .map(|value| ChangedPermission {
            permission: Some(format!("role:{}", value_of(value))),
            old: value.old.clone(),
            new: value.new.clone(),
        })
        .collect();
    if rows.is_empty() {
        let object =
            record.objects.iter().find(|o| o.kind.as_deref().is_some_and(|k| k.to_lowercase().contains("role")));
        rows = match object.and_then(|o| o.name.as_deref()) {
            Some(name) => vec![ChangedPermission::named(format!("role:{name}"))],
            None => permissions(values, on_space),
        };
    }
    rows
}

/// The operation of a restriction, or the permission, a text names.
pub(super) fn on_content(text: &str) -> Option<String> {
    RestrictionOperation::from_log(text).map(|operation| operation.as_str().to_owned()).or_else(|| on_space(text))
}

/// The permission of the site, or of a space, a text names.
pub(super) fn on_site(text: &str) -> Option<String> {
    SitePermission::from_log(text).map(|permission| permission.as_str().to_owned()).or_else(|| on_space(text))
}

/// The permission of a space a text names.
pub(super) fn on_space(text: &str) -> Option<String> {
    Permission::from_log(text).map(|permission| permission.as_str().to_owned())
}

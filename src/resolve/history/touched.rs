//! Spaces whose permissions the records of a log may have changed.
//!
//! What is not understood may have changed any of them. A record about something else touches the spaces it names, unless
//! it is about a content item: a space that was renamed goes by several names in a log.

use std::collections::{BTreeMap, BTreeSet};

use super::names::Names;
use super::reading::{Reading, read};
use super::things::Thing;
use super::words::Words;
use crate::model::{
    AuditRecord, ChangeKind, ChangeScope, Confidence, Deployment, Snapshot, Space, SpacePermission, SubjectKind,
    Touched,
};

/// What brings whole spaces, or a whole site, from elsewhere.
const BROUGHT: &[&str] = &["import", "imported", "restore", "restored", "backup", "migrated", "migration"];

/// Apps of Cloud have accounts of their own, which get permissions in all spaces.
const APPS: &[&str] = &["app", "apps", "plugin", "addon", "add"];

/// Where a record may have changed permissions.
enum Reach {
    Nowhere,
    Spaces(BTreeSet<String>),
    /// Why it may be anywhere.
    Everywhere(&'static str),
}

/// The spaces whose permissions `records` may have changed since `known` was read; `spaces`: those of now.
///
/// # Errors
/// Why it may be any of them.
pub fn touched(known: &Snapshot, spaces: &[Space], records: &[AuditRecord]) -> Touched {
    // A record names a space as it was called then.
    let mut named = Snapshot::new(known.site.deployment);
    named.spaces = known.spaces.iter().chain(spaces).cloned().collect();
    named.users.clone_from(&known.users);
    named.groups.clone_from(&known.groups);
    let mut names = Names::new(&named);
    names.learn(records);
    let ground = Ground { known, names };
    let mut touched = BTreeMap::new();
    for record in records {
        let reach = match read(record) {
            Some(reading) => ground.of_reading(&reading),
            None => ground.elsewhere(record),
        };
        match reach {
            Reach::Nowhere => {}
            Reach::Spaces(keys) => keys.into_iter().for_each(|key| {
                touched.entry(key).or_insert_with(|| described(record));
            }),
            Reach::Everywhere(why) => return Err(format!("the audit log records {}: {why}", described(record))),
        }
    }
    Ok(touched)
}

fn described(record: &AuditRecord) -> String {
    let action = record.action.as_deref().or(record.action_key.as_deref()).unwrap_or("a record without words");
    match record.at {
        Some(at) => format!("`{action}` at {}", at.strftime("%Y-%m-%d %H:%M UTC")),
        None => format!("`{action}`"),
    }
}

struct Ground<'a> {
    known: &'a Snapshot,
    names: Names<'a>,
}

impl Ground<'_> {
    fn of_reading(&self, reading: &Reading) -> Reach {
        if reading.confidence == Confidence::Unrecognised {
            return Reach::Everywhere("what it changed is not understood");
        }
        let is = |word: &str| reading.permissions.iter().any(|changed| changed.permission.as_deref() == Some(word));
        let added = reading.change == ChangeKind::Added;
        match reading.scope {
            ChangeScope::Content | ChangeScope::PublicLink => Reach::Nowhere,
            ChangeScope::Space => match self.names.place(reading).spaces {
                keys if keys.is_empty() => Reach::Everywhere("it is not known which space it is about"),
                keys => Reach::Spaces(keys.into_iter().collect()),
            },
            ChangeScope::Group if is("member") || added => Reach::Nowhere,
            // What a deleted group was given goes with it.
            ChangeScope::Group => self.naming(reading.group.as_slice(), &SubjectKind::Group),
            ChangeScope::Site if is("admin_key") || (added && is("account")) => Reach::Nowhere,
            ChangeScope::Site if is("account") => self.naming(&reading.subjects, &SubjectKind::User),
            _ => Reach::Everywhere("it may be about any space"),
        }
    }

    /// Spaces that grant something to one of these; where it is not known who they are, to anyone of their kind.
    fn naming(&self, things: &[Thing], kind: &SubjectKind) -> Reach {
        let mut subjects = BTreeSet::new();
        for thing in things {
            match self.names.subject(thing).subject {
                Some(subject) if subject.kind == *kind && !subject.id.is_empty() => drop(subjects.insert(subject)),
                _ => return self.granting(|row| row.subject.kind == *kind),
            }
        }
        match subjects.is_empty() {
            true => self.granting(|row| row.subject.kind == *kind),
            false => self.granting(|row| {
                subjects.contains(&row.subject) || (row.subject.kind == *kind && row.subject.is_unidentified())
            }),
        }
    }

    fn granting(&self, holds: impl Fn(&SpacePermission) -> bool) -> Reach {
        let rows = self.known.space_permissions.iter().filter(|row| holds(row));
        Reach::Spaces(rows.map(|row| row.space_key.clone()).collect())
    }

    /// Where a record about something other than access reaches.
    fn elsewhere(&self, record: &AuditRecord) -> Reach {
        let things: Vec<Thing> = record.objects.iter().map(Thing::of).collect();
        if things.iter().any(|thing| matches!(thing, Thing::Content { .. })) {
            return Reach::Nowhere;
        }
        let words = Words::of(record);
        if words.any(BROUGHT) {
            return Reach::Everywhere("it may have brought other permissions");
        }
        if self.known.site.deployment == Deployment::Cloud && words.any(APPS) {
            return Reach::Everywhere("apps are given permissions in all spaces");
        }
        let mut keys = BTreeSet::new();
        let objects = record.objects.iter().flat_map(|object| [&object.id, &object.name, &object.key]);
        let values = record.changes.iter().flat_map(|value| [&value.old, &value.new]);
        for text in objects.chain(values).flatten().map(String::as_str) {
            keys.extend(self.names.spaces_called(text));
        }
        let accounts: Vec<Thing> = things.into_iter().filter(Thing::is_account).collect();
        if words.direction() == Some(ChangeKind::Removed) && !accounts.is_empty() {
            match self.naming(&accounts, &SubjectKind::User) {
                Reach::Spaces(more) => keys.extend(more),
                other => return other,
            }
        }
        if keys.is_empty() { Reach::Nowhere } else { Reach::Spaces(keys) }
    }
}

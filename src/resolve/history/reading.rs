//! What one record is about and what it changed.

use super::things::{Thing, recognize_by_id};
use super::values::{
    ChangedPermission, KeyCandidate, Value, Values, direction_of_values, on_content, on_site, on_space, permissions,
    roles, subjects_in_values, value_of, values,
};
use super::words::{Words, without_prefix};
use crate::model::{AuditRecord, ChangeKind, ChangeScope, Confidence};

/// A record, understood.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) scope: ChangeScope,
    pub(super) change: ChangeKind,
    /// Whether the words of the record give `change`; if not, each value has its own.
    pub(super) worded: bool,
    pub(super) confidence: Confidence,
    pub(super) subjects: Vec<Thing>,
    pub(super) permissions: Vec<ChangedPermission>,
    /// The group whose members or existence changed.
    pub(super) group: Option<Thing>,
    pub(super) content: Option<Thing>,
    pub(super) space: Option<String>,
    pub(super) space_id: Option<String>,
    pub(super) space_key: Option<KeyCandidate>,
    /// Values that may name the subject where nothing else does.
    pub(super) loose: Vec<String>,
    pub(super) admin_key: Option<bool>,
}

/// Reads one record; `None`: it is known to be about something other than access.
pub(super) fn read(record: &AuditRecord) -> Option<Reading> {
    let words = Words::of(record);
    let mentions = Mentions::of(&words);
    let mut things: Vec<Thing> = record.objects.iter().map(Thing::of).collect();
    if let Some(reading) = account_or_directory(record, &words, &things) {
        return Some(reading);
    }
    if let Some(reading) = place_or_status(record, &words, &mentions, &things) {
        return Some(reading);
    }
    if words.is_elsewhere() && !mentions.access() && !mentions.public_link && !mentions.admin_key {
        return None;
    }
    if record.action_key.is_some() && mentions.access() {
        recognize_by_id(&mut things, mentions.restriction);
    }
    let Values { permissions: values, space_key, loose } = values(record, &things);
    let directed = words.direction().is_some() || direction_of_values(record, &values).is_some();
    let mut reading = Reading::of_objects(record, &words, &things, space_key, loose);
    let evidence = Evidence { record, words, mentions, values, directed };
    reading.change = evidence.direction();
    match evidence.topic(&reading) {
        Topic::PublicLink => evidence.public_link(&mut reading),
        Topic::AdminKey => evidence.admin_key(&mut reading),
        Topic::Membership => evidence.membership(&mut reading),
        Topic::Group => evidence.group(&mut reading),
        Topic::Role => evidence.role(&mut reading),
        Topic::Restriction => evidence.restriction(&mut reading),
        Topic::SitePermission => evidence.site_permission(&mut reading),
        Topic::SpacePermission => evidence.space_permission(&mut reading),
        Topic::Unrecognised => evidence.unrecognised(&mut reading),
    }
    Some(reading)
}

/// Accounts and user directories that are created, deleted or switched off. On Data Center only the key of a record
/// identifies these: its words may be about them and mean something else. Cloud has no keys, and these words for accounts.
// Source: https://support.atlassian.com/confluence-cloud/docs/view-the-audit-log/
fn account_or_directory(record: &AuditRecord, words: &Words, things: &[Thing]) -> Option<Reading> {
    let change = words.direction()?;
    let permission = match record.action_key.as_deref() {
        Some(key) => match without_prefix(key).split_once('.')? {
            ("directory", _) => "user_directory",
            ("user", "created" | "deleted" | "removed" | "deactivated" | "reactivated" | "activated") => "account",
            _ => return None,
        },
        None => match words.text.as_str() {
            "user created" | "user deactivated" | "user reactivated" if things.iter().any(Thing::is_account) => {
                "account"
            }
            _ => return None,
        },
    };
    let name = record.objects.iter().find_map(|object| object.name.clone());
    let (old, new) = if change == ChangeKind::Added { (None, name) } else { (name, None) };
    Some(Reading {
        scope: ChangeScope::Site,
        change,
        worded: true,
        confidence: Confidence::Certain,
        subjects: things.iter().filter(|thing| thing.is_account()).cloned().collect(),
        permissions: vec![ChangedPermission { old, new, ..ChangedPermission::named(permission) }],
        group: None,
        content: None,
        space: None,
        space_id: None,
        space_key: None,
        loose: Vec::new(),
        admin_key: record.super_admin,
    })
}

/// A content item that was moved, archived, restored or deleted, and a space that was archived or restored: what is
/// inherited and who reaches it changes with it. Where an item was before, no known record says.
// Source: https://support.atlassian.com/confluence-cloud/docs/view-the-audit-log/
fn place_or_status(record: &AuditRecord, words: &Words, mentions: &Mentions, things: &[Thing]) -> Option<Reading> {
    let items = ["page", "pages", "blog", "blogpost", "folder", "whiteboard", "database", "content"];
    let is_item = things.iter().any(|thing| matches!(thing, Thing::Content { .. })) && words.any(&items);
    let is_space = things.iter().any(|thing| matches!(thing, Thing::Space { .. })) && words.any(&["space"]);
    if mentions.access() || mentions.public_link || mentions.admin_key || !(is_item || is_space) {
        return None;
    }
    let (permission, change) = if words.any(&["restored", "unarchived"]) {
        ("status", ChangeKind::Added)
    } else if words.any(&["archived"]) || (is_item && words.any(&["trashed", "deleted", "purged", "removed"])) {
        ("status", ChangeKind::Removed)
    } else if is_item && words.any(&["moved"]) {
        ("place", ChangeKind::Changed)
    } else {
        return None;
    };
    Some(Reading {
        scope: if is_item { ChangeScope::Content } else { ChangeScope::Space },
        change,
        worded: true,
        confidence: Confidence::Certain,
        subjects: Vec::new(),
        permissions: vec![ChangedPermission::named(permission)],
        ..Reading::of_objects(record, words, things, None, Vec::new())
    })
}

impl Reading {
    /// What the objects of a record give, before it is known what the record is about.
    fn of_objects(
        record: &AuditRecord,
        words: &Words,
        things: &[Thing],
        space_key: Option<KeyCandidate>,
        loose: Vec<String>,
    ) -> Self {
        let description = record.description.as_deref().unwrap_or_default().to_lowercase();
        let space = things.iter().find_map(|thing| match thing {
            Thing::Space { name, .. } if !name.is_empty() => Some(name.clone()),
            _ => None,
        });
        let (space_id, key) = things
            .iter()
            .find_map(|thing| match thing {
                Thing::Space { id, key, .. } => Some((id.clone(), key.clone())),
                _ => None,
            })
            .unwrap_or_default();
        let candidate = |text, labelled| KeyCandidate { text, labelled };
        let mut subjects: Vec<Thing> = things.iter().filter(|thing| thing.is_subject()).cloned().collect();
        if subjects.is_empty() {
            subjects = subjects_in_values(record);
        }
        if subjects.is_empty() && (words.any(&["anonymous"]) || description.contains("anonymous")) {
            subjects.push(Thing::Anonymous);
        }
        let admin_key = words.has("admin key") || description.contains("admin key");
        Self {
            scope: ChangeScope::unrecognised(),
            change: ChangeKind::Changed,
            worded: words.direction().is_some(),
            confidence: Confidence::Likely,
            permissions: Vec::new(),
            group: None,
            content: things.iter().find(|thing| matches!(thing, Thing::Content { .. })).cloned(),
            space,
            space_key: space_key
                .or_else(|| key.map(|key| candidate(key, true)))
                // An event of the organization gives the id of a space and no key.
                .or_else(|| space_id.clone().map(|id| candidate(id, false))),
            space_id,
            loose: if subjects.is_empty() { loose } else { Vec::new() },
            subjects,
            admin_key: if admin_key { Some(true) } else { record.super_admin },
        }
    }

    /// Whether the record names neither a content nor a space.
    fn nowhere(&self) -> bool {
        self.content.is_none() && self.space.is_none()
    }

    fn first_group(&self) -> Option<&Thing> {
        self.subjects.iter().find(|subject| subject.is_group())
    }
}

/// What the words of a record mention.
struct Mentions {
    public_link: bool,
    admin_key: bool,
    restriction: bool,
    site_permission: bool,
    space_permission: bool,
    /// A permission of any kind.
    permission: bool,
    role: bool,
    membership: bool,
    /// That a group was created or deleted.
    group: bool,
}

impl Mentions {
    fn of(words: &Words) -> Self {
        let group = words.any(&["group"]);
        let membership =
            group && (words.has("added to") || words.has("removed from") || words.any(&["membership", "member"]));
        Self {
            public_link: words.has("public link") || words.category.contains("public link"),
            admin_key: words.has("admin key"),
            restriction: words.has("restriction"),
            site_permission: words.has("global permission") || words.has("global.permission"),
            space_permission: words.has("space permission") || words.has("space.permission"),
            permission: words.any(&["permission", "permissions"]) || words.category.contains("permission"),
            role: words.any(&["role", "roles"]),
            membership,
            group: group && !membership && words.any(&["created", "added", "deleted", "removed"]),
        }
    }

    /// Whether they mention who may do what.
    fn access(&self) -> bool {
        self.rules() || self.site_permission || self.space_permission || self.membership
    }

    /// Whether they mention a rule rather than the people it is about.
    fn rules(&self) -> bool {
        self.restriction || self.permission || self.role
    }
}

/// What a record is about.
enum Topic {
    PublicLink,
    AdminKey,
    Membership,
    Group,
    Role,
    Restriction,
    SitePermission,
    SpacePermission,
    Unrecognised,
}

/// What a record gives beside its objects.
struct Evidence<'a> {
    record: &'a AuditRecord,
    words: Words,
    mentions: Mentions,
    /// The values that are permissions.
    values: Vec<Value>,
    /// Whether its words or its values give the direction of the change.
    directed: bool,
}

impl Evidence<'_> {
    fn direction(&self) -> ChangeKind {
        let in_values = || direction_of_values(self.record, &self.values);
        self.words.direction().or_else(in_values).unwrap_or(ChangeKind::Changed)
    }

    fn certain_if(&self, complete: bool) -> Confidence {
        if complete && self.directed { Confidence::Certain } else { Confidence::Likely }
    }

    fn any_known(&self) -> bool {
        self.values.iter().any(|value| value.known)
    }

    fn all_known(&self) -> bool {
        !self.values.is_empty() && self.values.iter().all(|value| value.known)
    }

    /// The words decide; where they do not, the kinds of the objects and the values.
    fn topic(&self, reading: &Reading) -> Topic {
        let says = &self.mentions;
        let has_subjects = !reading.subjects.is_empty();
        let joins = match reading.first_group() {
            Some(Thing::Group { member: Some(_), .. }) => true,
            Some(_) => reading.subjects.iter().any(Thing::is_account) && reading.nowhere() && self.values.is_empty(),
            None => false,
        };
        if says.public_link {
            Topic::PublicLink
        } else if says.admin_key && !says.access() {
            Topic::AdminKey
        } else if says.membership || (joins && !says.rules()) {
            Topic::Membership
        } else if says.group && !says.rules() {
            Topic::Group
        } else if says.role && (reading.content.is_none() || !says.restriction) {
            Topic::Role
        } else if says.restriction
            || (reading.content.is_some() && has_subjects && (says.permission || !self.values.is_empty()))
        {
            Topic::Restriction
        } else if says.site_permission || (reading.nowhere() && has_subjects && self.any_known()) {
            Topic::SitePermission
        } else if says.space_permission
            || (reading.space.is_some() && has_subjects && (says.permission || self.any_known()))
        {
            Topic::SpacePermission
        } else {
            Topic::Unrecognised
        }
    }

    fn public_link(&self, reading: &mut Reading) {
        let value = self.record.changes.iter().find(|value| !value_of(value).is_empty());
        let (old, new) = value.map(|value| (value.old.clone(), value.new.clone())).unwrap_or_default();
        reading.scope = ChangeScope::PublicLink;
        reading.confidence = self.certain_if(!reading.nowhere());
        reading.subjects.clear();
        reading.permissions = vec![ChangedPermission { old, new, ..ChangedPermission::named("public_link") }];
    }

    fn admin_key(&self, reading: &mut Reading) {
        reading.scope = if reading.content.is_some() { ChangeScope::Content } else { ChangeScope::Site };
        if reading.content.is_some() || self.words.any(&["viewed", "used"]) {
            reading.change = ChangeKind::Changed;
        }
        reading.confidence = Confidence::Certain;
        reading.subjects.clear();
        reading.permissions = vec![ChangedPermission::named("admin_key")];
    }

    fn membership(&self, reading: &mut Reading) {
        let group = reading.first_group().cloned();
        let members = self.members(&reading.subjects, group.as_ref());
        if self.mentions.membership {
            let named = group.is_some() && !members.is_empty() && members.iter().all(Thing::is_account);
            reading.confidence = self.certain_if(named);
        } else if !self.directed {
            reading.change = ChangeKind::Changed;
        }
        reading.scope = ChangeScope::Group;
        reading.subjects = members;
        reading.group = group;
        reading.permissions = vec![ChangedPermission::named("member")];
    }

    /// The accounts that joined or left, or the groups that did.
    fn members(&self, subjects: &[Thing], group: Option<&Thing>) -> Vec<Thing> {
        if let Some(Thing::Group { member: Some(member), .. }) = group {
            return vec![Thing::account(member.clone())];
        }
        let accounts: Vec<Thing> = subjects.iter().filter(|subject| subject.is_account()).cloned().collect();
        if !accounts.is_empty() || !self.mentions.membership {
            return accounts;
        }
        let inner: Vec<Thing> = subjects.iter().filter(|subject| subject.is_group()).skip(1).cloned().collect();
        if !inner.is_empty() {
            return inner;
        }
        subjects_in_values(self.record).into_iter().find(Thing::is_account).into_iter().collect()
    }

    fn group(&self, reading: &mut Reading) {
        reading.scope = ChangeScope::Group;
        reading.group = reading.first_group().cloned();
        reading.confidence = self.certain_if(reading.group.is_some());
    }

    fn role(&self, reading: &mut Reading) {
        reading.scope = if reading.space.is_some() { ChangeScope::Space } else { ChangeScope::Site };
        reading.permissions = roles(self.record, &self.values);
    }

    fn restriction(&self, reading: &mut Reading) {
        reading.scope = ChangeScope::Content;
        reading.permissions = permissions(&self.values, on_content);
        if self.mentions.restriction {
            let is_operation =
                |changed: &ChangedPermission| matches!(changed.permission.as_deref(), Some("view" | "edit"));
            let understood = reading.permissions.iter().all(is_operation);
            let complete = reading.content.is_some() && reading.space.is_some() && !reading.subjects.is_empty();
            // The keys of these records are not documented, so a key alone is half a proof.
            let action = self.record.action.as_deref().unwrap_or_default().to_lowercase();
            reading.confidence = self.certain_if(complete && understood && action.contains("restriction"));
        }
    }

    fn site_permission(&self, reading: &mut Reading) {
        reading.scope = ChangeScope::Site;
        reading.permissions = permissions(&self.values, on_site);
        if self.mentions.site_permission {
            reading.confidence = self.certain_if(!reading.subjects.is_empty() && self.all_known());
        }
    }

    fn space_permission(&self, reading: &mut Reading) {
        reading.scope = ChangeScope::Space;
        reading.permissions = permissions(&self.values, on_space);
        if self.mentions.space_permission {
            let placed = reading.space.is_some() || reading.space_key.is_some();
            reading.confidence = self.certain_if(!reading.subjects.is_empty() && placed && self.all_known());
        }
    }

    fn unrecognised(&self, reading: &mut Reading) {
        let in_values = direction_of_values(self.record, &self.values);
        reading.confidence = Confidence::Unrecognised;
        reading.change = in_values.or_else(|| self.words.direction()).unwrap_or(ChangeKind::Changed);
        let (old, new) = match self.record.changes.as_slice() {
            [only] => (only.old.clone(), only.new.clone()),
            _ => (None, None),
        };
        reading.permissions = vec![ChangedPermission { permission: None, old, new }];
    }
}

//! What one change did, as far as it says.

use std::collections::HashSet;

use super::doubts::Doubt;
use super::point::Point;
use crate::model::plan::Fact;
use crate::model::{
    ChangeKind, ChangeScope, Confidence, Permission, PermissionChange, RestrictionOperation, SitePermission, Subject,
    SubjectKind,
};
use crate::resolve::site::IndexedSite;

/// What a change did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Act {
    /// Something holds from then on, or does not.
    Set { point: Point, on: bool },
    /// Something changed, and what it was before cannot be told.
    Doubt(Doubt),
}

fn set(fact: Fact, on: bool) -> Act {
    Act::Set { point: Point::Fact(fact), on }
}

/// What a change did; nothing where it has no effect on viewing and editing. The change is joined to the ids of the site,
/// whose spaces have these keys.
pub(super) fn acts(site: &IndexedSite, spaces: &HashSet<&str>, row: &PermissionChange) -> Vec<Act> {
    if row.confidence == Confidence::Unrecognised || row.scope == ChangeScope::unrecognised() {
        return doubts(unrecognised(site, row));
    }
    match &row.scope {
        ChangeScope::Content => on_content(site, row),
        ChangeScope::Space => on_space(site, spaces, row),
        ChangeScope::Group => on_group(site, row),
        ChangeScope::PublicLink => on_link(site, row),
        ChangeScope::Site => on_site(row),
        ChangeScope::Other(_) => doubts(unrecognised(site, row)),
    }
}

fn doubts(all: Vec<Doubt>) -> Vec<Act> {
    all.into_iter().map(Act::Doubt).collect()
}

/// The direction, where there is one.
fn direction(row: &PermissionChange) -> Option<bool> {
    match row.change {
        ChangeKind::Added => Some(true),
        ChangeKind::Removed => Some(false),
        ChangeKind::Changed => None,
    }
}

/// The subject under the id that everything else here uses, where it is identified.
fn identified(site: &IndexedSite, row: &PermissionChange) -> Option<Subject> {
    let subject = row.subject.as_ref()?;
    let known = match subject.kind {
        SubjectKind::User | SubjectKind::Group => subject.given_id().is_some(),
        SubjectKind::Unknown | SubjectKind::Other(_) => false,
        _ => true,
    };
    known.then(|| site.same(subject))
}

/// The permissions of a row: of changes that were made at once, several stand in one.
fn permissions(row: &PermissionChange) -> Vec<Option<&str>> {
    match &row.permission {
        None => vec![None],
        Some(text) if text.starts_with(ROLE) => vec![Some(text)],
        Some(text) => text.split(", ").map(Some).collect(),
    }
}

/// Stands before the name of a role.
const ROLE: &str = "role:";

/// The contents a row is about: their ids, or a doubt about all it may be about. Empty: none of the snapshot.
enum Contents {
    These(Vec<String>),
    /// One of those in a space, or anywhere.
    Among(Option<String>),
}

fn contents(site: &IndexedSite, row: &PermissionChange) -> Contents {
    match &row.content_id {
        Some(id) => Contents::These(site.find_content(id).map(|_| id.clone()).into_iter().collect()),
        None if !row.candidates.is_empty() => Contents::These(row.candidates.clone()),
        None => Contents::Among(row.space_key.clone()),
    }
}

fn on_content(site: &IndexedSite, row: &PermissionChange) -> Vec<Act> {
    permissions(row).into_iter().flat_map(|permission| on_content_by(site, row, permission)).collect()
}

fn on_content_by(site: &IndexedSite, row: &PermissionChange, permission: Option<&str>) -> Vec<Act> {
    let operation = permission.and_then(RestrictionOperation::named);
    let lists: Vec<RestrictionOperation> = operation
        .map_or_else(|| vec![RestrictionOperation::View, RestrictionOperation::Edit], |operation| vec![operation]);
    if permission == Some("admin_key") {
        return Vec::new();
    }
    let doubt = |id: &str| match permission {
        Some("place") => vec![Doubt::Place(id.to_owned())],
        Some("status") => vec![Doubt::Status(id.to_owned())],
        _ => lists.iter().map(|list| Doubt::List(id.to_owned(), *list)).collect(),
    };
    match contents(site, row) {
        Contents::Among(_) if permission == Some("status") && row.change == ChangeKind::Removed => Vec::new(),
        Contents::Among(space) => doubts(vec![Doubt::Contents(space)]),
        Contents::These(ids) => {
            let entry = operation.zip(identified(site, row)).zip(direction(row));
            match (ids.as_slice(), entry) {
                ([only], Some(((operation, subject), added))) if row.confidence != Confidence::Ambiguous => {
                    vec![set(Fact::Entry { content: only.clone(), operation, subject }, added)]
                }
                (all, _) => doubts(all.iter().flat_map(|id| doubt(id)).collect()),
            }
        }
    }
}

fn on_space(site: &IndexedSite, spaces: &HashSet<&str>, row: &PermissionChange) -> Vec<Act> {
    if row.space_key.as_deref().is_some_and(|key| !spaces.contains(key)) {
        // A space the snapshot does not have: none of its answers rests on it.
        return Vec::new();
    }
    permissions(row).into_iter().flat_map(|permission| on_space_by(site, row, permission)).collect()
}

fn on_space_by(site: &IndexedSite, row: &PermissionChange, permission: Option<&str>) -> Vec<Act> {
    let Some(space) = row.space_key.clone() else { return vec![Act::Doubt(Doubt::AllPermissions)] };
    if permission == Some("status") {
        return vec![Act::Doubt(Doubt::SpaceStatus(space))];
    }
    let subject = identified(site, row);
    let role = permission.and_then(|word| word.strip_prefix(ROLE));
    let known = permission.map(Permission::from);
    let Some(subject) = subject else {
        return vec![Act::Doubt(Doubt::Permissions(space, known.filter(|_| role.is_none())))];
    };
    match (role, known, direction(row)) {
        (Some(role), _, Some(added)) => {
            let fact = Fact::Role { space: space.clone(), subject: subject.clone(), role: role_name(site, role) };
            // A subject has one role: which one it had before it was given this one, the record does not say.
            let before = added.then_some(Act::Doubt(Doubt::Role(space, subject)));
            [set(fact, added)].into_iter().chain(before).collect()
        }
        (Some(_), _, None) => vec![Act::Doubt(Doubt::Role(space, subject))],
        (None, Some(permission), Some(added)) => {
            vec![set(Fact::Permission { space, subject, permission }, added)]
        }
        (None, permission, _) => vec![Act::Doubt(Doubt::Permissions(space, permission))],
    }
}

/// The role as the snapshot spells it.
fn role_name(site: &IndexedSite, role: &str) -> String {
    site.roles.iter().find(|known| known.eq_ignore_ascii_case(role)).map_or(role, String::as_str).to_owned()
}

fn on_group(site: &IndexedSite, row: &PermissionChange) -> Vec<Act> {
    let group = row.group_id.as_ref().map(|id| site.same(&Subject::group(id)).id);
    if row.permission.as_deref() == Some("member") {
        return match (group, identified(site, row), direction(row)) {
            (Some(group), Some(member), Some(added)) => {
                vec![set(Fact::Member { group, member }, added)]
            }
            (Some(group), ..) => vec![Act::Doubt(Doubt::Members(group))],
            (None, ..) => vec![Act::Doubt(Doubt::AllMembers)],
        };
    }
    match (group, direction(row)) {
        (Some(group), Some(true)) => vec![set(Fact::Group { group }, true)],
        (Some(group), _) => vec![Act::Doubt(Doubt::Group(group))],
        // A group that was made since and is gone, or has another name by now.
        (None, Some(true)) => Vec::new(),
        (None, _) => vec![Act::Doubt(Doubt::AllMembers), Act::Doubt(Doubt::UnknownGroup)],
    }
}

fn on_link(site: &IndexedSite, row: &PermissionChange) -> Vec<Act> {
    match contents(site, row) {
        Contents::Among(space) => vec![Act::Doubt(Doubt::Links(space))],
        Contents::These(ids) => match (ids.as_slice(), direction(row)) {
            ([only], Some(on)) => vec![Act::Set { point: Point::Link(only.clone()), on }],
            (all, _) => doubts(all.iter().cloned().map(Doubt::Link).collect()),
        },
    }
}

fn on_site(row: &PermissionChange) -> Vec<Act> {
    permissions(row).into_iter().flat_map(|permission| on_site_by(row, permission)).collect()
}

fn on_site_by(row: &PermissionChange, permission: Option<&str>) -> Vec<Act> {
    let account = row.subject.as_ref().filter(|subject| subject.kind == SubjectKind::User).and_then(Subject::given_id);
    let anonymous = row.subject.as_ref().is_some_and(|subject| subject.kind == SubjectKind::Anonymous);
    let word = permission.unwrap_or_default();
    match (word, direction(row)) {
        ("account", _) => vec![account_act(row, account)],
        ("admin_key", Some(on)) => {
            row.author.id.clone().map(|id| Act::Set { point: Point::AdminKey(id), on }).into_iter().collect()
        }
        ("admin_key", None) => Vec::new(),
        ("user_directory", _) => doubts(vec![Doubt::AllAccounts, Doubt::AllMembers]),
        (word, _) if word.starts_with(ROLE) => doubts(vec![Doubt::AllPermissions]),
        ("use", Some(on)) if anonymous => vec![Act::Set { point: Point::Anonymous, on }],
        (word, _) => match SitePermission::from(word) {
            SitePermission::Use | SitePermission::Administer | SitePermission::AdministerSystem => {
                doubts(vec![Doubt::Rights])
            }
            SitePermission::Other(_) => doubts(vec![Doubt::Rights, Doubt::Anonymous]),
            _ => Vec::new(),
        },
    }
}

fn account_act(row: &PermissionChange, account: Option<&str>) -> Act {
    let deactivated = row.action.as_deref().is_some_and(|action| action.to_lowercase().contains("deactivated"))
        || row.raw.contains("user.deactivated");
    match account {
        Some(id) if deactivated && row.change == ChangeKind::Removed => {
            Act::Set { point: Point::Active(id.to_owned()), on: false }
        }
        Some(id) => Act::Doubt(Doubt::Account(id.to_owned())),
        None => Act::Doubt(Doubt::AllAccounts),
    }
}

/// A record that is not understood may have changed anything of what it names, and anything at all where it names nothing.
fn unrecognised(site: &IndexedSite, row: &PermissionChange) -> Vec<Doubt> {
    let named = row.content_id.is_some() || row.content_title.is_some();
    if !named {
        return match &row.space_key {
            Some(space) => vec![Doubt::Permissions(space.clone(), None), Doubt::Contents(Some(space.clone()))],
            None => vec![Doubt::Everything],
        };
    }
    match contents(site, row) {
        Contents::Among(space) => vec![Doubt::Contents(space)],
        Contents::These(ids) => ids.iter().map(|id| Doubt::Content(id.clone())).collect(),
    }
}

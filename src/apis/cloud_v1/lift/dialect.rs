//! How Cloud speaks v1.

use serde_json::Value;

use super::wire;
use crate::apis::reading::object;
use crate::apis::rest_v1::lists::{Holder, Names};
use crate::apis::rest_v1::{Dialect, Words};
use crate::apis::{people, provenance};
use crate::model::{Group, Origin, Subject, SubjectKind, User};

pub(super) const DIALECT: Dialect<wire::User, wire::Group> = Dialect {
    named,
    account_id: |user| user.account_id.as_deref(),
    user: user_of,
    group: group_of,
    names: Names { user, group },
    words: Words {
        account_member: "accountId",
        account: "an account without an id",
        found_account: "an account that was found has no id",
        group_member: "id",
        group: "a group without id and name",
        listed_group: "a group has neither id nor name",
        lacking: "id",
    },
    counts_rows: true,
    // The tree is read from v2, where folders and others have children too.
    is_the_tree: false,
    describes_authors: false,
};

/// Who an account is. A deleted one without an id is kept as an account nobody can be; one that should have an id and
/// has none is unknown.
pub(super) fn named(user: &wire::User) -> (Subject, Option<String>) {
    let name = [&user.display_name, &user.public_name, &user.username, &user.user_key, &user.name]
        .into_iter()
        .flatten()
        .next()
        .cloned();
    let kind = user.kind.as_deref().unwrap_or_default().to_ascii_lowercase();
    let subject = match (&user.account_id, kind.as_str()) {
        (_, "anonymous") => Subject::anonymous(),
        (Some(id), _) if id.eq_ignore_ascii_case("anonymous") => Subject::anonymous(),
        (Some(id), _) => Subject::user(id.as_str()),
        (None, "group") => match user.id.as_ref().or(user.name.as_ref()) {
            Some(id) => Subject::group(id.as_str()),
            None => Subject::new(SubjectKind::Unknown, ""),
        },
        (None, "unknown") => {
            let id = user.user_key.as_ref().or(user.username.as_ref()).or(name.as_ref());
            Subject::unidentified(SubjectKind::User, id.map_or("", String::as_str))
        }
        (None, _) => Subject::new(SubjectKind::Unknown, user.user_key.clone().unwrap_or_default()),
    };
    (subject, name)
}

/// The record of an account that has an id.
pub(super) fn user_of(user: &wire::User, source: &Origin) -> Option<User> {
    let (Subject { kind: SubjectKind::User, id }, _) = named(user) else { return None };
    user.account_id.as_ref()?;
    Some(User {
        name: user.public_name.clone(),
        display_name: user.display_name.clone(),
        email: user.email.clone(),
        kind: people::kind(user.account_type.as_deref()),
        active: people::active(user.account_status.as_deref()),
        guest: user.is_guest.or(user.is_external_collaborator).or(user.external_collaborator),
        source: source.clone(),
        ..User::new(id)
    })
}

/// The record of a group that has an id or at least a name.
pub(super) fn group_of(group: &wire::Group, source: &Origin) -> Option<Group> {
    let id = group.id.as_ref().or(group.name.as_ref())?;
    let (provenance, evidence) = provenance::of(group.managed_by.as_deref(), group.usage_type.as_deref());
    Some(Group { name: group.name.clone(), provenance, evidence, source: source.clone(), ..Group::new(id.as_str()) })
}

fn user(entry: &Value, origin: &Origin) -> Option<Holder> {
    let user: wire::User = object(entry)?;
    let (subject, name) = named(&user);
    Some(Holder { subject, name, user: user_of(&user, origin), group: None })
}

fn group(entry: &Value, origin: &Origin) -> Option<Holder> {
    let wire: wire::Group = object(entry)?;
    let group = group_of(&wire, origin)?;
    // One without an id no longer exists, so it is no group of the site.
    let kept = wire.id.is_some().then(|| group.clone());
    Some(Holder { subject: Subject::group(group.id), name: group.name, user: None, group: kept })
}

//! How Data Center speaks v1.

use serde_json::Value;

use super::wire;
use crate::apis::people;
use crate::apis::reading::object;
use crate::apis::rest_v1::lists::{Holder, Names};
use crate::apis::rest_v1::{Dialect, Words};
use crate::model::{Group, Origin, Subject, SubjectKind, User, UserType};

pub(super) const DIALECT: Dialect<wire::Subject, wire::Subject> = Dialect {
    named,
    account_id: |user| user.user_key.as_deref(),
    user: user_of,
    group: group_of,
    names: NAMES,
    words: Words {
        account_member: "userKey",
        account: "an account without a key",
        found_account: "an account that was found has no key",
        group_member: "name",
        group: "a group without a name",
        listed_group: "a group has no name",
        lacking: "name",
    },
    counts_rows: false,
    is_the_tree: true,
    describes_authors: true,
};

pub(super) const NAMES: Names = Names { user: holder, group: group_holder };

/// Who a subject is, and its name. An account without a key is kept under its username, as one that lost its id, so that
/// it can be looked up. One without either is unknown.
pub(super) fn named(subject: &wire::Subject) -> (Subject, Option<String>) {
    let name = [&subject.display_name, &subject.username, &subject.name].into_iter().flatten().next().cloned();
    let kind = subject.kind.as_deref().unwrap_or_default().to_ascii_lowercase();
    let read = match (&subject.user_key, &subject.username, kind.as_str()) {
        (.., "anonymous") => Subject::anonymous(),
        (.., "unlicensed") => Subject::unlicensed(),
        (_, _, "group") | (None, None, _) if subject.name.is_some() && kind != "user" => {
            Subject::group(subject.name.as_deref().unwrap_or_default())
        }
        (Some(key), ..) => Subject::user(key.as_str()),
        (None, Some(username), _) => Subject::unidentified(SubjectKind::User, username),
        (None, None, "unknown") => Subject::unidentified(SubjectKind::User, name.as_deref().unwrap_or_default()),
        (None, None, "user" | "known") if name.is_some() => {
            Subject::unidentified(SubjectKind::User, name.as_deref().unwrap_or_default())
        }
        (None, None, "" | "user" | "known" | "group") => Subject::new(SubjectKind::Unknown, ""),
        (None, None, other) => Subject::new(SubjectKind::Other(other.to_owned()), name.clone().unwrap_or_default()),
    };
    (read, name)
}

/// The record of an account the site knows.
pub(super) fn user_of(subject: &wire::Subject, source: &Origin) -> Option<User> {
    let key = subject.user_key.as_ref()?;
    let (Subject { kind: SubjectKind::User, .. }, _) = named(subject) else { return None };
    // A row of permissions says nothing but the key, and one about a deleted account not even that it is there.
    let gone = subject.kind.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case("unknown"));
    if gone || (subject.username.is_none() && subject.display_name.is_none()) {
        return None;
    }
    Some(User {
        name: subject.username.clone(),
        display_name: subject.display_name.clone(),
        email: subject.email.clone(),
        kind: UserType::Person,
        active: people::active(subject.status.as_deref()),
        source: source.clone(),
        ..User::new(key.as_str())
    })
}

/// The record of a group; its name is its id.
pub(super) fn group_of(subject: &wire::Subject, source: &Origin) -> Option<Group> {
    let name = subject.name.as_ref()?;
    Some(Group { name: Some(name.clone()), source: source.clone(), ..Group::new(name.as_str()) })
}

fn holder(entry: &Value, origin: &Origin) -> Option<Holder> {
    let subject: wire::Subject = object(entry)?;
    let user = user_of(&subject, origin);
    let (subject, name) = named(&subject);
    Some(Holder { subject, name, user, group: None })
}

/// A group in a list. That it stands there does not mean that it still exists.
fn group_holder(entry: &Value, _: &Origin) -> Option<Holder> {
    let subject: wire::Subject = object(entry)?;
    let name = subject.name?;
    Some(Holder { subject: Subject::group(name.as_str()), name: Some(name), user: None, group: None })
}

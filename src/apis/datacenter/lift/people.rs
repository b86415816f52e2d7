//! Accounts, groups and members, and who asks.

use serde_json::Value;

use super::{origin, wire};
use crate::apis::people;
use crate::apis::reading::{Page, Unreadable, gap, listing, parse, site_gap};
use crate::apis::subject_lists::{Holder, Names, object};
use crate::model::{
    DirectMembership, GapCause, GapScope, Group, Origin, SiteFact, Subject, SubjectKind, User, UserType,
};

pub(super) const NAMES: Names = Names { user: holder, group: group_holder };

/// Who a subject is, and its name. An account without a key is kept under its username, as one that lost its id: whoever
/// reads may look it up. One without either is unknown.
pub(super) fn named(subject: &wire::Subject) -> (Subject, Option<String>) {
    let name = [&subject.display_name, &subject.username, &subject.name].into_iter().flatten().next().cloned();
    let kind = subject.kind.as_deref().unwrap_or_default().to_ascii_lowercase();
    let read = match (&subject.user_key, &subject.username, kind.as_str()) {
        (.., "anonymous") => Subject::anonymous(),
        (.., "unlicensed") => crate::apis::vocabulary::unlicensed(),
        (_, _, "group") | (None, None, _) if subject.name.is_some() && kind != "user" => {
            Subject::group(subject.name.as_deref().unwrap_or_default())
        }
        (Some(key), ..) => Subject::user(key.as_str()),
        (None, Some(username), _) => Subject::without_id(SubjectKind::User, username),
        (None, None, "unknown") => Subject::without_id(SubjectKind::User, name.as_deref().unwrap_or_default()),
        (None, None, "user" | "known") if name.is_some() => {
            Subject::without_id(SubjectKind::User, name.as_deref().unwrap_or_default())
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
fn group_of(subject: &wire::Subject, source: &Origin) -> Option<Group> {
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

/// Reads a listing of groups.
///
/// # Errors
/// Where the answer is no such listing.
pub fn groups(body: &[u8]) -> Result<Page<Group>, Unreadable> {
    groups_from(body, "GET /rest/api/group")
}

/// Reads the groups an account is in.
///
/// # Errors
/// Where the answer is no such listing.
pub fn member_of(body: &[u8]) -> Result<Page<Group>, Unreadable> {
    groups_from(body, "GET /rest/api/user/memberof")
}

fn groups_from(body: &[u8], route: &str) -> Result<Page<Group>, Unreadable> {
    let (elements, mut page) = listing::<wire::Subject, _>(body)?;
    let origin = origin(route);
    for element in elements {
        match element.map(|group| group_of(&group, &origin)) {
            Ok(Some(group)) => page.rows.push(group),
            Ok(None) => page.gaps.push(site_gap(SiteFact::Groups, GapCause::Unreadable, "a group has no name", route)),
            Err(broken) => page.gaps.push(broken.site_gap(SiteFact::Groups, route)),
        }
    }
    Ok(page)
}

/// Reads one group.
///
/// # Errors
/// Where the answer is no group.
pub fn group(body: &[u8]) -> Result<Page<Group>, Unreadable> {
    let group: wire::Subject = parse(body)?;
    match group_of(&group, &origin("GET /rest/api/group/{name}")) {
        Some(group) => Ok(Page::single(group)),
        None => Err(Unreadable::shape(body, "name", "a group without a name")),
    }
}

/// Reads the accounts in the group `name`. Their records come with the page.
///
/// # Errors
/// Where the answer is no such listing.
pub fn group_members(body: &[u8], name: &str) -> Result<Page<DirectMembership>, Unreadable> {
    members_from(body, name, "GET /rest/api/group/{name}/member", false)
}

/// Reads the groups in the group `name`. Their records come with the page.
///
/// # Errors
/// Where the answer is no such listing.
pub fn nested_groups(body: &[u8], name: &str) -> Result<Page<DirectMembership>, Unreadable> {
    members_from(body, name, "GET /rest/api/group/{name}/groupmember", true)
}

fn members_from(body: &[u8], name: &str, route: &str, groups: bool) -> Result<Page<DirectMembership>, Unreadable> {
    let (elements, mut page) = listing::<wire::Subject, _>(body)?;
    let origin = origin(route);
    for element in elements {
        let subject = match element {
            Ok(subject) => subject,
            Err(broken) => {
                page.gaps.push(broken.gap(GapScope::Group, name, route));
                continue;
            }
        };
        let member = match (&subject.name, groups) {
            (Some(inner), true) => Subject::group(inner.as_str()),
            (None, true) => Subject::new(SubjectKind::Unknown, ""),
            _ => named(&subject).0,
        };
        if member.kind == SubjectKind::Unknown || member.id.is_empty() {
            let message = format!("a member of group `{name}` has no name");
            page.gaps.push(gap(GapScope::Group, name, GapCause::Unreadable, message, route));
        }
        if groups {
            page.groups.extend(group_of(&subject, &origin));
        } else {
            page.users.extend(user_of(&subject, &origin));
        }
        page.rows.push(DirectMembership { group_id: name.to_owned(), member, source: origin.clone() });
    }
    Ok(page)
}

/// Reads one account.
///
/// # Errors
/// Where the answer is no account with a key.
pub fn user(body: &[u8]) -> Result<Page<User>, Unreadable> {
    let user: wire::Subject = parse(body)?;
    match user_of(&user, &origin("GET /rest/api/user")) {
        Some(user) => Ok(Page::single(user)),
        None => Err(Unreadable::shape(body, "userKey", "an account without a key")),
    }
}

/// Reads a listing of accounts.
///
/// # Errors
/// Where the answer is no such listing.
pub fn users(body: &[u8]) -> Result<Page<User>, Unreadable> {
    const ROUTE: &str = "GET /rest/api/user/list";
    let (elements, mut page) = listing::<wire::Subject, _>(body)?;
    let origin = origin(ROUTE);
    for element in elements {
        match element.map(|user| user_of(&user, &origin)) {
            Ok(Some(user)) => page.rows.push(user),
            Ok(None) => {
                page.gaps.push(gap(GapScope::User, "", GapCause::Unreadable, "a listed account has no key", ROUTE))
            }
            Err(broken) => page.gaps.push(broken.gap(GapScope::User, "", ROUTE)),
        }
    }
    Ok(page)
}

/// Reads accounts a search found.
///
/// # Errors
/// Where the answer is no such listing.
pub fn search_user(body: &[u8]) -> Result<Page<User>, Unreadable> {
    const ROUTE: &str = "GET /rest/api/search";
    let (elements, mut page) = listing::<wire::SearchResult, _>(body)?;
    let origin = origin(ROUTE);
    for element in elements {
        match element.map(|hit| user_of(&hit.user, &origin)) {
            Ok(Some(user)) => page.rows.push(user),
            Ok(None) => {
                page.gaps.push(gap(
                    GapScope::User,
                    "",
                    GapCause::Unreadable,
                    "an account that was found has no key",
                    ROUTE,
                ));
            }
            Err(broken) => page.gaps.push(broken.gap(GapScope::User, "", ROUTE)),
        }
    }
    Ok(page)
}

/// Reads who asks. `None`: the server answers as if nobody had logged in.
///
/// # Errors
/// Where the answer is no account.
pub fn current_user(body: &[u8]) -> Result<Option<User>, Unreadable> {
    let user: wire::Subject = parse(body)?;
    if named(&user).0 == Subject::anonymous() {
        return Ok(None);
    }
    match user_of(&user, &origin("GET /rest/api/user/current")) {
        Some(user) => Ok(Some(user)),
        None => Err(Unreadable::shape(body, "userKey", "an account without a key")),
    }
}

//! Accounts, groups and members, and who asks.

use super::dialect::{DIALECT, group_of, named, user_of};
use super::{routes, wire};
use crate::apis::listing::{About, Listing};
use crate::apis::reading::{Page, Unreadable, parse};
use crate::model::{DirectMembership, GapScope, Group, Subject, SubjectKind, User};

/// Reads a listing of groups.
///
/// # Errors
/// Where the answer is no such listing.
pub fn groups(body: &[u8]) -> Result<Page<Group>, Unreadable> {
    DIALECT.groups(body, &routes::GROUPS)
}

/// Reads the groups an account is in.
///
/// # Errors
/// Where the answer is no such listing.
pub fn member_of(body: &[u8]) -> Result<Page<Group>, Unreadable> {
    DIALECT.groups(body, &routes::MEMBER_OF)
}

/// Reads one group.
///
/// # Errors
/// Where the answer is no group.
pub fn group(body: &[u8]) -> Result<Page<Group>, Unreadable> {
    DIALECT.group(body, &routes::GROUP)
}

/// Reads the accounts in the group `name`. Their records come with the page.
///
/// # Errors
/// Where the answer is no such listing.
pub fn group_members(body: &[u8], name: &str) -> Result<Page<DirectMembership>, Unreadable> {
    DIALECT.members(body, name, &routes::GROUP_MEMBERS)
}

/// Reads the groups in the group `name`. Their records come with the page.
///
/// # Errors
/// Where the answer is no such listing.
pub fn nested_groups(body: &[u8], name: &str) -> Result<Page<DirectMembership>, Unreadable> {
    let about = About::new((GapScope::Group, name), &routes::NESTED_GROUPS);
    let origin = about.origin();
    Ok(Listing::read(body)?.each(&about, |inner: wire::Subject, page: &mut Page<DirectMembership>| {
        let member = match &inner.name {
            Some(inner) => Subject::group(inner.as_str()),
            None => Subject::new(SubjectKind::Unknown, ""),
        };
        if member.id.is_empty() {
            page.gaps.push(about.unreadable(format!("a member of group `{name}` has no name")));
        }
        page.groups.extend(group_of(&inner, &origin));
        page.rows.push(DirectMembership { group_id: name.to_owned(), member, source: origin.clone() });
    }))
}

/// Reads one account.
///
/// # Errors
/// Where the answer is no account with a key.
pub fn user(body: &[u8]) -> Result<Page<User>, Unreadable> {
    DIALECT.user(body, &routes::USER)
}

/// Reads a listing of accounts.
///
/// # Errors
/// Where the answer is no such listing.
pub fn users(body: &[u8]) -> Result<Page<User>, Unreadable> {
    let about = About::new((GapScope::User, ""), &routes::USERS);
    let origin = about.origin();
    Ok(Listing::read(body)?.each(&about, |user: wire::Subject, page: &mut Page<User>| match user_of(&user, &origin) {
        Some(user) => page.rows.push(user),
        None => page.gaps.push(about.unreadable("a listed account has no key")),
    }))
}

/// Reads accounts a search found.
///
/// # Errors
/// Where the answer is no such listing.
pub fn search_user(body: &[u8]) -> Result<Page<User>, Unreadable> {
    DIALECT.found_users(body, &routes::SEARCH)
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
    match user_of(&user, &routes::CURRENT_USER.origin()) {
        Some(user) => Ok(Some(user)),
        None => Err(Unreadable::shape(body, "userKey", "an account without a key")),
    }
}

//! Accounts, groups and members, and who asks.

use std::collections::BTreeSet;

use super::dialect::{DIALECT, named, user_of};
use super::{routes, wire};
use crate::apis::reading::{Page, Unreadable, parse};
use crate::model::{DirectMembership, Group, Subject, SubjectKind, User};

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
pub fn group_by_id(body: &[u8]) -> Result<Page<Group>, Unreadable> {
    DIALECT.group(body, &routes::GROUP_BY_ID)
}

/// Reads the members of the group `group_id`. Their records come with the page.
///
/// # Errors
/// Where the answer is no such listing.
pub fn group_members(body: &[u8], group_id: &str) -> Result<Page<DirectMembership>, Unreadable> {
    DIALECT.members(body, group_id, &routes::GROUP_MEMBERS)
}

/// Reads one account.
///
/// # Errors
/// Where the answer is no account with an id.
pub fn user(body: &[u8]) -> Result<Page<User>, Unreadable> {
    DIALECT.user(body, &routes::USER)
}

/// Reads accounts a search found.
///
/// # Errors
/// Where the answer is no such listing.
pub fn search_user(body: &[u8]) -> Result<Page<User>, Unreadable> {
    DIALECT.found_users(body, &routes::SEARCH_USER)
}

/// Who asks, and what that account may do to the site as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The account; anonymous where the site did not accept the credentials and answered all the same.
    pub subject: Subject,
    /// Its record.
    pub user: Option<User>,
    /// Operations on the site, such as (`use`, `application`). `None`: they were not sent.
    pub operations: Option<BTreeSet<(String, String)>>,
}

impl Caller {
    /// Whether it administers Confluence, where the server says so.
    pub fn administers(&self) -> Option<bool> {
        self.may("administer")
    }

    /// Whether it may use Confluence at all, where the server says so: any operation on the application includes it.
    pub fn uses(&self) -> Option<bool> {
        let operations = self.operations.as_ref()?;
        Some(operations.iter().any(|(_, target)| target == "application"))
    }

    fn may(&self, operation: &str) -> Option<bool> {
        let operations = self.operations.as_ref()?;
        Some(operations.iter().any(|(key, target)| key == operation && target == "application"))
    }
}

/// Reads who asks.
///
/// # Errors
/// Where the answer is no account.
pub fn current_user(body: &[u8]) -> Result<Caller, Unreadable> {
    let user: wire::User = parse(body)?;
    let subject = named(&user).0;
    if subject.kind == SubjectKind::Unknown {
        return Err(Unreadable::shape(body, "accountId", "an account without an id"));
    }
    let operations = user.operations.as_ref().map(|all| {
        all.iter()
            .filter_map(|one| {
                Some((one.operation_key.as_ref()?.to_lowercase(), one.target_type.as_ref()?.to_lowercase()))
            })
            .collect()
    });
    Ok(Caller { subject, user: user_of(&user, &routes::CURRENT_USER.origin()), operations })
}

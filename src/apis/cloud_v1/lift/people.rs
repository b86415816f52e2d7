//! Accounts, groups and members, and who asks.

use std::collections::BTreeSet;

use super::{origin, wire};
use crate::apis::reading::{self, Page, Unreadable, gap, offset_listing, parse, site_gap};
use crate::apis::{people, provenance};
use crate::model::{DirectMembership, GapCause, GapScope, Group, Origin, SiteFact, Subject, SubjectKind, User};

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
            Subject::without_id(SubjectKind::User, id.map_or("", String::as_str))
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

/// Reads a listing of groups.
///
/// # Errors
/// Where the answer is no such listing.
pub fn groups(body: &[u8]) -> Result<Page<Group>, Unreadable> {
    groups_from(body, "GET /wiki/rest/api/group")
}

/// Reads groups found by name.
///
/// # Errors
/// Where the answer is no such listing.
pub fn group_picker(body: &[u8]) -> Result<Page<Group>, Unreadable> {
    groups_from(body, "GET /wiki/rest/api/group/picker")
}

/// Reads the groups an account is in.
///
/// # Errors
/// Where the answer is no such listing.
pub fn member_of(body: &[u8]) -> Result<Page<Group>, Unreadable> {
    groups_from(body, "GET /wiki/rest/api/user/memberof")
}

fn groups_from(body: &[u8], route: &str) -> Result<Page<Group>, Unreadable> {
    let (elements, mut page) = offset_listing::<wire::Group, _>(body)?;
    reading::note_short(&mut page, SiteFact::Groups.about(), route);
    let origin = origin(route);
    for element in elements {
        match element.map(|group| group_of(&group, &origin)) {
            Ok(Some(group)) => page.rows.push(group),
            Ok(None) => {
                let message = "a group has neither id nor name";
                page.gaps.push(site_gap(SiteFact::Groups, GapCause::Unreadable, message, route));
            }
            Err(broken) => page.gaps.push(match broken.id.clone() {
                Some(id) => broken.gap(GapScope::Group, id, route),
                None => broken.site_gap(SiteFact::Groups, route),
            }),
        }
    }
    Ok(page)
}

/// Reads one group.
///
/// # Errors
/// Where the answer is no group.
pub fn group_by_id(body: &[u8]) -> Result<Page<Group>, Unreadable> {
    let group: wire::Group = parse(body)?;
    match group_of(&group, &origin("GET /wiki/rest/api/group/by-id")) {
        Some(group) => Ok(Page::single(group)),
        None => Err(Unreadable::shape(body, "id", "a group without id and name")),
    }
}

/// Reads the members of the group `group_id`. Their records come with the page.
///
/// # Errors
/// Where the answer is no such listing.
pub fn group_members(body: &[u8], group_id: &str) -> Result<Page<DirectMembership>, Unreadable> {
    const ROUTE: &str = "GET /wiki/rest/api/group/{id}/membersByGroupId";
    let (elements, mut page) = offset_listing::<wire::User, _>(body)?;
    reading::note_short(&mut page, (GapScope::Group, group_id), ROUTE);
    let origin = origin(ROUTE);
    for element in elements {
        let user = match element {
            Ok(user) => user,
            Err(broken) => {
                page.gaps.push(broken.gap(GapScope::Group, group_id, ROUTE));
                continue;
            }
        };
        let (member, _) = named(&user);
        if member.kind == SubjectKind::Unknown {
            let message = format!("a member of group `{group_id}` has no id");
            page.gaps.push(gap(GapScope::Group, group_id, GapCause::Unreadable, message, ROUTE));
        }
        page.users.extend(user_of(&user, &origin));
        page.rows.push(DirectMembership { group_id: group_id.to_owned(), member, source: origin.clone() });
    }
    Ok(page)
}

/// Reads one account.
///
/// # Errors
/// Where the answer is no account with an id.
pub fn user(body: &[u8]) -> Result<Page<User>, Unreadable> {
    let user: wire::User = parse(body)?;
    match user_of(&user, &origin("GET /wiki/rest/api/user")) {
        Some(user) => Ok(Page::single(user)),
        None => Err(Unreadable::shape(body, "accountId", "an account without an id")),
    }
}

/// Reads accounts a search found.
///
/// # Errors
/// Where the answer is no such listing.
pub fn search_user(body: &[u8]) -> Result<Page<User>, Unreadable> {
    const ROUTE: &str = "GET /wiki/rest/api/search/user";
    let (elements, mut page) = offset_listing::<wire::SearchResult, _>(body)?;
    reading::note_short(&mut page, (GapScope::User, ""), ROUTE);
    let origin = origin(ROUTE);
    for element in elements {
        match element.map(|hit| user_of(&hit.user, &origin)) {
            Ok(Some(user)) => page.rows.push(user),
            Ok(None) => page.gaps.push(gap(
                GapScope::User,
                "",
                GapCause::Unreadable,
                "an account that was found has no id",
                ROUTE,
            )),
            Err(broken) => page.gaps.push(broken.gap(GapScope::User, "", ROUTE)),
        }
    }
    Ok(page)
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
    let caller = caller(body, "GET /wiki/rest/api/user/current")?;
    if caller.subject.kind == SubjectKind::Unknown {
        return Err(Unreadable::shape(body, "accountId", "an account without an id"));
    }
    Ok(caller)
}

/// Reads what anonymous may do to the site. That [`Caller::uses`] tells whether anonymous access is on follows from the
/// description of `operations`; it was not tried on a live site.
///
/// # Errors
/// Where the answer is not about anonymous.
pub fn anonymous_user(body: &[u8]) -> Result<Caller, Unreadable> {
    let caller = caller(body, "GET /wiki/rest/api/user/anonymous")?;
    if caller.subject != Subject::anonymous() {
        return Err(Unreadable::shape(body, "type", "an account that is not anonymous"));
    }
    Ok(caller)
}

fn caller(body: &[u8], route: &str) -> Result<Caller, Unreadable> {
    let user: wire::User = parse(body)?;
    let operations = user.operations.as_ref().map(|all| {
        all.iter()
            .filter_map(|one| Some((one.operation.as_ref()?.to_lowercase(), one.target_type.as_ref()?.to_lowercase())))
            .collect()
    });
    Ok(Caller { subject: named(&user).0, user: user_of(&user, &origin(route)), operations })
}

//! Changes on Data Center. Each of them names the whole of what it sets, or is skipped by the server where it
//! is so already: sent twice it comes to the same.
// Source: https://developer.atlassian.com/server/confluence/rest/v940/api-group-space-permissions/
// Source: https://developer.atlassian.com/server/confluence/rest/v940/api-group-content-restrictions/

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::requests::NameForm;
use super::routes;
use super::version::Version;
use crate::apis::request::Request;
use crate::apis::{Change, Route};
use crate::model::{Permission, RestrictionOperation, Subject, SubjectKind};

/// Most subjects in one request that sets permissions.
pub const MAX_SUBJECTS: usize = 40;

/// Permissions in the words of the server. `None`: it has none for one of them.
fn operations(permissions: &BTreeSet<Permission>) -> Option<Value> {
    let described = permissions
        .iter()
        .map(|permission| {
            let (operation, target) = permission.data_center()?;
            Some(json!({"targetType": target, "operationKey": operation}))
        })
        .collect::<Option<Vec<Value>>>()?;
    Some(Value::Array(described))
}

/// Lets each subject have these permissions in a space and no others (9.1 and later). `None`: one of them cannot be
/// written, or there are more than [`MAX_SUBJECTS`].
pub fn set_space_permissions(space_key: &str, wanted: &[(&Subject, &BTreeSet<Permission>)]) -> Option<Request> {
    if wanted.len() > MAX_SUBJECTS {
        return None;
    }
    let body = wanted
        .iter()
        .map(|(subject, permissions)| {
            let operations = operations(permissions)?;
            Some(match subject.kind {
                SubjectKind::User => json!({"userKey": subject.id, "operations": operations}),
                SubjectKind::Group => json!({"groupName": subject.id, "operations": operations}),
                SubjectKind::Anonymous => json!({"operations": operations}),
                _ => return None,
            })
        })
        .collect::<Option<Vec<Value>>>()?;
    Some(Request::to(&routes::SET_SPACE_PERMISSIONS, &[space_key]).body(Value::Array(body)).no_check())
}

/// Gives permissions in a space to one subject; those it has already are skipped (9.1 and later). `None`: the subject or
/// a permission cannot be written in an address, and [`set_space_permissions`] is the way.
pub fn grant_space_permissions(
    space_key: &str,
    subject: &Subject,
    permissions: &BTreeSet<Permission>,
) -> Option<Request> {
    of_subject(space_key, subject, permissions, &GRANT)
}

/// Takes permissions in a space from one subject; those it does not have are skipped (9.1 and later). `None`: as above.
pub fn revoke_space_permissions(
    space_key: &str,
    subject: &Subject,
    permissions: &BTreeSet<Permission>,
) -> Option<Request> {
    of_subject(space_key, subject, permissions, &REVOKE)
}

/// The routes of a change of an account's, a group's and anonymous' permissions.
type OfSubject = [&'static Route; 3];

const GRANT: OfSubject = [&routes::GRANT_TO_USER, &routes::GRANT_TO_GROUP, &routes::GRANT_TO_ANONYMOUS];
const REVOKE: OfSubject = [&routes::REVOKE_FROM_USER, &routes::REVOKE_FROM_GROUP, &routes::REVOKE_FROM_ANONYMOUS];

fn of_subject(
    space_key: &str,
    subject: &Subject,
    permissions: &BTreeSet<Permission>,
    [user, group, anonymous]: &OfSubject,
) -> Option<Request> {
    let request = match subject.kind {
        SubjectKind::User => Request::to(user, &[space_key, &subject.id]),
        SubjectKind::Group if NameForm::fits_a_path(&subject.id) => Request::to(group, &[space_key, &subject.id]),
        SubjectKind::Anonymous => Request::to(anonymous, &[space_key]),
        _ => return None,
    };
    Some(request.body(operations(permissions)?).no_check())
}

/// A way of writing a restriction list by REST.
///
/// The documented route is there from 8.8 on; before, and still in 9, the same is served under `experimental`, whose lists
/// are written `{"results": […]}`. One answerer says so, so both routes and both forms are tried where one is refused.
// Source: https://community.developer.atlassian.com/t/remove-page-restrictions-via-rest-api/86971
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListWay {
    /// Under `/rest/experimental` instead of `/rest/api`.
    pub experimental: bool,
    /// Each list inside `{"results": […]}` instead of bare.
    pub paged: bool,
}

impl ListWay {
    /// The ways, the likeliest first. An unknown version is asked by the documented one.
    pub fn for_version(version: Option<Version>) -> [Self; 4] {
        let old = version.is_some_and(|version| version < Version::new(8, 8));
        [(old, old), (old, !old), (!old, !old), (!old, old)].map(|(experimental, paged)| Self { experimental, paged })
    }
}

/// Lets one restriction list of a content hold these accounts (by username) and groups and nobody else. The other list is
/// not named, and so it stays.
pub fn set_restrictions(
    content_id: &str,
    operation: RestrictionOperation,
    usernames: &[&str],
    groups: &[&str],
    way: ListWay,
) -> Request {
    let users: Vec<Value> = usernames.iter().map(|name| json!({"type": "known", "username": name})).collect();
    let groups: Vec<Value> = groups.iter().map(|name| json!({"type": "group", "name": name})).collect();
    let list = |entries: Vec<Value>| if way.paged { json!({"results": entries}) } else { Value::Array(entries) };
    // A kind that is left out stays as it is, so both are always there.
    let lists = json!({"user": list(users), "group": list(groups)});
    let body = json!([{"operation": operation.upstream(), "restrictions": lists}]);
    let route = if way.experimental { &routes::SET_RESTRICTIONS_EXPERIMENTAL } else { &routes::SET_RESTRICTIONS };
    Request::to(route, &[content_id]).body(body).no_check()
}

/// Puts an account into a group, or takes it out (8.2 and later). `None`: a name cannot be written in an address.
// Source: https://developer.atlassian.com/server/confluence/rest/v940/api-group-user-group/
pub fn set_member(group: &str, username: &str, holds: bool) -> Option<Request> {
    let route = if holds { &routes::ADD_MEMBER } else { &routes::REMOVE_MEMBER };
    let fits = NameForm::fits_a_path(group) && NameForm::fits_a_path(username);
    fits.then(|| Request::to(route, &[username, group]).no_check())
}

/// Deletes a group (8.2 and later). `None`: its name cannot be written in an address.
// Source: https://developer.atlassian.com/server/confluence/rest/v940/api-group-admin-group/
pub fn delete_group(group: &str) -> Option<Request> {
    NameForm::fits_a_path(group).then(|| Request::to(&routes::DELETE_GROUP, &[group]).no_check())
}

fn example_permissions() -> BTreeSet<Permission> {
    BTreeSet::from([Permission::View, Permission::CreatePage])
}

fn example_list(experimental: bool) -> Request {
    let way = ListWay { experimental, paged: experimental };
    set_restrictions("9", RestrictionOperation::Edit, &["ann"], &["eng"], way)
}

pub(super) const CHANGES: &[Change] = &[
    Change {
        name: "set_space_permissions",
        example: || set_space_permissions("DS", &[(&Subject::anonymous(), &example_permissions())]),
    },
    Change {
        name: "grant_to_user",
        example: || grant_space_permissions("DS", &Subject::user("4028ae28"), &example_permissions()),
    },
    Change {
        name: "grant_to_group",
        example: || grant_space_permissions("DS", &Subject::group("eng"), &example_permissions()),
    },
    Change {
        name: "grant_to_anonymous",
        example: || grant_space_permissions("DS", &Subject::anonymous(), &example_permissions()),
    },
    Change {
        name: "revoke_from_user",
        example: || revoke_space_permissions("DS", &Subject::user("4028ae28"), &example_permissions()),
    },
    Change {
        name: "revoke_from_group",
        example: || revoke_space_permissions("DS", &Subject::group("eng"), &example_permissions()),
    },
    Change {
        name: "revoke_from_anonymous",
        example: || revoke_space_permissions("DS", &Subject::anonymous(), &example_permissions()),
    },
    Change { name: "set_restrictions", example: || Some(example_list(false)) },
    Change { name: "set_restrictions_before_8_8", example: || Some(example_list(true)) },
    Change { name: "add_member", example: || set_member("eng", "ann", true) },
    Change { name: "remove_member", example: || set_member("eng", "ann", false) },
    Change { name: "delete_group", example: || delete_group("eng") },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_and_groups_are_changed_by_their_names() {
        let line = |request: Option<Request>| request.map(|request| request.line());
        let there = |text: &str| Some(text.to_owned());
        assert_eq!(line(set_member("a b", "ann", true)), there("PUT /rest/api/user/ann/group/a%20b"));
        assert_eq!(line(set_member("eng", "ann", false)), there("DELETE /rest/api/user/ann/group/eng"));
        assert_eq!(line(delete_group("eng")), there("DELETE /rest/api/admin/group/eng"));
        assert_eq!((line(set_member("a/b", "ann", true)), line(delete_group("a/b"))), (None, None));
    }

    #[test]
    fn permissions_are_set_for_several_subjects_at_once() {
        let (ann, eng, nobody) = (Subject::user("4028ae28"), Subject::group("test/group"), Subject::anonymous());
        let both = BTreeSet::from([Permission::View, Permission::CreateComment]);
        let none = BTreeSet::new();
        let request = set_space_permissions("TESTSPACE", &[(&ann, &both), (&eng, &none), (&nobody, &both)]).unwrap();
        assert_eq!(request.line(), "POST /rest/api/space/TESTSPACE/permissions");
        assert!(request.route.idempotent, "it replaces");
        assert_eq!(
            request.body,
            Some(json!([
                {"userKey": "4028ae28", "operations": [
                    {"targetType": "space", "operationKey": "read"},
                    {"targetType": "comment", "operationKey": "create"},
                ]},
                {"groupName": "test/group", "operations": []},
                {"operations": [
                    {"targetType": "space", "operationKey": "read"},
                    {"targetType": "comment", "operationKey": "create"},
                ]},
            ]))
        );
        let many: Vec<(&Subject, &BTreeSet<Permission>)> = vec![(&nobody, &none); 41];
        assert_eq!(set_space_permissions("DS", &many), None);
        assert_eq!(set_space_permissions("DS", &[(&Subject::class("all"), &none)]), None);
    }

    #[test]
    fn a_grant_names_its_subject_in_the_path() {
        let view = BTreeSet::from([Permission::View]);
        let request = grant_space_permissions("~ann", &Subject::group("a&b +c%d#e \"f\""), &view).unwrap();
        assert_eq!(request.line(), "PUT /rest/api/space/~ann/permissions/group/a%26b%20%2Bc%25d%23e%20%22f%22/grant");
        assert_eq!(request.body, Some(json!([{"targetType": "space", "operationKey": "read"}])));
        assert_eq!(request.headers, [("X-Atlassian-Token", "no-check".to_owned())]);
        let request = revoke_space_permissions("DS", &Subject::anonymous(), &view).unwrap();
        assert_eq!(request.line(), "PUT /rest/api/space/DS/permissions/anonymous/revoke");
        // No server finds a group with a slash in its name by its address.
        assert_eq!(grant_space_permissions("DS", &Subject::group("test/group"), &view), None);
        assert_eq!(grant_space_permissions("DS", &Subject::user("k"), &BTreeSet::from([Permission::EditPage])), None);
    }

    #[test]
    fn a_list_is_written_whole_and_alone() {
        let request = |version: &str| {
            let [way, ..] = ListWay::for_version(Version::parse(version));
            set_restrictions("9", RestrictionOperation::View, &["admin"], &[], way)
        };
        let user = json!({"type": "known", "username": "admin"});
        assert_eq!(request("8.8.0").line(), "PUT /rest/api/content/9/restriction");
        assert_eq!(
            request("8.8.0").body,
            Some(json!([{"operation": "read", "restrictions": {"user": [user], "group": []}}]))
        );
        assert_eq!(request("8.7.9").line(), "PUT /rest/experimental/content/9/restriction");
        assert_eq!(
            request("8.7.9").body,
            Some(json!([{
                "operation": "read",
                "restrictions": {"user": {"results": [user]}, "group": {"results": []}},
            }]))
        );
        assert_eq!(request("not told").line(), "PUT /rest/api/content/9/restriction");
    }

    #[test]
    fn every_way_of_writing_a_list_is_tried_once_and_both_forms_of_a_route_in_a_row() {
        for version in ["7.19", "8.8", "10.2"] {
            let ways = ListWay::for_version(Version::parse(version));
            let routes: Vec<bool> = ways.iter().map(|way| way.experimental).collect();
            assert_eq!(routes[0], routes[1], "{version}");
            assert_eq!(routes[2], routes[3], "{version}");
            assert!(routes[0] != routes[2] && ways[0] != ways[1] && ways[2] != ways[3], "{version}");
        }
    }
}

//! What Data Center is told to change. Each of these names the whole of what it sets, or is skipped by the server where it
//! is so already: sent twice it comes to the same.
// Source: https://developer.atlassian.com/server/confluence/rest/v940/api-group-space-permissions/
// Source: https://developer.atlassian.com/server/confluence/rest/v940/api-group-content-restrictions/

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Version;
use super::requests::{NameForm, ROOT};
use crate::apis::Write;
use crate::apis::request::{Request, segment};
use crate::apis::vocabulary::stored_as;
use crate::model::{Permission, RestrictionOperation, Subject, SubjectKind};

/// Most subjects in one request that sets permissions.
pub const MAX_SUBJECTS: usize = 40;

/// Where older versions have what was not yet promised.
const EXPERIMENTAL: &str = "/rest/experimental";

/// Servers take a change from a browser they do not know for a forgery, unless it says that it is none.
fn no_check(request: Request) -> Request {
    request.header("X-Atlassian-Token", "no-check")
}

/// Permissions in the words of the server. `None`: it has none for one of them.
fn operations(permissions: &BTreeSet<Permission>) -> Option<Value> {
    let described = permissions
        .iter()
        .map(|p| stored_as(p).map(|row| json!({"targetType": row.target, "operationKey": row.operation})))
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
    let request = Request::post(format!("{ROOT}/space/{}/permissions", segment(space_key)), Value::Array(body));
    // A POST, but one that replaces.
    Some(no_check(Request { idempotent: true, ..request }))
}

/// Gives permissions in a space to one subject; those it has already are skipped (9.1 and later). `None`: the subject or
/// a permission cannot be written in an address, and [`set_space_permissions`] is the way.
pub fn grant_space_permissions(
    space_key: &str,
    subject: &Subject,
    permissions: &BTreeSet<Permission>,
) -> Option<Request> {
    of_subject(space_key, subject, "grant", permissions)
}

/// Takes permissions in a space from one subject; those it does not have are skipped (9.1 and later). `None`: as above.
pub fn revoke_space_permissions(
    space_key: &str,
    subject: &Subject,
    permissions: &BTreeSet<Permission>,
) -> Option<Request> {
    of_subject(space_key, subject, "revoke", permissions)
}

fn of_subject(space_key: &str, subject: &Subject, verb: &str, permissions: &BTreeSet<Permission>) -> Option<Request> {
    let who = match subject.kind {
        SubjectKind::User => format!("user/{}", segment(&subject.id)),
        SubjectKind::Group if NameForm::fits_a_path(&subject.id) => format!("group/{}", segment(&subject.id)),
        SubjectKind::Anonymous => "anonymous".to_owned(),
        _ => return None,
    };
    let path = format!("{ROOT}/space/{}/permissions/{who}/{verb}", segment(space_key));
    Some(no_check(Request::put(path, operations(permissions)?)))
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
    let root = if way.experimental { EXPERIMENTAL } else { ROOT };
    no_check(Request::put(format!("{root}/content/{}/restriction", segment(content_id)), body))
}

fn example_permissions() -> BTreeSet<Permission> {
    BTreeSet::from([Permission::View, Permission::CreatePage])
}

fn example_list(experimental: bool) -> Request {
    let way = ListWay { experimental, paged: experimental };
    set_restrictions("9", RestrictionOperation::Edit, &["ann"], &["eng"], way)
}

pub(super) const WRITES: &[Write] = &[
    Write {
        name: "set_space_permissions",
        template: "POST /rest/api/space/{spaceKey}/permissions",
        example: || set_space_permissions("DS", &[(&Subject::anonymous(), &example_permissions())]),
    },
    Write {
        name: "grant_to_user",
        template: "PUT /rest/api/space/{spaceKey}/permissions/user/{userKey}/grant",
        example: || grant_space_permissions("DS", &Subject::user("4028ae28"), &example_permissions()),
    },
    Write {
        name: "grant_to_group",
        template: "PUT /rest/api/space/{spaceKey}/permissions/group/{groupName}/grant",
        example: || grant_space_permissions("DS", &Subject::group("eng"), &example_permissions()),
    },
    Write {
        name: "grant_to_anonymous",
        template: "PUT /rest/api/space/{spaceKey}/permissions/anonymous/grant",
        example: || grant_space_permissions("DS", &Subject::anonymous(), &example_permissions()),
    },
    Write {
        name: "revoke_from_user",
        template: "PUT /rest/api/space/{spaceKey}/permissions/user/{userKey}/revoke",
        example: || revoke_space_permissions("DS", &Subject::user("4028ae28"), &example_permissions()),
    },
    Write {
        name: "revoke_from_group",
        template: "PUT /rest/api/space/{spaceKey}/permissions/group/{groupName}/revoke",
        example: || revoke_space_permissions("DS", &Subject::group("eng"), &example_permissions()),
    },
    Write {
        name: "revoke_from_anonymous",
        template: "PUT /rest/api/space/{spaceKey}/permissions/anonymous/revoke",
        example: || revoke_space_permissions("DS", &Subject::anonymous(), &example_permissions()),
    },
    Write {
        name: "set_restrictions",
        template: "PUT /rest/api/content/{id}/restriction",
        example: || Some(example_list(false)),
    },
    Write {
        name: "set_restrictions_before_8_8",
        template: "PUT /rest/experimental/content/{id}/restriction",
        example: || Some(example_list(true)),
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permissions_are_set_for_several_subjects_at_once() {
        let (ann, eng, nobody) = (Subject::user("4028ae28"), Subject::group("test/group"), Subject::anonymous());
        let both = BTreeSet::from([Permission::View, Permission::CreateComment]);
        let none = BTreeSet::new();
        let request = set_space_permissions("TESTSPACE", &[(&ann, &both), (&eng, &none), (&nobody, &both)]).unwrap();
        assert_eq!(request.route(), "POST /rest/api/space/TESTSPACE/permissions");
        assert!(request.idempotent, "it replaces");
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
        assert_eq!(request.route(), "PUT /rest/api/space/~ann/permissions/group/a%26b%20%2Bc%25d%23e%20%22f%22/grant");
        assert_eq!(request.body, Some(json!([{"targetType": "space", "operationKey": "read"}])));
        assert_eq!(request.headers, [("X-Atlassian-Token", "no-check".to_owned())]);
        let request = revoke_space_permissions("DS", &Subject::anonymous(), &view).unwrap();
        assert_eq!(request.route(), "PUT /rest/api/space/DS/permissions/anonymous/revoke");
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
        assert_eq!(request("8.8.0").route(), "PUT /rest/api/content/9/restriction");
        assert_eq!(
            request("8.8.0").body,
            Some(json!([{"operation": "read", "restrictions": {"user": [user], "group": []}}]))
        );
        assert_eq!(request("8.7.9").route(), "PUT /rest/experimental/content/9/restriction");
        assert_eq!(
            request("8.7.9").body,
            Some(json!([{
                "operation": "read",
                "restrictions": {"user": {"results": [user]}, "group": {"results": []}},
            }]))
        );
        assert_eq!(request("not told").route(), "PUT /rest/api/content/9/restriction");
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

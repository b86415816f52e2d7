//! Changes through v1. None of them touches more than it names: a list of a content is never replaced as a
//! whole, because that would replace the other one too.
// Source: https://developer.atlassian.com/cloud/confluence/rest/v1/api-group-content-restrictions/

use serde_json::{Value, json};

use super::routes;
use crate::apis::Change;
use crate::apis::request::Request;
use crate::model::{Permission, RestrictionOperation, Subject, SubjectKind};

/// Gives a permission in a space. `view` comes first: without it the others are refused. `None`: neither an account, a
/// group nor anonymous, or a permission that is not given by itself.
// Source: https://developer.atlassian.com/cloud/confluence/rest/v1/api-group-space-permissions/
pub fn add_space_permission(space_key: &str, subject: &Subject, permission: &Permission) -> Option<Request> {
    let (kind, identifier) = match subject.kind {
        SubjectKind::User => ("user", subject.id.as_str()),
        SubjectKind::Anonymous => ("user", "anonymous"),
        SubjectKind::Group => ("group", subject.id.as_str()),
        _ => return None,
    };
    let (key, target) = permission.cloud()?;
    let body = json!({
        "subject": {"type": kind, "identifier": identifier},
        "operation": {"key": key, "target": target},
    });
    Some(Request::to(&routes::ADD_SPACE_PERMISSION, &[space_key]).body(body).no_check())
}

/// Takes a permission in a space away, by its id. Taking `view` takes all others of the same subject with it.
pub fn remove_space_permission(space_key: &str, id: &str) -> Request {
    Request::to(&routes::REMOVE_SPACE_PERMISSION, &[space_key, id]).no_check()
}

/// Adds accounts and groups to one list of a content, all at once; existing entries stay. `None`: one of them is neither,
/// or there is none.
pub fn add_restrictions(content_id: &str, operation: RestrictionOperation, subjects: &[&Subject]) -> Option<Request> {
    let mut users: Vec<Value> = Vec::new();
    let mut groups: Vec<Value> = Vec::new();
    for subject in subjects {
        match subject.kind {
            SubjectKind::User => users.push(json!({"type": "known", "accountId": subject.id})),
            SubjectKind::Group => groups.push(json!({"type": "group", "id": subject.id})),
            _ => return None,
        }
    }
    let mut lists = serde_json::Map::new();
    // An empty list must be left out.
    for (kind, list) in [("user", users), ("group", groups)] {
        if !list.is_empty() {
            lists.insert(kind.to_owned(), Value::Array(list));
        }
    }
    if lists.is_empty() {
        return None;
    }
    let body = json!({"results": [{"operation": operation.upstream(), "restrictions": lists}]});
    Some(Request::to(&routes::ADD_RESTRICTIONS, &[content_id]).body(body).no_check())
}

/// Takes one account or group off one list of a content. `None`: it is neither.
pub fn remove_restriction(content_id: &str, operation: RestrictionOperation, subject: &Subject) -> Option<Request> {
    let operation = operation.upstream();
    let request = match subject.kind {
        SubjectKind::User => Request::to(&routes::REMOVE_USER, &[content_id, operation]).with("accountId", &subject.id),
        SubjectKind::Group => Request::to(&routes::REMOVE_GROUP, &[content_id, operation, &subject.id]),
        _ => return None,
    };
    Some(request.no_check())
}

/// Puts an account into a group.
// Source: https://developer.atlassian.com/cloud/confluence/rest/v1/api-group-group/
pub fn add_member(group_id: &str, account_id: &str) -> Request {
    Request::to(&routes::ADD_MEMBER, &[]).with("groupId", group_id).body(json!({"accountId": account_id})).no_check()
}

/// Takes an account out of a group.
pub fn remove_member(group_id: &str, account_id: &str) -> Request {
    Request::to(&routes::REMOVE_MEMBER, &[]).with("groupId", group_id).with("accountId", account_id).no_check()
}

/// Deletes a group.
pub fn delete_group(group_id: &str) -> Request {
    Request::to(&routes::DELETE_GROUP, &[]).with("id", group_id).no_check()
}

/// Moves a page, with everything below it, below another one.
// Source: https://developer.atlassian.com/cloud/confluence/rest/v1/api-group-content---children-and-descendants/
pub fn move_page(page_id: &str, parent_id: &str) -> Request {
    Request::to(&routes::MOVE_PAGE, &[page_id, "append", parent_id]).no_check()
}

pub(super) const CHANGES: &[Change] = &[
    Change {
        name: "add_space_permission",
        example: || add_space_permission("ENG", &Subject::group("0a1b"), &Permission::View),
    },
    Change { name: "remove_space_permission", example: || Some(remove_space_permission("ENG", "7")) },
    Change {
        name: "add_restrictions",
        example: || add_restrictions("9", RestrictionOperation::View, &[&Subject::user("5b")]),
    },
    Change {
        name: "remove_restriction_of_user",
        example: || remove_restriction("9", RestrictionOperation::Edit, &Subject::user("5b")),
    },
    Change {
        name: "remove_restriction_of_group",
        example: || remove_restriction("9", RestrictionOperation::Edit, &Subject::group("0a1b")),
    },
    Change { name: "add_member", example: || Some(add_member("0a1b", "5b")) },
    Change { name: "remove_member", example: || Some(remove_member("0a1b", "5b")) },
    Change { name: "delete_group", example: || Some(delete_group("0a1b")) },
    Change { name: "move_page", example: || Some(move_page("9", "10")) },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permission_is_given_in_the_words_of_the_server() {
        let request = add_space_permission("~ann", &Subject::anonymous(), &Permission::DeleteOwn).unwrap();
        assert_eq!(request.line(), "POST /wiki/rest/api/space/~ann/permission");
        assert!(!request.route.idempotent, "nobody knows what became of one whose answer is lost");
        assert_eq!(
            request.body,
            Some(json!({
                "subject": {"type": "user", "identifier": "anonymous"},
                "operation": {"key": "delete", "target": "space"},
            }))
        );
        assert_eq!(request.headers, [("X-Atlassian-Token", "no-check".to_owned())]);
        assert_eq!(add_space_permission("ENG", &Subject::class("all-licensed-users"), &Permission::View), None);
        assert_eq!(add_space_permission("ENG", &Subject::user("a"), &Permission::EditPage), None);
        assert_eq!(remove_space_permission("E/1", "7").line(), "DELETE /wiki/rest/api/space/E%2F1/permission/7");
    }

    #[test]
    fn members_groups_and_places_are_changed_one_at_a_time() {
        let add = add_member("g1", "5b:1");
        assert_eq!(add.line(), "POST /wiki/rest/api/group/userByGroupId");
        assert_eq!(add.parameter("groupId"), Some("g1"));
        assert_eq!(add.body, Some(json!({"accountId": "5b:1"})));
        let remove = remove_member("g1", "5b:1");
        assert_eq!(remove.line(), "DELETE /wiki/rest/api/group/userByGroupId");
        assert_eq!((remove.parameter("groupId"), remove.parameter("accountId")), (Some("g1"), Some("5b:1")));
        let delete = delete_group("g1");
        assert_eq!(
            (delete.line(), delete.parameter("id")),
            ("DELETE /wiki/rest/api/group/by-id".to_owned(), Some("g1"))
        );
        assert_eq!(move_page("9", "10").line(), "PUT /wiki/rest/api/content/9/move/append/10");
    }

    #[test]
    fn a_list_is_named_alone_and_an_empty_one_is_left_out() {
        let (ann, eng) = (Subject::user("a"), Subject::group("g"));
        let request = add_restrictions("9", RestrictionOperation::Edit, &[&ann]).unwrap();
        assert_eq!(request.line(), "POST /wiki/rest/api/content/9/restriction");
        assert_eq!(
            request.body,
            Some(json!({"results": [{
                "operation": "update",
                "restrictions": {"user": [{"type": "known", "accountId": "a"}]},
            }]}))
        );
        assert!(add_restrictions("9", RestrictionOperation::View, &[&ann, &eng]).is_some());
        assert_eq!(add_restrictions("9", RestrictionOperation::View, &[]), None);
        assert_eq!(add_restrictions("9", RestrictionOperation::View, &[&Subject::anonymous()]), None);
        let off = remove_restriction("9", RestrictionOperation::View, &ann).unwrap();
        assert_eq!(off.line(), "DELETE /wiki/rest/api/content/9/restriction/byOperation/read/user");
        assert_eq!(off.parameter("accountId"), Some("a"));
        let off = remove_restriction("9", RestrictionOperation::Edit, &eng).unwrap();
        assert_eq!(off.line(), "DELETE /wiki/rest/api/content/9/restriction/byOperation/update/byGroupId/g");
    }
}

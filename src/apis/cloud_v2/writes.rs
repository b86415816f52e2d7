//! Changes through v2.
// Source: https://developer.atlassian.com/cloud/confluence/rest/v2/api-group-space-roles/#api-spaces-id-role-assignments-post

use serde_json::json;

use super::{requests, routes};
use crate::apis::Change;
use crate::apis::request::Request;
use crate::model::{AccessClass, Subject, SubjectKind};

/// Gives a subject a role in a space; `None` for the role takes away the one it has. `None`: neither an account, a
/// group, a class nor anonymous.
pub fn set_role(space_id: &str, subject: &Subject, role_id: Option<&str>) -> Option<Request> {
    let (kind, id) = match subject.kind {
        SubjectKind::User => ("USER", subject.id.as_str()),
        SubjectKind::Group => ("GROUP", subject.id.as_str()),
        SubjectKind::AccessClass => ("ACCESS_CLASS", subject.id.as_str()),
        SubjectKind::Anonymous => ("ACCESS_CLASS", AccessClass::AnonymousUsers.as_str()),
        _ => return None,
    };
    let principal = json!({"principalType": kind, "principalId": id});
    let assignment = match role_id {
        Some(role) => json!({"principal": principal, "roleId": role}),
        None => json!({"principal": principal}),
    };
    Some(Request::to(&routes::SET_ROLE, &[space_id]).body(json!([assignment])))
}

pub(super) const CHANGES: &[Change] = &[
    Change { name: "set_role", example: || set_role("65", &Subject::group("0a1b"), Some("r")) },
    Change { name: "issue_admin_key", example: || Some(requests::issue_admin_key(60)) },
    Change { name: "return_admin_key", example: || Some(requests::return_admin_key()) },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_given_and_taken_as_documented() {
        let request = set_role("65", &Subject::group("g"), Some("r")).unwrap();
        assert_eq!(request.line(), "POST /wiki/api/v2/spaces/65/role-assignments");
        assert_eq!(
            request.body,
            Some(json!([{"principal": {"principalType": "GROUP", "principalId": "g"}, "roleId": "r"}]))
        );
        let off = set_role("65", &Subject::anonymous(), None).unwrap();
        let principal = json!({"principalType": "ACCESS_CLASS", "principalId": "anonymous-users"});
        assert_eq!(off.body, Some(json!([{"principal": principal}])));
        assert_eq!(set_role("65", &Subject::parse("team:x").unwrap(), None), None);
    }
}

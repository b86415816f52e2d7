//! What v2 is told to change.
// Source: https://developer.atlassian.com/cloud/confluence/rest/v2/api-group-space-roles/#api-spaces-id-role-assignments-post

use serde_json::json;

use crate::apis::Write;
use crate::apis::request::{Request, segment};
use crate::model::{Subject, SubjectKind};

/// Gives a subject a role in a space; `None` for the role takes away the one it has. `None`: neither an account, a
/// group, a class nor anonymous.
pub fn set_role(space_id: &str, subject: &Subject, role_id: Option<&str>) -> Option<Request> {
    let (kind, id) = match subject.kind {
        SubjectKind::User => ("USER", subject.id.as_str()),
        SubjectKind::Group => ("GROUP", subject.id.as_str()),
        SubjectKind::AccessClass => ("ACCESS_CLASS", subject.id.as_str()),
        SubjectKind::Anonymous => ("ACCESS_CLASS", "anonymous-users"),
        _ => return None,
    };
    let principal = json!({"principalType": kind, "principalId": id});
    let assignment = match role_id {
        Some(role) => json!({"principal": principal, "roleId": role}),
        None => json!({"principal": principal}),
    };
    let path = format!("/wiki/api/v2/spaces/{}/role-assignments", segment(space_id));
    // It says what shall be, not what shall be done: twice is the same as once.
    Some(Request { idempotent: true, ..Request::post(path, json!([assignment])) })
}

pub(super) const WRITES: &[Write] = &[Write {
    name: "set_role",
    template: "POST /wiki/api/v2/spaces/{id}/role-assignments",
    example: || set_role("65", &Subject::group("0a1b"), Some("r")),
}];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_given_and_taken_as_documented() {
        let request = set_role("65", &Subject::group("g"), Some("r")).unwrap();
        assert_eq!(request.route(), "POST /wiki/api/v2/spaces/65/role-assignments");
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
